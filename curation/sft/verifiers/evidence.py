"""Evidence: a quote counts where its words stand in the passage as they are, white space, hyphens and ligatures aside."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.fuzz import partial_ratio

from curation.sft.verifiers.candidate import Candidate, Verdict, failed, shown
from curation.text import Offsets, words

MIN_QUOTE_WORDS = 4
"""Fewer stand in every text; of a table a row does."""
_ROW = re.compile(r"\|(?:[^|\n]*[^|\s][^|\n]*\|){2,}")
_LIGATURES = {
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
    "œ": "oe",
    "Œ": "OE",
    "æ": "ae",
    "Æ": "AE",
    "ĳ": "ij",
    "…": "...",
}
_HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d")
_QUOTES = {"‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "´": "'", "`": "`"}
_NOTHING = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_AROUND = re.compile(r"\A[\s\"'“”‘’«»]+|[\s\"'“”‘’«»]+\Z")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in the form in which quotes are compared, and where each of its characters came from.

    Args:
        text: white space is one blank, hyphens and dashes are `-` and gone between letters, ligatures are letters, quotation marks plain.
        starts: for each character the first one that it stands for, in the text as it was.
        ends: the character after the last one.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@lru_cache(maxsize=16)  # several verifiers, and pairs, look at one passage
def folded(text: str) -> Folded:
    """The form in which quotes are compared."""
    made: list[tuple[str, int, int]] = []
    for n, char in enumerate(text):
        if char in _NOTHING:
            continue
        if char.isspace():
            if made and made[-1][0] == " ":
                made[-1] = (" ", made[-1][1], n + 1)
            else:
                made.append((" ", n, n + 1))
        elif char in _HYPHENS:
            made.append(("-", n, n + 1))
        else:
            plain = _LIGATURES.get(char) or _QUOTES.get(char) or unicodedata.normalize("NFC", char)
            made += [(letter, n, n + 1) for letter in plain]
    kept = _without_hyphens(made)
    return Folded("".join(c for c, _, _ in kept), tuple(a for _, a, _ in kept), tuple(b for _, _, b in kept))


def _without_hyphens(made: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Characters less hyphens between letters, with the line's end that may follow one: a word may be cut there, or not."""
    kept: list[tuple[str, int, int]] = []
    n = 0
    while n < len(made):
        if made[n][0] == "-" and kept and kept[-1][0].isalpha():
            after = n + 1
            while after < len(made) and made[after][0] in "- ":
                after += 1
            cut = after == n + 1 or (after == n + 2 and made[n + 1][0] == " ")
            if cut and after < len(made) and made[after][0].isalpha():
                n = after
                continue
        kept.append(made[n])
        n += 1
    return kept


def find_quote(passage: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in a passage, in characters of it; None: its words are not there as they are.

    A quote begins and ends with whole words and numbers, and marks around it do not count.
    """
    return _find(folded(passage), quote)


def _find(passage: Folded, quote: str) -> tuple[int, int] | None:
    wanted = folded(_AROUND.sub("", quote)).text.strip()
    at = passage.text.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        if _is_border(passage.text, at) and _is_border(passage.text, end):
            return passage.starts[at], passage.ends[end - 1]
        at = passage.text.find(wanted, at + 1)
    return None


def _is_border(text: str, at: int) -> bool:
    """Whether no word, number or command is cut there."""
    before, after = text[at - 1 : at], text[at : at + 1]
    if not before or not after:
        return True
    if (before.isalnum() or before == "\\") and after.isalnum():
        return False
    if before.isdigit() and after in ".,":
        return not text[at + 1 : at + 2].isdigit()
    if after.isdigit() and before in ".,":
        return not text[at - 2 : at - 1].isdigit()
    return not (after.isdigit() and before == "-" and not text[at - 2 : at - 1].isalnum())


def is_enough(quote: str) -> bool:
    """Whether a quote says something: it has `MIN_QUOTE_WORDS`, or is a row of a table with two cells and more."""
    return len(words(quote)) >= MIN_QUOTE_WORDS or _ROW.fullmatch(quote.strip()) is not None


def verbatim(candidate: Candidate) -> Verdict:
    """Every quote stands in the passage. One that nearly does is told with its likeness, and rejected like any other."""
    if not candidate.quotes:
        return failed("no evidence")
    passage = folded(candidate.passage)
    for quote in candidate.quotes:
        if not is_enough(quote):
            return failed(f"a quote of {len(words(quote))} words: {shown(quote)!r}")
        if _find(passage, quote) is None:
            near = likeness(candidate.passage, quote)
            return failed(f"not in the passage ({near:.0%} alike): {shown(quote)!r}", near)
    return Verdict(True, score=1.0)


def likeness(passage: str, quote: str) -> float:
    """How much of a quote stands in the stretch of the passage that is most like it, 0 to 1 (rapidfuzz, partial ratio)."""
    return float(partial_ratio(folded(quote).text, folded(passage).text)) / 100


def spans_of(passage: str, quotes: tuple[str, ...]) -> list[tuple[int, int]]:
    """Bytes of the passage's UTF-8 text in which the quotes stand, in order; those that are not there have none."""
    whole, offsets = folded(passage), Offsets(passage)
    found = (_find(whole, quote) for quote in quotes)
    return sorted({(offsets.byte_of(span[0]), offsets.byte_of(span[1])) for span in found if span})
