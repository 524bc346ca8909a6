"""The compiled inner loops of `curation.withhold.index`: the search for stretches of texts that may hold an item.

Written for numba as `curation.text.kernel` is, and compiled by it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curation.text.kernel import I64, U8, U32, U64, compiled, fmix64

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


@compiled
def covered(
    stems: U64,
    lo: int,
    hi: int,
    item_stems: U64,
    item_groups: U32,
    item_weights: I64,
    seen: npt.NDArray[np.bool_],
    found: I64,
) -> None:
    """How much of each group of an item's stems a stretch holds, whatever their order: `found`, by group."""
    n = len(item_stems)
    seen[:n] = False
    found[:] = 0
    for p in range(lo, hi):
        h = stems[p]
        a, b = 0, n
        while a < b:
            middle = (a + b) >> 1
            if item_stems[middle] < h:
                a = middle + 1
            else:
                b = middle
        if a < n and item_stems[a] == h and not seen[a]:
            seen[a] = True
            for g in range(len(found)):
                if item_groups[a] >> np.uint32(g) & np.uint32(1):
                    found[g] += item_weights[a]


@compiled
def grown(rows: I64, used: int) -> I64:
    """Rows with twice the room, of which `used` are filled."""
    more = np.empty((2 * len(rows), rows.shape[1]), np.int64)
    more[:used] = rows[:used]
    return more


@compiled
def posted_at(place: int, k: int, posted: I64, postings: I64, hits: I64, found: int) -> tuple[I64, int]:
    """Note a seed, the k-th of all, at a place of a text for each item that has it."""
    for row in range(posted[k], posted[k + 1]):
        if found == len(hits):
            hits = grown(hits, found)
        hits[found, 0] = (postings[row, 0] << 32) | place
        hits[found, 1] = row
        found += 1
    return hits, found


@compiled
def find_hits(
    stems: U64,
    tails: U64,
    places: I64,
    n: int,
    hashes: U64,
    n_tokens: int,
    slots: I64,
    table: U64,
    filter_bits: U64,
    posted: I64,
    postings: I64,
    hits: I64,
) -> tuple[I64, int]:
    """Every place of the first n content words where a seed of an item begins: rows of item * 2^32 + place, row of `postings`.

    A seed is a content word with the next or the next but one, by their stems or by their tails, a word alone, or `NGRAM` tokens.

    Args:
        hashes, n_tokens: of all tokens; none of them: no seed is an n-gram.
        posted: where the postings of each key begin, their number at the end.
        postings: rows of item, weight.
        hits: takes the rows; another array comes back where it is too short.
    """
    found = 0
    for p in range(n_tokens - NGRAM + 1):
        k = place_of(ngram_at(hashes, p), slots, table, filter_bits)
        if k >= 0:
            hits, found = posted_at(p, k, posted, postings, hits, found)
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
    return hits, found


@compiled
def weight_if_new(hits: I64, order: I64, k: int, lo: int, hi: int, postings: I64) -> int:
    """The weight of the seed of a hit; 0 where one of the hits lo to hi has the same seed."""
    row = hits[order[k], 1]
    for other in range(lo, hi):
        if hits[order[other], 1] == row:
            return 0
    return postings[row, 1]  # type: ignore[no-any-return]


@compiled
def is_near(held: I64, totals: I64, share: int) -> bool:
    """Whether a stretch holds so many per cent of the weight of a group, or there are none."""
    groups = 0
    for g in range(len(held)):
        if totals[g] > 0:
            groups += 1
            if held[g] * 100 >= totals[g] * share:
                return True
    return groups == 0


@compiled
def candidates(
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
    least: I64,
    reach: I64,
    item_bounds: I64,
    item_stems: U64,
    item_groups: U32,
    item_weights: I64,
    totals: I64,
    share: int,
    has_ngrams: bool,
) -> tuple[I64, int]:
    """The stretches of texts that may hold an item: rows of text, item, first and last token at which a seed begins.

    The tokens of all texts stand in `text`, a blank behind each; `text_ends` says where each ends, `bounds` where those of each text begin.

    Seeds of an item that are nearer to each other than its `reach` are one stretch. It is a candidate where its seeds weigh
    `least`, and where the content words within reach hold `share` per cent of the weight of a group of the item's (`totals`: a row
    an item, a column a group; 0: no group), or the item has none.

    Returns:
        rows (more than are filled), and their number.
    """
    longest = 0
    for d in range(len(bounds) - 1):
        longest = max(longest, bounds[d + 1] - bounds[d])
    stems, tails, places = np.empty(longest, np.uint64), np.empty(longest, np.uint64), np.empty(longest, np.int64)
    widest = 0
    for item in range(len(reach)):
        widest = max(widest, item_bounds[item + 1] - item_bounds[item])
    seen, held = np.empty(widest, np.bool_), np.empty(totals.shape[1], np.int64)
    hits, rows = np.empty((4096, 2), np.int64), np.empty((64, 4), np.int64)
    made = 0
    for d in range(len(bounds) - 1):
        lo, hi = bounds[d], bounds[d + 1]
        content = stems_of(text, text_ends, hashes, lo, hi, no_slots, no_table, stems, tails, places)
        places[:content] -= lo
        hits, found = find_hits(
            stems,
            tails,
            places,
            content,
            hashes[lo:hi],
            hi - lo if has_ngrams else 0,
            slots,
            table,
            filter_bits,
            posted,
            postings,
            hits,
        )
        order = np.argsort(hits[:found, 0])
        i, weight, tried = 0, 0, -1
        for k in range(found):
            item, place = hits[order[k], 0] >> 32, hits[order[k], 0] & 0xFFFF_FFFF
            if hits[order[i], 0] >> 32 != item:
                i, weight, tried = k, 0, -1
            while place - (hits[order[i], 0] & 0xFFFF_FFFF) > reach[item]:
                weight -= weight_if_new(hits, order, i, i + 1, k, postings)
                i += 1
            weight += weight_if_new(hits, order, k, i, k, postings)
            if weight < least[item] or place < tried:
                continue
            first = hits[order[i], 0] & 0xFFFF_FFFF
            tried = place + reach[item] // 3
            a, b = item_bounds[item], item_bounds[item + 1]
            lo = np.searchsorted(places[:content], first - reach[item])
            hi = np.searchsorted(places[:content], place + reach[item])
            covered(stems, lo, hi, item_stems[a:b], item_groups[a:b], item_weights[a:b], seen, held)
            if is_near(held, totals[item], share):
                if made == len(rows):
                    rows = grown(rows, made)
                rows[made, 0], rows[made, 1], rows[made, 2], rows[made, 3] = d, item, first, place
                made += 1
    return rows, made
