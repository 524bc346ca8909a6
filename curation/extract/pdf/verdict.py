"""What became of the pages of a PDF: the row of each, and what is missing of the paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from curation.extract.pages import PageRead, PagesFailed, Recognised
from curation.extract.pdf.backends import version_of
from curation.extract.pdf.page import MAX_SIDE, Page
from curation.extract.pdf.probe import MAX_LOST_KEPT, MIN_LAYER_RATE, REFUSED, Fault, Probe
from schemas import Reason

MAX_UNREAD = 0.05
MAX_LOST = 0.02
"""Shares of a paper's pages and characters past which its row says what is missing."""
LEFT_OUT = REFUSED | frozenset({Fault.SCAN, Fault.DRAWN, Fault.LOST, Fault.STRANGE, Fault.UNOPENED, Fault.BLANKS})
"""Faults with which a page is not taken, when nobody reads it better."""


@dataclass(slots=True)
class Sheet:
    """A page on its way: what it shows, who read it, and what is wrong with that."""

    number: int
    page: Page
    engine: str
    probe: Probe
    fault: Fault | None = None
    aside: list[Page] = field(default_factory=list)
    given: Recognised | None = None
    detail: str | None = None
    is_cover: bool = False
    is_partial: bool = False


def row_of(sheet: Sheet) -> PageRead:
    """What table PAGES says of a page; what is not taken of it goes out of it."""
    page, given, fault = sheet.page, sheet.given, sheet.fault
    width, height = _size(page)
    if given is not None:
        made_by = "ocr" if given.status == "ok" else "nothing"
        if given.status != "ok":
            page.lines, sheet.aside = [], []
        return PageRead(
            made_by,
            len(given.text),
            width,
            height,
            status=given.status,
            detail=given.detail or sheet.detail,
            engine=given.engine,
            version=given.version,
            model=given.model,
            model_licence=given.model_licence,
            quality=sheet.probe.quality if given.text else None,
            dpi=given.dpi,
        )
    is_lost = fault is Fault.LOST and sheet.probe.lost <= MAX_LOST_KEPT and (sheet.probe.rate or 0) >= MIN_LAYER_RATE
    if fault in LEFT_OUT and not is_lost:
        page.lines, sheet.aside = [], []
        detail = f"{fault}; {sheet.detail}" if sheet.detail else str(fault)
        return PageRead("nothing", 0, width, height, "failed", detail, quality=sheet.probe.quality)
    if not sheet.probe.n_chars:
        return PageRead("nothing", 0, width, height, "empty", fault and str(fault))
    if sheet.is_cover:
        return PageRead("nothing", 0, width, height, "ok", sheet.detail)
    doubt = "; ".join(filter(None, (fault, sheet.detail))) or None
    return PageRead(
        "text layer",
        page.chars + sum(aside.chars for aside in sheet.aside),
        width,
        height,
        detail=doubt,
        engine=sheet.engine,
        version=version_of(sheet.engine),
        quality=sheet.probe.quality,
    )


def failed_row(page: Page, detail: str) -> PageRead:
    """The row of a page that nobody read, and why."""
    return PageRead("nothing", 0, *_size(page), "failed", detail)


def _size(page: Page) -> tuple[int, int]:
    """Width and height in whole points, as the table has them."""
    width, height = (round(side) if 0 < side < MAX_SIDE else 0 for side in (page.width, page.height))
    return width, height


def verdict_of(sheets: list[Sheet], read: list[PageRead]) -> list[str]:
    """What is missing of a paper, in words.

    Raises:
        PagesFailed: nothing, or less than half of its pages, was read.
    """
    unread = [row for row in read if row.status in ("failed", "timeout")]
    n_empty = sum(row.status == "empty" for row in read)
    n_full = len(read) - n_empty
    if not n_full:
        raise PagesFailed(Reason.NO_TEXT, f"there is no text on any of its {len(read)} pages", read)
    if unread:
        said = Counter(str(row.detail) for row in unread).most_common(1)[0][0]
        found = f"{len(unread)} of {n_full} pages could not be read: {said}"
        if len(unread) == n_full and all(sheet.fault is Fault.SCAN for sheet in sheets if sheet.fault):
            _refuse_scan(found, read, unread)
        if 2 * len(unread) > n_full:
            raise PagesFailed(Reason.PAGES_UNREAD, found, read)
    warnings = [f"page {sheet.number + 1} was left out: {sheet.detail}" for sheet in sheets if sheet.is_cover]
    if n_partial := sum(sheet.fault is Fault.PARTIAL for sheet in sheets):
        warnings.append(f"{n_partial} of {len(read)} pages: {Fault.PARTIAL}")
    if unread:
        share = len(unread) / n_full
        warnings.append(f"{found} ({share:.0%} of the paper)" if share > MAX_UNREAD else found)
    if n_empty:
        warnings.append(f"{n_empty} of {len(read)} pages have no text")
    if lost := sum(s.probe.n_lost for s in sheets if s.page.lines):
        share = lost / sum(s.probe.n_chars for s in sheets if s.page.lines)
        much = f" ({share:.0%} of all)" if share > MAX_LOST else ""
        warnings.append(f"{lost} characters without a Unicode value were left out{much}")
    return warnings


def _refuse_scan(found: str, read: list[PageRead], unread: list[PageRead]) -> None:
    """Raise PagesFailed for a scan that nobody read, with the reason why."""
    detail = str(unread[0].detail)
    if any(row.status == "timeout" for row in unread):
        raise PagesFailed(Reason.TIMEOUT, found, read)
    if "extract.max_ocr_pages" in detail:
        raise PagesFailed(Reason.TOO_LARGE, f"a scan of {len(unread)} pages; {detail.split('; ')[-1]}", read)
    if unread[0].detail == Fault.SCAN:
        raise PagesFailed(Reason.NO_TEXT_LAYER, f"no text layer: {len(unread)} of {len(read)} pages are scans", read)
    raise PagesFailed(Reason.PAGES_UNREAD, found, read)
