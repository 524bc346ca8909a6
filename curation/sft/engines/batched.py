"""The engine of a model that answers batches, not requests: what is asked within a moment is answered in one call.

The call itself is given (`Answer`), since it knows Ray, which this library does not: `pipelines.ray_vllm` makes it of ray.data.llm.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from curation.errors import AstrocorpusError, EngineError
from curation.place import Place
from curation.sft.engines.configs import RayVllm
from curation.sft.engines.engine import Reply, Request
from curation.sft.engines.stored import StoredEngine
from curation.sft.engines.wire import clean, with_thought
from curation.sft.store import Spent

Row: TypeAlias = dict[str, Any]
Answer: TypeAlias = Callable[[Sequence[Row], bool | None], Sequence[Row]]
"""Answers rows of `row_of` that all ask for thinking, or against it, or say nothing of it: rows with `n` as it was given, `generated_text`,
`num_input_tokens`, `num_generated_tokens`, and `error`, which is empty where there is an answer. In any order."""


@dataclass(eq=False)
class _Asked:
    row: Row
    request: Request
    done: asyncio.Future[Reply]


class BatchedEngine(StoredEngine):
    """Gathers requests and answers them together.

    Args:
        config: the model.
        store, place: as of `StoredEngine`.
        answer: the call, made in a thread.
    """

    def __init__(self, config: RayVllm, store: Path, place: Place | None, answer: Answer) -> None:
        super().__init__(config, store, place, config.seal_every_s, model=config.model, licence=config.licence)
        self._config, self._call = config, answer
        self._asked: list[_Asked] = []
        self._calls: asyncio.Task[None] | None = None

    async def _open(self, spent: Spent) -> None:
        self._lost = spent.lost
        self._thread = ThreadPoolExecutor(1, "batches")
        self._came = asyncio.Event()

    async def _answer(self, key: str, request: Request, sample: int) -> Reply:
        loop = asyncio.get_running_loop()
        asked = _Asked(row_of(request, sample), request, loop.create_future())
        self._asked.append(asked)
        self._status.waiting += 1
        self._came.set()
        if self._calls is None:
            self._calls = loop.create_task(self._call_again_and_again())
        return await self._keep(key, sample, await asked.done)

    async def _call_again_and_again(self) -> None:
        try:
            while self._asked and self._ended is None:
                await self._gather()
                if self._asked:
                    await self._answered(*self._next())
        finally:
            self._calls = None
            for asked in self._asked:
                if not asked.done.done():
                    asked.done.set_exception(self._ended or EngineError("the engine ended while it answered"))
            self._asked = []

    def _next(self) -> tuple[list[_Asked], bool | None]:
        """The next batch, all of which ask for thinking as the first one does, which is a setting of the whole call."""
        thinking = self._asked[0].request.thinking
        batch = [asked for asked in self._asked if asked.request.thinking == thinking][: self._config.window]
        taken = set(batch)
        self._asked = [asked for asked in self._asked if asked not in taken]
        return batch, thinking

    async def _gather(self) -> None:
        """Wait until the window is full, or nothing has come for a while."""
        while len(self._asked) < self._config.window:
            self._came.clear()
            try:
                async with asyncio.timeout(self._config.gather_s):
                    await self._came.wait()
            except TimeoutError:
                return

    async def _answered(self, batch: list[_Asked], thinking: bool | None) -> None:
        status, why = self._status, EngineError("the engine ended while it answered")
        status.waiting, status.in_flight, status.tries = len(self._asked), len(batch), status.tries + len(batch)
        try:
            rows = [{**asked.row, "n": n} for n, asked in enumerate(batch)]
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._call, rows, thinking)
            replies = {row["n"]: reply_of_row(row, batch[row["n"]].request, self._model) for row in found}
            if len(replies) < len(batch) or len(found) != len(batch):
                raise EngineError(
                    f"of {len(batch)} requests {len(found)} were answered; what was answered before is kept"
                )
            for n, asked in enumerate(batch):
                if not asked.done.done():
                    asked.done.set_result(replies[n])
        except AstrocorpusError as error:
            self._end(error)
            why = EngineError(str(error))
        finally:
            status.in_flight = 0
            for asked in batch:
                if not asked.done.done():
                    asked.done.set_exception(why)

    def _end(self, error: AstrocorpusError) -> None:
        """Also for those who wait for a call; one that is made goes on to its end."""
        super()._end(error)
        for asked in self._asked:
            if not asked.done.done():
                asked.done.set_exception(error)
        self._asked = []
        self._came.set()

    async def _close(self) -> None:
        self._thread.shutdown()


def row_of(request: Request, sample: int) -> Row:
    """A request as a row of ray.data.llm. All rows have the same keys, and a schema is a text: Arrow would make one struct of all."""
    schema = None if request.schema is None else json.dumps(request.schema, sort_keys=True)
    return {
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "sampling_params": {
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_tokens": request.max_tokens,
            "seed": None if request.seed is None else request.seed + sample,
            "structured_outputs": None if schema is None else {"json": schema},
        },
    }


def reply_of_row(row: Row, request: Request, model: str) -> Reply:
    """The reply in a row. ray.data.llm tells no reason for the end, so an answer of `max_tokens` counts as cut."""
    if row["error"]:
        return Reply("", finish_reason="error", served_model=model, error=f"refused: {clean(str(row['error']))[:300]}")
    text, thought = with_thought(row["generated_text"], None)
    written = int(row["num_generated_tokens"])
    return Reply(
        text=text,
        reasoning=thought,
        finish_reason="length" if written >= request.max_tokens else "stop",
        prompt_tokens=int(row["num_input_tokens"]),
        completion_tokens=written,
        served_model=model,
    )
