"""`astrocorpus stream`: a release as the trainer reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from curation.errors import UserError
from pipelines.cli.inputs import check_release
from pipelines.cli.outputs import check_output
from pipelines.engine.store import Store, put
from pipelines.engine.terminal import show_json

if TYPE_CHECKING:
    from curation.streaming import State
    from curation.streaming.reader import Tail

MAX_STATE_BYTES = 64 * 1024


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
    from curation.streaming import Reader

    check_release(release)
    state = _state(Path(resume)) if resume else None
    if state_out is not None:
        _check_state_out(state_out, release)
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
        _write_state(state_out, reader.state())


def _state(path: Path) -> State:
    from curation.streaming import State

    try:
        if not path.is_file():
            raise UserError(f"the state {path} cannot be read: it is no file")
        if path.stat().st_size > MAX_STATE_BYTES:
            raise UserError(f"{path} is not a reader state: it is larger than {MAX_STATE_BYTES:,} bytes")
        return State.from_dict(json.loads(path.read_text()))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"the state {path} cannot be read: {error}") from error


def _check_state_out(path: Path, release: Path) -> None:
    """Raises UserError before a sample is given, so that no stream ends without its state, and none over another file."""
    try:
        if not path.absolute().parent.is_dir():
            raise UserError(f"its folder {path.parent} is not there")
        check_output("--state-out", path, [release])
        if path.exists():
            _state(path)
    except UserError as error:
        raise UserError(f"the state cannot be written to {path}: {error}") from error


def _write_state(path: Path, state: State) -> None:
    body = f"{json.dumps(state.to_dict())}\n".encode()
    Store(path.absolute().parent).write(path.name, lambda sink: put(sink, body))
