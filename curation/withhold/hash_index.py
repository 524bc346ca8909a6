"""An index of benchmark hashes, and what of it stands in a text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import codes, numbers, to_arrow
from curation.withhold import sha256_kernel
from curation.withhold.hashed import NGRAM, SHORT, hash_of, is_companion, telling
from curation.withhold.tokens import tokens_of

U64 = npt.NDArray[np.uint64]
Span: TypeAlias = tuple[int, int]
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
"""How far from the beginning of a short question its answer may begin in a document."""
MIN_ALONE, MIN_ALONE_SHARE = 8, 500
"""Least tokens of a short question that counts alone in a pair, and least share of a text that it must be: chat templates say a dozen words."""
SLACK = 12
"""Tokens that an editor may have put between two n-grams of a field."""


@dataclass(frozen=True, order=True)
class Match:
    """An entry of a benchmark in a text: found, or near.

    Args:
        spans: of a field that was found where its n-grams stand, tokens of the text, end excluded.
        at: token from which on they are found; of a copy none.
        where: what was compared, in the words of an audit.
    """

    benchmark: str
    layer: str
    entry: str
    rule: str
    score: int
    found: bool
    spans: tuple[Span, ...] = field(default=(), compare=False)
    at: int = field(default=0, compare=False)
    where: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What was found, wherever and by whichever rule."""
        return self.benchmark, self.layer, self.entry


