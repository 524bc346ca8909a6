"""Garbage of a run folder: folders of old fingerprints, and in current ones superseded revisions and retired parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from curation.errors import UserError
from pipelines.engine.receipt import MANIFEST, Manifest
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store

_STAGE = re.compile(r"(?:split-)?\w+-[0-9a-f]{8}")
_BESIDE = re.compile(r"(?:cut|also)-\w+|merged")
"""What a stage keeps in its own folder, each with a manifest."""
_SHELF = re.compile(r"shelf-\d+")
_PART = re.compile(r"(?:part|shard|unit)-\d+(?:\.r\d+)?\.(?:parquet|arrow|json)")


def collect(store: Store, *, delete: bool) -> list[tuple[str, int]]:
    """List, and with `delete` remove, what no current manifest names.

    A folder that run.json names keeps all but its superseded revisions and retired parts: cards, reviews, audits and
    whatever people put there stay. A stage folder that it does not name goes as a whole.

    Returns:
        (path below the run folder, bytes) of each file, sorted.

    Raises:
        UserError: no run in the folder, or its last run did not finish.
    """
    RunTables(store)  # a lock is a file: none is left in a folder that holds no run
    with store.lock():  # no run may begin between the reading of run.json and the end
        tables = RunTables(store)
        if not tables.finished:
            raise UserError(f"the last run in {store.uri} did not finish; run it to the end first, then collect")
        named = {folder for stage in tables.stages.values() for folder in (stage["folder"], *stage["folders"])}
        gone = [f for f in store.folders() if f not in named and is_stage(store, f)]
        gone += [inner for folder in sorted(named) for inner in _unused(store, folder, named)]
        found = [(file.name, file.size) for folder in gone for file in store.place.list(f"{folder}/")]
        for folder in sorted(named):
            found += _stale(store, folder)
        if delete:
            for name, _ in found:
                store.remove(name)
            for folder in gone:
                store.remove_folder(folder)
    return sorted(found)


def is_stage(store: Store, folder: str) -> bool:
    """Only what the engine made is garbage: a folder of another name, or without a part in it, is somebody's own."""
    if not _STAGE.fullmatch(folder):
        return False
    return any(_PART.fullmatch(file.name.rpartition("/")[2]) for file in store.place.list(f"{folder}/"))


def _unused(store: Store, folder: str, named: Set[str]) -> Iterator[str]:
    """Folders in a current one that the engine made and no longer uses: cuts, splits and merged partitions that no stage names,
    and shelves that no part has."""
    manifest = store.read_as(f"{folder}/{MANIFEST}", Manifest.from_json)
    shelves = {name for part in manifest.parts for name in part.beside} if manifest is not None else set()
    for name in store.folders(folder):
        inner = f"{folder}/{name}"
        if _BESIDE.fullmatch(name):
            unused = inner not in named and store.exists(f"{inner}/{MANIFEST}")
        else:
            unused = bool(_SHELF.fullmatch(name)) and manifest is not None and name not in shelves
        if unused:
            yield inner


def _stale(store: Store, folder: str) -> Iterator[tuple[str, int]]:
    """Files, and their bytes, of a current folder that belong to a revision or part which its manifest no longer names, or never did, those
    of side tables and the shards of tiers among them. What else lies deeper are folders with a manifest of their own."""
    manifest = store.read_as(f"{folder}/{MANIFEST}", Manifest.from_json)
    if manifest is None:
        return
    kept = {file for part in manifest.parts for file, _ in part.files()}
    kept |= {f"{part.target}.json" for part in manifest.parts}
    kept |= {part.unit for part in manifest.parts if part.unit is not None}
    inside = {file.rpartition("/")[0] for part in manifest.parts for file, _ in part.files()}
    for place in sorted({folder, *inside}):
        for name, size in store.sizes(place).items():
            if _PART.fullmatch(name.rpartition("/")[2]) and name not in kept:
                yield name, size
