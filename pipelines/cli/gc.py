"""`astrocorpus gc`: free the space of what no current fingerprint names."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.engine.gc import collect
from pipelines.engine.store import open_store
from pipelines.engine.terminal import show


def gc(
    run: Annotated[str, typer.Argument(help="Run folder.", metavar="RUN")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it only show what would go.")] = False,
) -> None:
    """Delete stage folders of old fingerprints (old releases with their cards), retired and superseded parts.

    Nothing else ever deletes. Folders that `run.json` names keep the rest of what lies in them.

    Examples:

      astrocorpus gc runs/demo

      astrocorpus gc runs/demo --yes
    """
    found = collect(open_store(run), delete=yes)
    sizes: dict[str, list[int]] = {}
    for path, size in found:
        sizes.setdefault(path.partition("/")[0], []).append(size)
    for folder, there in sorted(sizes.items()):
        what = f"{len(there):,} files of {folder} ({sum(there):,} bytes)"
        show(f"{'deleted' if yes else 'would delete'} {what}")
    show(f"{sum(size for _, size in found):,} bytes {'freed' if yes else 'can be freed with --yes'}")
