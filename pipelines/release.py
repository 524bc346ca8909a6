"""Takes a release out of a run: data files and manifest.json, checked on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curation.errors import RunError, UserError
from curation.place.base import ABANDONED_S
from curation.release.licences import check_public
from curation.release.published import CARD_FILES
from pipelines.cards import draw_card
from pipelines.engine.progress import Reporter
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store
from schemas import Tier
from schemas.files import digest_of
from schemas.manifest import MANIFEST_NAME, ManifestError, read_manifest

PIECE_BYTES = 2**20


def export_release(
    tables: RunTables, target: Store, tiers: Sequence[str] | None = None, tokenizer: Path | None = None
) -> dict[str, Any]:
    """Copy the release of a finished run, all tiers or some, and draw its card. A copy that was cut off goes on.

    Returns:
        the manifest of what was copied.

    Raises:
        UserError: the run has no release, no such tier, nothing to release, a row in tier public that may not be passed on,
            or `target` holds something else.
        RunError: a file differs from its digest, or cannot be written.
    """
    tables.manifest("release")
    name = tables.stages["release"]["folder"]
    release = Store(tables.store.below(name))
    manifest: dict[str, Any] | None = release.read_json(MANIFEST_NAME)
    report: dict[str, Any] | None = tables.store.read_json("report.json")
    if manifest is None or report is None or report["release"] != name:
        raise UserError(f"the last run in {tables.store.uri} did not finish; run it to the end first")
    if tiers is not None:
        if unknown := set(tiers) - set(tables.tiers()):
            raise UserError(f"no tier {', '.join(sorted(unknown))}; there are: {', '.join(tables.tiers())}")
        licences = {tier: words for tier, words in manifest.get("licences", {}).items() if tier in tiers}
        files = [f for f in manifest["files"] if f["tier"] in tiers]
        manifest = {**manifest, "licences": licences, "files": files}
    if not any(f["rows"] for f in manifest["files"]):
        raise UserError(f"{tables.store.uri} released no document in tier {', '.join(tiers or tables.tiers())}")
    if tiers is None or Tier.PUBLIC in tiers:
        try:
            check_public(read_manifest(release.place))
        except (ManifestError, OSError) as error:
            raise RunError(f"{error}; run again, what is damaged is made anew") from error
    there = _check_target(target, manifest)
    for file in manifest["files"]:
        if not _is_whole(target, file):
            _copy(release, target, file)
    if there != manifest:
        target.write_json(MANIFEST_NAME, manifest)
    draw_card(target.place, report, Reporter(quiet=True), tokenizer, tiers, counted_in=release.place)
    return manifest


def _check_target(target: Store, manifest: dict[str, Any]) -> Any:
    """The manifest that the folder has, after what an interrupted copy left of temporary files a day ago was removed.

    Raises:
        UserError: it is no folder, or holds anything but this release or a part of it.
    """
    if (here := target.place.local("")) is not None and here.exists() and not here.is_dir():
        raise UserError(f"{target.uri} is a file; --out names a folder")
    there = target.read_json(MANIFEST_NAME)
    files = {f["file"] for f in manifest["files"]}
    strange = [
        f.name for f in target.place.list() if f.name not in (*CARD_FILES, MANIFEST_NAME) and f.name not in files
    ]
    if there != manifest and (there is not None or strange):
        what = "another release" if there is not None else f"something else ({strange[0]})"
        raise UserError(f"{target.uri} is not empty and holds {what}; choose an empty folder, or empty this one first")
    target.place.sweep(ABANDONED_S)
    return there


def _is_whole(target: Store, file: dict[str, Any]) -> bool:
    if target.size(file["file"]) != file["bytes"]:
        return False
    with target.place.stream(file["file"]) as stream:
        return digest_of(stream) == str(file["sha256"])


def _copy(release: Store, target: Store, file: dict[str, Any]) -> None:
    """Copy a data file; it appears under its name only when its digest is that of the manifest."""
    name = file["file"]
    with release.place.stream(name) as stream, target.writing(name) as sink:
        while piece := stream.read(PIECE_BYTES):
            sink.write(piece)
        if (found := sink.written.sha256) != file["sha256"]:
            raise RunError(
                f"{release.where(name)} is not what the manifest names (sha256 {found[:12]}, not {file['sha256'][:12]})"
            )
