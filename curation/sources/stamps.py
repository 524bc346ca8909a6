"""Stamps of what a listing sees: they change when a file, or anything in a paper's folder, does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from curation.sources.content import MAX_DEPTH
from curation.sources.members import path_of
from curation.sources.ours import ours
from curation.sources.unit import Entry


def is_as_listed(root: Path, entry: Entry) -> bool:
    """Whether the files of an entry are those that the listing saw, by their names, sizes and times.

    Raises:
        OSError: they cannot be looked at.
    """
    found = size_and_stamp(root / path_of(entry.member))[1]
    if entry.pdf_member is not None:
        found = joint_stamp(found, size_and_stamp(root / path_of(entry.pdf_member))[1])
    return found == entry.stamp


def joint_stamp(stamp: str, pdf_stamp: str) -> str:
    """The stamp of a paper and of the PDF beside it."""
    return _short_hash(f"{stamp}\0{pdf_stamp}")


def walk(folder: Path, onerror: Callable[[OSError], object]) -> Iterator[tuple[str, list[str], list[str]]]:
    """os.walk, which calls itself for each folder in a folder, to a depth that its stack bears."""
    for place, dirs, names in os.walk(folder, onerror=onerror):
        if len(Path(place).relative_to(folder).parts) > MAX_DEPTH:
            dirs.clear()
        yield place, dirs, names


def size_and_stamp(path: Path) -> tuple[int, str, list[tuple[Path, str]]]:
    """Size and stamp of a file or of all that a paper's folder holds, and folders of our own in it, which do not count.

    Raises:
        OSError: something of it cannot be looked at.
    """
    if not path.is_dir() or path.is_symlink():
        found = path.stat()
        return found.st_size, f"{found.st_mtime_ns:x}-{found.st_size:x}", []
    total = 0
    stamps = []
    own: list[tuple[Path, str]] = []
    for folder, dirs, names in walk(path, _raise):
        if Path(folder) != path and (what := ours(Path(folder), names)):
            own.append((Path(folder), what))
            dirs.clear()
            continue
        dirs[:] = [d for d in dirs if not d.startswith(".")]
        for name in names:
            if not name.startswith("."):
                found = (Path(folder) / name).lstat()
                total += found.st_size
                stamps.append(f"{Path(folder).relative_to(path) / name}\0{found.st_size}\0{found.st_mtime_ns}")
    return total, _short_hash("\n".join(sorted(stamps))), own


def _raise(error: OSError) -> None:
    raise error


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
