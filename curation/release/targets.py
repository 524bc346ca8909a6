"""Publishing a release: to a folder, or to a dataset repository of the Hugging Face Hub."""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import UserError
from curation.release.hub import publish_to_hub
from curation.release.licences import check_public
from curation.release.published import CARD_FILES, Published, check_replaces, published_files, summary
from schemas.card import CARD_PAGES, figures_sha256
from schemas.files import sha256_of
from schemas.manifest import MANIFEST_NAME, DataFile, Manifest, ManifestError, read_manifest

_HUB = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)/?")


def publish(release_dir: Path, target: str, *, private: bool = True) -> Published:
    """Publish a release folder as it stands, after every data file was compared with its sha256.

    Args:
        release_dir: folder with manifest.json.
        target: a folder or `hf://datasets/owner/name` (curation.release.hub: token from HF_TOKEN, endpoint from
            HF_ENDPOINT): absent, empty, or an earlier release of the same name, which it replaces.
        private: whether a Hub repository that does not exist yet is made private.

    Raises:
        UserError: no release, an empty or a damaged one, a row in tier public that may not be passed on, no card or that
            of another release, a target that is neither or holds something else, or no right to write.
        RunError: the Hub kept failing, or holds other bytes than were sent.
    """
    manifest = checked(release_dir)
    if match := _HUB.fullmatch(target):
        return publish_to_hub(manifest, published_files(manifest), match[1], private=private)
    if "://" in target:
        raise UserError(f"{target}: cannot publish there; a target is a folder or hf://datasets/owner/name")
    return publish_to_folder(manifest, Path(target))


def checked(release_dir: Path) -> Manifest:
    """The manifest of a release whose files are all there, with the digests and rows that it names, whose tier public may be
    passed on, and whose card is its own.

    Raises:
        UserError: otherwise.
    """
    try:
        manifest = read_manifest(release_dir)
        for file in manifest.files:
            manifest.check(file, digest=True)
    except ManifestError as error:
        raise UserError(str(error)) from error
    for file in manifest.files:
        _check_footer(manifest, file)
    if not any(f.rows for f in manifest.files):
        raise UserError(f"{release_dir}: a release without a single row; there is nothing to publish")
    check_public(manifest)
    check_card(manifest)
    check_audit(manifest)
    return manifest


def _check_footer(manifest: Manifest, file: DataFile) -> None:
    """Raises UserError unless the rows of the file are those that the manifest counts, group by group."""
    path = manifest.path(file)
    try:
        footer = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{path}: no Parquet file ({error}); build the release again") from error
    groups = tuple(footer.row_group(i).num_rows for i in range(footer.num_row_groups))
    if groups != file.row_groups:
        raise UserError(
            f"{path}: {footer.num_rows} rows in {len(groups)} row groups, {MANIFEST_NAME} says {file.rows} in "
            f"{len(file.row_groups)}; the manifest was changed, build the release again"
        )


def _read_object(path: Path, what: str, mend: str) -> dict[str, Any]:
    """A JSON object of the release; raises UserError when it is none."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); {mend}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not {what}; {mend}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: not {what}; {mend}")
    return content


def check_audit(manifest: Manifest) -> None:
    """Raises UserError for an audit.json that does not name this release."""
    path = manifest.folder / "audit.json"
    mend = "audit this release, or take the file away"
    if path.exists() and _read_object(path, "an audit", mend).get("manifest_sha256") != manifest.sha256:
        raise UserError(f"{path}: the audit of another release ({MANIFEST_NAME} is {manifest.sha256}); {mend}")


def check_card(manifest: Manifest) -> None:
    """Raises UserError unless the card is there, whole, speaks of this release, and is as it was drawn."""
    mend = "draw it again with `astrocorpus card`, or make the release from its run again"
    path = manifest.folder / "card.json"
    card = _read_object(path, "a data card", mend)
    named, pages = card.get("manifest_sha256"), card.get("pages")
    if not isinstance(named, str) or not isinstance(pages, dict):
        raise UserError(f"{path}: not a data card; {mend}")
    if named != manifest.sha256:
        raise UserError(f"{path}: the card of another release ({MANIFEST_NAME} is {manifest.sha256}); {mend}")
    for name in CARD_PAGES:
        page = manifest.folder / name
        if not page.is_file():
            raise UserError(f"{page}: missing; {mend}")
        if manifest.sha256 not in page.read_text(encoding="utf-8", errors="replace"):
            raise UserError(f"{page}: the card of another release ({MANIFEST_NAME} is {manifest.sha256}); {mend}")
        if sha256_of(page) != pages.get(name):
            raise UserError(f"{page}: was changed after it was drawn; {mend}")
        if figures_sha256(card) not in page.read_text(encoding="utf-8", errors="replace"):
            raise UserError(f"{path}: its figures are not those of {name}; it was changed after it was drawn; {mend}")


def publish_to_folder(manifest: Manifest, target: Path) -> Published:
    """Copy a release. manifest.json comes last, so a half-copied folder is no release.

    Raises:
        UserError: the target is the release itself or lies in it, holds something else, or cannot be written.
    """
    if target.resolve().is_relative_to(manifest.folder.resolve()):
        raise UserError(f"{target}: is the release itself or lies in it; name another folder")
    try:
        if target.exists():
            _clear_release(target, manifest)
        for name in published_files(manifest):
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.tmp")
            shutil.copyfile(manifest.folder / name, temporary)
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            temporary.replace(path)
    except OSError as error:
        raise UserError(f"{target}: cannot publish there ({error})") from error
    return summary(manifest, str(target))


def _clear_release(target: Path, manifest: Manifest) -> None:
    """Remove an earlier release of this name: the files that its manifest names and its cards, last the manifest; nothing
    else."""
    if not (target / MANIFEST_NAME).is_file():
        left = [target.name] if target.is_file() else sorted(_strange(target, manifest))
        if left:
            raise UserError(f"{target}: neither empty nor a release (it holds {left[0]}); name another folder")
        return
    try:
        earlier = read_manifest(target)
    except ManifestError as error:
        raise UserError(f"{error}; name another folder") from error
    check_replaces(str(target), earlier, manifest)
    paths = [target / name for name in (*(f.file for f in earlier.files), *CARD_FILES, MANIFEST_NAME)]
    if out := [path for path in paths if not path.parent.resolve().is_relative_to(target.resolve())]:
        raise UserError(f"{out[0]}: a link leads out of {target}; name another folder")
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths} - {target}:
        with suppress(OSError):  # not empty, so not ours alone; or gone
            folder.rmdir()


def _strange(target: Path, manifest: Manifest) -> list[str]:
    """Files that a cut-off copy of this release cannot have left: it left whole shards, cards and temporary files."""
    whole = {f.file: f for f in manifest.files}
    strange = []
    for path in target.rglob("*"):
        name = path.relative_to(target).as_posix()
        is_temporary = path.name.startswith(".") and path.name.endswith(".tmp")
        if path.is_dir() or is_temporary:
            continue
        if name in CARD_FILES:  # a README of the folder's owner has that name too
            own = manifest.folder / name
            is_ours = own.is_file() and sha256_of(own) == sha256_of(path)
        else:
            there = whole.get(name)
            is_ours = there is not None and path.stat().st_size == there.bytes and sha256_of(path) == there.sha256
        if not is_ours:
            strange.append(name)
    return strange
