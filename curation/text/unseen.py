"""Characters that no reader sees, and that a model reads all the same: a hidden instruction, or a word that nobody finds.

They are left out of every text, but where a script has a use for them: joiners in Arabic, Indic and other scripts whose letters change
shape, and in emoji; zero-width spaces between words of scripts that write none; a variation selector behind what has variants. One such
character has a meaning, a row of them none.

Sources: Unicode 15.1, Default_Ignorable_Code_Point (DerivedCoreProperties.txt), chapters 9, 12 and 23.2 (joiners), 23.4 (variation
selectors), emoji-zwj-sequences.txt, UTS #51 ED-14a (flags in tag characters). U+00AD stands for a hyphen in many old texts, and U+034F
is our own end of long runs of marks: both stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks of the direction of writing (UAX #9), of which a reader sees nothing but other text than is there."""

_JOINERS, _SPACE = "\u200c\u200d", "\u200b"
_VARIANTS, _MONGOLIAN = "\ufe00-\ufe0f\U000e0100-\U000e01ef", "\u180b-\u180d\u180f"
_TAGS = "\U000e0000-\U000e007f"
_OTHERS = (
    "\u180e\u2060-\u2065\u206a-\u206f\u3164\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e00ff"
    "\U000e01f0-\U000e0fff"
)
UNSEEN = f"{_SPACE}{_JOINERS}{DIRECTION}{_VARIANTS}{_MONGOLIAN}{_TAGS}{_OTHERS}"
"""All of them, as the inside of a character class."""
_KINDS = {
    "tags": _TAGS,
    "joiners and spaces of no width": _JOINERS + _SPACE,
    "marks of direction": DIRECTION,
    "variation selectors": _VARIANTS + _MONGOLIAN,
    "others": _OTHERS,
}

# letters and marks of scripts whose shapes joiners change: Arabic, Syriac and their like; Indic; Tibetan to Mongolian; Brahmi's kin
_SHAPED = (
    "\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u180a\u1810-\u18aa\u1900-\u1cff\ua800-\ua82f\ua840-\ua87f\ua880-\ua9ff"
    "\uaa00-\uaaff\uabc0-\uabff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010a00-\U00010aff\U00011000-\U00011fff\U0001e900-\U0001e95f"
)
_VIRAMA = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u1039\u103a\u17d2\u1b44\ua806\ua953\ua9c0\uabed"
_UNSPACED = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\uaa60-\uaadf"
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297"
    "\u3299\U0001f000-\U0001faff"
)
_MATHS, _HAN = "\u2190-\u22ff\u27c0-\u2aff", "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_FLAG = "\U0001f3f4\U000e0067\U000e0062(?:{})\U000e007f".format(
    "|".join("".join(chr(0xE0000 + ord(c)) for c in name) for name in ("eng", "sct", "wls"))
)
"""Flags of England, Scotland and Wales: all that Unicode recommends."""
_SEES = re.compile(f"[{UNSEEN}]")
_LEFT_OUT = re.compile(
    "|".join(
        (
            f"(?P<kept>{_FLAG}"
            f"|(?<=[{_SHAPED}])[{_JOINERS}](?=[{_SHAPED}])|(?<=[{_VIRAMA}])[{_JOINERS}](?![{UNSEEN}])"
            f"|(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
            f"|(?<=[{_UNSPACED}]){_SPACE}(?=[{_UNSPACED}])"
            f"|(?<=[{_EMOJI}])[\ufe0e\ufe0f](?![{_VARIANTS}])|(?<=[#*0-9])\ufe0f(?=\u20e3)"
            f"|(?<=[{_MATHS}])\ufe00(?![{_VARIANTS}])|(?<=[{_HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef](?![{_VARIANTS}])"
            f"|(?<=[\u1820-\u18aa])[{_MONGOLIAN}\u180e](?=[\u1820-\u18aa]|\\b))",
            f"[{UNSEEN}]",
        )
    )
)


def without_unseen(text: str) -> str:
    """The text without characters that no reader sees and no script has a use for; idempotent."""
    return _LEFT_OUT.sub(_kept, text) if _may_hold(text) else text


def _kept(found: re.Match[str]) -> str:
    return found["kept"] or ""


def count_unseen(texts: Iterable[str | None]) -> Counter[str]:
    """How many characters `without_unseen` leaves out of some texts, by what they are."""
    counts = Counter[str]()
    for text in texts:
        if text and _may_hold(text):
            out = "".join(m.group() for m in _LEFT_OUT.finditer(text) if not m["kept"])
            counts.update({kind: len(re.findall(f"[{chars}]", out)) for kind, chars in _KINDS.items()})
    return +counts


def unseen_warning(texts: Iterable[str | None]) -> list[str]:
    """What a paper is told of them: a warning, or none."""
    if not (counts := count_unseen(texts)):
        return []
    told = ", ".join(
        f"{count:,} {kind}" for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    return [f"characters that no reader sees were left out ({told})"]


def _may_hold(text: str) -> bool:
    return not text.isascii() and _SEES.search(text) is not None
