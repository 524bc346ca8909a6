"""The units of a text that make sense alone: sentences, in tables, lists and code lines or items, of display math and quotes the block."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from curation.text.blocks import Block, blocks
from curation.text.sentences import sentences
from curation.text.spans import Offsets

_ITEM = re.compile(r"(?m)^(?=[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+\S)")
_LINE = re.compile(r"(?m)^(?=.)")
Span: TypeAlias = tuple[int, int]


def grown(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans grown to whole units of the text, those between which there is only white space as one; UTF-8 bytes, in order.

    Raises:
        ValueError: a span holds nothing of the text.
    """
    data = text.encode()
    units = list(_units(text))
    ends = [end for _, end in units]
    found: list[Span] = []
    for start, end in sorted(spans):
        first = n = bisect_left(ends, start + 1)
        while n < len(units) and units[n][0] < end:
            n += 1
        if n == first or start >= end:
            raise ValueError(f"bytes {start} to {end} hold nothing of a text of {len(data)} bytes")
        grown = (units[first][0], units[n - 1][1])
        if found and (grown[0] <= found[-1][1] or not data[found[-1][1] : grown[0]].strip()):
            found[-1] = (found[-1][0], max(found[-1][1], grown[1]))
        else:
            found.append(grown)
    return found


def _units(text: str) -> Iterator[Span]:
    """The sentences, lines, items and blocks of a text in UTF-8 bytes, in order and disjoint: every character of it but white space
    lies in one."""
    offsets = Offsets(text)
    whole = sentences(text)
    at = 0
    for block in blocks(text):
        if block.kind == "paragraph":
            first = at
            while at < len(whole) and whole[at][0] < block.end:
                at += 1
            found = whole[first:at]
        else:
            found = _parts(text, block)
        yield from ((offsets.byte_of(start), offsets.byte_of(end)) for start, end in found)


def _parts(text: str, block: Block) -> list[Span]:
    if block.kind not in ("list", "table", "code"):
        return [(block.start, block.end)]
    begin = _ITEM if block.kind == "list" else _LINE
    starts = [block.start, *(m.start() for m in begin.finditer(text, block.start + 1, block.end))]
    cuts = zip(starts, [*starts[1:], block.end], strict=True)
    return [(start, start + len(text[start:end].rstrip())) for start, end in cuts if text[start:end].strip()]
