"""Arrow texts as the compiled kernel reads them: bytes, offsets, and what letter each character folds to.

Words are the runs of `\\w` of a lower-cased text, both Greek sigmas being one letter: `normalise` says it in Python.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.text import kernel
from curation.text.kernel import I64, U8, U32

Texts: TypeAlias = "pa.Array | pa.ChunkedArray"
_WORD = re.compile(r"\w+")


def normalise(text: str) -> str:
    """The words of a text, lower case, one space between them. `str.lower` picks a sigma by context: here there is one."""
    return " ".join(_WORD.findall(text.lower().replace("ς", "σ")))


@lru_cache(maxsize=1)
def fold_tables() -> tuple[U8, U32]:
    """Lower case of every ASCII and of every Unicode word character, 0 for all others, as `kernel.words_of` reads them."""
    points = np.r_[0:0xD800, 0xE000:0x110000].astype("<u4")
    text = points.tobytes().decode("utf-32-le")
    lower = text.replace("İ", "i").lower()
    fold = np.zeros(0x110000, np.uint32)
    codes = np.frombuffer(lower.encode("utf-32-le"), "<u4")
    for run in _WORD.finditer(text):
        fold[points[run.start() : run.end()]] = codes[run.start() : run.end()]
    fold[ord("Σ")] = fold[ord("ς")] = ord("σ")
    fold[ord("İ")] |= np.uint32(kernel.SPLIT)
    ascii_fold = np.zeros(128, np.uint8)
    ascii_fold[:] = fold[:128]
    return ascii_fold, fold


def buffers(texts: Texts) -> tuple[U8, I64]:
    """UTF-8 bytes and offsets of string or large_string texts, without a copy of the bytes; null counts as empty."""
    if isinstance(texts, pa.ChunkedArray):
        texts = (
            texts.chunk(0) if texts.num_chunks == 1 else pa.concat_arrays(texts.chunks or [pa.array([], texts.type)])
        )
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, offsets, data = texts.buffers()
    if len(texts) == 0:
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    numbers = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    return np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8), numbers
