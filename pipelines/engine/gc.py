"""Garbage of a run folder: old fingerprints, superseded revisions, retired parts, exchange files that are used up."""

from __future__ import annotations

from pathlib import Path

from curation.errors import UserError
from pipelines.engine.account import RunTables
from pipelines.engine.store import Store


def collect(store: Store, *, delete: bool) -> list[tuple[str, int]]:
    """List, and with `delete` remove, what no current manifest names.

    Returns:
        (path below the run folder, bytes) of each file, sorted.

    Raises:
        UserError: no run in the folder, or its last run did not finish.
    """
    tables = RunTables(store)
    if not tables.finished:
        raise UserError(f"the last run in {store.root} did not finish; run it to the end first, then collect")
    keep = {"run.json", "report.json", ".lock"}
    for name, stage in tables.stages.items():
        manifest = tables.manifest(name)
        keep |= {f"{stage['folder']}/{file}" for file in ("_manifest.json", "manifest.json")}
        for part in manifest.parts:
            keep |= {part.file, part.file.removesuffix(".parquet") + ".json", part.unit or part.file}
    with store.lock():
        found = []
        for path in sorted(p for p in store.root.rglob("*") if p.is_file()):
            name = path.relative_to(store.root).as_posix()
            if name in keep or not _ours(name):
                continue
            found.append((name, path.stat().st_size))
            if delete:
                path.unlink()
        if delete:
            _prune(store.root)
    return found


def _ours(name: str) -> bool:
    """Only files that the engine writes are garbage: what a user put beside them is left alone."""
    first, _, rest = name.partition("/")
    stem, dash, fingerprint = first.rpartition("-")
    is_stage = (
        bool(stem and dash and rest) and len(fingerprint) == 8 and all(c in "0123456789abcdef" for c in fingerprint)
    )
    return is_stage and name.endswith((".parquet", ".json"))


def _prune(root: Path) -> None:
    for folder in sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
