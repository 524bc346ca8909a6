"""Loops: a model that says the same again and again."""

from __future__ import annotations

import re

from curation.sft.verifiers.candidate import PASSED, Candidate, Verdict, failed, shown
from curation.text import words

MAX_REPEATED_SHARE = 0.3
"""Words in sentences that stood before, of all; Gopher's bound for lines (Rae et al. 2021, table A1) is as much."""
MIN_SENTENCE_WORDS = 4
MIN_DISTINCT_SHARE = 0.5
"""Distinct runs of four words, of all, in a text of `_LONG` words."""
_LONG = 60
_RUN = 4
_TIMES = 3
"""So often in a row is a loop, where it covers `_COVERED` words."""
_COVERED = 9
_PERIOD = 40
_SAME_WORD = 4
_STOP = re.compile(r"(?<=[.!?;])\s+|\n+")
_SAME_MARK = re.compile(r"([^\s\d|=_.*#-])\1{11,}|\.{12,}|(\S{1,3}?)\2{15,}")


def repetition(candidate: Candidate) -> Verdict:
    """No text of the pair loops."""
    worst = 0.0
    for text in candidate.said():
        share, told = _loop(text)
        worst = max(worst, share)
        if told:
            return failed(told, share)
    return Verdict(PASSED.passed, score=worst)


def _loop(text: str) -> tuple[float, str]:
    """The share of words that stood before, and what loops; empty: nothing."""
    if found := _SAME_MARK.search(_without_rows(text)):
        return 1.0, f"one mark over and over: {shown(found.group())!r}"
    share = _repeated_share(text)
    if share > MAX_REPEATED_SHARE:
        return share, f"{share:.0%} of the words stand in sentences that were there before"
    said = words(_without_rows(text))
    if told := _in_a_row(said):
        return share, f"again and again: {shown(told)!r}"
    if len(said) >= _LONG:
        runs = [tuple(said[n : n + _RUN]) for n in range(len(said) - _RUN + 1)]
        if len(set(runs)) < MIN_DISTINCT_SHARE * len(runs):
            return share, f"of {len(runs)} runs of four words {len(set(runs))} are distinct"
    return share, ""


def _without_rows(text: str) -> str:
    """A text without the rows of tables, which repeat by nature."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("|"))


def _repeated_share(text: str) -> float:
    seen: set[tuple[str, ...]] = set()
    repeated = total = 0
    for sentence in _STOP.split(_without_rows(text)):
        said = tuple(words(sentence))
        total += len(said)
        if len(said) >= MIN_SENTENCE_WORDS and said in seen:
            repeated += len(said)
        seen.add(said)
    return repeated / total if total else 0.0


def _in_a_row(said: list[str]) -> str:
    """Words that follow themselves `_TIMES` times and more."""
    for period in range(1, _PERIOD + 1):
        same = 0
        for n in range(period, len(said)):
            same = same + 1 if said[n] == said[n - period] else 0
            needed = max((_SAME_WORD if period == 1 else _TIMES) * period, _COVERED if period > 1 else 0)
            if same + period >= needed and not all(word.isdigit() for word in said[n - period + 1 : n + 1]):
                return " ".join(said[n - same - period + 1 : n + 1])
    return ""
