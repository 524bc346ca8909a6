"""Bytes of a text as text: by its mark, as UTF-8 with or without a bad byte, as declared, or as its letters tell; else in doubt.

A byte whose meaning nothing tells becomes U+FFFD and counts as doubtful: a wrong letter would look like text.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
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
_HINT = 1000.0
"""Odds that a language named in the preamble gives its encodings."""
_MIN_WIDE = 8
"""Different characters of two bytes from which their frequency says something."""
_MIN_WORDS = 3
"""Different words with foreign letters from which they tell an encoding that is neither cp1252 nor of a named language."""
_MIN_LETTERS = 8
"""Foreign characters in different words from which they tell an alphabet of its own."""
_MIN_COMMON = 0.15
_MARGIN = math.log(15.0)
"""Log odds over the next best reading below which a reading is in doubt."""
_IN_TEXT = frozenset("’‘“”«»–—…°±µ×·§©®²³¹½¼¾¿¡€£•†‡ªº„‚‹›№\xa0−÷¬¶")


@dataclass(frozen=True)
class Decoded:
    """A text and how it was read.

    Args:
        codec: the encoding; "" where nothing tells it.
        doubtful: characters U+FFFD of the text, each in the place of one byte.
    """

    text: str
    codec: str
    doubtful: int = 0


def is_unreadable(doubtful: int, characters: int) -> bool:
    """Whether so many of a text's characters are of unknown meaning that the rest is no text: more than 40, a name or two in
    several places, and more than .5 % of a long one."""
    return doubtful > max(40, 0.005 * characters)


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
    match told_codecs(data, likely):
        case ():
            text, codec = data.decode("ascii", "replace"), ""
        case (codec,):
            text = _with_codec(data, codec).text
            text = text if codec in _CJK_CODECS else _without_misfits(text)
        case near:
            text, codec = _without_misfits(_shared(data, near)), ""
    return Decoded(text, codec, text.count(REPLACEMENT))


def _shared(data: bytes, codecs_: Sequence[str]) -> str:
    """What all readings have in common; U+FFFD where they differ."""
    readings = zip(*(data.decode(codec, "replace") for codec in codecs_), strict=True)
    return "".join(chars[0] if len(set(chars)) == 1 else REPLACEMENT for chars in readings)


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
def told_codecs(data: bytes, likely: Sequence[str] = ()) -> tuple[str, ...]:
    """The encoding that the letters of a text tell; several of one byte a letter that fit about as well; none where none fits.

    Each different word counts once: a name that stands forty times tells no more than one.
    """
    words = _surroundings(data)
    sample = b" ".join(words)[:_SAMPLE]
    runs = _HIGH.findall(sample)
    lines = b"\n".join(dict.fromkeys(line for line in re.split(rb"[\r\n]+", data) if _HIGH.search(line)))
    if wide := _told_wide(lines[:_SAMPLE], likely):
        return (wide,)
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
    best, *others = _surest(sample, scores) or ("",)
    if others and not {best, *others} <= set(_LATIN_CODECS):
        return ()
    enough = n >= _MIN_LETTERS or best in _LATIN_CODECS
    if best == "cp1252" or best in hinted or (best and enough and len(words) >= _MIN_WORDS):
        return (best, *others)
    return ()


def _surroundings(data: bytes) -> list[bytes]:
    """The different words that foreign bytes stand in."""
    found = re.findall(rb"[0-9A-Za-z\x80-\xff\\'\"-]{0,40}[\x80-\xff][0-9A-Za-z\x80-\xff'-]{0,40}", data)
    return list(dict.fromkeys(found))


def _surest(sample: bytes, scores: dict[str, float]) -> tuple[str, ...]:
    """The best reading, and those near it that give another text."""
    ranked = sorted(((score, codec) for codec, score in scores.items()), reverse=True)
    if not ranked:
        return ()
    best, codec = ranked[0]
    text = sample.decode(codec, "replace")
    near = (other for score, other in ranked[1:] if best - score < _MARGIN)
    return (codec, *(other for other in near if sample.decode(other, "replace") != text))


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
    words = Counter(_WORD.findall(text))
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


_WORD = re.compile(r"[^ \t\r\n.,;:\"\\-]+")


def _fit(word: str, i: int) -> float:
    """Log likelihood of a foreign character where it stands in its word; the letter's own frequency apart."""
    char = word[i]
    before, behind = word[i - 1 : i], word[i + 1 : i + 2]
    lower = char.lower()
    if lower in LATIN:
        fit = 1.0
        if char.isupper():
            fit *= 0.01 if before.islower() else 0.2
        if before.isdigit() or behind.isdigit():
            fit *= 0.002
        elif not (before.isalpha() or behind.isalpha()):
            fit *= 0.2
        return math.log(fit * _spelling(lower, before.lower(), behind.lower()))
    if char not in _IN_TEXT:
        return math.log(0.00005)
    if before.isalpha() and behind.isalpha():
        return math.log(_sign_inside(word[max(0, i - 12) : i], char, word[i + 1 : i + 13]))
    if char in "²³¹" and before.isalpha():
        return math.log(0.01 if _UNIT.search(word[max(0, i - 12) : i]) else 0.0002)
    if len(word) == 1 and char in "²³¹¿¡£":
        return math.log(0.0002)
    if (char in _BEFORE_NO_LETTER and behind.isalpha()) or (char in "¿¡£±" and before.isalpha()):
        return math.log(0.0002)
    if char == "’" and before == "s" and not behind:
        return math.log(0.1)
    return math.log(0.01 if not before.isalpha() or char in "’”»°²³—–…™®" else 0.001)


