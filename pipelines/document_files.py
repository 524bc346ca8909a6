"""The documents that a command is given: a file, several, a folder of files, a glob, or a tier of a release; in folders of this
machine or at s3://."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa

from curation.errors import UserError
from curation.place import Listed, Place, is_address, local_path, open_place
from curation.sources.ours import MARKS, MAX_MARK_BYTES, RUN, Own, own
from pipelines.documents import COLUMNS, FORMATS, DocumentFile, document_file
from schemas.files import Files, LocalFiles
from schemas.manifest import MANIFEST_NAME, ManifestError, read_manifest

IN_FOLDERS = (".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst")
"""Files that are taken out of a folder; a file that is named may have any of `FORMATS`."""


@dataclass(frozen=True)
class Documents:
    """Files of documents, read one after the other.

    Args:
        files: in the order in which they are read.
        left_out: folders of ours among them, which were not read.
    """

    files: tuple[DocumentFile, ...]
    left_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What messages call them."""
        more = len(self.files) - 1
        return self.files[0].where + (f" and {more:,} more files" if more else "")

    def batches(self, columns: tuple[str, ...] = tuple(COLUMNS), *, again: bool = False) -> Iterator[pa.Table]:
        """As `DocumentFile.batches`, over all files."""
        for file in self.files:
            yield from file.batches(columns, again=again)


def find_documents(given: Sequence[str | os.PathLike[str]], tier: str | None = None) -> Documents:
    """The documents at some paths or addresses.

    Args:
        given: files, folders, releases, or globs that no shell has opened; s3://bucket/prefix but for globs.
        tier: of a release, its documents in this tier; may be left out when the release has one.

    Raises:
        UserError: a path is not there, or holds no documents; a file is named twice; a release has several tiers, not
            this one, or none is given to take it from.
        PlaceError: a bucket cannot be read.
    """
    paths = [os.fspath(each if is_address(each) else local_path(each)) for each in given]
    files: list[DocumentFile] = []
    left_out: list[str] = []
    releases = [there for there in map(_place, paths) if there is not None and there.size(MANIFEST_NAME) is not None]
    for each in paths:
        place, path = _place(each), Path(each)
        if place is not None and place.size(MANIFEST_NAME) is not None:
            files += _of_release(place, tier)
        elif place is not None:
            found, own = _of_prefix(place) if isinstance(place, Place) else _of_folder(path)
            files += found
            left_out += own
        elif is_address(each) or os.path.lexists(path):
            files.append(document_file(each))
        else:
            files += map(document_file, _of_glob(path))
    if tier is not None and not releases:  # told when all is known to be there
        raise UserError(f"--tier {tier}: a tier is one of a release, and none is given; leave it out")
    seen: set[str] = set()
    for file in files:
        if (where := str(file.path.resolve()) if file.path else file.where) in seen:
            raise UserError(f"{file.where} is given twice; give it once")
        seen.add(where)
    return Documents(tuple(files), tuple(left_out))


def _place(given: str) -> Files | None:
    """What a folder is, or all that lies at an address that is none of a file; None for a file."""
    if is_address(given):
        return None if given.endswith(FORMATS) else open_place(given)
    return LocalFiles(Path(given)) if Path(given).is_dir() else None


def _of_release(place: Files, tier: str | None) -> list[DocumentFile]:
    try:
        manifest = read_manifest(place)
        tiers = [t for t in manifest.tiers if any((f.tier, f.kind) == (t, "documents") for f in manifest.files)]
        if tier is None and len(tiers) != 1:
            raise UserError(
                f"{place.uri} is a release with the tiers {', '.join(tiers) or 'none'}; name one: --tier TIER"
            )
        files = manifest.of_tier(tier or tiers[0])
        for file in files:
            manifest.check(file, digest=False)
    except ManifestError as error:
        raise UserError(str(error)) from error
    return [DocumentFile(place, file.file) for file in files]


def _own(folder: Path, names: tuple[str, ...] | None = None) -> Own | None:
    try:
        return own(folder, names)
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be read: {error.strerror}") from error


def _of_folder(folder: Path) -> tuple[list[DocumentFile], list[str]]:
    """Files of documents in a folder and below it, sorted, and folders of ours that were left out."""
    if (here := _own(folder, ("run.json",))) and here.what == RUN:
        raise UserError(_a_run(str(folder)))
    files: list[Path] = []
    left_out: list[str] = []

    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename} cannot be read: {error.strerror}; mend its permissions")

    for place, folders, names in os.walk(folder, onerror=refuse):
        inside = sorted(name for name in folders if not name.startswith("."))
        mine = {name: found for name in inside if (found := _own(Path(place) / name))}
        left_out += [str(Path(place) / name) for name in mine]
        folders[:] = [name for name in inside if name not in mine]
        files += [Path(place) / n for n in sorted(names) if n.endswith(IN_FOLDERS) and not n.startswith(".")]
        files += [file for found in mine.values() for file in found.strangers if file.name.endswith(IN_FOLDERS)]
    if not files:
        raise UserError(f"the folder {folder} holds no documents: no files that end in {', '.join(IN_FOLDERS)}")
    return [document_file(file) for file in files], left_out


def _of_prefix(place: Place) -> tuple[list[DocumentFile], list[str]]:
    """Files of documents at an address and below it, sorted, and what of ours was left out there, whole."""
    listed = sorted(place.list())
    left_out = {folder for file in listed if (folder := _own_at(place, file))}
    files = [
        DocumentFile(place, file.name)
        for file in listed
        if file.name.endswith(IN_FOLDERS)
        and not any(part.startswith(".") for part in file.name.split("/"))
        and left_out.isdisjoint(map(str, PurePosixPath(file.name).parents))
    ]
    if not files:
        raise UserError(f"{place.uri} holds no documents: no files that end in {', '.join(IN_FOLDERS)}")
    return files, [place.where(folder) for folder in sorted(left_out)]


def _own_at(place: Place, file: Listed) -> str | None:
    """The folder that a file says to be ours. Raises UserError where that is the whole place, and a run."""
    folder, _, name = file.name.rpartition("/")
    if name not in MARKS or file.size > MAX_MARK_BYTES:
        return None
    what, is_it = MARKS[name]
    try:
        if not is_it(json.loads(place.read(file.name))):
            return None
    except (ValueError, RecursionError, FileNotFoundError):
        return None
    if what == RUN and not folder:
        raise UserError(_a_run(place.uri))
    return folder


def _a_run(where: str) -> str:
    return f"{where} is a run folder; give its release: `astrocorpus release {where} --out DIR`"


def _of_glob(path: Path) -> list[Path]:
    found = [Path(p) for p in sorted(glob.glob(str(path), recursive=True)) if Path(p).is_file()]  # noqa: PTH207
    if not found:
        what = "matches no file" if glob.has_magic(str(path)) else "is no file"
        raise UserError(f"{path} {what}; give files that end in {', '.join(FORMATS)}, a folder of them, or a release")
    return found
