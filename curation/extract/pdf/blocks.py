"""Lines to paragraphs, headings and marked blocks, in reading order."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

from curation.extract.pdf.columns import Frame
from curation.extract.pdf.endnotes import without_entries
from curation.extract.pdf.equations import Equation
from curation.extract.pdf.heading import SENTENCE_END, Heading
from curation.extract.pdf.headings import headings_of
from curation.extract.pdf.hyphens import cut_word
from curation.extract.pdf.page import Line, Page, Span
from curation.extract.pdf.regions import Region, regions_of_all
from curation.extract.pdf.run_in import split_run_in
from curation.extract.pdf.style import Row, Style, rows_of, style_of

_LABEL = r"\s*(?:[•◦▪–—∗*·-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\[\d{1,3}\])"
_ITEM = re.compile(rf"{_LABEL}(?:\s|$)")
_LONE_LABEL = re.compile(rf"{_LABEL}\s*|\s*\d{{1,3}}\.\s*")
"""What stands before an item of a list, set apart from it."""
MIN_RAGGED = 3
MIN_RAGGED_CHARS = 24
"""Lines of so many characters, of a paragraph, from which its own longest one says where it ends."""
FRONT_PAGES = 3
"""Pages on which the front of a paper may stand: a cover page, long lists of authors."""
_DATED = re.compile(r"\s*\(?\s*(?:Dated|Received|Submitted)\b.{0,80}\)?\s*$")
_KEYWORDS = re.compile(r"\s*(?:key\s?-?words?|index terms|subject headings|pacs(?: numbers?)?)\s*[.:—–]", re.IGNORECASE)
"""Lines between addresses, abstract and text that are paragraphs however they are set."""
_ABSTRACT = re.compile(r"\W{0,3}(?:abstract|ABSTRACT|Abstract)\W{0,2}(?:[.:—–-]|$)")
_LOWER = re.compile(r"\s*[a-z]{2,}[\s,]")


@dataclass(slots=True)
class Block:
    """A paragraph, heading or region before it is written.

    Args:
        kind: text, heading, caption, table, table_note, footnote, margin or listing.
        level: of a heading, 2 for a section.
        pages: of a paragraph's lines, the page of each.
        marks: equations inside of a paragraph: before which of its lines, and on which page.
    """

    lines: list[Line] = field(default_factory=list)
    page: int = 0
    kind: str = "text"
    level: int = 0
    heading: Heading | None = None
    region: Region | None = None
    frame: Frame | None = None
    pages: list[int] = field(default_factory=list)
    marks: list[tuple[int, int, Equation]] = field(default_factory=list)

    def placed(self) -> list[tuple[Line, int]]:
        """Its lines, each with its page."""
        pages = self.pages if len(self.pages) == len(self.lines) else [self.page] * len(self.lines)
        return list(zip(self.lines, pages, strict=True))


@dataclass(slots=True)
class _Edges:
    """Where the lines of the open paragraph begin and end.

    Args:
        starts: of all but the first, from left to right.
        n_long, longest: how many are long, and how far to the right they reach.
    """

    starts: list[float] = field(default_factory=list)
    n_long: int = 0
    longest: float = float("-inf")

    def add(self, line: Line, *, first: bool) -> None:
        if not first:
            insort(self.starts, line.x0)
        if len(line.text) > MIN_RAGGED_CHARS:
            self.n_long += 1
            self.longest = max(self.longest, line.x1)


def blocks_of(pages: Sequence[Page]) -> tuple[list[Block], Style, int]:
    """Paragraphs, headings and regions in reading order, and the words of figures without a caption, which are in none of them.
    A paragraph goes on across columns, pages and regions, which follow it; equations stand inside of it.
    """
    style = style_of(pages)
    regions = regions_of_all(pages, style)
    rows = _free_rows(pages, regions, style)
    if (kept := without_entries(regions, rows)) is not None:
        regions, rows = kept, _free_rows(pages, kept, style)
    run_in = [
        heading
        for n, (page, own) in enumerate(zip(pages, rows, strict=True))
        if page.recognised is None
        for heading in split_run_in(page, n, own)
    ]
    headings = headings_of(rows, style, run_in)
    n_uncaptioned = sum(region.n_uncaptioned for found in regions for region in found)
    return _Flow(style, _by_line(regions), _by_row(headings)).read(pages), style, n_uncaptioned


def _free_rows(pages: Sequence[Page], regions: Sequence[Sequence[Region]], style: Style) -> list[list[Row]]:
    """The rows of each page that stand in no region."""
    taken = {id(line) for found in regions for region in found for line in region.lines}
    return [rows_of(page, n, style, taken) for n, page in enumerate(pages)]


def _by_line(regions: Sequence[Sequence[Region]]) -> dict[int, Region]:
    return {id(line): region for found in regions for region in found for line in region.lines}


def _by_row(headings: Sequence[Heading]) -> dict[int, Heading]:
    return {id(line): heading for heading in headings for row in heading.rows for line in row.lines}


class _Flow:
    """Reads lines in order, with one paragraph open and the regions that wait for its end. A page of which nothing was read ends
    it; a table that stands on end on its page cuts no sentence.
    """

    def __init__(self, style: Style, regions: dict[int, Region], headings: dict[int, Heading]) -> None:
        self.style = style
        self.regions = regions
        self.headings = headings
        self.blocks: list[Block] = []
        self.waiting: list[Block] = []
        self.open: Block | None = None
        self.edges = _Edges()
        self.cut = False
        self.missing = False
        self.has_aside = False
        self.seen: set[int] = set()

    def read(self, pages: Sequence[Page]) -> list[Block]:
        for number, page in enumerate(pages):
            self.has_aside = number + 1 < len(pages) and pages[number + 1].is_aside
            self.missing |= not page.lines and not self.has_aside
            if page.recognised is not None:
                self._close()
                self.blocks += _recognised(page.recognised, number, self.style.size)
                continue
            for line in page.lines:
                if (region := self.regions.get(id(line))) is not None:
                    self._region(region, number)
                elif line.angle == 0:
                    self._line(line, number)
        self._close()
        return self.blocks

    def _close(self) -> None:
        self.blocks += self.waiting
        self.waiting = []
        self.open = None
        self.cut = False

    def _region(self, region: Region, page: int) -> None:
        if id(region) in self.seen:
            return
        self.seen.add(id(region))
        if region.equation is not None:
            if self.open is None:
                self._begin(Block(page=page))
            if self.open is not None:
                self.open.marks.append((len(self.open.lines), page, region.equation))
        elif region.kind == "footnote" and not region.label:
            before = itertools.chain(reversed(self.waiting), reversed(self.blocks))
            if (note := next((b for b in before if b.kind == "footnote"), None)) and page:
                note.lines += region.own
            else:
                self.blocks.insert(0, Block(region.own, page, "footnote", region=region))
        elif region.kind != "figure":
            block = Block(region.own or region.lines, page, region.kind, region=region)
            if self.open is None:
                self.blocks.append(block)
            else:
                self.waiting.append(block)
        self.cut = True

    def _line(self, line: Line, page: int) -> None:
        heading = self.headings.get(id(line))
        if heading is not None:
            if self.open is None or self.open.heading is not heading:
                if id(heading) in self.seen:
                    return
                self.seen.add(id(heading))
                self._close()
                self.blocks.append(
                    Block(
                        [found for row in heading.rows for found in row.lines], page, "heading", heading.level, heading
                    )
                )
            return
        frame = self.style.frame(page, line)
        if self.open is None or self._ends(self.open, line, frame, page):
            self._begin(Block(page=page))
        if self.open is not None:
            self.edges.add(line, first=not self.open.lines)
            self.open.lines.append(line)
            self.open.pages.append(page)
            self.open.page = page
            self.open.frame = frame
        self.cut = self.missing = False

    def _begin(self, block: Block) -> None:
        self._close()
        self.blocks.append(block)
        self.open, self.edges = block, _Edges()

    def _ends(self, block: Block, line: Line, frame: Frame, page: int) -> bool:
        """Whether `line` begins a new paragraph behind the open one."""
        if not block.lines:
            return False
        last, size, style = block.lines[-1], self.style.size, self.style
        if self.missing:
            return True
        same_place = page == block.page and frame == block.frame
        if page == block.page and _LONE_LABEL.fullmatch(last.text) and _on_one_row(last, line):
            return False
        if same_place and _on_one_row(last, line):
            return False
        if page < FRONT_PAGES and (_DATED.match(line.text) or _DATED.match(last.text) or _KEYWORDS.match(line.text)):
            return True
        if page < FRONT_PAGES and _ABSTRACT.match(line.text):
            return True
        after_equation = bool(block.marks) and block.marks[-1][0] == len(block.lines)
        on = goes_on(last, line) or (after_equation and _is_lower(line))
        if same_place and _is_display(last, line, size):
            return False
        if not on and not _shares_size(last, line) and len(line.text.strip()) > 3 and not _inline(line, last):
            return True
        old = block.frame or frame
        ended = bool(SENTENCE_END.search(last.text.rstrip()))
        right = _right_edge(block, self.edges, old)
        short = last.x1 < right - 2.0 * size
        if not same_place or line.y0 < last.y0 - size:
            indent = line.x0 - frame.x0
            if on:
                return False
            return (
                (0.7 * size < indent < 5 * size and ended)
                or (short and ended)
                or (ended and bool(_ITEM.match(line.text)))
            )
        step = line.spans[0].baseline - last.spans[0].baseline
        left = _left_edge(block, self.edges.starts, frame)
        indent = line.x0 - left
        if self.cut or after_equation:
            if on:
                return False
            return (
                0.7 * size < indent < 5 * size and (ended or after_equation)
                if not (ended and short and not after_equation)
                else True
            )
        if step > 1.5 * max(style.leading, 1.15 * line.size):
            return not on or (step > 2.6 * style.leading and short and not self.has_aside)
        if _ITEM.match(line.text) and (ended or short):
            return True
        if 0.7 * size < indent < 5 * size and not on:
            return ended or short
        return short and ended and not on


def _is_lower(line: Line) -> bool:
    """Whether a line goes on with a word in lower case: `where` behind an equation, though a colon stands before it."""
    return bool(_LOWER.match(line.text))


def main_size(block: Block) -> float:
    """The size of a block's longest line; 0 of a block without lines."""
    return max(block.lines, key=lambda line: len(line.text)).size if block.lines else 0.0


