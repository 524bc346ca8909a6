"""The compiled inner loops of the text layer: tokens of UTF-8 text.

Written for numba as `curation.text.kernel` is, and compiled by it; `curation.withhold.tokens` is the front.
"""

from __future__ import annotations

import numpy as np

from curation.text.kernel import I64, U8, U32, U64, compiled, fmix64

BREAK, NOTHING, ITSELF = 0, 1, 2
"""Of a fold table entry: the character parts tokens; it is no part of any (a mark); it stays as it is. Else the place of what it
becomes."""
_MIX_TOKEN = np.uint64(0x9E37_79B9_7F4A_7C15)
_SEED = np.uint64(0x243F_6A88_85A3_08D3)
_ACCENTS = np.zeros(128, np.bool_)
_ACCENTS[[ord(c) for c in "`'\"^~=."]] = True
_ACCENT_LETTERS = np.zeros(128, np.bool_)
_ACCENT_LETTERS[[ord(c) for c in "cvuHkrbdt"]] = True


@compiled
def is_letter(byte: int) -> bool:
    """Whether a byte is an ASCII letter."""
    return 97 <= byte <= 122 or 65 <= byte <= 90


@compiled
def after_hyphen(data: U8, i: int, hi: int) -> int:
    """Where a word goes on whose line ends with a hyphen that ends before i; -1 where it does not."""
    while i < hi and (data[i] == 32 or data[i] == 9 or data[i] == 13):
        i += 1
    if i >= hi or data[i] != 10:
        return -1
    i += 1
    while i < hi and (data[i] == 32 or data[i] == 9):
        i += 1
    return i if i < hi and 97 <= data[i] <= 122 else -1


@compiled
def after_backslash(data: U8, i: int, hi: int) -> int:
    """What a backslash at i - 1 begins: i' > 0, an accent that ends there; -i', a command that ends there; 0, neither."""
    if i >= hi or data[i] >= 128:
        return 0
    byte = data[i]
    if is_letter(byte):
        if _ACCENT_LETTERS[byte] and i + 1 < hi and data[i + 1] == 123:
            return i + 1
        while i < hi and is_letter(data[i]):
            i += 1
        return -i
    if _ACCENTS[byte]:
        k = i + 1
        if k < hi and data[k] == 123:
            k += 1
        if k < hi and is_letter(data[k]):
            return i + 1
    return 0


@compiled
def tokens_of(
    data: U8,
    lo: int,
    hi: int,
    ascii_fold: U8,
    fold: U32,
    letters: U8,
    out: U8,
    at: int,
    hashes: U64,
    starts: I64,
    ends: I64,
    out_ends: I64,
) -> tuple[int, int]:
    """The tokens of data[lo:hi], as `curation.withhold.tokens` has them.

    Args:
        ascii_fold: the letter that each ASCII letter or digit becomes, 0 for others.
        fold: for every code point `BREAK`, `NOTHING`, `ITSELF`, or the place in `letters` of a length and so many bytes: UTF-8 of
            what it becomes, with a blank where that parts tokens.
        out: takes the tokens, a blank behind each; at + 12 times hi - lo + 1 is always enough.
        hashes, starts, ends, out_ends: a value a token: its hash, its bytes in data[lo:hi], and where it ends in `out`. 4/3 of the
            bytes and one is always enough.

    Returns:
        Number of tokens, and the place in `out` after the last blank.
    """
    one, eight = np.uint64(1), np.uint64(8)
    n = 0
    h, acc = _SEED, one
    first = at
    begin, end = lo, lo
    i = lo
    while i < hi:
        byte = np.int64(data[i])
        if byte < 128:
            c = ascii_fold[byte]
            if c != 0:
                if at == first:
                    begin = i
                out[at] = c
                at += 1
                acc = (acc << eight) | np.uint64(c)
                if acc >> np.uint64(56) != 0:
                    h = (h ^ acc) * _MIX_TOKEN
                    h ^= h >> np.uint64(32)
                    acc = one
                i += 1
                end = i
                continue
            i += 1
            if byte == 123 or byte == 125:  # braces are nothing, but `}{` parts
                if byte == 123 or i >= hi or data[i] != 123:
                    continue
            elif byte == 45:
                if at > first and end == i - 1 and is_letter(data[i - 2]):
                    k = after_hyphen(data, i, hi)
                    if k >= 0:
                        i = k
                        continue
            elif byte == 92:
                k = after_backslash(data, i, hi)
                if k > 0:
                    i = k
                    continue
                if k < 0:
                    i = -k
        else:
            # texts are UTF-8 by contract; a cut or foreign sequence must still not read outside of the buffers
            before = i
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
            if (cp == 0x2010 or cp == 0xAD) and at > first and end == before and is_letter(data[before - 1]):
                k = after_hyphen(data, i, hi)
                if k >= 0:
                    i = k
                    continue
            place = np.int64(fold[cp])
            if place == NOTHING:
                continue
            if place != BREAK:
                source, first_byte, stop = (
                    (data, before, i) if place == ITSELF else (letters, place + 1, place + 1 + letters[place])
                )
                for k in range(first_byte, stop):
                    if source[k] != 32:
                        if at == first:
                            begin = before
                        out[at] = source[k]
                        at += 1
                        acc = (acc << eight) | np.uint64(source[k])
                        if acc >> np.uint64(56) != 0:
                            h = (h ^ acc) * _MIX_TOKEN
                            h ^= h >> np.uint64(32)
                            acc = one
                        end = i
                    elif at > first:
                        hashes[n] = fmix64(h ^ acc)
                        starts[n], ends[n], out_ends[n] = begin - lo, end - lo, at
                        n += 1
                        h, acc = _SEED, one
                        out[at] = 32
                        at += 1
                        first = at
                continue
        if at > first:
            hashes[n] = fmix64(h ^ acc)
            starts[n], ends[n], out_ends[n] = begin - lo, end - lo, at
            n += 1
            h, acc = _SEED, one
            out[at] = 32
            at += 1
            first = at
    if at > first:
        hashes[n] = fmix64(h ^ acc)
        starts[n], ends[n], out_ends[n] = begin - lo, end - lo, at
        n += 1
        out[at] = 32
        at += 1
    return n, at


@compiled
def tokens_of_all(
    data: U8,
    offsets: I64,
    ascii_fold: U8,
    fold: U32,
    letters: U8,
    out: U8,
    hashes: U64,
    starts: I64,
    ends: I64,
    out_ends: I64,
    bounds: I64,
) -> tuple[int, int]:
    """The tokens of every text data[offsets[i]:offsets[i + 1]], one text after the other; `bounds` says where each begins."""
    n, at = 0, 0
    for d in range(len(offsets) - 1):
        bounds[d] = n
        more, at = tokens_of(
            data,
            offsets[d],
            offsets[d + 1],
            ascii_fold,
            fold,
            letters,
            out,
            at,
            hashes[n:],
            starts[n:],
            ends[n:],
            out_ends[n:],
        )
        n += more
    bounds[len(offsets) - 1] = n
    return n, at
