"""Where a text names the Annual Review of Astronomy and Astrophysics, in whatever spelling.

The text is cut into words and signs, and its parts are looked for in their order: annual, review, astronomy, astrophysics. A word
stands for a part when it abbreviates it (its beginning, or letters of it in their order), or differs in a letter or two of a long
one; parts may be written together (`AnnRevAstronAstrophys`) or in pieces (`Astro- physics`). Names of initials alone (`ARA&A`) have
rules of their own: the fewer signs they have, the more must stand beside them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.identity import mended
from curation.text.marks import stream_safe

_ANNUAL, _REVIEW, _ASTRONOMY, _ASTROPHYSICS = "annual", "review", "astronomy", "astrophysics"
_JOINING = frozenset({"of", "in", "on", "for", "the"})
_AND = frozenset({"&", "+", "and", "und", "et", "y", "e", "n", "amp", "/", "|"})
_BETWEEN = frozenset(".,-~:_'`*\"+")
"""Signs that may stand inside the name."""
_MAX_PIECES = 14
"""Pieces of a word that are put together: `A N N U A L`."""
FIRST_YEAR = 1963
"""Of the journal, whose volume is the year - 1962."""
MAX_VOLUME = 99
"""A larger number behind initials is the volume of another journal, most often of A&A."""

_BESIDE = 60
"""Characters before and behind a name in which its number is looked for."""

_MACRO = re.compile(r"\\araa(?![a-z])", re.IGNORECASE)
_TEX_AND = re.compile(r"\\(?:textampersand|ampersand|char ?38|symbol ?\{38\})(?![a-z])")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?")
_JSON_ESCAPE = re.compile(r"\\u00([0-7][0-9a-fA-F])")
_TAG = re.compile(r"</?[a-zA-Z](?![a-z]*:)[^<>]{0,60}>")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("{}\\$", None),
        **dict.fromkeys("\u2212\u2500\u2043\u02d7\u207b\u208b\u2e3a\u2e3b\u30fc\uff70", "-"),
        "\u214b": "&",
        "\u204a": "&",
        "\ufe60": "&",
        **dict(
            zip(
                "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0410\u0415\u041e\u0420\u0421\u0423\u0425\u0406",
                "aeopcyxiAEOPCYXI",
                strict=True,
            )
        ),
        "\u00b7": ".",
        "\u2022": " ",
    }
)
_MISREAD = re.compile(r"(?<=[a-z]{3})1(?![\d])|(?<![a-z\d])0(?=f\b)|(?<=[a-z])0(?=[a-z])")
"""Digits that OCR makes of letters of a word."""
_TOKEN = re.compile(r"[a-z]+|\d+|[^\sa-z\d]")
_GLUED = re.compile(
    r"(an|ann|annu|annual)?(rev|revs|review|reviews)?(of|in)?(?:the)?(a|ast|astr|astro|astron|astronomy)?(and)?"
    r"(a|ap|aa|astr?|astr?ap|astro|astrop[a-z]{0,9})?"
)
# the initials, by what stands between them: signs that no author's initials have, dots, nothing
_SIGNED = re.compile(r"(?<![a-z&+])(a[. ]{0,2}r[. ]{0,2}a)[. ]{0,2}(?:&|\+|&?26|%)[. ]{0,2}a(?:p|ph|pj)?(?![a-z&+])")
_TWO_NAMES = re.compile(r"a\. ?ra")
_DOTTED = re.compile(r"(?<![a-z&+.])a\. ?r\. ?a\. ?(?:and ?)?a\b\.?(?! ?[a-z]{2})")
_BARE = re.compile(
    r"(?<![a-z&+])(?:araa|a ?r ?a ?[-/_]? ?a(?:p)?|ara[.'|]a|a ?r ?a (?:and|und|et|y|n) ap?|ar ?& ?aa)(?![a-z&+]|\.[a-z])"
)
_NUMBER_BEHIND = re.compile(
    r"(?:[\s.,:;()\[\]'\"*_-]|[#]|\bv(?=\d)|\b(?:vol(?:ume)?|v|bd|band|tome?|no|issue|reviews?|articles?|in press|accepted|edition|for|the)\b)*(\d+)"
)
_NUMBER_BEFORE = re.compile(
    r"(?:\b(?:19|20)\d\d[a-z]?|\bvol(?:ume)?s?[. ]*\d{1,2}|\b\d{1,2}(?:st|nd|rd|th)(?: (?:vol(?:ume)?|issue|edition))?)[\s.,:;()\[\]'\"-]*"
    r"(?:(?:of|in)[\s]+)?(?:the )?$"
)


@dataclass(frozen=True)
class Name:
    """The journal's name in a plain text.

    Args:
        start, end: where it stands.
        text: as the text spells it.
        is_sure: it says enough alone; else only a number, a year or an announcement beside it says that the journal is meant.
    """

    start: int
    end: int
    text: str
    is_sure: bool


def plain(text: str) -> str:
    """Lower case, white space folded; escapes of HTML, URLs, JSON and TeX, look-alike and invisible characters mended, tags gone."""
    value = _JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), mended(text))
    value = _COMMAND.sub(" ", _TEX_AND.sub("&", _MACRO.sub("ARA&A ", value)))
    value = unicodedata.normalize("NFKC", stream_safe(value)).translate(_SIGNS)
    return " ".join(_TAG.sub("", value).lower().split())


def names_in(value: str) -> list[Name]:
    """The names of the journal in a `plain` text, in their order; none inside another."""
    found: list[Name] = []
    for name in sorted((*_initials(value), *_long_names(value)), key=lambda n: (n.start, -n.end, not n.is_sure)):
        if not found or name.start >= found[-1].end:
            found.append(name)
    return found


def is_numbered(value: str, name: Name) -> bool:
    """Whether a volume or a year of the journal stands beside a name."""
    number = _number_behind(value, name.end)
    return (number is not None and _is_possible(number)) or _NUMBER_BEFORE.search(
        value[max(0, name.start - _BESIDE) : name.start]
    ) is not None


def _number_behind(value: str, end: int) -> int | None:
    match = _NUMBER_BEHIND.match(value, end, end + _BESIDE)
    return int(match[1][:9]) if match else None


def _is_possible(number: int) -> bool:
    return 0 < number <= MAX_VOLUME or FIRST_YEAR <= number <= FIRST_YEAR + MAX_VOLUME


def _initials(value: str) -> Iterator[Name]:
    for match in _SIGNED.finditer(value):
        number = _number_behind(value, match.end())
        # "Smith, A. R. A&A 500, 1": initials of an author before another journal; "A. Ra & A. Kumar" are two
        if match[1] == "ara" or number is None or _is_possible(number):
            yield Name(match.start(), match.end(), match.group(), _TWO_NAMES.match(match.group()) is None)
    for match in _DOTTED.finditer(value):
        yield Name(match.start(), match.end(), match.group(), True)
    for match in _BARE.finditer(value):
        yield Name(match.start(), match.end(), match.group(), False)


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


def _tokens(value: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(value):
        word, start, end = match.group(), match.start(), match.end()
        parts = _parts_of(word) if len(word) > 5 else [word]
        if word == "aa" and any(_stands_for(token.text, _REVIEW, 3) for token in found[-2:]):
            parts = ["a", "a"]
        found += [_Token(part, start, end) for part in parts]
    return found


def _parts_of(word: str) -> list[str]:
    """The parts of a name that are written together, the word alone where they are not."""
    if any(_stands_for(word, whole, 2) for whole in (_ANNUAL, _REVIEW, _ASTRONOMY, _ASTROPHYSICS)):
        return [word]
    match = _GLUED.fullmatch(word)
    parts = [part for part in match.groups() if part] if match else []
    if len(parts) < 2 or not any(len(part) > 2 for part in parts[:2]):
        return [word]
    return [letter for part in parts for letter in (("a", "a") if part == "aa" else (part,))]


def _long_names(value: str) -> Iterator[Name]:
    if "a" not in value or "r" not in value:
        return
    tokens = _tokens(_MISREAD.sub(lambda m: "l" if m.group() == "1" else "o", value))
    for first, token in enumerate(tokens):
        if token.text[0] == "a" and token.is_word and (last := _long_name(tokens, first)) is not None:
            end = tokens[last - 1].end
            yield Name(token.start, end, value[token.start : end], True)


def _long_name(tokens: Sequence[_Token], first: int) -> int | None:
    """The token behind the name that begins at a token; None where none does."""
    annual = _part(tokens, first, _ANNUAL, 1)
    if annual is None:
        return None
    is_initial = tokens[first].text == "a" and annual == first + 1
    if annual == first + 1 and tokens[first].text in ("a", "an") and not _is_cut(tokens, first):
        return None  # the article: "a review of astronomy and astrophysics"
    if is_initial and first and tokens[first - 1].text not in ",;:([":
        return None  # "Smith, A. Rev. Astron. Astrophys.": an author's initial before a journal
    review = _part(tokens, _behind(tokens, annual, _BETWEEN), _REVIEW, 3 if is_initial and first else 1)
    if review is None:
        return None
    place = _behind(tokens, review, _BETWEEN | _JOINING)
    astronomy = _part(tokens, place, _ASTRONOMY, 1)
    if astronomy is not None:
        joined = _behind(tokens, astronomy, _BETWEEN | _AND | {"the"})
        astrophysics = _part(tokens, joined, _ASTROPHYSICS, 1)
        is_joined = any(token.text in _AND for token in tokens[astronomy:joined])
        if astrophysics is not None and (is_joined or not _is_article(tokens, joined, astrophysics)):
            return astrophysics
    turned = _part(tokens, place, _ASTROPHYSICS, 5)
    if turned is not None and turned < len(tokens) and tokens[turned].text in _AND and not is_initial:
        return _part(tokens, turned + 1, _ASTRONOMY, 5)
    # half a name, where nothing follows but a number: no other annual review is called so
    half = astronomy or _part(tokens, place, _ASTROPHYSICS, 5)
    if half is None or is_initial or len(tokens[half - 1].text) < 4 or len(tokens[first].text) < 3:
        return None
    rest = _behind(tokens, half, _BETWEEN)
    return half if rest == len(tokens) or not (tokens[rest].is_word or tokens[rest].text in _AND) else None


def _is_article(tokens: Sequence[_Token], start: int, end: int) -> bool:
    """Whether what was taken for an abbreviation of astrophysics may be a word of a sentence: `... of astronomy: a talk`."""
    is_short = end == start + 1 and tokens[start].text in ("a", "as")
    return is_short and end < len(tokens) and tokens[end].is_word


def _is_cut(tokens: Sequence[_Token], place: int) -> bool:
    """Whether a word is an abbreviation: a full stop, or another part of the same word, is behind it."""
    behind = tokens[place + 1] if place + 1 < len(tokens) else None
    return behind is not None and (behind.text == "." or behind.start == tokens[place].start)


def _behind(tokens: Sequence[_Token], place: int, passed: frozenset[str]) -> int:
    while place < len(tokens) and tokens[place].text in passed:
        place += 1
    return place


def _part(tokens: Sequence[_Token], place: int, whole: str, least: int) -> int | None:
    """The token behind those that stand for a part of the name, the most that do; None where none does."""
    best, word, at = None, "", place
    for _ in range(_MAX_PIECES):
        if at >= len(tokens) or not tokens[at].is_word or tokens[at].text in _JOINING or len(word) > len(whole) + 2:
            break
        word += tokens[at].text
        at += 1
        is_pieced = at > place + 1
        if is_pieced and not whole.startswith(word):
            break
        if _stands_for(word, whole, max(least, 4) if is_pieced else least):
            best = at
        at = at + 1 if at < len(tokens) and tokens[at].text == "-" else at
    return best


def _stands_for(word: str, whole: str, least: int) -> bool:
    """Whether a word is a part's beginning of at least so many letters, its letters in their order, or it with a slip or two."""
    word = word.removesuffix("s") if len(word) > 3 and not whole.endswith("s") else word
    if len(word) < least or word[:1] != whole[:1]:
        return False
    if whole.startswith(word):
        return True
    if len(word) > len(whole) - 3 and len(word) > 4:
        from rapidfuzz.distance import OSA

        slips = OSA.distance(word, whole, score_cutoff=2)
        return slips <= (2 if len(whole) > 8 else 1) or _is_slip_of_beginning(word, whole)
    return _is_contraction(word, whole) or _is_slip_of_beginning(word, whole)


def _is_slip_of_beginning(word: str, whole: str) -> bool:
    """`astropphys`: an abbreviation of some length with a slip."""
    from rapidfuzz.distance import OSA

    return len(word) >= 8 and any(OSA.distance(word, whole[:n]) == 1 for n in range(len(word) - 1, len(word) + 2))


def _is_contraction(word: str, whole: str) -> bool:
    """`astrphys`, `ap`, `annl`: letters of the whole in their order."""
    is_short = len(word) < 3 or (whole == _ASTRONOMY and len(word) < 4)
    if is_short and word != "ap":
        return False
    letters = iter(whole)
    return all(letter in letters for letter in word) and (whole != _ASTROPHYSICS or "p" in word)
