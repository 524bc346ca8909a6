"""What lies at a place of a folder: found inside the source's root, digested, opened."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from curation.errors import BadArchiveError, PaperError
from curation.faults import cannot_be_read
from curation.sources.kinds import CHUNK_BYTES, head_bytes, kind_of, read_upto
from curation.sources.members import member_at, path_of
from curation.sources.ours import ours
from curation.sources.paper_content import Content
from curation.sources.withdrawal import MAX_NOTICE_BYTES, is_withdrawal
from schemas import Reason

MAX_FOLDER_FILES = 20_000
MAX_DEPTH = 100
"""Folders in each other that are followed. A path may have 2,000; Python's stack bears a few hundred."""
MAX_READ_BYTES = 512 << 20
"""Largest file that is read into memory; arXiv's own limit for a submission is 50 MB."""


def locate(root: str | os.PathLike[str], member: str, within: str | None = None, *, was_read: bool = False) -> Path:
    """The path of a member (the file of a data row), which stays in its own folder even after links are followed.

    A link to elsewhere in the source would give one paper the text of another, under its own licence. Hidden folders of the
    source hold no papers, so links may lead there (where git-annex and DVC keep content).

    Args:
        within: the folder of the source that a link may not leave; default the one that the member lies in.
        was_read: it was there before, so that a link to nothing is no fault of the paper either.

    Raises:
        PaperError: UNSAFE_ARCHIVE when it does not; IO_ERROR when it is not there; UNREADABLE for a link to nothing.
    """
    parts = PurePosixPath(path_of(member))
    if parts.is_absolute() or ".." in parts.parts or "\0" in member:
        raise BadArchiveError(f"{member!r} leaves the source folder", Reason.UNSAFE_ARCHIVE)
    path = Path(root) / parts
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        if isinstance(error, FileNotFoundError) and path.is_symlink() and not was_read:
            raise PaperError(Reason.UNREADABLE, f"{member} is a link to nothing") from error
        raise cannot_be_read(error, member) from error
    base = Path(root).resolve()
    if not real.is_relative_to(base):
        raise BadArchiveError(f"{member!r} is a link that leaves the source folder", Reason.UNSAFE_ARCHIVE)
    own = base / (parts.parent if within is None else path_of(within))
    if not real.is_relative_to(own) and not any(part.startswith(".") for part in real.relative_to(base).parts):
        raise BadArchiveError(f"{member!r} is a link to something that is not its own", Reason.UNSAFE_ARCHIVE)
    return path


def folder_files(root: str | os.PathLike[str], member: str, *, was_read: bool = False) -> list[str]:
    """Files of a paper's folder, relative to it, sorted; hidden ones and folders of our own left out.

    Raises:
        PaperError: UNSAFE_ARCHIVE for a link to a file outside of the folder, TOO_LARGE past 20,000 files, IO_ERROR,
            UNREADABLE.
    """
    folder = locate(root, member, was_read=was_read)
    found: list[str] = []
    for path in _walk(folder, len(PurePosixPath(path_of(member)).parts)):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink():
            place = member_at(relative) if member == "." else f"{member}/{member_at(relative)}"
            is_folder = path.is_dir()
            locate(root, place, "." if is_folder else member, was_read=was_read)
            if is_folder:
                continue  # listed where it lies
        found.append(relative)
        if len(found) > MAX_FOLDER_FILES:
            raise BadArchiveError(f"{member} holds more than {MAX_FOLDER_FILES} files", Reason.TOO_LARGE)
    return sorted(found)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    if depth > MAX_DEPTH:
        raise BadArchiveError(f"{folder.name} lies more than {MAX_DEPTH} folders deep", Reason.TOO_LARGE)
    try:
        children = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError as error:
        raise cannot_be_read(error, folder.name) from error
    for child in children:
        if child.name.startswith("."):
            continue
        if child.is_dir(follow_symlinks=False):
            if not _is_ours(Path(child.path)):  # else the paper would change with every run that lies in it
                yield from _walk(Path(child.path), depth + 1)
        elif child.is_symlink() or child.is_file():  # of a loop of links nothing else can be asked
            yield Path(child.path)


def _is_ours(folder: Path) -> bool:
    try:
        return ours(folder) is not None
    except OSError as error:
        raise cannot_be_read(error, folder.name) from error


def look_at(root: str | os.PathLike[str], member: str, *, was_read: bool = False) -> Content:
    """A file or folder without its bytes. Streams, reads once.

    Raises:
        PaperError: IO_ERROR, UNREADABLE, UNSAFE_ARCHIVE, TOO_LARGE.
    """
    path = locate(root, member, was_read=was_read)
    return _look_at_folder(root, member, path, was_read) if path.is_dir() else _digest_file(path, member)


def read_member(root: str | os.PathLike[str], member: str) -> Content:
    """A file with its bytes, or a folder with its files, which was there before.

    Raises:
        PaperError: IO_ERROR, UNSAFE_ARCHIVE, TOO_LARGE.
    """
    path = locate(root, member, was_read=True)
    return _look_at_folder(root, member, path, True) if path.is_dir() else read_file(root, member, was_read=True)


def _look_at_folder(root: str | os.PathLike[str], member: str, path: Path, was_read: bool) -> Content:
    names = folder_files(root, member, was_read=was_read)
    total = hashlib.sha256()
    size = 0
    for name in names:
        one = _digest_file(path / name, name)
        total.update(f"{name}\0{one.sha256}\n".encode("utf-8", "surrogateescape"))
        size += one.size
    files = {name: partial(_open, path / name) for name in names}
    return Content(path.name, "folder", total.hexdigest(), size, files=files)


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _digest_file(path: Path, name: str) -> Content:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PaperError(Reason.UNREADABLE, f"{name} is no regular file")
        with path.open("rb") as stream:
            return digest(iter(partial(stream.read, CHUNK_BYTES), b""), path.name)
    except OSError as error:
        raise cannot_be_read(error, name) from error


def digest(chunks: Iterable[bytes], name: str) -> Content:
    """A file without its bytes, which are read once.

    Args:
        name: of the file.
    """
    made = hashlib.sha256()
    head = b""
    size = 0
    for chunk in chunks:
        if len(head) < (wanted := head_bytes(head or chunk)):
            head += chunk[: wanted - len(head)]
        made.update(chunk)
        size += len(chunk)
    kind = kind_of(head, name)
    record = {"is_withdrawn": True} if size <= MAX_NOTICE_BYTES and is_withdrawal(head, name, kind) else {}
    return Content(name, kind, made.hexdigest(), size, record=record)


def read_file(root: str | os.PathLike[str], member: str, *, was_read: bool = False) -> Content:
    """A file with its bytes.

    Raises:
        PaperError: IO_ERROR, UNSAFE_ARCHIVE, TOO_LARGE.
    """
    path = locate(root, member, was_read=was_read)
    try:
        with path.open("rb") as stream:
            data = read_upto(stream, MAX_READ_BYTES + 1)
    except OSError as error:
        raise cannot_be_read(error, member) from error
    if len(data) > MAX_READ_BYTES:
        raise PaperError(Reason.TOO_LARGE, f"{member} is larger than {MAX_READ_BYTES >> 20} MiB")
    return Content.of(path.name, data)
