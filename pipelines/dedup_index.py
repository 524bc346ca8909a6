"""The release index: what is needed of documents released before, so that new ones are compared with them.

A folder: `index.json` (parameters), `documents.parquet` (id, rank columns, exact key, band keys, place of the shingles),
`edges.parquet` (verified near edges) and `shingles-NNNNN.arrow`, one for each release, of which only the hashes of old
documents that meet a new one are read, and no old text is hashed again.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.arrays import numbers, to_arrow
from curation.dedup.rank import Ints
from curation.errors import UserError
from curation.parquet import write
from curation.text.kernel import U64
from pipelines.engine.store import Store

FORMAT = 1
RANKS = {"is_journal": pa.bool_(), "version": pa.int32(), "date": pa.string(), "n_words": pa.int64()}


class ShingleWriter:
    """Writes the shingle sets of one release, in the order of its file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = pa.schema([pa.field("shingles", pa.large_list(pa.uint64()))])
        self._writer = pa.ipc.new_file(str(path), self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def add(self, sets: list[U64]) -> None:
        offsets = np.cumsum([0, *map(len, sets)], dtype=np.int64)
        values = np.concatenate([np.zeros(0, np.uint64), *sets])
        column = pa.LargeListArray.from_arrays(to_arrow(offsets), to_arrow(values))
        self._writer.write_batch(pa.record_batch([column], schema=self._schema))


class ShingleReader:
    """Shingle sets of one release by row. Only the wanted bytes are read: a map would bring in what lies around them."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            mapped.madvise(mmap.MADV_RANDOM)
            self._starts, self._chunks = self._layout(mapped)

    @staticmethod
    def _layout(mapped: mmap.mmap) -> tuple[Ints, list[tuple[Ints, int]]]:
        """First row of each chunk; list offsets of each, and the place of its values in the file."""
        buffer = pa.py_buffer(mapped)
        column = pa.ipc.open_file(buffer).read_all()["shingles"]
        starts = np.cumsum([0, *map(len, column.chunks)], dtype=np.int64)
        chunks = []
        for chunk in column.chunks:
            values = chunk.values.buffers()[1]
            place = values.address - buffer.address if values is not None else 0
            chunks.append((numbers(chunk.offsets).copy(), place))
        return starts, chunks

    def get(self, row: int) -> U64:
        chunk = int(np.searchsorted(self._starts, row, side="right")) - 1
        offsets, place = self._chunks[chunk]
        at = row - int(self._starts[chunk])
        start, stop = int(offsets[at]), int(offsets[at + 1])
        return np.frombuffer(os.pread(self._file.fileno(), 8 * (stop - start), place + 8 * start), np.uint64)


@dataclass(frozen=True)
class Index:
    """An index, open for reading.

    Args:
        documents: id, exact, keys, rank columns, work_id, source, alone, part, row; sorted by id.
        edges: doc_id, mate, jaccard, containment of near edges.
        parts: files of shingles.
    """

    folder: Path
    documents: pa.Table
    edges: pa.Table
    parts: tuple[Path, ...]
    kept: dict[int, ShingleReader] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, parameters: dict[str, Any]) -> Index:
        """Open an index that was made with the same parameters.

        Raises:
            UserError: no index, or made with other parameters.
        """
        found = Store(folder).read_json("index.json")
        if found is None:
            raise UserError(f"{folder} is no index: it has no index.json; `astrocorpus dedup --index-out` writes one")
        theirs = {"format": FORMAT, **parameters}
        ours = {k: v for k, v in found.items() if k != "parts"}
        if json.loads(json.dumps(theirs)) != ours:
            changed = [k for k in theirs if ours.get(k) != json.loads(json.dumps(theirs[k]))]
            raise UserError(
                f"index {folder} was made with other parameters: {', '.join(changed)}; make it anew or use its own"
            )
        return cls(
            folder,
            pq.read_table(folder / "documents.parquet", use_threads=False),
            pq.read_table(folder / "edges.parquet", use_threads=False),
            tuple(folder / name for name in found["parts"]),
        )

    def shingles(self, part: int, row: int) -> U64:
        if part not in self.kept:
            self.kept[part] = ShingleReader(self.parts[part])
        return self.kept[part].get(row)


def write_index(
    folder: Path, parameters: dict[str, Any], documents: pa.Table, edges: pa.Table, parts: tuple[Path, ...]
) -> None:
    """Write an index; shingle files that lie elsewhere are copied into its folder. `index.json` comes last."""
    store = Store(folder)
    names = [f"shingles-{i:05d}.arrow" for i in range(len(parts))]
    for name, part in zip(names, parts, strict=True):
        if part.resolve() != (folder / name).resolve():
            shutil.copyfile(part, folder / name)
    store.write("documents.parquet", lambda sink: write(documents, sink))
    store.write("edges.parquet", lambda sink: write(edges, sink))
    store.write_json("index.json", {"format": FORMAT, **parameters, "parts": names})
