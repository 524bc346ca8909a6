"""One paper to text: by its own route, then by the others, each in a confined child. It knows no tables, so that a command that
reads one paper starts without Arrow and pydantic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from curation.confine.limits import Limits
from curation.confine.sandbox import RESOURCE_REASONS, Sandbox
from curation.errors import PaperError
from curation.extract.archive import open_folder
from curation.extract.pages import PagesFailed, ToRecognise, raise_failed
from curation.extract.recognise import recognise
from curation.extract.result import Extracted, from_plain
from curation.extract.texts import read_texts
from curation.faults import cannot_be_read
from schemas import MACHINE_REASONS, Reason

if TYPE_CHECKING:
    from curation.extract.latex.options import CiteStyle
    from curation.extract.ocr.engines import Engine
    from curation.extract.pdf.extract import PdfBackend
    from curation.sources.paper_content import Content

Plain: TypeAlias = Mapping[str, Any]
Ocr: TypeAlias = Literal["rapidocr", "tesseract", "none"]

MAIN = "curation.extract.one_paper:extract_main"
BESIDE = "curation.extract.one_paper:extract_beside"
PANDOC = "curation.extract.one_paper:pandoc_main"
PANDOC_REASONS = (Reason.NO_TEXT, Reason.EXTRACT_ERROR)
OCR = {MAIN: "curation.extract.one_paper:ocr_main", BESIDE: "curation.extract.one_paper:ocr_beside"}
_FINAL = RESOURCE_REASONS | MACHINE_REASONS | {Reason.WITHDRAWN_STUB}
"""Failures after which no other route is tried: a PDF beside a notice of withdrawal is withdrawn, too."""


@dataclass
class PaperReader:
    """Reads papers one at a time; `curation.extract.router.Extract` says what its fields mean."""

    pdf_backend: PdfBackend = "pymupdf"
    cite_style: CiteStyle = "authoryear"
    ocr: Ocr = "rapidocr"
    max_ocr_pages: int = 50
    max_wall_s: float = 60.0
    max_cpu_s: int = 60
    max_memory_mb: int = 2048
    max_ocr_wall_s: float = 60.0
    max_ocr_cpu_s: int = 1800

    def __post_init__(self) -> None:
        self._sandbox: Sandbox | None = None
        self._roomy_sandbox: Sandbox | None = None
        self._spent_s = 0.0
        self._pages: list[int] = []

    def child_pids(self) -> tuple[int, ...]:
        return tuple(s.pid for s in (self._sandbox, self._roomy_sandbox) if s is not None and s.pid is not None)

    def close(self) -> None:
        """End the child processes."""
        for sandbox in (self._sandbox, self._roomy_sandbox):
            if sandbox is not None:
                sandbox.close()

    def read(
        self,
        content: Content,
        beside: Callable[[], Content] | None = None,
        *,
        title: str | None = None,
        abstract: str | None = None,
        pages: Sequence[int] = (),
    ) -> Extracted:
        """The paper's text, cleaned.

        Args:
            beside: opens the PDF beside the paper, where there is one.
            title, abstract: what the row of a data file states of itself.
            pages: of a PDF, by their numbers from 0; all where none is named.

        Raises:
            PaperError: the paper gives no text.
        """
        if content.failure:
            raise content.failure
        self._spent_s = 0.0
        self._pages = list(pages)
        if content.text is not None:
            [extracted] = read_texts(
                self.tight(), [({"title": title, "abstract": abstract}, content.text)], self.max_cpu_s
            )
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
        if beside is not None:
            routes.append(("its PDF", BESIDE, lambda: sent(beside())))
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
        if isinstance(error, PagesFailed):
            raise PagesFailed(error.reason, "; ".join(said), error.pages) from error
        raise PaperError(error.reason, "; ".join(said)) from error

    def _may_ask_pandoc(self, content: Content, doubted: Extracted | None, error: PaperError) -> bool:
        is_tex = content.kind in ("tex", "tar", "zip", "folder") and error.reason in PANDOC_REASONS
        if doubted is None and not is_tex:
            return False
        from curation.extract.pandoc import pandoc_version

        return pandoc_version() != "none"

    def _read(self, function: str, content: Plain) -> Extracted:
        """The content by its own route, with OCR when it is a PDF with pages that only OCR can read."""
        if function == PANDOC:
            return self._ask(self._roomy(), function, content, self.max_memory_mb)
        options: list[Any] = [self.pdf_backend, 0 if self.ocr == "none" else self.max_ocr_pages]
        if function == MAIN:
            options.append(self.cite_style)
        try:
            only = [None, self._pages] if self._pages else []
            return self._ask(self.tight(), function, content, *options, *only)
        except ToRecognise as found:
            engine: Engine = "rapidocr" if self.ocr == "none" else self.ocr
            read = recognise(self._roomy(), OCR[function], content, found.pages, engine, self.max_ocr_cpu_s)
            return self._ask(
                self.tight(), function, content, *options, [list(page) for page in read], self._pages or None
            )

    def _ask(self, sandbox: Sandbox, function: str, *args: Any) -> Extracted:
        """Call a route, in what is left of the paper's CPU time."""
        try:
            left = max(self.max_cpu_s - self._spent_s, 1.0)
            return _checked(sandbox, sandbox.call(function, *args, max_cpu_s=left))
        finally:
            self._spent_s += sandbox.cpu_s

    def tight(self) -> Sandbox:
        """The child with all limits, which reads what is no scan."""
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
    """What a route gave, when it is an `Extracted`; a child that gives anything else reads no other paper.

    Raises:
        PaperError: the route's own failure, or CRASHED.
    """
    try:
        raise_failed(value)
        return from_plain(value)
    except (ToRecognise, PagesFailed):
        raise
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
