"""The compiled inner loops of retrieval: pieces of UTF-8 texts, and the features of stretches of them.

Written for numba as `curation.text.kernel` is, and compiled by it; `curation.withhold.retrieval` is the front.
"""

from __future__ import annotations

import numpy as np

from curation.text.kernel import I64, U8, compiled

FEATURE_BITS = 20
FEATURES = 1 << FEATURE_BITS
"""Features of characters, and as many of words."""
_OFFSET, _PRIME = np.uint64(0xCBF2_9CE4_8422_2325), np.uint64(0x0000_0100_0000_01B3)
_BITS, _MASK = np.uint64(FEATURE_BITS), np.uint64(FEATURES - 1)
_BLANK = 32


@compiled
def pieces_of_all(
    data: U8,
    offsets: I64,
    words: U8,
    word_ends: I64,
    starts: I64,
    ends: I64,
    bounds: I64,
    marks: U8,
    said: U8,
    said_at: I64,
    from_byte: I64,
    to_byte: I64,
    piece_bounds: I64,
) -> int:
    """Write the pieces of texts, a blank before and behind each, and return how many there are.

    Args:
        data, offsets: the texts. words, word_ends, starts, ends, bounds: their tokens (`curation.withhold.tokens.Tokens`).
        marks: 1 for each byte that is a mark.
        said: the pieces. said_at: where each begins in it, and where the next one would begin.
        from_byte, to_byte: its bytes in its text. piece_bounds: where the pieces of each text begin; their number at the end.
    """
    n, at = 0, 1
    said[0] = _BLANK
    for text in range(len(offsets) - 1):
        piece_bounds[text] = n
        base, here = offsets[text], offsets[text]
        for token in range(bounds[text], bounds[text + 1] + 1):
            is_word = token < bounds[text + 1]
            stop = base + starts[token] if is_word else offsets[text + 1]
            for byte in range(here, stop):
                if marks[data[byte]]:
                    said_at[n], from_byte[n], to_byte[n] = at, byte - base, byte + 1 - base
                    said[at], said[at + 1] = data[byte], _BLANK
                    at += 2
                    n += 1
            if is_word:
                said_at[n], from_byte[n], to_byte[n] = at, starts[token], ends[token]
                for byte in range(word_ends[token - 1] + 1 if token else 0, word_ends[token]):
                    said[at] = words[byte]
                    at += 1
                said[at] = _BLANK
                at += 1
                n += 1
                here = base + ends[token]
    said_at[n] = at
    piece_bounds[len(offsets) - 1] = n
    return n


@compiled
def hash_of(said: U8, start: int, end: int) -> int:
    """FNV-1a of some bytes, 64 bits, folded to `FEATURE_BITS`."""
    value = _OFFSET
    for byte in range(start, end):
        value = (value ^ np.uint64(said[byte])) * _PRIME
    return int((value ^ (value >> _BITS)) & _MASK)


@compiled
def features_of_all(said: U8, said_at: I64, firsts: I64, lasts: I64, features: I64, bounds: I64) -> int:
    """Write the features of stretches of pieces, as often as they stand there, and return how many they are.

    Args:
        said, said_at: as `pieces_of_all` writes them.
        firsts, lasts: the pieces of each stretch, the last excluded.
        features: those of characters below `FEATURES`, those of words from there on.
        bounds: where the features of each stretch begin; their number at the end.
    """
    n = 0
    for stretch in range(len(firsts)):
        bounds[stretch] = n
        for piece in range(firsts[stretch], lasts[stretch]):
            start, end = said_at[piece], said_at[piece + 1] - 1
            for size in range(3, 6):
                if end - start + 2 <= size:
                    features[n] = hash_of(said, start - 1, end + 1)
                    n += 1
                    break
                for byte in range(start - 1, end + 2 - size):
                    features[n] = hash_of(said, byte, byte + size)
                    n += 1
            features[n] = FEATURES + hash_of(said, start, end)
            n += 1
            if piece + 1 < lasts[stretch]:
                features[n] = FEATURES + hash_of(said, start, said_at[piece + 2] - 1)
                n += 1
    bounds[len(firsts)] = n
    return n