_VOWELS = frozenset("aeiouyáéíóúýàèùâêîôûäöüåæø")
_UNIT = re.compile(r"(?<![A-Za-z])(?:[kcmdGM]?m|[kMG]?pc|ft|in|s|keV|GeV|AU|R|T|M)$")
_BEFORE_NO_LETTER = frozenset("©®£±¼¾½²³¹°§¶ºª¬÷×")


def _spelling(letter: str, before: str, behind: str) -> float:
    """Odds of a marked letter beside its neighbours in Western spelling; with 0.02 to 0.2 it is mostly another letter of Latin-2 or Latin-5."""
    match letter:
        case "õ":  # `ões` of Portuguese; Erdős
            return 1.0 if behind == "e" else 0.12
        case "è":  # `ère` of French; Kovač, Žáček
            return 0.03 if behind in _VOWELS or before in _VOWELS else 1.0 if behind else 0.12
        case "ñ":  # Nuñez; Paczyński
            return 1.0 if behind in _VOWELS else 0.02
        case "ø":  # Møller; Dvořák
            return 0.05 if behind in _VOWELS or before in _VOWELS else 1.0
        case "æ":  # Popović
            return 1.0 if behind else 0.02
        case "ì" | "ù":  # così, più; Němec, Dvůr
            return 0.1 if behind else 1.0
        case "á":  # Groß of cp850
            return 0.05 if before in _VOWELS and not behind else 1.0
        case "ń":  # Nuñez
            return 0.05 if behind in _VOWELS else 1.0
        case "ą" | "ę":  # Gajdoš
            return 0.03 if before in _VOWELS and before != "i" else 1.0
        case "ò" | "û":  # Bartoň, Yıldız
            return 0.2
        case "ý":  # Nový; Yıldız
            return 0.2 if behind else 1.0
    return 1.0


def _sign_inside(left: str, sign: str, right: str) -> float:
    """Likelihood of a sign between two letters."""
    if sign == "’":
        return 0.2 if _GENITIVE.search(right) else 0.02 if _ELISION.match(left + "'" + right) else 0.0003
    if sign == "–":
        if right[0].isupper():
            return 0.02
        return 0.005 if left[-3:].isalpha() and right[:3].isalpha() and min(len(left), len(right)) > 2 else 0.0003
    return {"·": 0.002, "\xa0": 0.002, "—": 0.002}.get(sign, 0.00005)


_GENITIVE = re.compile(r"^(?:s|t|d|m|ll|re|ve)\b")
_ELISION = re.compile(r"^(?:[cdjlmnstODL]|[Qq]u|un|dell|nell|all|sull)'")
_MISFIT = math.log(0.0004)


def _without_misfits(text: str) -> str:
    """The text with U+FFFD for controls, for signs where a letter stood, and for capitals inside of a small word."""
    return _WORD.sub(lambda m: m[0] if m[0].isascii() else _word_without_misfits(m[0]), text)


def _word_without_misfits(word: str) -> str:
    return "".join(REPLACEMENT if c > "\x7f" and _is_misfit(word, i) else c for i, c in enumerate(word))


def _is_misfit(word: str, i: int) -> bool:
    char, before, behind = word[i], word[i - 1 : i] if i else "", word[i + 1 : i + 2]
    if "\x80" <= char < "\xa0":
        return True
    if char.isalpha():
        return char.isupper() and before.islower() and behind.islower() and char not in CYRILLIC and before != "c"
    if unicodedata.category(char) == "So" and char not in _IN_TEXT:
        return True  # frames and blocks of DOS
    return before.isalpha() and behind.isalpha() and char not in "’·—" and _fit(word, i) < _MISFIT


def _told_wide(sample: bytes, likely: Sequence[str]) -> str:
    """A codec of two bytes a character whose commonest characters make a good part of the text."""
    shares: dict[str, float] = {}
    for codec in _CJK_CODECS:
        text = sample.decode(codec, "replace")
        wide = [c for c in text if c > "\u2e7f" and c != REPLACEMENT]
        lost = text.count(REPLACEMENT)
        hinted = codec in likely
        if len(set(wide)) < (1 if hinted else _MIN_WIDE) or lost > 0.01 * len(wide):
            continue
        common = sum(c in COMMON[codec] for c in wide) / len(wide)
        if hinted or common >= _MIN_COMMON:
            shares[codec] = common + (0.05 if hinted else 0)
    ranked = sorted(shares, key=lambda codec: shares[codec], reverse=True)
    if not ranked or (len(ranked) > 1 and shares[ranked[1]] > 0.5 * shares[ranked[0]]):
        return ""
    return ranked[0]
