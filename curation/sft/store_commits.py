"""Group commit: replies that come in together are written together, and none is released before it is on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from curation.errors import AstrocorpusError, EngineError, RunError, UserError
from curation.place import Place
from curation.sft.engines.engine import Reply
from curation.sft.store import ReplyStore, Stored, Tokens
from curation.sft.store_sealed import Sealer

GATHER_S = 0.01
"""How long the first reply of a group waits for others: little beside a model's time, and so one write to the disk serves many."""


class Commits:
    """A store for one event loop: reads in the loop, writes in one thread, seals in another.

    Args:
        path: of the sqlite file.
        place: where replies are sealed, None for nowhere.
        seal_every_s: how often, in seconds: what another machine would pay again.
        risk: (engine, lost, at risk) as it stands, kept with every group.
    """

    def __init__(
        self,
        path: Path,
        place: Place | None,
        seal_every_s: float,
        risk: Callable[[], list[tuple[str, Tokens, Tokens]]],
    ) -> None:
        self._path, self._place, self._seal_every_s, self._risk = path, place, seal_every_s, risk
        self._writing = ThreadPoolExecutor(1, "store-write")
        self._sealing = ThreadPoolExecutor(1, "store-seal")
        self._waiting: list[tuple[Stored, asyncio.Future[Reply]]] = []
        self._group: asyncio.Task[None] | None = None
        self._timer: asyncio.Task[None] | None = None
        self.failed: AstrocorpusError | None = None
        """Why replies cannot be sealed; whoever asks next should be told."""

    async def open(self) -> ReplyStore:
        """Open the file and read what other machines sealed.

        Raises:
            UserError: the file is no store.
            RunError: a sealed file is damaged, or the place cannot be read.
        """
        loop = asyncio.get_running_loop()
        self.store = ReplyStore(self._path)
        self._writer = await loop.run_in_executor(self._writing, ReplyStore, self._path)
        if self._place is not None:
            own = await loop.run_in_executor(self._sealing, ReplyStore, self._path)
            self._sealer = Sealer(own, self._place)
            await loop.run_in_executor(self._sealing, self._sealer.load)
            self._timer = loop.create_task(self._seal_again_and_again())
        return self.store

    async def put(self, row: Stored) -> Reply:
        """Keep a reply; the one that stands under its key, once it is on the disk.

        Raises:
            NoSpaceError, EngineError: it cannot be written.
        """
        done: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        if self._group is None:
            self._group = asyncio.get_running_loop().create_task(self._write_groups())
        return await done

    async def pause(self, endpoint: str, until: float) -> None:
        """As `ReplyStore.pause`.

        Raises:
            NoSpaceError, EngineError: it cannot be written.
        """
        await asyncio.get_running_loop().run_in_executor(self._writing, self._writer.pause, endpoint, until)

    async def seal(self) -> None:
        """Write what the place does not have yet.

        Raises:
            UserError, RunError: the place cannot be written.
        """
        if self._place is not None:
            await asyncio.get_running_loop().run_in_executor(self._sealing, self._sealer.seal)

    async def close(self) -> None:
        """Write what waits, the account too, seal, and close the file."""
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)
        loop = asyncio.get_running_loop()
        try:
            if self._group is not None:
                await self._group
            await loop.run_in_executor(self._writing, self._writer.put, [], self._risk())
            await self.seal()
        finally:
            self._writing.shutdown()
            self._sealing.shutdown()
            self._writer.close()
            self.store.close()
            if self._place is not None:
                self._sealer.store.close()

    async def _write_groups(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(GATHER_S)
                group, self._waiting = self._waiting, []
                await self._write(group)
        finally:
            self._group = None

    async def _write(self, group: list[tuple[Stored, asyncio.Future[Reply]]]) -> None:
        loop, rows, stand = asyncio.get_running_loop(), [row for row, _ in group], []
        why: RunError = EngineError(f"the store of replies {self._path} ended while it wrote")
        try:
            stand = await loop.run_in_executor(self._writing, self._writer.put, rows, self._risk())
        except RunError as error:
            why = error
        finally:
            for n, (_, done) in enumerate(group):
                if not done.done():
                    done.set_result(stand[n]) if stand else done.set_exception(why)

    async def _seal_again_and_again(self) -> None:
        while self.failed is None:
            await asyncio.sleep(self._seal_every_s)
            try:
                await self.seal()
            except (RunError, UserError) as error:
                self.failed = error
