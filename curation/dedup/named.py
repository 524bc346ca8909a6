"""What ranking and its guards need of the documents that edges name; of all others only their source is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
    METADATA: ("doc_id", "paper_id", "source", "version", "date", "is_journal"),
    "sketches": ("doc_id", "n_all_words", "alone"),
}
"""What is read of documents, part by part."""


@dataclass(frozen=True)
class Named:
    """Documents by number.

    Args:
        ranking: which copy is best, over these documents.
        sources: name of each one's source.
        totals: documents of each source, all of them.
    """

    ranking: Ranking
    sources: pa.Array
    totals: Mapping[str | None, int]


def read_named(inputs: Inputs, ids: Ids) -> Named:
    """Rank and source of some documents, from tables that are streamed (`READS`).

    Raises:
        ContractError: one of them is not there.
    """
    totals: Counter[str | None] = Counter()

    def told() -> Iterator[pa.Table]:
        for part in inputs.stream(METADATA):
            for count in part["source"].value_counts().to_pylist():
                totals[count["values"]] += count["counts"]
            yield pa.table(
                {
                    "doc_id": part["doc_id"],
                    "source": part["source"].cast(pa.dictionary(pa.int32(), pa.string())),
                    "is_journal": is_journal(part["paper_id"], part["is_journal"]),
                    "version": part["version"],
                    "date": part["date"],
                }
            )

    metadata = ids.gather(told(), METADATA).unify_dictionaries()
    sketches = ids.gather(inputs.stream("sketches"), "sketches")
    keys = {name: metadata[name] for name in ("is_journal", "version", "date")}
    keys |= {"alone": sketches["alone"], "n_words": sketches["n_all_words"]}
    order = rank_order(pa.table({"doc_id": ids.array, **keys}))
    alone = np.asarray(sketches["alone"].to_numpy(), bool)
    ranking = Ranking(order, numbers(pc.fill_null(sketches["n_all_words"], 0)), alone)
    return Named(ranking, metadata["source"].cast(pa.string()).combine_chunks(), totals)
