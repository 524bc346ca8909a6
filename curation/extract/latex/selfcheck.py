"""The extractor's own doubt: are the source's plain words in the output, and is TeX left?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from curation.extract.latex.bundle import Bundle
from curation.extract.latex.packages import strip_comments
from curation.extract.result import Extracted

_WORD = re.compile(r"[A-Za-z]+")
# words between TeX's special characters; prose of 60 characters and more
_RUN = re.compile(r"[A-Za-z ,.;:()\n'-]{60,}")
_NO_TEXT = [
    *(
        (f"\\begin{{{n}}}", f"\\end{{{n}}}")
        for n in ("comment", "tikzpicture", "picture", "thebibliography", "filecontents", "CCSXML")
    ),
    ("\\iffalse", "\\fi"),
]
# an escaped dollar is money and opens no formula; code may hold any number of either
_MATH_OUT = re.compile(r"(?<!\\)\$\$.*?\$\$|(?<!\\)\$(?:[^$\\]|\\.)*\$", re.S)
_FENCE = re.compile(r"^ *```.*$", re.M)
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_CONTROL = re.compile(r"\\[A-Za-z@]{2,}")


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """Figures by which a router decides.

    Attributes:
        found: share of sampled plain word runs of the source that stand in the output (1.0 without samples).
        sampled: number of runs sampled, at most 300.
        control_words_per_1k: control words left outside math, per 1,000 words.
        unclosed_math: formulas whose end was not found.
        resynced: whether this text comes from the second, more suspicious reading.
        budget_spent: whether reading stopped at the token budget.
        lost_end: share of the main file's runs that stand behind the last one found, when those before it were found: where
            reading stopped early, all that follows is missing.
        growth: words of the output for each word of the source; a macro that was expanded wrongly prints the paper many times.
    """

    found: float
    sampled: int
    control_words_per_1k: float
    unclosed_math: int
    resynced: bool = False
    budget_spent: bool = False
    lost_end: float = 0.0
    growth: float = 1.0

    @property
    def trusted(self) -> bool:
        """Whether the text can be taken without asking another route."""
        good = self.found >= 0.85 and self.control_words_per_1k <= 10
        return good and not self.budget_spent and not self.ended_early and not self.is_swollen

    @property
    def ended_early(self) -> bool:
        """Whether the end of the main file is missing: a tenth of its plain words, all of them last."""
        return self.lost_end >= 0.1

    @property
    def is_swollen(self) -> bool:
        """Whether the output is far larger than its source: of 27 real papers none had 1.3 times its words."""
        return self.growth > MAX_GROWTH

    def warnings(self) -> list[str]:
        """What the figures say, in words."""
        out = []
        if self.ended_early:
            out.append(f"self-check: the last {self.lost_end:.0%} of the main file are missing")
        if self.is_swollen:
            out.append(f"self-check: {self.growth:.1f} times as many words as the source has")
        if not self.trusted:
            out.append(f"self-check: {self.found:.2f} of the plain words found")
        return out


def _without(text: str, opening: str, closing: str) -> str:
    """Text without what stands between two marks; linear, also where the closing mark is missing."""
    if opening not in text:
        return text
    out: list[str] = []
    pos = 0
    while (start := text.find(opening, pos)) >= 0 and (end := text.find(closing, start)) >= 0:
        out.append(text[pos:start])
        pos = end + len(closing)
    out.append(text[pos:])
    return " ".join(out)


MAX_GROWTH = 3.0
_ENOUGH_WORDS = 2_000
"""A text shorter than this may well be larger than its source: a table that a macro writes."""
_TAIL_RUNS = 4


def _lost_end(runs: list[str], joined: str) -> float:
    """Share of runs behind the last that was found, when most of those before it were."""
    hits = [f" {run} " in joined for run in runs]
    last = max((i for i, hit in enumerate(hits) if hit), default=-1)
    tail = len(hits) - 1 - last
    if last < 0 or tail < _TAIL_RUNS or sum(hits) < 0.7 * (last + 1):
        return 0.0
    return tail / len(hits)


def check(sources: list[str], output: str, *, unclosed_math: int, resynced: bool, budget_spent: bool) -> SelfCheck:
    """Compare the files that were read with what came out."""
    parts = _FENCE.split(output)
    parts[::2] = [_MATH_OUT.sub(" ", p) for p in parts[::2]]
    plain = " ".join(parts)
    words = _WORD.findall(plain)
    joined = " " + " ".join(words).lower() + " "
    runs: list[str] = []
    n_first = n_source_words = 0
    for i, src in enumerate(sources):
        live = strip_comments(src)
        start = live.find("\\begin{document}")
        end = live.find("\\end{document}", max(0, start))
        live = live[max(0, start) : end if end > start else len(live)]
        for opening, closing in _NO_TEXT:
            live = _without(live, opening, closing)
        for m in _RUN.finditer(live):
            w = _WORD.findall(m.group(0))[1:-1]
            if len(w) >= 8:
                middle = len(w) // 2 - 3
                runs.append(" ".join(w[middle : middle + 6]).lower())
        n_source_words += len(_WORD.findall(live))
        if i == 0:
            n_first = len(runs)
    lost_end = _lost_end(runs[:n_first], joined)
    if len(runs) > 300:
        step = len(runs) / 300
        runs = [runs[int(i * step)] for i in range(300)]
    found = sum(1 for r in runs if f" {r} " in joined) / len(runs) if runs else 1.0
    left = sum(len(_CONTROL.findall(_INLINE_CODE.sub(" ", p))) for p in parts[::2])
    return SelfCheck(
        found=round(found, 4),
        sampled=len(runs),
        control_words_per_1k=round(1000 * left / max(1, len(words)), 3),
        unclosed_math=unclosed_math,
        resynced=resynced,
        budget_spent=budget_spent,
        lost_end=round(lost_end, 4),
        growth=round(len(words) / max(1, n_source_words), 3) if len(words) > _ENOUGH_WORDS else 1.0,
    )


def found_share(files: Mapping[str, bytes], paper: Extracted) -> float:
    """Share of the plain words of all TeX files that stand in a text, whoever made it: to compare two routes."""
    bundle = Bundle(files)
    sources = [
        bundle.text(name) for name in bundle.files if name.lower().endswith((".tex", ".ltx")) or name == bundle.main
    ]
    fields = (paper.text, paper.references)
    output = "\n".join(part for part in fields if part)
    return check(sources, output, unclosed_math=0, resynced=False, budget_spent=False).found
