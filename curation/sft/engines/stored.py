"""What every engine does around its model: it asks the store first, sends a request once, and keeps the reply before it gives it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from curation.errors import AstrocorpusError, ContractError, StoppedError
from curation.place import Place
from curation.sft.engines.configs import EngineConfig
from curation.sft.engines.engine import Reply, Request
from curation.sft.engines.status import Status, Took
from curation.sft.store import ReplyStore, Spent, Stored, Tokens, served, took
from curation.sft.store_commits import Commits

GRACE_S = 45.0
"""How long an engine that closes waits for answers: less than the driver of a run gives it (60 s), so that there is time to keep them."""


class StoredEngine(ABC):
    """Base of engines; subclasses answer what the store cannot (`_answer`), and keep the reply (`_keep`).

    Args:
        config: what answers.
        store: path of the sqlite file of replies, on a local disk.
        place: where replies are sealed for other machines, None for nowhere.
        seal_every_s: how often.
        model, licence: of the model.
    """

    def __init__(
        self, config: EngineConfig, store: Path, place: Place | None, seal_every_s: float, *, model: str, licence: str
    ) -> None:
        self._model, self._licence = model, licence
        self._identity, self._digest = config.identity(), config.digest()
        self._path = store
        self._commits = Commits(store, place, seal_every_s, self._risk)
        self._store: ReplyStore
        self._status = Status()
        self._under_way: dict[str, asyncio.Task[Reply]] = {}
        self._ended: AstrocorpusError | None = None
        self._lost = Tokens()
        self._is_open = False

    @property
    def model(self) -> str:
        return self._model

    @property
    def licence(self) -> str:
        return self._licence

    @property
    def identity(self) -> Mapping[str, Any]:
        return self._identity

    @property
    def status(self) -> Status:
        return self._status

    def key_of(self, request: Request, sample: int = 0) -> str:
        return request.key(sample, self._digest)

    async def ask(self, request: Request, sample: int = 0) -> Reply:
        """As `Engine.ask`."""
        if request.model != self._model:
            raise ContractError(
                f"a request for model {request.model!r} was given to an engine of {self._model!r}, whose licence is another one's"
            )
        key = self.key_of(request, sample)
        if (under_way := self._under_way.get(key)) is None:
            if (stored := self._store.get(key)) is not None:
                self._status.cached += 1
                return stored
            if error := self._ended or self._commits.failed:
                raise error
            under_way = asyncio.get_running_loop().create_task(self._answer(key, request, sample))
            self._under_way[key] = under_way
            under_way.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(under_way)

    def took(self, keys: Sequence[str]) -> Took:
        return took(self._path, keys)

    def served(self, keys: Sequence[str]) -> Mapping[str, int]:
        return served(self._path, keys)

    def stop(self) -> None:
        self._end(StoppedError("the language model is asked nothing more, since the run was told to stop"))

    async def seal(self) -> None:
        await self._commits.seal()

    async def __aenter__(self) -> Self:
        self._store = await self._commits.open()
        try:
            await self._open(self._store.spent(self._digest))
        except BaseException:
            await self._commits.close()
            raise
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was sent is awaited for a while and stored."""
        self.stop()
        try:
            if self._under_way:
                await asyncio.wait(self._under_way.values(), timeout=GRACE_S)
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)
            try:
                await self._close()
            finally:
                await self._commits.close()

    @abstractmethod
    async def _open(self, spent: Spent) -> None:
        """Make ready to answer."""

    @abstractmethod
    async def _answer(self, key: str, request: Request, sample: int) -> Reply:
        """Ask the model, and keep the reply."""

    @abstractmethod
    async def _close(self) -> None:
        """Nothing is under way any more."""

    def _at_risk(self) -> Tokens:
        """Tokens reserved for what is under way."""
        return Tokens()

    def _end(self, error: AstrocorpusError) -> None:
        """Ask the model nothing more, for the first of the errors given."""
        self._ended = self._ended or error

    async def _keep(self, key: str, sample: int, reply: Reply) -> Reply:
        """Store a reply; the one that stands under the key."""
        stands = await self._commits.put(Stored(key, self._digest, self._model, sample, reply))
        self._status.answered(stands.prompt_tokens, stands.completion_tokens, failed=stands.error is not None)
        return stands

    def _risk(self) -> list[tuple[str, Tokens, Tokens]]:
        """Nothing to keep before it is known what was kept before."""
        return [(self._digest, self._lost, self._at_risk())] if self._is_open else []

    def _done(self, key: str, task: asyncio.Task[Reply]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # it was told to who asked, if anybody still waits
