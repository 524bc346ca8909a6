"""Bytes of a text file as text, and the last touch on every text: valid Unicode in one form."""

from __future__ import annotations

import re
import unicodedata

from curation.text.encoding import decode_bytes
from curation.text.marks import stream_safe
from curation.text.unseen import UNSEEN, without_unseen

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
NONCHARACTERS = "\ufdd0-\ufdef"
"""Unicode keeps them for a program's own use; `curation.extract.form` marks sections with them on the way."""
_NONCHARACTER = re.compile(f"[{NONCHARACTERS}]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NEVER = re.compile(rf"{_CONTROL.pattern}|[\u2028\u2029{NONCHARACTERS}]")
_UNCLEAN = re.compile(rf"{_CONTROL.pattern}|[\u2028\u2029{NONCHARACTERS}{UNSEEN}]")
# a run of blanks is looked at once, from its first one: from every one of them, a long run takes quadratic time
_BLANK_ENDS = re.compile(r"(?<![ \t])[ \t]++$", re.MULTILINE)
_MANY_BLANK_LINES = re.compile(r"\n{4,}")


def clean_text(text: str, *, keep_marks: bool = False, keep_unseen: bool = False) -> str:
    """Text in NFC with `\\n` line ends and no control characters but `\\n` and `\\t`, no lone surrogates, no BOM, and nothing that no reader
    sees (`curation.text.unseen`).

    NFC, because one word in two spellings is two tokens and escapes duplicate search; not NFKC, which would make
    superscripts and mathematical letters into plain ones. A run of combining marks gets a joiner after every 30.

    Args:
        keep_marks: leave the noncharacters that mark sections.
        keep_unseen: leave what no reader sees, for who counts it.
    """
    if _UNCLEAN.search(text):  # most texts hold none, and one look takes less than three substitutions
        text = _CONTROL.sub("", _LINE_ENDS.sub("\n", text))
        if not keep_marks:
            text = _NONCHARACTER.sub("", text)
        if not keep_unseen:
            text = without_unseen(text)
    text = unicodedata.normalize("NFC", stream_safe(text))
    if text.endswith((" ", "\t")) or " \n" in text or "\t\n" in text:
        text = _BLANK_ENDS.sub("", text)
    return _MANY_BLANK_LINES.sub("\n\n\n", text) if "\n\n\n\n" in text else text


def is_clean(text: str) -> bool:
    """Whether a text is valid UTF-8 and holds nothing that `clean_text` leaves out. A look, no cleaning: 1 MB takes ms."""
    return _NEVER.search(text) is None and without_unseen(text) == text


def decode_text(data: bytes) -> str:
    """Bytes of a plain text file, in whatever encoding its mark or its letters tell; what nothing tells is U+FFFD."""
    return decode_bytes(data).text
