"""What every extraction route returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Self

from curation.errors import PaperError
from curation.extract.form import MAX_SECTIONS, Parts, assemble
from curation.extract.pages import MAX_PAGES, Displayed, PageRead, is_displayed, is_page
from curation.text.chat_marks import without_chat_marks
from curation.text.clean import clean_text, is_clean
from curation.text.sections import Section, section_text
from curation.text.unseen import unseen_warning
from schemas import ROUTES, SECTION_KINDS, Reason

TEXTS = (
    "text",
    "authors",
    "affiliations",
    "references",
    "facilities",
    "title",
)
"""Fields of `Extracted` that are columns of text."""
MAX_ITEMS = 10_000
"""Undefined macros, warnings, or display equations, of one paper; hundreds are many."""
_STRINGS = (*TEXTS, "main", "keywords")
_LISTS = ("undefined_macros", "warnings")
_COUNTS = ("n_equations", "n_tables", "n_pages")


@dataclass(slots=True)
class Extracted:
    """One paper as text. Field names are the columns of the `documents` table.

    `text` and `sections` are made by `curation.extract.form.assemble`: Markdown, math as LaTeX in $..$ and $$..$$. References,
    authors and the like stand in fields of their own.
    """

    text: str
    route: str
    sections: list[Section] = field(default_factory=list)
    title: str | None = None
    authors: str | None = None
    affiliations: str | None = None
    references: str | None = None
    facilities: str | None = None
    n_equations: int = 0
    n_tables: int = 0
    n_pages: int | None = None
    pages: list[PageRead] = field(default_factory=list)
    equations: list[Displayed] = field(default_factory=list)
    undefined_macros: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    main: str | None = None
    """The file that was the paper; None where there was no choice."""
    keywords: str | None = None
    is_doubted: bool = False
    """Whether the LaTeX room's self-check does not trust its own text."""

    @classmethod
    def of(cls, parts: Parts, route: str, *, source: Iterable[str] | None = None, **fields: Any) -> Self:
        """The paper whose parts a route read; `fields` are the others.

        Args:
            source: texts in which what nobody sees is counted, where the parts hold it no more.
        """
        text, sections, title = assemble(parts)
        told = [parts.title, parts.abstract, *(piece for _, piece in parts.pieces)] if source is None else source
        fields["warnings"] = [*fields.get("warnings", ()), *unseen_warning(told)]
        return cls(text=text, route=route, sections=sections, title=title, **fields)

    def part(self, *kinds: str) -> str | None:
        """The text of the sections of some kinds; None where there is none."""
        return section_text(self.text, self.sections, *kinds)


def to_plain(extracted: Extracted) -> dict[str, Any]:
    """The fields as plain data, for the border of the sandbox; those that a subclass adds stay behind."""
    return {f.name: getattr(extracted, f.name) for f in fields(Extracted)}


def clean_extracted(extracted: Extracted) -> Extracted:
    """The same object with every string cleaned but `text`, which `assemble` cleaned, and at most `MAX_ITEMS` in a list; a
    string that is empty then is null. Strings hold no marks of chats, as the text holds none."""
    for name in _STRINGS:
        if name != "text" and (value := getattr(extracted, name)) is not None:
            setattr(extracted, name, without_chat_marks(clean_text(value)) or None)
    if (n_more := len(extracted.equations) - MAX_ITEMS) > 0:
        extracted.warnings.append(f"the characters of {n_more:,} more display equations were left out")
    for name in _LISTS:
        words: list[str] = getattr(extracted, name)
        more = [f"{len(words) - MAX_ITEMS + 1:,} more"] if len(words) > MAX_ITEMS else []
        setattr(extracted, name, [clean_text(word) for word in words[: MAX_ITEMS - len(more)]] + more)
    extracted.equations = [
        equation._replace(raw=without_chat_marks(clean_text(equation.raw)))
        for equation in extracted.equations[:MAX_ITEMS]
    ]
    return extracted


def from_plain(value: object) -> Extracted:
    """What `to_plain` gave of a cleaned `Extracted`.

    Raises:
        PaperError: CRASHED for anything else: a child that a paper took over may send what it likes.
    """
    if not isinstance(value, dict) or value.keys() != {f.name for f in fields(Extracted)}:
        raise PaperError(Reason.CRASHED, f"the route gave {type(value).__name__}, not the fields of a paper")
    for name, found in value.items():
        if not _is_allowed(name, found):
            raise PaperError(Reason.CRASHED, f"the route gave a {type(found).__name__} as {name} that cannot be one")
    value["sections"] = [Section(*section) for section in value["sections"]]
    value["pages"] = [PageRead(*page) for page in value["pages"]]
    value["equations"] = [Displayed(*equation) for equation in value["equations"]]
    if not _lie_in_order(value["sections"], value["text"]):
        raise PaperError(Reason.CRASHED, "the route gave sections that do not lie in its text")
    return Extracted(**value)


def _lie_in_order(sections: list[Section], text: str) -> bool:
    """Whether sections hold something each, do not overlap, and begin and end on borders of characters of the text."""
    data = text.encode()
    at = 0
    for section in sections:
        if not at <= section.start < section.end <= len(data):
            return False
        at = section.end
    borders = {byte for s in sections for byte in (s.start, s.end) if byte < len(data)}
    return all(data[byte] & 0xC0 != 0x80 for byte in borders)


def _is_section(found: object) -> bool:
    if not isinstance(found, list | tuple) or len(found) != 3:
        return False
    kind, start, end = found
    return isinstance(kind, str) and kind in SECTION_KINDS and type(start) is int and type(end) is int


def _is_allowed(name: str, found: object) -> bool:
    if name == "route":
        return isinstance(found, str) and found in ROUTES
    if name == "sections":
        return isinstance(found, list) and len(found) <= MAX_SECTIONS and all(_is_section(item) for item in found)
    if name == "pages":
        return isinstance(found, list) and len(found) <= MAX_PAGES and all(is_page(item) for item in found)
    if name == "equations":
        return isinstance(found, list) and len(found) <= MAX_ITEMS and all(is_displayed(item) for item in found)
    if name in _LISTS:
        return isinstance(found, list) and len(found) <= MAX_ITEMS and all(_is_text(word) for word in found)
    if name in _COUNTS:  # bool is an int to Python, and none to Arrow
        return (type(found) is int and 0 <= found < 1 << 63) or (found is None and name == "n_pages")
    if name in _STRINGS:
        return _is_text(found) or (found is None and name != "text")
    return isinstance(found, bool)


def _is_text(found: object) -> bool:
    return isinstance(found, str) and is_clean(found)
