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
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from curation.text.masks import Mask, masks

T = TypeVar("T", bound=Hashable)
NGRAM = 4
"""Words in a row: fewer say little of their order, and more are lost with each sign between them."""
MIN_ENTRIES = 3
"""Works that a paper cites by number at least."""
_DISPLAY = "$$"
_CELL_MATH = re.compile(r"(?<!\\)\$([^$\n]{1,2000})(?<!\\)\$")
_DIGITS = re.compile(r"\d+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NOTE = re.compile(r"\[\^[^\]\s]{1,20}\]:?|\^\[\d{1,3}\]")
_MARKUP = re.compile(r"\*\*|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|</?(?:sup|sub)>")
_NAMED = re.compile(
    r"\\(?:arc)?(?:sinh?|cosh?|tanh?|exp|log|ln|min|max|sup|inf|lim|arg|det|dim|ker|deg|gcd|Pr|sec|csc|cot)(?![A-Za-z])"
)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+\*?|.)", re.DOTALL)
_COMMA = re.compile(r"(?<![{\\]),(?!\})")
"""One that TeX sets a blank behind; `{,}` has none."""
_SIGN, _END = "⋄", "⟩"
"""In the place of a command of math, and behind a raised or lowered one."""
_WITH_ARGUMENT = re.compile(r"([\^_]\s?)?\\[A-Za-z]+\*?\s?\{([^{}]*)\}")
_SCRIPT = re.compile(rf"([\^_])\s?(?:\{{([^{{}}]*)\}}|([^\W_]|{_SIGN}))")
_THIN = re.compile(r"(?<![\^_])\\[,;:! ]")
"""Blanks: thousands may be set apart by one."""
_APART = re.compile(
    r"(?<![\^_])\\(?:(?:[lg]e(?:q|qslant)?|ll|gg|neq?|sim|simeq|approx|equiv|propto|lesssim|gtrsim|in|to|rightarrow|pm|mp|times|cdot|q?quad"
    r"|left|right|big[lr]?)(?![A-Za-z]))"
)
"""Signs behind which a minus is that of a number, and wide blanks. Two blanks stand for one, as over one blank thousands are joined."""
_DOUBLED = re.compile(r"\{\s?\{([^{}]*)\}\s?\}")
_FRACTION = re.compile(r"\\[dt]?frac\s?\{([^{}]*)\}\s?\{([^{}]*)\}")
_BRACES = re.compile(r"[{}]")
_RAISED = re.compile(r"[⁺⁻]?[⁰¹²³⁴-⁹]+")
_LOWERED = re.compile(r"[₊₋]?[₀-₉]+")
_MINUS = str.maketrans({"−": "-", "﹣": "-", "－": "-"})
_NUMBER = re.compile(
    r"[↑↓]?(?:(?<![\w.)\]}⟩⋄°′″'’-])-)?(?:\d{1,3}(?:[, ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
)
_SEPARATORS = re.compile("[, ]")
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
    regions = masks(text)
    entries = _entries(text, regions)
    kept: list[str] = []
    at = 0
    for mask in regions:
        found = text[mask.start : mask.end]
        if mask.kind == "table":
            made = "".join(_cells(found))
        elif mask.kind == "math":
            made = " " if found.lstrip().startswith(_DISPLAY) else _math(found[1:-1])
        elif mask.kind == "citation" and _is_citation(found, entries):
            made = " "
        else:
            continue
        kept += [_prose(text[at : mask.start]), made]
        at = mask.end
    kept.append(_prose(text[at:]))
    return unicodedata.normalize("NFKC", "".join(kept)).translate(_MINUS)


def words_shown(plain: str) -> list[str]:
    """Words of a text as `shown` gives it, in order: runs of letters that are not Greek, two and more, folded."""
    return [word.casefold() for word in _LETTERS.findall(_GREEK.sub(" ", plain)) if len(word) >= _MIN_LETTERS]


def numbers_shown(plain: str) -> list[str]:
    """Numbers of a text as `shown` gives it, in order, without separators of thousands, with a minus and, where they are raised or
    lowered, the mark of that; without years."""
    found = (_SEPARATORS.sub("", match[0]) for match in _NUMBER.finditer(plain))
    return [number for number in found if not _YEAR.fullmatch(number)]


def _cells(table: str) -> Iterator[str]:
    """A table; the math in its cells is no mask of its own."""
    at = 0
    for math in _CELL_MATH.finditer(table):
        yield _prose(table[at : math.start()])
        yield _math(math[1])
        at = math.end()
    yield _prose(table[at:])


def _entries(text: str, regions: Iterable[Mask]) -> int:
    """How many entries numbers in brackets seem to cite: up to there at least every second number stands in some brackets. So
    `[500, 650]`, an interval, cites nothing where few others stand so."""
    brackets = (text[m.start : m.end] for m in regions if m.kind == "citation" and text[m.start] == "[")
    numbers = sorted({int(n) for found in brackets for n in _DIGITS.findall(found)} - {0})
    return max((n for rank, n in enumerate(numbers, 1) if 2 * rank >= n >= MIN_ENTRIES), default=0)


def _is_citation(text: str, entries: int) -> bool:
    return text[0] != "[" or all(0 < int(n) <= entries for n in _DIGITS.findall(text))


def _prose(text: str) -> str:
    raised = _RAISED.sub(lambda match: f" ↑{match[0]} ", text)
    lowered = _LOWERED.sub(lambda match: f" ↓{match[0]} ", raised)
    return _MARKUP.sub("", _NOTE.sub(" ", _ESCAPED.sub(r"\1", lowered)))


def _math(tex: str) -> str:
    plain = _NAMED.sub(lambda match: f" {match[0][1:]} ", _COMMA.sub(", ", tex.translate(_MINUS)))
    plain = _DOUBLED.sub(r"{\1}", _FRACTION.sub(r"{\1/\2}", _APART.sub("  ", _THIN.sub(" ", plain))))
    plain = _COMMAND.sub(_SIGN, _WITH_ARGUMENT.sub(_argument, plain))
    return _BRACES.sub("", _SCRIPT.sub(_marked, plain))


def _argument(command: re.Match[str]) -> str:
    """What a command is given; of a script, its whole."""
    return f"{command[1]}{{{command[2]}}}" if command[1] else f" {command[2]}{_SIGN}"


def _marked(script: re.Match[str]) -> str:
    """A script with the mark before each of its numbers. A minus behind it is no sign of a number, so it ends in a bracket."""
    mark = "↑" if script[1] == "^" else "↓"
    return f" {_NUMBER.sub(lambda match: mark + match[0], script[2] or script[3] or '')}{_END}"


def _ngrams(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[i:] for i in range(NGRAM)), strict=False))


def _overlap(latex: Counter[T], pdf: Counter[T]) -> Overlap:
    return Overlap(latex.total(), pdf.total(), (latex & pdf).total())
