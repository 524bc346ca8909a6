"""Files of text and of lines, plain, gzip or zstd: read to their end, or refused with the reason.

Packing is told by the first bytes, not by the name; a name that promises packing must keep it, so that a file whose first
block is lost is not read as text. What is read is UTF-8: a byte order mark is left out, UTF-16 and UTF-32 with their mark
are made UTF-8. Several gzip members or zstd frames are one text; zeros after one are padding, as gzip has it.

Noticed, after every byte before it was handed out: a file that is cut, a wrong check sum or length, bytes after the last
member or frame that are none. Not to be known: a plain file that is cut, and a packed one cut where a member or frame ends.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import IO

import zstandard

from curation.errors import BrokenFileError

CHUNK_BYTES = 1 << 18
BUFFER_BYTES = 1 << 20
MAX_LINE_BYTES = 256 << 20
MAX_TEXT_BYTES = 1 << 30
"""The titles of all 3.2 million papers of arXiv have about 250 MB."""
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"
"""Bytes 2 to 4 of a frame that carries no data; the first is 50 to 5F (RFC 8878, 3.1.2)."""
_CUT_FRAME = "is cut: it ends inside a zstd frame"
_PACKED = {".gz": "gzip", ".zst": "zstd"}
_REFUSED = {b"PK\3\4": "a zip", b"BZh": "a bzip2", b"\xfd7zXZ": "an xz", b"PAR1": "a Parquet", b"%PDF": "a PDF"}
_MARKS = (  # UTF-32 before UTF-16, whose mark it begins with
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def open_text_file(path: Path | str, file: io.BufferedReader | None = None) -> IO[bytes]:
    """The content of a file of text, as a stream of UTF-8 (not checked where the file has no mark); seeks when plain.

    Args:
        path: or the address of what `file` is.
        file: the file, open at its beginning: the path only names it then.

    Raises:
        OSError: the file is missing or cannot be read.
        BrokenFileError: on opening or reading: it is damaged, or neither plain text, gzip nor zstd.
    """
    if file is None:
        there = Path(path)
        file = there.open("rb")
    try:
        return _decoded(path, _unpacked(path, file))
    except BaseException:  # whatever it was, nobody else has the file to close it
        file.close()
        raise


def numbered_lines(
    path: Path | str, file: io.BufferedReader | None = None, *, max_bytes: int = MAX_LINE_BYTES
) -> Iterator[tuple[int, bytes]]:
    """The lines of a file of text, numbered from 1, line ends included.

    Args:
        file: as of `open_text_file`.

    Raises:
        OSError, BrokenFileError: as `open_text_file`; a line is longer than `max_bytes`. Names the last good line.
    """
    number = 0
    try:
        with open_text_file(path, file) as stream:
            while line := stream.readline(max_bytes):
                if len(line) == max_bytes and not line.endswith(b"\n"):
                    raise BrokenFileError(path, f"has a line over {max_bytes >> 20} MiB")
                number += 1
                yield number, line
    except BrokenFileError as error:
        raise BrokenFileError(path, f"cannot be read after line {number}: it {error.words}") from error


def read_text(path: Path | str) -> str:
    """A whole file of text, of at most 1 GiB.

    Raises:
        OSError, BrokenFileError: as `open_text_file`; the text is no UTF-8, or longer.
    """
    chunks, size = [], 0
    with open_text_file(path) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_TEXT_BYTES:
                raise BrokenFileError(path, f"holds over {MAX_TEXT_BYTES >> 20} MiB of text")
    data = b"".join(chunks)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BrokenFileError(path, f"is no UTF-8 in line {line} ({error.reason}); save it as UTF-8") from error


class _Pieces(io.RawIOBase):
    """A stream of what an iterator gives. An error is raised again at every later read: a broken text has no end."""

    def __init__(self, pieces: Iterator[bytes], source: IO[bytes]) -> None:
        self._pieces = pieces
        self._source = source
        self._rest = memoryview(b"")
        self._error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._error is not None:
            raise self._error
        try:
            while not self._rest:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return 0
        except (OSError, BrokenFileError) as error:
            self._error = error
            raise
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def close(self) -> None:
        self._source.close()
        super().close()


def _unpacked(path: Path | str, file: io.BufferedReader) -> io.BufferedReader:
    head = file.peek(8)[:8]
    if head.startswith(_GZIP):
        pieces = _gunzipped(path, file)
    elif head.startswith(_ZSTD) or _is_skippable(head[:4]):
        pieces = _frames(path, file)
    elif (packing := _PACKED.get(PurePath(path).suffix.lower())) is not None:
        raise BrokenFileError(path, f"holds no {packing}, as its name says{'' if head else ': it is empty'}")
    elif kind := next((kind for magic, kind in _REFUSED.items() if head.startswith(magic)), None):
        raise BrokenFileError(path, f"is {kind} file, not text: plain, gzip or zstd is read")
    else:
        return file
    return io.BufferedReader(_Pieces(pieces, file), BUFFER_BYTES)


def _gunzipped(path: Path | str, file: IO[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file, mode="rb") as stream:
        try:
            while data := stream.read1(CHUNK_BYTES):
                yield data
        except EOFError as error:
            raise BrokenFileError(path, "is cut: it ends inside a gzip member") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            if str(error).startswith("Not a gzipped file"):
                raise BrokenFileError(path, "has bytes after its last gzip member that are none") from error
            raise BrokenFileError(path, f"is damaged: {error}") from error


def _is_skippable(magic: bytes) -> bool:
    return magic[1:] == _SKIPPABLE and 0x50 <= magic[0] <= 0x5F


def _frames(path: Path | str, file: io.BufferedReader) -> Iterator[bytes]:
    """Frame by frame and block by block (RFC 8878, 3.1), because the library's own readers take a cut file for a whole
    one, lose what a block before a wrong check sum gave, or unpack 128 kB of input to 4 GB at once."""
    while magic := _next_magic(file):
        if _is_skippable(magic):
            size = int.from_bytes(_exactly(path, file, 4), "little")
            while size:
                size -= len(_exactly(path, file, min(size, CHUNK_BYTES)))
        elif magic == _ZSTD:
            yield from _frame(path, file)
        elif _ZSTD.startswith(magic) or (
            len(magic) < 4 and _SKIPPABLE.startswith(magic[1:]) and magic[0] & 0xF0 == 0x50
        ):
            raise BrokenFileError(path, _CUT_FRAME)
        else:
            raise BrokenFileError(path, "has bytes after its last zstd frame that are none")


def _next_magic(file: io.BufferedReader) -> bytes:
    while (head := file.peek(4)).startswith(b"\0"):
        file.read(len(head) - len(head.lstrip(b"\0")))
    return file.read(4)


def _frame(path: Path | str, file: IO[bytes]) -> Iterator[bytes]:
    """The blocks of a frame whose magic number was read; each gives at most 128 KiB."""
    unpack = zstandard.ZstdDecompressor().decompressobj().decompress
    descriptor = _exactly(path, file, 1)
    flags = descriptor[0]
    single_segment = flags >> 5 & 1
    window, dictionary, size = 1 - single_segment, (0, 1, 2, 4)[flags & 3], (single_segment, 2, 4, 8)[flags >> 6]
    try:
        unpack(_ZSTD + descriptor + _exactly(path, file, window + dictionary + size))
        is_last = False
        while not is_last:
            head = _exactly(path, file, 3)
            block = int.from_bytes(head, "little")
            is_last, is_run = bool(block & 1), block >> 1 & 3 == 1
            yield unpack(head + _exactly(path, file, 1 if is_run else block >> 3))
        if flags & 4:
            unpack(_exactly(path, file, 4))
    except zstandard.ZstdError as error:
        raise BrokenFileError(path, f"is damaged: {error}") from error


def _exactly(path: Path | str, file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise BrokenFileError(path, _CUT_FRAME)
    return data


def _decoded(path: Path | str, stream: io.BufferedReader) -> IO[bytes]:
    head = stream.peek(4)[:4]
    for mark, codec in _MARKS:
        if head.startswith(mark):
            stream.read(len(mark))
            pieces = iter(lambda: stream.read1(CHUNK_BYTES), b"") if codec == "utf-8" else _recoded(path, stream, codec)
            return io.BufferedReader(_Pieces(pieces, stream), BUFFER_BYTES)
    return stream


def _recoded(path: Path | str, stream: io.BufferedReader, codec: str) -> Iterator[bytes]:
    decode = codecs.getincrementaldecoder(codec)().decode
    data = b"."
    while data:
        data = stream.read1(CHUNK_BYTES)
        try:
            yield decode(data, not data).encode()
        except UnicodeDecodeError as error:
            yield error.object[: error.start].decode(codec).encode()
            raise BrokenFileError(path, f"is no {codec.upper()}, as its mark says: {error.reason}") from error
