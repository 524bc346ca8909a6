"""Lines to paragraphs and headings, in reading order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from curation.extract.pdf.headings import LONE_NUMBER, NUMBERED, SENTENCE_END, is_heading, is_title
from curation.extract.pdf.hyphens import HYPHEN
from curation.extract.pdf.page import Line, Page, Span


@dataclass(slots=True)
class Block:
    """A paragraph or heading before it is written."""

    lines: list[Line] = field(default_factory=list)
    page: int = 0
    heading: bool = False


def blocks_of(pages: list[Page]) -> list[Block]:
    """Paragraphs and headings in reading order. A paragraph may go on in the next column or page."""
    body = _body_size(pages)
    blocks: list[Block] = []
    for number, page in enumerate(pages):
        if page.recognised is not None:
            blocks += _recognised(page.recognised, number, body)
            continue
        current: Block | None = None
        last: Line | None = None
        for line in page.lines:
            heading = is_heading(line, body) or (number == 0 and is_title(line, page, body))
            heading = heading or (current is not None and last is not None and _continues_heading(current, last, line))
            if current is not None and heading and _is_number_of(current, line):
                current.heading = True
            elif current is None or last is None or _breaks(last, line, current, heading, body):
                current = Block(page=number, heading=heading)
                blocks.append(current)
            current.lines.append(line)
            last = line
    return _joined(blocks, body)


def _recognised(text: str, page: int, size: float) -> list[Block]:
    """What OCR read on a page: its paragraphs are made already, its headings are not told."""
    paragraphs = [p for p in text.split("\n\n") if p.strip()]
    return [Block([Line([Span(p, 0.0, 0.0, 0.0, 0.0, size)], -1)], page) for p in paragraphs]


def _body_size(pages: list[Page]) -> float:
    """Font size of most characters."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _is_number_of(block: Block, line: Line) -> bool:
    """True when the block is a lone section number on the row of the heading `line`."""
    number = block.lines[0]
    if len(block.lines) > 1 or not LONE_NUMBER.fullmatch(number.text.strip()):
        return False
    return number.x1 <= line.x0 and _on_one_row(number, line)


def _continues_heading(block: Block, last: Line, line: Line) -> bool:
    """True for the second line of a heading: the same bold, italic or capital letters, close below."""
    if not block.heading or len(block.lines) > 3 or not 0 <= line.y0 - last.y0 < 1.8 * line.size:
        return False
    same_font = abs(line.size - last.size) < 0.3 and line.bold == last.bold and line.italic == last.italic
    if not same_font or NUMBERED.match(line.text.strip()):
        return False
    return line.bold or line.italic or (line.text.isupper() and last.text.isupper())


def _breaks(last: Line, line: Line, block: Block, heading: bool, body: float) -> bool:
    """True when `line` begins a new block after `last`."""
    if heading != block.heading:
        return True
    if _on_one_row(last, line):
        return False
    gap = line.y0 - last.y1
    if heading:
        return gap > 0.8 * line.size or abs(line.size - last.size) > 0.5 or line.y0 < last.y0
    if line.y0 < last.y0 - body:  # the next column
        return not _goes_on(last, line)
    if gap > 0.75 * body:
        return True
    if line.block == last.block:
        indent = line.x0 - last.x0
        full = last.x1 >= max(other.x1 for other in block.lines) - 2 * body
        ended = bool(SENTENCE_END.search(last.text.rstrip()))
        return ended and (0.7 * body < indent < 5 * body or not full)
    return not _goes_on(last, line) or line.x0 - last.x0 > 0.7 * body


def _on_one_row(last: Line, line: Line) -> bool:
    middle = (line.y0 + line.y1) / 2
    return last.y0 < middle < last.y1 or (
        last.y0 < (last.y0 + last.y1) / 2 < line.y1 and line.y0 < (last.y0 + last.y1) / 2
    )


def _goes_on(last: Line, line: Line) -> bool:
    """True when a sentence runs from one line into the other, by what it ends and begins with."""
    before, after = last.text.rstrip(), line.text.lstrip()
    if not before or not after:
        return False
    return bool(HYPHEN.search(before)) or (
        not SENTENCE_END.search(before) and (after[0].islower() or before[-1] in ",;(")
    )


def _joined(blocks: list[Block], body: float) -> list[Block]:
    """Join a paragraph that a column, a page or a float has cut: its tail begins in lower case."""
    joined: list[Block] = []
    for block in blocks:
        if joined and not block.heading and (target := _open_end(joined, block, body)) is not None:
            target.lines += block.lines
            target.page = block.page
        else:
            joined.append(block)
    return joined


def _open_end(before: list[Block], block: Block, body: float) -> Block | None:
    """The paragraph directly before that `block` continues, if it does."""
    last = before[-1]
    size_differs = abs(last.lines[-1].size - block.lines[0].size) > 0.6
    if last.heading or size_differs or len(last.lines) < 2:
        return None
    return last if _goes_on(last.lines[-1], block.lines[0]) and block.page - last.page <= 1 else None
