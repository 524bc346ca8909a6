"""longtable: heads and feet that pages repeat, each once, and the number that every such table takes (longtable 4.17)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.extract.latex.floats import caption, float_number

if TYPE_CHECKING:
    from curation.extract.latex.blocks import Block
    from curation.extract.latex.stomach import Stomach

Rows = list[list[str]]
_NUMBERED = ("longtable", "xltabular", "longtabu")
_CONTINUED = re.compile(r"contin|\bcont[.’']?d?\b|next page|previous page|suite|fortsetzung", re.IGNORECASE)


@dataclass
class LongTable:
    """The parts of a table that runs over pages.

    Args:
        number: of the table counter, which its captions print without stepping it; 0: it takes none.
        parts: rows and captions by the command that ends them.
    """

    number: int = 0
    parts: dict[str, tuple[Rows, list[Block]]] = field(default_factory=dict)

    def whole(self, rows: Rows, captions: list[Block]) -> tuple[Rows, list[Block]]:
        """The rows as a reader of all pages takes them: the first head, the body, the last foot."""
        none: tuple[Rows, list[Block]] = ([], [])
        head = self.parts.get("\\endfirsthead", self.parts.get("\\endhead", none))
        foot = self.parts.get("\\endlastfoot")
        if foot is None:
            feet, below = self.parts.get("\\endfoot", none)
            foot = ([r for r in feet if not _CONTINUED.search(" ".join(r))], below)
        return [*head[0], *rows, *foot[0]], [*head[1], *captions, *foot[1]]


def begin(tex: Stomach, name: str) -> LongTable:
    """Step the counter as `\\begin{longtable}` does: with a caption or without."""
    if name not in _NUMBERED or tex.float_kind == "Table":
        return LongTable()
    numeral = float_number(tex, "Table")
    tex.current_ref, tex.caption_seen = ("table", numeral), True
    return LongTable(tex.counters["\x00Table"])


def long_caption(tex: Stomach, name: str, table: LongTable) -> None:
    """A caption inside: the table's own number, in each of its heads again."""
    if table.number:
        tex.counters["\x00Table"] = table.number - 1
    caption(tex, name)
    if table.number:
        tex.counters["\x00Table"] = table.number
