"""Every page of a PDF by what reads it best: its text layer, another library, OCR."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from functools import partial

from curation.errors import PaperError
from curation.extract.pages import PageRead, PagesFailed, Recognised, Recogniser, ToRecognise, whole_file
from curation.extract.pdf.backends import other_than
from curation.extract.pdf.bitmap_fonts import mend_bitmap_fonts
from curation.extract.pdf.covers import is_cover, notice
from curation.extract.pdf.hidden import has_hidden_layers, remove_doubles, remove_hidden, take_aside, upright
from curation.extract.pdf.page import Backend, Page
from curation.extract.pdf.probe import (
    COSTLY,
    MIN_GAIN,
    MIN_LAYER_RATE,
    MIN_MORE,
    REFUSED,
    Fault,
    Probe,
    page_fault,
    text_fault,
    text_of,
)
from curation.extract.pdf.scans import own_chars
from curation.extract.pdf.unread import leaves_rows_unread
from curation.extract.pdf.verdict import LEFT_OUT, MAX_LOST, Sheet, failed_row, row_of, verdict_of
from curation.extract.pdf.visible import Drawings
from schemas import Reason

MAX_PAGES = 1500
"""Past it PDFs seen in the wild were bombs or whole proceedings."""
MIN_OCR_CHARS = 4
"""Letters and digits that OCR must read: in pictures it finds a 1 or an S."""
MIN_AGREED = 0.5
"""Share of a text layer's words that OCR must read as well, to prove a language that no list knows."""
MIN_SAME = 0.9
"""The same where OCR reads all of the layer as well and more: what lowers its rate of words is formulae below the layer."""
_ASK_OCR = frozenset(Fault) - {Fault.UNOPENED, Fault.PICTURE} - COSTLY
_ONLY_OCR = frozenset({Fault.SCAN, Fault.DRAWN, Fault.PICTURE, Fault.PARTIAL}) | REFUSED
"""Faults of which the other library would say the same."""


@dataclass(slots=True)
class ReadPdf:
    """Pages with their text; those beside them (tables that stand on end) follow theirs in `all_pages`."""

    pages: list[Page]
    asides: list[list[Page]]
    read: list[PageRead]
    warnings: list[str]
    numbers: list[int]
    """Of `all_pages`, from 1."""

    @property
    def all_pages(self) -> list[Page]:
        return [page for i, own in enumerate(self.pages) for page in (own, *self.asides[i])]


def read_pdf(
    data: bytes,
    backend: Backend,
    max_ocr_pages: int,
    recognise: Recogniser | None,
    only: Collection[int] | None = None,
) -> ReadPdf:
    """The pages of a PDF, or some of them, by their numbers from 0.

    Raises:
        ToRecognise: pages wait for OCR.
        PagesFailed: it gives no text, or less than half of its pages were read.
        PaperError: it has too many pages.
    """
    sheets, warnings = _first_sheets(data, backend)
    if only is not None:
        sheets = _chosen(sheets, only)
    _refuse_notices(sheets)
    _judge(sheets)
    if all(s.fault or not s.probe.n_chars for s in sheets) and b"%%EOF" not in data[-2048:]:
        raise PagesFailed(
            Reason.NO_TEXT,
            "truncated: no end-of-file mark and no text",
            [failed_row(s.page, "truncated") for s in sheets],
        )
    _ask_other(data, backend, sheets)
    warnings += _ask_ocr(sheets, max_ocr_pages, recognise)
    read = [row_of(sheet) for sheet in sheets]
    warnings += verdict_of(sheets, read)
    numbers = [s.number + 1 for s in sheets for _ in (s.page, *s.aside)]
    return ReadPdf([s.page for s in sheets], [s.aside for s in sheets], read, warnings, numbers)


def _chosen(sheets: list[Sheet], only: Collection[int]) -> list[Sheet]:
    """Some of the pages.

    Raises:
        PaperError: UNREADABLE: the PDF has no such page.
    """
    if outside := sorted(number + 1 for number in only if not 0 <= number < len(sheets)):
        raise PaperError(Reason.UNREADABLE, f"no page {outside[0]}; the PDF has {len(sheets)}")
    return [sheet for sheet in sheets if sheet.number in only]


