"""What the fonts of TeX draw and no library has a Unicode value for: by the code of the character.

The glyphs of the fonts of large signs (CMEX and its kin, whose names, as `summationdisplay`, are in no list of Adobe's) have no
Unicode value. MuPDF gives the code when asked for it, PDFium gives it as if it were one: P for a sum, Z for an integral.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

HAT, TILDE = "\u0302", "\u0303"
_BRACKETS = "()[]⌊⌋⌈⌉{}⟨⟩"
_LARGE = (
    f"{_BRACKETS}|‖/\\()()[]⌊⌋⌈⌉{{}}⟨⟩/\\()[]⌊⌋⌈⌉{{}}⟨⟩/\\/\\" + 20 * " " + "⟨⟩⊔⊔∮∮⊙⊙⊕⊕⊗⊗∑∏∫⋃⋂⊎⋀⋁∑∏∫⋃⋂⊎⋀⋁∐∐"
    f"{3 * HAT}{3 * TILDE}[]⌊⌋⌈⌉{{}}√√√√√   ↑↓    ⇑⇓"
)
"""TeX's encoding OMX (The TeXbook, appendix F) from 0 to 127; a blank for a piece of a bracket, a root or a brace.
What has the code of a blank may be one that a library puts in."""
_LARGE_SIGNS = {code: sign for code, sign in enumerate(_LARGE) if code != 32}
_NEGATED = {
    7: "○", 8: "●", 13: "∶≈", 14: "∶∼", 17: "≐", 27: "≅", 44: "≠", 45: "≭", 46: "≢", 47: "≁", 48: "≉", 49: "⊄", 50: "⊅", 51: "≪̸",
    52: "≫̸", 59: "≄", 60: "∉", 61: "∌", 64: "⋢", 65: "⋣", 66: "≔", 67: "≕",
}  # fmt: skip
"""Of txsyc and pxsyc, the third fonts of signs of txfonts and pxfonts, as their style files declare them."""
_WIDE = {91: HAT, 92: HAT, 93: TILDE, 94: TILDE}
"""Of MSBM; its letters have Unicode values."""
_ACCENTS = {
    158: "`",
    159: "´",
    160: "ˆ",
    161: "˜",
    162: "¯",
    163: "˘",
    164: "˙",
    165: "¨",
    166: "˚",
    167: "ˇ",
    174: "\u20d7",
}
"""Of txsys and pxsys, the fonts of signs of newtxmath and newpxmath, as their style files declare them: `¤` is a dot above."""
_TABLES: tuple[tuple[re.Pattern[str], Mapping[int, str]], ...] = (
    (re.compile(r"(?:CMEX|txex|pxex|MTEX)[\d.]*$|LMMathExtension\d", re.IGNORECASE), _LARGE_SIGNS),
    (re.compile(r"[tp]xsyc$", re.IGNORECASE), _NEGATED),
    (re.compile(r"[tp]xb?sys$", re.IGNORECASE), _ACCENTS),
    (re.compile(r"MSBM\d+$"), _WIDE),
)


_OT1 = re.compile(r"CM(?:R|BX|B|TI|SL|BXTI|BXSL|SS|SSBX|SSI|CSC|U)\d+$")


def is_ot1(font: str) -> bool:
    """Whether a font is one of Knuth's for text, in which the code of the blank is the stroke through an l."""
    return _OT1.match(font) is not None


AS_CODE = 0x10F000
"""What is added to a code that is a blank or the end of a line, if it is taken for a character."""


@lru_cache(maxsize=1024)
def table_of(font: str) -> Mapping[int, str]:
    """By code, what the glyphs of a font mean that have no Unicode value; empty of fonts that are none of TeX's."""
    return next((table for pattern, table in _TABLES if pattern.match(font)), {})


def by_code(text: str, font: str) -> str:
    """A text in which the characters of a font that have no Unicode value stand as their codes."""
    table = table_of(font)
    return "".join(table.get(ord(c) % AS_CODE, c) for c in text) if table else text


_POINT_FONT = re.compile(r"L?CIRCLEW?\d+$", re.IGNORECASE)
_POINTS = {code: "\u25e6" if code < 112 else "\u2022" for code in range(96, 127)}
"""Of LaTeX's font of circles, whose full ones are points of lists; it names its glyphs by the letters of their codes."""


@lru_cache(maxsize=1024)
def is_point_font(font: str) -> bool:
    """Whether a font is LaTeX's of circles, whose letters are points of lists."""
    return _POINT_FONT.match(font) is not None


def as_points(text: str) -> str:
    """Letters of the font of circles as what they show."""
    return text.translate(_POINTS)
