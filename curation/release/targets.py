"""Publishing a release: to a folder, a bucket of S3, or a dataset repository of the Hugging Face Hub."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import RunError, UserError
from curation.place import Place, is_address, open_place
from curation.place.base import ABANDONED_S
from curation.release.audited import check_audit
from curation.release.hub import publish_to_hub
from curation.release.licences import check_public
from curation.release.published import CARD_FILES, Published, check_replaces, published_files, summary
from schemas.card import CARD_PAGES, figures_sha256
from schemas.files import digest_of
from schemas.manifest import MANIFEST_NAME, DataFile, Manifest, ManifestError, read_manifest
from schemas.released import check_schema

PIECE_BYTES = 1 << 20
_HUB = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)/?")


def publish(release: str | os.PathLike[str], target: str, *, private: bool = True) -> Published:
    """Publish a release as it stands, after every data file was compared with its sha256.

    Args:
        release: path of the folder with manifest.json, or its address, s3://bucket/prefix.
        target: a folder, `s3://bucket/prefix`, or `hf://datasets/owner/name` (curation.release.hub: token from HF_TOKEN,
            endpoint from HF_ENDPOINT): absent, empty, or an earlier release of the same name, which it replaces.
        private: whether a Hub repository that does not exist yet is made private.

    Raises:
        UserError: no release, an empty or a damaged one, a row in tier public that may not be passed on, no card or that
            of another release, a target that is neither or holds something else, or no right to write.
        RunError: the Hub kept failing, or holds other bytes than were sent; the release changed while it was sent.
        PlaceError: the bucket of the release or the target cannot be reached.
    """
    match = _HUB.fullmatch(target)
    if match is None and is_address(target) and not target.startswith("s3://"):
        raise UserError(
            f"{target}: cannot publish there; a target is a folder, s3://bucket/prefix or hf://datasets/owner/name"
        )
    manifest = checked(open_place(release))
    if match is not None:
        return publish_to_hub(manifest, published_files(manifest), match[1], private=private)
    return publish_to_place(manifest, open_place(target))


def checked(release: Place) -> Manifest:
    """The manifest of a release whose files are all there, with the digests and rows that it names, whose tier public may be
    passed on, and whose card is its own.

    Raises:
        UserError: otherwise.
    """
    try:
        manifest = read_manifest(release)
        for file in manifest.files:
            manifest.check(file, digest=True)
            check_schema(manifest, file)
    except ManifestError as error:
        raise UserError(str(error)) from error
    for file in manifest.files:
        _check_footer(manifest, file)
    if not any(f.rows for f in manifest.files):
        raise UserError(f"{release.uri}: a release without a single row; there is nothing to publish")
    check_public(manifest)
    check_card(manifest)
    check_audit(manifest)
    return manifest


def _check_footer(manifest: Manifest, file: DataFile) -> None:
    """Raises UserError unless the rows of the file are those that the manifest counts, group by group."""
    where = manifest.where(file)
    try:
        footer = pq.read_metadata(manifest.source(file))
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{where}: no Parquet file ({error}); build the release again") from error
    groups = tuple(footer.row_group(i).num_rows for i in range(footer.num_row_groups))
    if groups != file.row_groups:
        raise UserError(
            f"{where}: {footer.num_rows} rows in {len(groups)} row groups, {MANIFEST_NAME} says {file.rows} in "
            f"{len(file.row_groups)}; the manifest was changed, build the release again"
        )


def _read(manifest: Manifest, name: str, mend: str) -> bytes:
    """A small file of the release; raises UserError when it is not there."""
    try:
        return manifest.place.read(name)
    except OSError as error:
        raise UserError(f"{manifest.place.where(name)}: cannot be read ({error.strerror}); {mend}") from error


def _read_object(manifest: Manifest, name: str, what: str, mend: str) -> dict[str, Any]:
    """A JSON object of the release; raises UserError when it is none."""
    try:
        content = json.loads(_read(manifest, name, mend))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{manifest.place.where(name)}: not {what}; {mend}") from error
    if not isinstance(content, dict):
        raise UserError(f"{manifest.place.where(name)}: not {what}; {mend}")
    return content


def check_card(manifest: Manifest) -> None:
    """Raises UserError unless the card is there, whole, speaks of this release, and is as it was drawn."""
    mend = "draw it again with `astrocorpus card`, or make the release from its run again"
    other = f"the card of another release ({MANIFEST_NAME} is {manifest.sha256}); {mend}"
    card = _read_object(manifest, "card.json", "a data card", mend)
    where = manifest.place.where("card.json")
    named, pages = card.get("manifest_sha256"), card.get("pages")
    if not isinstance(named, str) or not isinstance(pages, dict):
        raise UserError(f"{where}: not a data card; {mend}")
    if named != manifest.sha256:
        raise UserError(f"{where}: {other}")
    for name in CARD_PAGES:
        body, page = _read(manifest, name, mend), manifest.place.where(name)
        if manifest.sha256.encode() not in body:
            raise UserError(f"{page}: {other}")
        if hashlib.sha256(body).hexdigest() != pages.get(name):
            raise UserError(f"{page}: was changed after it was drawn; {mend}")
        if figures_sha256(card).encode() not in body:
            raise UserError(f"{where}: its figures are not those of {name}; it was changed after it was drawn; {mend}")


def publish_to_place(manifest: Manifest, target: Place) -> Published:
    """Copy a release. manifest.json comes last, so a half-copied folder is no release.

    Raises:
        UserError: the target is the release itself or lies in it, holds something else, or cannot be written.
        RunError: a file of the release is another than when it was checked.
        PlaceError: a place cannot be reached.
    """
    if _is_within(target, manifest):
        raise UserError(f"{target.uri}: is the release itself or lies in it; name another folder")
    digests = {file.file: file.sha256 for file in manifest.files} | {MANIFEST_NAME: manifest.sha256}
    try:
        _clear_release(target, manifest)
        for name in published_files(manifest):
            with manifest.place.stream(name) as stream, target.writing(name) as sink:
                shutil.copyfileobj(stream, cast(IO[bytes], sink), PIECE_BYTES)
                if sink.written.sha256 != digests.get(name, sink.written.sha256):
                    raise RunError(
                        f"{manifest.place.where(name)} was changed while it was published, so {target.uri} holds no release "
                        "yet; publish again when nothing writes to the release"
                    )
    except OSError as error:
        raise UserError(f"{target.uri}: cannot publish there ({error})") from error
    return summary(manifest, target.uri)


def _is_within(target: Place, manifest: Manifest) -> bool:
    folder, here = target.local(""), manifest.place.local("")
    if folder is not None and here is not None:
        return folder.resolve().is_relative_to(here.resolve())
    return f"{target.uri}/".startswith(f"{manifest.place.uri}/")


def _clear_release(target: Place, manifest: Manifest) -> None:
    """Remove an earlier release of this name: the files that its manifest names and its cards, last the manifest; nothing
    else."""
    folder = target.local("")
    if target.size(MANIFEST_NAME) is None:
        left = [folder.name] if folder is not None and folder.is_file() else sorted(_strange(target, manifest))
        if left:
            raise UserError(f"{target.uri}: neither empty nor a release (it holds {left[0]}); name another folder")
        target.sweep(ABANDONED_S)
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