def _first_sheets(data: bytes, backend: Backend) -> tuple[list[Sheet], list[str]]:
    """Pages as the library reads them, or the other one, where it cannot open the file."""
    try:
        return _sheets(data, backend)
    except PagesFailed as error:
        other = other_than(backend)
        if error.reason is not Reason.UNREADABLE or other is None:
            raise
        try:
            sheets, warnings = _sheets(data, other)
        except PaperError:
            raise error from None
        return sheets, [f"{backend.name} cannot open the file; {other.name} can", *warnings]


def _sheets(data: bytes, backend: Backend, only: Set[int] | None = None) -> tuple[list[Sheet], list[str]]:
    """Pages as a library reads them, turned upright, without what nobody sees, and how much that was."""
    try:
        pages = backend.pages(data, MAX_PAGES, only)
    except PaperError as error:
        if error.reason is Reason.TOO_LARGE:
            raise
        status = "encrypted" if error.reason is Reason.ENCRYPTED else "failed"
        raise PagesFailed(error.reason, error.detail, [whole_file(status, error.detail)]) from error
    mend_bitmap_fonts(pages)
    hidden = doubles = 0
    doubt_all = has_hidden_layers(data)
    sheets = []
    with Drawings(data, backend.name) as drawings:
        for number, page in enumerate(pages):
            hidden += remove_hidden(page, partial(drawings.unseen, number), doubt_all=doubt_all)
            is_partial = leaves_rows_unread(page, partial(drawings.whole, number, page))
            upright(page)
            aside = take_aside(page)
            doubles += remove_doubles(page)
            probe = Probe.of(_said(page, aside))
            sheets.append(Sheet(number, page, backend.name, probe, aside=aside, is_partial=is_partial))
    warnings = []
    if hidden:
        warnings.append(f"{hidden} characters that no reader sees were left out")
    if doubles:
        warnings.append(f"{doubles} characters that are drawn twice were counted once")
    return sheets, warnings


def _said(page: Page, aside: Sequence[Page]) -> str:
    """What a page says, upright and on end."""
    return "\n".join(map(text_of, (page, *aside)))


def _refuse_notices(sheets: list[Sheet]) -> None:
    """Leave out the cover that somebody put before a paper.

    Raises:
        PagesFailed: NO_PAPER: the file is a notice, or nothing but such a cover.
    """
    whole = "\n".join(text_of(sheet.page) for sheet in sheets[:3])
    what = notice(whole) if len(sheets) <= 3 else None
    if (
        what is None
        and sheets
        and is_cover(text_of(sheets[0].page), text_of(sheets[1].page) if len(sheets) > 1 else "")
    ):
        if len(sheets) > 1:
            sheets[0].is_cover, sheets[0].detail = True, "a cover of its publisher or archive"
            sheets[0].page.lines, sheets[0].aside = [], []
            return
        what = "the cover of a publisher or archive, without its paper"
    if what:
        detail = f"no paper but {what}"
        raise PagesFailed(Reason.NO_PAPER, detail, [row_of(sheet) for sheet in sheets])


def _judge(sheets: list[Sheet]) -> None:
    """Find what is wrong with pages, by the words of the paper's good ones, too."""
    good: set[str] = set()
    for sheet in sheets:
        if sheet.probe.rate is not None and sheet.probe.rate >= MIN_LAYER_RATE:
            good |= sheet.probe.words
    for sheet, own in zip(sheets, own_chars([sheet.page for sheet in sheets]), strict=True):
        if sheet.is_cover:
            continue
        probe = sheet.probe
        if probe.rate is not None and probe.rate < MIN_LAYER_RATE and good:
            probe = Probe.of(_said(sheet.page, sheet.aside), good)
        sheet.fault = page_fault(sheet.page, probe, own) or (Fault.PARTIAL if sheet.is_partial else None)
    if all(sheet.fault or not sheet.probe.n_chars for sheet in sheets):
        for sheet in sheets:  # a scan with wide margins is a picture among pages of text
            sheet.fault = Fault.SCAN if sheet.fault is Fault.PICTURE else sheet.fault


