"""sha256 of every n-gram of a text in compiled code (FIPS 180-4): from Python a call a token costs three times as much.

Written for numba as `curation.text.kernel` is, and compiled by it; `curation.withhold.hash_index` is the front.
"""

from __future__ import annotations

from math import isqrt

import numpy as np

from curation.text.kernel import I64, U8, U32, U64, compiled


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def _cube_root(number: int) -> int:
    """The whole part of the cube root."""
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


_K = np.array([_cube_root(prime << 96) & 0xFFFF_FFFF for prime in _primes(64)], np.uint32)
_H = np.array([isqrt(prime << 64) & 0xFFFF_FFFF for prime in _primes(8)], np.uint32)
"""First 32 bits of the fractions of the roots of the first primes."""


@compiled
def rotated(x: np.uint32, n: int) -> np.uint32:
    """A 32-bit word rotated to the right."""
    return np.uint32((x >> np.uint32(n)) | (x << np.uint32(32 - n)))


@compiled
def compress(w: U32, state: U32) -> None:
    """Take the block in w[:16] into a state."""
    for t in range(16, 64):
        x, y = w[t - 15], w[t - 2]
        s0 = rotated(x, 7) ^ rotated(x, 18) ^ np.uint32(x >> np.uint32(3))
        s1 = rotated(y, 17) ^ rotated(y, 19) ^ np.uint32(y >> np.uint32(10))
        w[t] = np.uint32(w[t - 16] + s0 + w[t - 7] + s1)
    a, b, c, d, e, f, g, h = state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
    for t in range(64):
        s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
        choice = (e & f) ^ (~e & g)
        t1 = np.uint32(h + s1 + choice + _K[t] + w[t])
        s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
        majority = (a & b) ^ (a & c) ^ (b & c)
        h, g, f = g, f, e
        e = np.uint32(d + t1)
        d, c, b = c, b, a
        a = np.uint32(t1 + s0 + majority)
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h


@compiled
def hash_of(data: U8, lo: int, hi: int, w: U32, state: U32) -> np.uint64:
    """The first 8 bytes, big endian, of the sha256 of data[lo:hi].

    Args:
        w, state: 64 and 8 words to work in.
    """
    state[:] = _H
    size = hi - lo
    blocks = (size + 8) // 64 + 1
    for block in range(blocks):
        for i in range(16):
            word = np.uint32(0)
            for j in range(4):
                at = block * 64 + 4 * i + j
                byte = np.uint32(data[lo + at]) if at < size else np.uint32(0x80) if at == size else np.uint32(0)
                word = np.uint32((word << np.uint32(8)) | byte)
            w[i] = word
        if block == blocks - 1:
            w[14], w[15] = np.uint32(size >> 29), np.uint32((size << 3) & 0xFFFF_FFFF)
        compress(w, state)
    return (np.uint64(state[0]) << np.uint64(32)) | np.uint64(state[1])


@compiled
def ngram_hashes(data: U8, ends: I64, n: int, out: U64) -> None:
    """The hash of the n tokens that begin at each token, as far as there are so many.

    Args:
        data: tokens, UTF-8, a blank behind each.
        ends: where each ends.
        out: takes len(ends) - n + 1 hashes.
    """
    w, state = np.empty(64, np.uint32), np.empty(8, np.uint32)
    for i in range(len(ends) - n + 1):
        out[i] = hash_of(data, ends[i - 1] + 1 if i else 0, ends[i + n - 1], w, state)
