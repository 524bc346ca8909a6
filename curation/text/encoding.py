"""Bytes of a text as text: by its mark, as UTF-8 with or without a bad byte, as declared, or as its letters tell; else in doubt.

A byte whose meaning nothing tells becomes U+FFFD and counts as doubtful: a wrong letter would look like text.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from curation.text.letters import ALPHABETS, COMMON, CYRILLIC, GREEK, LATIN

REPLACEMENT = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_WELL_FORMED = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_SAMPLE = 200_000
"""Bytes of the surroundings of foreign ones that are looked at."""
# how often undeclared files of each kind are met: TeX's Western papers first
_CYRILLIC_CODECS = {"koi8-r": 0.2, "koi8-u": 0.2, "cp1251": 0.4, "cp866": 0.1, "iso8859-5": 0.05, "mac-cyrillic": 0.05}
_GREEK_CODECS = {"iso8859-7": 0.5, "cp1253": 0.5}
_LATIN_CODECS = {"cp1252": 0.8, "mac-roman": 0.06, "iso8859-2": 0.04, "cp1250": 0.04, "cp850": 0.03, "iso8859-9": 0.03}
_CJK_CODECS = tuple(COMMON)
_HINT = 100.0
"""Odds that a language named in the preamble gives its encodings."""
_MIN_WIDE = 8
"""Characters of two bytes from which their frequency says something."""
_MIN_COMMON = 0.15
_MARGIN = math.log(4.0)
"""Log odds over the next best reading below which a reading is in doubt."""
_IN_TEXT = frozenset("’‘“”«»–—…°±µ×·§©®²³¹½¼¾¿¡€£•†‡ªº„‚‹›№\xa0−÷¬¶")


@dataclass(frozen=True)
class Decoded:
    """A text and how it was read.

    Args:
        codec: the encoding; "" where nothing tells it.
        doubtful: bytes that stand as U+FFFD.
    """

    text: str
    codec: str
    doubtful: int = 0


def decode_bytes(data: bytes, *, declared: str = "", likely: Sequence[str] = ()) -> Decoded:
    """Bytes as text.

    Args:
        declared: the codec that the file names; UTF-8 that is well-formed goes before it.
        likely: codecs of the language that a class or package names.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark) and len(data) > len(mark):
            return _with_codec(data[len(mark) :] if codec == "utf-8" else data, codec)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        pass
    else:
        if _ISO_2022_JP.search(data):
            return _with_codec(data, "iso2022_jp")
        return Decoded(text, "utf-8")
    if declared and declared != "utf-8":
        return _with_codec(data, declared)
    found = len(_WELL_FORMED.findall(data))
    bad = sum(map(len, _HIGH.findall(_WELL_FORMED.sub(b" ", data))))
    if found and (found >= bad or (declared == "utf-8" and 4 * found >= bad)):
        return _with_bad_bytes(data)
    codec = told_codec(data, likely)
    if codec:
        return _with_codec(data, codec)
    text = data.decode("ascii", "replace")
    return Decoded(text, "", text.count(REPLACEMENT))


def _with_codec(data: bytes, codec: str) -> Decoded:
    codec = {"latin-1": "cp1252", "iso8859-1": "cp1252", "gbk": "gb18030", "gb2312": "gb18030"}.get(codec, codec)
    text = data.decode(codec, "replace")
    return Decoded(text, codec, text.count(REPLACEMENT))


def _with_bad_bytes(data: bytes) -> Decoded:
    """UTF-8 in which some bytes are none: a letter of cp1252 inside of a Western word, else U+FFFD each."""
    text = data.decode("utf-8", _BAD_BYTE)
    return Decoded(text, "utf-8", text.count(REPLACEMENT))


def _bad_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, bad = error.object, error.start
    letter = data[bad : bad + 1].decode("cp1252", "replace")
    around = data[max(0, bad - 1) : bad] + data[bad + 1 : bad + 2]
    if letter.lower() not in LATIN or not re.fullmatch(rb"[A-Za-z]{2}|[A-Za-z][\s.,;:})]", around):
        letter = REPLACEMENT
    return letter, bad + 1


