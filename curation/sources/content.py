"""The bytes behind a row of the papers table: found again inside the source's root, and checked to be the same."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from curation.errors import BadArchiveError, PaperError
from curation.faults import cannot_be_read
from curation.sources.kinds import head_bytes, kind_of
from curation.sources.ours import ours
from curation.sources.place import path_of, place_of
from schemas import Reason

CHUNK_BYTES = 1 << 20
MAX_FOLDER_FILES = 20_000
MAX_DEPTH = 100
"""Folders in each other that are followed. A path may have 2,000; Python's stack bears a few hundred."""
MAX_READ_BYTES = 512 << 20
"""Largest file that is read into memory; arXiv's own limit for a submission is 50 MB."""


@dataclass(frozen=True)
class Content:
    """What `read_content` found: a file's bytes, or a folder's path and its files.

    Args:
        kind: as `papers.content_kind`.
        name: last part of the member, for messages and for the suffix.
        data: bytes of a file; empty for a folder.
        folder: the folder, None for a file.
        files: paths relative to the folder, sorted.
    """

    kind: str
    name: str
    data: bytes = b""
    folder: Path | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Digest:
    """Identity of a member's bytes: sha256, size, kind."""

    sha256: str
    size: int
    kind: str


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
            place = place_of(relative) if member == "." else f"{member}/{place_of(relative)}"
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


def digest_member(root: str | os.PathLike[str], member: str, *, was_read: bool = False) -> Digest:
    """sha256, size and kind of a file, or of a folder over its sorted (path, sha256) pairs. Streams, reads once.

    Raises:
        PaperError: IO_ERROR, UNREADABLE, UNSAFE_ARCHIVE, TOO_LARGE.
    """
    path = locate(root, member, was_read=was_read)
    if not path.is_dir():
        return _digest_file(path, member)
    return _digest_files(path, folder_files(root, member, was_read=was_read))


def _digest_files(path: Path, names: Iterable[str]) -> Digest:
    total = hashlib.sha256()
    size = 0
    for name in names:
        one = _digest_file(path / name, name)
        total.update(f"{name}\0{one.sha256}\n".encode("utf-8", "surrogateescape"))
        size += one.size
    return Digest(total.hexdigest(), size, "folder")


def _digest_file(path: Path, name: str) -> Digest:
    digest = hashlib.sha256()
    head = b""
    size = 0
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PaperError(Reason.UNREADABLE, f"{name} is no regular file")
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                if len(head) < (wanted := head_bytes(head or chunk)):
                    head += chunk[: wanted - len(head)]
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise cannot_be_read(error, name) from error
    return Digest(digest.hexdigest(), size, kind_of(head, path.name))


def read_content(root: str | os.PathLike[str], row: Mapping[str, Any], *, pdf: bool = False) -> Content:
    """The content of a papers row, verified.

    Args:
        root: where the source lies.
        row: `member`, `content_kind`, `content_sha256` and `pdf_member` of the row.
        pdf: read `pdf_member` instead of the main content (its hash stands in no table and is not checked).

    Raises:
        PaperError: SOURCE_CHANGED when the bytes are not those that were recorded; IO_ERROR, UNSAFE_ARCHIVE, TOO_LARGE.
    """
    if pdf:
        return Content("pdf", PurePosixPath(path_of(row["pdf_member"])).name, _read_file(root, row["pdf_member"]))
    member = row["member"]
    path = locate(root, member, was_read=True)
    if path.is_dir():
        files = tuple(folder_files(root, member, was_read=True))
        _check(_digest_files(path, files).sha256, row)
        return Content("folder", path.name, folder=path, files=files)
    data = _read_file(root, member, was_read=True)
    _check(hashlib.sha256(data).hexdigest(), row)
    return Content(row["content_kind"], path.name, data)


def _read_file(root: str | os.PathLike[str], member: str, *, was_read: bool = False) -> bytes:
    path = locate(root, member, was_read=was_read)
    try:
        with path.open("rb") as stream:
            data = read_upto(stream, MAX_READ_BYTES + 1)
    except OSError as error:
        raise cannot_be_read(error, member) from error
    if len(data) > MAX_READ_BYTES:
        raise PaperError(Reason.TOO_LARGE, f"{member} is larger than {MAX_READ_BYTES >> 20} MiB")
    return data


def read_upto(stream: BinaryIO, size: int) -> bytes:
    """At most `size` bytes, in pieces: `read(size)` would allocate all of it for a file of any length."""
    chunks = []
    while size > 0 and (chunk := stream.read(min(size, CHUNK_BYTES))):
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _check(sha256: str, row: Mapping[str, Any]) -> None:
    if sha256 != row["content_sha256"]:
        raise PaperError(
            Reason.SOURCE_CHANGED,
            f"{row['member']} is no longer the file that was listed (sha256 {str(row['content_sha256'])[:12]} then, "
            f"{sha256[:12]} now); run again to take it in as a new part",
        )
