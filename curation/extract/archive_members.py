"""The members of a tar or zip: their names, sizes and contents, whole or refused."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import IO, Any, BinaryIO, Self

from curation.errors import BadArchiveError
from curation.extract.packed import MIB, ArchiveLimits
from curation.sources.kinds import HEAD_BYTES, read_upto
from curation.sources.member_names import safe_name
from schemas import Reason

_ZIP_HEADER_BYTES = 30
Member = tuple[str, int, IO[bytes]]
"""Name, checked; size; content."""


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


def tar_members(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> Iterator[Member]:
    """The files of a tar, which is read to its end. Raises BadArchiveError on links, devices, too many members and damage."""
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


def zip_members(opener: Callable[[], BinaryIO], limits: ArchiveLimits) -> Iterator[Member]:
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
