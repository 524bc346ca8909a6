"""Spans on disk are UTF-8 byte offsets; inside Python a text is indexed by characters. Here one becomes the other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def text_sha256(text: str) -> str:
    """sha256 of the UTF-8 bytes, hex: what a span refers to."""
    return hashlib.sha256(text.encode()).hexdigest()


def slice_bytes(text: str, start: int, end: int) -> str:
    """The passage between two byte offsets.

    Raises:
        UnicodeDecodeError: an offset lies inside a character.
        IndexError: the span is reversed or leaves the text.
    """
    data = text.encode()
    if not 0 <= start <= end <= len(data):
        raise IndexError(f"span {start}..{end} leaves a text of {len(data)} bytes")
    return data[start:end].decode()


class Offsets:
    """Turns character offsets of one text into byte offsets. Costs nothing for ASCII text."""

    def __init__(self, text: str) -> None:
        self.n_chars = len(text)
        self._starts: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None
        if not text.isascii():
            import numpy as np  # most processes that read papers need none

            code = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
            # a character takes 1 byte up to U+007F, 2 up to U+07FF, 3 up to U+FFFF, else 4 (RFC 3629, section 3)
            size = 1 + (code > 0x7F).astype(np.int64) + (code > 0x7FF) + (code > 0xFFFF)
            self._starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(size)])

    def byte_of(self, char: int) -> int:
        """Byte offset of a character offset; `n_chars` gives the length in bytes.

        Raises:
            IndexError: the offset leaves the text.
        """
        if not 0 <= char <= self.n_chars:
            raise IndexError(f"character {char} leaves a text of {self.n_chars}")
        return char if self._starts is None else int(self._starts[char])
