"""The compiled inner loop of `curation.withhold.tokens`: tokens of UTF-8 text.

Written for numba as `curation.text.kernel` is, and compiled by it. What others compile calls nothing of this file: numba would
keep their old machine code when it changes.
"""

from __future__ import annotations

from typing import Any

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
UNSEEN_NAMES = "shy zwj zwnj"
"""Names of HTML for what a reader does not see."""
PARTING_NAMES = "nbsp ensp emsp thinsp hairsp numsp Tab NewLine amp lt gt quot apos lsquo rsquo ldquo rdquo ndash mdash minus hellip times plus"
"""Of what parts tokens: white space and marks."""
MARK_NAMES = "acute grave uml circ tilde cedil ring caron"
"""Of the marks that stand at the letter before."""
_UNSEEN_NAMES, _PARTING_NAMES, _MARK_NAMES = (
    np.frombuffer(f" {names} ".encode(), np.uint8) for names in (UNSEEN_NAMES, PARTING_NAMES, MARK_NAMES)
)
_LONGEST_NAME = 8
MIN_HUMPS = 3
"""Capitals behind small letters in a token of joined words (`WhichOfTheStars`)."""


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
def named(data: U8, i: int, end: int, names: U8) -> bool:
    """Whether data[i:end] is one of names, each between blanks."""
    size = end - i
    for k in range(1, len(names) - size):
        if names[k - 1] == 32 and names[k + size] == 32:
            same = 0
            while same < size and names[k + same] == data[i + same]:
                same += 1
            if same == size:
                return True
    return False


@compiled
def after_reference(data: U8, i: int, hi: int) -> tuple[Any, int]:
    """The code point that a reference of HTML, begun by `&` at i - 1, stands for, and the place after it: a blank for what parts tokens,
    a soft hyphen for what is nothing; (-1, i) where it is none."""
    k = i
    while k + 3 < hi and data[k] == 97 and data[k + 1] == 109 and data[k + 2] == 112 and data[k + 3] == 59:  # amp;
        k += 4
    none = (32, k) if k > i else (-1, i)
    if k < hi and data[k] == 35:  # number sign
        base = 16 if k + 1 < hi and data[k + 1] | 32 == 120 else 10
        most = 0x100000 if base == 16 else 1_000_000
        k += 1 + (base == 16)
        first, value = k, 0
        while k < hi and value < most:
            byte = int(data[k])
            digit = byte - 48 if byte <= 57 else (byte | 32) - 87 if byte >= 65 else -1
            if digit < 0 or digit >= base or (byte > 57 and digit < 10):
                break
            value = value * base + digit
            k += 1
        return (value, k + 1) if k < hi and k > first and data[k] == 59 and value < most else none
    end = k
    while end < hi and end < k + _LONGEST_NAME and is_letter(data[end]):
        end += 1
    if end == k or end >= hi or data[end] != 59:
        return none
    if named(data, k, end, _UNSEEN_NAMES):
        return 0xAD, end + 1
    if named(data, k, end, _PARTING_NAMES):
        return 32, end + 1
    if end > k + 1 and named(data, k + 1, end, _MARK_NAMES):
        return np.int64(data[k]), end + 1
    return none


@compiled
def after_percent(data: U8, i: int, hi: int) -> int:
    """Where a character of an address ends, written by two hexadecimal digits after `%` at i - 1, that parts tokens; -1 where none does."""
    k = i
    while k + 1 < hi and data[k] == 50 and data[k + 1] == 53:  # %25 is the sign itself
        k += 2
    if k + 1 >= hi:
        return k if k > i else -1
    first, second = data[k], data[k + 1]
    digit = second | 32  # small
    if first == 50 and (48 <= second <= 57 or 97 <= digit <= 102):
        return k + 2
    if (first == 51 and 97 <= digit <= 102) or (first == 48 and (second == 57 or digit == 97 or digit == 100)):
        return k + 2
    return k if k > i else -1


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
def is_hump(out: U8, i: int, first: int, end: int) -> Any:
    """Whether a word begins at i in a token out[first:end] of joined words: at a capital behind a small letter or digit, at one behind a
    capital and before a small letter, and at a digit behind a small letter."""
    before, byte = out[i - 1], out[i]
    if 65 <= byte <= 90:
        if 97 <= before <= 122 or 48 <= before <= 57:
            return True
        return 65 <= before <= 90 and i + 1 < end and 97 <= out[i + 1] <= 122
    return 48 <= byte <= 57 and 97 <= before <= 122


@compiled
def part_words(
    out: U8, first: int, at: int, begin: int, end: int, hashes: U64, starts: I64, ends: I64, out_ends: I64, n: int
) -> int:
    """Make small the capitals of out[first:at], the n-th token, which stands at begin to end of its text; part it where it is joined words.

    Returns:
        How many more tokens it became; of each a hash and its places are taken in, and blanks stand between.
    """
    humps, cuts = 0, 0
    for i in range(first + 1, at):
        humps += 65 <= out[i] <= 90 and 97 <= out[i - 1] <= 122
    if humps < MIN_HUMPS:
        for i in range(first, at):
            if 65 <= out[i] <= 90:
                out[i] += np.uint8(32)
        return 0
    for i in range(first + 1, at):
        cuts += is_hump(out, i, first, at)
    is_plain = end - begin == at - first
    stop, shift = at, cuts
    for i in range(at - 1, first - 1, -1):  # from behind, for words move to the right
        begins = i == first or (shift > 0 and is_hump(out, i, first, at))
        out[i + shift] = out[i] + np.uint8(32) if 65 <= out[i] <= 90 else out[i]
        if begins:
            starts[n + shift] = begin + i - first if is_plain else begin
            ends[n + shift] = begin + stop - first if is_plain else end
            out_ends[n + shift] = stop + shift
            out[stop + shift] = 32
            h = _SEED
            for k in range(i + shift, stop + shift):
                h = (h ^ np.uint64(out[k])) * _PRIME
            hashes[n + shift] = fmix64(h)
            stop = i
            shift -= 1
    return cuts


