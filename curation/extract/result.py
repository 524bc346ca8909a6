"""What every extraction route returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from curation.errors import PaperError
from schemas import Reason

TEXTS = (
    "text",
    "abstract",
    "authors",
    "affiliations",
    "acknowledgements",
    "appendix",
    "references",
    "facilities",
    "title",
)
"""Fields of `Extracted` that hold text."""


@dataclass(slots=True)
class Extracted:
    """One paper as text. Field names are the columns of the `documents` table.

    `text` is the body only: Markdown with one `# Title` at most, math as LaTeX in $..$ and $$..$$.
    Abstract, references, authors and the like stand in fields of their own.
    """

    text: str
    route: str
    title: str | None = None
    abstract: str | None = None
    authors: str | None = None
    affiliations: str | None = None
    acknowledgements: str | None = None
    appendix: str | None = None
    references: str | None = None
    facilities: str | None = None
    n_equations: int = 0
    n_tables: int = 0
    n_pages: int | None = None
    undefined_macros: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    main: str | None = None
    """The file that was the paper; None where there was no choice."""
    keywords: str | None = None
    acknowledgements_last: bool = False
    """Whether the paper prints them behind its appendix."""
    is_doubted: bool = False
    """Whether the LaTeX room's self-check does not trust its own text."""


def to_plain(extracted: Extracted) -> dict[str, Any]:
    """The fields as plain data, for the border of the sandbox; those that a subclass adds stay behind."""
    return {f.name: getattr(extracted, f.name) for f in fields(Extracted)}


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("n_equations", "n_tables"), int),
    **dict.fromkeys(("undefined_macros", "warnings"), list),
    **dict.fromkeys(("acknowledgements_last", "is_doubted"), bool),
    **dict.fromkeys(("text", "route"), str),
    "n_pages": (int, type(None)),
}


def from_plain(value: object) -> Extracted:
    """What `to_plain` gave.

    Raises:
        PaperError: EXTRACT_ERROR for anything else: a child that a paper took over may send what it likes.
    """
    names = {f.name for f in fields(Extracted)}
    if not isinstance(value, dict) or value.keys() != names:
        raise PaperError(Reason.EXTRACT_ERROR, f"the route gave {type(value).__name__}, not the fields of a paper")
    for name, found in value.items():
        if not isinstance(found, _KINDS.get(name, (str, type(None)))):
            raise PaperError(Reason.EXTRACT_ERROR, f"the route gave {type(found).__name__} as {name}")
    for name in ("undefined_macros", "warnings"):
        value[name] = [str(word) for word in value[name]]
    return Extracted(**value)
