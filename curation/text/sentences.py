"""Sentences of running text, found so that math, decimals, initials and the field's abbreviations do not cut them."""

from __future__ import annotations

import re

from curation.text.blocks import blocks
from curation.text.masks import masks

# abbreviations after which a sentence goes on, as journals print them
_ABBREVIATION = re.compile(
    r"al|approx|apps?|cf|ch|chap|def|dr|e\.?g|eqn?s?|et|etc|figs?|i\.?e|inc|jr|lett|mag|m[rs]s?|nos?|obs|phys|pp?|prof|refs?"
    r"|resp|sects?|secs?|sr|st|tabs?|univ|viz|vols?|vs|w\.r\.t",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s)")
_WORD_BEFORE = re.compile(r"([\w.]*)\Z")
_OPENING = re.compile(r"\s+[\"'“‘(\[]?[A-Z0-9$\\*_]")


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of the paragraphs of a text, as (start, end) in characters, in order and disjoint.

    Headings, tables, code, display math blocks, lists and quotes give none. A stop ends a sentence unless it lies in
    a mask, follows a known abbreviation or an initial, or the next word does not begin like a sentence.
    """
    masked = [(m.start, m.end) for m in masks(text)]
    found: list[tuple[int, int]] = []
    first = 0
    for block in blocks(text):
        if block.kind != "paragraph":
            continue
        while first < len(masked) and masked[first][1] <= block.start:
            first += 1
        at = block.start
        here = first
        for stop in _STOP.finditer(text, block.start, block.end):
            while here < len(masked) and masked[here][1] <= stop.start():
                here += 1
            if here < len(masked) and masked[here][0] <= stop.start():
                continue
            if _goes_on(text, block.start, stop, block.end):
                continue
            _append(found, text, at, stop.end())
            at = stop.end()
        _append(found, text, at, block.end)
    return found


def _goes_on(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    if stop.group()[0] != ".":
        return False
    before = _WORD_BEFORE.search(text[max(start, stop.start() - 24) : stop.start()])
    word = before[1] if before else ""
    if _ABBREVIATION.fullmatch(word) or (len(word) == 1 and word.isalpha() and word.isupper()):
        return True
    return not _OPENING.match(text, stop.end(), end)


def _append(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))
