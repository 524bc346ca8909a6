"""An index of benchmark hashes, and what of it stands in a text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.withhold import sha256_kernel
from curation.withhold.hashed import NGRAM, SHORT, hash_of, is_companion, telling
from curation.withhold.tokens import tokens_of

U64 = npt.NDArray[np.uint64]
FULL = 1000
"""Scores are per mille, rounded down."""
MIN_FIELD, MIN_FIELD_SHARED = 600, 3
"""Least share, and number, of a field's n-grams that stand together: of a question of 26 tokens 3 of 5, so some 15 tokens."""
MIN_COPY, MIN_COPY_SHARED = 500, 8
"""Least share, and number, of n-grams of the shorter of two texts that are in both. Copies with 3 % of their words changed
share about 860, and a thesis that holds a paper 1000; unrelated papers of one field share below 50 (tests/withhold/test_audit.py)."""
MIN_EVIDENCE, MIN_EVIDENCE_SHARED = 800, 4
"""The same of the evidence of a pair, which is a sentence or passage, and of 24 tokens the n-grams that fit in."""
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

    @property
    def is_short(self) -> bool:
        """Whether it counts only as a whole and with its answer."""
        return self.length <= SHORT


class Hashed:
    """The n-grams of a text."""

    def __init__(self, text: str | None) -> None:
        self.tokens = tokens_of(pa.array([text], pa.large_string()))
        self._hashes: dict[int, U64] = {}

    def __len__(self) -> int:
        return len(self.tokens.starts)

    @property
    def hashes(self) -> U64:
        """Those of `NGRAM` tokens."""
        return self.of(NGRAM)

    def of(self, n: int) -> U64:
        """The hash of the n tokens that begin at each token, as far as there are so many; made once."""
        if n not in self._hashes:
            made = np.empty(max(len(self) - n + 1, 0), np.uint64)
            sha256_kernel.ngram_hashes(self.tokens.text, self.tokens.ends_in_text, n, made)
            self._hashes[n] = made
        return self._hashes[n]

    def starts(self, grams: Sequence[tuple[int, int, int]]) -> list[int]:
        """Tokens from which on all of some (place, n, hash) stand at their places."""
        found: set[int] | None = None
        for place, n, wanted in grams:
            there = set((np.flatnonzero(self.of(n) == np.uint64(wanted)) - place).tolist())
            found = there if found is None else found & there
        return sorted(start for start in found or () if start >= 0)


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
        fields = [
            _Field(*key, max(place + n for place, n, _ in mine), tuple(sorted(mine))) for key, mine in grams.items()
        ]
        self._companions: dict[tuple[str, str], list[_Field]] = defaultdict(list)
        for field in fields:
            if is_companion(field.part, field.length):
                self._companions[field.benchmark, field.entry].append(field)
        self._fields = [field for field in fields if self._can_be_found(field)]
        self._grams: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for number, field in enumerate(self._fields):
            for place, n, found in field.grams:
                self._grams[n, found].append((number, place))
        sizes = {n for n, _ in self._grams}
        self._hashes_of = {n: np.sort(np.array([h for m, h in self._grams if m == n], np.uint64)) for n in sizes}

    def _can_be_found(self, field: _Field) -> bool:
        """Whether it is long enough, or has what it needs beside it."""
        if is_companion(field.part, field.length) or field.length < NGRAM:
            return False
        beside = self._companions[field.benchmark, field.entry]
        return bool(_answers(beside, beside)) if field.is_short else len(field.grams) >= MIN_FIELD_SHARED

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
        """Withheld texts that a text says again, whole or in part, or that say it: by the share of the n-grams of the shorter one that
        are in both. Of the withheld text every fifth is known, so that of this one a fifth counts as all."""
        if not self._copies:
            return
        mine = np.unique(text.hashes)
        first = np.searchsorted(self._copy_hashes, mine, "left")
        after = np.searchsorted(self._copy_hashes, mine, "right")
        is_known = after > first
        if not is_known.any():
            return
        hits = zip(first[is_known].tolist(), after[is_known].tolist(), strict=True)
        counts = np.bincount(np.concatenate([self._copy_owners[a:b] for a, b in hits]), minlength=len(self._copies))
        fits = max(1, len(np.unique(text.hashes[telling(text.tokens.words(), NGRAM)])) // NGRAM)
        for i in np.flatnonzero(counts >= shared).tolist():
            score = min(FULL, FULL * int(counts[i]) // min(fits, int(self._copy_totals[i])))
            if score >= NEAR:
                benchmark, entry, _ = self._copies[i]
                yield Match(benchmark, "copy", entry, "n-grams", score, score >= least)

    def copy_hashes(self, match: Match) -> U64:
        """The n-grams of the withheld text that was found."""
        owners = [
            n for n, (name, entry, _) in enumerate(self._copies) if (name, entry) == (match.benchmark, match.entry)
        ]
        return self._copy_hashes[np.isin(self._copy_owners, owners)]

    def by_fields(self, text: Hashed) -> Iterator[Match]:
        """Items of which a field stands in a text: one of more than `SHORT` tokens when `MIN_FIELD` of its n-grams, and
        `MIN_FIELD_SHARED`, stand within twice its length; a shorter one when all of them do, as they stand in it, with its answer or
        most of the choices near."""
        for number, places in sorted(self._places(text).items()):
            field = self._fields[number]
            both = _together(places, 2 * field.length)
            score = FULL * both // len(field.grams)
            if score < NEAR:
                continue
            rule, found = field.part, score >= MIN_FIELD and both >= MIN_FIELD_SHARED
            if field.is_short:
                beside = self._beside(field, text) if score == FULL else ""
                rule, found = f"{rule}+{beside}" if beside else rule, bool(beside)
            yield Match(field.benchmark, "text", field.entry, rule, score, found)

    def _places(self, text: Hashed) -> dict[int, list[tuple[int, int]]]:
        """By field (token of the text, place in the field) of the n-grams of both, ascending."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for n, known in self._hashes_of.items():
            mine = text.of(n)
            at = np.minimum(np.searchsorted(known, mine), len(known) - 1)
            for i in np.flatnonzero(known[at] == mine).tolist():
                for number, place in self._grams[n, int(mine[i])]:
                    found[number].append((i, place))
        return {number: sorted(places) for number, places in found.items()}

    def _beside(self, field: _Field, text: Hashed) -> str:
        """What of its answer and choices stands near a question that stands there as a whole."""
        known = self._companions[field.benchmark, field.entry]
        there = [(other, text.starts(other.grams)) for other in known]
        for start in text.starts(field.grams):
            near = [other for other, starts in there if _is_near(starts, start)]
            if said := _answers(near, known):
                return said
        return ""


def _answers(there: Sequence[_Field], known: Sequence[_Field]) -> str:
    """What fields that stand beside a question are of those that might: answer, choices, or too little (empty). A choice alone may be
    a wrong one, and two words of it a coincidence: of three or more it takes three of four."""
    if any(field.part == "answer" for field in there):
        return "answer"
    return "choices" if len(there) >= 2 and 4 * len(there) >= 3 * len(known) else ""


def _is_near(starts: Sequence[int], start: int) -> bool:
    """Whether one of some ascending tokens is at most `COMPANION_TOKENS` from another one."""
    at = bisect_left(starts, start - COMPANION_TOKENS)
    return at < len(starts) and starts[at] <= start + COMPANION_TOKENS


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
