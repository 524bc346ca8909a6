"""Slides of beamer: overlay specifications (`\\alert<2>{..}`) are no text; what any slide of a frame shows is printed once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.macros import Macro, builtin

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

_SPEC = re.compile(r"<([^<>\n]{0,80})>")
_OTHER_MODES = frozenset({"handout", "trans", "second", "article", "presentation", "beamer", "all"})


def read_overlay(tex: Stomach) -> str | None:
    """The specification that follows at once, without its brackets; None where there is none."""
    if not tex.pb:
        m = _SPEC.match(tex.mouth.src, tex.mouth.pos)
        if m:
            tex.mouth.pos = m.end()
        return m[1] if m else None
    tok = tex.peek()
    m = _SPEC.match(tok)
    if m is None:
        return None
    tex.pb.pop()
    if tok[m.end() :]:
        tex.pb.append(tok[m.end() :])
    return m[1]


def _shown(tex: Stomach, spec: str | None) -> bool:
    """Whether a specification shows its text at all: on some slide of this mode."""
    if spec is None:
        return True
    is_article = "beamerarticle" in tex.packages
    shown = False
    for part in spec.split("|"):
        mode, colon, slides = part.strip().partition(":")
        if not colon:
            mode, slides = (mode, "1-") if mode in _OTHER_MODES else ("beamer", mode)
        wanted = ("article", "all") if is_article else ("beamer", "presentation", "all")
        shown = shown or ((mode in wanted or (is_article and mode == "beamer" and not colon)) and slides.strip() != "0")
    return shown


def overlaid(tex: Stomach, name: str) -> None:
    """`\\only<2>{..}`, `\\uncover<2->{..}`, `\\visible`, `\\alert<3>{..}`, `\\onslide<2->`."""
    tex.read_star()
    shown = _shown(tex, read_overlay(tex))
    tex.read_star()
    if name == "\\onslide" and tex.peek() != "{":
        return
    tokens = tex.read_arg()
    if shown and read_overlay(tex) is None:
        tex.push(["{", *tokens, "}"])


def invisible(tex: Stomach, name: str) -> None:
    """`\\invisible<2>{..}`: hidden on slide 2, so shown on another."""
    spec = read_overlay(tex)
    tokens = tex.read_arg()
    if spec is not None:
        tex.push(["{", *tokens, "}"])


def alternatives(tex: Stomach, name: str) -> None:
    """`\\alt<2>{there}{elsewhere}`, `\\temporal<2>{before}{there}{after}`: what stands on the slide that is named."""
    shown = _shown(tex, read_overlay(tex))
    before = tex.read_arg() if name == "\\temporal" else []
    there, elsewhere = tex.read_arg(), tex.read_arg()
    tex.push(["{", *(there if shown else before or elsewhere), "}"])


def mode(tex: Stomach, name: str) -> None:
    """`\\mode<article>{..}`; without a group, and `\\mode*`, a switch for what follows."""
    tex.read_star()
    shown = _shown(tex, read_overlay(tex))
    if tex.skip_spaces() == "{":
        tokens = tex.read_arg()
        if shown:
            tex.push(tokens)


def frame_title(tex: Stomach, name: str) -> None:
    """`\\frametitle<1>[short]{Title}`, `\\framesubtitle`: a paragraph of its own."""
    read_overlay(tex)
    tex.read_optional()
    tex.push(["\\par", "{", *tex.read_arg(), "}", "\\par"])


def column(tex: Stomach, name: str) -> None:
    """`\\column{.5\\textwidth}`."""
    read_overlay(tex)
    tex.read_optional()
    tex.read_arg()
    tex.flush()


def shown_env(tex: Stomach, name: str) -> None:
    """`\\begin{onlyenv}<2>`, `{uncoverenv}`, `{overprint}`, `{actionenv}`."""
    read_overlay(tex)
    tex.push_env(name)


def frame_env(tex: Stomach, name: str) -> None:
    """`\\begin{frame}<1-2>[options]{Title}{Subtitle}`: the title is a paragraph of its own."""
    read_overlay(tex)
    tex.read_optional_here()
    tex.read_optional_here()
    tex.push_env(name)
    tex.flush()
    heads: list[list[str]] = []
    while tex.peek() == "{" and len(heads) < 2:
        heads.append(tex.read_arg())
    tex.push([tok for head in heads for tok in ("{", *head, "}", "\\par")])


def block_env(tex: Stomach, name: str) -> None:
    """`\\begin{block}<1->{Title}`."""
    read_overlay(tex)
    title = tex.read_arg() if tex.skip_spaces() == "{" else []
    read_overlay(tex)
    tex.push_env(name, on_end=lambda t: t.flush())
    tex.flush()
    tex.push(["\\textbf", "{", *title, "}", "\\par"])


class _Aware:
    """A command that may be followed by an overlay specification, before or behind its star."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def __call__(self, tex: Stomach, name: str, /) -> None:
        read_overlay(tex)
        if isinstance(self.entry, Macro):
            tex.expand(self.entry, name)
        else:
            self.entry(tex, name)


