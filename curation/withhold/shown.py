"""Texts as a reader sees them: without comments and tags of HTML and marks of footnotes, escapes of characters undone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from curation.text.spans import Offsets

_CODED = re.compile(
    r"(?is)<!--.{0,2000}?-->|</?(?:(?P<part>(?:br|p|div|li|td|th|tr|hr)(?![a-z0-9]))|[a-z])[^<>]*>"
    r"|\\u(?P<u>(?!d[89a-f])[0-9a-f]{4})|%(?P<x>[2-7][0-9a-f])|\[\^\d+\]|(?<=[a-z])[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+"
)
"""What a reader does not see where it is shown: comments and tags of HTML, of which some part words, escapes of characters, marks of footnotes."""
_SIGNS = tuple(
    map(
        re.compile,
        (r"<(?:!--|/?[^\W\d_])", r"%[2-7]", r"\\[uU]", r"\[\^\d", "[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]"),
    )
)
"""Of these what is coded has one. They begin with a character each, which is looked for several times faster."""


@dataclass(frozen=True)
class Shown:
    """A text as it is shown.

    Args:
        text: what a reader sees.
        firsts: of each of its pieces, as it stands or coded, the first byte (UTF-8).
        places: of each the bytes in the text that is coded, the end excluded, and whether it is coded there.
    """

    text: str
    firsts: tuple[int, ...]
    places: tuple[tuple[int, int, bool], ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where bytes `start` to `end` of it, one at least, stand in the text that is coded, with all that is between them."""
        k, n = bisect_right(self.firsts, start) - 1, bisect_right(self.firsts, end - 1) - 1
        begin, _, begins_coded = self.places[k]
        last, behind, ends_coded = self.places[n]
        return (
            begin if begins_coded else begin + start - self.firsts[k],
            behind if ends_coded else last + end - self.firsts[n],
        )


def shown(text: str) -> Shown | None:
    """A text as a reader sees it; None where it has nothing that is coded (`\\u0041`, `%41`) or not seen."""
    if not any(sign.search(text) for sign in _SIGNS):
        return None
    found = list(_CODED.finditer(text))
    return _shown(text, found) if found else None


def as_shown(text: str) -> str | None:
    """The words of `shown`."""
    made = shown(text)
    return None if made is None else made.text


def _shown(text: str, coded: Iterable[re.Match[str]]) -> Shown:
    offsets = Offsets(text)
    said: list[str] = []
    firsts: list[int] = []
    places: list[tuple[int, int, bool]] = []
    at = size = 0

    def add(words: str, begin: int, end: int, is_coded: bool) -> None:
        nonlocal size
        if words:
            said.append(words)
            firsts.append(size)
            places.append((offsets.byte_of(begin), offsets.byte_of(end), is_coded))
            size += len(words.encode())

    for match in coded:
        add(text[at : match.start()], at, match.start(), False)
        add(_said(match), *match.span(), True)
        at = match.end()
    add(text[at:], at, len(text), False)
    return Shown("".join(said), tuple(firsts), tuple(places))


def _said(coded: re.Match[str]) -> str:
    if number := coded["u"] or coded["x"]:
        return chr(int(number, 16))
    return " " if coded["part"] else ""
