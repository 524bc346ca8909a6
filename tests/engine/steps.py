"""Small true steps for engine tests: a source of text files and what follows it."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curation.dedup.bands import SKETCHES
from curation.dedup.config import Dedup
from curation.faults import is_away
from curation.quality.signals import Signals
from curation.release.decide import Decide
from curation.release.quality import Quality
from curation.resources import Resources
from curation.sources.paper_content import Content
from curation.sources.paper_metadata import Metadata
from curation.sources.source import Row, Source
from curation.sources.unit import Entry
from curation.step import ExchangeStep, Execution, Inputs, MapStep, Requires, Step, WholeStep
from pipelines.corpus import release_of
from pipelines.engine.stage import Pipeline, Stage
from schemas import DOC_ID, DOCUMENTS, EXACT_EDGES, HITS, IDENTITY_EDGES, NEAR_EDGES, PAPERS, Table, field

PREFIX = Table(
    "prefix",
    1,
    "First letter and how often it occurs.",
    (DOC_ID, field("first", pa.string(), "Letter."), field("n", pa.int64(), "Count.")),
)


class TextFiles(Source):
    """Papers from a folder of .txt files."""

    version: ClassVar[int] = 1

    source: Annotated[str, Execution()] = "texts"
    part_bytes: Annotated[int, Execution()] = 2**20
    part_papers: Annotated[int, Execution()] = 5

    def entries(self) -> list[Entry]:
        files = Path(self.path).glob("*.txt")
        return [Entry(f.name, f.stat().st_size, str(f.stat().st_mtime_ns)) for f in files]

    def open(self, row: Row, *, beside: bool = False) -> Content:
        return Content.of(row["member"], (Path(self.path) / row["member"]).read_bytes())

    def is_away(self) -> bool:
        return is_away(Path(self.path))

    def run(self, inputs: Inputs) -> pa.Table:
        rows = []
        for entry in inputs.side["unit"].entries:
            body = self.open(vars(entry)).data
            rows.append(
                {
                    "doc_id": f"id:{Path(entry.member).stem}",
                    "source": self.source,
                    "source_id": Path(entry.member).stem,
                    "member": entry.member,
                    "content_kind": "text",
                    "content_sha256": hashlib.sha256(body).hexdigest(),
                    "status": "ok",
                }
            )
        return PAPERS.rows(sorted(rows, key=lambda r: r["doc_id"]))


class OtherTexts(TextFiles):
    """Another kind of source."""

    version: ClassVar[int] = 2


class Texts(MapStep):
    """The text of each file; a file that says FAIL fails."""

    name: ClassVar[str] = "documents"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"papers": ("doc_id", "member", "source")}
    provides: ClassVar[Table] = DOCUMENTS
    fail: Annotated[bool, Execution()] = True

    def run(self, inputs: Inputs) -> pa.Table:
        return DOCUMENTS.rows([self.row(paper, inputs) for paper in inputs["papers"].to_pylist()])

    def row(self, paper: dict, inputs: Inputs) -> dict:
        text = inputs.side["sources"][paper["source"]].open(paper).data.decode()
        ids = {"doc_id": paper["doc_id"]}
        if "FAIL" in text and self.fail:
            return {**ids, "status": "failed", "reason": "extract_error", "detail": "it says FAIL"}
        digest = hashlib.sha256(text.encode()).hexdigest()
        return {
            **ids,
            "text": text,
            "text_sha256": digest,
            "route": "text",
            "n_words": len(text.split()),
            "status": "ok",
        }

    def reopen(self, previous: pa.Table, inputs: Inputs, doc_ids: frozenset[str]) -> pa.Table:
        papers = inputs["papers"].to_pylist()
        rows = [
            self.row(paper, inputs) if old["doc_id"] in doc_ids else old
            for old, paper in zip(previous.to_pylist(), papers, strict=True)
        ]
        return DOCUMENTS.rows(rows)


class LosesOne(Texts):
    def run(self, inputs: Inputs) -> pa.Table:
        return super().run(inputs).slice(1)


class LosesLast(Texts):
    """Loses a row of the part with paper p021."""

    version: ClassVar[int] = 4
    lose: Annotated[bool, Execution()] = True

    def run(self, inputs: Inputs) -> pa.Table:
        made = super().run(inputs)
        return made.slice(1) if self.lose and "id:p021" in made["doc_id"].to_pylist() else made


class DoublesOne(Texts):
    def run(self, inputs: Inputs) -> pa.Table:
        table = super().run(inputs)
        return pa.concat_tables([table, table.slice(0, 1)])


class DiesOnce(Texts):
    """Kills its worker the first time that it sees paper p07."""

    mark: str

    def run(self, inputs: Inputs) -> pa.Table:
        if "id:p07" in inputs["papers"]["doc_id"].to_pylist() and not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run(inputs)


class Waits(Texts):
    """Waits with paper p07 until there is a file `go` in a folder, and then cannot read it."""

    wait_in: Annotated[str, Execution()]

    def run(self, inputs: Inputs) -> pa.Table:
        made = super().run(inputs).to_pylist()
        if any(row["doc_id"] == "id:p07" for row in made):
            (Path(self.wait_in) / "waiting").touch()
            while not (Path(self.wait_in) / "go").exists():
                time.sleep(0.02)
        lost = {"doc_id": "id:p07", "status": "failed", "reason": "io_error", "detail": "cut off"}
        return DOCUMENTS.rows([lost if row["doc_id"] == "id:p07" else row for row in made])


class DiesAlways(Texts):
    version: ClassVar[int] = 2

    def run(self, inputs: Inputs) -> pa.Table:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().run(inputs)


class Hangs(Texts):
    """Never ends."""

    def run(self, inputs: Inputs) -> pa.Table:
        time.sleep(3600)
        return super().run(inputs)


class NeedsMuch(Texts):
    """Has children that take more memory than any machine has."""

    def child_memory_mb(self) -> int:
        return 10**9


class NeedsCpus(Texts):
    """Takes more CPUs than the tests' cluster has."""

    def resources(self, input_bytes: int) -> Resources:
        return Resources(cpus=3)


