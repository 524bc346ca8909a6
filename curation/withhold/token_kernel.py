"""The compiled inner loop of `curation.withhold.tokens`: tokens of UTF-8 text.

Written for numba as `curation.text.kernel` is, and compiled by it. What others compile calls nothing of this file: numba would
keep their old machine code when it changes.
"""

from __future__ import annotations

import numpy as np

from curation.text.kernel import I64, U8, U32, U64, compiled, fmix64

BREAK, NOTHING, ITSELF = 0, 1, 2
"""Of a fold table entry: the character parts tokens; it is no part of any (a mark, or unseen); it stays as it is. Else the place of what it
becomes."""
_SEED = np.uint64(0xCBF2_9CE4_8422_2325)
_PRIME = np.uint64(0x0000_0100_0000_01B3)
"""Of FNV-1a, 64 bits: a multiplication a byte."""
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
def after_unseen(data: U8, i: int, hi: int) -> int:
    """Where a reference of HTML ends, begun by `&` at i - 1, to a soft hyphen or a character without a width; -1 where it is none."""
    k = i + 1
    value = 0
    if i + 3 < hi and data[i] == 115 and data[i + 1] == 104 and data[i + 2] == 121:  # shy
        value, k = 0xAD, i + 3
    elif i + 3 < hi and data[i] == 122 and data[i + 1] == 119:  # zwj, zwnj
        k = i + 2 + (data[i + 2] == 110)
        value, k = (0x200D, k + 1) if data[k] == 106 else (0, k)
    elif i + 2 < hi and data[i] == 35:  # number sign
        base = 16 if data[k] | 32 == 120 else 10
        k += base == 16
        while k < hi and value < 0x110000:
            byte = int(data[k])
            digit = byte - 48 if byte <= 57 else (byte | 32) - 87 if byte >= 65 else -1
            if digit < 0 or digit >= base or (byte > 57 and digit < 10):
                break
            value = value * base + digit
            k += 1
    is_unseen = value == 0xAD or 0x200B <= value <= 0x200F or value == 0x2060 or value == 0xFEFF
    return k + 1 if is_unseen and k < hi and data[k] == 59 else -1


@compiled
def code_point(data: U8, i: int, hi: int) -> tuple[int, int]:
    """The code point of several bytes that begins at i, and the place after it.

    Texts are UTF-8 by contract; a cut or foreign sequence must still not read outside of the buffers.
    """
    byte = np.int64(data[i])
    if i + 4 > hi and i + 2 + (byte >= 0xE0) + (byte >= 0xF0) > hi:
        return 0, hi
    if byte < 0xE0:
        return ((byte & 0x1F) << 6) | (data[i + 1] & 0x3F), i + 2
    if byte < 0xF0:
        return ((byte & 0x0F) << 12) | ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F), i + 3
    rest = ((data[i + 1] & 0x3F) << 12) | ((data[i + 2] & 0x3F) << 6) | (data[i + 3] & 0x3F)
    return min(((byte & 0x07) << 18) | rest, 0x10FFFF), i + 4


@compiled
def more_bytes(data: U8, offsets: I64) -> int:
    """How many bytes of texts data[offsets[0]:offsets[-1]] are no ASCII."""
    found = 0
    for i in range(offsets[0], offsets[-1]):
        found += data[i] >> np.uint8(7)
    return found


@compiled
def tokens_of(
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
    """The tokens of texts data[offsets[d]:offsets[d + 1]], as `curation.withhold.tokens` has them, one text after the other.

    Args:
        ascii_fold: the letter that each ASCII letter or digit becomes, 0 for other bytes.
        fold: for every code point `BREAK`, `NOTHING`, `ITSELF`, or the place in `letters` of a length and so many bytes: UTF-8 of
            what it becomes, with a blank where that parts tokens.
        out: takes the tokens, a blank behind each. A byte a byte of ASCII, 12 for each other and one a text are always enough.
        hashes, starts, ends, out_ends: a value a token: its hash, its bytes in its text, and where it ends in `out`. A token for two
            bytes of ASCII, 4 for 3 others and one a text are always enough.
        bounds: takes the number of tokens before each text, and of all.

    Returns:
        Number of tokens, and the place in `out` after the last blank.
    """
    n, at = 0, 0
    for d in range(len(offsets) - 1):
        bounds[d] = n
        lo, hi = offsets[d], offsets[d + 1]
        h = _SEED
        first, begin, end = at, lo, lo
        i = lo
        while i < hi:
            byte = np.int64(data[i])
            c = ascii_fold[byte]
            if c != 0:
                if at == first:
                    begin = i
                while c != 0:
                    out[at] = c
                    at += 1
                    h = (h ^ np.uint64(c)) * _PRIME
                    i += 1
                    c = ascii_fold[data[i]] if i < hi else np.uint8(0)
                end = i
                continue
            if byte < 128:
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
                elif byte == 38:
                    k = after_unseen(data, i, hi)
                    if k >= 0:
                        i = k
                        continue
                elif (byte < 32 or byte == 127) and fold[byte] == NOTHING:
                    continue
            else:
                before = i
                cp, i = code_point(data, i, hi)
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
                            h = (h ^ np.uint64(source[k])) * _PRIME
                            end = i
                        elif at > first:
                            hashes[n] = fmix64(h)
                            starts[n], ends[n], out_ends[n] = begin - lo, end - lo, at
                            n += 1
                            h = _SEED
                            out[at] = 32
                            at += 1
                            first = at
                    continue
            if at > first:
                hashes[n] = fmix64(h)
                starts[n], ends[n], out_ends[n] = begin - lo, end - lo, at
                n += 1
                h = _SEED
                out[at] = 32
                at += 1
                first = at
        if at > first:
            hashes[n] = fmix64(h)
            starts[n], ends[n], out_ends[n] = begin - lo, end - lo, at
            n += 1
            out[at] = 32
            at += 1
    bounds[len(offsets) - 1] = n
    return n, at
