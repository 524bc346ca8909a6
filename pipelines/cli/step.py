"""`astrocorpus step`: one step on one paper of a run, to look at what it does."""

from __future__ import annotations

import traceback
from typing import Annotated, Any

import pyarrow as pa
import typer
from rich.text import Text

from curation.errors import AstrocorpusError
from pipelines.cli.trace import show_rows
from pipelines.engine.ledger import find
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.engine.terminal import plain_console, show, show_json
from pipelines.one_paper import inputs_of_paper, run_on_paper, steps_of


def step(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    stage: Annotated[str, typer.Argument(help="Stage, as the run names it (documents, signals ...).", metavar="STAGE")],
    id: Annotated[str, typer.Argument(help="Paper, as of `trace`.", metavar="ID")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, values whole.")] = False,
) -> int:
    """Run one step of a finished run on one paper again, as it is now; show what it was given and what it makes of it.
    Nothing is written. A step that goes wrong ends with its trace.

    Examples:

      astrocorpus step runs/demo documents 2301.00001

      astrocorpus step runs/demo signals 2301.00001 --json
    """
    tables = RunTables(open_store(run))
    console = plain_console(soft_wrap=True)
    code = 0
    for part, paper in find(tables, id):
        if not as_json:
            console.print(Text(f"\n{paper['doc_id']}", style="bold"))
        for chosen in steps_of(tables, stage):
            inputs = inputs_of_paper(tables, stage, chosen, part, paper["doc_id"])
            told = [(f"given {name}", table) for name, table in inputs.items()]
            try:
                told += run_on_paper(chosen, inputs).items()
            except AstrocorpusError:
                raise
            except Exception:  # the step's own fault: its trace is what was asked for
                show(traceback.format_exc(), error=True)
                code = 1
            finally:
                chosen.close()
            rows = [(name, row) for name, table in told for row in _plain(table)]
            if as_json:
                for name, row in rows:
                    show_json({"table": name, **row})
            else:
                show_rows(console, rows)
                for name in (name for name, table in told if not table.num_rows):
                    console.print(Text(f"  {name}: no row"), style="dim")
    return code


def _plain(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
