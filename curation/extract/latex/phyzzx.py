"""phyzzx, the plain TeX of particle physics in the 1980s and 1990s: chapters, references and equations by control sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.amsppt import until
from curation.extract.latex.blocks import Caption
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import END
from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.plain import footnote_text, lref
from curation.extract.latex.sections import acknowledgements, appendix, heading_text, start_section, without_notes
from curation.extract.latex.structure import silent

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

_LEVELS = {"\\chapter": "section", "\\section": "subsection", "\\subsection": "subsubsection"}


def section(tex: Stomach, name: str) -> None:
    """`\\chapter{Title}` is a section of the paper, `\\section{Title}` a part of it."""
    start_section(tex, _LEVELS[name], heading_text(tex, tex.read_arg()))


def title(tex: Stomach, name: str) -> None:
    """`\\title{..}`, `\\titlestyle{..}`, in several lines."""
    text = heading_text(tex, tex.read_arg())
    tex.front.title = f"{tex.front.title} {text}".strip() if text else tex.front.title


def author(tex: Stomach, name: str) -> None:
    """`\\author{..}`, `\\andauthor{..}`."""
    tex.front.authors.append(without_notes(tex, tex.read_arg()))


def address(tex: Stomach, name: str) -> None:
    """`\\address{..}`, `\\andaddress{..}`."""
    tex.front.affiliations.append(without_notes(tex, tex.read_arg()))


_AFTER_ABSTRACT = (
    "\\endpage",
    "\\chapter",
    "\\section",
    "\\vfill",
    "\\eject",
    "\\newpage",
    "\\submit",
    "\\doublespace",
)


def abstract(tex: Stomach, name: str) -> None:
    """`\\abstract`: to the end of its page."""
    tokens = until(tex, _AFTER_ABSTRACT[:1] if tex.skip_spaces() == "{" else _AFTER_ABSTRACT)
    tex.front.abstract.extend(tex.capture(tokens))


def refmark(tex: Stomach, name: str) -> None:
    """`\\refmark\\key`, `\\refmark{\\key}`: the mark of a reference that has its number."""
    tex.push(tex.read_arg())


def unnamed_reference(tex: Stomach, name: str) -> None:
    """`\\ref{text}` numbers a reference and calls it; `\\refitem{text}` only numbers it."""
    text = tidy(tex.inline(tex.read_arg()))
    key = f"ref{len(tex.bibitems) + 1}"
    tex.bibitems.append((key, "", text))
    if name != "\\refitem":
        tex.push(["\\cite", "{", key, "}"])


def figure(tex: Stomach, name: str) -> None:
    """`\\FIG\\key{caption}` numbers a figure, `\\Fig\\key{caption}` calls it as well, `\\fig{caption}` has no key."""
    key = tex.next_char() if name != "\\fig" else ""
    text = tidy(tex.inline(tex.read_arg()))
    tex.counters["\x00Figure"] += 1
    n = str(tex.counters["\x00Figure"])
    if key[:1] == "\\" and key != END:
        tex.define(key, Macro((), [n]), everywhere=True)
    if text:
        tex.flow.deferred.append(Caption("Figure", n, text))
    if name != "\\FIG":
        tex.parts.append(f"fig. {n}")


def equation_name(tex: Stomach, name: str) -> None:
    """`\\eqname\\key` in text: the number of the next equation."""
    key = tex.next_char()
    if key[0] == "\\" and key != END:
        tex.counters["equation"] += 1
        n = f"({tex.counters['equation']})"
        tex.define(key, Macro((), [n]), everywhere=True)
        tex.parts.append(n)


def lettered_appendix(tex: Stomach, name: str) -> None:
    """`\\APPENDIX{A}{Title}`, `\\appendix{Title}`."""
    letter = heading_text(tex, tex.read_arg()) if name == "\\APPENDIX" else ""
    text = heading_text(tex, tex.read_arg())
    appendix(tex, name)
    start_section(tex, "section", f"Appendix {letter}: {text}" if letter and text else text or f"Appendix {letter}")


PHYZZX: dict[str, Entry] = {
    **dict.fromkeys(_LEVELS, section),
    **dict.fromkeys(("\\title", "\\titlestyle"), title),
    **dict.fromkeys(("\\author", "\\andauthor"), author),
    **dict.fromkeys(("\\address", "\\andaddress"), address),
    "\\abstract": abstract,
    **dict.fromkeys(("\\REF", "\\refadd", "\\REFS", "\\REFSCON"), lambda tex, name: lref(tex, "\\nref")),
    **dict.fromkeys(("\\Ref", "\\Refs", "\\Refscon"), lambda tex, name: lref(tex, "\\ref")),
    **dict.fromkeys(("\\ref", "\\refitem"), unnamed_reference),
    **dict.fromkeys(("\\refmark", "\\refs", "\\attach"), refmark),
    **dict.fromkeys(("\\FIG", "\\Fig", "\\fig"), figure),
    "\\foot": footnote_text,
    "\\eqname": equation_name,
    **dict.fromkeys(("\\ack", "\\acknowledge"), acknowledgements),
    **dict.fromkeys(("\\APPENDIX", "\\appendix"), lettered_appendix),
    **dict.fromkeys(("\\refout", "\\figout", "\\tabout", "\\titlepage", "\\endpage", "\\frontpagetrue", "\\refend", "\\PHYSREV", "\\NUCLPHYS",
                     "\\Nuclphys", "\\referencestyle", "\\unlock", "\\lock", "\\normalspace", "\\singlespace", "\\doublespace", "\\Tenpoint",
                     "\\Twelvepoint", "\\FRONTPAGE", "\\FrontPage", "\\masterreset", "\\endletter", "\\subpar", "\\sequentialequations"), silent),
    **{f"\\{n}": builtin("m", "") for n in ("Pubnum", "pubnum", "pubtype", "date", "Pubtype", "Figure")},
}  # fmt: skip
