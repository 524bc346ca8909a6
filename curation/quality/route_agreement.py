"""Reads the papers of a sample by LaTeX and by PDF, and tells how far the two texts agree."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import pyarrow as pa

from curation.confine.quiet import alone
from curation.errors import PaperError, RunError
from curation.extract.document_rows import Row
from curation.extract.result import Extracted
from curation.extract.router import Extract, with_where
from curation.quality.agreement import agreement
from curation.quality.both_routes import AGREEMENT
from curation.sources.source import Source
from curation.step import Inputs, MapStep, Requires
from curation.text.clean import clean_text
from schemas import BOTH_ROUTES, MACHINE_REASONS, ROUTE_AGREEMENT, Reason, Table

MEASURES = {"words": "words", "ngrams": "word 4-grams", "numbers": "numbers"}
"""Columns of the table -> what they count, in words."""
COMPARED = "compared"
MAX_CHARS = 4_000_000
"""Of a longer text the n-grams alone would take 1 GB; theses have a third of that."""
NAMED = 20
"""Numbers that a row names as lost or added."""
WORST = 5
"""Papers that a report names of each measure."""
_COUNTS = tuple(f"{side}_{what}" for what in MEASURES for side in ("latex", "pdf", "shared"))


class RouteAgreement(MapStep):
    """The papers of the sample, each read by LaTeX alone and by its PDF alone, in the child and the limits in which the run reads
    papers, and compared.

    The LaTeX is read again, since a part that has one paper of the sample need not read the texts of all its documents for that.
    """

    name: ClassVar[str] = "route_agreement"
    version: ClassVar[int] = 5
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source", "member", "pdf_member", "content_kind", "content_sha256", "title", "abstract"),
        "both_routes": BOTH_ROUTES.columns,
    }
    provides: ClassVar[Table] = ROUTE_AGREEMENT
    rows = "many"

    extract: Extract

    def backends(self) -> dict[str, str]:
        return self.extract.backends()

    def run(self, inputs: Inputs) -> pa.Table:
        drawn = {row["doc_id"]: row for row in inputs["both_routes"].to_pylist()}
        if not drawn:
            return ROUTE_AGREEMENT.empty()
        papers = inputs["papers"].select(list(self.requires["papers"])).to_pylist()
        mine = with_where([paper for paper in papers if paper["doc_id"] in drawn], inputs.side.get("unit"))
        sources: Mapping[str, Source] = inputs.side["sources"]
        return ROUTE_AGREEMENT.rows(self._row(paper, drawn[paper["doc_id"]], sources) for paper in mine)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """The counts of each paper that was compared, and why others were not."""
        rows = made[ROUTE_AGREEMENT.name].to_pylist()
        compared = {r["doc_id"]: [r[name] for name in _COUNTS] for r in rows if r["outcome"] == COMPARED}
        others = Counter(f"{r['outcome']}: {r['why'].partition(':')[0]}" for r in rows if r["outcome"] != COMPARED)
        return {"papers": compared, "not_compared": dict(sorted(others.items()))}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """For report.json: of each measure the mean over papers, the 10th percentile and the worst papers."""
        total = super().fold(summaries)
        papers: Mapping[str, list[int]] = total.get("papers", {})
        shares = [_measure(*way, papers) for way in _both_ways()]
        told = {
            "compared": len(papers),
            "not_compared": total.get("not_compared", {}),
            "measures": shares if papers else [],
        }
        return {AGREEMENT: told}

    def child_pids(self) -> tuple[int, ...]:
        return self.extract.child_pids()

    def child_memory_mb(self) -> int:
        return self.extract.child_memory_mb()

    def close(self) -> None:
        """End the child processes."""
        self.extract.close()

    def _row(self, paper: Row, pdf: Row, sources: Mapping[str, Source]) -> dict[str, Any]:
        row: dict[str, Any] = {
            "doc_id": paper["doc_id"],
            "row_id": pdf["pdf_doc_id"] or "beside",
            **{name: pdf[name] for name in ("pdf_source", "pdf_member")},
        }
        alone_tex = {**paper, "pdf_member": None}  # its PDF would be read where the LaTeX gives nothing
        source, other = sources[paper["source"]], sources[pdf["pdf_source"]]
        try:
            latex = self._read(source, lambda: self.extract.extract(source, alone_tex), "latex")
        except PaperError as error:
            return {**row, "outcome": "no_latex", "why": _why(error)}
        try:
            made = self._read(other, lambda: self._pdf(other, paper, pdf), "pdf", "ocr")
        except PaperError as error:
            return {**row, "outcome": "no_pdf", "why": _why(error)}
        found = agreement(latex.text, made.text)
        counts = {f"{side}_{what}": n for what in MEASURES for side, n in getattr(found, what)._asdict().items()}
        lists = {"lost_numbers": _named(found.lost), "added_numbers": _named(found.added)}
        return {**row, "outcome": COMPARED, **counts, **lists, "pdf_pages": made.n_pages}

    def _pdf(self, source: Source, paper: Row, pdf: Row) -> Extracted:
        if pdf["pdf_doc_id"] is None:
            return self.extract.extract_beside(source, paper)
        names = {"member": "pdf_member", "content_kind": "pdf_kind", "content_sha256": "pdf_sha256"}
        return self.extract.extract(source, {"pdf_member": None, **{name: pdf[of] for name, of in names.items()}})

    def _read(self, source: Source, read: Callable[[], Extracted], *routes: str) -> Extracted:
        """What a route gives; once more with nothing beside it where the machine failed.

        Raises:
            PaperError: no text, or by another route.
            RunError: the source is gone.
        """
        try:
            made = read()
        except PaperError as error:
            if error.reason not in MACHINE_REASONS:
                raise
            with alone(self.extract.max_wall_s):
                made = _again(source, read)
        if not made.route.startswith(routes):
            raise PaperError(Reason.NO_TEXT, f"its text came by the route {made.route}")
        if len(made.text) > MAX_CHARS:
            raise PaperError(
                Reason.TOO_LARGE,
                f"its text has {len(made.text):,} characters, more than {MAX_CHARS:,} are not compared",
            )
        return made


def _again(source: Source, read: Callable[[], Extracted]) -> Extracted:
    try:
        return read()
    except PaperError as error:
        if error.reason == Reason.IO_ERROR and source.is_away():
            raise RunError(
                f"source {source.source!r}, {source.path}, is gone or empty; run again when it is back"
            ) from error
        raise


def _why(error: PaperError) -> str:
    return f"{error.reason.value}: {clean_text(error.detail)}"


def _named(numbers: Counter[str]) -> list[str]:
    """The most frequent ones, with how often where that is more than once."""
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [number if n == 1 else f"{number} ({n} times)" for number, n in ordered[:NAMED]]


def _both_ways() -> list[tuple[str, int, int]]:
    """Each measure in words, with the places of its whole and of what is shared among the counts of a paper."""
    ways = (("latex", "of the LaTeX in the PDF"), ("pdf", "of the PDF in the LaTeX"))
    return [
        (f"{what} {way}", _COUNTS.index(f"{side}_{name}"), _COUNTS.index(f"shared_{name}"))
        for name, what in MEASURES.items()
        for side, way in ways
    ]


def _measure(what: str, whole: int, shared: int, papers: Mapping[str, list[int]]) -> dict[str, Any]:
    """The distribution of one share over the papers; a paper that has none of the counted is left out."""
    shares = sorted((round(n[shared] / n[whole], 4), doc_id) for doc_id, n in papers.items() if n[whole])
    return {
        "what": what,
        "papers": len(shares),
        "mean": round(math.fsum(share for share, _ in shares) / len(shares), 4) if shares else None,
        "p10": shares[math.ceil(len(shares) / 10) - 1][0] if shares else None,
        "worst": [{"id": doc_id, "share": share} for share, doc_id in shares[:WORST]],
    }
