"""Takes a release out of a run: data files and manifest.json, checked on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from curation.errors import RunError, UserError
from curation.release.licences import check_public
from curation.release.published import CARD_FILES
from pipelines.cards import draw_card
from pipelines.engine.progress import Reporter
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import TEMP_PREFIX, Store
from schemas import Tier
from schemas.manifest import MANIFEST_NAME, ManifestError, read_manifest, sha256_of

PIECE_BYTES = 2**20


def export_release(
    tables: RunTables, out: Path, tiers: Sequence[str] | None = None, tokenizer: Path | None = None
) -> dict[str, Any]:
    """Copy the release of a finished run, all tiers or some, and draw its card. A copy that was cut off goes on.

    Returns:
        the manifest of what was copied.

    Raises:
        UserError: the run has no release, no such tier, nothing to release, a row in tier public that may not be passed on,
            or `out` holds something else.
        RunError: a file differs from its digest, or cannot be written.
    """
    tables.manifest("release")
    name = tables.stages["release"]["folder"]
    folder = tables.store.path(name)
    manifest: dict[str, Any] | None = Store(folder).read_json(MANIFEST_NAME)
    report: dict[str, Any] | None = tables.store.read_json("report.json")
    if manifest is None or report is None or report["release"] != name:
        raise UserError(f"the last run in {tables.store.root} did not finish; run it to the end first")
    if tiers is not None:
        if unknown := set(tiers) - set(tables.tiers()):
            raise UserError(f"no tier {', '.join(sorted(unknown))}; there are: {', '.join(tables.tiers())}")
        licences = {tier: words for tier, words in manifest.get("licences", {}).items() if tier in tiers}
        files = [f for f in manifest["files"] if f["tier"] in tiers]
        manifest = {**manifest, "licences": licences, "files": files}
    if not any(f["rows"] for f in manifest["files"]):
        raise UserError(f"{tables.store.root} released no document in tier {', '.join(tiers or tables.tiers())}")
    if tiers is None or Tier.PUBLIC in tiers:
        try:
            check_public(read_manifest(folder))
        except (ManifestError, OSError) as error:
            raise RunError(f"{error}; run again, what is damaged is made anew") from error
    target = Store(out)
    there = _check_target(target, manifest)
    for file in manifest["files"]:
        if not _is_whole(target.path(file["file"]), file):
            _copy(folder / file["file"], target, file)
    if there != manifest:
        target.write_json(MANIFEST_NAME, manifest)
    draw_card(out, report, Reporter(quiet=True), tokenizer, tiers, counted_in=folder)
    return manifest


def _check_target(target: Store, manifest: dict[str, Any]) -> Any:
    """The manifest that the folder has, after what an interrupted copy left of temporary files was removed.

    Raises:
        UserError: it is no folder, or holds anything but this release or a part of it.
    """
    if target.root.exists() and not target.root.is_dir():
        raise UserError(f"{target.root} is a file; --out names a folder")
    there = target.read_json(MANIFEST_NAME)
    files = {f["file"] for f in manifest["files"]}
    left = (p.relative_to(target.root) for p in target.root.rglob("*") if p.is_file())
    strange = [p for p in left if str(p) not in files and not _is_leftover(p.name)]
    if there != manifest and (there is not None or strange):
        what = "another release" if there is not None else f"something else ({min(strange)})"
        raise UserError(f"{target.root} is not empty and holds {what}; choose an empty folder, or empty this one first")
    target.sweep()
    return there


def _is_leftover(name: str) -> bool:
    """Whether a file may be what a copy that was cut off left: a card, or a file under a temporary name."""
    return name in CARD_FILES or name.startswith(TEMP_PREFIX) or name.endswith(".tmp")


def _is_whole(path: Path, file: dict[str, Any]) -> bool:
    return path.is_file() and path.stat().st_size == file["bytes"] and sha256_of(path) == file["sha256"]


def _copy(source: Path, target: Store, file: dict[str, Any]) -> None:
    """Copy a data file; it appears under its name only when its digest is that of the manifest."""

    def fill(sink: IO[bytes]) -> None:
        digest = hashlib.sha256()
        with source.open("rb") as handle:
            while piece := handle.read(PIECE_BYTES):
                digest.update(piece)
                sink.write(piece)
        if (found := digest.hexdigest()) != file["sha256"]:
            raise RunError(f"{source} is not what the manifest names (sha256 {found[:12]}, not {file['sha256'][:12]})")

    target.write(file["file"], fill)
