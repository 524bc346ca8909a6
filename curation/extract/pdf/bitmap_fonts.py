"""Text in bitmap fonts of TeX in encoding T1, whose characters a PDF gives as the codes that they have there.

Without its outlines (the package cm-super) TeX puts its T1 fonts into a PDF as pictures of letters, in a font without names (Type 3).
Libraries give the codes as if they were Latin-1: the ligatures are controls, and `š` is a raised 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.extract.pdf.page import Line, Page

_NAMELESS = re.compile(r"F\d+|")
"""MuPDF gives the name that pdfTeX gives the font as an object, PDFium none."""
_LIGATURE = re.compile("(?<=[A-Za-z])[\x1b-\x1f]|[\x1b-\x1f](?=[a-z])")
MIN_LIGATURES = 3
"""In a document: no text but that of these fonts has these controls inside of words."""
_LOW = "`´ˆ˜¨˝˚ˇ˘¯˙¸˛‚‹›“”„«»–—\u200c\ufffdıȷ"
_HIGH = "ĂĄĆČĎĚĘĞĹĽŁŃŇŊŐŔŘŚŠŞŤŢŰŮŸŹŽŻĲİđ§ăąćčďěęğĺľłńňŋőŕřśšşťţűůÿźžżĳ¡¿£"
_T1 = (
    dict(enumerate(_LOW))
    | dict(zip(range(27, 32), ("ff", "fi", "fl", "ffi", "ffl"), strict=True))
    | {128 + n: sign for n, sign in enumerate(_HIGH)}
    | {0xD7: "Œ", 0xDF: "SS", 0xF7: "œ", 0xFF: "ß"}
)
"""Encoding T1, where it is another than Latin-1 (LaTeX's `t1enc.def`); blanks and ends of lines as they are."""
_CODE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f]|[\x80-\x9f\xd7\xdf\xf7\xff](?=[a-z])|[a-zA-Z\x8a\x1b-\x1f][\x80-\xbf\xd7\xdf\xf7\xff]+"
)
"""Others than controls are letters inside of words; by themselves they are of a font of signs (TS1), or Latin-1."""


def mend_bitmap_fonts(pages: Sequence[Page]) -> None:
    """Write the letters of bitmap fonts in encoding T1 as what they are, in place, where a document has words in them."""
    found: list[tuple[Line, int]] = [
        (line, n)
        for page in pages
        for line in page.lines
        for n, span in enumerate(line.spans)
        if _NAMELESS.fullmatch(span.font)
    ]
    if sum(len(_LIGATURE.findall(line.spans[n].text)) for line, n in found) < MIN_LIGATURES:
        return
    for line, n in found:
        span = line.spans[n]
        span.text = _CODE.sub(lambda m: "".join(_T1.get(ord(c), c) for c in m.group()), span.text)
        line.changed()
