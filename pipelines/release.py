"""Takes a release out of a run: data files and manifest.json, checked on the way."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from curation.errors import RunError, UserError
from pipelines.engine.account import RunTables
from pipelines.engine.progress import Reporter
from pipelines.engine.store import Store
from pipelines.launch import draw_card


def export_release(tables: RunTables, out: Path, tiers: Sequence[str] | None = None) -> dict[str, Any]:
    """Copy the release of a finished run, all tiers or some.

    Returns:
        the manifest of what was copied.

    Raises:
        UserError: the run has no release, no such tier, or `out` holds something else.
        RunError: a file differs from its digest.
    """
    tables.manifest("release")
    folder = tables.store.path(tables.stages["release"]["folder"])
    manifest: dict[str, Any] | None = Store(folder).read_json("manifest.json")
    if manifest is None:
        raise UserError(f"the last run in {tables.store.root} did not finish; run it to the end first")
    if tiers is not None:
        if unknown := set(tiers) - set(tables.tiers()):
            raise UserError(f"no tier {sorted(unknown)}; there are: {', '.join(tables.tiers())}")
        manifest = {**manifest, "files": [f for f in manifest["files"] if f["tier"] in tiers]}
    target = Store(out)
    there = target.read_json("manifest.json")
    if there != manifest and out.exists() and any(out.iterdir()):
        raise UserError(f"{out} is not empty and holds another release; choose an empty folder")
    for file in manifest["files"]:
        if target.size(file["file"]) != file["bytes"]:
            _copy(folder / file["file"], target, file)
    if there != manifest:
        target.write_json("manifest.json", manifest)
    _write_card(tables.store, out)
    return manifest


def _write_card(store: Store, out: Path) -> None:
    """The card of what was copied: with some tiers only, its manifest and so its digest differ from the run's."""
    report = store.read_json("report.json")
    if report is not None:
        draw_card(out, report, Reporter(quiet=True))


def _copy(source: Path, target: Store, file: dict[str, Any]) -> None:
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if digest != file["sha256"]:
        raise RunError(f"{source} is not what the manifest names (sha256 {digest[:12]}, not {file['sha256'][:12]})")

    def fill(sink: IO[bytes]) -> None:
        with source.open("rb") as handle:
            shutil.copyfileobj(handle, sink)

    target.write(file["file"], fill)
