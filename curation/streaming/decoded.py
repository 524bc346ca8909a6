"""A decoded row group whose rows are taken in any order: as Python values one by one, or as Arrow rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curation.arrays import to_arrow

Sample: TypeAlias = dict[str, Any]
Take: TypeAlias = Callable[[NDArray[np.intp]], Iterator[Any]]
_OFFSETS = {pa.string(): np.int32, pa.large_string(): np.int64}


class Decoded:
    """A table whose columns are one chunk each, and the order of its rows in the line.

    Text is cut out of the column's own buffer, a value when it is asked for: `take` would copy it first, `to_pylist` makes a
    scalar of each value, and texts that are made ahead pass through fresh memory.
    """

    def __init__(self, table: pa.Table, order: NDArray[np.intp]) -> None:
        self.table, self.order = table, order
        self._takers = [_taker(column) for column in table.columns]

    @property
    def nbytes(self) -> int:
        return int(self.table.get_total_buffer_size()) + self.order.nbytes

    def samples(self, columns: Sequence[str], rows: NDArray[np.intp]) -> Iterator[Sample]:
        """Some rows, each a dict made when it is asked for."""
        values = zip(*(take(rows) for take in self._takers), strict=True)
        return map(dict, map(zip, repeat(columns), values))

    def arrow(self, rows: NDArray[np.intp]) -> pa.Table:
        """Some rows."""
        return self.table.take(to_arrow(rows))


def _taker(column: pa.ChunkedArray) -> Take:
    chunk = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    width = _OFFSETS.get(chunk.type)
    if width is None or chunk.null_count:
        return lambda rows: (chunk[row].as_py() for row in rows.tolist())
    _, offsets, data = chunk.buffers()
    ends = np.frombuffer(offsets, width)[chunk.offset : chunk.offset + len(chunk) + 1]
    text = memoryview(data if data is not None else b"")

    def take(rows: NDArray[np.intp]) -> Iterator[str]:
        cut = map(text.__getitem__, map(slice, ends[rows].tolist(), ends[rows + 1].tolist()))
        return map(str, cut, repeat("utf-8"))

    return take
