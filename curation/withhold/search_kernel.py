"""The compiled inner loops of `curation.withhold.index`: the search for stretches of texts that may hold an item.

Written for numba as `curation.text.kernel` is, and compiled by it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curation.text.kernel import I64, U8, U64, compiled, fmix64

STEM_BYTES = 4
"""Bytes of a word by which it is looked up: OCR may read the others wrongly."""
_TAIL = np.uint64(1)
_ALONE: int = np.uint64(0)  # type: ignore[assignment]
_WORD_BITS = np.uint64(63)


@compiled
def is_held(key: int, slots: I64, table: U64) -> bool:
    """Whether a key stands in an open table."""
    mask = np.uint64(len(slots) - 1)
    at = key & mask
    while slots[at] >= 0:
        if table[at] == key:
            return True
        at = (at + np.uint64(1)) & mask
    return False


@compiled
def stems_of(
    out: U8, out_ends: I64, hashes: U64, lo: int, hi: int, slots: I64, table: U64, stems: U64, tails: U64, places: I64
) -> int:
    """The stems of the content words among tokens lo to hi, and the places of these; returns their number.

    A content word has `STEM_BYTES` bytes or more, a letter, and is none of the function words of a table. Its stem is its first
    bytes as a number, its tail its last ones.
    """
    made = 0
    for p in range(lo, hi):
        start = out_ends[p - 1] + 1 if p > 0 else 0
        end = out_ends[p]
        if end - start < STEM_BYTES:
            continue
        stem, tail, has_letter = np.uint64(0), _TAIL, False
        for k in range(start, end):
            has_letter |= out[k] > 57
            if k < start + STEM_BYTES:
                stem = (stem << np.uint64(8)) | np.uint64(out[k])
            if k >= end - STEM_BYTES:
                tail = (tail << np.uint64(8)) | np.uint64(out[k])
        if has_letter and not is_held(hashes[p], slots, table):
            stems[made] = stem
            tails[made] = tail
            places[made] = p
            made += 1
    return made


@compiled
def seed_of(first: int, second: int) -> int:
    """The hash of two content words in their order, from their stems."""
    return fmix64((first << np.uint64(32)) | second)  # type: ignore[no-any-return]


@compiled
def seeds_of(first: U64, second: U64) -> U64:
    """The hash of every pair of stems."""
    seeds = np.empty(len(first), np.uint64)
    for i in range(len(first)):
        seeds[i] = seed_of(first[i], second[i])
    return seeds


NGRAM = 5
"""Tokens of a seed of those items that have too few words for others."""


@compiled
def ngram_at(hashes: U64, p: int) -> int:
    """The hash of `NGRAM` tokens from p on, as they stand there, letters or not."""
    key = np.uint64(0)
    for q in range(p, p + NGRAM):
        key = ((key << np.uint64(13)) | (key >> np.uint64(51))) ^ hashes[q]
    return fmix64(key)  # type: ignore[no-any-return]


@compiled
def ngrams_of(hashes: U64) -> U64:
    """The hash of every `NGRAM` tokens."""
    found = np.empty(max(0, len(hashes) - NGRAM + 1), np.uint64)
    for p in range(len(found)):
        found[p] = ngram_at(hashes, p)
    return found


@compiled
def place_of(key: int, slots: I64, table: U64, filter_bits: U64) -> int:
    """The place of a key of an open table; -1 where it is not there."""
    bit = (key >> np.uint64(20)) & np.uint64(len(filter_bits) * 64 - 1)
    if not filter_bits[bit >> np.uint64(6)] >> (bit & _WORD_BITS) & np.uint64(1):
        return -1
    mask = np.uint64(len(slots) - 1)
    at = key & mask
    while slots[at] >= 0 and table[at] != key:
        at = (at + np.uint64(1)) & mask
    return slots[at]  # type: ignore[no-any-return]


@compiled
def fill(keys: U64, slots: I64, table: U64, filter_bits: U64) -> None:
    """Enter distinct keys into an open table of a power of two of slots (slot -> place of the key, -1 free) and a filter."""
    mask, bits = np.uint64(len(slots) - 1), np.uint64(len(filter_bits) * 64 - 1)
    for k in range(len(keys)):
        key = keys[k]
        at = key & mask
        while slots[at] >= 0:
            at = (at + np.uint64(1)) & mask
        slots[at] = k
        table[at] = key
        bit = (key >> np.uint64(20)) & bits
        filter_bits[bit >> np.uint64(6)] |= np.uint64(1) << (bit & _WORD_BITS)


GRAM_BYTES, LONG_GRAM_BYTES = 4, 8
"""Bytes of a gram, and of one of a long text: of tokens as they stand behind each other, without blanks, so that words which noise parts or joins have theirs."""
LONG_GRAMS = 4
"""Of the grams of long texts one in so many counts: what is near them in a text has so many that most others would be there by chance."""
GRAM_BITS = 14
"""A gram is a bit of so many bits of numbers."""
BLOCK = 64
"""Tokens of which the grams are noted together."""
_WORDS = 1 << (GRAM_BITS - 6)


@compiled
def grams_of(out: U8, out_ends: I64, lo: int, hi: int, is_long: bool, blocks: U64) -> None:
    """Note the grams of tokens lo to hi, by block of `BLOCK` of them (rows: bits), each where its last byte is."""
    blocks[:] = 0
    width = LONG_GRAM_BYTES if is_long else GRAM_BYTES
    mask = np.uint64(0xFFFF_FFFF_FFFF_FFFF) if is_long else np.uint64(0xFFFF_FFFF)
    left_out = np.uint64(LONG_GRAMS - 1) if is_long else np.uint64(0)
    gram, n = np.uint64(0), 0
    for p in range(lo, hi):
        block = (p - lo) // BLOCK
        for k in range(out_ends[p - 1] + 1 if p > 0 else 0, out_ends[p]):
            gram = ((gram << np.uint64(8)) | np.uint64(out[k])) & mask
            n += 1
            if n >= width:
                key = fmix64(gram)
                if key & left_out == 0:
                    bit = key >> np.uint64(64 - GRAM_BITS)
                    blocks[block, bit >> np.uint64(6)] |= np.uint64(1) << (bit & _WORD_BITS)


@compiled
def bits_of(out: U8, out_ends: I64, lo: int, hi: int, is_long: bool) -> U64:
    """The grams of tokens lo to hi, each once, in order."""
    blocks = np.empty(((hi - lo) // BLOCK + 1, _WORDS), np.uint64)
    grams_of(out, out_ends, lo, hi, is_long, blocks)
    bits, n = np.empty(1 << GRAM_BITS, np.uint64), 0
    for word in range(_WORDS):
        held = np.uint64(0)
        for block in range(len(blocks)):
            held |= blocks[block, word]
        for bit in range(64):
            if (held >> np.uint64(bit)) & np.uint64(1):
                bits[n] = np.uint64(word * 64 + bit)
                n += 1
    return bits[:n].copy()


@compiled
def holds_grams(blocks: U64, first: int, last: int, grams: U64, share: int) -> bool:
    """Whether blocks first to last hold so many per cent of some grams."""
    may_miss = len(grams) * (100 - share) // 100
    for k in range(len(grams)):
        word, bit = grams[k] >> np.uint64(6), grams[k] & _WORD_BITS
        found = np.uint64(0)
        for block in range(first, last + 1):
            found |= blocks[block, word]
        if (found >> bit) & np.uint64(1) == 0:
            may_miss -= 1
            if may_miss < 0:
                return False
    return True


@compiled
def grown(rows: I64, used: int) -> I64:
    """Rows with twice the room, of which `used` are filled."""
    more = np.empty((2 * len(rows), rows.shape[1]), np.int64)
    more[:used] = rows[:used]
    return more


@compiled
def posted_at(place: int, k: int, posted: I64, postings: I64, hits: I64, found: int) -> tuple[I64, int]:
    """Note a seed, the k-th of all, at a place of a text for each piece that has it."""
    for row in range(posted[k], posted[k + 1]):
        if found == len(hits):
            hits = grown(hits, found)
        hits[found, 0] = (postings[row, 0] << 32) | place
        hits[found, 1] = row
        found += 1
    return hits, found


@compiled
def find_hits(
    text: U8,
    text_ends: I64,
    hashes: U64,
    bounds: I64,
    no_slots: I64,
    no_table: U64,
    slots: I64,
    table: U64,
    filter_bits: U64,
    posted: I64,
    postings: I64,
    has_ngrams: bool,
) -> I64:
    """Every place of texts where a seed of a piece begins: rows of piece * 2^32 + token, row of `postings`.

    A seed is a content word with the next or the next but one, by their stems or by their tails, a word alone, or `NGRAM` tokens.

    Args:
        text: the tokens of all texts, a blank behind each.
        text_ends: where each ends.
        bounds: where those of each text begin.
        no_slots, no_table: the table of the function words.
        posted: where the postings of each key begin, their number at the end.
        postings: rows of piece, weight.
        has_ngrams: whether some seeds are `NGRAM` tokens.
    """
    longest = 0
    for d in range(len(bounds) - 1):
        longest = max(longest, bounds[d + 1] - bounds[d])
    stems, tails, places = np.empty(longest, np.uint64), np.empty(longest, np.uint64), np.empty(longest, np.int64)
    hits, found = np.empty((4096, 2), np.int64), 0
    for d in range(len(bounds) - 1):
        lo, hi = bounds[d], bounds[d + 1]
        for p in range(lo, hi - NGRAM + 1 if has_ngrams else lo):
            k = place_of(ngram_at(hashes, p), slots, table, filter_bits)
            if k >= 0:
                hits, found = posted_at(p, k, posted, postings, hits, found)
        n = stems_of(text, text_ends, hashes, lo, hi, no_slots, no_table, stems, tails, places)
        for p in range(n):
            for kind in range(5):
                q = p + (kind + 1) // 2
                if q >= n:
                    break
                if kind == 0:
                    key = seed_of(stems[p], _ALONE)
                elif kind & 1:
                    key = seed_of(stems[p], stems[q])
                else:
                    key = seed_of(tails[p], tails[q])
                k = place_of(key, slots, table, filter_bits)
                if k >= 0:
                    hits, found = posted_at(places[p], k, posted, postings, hits, found)
    return hits[:found]


@compiled
def weight_if_new(rows: I64, k: int, lo: int, hi: int, postings: I64) -> int:
    """The weight of the k-th seed; 0 where one of those from lo to hi is the same."""
    for other in range(lo, hi):
        if rows[other] == rows[k]:
            return 0
    return postings[rows[k], 1]  # type: ignore[no-any-return]


@compiled
def candidates(
    text: U8,
    text_ends: I64,
    bounds: I64,
    keys: I64,
    rows: I64,
    postings: I64,
    least: I64,
    reach: I64,
    is_long: npt.NDArray[np.bool_],
    gram_bounds: I64,
    grams: U64,
    share: int,
    long_share: int,
) -> tuple[I64, int]:
    """The stretches of texts that may hold a piece of an item: rows of text, piece, first and last token of the text at which a seed begins.

    Seeds of a piece that are nearer to each other than its `reach` are one stretch. It is a candidate where its seeds weigh
    `least`, and where what is within reach holds `share` per cent of the piece's grams, `long_share` of a long one.

    Args:
        text, text_ends, bounds, postings: as `find_hits` has them.
        keys, rows: what `find_hits` found, by piece and place.
        least, reach, is_long: of every piece.
        gram_bounds: where the grams of each piece begin, their number at the end.
        grams: of all pieces, as bits; of each distinct ones.

    Returns:
        rows (more than are filled), and their number.
    """
    first_block = np.zeros(len(bounds), np.int64)
    for d in range(len(bounds) - 1):
        first_block[d + 1] = first_block[d] + (bounds[d + 1] - bounds[d]) // BLOCK + 1
    blocks = np.empty((2, first_block[-1] if len(keys) else 0, _WORDS), np.uint64)
    for kind in range(1 + is_long.any() if len(keys) else 0):
        for d in range(len(bounds) - 1):
            own = blocks[kind, first_block[d] : first_block[d + 1]]
            grams_of(text, text_ends, bounds[d], bounds[d + 1], kind == 1, own)
    found, made = np.empty((64, 4), np.int64), 0
    i, weight, tried, lo, hi, d = 0, 0, -1, 0, 0, -1
    for k in range(len(keys)):
        piece, place = keys[k] >> 32, keys[k] & 0xFFFF_FFFF
        if keys[i] >> 32 != piece or place >= hi:
            d = np.searchsorted(bounds, place, "right") - 1
            i, weight, tried, lo, hi = k, 0, -1, bounds[d], bounds[d + 1]
        while place - (keys[i] & 0xFFFF_FFFF) > reach[piece]:
            weight -= weight_if_new(rows, i, i + 1, k, postings)
            i += 1
        weight += weight_if_new(rows, k, i, k, postings)
        if weight < least[piece] or place < tried:
            continue
        first = keys[i] & 0xFFFF_FFFF
        tried = place + reach[piece] // 3
        begin, end = max(lo, first - reach[piece]) - lo, min(hi - 1, place + reach[piece]) - lo
        own, least_share = (blocks[1], long_share) if is_long[piece] else (blocks[0], share)
        asked = grams[gram_bounds[piece] : gram_bounds[piece + 1]]
        if holds_grams(own, first_block[d] + begin // BLOCK, first_block[d] + end // BLOCK, asked, least_share):
            if made == len(found):
                found = grown(found, made)
            found[made, 0], found[made, 1], found[made, 2], found[made, 3] = d, piece, first - lo, place - lo
            made += 1
    return found, made
