"""What the sandbox's child runs: one paper's bytes to the fields of an `Extracted`. Imports each route when needed.

A paper comes as plain data: `{"name": ..., "data": bytes}` for a file, `{"name": ..., "files": {relative path: bytes}}` for a
folder; `curation.extract.paper_reader.sent` makes it. Every route gives `result.to_plain`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, ParamSpec, TypeAlias

import curation.extract.latex.extract  # noqa: F401  # read before the first paper, whose limits it would eat
from curation.errors import PaperError
from curation.extract.archive import holds_tex, no_route, open_file
from curation.extract.latex.options import CiteStyle
from curation.extract.markdown_parts import read_markdown
from curation.extract.ocr.engines import Engine
from curation.extract.pages import PagesFailed, Recognised, ToRecognise
from curation.extract.pdf.extract import PdfBackend
from curation.extract.result import Extracted, clean_extracted, to_plain
from curation.sources.kinds import HEAD_BYTES, as_utf8, kind_of
from curation.sources.withdrawal import is_ignored, is_notice
from curation.text.encoding import decode_bytes, is_unreadable
from schemas import Reason

P = ParamSpec("P")
Paper: TypeAlias = Mapping[str, Any]

_STUB = "a notice in the place of a paper that its author withdrew"
MIN_GAIN = 0.05
"""pandoc must find this much more of the source's plain words: it loses macros and tables that we keep."""


