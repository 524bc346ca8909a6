"""Where the words of a text stand, read where somebody asks and once: who looks around each of its values would read it a thousand times."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from curation.withhold.tokens import tokens_of

_BLOCK_CHARS = 4_096
_LONGEST_WORD = 64
"""Characters that are read around a block, so that no word is cut at its ends."""


class WordPlaces:
    """The words of a text by their places.

    Args:
        named: by what a word counts; None where it does not.
    """

    def __init__(self, text: str, named: Callable[[str], str | None]) -> None:
        self._text, self._named = text, named
        self._blocks: dict[int, tuple[list[int], list[str]]] = {}

    def between(self, start: int, end: int) -> set[str]:
        """What begins from character `start` to `end`, the end excluded."""
        start, end = max(0, start), min(end, len(self._text))
        found: set[str] = set()
        for number in range(start // _BLOCK_CHARS, -(-end // _BLOCK_CHARS)):
            places, words = self._block(number)
            found.update(words[bisect_left(places, start) : bisect_right(places, end - 1)])
        return found

    def _block(self, number: int) -> tuple[list[int], list[str]]:
        """The places of the words that begin in a block, ascending, and what they count by."""
        if number not in self._blocks:
            first, behind = number * _BLOCK_CHARS, (number + 1) * _BLOCK_CHARS
            begin = max(0, first - _LONGEST_WORD)
            said = self._text[begin : behind + _LONGEST_WORD]
            made = tokens_of(pa.array([said], pa.large_string()))
            # a byte that goes on with a character is 10xxxxxx (RFC 3629, section 3)
            character = np.cumsum((np.frombuffer(said.encode(), np.uint8) & 0xC0) != 0x80) - 1 + begin
            there = zip(character[made.starts].tolist(), map(self._named, made.words()), strict=True)
            kept = [(place, name) for place, name in there if name is not None and first <= place < behind]
            self._blocks[number] = [place for place, _ in kept], [name for _, name in kept]
        return self._blocks[number]
