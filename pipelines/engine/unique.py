"""Ids that occur twice in a run, found by sorted 64-bit hashes: 16 bytes a row at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from curation.hashes import hashes_of, is_among
from pipelines.engine.made import PartFile
from pipelines.engine.store import Store


def doubled_ids(store: Store, files: Sequence[PartFile], column: str) -> list[str]:
    """Values of a string column that occur more than once in some files, sorted. Only where hashes meet are ids kept."""
    found = [hashes_of(store.read_table(file.file, [column])[column]) for file in files]
    hashes = np.concatenate([*found, np.zeros(0, np.uint64)])
    del found
    hashes.sort()
    twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not len(twice):
        return []
    counts: Counter[str] = Counter()
    for file in files:
        ids = store.read_table(file.file, [column])[column]
        counts.update(ids.filter(pa.array(is_among(hashes_of(ids), twice))).to_pylist())
    return sorted(name for name, count in counts.items() if count > 1)
