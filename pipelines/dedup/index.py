"""The release index: what is needed of documents released before, so that new ones are compared with them.

A folder, or a prefix of a bucket. `index.json` names everything else, with sizes and digests, and the parameters: for each release `documents-N.parquet`
(id, rank columns, exact key, band keys, place of the shingles) and `shingles-N.u64`, and one `edges-N.parquet` (verified near
edges). No file is written twice: a new round adds files under new numbers, and `index.json`, replaced last, makes them
count. So a killed round changes nothing, one that was taken over stops, and indexes in two folders may share files (in buckets they
are copied).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import ContractError, UserError
from curation.parquet import write
from curation.place import Place, open_place
from pipelines.dedup.shingle_files import ShingleFile
from pipelines.engine.store import LOCK, Store
from schemas.files import Sink, Written

Address = str | os.PathLike[str]
FORMAT = 3
DIGESTED = ("documents", "edges")
"""Files that are read whole, so their digests are checked; of shingles, a few sets are read, so only the size is."""
_NUMBERED = re.compile(r"(?:documents|edges)-(\d+)\.parquet|shingles-(\d+)\.u64")


@dataclass(frozen=True)
class Index:
    """An index, open for reading.

    Args:
        place: where it lies.
        releases: for each, `documents` and `shingles`: file, bytes, sha256.
        documents: one table a release.
        edges: doc_id, mate, jaccard, containment of near edges.
    """

    place: Place
    releases: tuple[dict[str, dict[str, Any]], ...]
    documents: tuple[pa.Table, ...]
    edges: pa.Table

    @classmethod
    def open(cls, place: Place, parameters: dict[str, Any]) -> Index:
        """Open an index that was made with the same parameters.

        Raises:
            UserError: no index, made with other parameters, or a file of it is not what it was.
            PlaceError: it cannot be reached.
        """
        found = Store(place).read_json("index.json")
        if found is None:
            raise UserError(
                f"{place.uri} is no index: it has no index.json; `astrocorpus dedup --index-out` writes one"
            )
        theirs = json.loads(json.dumps({"format": FORMAT, **parameters}))
        if changed := [k for k in theirs if found.get(k) != theirs[k]]:
            raise UserError(
                f"index {place.uri} was made with other parameters: {', '.join(changed)}; make it anew or use its own"
            )
        for release in found["releases"]:
            _check(place, "shingles", release["shingles"])
        documents = tuple(_table(place, "documents", r["documents"]) for r in found["releases"])
        return cls(place, tuple(found["releases"]), documents, _table(place, "edges", found["edges"]))


def _check(place: Place, kind: str, entry: dict[str, Any]) -> bytes:
    """Content of a file of an index as `index.json` names it; of shingles, none."""
    name = entry["file"]
    size = place.size(name)
    try:
        data = place.read(name) if kind in DIGESTED and size is not None else b""
    except OSError as error:
        raise UserError(f"index {place.uri}: {name} cannot be read: {error.strerror}; make the index anew") from error
    if size is None:
        raise UserError(f"index {place.uri}: {name} is gone; make the index anew")
    if size != entry["bytes"] or (kind in DIGESTED and hashlib.sha256(data).hexdigest() != entry["sha256"]):
        raise UserError(f"index {place.uri}: {name} is not what index.json says it is; make the index anew")
    return data


def _table(place: Place, kind: str, entry: dict[str, Any]) -> pa.Table:
    # read_table imports the datasets of pyarrow, and pandas with them: .25 CPU seconds
    return pq.ParquetFile(pa.BufferReader(_check(place, kind, entry))).read(use_threads=False)


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
def open_round(index: Address | None, index_out: Address | None, parameters: dict[str, Any]) -> Iterator[Round]:
    """Open the old index and, at the end of the block, write the new one; nothing is written when the block raises.

    Raises:
        UserError: as `Index.open`; the place holds another index or what is none, another run writes to it, or it cannot
            be written.
        PlaceError: a place cannot be reached.
    """
    there = None if index is None else open_place(index)
    if index_out is None:
        with tempfile.TemporaryFile(buffering=1 << 20) as file:
            yield Round(_opened(there, parameters), ShingleFile(file))
        return
    store = Store(open_place(index_out))
    _check_target(there, store.place)
    with store.lock():
        store.note("index.json")
        number = _tidy(store)
        name = f"shingles-{number:05d}.u64"
        old = _opened(there, parameters)
        with _shingles(store, name) as sink:
            made = Round(old, ShingleFile(cast(IO[bytes], sink)))
            yield made
        if made.documents is None or made.edges is None:
            raise ContractError("a round ended without its documents and edges")
        if made.documents.num_rows or old is None or not _is_same(old.place, store.place):
            _commit(store, made, number, {"file": name, **asdict(sink.written)}, parameters)
        _tidy(store)


@contextmanager
def _shingles(store: Store, name: str) -> Iterator[Sink]:
    """A sink for a file that can be read while it grows: where the store is no folder of this machine, a temporary file, which
    is sent there at the end of the block."""
    if store.place.local("") is not None:
        with store.writing(name) as sink:
            yield sink
        return
    with tempfile.TemporaryFile(buffering=1 << 20) as file:
        yield Sink(file)
        file.seek(0)
        _add(store, name, lambda sink: shutil.copyfileobj(file, sink, 1 << 20))


def _add(store: Store, name: str, fill: Callable[[IO[bytes]], None]) -> Written:
    """Write a file that nobody wrote before. Raises RunError where somebody did, who took the folder over."""
    if (written := store.add(name, fill)) is None:
        raise store.foreign(name)
    return written


def _is_same(one: Place, other: Place) -> bool:
    here, there = one.local(""), other.local("")
    if here is None or there is None:
        return one.uri == other.uri
    return here.is_dir() and there.is_dir() and here.samefile(there)


def _check_target(index: Place | None, out: Place) -> None:
    """Only the index that a round begins with is added to. Files without `index.json` are those of a round that was killed
    only where its lock lies beside them."""
    if out.size("index.json") is not None:
        if index is None or not _is_same(index, out):
            raise UserError(
                f"--index-out {out.uri} holds another index; give it as --index too, to add to it, or choose another folder"
            )
    elif out.size(LOCK) is None:
        found = out.children()
        if there := sorted([*(file.name for file in found.files), *found.folders]):
            raise UserError(
                f"--index-out {out.uri} is no index and not empty (it holds {there[0]}); choose another folder"
            )


def _opened(index: Place | None, parameters: dict[str, Any]) -> Index | None:
    return Index.open(index, parameters) if index is not None else None


def _commit(store: Store, made: Round, number: int, shingles: dict[str, Any], parameters: dict[str, Any]) -> None:
    """Add the files of a round and let `index.json` name them."""

    def table(kind: str, content: pa.Table) -> dict[str, Any]:
        name = f"{kind}-{number:05d}.parquet"
        return {"file": name, **asdict(_add(store, name, lambda sink: write(content, sink)))}

    releases = []
    if made.old is not None:
        for i, release in enumerate(made.old.releases, number + 1):
            releases.append({kind: _shared(store, made.old.place, kind, e, i) for kind, e in release.items()})
    if made.documents is not None and made.documents.num_rows:
        releases.append({"documents": table("documents", made.documents), "shingles": shingles})
    edges = table("edges", cast(pa.Table, made.edges))
    store.update_json("index.json", {"format": FORMAT, **parameters, "releases": releases, "edges": edges})


def _shared(store: Store, place: Place, kind: str, entry: dict[str, Any], number: int) -> dict[str, Any]:
    """A file of an older release in the new index: itself when it is there, else linked, else copied.

    Raises:
        UserError: the copy is not what `index.json` says it is; what `Index.open` saw of it was.
    """
    if _is_same(place, store.place):
        return entry
    name = f"{kind}-{number:05d}{PurePosixPath(entry['file']).suffix}"
    source, here = place.local(entry["file"]), store.place.local(name)
    if source is not None and here is not None:
        with suppress(OSError):  # another disk
            here.hardlink_to(source)
            return {**entry, "file": name}
    with place.stream(entry["file"]) as file:
        written = _add(store, name, lambda sink: shutil.copyfileobj(file, sink, 1 << 20))
    if written.sha256 != entry["sha256"]:
        raise UserError(f"index {place.uri}: {entry['file']} is not what index.json says it is; make the index anew")
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
