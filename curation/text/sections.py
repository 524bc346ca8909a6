"""Sections of a text: which stretches are title, abstract, body, captions ..., as spans of UTF-8 bytes.

They stand in the order of the text, do not overlap, begin and end on borders of characters, and hold all of the text but
the marks of headings (`# `, the line `## Abstract`) and white space around them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple


class Section(NamedTuple):
    """A stretch of a text.

    Args:
        kind: one of `schemas.SECTION_KINDS`.
        start: first byte of the UTF-8 text.
        end: byte after it.
    """

    kind: str
    start: int
    end: int


def sections_of(rows: Iterable[Mapping[str, Any]] | None) -> list[Section]:
    """The sections of a row of `documents` or of a release."""
    return [Section(row["kind"], row["start"], row["end"]) for row in rows or ()]


def section_text(text: str, sections: Iterable[Section], *kinds: str) -> str | None:
    """What stands in the sections of some kinds; None where there is none.

    Two are joined by a blank line, or by a blank when no line ends between them (a footnote was cut out of a sentence).
    """
    data = text.encode()
    made, at = "", None
    for section in sections:
        if section.kind in kinds:
            if at is not None:
                made += "\n\n" if b"\n" in data[at : section.start] else " "
            made += data[section.start : section.end].decode()
            at = section.end
    return made if at is not None else None


def cut_out(text: str, sections: Sequence[Section], spans: Iterable[tuple[int, int]]) -> tuple[str, list[Section]]:
    """A text without some spans of UTF-8 bytes and the line ends after them, and its sections, moved.

    A section of which nothing is left is gone.
    """
    data = text.encode()
    gone = _widened(data, spans)
    kept, at = [], 0
    for start, end in gone:
        kept.append(data[at:start])
        at = end
    rest = b"".join([*kept, data[at:]])
    starts = [start for start, _ in gone]
    lost = [0, *accumulate(end - start for start, end in gone)]

    def moved(byte: int) -> int:
        n = bisect_right(starts, byte)
        return byte - lost[n] + (max(0, gone[n - 1][1] - byte) if n else 0)

    found = (trimmed(rest, Section(s.kind, moved(s.start), moved(s.end))) for s in sections)
    return rest.decode(), [section for section in found if section is not None]


def trimmed(data: bytes, section: Section) -> Section | None:
    """A section without the white space at its ends; None when it holds nothing else."""
    piece = data[section.start : section.end].decode()
    start = section.start + len(piece[: len(piece) - len(piece.lstrip())].encode())
    end = section.end - len(piece[len(piece.rstrip()) :].encode())
    return Section(section.kind, start, end) if start < end else None


def _widened(data: bytes, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order and disjoint, each with the line ends after it."""
    wide: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if wide and end <= wide[-1][1]:  # else a run of line ends is walked for every span in it
            continue
        while data[end : end + 1] in (b"\n", b"\r"):
            end += 1
        if wide and start <= wide[-1][1]:
            wide[-1] = (wide[-1][0], max(end, wide[-1][1]))
        else:
            wide.append((start, end))
    return wide
