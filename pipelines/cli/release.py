"""`astrocorpus release`: take the release out of a run."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.engine.account import RunTables
from pipelines.engine.store import open_store
from pipelines.release import export_release


def release(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    out: Annotated[str, typer.Option("--out", help="Folder to make; it must be empty or hold the same release.")],
    tier: Annotated[list[str] | None, typer.Option(help="Only this tier (may be given twice).")] = None,
) -> None:
    """Copy the release of a finished run to a folder of its own, every file checked against its digest.

    Examples:

      astrocorpus release runs/demo --out /data/releases/demo-2026-11

      astrocorpus release runs/demo --out /data/public --tier public
    """
    manifest = export_release(RunTables(open_store(run)), open_store(out).root, tier)
    rows = {
        t: sum(f["rows"] for f in manifest["files"] if f["tier"] == t)
        for t in sorted({f["tier"] for f in manifest["files"]})
    }
    print(f"{out}: " + ", ".join(f"{t} {n:,} documents" for t, n in rows.items()))