def _as_plain(route: Callable[P, Extracted]) -> Callable[P, dict[str, Any]]:
    """Texts are cleaned here, where time and memory have limits, not by who asked for them. A notice of a withdrawal is no paper.

    In the place of a paper may come `{"to_recognise": page numbers}`, or `{"failed": reason, "detail", "pages"}`, of a PDF.
    """

    @functools.wraps(route)
    def plain(*args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        try:
            extracted = clean_extracted(route(*args, **kwargs))
        except ToRecognise as error:
            return {"to_recognise": list(error.pages)}
        except PagesFailed as error:
            return {"failed": error.reason.value, "detail": error.detail, "pages": [list(page) for page in error.pages]}
        if is_notice(extracted.text):
            raise PaperError(Reason.WITHDRAWN_STUB, f"{_STUB}: {' '.join(extracted.text.split())[:200]}")
        return to_plain(extracted)

    return plain


@_as_plain
def extract_main(
    paper: Paper,
    pdf: PdfBackend = "pymupdf",
    max_ocr_pages: int = 0,
    cite_style: CiteStyle = "authoryear",
    recognised: Sequence[Sequence[Any]] | None = None,
    pages: Sequence[int] | None = None,
) -> Extracted:
    """The main content of a paper as text: LaTeX, else the PDF or plain text inside.

    Args:
        max_ocr_pages: pages of a PDF that OCR may read; 0 when there is no OCR.
        recognised: what OCR gave for the pages that were asked for, in that order.
        pages: of a PDF, by their numbers from 0; all when None.

    Raises:
        PaperError: whatever keeps this paper from becoming text.
    """
    return extract_files(
        _open(paper),
        is_bundle="files" in paper or paper["kind"] in ("tar", "zip"),
        pdf=pdf,
        max_ocr_pages=max_ocr_pages,
        cite_style=cite_style,
        recognised=recognised,
        pages=pages,
    )


@_as_plain
def extract_beside(
    paper: Paper,
    pdf: PdfBackend = "pymupdf",
    max_ocr_pages: int = 0,
    recognised: Sequence[Sequence[Any]] | None = None,
    pages: Sequence[int] | None = None,
) -> Extracted:
    """The PDF beside the main content as text; the others as in `extract_main`."""
    return _pdf(paper["data"], pdf, max_ocr_pages, recognised, pages)


@_as_plain
def pandoc_main(paper: Paper, max_memory_mb: int) -> Extracted:
    """The TeX of the main content by pandoc, when more of the source's words stand in its text than in ours.

    Raises:
        PaperError: pandoc gave nothing, or nothing better.
    """
    from curation.extract.latex import extract_latex, found_share
    from curation.extract.pandoc import extract_pandoc

    files = _open(paper)
    try:
        ours = found_share(files, extract_latex(files))
    except PaperError:
        ours = 0.0
    theirs = extract_pandoc(files, max_memory_mb)
    if (found := found_share(files, theirs)) <= ours + MIN_GAIN:
        raise PaperError(Reason.EXTRACT_ERROR, f"pandoc found {found:.2f} of the plain words, we {ours:.2f}")
    return theirs


def ocr_main(paper: Paper, number: int, engine: Engine) -> list[Any]:
    """A page, from 0, of the PDF that is the main content or lies in it, read by OCR: the fields of a `Recognised`."""
    return _ocr(largest_pdf(_open(paper)), number, engine)


def ocr_beside(paper: Paper, number: int, engine: Engine) -> list[Any]:
    """A page of the PDF beside the main content, read by OCR."""
    return _ocr(paper["data"], number, engine)


def _ocr(data: bytes, number: int, engine: Engine) -> list[Any]:
    from curation.extract.ocr import ocr_page

    return list(ocr_page(data, number, engine=engine))


def _text_row(text: str, title: str | None, abstract: str | None) -> dict[str, Any]:
    return to_plain(clean_extracted(Extracted.of(read_markdown(text, title=title, abstract=abstract), "text")))


def texts_main(rows: Sequence[tuple[str, str | None, str | None]]) -> list[dict[str, Any]]:
    """Texts that a source gives as they are (rows of data files), each with the title and abstract in its own fields."""
    return [_text_row(*row) for row in rows]


def _open(paper: Paper) -> dict[str, bytes]:
    files = dict(paper["files"]) if "files" in paper else open_file(paper["data"], paper["name"])
    return {name: as_utf8(data) for name, data in files.items()}


def extract_files(
    files: Mapping[str, bytes],
    *,
    is_bundle: bool,
    pdf: PdfBackend = "pymupdf",
    max_ocr_pages: int = 0,
    cite_style: CiteStyle = "authoryear",
    recognised: Sequence[Sequence[Any]] | None = None,
    pages: Sequence[int] | None = None,
) -> Extracted:
    """Text of an opened paper. Of a bundle with TeX inside the rest is companions; a PDF counts only without TeX."""
    tex = [data for name, data in files.items() if holds_tex(name, data)]
    if tex and all(map(is_ignored, tex)):
        raise PaperError(Reason.WITHDRAWN_STUB, f"{_STUB}: of its TeX files each begins with %auto-ignore")
    if tex:
        from curation.extract.latex import LatexOptions, extract_latex

        return extract_latex(files, options=LatexOptions(cite_style=cite_style))
    if data := largest_pdf(files):
        return _pdf(data, pdf, max_ocr_pages, recognised, pages)
    texts = {name: data for name, data in files.items() if _is_plain_text(name, data, is_bundle)}
    if texts:
        return _text(max(texts.values(), key=len))
    kinds = sorted({kind_of(data[:HEAD_BYTES], name) for name, data in files.items()})
    if kinds == ["empty"]:
        raise PaperError(Reason.EMPTY_FILE, "the file holds nothing")
    raise no_route(kinds)


def largest_pdf(files: Mapping[str, bytes]) -> bytes:
    """The largest PDF among files; empty when there is none."""
    pdfs = {name: data for name, data in files.items() if data[:1024].find(b"%PDF-") >= 0}
    return pdfs[max(sorted(pdfs), key=lambda n: len(pdfs[n]))] if pdfs else b""


def _is_plain_text(name: str, data: bytes, is_bundle: bool) -> bool:
    suffix = PurePosixPath(name).suffix.lower()
    if is_bundle and (
        suffix not in (".txt", ".md") or re.match(r"00README|readme", PurePosixPath(name).name, re.IGNORECASE)
    ):
        return False
    return kind_of(data[:HEAD_BYTES], name) == "text"


def _pdf(
    data: bytes,
    backend: PdfBackend,
    max_ocr_pages: int,
    recognised: Sequence[Sequence[Any]] | None,
    pages: Sequence[int] | None,
) -> Extracted:
    from curation.extract.pdf.extract import backend_of, extract_pdf

    given = None if recognised is None else [Recognised(*page) for page in recognised]
    recognise = None if given is None else lambda asked: given
    return extract_pdf(data, backend=backend_of(backend), max_ocr_pages=max_ocr_pages, recognise=recognise, only=pages)


def _text(data: bytes) -> Extracted:
    found = decode_bytes(data)
    if is_unreadable(found.doubtful, len(found.text)):
        raise PaperError(Reason.UNREADABLE, f"neither a mark nor letters tell the encoding of {found.doubtful} bytes")
    extracted = Extracted.of(read_markdown(found.text), "text")
    if found.doubtful:
        extracted.warnings.append(f"{found.doubtful} bytes are in no known encoding and stand as U+FFFD")
    return extracted
