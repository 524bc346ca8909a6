"""PDFs as they should not be, each with what must become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import Reason


@dataclass(frozen=True)
class Odd:
    """A PDF, and what must become of it.

    Args:
        reason: why it fails; None: it is read.
        has, lacks: what stands in its text, and what does not.
        warns: a part of one of its warnings.
        ocr: what OCR would say of a page, by its number from 0; without it there is no OCR.
        pages: the status of each page; None: whatever they are.
        details: what the row of each page says of it; None: whatever they say. "ocr: " stands for the library that was not taken.
        only: the one library that can tell so.
    """

    name: str
    data: bytes
    reason: Reason | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    warns: str = ""
    ocr: Mapping[int, str] = field(default_factory=dict)
    pages: tuple[str, ...] | None = None
    details: tuple[str | None, ...] | None = None
    only: str = ""


def every() -> list[Odd]:
    """All of them."""
    from tests.extract import odd_bombs, odd_files, odd_fonts, odd_hidden, odd_marks, odd_scans

    return [case for room in (odd_fonts, odd_scans, odd_hidden, odd_files, odd_bombs, odd_marks) for case in room.CASES]
