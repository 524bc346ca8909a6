"""What ranking and its guards need of the documents that edges name; of all others only their source is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers
from curation.dedup.ids import Ids
from curation.dedup.rank import Ranking, is_journal, rank_order
from curation.step import Inputs, Requires

METADATA = "metadata"
"""The table that says what a document is."""
READS: Requires = {
    METADATA: ("doc_id", "paper_id", "version", "date", "as_of", "is_journal"),
    "sketches": ("doc_id", "n_all_words", "alone"),
}
"""What ranking reads of documents, part by part."""


def read_ranking(inputs: Inputs, ids: Ids) -> Ranking:
    """Which of some documents is the best copy, from tables that are streamed (`READS`).

    Raises:
        ContractError: one of them is not there.
    """

    def told() -> Iterator[pa.Table]:
        for part in inputs.stream(METADATA):
            yield pa.table(
                {
                    "doc_id": part["doc_id"],
                    "is_journal": is_journal(part["paper_id"], part["is_journal"]),
                    "version": part["version"],
                    "date": part["date"],
                    "as_of": part["as_of"],
                }
            )

    metadata = ids.gather(told(), METADATA)
    sketches = ids.gather(inputs.stream("sketches"), "sketches")
    keys = {name: metadata[name] for name in ("is_journal", "version", "date", "as_of")}
    keys |= {"alone": sketches["alone"], "n_words": sketches["n_all_words"]}
    order = rank_order(pa.table({"doc_id": ids.array, **keys}))
    alone = np.asarray(sketches["alone"].to_numpy(), bool)
    return Ranking(order, numbers(pc.fill_null(sketches["n_all_words"], 0)), alone)


def read_sources(inputs: Inputs, ids: Ids) -> tuple[pa.ChunkedArray, Mapping[str | None, int]]:
    """The source of each of some documents, and how many documents each source has in all.

    Raises:
        ContractError: one of them is not there.
    """
    totals: Counter[str | None] = Counter()

    def told() -> Iterator[pa.Table]:
        for part in inputs.stream(METADATA):
            for count in part["source"].value_counts().to_pylist():
                totals[count["values"]] += count["counts"]
            yield part.select(["doc_id", "source"])

    return ids.gather(told(), METADATA)["source"], totals
