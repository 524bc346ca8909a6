"""The compiled inner loops of the text layer: tokens of UTF-8 text, and the search for stretches that may hold an item.

Written for numba as `curation.text.kernel` is, and compiled by it; `curation.withhold.tokens` and `curation.withhold.index` are the front.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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
    data: U8,
    offsets: I64,
    ascii_fold: U8,
    fold: U32,
    letters: U8,
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
) -> tuple[I64, int, int]:
    """The stretches of texts that may hold an item: rows of text, item, first and last token at which a seed begins.

    Seeds of an item that are nearer to each other than its `reach` are one stretch. It is a candidate where its seeds weigh
    `least`, and where the content words within reach hold `share` per cent of the weight of a group of the item's (`totals`: a row
    an item, a column a group; 0: no group), or the item has none.

    Returns:
        rows (more than are filled), their number, and the number of tokens of all texts.
    """
    longest = 0
    for d in range(len(offsets) - 1):
        longest = max(longest, offsets[d + 1] - offsets[d])
    room = longest + longest // 3 + 1
    out, hashes = np.empty(12 * longest + 1, np.uint8), np.empty(room, np.uint64)
    starts, ends, out_ends = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    stems, tails, places = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.int64)
    widest = 0
    for item in range(len(reach)):
        widest = max(widest, item_bounds[item + 1] - item_bounds[item])
    seen, held = np.empty(widest, np.bool_), np.empty(totals.shape[1], np.int64)
    hits, rows = np.empty((4096, 2), np.int64), np.empty((64, 4), np.int64)
    made, n_tokens = 0, 0
    for d in range(len(offsets) - 1):
        n, _ = tokens_of(
            data, offsets[d], offsets[d + 1], ascii_fold, fold, letters, out, 0, hashes, starts, ends, out_ends
        )
        n_tokens += n
        content = stems_of(out, out_ends, hashes, 0, n, no_slots, no_table, stems, tails, places)
        hits, found = find_hits(
            stems,
            tails,
            places,
            content,
            hashes,
            n if has_ngrams else 0,
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
    return rows, made, n_tokens


@compiled
def aligned(same: U8, joined: U8, split: U8, weights: I64) -> I64:
    """The heaviest run of pairs, in order, of a part's tokens (rows) and those of a text (columns).

    Args:
        same: whether a token is one of the text; a row a token, a column a token of the text.
        joined: whether a token and the next one are one of the text.
        split: whether a token is one of the text and the next.
        weights: of the part's tokens.

    Returns:
        for every token of the part the place of its partner in the text, -1 where it has none.
    """
    n, m = same.shape
    best = np.zeros((n + 1, m + 1), np.int64)
    for i in range(1, n + 1):
        w = weights[i - 1]
        for j in range(1, m + 1):
            value = max(best[i - 1, j], best[i, j - 1])
            if same[i - 1, j - 1]:
                value = max(value, best[i - 1, j - 1] + w)
            if i > 1 and joined[i - 2, j - 1]:
                value = max(value, best[i - 2, j - 1] + w + weights[i - 2])
            if j > 1 and split[i - 1, j - 2]:
                value = max(value, best[i - 1, j - 2] + w)
            best[i, j] = value
    partner = np.full(n, -1, np.int64)
    i, j = n, m
    while i > 0 and j > 0:
        value = best[i, j]
        w = weights[i - 1]
        if same[i - 1, j - 1] and value == best[i - 1, j - 1] + w:
            i, j = i - 1, j - 1
            partner[i] = j
        elif i > 1 and joined[i - 2, j - 1] and value == best[i - 2, j - 1] + w + weights[i - 2]:
            i, j = i - 2, j - 1
            partner[i] = partner[i + 1] = j
        elif j > 1 and split[i - 1, j - 2] and value == best[i - 1, j - 2] + w:
            i, j = i - 1, j - 2
            partner[i] = j + 1
        elif value == best[i, j - 1]:
            j -= 1
        else:
            i -= 1
    return partner