_BAD_BYTE = "curation.text.encoding.bad_byte"
codecs.register_error(_BAD_BYTE, _bad_byte)


# ---------------------------------------------------------------- told by letters
def told_codec(data: bytes, likely: Sequence[str] = ()) -> str:
    """The encoding that the letters of a text tell; "" where none fits, or two do about as well."""
    sample = _surroundings(data)
    runs = _HIGH.findall(sample)
    lines = b"\n".join(line for line in re.split(rb"[\r\n]+", data) if _HIGH.search(line))
    if wide := _told_wide(lines[:_SAMPLE], likely):
        return wide
    n = sum(map(len, runs))
    mean = n / len(runs)
    hinted = {codec for codec in likely if codec not in _CJK_CODECS}
    scores: dict[str, float] = {}
    if mean >= 1.8 or hinted & {*_CYRILLIC_CODECS, *_GREEK_CODECS}:
        for odds, letters in ((_CYRILLIC_CODECS, CYRILLIC), (_GREEK_CODECS, GREEK)):
            given = {codec: _words_of(sample, codec, letters) for codec in odds}
            scores |= {codec: score for codec, score in given.items() if score / n >= _LEAST_OF_WORDS}
    if mean < 3:
        given = {codec: _latin(sample, codec) for codec in _LATIN_CODECS}
        scores |= {codec: score for codec, score in given.items() if score / n >= _LEAST}
    odds = {**_CYRILLIC_CODECS, **_GREEK_CODECS, **_LATIN_CODECS}
    for codec in scores:
        scores[codec] += math.log(odds[codec] * (_HINT if codec in hinted else 1))
    return _surest(sample, scores)


def _surroundings(data: bytes) -> bytes:
    """The foreign bytes with the words that they stand in."""
    found = re.findall(rb"[A-Za-z\x80-\xff\\'\"-]{0,40}[\x80-\xff][A-Za-z\x80-\xff'-]{0,40}[ .,;:]?", data)
    return b" ".join(found)[:_SAMPLE]


def _surest(sample: bytes, scores: dict[str, float]) -> str:
    ranked = sorted(((score, codec) for codec, score in scores.items()), reverse=True)
    if not ranked:
        return ""
    best, codec = ranked[0]
    text = sample.decode(codec, "replace")
    for score, other in ranked[1:]:
        if best - score < _MARGIN and sample.decode(other, "replace") != text:
            return ""
    return codec


_LEAST_OF_WORDS = math.log(0.016)
"""The same in an alphabet of its own: texts have 0.04 to 0.06."""
_LEAST = math.log(0.004)
"""Mean log weight of a foreign character below which even the best reading is none."""


def _words_of(sample: bytes, codec: str, letters: dict[str, int]) -> float:
    """Log likelihood of the foreign characters as words of an alphabet of its own; capitals stand at the beginning or alone."""
    weight = _foreign_weights(codec, tuple(letters.items()))
    total = 0.0
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return -math.inf
    before = " "
    for char in text:
        if char > "\x7f":
            value = weight(char)
            if char.isupper() and before.islower():
                value -= 4
            elif char.isupper() and before.isalpha():
                value -= 0.5
            if char.isalpha() and before.isascii() and before.isalpha():
                value -= 2  # words mix no alphabets
            if char.isalpha() and before in _CLOSING:
                value -= 3
            total += value
        before = char
    return total


_CLOSING = frozenset("»”’…°›")


@lru_cache(maxsize=16)
def _foreign_weights(codec: str, letters: tuple[tuple[str, int], ...]) -> Callable[[str], float]:
    table = dict(letters)
    whole = float(sum(table.values()))
    known: dict[str, float] = {}

    def weight(char: str) -> float:
        if char not in known:
            share = table.get(char.lower(), 0) / whole
            if share and char.isupper():
                share *= 0.2
            known[char] = math.log(share or (0.004 if char in _IN_TEXT else 0.0002))
        return known[char]

    return weight


