"""How each page of a PDF was read, what is displayed on it, what OCR gave for one, and papers that failed for their pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from curation.errors import PaperError
from curation.text.clean import is_clean
from schemas import FAILURES, PAGE_MAKERS, PAGE_STATUSES, Reason

MAX_PAGES = 10_000
"""Of one PDF; `curation.extract.pdf` reads fewer."""
MAX_WORD_CHARS = 300
"""Of a name, version or sentence about a page."""
_MAX_INT = 1 << 63


class PageRead(NamedTuple):
    """How a page of a PDF was read, as table PAGES says it."""

    made_by: str
    n_chars: int
    width: int
    height: int
    status: str = "ok"
    detail: str | None = None
    engine: str | None = None
    version: str | None = None
    model: str | None = None
    model_licence: str | None = None
    quality: int | None = None
    dpi: int | None = None


class Displayed(NamedTuple):
    """A display equation of a PDF, as table EQUATIONS says it."""

    page: int
    number: str | None
    raw: str
    x0: int
    y0: int
    x1: int
    y1: int


class Recognised(NamedTuple):
    """What OCR made of one page.

    Args:
        text: its paragraphs; empty where the status is not ok.
        status: a word of PAGE_STATUSES; detail: why it is not ok.
        engine, version, model, model_licence, dpi: what read it, and the resolution at which it was drawn.
    """

    text: str = ""
    status: str = "ok"
    detail: str | None = None
    engine: str | None = None
    version: str | None = None
    model: str | None = None
    model_licence: str | None = None
    dpi: int | None = None


Recogniser: TypeAlias = Callable[[Sequence[int]], Sequence[Recognised]]
"""Reads pages of the PDF, by their numbers from 0: one result a page."""


class ToRecognise(PaperError):
    """Pages wait for OCR, which runs where it has room: it is called for, and the PDF read again with what it gave.

    Args:
        pages: their numbers, from 0.
    """

    def __init__(self, detail: str, pages: Sequence[int]) -> None:
        super().__init__(Reason.NO_TEXT_LAYER, detail)
        self.pages = tuple(pages)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.detail, self.pages))


class PagesFailed(PaperError):
    """A PDF that gives no text, with what became of its pages."""

    def __init__(self, reason: Reason, detail: str, pages: Sequence[PageRead]) -> None:
        super().__init__(reason, detail)
        self.pages = tuple(pages)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.reason, self.detail, self.pages))


def raise_failed(value: object) -> None:
    """Raise what `curation.extract.one_paper` put in the place of a paper, when it did.

    Raises:
        ToRecognise: pages wait for OCR.
        PagesFailed: the PDF gives no text.
        PaperError: CRASHED: it says so in a form that is none.
    """
    if not isinstance(value, dict):
        return
    if value.keys() == {"to_recognise"}:
        pages = value["to_recognise"]
        if isinstance(pages, list) and 0 < len(pages) <= MAX_PAGES and all(map(_is_count, pages)):
            raise ToRecognise("pages wait for OCR", pages)
        raise PaperError(Reason.CRASHED, "the route gave no list of pages for OCR")
    if value.keys() == {"failed", "detail", "pages"}:
        reason, detail, pages = value["failed"], value["detail"], value["pages"]
        is_known = isinstance(reason, str) and reason in FAILURES and isinstance(detail, str) and is_clean(detail)
        if is_known and isinstance(pages, list) and len(pages) <= MAX_PAGES and all(map(is_page, pages)):
            raise PagesFailed(Reason(reason), detail, [PageRead(*page) for page in pages])
        raise PaperError(Reason.CRASHED, "the route gave a failure in a form that is none")


def whole_file(status: str, detail: str) -> PageRead:
    """The row of a PDF no page of which can be opened; its number in the table is 0."""
    return PageRead("nothing", 0, 0, 0, status, detail)


def read_by(pages: Iterable[PageRead]) -> list[dict[str, Any]]:
    """Pages and characters by what gave them, as DOCUMENTS.read_by says it: the most pages first."""
    n_pages: Counter[str] = Counter()
    n_chars: Counter[str] = Counter()
    for page in pages:
        by = page.engine or page.status
        n_pages[by] += 1
        n_chars[by] += page.n_chars
    ordered = sorted(n_pages, key=lambda by: (-n_pages[by], by))
    return [{"by": by, "n_pages": n_pages[by], "n_chars": n_chars[by]} for by in ordered]


def is_page(found: object) -> bool:
    """Whether plain data may be a `PageRead`."""
    if not isinstance(found, list | tuple) or len(found) != len(PageRead._fields):
        return False
    page = PageRead(*found)
    return (
        isinstance(page.made_by, str)
        and page.made_by in PAGE_MAKERS
        and isinstance(page.status, str)
        and page.status in PAGE_STATUSES
        and all(map(_is_count, (page.n_chars, page.width, page.height)))
        and all(n is None or _is_count(n) for n in (page.quality, page.dpi))
        and all(map(_is_word, (page.detail, page.engine, page.version, page.model, page.model_licence)))
    )


def is_displayed(found: object) -> bool:
    """Whether plain data may be a `Displayed`."""
    if not isinstance(found, list | tuple) or len(found) != len(Displayed._fields):
        return False
    equation = Displayed(*found)
    return (
        isinstance(equation.raw, str)
        and is_clean(equation.raw)
        and _is_word(equation.number)
        and all(map(_is_count, (equation.page, *equation[3:])))
    )


def is_recognised(found: object) -> bool:
    """Whether plain data may be a `Recognised`; its text may be any, for the child that gets it cleans it."""
    if not isinstance(found, list | tuple) or len(found) != len(Recognised._fields):
        return False
    page = Recognised(*found)
    return (
        isinstance(page.text, str)
        and isinstance(page.status, str)
        and page.status in PAGE_STATUSES
        and (page.dpi is None or _is_count(page.dpi))
        and all(map(_is_word, (page.detail, page.engine, page.version, page.model, page.model_licence)))
    )


def _is_count(found: object) -> bool:
    return type(found) is int and 0 <= found < _MAX_INT


def _is_word(found: object) -> bool:
    return found is None or (isinstance(found, str) and len(found) <= MAX_WORD_CHARS and is_clean(found))
