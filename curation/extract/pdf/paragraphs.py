"""Lines to paragraphs: hyphens joined, headings marked, abstract and references taken apart."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from curation.extract.pdf.page import Line, Page

_HYPHEN = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_REFERENCES = re.compile(
    r"\W*(?:\d+\.?\s*)?(?:references|bibliography|literature cited|references and notes)\W*", re.IGNORECASE
)
_ABSTRACT = re.compile(r"\W*abstract\W*", re.IGNORECASE)
_APPENDIX = re.compile(r"\W*(?:appendi(?:x|ces)\b.{0,80}|[A-H]\.?\s+[A-Z][\w\s:,-]{3,80})", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:][\"'\u201d\u2019)\]]*$")
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.)\s+\S")


@dataclass(slots=True)
class Block:
    """A paragraph or heading before it is written."""

    lines: list[Line] = field(default_factory=list)
    page: int = 0
    heading: bool = False


@dataclass(slots=True)
class Parts:
    """The document's text and what was taken out of it."""

    text: str
    title: str | None = None
    abstract: str | None = None
    references: str | None = None


def blocks_of(pages: list[Page]) -> list[Block]:
    """Paragraphs and headings in reading order. A paragraph may go on in the next column or page."""
    body = _body_size(pages)
    blocks: list[Block] = []
    for number, page in enumerate(pages):
        current: Block | None = None
        last: Line | None = None
        for line in page.lines:
            heading = _is_heading(line, body)
            if current is None or last is None or _breaks(last, line, current, heading, body):
                current = Block(page=number, heading=heading)
                blocks.append(current)
            current.lines.append(line)
            last = line
    return _joined(blocks, body)


def _body_size(pages: list[Page]) -> float:
    """Font size of most characters."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _is_heading(line: Line, body: float) -> bool:
    text = line.text.strip()
    if (
        not 2 < len(text) < 120
        or not any(c.isalpha() for c in text)
        or (_SENTENCE_END.search(text) and not _NUMBERED.match(text))
    ):
        return False
    if line.size > 1.12 * body:
        return sum(c.isalpha() for c in text) > len(text) / 2
    return bool(_REFERENCES.fullmatch(text)) or (line.bold and (bool(_NUMBERED.match(text)) or text.isupper()))


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
        ended = bool(_SENTENCE_END.search(last.text.rstrip()))
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
    return bool(_HYPHEN.search(before)) or (
        not _SENTENCE_END.search(before) and (after[0].islower() or before[-1] in ",;(")
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


def to_markdown(blocks: list[Block]) -> Parts:
    """Write the blocks. The largest heading of the first page is the title; references end the body."""
    words = _vocabulary(blocks)
    title = _title(blocks)
    written: list[str] = []
    references: list[str] = []
    abstract: str | None = None
    target = written
    for i, block in enumerate(blocks):
        text = _flow(block.lines, words)
        if not text:
            continue
        if block is title:
            written.append(f"# {text}")
        elif block.heading and _REFERENCES.fullmatch(text) and i > len(blocks) // 4:
            target = references
        elif block.heading:
            if target is references and not _is_inside_references(text):
                target = written
            target.append(text if target is references else f"## {text}")
        else:
            target.append(text)
    for i, text in enumerate(written[:-1]):
        if _ABSTRACT.fullmatch(text.lstrip("# ")):
            abstract = written[i + 1]
            del written[i : i + 2]
            break
    return Parts(
        text="\n\n".join(written) + "\n" if written else "",
        title=_flow(title.lines, words) if title else None,
        abstract=abstract,
        references="\n".join(references) or None,
    )


def _is_inside_references(heading: str) -> bool:
    return not (_APPENDIX.fullmatch(heading) or _NUMBERED.match(heading))


def _title(blocks: list[Block]) -> Block | None:
    candidates = [b for b in blocks if b.heading and b.page == 0 and len(_raw(b.lines)) > 8]
    return max(candidates, key=lambda b: b.lines[0].size, default=None)


def _raw(lines: list[Line]) -> str:
    return " ".join(line.text.strip() for line in lines)


def _vocabulary(blocks: list[Block]) -> Counter[str]:
    """Words of the document as they stand inside lines, with and without hyphens: the judge of hyphens at line ends."""
    words: Counter[str] = Counter()
    for block in blocks:
        for line in block.lines:
            words.update(w.lower() for w in re.findall(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*", _plain(line.text))[:-1])
    return words


def _flow(lines: list[Line], words: Counter[str]) -> str:
    text = ""
    for line in lines:
        piece = _plain(line.text).strip()
        if not text:
            text = piece
        elif (match := _HYPHEN.search(text)) and piece[:1].isalpha():
            text = _join_hyphen(text, match[1], piece, words)
        elif piece:
            text = f"{text} {piece}"
    return text.strip()


def _join_hyphen(text: str, head: str, piece: str, words: Counter[str]) -> str:
    """`text` ends in a hyphen. It stays in compounds that the document writes with one, and before capitals."""
    tail = re.match(r"[^\W\d_]+", piece)
    if tail is None or text.endswith("\u00ad"):
        return text[:-1] + piece
    joined, compound = (head + tail.group()).lower(), f"{head}-{tail.group()}".lower()
    keep = words[compound] > words[joined] if words[compound] or words[joined] else piece[0].isupper()
    return (text if keep else text[:-1]) + piece


def _plain(text: str) -> str:
    """Ligatures spelled out, blanks folded, characters of private use and controls removed."""
    text = _LIGATURE.sub(lambda m: _LIGATURES[m.group()], text)
    text = "".join(c if unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn") else " " for c in text)
    return re.sub(r"\s+", " ", text)