def _latin(sample: bytes, codec: str) -> float:
    """Log likelihood of the foreign characters as marked letters inside of Latin words, and as signs beside them."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        if codec != "cp1252":
            return -math.inf
        text = sample.decode(codec, "replace")
    words = Counter(re.findall(r"[^\s.,;:\"\\-]+", text))
    letters: Counter[str] = Counter()
    total = 0.0
    for word, times in words.items():
        marked = [c for c in word.lower() if c > "\x7f" and c in LATIN]
        if len(set(marked)) > 1 and not any(a.issuperset(marked) for a in ALPHABETS):
            total -= 3 * times
        for i, char in enumerate(word):
            if char > "\x7f":
                if char.lower() in LATIN:
                    letters[char.lower()] += times
                total += times * _fit(word, i)
    return total + max(_language(letters, None), *(_language(letters, a) for a in ALPHABETS))


def _language(letters: Counter[str], alphabet: frozenset[str] | None) -> float:
    """Log likelihood of marked letters in one language, or (None) in papers and their names at large."""
    if alphabet is None:
        return sum(n * math.log(LATIN[c] / _LATIN_SUM) for c, n in letters.items())
    inside = 0.95 / len(alphabet)
    own = sum(n * math.log(inside if c in alphabet else 0.02 * LATIN[c] / _LATIN_SUM) for c, n in letters.items())
    return own + math.log(1 / len(ALPHABETS))


_LATIN_SUM = sum(LATIN.values())


def _fit(word: str, i: int) -> float:
    """Log likelihood of a foreign character where it stands in its word; the letter's own frequency apart."""
    char = word[i]
    before, behind = word[i - 1 : i], word[i + 1 : i + 2]
    lower = char.lower()
    if lower in LATIN:
        fit = 1.0
        if char.isupper():
            fit *= 0.01 if before.islower() else 0.2
        if not (before.isalpha() or behind.isalpha()):
            fit *= 0.2
        if (lower == "õ" and behind != "e") or (lower == "è" and not behind):
            fit *= 0.12  # `ões` of Portuguese and `ère` of French, where Latin-2 has the names Erdős and Kovač
        return math.log(fit)
    if char not in _IN_TEXT:
        return math.log(0.00005)
    if before.isalpha() and behind.isalpha():
        if char == "’":
            return math.log(0.02 if _ELISION.search(word[:i] + "'" + word[i + 1 :]) else 0.0003)
        return math.log({"–": 0.005, "·": 0.002}.get(char, 0.00005))
    return math.log(0.01 if not before.isalpha() or char in "’”»°²³—–…™®" else 0.001)


_ELISION = re.compile(r"'(?:s|t|d|m|ll|re|ve)$|^(?:[cdjlmnstODL]|[Qq]u|un|dell|nell|all|sull)'")


def _told_wide(sample: bytes, likely: Sequence[str]) -> str:
    """A codec of two bytes a character whose commonest characters make a good part of the text."""
    shares: dict[str, float] = {}
    for codec in _CJK_CODECS:
        text = sample.decode(codec, "replace")
        wide = [c for c in text if c > "\u2e7f" and c != REPLACEMENT]
        lost = text.count(REPLACEMENT)
        hinted = codec in likely
        if len(wide) < (1 if hinted else _MIN_WIDE) or lost > 0.01 * len(wide):
            continue
        common = sum(c in COMMON[codec] for c in wide) / len(wide)
        if hinted or common >= _MIN_COMMON:
            shares[codec] = common + (0.05 if hinted else 0)
    ranked = sorted(shares, key=lambda codec: shares[codec], reverse=True)
    if not ranked or (len(ranked) > 1 and shares[ranked[1]] > 0.5 * shares[ranked[0]]):
        return ""
    return ranked[0]
