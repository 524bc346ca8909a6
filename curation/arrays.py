"""NumPy arrays as Arrow arrays, without pandas.

`pyarrow.array` imports pandas to look at an ndarray, when pandas is installed: .24 CPU seconds at the start of every process.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def to_arrow(values: npt.NDArray[Any], null: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Numbers or booleans as an Arrow array; null where `null` is true. Numbers are not copied."""
    values = np.ascontiguousarray(values)
    known = pa.py_buffer(np.packbits(~null, bitorder="little")) if null is not None else None
    if values.dtype == np.bool_:
        return pa.Array.from_buffers(
            pa.bool_(), len(values), [known, pa.py_buffer(np.packbits(values, bitorder="little"))]
        )
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [known, pa.py_buffer(values)])


def names(values: tuple[str, ...]) -> pa.Array:
    """A few names as an Arrow string array; its last element is null, for "none of them"."""
    data = [v.encode() for v in values]
    offsets = np.cumsum([0, *map(len, data), 0], dtype=np.int32)
    known = np.packbits(np.r_[np.ones(len(values), bool), False], bitorder="little")
    return pa.Array.from_buffers(
        pa.string(), len(values) + 1, [pa.py_buffer(x) for x in (known, offsets, b"".join(data))]
    )


def numbers(values: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """An Arrow array of integers or floats without nulls as NumPy, not copied."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if len(values) == 0:
        return np.zeros(0, values.type.to_pandas_dtype())
    kind = np.dtype(values.type.to_pandas_dtype())
    return np.frombuffer(values.buffers()[1], kind)[values.offset : values.offset + len(values)]


def codes(values: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """Of a dictionary column a number for each row, the same for equal values, -1 for null."""
    one = values.unify_dictionaries().combine_chunks()
    found: npt.NDArray[np.int32] = numbers(pc.fill_null(one.indices, -1))
    return found
