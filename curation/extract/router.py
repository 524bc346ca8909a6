"""The extract step: every row of papers becomes a row of documents, by LaTeX, PDF or as the text it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from typing import Annotated, Any, ClassVar

import pyarrow as pa
from pydantic import Field, PrivateAttr

from curation.artefact import Artefact
from curation.confine.quiet import alone
from curation.errors import PaperError, RunError, UserError
from curation.extract.code import code_sha256
from curation.extract.document_rows import (
    BESIDE,
    Beside,
    Plain,
    Row,
    beside_of,
    document_row,
    failed_row,
    pages_told,
    rows_beside,
    tables_of,
    without_boilerplate,
)
from curation.extract.latex.options import CiteStyle
from curation.extract.ocr.engines import backends as ocr_backends
from curation.extract.pages import PagesFailed
from curation.extract.pandoc import pandoc_version
from curation.extract.paper_reader import Ocr, PaperReader
from curation.extract.pdf.extract import PdfBackend
from curation.extract.result import Extracted
from curation.extract.texts import Ahead
from curation.sources.members import utf8
from curation.sources.paper_content import Content
from curation.sources.source import Source
from curation.sources.unit import Unit
from curation.step import Execution, Inputs, Made, MapStep, Requires
from schemas import DOCUMENTS, PAGES, Reason, Status, Table

_UNREAD = frozenset({Reason.IO_ERROR, Reason.SOURCE_CHANGED})


class Extract(MapStep):
    """Papers to text, one at a time in the sandbox.

    `side["sources"]` has the sources by name, which open what they listed. A paper whose LaTeX gives no text is
    tried as the PDF beside it, with a warning, in what is left of its CPU time. A paper that passes a limit never changes
    its route: it has failed. What the machine does to a paper is tried once more at once (curation.confine.sandbox).

    Args:
        pdf_backend: what reads the text layer of a PDF; pypdfium2 does without PyMuPDF's AGPL. Where both are installed, the other
            one is asked about pages and files that this one cannot read.
        cite_style: citations in LaTeX papers: Author (year) from the bibliography, the key in brackets, or nothing.
        ocr: what reads pages that are scans, or whose text layer is none; "none" leaves them out. A PDF fails with less than half
            of its pages (pages_unread; no_text_layer where all are scans).
        max_ocr_pages: a scan with more pages fails as too_large; of other PDFs pages that wait for OCR are left out, when there are
            more of them. 50 pages take 5 to 20 CPU minutes.
        remove_boilerplate: a pinned table of paragraphs that many documents repeat (dedup.paragraphs); they are cut out of every
            text.
        max_wall_s: seconds on the clock after which a paper has failed.
        max_cpu_s: seconds of CPU time after which it has.
        max_memory_mb: MB that its process may take.
        max_ocr_wall_s: seconds on the clock, and of CPU time, for each page that is read by OCR; a page that passes them is lost, the
            paper is not.
        max_ocr_cpu_s: seconds of CPU time for all pages of one paper that are read by OCR; the others are lost.
    """

    name: ClassVar[str] = "documents"
    version: ClassVar[int] = 86
    requires: ClassVar[Requires] = {
        "papers": (
            *("doc_id", "source", "member", "pdf_member", "content_kind", "content_sha256", "title"),
            *("abstract", "status", "reason", "detail"),
        )
    }
    provides: ClassVar[Table] = DOCUMENTS
    beside: ClassVar[tuple[Table, ...]] = BESIDE
    seal_rows: ClassVar[int] = 64
    """Of scans, that is an hour of OCR; of data rows, a second."""

    pdf_backend: PdfBackend = PaperReader.pdf_backend
    cite_style: CiteStyle = PaperReader.cite_style
    ocr: Ocr = PaperReader.ocr
    max_ocr_pages: int = Field(default=PaperReader.max_ocr_pages, ge=1, le=100_000)
    remove_boilerplate: Artefact | None = None
    max_wall_s: Annotated[float, Field(ge=0.1, le=86_400), Execution()] = PaperReader.max_wall_s
    max_cpu_s: Annotated[int, Field(ge=1, le=86_400), Execution()] = PaperReader.max_cpu_s
    max_memory_mb: Annotated[int, Field(ge=64, le=4_194_304), Execution()] = PaperReader.max_memory_mb
    max_ocr_wall_s: Annotated[float, Field(ge=0.1, le=604_800), Execution()] = PaperReader.max_ocr_wall_s
    max_ocr_cpu_s: Annotated[int, Field(ge=1, le=604_800), Execution()] = PaperReader.max_ocr_cpu_s

    _reader: PaperReader | None = PrivateAttr(default=None)

    def backends(self) -> dict[str, str]:
        """What changes text beside the config: the libraries of PDF and OCR, pandoc, and our own code.

        The code itself, since no set of test papers is wide enough to notice every change of what LaTeX becomes.
        """
        try:
            pdf = f"{self.pdf_backend} {metadata.version(self.pdf_backend)}"
        except metadata.PackageNotFoundError as error:
            raise UserError(f"extract.pdf_backend: {self.pdf_backend} is not installed") from error
        if self.ocr != "none" and find_spec("pymupdf") is None:
            raise UserError(
                "extract.ocr: PyMuPDF draws pages for OCR, and is not installed; set ocr: none, or install pymupdf"
            )
        return {
            "code": code_sha256(),
            "pdf": pdf,
            "second": _second(self.pdf_backend),
            "pandoc": pandoc_version(),
            **({} if self.ocr == "none" else ocr_backends(self.ocr)),
        }

    def run(self, inputs: Inputs) -> Made:
        """One row of documents for every row of papers, in their order, and the pages and display equations of PDFs."""
        papers = inputs["papers"].select(list(self.requires["papers"])).to_pylist()
        return tables_of(*self._documents(papers, inputs.side))

    def reopen(self, previous: Made, inputs: Inputs, doc_ids: frozenset[str]) -> Made:
        """The documents again, with only some rows done anew.

        Args:
            previous: what `run` made of the same inputs.
            doc_ids: the rows. One that fails again has its new reason.
        """
        papers = inputs["papers"].select(list(self.requires["papers"])).to_pylist()
        before = self.by_name(previous, f"step {self.name}")
        rows: list[dict[str, Any]] = before[DOCUMENTS.name].to_pylist()
        beside = beside_of(before)
        again = [i for i, row in enumerate(rows) if row["doc_id"] in doc_ids]
        anew, beside_anew = self._documents([papers[i] for i in again], inputs.side)
        for i, row in zip(again, anew, strict=True):
            rows[i] = row
            beside[row["doc_id"]] = beside_anew.get(row["doc_id"], {})
        return tables_of(rows, beside)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Pages of PDFs by what read them and by what became of them, and papers of which some could not be read."""
        return pages_told(made[PAGES.name])

    def child_pids(self) -> tuple[int, ...]:
        return () if self._reader is None else self._reader.child_pids()

    def child_memory_mb(self) -> int:
        return self.max_memory_mb

    def close(self) -> None:
        """End the child processes."""
        if self._reader is not None:
            self._reader.close()

    def _documents(self, papers: list[Row], side: Mapping[str, Any]) -> tuple[list[Plain], dict[str, Beside]]:
        """Rows of documents, and what stands beside each, by doc_id."""
        sources: Mapping[str, Source] = side["sources"]
        papers = with_where(papers, side.get("unit"))
        together = _open_together(papers, sources)
        rows = []
        beside: dict[str, Beside] = {}
        ahead = Ahead(papers, together, self.max_cpu_s)
        for i, paper in enumerate(papers):
            content = together.get(paper["doc_id"])
            row, read = self._document(paper, sources, content, ahead.of(i, self._reading().tight))
            if row.get("reason") in _UNREAD and paper["status"] == Status.OK:
                if content is None:  # the others were tried twice
                    with alone(self.max_wall_s):
                        row, read = self._document(paper, sources, None)
                _stop_when_away(row, sources[paper["source"]])
            rows.append(row)
            beside[paper["doc_id"]] = read
        return (rows if self.remove_boilerplate is None else without_boilerplate(rows, self.remove_boilerplate)), beside

    def _document(
        self,
        paper: Row,
        sources: Mapping[str, Source],
        content: Content | PaperError | None,
        extracted: Extracted | None = None,
    ) -> tuple[Plain, Beside]:
        """A row of documents and what stands beside it. `content` and `extracted` are there where many were read at once."""
        if paper["status"] != Status.OK:
            return failed_row(paper, paper["reason"], paper["detail"]), {}
        if paper["source"] not in sources:
            raise UserError(f"source {paper['source']!r} is none of the run; they are {', '.join(sorted(sources))}")
        try:
            extracted = extracted or self.extract(sources[paper["source"]], paper, content)
            row = document_row(paper, extracted)
            return row, rows_beside(paper["doc_id"], extracted.pages, extracted.equations)
        except PagesFailed as error:
            return failed_row(paper, error.reason.value, error.detail), rows_beside(paper["doc_id"], error.pages)
        except PaperError as error:
            return failed_row(paper, error.reason.value, error.detail), {}

    def extract(self, source: Source, paper: Row, content: Content | PaperError | None = None) -> Extracted:
        """One paper, as its source opens it; the text is cleaned.

        Args:
            paper: as `Source.open` takes it, with content_sha256.
            content: what the source opened already, or why it did not.

        Raises:
            PaperError: the paper gives no text.
        """
        if isinstance(content, PaperError):
            raise content
        content = content or source.open(paper)
        _check(content, paper)
        beside = None if paper["pdf_member"] is None else partial(source.open, paper, beside=True)
        return self._reading().read(content, beside, title=paper.get("title"), abstract=paper.get("abstract"))

    def extract_beside(self, source: Source, paper: Row) -> Extracted:
        """The PDF beside a paper alone, whatever the paper itself gives.

        Raises:
            PaperError: it gives no text.
        """
        return self._reading().read(source.open(paper, beside=True))

    def _reading(self) -> PaperReader:
        if self._reader is None:
            self._reader = PaperReader(**{f.name: getattr(self, f.name) for f in fields(PaperReader)})
        return self._reader


