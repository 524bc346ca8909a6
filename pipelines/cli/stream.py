"""`astrocorpus stream`: a release as the trainer reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from curation.errors import UserError
from pipelines.engine.terminal import show_json

if TYPE_CHECKING:
    from curation.streaming.reader import Tail


def stream(
    release: Annotated[Path, typer.Argument(help="Release folder.", metavar="RELEASE")],
    tier: Annotated[str | None, typer.Option(help="Tier; may be left out when the release has one.")] = None,
    kind: Annotated[str, typer.Option(help="documents or pairs.")] = "documents",
    columns: Annotated[str, typer.Option(help="Columns of a sample, separated by commas.")] = "",
    rank: Annotated[int, typer.Option(min=0, help="This rank.")] = 0,
    world: Annotated[int, typer.Option(min=1, help="Number of ranks.")] = 1,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the order. Default: 0, or that of the state.")
    ] = None,
    lanes: Annotated[
        int | None,
        typer.Option(
            min=1, help="Lanes of the order, at least the number of ranks. Default: 64, or those of the state."
        ),
    ] = None,
    tail: Annotated[
        str,
        typer.Option(
            help="Samples left over by the number of ranks: short (some ranks give one less), drop, or repeat (the first again)."
        ),
    ] = "short",
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
    if state_out is not None:
        _check_writable(state_out)
    names = columns.split(",") if columns else ["id", "text"] if kind == "documents" else ["pair_id", "messages"]
    reader = Reader(
        release,
        tier,
        kind=kind,
        columns=names,
        rank=rank,
        world=world,
        seed=seed,
        lanes=lanes,
        tail=cast("Tail", tail),
        state=state,
    )
    for given, sample in enumerate(reader, 1):
        show_json(sample)
        if given == limit:
            break
    if state_out is not None:
        _write(state_out, json.dumps(reader.state().to_dict()) + "\n")


def _state(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UserError(f"the state {path} cannot be read: {error}") from error


def _check_writable(path: Path) -> None:
    """Raises UserError before a sample is given, so that no stream ends without its state."""
    _write(path.with_name(f".{path.name}.tmp"), "")
    path.with_name(f".{path.name}.tmp").unlink()
    if path.is_dir():
        raise UserError(f"the state cannot be written to {path}: it is a folder")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise UserError(f"the state cannot be written to {path}: {error.strerror}") from error
