"""Raised marks that name a note, an affiliation or a cited work, told from exponents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curation.extract.pdf.page import Page

_MARK = re.compile(r"(?:\d{1,3}|[a-z]|[*\u2217\u2020\u2021\u00a7\u00b6\u2016#]{1,3})")
_MARKS = re.compile(rf"{_MARK.pattern}(?:\s?[,;\u2013-]\s?{_MARK.pattern})*,?")
_UNITS = frozenset(
    [
        "km",
        "cm",
        "mm",
        "nm",
        "kpc",
        "Mpc",
        "Gpc",
        "pc",
        "deg",
        "arcsec",
        "arcmin",
        "sr",
        "yr",
        "Myr",
        "Gyr",
        "hr",
        "min",
        "ms",
        "ns",
        "Hz",
        "kHz",
        "MHz",
        "GHz",
        "THz",
        "keV",
        "eV",
        "MeV",
        "GeV",
        "TeV",
        "erg",
        "ergs",
        "au",
        "AU",
        "kg",
        "mas",
        "Jy",
        "mJy",
        "Sun",
        "dex",
        "mag",
        "sec",
        "day",
        "days",
        "rad",
        "ster",
        "counts",
        "photons",
        "beam",
        "pixel",
        "sin",
        "cos",
        "tan",
        "sec",
        "log",
        "ln",
        "exp",
        "det",
        "dof",
        "dim",
    ]
)
_POWERS = frozenset(["2", "3", "4", "5", "6"])
_ELEMENT = re.compile(
    r"(?:H|He|Li|Be|B|C|N|O|F|Ne|Na|Mg|Al|Si|P|S|Cl|Ar|K|Ca|Sc|Ti|V|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|Rb|Sr|Y|Zr|Mo|Tc|Ba|La|Ce|Nd|Eu"
    r"|Os|Pb|Th|U|Pu|Xe|Kr|Re)(?=[A-Z\d\W_]|\Z)"
)
_FRONT_END = re.compile(r"\W*(?:[\dI]\.?)?\s*(?:abstract|introduction|a b s t r a c t)\b", re.IGNORECASE)
_COUNTED = re.compile(r"[^\W\d_]{3,}\.? (?!10\Z)\d[\d.]*\Z|(?<!\d)(?:1[89]|20)\d\d\Z")
"""A number behind a word (a day, a section, a galaxy) or a year: no mark behind it is an exponent when its note is on the page."""
_WORD_END = re.compile(r"[^\W\d_]{2,}\Z")
_PUNCTUATION = re.compile(r"[.,;:?!\"'\u201d\u2019\u00bb]\Z")
_WORDS_IN_BRACKETS = re.compile(r"[^\W\d_]{3,}[^()]*\)\Z")


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one page.

    Args:
        labels: the marks of the notes at its foot.
        front_ends: y above which authors and affiliations stand, 0 on all pages but the first.
    """

    labels: frozenset[str] = frozenset()
    front_ends: float = 0.0

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
        return _is_mark(raised, before, after, known=all(mark in self.labels for mark in _MARK.findall(raised)))


def notes_of(pages: Sequence[Page], labels: Mapping[int, Iterable[str]]) -> list[Notes]:
    """The notes of each page; `labels` are the marks of those at its foot."""
    return [Notes(frozenset(labels.get(n, ())), _front_ends(page) if n == 0 else 0.0) for n, page in enumerate(pages)]


def _front_ends(page: Page) -> float:
    """y of the line that says Abstract or Introduction."""
    return min((line.y0 for line in page.lines if _FRONT_END.match(line.text)), default=0.0)


def _is_mark(raised: str, before: str, after: str, *, known: bool) -> bool:
    if not before:
        return known and not _is_isotope(raised, after)
    if not any(c.isalnum() for c in raised):
        return raised not in ("*", "\u2217") or bool(_WORD_END.search(before)) or before[-1] in ".,;:"
    if before[-1].isdigit():
        return known and bool(_COUNTED.search(before))
    if word := _WORD_END.search(before):
        return not (raised in _POWERS and word.group() in _UNITS)
    if before[-1] == ")":
        return bool(_WORDS_IN_BRACKETS.search(before))
    if before[-1] in "]%":
        return known
    return bool(_PUNCTUATION.search(before))


def _is_isotope(raised: str, after: str) -> bool:
    return raised.isdigit() and bool(_ELEMENT.match(after))
