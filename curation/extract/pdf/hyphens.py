"""Lines of a paragraph to running text: ligatures spelled out, accents joined, words that a line's end cut put together."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from curation.extract.pdf.page import Line
from curation.text.accents import join_accents

HYPHEN = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_JOINING = frozenset(
    {"with", "some", "how", "further", "mean", "there", "where", "here", "any", "every", "over", "under", "out", "for"}
    | {"more", "thus", "through", "none", "what", "when", "who", "never", "other", "hence", "work", "frame"}
)
"""First halves of English words that are words themselves: `with-` at a line's end goes on as `without`."""


def vocabulary(lines: Iterable[Line]) -> Counter[str]:
    """Words of the document as they stand inside lines, with and without hyphens: the judge of hyphens at line ends."""
    words: Counter[str] = Counter()
    for line in lines:
        words.update(w.lower() for w in re.findall(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*", plain(line.text))[:-1])
    return words


def flow(lines: list[Line], words: Counter[str]) -> str:
    """The text of a paragraph's lines; `words` as `vocabulary` counts them."""
    text = ""
    for line in lines:
        piece = plain(line.text).strip()
        if not text:
            text = piece
        elif (match := HYPHEN.search(text)) and piece[:1].isalpha():
            text = _join_hyphen(text, match[1], piece, words)
        elif piece:
            text = f"{text} {piece}"
    return text.strip()


def _join_hyphen(text: str, head: str, piece: str, words: Counter[str]) -> str:
    """`text` ends in a hyphen. It stays where the document writes the compound with one, and before capitals.

    Of words seen nowhere else it stays between two words that occur by themselves: `user-` `supplied`, not `observa-` `tions`.
    """
    tail = re.match(r"[^\W\d_]+", piece)
    if tail is None or text.endswith("\u00ad"):
        return text[:-1] + piece
    first, second = head.lower(), tail.group().lower()
    joined, compound = words[first + second], words[f"{first}-{second}"]
    if joined or compound:
        keep = compound > joined
    else:
        both_are_words = len(first) > 2 and len(second) > 2 and words[first] > 0 and words[second] > 0
        keep = piece[0].isupper() or (both_are_words and first not in _JOINING)
    return (text if keep else text[:-1]) + piece


def plain(text: str) -> str:
    """Ligatures spelled out, accents joined to their letters, blanks folded, controls and characters without a meaning (private use, U+FFFD) removed."""
    text = _LIGATURE.sub(lambda m: _LIGATURES[m.group()], text)
    text = "".join(c if unicodedata.category(c) not in ("Cc", "Co", "Cs", "Cn") else " " for c in text)
    return join_accents(re.sub(r"\s+", " ", text.replace("\ufffd", " ")))
