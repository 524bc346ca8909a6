"""Accents that a font sets as signs of their own, joined to their letters: `M¨uller` as `Müller`.

TeX's fonts in OT1 have no accented letters: an accent is drawn, then the letter. A PDF gives the two as two characters.
"""

from __future__ import annotations

import re
import unicodedata

COMBINING = {
    "¨": "\u0308", "´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˘": "\u0306", "˚": "\u030a",
    "˝": "\u030b", "˙": "\u0307", "¯": "\u0304", "¸": "\u0327",
}  # fmt: skip
DOTLESS = {"ı": "i", "ȷ": "j"}
_ANY = re.compile(f"[{''.join(COMBINING)}]")
_BEFORE = re.compile(r"(?<!`)([¨´`ˆ˜ˇ˘˚˝˙¯¸])([A-Za-zıȷ])")
_APART = re.compile(r"(?<=[A-Za-z])([¨´ˇ˚˝]) ([a-zı])")
_CEDILLA_BEHIND = re.compile(r"([CSTKLNRG])¸ ?(?=[a-z])|([CSTKLNRG])¸|([cs])¸(?=[abd-rt-zı])")
"""TeX draws it behind letters that are not as high as an x of the font: all capitals, and some small ones of Times and Palatino."""
_SYMBOL = re.compile(r"([ˆ˜¯˙˘ˇ])([A-Za-zα-ωΑ-Ωϑϕϵ])(?![A-Za-z])")
"""An accent over a symbol of mathematics, of which Unicode has no letter of its own."""
_QUOTED = re.compile(r"`[^`\n]{0,200}[^\s`][`'’](?![A-Za-zı])")
"""A backtick that opens code or a quotation."""


def join_accents(text: str) -> str:
    """Text with one character for an accent and its letter, where Unicode has it."""
    if not _ANY.search(text):
        return text
    text = _CEDILLA_BEHIND.sub(lambda m: unicodedata.normalize("NFC", (m[1] or m[2] or m[3]) + COMBINING["¸"]), text)
    quoted = {m.start() for m in _QUOTED.finditer(text)} if "`" in text else set()

    def joined(m: re.Match[str]) -> str:
        letter = DOTLESS.get(m[2], m[2])
        whole = unicodedata.normalize("NFC", letter + COMBINING[m[1]])
        if len(whole) > 1 or (m[1] == "`" and (m.start() in quoted or letter not in "aeiouAEIOU")):
            return m[0]
        return whole

    text = _SYMBOL.sub(lambda m: unicodedata.normalize("NFC", m[2] + COMBINING[m[1]]), _BEFORE.sub(joined, text))
    return _APART.sub(joined, text)
