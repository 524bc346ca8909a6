"""`astrocorpus release`: take the release out of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.outputs import check_folder
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.engine.terminal import show
from pipelines.release import export_release


def release(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    out: Annotated[
        str, typer.Option("--out", help="Folder to make; it must be empty or hold this release, whole or in part.")
    ],
    tier: Annotated[list[str] | None, typer.Option(help="Only this tier (may be given twice).")] = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="tokenizer.json that counts tokens; default: as the run's card has them.")
    ] = None,
) -> None:
    """Copy the release of a finished run to a folder of its own, every file checked against its digest.

    Examples:

      astrocorpus release runs/demo --out /data/releases/demo-2026-11

      astrocorpus release runs/demo --out /data/public --tier public
    """
    target = open_store(out)
    if (folder := target.place.local("")) is not None and not folder.is_file():
        check_folder("--out", folder)
    manifest = export_release(RunTables(open_store(run)), target, tier, tokenizer)
    rows: Counter[tuple[str, str]] = Counter()
    for file in manifest["files"]:
        rows[file["tier"], file["kind"]] += file["rows"]
    show(f"{out}: " + ", ".join(f"{tier} {n:,} {kind}" for (tier, kind), n in sorted(rows.items())))
