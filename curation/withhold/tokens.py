r"""Tokens: what texts are matched by. One definition for every layer and for the audit.

A text becomes tokens so, from its first character to its last, the first rule that fits counts (regular expressions as
Python's `re` has them, with ASCII letters only where letters are spelled out):

1. `(?<=[A-Za-z])[-\u2010\u00ad][ \t\r]*\n[ \t]*(?=[a-z])` is nothing, where a letter that stays stands just before: a word is
   mended that a line end broke.
2. ``\\[`'"^~=.](?=\{?[A-Za-z])`` and `\\[cvuHkrbdt](?=\{)` are nothing: accents of TeX.
3. `\\[A-Za-z]+`, a command of TeX, parts tokens.
4. `}` before `{` parts tokens; any other brace is nothing.
5. A reference of HTML, `&(?:amp;)*(?:NAME|#0*[0-9]{1,6}|#[xX]0*[0-9a-fA-F]{1,5});`, is the character of that number, or by its name: of
   `token_kernel.UNSEEN_NAMES` nothing, of `PARTING_NAMES` what parts tokens, a letter and one of `MARK_NAMES` (`eacute`) that letter. So
   `&amp;` alone parts tokens, as does what an address writes for a mark or blank, `%(?:25)*(?:0[9aAdD]|2[0-9a-fA-F]|3[a-fA-F])`.
6. Every other character, or the one that a reference names, stays if it is ASCII and becomes casefold(NFKD(character)) if not, between
   them what looks like a Latin letter that letter (`LOOK_ALIKES`); without marks and what a reader does not see: format characters,
   private use and unassigned ones (categories M, Cf, Co and Cn), controls (Cc) that are no white space to Unicode, and the
   fillers U+115F, U+1160 and U+2800. Of that letters, digits and other numbers (`str.isalnum`) belong to a token, all else parts
   tokens.
7. A token in which three times or more a capital of ASCII follows a small letter (`WhichOfTheStars`) is parted where
   `(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])` says. Then its capitals become small letters.

So ligatures, full-width and styled letters, accents, case, soft hyphens, invisible characters inside words, Markdown's marks, letters of
other scripts that look Latin, and what stands for blanks count for nothing. What OCR confuses (l, 1) is not folded. `_` parts
tokens: `H_0` and `H_{0}` are `h`, `0`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from curation.text.buffers import Texts, buffers
from curation.text.kernel import I64, U8, U32, U64
from curation.withhold import token_kernel

SHORT = 20
"""Tokens of a text of an item that says too little alone."""
_NO_PART = ("Mn", "Mc", "Me", "Cf", "Co", "Cn")
_FILLERS = "\u115f\u1160\u2800"
"""Letters and signs without a form, the other Hangul fillers once in NFKD: what Unicode lets programs ignore and no category tells,
and the blank of Braille."""
_WHITE_CONTROLS = "\t\n\x0b\x0c\r\x85"
LOOK_ALIKES = {
    "A": "АΑᴀ", "B": "ВΒʙ", "C": "СϹᴄ", "D": "ᴅ", "E": "ЕΕᴇ", "G": "Ԍɢ", "H": "НΗʜ", "I": "ІΙӀɪ", "J": "ЈͿᴊ", "K": "КΚᴋ", "L": "ʟ",
    "M": "МΜᴍ", "N": "Νɴ", "O": "ОΟᴏ", "P": "РΡᴘ", "Q": "Ԛ", "R": "ʀ", "S": "Ѕꜱ", "T": "ТΤᴛ", "U": "ᴜ", "V": "Ѵᴠ", "W": "Ԝᴡ",
    "X": "ХΧ", "Y": "УҮΥʏ", "Z": "Ζᴢ",
    "a": "аαɑ", "b": "вьβ", "c": "сϲ", "d": "ԁ", "e": "еεҽ", "f": "ƒ", "g": "ԍɡ", "h": "нһհ", "i": "іιıɩ", "j": "јϳȷ", "k": "кκ",
    "l": "ӏ", "m": "м", "n": "пηոռ", "o": "оοօ", "p": "рρ", "q": "ԛգ", "r": "г", "s": "ѕ", "t": "тτ", "u": "υսʋ", "v": "ѵν", "w": "ԝωѡ",
    "x": "хχ", "y": "уγү", "z": "ʐ",
}  # fmt: skip
"""Latin letters, and those of Cyrillic, Greek, Armenian and phonetic writing that a reader takes for them (Unicode's confusables)."""
_LATIN = str.maketrans({other: letter.lower() for letter, others in LOOK_ALIKES.items() for other in others})
_WIDEST, _WIDEST_ASCII = 12, 5
"""Bytes of tokens, blanks behind them counted, that a byte of text may become: U+FDFA of 3 bytes, `&#65018;` of 8, becomes 34."""
_ASSIGNED = (*range(0x80, 0xD800), *range(0xE000, 0x40000), *range(0xE0000, 0xE1000))
"""Code points beyond ASCII of the planes that have letters or marks; all others are nothing."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of one or several texts, one after the other.

    Args:
        hashes: a 64-bit hash of each; equal tokens have equal ones.
        starts, ends: its UTF-8 bytes in its text, end excluded.
        text: all of them, UTF-8, a blank behind each; token k is text[ends_in_text[k - 1] + 1 : ends_in_text[k]].
        bounds: where the tokens of each text begin; their number at the end.
    """

    hashes: U64
    starts: I64
    ends: I64
    text: U8
    ends_in_text: I64
    bounds: I64

    def words(self, start: int = 0, end: int | None = None) -> list[str]:
        """Tokens `start` to `end` as strings."""
        end = len(self.hashes) if end is None else end
        if start >= end:
            return []
        first = int(self.ends_in_text[start - 1]) + 1 if start else 0
        return bytes(self.text[first : int(self.ends_in_text[end - 1])]).decode().split(" ")


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order."""
    return tokens_of(pa.array([text], pa.large_string())).words()


def tokens_of(texts: Texts) -> Tokens:
    """The tokens of Arrow texts (null: none), with their places."""
    data, offsets = buffers(texts)
    size, n_texts = int(offsets[-1] - offsets[0]), len(offsets) - 1
    more = int(token_kernel.more_bytes(data, offsets))
    out = np.empty(_WIDEST_ASCII * (size - more) + _WIDEST * more + n_texts, np.uint8)
    room = size - more + 4 * more // 3 + n_texts + 1
    hashes, starts, ends, ends_in_text = np.empty(room, np.uint64), *np.empty((3, room), np.int64)
    bounds = np.zeros(n_texts + 1, np.int64)
    n, at = token_kernel.tokens_of(data, offsets, *fold_tables(), out, hashes, starts, ends, ends_in_text, bounds)
    return Tokens(hashes[:n], starts[:n], ends[:n], out[:at], ends_in_text[:n], bounds)


def folded(character: str) -> str:
    """What one character becomes by rule 6, with a blank for what parts tokens; empty where it is nothing."""
    made = unicodedata.normalize("NFKD", character).translate(_LATIN).casefold()
    return "".join(c if c.isalnum() else " " for c in made if not _unseen(c))


def _unseen(character: str) -> bool:
    """Whether a character is nothing by rule 6."""
    category = unicodedata.category(character)
    return category in _NO_PART or character in _FILLERS or (category == "Cc" and character not in _WHITE_CONTROLS)


@lru_cache(maxsize=1)
def fold_tables() -> tuple[U8, U32, U8]:
    """Rule 6 as `token_kernel.tokens_of` reads it: for bytes, for every code point, and the bytes that the second points to."""
    ascii_fold = np.zeros(256, np.uint8)
    for byte in range(128):
        if chr(byte).isalnum():
            ascii_fold[byte] = ord(chr(byte).lower())
    fold = np.full(0x110000, token_kernel.NOTHING, np.uint32)
    fold[0xD800:0xE000] = token_kernel.BREAK  # no text has surrogates
    for byte in range(128):
        fold[byte] = _plain_entry(chr(byte))
    characters = [chr(point) for point in _ASSIGNED]
    made = unicodedata.normalize("NFKD", "\n".join(characters)).translate(_LATIN).casefold().split("\n")
    letters = bytearray(token_kernel.ITSELF + 1)  # places from there on
    for point, character, becomes in zip(_ASSIGNED, characters, made, strict=True):
        fold[point] = _plain_entry(character)
        if becomes != character:
            text = folded(character).encode()
            fold[point] = len(letters) if text.strip() else token_kernel.BREAK if text else token_kernel.NOTHING
            letters += bytes((len(text),)) + text if text.strip() else b""
    return ascii_fold, fold, np.frombuffer(bytes(letters), np.uint8)


def _plain_entry(character: str) -> int:
    """The entry of a character in the second table, where rule 5 makes no other of it."""
    if character.isalnum() and character not in _FILLERS:
        return token_kernel.ITSELF
    return token_kernel.NOTHING if _unseen(character) else token_kernel.BREAK