def _second(first: str) -> str:
    """The other library of PDFs, which is asked about pages that the first cannot read, and its version; none: not installed."""
    other = "pymupdf" if first == "pypdfium2" else "pypdfium2"
    try:
        return f"{other} {metadata.version(other)}"
    except metadata.PackageNotFoundError:
        return "none"


def _check(content: Content, paper: Row) -> None:
    """Raise PaperError when the content is not what the papers table was made of."""
    if not content.failure and content.sha256 != paper["content_sha256"]:
        raise PaperError(
            Reason.SOURCE_CHANGED,
            f"{paper['member']} is no longer what was listed (sha256 {str(paper['content_sha256'])[:12]} then, "
            f"{content.sha256[:12]} now); run again to take it in as a new part",
        )


def with_where(papers: list[Row], unit: Unit | None) -> list[Row]:
    """The rows with what the listing saw of their places."""
    where = {utf8(e.member): e.where for e in unit.entries} if unit else {}
    return [{**paper, "where": where.get(paper["member"])} for paper in papers]


def _open_together(papers: list[Row], sources: Mapping[str, Source]) -> dict[str, Content | PaperError]:
    """doc_id -> the content of what a source reads best at once."""
    found: dict[str, Content | PaperError] = {}
    for name, source in sources.items():
        mine = [paper for paper in papers if paper["source"] == name and paper["status"] == Status.OK]
        together = source.open_together(mine)
        found |= {p["doc_id"]: together[p["member"]] for p in mine if p["member"] in together}
    return found


def _stop_when_away(row: Mapping[str, Any], source: Source) -> None:
    """Raise for a paper that cannot be read because its whole source is gone: the others would fail one by one.

    Raises:
        RunError: it is gone.
    """
    if row.get("reason") == Reason.IO_ERROR and source.is_away():
        raise RunError(f"source {source.source!r}, {source.path}, is gone or empty; run again when it is back")
