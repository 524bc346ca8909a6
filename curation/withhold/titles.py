"""Matching titles of papers with titles of benchmark sources: through slips, damage and subtitles, not through sequels.

Two titles are compared as their letters and digits without blanks (`title_form`). How many may differ depends on the length and on
what is known of author and year; they may not stand in one heap, as they do where a word is another word, and of numbers only damage
is taken, no other number. Measured: tests/benchmarks/names.py.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from curation.withhold.title_form import Title, words_of

NOISE = 0.05
"""Share of characters that damage (OCR, slips) may change."""
MIN_LONE_WORDS = 3
MIN_LONE_LETTERS = 15
"""A title of fewer names a work only with an author that agrees."""
MIN_BASE_LETTERS = 24
MIN_LONE_BASE_LETTERS = 40
"""Of what stands before a subtitle, where the other title has none: with an author that agrees, and without one."""
HEAP = 8
MAX_HEAP = 4
MAX_HEAP_OF_MORE = 6
"""Letters that may differ within `HEAP`, alone and where others differ elsewhere, too: of 3,000 real titles half of the false matches
had more, for another word stands there; of damaged ones 1 in 100."""
MAX_YEARS = 2
"""Years between a preprint and its print."""
MIN_SIMILARITY = 0.75
"""Of two titles that are looked at, as 1 - distance / length: no two that may differ by `may_differ` are less alike."""
_BUCKET = 8
_CHUNK = 4096


def may_differ(letters: int, *, agrees: bool) -> int:
    """How many letters of a title may be others: three standard deviations above the mean of `NOISE`, and four where the author
    agrees."""
    mean = NOISE * letters
    if agrees:
        return min(letters // 4, int(mean + 4 * math.sqrt(mean) + 1))
    return min((letters - 10) // 4, int(mean + 3 * math.sqrt(mean) + 0.5))


def alike(paper: Title, source: Title, *, agrees: bool | None) -> int | None:
    """How alike two titles are that name one work, per mille; None where they do not.

    Args:
        agrees: whether author and year of the two agree (`agreement`); None when not known. Known disagreement is final.
    """
    if agrees is False:
        return None
    n_words = min(paper.n_words, source.n_words)
    other_part = paper.parts != source.parts
    found = _same(paper.letters, source.letters, n_words, bool(agrees), other_part=other_part)
    if found is None and paper.content == source.content and len(paper.content) >= MIN_LONE_LETTERS:
        found = 1000
    for whole, other in ((paper, source), (source, paper)):
        is_long = len(other.base or "") >= (MIN_BASE_LETTERS if agrees else MIN_LONE_BASE_LETTERS)
        if found is None and other.base and is_long and not whole.base:
            found = _same(whole.letters, other.base, other.base_words, bool(agrees), other_part=other_part)
    return found


def _same(one: str, other: str, n_words: int, agrees: bool, *, other_part: bool) -> int | None:
    from rapidfuzz.distance import Levenshtein

    length = max(len(one), len(other))
    if not length or not (agrees or (n_words >= MIN_LONE_WORDS and length >= MIN_LONE_LETTERS)):
        return None
    most = may_differ(length, agrees=agrees)
    if Levenshtein.distance(one, other, score_cutoff=most) > most:
        return None
    ops = Levenshtein.editops(one, other)
    changes = [(op.tag, op.src_pos, op.dest_pos) for op in ops]
    if not _are_spread([place for _, place, _ in changes], agrees) or not _are_numbers_alike(
        one, other, changes, other_part=other_part
    ):
        return None
    return 1000 * (length - len(changes)) // length


def _are_spread(places: Sequence[int], agrees: bool) -> bool:
    """Whether differences are spread as damage is, not in one heap, as those of a word that is another word."""
    heap = max((bisect_left(places, place + HEAP) - n for n, place in enumerate(places)), default=0)
    others = len(places) - heap
    if not agrees and heap > 2 and not others:
        return False
    return heap <= MAX_HEAP or (heap <= MAX_HEAP_OF_MORE and others >= (1 if agrees else 2))


_ROMAN = {"1": "i", "5": "v"}


def _are_numbers_alike(one: str, other: str, ops: Sequence[tuple[str, int, int]], *, other_part: bool) -> bool:
    """Whether no number became another one. A digit that is a letter or missing within a longer number is damage, where
    something else is damaged, too.

    Args:
        other_part: I, V and X stand in one title and not in the other.
    """
    harmless, lost, is_damaged = 0, 0, False
    for tag, i, j in ops:
        mine = one[i] if tag != "insert" else ""
        theirs = other[j] if tag != "delete" else ""
        digits = mine.isdigit() + theirs.isdigit()
        if _ROMAN.get(mine) == theirs or _ROMAN.get(theirs) == mine:
            continue
        if not digits:
            if other_part and {mine, theirs} <= {*"ivx"}:
                return False
            harmless += 1
            continue
        text, place = (one, i) if mine.isdigit() else (other, j)
        is_lone = not (text[max(place - 1, 0) : place].isdigit() or text[place + 1 : place + 2].isdigit())
        if digits == 2 or (is_lone and (not mine or not theirs or (mine if theirs.isdigit() else theirs) in "ivx")):
            return False
        lost += not mine or not theirs
        is_damaged = True
    return (harmless > 0 or not is_damaged) and lost < 2  # 13 becomes 31 by one lost and one added


def agreement(authors: str | None, date: str | None, first_author: str | None, year: int | None) -> bool | None:
    """Whether the first author of a paper, and where they are known the years, are those of a source; None when authors cannot be
    compared and the years agree or cannot be compared either.

    The family name of the source's author must be among the first five words of the paper's authors, since lists write
    given names first or last; the years may differ by `MAX_YEARS`.
    """
    if date and year and date[:4].isdigit() and abs(int(date[:4]) - year) > MAX_YEARS:
        return False
    family = _names((first_author or "").split(",")[0])
    if not authors or not first_author or not family:
        return None
    return all(word in _names(authors)[:5] for word in (family if "," in first_author else family[-1:]))


def _names(text: str) -> list[str]:
    """Words of names; umlauts are written in two ways."""
    return [word.replace("ae", "a").replace("oe", "o").replace("ue", "u") for word in words_of(text)]


def close_pairs(papers: Sequence[Title], sources: Sequence[Title]) -> Iterator[tuple[int, int]]:
    """Pairs (paper, source) that `alike` is to look at, each once, in order: titles, or what stands before a subtitle of one of
    them, whose similarity reaches `MIN_SIMILARITY`. Only titles of about one length are compared."""
    wanted = sorted(
        (len(text), text, n, is_base) for n, source in enumerate(sources) for text, is_base in _forms(source)
    )
    lengths = [length for length, *_ in wanted]
    buckets: dict[int, list[tuple[str, int, bool]]] = {}
    for n, paper in enumerate(papers):
        for text, is_base in _forms(paper):
            buckets.setdefault(len(text) // _BUCKET, []).append((text, n, is_base))
    found: set[tuple[int, int]] = set()
    for bucket, mine in buckets.items():
        shortest, longest = bucket * _BUCKET, bucket * _BUCKET + _BUCKET - 1
        theirs = wanted[
            bisect_left(lengths, int(shortest * MIN_SIMILARITY)) : bisect_right(
                lengths, int(longest / MIN_SIMILARITY) + 1
            )
        ]
        for a, b in _close([text for text, *_ in mine], [text for _, text, *_ in theirs]):
            if not (mine[a][2] and theirs[b][3]):  # two works of one series have a base in common
                found.add((mine[a][1], theirs[b][2]))
    yield from sorted(found)


def _forms(title: Title) -> Iterator[tuple[str, bool]]:
    """The letters of a title, and those before its subtitle; empty ones match none."""
    if title.letters:
        yield title.letters, False
    if title.base and len(title.base) >= MIN_BASE_LETTERS:
        yield title.base, True


def _close(papers: Sequence[str], sources: Sequence[str]) -> Iterator[tuple[int, int]]:
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    scorer, cutoff = Levenshtein.normalized_similarity, MIN_SIMILARITY
    for start in range(0, len(papers) if sources else 0, _CHUNK):
        chunk = papers[start : start + _CHUNK]
        scores = process.cdist(chunk, sources, scorer=scorer, score_cutoff=cutoff, dtype=np.float32, workers=1)
        for row, column in np.argwhere(scores > 0).tolist():
            yield start + row, column
