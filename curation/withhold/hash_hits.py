"""The text layer as an audit has it: whatever the audit of a release would find of items is found by the run that makes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.step import Inputs, Requires
from curation.withhold.hash_index import U64, Hashed, HashIndex, Match
from curation.withhold.hashed import NGRAM, fields_of, hashes_table, item_rows
from curation.withhold.item_hits import ItemHits, Key, evidence, items_of, keys_of, phrases_of, with_shown
from curation.withhold.items import Item, read_all, said_rows, told_rows
from curation.withhold.lists import METADATA
from curation.withhold.shown import shown
from curation.withhold.tokens import tokens_of
from schemas import HITS

_BATCH_BYTES = 8_000_000
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_FILTER_BITS = 22


class HashHits(ItemHits):
    """Finds what an audit finds: documents that hold a question of a benchmark word for word, with its answer or choices where it is short,
    its passage, or of one without choices its explanation or long answer (`curation.withhold.hash_index.HashIndex`, which says the thresholds).

    The title counts as the audit reads it, before the text; a hit with a part in it has no spans, so that its document is withheld. `score` is the
    share of the n-grams of the field that was found best, per mille.

    Args:
        anywhere: the parts of an item may stand anywhere in a document, for what stands between them may be masked, and then they stand
            together.
        of_pairs: the texts are those of pairs, of which an audit finds more.
    """

    name: ClassVar[str] = "hash_hits"
    version: ClassVar[int] = 5
    reads_phrases: ClassVar[bool] = True
    requires: ClassVar[Requires] = {METADATA: ("doc_id", "title"), "documents": ("doc_id", "title", "text")}

    anywhere: bool = False
    of_pairs: bool = False

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        titles = pc.coalesce(inputs[METADATA]["title"], documents["title"])
        index = _index(keys_of(self.benchmarks))
        return HITS.rows(hit_rows(index, documents["doc_id"], titles, documents["text"], self.anywhere, self.of_pairs))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """By benchmark the documents that an audit would find."""
        rows = zip(*(made[HITS.name][name].to_pylist() for name in ("mark", "doc_id")), strict=True)
        found = {b.name: set[str]() for b in self.benchmarks}
        for mark, doc_id in rows:
            found[mark].add(doc_id)
        return {"audit_would_find": {name: len(ids) for name, ids in sorted(found.items())}}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The same of the corpus, and which rows of the files of items are no items of their own."""
        told = {b.name: told_rows(read_all(b.items, b.adapter)[1]) for b in self.benchmarks if b.adapter is not None}
        rows = {name: files for name, files in sorted(told.items()) if files}
        warnings = [f"benchmark {name!r}, {said}" for name, files in rows.items() for said in said_rows(files)]
        return {**super().fold(summaries), **({"rows_that_are_no_items": rows} if rows else {}), "warnings": warnings}


class ItemHashes:
    """Items of benchmarks as an audit has them, and what tells quickly which texts are worth hashing.

    Args:
        items: by benchmark.
        phrases: by benchmark, those that many texts share.
    """

    def __init__(self, items: Mapping[str, Sequence[Item]], phrases: Mapping[str, U64]) -> None:
        self.items = {(name, item.item_id): item for name, mine in items.items() for item in mine}
        self.index = HashIndex(
            hashes_table(row for (name, _), item in self.items.items() for row in item_rows(name, item, phrases[name]))
        )
        self._owners: dict[int, list[tuple[int, int]]] = {}
        for number, heads in enumerate(self._heads_of_fields()):
            for place, head in heads:
                self._owners.setdefault(head, []).append((number, place))
        self._heads = np.sort(np.fromiter(self._owners, np.uint64, len(self._owners)))
        self._filter = np.zeros(1 << _FILTER_BITS, bool)
        self._filter[_slots(self._heads)] = True

    def _heads_of_fields(self) -> Iterator[list[tuple[int, int]]]:
        """Of each field of the index (place, head) of its n-grams."""
        fields = self.index.fields
        texts = [fields_of(self.items[one.benchmark, one.entry])[one.part] or "" for one in fields]
        made = tokens_of(pa.array(texts, pa.large_string()))
        heads = _heads(made.hashes)
        for one, first in zip(fields, made.bounds[:-1].tolist(), strict=True):
            yield [(place, int(heads[first + place])) for place, _, _ in one.grams]

    def candidates(self, texts: pa.Array) -> list[int]:
        """Which of some texts may hold an item: n-grams are compared by their first `NGRAM` tokens, and by a cheap hash."""
        if not len(self._heads):
            return []
        made = tokens_of(texts)
        heads = _heads(made.hashes)
        at = np.flatnonzero(self._filter[_slots(heads)])
        near = np.minimum(np.searchsorted(self._heads, heads[at]), len(self._heads) - 1)
        at = at[self._heads[near] == heads[at]]
        text = np.searchsorted(made.bounds, at, side="right") - 1
        places: dict[tuple[int, int], set[int]] = {}
        for number, head in set(zip(text.tolist(), heads[at].tolist(), strict=True)):
            for one, place in self._owners[head]:
                places.setdefault((number, one), set()).add(place)
        fields = self.index.fields
        return sorted({number for (number, one), there in places.items() if len(there) >= fields[one].needed()})


