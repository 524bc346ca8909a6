"""Raised marks that name a note, an affiliation or a cited work, told from exponents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from curation.extract.pdf.page import Page
from curation.extract.pdf.stacks import MAX_SIZE, MIN_RAISED

_SIGN = r"[*\u2217\u22c6\u2020\u2021\u00a7\u00b6\u2016#]{1,3}"
LABEL = re.compile(rf"(?:\d{{1,3}}|[a-z]|{_SIGN})")
"""A mark of a note."""
_MARKS = re.compile(rf"{LABEL.pattern}(?:\s?[,;\u2013-]\s?{LABEL.pattern}|{_SIGN})*,?")
_UNITS = frozenset({
    "km", "cm", "mm", "nm", "kpc", "Mpc", "Gpc", "pc", "deg", "arcsec", "arcmin", "sr", "yr", "Myr", "Gyr", "hr", "min", "sec", "ms",
    "ns", "Hz", "kHz", "MHz", "GHz", "THz", "keV", "eV", "MeV", "GeV", "TeV", "erg", "ergs", "au", "AU", "kg", "mas", "Jy", "mJy", "Sun",
    "dex", "mag", "day", "days", "rad", "ster", "counts", "photons", "beam", "pixel",
    "sin", "cos", "tan", "log", "ln", "exp", "det", "dof", "dim",
})  # fmt: skip
"""Behind which a raised number is a power."""
_POWERS = frozenset(["2", "3", "4", "5", "6"])
_OF_ANGLE = re.compile(r"[dhmso]")
"""Raised above the point of a decimal: `12.^{m}5`."""
_ELEMENT = re.compile(
    r"(?:H|He|Li|Be|B|C|N|O|F|Ne|Na|Mg|Al|Si|P|S|Cl|Ar|K|Ca|Sc|Ti|V|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|Rb|Sr|Y|Zr|Mo|Tc|Ba|La|Ce|Nd|Eu"
    r"|Os|Pb|Th|U|Pu|Xe|Kr|Re)(?=[A-Z\d\W_]|\Z)"
)
_FRONT_END = re.compile(r"\W*(?:[\dI]\.?)?\s*(?:abstract|introduction|a b s t r a c t)\b", re.IGNORECASE)
_COUNTED = re.compile(r"[^\W\d_]{3,}\.? (?!10\Z)\d[\d.]*\Z|(?<!\d)(?:1[89]|20)\d\d\Z")
"""A number behind a word (a day, a section, a galaxy) or a year: no mark behind it is an exponent when its note is on the page."""
_NUMBER = re.compile(r"([1-9]\d{0,2})(?:[ ,;\u2013-]|\Z)")
_CITING = re.compile(r"\b([a-z]{3,})[.,;:]?\Z")
"""The end of a text behind which a raised number names a work: no symbol, no number, in lower case."""
MIN_CITED = 5
"""Different works that a paper cites by raised numbers, at least: a paper whose notes were not found has fewer."""
MAX_POWER = 9
"""Of a number or a bracket: a larger number behind it names a work where a paper cites so."""
MAX_NOTE = 99
"""Of notes that were not found, in a paper that does not cite so: a larger number counts residues of a protein or nucleons."""
_NAME = re.compile(r"[A-Z][a-z]{2,}")
MAX_SYMBOL = 3
"""Letters of a symbol or a unit (`BF^2`, `ppm^2`): a power behind them is none of a note unless the note stands on the page, or the paper
cites works so.
"""
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d\Z")
_LARGE_COUNTED = re.compile(rf"[^\W\d_]{{3,}}\.? (?!10\Z)\d[\d.]+\Z|{_YEAR.pattern}")
"""As `_COUNTED`, of two digits and more: `2^{32}` is a power."""
_WORD_END = re.compile(r"[^\W\d_]{2,}\Z")
_PUNCTUATION = re.compile(r"[.,;:?!\"'\u201d\u2019\u00bb]\Z")
_WORDS_IN_BRACKETS = re.compile(r"[^\W\d_]{3,}[^()]*\)\Z")


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one page.

    Args:
        labels: the marks of the notes at its foot.
        front_ends: y above which authors and affiliations stand, 0 on all pages but the first.
        cites: whether the paper names the works that it cites by raised numbers.
    """

    labels: frozenset[str] = frozenset()
    front_ends: float = 0.0
    cites: bool = False

    def is_mark(self, raised: str, before: str, after: str, y: float) -> bool:
        """Whether raised characters are a mark: of a note, an affiliation, a cited work. Else they are an exponent.

        Args:
            before: the text that they touch, "" of none.
            after: the text behind them.
            y: of their line.
        """
        raised = raised.replace(" ", "")
        if not _MARKS.fullmatch(raised):
            return False
        if y < self.front_ends and (before[-1:].isalpha() or (not before and after[:1].isalpha())):
            return not _is_isotope(raised, after)
        marks = LABEL.findall(raised)
        if self.cites and marks[0].isdigit() and _may_cite(marks, before):
            return True
        known = all(mark in self.labels for mark in marks)
        if not known and not self.cites and marks[0].isdigit() and int(marks[0]) > MAX_NOTE:
            return False
        return _is_mark(raised, before, after, known=known, named=known or self.cites)


