"""Publishing a release: to a folder, a bucket of S3, or a dataset repository of the Hugging Face Hub."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import UserError
from curation.place import Place, is_address, open_place
from curation.release.hub import publish_to_hub
from curation.release.licences import check_public
from curation.release.published import CARD_FILES, Published, check_replaces, published_files, summary
from schemas.card import CARD_PAGES, figures_sha256
from schemas.files import digest_of, sha256_of
from schemas.manifest import MANIFEST_NAME, DataFile, Manifest, ManifestError, read_manifest

PIECE_BYTES = 1 << 20
_HUB = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)/?")


def publish(release_dir: Path, target: str, *, private: bool = True) -> Published:
    """Publish a release folder as it stands, after every data file was compared with its sha256.

    Args:
        release_dir: folder with manifest.json.
        target: a folder, `s3://bucket/prefix`, or `hf://datasets/owner/name` (curation.release.hub: token from HF_TOKEN,
            endpoint from HF_ENDPOINT): absent, empty, or an earlier release of the same name, which it replaces.
        private: whether a Hub repository that does not exist yet is made private.

    Raises:
        UserError: no release, an empty or a damaged one, a row in tier public that may not be passed on, no card or that
            of another release, a target that is neither or holds something else, or no right to write.
        RunError: the Hub kept failing, or holds other bytes than were sent.
    """
    manifest = checked(release_dir)
    if match := _HUB.fullmatch(target):
        return publish_to_hub(manifest, published_files(manifest), match[1], private=private)
    if is_address(target) and not target.startswith("s3://"):
        raise UserError(
            f"{target}: cannot publish there; a target is a folder, s3://bucket/prefix or hf://datasets/owner/name"
        )
    return publish_to_place(manifest, open_place(target))


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


def publish_to_place(manifest: Manifest, target: Place) -> Published:
    """Copy a release. manifest.json comes last, so a half-copied folder is no release.

    Raises:
        UserError: the target is the release itself or lies in it, holds something else, or cannot be written.
        PlaceError: it cannot be reached.
    """
    folder = target.local("")
    if folder is not None and folder.resolve().is_relative_to(manifest.folder.resolve()):
        raise UserError(f"{target.uri}: is the release itself or lies in it; name another folder")
    try:
        _clear_release(target, manifest)
        for name in published_files(manifest):
            with manifest.place.stream(name) as stream, target.writing(name) as sink:
                shutil.copyfileobj(stream, cast(IO[bytes], sink), PIECE_BYTES)
    except OSError as error:
        raise UserError(f"{target.uri}: cannot publish there ({error})") from error
    return summary(manifest, target.uri)


def _clear_release(target: Place, manifest: Manifest) -> None:
    """Remove an earlier release of this name: the files that its manifest names and its cards, last the manifest; nothing
    else."""
    folder = target.local("")
    if target.size(MANIFEST_NAME) is None:
        left = [folder.name] if folder is not None and folder.is_file() else sorted(_strange(target, manifest))
        if left:
            raise UserError(f"{target.uri}: neither empty nor a release (it holds {left[0]}); name another folder")
        target.sweep()
        return
    try:
        earlier = read_manifest(target)
    except ManifestError as error:
        raise UserError(f"{error}; name another folder") from error
    check_replaces(target.uri, earlier, manifest)
    names = [*(f.file for f in earlier.files), *CARD_FILES, MANIFEST_NAME]
    if folder is not None:
        _check_links(folder, [folder / name for name in names])
    for name in names:
        target.remove(name)
    for path in {(folder / name).parent for name in names} - {folder} if folder is not None else ():
        with suppress(OSError):  # not empty, so not ours alone; or gone
            path.rmdir()


def _check_links(folder: Path, paths: Sequence[Path]) -> None:
    if out := [path for path in paths if not path.parent.resolve().is_relative_to(folder.resolve())]:
        raise UserError(f"{out[0]}: a link leads out of {folder}; name another folder")


def _strange(target: Place, manifest: Manifest) -> Iterator[str]:
    """Files that a cut-off copy of this release cannot have left: it left whole shards, cards and temporary files."""
    whole = {f.file: (f.bytes, f.sha256) for f in manifest.files}
    for name in CARD_FILES:  # a README of the folder's owner has that name too
        if (size := manifest.place.size(name)) is not None:
            with manifest.place.stream(name) as stream:
                whole[name] = (size, digest_of(stream))
    for found in target.list():
        if found.name in whole and found.size == whole[found.name][0]:
            with target.stream(found.name) as stream:
                if digest_of(stream) == whole[found.name][1]:
                    continue
        yield found.name
