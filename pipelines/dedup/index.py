"""The release index: what is needed of documents released before, so that new ones are compared with them.

A folder: `index.json` (parameters), `documents.parquet` (id, rank columns, exact key, band keys, place of the shingles),
`edges.parquet` (verified near edges) and `shingles-NNNNN.arrow`, one for each release, of which only the hashes of old
documents that meet a new one are read, and no old text is hashed again.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.arrays import numbers, to_arrow
from curation.dedup.bands import Flags
from curation.dedup.clusters import KINDS, Edges
from curation.dedup.rank import Ints, components
from curation.errors import UserError
from curation.parquet import write
from curation.text.kernel import U64
from pipelines.dedup.scan import Scan
from pipelines.dedup.shingle_files import ShingleReader
from pipelines.engine.store import Store

FORMAT = 1
RANKS = {"is_journal": pa.bool_(), "version": pa.int32(), "date": pa.string(), "n_words": pa.int64()}


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
    """Write an index; shingle files of earlier releases are linked into its folder, or copied from another disk.

    They never change, so two indexes can share one. `index.json` comes last.
    """
    store = Store(folder)
    names = [f"shingles-{i:05d}.arrow" for i in range(len(parts))]
    for name, part in zip(names, parts, strict=True):
        if part.resolve() != (folder / name).resolve():
            _share(part, folder / name)
    store.write("documents.parquet", lambda sink: write(documents, sink))
    store.write("edges.parquet", lambda sink: write(edges, sink))
    store.write_json("index.json", {"format": FORMAT, **parameters, "parts": names})


def _share(part: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(part)
    except OSError:
        shutil.copyfile(part, target)


def meets_new(n: int, a: Ints, b: Ints, first: Ints, is_new: Flags) -> Flags:
    """Documents in a group of candidates that a new document, or a copy of one, is in."""
    labels = components(n, a, b)
    marked = np.zeros(n, bool)
    marked[first[is_new]] = True
    hit = np.zeros(int(labels.max(initial=-1)) + 1, bool)
    hit[labels[marked]] = True
    return hit[labels]


def old_edges(old: Index, ids: pa.Array, again: Flags) -> Edges:
    """Near edges of the index between documents that need no new comparison."""
    a, b = (
        numbers(pc.index_in(old.edges[c].combine_chunks(), value_set=ids)).astype(np.int64) for c in ("doc_id", "mate")
    )
    stay = ~again[a]
    measures = [numbers(old.edges[c]).astype(np.float32)[stay] for c in ("jaccard", "containment")]
    return Edges(a[stay], b[stay], np.full(int(stay.sum()), KINDS.index("near"), np.int8), *measures)


def with_old(new: Scan, old: Index) -> Scan:
    """One scan of the documents of an index and the new ones.

    Raises:
        UserError: an id stands in both.
    """
    table = old.documents
    ids = pa.concat_arrays([new.ids, table["id"].combine_chunks()])
    both = pc.index_in(new.ids, value_set=table["id"].combine_chunks()).drop_null()
    if len(both):
        raise UserError(
            f"id {table['id'][both[0].as_py()].as_py()!r} stands in the new file and in the index; ids must be unique"
        )
    order = numbers(pc.sort_indices(ids)).astype(np.int64)
    which = to_arrow(order)
    ids = ids.take(which)
    ranks = {}
    for name, kind in RANKS.items():
        mine = (
            new.ranks[name].cast(kind)
            if name in new.ranks.column_names
            else pa.chunked_array([pa.nulls(len(new), kind)])
        )
        ranks[name] = pa.chunked_array([*mine.chunks, *table[name].chunks]).combine_chunks().take(which)
    keys = np.frombuffer(b"".join(table["keys"].to_pylist()), np.uint64).reshape(len(table), -1)
    exact = np.frombuffer(b"".join(table["exact"].to_pylist()), "V16")
    return Scan(
        ids=ids,
        row=np.concatenate([new.row, numbers(table["row"])])[order],
        keys=np.concatenate([new.keys, keys])[order],
        exact=np.concatenate([new.exact, exact])[order],
        ranks=pa.table({**ranks, "doc_id": ids}),
        works=pa.concat_arrays([new.works, table["work_id"].combine_chunks()]).take(which),
        alone=np.concatenate([new.alone, table["alone"].to_numpy()])[order],
        sources=pa.concat_arrays([new.sources, table["source"].combine_chunks()]).take(which),
        part=np.concatenate([new.part, numbers(table["part"])])[order],
    )


def index_documents(scan: Scan) -> pa.Table:
    """The table `documents` of an index."""
    nothing = pa.nulls(len(scan))
    ranks = {n: scan.ranks[n] if n in scan.ranks.column_names else nothing.cast(k) for n, k in RANKS.items()}
    keys = pa.Array.from_buffers(
        pa.binary(scan.keys.shape[1] * 8), len(scan), [None, pa.py_buffer(np.ascontiguousarray(scan.keys))]
    )
    exact = pa.Array.from_buffers(pa.binary(16), len(scan), [None, pa.py_buffer(scan.exact.tobytes())])
    columns = {"id": scan.ids, "exact": exact, "keys": keys, **ranks, "work_id": scan.works, "source": scan.sources}
    return pa.table({**columns, "alone": to_arrow(scan.alone), "part": to_arrow(scan.part), "row": to_arrow(scan.row)})
