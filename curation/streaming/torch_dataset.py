"""The reader as a torch IterableDataset. Importing this module imports torch; nothing else here does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from multiprocessing import current_process
from pathlib import Path
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from curation.errors import UserError
from curation.streaming.decoded import Sample
from curation.streaming.iterations import Iteration, Iterations
from curation.streaming.mixture import Mixture
from curation.streaming.numbers import whole
from curation.streaming.plan import MixtureSource, Segment
from curation.streaming.ranks import detected_rank
from curation.streaming.reader import Reader
from curation.streaming.state import State
from curation.streaming.stream import Stream


class StreamDataset(IterableDataset):  # type: ignore[misc,type-arg,unused-ignore]
    """One rank's samples of an epoch; each DataLoader worker reads lanes of its own.

    Each iteration is an epoch: the first goes on where `state` stands, every further one is the next epoch, in the main process, in
    fresh and in persistent workers, started by fork or spawn. All workers of one iteration read the same epoch; one that is broken
    off, as a peek in the main process, is an epoch, too. So all ranks must iterate alike, or call `set_epoch` before each iteration.

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
        self._reader: Stream = self._make()
        self._iterations = Iterations(self._reader.state())
        self._now, self._received = self._reader.state(), 0
        self._resumed: dict[str, Any] | None = None
        self._turns = 0

    def __getstate__(self) -> dict[str, Any]:
        """For workers started by spawn, and copies: all but the reader's open files."""
        own = self.__dict__ | {
            "_make": partial(self._make, seed=None, lanes=None, shuffle=None, state=self._reader.state())
        }
        del own["_reader"]
        return own

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = state
        self._reader = self._make()

    def __len__(self) -> int:
        """Samples that this rank gets of the epoch that iterating begins."""
        return self._reader.steps(self._iterations.following(self._reader))

    def set_epoch(self, epoch: int) -> None:
        """Name the epoch of the next iteration; those behind it follow. One that a loaded state stands in goes on there, and
        another one is refused where a loader goes on by a state.

        Raises:
            UserError: it is no whole number, or lies before the state that the run began with or went on from.
        """
        self._iterations.set_epoch(whole("epoch", epoch))

    def __iter__(self) -> Iterator[Sample]:
        worker, workers = _worker()
        resumed = self._resumed
        if resumed is not None and resumed["workers"] != workers:
            raise _another_loader(resumed, workers, self._reader.dp_size)
        self._resumed = None
        loaded = State.from_dict(resumed["start"]) if resumed is not None else None
        self._now, refused = self._iterations.begin(self._reader, self._iteration(), loaded)
        if loaded not in (None, self._now):
            raise UserError("the loader's state has workers of several epochs: load it as it was saved")
        self._received = resumed["received"] if resumed is not None else 0
        samples = self._reader.part(worker, workers, start=self._now, received=self._received)
        return self._counted(samples, refused)

    def _iteration(self) -> Iteration | None:
        """What the other workers of this one's iteration have in common with it; None in the main process."""
        info = get_worker_info()
        if info is None:
            return None
        turn, self._turns = self._turns, self._turns + 1
        # The parent counts the processes that it starts. A seed alone may come again: who seeds torch anew before each epoch.
        started = int(current_process()._identity[-1])
        return Iteration(info.seed - info.id, started - info.id, info.num_workers, turn)

    def _counted(self, samples: Iterator[Sample], refused: str) -> Iterator[Sample]:
        # Told with the first sample: a loader that goes on from the end of an epoch begins this iteration, too, and asks for none;
        # and torchdata's persistent workers do not survive an error before it.
        if refused:
            raise UserError(refused)
        for sample in samples:
            self._received += 1
            yield sample

    def state_dict(self) -> dict[str, Any]:
        """Where this worker stands in its iteration, as JSON types: about 330 bytes. The loader's state has one of each worker, with
        torchdata's own about 450 bytes a worker and 450 more."""
        if self._resumed is not None:
            return self._resumed
        worker, workers = _worker()
        who = {"worker": worker, "workers": workers, "dp_size": self._reader.dp_size}
        return {"start": self._now.to_dict(), "received": self._received, **who, **self._reader.counts_by}

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
        if state["dp_size"] != self._reader.dp_size:
            raise _another_loader(state, state["workers"], self._reader.dp_size)
        self._reader.check_state(start)
        self._resumed = dict(state)

    def _start_of(self, state: Mapping[str, Any]) -> State:
        """Where the iteration of a worker's state began.

        Raises:
            UserError: it is no such state, or what it counts since is counted otherwise here.
        """
        if not _is_state(state):
            raise UserError(f"not a state of a StreamDataset: {str(state)[:500]}")
        if other := [name for name, value in self._reader.counts_by.items() if state[name] != value]:
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
        return self._reader.after(self._start_of(found[0]), steps, found[0]["dp_size"])

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
        start = self._iterations.last()
        return self._reader.after(start, min(batches * batch_size, self._reader.steps(start)), self._reader.dp_size)


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
    return (0, 1) if worker is None else (worker.id, worker.num_workers)


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
