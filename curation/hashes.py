"""64-bit hashes of ids and rows, for who must know millions of them by 8 bytes each. Equal in every process of one version of
polars; no identity and no order of a table is made of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]


def hashes_of(values: pa.ChunkedArray) -> Hashes:
    """The hash of each value of a column."""
    import polars as pl  # most who import this module ask for no hash, and polars takes its time

    hashes: Hashes = pl.Series(pl.from_arrow(values)).hash(0).to_numpy()
    return hashes


def row_hashes(rows: pa.Table) -> Hashes:
    """The hash of each row."""
    import polars as pl

    hashes: Hashes = pl.DataFrame(pl.from_arrow(rows)).hash_rows(0).to_numpy()
    return hashes


def distinct(parts: list[Hashes]) -> Hashes:
    """Those of several arrays, each once, ascending."""
    found: Hashes = np.unique(np.concatenate([np.zeros(0, np.uint64), *parts]))
    return found


def is_among(hashes: Hashes, ascending: Hashes) -> npt.NDArray[np.bool_]:
    """Whether each hash is one of some that ascend: these may be many, and are not sorted again as by np.isin."""
    if not len(ascending):
        return np.zeros(len(hashes), bool)
    at = np.minimum(np.searchsorted(ascending, hashes), len(ascending) - 1)
    found: npt.NDArray[np.bool_] = ascending[at] == hashes
    return found