@compiled
def put(
    out: U8,
    first: int,
    at: int,
    begin: int,
    end: int,
    h: Any,
    capitals: int,
    hashes: U64,
    starts: I64,
    ends: I64,
    out_ends: I64,
    n: int,
) -> tuple[int, int]:
    """Take in the n-th token, out[first:at], which stands at begin to end of its text: the number of tokens then, and the place in `out`
    after the blank behind it."""
    if capitals > 0:
        more = part_words(out, first, at, begin, end, hashes, starts, ends, out_ends, n)
        if more > 0:
            return n + more + 1, at + more + 1
    hashes[n] = fmix64(h)
    starts[n], ends[n], out_ends[n] = begin, end, at
    out[at] = 32
    return n + 1, at + 1


@compiled
def utf8(cp: int, into: U8) -> int:
    """Write a code point as UTF-8; the number of its bytes."""
    if cp < 0x80:
        into[0] = cp
        return 1
    size = 2 + (cp >= 0x800) + (cp >= 0x10000)
    for k in range(size - 1, 0, -1):
        into[k] = 0x80 | (cp & 0x3F)
        cp >>= 6
    into[0] = cp | (0xC0 if size == 2 else 0xE0 if size == 3 else 0xF0)
    return size


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
        out: takes the tokens, a blank behind each. 5 bytes a byte of ASCII, 12 for each other and one a text are always enough.
        hashes, starts, ends, out_ends: a value a token: its hash, its bytes in its text, and where it ends in `out`. A token for a
            byte of ASCII, 4 for 3 others and one a text are always enough.
        bounds: takes the number of tokens before each text, and of all.

    Returns:
        Number of tokens, and the place in `out` after the last blank.
    """
    n, at = 0, 0
    spelled = np.empty(4, np.uint8)
    for d in range(len(offsets) - 1):
        bounds[d] = n
        lo, hi = offsets[d], offsets[d + 1]
        h, capitals = _SEED, 0
        first, begin, end = at, lo, lo
        i = lo
        while i < hi:
            byte = np.int64(data[i])
            c = ascii_fold[byte]
            if c != 0:
                if at == first:
                    begin = i
                while c != 0:
                    out[at] = data[i]
                    capitals += c != data[i]
                    at += 1
                    h = (h ^ np.uint64(c)) * _PRIME
                    i += 1
                    c = ascii_fold[data[i]] if i < hi else np.uint8(0)
                end = i
                continue
            before = i
            cp: Any = -1
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
                    cp, i = after_reference(data, i, hi)
                elif byte == 37:
                    i = max(i, after_percent(data, i, hi))
                elif (byte < 32 or byte == 127) and fold[byte] == NOTHING:
                    continue
            else:
                cp, i = code_point(data, i, hi)
                if (cp == 0x2010 or cp == 0xAD) and at > first and end == before and is_letter(data[before - 1]):
                    k = after_hyphen(data, i, hi)
                    if k >= 0:
                        i = k
                        continue
            if cp >= 0:
                place: Any = np.int64(fold[cp])
                if place == NOTHING:
                    continue
                if place != BREAK:
                    source, k, stop = letters, place + 1, place + 1 + letters[place]
                    if place == ITSELF:
                        source, k, stop = spelled, 0, utf8(cp, spelled)
                    while k < stop:
                        letter: Any = np.int64(source[k])
                        k += 1
                        if letter != 32:
                            if at == first:
                                begin = before
                            out[at] = letter
                            at += 1
                            is_capital = 65 <= letter <= 90
                            capitals += is_capital
                            h = (h ^ np.uint64(letter + 32 * is_capital)) * _PRIME
                            end = i
                        elif at > first:
                            n, at = put(
                                out, first, at, begin - lo, end - lo, h, capitals, hashes, starts, ends, out_ends, n
                            )
                            h, capitals, first = _SEED, 0, at
                    continue
            if capitals >= MIN_HUMPS:
                n, at = put(out, first, at, begin - lo, end - lo, h, capitals, hashes, starts, ends, out_ends, n)
                h, capitals, first = _SEED, 0, at
            elif at > first:  # as `put` does it: a call a token would take as long as all else
                if capitals > 0:
                    for k in range(first, at):
                        out[k] |= np.uint8(32) * (np.uint8(65) <= out[k] <= np.uint8(90))
                    capitals = 0
                hashes[n] = fmix64(h)
                starts[n], ends[n], out_ends[n] = begin - lo, end - lo, at
                n += 1
                h = _SEED
                out[at] = 32
                at += 1
                first = at
        if at > first:
            n, at = put(out, first, at, begin - lo, end - lo, h, capitals, hashes, starts, ends, out_ends, n)
    bounds[len(offsets) - 1] = n
    return n, at
