"""What a heading is: its number, its look, and the names that sections of papers have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from curation.extract.pdf.page import Span
from curation.extract.pdf.style import Row

REFERENCES = re.compile(
    r"\W*(?:(?:\d+|[IVX]+|[A-Z])\.?\s*)?(?:references(?: cited| and notes)?|bibliography|literature cited|cited literature)\W*",
    re.IGNORECASE,
)
YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
"""Of an entry of a bibliography."""
SENTENCE_END = re.compile(r"[.!?:][\"'”’)\]]*$")
NUMBER = re.compile(
    r"(?P<appendix>appendi(?:x|ces)\s*)?"
    r"(?:(?P<arabic>\d{1,2}(?:\s?\.\s?\d{1,2}){0,3})(?P<stop>\s?[.:)]?)|(?P<roman>[IVX]{1,5})\s?[.:]"
    r"|(?P<supplement>S(?:I\s?\.)?\s?[-.]?\s?(?:[IVX]{1,5}|\d{1,2}(?:\.\d{1,2}){0,3}))\s?[.:]?"
    r"|(?P<letter>[A-Z](?:\d{1,2})?(?:\s?\.\s?\d{1,2}){0,3})(?P<point>\s?[.:]?))(?:\s+|(?<=[.:])(?=[A-Z]))(?=[^\W\d_]|[$(\[“‘\"α-ωΑ-Ω])",
    re.IGNORECASE,
)
LONE_APPENDIX = re.compile(r"\W*(?:the\s+)?appendi(?:x|ces)(?:\s+[A-Z]|\s+\d)?\W*", re.IGNORECASE)
_SECTIONS = (
    r"introduction|(?:summary|discussion|conclusions?)(?: and (?:discussion|conclusions?|outlook|future work|summary))?"
    r"|results?(?: and discussion)?|methods?|methodology|observations?(?: and data reduction)?|data(?: and methods)?|background|analysis"
)
BODY_NAMES = re.compile(_SECTIONS, re.IGNORECASE)
SECTION_NAMES = re.compile(
    rf"(?:abstract|{_SECTIONS}"
    r"|acknowledge?ments?|(?:data|code|software|material)s? (?:and (?:code|data|software|materials?) )?availability(?: statement)?"
    r"|references|bibliography|appendi(?:x|ces)|supplementary (?:information|materials?)|supporting information|author contributions?"
    r"|competing interests?|conflicts? of interests?|funding|related work|software|facilities)",
    re.IGNORECASE,
)


class Look(NamedTuple):
    """What most letters of a heading have, its number left out."""

    size: float = 0.0
    bold: bool = False
    italic: bool = False
    capitals: bool = False
    centred: bool = False


PLAIN = Look()


@dataclass(slots=True)
class Heading:
    """A heading: its rows, its level (2 for a section), and what it says without its number.

    Args:
        is_named_so: whether the number that it begins with is a part of its name, as in `47 Tucanae`.
    """

    rows: list[Row]
    page: int
    level: int = 2
    number: str = ""
    look: Look = PLAIN
    score: float = 0.0
    spans: list[Span] = field(default_factory=list)
    is_named_so: bool = False

    @property
    def text(self) -> str:
        return " ".join(row.text for row in self.rows)


def number_of(text: str) -> re.Match[str] | None:
    """The number that a heading begins with: `2.1`, `IV.`, `A.`, `Appendix B:`."""
    match = NUMBER.match(text)
    if match is None:
        return None
    letter = match["letter"] if not match["appendix"] else None
    if letter and (not letter[0].isupper() or (len(letter) == 1 and not match["point"])):
        return None
    return None if match["roman"] and not match["roman"].isupper() else match


def section_number(heading: Heading) -> re.Match[str] | None:
    """The number of its section that a heading begins with; None of one that is a part of its name."""
    return None if heading.is_named_so else number_of(heading.text)
