"""The compiled inner loops over UTF-8 text: words, shingle hashes, MinHash signatures, set overlap.

What numba compiles is in this file and in those of `curation.withhold`, so that its cache on disk is found whatever imports it.
The functions release the GIL; they take the buffers of Arrow string arrays and allocate little. `curation.text.shingles` is
their front.

Measured: tests/benchmarks/dedup.py prints MB per second and core.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

SPLIT = 0x8000_0000
"""Bit of a fold table entry: the character ends its word (only the dotted capital I, whose lower case is i and a mark)."""

_MIX_WORD = np.uint64(0x9E37_79B9_7F4A_7C15)
_MIX_ROLL = np.uint64(0xD6E8_FEB8_6659_FD93)
_FMIX_1 = np.uint64(0xFF51_AFD7_ED55_8CCD)
_FMIX_2 = np.uint64(0xC4CE_B9FE_1A85_EC53)
_SEED = np.uint64(0x243F_6A88_85A3_08D3)


def _cache_dir() -> str:
    """A folder on this node that only this user can write: compiled code is loaded from it."""
    path = Path(tempfile.gettempdir()) / f"astrocorpus-numba-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError:
        return tempfile.mkdtemp(prefix="astrocorpus-numba-")
    safe = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return str(path) if safe else tempfile.mkdtemp(prefix="astrocorpus-numba-")


if not os.environ.get("NUMBA_CACHE_DIR"):
    cast(Any, numba.config).CACHE_DIR = _cache_dir()


def compiled(function: F) -> F:
    """numba's nogil, cached njit, with the type of the function kept."""
    return cast(F, numba.njit(nogil=True, cache=True, error_model="numpy")(function))


@compiled
def fmix64(h: Any) -> Any:
    """MurmurHash3's 64-bit finaliser: every bit of the input changes every bit of the output."""
    h ^= h >> np.uint64(33)
    h *= _FMIX_1
    h ^= h >> np.uint64(33)
    h *= _FMIX_2
    h ^= h >> np.uint64(33)
    return h


@compiled
def words_of(data: U8, lo: int, hi: int, ascii_fold: U8, fold: U32, words: U64, out: U8, at: int) -> tuple[int, int]:
    """Hash the words of data[lo:hi] and write them, folded, to `out` from `at` on, one space between them.

    Args:
        data: UTF-8.
        ascii_fold: lower case of each ASCII word character, 0 for every other byte.
        fold: the same for all code points; may have the bit `SPLIT`.
        words: takes one hash a word; as long as hi - lo is always enough.
        out: takes the folded bytes; at + 1.5 times hi - lo is always enough.

    Returns:
        Number of words, and the place in `out` after the last one.
    """
    one, eight = np.uint64(1), np.uint64(8)
    n = 0
    start = at
    h, acc = _SEED, one
    i = lo
    while i < hi:
        byte = np.int64(data[i])
        if byte < 128:
            i += 1
            c = ascii_fold[byte]
            if c != 0:
                out[at] = c
                at += 1
                acc = (acc << eight) | np.uint64(c)
                if acc >> np.uint64(56) != 0:
                    h = (h ^ acc) * _MIX_WORD
                    h ^= h >> np.uint64(32)
                    acc = one
                continue
            end = True
        else:
            # texts are UTF-8 by contract; a cut or foreign sequence must still not read outside of the buffers
            if i + 4 > hi and i + 2 + (byte >= 0xE0) + (byte >= 0xF0) > hi:
                cp = np.int64(0)
                i = hi
            elif byte < 0xE0:
                cp = ((byte & 0x1F) << 6) | (data[i + 1] & 0x3F)
                i += 2
            elif byte < 0xF0:
                cp = ((byte & 0x0F) << 12) | ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F)
                i += 3
            else:
                cp = (
                    ((byte & 0x07) << 18)
                    | ((data[i + 1] & 0x3F) << 12)
                    | ((data[i + 2] & 0x3F) << 6)
                    | (data[i + 3] & 0x3F)
                )
                i += 4
                cp = min(cp, np.int64(0x10FFFF))
            folded = np.int64(fold[cp])
            end = bool(folded == 0 or folded >= SPLIT)
            folded &= SPLIT - 1
            if folded != 0:
                first = at
                if folded < 0x80:
                    out[at] = folded
                    at += 1
                elif folded < 0x800:
                    out[at] = 0xC0 | (folded >> 6)
                    out[at + 1] = 0x80 | (folded & 0x3F)
                    at += 2
                elif folded < 0x10000:
                    out[at] = 0xE0 | (folded >> 12)
                    out[at + 1] = 0x80 | ((folded >> 6) & 0x3F)
                    out[at + 2] = 0x80 | (folded & 0x3F)
                    at += 3
                else:
                    out[at] = 0xF0 | (folded >> 18)
                    out[at + 1] = 0x80 | ((folded >> 12) & 0x3F)
                    out[at + 2] = 0x80 | ((folded >> 6) & 0x3F)
                    out[at + 3] = 0x80 | (folded & 0x3F)
                    at += 4
                for k in range(first, at):
                    acc = (acc << eight) | np.uint64(out[k])
                    if acc >> np.uint64(56) != 0:
                        h = (h ^ acc) * _MIX_WORD
                        h ^= h >> np.uint64(32)
                        acc = one
        if end and at > start:
            h = (h ^ acc) * _MIX_WORD
            words[n] = h ^ (h >> np.uint64(32))
            n += 1
            h, acc = _SEED, one
            out[at] = 32
            at += 1
            start = at
    if at > start:
        h = (h ^ acc) * _MIX_WORD
        words[n] = h ^ (h >> np.uint64(32))
        n += 1
        at += 1
    if n > 0:
        at -= 1
    return n, at