@dataclass(frozen=True)
class Field:
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

    @property
    def counts_alone(self) -> bool:
        """Whether it is a short question that is enough of a pair by itself."""
        return self.part == "question" and MIN_ALONE <= self.length <= SHORT

    def needed(self) -> int:
        """Least number of its n-grams in a text that holds it."""
        return len(self.grams) if self.is_short else max(MIN_FIELD_SHARED, -(-MIN_FIELD * len(self.grams) // FULL))


class Hashed:
    """The n-grams of a text, or of several as one."""

    def __init__(self, *texts: str | None) -> None:
        self.tokens = tokens_of(pa.array(texts, pa.large_string()))
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
        """A row is 12 bytes here, for an index of many texts has millions. Rows of one text mostly stand together, so these are read a
        stretch at a time."""
        columns = [rows[name] for name in ("benchmark", "entry", "digest")]
        new = np.ones(rows.num_rows, bool)
        new[1:] = np.any([np.diff(codes(column)) != 0 for column in columns], axis=0)
        first = np.flatnonzero(new)
        numbered: dict[tuple[str, str, str], int] = {}
        stretches = zip(*(column.take(to_arrow(first)).to_pylist() for column in columns), strict=True)
        of_stretch = np.array([numbered.setdefault(owner, len(numbered)) for owner in stretches], np.int32)
        owners = np.repeat(of_stretch, np.diff(np.r_[first, rows.num_rows]))
        self._copies = list(numbered)
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
        told = [Field(*key, max(place + n for place, n, _ in mine), tuple(sorted(mine))) for key, mine in grams.items()]
        self._companions: dict[tuple[str, str], list[Field]] = defaultdict(list)
        for one in told:
            if is_companion(one.part, one.length):
                self._companions[one.benchmark, one.entry].append(one)
        self.fields = [one for one in told if self._is_looked_for(one)]
        self._grams: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for number, one in enumerate(self.fields):
            for place, n, found in one.grams:
                self._grams[n, found].append((number, place))
        sizes = {n for n, _ in self._grams}
        self._hashes_of = {n: np.sort(np.array([h for m, h in self._grams if m == n], np.uint64)) for n in sizes}

    def _is_looked_for(self, one: Field) -> bool:
        """Whether it is long enough, or has what it needs beside it, in a document or a pair."""
        if is_companion(one.part, one.length) or one.length < NGRAM:
            return False
        return one.counts_alone or self._can_be_found(one, of_pair=True)

    def _can_be_found(self, one: Field, of_pair: bool = False) -> bool:
        beside = self._companions[one.benchmark, one.entry]
        return bool(_answers(one, beside, beside, of_pair)) if one.is_short else len(one.grams) >= MIN_FIELD_SHARED

    def checked(self, benchmark: str) -> dict[str, int]:
        """By layer the entries of a benchmark that can be found in a document; a pair needs less."""
        ids = {entry for mine in self._ids.values() for name, entry in mine if name == benchmark}
        copies = sum(name == benchmark for name, _, _ in self._copies)
        return {"identity": len(ids), "copy": copies, "text": len(self.items(benchmark))}

    def items(self, benchmark: str) -> frozenset[str]:
        """Items of a benchmark that can be found in a document."""
        return frozenset(one.entry for one in self.fields if one.benchmark == benchmark and self._can_be_found(one))

    def by_ids(self, ids: Sequence[str]) -> Iterator[Match]:
        """Entries that one of the ids names."""
        for key in ids:
            for benchmark, entry in self._ids.get(hash_of(key.encode()), ()):
                yield Match(benchmark, "identity", entry, "id", FULL, True)

    def by_digest(self, text_sha256: str) -> Iterator[Match]:
        """Withheld texts that are this very text."""
        for benchmark, entry in self._digests.get(text_sha256, ()):
            yield Match(benchmark, "copy", entry, "text_sha256", FULL, True)

    def knows_some_of(self, text: Hashed) -> bool:
        """Whether any n-gram of a text is one of a withheld text or of a field that is looked for."""
        return any(
            _are_in(text.of(n), known).any() for n, known in ((NGRAM, self._copy_hashes), *self._hashes_of.items())
        )

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

    def shared(self, match: Match, text: Hashed) -> npt.NDArray[np.bool_]:
        """Which n-grams of a text are of the withheld text that was found in it."""
        mine = {n for n, (name, entry, _) in enumerate(self._copies) if (name, entry) == (match.benchmark, match.entry)}
        first = np.searchsorted(self._copy_hashes, text.hashes, "left")
        after = np.searchsorted(self._copy_hashes, text.hashes, "right")
        flags = after > first
        for i in np.flatnonzero(flags).tolist():
            flags[i] = not mine.isdisjoint(self._copy_owners[first[i] : after[i]].tolist())
        return flags

    def by_fields(self, text: Hashed, anywhere: bool = False, of_pair: bool = False) -> Iterator[Match]:
        """Items of which a field stands in a text: one of more than `SHORT` tokens when `MIN_FIELD` of its n-grams, and
        `MIN_FIELD_SHARED`, stand within twice its length; a shorter one when all of them do, as they stand in it, with its answer or
        most of the choices near.

        Args:
            anywhere: distances do not count, as in a text between whose parts others will be taken out.
            of_pair: the text is one of a pair, which asks and answers one thing: a short question counts with any choice, wherever both
                stand, and alone where it is `MIN_ALONE` tokens or more and `MIN_ALONE_SHARE` of the text.
        """
        reach = len(text) if anywhere or of_pair else COMPANION_TOKENS
        for number, places in sorted(self._places(text).items()):
            one = self.fields[number]
            both, at = _together(places, len(text) if anywhere else 2 * one.length)
            score = FULL * both // len(one.grams)
            if score < NEAR:
                continue
            rule, found, spans = one.part, both >= one.needed(), tuple[Span, ...]()
            if one.is_short:
                beside, spans, at = self._beside(one, text, reach, of_pair) if found else ("", spans, at)
                rule, found = f"{rule}+{beside}" if beside else rule, bool(beside)
                if not beside and of_pair and one.counts_alone and FULL * one.length >= MIN_ALONE_SHARE * len(text):
                    spans = tuple((start, start + one.length) for start in text.starts(one.grams))
                    found, at = bool(spans), spans[0][0] if spans else at
            elif found:
                spans = _stretches(places, {place: n for place, n, _ in one.grams})
            yield Match(one.benchmark, "text", one.entry, rule, score, found, spans, at)

    def _places(self, text: Hashed) -> dict[int, list[tuple[int, int]]]:
        """By field (token of the text, place in the field) of the n-grams of both, ascending."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for n, known in self._hashes_of.items():
            mine = text.of(n)
            for i in np.flatnonzero(_are_in(mine, known)).tolist():
                for number, place in self._grams[n, int(mine[i])]:
                    found[number].append((i, place))
        return {number: sorted(places) for number, places in found.items()}

    def _beside(self, one: Field, text: Hashed, reach: int, of_pair: bool) -> tuple[str, tuple[Span, ...], int]:
        """What of its answer and choices stands near a question that stands there as a whole; where the question stands, and they
        beside it; and at which token it first does so."""
        known = self._companions[one.benchmark, one.entry]
        there = [(other, text.starts(other.grams)) for other in known]
        starts, said, spans, first = text.starts(one.grams), "", set[Span](), 0
        for start in starts[:1] if reach >= len(text) else starts:  # where everything is near, it is so of each
            near = [(other, mine) for other, found in there if (mine := _near(found, start, reach))]
            if answers := _answers(one, [other for other, _ in near], known, of_pair):
                said, first = (said, first) if said else (answers, start)
                spans |= {(at, at + other.length) for other, mine in near for at in mine}
        where = tuple(sorted(spans | {(start, start + one.length) for start in starts}))
        return said, where if said else (), first


def _answers(one: Field, there: Sequence[Field], known: Sequence[Field], of_pair: bool) -> str:
    """What fields that stand beside a short one are of those that might: answer, choices, or too little (empty). A choice alone may be
    a wrong one, and two words of it a coincidence: of three or more it takes three of four. Not so of a question in a pair."""
    if any(other.part == "answer" for other in there):
        return "answer"
    if len(there) >= 2 and 4 * len(there) >= 3 * len(known):
        return "choices"
    return "choice" if there and of_pair and one.part == "question" else ""


def _near(starts: Sequence[int], start: int, reach: int) -> Sequence[int]:
    """Those of some ascending tokens that are at most `reach` from another one."""
    return starts[bisect_left(starts, start - reach) : bisect_right(starts, start + reach)]


def _stretches(places: Sequence[tuple[int, int]], sizes: Mapping[int, int]) -> tuple[Span, ...]:
    """Where (token, place) of a field stand in a text: those that follow one another as in the field, but for some tokens, as one."""
    found: list[tuple[int, int, int]] = []
    for i, place in places:
        end = i + sizes[place]
        if found and place - found[-1][2] > 0 and i - found[-1][1] <= place - found[-1][2] + SLACK:
            found[-1] = (found[-1][0], max(end, found[-1][1]), place)
        else:
            found.append((i, end, place))
    return tuple((start, end) for start, end, _ in found)


def _are_in(hashes: U64, known: U64) -> npt.NDArray[np.bool_]:
    """Which of some hashes are among others, which are sorted."""
    if not len(known):
        return np.zeros(len(hashes), bool)
    found: npt.NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes
    return found


def _together(places: list[tuple[int, int]], width: int) -> tuple[int, int]:
    """The most places of a field whose n-grams stand within `width` tokens of a text, and the first of the tokens where that many do."""
    counts: dict[int, int] = defaultdict(int)
    best = at = first = 0
    for i, place in places:
        counts[place] += 1
        while places[first][0] <= i - width:
            left = places[first][1]
            counts[left] -= 1
            if not counts[left]:
                del counts[left]
            first += 1
        if len(counts) > best:
            best, at = len(counts), places[first][0]
    return best, at