def _is_display(last: Line, line: Line, size: float) -> bool:
    """Whether two lines are of one title: larger than the text, in one font, close together, whatever the first one ends with."""
    return (
        last.size > size + 2
        and abs(last.size - line.size) < 0.3
        and last.spans[-1].font == line.spans[0].font
        and 0 < line.baseline - last.baseline < 1.35 * line.size
    )


def _shares_size(last: Line, line: Line) -> bool:
    """Whether some text of both is set in one size, indices left aside."""
    before, after = (
        {s.size for s in one.spans if s.size > 0.85 * max(s.size for s in one.spans) and s.text.strip()}
        for one in (last, line)
    )
    return any(abs(a - b) < 0.6 for a in before for b in after)


def _inline(line: Line, last: Line) -> bool:
    """Whether a line of another size is a piece of the line before it: a limit, an index, a fraction."""
    return line.y0 < last.y1 - 0.2 * line.size and len(line.text.strip()) < 12


def _right_edge(block: Block, edges: _Edges, frame: Frame) -> float:
    """Where the lines of a paragraph end: the edge that two of its last ones share, else that of its frame; of one that is
    set narrower and ragged, its longest line.
    """
    ends = [line.x1 for line in block.lines[-4:-1]]
    for a, b in itertools.pairwise(ends):
        if abs(a - b) < 2 and abs(a - frame.x1) > 8:
            return a
    is_ragged = edges.n_long >= MIN_RAGGED and edges.longest < frame.x1 - 4 * block.lines[-1].size
    return edges.longest if is_ragged else frame.x1


