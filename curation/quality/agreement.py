"""How far two readings of one paper agree, its LaTeX and its PDF: in words, in word 4-grams and in numbers.

Both texts are the Markdown of a release. What the two routes write differently by intent is left out of both: display equations
(the PDF route names them only), citations in brackets and years (LaTeX cites by author and year, a PDF as its journal does), marks
of notes. Of inline math stay the words and numbers that a reader sees: `$E_T^\\mathrm{miss} > 10^{3}$` has the word `miss` and the
numbers `10` and `↑3`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeVar

from curation.text.masks import masks

T = TypeVar("T", bound=Hashable)
NGRAM = 4
"""Words in a row: fewer say little of their order, and more are lost with each sign between them."""
_DISPLAY = "$$"
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NOTE = re.compile(r"\[\^[^\]\s]{1,20}\]:?|\^\[\d{1,3}\]")
_MARKUP = re.compile(r"\*\*|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|</?(?:sup|sub)>")
_NAMED = re.compile(
    r"\\(?:arc)?(?:sinh?|cosh?|tanh?|exp|log|ln|min|max|sup|inf|lim|arg|det|dim|ker|deg|gcd|Pr|sec|csc|cot)(?![A-Za-z])"
)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+\*?|.)", re.DOTALL)
_THOUSANDS = re.compile(r"(?<=\d)\{,\}(?=\d)")
_SCRIPT = re.compile(r"([\^_])\s*(?:\{([^{}]*)\}|(\w))")
_RAISED = re.compile(r"[⁺⁻]?[⁰¹²³⁴-⁹]+")
_LOWERED = re.compile(r"[₊₋]?[₀-₉]+")
_MINUS = str.maketrans({"−": "-", "﹣": "-", "－": "-"})
_NUMBER = re.compile(
    r"[↑↓]?(?:(?<![\w.)\]}'’-])-)?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
)
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
_LETTERS = re.compile(r"[^\W\d_]+")
_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]+")
_MIN_LETTERS = 2
"""A single letter is mostly a sign of math."""


class Overlap(NamedTuple):
    """How many there are in each reading, and how many in both, each as often as it stands in both."""

    latex: int
    pdf: int
    shared: int


class Agreement(NamedTuple):
    """What two readings share.

    Args:
        words, ngrams, numbers: counts.
        lost, added: numbers that the LaTeX has more often than the PDF, and the other way round.
    """

    words: Overlap
    ngrams: Overlap
    numbers: Overlap
    lost: Counter[str]
    added: Counter[str]


def agreement(latex: str, pdf: str) -> Agreement:
    """Compare a paper's text by the LaTeX route with that by the PDF route."""
    a, b = shown(latex), shown(pdf)
    words = words_shown(a), words_shown(b)
    numbers = Counter(numbers_shown(a)), Counter(numbers_shown(b))
    return Agreement(
        _overlap(Counter(words[0]), Counter(words[1])),
        _overlap(_ngrams(words[0]), _ngrams(words[1])),
        _overlap(*numbers),
        numbers[0] - numbers[1],
        numbers[1] - numbers[0],
    )


def shown(text: str) -> str:
    """What a reader sees of a Markdown text, without what is compared in neither reading. Before each raised number stands `↑`, before each lowered one `↓`."""
    kept: list[str] = []
    at = 0
    for mask in masks(text):
        is_math = mask.kind == "math"
        if mask.kind != "citation" and not is_math:
            continue
        kept.append(_prose(text[at : mask.start]))
        at = mask.end
        if is_math and not text.startswith(_DISPLAY, mask.start):
            kept.append(_math(text[mask.start + 1 : mask.end - 1]))
        else:
            kept.append(" ")
    kept.append(_prose(text[at:]))
    return unicodedata.normalize("NFKC", "".join(kept)).translate(_MINUS)


def words_shown(plain: str) -> list[str]:
    """Words of a text as `shown` gives it, in order: runs of letters that are not Greek, two and more, folded."""
    return [word.casefold() for word in _LETTERS.findall(_GREEK.sub(" ", plain)) if len(word) >= _MIN_LETTERS]


def numbers_shown(plain: str) -> list[str]:
    """Numbers of a text as `shown` gives it, in order, without separators of thousands, with a minus and, where they are raised or
    lowered, the mark of that; without years."""
    found = (match[0].replace(",", "") for match in _NUMBER.finditer(plain))
    return [number for number in found if not _YEAR.fullmatch(number)]


def _prose(text: str) -> str:
    raised = _RAISED.sub(lambda match: f" ↑{match[0]} ", text)
    lowered = _LOWERED.sub(lambda match: f" ↓{match[0]} ", raised)
    return _MARKUP.sub("", _NOTE.sub(" ", _ESCAPED.sub(r"\1", lowered)))


def _math(tex: str) -> str:
    named = _NAMED.sub(lambda match: f" {match[0][1:]} ", _THOUSANDS.sub(",", tex))
    return f" {_SCRIPT.sub(_marked, _COMMAND.sub(' ', named.translate(_MINUS)))} "


def _marked(script: re.Match[str]) -> str:
    """A script with the mark before each of its numbers."""
    mark = "↑" if script[1] == "^" else "↓"
    return f" {_NUMBER.sub(lambda match: mark + match[0], script[2] or script[3] or '')} "


def _ngrams(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[i:] for i in range(NGRAM)), strict=False))


def _overlap(latex: Counter[T], pdf: Counter[T]) -> Overlap:
    return Overlap(latex.total(), pdf.total(), (latex & pdf).total())
