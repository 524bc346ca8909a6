"""Papers as they are shipped (tar, gzip, folder) opened into {relative path: bytes}, whatever they hold.

Nothing is ever written to disk: members are read into memory, and only those that text is made of. An archive is
refused as a whole when one of its members tries to leave it, because nothing else in it is to be trusted then.
"""

from __future__ import annotations

import io
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from curation.errors import BadArchiveError, PaperError
from curation.sources.content import read_upto
from curation.sources.kinds import GZIP_LAYERS, HEAD_BYTES, is_tar, kind_of
from schemas import Reason

MIB = 1024 * 1024
TEXT_SUFFIXES = frozenset(
    [
        ".tex",
        ".ltx",
        ".latex",
        ".bbl",
        ".bib",
        ".sty",
        ".cls",
        ".txt",
        ".def",
        ".clo",
        ".inc",
        ".cfg",
        ".fd",
        ".ldf",
        ".pstex_t",
        ".tikz",
        ".toc",
    ]
)


@dataclass(frozen=True)
class ArchiveLimits:
    """Bounds of an archive. TeX sources of real papers lie far below all of them.

    `max_ratio` counts only past `ratio_free_bytes`: gzip cannot pass 1,032:1, EPS plots of real papers reach 20:1.
    """

    max_members: int = 20_000
    max_unpacked_bytes: int = 2048 * MIB
    max_ratio: int = 200
    ratio_free_bytes: int = 64 * MIB
    max_file_bytes: int = 32 * MIB
    max_text_bytes: int = 128 * MIB
    max_pdf_bytes: int = 100 * MIB


DEFAULT_LIMITS = ArchiveLimits()


