"""The extract step: every row of papers becomes a row of documents, by LaTeX, PDF or as the text it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import metadata
from math import ceil
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from curation.artefact import Artefact
from curation.confine.limits import Limits
from curation.confine.quiet import alone
from curation.confine.sandbox import RESOURCE_REASONS, Sandbox
from curation.errors import PaperError, RunError, UserError
from curation.extract.archive import open_folder
from curation.extract.code import code_sha256
from curation.extract.document_rows import (
    Plain,
    Row,
    by_doc_id,
    document_row,
    failed_row,
    page_rows,
    tables_of,
    without_boilerplate,
)
from curation.extract.latex.options import CiteStyle
from curation.extract.ocr.engines import backends as ocr_backends
from curation.extract.pandoc import pandoc_version
from curation.extract.pdf.extract import PdfBackend
from curation.extract.result import Extracted, from_plain
from curation.extract.texts import Ahead, read_texts
from curation.faults import cannot_be_read
from curation.sources.members import utf8
from curation.sources.source import Content, Source
from curation.sources.unit import Unit
from curation.step import Execution, Inputs, Made, MapStep, Requires
from schemas import DOCUMENTS, MACHINE_REASONS, PAGES, Reason, Status, Table

MAIN = "curation.extract.one_paper:extract_main"
BESIDE = "curation.extract.one_paper:extract_beside"
PANDOC = "curation.extract.one_paper:pandoc_main"
PANDOC_REASONS = (Reason.NO_TEXT, Reason.EXTRACT_ERROR)
OCR = {MAIN: "curation.extract.one_paper:ocr_main", BESIDE: "curation.extract.one_paper:ocr_beside"}
_FINAL = RESOURCE_REASONS | MACHINE_REASONS | {Reason.WITHDRAWN_STUB}
"""Failures after which no other route is tried: a PDF beside a notice of withdrawal is withdrawn, too."""
_UNREAD = frozenset({Reason.IO_ERROR, Reason.SOURCE_CHANGED})


class Extract(MapStep):
    """Papers to text, one at a time in the sandbox.

    `side["sources"]` has the sources by name, which open what they listed. A paper whose LaTeX gives no text is
    tried as the PDF beside it, with a warning, in what is left of its CPU time. A paper that passes a limit never changes
    its route: it has failed. What the machine does to a paper is tried once more at once (curation.confine.sandbox).

    Args:
        pdf_backend: what reads the text layer of a PDF; pypdfium2 does without PyMuPDF's AGPL.
        cite_style: citations in LaTeX papers: Author (year) from the bibliography, the key in brackets, or nothing.
        ocr: what reads scanned pages of a PDF; "none" leaves them out, and lets a PDF without others fail as no_text_layer.
        max_ocr_pages: a scan with more pages fails as too_large; of a PDF with more scanned pages and text beside them, only
            that text is taken. 50 pages take 5 to 20 CPU minutes.
        remove_boilerplate: a pinned table of paragraphs that many documents repeat (dedup.paragraphs); they are cut out of every
            text.
        max_wall_s: seconds on the clock after which a paper has failed.
        max_cpu_s: seconds of CPU time after which it has.
        max_memory_mb: MB that its process may take.
        max_ocr_wall_s: seconds on the clock for a paper whose pages are read by OCR.
    """

    name: ClassVar[str] = "documents"
    version: ClassVar[int] = 21
    requires: ClassVar[Requires] = {
        "papers": (
            *("doc_id", "source", "member", "pdf_member", "content_kind", "content_sha256", "title"),
            *("abstract", "status", "reason", "detail"),
        )
    }
    provides: ClassVar[Table] = DOCUMENTS
    beside: ClassVar[tuple[Table, ...]] = (PAGES,)
    seal_rows: ClassVar[int] = 64
    """Of scans, that is an hour of OCR; of data rows, a second."""

    pdf_backend: PdfBackend = "pymupdf"
    cite_style: CiteStyle = "authoryear"
    ocr: Literal["rapidocr", "tesseract", "none"] = "rapidocr"
    max_ocr_pages: int = Field(default=50, ge=1, le=100_000)
    remove_boilerplate: Artefact | None = None
    max_wall_s: Annotated[float, Field(ge=0.1, le=86_400), Execution()] = 60.0
    max_cpu_s: Annotated[int, Field(ge=1, le=86_400), Execution()] = 60
    max_memory_mb: Annotated[int, Field(ge=64, le=4_194_304), Execution()] = 2048
    max_ocr_wall_s: Annotated[float, Field(ge=0.1, le=604_800), Execution()] = 1800.0

    _sandbox: Sandbox | None = PrivateAttr(default=None)
    _roomy_sandbox: Sandbox | None = PrivateAttr(default=None)
    _spent_s: float = PrivateAttr(default=0.0)

    def backends(self) -> dict[str, str]:
        """What changes text beside the config: the libraries of PDF and OCR, pandoc, and our own code.

        The code itself, since no set of test papers is wide enough to notice every change of what LaTeX becomes.
        """
        try:
            pdf = f"{self.pdf_backend} {metadata.version(self.pdf_backend)}"
        except metadata.PackageNotFoundError as error:
            raise UserError(f"extract.pdf_backend: {self.pdf_backend} is not installed") from error
        return {
            "code": code_sha256(),
            "pdf": pdf,
            "pandoc": pandoc_version(),
            **({} if self.ocr == "none" else ocr_backends(self.ocr)),
        }

    def run(self, inputs: Inputs) -> Made:
        """One row of documents for every row of papers, in their order, and the pages of PDFs."""
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
        pages = by_doc_id(before[PAGES.name].to_pylist())
        again = [i for i, row in enumerate(rows) if row["doc_id"] in doc_ids]
        anew, pages_anew = self._documents([papers[i] for i in again], inputs.side)
        for i, row in zip(again, anew, strict=True):
            rows[i] = row
            pages[row["doc_id"]] = pages_anew.get(row["doc_id"], [])
        return tables_of(rows, pages)

    def child_pids(self) -> tuple[int, ...]:
        return tuple(s.pid for s in (self._sandbox, self._roomy_sandbox) if s is not None and s.pid is not None)

    def child_memory_mb(self) -> int:
        return self.max_memory_mb

    def close(self) -> None:
        """End the child processes."""
        for sandbox in (self._sandbox, self._roomy_sandbox):
            if sandbox is not None:
                sandbox.close()

    def _documents(self, papers: list[Row], side: Mapping[str, Any]) -> tuple[list[Plain], dict[str, list[Plain]]]:
        """Rows of documents, and rows of pages by doc_id."""
        sources: Mapping[str, Source] = side["sources"]
        papers = _with_where(papers, side.get("unit"))
        together = _open_together(papers, sources)
        rows = []
        pages: dict[str, list[Plain]] = {}
        ahead = Ahead(papers, together, self.max_cpu_s)
        for i, paper in enumerate(papers):
            content = together.get(paper["doc_id"])
            row, read = self._document(paper, sources, content, ahead.of(i, self._tight))
            if row.get("reason") in _UNREAD and paper["status"] == Status.OK:
                if content is None:  # the others were tried twice
                    with alone(self.max_wall_s):
                        row, read = self._document(paper, sources, None)
                _stop_when_away(row, sources[paper["source"]])
            rows.append(row)
            pages[paper["doc_id"]] = read
        return (rows if self.remove_boilerplate is None else without_boilerplate(rows, self.remove_boilerplate)), pages

    def _document(
        self,
        paper: Row,
        sources: Mapping[str, Source],
        content: Content | PaperError | None,
        extracted: Extracted | None = None,
    ) -> tuple[Plain, list[Plain]]:
        """A row of documents and its rows of pages. `content` and `extracted` are there where many were read at once."""
        if paper["status"] != Status.OK:
            return failed_row(paper, paper["reason"], paper["detail"]), []
        if paper["source"] not in sources:
            raise UserError(f"source {paper['source']!r} is none of the run; they are {', '.join(sorted(sources))}")
        try:
            extracted = extracted or self.extract(sources[paper["source"]], paper, content)
            return document_row(paper, extracted), page_rows(paper["doc_id"], extracted.pages)
        except PaperError as error:
            return failed_row(paper, error.reason.value, error.detail), []

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
        self._spent_s = 0.0
        if content.text is not None:
            [extracted] = read_texts(self._tight(), [(paper, content.text)], self.max_cpu_s)
            return extracted
        main = sent(content)
        try:
            extracted = self._read(MAIN, main)
            if not extracted.is_doubted:
                return extracted
            doubted, error = extracted, PaperError(Reason.EXTRACT_ERROR, "our reading of the source is doubted")
        except PaperError as failure:
            if failure.reason in _FINAL:
                raise
            doubted, error = None, failure
        routes: list[tuple[str, str, Callable[[], Plain]]] = []
        if self._may_ask_pandoc(content, doubted, error):
            routes.append(("pandoc", PANDOC, lambda: main))
        if paper["pdf_member"] is not None:
            routes.append(("its PDF", BESIDE, lambda: sent(source.open(paper, beside=True))))
        return self._second_routes(routes, doubted, error)

    def _second_routes(
        self, routes: list[tuple[str, str, Callable[[], Plain]]], doubted: Extracted | None, error: PaperError
    ) -> Extracted:
        """pandoc, then the PDF beside; else the doubted text; else the first failure with what the others said. They have
        what is left of the paper's CPU time."""
        said = [error.detail]
        for name, function, opened in routes:
            try:
                extracted = self._read(function, opened())
            except PaperError as second:
                if second.reason in _FINAL:
                    raise PaperError(second.reason, f"{'; '.join(said)}; {name}: {second.detail}") from second
                said.append(f"{name}: {second.reason}: {second.detail}")
                continue
            extracted.warnings.append(f"text from {name}, because of the source: {error}")
            return extracted
        if doubted is not None:
            return doubted
        raise PaperError(error.reason, "; ".join(said)) from error

    def _may_ask_pandoc(self, content: Content, doubted: Extracted | None, error: PaperError) -> bool:
        is_tex = content.kind in ("tex", "tar", "zip", "folder") and error.reason in PANDOC_REASONS
        return (doubted is not None or is_tex) and pandoc_version() != "none"

    def _read(self, function: str, content: Plain) -> Extracted:
        """The content by its own route, with OCR when it is a PDF with scanned pages."""
        if function == PANDOC:
            return self._ask(self._roomy(), function, content, self.max_memory_mb)
        options = (self.pdf_backend, 0 if self.ocr == "none" else self.max_ocr_pages)
        more = (self.cite_style,) if function == MAIN else ()
        try:
            return self._ask(self._tight(), function, content, *options, *more)
        except PaperError as error:
            if self.ocr == "none" or error.reason is not Reason.NO_TEXT_LAYER:
                raise
        sandbox = self._roomy()
        return _checked(sandbox, sandbox.call(OCR[function], content, *options, self.ocr))

    def _ask(self, sandbox: Sandbox, function: str, *args: Any) -> Extracted:
        """Call a route, in what is left of the paper's CPU time."""
        try:
            left = max(self.max_cpu_s - self._spent_s, 1.0)
            return _checked(sandbox, sandbox.call(function, *args, max_cpu_s=left))
        finally:
            self._spent_s += sandbox.cpu_s

    def _tight(self) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = Sandbox(Limits(self.max_wall_s, self.max_cpu_s, self.max_memory_mb))
        return self._sandbox

    def _roomy(self) -> Sandbox:
        """A child without a limit on address space, of which onnxruntime and pandoc reserve far more than they use."""
        if self._roomy_sandbox is None:
            wall = self.max_ocr_wall_s
            self._roomy_sandbox = Sandbox(Limits(wall, ceil(wall), self.max_memory_mb, limit_address_space=False))
        return self._roomy_sandbox


