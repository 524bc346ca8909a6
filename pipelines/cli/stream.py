"""`astrocorpus stream`: a release as the trainer reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from curation.errors import UserError


def stream(
    release: Annotated[Path, typer.Argument(help="Release folder.", metavar="RELEASE")],
    tier: Annotated[str | None, typer.Option(help="Tier; may be left out when the release has one.")] = None,
    kind: Annotated[str, typer.Option(help="documents or pairs.")] = "documents",
    columns: Annotated[str, typer.Option(help="Columns of a sample, separated by commas.")] = "",
    rank: Annotated[int, typer.Option(min=0, help="This rank.")] = 0,
    world: Annotated[int, typer.Option(min=1, help="Number of ranks.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the order.")] = 0,
    lanes: Annotated[int, typer.Option(min=1, help="Lanes of the order, at least the number of ranks.")] = 64,
    limit: Annotated[int | None, typer.Option(min=1, help="Samples to give; default: the whole epoch.")] = None,
    resume: Annotated[str | None, typer.Option(help="State to go on from, as --state-out wrote it.")] = None,
    state_out: Annotated[Path | None, typer.Option(help="File for the state after the last sample.")] = None,
) -> None:
    """Read a release in training order, one JSON object a line; stops and resumes exactly, at any number of ranks.

    Examples:

      astrocorpus stream releases/2026-11 --tier public --limit 10

      astrocorpus stream releases/2026-11 --tier public --limit 1000 --state-out state.json

      astrocorpus stream releases/2026-11 --tier public --resume state.json
    """
    from curation.streaming import Reader, State

    state = State.from_dict(_state(Path(resume))) if resume else None
    names = columns.split(",") if columns else ["id", "text"] if kind == "documents" else ["pair_id", "messages"]
    reader = Reader(
        release, tier, kind=kind, columns=names, rank=rank, world=world, seed=seed, lanes=lanes, state=state
    )
    for given, sample in enumerate(reader, 1):
        sys.stdout.write(json.dumps(sample, ensure_ascii=False, default=str) + "\n")
        if given == limit:
            break
    if state_out is not None:
        state_out.write_text(json.dumps(reader.state().to_dict()) + "\n")


def _state(path: Path) -> dict[str, object]:
    try:
        value: dict[str, object] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UserError(f"the state {path} cannot be read: {error}") from error
    return value
