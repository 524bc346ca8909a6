"""Lines to paragraphs: hyphens joined, headings marked, authors and references taken apart."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from curation.extract.abstract import split_abstract
from curation.extract.form import Parts, unmarked
from curation.extract.markdown_parts import mark_floats, regions
from curation.extract.pdf.page import Line, Page, Span
from curation.text.accents import join_accents

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
_APPENDIX = re.compile(r"\W*(?:appendi(?:x|ces)\b.{0,80}|[A-H]\.?\s+[A-Z][\w\s:,-]{3,80})", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:][\"'\u201d\u2019)\]]*$")
_JOINING = frozenset(
    {"with", "some", "how", "further", "mean", "there", "where", "here", "any", "every", "over", "under", "out", "for"}
    | {"more", "thus", "through", "none", "what", "when", "who", "never", "other", "hence", "work", "frame"}
)
"""First halves of English words that are words themselves: `with-` at a line's end goes on as `without`."""
_LONG_WORD = re.compile(r"[^\W\d_]{4}")
_LONE_NUMBER = re.compile(r"(?:\d{1,2}\.?)(?:\d{1,2}\.?){0,3}|[IVX]{1,5}\.|[A-H]\.")
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.)\s+\S")
_MARKDOWN = re.compile(r"#|\||```|~~~")
"""What makes a heading, a table or code of a paragraph that begins with it."""


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
            heading = _is_heading(line, body) or (number == 0 and _is_title(line, page, body))
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
    numbered = bool(_NUMBERED.match(text)) and len(text) < 90 and "=" not in text and bool(_LONG_WORD.search(text))
    marked = line.bold or text.isupper() or (line.italic and len(text) > 5)
    return bool(_REFERENCES.fullmatch(text)) or (numbered and marked) or (line.bold and text.isupper())


def _is_title(line: Line, page: Page, body: float) -> bool:
    """True for long bold lines in the upper part of the first page: some classes set the title no larger than the text."""
    text = line.text.strip()
    return line.bold and line.y1 < 0.4 * page.height and line.size >= body - 0.5 and len(text) > 20


def _is_number_of(block: Block, line: Line) -> bool:
    """True when the block is a lone section number on the row of the heading `line`."""
    number = block.lines[0]
    if len(block.lines) > 1 or not _LONE_NUMBER.fullmatch(number.text.strip()):
        return False
    return number.x1 <= line.x0 and _on_one_row(number, line)


def _continues_heading(block: Block, last: Line, line: Line) -> bool:
    """True for the second line of a heading: the same bold, italic or capital letters, close below."""
    if not block.heading or len(block.lines) > 3 or not 0 <= line.y0 - last.y0 < 1.8 * line.size:
        return False
    same_font = abs(line.size - last.size) < 0.3 and line.bold == last.bold and line.italic == last.italic
    if not same_font or _NUMBERED.match(line.text.strip()):
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


def to_parts(blocks: list[Block]) -> tuple[Parts, str | None, str | None]:
    """The parts of a paper, its authors, its references.

    The largest heading of the first page is the title. Authors stand between it and the abstract, where a line says Abstract.
    References end the body; the appendix may stand behind them.
    """
    words = _vocabulary(blocks)
    title = _title(blocks)
    written: list[str] = []
    references: list[str] = []
    appendix: list[str] = []
    target = written
    for i, block in enumerate(blocks):
        text = _flow(block.lines, words)
        if not text:
            continue
        if block is title:
            continue
        if block.heading and _REFERENCES.fullmatch(text) and i > len(blocks) // 4:
            target = references
        elif block.heading:
            if target is references and _APPENDIX.fullmatch(text):
                target = appendix
            elif target is references and _NUMBERED.match(text):
                target = written
            target.append(text if target is references else f"## {text}")
        else:
            target.append(f"\\{text}" if _MARKDOWN.match(text) else text)
    authors, abstract, body = split_abstract("\n\n".join(written)) or ("", "", "\n\n".join(written))
    pieces = regions(body)
    if appendix:
        pieces += [("appendix" if kind == "body" else kind, piece) for kind, piece in regions("\n\n".join(appendix))]
    parts = Parts(
        title=_flow(title.lines, words) if title else None,
        abstract=unmarked(abstract) or None,
        pieces=[(kind, mark_floats(unmarked(piece))) for kind, piece in pieces],
    )
    names = "\n".join(line.lstrip("# ") for line in authors.split("\n\n") if line.strip())
    return parts, names or None, "\n".join(references) or None


def _title(blocks: list[Block]) -> Block | None:
    """The largest heading of the first page; a section's heading is not larger than the others."""
    candidates = [b for b in blocks if b.heading and b.page == 0 and len(_raw(b.lines)) > 8]
    best = max(candidates, key=lambda b: b.lines[0].size, default=None)
    if best is None or _REFERENCES.fullmatch(_raw(best.lines)) or _NUMBERED.match(_raw(best.lines)):
        return None
    return best


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
    """`text` ends in a hyphen. It stays where the document writes the compound with one, and before capitals.

    Of words seen nowhere else it stays between two words that occur by themselves: `user-` `supplied`, not `observa-` `tions`.
    """
    tail = re.match(r"[^\W\d_]+", piece)
    if tail is None or text.endswith("\u00ad"):
        return text[:-1] + piece
    first, second = head.lower(), tail.group().lower()
    joined, compound = words[first + second], words[f"{first}-{second}"]
    if joined or compound:
        keep = compound > joined
    else:
        both_are_words = len(first) > 2 and len(second) > 2 and words[first] > 0 and words[second] > 0
        keep = piece[0].isupper() or (both_are_words and first not in _JOINING)
    return (text if keep else text[:-1]) + piece


def _plain(text: str) -> str:
    """Ligatures spelled out, accents joined to their letters, blanks folded, controls and characters without a meaning (private use, U+FFFD) removed."""
    text = _LIGATURE.sub(lambda m: _LIGATURES[m.group()], text)
    text = "".join(c if unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn") else " " for c in text)
    return join_accents(re.sub(r"\s+", " ", text.replace("\ufffd", " ")))
