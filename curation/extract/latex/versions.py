"""Text for one version of a paper only: comment, version, versions, optional, ifdraft, tagging, multiaudience, environ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.arguments import Param, parameters
from curation.extract.latex.choices import choose
from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.verbatim import comment_env

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry, Handler


# ---------------------------------------------------------------- environments that are on or off
def exclude(tex: Stomach, name: str) -> None:
    """`\\excludecomment{draft}` (comment), `\\excludeversion` (version, versions): an environment whose text is not printed."""
    env = tex.read_name()
    tex.user_envs.pop(env, None)
    tex.env_handlers = {**tex.env_handlers, env: comment_env}


def include(tex: Stomach, name: str) -> None:
    """`\\includecomment{draft}`, `\\includeversion`, `\\specialcomment{draft}{before}{after}`: its text is printed."""
    env = tex.read_name()
    handlers = dict(tex.env_handlers)
    handlers.pop(env, None)
    tex.env_handlers = handlers
    before, after = (tex.read_arg(), tex.read_arg()) if name in ("\\specialcomment", "\\generalcomment") else ([], [])
    tex.user_envs[env] = (Macro((), before), after)


def if_version(tex: Stomach, name: str) -> None:
    """`\\processifversion{long}{text}` (versions)."""
    env = tex.read_name()
    text = tex.read_arg()
    if tex.env_handlers.get(env) is not comment_env:
        tex.push(text)


def new_environ(tex: Stomach, name: str) -> None:
    """`\\NewEnviron{x}[1]{.. \\BODY ..}[end]` (environ): the body may be printed, or not."""
    env = tex.read_name()
    count = "".join(tex.read_optional() or []).strip()
    default = tex.read_optional()
    n = int(count) if count.isdigit() and len(count) == 1 else 0
    params: list[Param] = ["m"] * n
    if default is not None and n:
        params[0] = ("o", tuple(default))
    body = tex.read_arg()
    end = tex.read_optional() or []
    if n < 9:
        macro = Macro((*params, *parameters(["b"])), ["\\def", "\\BODY", "{", f"#{n + 1}", "}", *body])
        tex.user_envs[env] = (macro, end)


# ---------------------------------------------------------------- names that are chosen
def _list(tex: Stomach) -> list[str]:
    return [word.strip() for word in tex.plain_text(tex.read_arg()).split(",") if word.strip()]


def _chosen(tex: Stomach, package: str) -> set[str]:
    """The options of a package, and those named since."""
    chosen: set[str] = {word.strip() for word in tex.packages.get(package, "").split(",")} - {""}
    return chosen.union(tex.values.get(f"chosen {package}", ()))


def option(tex: Stomach, name: str) -> None:
    """`\\opt{long}{text}`, `\\optv` (optional); where no option was chosen all are printed."""
    wanted = _list(tex)
    text = tex.read_arg()
    chosen = _chosen(tex, "optional")
    if isinstance(tex.defs.get("\\UseOption"), Macro):
        chosen |= {word.strip() for word in tex.plain_text(["\\UseOption"]).split(",")} - {""}
    if not chosen or chosen.intersection(wanted):
        tex.push(text)


def use_tag(tex: Stomach, name: str) -> None:
    """`\\usetag{long}`, `\\droptag{long}` (tagging)."""
    tags = set(_list(tex))
    now = _chosen(tex, "tagging")
    tex.packages["tagging"] = ""
    tex.values["chosen tagging"] = now | tags if name == "\\usetag" else now - tags


def tagged(tex: Stomach, name: str) -> None:
    """`\\tagged{long}{text}`, `\\untagged{long}{text}`, `\\iftagged{long}{yes}{no}`."""
    truth = bool(_chosen(tex, "tagging").intersection(_list(tex)))
    if name == "\\iftagged":
        choose(tex, truth)
        return
    text = tex.read_arg()
    if truth == (name == "\\tagged"):
        tex.push(text)


def tagged_env(tex: Stomach, name: str) -> None:
    """`\\begin{taggedblock}{long}`, `{untaggedblock}`."""
    truth = bool(_chosen(tex, "tagging").intersection(_list(tex)))
    _show(tex, name, truth == (name == "taggedblock"))


def _show(tex: Stomach, env: str, shown: bool) -> None:
    if shown:
        tex.push_env(env)
    else:
        comment_env(tex, env)


def audience(tex: Stomach, name: str) -> None:
    """`\\DefCurrentAudience{users}` (multiaudience)."""
    tex.values["audience"] = tex.read_name()


def _is_for_us(tex: Stomach) -> bool:
    wanted = _list(tex)
    current = tex.values.get("audience", "")
    if not current and isinstance(tex.defs.get("\\CurrentAudience"), Macro):
        current = tex.plain_text(["\\CurrentAudience"])
    return (current in wanted) != (wanted[:1] == ["-"])


def show_to(tex: Stomach, name: str) -> None:
    """`\\showto{users,admins}{text}`, `\\showto{-,admins}{text}`: all but these."""
    shown = _is_for_us(tex)
    text = tex.read_arg()
    if shown:
        tex.push(text)


def show_to_env(tex: Stomach, name: str) -> None:
    """`\\begin{shownto}{users}`."""
    _show(tex, name, _is_for_us(tex))


# ---------------------------------------------------------------- notes of a review, words that are struck out
def review_note(tex: Stomach, name: str) -> None:
    """`\\fxnote{..}` prints nothing of the paper, `\\fxnote*{note}{text}` the text (fixme)."""
    star = tex.read_star()
    tex.read_optional()
    tex.read_arg()
    if star:
        tex.push(tex.read_arg())


def stop_censoring(tex: Stomach, name: str) -> None:
    """`\\StopCensoring`: what is censored is printed after all."""
    for censor in _CENSORS:
        tex.define(censor, Macro(("m",), ["#1"]))


_CENSORS = ("\\censor", "\\blackout", "\\xblackout", "\\censorbox")


def if_draft(tex: Stomach, name: str) -> None:
    """`\\ifdraft{draft}{final}`, `\\ifoptiondraft`, `\\ifoptionfinal` (ifdraft): by the options of the class and of the package."""
    options = {*tex.packages, *(word.strip() for word in tex.packages.get("ifdraft", "").split(","))}
    wanted = "final" if name.endswith("final") else "draft"
    choose(tex, wanted in options and (name != "\\ifdraft" or "final" not in options))


VERSIONS: dict[str, Handler] = {
    **dict.fromkeys(("\\excludecomment", "\\excludeversion"), exclude),
    **dict.fromkeys(("\\includecomment", "\\includeversion", "\\specialcomment", "\\generalcomment"), include),
    **dict.fromkeys(("\\NewEnviron", "\\RenewEnviron"), new_environ),
}
VERSION_ENVS: dict[str, EnvHandler] = {
    **dict.fromkeys(("taggedblock", "untaggedblock"), tagged_env),
    "shownto": show_to_env,
}
OF_PACKAGES: dict[str, dict[str, Entry]] = {
    "versions": {
        "\\processifversion": if_version,
        "\\beginmarkversion": builtin("", ""),
        "\\endmarkversion": builtin("", ""),
        "\\markversion": builtin("m", ""),
    },
    "optional": dict.fromkeys(("\\opt", "\\optv"), option),
    "tagging": {
        **dict.fromkeys(("\\usetag", "\\droptag"), use_tag),
        **dict.fromkeys(("\\tagged", "\\untagged", "\\iftagged"), tagged),
    },
    "multiaudience": {
        "\\SetNewAudience": builtin("m", ""),
        "\\DefCurrentAudience": audience,
        "\\showto": show_to,
    },
    "fixme": dict.fromkeys((f"\\fx{kind}" for kind in ("note", "warning", "error", "fatal")), review_note),
    "changes": {"\\comment": builtin("om", "")},
    "censor": {**{name: builtin("m", "") for name in _CENSORS}, "\\StopCensoring": stop_censoring},
    "pdfcomment": {
        **{
            f"\\pdf{kind}comment": builtin("om", "")
            for kind in ("", "margin", "inline", "freetext", "square", "circle")
        },
        "\\pdfmarkupcomment": builtin("omm", "{#2}"),
        "\\pdftooltip": builtin("omm", "{#2}"),
    },
    "draftwatermark": {
        f"\\SetWatermark{what}": builtin("om", "") for what in ("Text", "Scale", "Lightness", "Color", "Angle")
    },
    "soul": {
        "\\so": builtin("m", "{#1}"),
        "\\caps": builtin("m", "{#1}"),
        "\\sodef": builtin("mmmmm", ""),
        "\\capsdef": builtin("mmmmm", ""),
        "\\capssave": builtin("m", ""),
        "\\capsselect": builtin("m", ""),
        **{f"\\set{what}": builtin("m", "") for what in ("ulcolor", "stcolor", "hlcolor", "uldepth", "soloboxdepth")},
        "\\setul": builtin("mm", ""),
        "\\soulaccent": builtin("m", ""),
        "\\soulregister": builtin("mm", ""),
    },
    "ulem": {"\\dashuline": builtin("m", "{#1}"), "\\dotuline": builtin("m", "{#1}"), "\\uuline": builtin("m", "{#1}")},
    "chemformula": {"\\ch": Macro(("o", "m"), ["\\ce", "{", "#2", "}"])},
    "ifdraft": dict.fromkeys(("\\ifdraft", "\\ifoptiondraft", "\\ifoptionfinal"), if_draft),
}
"""Commands whose names are everyday words, each of its package only."""
