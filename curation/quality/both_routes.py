"""Which papers can be read by LaTeX and by PDF, and a sample of them."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from curation.dedup.edges import IDENTITY, TIES
from curation.step import Inputs, Requires, WholeStep
from schemas import BOTH_ROUTES, Status, Table
from schemas import field as column

AGREEMENT = "route_agreement"
"""The block of report.json that the steps of this measure tell."""
MAX_PAPERS = 10_000
MAX_SEED = 2**32
_ARXIV = "arXiv:"

WITH_BOTH = Table(
    name="with_both_routes",
    version=1,
    doc="One row: how many papers the sample was drawn of.",
    fields=(column("n_papers", pa.int64(), "Papers whose text came from LaTeX and that have a PDF.", nullable=False),),
    working=True,
)


class AgreementConfig(BaseModel):
    """How far the PDF route agrees with the LaTeX route: papers that have both are read by both, and compared.

    Args:
        papers: as many of them, drawn by their ids; 0: none. One takes 0.1 to 1.5 CPU seconds, more where OCR reads pages.
        seed: another number draws other papers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    papers: int = Field(default=200, ge=0, le=MAX_PAPERS)
    seed: int = Field(default=0, ge=0, le=MAX_SEED)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A document that bears an id with another one."""

    doc_id: str
    version: int | None
    source: str
    member: str
    kind: str | None
    sha256: str | None


@dataclass(slots=True)
class _Work:
    """The documents of one arXiv id: those whose text came from LaTeX and have no PDF beside, and those that came from a PDF."""

    latex: list[_Copy] = field(default_factory=list)
    pdf: list[_Copy] = field(default_factory=list)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each LaTeX with the first PDF of its version."""
        for copy in self.latex:
            pdf = min((p for p in self.pdf if p.version == copy.version), key=lambda p: p.doc_id, default=None)
            if pdf is not None:
                yield {
                    "doc_id": copy.doc_id,
                    "pdf_doc_id": pdf.doc_id,
                    "pdf_source": pdf.source,
                    "pdf_member": pdf.member,
                    "pdf_kind": pdf.kind,
                    "pdf_sha256": pdf.sha256,
                }


class BothRoutes(WholeStep):
    """The papers whose text came from LaTeX and that have a PDF too, beside them or as a document of the same arXiv id and version; of
    these as many as are asked for, those with the smallest hashes of seed and doc_id.

    It holds no more than the sample, and the documents that share an arXiv id.
    """

    name: ClassVar[str] = "both_routes"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "source", "member", "pdf_member", "content_kind", "content_sha256"),
        "documents": ("doc_id", "route", "status"),
        "metadata": ("doc_id", "version"),
        "identity_edges": ("doc_id", "mate", "kind", "key"),
    }
    provides: ClassVar[Table] = BOTH_ROUTES
    beside: ClassVar[tuple[Table, ...]] = (WITH_BOTH,)
    streams: ClassVar[tuple[str, ...]] = ("papers", "documents", "metadata")

    papers: int = Field(ge=1, le=MAX_PAPERS)
    seed: int = Field(default=0, ge=0, le=MAX_SEED)

    def run(self, inputs: Inputs) -> dict[str, pa.Table]:
        count = 0
        drawn: list[tuple[int, str, dict[str, Any]]] = []
        for row in _with_both(inputs):
            count += 1
            digest = hashlib.sha256(f"{self.seed}\0{row['doc_id']}".encode()).digest()
            one = (-int.from_bytes(digest[:8], "big"), row["doc_id"], row)
            if len(drawn) < self.papers:
                heapq.heappush(drawn, one)
            else:
                heapq.heappushpop(drawn, one)
        return {
            BOTH_ROUTES.name: BOTH_ROUTES.rows(row for _, _, row in drawn),
            WITH_BOTH.name: WITH_BOTH.rows([{"n_papers": count}]),
        }

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """How many papers have both, and how many of them were drawn."""
        [count] = made[WITH_BOTH.name]["n_papers"].to_pylist()
        return {AGREEMENT: {"with_both": count, "drawn": made[BOTH_ROUTES.name].num_rows}}


def _with_both(inputs: Inputs) -> Iterator[dict[str, Any]]:
    """The rows of all papers that have both."""
    works, works_of = _works(inputs["identity_edges"])
    streams = (inputs.stream(name) for name in BothRoutes.streams)
    for papers, documents, metadata in zip(*streams, strict=True):
        rows = zip(papers.to_pylist(), documents.to_pylist(), metadata["version"].to_pylist(), strict=True)
        for paper, document, version in rows:
            route = document["route"] or "" if document["status"] == Status.OK else ""
            is_latex = route.startswith("latex")
            if is_latex and paper["pdf_member"] is not None:
                yield {key: paper[key] for key in ("doc_id", "pdf_member")} | {"pdf_source": paper["source"]}
            elif is_latex or route in ("pdf", "ocr"):
                for key in works_of.get(paper["doc_id"], ()):
                    names = ("doc_id", "source", "member", "content_kind", "content_sha256")
                    doc_id, source, member, kind, sha256 = (paper[name] for name in names)
                    copies = works[key].latex if is_latex else works[key].pdf
                    copies.append(_Copy(doc_id, version, source, member, kind, sha256))
    seen: set[str] = set()
    for key in sorted(works):
        for row in works[key].rows():
            if row["doc_id"] not in seen:
                seen.add(row["doc_id"])
                yield row


def _works(edges: pa.Table) -> tuple[dict[str, _Work], dict[str, list[str]]]:
    """The arXiv ids that several documents bear as one work, and those of each document."""
    works: dict[str, _Work] = {}
    works_of: dict[str, list[str]] = {}
    for edge in edges.to_pylist():
        if edge["kind"] == TIES[IDENTITY] and edge["key"].startswith(_ARXIV):
            works.setdefault(edge["key"], _Work())
            for doc_id in (edge["doc_id"], edge["mate"]):
                if edge["key"] not in (keys := works_of.setdefault(doc_id, [])):
                    keys.append(edge["key"])
    return works, works_of
