"""What a run that makes pairs would ask of models, and about what that costs: nothing is sent, and nothing written to the run folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.sft.chunks import Chunks
from curation.sft.engines.configs import Endpoint, Gguf
from curation.sft.forecast import Outlook, outlooks, usual_lengths
from curation.sft.pair_self_test import PairSelfTest
from curation.sft.stages.asking import AskStep
from curation.step import Inputs
from pipelines.engine.inline import InlineExecutor
from pipelines.engine.parts import StageReport
from pipelines.engine.progress import Reporter
from pipelines.engine.run_tables import RunTables
from pipelines.engine.runner import Runner
from pipelines.engine.stage import Pipeline
from pipelines.engine.store import Store, open_store
from pipelines.engine.units import Selection

PAPERS_READ = 20
"""Papers that are read where a run folder has no texts yet: as many as take seconds, or some minutes where they are scans."""
PAPERS_LOOKED_AT = 500
"""Papers whose texts are cut into passages where a run folder has them."""


@dataclass(frozen=True)
class Cost:
    """What a stage will ask at most, and what that costs in USD by the prices of its engine: about, and at most; None without prices."""

    outlook: Outlook
    usd: float | None
    most_usd: float | None


@dataclass(frozen=True)
class Forecast:
    """What is ahead.

    Args:
        papers: those of parts of which something is to be asked.
        perhaps: papers of parts that are asked about again where what they are made of comes out otherwise.
        looked_at: papers that it is told by.
        documents: of these, those that some tier releases and that have a passage.
        chunks: passages of these.
        costs: a stage each.
        warnings: budgets that do not suffice.
    """

    papers: int
    perhaps: int
    looked_at: int
    documents: int
    chunks: int
    costs: tuple[Cost, ...]
    warnings: tuple[str, ...]


def forecast(
    pipeline: Pipeline, folder: str | os.PathLike[str], selection: Selection, reports: Sequence[StageReport]
) -> Forecast | None:
    """What a run of a pipeline would ask; None where no model makes its pairs.

    Args:
        folder: the run folder. Where it has texts, passages are cut of them; else of some papers that are read for this.
        selection: papers of the run.
        reports: of a dry run of it.

    Raises:
        UserError, RunError: as of a run.
    """
    steps = [stage.step for stage in pipeline.stages if isinstance(stage.step, AskStep)]
    chunks = next((stage.step for stage in pipeline.stages if isinstance(stage.step, Chunks)), None)
    if chunks is None or not steps:
        return None
    store = open_store(folder)
    usual = usual_lengths((store.read_json("report.json") or {}).get("stages", ()))
    ahead = {report.stage: report.missing for report in reports}
    parts = sorted({part for step in steps for part in ahead[step.name]})
    with _tables(pipeline, store, selection, sum(report.rows for report in reports[:1])) as (tables, read):
        passages, titles, looked_at = _passages(tables, chunks, parts if not read else [])
    papers = max(sum(ahead[step.name].values()) for step in steps)
    perhaps = max(sum(report.perhaps.values()) for report in reports if report.stage in {step.name for step in steps})
    found = outlooks(steps, passages, titles, usual)
    costs = []
    for step, outlook in zip(steps, found, strict=True):
        scaled = outlook.times(sum(ahead[step.name].values()) / looked_at if looked_at else 0)
        about, most = (step.engine.usd(scaled.prompt_tokens, tokens) for tokens in (scaled.about, scaled.at_most))
        costs.append(Cost(scaled, about, most))
    kept = [row for row in passages if row["reason"] is None]
    documents = len({row["doc_id"] for row in kept})
    return Forecast(papers, perhaps, looked_at, documents, len(kept), tuple(costs), tuple(_too_little(steps, costs)))


@contextmanager
def _tables(pipeline: Pipeline, store: Store, selection: Selection, papers: int) -> Iterator[tuple[RunTables, bool]]:
    """The tables of the run folder, or those of some papers that are read in a folder for temporary files, and whether they are."""
    wanted = {"documents", "decisions", "metadata"}
    if store.exists("run.json") and all((there := RunTables(store)).has(table) for table in wanted):
        yield there, False
        return
    if papers > PAPERS_READ:
        few = min(selection.limit, PAPERS_READ) if selection.limit is not None else None
        selection = Selection(few) if few is not None else Selection(sample=PAPERS_READ / papers)
    steps = [stage.step for stage in pipeline.stages]
    first = next(n for n, step in enumerate(steps) if isinstance(step, Chunks))
    stages = tuple(stage for stage in pipeline.stages[:first] if not isinstance(stage.step, PairSelfTest))
    with tempfile.TemporaryDirectory(prefix="astrocorpus-forecast-") as folder, Reporter(quiet=True) as reporter:
        own, executor = open_store(folder), InlineExecutor()
        try:
            with own.lock():
                Runner(replace(pipeline, stages=stages, release=None), own, executor, reporter, selection).run()
        finally:
            executor.close()
        yield RunTables(own), True


def _passages(
    tables: RunTables, chunks: Chunks, wanted: Sequence[int]
) -> tuple[list[dict[str, Any]], dict[str, str | None], int]:
    """Rows of `chunks` of some papers, their titles, and how many papers that are.

    Args:
        wanted: parts that come first.
    """
    rows: list[dict[str, Any]] = []
    titles: dict[str, str | None] = {}
    looked_at = 0
    for part in sorted({file.part for file in tables.files("documents")}, key=lambda part: (part not in wanted, part)):
        if (wanted and part not in wanted and looked_at) or looked_at >= PAPERS_LOOKED_AT:
            break
        given = {name: _read(tables, name, part, columns) for name, columns in chunks.reads().items()}
        given["documents"] = given["documents"].slice(0, PAPERS_LOOKED_AT - looked_at)
        looked_at += given["documents"].num_rows
        rows += chunks.run(Inputs(given)).to_pylist()
        of_papers = _read(tables, "metadata", part, ("doc_id", "title"))
        mine = of_papers.filter(pc.is_in(of_papers["doc_id"], given["documents"]["doc_id"].combine_chunks()))
        titles |= dict(zip(*(mine[name].to_pylist() for name in ("doc_id", "title")), strict=True))
    return rows, titles, looked_at


def _read(tables: RunTables, name: str, part: int, columns: Sequence[str]) -> pa.Table:
    return pa.concat_tables(tables.store.read_table(file, list(columns)) for file in tables.of_part(name, part))


def _too_little(steps: Sequence[AskStep], costs: Sequence[Cost]) -> Iterator[str]:
    """Budgets below what their engine will take, about."""
    of_engine: dict[str, tuple[Endpoint | Gguf, list[Cost]]] = {}
    for step, cost in zip(steps, costs, strict=True):
        if isinstance(step.engine, Endpoint | Gguf):
            of_engine.setdefault(step.engine.digest(), (step.engine, []))[1].append(cost)
    for engine, some in of_engine.values():
        tokens = sum(cost.outlook.prompt_tokens + cost.outlook.about for cost in some)
        usd = sum(cost.usd or 0.0 for cost in some)
        if engine.max_usd is not None and usd > engine.max_usd:
            yield f"max_usd of {engine.model} is {engine.max_usd:g}, and about {usd:,.2f} may be asked for: the run stops there"
        if engine.max_tokens is not None and tokens > engine.max_tokens:
            yield f"max_tokens of {engine.model} is {engine.max_tokens:,}, and about {tokens:,} may be asked for: the run stops there"