@compiled
def shingles_of(words: U64, n: int, size: int) -> int:
    """Hash every run of `size` words (all words at once when there are fewer) over `words` itself; returns their number.

    The polynomial sum of the word hashes, rolled along the text, through `fmix64`.
    """
    if n == 0:
        return 0
    width = min(size, n)
    rolled, oldest = np.uint64(0), np.uint64(1)
    for i in range(width):
        rolled = rolled * _MIX_ROLL + words[i]
        oldest *= _MIX_ROLL
    for i in range(width, n):
        first = words[i - width]
        words[i - width] = fmix64(rolled)
        rolled = rolled * _MIX_ROLL + words[i] - first * oldest
    words[n - width] = fmix64(rolled)
    return n - width + 1


@compiled
def sign(shingles: U64, n: int, a: U32, b: U32, mixed: U32, signature: U32) -> None:
    """MinHash over the upper 32 bits of the shingle hashes, as datasketch's scheme affine32 does it.

    The hash goes once through MurmurHash3's 32-bit finaliser; each permutation is a h + b mod 2^32 with odd a. One permutation
    after the other over a buffer that stays in the first-level cache, so that the minimum is vectorised.
    """
    for i in range(n):
        h = np.uint32(shingles[i] >> np.uint64(32))
        h ^= h >> np.uint32(16)
        h = np.uint32(h * np.uint32(0x85EB_CA6B))
        h ^= h >> np.uint32(13)
        h = np.uint32(h * np.uint32(0xC2B2_AE35))
        h ^= h >> np.uint32(16)
        mixed[i] = h
    for p in range(len(a)):
        least = np.uint32(0xFFFF_FFFF)
        ap, bp = a[p], b[p]
        for i in range(n):
            least = min(least, np.uint32(mixed[i] * ap + bp))
        signature[p] = least


@compiled
def sketch(
    data: U8,
    offsets: I64,
    ascii_fold: U8,
    fold: U32,
    size: int,
    a: U32,
    b: U32,
    signatures: U32,
    n_words: I64,
    folded: U8,
    folded_ends: I64,
    shingles: U64,
    counts: I64,
) -> None:
    """Signature, word count and folded text of every document data[offsets[i]:offsets[i + 1]].

    `shingles` takes the hashes of each, unsorted, one document after the other, and `counts` their numbers; or it is empty.
    """
    longest = 0
    for d in range(len(offsets) - 1):
        longest = max(longest, offsets[d + 1] - offsets[d])
    words = np.empty(longest + 1, np.uint64)
    mixed = np.empty(longest + 1, np.uint32)
    at, kept = 0, 0
    for d in range(len(offsets) - 1):
        n, at = words_of(data, offsets[d], offsets[d + 1], ascii_fold, fold, words, folded, at)
        n_words[d] = n
        folded_ends[d] = at
        made = shingles_of(words, n, size)
        if len(shingles) > 0:
            shingles[kept : kept + made] = words[:made]
            counts[d] = made
            kept += made
        sign(words, made, a, b, mixed, signatures[d])


