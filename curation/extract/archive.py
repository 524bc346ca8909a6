"""Papers as they are shipped (tar, zip, gzip, bzip2, xz, folder) opened into {relative path: bytes}, whatever they hold.

Nothing is ever written to disk: members are read into memory, and only those that text is made of. An archive is
refused as a whole when one of its members tries to leave it, because nothing else in it is to be trusted then.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, Self

from curation.errors import BadArchiveError, PaperError
from curation.sources.kinds import HEAD_BYTES, PACKED_LAYERS, ZIP, inflater, is_tar, kind_of, read_upto, without_packing
from curation.sources.member_names import safe_name
from curation.sources.paper_names import names_a_paper
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


class Inflated(io.RawIOBase):
    """A gzip, bzip2 or xz stream that is read with bounds and that tells a truncated file from a whole one.

    Check sums and lengths stand behind what they check: only a reader that reads to the end knows that all was right.

    Raises on reading:
        BadArchiveError: BAD_ARCHIVE when broken, truncated or followed by other bytes, TOO_LARGE when it unpacks past the
            limits.
    """

    def __init__(self, raw: BinaryIO, limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
        self._raw = raw
        self._limits = limits
        self._pending = raw.read(HEAD_BYTES)
        self._inflate = inflater(self._pending)
        self._packed = len(self._pending)
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
            if not self._pending and getattr(self._inflate, "needs_input", True):
                self._pending = self._raw.read(HEAD_BYTES)
                self._packed += len(self._pending)
                if not self._pending:
                    raise BadArchiveError("the packed stream ends early: the file is truncated")
            try:
                data: bytes = self._inflate.decompress(self._pending, size)
            except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
                raise BadArchiveError(f"broken packed stream: {error}") from error
            self._pending = getattr(self._inflate, "unconsumed_tail", b"")  # bzip2 and xz keep it themselves
            if self._inflate.eof:
                self._next_stream()
            if data:
                self._count(len(data))
                return data
        return b""

    def _next_stream(self) -> None:
        """A file may hold several streams of one sort, with zeros after each of them; anything else is damage."""
        rest = self._inflate.unused_data.lstrip(b"\0")
        while len(rest) < HEAD_BYTES and (more := self._raw.read(HEAD_BYTES)):
            self._packed += len(more)
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            self._done = True
        elif isinstance(following := inflater(rest), type(self._inflate)):
            self._inflate, self._pending = following, rest
        else:
            raise BadArchiveError("after a packed stream come bytes that are neither zeros nor another stream")

    def _count(self, size: int) -> None:
        self._unpacked += size
        limits = self._limits
        if self._unpacked > limits.max_unpacked_bytes:
            raise BadArchiveError(f"unpacks to more than {limits.max_unpacked_bytes // MIB} MiB", Reason.TOO_LARGE)
        if self._unpacked > limits.ratio_free_bytes and self._unpacked > limits.max_ratio * max(1, self._packed):
            raise BadArchiveError(f"unpacks to more than {limits.max_ratio} times its size", Reason.TOO_LARGE)


def open_file(data: bytes, name: str, limits: ArchiveLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """The members of a shipped file that text is made of.

    A tar or zip gives its text files, or its PDFs when it holds no TeX; a single gzip or plain file gives one entry, named
    after the file (arXiv's `2301.00001.gz` of one TeX file becomes `2301.00001.tex`).

    Raises:
        BadArchiveError: BAD_ARCHIVE, UNSAFE_ARCHIVE or TOO_LARGE.
        PaperError: EMPTY_FILE, or UNKNOWN_FORMAT when no member can become text.
    """
    opener: Callable[[], BinaryIO] = lambda: io.BytesIO(data)  # noqa: E731 (reopened layer by layer below)
    stem = name
    for _ in range(PACKED_LAYERS):
        head = read_upto(opener(), HEAD_BYTES)
        if inflater(head) is None:
            break
        stem = without_packing(stem)
        opener = _inflated(opener, limits)
    head = read_upto(opener(), HEAD_BYTES)
    if not head:
        raise PaperError(Reason.EMPTY_FILE, f"{name} holds nothing")
    if is_tar(head):
        return _open_archive(lambda: _tar_members(opener, limits), limits)
    if head.startswith(ZIP):
        return _open_archive(lambda: _zip_members(opener, limits), limits)
    kind = kind_of(head, stem)
    bound = limits.max_pdf_bytes if kind == "pdf" else limits.max_file_bytes
    content = read_upto(opener(), bound + 1)
    if len(content) > bound:
        raise BadArchiveError(f"{name} is larger than {bound // MIB} MiB", Reason.TOO_LARGE)
    return {_with_suffix(stem, kind): content}


def _inflated(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> Callable[[], BinaryIO]:
    return lambda: io.BufferedReader(Inflated(opener(), limits), HEAD_BYTES)


def _with_suffix(stem: str, kind: str) -> str:
    suffix = {"tex": ".tex", "pdf": ".pdf", "text": ".txt"}.get(kind, "")
    return stem if stem.lower().endswith((suffix, ".ltx", ".latex", ".md")) else stem + suffix


def _open_archive(listed: Callable[[], Iterator[Member]], limits: ArchiveLimits) -> dict[str, bytes]:
    files = _members(listed(), is_wanted, limits.max_file_bytes, limits)
    if not any(holds_tex(name, data) for name, data in files.items()):
        files |= _members(listed(), lambda _, head: head.startswith(b"%PDF-"), limits.max_pdf_bytes, limits)
    if not any(holds_tex(name, data) or data.startswith(b"%PDF-") for name, data in files.items()):
        papers: list[str] = []
        files |= _heads_without_route(listed(), limits, papers)
        if not files and len(papers) > 1:
            raise PaperError(
                Reason.UNKNOWN_FORMAT,
                f"the archive holds {len(papers):,} files that are named by arXiv ids: a tar of papers, which was packed again; "
                "unpack it to a .tar",
            )
    if not files:
        raise PaperError(Reason.UNKNOWN_FORMAT, "the archive holds no TeX file, no PDF and no text")
    return files


def _heads_without_route(listed: Iterator[Member], limits: ArchiveLimits, papers: list[str]) -> dict[str, bytes]:
    """The first bytes of PostScript and HTML, so that the ledger says what there is in place of a paper that can be read.

    Args:
        papers: gets the names of members that are named as papers are.
    """
    heads: dict[str, bytes] = {}

    def note(name: str, head: bytes) -> bool:
        if kind_of(head, name) in ("postscript", "html"):
            heads[name] = head[:1024]
        if names_a_paper(PurePosixPath(name)):
            papers.append(name)
        return False

    _members(listed, note, limits.max_file_bytes, limits)
    return heads


def no_route(kinds: Iterable[str]) -> PaperError:
    """The failure of a paper that is there in kinds which no route reads."""
    if "postscript" in kinds:
        return PaperError(
            Reason.POSTSCRIPT, "PostScript has no route; a PDF of the paper beside it (same name) would be read"
        )
    if "html" in kinds:
        return PaperError(Reason.HTML, "HTML has no route: often a page that was saved in the place of a paper")
    return PaperError(Reason.UNKNOWN_FORMAT, f"no route for {', '.join(sorted(kinds)) or 'figures and data alone'}")


def is_wanted(name: str, head: bytes) -> bool:
    """True for files that text is made of; figures, fonts and data are not."""
    path = PurePosixPath(name)
    if path.name.lower().startswith("00readme") or path.suffix.lower() in TEXT_SUFFIXES:
        return True
    return not path.suffix and kind_of(head, name) == "tex"


def holds_tex(name: str, data: bytes) -> bool:
    """True for a member that may be the paper itself, not only its macros or its bibliography."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".tex", ".ltx", ".latex"):
        return bool(data.strip())
    return suffix in ("", ".txt") and kind_of(data[:HEAD_BYTES], name) == "tex"


_ZIP_HEADER_BYTES = 30
Member = tuple[str, int, IO[bytes]]
"""Name, checked; size; content."""


def _members(
    listed: Iterator[Member], wanted: Callable[[str, bytes], bool], max_file_bytes: int, limits: ArchiveLimits
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    try:
        for name, size, stream in listed:
            head = stream.read(min(size, HEAD_BYTES))
            if not wanted(name, head):
                continue
            if size > max_file_bytes:
                raise BadArchiveError(f"{name} is larger than {max_file_bytes // MIB} MiB", Reason.TOO_LARGE)
            total += size
            if total > limits.max_text_bytes:
                raise BadArchiveError(f"more than {limits.max_text_bytes // MIB} MiB of text", Reason.TOO_LARGE)
            files[name] = head + stream.read()
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        raise BadArchiveError(f"broken archive: {error}") from error
    # tarfile and zipfile on hostile headers, methods that zipfile does not know, bzip2 (OSError) in a zip
    except (ValueError, OverflowError, EOFError, NotImplementedError, RuntimeError, OSError, struct.error) as error:
        raise BadArchiveError(f"broken archive: {type(error).__name__}: {error}") from error
    return files


class _Read:
    """A stream that knows its last bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._size, self._last = stream, 0, b""

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._size += len(data)
        self._last = (self._last + data)[-tarfile.BLOCKSIZE :]
        return data

    def ends_with_zeros(self) -> bool:
        """Whether the last block, which is no whole one, is part of an end mark."""
        return not self._last[-(self._size % tarfile.BLOCKSIZE) :].strip(b"\0")


def _checked(read: _Read) -> type[tarfile.TarInfo]:
    """Tar headers that are whole or refused: tarfile itself takes a damaged one after the first for the end."""

    class Header(tarfile.TarInfo):
        @classmethod
        def fromtarfile(cls, tar: tarfile.TarFile) -> Self:
            try:
                return super().fromtarfile(tar)
            except (tarfile.EOFHeaderError, tarfile.EmptyHeaderError):  # type: ignore[attr-defined]
                raise  # the end mark, or the end of the file
            except tarfile.HeaderError as error:
                is_cut = isinstance(error, tarfile.TruncatedHeaderError)  # type: ignore[attr-defined]
                if is_cut and read.ends_with_zeros():
                    raise
                raise tarfile.ReadError(f"damaged header ({error})") from error

    return Header


def _headers(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The headers of a tar that is read to the end of its file, where after the members only zeros may stand."""
    last = None
    try:
        for last in tar:
            yield last
        stream: Any = tar.fileobj
        while rest := stream.read(HEAD_BYTES):
            if rest.strip(b"\0"):
                raise tarfile.ReadError("bytes after the end mark")
    except tarfile.TarError as error:
        place = "at its beginning" if last is None else f"after member {last.name!r}"
        raise BadArchiveError(f"broken tar: {error} {place}") from error


def _tar_members(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> Iterator[Member]:
    read: Any = _Read(opener())
    with tarfile.open(fileobj=read, mode="r|", errors="surrogateescape", tarinfo=_checked(read)) as tar:
        for count, member in enumerate(_headers(tar), 1):
            if count > limits.max_members:
                raise BadArchiveError(f"more than {limits.max_members} members", Reason.TOO_LARGE)
            raw = member.name.encode("utf-8", "surrogateescape")
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                name = raw.decode("latin-1")
            if member.issym() or member.islnk():
                raise BadArchiveError(f"member {name!r} is a link to {member.linkname!r}", Reason.UNSAFE_ARCHIVE)
            if not (member.isreg() or member.isdir()):
                raise BadArchiveError(
                    f"member {name!r} is a device, a pipe or of an unknown type", Reason.UNSAFE_ARCHIVE
                )
            name = safe_name(name)
            if stream := tar.extractfile(member) if member.isreg() else None:
                yield name, member.size, stream


def _zip_members(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> Iterator[Member]:
    """The members of a zip. zipfile gives no more of one than its declared size, and checks its CRC.

    Two readers of a zip may see two papers where a name comes twice or bytes lie outside of what the directory lists: such
    an archive is refused.
    """
    data = read_upto(opener(), limits.max_unpacked_bytes)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        listed = archive.infolist()
        if len(listed) > limits.max_members:
            raise BadArchiveError(f"more than {limits.max_members} members", Reason.TOO_LARGE)
        declared = sum(member.file_size for member in listed)
        if declared > limits.max_unpacked_bytes:
            raise BadArchiveError(f"unpacks to more than {limits.max_unpacked_bytes // MIB} MiB", Reason.TOO_LARGE)
        if declared > limits.ratio_free_bytes and declared > limits.max_ratio * len(data):
            raise BadArchiveError(f"unpacks to more than {limits.max_ratio} times its size", Reason.TOO_LARGE)
        end = data.rfind(b"PK\x05\x06") + 22 + len(archive.comment)
        if data[end:].strip(b"\0") or min((member.header_offset for member in listed), default=0) > 0:
            raise BadArchiveError("the zip holds bytes before or after what its directory lists", Reason.UNSAFE_ARCHIVE)
        places = sorted((m.header_offset, m.header_offset + _ZIP_HEADER_BYTES + m.compress_size) for m in listed)
        if any(end > after for (_, end), (after, _) in pairwise([*places, (archive.start_dir, 0)])):
            raise BadArchiveError("members of the zip share bytes", Reason.UNSAFE_ARCHIVE)
        names: set[str] = set()
        for member in listed:
            name = safe_name(member.orig_filename.replace("\\", "/"))
            if name in names:
                raise BadArchiveError(f"two members are named {name!r}", Reason.UNSAFE_ARCHIVE)
            names.add(name)
            _check_zip_member(member, name)
        for member in listed:
            if not member.is_dir():
                with archive.open(member) as stream:
                    yield safe_name(member.orig_filename.replace("\\", "/")), member.file_size, stream


def _check_zip_member(member: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)  # of Unix; 0 where another system packed
    if stat.S_ISLNK(kind):
        raise BadArchiveError(f"member {name!r} is a link", Reason.UNSAFE_ARCHIVE)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadArchiveError(f"member {name!r} is a device, a pipe or of an unknown type", Reason.UNSAFE_ARCHIVE)
    if member.flag_bits & 0x1:
        raise BadArchiveError(f"member {name!r} is encrypted")


def open_folder(
    files: Mapping[str, Callable[[], BinaryIO]], limits: ArchiveLimits = DEFAULT_LIMITS
) -> dict[str, bytes]:
    """The files of a paper's folder that text is made of; its PDFs when it holds no TeX.

    Args:
        files: path relative to the folder -> opens the file.

    Raises:
        BadArchiveError: TOO_LARGE.
        PaperError: UNKNOWN_FORMAT when no file can become text.
        OSError: a file cannot be opened or read.
    """
    found = _folder_members(files, is_wanted, limits.max_file_bytes, limits)
    if not any(holds_tex(name, data) for name, data in found.items()):
        found |= _folder_members(files, lambda _, head: head.startswith(b"%PDF-"), limits.max_pdf_bytes, limits)
    if not found:
        raise PaperError(Reason.UNKNOWN_FORMAT, "the folder holds no TeX file, no PDF and no text")
    return found


def _folder_members(
    files: Mapping[str, Callable[[], BinaryIO]],
    wanted: Callable[[str, bytes], bool],
    max_file_bytes: int,
    limits: ArchiveLimits,
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for name in sorted(files):
        with files[name]() as stream:
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
