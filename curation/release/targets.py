"""Publishing a release: to a folder, or to a dataset repository of the Hugging Face Hub."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from curation.errors import UserError
from schemas.manifest import MANIFEST_NAME, Manifest, ManifestError, read_manifest, sha256_of

PAGES = ("README.md", "card.html")
"""Pages of the card; card.json names their digests."""
CARD_FILES = (*PAGES, "card.json", "audit.json")
"""What goes with the data files and the manifest; the audit when it is there."""
_HUB = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)/?")


@dataclass(frozen=True)
class Published:
    """What was published where; `commit` only on the Hub."""

    target: str
    manifest_sha256: str
    files: int
    bytes: int
    commit: str | None = None


def publish(release_dir: Path, target: str, *, private: bool = True) -> Published:
    """Publish a release folder as it stands, after every data file was compared with its sha256.

    Args:
        release_dir: folder with manifest.json.
        target: a folder (absent, empty, or an earlier release, which it replaces), or `hf://datasets/owner/name`
            (curation.release.hub: token from HF_TOKEN, endpoint from HF_ENDPOINT).
        private: whether a Hub repository that does not exist yet is made private.

    Raises:
        UserError: no release, an empty or a damaged one, no card or that of another release, a target that is neither, or
            no right to write.
        RunError: the Hub kept failing, or holds other bytes than were sent.
    """
    manifest = checked(release_dir)
    if match := _HUB.fullmatch(target):
        from curation.release.hub import publish_to_hub

        return publish_to_hub(manifest, published_files(manifest), match[1], private=private)
    if "://" in target:
        raise UserError(f"{target}: cannot publish there; a target is a folder or hf://datasets/owner/name")
    return publish_to_folder(manifest, Path(target))


def checked(release_dir: Path) -> Manifest:
    """The manifest of a release whose files are all there, with the digests it names, and whose card is its own.

    Raises:
        UserError: otherwise.
    """
    try:
        manifest = read_manifest(release_dir)
        for file in manifest.files:
            manifest.check(file, digest=True)
    except ManifestError as error:
        raise UserError(str(error)) from error
    if not any(f.rows for f in manifest.files):
        raise UserError(f"{release_dir}: a release without a single row; there is nothing to publish")
    check_card(manifest)
    return manifest


def check_card(manifest: Manifest) -> None:
    """Raises UserError unless the card is there, whole, speaks of this release, and is as it was drawn."""
    mend = "draw it again with `astrocorpus card`, or make the release from its run again"
    path = manifest.folder / "card.json"
    try:
        card = json.loads(path.read_bytes())
        named, pages = card["manifest_sha256"], dict(card["pages"])
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); {mend}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"{path}: not a data card; {mend}") from error
    if named != manifest.sha256:
        raise UserError(f"{path}: the card of another release ({MANIFEST_NAME} is {manifest.sha256}); {mend}")
    for name in PAGES:
        page = manifest.folder / name
        if not page.is_file():
            raise UserError(f"{page}: missing; {mend}")
        if manifest.sha256 not in page.read_text(encoding="utf-8", errors="replace"):
            raise UserError(f"{page}: the card of another release ({MANIFEST_NAME} is {manifest.sha256}); {mend}")
        if sha256_of(page) != pages.get(name):
            raise UserError(f"{page}: was changed after it was drawn; {mend}")


def check_failures(manifest: Manifest, place: str) -> None:
    """Raises UserError for a release that lacks papers by the machine's fault: no public place gets it."""
    if manifest.open_failures:
        raise UserError(
            f"{place} is public, and {manifest.open_failures:,} papers of this release could not be read by the fault of the "
            f"machine ({', '.join(manifest.open_failures_first[:5])}): run the same command again, which asks them again, "
            "until the release says nothing of them"
        )


def published_files(manifest: Manifest) -> list[str]:
    """Paths below the release folder, data files first, manifest.json last."""
    cards = [name for name in CARD_FILES if (manifest.folder / name).is_file()]
    return [*(f.file for f in manifest.files), *cards, MANIFEST_NAME]


def publish_to_folder(manifest: Manifest, target: Path) -> Published:
    """Copy a release. manifest.json leaves first and comes last, so a half-copied folder is no release.

    Raises:
        UserError: the target is the release itself, holds something else, or cannot be written.
    """
    if target.resolve() == manifest.folder.resolve():
        raise UserError(f"{target}: is the release itself; name another folder")
    try:
        if target.exists():
            _clear_release(target)
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


def summary(manifest: Manifest, target: str, commit: str | None = None) -> Published:
    files = published_files(manifest)
    size = sum((manifest.folder / name).stat().st_size for name in files)
    return Published(target, manifest.sha256, len(files), size, commit)


def _clear_release(target: Path) -> None:
    """Remove an earlier release: its manifest, then the files that it names; nothing else."""
    if not (target / MANIFEST_NAME).is_file():
        left = [p.name for p in target.iterdir() if not _is_unfinished(target, p)] if target.is_dir() else [target.name]
        if left:
            raise UserError(f"{target}: neither empty nor a release (it holds {left[0]}); name another folder")
        return
    try:
        earlier = read_manifest(target)
    except ManifestError as error:
        raise UserError(f"{error}; name another folder") from error
    (target / MANIFEST_NAME).unlink()
    for name in [*(f.file for f in earlier.files), *CARD_FILES]:
        (target / PurePosixPath(name)).unlink(missing_ok=True)


def _is_unfinished(target: Path, path: Path) -> bool:
    """Whether a path may be what a copy that was cut off left: cards, shards, temporary files."""
    if path.is_dir():
        return all(p.is_dir() or p.name.removesuffix(".tmp").endswith(".parquet") for p in path.rglob("*"))
    return path.name in CARD_FILES or path.name.endswith(".tmp")
