"""Matching titles of papers with titles of benchmark sources: through slips, damage and subtitles, not through sequels.

Two titles are compared as their letters and digits without blanks (`title_form`). How many may differ depends on the length and on
what is known of author and year; they may not stand in a heap or two, as they do where a word is another word, and of numbers only
damage is taken, another number only where much else is damaged. Measured: tests/benchmarks/titles.py.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from curation.withhold.title_changes import Change, as_replaced, changes_with_swaps
from curation.withhold.title_form import STOP, Title, words_of

NOISE = 0.05
"""Share of characters that damage (OCR, slips) may change."""
MIN_LONE_WORDS = 3
MIN_LONE_LETTERS, MIN_TWO_WORDS = 15, 16
"""A title of fewer words or letters, of two words of fewer letters than the second, names a work only with an author that agrees."""
MAX_OF_TWO_WORDS = 2
"""Letters that may differ of a title of two words without such an author."""
MIN_BASE_SCORE = 900
MAX_SYMBOL = 3
"""Letters of a word that may be a symbol: of a molecule, a survey, an instrument."""
MIN_SWAPPED_WORDS = 5
"""Of a title whose words, without articles and prepositions, stand there in another order."""
MIN_BASE_LETTERS = 29
MIN_LONE_BASE_LETTERS = 40
"""Of what stands before a subtitle, where the other title has none: with an author that agrees, and without one."""
HEAP = 8
MIN_OTHERS = {4: 1, 5: 3, 6: 4}
"""Letters that may differ within `HEAP`, and how many must differ elsewhere then; three, and words that are near, need no other. Of 3,000 real titles half of
the false matches had more, for another word stands there."""
MAX_HEAP = max(MIN_OTHERS)
MAX_SECOND_HEAP = 3
"""And how many of those may be a heap again: two words are others."""
MAX_CHANGED = 0.34
"""Of the letters of words that differ, where three letters or more differ in a heap and none elsewhere: less than of hydrogen and nitrogen."""
_PAIRS = (("rn", "m"), ("cl", "d"), ("vv", "w"), ("li", "h"), ("ii", "u"))
MAX_YEARS = 2
"""Years between a preprint and its print."""
MIN_SIMILARITY = 0.75
"""Of two titles that are looked at, as 1 - distance / length: no two that may differ by `may_differ` are less alike."""
_BUCKET = 8
_CHUNK = 4096


def may_differ(letters: int, *, agrees: bool) -> int:
    """How many letters of a title may be others: four standard deviations above the mean of `NOISE`, and one; of short ones a quarter,
    without an author that agrees of the letters above seven."""
    mean = NOISE * letters
    return min((letters if agrees else letters - 7) // 4, int(mean + 4 * math.sqrt(mean) + 1))


def alike(paper: Title, source: Title, *, agrees: bool | None) -> int | None:
    """How alike two titles are that name one work, per mille; None where they do not.

    Args:
        agrees: whether author and year of the two agree (`agreement`); None when not known. Known disagreement is final.
    """
    if agrees is False or (len(paper.closed) == len(source.closed) and sorted(paper.closed) != sorted(source.closed)):
        return None
    if _is_other_symbol(*_other_words(paper.bag, source.bag)):
        return None
    are_near = _are_near(*_other_words(paper.words, source.words))
    n_words = min(len(paper.words), len(source.words))
    other_part = paper.parts != source.parts
    found = _same(paper.letters, source.letters, n_words, bool(agrees), are_near, other_part=other_part)
    if found is None and paper.content == source.content and len(paper.content) >= MIN_LONE_LETTERS:
        found = 1000
    if found is None and (paper.bare != paper.letters or source.bare != source.letters):
        found = _same(paper.bare, source.bare, n_words, bool(agrees), are_near, other_part=other_part)
    for whole, other in ((paper, source), (source, paper)):
        is_long = len(other.base or "") >= (MIN_BASE_LETTERS if agrees else MIN_LONE_BASE_LETTERS)
        if found is None and other.base and is_long and not whole.base:
            score = _same(whole.letters, other.base, other.base_words, bool(agrees), are_near, other_part=other_part)
            found = score if score is not None and score >= MIN_BASE_SCORE else None
    if found is None and paper.bag == source.bag and len(paper.bag) >= MIN_SWAPPED_WORDS:
        found = 1000
    return found


def _other_words(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words of each of two titles that the other has not, in their order."""
    return _less(one, other), _less(other, one)


