"""Files that are broken, locked, hostile, or no paper."""

from __future__ import annotations

import pymupdf

from schemas import Reason
from tests.extract.odd import Odd
from tests.extract.raw_pdf import OPENING, Pdf, prose, written


def _said(lines: list[str], then: int = 0) -> bytes:
    """A first page, and so many pages of a paper."""
    pdf = Pdf()
    pdf.page(written(lines))
    for number in range(then):
        pdf.page(written(prose(number, 20)))
    return pdf.done()


def _paper() -> bytes:
    return _said(prose(0, 20), 2)


def _locked(user: str) -> bytes:
    with pymupdf.open(stream=_paper()) as document:
        return bytes(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=user, owner_pw="owner"))


def _one_broken_page() -> bytes:
    pdf = Pdf()
    pdf.page(written(prose(0, 20)))
    broken = pdf.stream(b"this is no deflated stream", "/Filter /FlateDecode")
    pdf.pages.append(pdf.add(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {broken} 0 R >>"))
    return pdf.done()


def _without_table() -> bytes:
    data = _paper()
    return data[: data.rindex(b"xref\n0")] + b"%%EOF"


def _no_pages() -> bytes:
    return Pdf().done()


def _article() -> bytes:
    """An article without a title, whose text stands before its only heading."""
    pdf = Pdf()
    pdf.page(written(prose(0, 24)) + written(["History"], size=18, y=300) + written(["It is short."], y=270))
    return pdf.done()


def _bomb() -> bytes:
    """A page of prose, and one that draws a line for ever."""
    pdf = Pdf()
    pdf.page(written(prose(0, 20)))
    pdf.page("0 0 m 9 9 l S\n" * 5_000_000, packed=True)
    return pdf.done()


def _forms_bomb() -> bytes:
    """A page of prose, and a small one whose form draws another one ten times, which draws another one ten times ..."""
    pdf = Pdf()
    pdf.page(written(prose(0, 20)))
    box = "/Type /XObject /Subtype /Form /BBox [0 0 600 800]"
    form = pdf.stream(b"0 0 m 9 9 l S\n" * 40, box)
    for _ in range(7):
        form = pdf.stream(b"/A Do\n" * 10, f"{box} /Resources << /XObject << /A {form} 0 R >> >>")
    pdf.page("/A Do", images={"A": form})
    return pdf.done()


_COVER = [
    "This content has been downloaded from the archive. Please scroll down to see the full text.",
    "View the table of contents for this issue, or go to the journal homepage for more",
    "Download details: IP address 192.0.2.1, this content was downloaded on 3 May 2024 at 10:11",
    "You may also like: Another Paper on Rings",
]
_WAIT = [
    "Please wait...",
    "If this message is not eventually replaced by the proper contents of the document, your PDF viewer",
    "may not be able to display this type of document.",
]
_LIGHTHOUSE = "A portfolio of methods is given in the appendix, and readers may enable cookies as they like."
_FIRST_PAGE = [
    _LIGHTHOUSE,
    *(f"In chapter {n} lanterns of {name} houses were painted by night, and nobody saw them there" for n, name in enumerate(["red", "green", "blue", "brown", "white", "black", "old", "new"], 1)),
]  # fmt: skip

CASES = (
    Odd("portfolio", _said(["For the best experience, open this PDF portfolio in a newer reader."]), Reason.NO_PAPER, warns="portfolio"),
    Odd("please-wait", _said(_WAIT), Reason.NO_PAPER, warns="another viewer"),
    Odd("enable-javascript", _said(["Please enable JavaScript and cookies to continue to this article."]), Reason.NO_PAPER, warns="enable"),
    Odd("access-denied", _said(["403 Forbidden", "Access to this document was denied."]), Reason.NO_PAPER, warns="refuses access"),
    Odd("words-of-notices-in-a-paper", _said([*prose(0, 20), _LIGHTHOUSE]), has=(OPENING, "cookies")),
    Odd("prose-before-the-first-heading", _article(), has=(OPENING, "History")),
    Odd("cover-page", _said(_COVER, 3), has=(OPENING,), lacks=("192.0.2.1", "You may also like"), warns="page 1 was left out: a cover", pages=("ok",) * 4),
    Odd("cover-with-the-abstract", _said([*_COVER[:2], *prose(0, 10)], 2), lacks=("journal homepage",), warns="left out: a cover"),
    Odd("first-page-with-marks-of-a-cover", _said([*_COVER[:2], *_FIRST_PAGE], 2), has=("A portfolio of",)),
    Odd("cover-page-only", _said(_COVER), Reason.NO_PAPER, warns="without its paper"),
    Odd("locked", _locked("secret"), Reason.ENCRYPTED, pages=("encrypted",)),
    Odd("locked-for-changes", _locked(""), has=(OPENING,), pages=("ok",) * 3),
    Odd("half-a-file", _paper()[: len(_paper()) // 5], Reason.NO_TEXT, warns="truncated"),
    Odd("without-its-table", _without_table(), has=(OPENING,)),
    Odd("behind-other-bytes", b"HTTP/1.1 200 OK\r\n\r\n" + _paper(), has=(OPENING,)),
    Odd("one-broken-page", _one_broken_page(), has=(OPENING,), warns="1 of 2 pages have no text", pages=("ok", "empty")),
    Odd("operators-without-end", _bomb(), has=(OPENING,), warns="64 MB of operators", pages=("ok", "failed")),
    Odd("forms-in-forms-without-end", _forms_bomb(), has=(OPENING,), warns="64 MB of operators", pages=("ok", "failed")),
    Odd("no-pages", _no_pages(), Reason.UNREADABLE),
    Odd("html", b"<!DOCTYPE html><html><body><p>Not found</p></body></html>", Reason.UNKNOWN_FORMAT),
    Odd("header-only", b"%PDF-1.4 and no more", Reason.UNREADABLE),
    Odd("huge-page", _paper().replace(b"[0 0 600 800]", b"[0 0 9e6 9e6]"), has=(OPENING,)),
    Odd("page-of-no-size", _said(prose(0, 20), 1).replace(b"[0 0 600 800]", b"[0 0 0 0]    "), has=(OPENING,)),
)  # fmt: skip
