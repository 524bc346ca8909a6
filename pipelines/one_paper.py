"""One step on one paper of a run, in this process: what it is given and what it makes, nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from curation.artefact import artefacts_of
from curation.errors import UserError
from curation.sources.source import Source
from curation.step import ExchangeStep, Inputs, MapStep, Step
from pipelines.engine.exchange_task import SplitTask
from pipelines.engine.made import MadeTable
from pipelines.engine.map_task import MapTask
from pipelines.engine.plan import PAPERS, Planner
from pipelines.engine.run_tables import RunTables
from pipelines.engine.stage import Layout
from pipelines.engine.task import Task
from pipelines.engine.whole_task import CutTask
from pipelines.named_steps import import_step


def steps_of(tables: RunTables, stage: str) -> list[Step]:
    """The steps of a stage, as the last run had them.

    Raises:
        UserError: there is no such stage, a step's class is not what it was, or an artefact is another one.
    """
    if stage not in tables.stages:
        raise UserError(f"{tables.store.uri} has no finished stage {stage!r} (it has: {', '.join(tables.stages)})")
    made = []
    for told in tables.stages[stage]["steps"]:
        try:
            made.append(import_step(told["class"]).model_validate(told["config"]))
        except ValidationError as error:
            raise UserError(f"stage {stage}: {told['class']} no longer takes the config of the run: {error}") from error
    before = set(artefacts_of(tables.stages[stage]["identity"].get("config", {})))
    now = {pair for step in made for pair in artefacts_of(step.identity()["config"])}
    if before and (changed := sorted(now - before)):
        raise UserError(f"stage {stage}: its artefact {changed[0][0]} is no longer the one of the run; run again")
    return made


def inputs_of_paper(tables: RunTables, stage: str, step: Step, part: int, doc_id: str) -> Inputs:
    """What a step of a stage is given of one paper.

    Raises:
        UserError: the step reads all papers at once, or is a source's.
    """
    if not isinstance(step, MapStep | ExchangeStep) or not step.reads():
        what = "reads a source" if not step.reads() else "reads all papers at once"
        raise UserError(f"stage {stage} {what}, so it cannot be run on one paper; `trace` tells what it made of it")
    plan = _planner(tables)
    if not plan.aligned(step):
        raise UserError(f"stage {stage} reads no table of papers, so it cannot be run on one paper")
    if step.where == "driver":
        raise UserError(
            f"stage {stage} asks an engine, which only a run opens; `trace` tells what it made of the paper"
        )
    kind = MapTask if isinstance(step, MapStep) else SplitTask
    folder = str(tables.stages[stage]["folder"])
    task = next(t for t in plan.per_part(kind, step, folder, {}) if t.part == part)
    cut = {name: _cut(task, part, doc_id) for name, task in plan.cuts(step, folder).items()}
    whole = {name: task.read(files, step.reads()[name]) for name, files in task.whole.items() if name not in cut}
    mine = {name: _rows(task, name, files, doc_id) for name, files in task.inputs.items()}
    own = replace(task, inputs={}, whole={}).step_inputs()
    return Inputs({**mine, **cut, **whole}, own.side)


def run_on_paper(step: Step, inputs: Inputs) -> Mapping[str, pa.Table]:
    """What a step makes of one paper: its tables by name; of an exchange what it sends."""
    if isinstance(step, MapStep):
        return step.by_name(step.run(inputs), f"step {step.name}")
    if isinstance(step, ExchangeStep):
        return {f"split-{step.provides.name}": step.split(inputs)}
    raise UserError(f"step {step.name} cannot be run on one paper")


def _planner(tables: RunTables) -> Planner:
    plan = Planner(tables.store.uri)
    for stage in (stage for name, stage in tables.stages.items() if name != "release"):
        for table in stage["tables"]:
            name, layout = table["name"], Layout(stage["layout"])
            plan.made[name] = MadeTable(layout, table["many"], {"all": tables.files(name)})
    for source in steps_of(tables, PAPERS):
        if isinstance(source, Source):
            plan.sources[source.source] = source
    plan.units = {receipt.part: receipt.unit for receipt in tables.manifest(PAPERS).parts}
    return plan


def _cut(task: CutTask, part: int, doc_id: str) -> pa.Table:
    """The rows of a table that name the paper: the others of its part are not looked at."""
    files = tuple(file for file, of in zip(task.inputs["by"], task.parts, strict=True) if of == part)
    cut = replace(task, inputs={**task.inputs, "by": files}, parts=(part,) * len(files)).find(doc_id)
    return cut.rows.take(pa.array(cut.at))


def _rows(task: Task, name: str, files: tuple[str, ...], doc_id: str) -> pa.Table:
    columns = task.step.reads()[name]
    wanted = list(dict.fromkeys(("doc_id", *(() if name in task.one else ("row_id",)), *columns)))
    rows = task.read(files, wanted)
    rows = rows.filter(pc.equal(rows["doc_id"], doc_id))
    return (rows if name in task.one else rows.sort_by("row_id")).select(list(columns))
