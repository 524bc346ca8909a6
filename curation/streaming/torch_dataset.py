"""The reader as a torch IterableDataset. Importing this module imports torch; nothing else here does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from curation.errors import UserError
from curation.streaming.reader import Reader, Sample
from curation.streaming.state import State


class StreamDataset(IterableDataset):  # type: ignore[misc,type-arg,unused-ignore]
    """One rank's samples of an epoch; each DataLoader worker reads lanes of its own.

    Worker w of n on rank r reads as rank r + world * w of world * n, so `world * n` may not exceed the lanes. `options`
    are those of `Reader`; pass the state of the next epoch to read on.

    Raises:
        UserError: what `Reader` raises; too many workers only when they start.
    """

    def __init__(
        self, folder: Path | str, tier: str | None = None, *, rank: int = 0, world: int = 1, **options: Any
    ) -> None:
        super().__init__()
        self.reader = Reader(folder, tier, rank=rank, world=world, **options)
        self._folder, self._tier, self._options = folder, tier, options

    def __iter__(self) -> Iterator[Sample]:
        worker = get_worker_info()
        index, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        rank, world = self.reader.rank, self.reader.world
        yield from Reader(self._folder, self._tier, rank=rank + world * index, world=world * workers, **self._options)

    def state_after(self, batches: int, *, batch_size: int, workers: int) -> State:
        """The state when every rank has received `batches` batches from a DataLoader with `workers` workers.

        Raises:
            UserError: `batches` is no multiple of `workers`. Workers take turns by batch, so only then have all of
                them given equally much, and what was consumed is a prefix of the global order.
        """
        turns = max(1, workers)
        if batches % turns:
            raise UserError(
                f"{batches} batches from {workers} workers: take the state at a multiple of {workers} batches"
            )
        return self.reader.state_after(batches // turns * batch_size, workers=turns)
