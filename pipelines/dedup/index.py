"""The release index: what is needed of documents released before, so that new ones are compared with them.

A folder. `index.json` names everything else, with sizes and digests, and the parameters: for each release `documents-N.parquet`
(id, rank columns, exact key, band keys, place of the shingles) and `shingles-N.u64`, and one `edges-N.parquet` (verified near
edges). No file is written twice: a new round adds files under new numbers, and `index.json`, replaced last, makes them
count. So a killed round changes nothing, and indexes in two folders may share files.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.arrays import numbers, to_arrow
from curation.dedup.edges import KINDS, Edges
from curation.dedup.rank import Flags, Ints, components
from curation.errors import ContractError, UserError
from curation.parquet import write
from pipelines.dedup.scan import RANKS, Scan
from pipelines.dedup.shingle_files import ShingleFile
from pipelines.engine.store import Store

FORMAT = 3
DIGESTED = ("documents", "edges")
"""Files that are read whole, so their digests are checked; of shingles, a few sets are read, so only the size is."""
_NUMBERED = re.compile(r"(?:documents|edges)-(\d+)\.parquet|shingles-(\d+)\.u64")


@dataclass(frozen=True)
class Index:
    """An index, open for reading.

    Args:
        releases: for each, `documents` and `shingles`: file, bytes, sha256.
        documents: one table a release.
        edges: doc_id, mate, jaccard, containment of near edges.
    """

    folder: Path
    releases: tuple[dict[str, dict[str, Any]], ...]
    documents: tuple[pa.Table, ...]
    edges: pa.Table

    @classmethod
    def open(cls, folder: Path, parameters: dict[str, Any]) -> Index:
        """Open an index that was made with the same parameters.

        Raises:
            UserError: no index, made with other parameters, or a file of it is not what it was.
        """
        found = Store(folder).read_json("index.json")
        if found is None:
            raise UserError(f"{folder} is no index: it has no index.json; `astrocorpus dedup --index-out` writes one")
        theirs = json.loads(json.dumps({"format": FORMAT, **parameters}))
        if changed := [k for k in theirs if found.get(k) != theirs[k]]:
            raise UserError(
                f"index {folder} was made with other parameters: {', '.join(changed)}; make it anew or use its own"
            )
        for release in found["releases"]:
            _check(folder, "shingles", release["shingles"])
        documents = tuple(_table(folder, "documents", r["documents"]) for r in found["releases"])
        return cls(folder, tuple(found["releases"]), documents, _table(folder, "edges", found["edges"]))

    def shingle_files(self) -> list[int]:
        """One file number a release; they stay open until the process ends."""
        return [os.open(self.folder / r["shingles"]["file"], os.O_RDONLY) for r in self.releases]


def _check(folder: Path, kind: str, entry: dict[str, Any]) -> bytes:
    """Content of a file of an index as `index.json` names it; of shingles, none."""
    path = folder / entry["file"]
    try:
        size = path.stat().st_size
        data = path.read_bytes() if kind in DIGESTED else b""
    except OSError as error:
        raise UserError(
            f"index {folder}: {entry['file']} cannot be read: {error.strerror}; make the index anew"
        ) from error
    if size != entry["bytes"] or (kind in DIGESTED and hashlib.sha256(data).hexdigest() != entry["sha256"]):
        raise UserError(f"index {folder}: {entry['file']} is not what index.json says it is; make the index anew")
    return data


def _table(folder: Path, kind: str, entry: dict[str, Any]) -> pa.Table:
    # read_table imports the datasets of pyarrow, and pandas with them: .25 CPU seconds
    return pq.ParquetFile(pa.BufferReader(_check(folder, kind, entry))).read(use_threads=False)


@dataclass
class Round:
    """One run of deduplication: the index that it begins with, and what it adds.

    Args:
        shingles: takes the sets of new documents.
        documents: the new release as `index_documents` gives it; set by the run, like `edges`.
        edges: all near edges, old ones too.
    """

    old: Index | None
    shingles: ShingleFile
    documents: pa.Table | None = None
    edges: pa.Table | None = None


@contextmanager
def open_round(index: Path | None, index_out: Path | None, parameters: dict[str, Any]) -> Iterator[Round]:
    """Open the old index and, at the end of the block, write the new one; nothing is written when the block raises.

    Raises:
        UserError: as `Index.open`; the folder holds another index or what is none, another run writes to it, or it cannot
            be written.
    """
    if index_out is None:
        with tempfile.TemporaryFile(buffering=1 << 20) as file:
            yield Round(_opened(index, parameters), ShingleFile(file))
        return
    _check_target(index, index_out)
    store = Store(index_out)
    with store.lock():
        number = _tidy(store)
        name = f"shingles-{number:05d}.u64"
        old = _opened(index, parameters)
        with store.writing(name) as sink:
            made = Round(old, ShingleFile(cast(IO[bytes], sink)))
            yield made
        if made.documents is None or made.edges is None:
            raise ContractError("a round ended without its documents and edges")
        if made.documents.num_rows or old is None or not index_out.samefile(old.folder):
            _commit(store, made, number, {"file": name, **asdict(sink.written)}, parameters)
        _tidy(store)


def _check_target(index: Path | None, index_out: Path) -> None:
    """Only the index that a round begins with is added to. Files without `index.json` are those of a round that was killed
    only where its lock lies beside them."""
    if not index_out.is_dir():
        return
    if (index_out / "index.json").exists():
        if index is None or not (index.is_dir() and index.samefile(index_out)):
            raise UserError(
                f"--index-out {index_out} holds another index; give it as --index too, to add to it, or choose another folder"
            )
    elif not (index_out / ".lock").exists() and (there := sorted(p.name for p in index_out.iterdir())):
        raise UserError(
            f"--index-out {index_out} is no index and not empty (it holds {there[0]}); choose another folder"
        )


def _opened(index: Path | None, parameters: dict[str, Any]) -> Index | None:
    return Index.open(index, parameters) if index is not None else None


def _commit(store: Store, made: Round, number: int, shingles: dict[str, Any], parameters: dict[str, Any]) -> None:
    """Add the files of a round and let `index.json` name them."""

    def table(kind: str, content: pa.Table) -> dict[str, Any]:
        name = f"{kind}-{number:05d}.parquet"
        return {"file": name, **asdict(store.write(name, lambda sink: write(content, sink)))}

    releases = []
    if made.old is not None:
        for i, release in enumerate(made.old.releases, number + 1):
            releases.append({kind: _shared(store, made.old.folder, kind, e, i) for kind, e in release.items()})
    if made.documents is not None and made.documents.num_rows:
        releases.append({"documents": table("documents", made.documents), "shingles": shingles})
    edges = table("edges", cast(pa.Table, made.edges))
    store.write_json("index.json", {"format": FORMAT, **parameters, "releases": releases, "edges": edges})


def _shared(store: Store, folder: Path, kind: str, entry: dict[str, Any], number: int) -> dict[str, Any]:
    """A file of an older release in the folder: itself when it is there, else linked, else copied from another disk."""
    source = folder / entry["file"]
    here = store.place.local("")
    if here is not None and here.samefile(folder):
        return entry
    name = f"{kind}-{number:05d}{source.suffix}"
    try:
        if here is None:
            raise OSError("no folder of this machine")
        (here / name).hardlink_to(source)
    except OSError:
        with source.open("rb") as file:
            store.write(name, lambda sink: shutil.copyfileobj(file, sink, 1 << 20))
    return {**entry, "file": name}


def _tidy(store: Store) -> int:
    """Remove what `index.json` does not name, temp files included; returns a number that no file has."""
    named = store.read_json("index.json") or {}
    files = {e["file"] for r in named.get("releases", ()) for e in r.values()}
    files |= {named["edges"]["file"]} if isinstance(named.get("edges"), dict) else set()
    numbers_used = [-1]
    for name in store.names(""):
        match = _NUMBERED.fullmatch(name)
        if name in files and match:
            numbers_used.append(int(match[1] or match[2]))
        elif match:
            store.remove(name)
    store.sweep()
    return max(numbers_used) + 1


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
    tables = old.documents
    ids = pa.concat_arrays([new.ids, *(t["id"].combine_chunks() for t in tables)])
    order = numbers(pc.sort_indices(ids)).astype(np.int64)
    which = to_arrow(order)
    ids = ids.take(which)
    doubled = ids[1:].filter(pc.equal(ids[1:], ids[:-1]))
    if len(doubled):
        raise UserError(
            f"id {doubled[0].as_py()!r} stands in the new file and in the index; ids must be unique. "
            "Is it a document that was released before?"
        )
    bands = new.keys.shape[1]
    alone = np.concatenate([new.alone, *(t["alone"].to_numpy() for t in tables)])[order]

    def joined(mine: pa.Array, name: str) -> pa.Array:
        return pa.concat_arrays([mine, *(t[name].combine_chunks() for t in tables)]).take(which)

    return Scan(
        ids=ids,
        row=np.concatenate([new.row, *(np.full(len(t), -1) for t in tables)])[order],
        keys=np.concatenate([new.keys, *(_fixed(t["keys"]).view(np.uint64).reshape(-1, bands) for t in tables)])[order],
        like=np.concatenate([new.like, *(numbers(t["like"]) for t in tables)])[order],
        exact=np.concatenate([new.exact, *(_fixed(t["exact"]).view("V16") for t in tables)])[order],
        ranks=pa.table(
            {"alone": to_arrow(alone), **{n: joined(new.ranks[n].combine_chunks(), n) for n in RANKS}, "doc_id": ids}
        ),
        works=joined(new.works, "work_id"),
        alone=alone,
        sources=joined(new.sources, "source"),
        part=np.concatenate([new.part, *(np.full(len(t), k) for k, t in enumerate(tables))])[order],
        place=np.concatenate([new.place, *(numbers(t["place"]) for t in tables)])[order],
        size=np.concatenate([new.size, *(numbers(t["size"]) for t in tables)])[order],
    )


def _fixed(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    """Bytes of a column of fixed width."""
    values = column.combine_chunks()
    width = values.type.byte_width
    data = np.frombuffer(values.buffers()[1] or b"", np.uint8)
    return data[values.offset * width : (values.offset + len(values)) * width]


def index_documents(scan: Scan) -> pa.Table:
    """The table `documents` of a release."""
    columns = {
        "id": scan.ids,
        "exact": _binary(scan.exact.view(np.uint8).reshape(len(scan), 16)),
        "keys": _binary(scan.keys.view(np.uint8)),
        "like": to_arrow(scan.like),
        **{n: scan.ranks[n] for n in RANKS},
        "work_id": scan.works,
        "source": scan.sources,
        "alone": to_arrow(scan.alone),
        "place": to_arrow(scan.place),
        "size": to_arrow(scan.size),
    }
    return pa.table(columns)


def _binary(rows: npt.NDArray[np.uint8]) -> pa.Array:
    kind = pa.binary(rows.shape[1])
    return pa.Array.from_buffers(kind, len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
