"""Engines that ask an OpenAI-compatible server over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from curation.errors import AstrocorpusError, EngineError, RunError, UserError
from curation.place import Place
from curation.sft.engines.configs import Endpoint, Limits
from curation.sft.engines.engine import Message, Reply, Request
from curation.sft.engines.pace import Budget, Pace, Pause
from curation.sft.engines.secret import Secret
from curation.sft.engines.stored import StoredEngine
from curation.sft.engines.transport import Transport
from curation.sft.engines.wire import Fault, Refusal, body_of, estimate
from curation.sft.store import Spent, Tokens

FIRST_WAIT_S, MOST_WAIT_S = 0.5, 60.0
"""Full jitter: before try n one waits up to min(60 s, 0.5 s x 2^n), evenly drawn (Brooker, Exponential backoff and jitter, AWS 2015)."""
LIMITED_TRIES = 20
"""So many times `max_tries` a request may meet a limit (`429`), which others passed: it may be larger than the limit itself."""
START_PATIENCE_S = 45.0
"""As of places: an address that never answered is probably wrong."""
PAUSE_JITTER = 0.05
"""A pause is longer by up to this share of it, so that the clients of an endpoint do not come back together."""


class HttpEngine(StoredEngine):
    """Asks one server: many requests at once, each until it is answered, none before the server wants it. Subclasses say which."""

    def _connect(
        self,
        limits: Limits,
        base_url: str,
        secret: Secret,
        spent: Spent,
        *,
        key_header: str = "Authorization",
        stream: bool = False,
    ) -> None:
        """Open a session with the server, and count from what has been spent."""
        loop = asyncio.get_running_loop()
        self._limits, self._url = limits, base_url
        self._transport = Transport(
            base_url,
            secret,
            key_header=key_header,
            timeout_s=limits.timeout_s,
            connect_timeout_s=limits.connect_timeout_s,
            stream=stream,
        )
        self._lost = spent.lost.plus(*spent.at_risk)
        budget = Budget(limits.max_usd, limits.max_tokens, limits.prices(), spent.answered.plus(*self._lost))
        self._before = budget.spent
        self._pace = Pace(limits.max_in_flight, limits.rpm, limits.tpm, Pause.of(base_url), budget)
        self._endpoint = hashlib.sha256(base_url.encode()).hexdigest()[:16]
        still_s = min(self._store.paused_until(self._endpoint) - time.time(), limits.max_pause_s)
        self._pace.pause.ask(loop.time() + still_s)
        self._usual, self._in_a_row = 0.0, 0
        self._opened = self._answered = loop.time()
        self._sound: set[str] = set()

    @abstractmethod
    def _body(self, request: Request, sample: int) -> dict[str, Any]:
        """A request as this server takes it."""

    async def _answer(self, key: str, request: Request, sample: int) -> Reply:
        body = self._body(request, sample)
        began, tries, faults = asyncio.get_running_loop().time(), 0, 0
        while True:
            found = await self._try(request, body, lambda reply: self._keep(key, sample, reply))
            if isinstance(found, Refusal):
                found = await self._refused(request, body, found)
            if isinstance(found, Reply):
                return found if found.error is None else await self._keep(key, sample, found)
            tries += 1
            faults += not found.limited
            enough = faults >= self._limits.max_tries or tries >= self._limits.max_tries * LIMITED_TRIES
            if enough and self._answered > began:
                words = f"unanswered: {tries} tries failed while others were answered; the last: {found.words}"
                return await self._keep(key, sample, Reply("", finish_reason="error", error=words))
            self._look_whether_dead(found)
            await self._wait(min(tries, self._in_a_row), found)

    async def _wait(self, tries: int, fault: Fault) -> None:
        """Full jitter, after so many tries that failed: of this request, and of all since the endpoint last answered one. Where it
        said how long to wait, that comes first, and need not be guessed."""
        most = min(MOST_WAIT_S, FIRST_WAIT_S * 2 ** min(tries, 10))
        if fault.pause_s is not None:
            most = min(most, max(1.0, fault.pause_s))
        await self._pace.sleep(random.uniform(0, most))

    async def _try(
        self, request: Request, body: Mapping[str, Any], keep: Callable[[Reply], Awaitable[Reply]]
    ) -> Reply | Fault | Refusal:
        """One turn. A reply is kept before its place in flight is free, so that no more can be lost than are in flight."""
        need = Tokens(estimate(request), request.max_tokens)
        await self._pace.turn(need)
        used, load = Tokens(), False
        try:
            self._status.tries += 1
            self._show()
            found = await self._transport.send(body, request)
            if isinstance(found, Refusal):
                return found
            if isinstance(found, Fault):
                self._in_a_row += 1
                load, used = found.load, self._lost_by(found, need)
                self._lost = self._lost.plus(*used)
                await self._pause(found)
                return found
            used = Tokens(found.prompt_tokens, found.completion_tokens)
            self._in_a_row = 0
            self._answered = asyncio.get_running_loop().time()
            self._sound.add(_settings(body))
            self._usual += (found.completion_tokens - self._usual) / min(self._status.done + 1, 100)
            return await keep(found)
        except (RunError, UserError) as error:
            self._end(error)
            raise
        finally:
            self._pace.ended(need, used, refused=load)
            self._show()

    async def _refused(self, request: Request, body: Mapping[str, Any], refusal: Refusal) -> Reply | Fault:
        """What a refusal means: of these words, once a short request with the same settings was answered.

        Raises:
            UserError: that one is refused, too, so that no request would be answered.
        """
        if _settings(body) not in self._sound:
            short = replace(request, messages=(Message("user", "Say yes."),))
            found = await self._try(short, {**body, "messages": [{"role": "user", "content": "Say yes."}]}, _as_it_is)
            if isinstance(found, Fault):
                return found
            if isinstance(found, Refusal):
                error = UserError(
                    f"{self._url} refuses every request with the settings of this one ({refusal.words}); mend the engine's config, the "
                    "schema, or the sampling of the stage"
                )
                self._end(error)
                raise error
        self._answered = asyncio.get_running_loop().time()
        return Reply("", finish_reason="error", error=f"refused: {refusal.words}")

    def _lost_by(self, fault: Fault, need: Tokens) -> Tokens:
        """What a failed try may have cost."""
        if fault.lost == "none":
            return Tokens()
        usual = int(self._usual) or need.completion
        return need if fault.lost == "all" else Tokens(need.prompt, min(usual, need.completion))

    async def _pause(self, fault: Fault) -> None:
        """Leave the endpoint alone for as long as it asks for, also after a kill.

        Raises:
            EngineError: that is too long.
        """
        if not fault.pause_s:
            return
        if fault.pause_s > self._limits.max_pause_s:
            raise EngineError(
                f"{self._url} wants to be left alone for {fault.pause_s:,.0f} s, more than max_pause_s "
                f"({self._limits.max_pause_s:,.0f}): {fault.words}; what was answered is kept. Run again later"
            )
        longer = fault.pause_s * (1 + random.uniform(0, PAUSE_JITTER))
        until = asyncio.get_running_loop().time() + longer
        if until > self._pace.pause.until:
            self._pace.pause.ask(until)
            await self._commits.pause(self._endpoint, time.time() + longer)

    def _look_whether_dead(self, fault: Fault) -> None:
        """Raises EngineError when nothing was answered for too long."""
        patience = self._limits.patience_s
        if not self._transport.served:
            patience = min(patience, START_PATIENCE_S)
        now = asyncio.get_running_loop().time()
        silent = now - max(self._answered, self._opened)
        unasked = now - max(self._answered, self._opened, self._pace.pause.until)
        if (
            unasked > patience or silent > patience + self._limits.max_pause_s
        ):  # one that asks for pause after pause, and never answers
            error = EngineError(
                f"{self._url} has answered nothing for {silent:,.0f} s; the last: {fault.words}. What was answered before is kept; run "
                "again when it is there"
            )
            self._end(error)
            raise error

    def _end(self, error: AstrocorpusError) -> None:
        super()._end(error)
        self._pace.end(error)

    def _at_risk(self) -> Tokens:
        return self._pace.budget.reserved

    def _show(self) -> None:
        status, pace = self._status, self._pace
        status.in_flight, status.waiting, status.paused_until = pace.in_flight, pace.waiting, pace.pause.until
        status.usd = pace.budget.cost(pace.budget.spent) - pace.budget.cost(self._before)

    async def _close(self) -> None:
        await self._transport.close()


class EndpointEngine(HttpEngine):
    """Asks any server of chat completions.

    Args:
        config: the endpoint.
        store, place: as of `StoredEngine`.
    """

    def __init__(self, config: Endpoint, store: Path, place: Place | None = None) -> None:
        super().__init__(config, store, place, config.seal_every_s, model=config.model, licence=config.licence)
        self._config = config

    async def _open(self, spent: Spent) -> None:
        config = self._config
        secret = Secret.named(config.key_env)
        self._connect(config, config.base_url, secret, spent, key_header=config.key_header, stream=config.stream)

    def _body(self, request: Request, sample: int) -> dict[str, Any]:
        config = self._config
        beside = config.beside_of(request.thinking)
        return body_of(request, sample, beside, limit_name=config.limit_name, stream=config.stream)


async def _as_it_is(reply: Reply) -> Reply:
    return reply


def _settings(body: Mapping[str, Any]) -> str:
    """What a request shares with others."""
    return json.dumps({k: v for k, v in body.items() if k not in ("messages", "seed")}, sort_keys=True)
