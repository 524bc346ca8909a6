"""The documents that a command is given: a file, several, a folder of files, a glob, or a tier of a release."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from curation.errors import UserError
from curation.sources.ours import RUN, Own, own
from pipelines.documents import COLUMNS, FORMATS, DocumentFile
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
    left_out: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """What messages call them."""
        more = len(self.files) - 1
        return f"{self.files[0].path}" + (f" and {more:,} more files" if more else "")

    def batches(self, columns: tuple[str, ...] = tuple(COLUMNS), *, again: bool = False) -> Iterator[pa.Table]:
        """As `DocumentFile.batches`, over all files."""
        for file in self.files:
            yield from file.batches(columns, again=again)


def find_documents(given: Sequence[Path], tier: str | None = None) -> Documents:
    """The documents at some paths.

    Args:
        given: files, folders, releases, or globs that no shell has opened.
        tier: of a release, its documents in this tier; may be left out when the release has one.

    Raises:
        UserError: a path is not there, or holds no documents; a file is named twice; a release has several tiers, not
            this one, or none is given to take it from.
    """
    files: list[Path] = []
    left_out: list[Path] = []
    releases = [path for path in given if (path / MANIFEST_NAME).is_file()]
    if tier is not None and not releases:
        raise UserError(f"--tier {tier}: a tier is one of a release, and none is given; leave it out")
    for path in given:
        if path in releases:
            files += _of_release(path, tier)
        elif path.is_dir():
            found, own = _of_folder(path)
            files += found
            left_out += own
        elif os.path.lexists(path):
            files.append(path)
        else:
            files += _of_glob(path)
    seen: set[Path] = set()
    for file in files:
        if (place := file.resolve()) in seen:
            raise UserError(f"{file} is given twice; give it once")
        seen.add(place)
    return Documents(tuple(DocumentFile(file) for file in files), tuple(left_out))


def _of_release(folder: Path, tier: str | None) -> list[Path]:
    try:
        manifest = read_manifest(folder)
        tiers = [t for t in manifest.tiers if any((f.tier, f.kind) == (t, "documents") for f in manifest.files)]
        if tier is None and len(tiers) != 1:
            raise UserError(f"{folder} is a release with the tiers {', '.join(tiers) or 'none'}; name one: --tier TIER")
        files = manifest.of_tier(tier or tiers[0])
        for file in files:
            manifest.check(file, digest=False)
    except ManifestError as error:
        raise UserError(str(error)) from error
    return [manifest.path(file) for file in files]


def _own(folder: Path, names: tuple[str, ...] | None = None) -> Own | None:
    try:
        return own(folder, names)
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be read: {error.strerror}") from error


def _of_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files of documents in a folder and below it, sorted, and folders of ours that were left out."""
    if (here := _own(folder, ("run.json",))) and here.what == RUN:
        raise UserError(f"{folder} is a run folder; give its release: `astrocorpus release {folder} --out DIR`")
    files: list[Path] = []
    left_out: list[Path] = []

    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename} cannot be read: {error.strerror}; mend its permissions")

    for place, folders, names in os.walk(folder, onerror=refuse):
        inside = sorted(name for name in folders if not name.startswith("."))
        mine = {name: found for name in inside if (found := _own(Path(place) / name))}
        left_out += [Path(place) / name for name in mine]
        folders[:] = [name for name in inside if name not in mine]
        files += [Path(place) / n for n in sorted(names) if n.endswith(IN_FOLDERS) and not n.startswith(".")]
        files += [file for found in mine.values() for file in found.strangers if file.name.endswith(IN_FOLDERS)]
    if not files:
        raise UserError(f"the folder {folder} holds no documents: no files that end in {', '.join(IN_FOLDERS)}")
    return files, left_out


def _of_glob(path: Path) -> list[Path]:
    found = [Path(p) for p in sorted(glob.glob(str(path), recursive=True)) if Path(p).is_file()]  # noqa: PTH207
    if not found:
        what = "matches no file" if glob.has_magic(str(path)) else "is no file"
        raise UserError(f"{path} {what}; give files that end in {', '.join(FORMATS)}, a folder of them, or a release")
    return found
