"""Packed bytes (gzip, bzip2, xz) read with bounds, and the bounds of an archive."""

from __future__ import annotations

import io
import lzma
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from curation.errors import BadArchiveError
from curation.sources.kinds import HEAD_BYTES, inflater
from schemas import Reason

MIB = 1024 * 1024


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