class Greedy(Texts):
    """May take more memory than any machine has."""

    def resources(self, input_bytes: int) -> Resources:
        return Resources(memory_mb=10**9)


class Prefix(ExchangeStep):
    """Counts documents by first letter and tells every document; rows go home."""

    name: ClassVar[str] = "prefix"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = PREFIX
    partitions: int = 3

    def split(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        first = pc.fill_null(pc.utf8_slice_codeunits(documents["text"].cast(pa.string()), 0, 1), "")
        partition = pa.array([ord(f or " ") % self.partitions for f in first.to_pylist()], pa.int32())
        return documents.select(["doc_id"]).append_column("first", first).append_column("partition", partition)

    def merge(self, rows: pa.Table) -> pa.Table:
        counts = {r["values"]: r["counts"] for r in pc.value_counts(rows["first"].combine_chunks()).to_pylist()}
        return rows.append_column("n", pa.array([counts[f] for f in rows["first"].to_pylist()], pa.int64()))


class Words(WholeStep):
    """What decisions ask of sketches, enough for the tests here."""

    name: ClassVar[str] = "sketches"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = SKETCHES

    def run(self, inputs: Inputs) -> pa.Table:
        return SKETCHES.rows(
            {
                "doc_id": r["doc_id"],
                "n_all_words": len((r["text"] or "").split()),
                "salt": 0,
                "alone": False,
            }
            for r in inputs["documents"].to_pylist()
        )


class Exact(WholeStep):
    """Exact duplicates of text, enough for the tests here."""

    name: ClassVar[str] = "exact_edges"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text_sha256")}
    provides: ClassVar[Table] = EXACT_EDGES

    def run(self, inputs: Inputs) -> pa.Table:
        first: dict[str, str] = {}
        rows = [
            {
                "doc_id": first[r["text_sha256"]],
                "mate": r["doc_id"],
                "kind": "exact",
                "jaccard": 1.0,
                "containment": 1.0,
            }
            for r in inputs["documents"].to_pylist()
            if r["text_sha256"] and first.setdefault(r["text_sha256"], r["doc_id"]) != r["doc_id"]
        ]
        return EXACT_EDGES.rows(rows)


class NoIdentity(WholeStep):
    name: ClassVar[str] = "identity_edges"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"papers": ("doc_id",)}
    provides: ClassVar[Table] = IDENTITY_EDGES

    def run(self, inputs: Inputs) -> pa.Table:
        return self.provides.empty()


class NoNear(NoIdentity):
    name: ClassVar[str] = "near_edges"
    provides: ClassVar[Table] = NEAR_EDGES


class NothingWithheld(MapStep):
    """No benchmark at all: engine tests have none."""

    name: ClassVar[str] = "no_hits"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"papers": ("doc_id",)}
    provides: ClassVar[Table] = HITS

    def run(self, inputs: Inputs) -> pa.Table:
        return HITS.empty()


ANY = Quality(
    languages=("en",),
    min_language_score=2.0,
    min_words=0,
    min_stop_words=0,
    max_duplicate_line_fraction=1.0,
    max_top_ngram_fraction=1.0,
)


def text_pipeline(
    path: Path,
    *,
    documents: MapStep | None = None,
    more: tuple[Step, ...] = (),
    shard_rows: int = 8,
    part_papers: int = 5,
    **kw: object,
) -> Pipeline:
    """papers -> metadata -> documents -> `more` -> prefix (exchange) -> edges -> decisions -> release over a folder of .txt files."""
    source = TextFiles(path=str(path), part_papers=part_papers)
    steps = (
        Metadata(licences={"texts": "CC0-1.0"}),
        documents or Texts(),
        *more,
        Prefix(),
        Signals(),
        NothingWithheld(),
        Words(),
        Exact(),
        NoIdentity(),
        NoNear(),
    )
    decide = Decide(quality=ANY)
    return Pipeline(
        "texts",
        (source,),
        tuple(Stage(s) for s in (*steps, *decide.steps(Dedup(containment=False)))),
        release_of(("research", "public"), shard_rows, licences=decide.licences()),
        **kw,
    )