def _less(one: Sequence[str], other: Sequence[str]) -> list[str]:
    left, without = Counter(other), []
    for word in one:
        if left[word]:
            left[word] -= 1
        else:
            without.append(word)
    return without


def _is_other_symbol(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether titles differ in one short word only, and that in two letters: HF and HCl."""
    from rapidfuzz.distance import OSA

    if len(mine) != 1 or len(theirs) != 1 or max(len(mine[0]), len(theirs[0])) > MAX_SYMBOL:
        return False
    return OSA.distance(mine[0], theirs[0]) > 1


def _are_near(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether the words that differ are damaged ones, not others."""
    from rapidfuzz.distance import OSA

    one, other = "".join(mine), "".join(theirs)
    return OSA.distance(one, other) <= MAX_CHANGED * max(len(one), len(other))


def _same(one: str, other: str, n_words: int, agrees: bool, are_near: bool, *, other_part: bool) -> int | None:
    length = max(len(one), len(other))
    is_long = length >= (MIN_LONE_LETTERS if n_words >= MIN_LONE_WORDS else MIN_TWO_WORDS)
    if not length or not (agrees or (is_long and n_words > 1)):
        return None
    most = may_differ(length, agrees=agrees)
    if not agrees and n_words < MIN_LONE_WORDS:
        most = min(most, MAX_OF_TWO_WORDS)
    found = _as_damaged(one, other, most, are_near, other_part=other_part)
    if found is None and (pair := (_rejoined(one), _rejoined(other))) != (one, other):
        found = _as_damaged(*pair, most, are_near, other_part=other_part)
    return found


def _rejoined(letters: str) -> str:
    """Letters in which pairs that OCR takes for one, or makes of one, are one."""
    for pair, letter in _PAIRS:
        letters = letters.replace(pair, letter)
    return letters


def _as_damaged(one: str, other: str, most: int, are_near: bool, *, other_part: bool) -> int | None:
    """How alike two titles are of which one is the other with damage, per mille; None where more differs."""
    from rapidfuzz.distance import OSA, Levenshtein

    length = max(len(one), len(other))
    distance = OSA.distance(one, other, score_cutoff=most)
    if distance > most:
        return None
    if distance == Levenshtein.distance(one, other):
        changes = [(op.tag, op.src_pos, op.dest_pos) for op in Levenshtein.editops(one, other)]
    else:
        changes = changes_with_swaps(one, other, most)
    places = _places(one, other, changes)
    if not _are_spread(places, are_near) or not _are_numbers_alike(one, other, changes, other_part=other_part):
        return None
    return 1000 * (length - len(places)) // length


def _places(one: str, other: str, changes: Sequence[Change]) -> list[int]:
    """Where letters differ; an article or preposition that one has not differs once."""
    return [place for _, place, _ in _without_stops(one, other, changes)]


def _without_stops(one: str, other: str, changes: Sequence[Change]) -> Iterator[Change]:
    """Changes; of letters in a row that are missing on one side and spell a word of `STOP` only the first."""
    at = 0
    while at < len(changes):
        tag, i, j = changes[at]
        text, n = (other[j:], 2) if tag == "insert" else (one[i:], 1) if tag == "delete" else ("", 0)
        run = 1
        while text and at + run < len(changes) and changes[at + run] == (tag, i + run * (n == 1), j + run * (n == 2)):
            run += 1
        is_stop = run > 1 and text[:run] in STOP
        yield changes[at]
        at += run if is_stop else 1


def _are_spread(places: Sequence[int], are_near: bool) -> bool:
    """Whether differences are spread as damage is, not in a heap or two, as those of words that are other words.

    Args:
        are_near: the words that differ are alike.
    """
    heap, begin = _heap(places)
    others = [*places[:begin], *places[begin + heap :]]
    if not others:
        return heap < 3 or (heap <= max(MIN_OTHERS) and are_near)
    return heap <= 3 or (heap <= MAX_HEAP and len(others) >= MIN_OTHERS[heap] and _heap(others)[0] <= MAX_SECOND_HEAP)


def _heap(places: Sequence[int]) -> tuple[int, int]:
    """The most differences within `HEAP`, and the first of them."""
    sizes = [bisect_left(places, place + HEAP) - n for n, place in enumerate(places)]
    heap = max(sizes, default=0)
    return heap, sizes.index(heap) if sizes else 0


LONG_NUMBER = 4
"""Digits of a number of which one may be lost where nothing else is damaged, or two swapped where something is."""
_LOOKS_LIKE = frozenset(["0o", "1i", "1l", "5s", "5v", "8b", "6g", "9g", "9q", "2z"])


def _are_numbers_alike(one: str, other: str, changes: Sequence[Change], *, other_part: bool) -> bool:
    """Whether no number became another one. A digit that is a letter is damage where it stands in a longer number, or looks like that
    letter; so is one that is missing, of a long number or beside other damage. A lone one that is a letter of Roman numerals, one that is
    another digit, and two of a long number that are swapped are damage only where much else is damaged, too.

    Args:
        other_part: I, V and X stand in one title and not in the other.
    """
    harmless: list[int] = []
    lost = doubts = 0
    is_damaged = False
    for tag, i, j in _parted(one, changes):
        if tag == "swap":
            doubts += 1
            continue
        mine = one[i] if tag != "insert" else ""
        theirs = other[j] if tag != "delete" else ""
        if "".join(sorted(mine + theirs)) in _LOOKS_LIKE:
            continue
        if not (mine + theirs).isdigit() and not mine.isdigit() and not theirs.isdigit():
            if other_part and {mine, theirs} <= {*"ivx"}:
                return False
            harmless.append(i)
            continue
        text, place = (one, i) if mine.isdigit() else (other, j)
        n_digits = _n_digits(text, place)
        is_lone = n_digits == 1
        is_other = mine.isdigit() and theirs.isdigit()
        if is_other and is_lone:
            return False
        doubts += 2 * is_other + (is_lone and bool({mine, theirs} & {*"ivx"}))
        is_lost = not mine or not theirs
        lost += is_lost
        is_damaged |= is_lone or is_other or (is_lost and n_digits < LONG_NUMBER)
    doubts += 2 * (lost // 2)  # 13 becomes 31 by one lost and one added
    if doubts:
        return sum(b - a > HEAP // 2 for a, b in pairwise([-HEAP, *harmless])) >= doubts + 1
    return bool(harmless) or not is_damaged


def _parted(one: str, changes: Sequence[Change]) -> Iterator[Change]:
    """Changes, of a swap both letters as replaced ones, but for one of digits in a long number."""
    for change in changes:
        tag, i, _ = change
        is_long = tag == "swap" and one[i : i + 2].isdigit() and _n_digits(one, i) >= LONG_NUMBER
        yield from [change] if is_long else as_replaced([change])


def _n_digits(text: str, place: int) -> int:
    """Digits in a row, that of a place among them."""
    first = last = place
    while first and text[first - 1].isdigit():
        first -= 1
    while last < len(text) and text[last].isdigit():
        last += 1
    return last - first


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
    found = set(_of_equal_words(papers, sources))
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


def _of_equal_words(papers: Sequence[Title], sources: Sequence[Title]) -> Iterator[tuple[int, int]]:
    wanted: dict[tuple[str, ...], list[int]] = {}
    for n, source in enumerate(sources):
        if len(source.bag) >= MIN_SWAPPED_WORDS:
            wanted.setdefault(source.bag, []).append(n)
    for n, paper in enumerate(papers):
        yield from ((n, source) for source in wanted.get(paper.bag, ()))


def _forms(title: Title) -> Iterator[tuple[str, bool]]:
    """The letters of a title, with one spelling of its words, and those before its subtitle; empty ones match none."""
    for letters in {title.letters, title.bare} - {""}:
        yield letters, False
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
