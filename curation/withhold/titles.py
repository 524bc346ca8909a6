"""Matching titles of papers with titles of benchmark sources: few mistakes, since sequels and short titles abound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np

from curation.text.marks import JOINER, stream_safe

MIN_RATIO = 95.0
"""rapidfuzz.fuzz.ratio of plain titles, 0 to 100: two or three letters of a title of 60 may differ."""
MIN_WORDS = 5
MIN_LONE_WORDS = 3
MAX_YEARS = 2
"""Years between a preprint and its print."""
_CHUNK = 4096
_ROMAN = re.compile(r"[ivx]{1,5}")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?")


def plain_title(title: str) -> str:
    """Lower case letters and digits with single spaces: accents, LaTeX commands, marks and white space are gone."""
    bare = _COMMAND.sub(" ", title).replace("$", "").replace("{", "").replace("}", "")
    folded = unicodedata.normalize("NFKD", stream_safe(bare)).replace(JOINER, "").casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in folded if not unicodedata.combining(c))))


def _numbers(plain: str) -> list[str]:
    """Digits and Roman numerals: `part I` and `part II` are two works."""
    return sorted(w for w in plain.split() if w.isdigit() or _ROMAN.fullmatch(w) or any(c.isdigit() for c in w))


def same_title(paper: str, source: str, ratio: float, *, agrees: bool | None) -> bool:
    """Whether two plain titles name one work.

    Args:
        ratio: their rapidfuzz ratio, 0 to 100.
        agrees: whether author and year of the two agree; None when not known.

    A long title may differ in a few letters, never in its numbers. A title of fewer than `MIN_WORDS` words must be
    equal, and one of fewer than `MIN_LONE_WORDS` needs an author or year that agrees. Known disagreement is final.
    """
    if agrees is False or ratio < MIN_RATIO or _numbers(paper) != _numbers(source):
        return False
    n = len(source.split())
    if n < MIN_WORDS:
        return paper == source and (n >= MIN_LONE_WORDS or agrees is True)
    return True


def agreement(authors: str | None, date: str | None, first_author: str | None, year: int | None) -> bool | None:
    """Whether the first author and year of a paper are those of a source; None when nothing can be compared.

    The family name of the source's author must be among the first five words of the paper's authors, since lists write
    given names first or last; the years may differ by `MAX_YEARS`.
    """
    verdicts: list[bool] = []
    if authors and first_author:
        family = plain_title(first_author.split(",")[0]).split()
        if family:
            name = family if "," in first_author else family[-1:]
            first = plain_title(authors).split()[:5]
            verdicts.append(all(w in first for w in name))
    if date and year and date[:4].isdigit():
        verdicts.append(abs(int(date[:4]) - year) <= MAX_YEARS)
    return all(verdicts) if verdicts else None


def close_pairs(papers: Sequence[str], sources: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Pairs (paper, source, ratio) of plain titles whose ratio reaches `MIN_RATIO`, in order; empty titles match none."""
    from rapidfuzz import fuzz, process

    if not sources:
        return
    for start in range(0, len(papers), _CHUNK):
        chunk = papers[start : start + _CHUNK]
        scores = process.cdist(chunk, sources, scorer=fuzz.ratio, score_cutoff=MIN_RATIO, dtype=np.float32, workers=1)
        for row, column in np.argwhere(scores > 0).tolist():
            if chunk[row] and sources[column]:
                yield start + row, column, float(scores[row, column])
