"""One page of a PDF drawn and read by OCR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.errors import PaperError
from curation.extract.ocr.engines import DPI, MAX_SIDE_PX, Engine, backends, model_of, ocr_turned
from curation.extract.pages import Recognised
from curation.extract.pdf.operators import Costs
from curation.extract.pdf.probe import COSTLY
from schemas import Reason

if TYPE_CHECKING:
    import pymupdf


def ocr_page(data: bytes, number: int, *, engine: Engine = "rapidocr", dpi: int | None = None) -> Recognised:
    """The text of a page of a PDF.

    Args:
        data: the PDF.
        number: the page, from 0.
        dpi: resolution; the engine's best (engines.DPI) when None.

    Raises:
        PaperError: UNREADABLE: the PDF or the page cannot be opened or drawn; ENCRYPTED; TOO_LARGE: drawing it costs too
            much (`Costs.refusal`).
        UserError: the engine is not installed.
    """
    from curation.extract.pdf._load_pymupdf import pymupdf
    from curation.extract.pdf.with_pymupdf import ERRORS

    wanted = dpi or DPI[engine]
    with _open(data) as document:
        if not 0 <= number < document.page_count:
            raise PaperError(Reason.UNREADABLE, f"no page {number + 1}; the PDF has {document.page_count}")
        try:
            page = document[number]
            if (refused := Costs(document).refusal(page.xref)) in COSTLY:
                raise PaperError(Reason.TOO_LARGE, str(refused))
            scale = min(wanted / 72, MAX_SIDE_PX[engine] / max(page.rect.width, page.rect.height, 1))
            zoom = pymupdf.Matrix(scale, scale)
            image = page.get_pixmap(matrix=zoom, colorspace=pymupdf.csRGB, alpha=False)
        except ERRORS as error:
            if "alloc" in str(error):
                raise MemoryError("drawing the page") from error
            raise PaperError(Reason.UNREADABLE, "the page cannot be drawn") from error
    drawn_dpi = round(72 * scale)
    image.set_dpi(drawn_dpi, drawn_dpi)
    name, version = next(iter(backends(engine).items()))
    model, licence = model_of(engine)
    found = ocr_turned(image, engine)
    nothing = Recognised(
        status="empty", engine=name, version=version, model=model, model_licence=licence, dpi=drawn_dpi
    )
    if not found.text.strip():
        return nothing._replace(text=found.text)
    if not found.is_sure(engine):
        said = f"OCR is {found.sure:.0%} sure of what it read: handwriting or a drawing"
        return nothing._replace(status="failed", detail=said)
    return nothing._replace(text=found.text, status="ok")


def _open(data: bytes) -> pymupdf.Document:
    from curation.extract.pdf._load_pymupdf import pymupdf
    from curation.extract.pdf.with_pymupdf import ERRORS

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        document = pymupdf.open(stream=data, filetype="pdf")
    except ERRORS as error:
        raise PaperError(Reason.UNREADABLE, "not a PDF that can be opened") from error
    if document.needs_pass:
        document.close()
        raise PaperError(Reason.ENCRYPTED, "the PDF asks for a password")
    return document
