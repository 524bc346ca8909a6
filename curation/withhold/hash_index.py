"""An index of benchmark hashes, and what of it stands in a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.withhold import sha256_kernel
from curation.withhold.hashed import COPY_SAMPLE, NGRAM, SHORT, hash_of, is_companion
from curation.withhold.tokens import tokens_of

U64 = npt.NDArray[np.uint64]
FULL = 1000
"""Scores are per mille, rounded down."""
MIN_FIELD = 600
"""Least share of a field's n-grams that stand together: of a question of 21 tokens 11 of 17, so 15 tokens in a row."""
MIN_COPY = 500
MIN_COPY_SHARED = 16
"""Least share, and number, of sampled n-grams of the shorter of two texts that are in both. Copies with 3 % of their words changed
share about 860, and a thesis that holds a paper 1000; unrelated papers of one field share below 50 (tests/withhold/test_audit.py)."""
MIN_EVIDENCE, MIN_EVIDENCE_SHARED = 900, 4
"""The same of the evidence of a pair, which is a sentence or passage word for word."""
NEAR = 100
"""Least score of a near miss that is told."""
COMPANION_TOKENS = 200
"""How far from the beginning of a short question its answer may begin."""


@dataclass(frozen=True, order=True)
class Match:
    """An entry of a benchmark in a text: found, or near."""

    benchmark: str
    layer: str
    entry: str
    rule: str
    score: int
    found: bool


@dataclass(frozen=True)
class _Field:
    """A field of an item: `length` is its tokens up to the end of its last n-gram that is told, `grams` (place, n, hash)."""

    benchmark: str
    entry: str
    part: str
    length: int
    grams: tuple[tuple[int, int, int], ...]


class Hashed:
    """The n-grams of a text: `hashes` has that of `NGRAM` tokens at each token that begins one."""

    def __init__(self, text: str | None) -> None:
        self.tokens = tokens_of(pa.array([text], pa.large_string()))
        self._data = self.tokens.text.tobytes()
        self._after: list[int] = self.tokens.ends_in_text.tolist()
        self._starts = [0, *(after + 1 for after in self._after)]
        self.hashes: U64 = np.empty(max(len(self) - NGRAM + 1, 0), np.uint64)
        sha256_kernel.ngram_hashes(self.tokens.text, self.tokens.ends_in_text, NGRAM, self.hashes)

    def __len__(self) -> int:
        return len(self._after)

    def hash_at(self, token: int, n: int) -> int:
        """The hash of one n-gram."""
        return hash_of(self._data[self._starts[token] : self._after[token + n - 1]])

    def telling(self) -> npt.NDArray[np.bool_]:
        """`curation.withhold.hashed.tells` of each n-gram of `NGRAM` tokens."""
        if len(self) < NGRAM:
            return np.zeros(0, bool)
        words = self.tokens.words()
        letters = {word: any(map(str.isalpha, word)) for word in set(words)}
        alone = np.fromiter((len(word) == 1 for word in words), np.int64, len(self))
        lettered = np.fromiter((letters[word] for word in words), np.int64, len(self))
        window = np.ones(NGRAM, np.int64)
        few: npt.NDArray[np.bool_] = 2 * np.convolve(alone, window, "valid") <= NGRAM
        return few & (np.convolve(lettered, window, "valid") > 0)


