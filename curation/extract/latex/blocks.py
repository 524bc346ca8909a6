"""The block tree between the stomach and the Markdown emitter."""

from __future__ import annotations

from dataclasses import dataclass, field

# Private-use marks inside inline text; sources cannot contain them (the bundle removes them).
MARK = "\ue000"  # MARK kind index MARK_END: a reference or citation, resolved when all labels are known
MARK_END = "\ue001"
EMPH, EMPH_END = "\ue002", "\ue003"
BOLD, BOLD_END = "\ue004", "\ue005"
MATH, MATH_END = "\ue006", "\ue007"
CODE, CODE_END = "\ue008", "\ue009"
BREAK = "\ue00a"  # a forced line break inside a paragraph
NOTE = "\ue00c"  # a note follows: no blank before it
ICON = "\ue00d"  # a picture stood here: the brackets around it go with it
DISPLAY = "\ue00b"  # display math in a place that can hold one line only


@dataclass(slots=True)
class Para:
    """A paragraph; `raw` text with marks."""

    text: str


@dataclass(slots=True)
class Heading:
    """A heading. `level` is 1 for chapter, 2 section, 3 subsection, 4 subsubsection, 5 and 6 run-in."""

    level: int
    text: str
    number: str = ""


@dataclass(slots=True)
class Display:
    """One displayed equation, LaTeX without delimiters."""

    tex: str


@dataclass(slots=True)
class Code:
    """Verbatim lines."""

    text: str
    language: str = ""


@dataclass(slots=True)
class ListBlock:
    """A list: each item is its label (or None) and its blocks."""

    ordered: bool
    items: list[tuple[str | None, list[Block]]] = field(default_factory=list)


@dataclass(slots=True)
class Quote:
    """An indented block."""

    blocks: list[Block]


@dataclass(slots=True)
class Table:
    """Rows of cells, ragged rows allowed."""

    rows: list[list[str]]


@dataclass(slots=True)
class Caption:
    """A caption: `kind` Figure, Table, Algorithm, Listing; number may be empty."""

    kind: str
    number: str
    text: str


@dataclass(slots=True)
class Region:
    """From here on blocks belong to `main`, `appendix` or `acknowledgements`."""

    name: str


Block = Para | Heading | Display | Code | ListBlock | Quote | Table | Caption | Region
