"""What every extraction route returns."""

from __future__ import annotations

from dataclasses import dataclass, field

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
