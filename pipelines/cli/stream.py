"""`astrocorpus stream`: a release as the trainer reads it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from curation.errors import UserError
from curation.place import is_address, open_place
from pipelines.cli.inputs import check_release
from pipelines.cli.outputs import check_output
from pipelines.engine.store import Store, put
from pipelines.engine.terminal import drop_output, show_json

if TYPE_CHECKING:
    from curation.streaming import Reader, State
    from curation.streaming.epochs import EpochEnd

MAX_STATE_BYTES = 64 * 1024


def stream(
    release: Annotated[str, typer.Argument(help="Release folder, or s3://bucket/prefix.", metavar="RELEASE")],
    samples: Annotated[
        str | None, typer.Argument(help="With --explain: numbers of samples in the epoch.", metavar="N[..N]")
    ] = None,
    tier: Annotated[str | None, typer.Option(help="Tier; may be left out when the release has one.")] = None,
    kind: Annotated[str, typer.Option(help="documents or pairs.")] = "documents",
    columns: Annotated[str, typer.Option(help="Columns of a sample, separated by commas.")] = "",
    dp_rank: Annotated[int, typer.Option(min=0, help="This data-parallel rank.")] = 0,
    dp_size: Annotated[int, typer.Option(min=1, help="Number of data-parallel ranks.")] = 1,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the order. Default: 0, or that of the state.")
    ] = None,
    lanes: Annotated[
        int | None,
        typer.Option(
            min=1, help="Lanes of the order. Default: the most up to 64 that fit into memory, or those of the state."
        ),
    ] = None,
    epoch_end: Annotated[
        str,
        typer.Option(
            help="Samples left over by the number of ranks: wrap (into the next epoch), drop, or pad (first ones again)."
        ),
    ] = "wrap",
    skip: Annotated[
        list[str] | None, typer.Option(help="Samples that no rank gets, as EPOCH:FIRST..LAST; may be given again.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Samples to give; default: the whole epoch.")] = None,
    resume: Annotated[str | None, typer.Option(help="State to go on from, as --state-out wrote it.")] = None,
    state_out: Annotated[Path | None, typer.Option(help="File for the state after the last sample.")] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Instead of samples, where some of them, or those of --paper, come from."),
    ] = False,
    paper: Annotated[
        str | None,
        typer.Option(help="With or without --explain: where a paper stands in the epoch; doc_id or any of its ids."),
    ] = None,
) -> None:
    """Read a release in training order, one JSON object a line; stops and resumes exactly, at any number of ranks.

    Examples:

      astrocorpus stream releases/2026-11 --tier public --limit 10

      astrocorpus stream releases/2026-11 --tier public --limit 1000 --state-out state.json

      astrocorpus stream releases/2026-11 --tier public --resume state.json

      astrocorpus stream releases/2026-11 --tier public --explain 1000..1010

      astrocorpus stream releases/2026-11 --tier public --explain --paper 2301.00001
    """
    from curation.streaming import Reader

    check_release(open_place(release))
    if samples is not None and not explain:
        raise UserError(f"{samples}: numbers of samples stand behind --explain")
    if explain and samples is None and paper is None:
        raise UserError("--explain what? Give the number of a sample, the first and the last as 10..20, or --paper ID")
    state = _state(Path(resume)) if resume else None
    if state_out is not None:
        _check_state_out(state_out, [] if is_address(release) else [Path(release)])
    reader = Reader(
        release,
        tier,
        kind=kind,
        columns=columns.split(",") if columns else None,
        dp_rank=dp_rank,
        dp_size=dp_size,
        seed=seed,
        lanes=lanes,
        epoch_end=cast("EpochEnd", epoch_end),
        skip=[_skipped(words) for words in skip or ()],
        state=state,
    )
    if explain or paper is not None:
        _explain(reader, samples, paper)
        return
    try:
        for sample in islice(reader, limit):
            show_json(sample)
        sys.stdout.flush()
    except BrokenPipeError as error:
        if state_out is None:
            raise
        drop_output()
        raise UserError(
            f"who reads the samples was gone before the last: no state is written to {state_out}; --limit N gives so many"
        ) from error
    if state_out is not None:
        _write_state(state_out, reader.state())


def _explain(reader: Reader, samples: str | None, paper: str | None) -> None:
    if samples is not None:
        for origin in reader.explain(*_numbers(samples, "--explain")):
            show_json(origin.to_dict())
    if paper is not None:
        origins = list(reader.explain_paper(paper))
        if not origins:
            raise UserError(f"no row of {paper} is in this tier: `astrocorpus trace RUN {paper}` says why")
        for origin in origins:
            show_json(origin.to_dict())


def _numbers(words: str, option: str) -> tuple[int, int]:
    """First number and the one after the last, of N or N..N."""
    found = re.fullmatch(r"([0-9]{1,18})(?:\.\.([0-9]{1,18}))?", words)
    if not found:
        raise UserError(f"{option} {words}: a number, or the first and the last as 10..20")
    return int(found[1]), int(found[2] or found[1]) + 1


def _skipped(words: str) -> tuple[int, int, int]:
    epoch, _, samples = words.partition(":")
    if not re.fullmatch(r"[0-9]{1,18}", epoch):
        raise UserError(f"--skip {words}: the epoch, and the first and last sample, as 0:1000..1999")
    return (int(epoch), *_numbers(samples, "--skip"))


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


def _check_state_out(path: Path, inputs: Sequence[Path]) -> None:
    """Raises UserError before a sample is given, so that no stream ends without its state, and none over another file."""
    try:
        if not path.absolute().parent.is_dir():
            raise UserError(f"its folder {path.parent} is not there")
        check_output("--state-out", path, inputs)
        if path.exists():
            _state(path)
    except UserError as error:
        raise UserError(f"the state cannot be written to {path}: {error}") from error


def _write_state(path: Path, state: State) -> None:
    body = f"{json.dumps(state.to_dict())}\n".encode()
    Store(path.absolute().parent).write(path.name, lambda sink: put(sink, body))
