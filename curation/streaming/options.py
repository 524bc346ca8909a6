"""The options that a reader and a mixture have in common, and the columns of a sample, checked before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, cast, get_args

from curation.errors import UserError
from curation.streaming.epochs import EpochEnd, Skip
from curation.streaming.memory import MAX_BYTES
from curation.streaming.numbers import whole
from curation.streaming.state import MAX_SEED, State

COLUMNS = {"documents": ("id", "text"), "pairs": ("pair_id", "messages")}
"""The columns of a sample by kind, where none are named."""
Verify = Literal["size", "sha256"]
_Number = Literal["dp_rank", "dp_size", "seed", "lanes", "prefetch", "max_bytes"]
_NUMBERS: tuple[_Number, ...] = get_args(_Number)


class Options(TypedDict, total=False):
    """How a stream is read; DEFAULTS where not given.

    Keys:
        dp_rank, dp_size: this data-parallel rank and their number. Ranks that work on one sample together (tensor or
            pipeline parallel) share a dp_rank.
        seed: of the permutations, 0 by default; with `state`, that of the state.
        lanes: lanes of the order, by default the largest power of two up to 64 of which one process could read all within
            `max_bytes` with so many `prefetch` threads, for a reader at least `dp_size`, for a mixture no more than a source has
            rows; with `state`, those of the state. Give lanes where an order is to be the same under other limits.
        shuffle: False leaves row groups and rows in file order (odd lanes are read backward), True by default; with
            `state`, as the state says.
        epoch_end: what happens to samples that are left when they are fewer than the ranks: `wrap` goes on into the next epoch, `drop`
            leaves them out, `pad` gives first samples of the epoch once more (curation.streaming.epochs).
        state: where to go on.
        skip: (epoch, start, stop) each: samples of the global order that no rank gets, say where a loss went up.
        verify: `size` compares each file's size and row groups with the manifest when it is opened, `sha256` also its digest.
        prefetch: threads that decode row groups ahead; 0 decodes when needed (tests/benchmarks/streaming.py compares them).
        max_bytes: memory for row groups, those being decoded, rows on their way, and what the allocator keeps of them. The
            process itself is not in it, nor what allocators and decompression take at any limit (under 100 MiB).
    """

    dp_rank: int
    dp_size: int
    seed: int | None
    lanes: int | None
    shuffle: bool | None
    epoch_end: EpochEnd
    state: State | None
    skip: Skip
    verify: Verify
    prefetch: int
    max_bytes: int


DEFAULTS = Options(
    dp_rank=0,
    dp_size=1,
    seed=None,
    lanes=None,
    shuffle=None,
    epoch_end="wrap",
    state=None,
    skip=(),
    verify="size",
    prefetch=2,
    max_bytes=MAX_BYTES,
)


def settled(given: Options) -> Options:
    """What is given, and DEFAULTS for the rest.

    Raises:
        UserError: an option is none, is no whole number where one is meant, or cannot be meant.
    """
    if unknown := sorted(set(given) - set(DEFAULTS)):
        raise UserError(f"unknown option {', '.join(unknown)}; there are {', '.join(DEFAULTS)}")
    options = _plain({**DEFAULTS, **given})
    rank, size, seed, lanes = options["dp_rank"], options["dp_size"], options["seed"], options["lanes"]
    if not 0 <= rank < size:
        raise UserError(f"dp_rank {rank} of {size}: ranks count from 0 to dp_size - 1")
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise UserError(f"seed {seed}: 0 to {MAX_SEED}")
    if lanes is not None and lanes < 1:
        raise UserError(f"lanes {lanes}: 1 at least")
    _one_of("verify", options["verify"], get_args(Verify))
    _one_of("epoch_end", options["epoch_end"], get_args(EpochEnd))
    if options["prefetch"] < 0 or options["max_bytes"] < 1:
        raise UserError(
            f"prefetch {options['prefetch']}, max_bytes {options['max_bytes']}: not below 0, and 1 byte at least"
        )
    return options


def _plain(given: Options) -> Options:
    """With Python's own numbers, which a state and its JSON need."""
    options: dict[str, Any] = dict(given)
    for name in _NUMBERS:
        if options[name] is not None or DEFAULTS[name] is not None:
            options[name] = whole(name, options[name])
    if options["shuffle"] is not None:
        options["shuffle"] = bool(options["shuffle"])
    return cast(Options, options)


def _one_of(name: str, value: object, words: Sequence[Any]) -> None:
    if value not in words:
        raise UserError(f"{name} {value!r}: one of {', '.join(words)}")


def checked_columns(columns: Sequence[str] | None, kind: str) -> tuple[str, ...]:
    """The columns that are asked for, by default COLUMNS of the kind.

    Raises:
        UserError: there are none, or one stands twice.
    """
    if columns is None:
        columns = COLUMNS.get(kind, ())
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    if not names:
        raise UserError(f'no columns are asked for: name at least one, as columns=["text"] (kind {kind})')
    if doubled := {c for c in names if names.count(c) > 1}:
        raise UserError(f"column {', '.join(sorted(doubled))} is asked for twice; name it once")
    return names