def _left_edge(block: Block, starts: Sequence[float], frame: Frame) -> float:
    """Where the lines of a paragraph but its first begin; of a paragraph of one line, its frame or its own indentation."""
    place = bisect_left(starts, frame.x0 - 3)
    if place < len(starts):
        return starts[place]
    return max(frame.x0, block.lines[0].x0) if _ITEM.match(block.lines[0].text) else frame.x0


def goes_on(last: Line, line: Line) -> bool:
    """True when a sentence runs from one line into the other, by what it ends and begins with."""
    before, after = last.text.rstrip(), line.text.lstrip()
    if not before or not after:
        return False
    return bool(cut_word(before)) or (
        not SENTENCE_END.search(before) and (after[0].islower() or before[-1] in ",;(" or after[0] in "([")
    )


def _on_one_row(last: Line, line: Line) -> bool:
    middle = (line.y0 + line.y1) / 2
    return last.y0 < middle < last.y1 or (
        last.y0 < (last.y0 + last.y1) / 2 < line.y1 and line.y0 < (last.y0 + last.y1) / 2
    )


def _recognised(text: str, page: int, size: float) -> list[Block]:
    """What OCR read on a page: its paragraphs are made already, its headings are not told."""
    paragraphs = [p for p in text.split("\n\n") if p.strip()]
    return [Block([Line([Span(p, 0.0, 0.0, 0.0, 0.0, size)])], page) for p in paragraphs]