def notes_of(pages: Sequence[Page], labels: Mapping[int, Iterable[str]]) -> list[Notes]:
    """The notes of each page; `labels` are the marks of those at its foot."""
    notes = [Notes(frozenset(labels.get(n, ())), _front_ends(page) if n == 0 else 0.0) for n, page in enumerate(pages)]
    cited = {mark for page, own in zip(pages, notes, strict=True) for mark in _cited(page, own)}
    return [replace(own, cites=True) for own in notes] if len(cited) >= MIN_CITED else notes


def _cited(page: Page, notes: Notes) -> Iterator[str]:
    """Raised numbers behind words and sentences that name no note of the page."""
    for line in page.lines:
        if len(line.spans) < 2 or line.angle or line.y0 < notes.front_ends:
            continue
        for before, span in pairwise(line.spans):
            found = _NUMBER.match(span.text)
            if found is None or found[1] in notes.labels or span.size > MAX_SIZE * before.size:
                continue
            word = _CITING.search(before.text)
            if word and not _is_unit(word[1]) and before.baseline - span.baseline > MIN_RAISED * before.size:
                yield found[1]


def _front_ends(page: Page) -> float:
    """y of the line that says Abstract or Introduction."""
    return min((line.y0 for line in page.lines if _FRONT_END.match(line.text)), default=0.0)


def _may_cite(marks: Sequence[str], before: str) -> bool:
    """Whether raised numbers behind a number or a bracket name works, in a paper that cites so."""
    is_power = len(marks) == 1 and int(marks[0]) <= MAX_POWER and not _YEAR.search(before)
    return not is_power and (before.endswith(")") or bool(_LARGE_COUNTED.search(before)))


def _is_mark(raised: str, before: str, after: str, *, known: bool, named: bool) -> bool:
    if not before:
        return known and not _is_isotope(raised, after)
    if not any(c.isalnum() for c in raised):
        return raised not in ("*", "\u2217", "\u22c6") or bool(_WORD_END.search(before)) or before[-1] in ".,;:"
    if before[-1].isdigit():
        return known and bool(_COUNTED.search(before))
    if word := _WORD_END.search(before):
        is_symbol = not named and len(word.group()) <= MAX_SYMBOL and not _NAME.fullmatch(word.group())
        return not (raised in _POWERS and (is_symbol or _is_unit(word.group())))
    if before[-1] == ")":
        return bool(_WORDS_IN_BRACKETS.search(before))
    if before[-1] in "]%":
        return known
    if before[-1] == "." and before[-2:-1].isdigit() and after[:1].isdigit() and _OF_ANGLE.fullmatch(raised):
        return False
    return bool(_PUNCTUATION.search(before))


def _is_unit(word: str) -> bool:
    """Whether a word is a unit or function; those of millionths begin with a Greek letter."""
    return word in _UNITS or (word[0] in "\u00b5\u03bc" and (word[1:] in _UNITS or len(word) == 2))


def _is_isotope(raised: str, after: str) -> bool:
    return raised.isdigit() and bool(_ELEMENT.match(after))
