"""Reads questions out of what an audit publishes, as far as that goes: by the words that stand in the release, and then word by word."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.withhold import verifier

MAX_GUESSED = 2
"""Tokens that it guesses at once beside known ones. Of a vocabulary of 30,000 words these are 10^9 trials a place."""


def digest(words: Sequence[str]) -> int:
    return int.from_bytes(hashlib.sha256(" ".join(words).encode()).digest()[:8], "big")


def texts_of(release: Path) -> Iterator[str]:
    """All that the rows of a release say."""
    for shard in json.loads((release / "manifest.json").read_text())["files"]:
        for row in pq.read_table(release / shard["file"]).to_pylist():
            yield from (value for value in row.values() if isinstance(value, str))
            talks = (row.get(name) or () for name in ("messages", "prompt", "completion"))
            yield from (message["content"] for talk in talks for message in talk)


class Attacker:
    """One who has a release, its hashes, and a vocabulary.

    Attributes:
        seed: by hash the n-grams that he reads because they stand in the release, or are a word of his.
        read: by hash all that he reads in the end.
    """

    def __init__(self, release: Path, hashes: Path, vocabulary: Sequence[str]) -> None:
        rows: list[dict[str, Any]] = [r for r in pq.read_table(hashes).to_pylist() if r["layer"] != "identity"]
        self._open = {row["hash"] for row in rows}
        self._sizes = {row["n"] for row in rows}
        self._vocabulary = sorted(set(vocabulary))
        self.read: dict[int, tuple[str, ...]] = {}
        for text in texts_of(release):
            words = verifier.tokens(text)
            for n in self._sizes:
                self._try(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
        self._try((word,) for word in self._vocabulary)
        self.seed = dict(self.read)
        while self._extend():
            pass

    def _try(self, grams: Iterator[tuple[str, ...]]) -> bool:
        found = {made: gram for gram in grams if (made := digest(gram)) in self._open and made not in self.read}
        self.read |= found
        return bool(found)

    def _extend(self) -> bool:
        """Every n-gram that begins with the end of one that he knows, or ends with its beginning, but for a few tokens."""
        return self._try(gram for known in list(self.read.values()) for gram in self._beside(known))

    def _beside(self, known: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for more in range(1, MAX_GUESSED + 1):
            for guess in itertools.product(self._vocabulary, repeat=more):
                for n in self._sizes:
                    kept = min(n - more, len(known))
                    if kept > 0:
                        yield (*known[-kept:], *guess)
                        yield (*guess, *known[:kept])