def _checked(sandbox: Sandbox, value: object) -> Extracted:
    """What a route gave, when it is an `Extracted`; a child that gives anything else reads no other paper."""
    try:
        return from_plain(value)
    except PaperError:
        sandbox.close()
        raise


def sent(content: Content) -> Plain:
    """A paper as `curation.extract.one_paper` takes it: the child opens no path.

    Raises:
        PaperError: IO_ERROR, TOO_LARGE, UNKNOWN_FORMAT: as `open_folder`.
    """
    if content.files is None:
        return {"name": content.name, "kind": content.kind, "data": content.data}
    try:
        return {"name": content.name, "files": open_folder(content.files)}
    except OSError as error:
        raise cannot_be_read(error, content.name) from error


def _check(content: Content, paper: Row) -> None:
    """Raise PaperError when the content cannot be read, or is not what the papers table was made of."""
    if content.failure:
        raise content.failure
    if content.sha256 != paper["content_sha256"]:
        raise PaperError(
            Reason.SOURCE_CHANGED,
            f"{paper['member']} is no longer what was listed (sha256 {str(paper['content_sha256'])[:12]} then, "
            f"{content.sha256[:12]} now); run again to take it in as a new part",
        )


def _with_where(papers: list[Row], unit: Unit | None) -> list[Row]:
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
