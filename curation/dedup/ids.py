"""The documents that edges name, by number. All others only pass by and cost nothing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from curation.dedup.rank import Ints
from curation.errors import ContractError
from curation.text.kernel import U64


class Ids:
    """Some doc_ids in ascending order, each once, and where each stands: 16 bytes each beside the id itself.

    A look-up is by a 64-bit hash and then by the id, so that part after part is asked without a table built anew for each.
    """

    def __init__(self, columns: Iterable[pa.ChunkedArray]) -> None:
        ids = pa.array([], pa.string())
        for column in columns:
            ids = pc.unique(pa.chunked_array([ids, *column.chunks], pa.string()))
        self.array: pa.Array = ids.take(pc.sort_indices(ids))
        keys = hashes(self.array)
        self._rows = np.argsort(keys, kind="stable")
        self._keys = keys[self._rows]

    def __len__(self) -> int:
        return len(self.array)

    def find(self, wanted: pa.Array | pa.ChunkedArray) -> Ints:
        """The number of each, -1 for one that is not here."""
        if isinstance(wanted, pa.ChunkedArray):
            wanted = wanted.combine_chunks()
        found = np.full(len(wanted), -1, np.int64)
        keys = hashes(wanted)
        places = np.searchsorted(self._keys, keys)
        open_ = np.arange(len(wanted))
        while True:  # more than once only where two ids have one hash
            open_ = open_[places[open_] < len(self._keys)]
            open_ = open_[self._keys[places[open_]] == keys[open_]]
            if not len(open_):
                return found
            rows = self._rows[places[open_]]
            same = pc.equal(self.array.take(pa.array(rows)), wanted.take(pa.array(open_)))
            is_it = same.to_numpy(zero_copy_only=False)
            found[open_[is_it]] = rows[is_it]
            open_ = open_[~is_it]
            places[open_] += 1

    def gather(self, tables: Iterable[pa.Table], what: str) -> pa.Table:
        """The rows of these documents, in their order, from tables with a row a document that pass by.

        Args:
            tables: with a column doc_id, which the result has not.
            what: their name, for the error.

        Raises:
            ContractError: one is missing, or there twice.
        """
        kept, numbers = [], [np.zeros(0, np.int64)]
        schema = pa.schema([])
        for table in tables:
            found = self.find(table["doc_id"])
            mine = np.flatnonzero(found >= 0)
            table = table.drop_columns(["doc_id"])
            schema = table.schema
            if len(mine):
                kept.append(table.take(pa.array(mine)))
                numbers.append(found[mine])
        which = np.concatenate(numbers)
        if len(which) != len(self) or len(np.unique(which)) != len(self):
            raise ContractError(f"deduplication: {what} does not have one row for each document that an edge names")
        rows = pa.concat_tables(kept) if kept else schema.empty_table()
        return rows.take(pa.array(np.argsort(which))).combine_chunks()


def hashes(ids: pa.Array) -> U64:
    """xxh3-64 of each."""
    return np.fromiter((xxhash.xxh3_64_intdigest(i) for i in ids.cast(pa.binary()).to_pylist()), np.uint64, len(ids))
