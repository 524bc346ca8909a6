"""Headings, their numbers, and the parts that they begin: main text, acknowledgements, appendix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import BOLD, BOLD_END, Heading, Para, Region
from curation.extract.latex.equation_numbers import (
    appendix_separator,
    equations_by_section,
    numbers_of_appendix,
    printed_number,
)
from curation.extract.latex.inline_text import tidy
from curation.extract.latex.lexer import tokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_ACK = re.compile(r"^\W*(?:\d[\d.]*\s*)?(?:acknowledge?ments?|acknowlegde?ments?|thanks)\b", re.I)
# what stands between the thanks and the references belongs to neither science nor appendix
_BACK_MATTER = re.compile(
    r"^\W*(?:author\w* contribution|credit|contribution|funding|conflicts?\b|competing|declaration|data (?:and \w+ )?availability|"
    r"software|facilit|code availability|orcid|disclosure|ethic)",
    re.I,
)
_REFERENCES = re.compile(r"^\W*(?:references|bibliography|literature cited)\W*$", re.I)


def section(tex: Stomach, name: str) -> None:
    """`\\section*[short]{Title}`: a heading of its depth; `\\paragraph` runs in."""
    star = tex.read_star()
    tex.read_optional()
    # a label within the title is set when the section has its number
    outer, tex.heading_labels = tex.heading_labels, []
    text = heading_text(tex, tex.read_arg())
    labels, tex.heading_labels = tex.heading_labels, outer
    kind = name[1:]
    if tex.n_boxes:
        # `textbox` of Annual Reviews makes \\section a head of the box, without a number
        tex.add(Para(f"{BOLD}{text}{BOLD_END}"))
        return
    start_section(tex, kind, text, star=star)
    for key in labels:
        tex.labels.setdefault(key, tex.current_ref)
        tex.label_names.setdefault(key, text)


def heading_text(tex: Stomach, tokens: list[str]) -> str:
    """A title on one line, without its notes and labels."""
    text = without_notes(tex, tokens).replace("\ue00a", " ")
    for mark in "\ue002\ue003\ue004\ue005":
        text = text.replace(mark, "")
    return text.strip()


def without_notes(tex: Stomach, tokens: list[str]) -> str:
    """Tokens on one line; footnotes and thanks fall away."""
    was, tex.mute_notes = tex.mute_notes, True
    text = tidy(tex.inline(tokens))
    tex.mute_notes = was
    return text


def start_section(tex: Stomach, kind: str, text: str, *, star: bool = False) -> None:
    """Begin a section: number it, switch the region for acknowledgements and references."""
    tex.flush()
    level = LEVELS[kind]
    while tex.envs and tex.envs[-1].name == "\x00ack":
        tex.pop_env()
    tex.current_title = text
    if not star and level <= 4 and _beyond_depth(tex, kind):
        tex.current_ref = ("section", f"“{text}”" if text else "")
    elif not star and level <= 4:
        number(tex, kind, text)
    if level <= 4:
        if _ACK.match(text) and len(text) < 60:
            enter_acknowledgements(tex, level, text)
            return
        if not (tex.ack_level and _BACK_MATTER.match(text)):
            leave_acknowledgements(tex, level)
        if _REFERENCES.match(text):
            return
    if not text:
        return
    if level >= 5:
        stop = "" if text[-1] in ".:?!" else "."
        tex.parts.append(f"\ue004{text}{stop}\ue005 ")
        return
    tex.add(Heading(level, text, tex.current_ref[1] if not star else ""))


def number(tex: Stomach, kind: str, text: str) -> None:
    """What `\\ref` prints for the section: 3, 3.2, A.1, and II A where class or paper numbers so."""
    tex.step(kind)
    chain = ["chapter", "section", "subsection", "subsubsection"]
    if not tex.counters["chapter"]:
        chain = chain[1:]
    if kind not in chain:
        return
    values: list[str] = []
    for i, c in enumerate(chain[: chain.index(kind) + 1]):
        n = tex.counters[c]
        values.append(chr(64 + min(max(n, 1), 26)) if i == 0 and tex.in_appendix else str(n))
    before = [f"\\p@{kind}"] if f"\\p@{kind}" in tex.defs else []
    tex.numbers[kind] = printed_number(tex, [*before, f"\\the{kind}"]) or ".".join(values)
    if kind == chain[0] and tex.in_appendix:
        if appendix_separator(tex, "equation") is not None:
            tex.counters["equation"] = 0
        if appendix_separator(tex, "figure") is not None:
            tex.counters["\x00Figure"] = tex.counters["\x00Table"] = 0
    tex.current_ref = ("section", tex.numbers[kind])


def _beyond_depth(tex: Stomach, kind: str) -> bool:
    """Whether the paper's `secnumdepth` leaves these headings without a number."""
    depth = {"part": -1, "chapter": 0, "section": 1, "subsection": 2, "subsubsection": 3}[kind]
    return "secnumdepth" in tex.counters and tex.counters["secnumdepth"] < depth