def _ask_other(data: bytes, backend: Backend, sheets: list[Sheet]) -> None:
    """Have the other library read the pages whose text is not believed; the better reading stays."""
    asked = {s.number: n for n, s in enumerate(sheets) if s.fault and s.fault not in _ONLY_OCR}
    other = other_than(backend) if asked else None
    if other is None:
        return
    try:
        found, _ = _sheets(data, other, asked.keys())
    except PaperError:
        return
    for number, place in asked.items():
        if number >= len(found):
            continue
        mine, theirs = sheets[place], found[number]
        theirs.fault = page_fault(theirs.page, theirs.probe, theirs.page.chars)
        gain = theirs.probe.score - mine.probe.score
        if (theirs.fault is None and gain > 0) or gain > MIN_GAIN:
            theirs.detail = None if theirs.fault == mine.fault else f"{mine.engine}: {mine.fault}"
            sheets[place] = theirs


def _ask_ocr(sheets: list[Sheet], max_pages: int, recognise: Recogniser | None) -> list[str]:
    """Put what OCR reads in the place of pages that are scans, or whose text is worse.

    Raises:
        ToRecognise: there is OCR to be called for.
    """
    asked = [sheet for sheet in sheets if sheet.fault in _ASK_OCR]
    if not asked:
        return []
    found = f"{len(asked)} of {len(sheets)} pages are scans or have no text that can be read, or not all of it"
    if len(asked) > max_pages:
        if max_pages:
            for sheet in asked:
                sheet.detail = f"OCR reads up to {max_pages} pages of a paper (extract.max_ocr_pages)"
        return []
    if recognise is None:
        raise ToRecognise(found, [sheet.number for sheet in asked])
    n_read = 0
    for sheet, given in zip(asked, recognise([sheet.number for sheet in asked]), strict=True):
        n_read += _take(sheet, given)
    return [f"{n_read} of {len(sheets)} pages were read by OCR"] if 0 < n_read < len(sheets) else []


def _take(sheet: Sheet, given: Recognised) -> bool:
    """Take what OCR gave for a page where it is the better reading. Whether it was taken."""
    if given.status == "ok" and sum(map(str.isalnum, given.text)) < MIN_OCR_CHARS:
        given = given._replace(text="", status="empty", detail="OCR read no word")
    probe = Probe.of(given.text)
    is_bare = sheet.fault in (Fault.SCAN, Fault.DRAWN)
    if given.status in ("failed", "timeout"):
        sheet.detail = given.detail
        if is_bare or sheet.fault in LEFT_OUT:
            sheet.given = given
        return False
    if sheet.fault is Fault.PARTIAL:
        is_worse = probe.score < sheet.probe.score - MIN_GAIN and not _agree(sheet.probe, probe, MIN_SAME)
        if probe.n_words < MIN_MORE * sheet.probe.n_words or is_worse:
            sheet.fault = None if probe.n_words <= sheet.probe.n_words else sheet.fault
            return False
    elif not is_bare and _agree(sheet.probe, probe):
        sheet.fault = None
        return False
    elif not is_bare and probe.score <= sheet.probe.score + MIN_GAIN:
        return False
    if given.status == "ok" and (fault := text_fault(probe)) is not None:
        sheet.given = given._replace(text="", status="failed", detail=f"OCR: {fault}")
        sheet.detail = sheet.given.detail
        return False
    if not is_bare:
        sheet.detail = f"{sheet.engine}: {sheet.fault}"
    sheet.given, sheet.probe, sheet.fault, sheet.aside = given, probe, None, []
    sheet.page.lines, sheet.page.recognised = [], given.text
    return True


def _agree(layer: Probe, ocr: Probe, share: float = MIN_AGREED) -> bool:
    """Whether OCR reads the words of a text layer: then they are words, of whatever language."""
    return bool(layer.words) and len(layer.words & ocr.words) >= share * len(layer.words) and layer.lost < MAX_LOST