def _heads(hashes: U64) -> U64:
    """Of each token a hash of it and the following ones, `NGRAM` together."""
    n = len(hashes) - NGRAM + 1
    made = np.zeros(max(n, 0), np.uint64)
    for k in range(NGRAM if n > 0 else 0):
        made = (made ^ hashes[k : k + n]) * _ODD
    return made


def _slots(heads: U64) -> npt.NDArray[np.uint64]:
    return heads >> np.uint64(64 - _FILTER_BITS)


@lru_cache(maxsize=2)
def _index(keys: tuple[Key, ...]) -> ItemHashes:
    return ItemHashes(items_of(keys), phrases_of(keys))


def hit_rows(
    index: ItemHashes,
    ids: pa.ChunkedArray,
    titles: pa.ChunkedArray,
    texts: pa.ChunkedArray,
    anywhere: bool = False,
    of_pairs: bool = False,
) -> Iterator[dict[str, Any]]:
    """Rows of HITS of some documents, in their order: one for every item that a document holds, as it stands or as a reader sees it."""
    names = ids.to_pylist()
    for lo, hi in _batches(texts):
        body = texts.slice(lo, hi - lo).combine_chunks().fill_null("")
        title = titles.slice(lo, hi - lo).combine_chunks().cast(body.type)
        said = pc.binary_join_element_wise(title, body, pa.scalar("\n\n", body.type), null_handling="skip")
        before = pc.subtract(pc.binary_length(said), pc.binary_length(body))
        may_hold = set(index.candidates(said))
        for k, (text, first) in enumerate(zip(said.to_pylist(), before.to_pylist(), strict=True)):
            rows = list(_of_text(index, text, anywhere, of_pairs)) if k in may_hold else []
            made = shown(text)
            if made and index.candidates(pa.array([made.text], pa.large_string())):
                rows = with_shown(rows, _of_text(index, made.text, anywhere, of_pairs), made)
            for n, row in enumerate(rows):
                yield {"doc_id": names[lo + k], "row_id": f"hash/{n:04d}", **row, "spans": _behind(first, row["spans"])}


def _batches(texts: pa.ChunkedArray) -> Iterator[tuple[int, int]]:
    """Rows, so many that their texts are about `_BATCH_BYTES`."""
    ends = np.cumsum(numbers(pc.fill_null(pc.binary_length(texts), 0)).astype(np.int64))
    lo = 0
    while lo < len(ends):
        hi = max(lo + 1, int(np.searchsorted(ends, _BATCH_BYTES + (ends[lo - 1] if lo else 0), side="right")))
        yield lo, hi
        lo = hi


def _behind(first: int, spans: Sequence[Mapping[str, int]]) -> list[dict[str, int]] | None:
    """Spans of a text behind its title, which has so many bytes; None where one lies in that."""
    if spans[0]["start"] < first:
        return None
    return [{"start": span["start"] - first, "end": span["end"] - first} for span in spans]


def _of_text(index: ItemHashes, said: str, anywhere: bool, of_pairs: bool) -> Iterator[dict[str, Any]]:
    """Rows of a document's title and text, in the bytes of both."""
    text = Hashed(said)
    found: dict[tuple[str, str], list[Match]] = {}
    for match in index.index.by_fields(text, anywhere, of_pairs):
        if match.found:
            found.setdefault((match.benchmark, match.entry), []).append(match)
    for key in sorted(found):
        best = max(found[key], key=lambda match: (match.score, match.rule))
        spans = _bytes(text, (span for match in found[key] for span in match.spans))
        words = " ... ".join(said.encode()[a:b].decode() for a, b in _bytes(text, best.spans))
        yield {
            "mark": best.benchmark,
            "layer": best.layer,
            "rule": best.rule,
            "evidence": evidence(index.items[key], best.rule, words),
            "entry": best.entry,
            "score": best.score,
            "spans": [{"start": start, "end": end} for start, end in spans],
        }


def _bytes(text: Hashed, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Bytes of some tokens, in order, stretches that touch as one."""
    made: list[tuple[int, int]] = []
    for first, end in sorted(spans):
        a, b = int(text.tokens.starts[first]), int(text.tokens.ends[end - 1])
        if made and a <= made[-1][1]:
            made[-1] = (made[-1][0], max(b, made[-1][1]))
        else:
            made.append((a, b))
    return made
