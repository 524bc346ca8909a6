"""The reader as a torch IterableDataset. Importing this module imports torch; nothing else here does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from curation.errors import UserError
from curation.streaming.decoded import Sample
from curation.streaming.mixture import Mixture
from curation.streaming.plan import MixtureSource, Segment
from curation.streaming.ranks import detected_rank
from curation.streaming.reader import Reader
from curation.streaming.state import State
from curation.streaming.stream import Stream

MAX_WORKERS = 512
_PLACE = ("epoch", "consumed", "seed", "lanes", "shuffle")
_TARGET, _BEGUN = len(_PLACE), len(_PLACE) + 1
"""Places in the shared numbers: where the run began or went on, the epoch that set_epoch asks for (-1: none), then, for each
worker, how many iterations it has begun since."""


class StreamDataset(IterableDataset):  # type: ignore[misc,type-arg,unused-ignore]
    """One rank's samples of an epoch; each DataLoader worker reads lanes of its own.

    Each iteration is an epoch: the first goes on where `state` stands, every further one is the next epoch, in the main process, in
    fresh and in persistent workers, started by fork or spawn. Iterating it elsewhere, as a peek in the main process, counts as an
    epoch, too, for some workers or ranks and not for others, which loses and repeats rows: call `set_epoch` before each iteration.

    All ranks get equally many samples, so equally many batches with equal batch size and workers. `len` is one rank's samples. Each
    worker may end on a part of a batch, so a loader makes up to one batch a worker more than its len says: iterate it to its end.
    `drop_last=True` loses those parts, up to batch_size - 1 samples a worker each epoch.

    accelerate and the Trainer of Hugging Face divide the batches among ranks themselves: give dp_rank=0, dp_size=1 and
    dispatch_batches=False, or a loader that they do not prepare. Otherwise rows are divided twice, and half or more never read.

    With `torchdata.stateful_dataloader.StatefulDataLoader` its state_dict and load_state_dict go on exactly with the same ranks and
    workers. For other numbers of either take `state_from(loader.state_dict())` after a multiple of `num_workers`
    batches, and begin a new dataset and loader with `state=` it.

    torch's own collate refuses nulls (None) and lists of unequal lengths, and turns the messages of pairs over, turn by turn: take
    `collate` for pairs and for columns of lists or with nulls.

    Args:
        folder, tier: as for `Reader`.
        dp_rank, dp_size: this data-parallel rank and their number; found by `ranks.detected_rank` where not given, which knows
            torch.distributed and torchrun, and not srun or mpirun.
        options: further options of `Reader`. `max_bytes` counts for each worker.

    Raises:
        UserError: what `Reader` raises.
    """

    def __init__(
        self,
        folder: Path | str,
        tier: str | None = None,
        *,
        dp_rank: int | None = None,
        dp_size: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self._read(partial(Reader, folder, tier, **options), dp_rank, dp_size)

    def _read(self, make: Callable[..., Stream], dp_rank: int | None, dp_size: int | None) -> None:
        rank, size = detected_rank(dp_rank, dp_size)
        self._make = partial(make, dp_rank=rank, dp_size=size)
        self.reader: Stream = self._make()
        state = self.reader.state()
        # Workers are copies: what they and set_epoch must agree on lies in memory that they share.
        self._shared = torch.zeros(_BEGUN + MAX_WORKERS, dtype=torch.int64).share_memory_()
        self._begin_at(state)
        self._shared[_BEGUN:] = 0
        self._now, self._received = state, 0
        self._resumed: dict[str, Any] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For workers started by spawn: all but the reader's open files."""
        own = self.__dict__ | {
            "_make": partial(self._make, seed=None, lanes=None, shuffle=None, state=self.reader.state())
        }
        del own["reader"]
        return own

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = state
        # Pickled for another process or copied, the numbers arrive in memory of this process alone.
        self._shared.share_memory_()
        self.reader = self._make()

    def _begin_at(self, state: State) -> None:
        self._shared[:_BEGUN] = torch.tensor([*(int(getattr(state, name)) for name in _PLACE), -1])

    def _epoch_start(self, begun: int) -> State:
        """Where the iteration begins before which `begun` others began."""
        *place, target = self._shared[:_BEGUN].tolist()
        state = replace(self.reader.state(), **dict(zip(_PLACE, place, strict=True)))
        state = replace(state, shuffle=bool(state.shuffle))
        while begun if target < 0 else state.epoch < target:
            state, begun = self.reader.next_epoch(state), begun - 1
        return state

    def __len__(self) -> int:
        """Samples that this rank gets of the epoch that iterating begins."""
        return self.reader.steps(self._epoch_start(int(self._shared[_BEGUN])))

    def set_epoch(self, epoch: int) -> None:
        """Name the epoch of the next iteration. One that a loaded state stands in goes on there.

        Raises:
            UserError: it lies before the state that the run began with or went on from.
        """
        if epoch < (began := int(self._shared[_PLACE.index("epoch")])):
            raise UserError(f"set_epoch({epoch}): this run began or went on in epoch {began}")
        self._shared[_TARGET] = epoch

    def __iter__(self) -> Iterator[Sample]:
        worker, workers = _worker()
        if self._resumed is not None and self._resumed["workers"] != workers:
            raise _another_loader(self._resumed, workers, self.reader.dp_size)
        self._now = self._epoch_start(int(self._shared[_BEGUN + worker]))
        self._shared[_BEGUN + worker] += 1
        self._received = self._resumed["received"] if self._resumed is not None else 0
        self._resumed = None
        return self._counted(self.reader.part(worker, workers, start=self._now, received=self._received))

    def _counted(self, samples: Iterator[Sample]) -> Iterator[Sample]:
        for sample in samples:
            self._received += 1
            yield sample

    def state_dict(self) -> dict[str, Any]:
        """Where this worker stands in its iteration; under 1 kB of JSON types."""
        if self._resumed is not None:
            return self._resumed
        worker, workers = _worker()
        who = {"worker": worker, "workers": workers, "dp_size": self.reader.dp_size}
        return {"start": self._now.to_dict(), "received": self._received, **who, **self.reader.counts_by}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where the same worker of as many stood.

        Raises:
            UserError: it is no such state, of another release, order, number of ranks or of workers, another worker's,
                or counted under another skip or epoch_end.
        """
        start, worker = self._start_of(state), _worker()[0]
        if state["worker"] != worker:
            raise UserError(
                f"worker {worker} is given the state of worker {state['worker']}: load the loader's state_dict as it was saved"
            )
        if state["dp_size"] != self.reader.dp_size:
            raise _another_loader(state, state["workers"], self.reader.dp_size)
        self.reader.check_state(start)
        self._begin_at(start)
        self._shared[_BEGUN + worker] = 0
        self._resumed = dict(state)

    def _start_of(self, state: Mapping[str, Any]) -> State:
        """Where the iteration of a worker's state began.

        Raises:
            UserError: it is no such state, or what it counts since is counted otherwise here.
        """
        if not _is_state(state):
            raise UserError(f"not a state of a StreamDataset: {str(state)[:500]}")
        if other := [name for name, value in self.reader.counts_by.items() if state[name] != value]:
            raise UserError(
                f"the loader's state was taken with another {' and '.join(other)}, so that it would lose or repeat samples here: "
                "begin this dataset with state=old.state_from(loader_state), where old is a dataset with the options of then"
            )
        return State.from_dict(state["start"])

    def state_from(self, loader_state: Mapping[str, Any]) -> State:
        """The state of the whole job out of a StatefulDataLoader's state_dict, for any number of ranks and workers.

        Raises:
            UserError: there is none of this class in it, it was taken with another skip or epoch_end, or the workers have not
                given equally many batches.
        """
        found = sorted(_states_in(loader_state), key=lambda state: int(state["worker"]))
        if not found or len(found) != found[0]["workers"]:
            raise UserError("no state of a StreamDataset with all of its workers is in this loader's state_dict")
        if loader_state.get("_steps_since_snapshot"):
            raise UserError("the loader's snapshots lag behind: set snapshot_every_n_steps=1")
        workers, steps = len(found), sum(state["received"] for state in found)
        if any(state["received"] != -(-(steps - number) // workers) for number, state in enumerate(found)):
            raise UserError(
                f"the {workers} workers have not given equally many batches: take the state after a multiple of {workers} "
                "batches to go on with another number of ranks or workers (StatefulDataLoader goes on from here with the same)"
            )
        return self.reader.after(self._start_of(found[0]), steps, found[0]["dp_size"])

    def state_after(self, batches: int, *, batch_size: int, workers: int) -> State:
        """The state when every rank has received `batches` batches of the last iteration from a plain DataLoader.

        Raises:
            UserError: `batches` is no multiple of `workers`. Workers take turns by batch, so only then have all of
                them given equally much, and what was consumed is a prefix of the global order.
        """
        if batches % max(1, workers):
            raise UserError(
                f"{batches} batches from {workers} workers: take the state at a multiple of {workers} batches"
            )
        start = self._epoch_start(max(0, int(self._shared[_BEGUN]) - 1))
        return self.reader.after(start, min(batches * batch_size, self.reader.steps(start)), self.reader.dp_size)


class MixtureDataset(StreamDataset):
    """The same of a `Mixture`; one pass over the plan is an epoch.

    Args:
        sources, plan: as for `Mixture`.
        dp_rank, dp_size, options: as for `StreamDataset`.

    Raises:
        UserError: what `Mixture` raises.
    """

    def __init__(
        self,
        sources: Mapping[str, MixtureSource],
        plan: Sequence[Segment],
        *,
        dp_rank: int | None = None,
        dp_size: int | None = None,
        **options: Any,
    ) -> None:
        IterableDataset.__init__(self)
        self._read(partial(Mixture, sources, plan, **options), dp_rank, dp_size)


def collate(samples: Sequence[Sample]) -> dict[str, list[Any]]:
    """A batch as a dict of lists, a column each, nulls as None. For `DataLoader(collate_fn=collate)`."""
    return {name: [sample[name] for sample in samples] for name in samples[0]}


def _worker() -> tuple[int, int]:
    worker = get_worker_info()
    if worker is None:
        return 0, 1
    if worker.num_workers > MAX_WORKERS:
        raise UserError(f"{worker.num_workers} workers: {MAX_WORKERS} at most")
    return worker.id, worker.num_workers


def _is_state(state: object) -> bool:
    numbers = ("received", "worker", "workers", "dp_size")
    return (
        isinstance(state, Mapping)
        and set(state) == {"start", *numbers, "epoch_end", "skip"}
        and all(type(state[name]) is int and state[name] >= 0 for name in numbers)
    )


def _states_in(state: object) -> Iterator[Mapping[str, Any]]:
    """The states of our datasets, wherever torchdata keeps them."""
    if isinstance(state, Mapping):
        if _is_state(state):
            yield state
            return
        for value in state.values():
            yield from _states_in(value)


def _another_loader(state: Mapping[str, Any], workers: int, size: int) -> UserError:
    return UserError(
        f"the state is of {state['dp_size']} ranks with {state['workers']} workers, this loader is one of {size} with "
        f"{workers}: begin a new dataset and loader with state=dataset.state_from(loader_state)"
    )
