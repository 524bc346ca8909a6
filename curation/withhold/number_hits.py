"""The layer `numbers`: documents that say an item of a benchmark by its values, in other words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar

import pyarrow as pa

from curation.joins import Kind
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.item_hits import ItemHits, Key, cut, item_join, items_of, keys_of
from curation.withhold.number_match import Held, NumberIndex
from schemas import HITS


class NumberHits(ItemHits):
    """Finds documents that hold the values of a question, most with its answer's, near to one another, whatever is said around them.

    An item in a document is a row: `score` is the share of what the question's values tell that stands there, per mille, of the best
    stretch; `spans` are all stretches, from the first value to the last. `curation.withhold.number_match` says how much is enough.
    """

    name: ClassVar[str] = "number_hits"
    version: ClassVar[int] = 6

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        return HITS.rows(number_rows(number_index(self.benchmarks), documents["doc_id"], documents["text"]))

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What each benchmark's items with values matched in the corpus, and what was set aside of them."""
        parts, index = list(summaries), number_index(self.benchmarks)
        joins, aside = [], {}
        for name in sorted(b.name for b in self.benchmarks):
            numeric = sum(entry.benchmark == name for entry in index.entries)
            joins.append(item_join(Kind.WITHHELD_NUMBERS, name, parts, "items with values", numeric))
            aside[name] = {"common_values": index.set_aside[name], "items_of_few_values": index.few[name]}
        return {"joins": joins, "set_aside": aside}


def number_index(benchmarks: Iterable[Benchmark]) -> NumberIndex:
    """The values of the items of benchmarks, read once a process and again where a file has changed.

    Raises:
        ConfigError: a file cannot be read, or holds what is no item.
    """
    return _index(keys_of(benchmarks))


@lru_cache(maxsize=2)
def _index(keys: tuple[Key, ...]) -> NumberIndex:
    return NumberIndex(items_of(keys))


def number_rows(
    index: NumberIndex, ids: pa.Array | pa.ChunkedArray, texts: pa.Array | pa.ChunkedArray
) -> Iterator[dict[str, Any]]:
    """Rows of HITS of some texts, in their order: one for every item whose values a text holds.

    Args:
        ids: doc_id of each text.
    """
    for doc_id, text in zip(ids.to_pylist(), texts.to_pylist(), strict=True):
        by_item: dict[tuple[str, str], list[Held]] = {}
        for held in index.held(text or ""):
            by_item.setdefault((held.item.benchmark, held.item.item.item_id), []).append(held)
        for n, (_, found) in enumerate(sorted(by_item.items())):
            yield {"doc_id": doc_id, "row_id": f"numbers/{n:04d}", **_row(found, text)}


def _row(found: list[Held], text: str) -> dict[str, Any]:
    best = max(found, key=lambda held: (held.score, held.weight))
    item = best.item.item
    places = [(held.found[0].start, held.found[-1].end) for held in found]
    said = text[best.found[0].start : best.found[-1].end]
    asked = f"{item.question} ... {item.answer}" if item.answer else item.question
    return {
        "mark": best.item.benchmark,
        "layer": "numbers",
        "rule": "values",
        "evidence": f"item: {cut(asked)} | document, {len(best.found)} values of it: {cut(said)}",
        "entry": item.item_id,
        "score": best.score,
        "spans": [{"start": len(text[:start].encode()), "end": len(text[:end].encode())} for start, end in places],
    }