class HashIndex:
    """Hashes of benchmarks, ready to be looked up.

    Args:
        table: rows of `BENCHMARK_HASHES`.
    """

    def __init__(self, table: pa.Table) -> None:
        self._ids: dict[int, list[tuple[str, str]]] = defaultdict(list)
        layers = table["layer"]
        for row in table.filter(pc.equal(layers, "identity")).to_pylist():
            self._ids[row["hash"]].append((row["benchmark"], row["entry"]))
        self._set_copies(table.filter(pc.equal(layers, "copy")))
        self._set_fields(table.filter(pc.equal(layers, "text")))

    def _set_copies(self, rows: pa.Table) -> None:
        """A row is 12 bytes here, for an index of many texts has millions."""
        keys = rows.select(["benchmark", "entry", "digest"]).append_column(
            "row", pa.array(range(rows.num_rows), pa.int64())
        )
        owners_of = keys.group_by(["benchmark", "entry", "digest"], use_threads=False).aggregate([("row", "list")])
        self._copies = list(
            zip(*(owners_of[name].to_pylist() for name in ("benchmark", "entry", "digest")), strict=True)
        )
        lengths = numbers(pc.list_value_length(owners_of["row_list"]))
        owners = np.empty(rows.num_rows, np.int32)
        owners[numbers(pc.list_flatten(owners_of["row_list"]))] = np.repeat(np.arange(len(lengths)), lengths)
        hashes = numbers(rows["hash"]).astype(np.uint64)
        order = np.argsort(hashes, kind="stable")
        self._copy_hashes, self._copy_owners = hashes[order], owners[order]
        self._copy_totals = np.bincount(owners, minlength=len(self._copies))
        self._digests: dict[str, list[tuple[str, str]]] = {}
        for benchmark, entry, digest in self._copies:
            self._digests.setdefault(digest, []).append((benchmark, entry))

    def _set_fields(self, rows: pa.Table) -> None:
        grams: dict[tuple[str, str, str], list[tuple[int, int, int]]] = {}
        for row in rows.to_pylist():
            key = (row["benchmark"], row["entry"], row["part"])
            grams.setdefault(key, []).append((row["place"], row["n"], row["hash"]))
        self._fields: list[_Field] = []
        self._companions: dict[tuple[str, str], list[_Field]] = defaultdict(list)
        self._grams: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (benchmark, entry, part), mine in grams.items():
            length = max(place + n for place, n, _ in mine)
            field = _Field(benchmark, entry, part, length, tuple(sorted(mine)))
            if is_companion(part, length):
                self._companions[benchmark, entry].append(field)
                continue
            if length < NGRAM:
                continue
            for place, _, found in mine:
                self._grams[found].append((len(self._fields), place))
            self._fields.append(field)
        self._gram_hashes = np.sort(np.fromiter(self._grams, np.uint64, len(self._grams)))

    def checked(self, benchmark: str) -> dict[str, int]:
        """By layer the entries of a benchmark that can be found."""
        ids = {entry for mine in self._ids.values() for name, entry in mine if name == benchmark}
        fields = {
            field.entry
            for field in self._fields
            if field.benchmark == benchmark and (field.length > SHORT or self._companions.get((benchmark, field.entry)))
        }
        copies = sum(name == benchmark for name, _, _ in self._copies)
        return {"identity": len(ids), "copy": copies, "text": len(fields)}

    def by_ids(self, ids: Sequence[str]) -> Iterator[Match]:
        """Entries that one of the ids names."""
        for key in ids:
            for benchmark, entry in self._ids.get(hash_of(key.encode()), ()):
                yield Match(benchmark, "identity", entry, "id", FULL, True)

    def by_digest(self, text_sha256: str) -> Iterator[Match]:
        """Withheld texts that are this very text."""
        for benchmark, entry in self._digests.get(text_sha256, ()):
            yield Match(benchmark, "copy", entry, "text_sha256", FULL, True)

    def by_copies(self, text: Hashed, least: int = MIN_COPY, shared: int = MIN_COPY_SHARED) -> Iterator[Match]:
        """Withheld texts that a text says again, whole or in part, or that say it: by the share of the sampled n-grams of the shorter
        one that are in both."""
        if not self._copies:
            return
        sampled = text.hashes % np.uint64(COPY_SAMPLE) == 0
        mine = np.unique(text.hashes[sampled & text.telling()])
        first = np.searchsorted(self._copy_hashes, mine, "left")
        after = np.searchsorted(self._copy_hashes, mine, "right")
        hits = [self._copy_owners[a:b] for a, b in zip(first.tolist(), after.tolist(), strict=True) if b > a]
        if not hits:
            return
        counts = np.bincount(np.concatenate(hits), minlength=len(self._copies))
        for i in np.flatnonzero(counts).tolist():
            both = int(counts[i])
            score = FULL * both // min(len(mine), int(self._copy_totals[i]))
            if score >= NEAR and both >= shared:
                benchmark, entry, _ = self._copies[i]
                yield Match(benchmark, "copy", entry, "n-grams", score, score >= least)

    def copy_hashes(self, match: Match) -> U64:
        """The sampled n-grams of the withheld text that was found."""
        owners = [
            n for n, (name, entry, _) in enumerate(self._copies) if (name, entry) == (match.benchmark, match.entry)
        ]
        return self._copy_hashes[np.isin(self._copy_owners, owners)]

    def by_fields(self, text: Hashed) -> Iterator[Match]:
        """Items of which a field stands in a text: one of more than `SHORT` tokens when `MIN_FIELD` of its n-grams stand within twice its
        length; a shorter question when all of them do, as they stand in it, and its answer or a choice is near."""
        for number, places in sorted(self._places(text).items()):
            field = self._fields[number]
            score = FULL * _together(places, 2 * field.length) // len(field.grams)
            if score >= NEAR:
                rule, found = field.part, score >= MIN_FIELD
                if field.length <= SHORT:
                    beside = self._beside(field, places, text) if score == FULL else None
                    rule, found = f"{rule}+{beside}" if beside else rule, beside is not None
                yield Match(field.benchmark, "text", field.entry, rule, score, found)

    def _places(self, text: Hashed) -> dict[int, list[tuple[int, int]]]:
        """By field (token of the text, place in the field) of the n-grams of both, ascending."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        if not len(self._gram_hashes):
            return found
        at = np.minimum(np.searchsorted(self._gram_hashes, text.hashes), len(self._gram_hashes) - 1)
        for i in np.flatnonzero(self._gram_hashes[at] == text.hashes).tolist():
            for number, place in self._grams[int(text.hashes[i])]:
                found[number].append((i, place))
        return {number: sorted(places) for number, places in found.items()}

    def _beside(self, field: _Field, places: list[tuple[int, int]], text: Hashed) -> str | None:
        """What of its answer and choices stands near a question that stands there as a whole."""
        first = field.grams[0][0]
        for start in sorted({i - first for i, place in places if place == first}):
            if start >= 0 and _stands(field, text, start):
                for other in self._companions[field.benchmark, field.entry]:
                    near = range(max(0, start - COMPANION_TOKENS), start + COMPANION_TOKENS + 1)
                    if any(_stands(other, text, place) for place in near):
                        return other.part.partition("/")[0]
        return None


def _together(places: list[tuple[int, int]], width: int) -> int:
    """The most places of a field whose n-grams stand within `width` tokens of a text."""
    counts: dict[int, int] = defaultdict(int)
    best = first = 0
    for i, place in places:
        counts[place] += 1
        while places[first][0] <= i - width:
            left = places[first][1]
            counts[left] -= 1
            if not counts[left]:
                del counts[left]
            first += 1
        best = max(best, len(counts))
    return best


def _stands(field: _Field, text: Hashed, start: int) -> bool:
    """Whether all n-grams of a field stand at their places from a token of a text on."""
    return all(
        start + place + n <= len(text) and text.hash_at(start + place, n) == found for place, n, found in field.grams
    )
