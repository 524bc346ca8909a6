"""Lines of a paragraph to running text: ligatures spelled out, accents joined, words that a line's end cut put together."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from curation.extract.pdf.page import Line
from curation.text.accents import join_accents

_HYPHENS = ("-", "\u00ad", "\u2010")
_CUT = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
_NUMBER_CUT = re.compile(r"(?<![-\u2010\u2013])\b\d+[-\u2010\u2013]$")
"""A range or compound cut behind its number, `1998-` `2001` and `21-` `cm`: no blank follows its hyphen. A minus has one before it."""
_LETTER = re.compile(r"(?:^|[\s\d(\[\u2013-])[^\W\d_][-\u2010]$")
"""`X-` `ray`, `r-` `process`, `2d-` `histogram`."""
LONG_TAIL = 6
"""Letters behind a hyphen that are a word though no line has it inside: `user-` `supplied`."""
_ENDING = re.compile(
    r"(?:i?[tsz]?(?:at|it|iz|is|ut)?(?:ions?|ing|ives?|ors?|ory|ed|es|able|ible)(?:al|ly|s|ally)?|ments?|mental(?:ly)?|ness(?:es)?"
    r"|ings?|ingly|ab(?:le|ly|ility|ilities)|ib(?:le|ly|ility)|ical(?:ly)?|al(?:ly|ity|ities|ized?)?|an(?:ces?|ts?|tly)"
    r"|en(?:ces?|ts?|tly|tial|cies|cy)|ous(?:ly)?|ity|ities|ly|ers?|est|ful(?:ly)?|less|ics?|ists?|isms?|istics?|ogra?ph\w*|olog\w+)"
)
_BLANKS = re.compile(r"[^\S ]\s*| \s+")
"""All but single blanks."""
_CHAINED = re.compile(r"[^\W\d_]-[^\W\d_]+-$")
"""The end of a compound of three words: `next-to-` `lightest`; `non-rela-` `tivistic` ends with none."""
_WORDS = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
    "\u0132": "IJ",
    "\u0133": "ij",
}
_LIGATURE = re.compile("[\ufb00-\ufb06\u0132\u0133]")
_JOINING = frozenset(
    {"with", "some", "how", "further", "mean", "there", "where", "here", "any", "every", "over", "under", "out", "for"}
    | {"more", "thus", "through", "none", "what", "when", "who", "never", "other", "hence", "work", "frame"}
)
"""First halves of English words that are words themselves: `with-` at a line's end goes on as `without`."""

_COMPOUND_TAILS = frozenset(
    {
        "based",
        "driven",
        "dependent",
        "independent",
        "induced",
        "dominated",
        "limited",
        "averaged",
        "weighted",
        "resolved",
    }
)
"""Words behind the hyphens of compounds, whatever the first half: `exemplar-` `based`."""
_COMPOUND_HEADS = frozenset({"far", "mid", "near", "self"})
"""The same before long words: `far-` `ultraviolet`, not `far-` `ther`."""


def cut_word(text: str) -> str:
    """The letters before the hyphen that a text ends with; empty where it ends with none."""
    found = _CUT.search(text) if text.endswith(_HYPHENS) else None
    return found[1] if found else ""


def vocabulary(lines: Iterable[Line]) -> Counter[str]:
    """Words of the document as they stand inside lines, with and without hyphens: the judge of hyphens at line ends.

    What a line ends with may be half a word, and so may what the next one begins with: the `ing` of `depend-ing` is none.
    """
    words: Counter[str] = Counter()
    cut = False
    for line in lines:
        text = plain(line.text).strip()
        found = _WORDS.findall(text)[:-1]
        if cut and found and text.startswith(found[0]):
            del found[0]
        words.update(map(str.lower, found))
        cut = bool(cut_word(text))
    return words


def flow(lines: list[Line], words: Counter[str]) -> str:
    """The text of a paragraph's lines; `words` as `vocabulary` counts them."""
    pieces: list[str] = []
    for line in lines:
        piece = plain(line.text).strip()
        if pieces and piece[:1].isalpha() and (head := cut_word(pieces[-1])):
            pieces[-1] = _join_hyphen(pieces[-1], head, piece, words)
        elif pieces and _NUMBER_CUT.search(pieces[-1]) and piece[:1].isalnum():
            pieces[-1] += piece
        elif piece:
            pieces.append(piece)
    return " ".join(pieces)


def _join_hyphen(text: str, head: str, piece: str, words: Counter[str]) -> str:
    """`text` ends in a hyphen. It stays where the document writes the compound with one, and before capitals.

    Of words seen nowhere else it stays between two words that occur by themselves: `user-` `supplied`, not `observa-` `tions`.
    """
    tail = re.match(r"[^\W\d_]+", piece)
    if tail is None or text.endswith("\u00ad"):
        return text[:-1] + piece
    first, second = head.lower(), tail.group().lower()
    joined, compound = words[first + second], words[f"{first}-{second}"]
    if _LETTER.search(text):  # no word is cut behind its first letter
        keep = joined == 0 or compound > 0
    elif joined or compound:
        keep = compound > joined
    elif _CHAINED.search(text):
        keep = words[first] > 0 and not _ENDING.fullmatch(second) and (words[second] > 0 or len(second) >= LONG_TAIL)
    else:
        keep = (
            piece[0].isupper()
            or _is_compound(first, second)
            or (len(first) > 2 and words[first] > 0 and first not in _JOINING and _is_word(second, words, first))
        )
    return (text if keep else text[:-1]) + piece


def _is_compound(first: str, second: str) -> bool:
    """Whether a hyphen between two words belongs there though the document says neither alone."""
    is_long = len(second) >= LONG_TAIL and not _ENDING.fullmatch(second)
    return (second in _COMPOUND_TAILS and len(first) > 3) or (first in _COMPOUND_HEADS and is_long)


def _is_word(tail: str, words: Counter[str], head: str) -> bool:
    """Whether what stands behind a hyphen is a word: seen elsewhere, or as long as words are; no ending of one."""
    if _ENDING.fullmatch(tail) or len(tail) < 3:
        return False
    return words[tail] > 0 or (len(tail) >= LONG_TAIL and len(head) > 3)


def plain(text: str) -> str:
    """Ligatures spelled out, quotes of two marks made one, accents joined to their letters, blanks folded, controls and characters
    without a meaning (private use, U+FFFD) removed."""
    text = _LIGATURE.sub(lambda m: _LIGATURES[m.group()], text)
    if not text.isprintable():
        text = "".join(c if unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn") else " " for c in text)
    text = text.replace("\u2018\u2018", "\u201c").replace("\u2019\u2019", "\u201d")
    return join_accents(_BLANKS.sub(" ", text.replace("\ufffd", " ")))
