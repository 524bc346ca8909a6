"""One PDF to one `Extracted`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from curation.errors import PaperError
from curation.extract.pages import PagesFailed, Recogniser
from curation.extract.pdf.backends import PdfBackend, backend_of
from curation.extract.pdf.blocks import Block, blocks_of
from curation.extract.pdf.front_back import to_parts
from curation.extract.pdf.furniture import remove_furniture
from curation.extract.pdf.order import set_order
from curation.extract.pdf.page import Backend
from curation.extract.pdf.probe import text_of
from curation.extract.pdf.reading import read_pdf
from curation.extract.pdf.recognised import remove_heads
from curation.extract.pdf.scripts import Scripts
from curation.extract.result import Extracted
from curation.sources.kinds import HEAD_BYTES, kind_of
from schemas import Reason

MAX_BYTES = 100 * 1024 * 1024
"""Past it PDFs seen in the wild were bombs or whole proceedings."""


MIN_LETTERS = 500
"""Letters and digits of a PDF from which it is told what became of them: a page of a paper has 2,000 to 5,000."""
MIN_KEPT = 0.6
"""Share of its letters that a paper keeps at least; papers with many figures keep .8 and more."""

__all__ = ["PdfBackend", "backend_of", "extract_pdf"]


def extract_pdf(
    data: bytes,
    *,
    backend: Backend | None = None,
    max_ocr_pages: int = 0,
    recognise: Recogniser | None = None,
    only: Collection[int] | None = None,
) -> Extracted:
    """The text of a PDF; references and authors apart.

    Every page is read by what reads it best (`curation.extract.pdf.reading`). Line numbers, running heads and page numbers
    are removed, hyphenated words joined, lines made into paragraphs. The route is `ocr` when OCR read all pages that have text.

    Args:
        backend: what reads text layers; the other library is asked where it fails.
        max_ocr_pages: pages that OCR may read. If there are more of them they are left out, with a warning.
        recognise: the OCR.
        only: pages to read, by their numbers from 0; all when None.

    Raises:
        ToRecognise: pages that OCR may read, and no `recognise`: it runs where it has room.
        PagesFailed: ENCRYPTED, UNREADABLE, NO_TEXT_LAYER (a scan), TOO_LARGE (one of too many pages), TIMEOUT (that OCR did not
            finish), PAGES_UNREAD (more than half of the pages), NO_PAPER (a notice or cover), NO_TEXT (empty or truncated).
        PaperError: TOO_LARGE, UNKNOWN_FORMAT (it is no PDF).
    """
    kind = kind_of(data[:HEAD_BYTES], "")
    if kind != "pdf":
        raise PaperError(Reason.UNKNOWN_FORMAT, f"not a PDF but {kind}")
    if len(data) > MAX_BYTES:
        raise PaperError(Reason.TOO_LARGE, f"the PDF is larger than {MAX_BYTES >> 20} MiB")
    found_pages = read_pdf(data, backend or backend_of("pymupdf"), max_ocr_pages, recognise, only)
    pages = found_pages.pages
    n_letters = sum(_letters(text_of(page)) + _letters(page.recognised) for page in found_pages.all_pages)
    remove_furniture(pages)
    remove_heads(pages)
    everything = found_pages.all_pages
    for page in everything:
        set_order(page)
    blocks, style, n_uncaptioned = blocks_of(everything)
    found = to_parts(blocks, style, Scripts(everything, _note_marks(blocks)))
    if 2 * _letters(found.authors) > max(
        n_letters, MIN_LETTERS
    ):  # no paper is mostly its authors: it has no head of its own
        found.parts.pieces.insert(0, ("body", str(found.authors)))
        found.authors = None
    route = "ocr" if not any(page.made_by == "text layer" for page in found_pages.read) else "pdf"
    made = Extracted.of(
        found.parts,
        route,
        source=map(text_of, everything),
        authors=found.authors,
        references=found.references,
        keywords=found.keywords,
        n_equations=len(found.equations),
        n_tables=found.n_tables,
        n_pages=len(pages),
        pages=found_pages.read,
        equations=[one._replace(page=found_pages.numbers[one.page]) for one in found.equations],
        warnings=found_pages.warnings,
    )
    kept = sum(map(_letters, (made.text, made.references, made.authors, made.keywords)))
    if n_letters >= MIN_LETTERS and kept < MIN_KEPT * n_letters:
        made.warnings.append(
            f"{1 - kept / n_letters:.0%} of its letters stand in figures, margins or running heads and were left out"
        )
    if n_uncaptioned:
        made.warnings.append(f"{n_uncaptioned} words in plots without a caption were left out")
    if not made.text:
        raise PagesFailed(Reason.NO_TEXT, "nothing is left but running heads and numbers", found_pages.read)
    return made


def _letters(text: str | None) -> int:
    """Letters and digits of a text."""
    return sum(map(str.isalnum, text)) if text else 0


def _note_marks(blocks: Sequence[Block]) -> dict[int, set[str]]:
    """Marks of the notes at the foot of each page."""
    marks: dict[int, set[str]] = {}
    for block in blocks:
        if block.kind == "footnote" and block.region is not None:
            marks.setdefault(block.page, set()).add(block.region.label)
    return marks
