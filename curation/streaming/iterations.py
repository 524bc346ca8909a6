"""Which epoch each iteration of a dataset reads: numbered once for all processes that have it, so that all workers read the same."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import context, reduction
from typing import Any, NamedTuple

from curation.errors import UserError
from curation.streaming.forks import ForkLock
from curation.streaming.state import State
from curation.streaming.stream import Stream

_BYTES = 4096
"""One page, written by one call: a worker that is killed meanwhile leaves the old page or the new one."""
_KEPT = 16
"""Iterations whose late workers are still waited for."""


class Iteration(NamedTuple):
    """One iteration of a DataLoader, as its workers know it.

    Attributes:
        seed: the loader's, which all its workers derive theirs from.
        started: how many processes the parent had started before the first worker. Other threads may start some meanwhile,
            fewer than there are workers.
        workers: their number.
        turn: iterations that each of its workers began before: persistent ones begin several.
    """

    seed: int
    started: int
    workers: int
    turn: int

    def is_of(self, other: Iteration) -> bool:
        """Whether two workers are those of one iteration."""
        same = (self.seed, self.workers, self.turn) == (other.seed, other.workers, other.turn)
        return same and abs(self.started - other.started) < self.workers


@dataclass
class _Told:
    """What the processes agree on.

    Attributes:
        began: where the run began, or went on by a loaded state.
        following: where the next iteration begins if no epoch is named for it.
        last: where the last one began.
        named: the epoch that set_epoch named for the next one, if any.
        begun: the last iterations, each with its epoch, the samples consumed before, and the epoch named for it.
    """

    began: State
    following: State
    last: State
    named: int | None = None
    begun: list[tuple[Iteration, int, int, int | None]] = field(default_factory=list)

    @classmethod
    def read(cls, page: bytes) -> _Told:
        told = json.loads(page)
        states = {name: State(**told[name]) for name in ("began", "following", "last")}
        begun = [(Iteration(*key), *place) for key, *place in told["begun"]]
        return cls(**states, named=told["named"], begun=begun)

    def page(self) -> bytes:
        return json.dumps(asdict(self)).encode().ljust(_BYTES)

    def refused(self, named: int | None, loaded: State | None) -> str:
        """Why an iteration cannot begin in the epoch that is named for it; empty if it can."""
        if named is not None and loaded is not None and named != loaded.epoch:
            return f"set_epoch({named}): the loader's state goes on in epoch {loaded.epoch}; name that one, or none"
        if named is not None and named < self.began.epoch:
            return f"set_epoch({named}): this run began or went on in epoch {self.began.epoch}"
        return ""

    def next_start(self, stream: Stream) -> State:
        return self.following if self.named is None else stream.epoch_start(self.began, self.named)


class Iterations:
    """The register of a dataset's iterations.

    It lies in a file without a name, which workers inherit (fork) or are handed (spawn). A copy that is pickled for anything else gets
    a file of its own. The kernel keeps the lock: who is killed lets go of it.

    Args:
        start: where the first iteration begins.
    """

    def __init__(self, start: State) -> None:
        self._open(_Told(start, start, start).page())

    def _open(self, page: bytes) -> None:
        self._file, self._lock = tempfile.TemporaryFile(), ForkLock()  # noqa: SIM115 - open as long as the dataset
        os.pwrite(self._file.fileno(), page, 0)

    def __getstate__(self) -> dict[str, Any]:
        if context.get_spawning_popen() is not None:
            return {"file": reduction.DupFd(self._file.fileno())}
        with self._locked():
            return {"page": os.pread(self._file.fileno(), _BYTES, 0)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "file" in state:
            self._file, self._lock = os.fdopen(state["file"].detach(), "r+b"), ForkLock()
        else:
            self._open(state["page"])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    @contextmanager
    def _told(self) -> Iterator[_Told]:
        """What is agreed on, written back at the end."""
        with self._locked():
            told = _Told.read(os.pread(self._file.fileno(), _BYTES, 0))
            yield told
            os.pwrite(self._file.fileno(), told.page(), 0)

    def following(self, stream: Stream) -> State:
        """Where the next iteration begins."""
        with self._told() as told:
            return told.next_start(stream)

    def last(self) -> State:
        """Where the last iteration began."""
        with self._told() as told:
            return told.last

    def set_epoch(self, epoch: int) -> None:
        """Name the epoch of the next iteration.

        Raises:
            UserError: it lies before the state that the run began with or went on from.
        """
        with self._told() as told:
            if refused := told.refused(epoch, None):
                raise UserError(refused)
            told.named = epoch

    def begin(self, stream: Stream, by: Iteration | None, loaded: State | None) -> tuple[State, str]:
        """Where an iteration begins, and why it cannot: set_epoch named another epoch than that of a loaded state, or one before
        that. It is empty if it can. The epoch then stays named for the next one.

        The first worker of an iteration to ask takes the next place, the others are given the same.

        Args:
            by: the loader's iteration that a worker is one of; None in the main process, where each is one of its own.
            loaded: where it goes on by a loaded state.
        """
        with self._told() as told:
            for key, epoch, consumed, named in told.begun:
                if by is not None and key.is_of(by):
                    return replace(told.began, epoch=epoch, consumed=consumed), told.refused(named, loaded)
            start = told.next_start(stream) if loaded is None else loaded
            if loaded is not None:
                told.began = loaded
                told.begun.clear()
            named, refused = told.named, told.refused(told.named, loaded)
            if not refused:
                told.named = None
            told.last, told.following = start, stream.next_epoch(start)
            if by is not None:
                told.begun = [*told.begun, (by, start.epoch, start.consumed, named)][-_KEPT:]
            return start, refused