class Gunzip(io.RawIOBase):
    """A gzip stream that is read with bounds and that tells a truncated file from a whole one.

    Raises on reading:
        BadArchiveError: BAD_ARCHIVE when broken or truncated, TOO_LARGE when it unpacks past the limits.
    """

    def __init__(self, raw: BinaryIO, limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
        self._raw = raw
        self._limits = limits
        self._inflate = zlib.decompressobj(wbits=31)
        self._pending = b""
        self._packed = 0
        self._unpacked = 0
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _some(self, size: int) -> bytes:
        while not self._done:
            if not self._pending:
                self._pending = self._raw.read(HEAD_BYTES)
                self._packed += len(self._pending)
                if not self._pending:
                    raise BadArchiveError("the gzip stream ends early: the file is truncated")
            try:
                data = self._inflate.decompress(self._pending, size)
            except zlib.error as error:
                raise BadArchiveError(f"broken gzip stream: {error}") from error
            self._pending = self._inflate.unconsumed_tail
            if self._inflate.eof:
                self._next_stream()
            if data:
                self._count(len(data))
                return data
        return b""

    def _next_stream(self) -> None:
        """A file may hold several gzip streams; whatever else follows one (zeros, junk) is padding."""
        rest = self._inflate.unused_data or self._raw.read(HEAD_BYTES)
        if rest.startswith(b"\x1f\x8b"):
            self._inflate = zlib.decompressobj(wbits=31)
            self._pending = rest
        else:
            self._done = True

    def _count(self, size: int) -> None:
        self._unpacked += size
        limits = self._limits
        if self._unpacked > limits.max_unpacked_bytes:
            raise BadArchiveError(f"unpacks to more than {limits.max_unpacked_bytes // MIB} MiB", Reason.TOO_LARGE)
        if self._unpacked > limits.ratio_free_bytes and self._unpacked > limits.max_ratio * max(1, self._packed):
            raise BadArchiveError(f"unpacks to more than {limits.max_ratio} times its size", Reason.TOO_LARGE)


def open_file(data: bytes, name: str, limits: ArchiveLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """The members of a shipped file that text is made of.

    A tar gives its text files, or its PDFs when it holds no TeX; a single gzip or plain file gives one entry, named
    after the file (arXiv's `2301.00001.gz` of one TeX file becomes `2301.00001.tex`).

    Raises:
        BadArchiveError: BAD_ARCHIVE, UNSAFE_ARCHIVE or TOO_LARGE.
        PaperError: EMPTY_FILE, or UNKNOWN_FORMAT when no member can become text.
    """
    opener: Callable[[], BinaryIO] = lambda: io.BytesIO(data)  # noqa: E731 (reopened layer by layer below)
    stem = name
    for _ in range(GZIP_LAYERS):
        head = read_upto(opener(), HEAD_BYTES)
        if not head.startswith(b"\x1f\x8b"):
            break
        stem = re.sub(r"\.gz$", "", stem, flags=re.IGNORECASE)
        opener = _gunzip_of(opener, limits)
    head = read_upto(opener(), HEAD_BYTES)
    if not head:
        raise PaperError(Reason.EMPTY_FILE, f"{name} holds nothing")
    if is_tar(head):
        return _open_tar(opener, limits)
    kind = kind_of(head, stem)
    bound = limits.max_pdf_bytes if kind == "pdf" else limits.max_file_bytes
    content = read_upto(opener(), bound + 1)
    if len(content) > bound:
        raise BadArchiveError(f"{name} is larger than {bound // MIB} MiB", Reason.TOO_LARGE)
    return {_with_suffix(stem, kind): content}


def _gunzip_of(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> Callable[[], BinaryIO]:
    return lambda: io.BufferedReader(Gunzip(opener(), limits), HEAD_BYTES)


def _with_suffix(stem: str, kind: str) -> str:
    suffix = {"tex": ".tex", "pdf": ".pdf", "text": ".txt"}.get(kind, "")
    return stem if stem.lower().endswith((suffix, ".ltx", ".latex", ".md")) else stem + suffix


def _open_tar(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> dict[str, bytes]:
    files = _members(opener, lambda name, head: is_wanted(name, head), limits.max_file_bytes, limits)
    if not any(holds_tex(name, data) for name, data in files.items()):
        files |= _members(opener, lambda name, head: head.startswith(b"%PDF-"), limits.max_pdf_bytes, limits)
    if not files:
        raise PaperError(Reason.UNKNOWN_FORMAT, "the archive holds no TeX file, no PDF and no text")
    return files


def is_wanted(name: str, head: bytes) -> bool:
    """True for files that text is made of; figures, fonts and data are not."""
    path = PurePosixPath(name)
    if path.name.startswith("00README") or path.suffix.lower() in TEXT_SUFFIXES:
        return True
    return not path.suffix and kind_of(head, name) == "tex"


def holds_tex(name: str, data: bytes) -> bool:
    """True for a member that may be the paper itself, not only its macros or its bibliography."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".tex", ".ltx", ".latex"):
        return bool(data.strip())
    return suffix in ("", ".txt") and kind_of(data[:HEAD_BYTES], name) == "tex"


def _members(
    opener: Callable[[], BinaryIO], wanted: Callable[[str, bytes], bool], max_file_bytes: int, limits: ArchiveLimits
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(fileobj=opener(), mode="r|", errors="surrogateescape") as tar:
            for count, member in enumerate(tar, 1):
                if count > limits.max_members:
                    raise BadArchiveError(f"more than {limits.max_members} members", Reason.TOO_LARGE)
                name = _safe_name(member)
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is None:
                    continue
                head = stream.read(min(member.size, HEAD_BYTES))
                if not wanted(name, head):
                    continue
                if member.size > max_file_bytes:
                    raise BadArchiveError(f"{name} is larger than {max_file_bytes // MIB} MiB", Reason.TOO_LARGE)
                total += member.size
                if total > limits.max_text_bytes:
                    raise BadArchiveError(f"more than {limits.max_text_bytes // MIB} MiB of text", Reason.TOO_LARGE)
                files[name] = head + stream.read()
    except tarfile.TarError as error:
        raise BadArchiveError(f"broken tar: {error}") from error
    except (ValueError, OverflowError, EOFError, UnicodeError) as error:  # tarfile on hostile headers
        raise BadArchiveError(f"broken tar: {type(error).__name__}: {error}") from error
    return files


def _safe_name(member: tarfile.TarInfo) -> str:
    name = member.name.encode("utf-8", "surrogateescape")
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        text = name.decode("latin-1")
    if member.issym() or member.islnk():
        raise BadArchiveError(f"member {text!r} is a link to {member.linkname!r}", Reason.UNSAFE_ARCHIVE)
    if not (member.isreg() or member.isdir()):
        raise BadArchiveError(f"member {text!r} is a device, a pipe or of an unknown type", Reason.UNSAFE_ARCHIVE)
    path = PurePosixPath(text)
    if path.is_absolute() or text.startswith("\\") or re.match(r"[A-Za-z]:[\\/]", text):
        raise BadArchiveError(f"member {text!r} has an absolute name", Reason.UNSAFE_ARCHIVE)
    if ".." in path.parts or ".." in text.split("\\") or "\0" in text:
        raise BadArchiveError(f"member {text!r} leaves the archive", Reason.UNSAFE_ARCHIVE)
    return path.as_posix()


def open_folder(folder: Path, files: Iterable[str], limits: ArchiveLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """The files of a paper's folder that text is made of; its PDFs when it holds no TeX.

    Args:
        files: paths relative to `folder`, as `curation.sources.content.folder_files` lists them (checked, no links out).

    Raises:
        BadArchiveError: TOO_LARGE.
        PaperError: UNKNOWN_FORMAT when no file can become text.
    """
    names = sorted(files)
    found = _folder_members(folder, names, is_wanted, limits.max_file_bytes, limits)
    if not any(holds_tex(name, data) for name, data in found.items()):
        found |= _folder_members(folder, names, lambda _, head: head.startswith(b"%PDF-"), limits.max_pdf_bytes, limits)
    if not found:
        raise PaperError(Reason.UNKNOWN_FORMAT, "the folder holds no TeX file, no PDF and no text")
    return found


def _folder_members(
    folder: Path, names: list[str], wanted: Callable[[str, bytes], bool], max_file_bytes: int, limits: ArchiveLimits
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for name in names:
        with (folder / name).open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            if not wanted(name, head):
                continue
            data = head + read_upto(stream, max_file_bytes + 1 - len(head))
        if len(data) > max_file_bytes:
            raise BadArchiveError(f"{name} is larger than {max_file_bytes // MIB} MiB", Reason.TOO_LARGE)
        total += len(data)
        if total > limits.max_text_bytes:
            raise BadArchiveError(f"more than {limits.max_text_bytes // MIB} MiB of text", Reason.TOO_LARGE)
        found[name] = data
    return found