SECTION_NUMBERS: dict[str, Entry] = {
    "\\eqnobysec": equations_by_section,
    "\\thechapter": Macro((), tokenize("\\arabic{chapter}")),
    "\\thesection": Macro((), tokenize("\\ifnum\\value{chapter}>0 \\thechapter.\\fi\\arabic{section}")),
    "\\thesubsection": Macro((), tokenize("\\thesection.\\arabic{subsection}")),
    "\\thesubsubsection": Macro((), tokenize("\\thesubsection.\\arabic{subsubsection}")),
    **{f"\\the{counter}": Macro((), tokenize(f"\\arabic{{{counter}}}")) for counter in ("equation", "figure", "table")},
}
"""What LaTeX's classes print as numbers, where the paper names them in its text."""


_ROMAN_SECTIONS = re.compile(r"revtex4(?:-\d)?|IEEEtran")


def section_numbers_of_class(document_class: str) -> dict[str, Macro]:
    """Classes whose sections have Roman numerals: REVTeX's, IEEE's."""
    if not _ROMAN_SECTIONS.fullmatch(document_class):
        return {}
    numbers = {"thesection": "\\Roman{section}", "thesubsection": "\\thesection-\\Alph{subsection}"}
    if document_class != "IEEEtran":
        numbers |= {"thesubsection": "\\Alph{subsection}", "thesubsubsection": "\\arabic{subsubsection}"}
        numbers |= {"p@subsection": "\\thesection~", "p@subsubsection": "\\thesection~\\thesubsection~"}
    return {"\\" + name: Macro((), tokenize(body)) for name, body in numbers.items()}


def _letter_sections(tex: Stomach) -> None:
    """`\\appendix`: its sections, or chapters, have letters."""
    top = "chapter" if tex.counters["chapter"] else "section"
    tex.define(f"\\the{top}", Macro((), tokenize(f"\\Alph{{{top}}}")), everywhere=True)
    if tex.document_class == "mnras":
        tex.define("\\thesubsection", Macro((), tokenize("\\thesection\\arabic{subsection}")), everywhere=True)
    elif tex.document_class.startswith("revtex4"):
        tex.define("\\thesubsection", Macro((), tokenize("\\arabic{subsection}")), everywhere=True)
    numbers_of_appendix(tex)


def enter_acknowledgements(tex: Stomach, level: int = 2, text: str = "Acknowledgments") -> None:
    """From here to the next heading of this level the text is thanks."""
    tex.flush()
    tex.ack_level = level
    tex.flow.blocks.extend((Region("acknowledgements"), Heading(2, text)))


def leave_acknowledgements(tex: Stomach, level: int = 2) -> None:
    """A heading of the same level ends the acknowledgements."""
    if tex.ack_level and level <= tex.ack_level:
        tex.flush()
        tex.ack_level = 0
        tex.flow.blocks.append(Region("appendix" if tex.in_appendix else "main"))


def acknowledgements(tex: Stomach, name: str) -> None:
    """`\\acknowledgments` (aastex: to the next section), `\\acknowledgments{text}`, `\\ack` (IOP)."""
    tex.flush()
    if tex.skip_spaces() == "{":
        tex.pb.pop()
        tokens = tex.read_group()
        tex.push(["\\begin", "{", "acknowledgments", "}", *tokens, "\\par", "\\end", "{", "acknowledgments", "}"])
        return
    enter_acknowledgements(tex)


def acknowledgements_env(tex: Stomach, name: str) -> None:
    """`\\begin{acknowledgements}` (A&A), `{acknowledgments}` (revtex)."""
    tex.flush()
    before = "appendix" if tex.in_appendix else "main"
    tex.flow.blocks.extend(
        (Region("acknowledgements"), Heading(2, name.capitalize() if len(name) > 5 else "Acknowledgments"))
    )

    def end(tex: Stomach) -> None:
        tex.flush()
        tex.flow.blocks.append(Region(before))

    tex.push_env(name, on_end=end)


def appendix(tex: Stomach, name: str) -> None:
    """`\\appendix`: what follows is lettered and kept apart."""
    if tex.in_appendix:
        return
    tex.flush()
    leave_acknowledgements(tex, 1)
    tex.in_appendix = True
    _letter_sections(tex)
    tex.ack_level = 0
    for counter in ("section", "subsection", "subsubsection", "chapter"):
        tex.counters[counter] = 0
    tex.numbers.clear()  # no letter before the first section of the appendix
    tex.flow.blocks.append(Region("appendix"))
    if name == "\\appendices":
        tex.read_star()


def appendix_env(tex: Stomach, name: str) -> None:
    """`\\begin{appendix}`, `{appendices}`."""
    appendix(tex, name)
    tex.push_env(name)


def restart_appendix_numbering(tex: Stomach, name: str) -> None:
    """AASTeX: floats and equations of each appendix are numbered from 1."""
    tex.appendix_floats_restart = True
