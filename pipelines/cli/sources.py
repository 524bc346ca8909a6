"""`astrocorpus sources`: papers where they come from, before a run reads them."""

from __future__ import annotations

import typer

from pipelines.cli.sources_bulk import fetch, plan, status, verify
from pipelines.cli.sources_fold import fold
from pipelines.cli.sources_harvest import harvest

sources = typer.Typer(help="arXiv as it ships: what to fetch, what it costs, what is there.", no_args_is_help=True)
for command in (plan, fetch, status, verify, harvest, fold):
    sources.command()(command)