@compiled
def shingle_lists(
    data: U8, offsets: I64, ascii_fold: U8, fold: U32, size: int, shingles: U64, counts: I64, folded: U8
) -> None:
    """Shingle hashes of every document, unsorted, one document after the other; `counts` says how many each has."""
    at = 0
    for d in range(len(offsets) - 1):
        n, _ = words_of(data, offsets[d], offsets[d + 1], ascii_fold, fold, shingles[at:], folded, 0)
        counts[d] = shingles_of(shingles[at:], n, size)
        at += counts[d]


@compiled
def distinct(ordered: U64) -> int:
    """Move the distinct values of a sorted array to its front; returns their number."""
    n = 0
    for i in range(len(ordered)):
        if i == 0 or ordered[i] != ordered[i - 1]:
            ordered[n] = ordered[i]
            n += 1
    return n


@compiled
def overlap(a: U64, b: U64) -> int:
    """Common values of two sorted arrays without repetition."""
    i, j, common = 0, 0, 0
    n, m = len(a), len(b)
    while i < n and j < m:
        x, y = a[i], b[j]
        common += x == y
        i += x <= y
        j += y <= x
    return common


@compiled
def band_keys(signatures: U32, bands: int, rows: int, keys: U64) -> None:
    """One 64-bit hash for each band of `rows` values of each signature; the number of the band goes into it."""
    for d in range(len(signatures)):
        for k in range(bands):
            h = np.uint64(k + 1) * _MIX_ROLL
            for r in range(rows):
                h = (h ^ np.uint64(signatures[d, k * rows + r])) * _MIX_WORD
                h ^= h >> np.uint64(32)
            keys[d, k] = fmix64(h)


@compiled
def paragraphs_of(
    data: U8,
    offsets: I64,
    ascii_fold: U8,
    fold: U32,
    min_words: int,
    sentences: bool,
    hashes: U64,
    sizes: I64,
    starts: I64,
    ends: I64,
    counts: I64,
) -> int:
    """Hash the words of every paragraph of every document; returns the number of paragraphs found.

    A paragraph ends at a line break that only spaces part from the next one; with `sentences` it is cut at `.`, `!` and `?`
    before white space too. `starts` and `ends` are bytes of the document, from
    the first character of the paragraph to what ends it; `counts` says how many each document has.
    """
    longest = 0
    for d in range(len(offsets) - 1):
        longest = max(longest, offsets[d + 1] - offsets[d])
    words = np.empty(longest + 1, np.uint64)
    folded = np.empty(longest * 3 // 2 + 8, np.uint8)
    found = 0
    for d in range(len(offsets) - 1):
        lo, hi = offsets[d], offsets[d + 1]
        first = found
        start = lo
        while start < hi:
            end = start
            after = hi
            while end < hi:
                byte = data[end]
                if sentences and (byte == 46 or byte == 33 or byte == 63):
                    if end + 1 < hi and (data[end + 1] == 32 or 9 <= data[end + 1] <= 13):
                        after = end + 1
                        break
                elif byte == 10:
                    k = end + 1
                    while k < hi and (data[k] == 32 or data[k] == 9 or data[k] == 13):
                        k += 1
                    if k < hi and data[k] == 10:
                        after = k + 1
                        break
                end += 1
            n, _ = words_of(data, start, end, ascii_fold, fold, words, folded, 0)
            if n >= min_words:
                h = _SEED
                for i in range(n):
                    h = fmix64(h * _MIX_ROLL + words[i])
                hashes[found] = h
                sizes[found] = n
                starts[found] = start - lo
                ends[found] = end - lo
                found += 1
            start = after
        counts[d] = found - first
    return found