class _AwareEnv:
    def __init__(self, handler: EnvHandler | None) -> None:
        self.handler = handler

    def __call__(self, tex: Stomach, name: str, /) -> None:
        read_overlay(tex)
        if self.handler is not None:
            self.handler(tex, name)
            return
        tex.theorems.setdefault(name, (name.capitalize(), ""))
        handlers = dict(tex.env_handlers)
        handlers.pop(name, None)
        tex.env_handlers = handlers
        tex.push(["\\begin", "{", name, "}"])


_FONTS = ("textbf", "textit", "textsl", "textrm", "textsf", "texttt", "emph", "item", "color", "includegraphics", "label", "hyperlink",
          "bibitem", "footnote")  # fmt: skip
_ENVS = (
    "block",
    "alertblock",
    "exampleblock",
    "itemize",
    "enumerate",
    "description",
    "columns",
    "column",
    "proof",
    "minipage",
)
_THEOREMS = (
    "theorem",
    "corollary",
    "definition",
    "definitions",
    "lemma",
    "example",
    "examples",
    "fact",
    "problem",
    "solution",
)
_COMMANDS: dict[str, Entry] = {
    **dict.fromkeys(("\\only", "\\uncover", "\\visible", "\\onslide", "\\alert", "\\action", "\\structure"), overlaid),
    "\\invisible": invisible,
    **dict.fromkeys(("\\alt", "\\temporal"), alternatives),
    "\\mode": mode,
    **dict.fromkeys(("\\frametitle", "\\framesubtitle"), frame_title),
    "\\column": column,
    "\\pause": builtin("o", ""),
    **{f"\\use{kind}theme": builtin("om", "") for kind in ("", "color", "font", "inner", "outer")},
    **{f"\\setbeamer{kind}": builtin("m", "") for kind in ("covered", "size")},
    **{f"\\setbeamer{kind}": builtin("mm", "") for kind in ("color", "font")},
    "\\setbeamertemplate": builtin("mom", ""),
    "\\beamertemplatenavigationsymbolsempty": builtin("", ""),
    **{f"\\insert{what}": builtin("", "") for what in ("framenumber", "totalframenumber", "slidenumber", "navigation")},
}


def load_beamer(tex: Stomach) -> None:
    """The class beamer, or the package beamerarticle: its commands, and overlays behind LaTeX's own."""
    tex.defs.update(_COMMANDS)
    for name in _FONTS:
        entry = tex.defs.get("\\" + name)
        if entry is not None:
            tex.defs["\\" + name] = _Aware(entry)
    handlers = {
        **tex.env_handlers,
        **dict.fromkeys(("onlyenv", "uncoverenv", "visibleenv", "overprint", "actionenv"), shown_env),
    }
    handlers |= dict.fromkeys(("block", "alertblock", "exampleblock"), block_env) | {"frame": frame_env}
    handlers |= {env: _AwareEnv(handlers[env]) for env in _ENVS if env in handlers}
    handlers |= {env: _AwareEnv(None) for env in _THEOREMS if env not in handlers}
    tex.env_handlers = handlers
