"""When a request may be sent: how many at once, how many a minute, how long an endpoint is left alone, what may be spent.

How many are in flight follows the endpoint. Of the replies of one round (as many as are in flight) the share that was refused for load
shrinks the number by half that share, and every round that was used grows it by a sixteenth, or doubles it until the first refusal:
additive increase and multiplicative decrease in proportion, as DCTCP does it (RFC 8257, 3.3), so that one refusal in ten costs one
place in twenty and a wall of refusals halves it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar
from weakref import WeakValueDictionary

from curation.errors import AstrocorpusError, BudgetError
from curation.sft.store import Tokens

FIRST_IN_FLIGHT = 16
"""As many are sent before the first reply has come."""
_ROUNDING_S = 1e-6
TOKEN_BURST_S = 6.0
"""Tokens of so many seconds may go at once, where a limit a minute is given; requests of one second."""


class Pause:
    """An endpoint that asked to be left alone, by all engines of one event loop that ask it."""

    _of: ClassVar[WeakValueDictionary[tuple[int, str], Pause]] = WeakValueDictionary()

    def __init__(self) -> None:
        self.until = 0.0

    @classmethod
    def of(cls, endpoint: str) -> Pause:
        """The pause of an endpoint, by its base URL, in the running loop."""
        return cls._of.setdefault((id(asyncio.get_running_loop()), endpoint), Pause())

    def ask(self, until: float) -> None:
        """Send nothing before a time of the loop's clock."""
        self.until = max(self.until, until)


class Bucket:
    """A limit a minute.

    Args:
        per_minute: what comes in, None for no limit.
        burst_s: what of so many seconds it holds.
    """

    def __init__(self, per_minute: float | None, burst_s: float, now: float) -> None:
        self._rate = per_minute / 60 if per_minute else 0.0
        self._size = max(1.0, self._rate * burst_s)
        self._level, self._at = self._size, now

    def wait(self, need: float, now: float) -> float:
        """Seconds until so much may be taken. What needs more than the bucket holds waits until it is full."""
        if not self._rate:
            return 0.0
        self._level = min(self._size, self._level + (now - self._at) * self._rate)
        self._at = now
        wait = (min(need, self._size) - self._level) / self._rate
        return wait if wait > _ROUNDING_S else 0.0

    def take(self, amount: float) -> None:
        """Take, also what is not there: the next one waits for it. A negative amount gives back."""
        self._level -= amount


@dataclass
class Budget:
    """What may be spent, in money and in tokens, and what is: reserved before a request is sent, settled when it ended.

    Args:
        max_usd, max_tokens: bounds, None for none.
        usd: price of one token of requests and of one of answers.
        spent: already, in this run and those before it.
    """

    max_usd: float | None
    max_tokens: int | None
    usd: tuple[float, float]
    spent: Tokens
    reserved: Tokens = field(default_factory=Tokens)

    def cost(self, tokens: Tokens) -> float:
        return tokens.prompt * self.usd[0] + tokens.completion * self.usd[1]

    def fits(self, need: Tokens) -> bool:
        """Whether a request may be sent, if all that are in flight use what was reserved for them."""
        total = self.spent.plus(*self.reserved).plus(*need)
        return (self.max_usd is None or self.cost(total) <= self.max_usd) and (
            self.max_tokens is None or sum(total) <= self.max_tokens
        )

    def error(self, need: Tokens) -> BudgetError:
        usd = f"{self.cost(self.spent):.2f} USD of {self.max_usd}" if self.max_usd is not None else ""
        tokens = f"{sum(self.spent):,} tokens of {self.max_tokens:,}" if self.max_tokens is not None else ""
        told = " and ".join(filter(None, (usd, tokens)))
        return BudgetError(
            f"the budget of the language model is spent: {told}, and the next request may take {sum(need):,} tokens. What was "
            "answered is kept; raise max_usd or max_tokens and run again"
        )


@dataclass(eq=False)
class _Waiter:
    need: Tokens
    turn: asyncio.Future[None]


class Pace:
    """Gives requests their turn, in the order in which they came.

    Args:
        max_in_flight: most at once.
        rpm, tpm: requests and tokens a minute, None for no limit.
        pause: of the endpoint.
    """

    def __init__(self, max_in_flight: int, rpm: float | None, tpm: float | None, pause: Pause, budget: Budget) -> None:
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._max, self._limit = max_in_flight, float(min(FIRST_IN_FLIGHT, max_in_flight))
        self._doubles = True
        self._requests, self._tokens = Bucket(rpm, 1.0, now), Bucket(tpm, TOKEN_BURST_S, now)
        self.pause, self.budget = pause, budget
        self._waiters: deque[_Waiter] = deque()
        self._sleepers: set[asyncio.Future[None]] = set()
        self._again: asyncio.TimerHandle | None = None
        self._ended: AstrocorpusError | None = None
        self.in_flight = 0
        self._round = self._refused = self._most = 0

    @property
    def limit(self) -> int:
        """How many may be in flight now."""
        return int(self._limit)

    @property
    def waiting(self) -> int:
        return len(self._waiters) + len(self._sleepers)

    async def turn(self, need: Tokens) -> None:
        """Wait until a request may be sent; it is in flight then, and its tokens are reserved, until `ended`.

        Raises:
            BudgetError: they do not fit into the budget, though nothing is in flight.
            AstrocorpusError: the one that `end` was called with.
        """
        waiter = _Waiter(need, self._loop.create_future())
        self._waiters.append(waiter)
        self._pump()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None:
                self.ended(need, Tokens(), refused=False)
            raise

    def ended(self, need: Tokens, used: Tokens, *, refused: bool) -> None:
        """A request is no more in flight.

        Args:
            need: what was reserved for it.
            used: what it took.
            refused: the endpoint had too much to do: it said so, or ran out of time.
        """
        self.in_flight -= 1
        self.budget.reserved = self.budget.reserved.plus(-need.prompt, -need.completion)
        self.budget.spent = self.budget.spent.plus(*used)
        self._tokens.take(sum(used) - sum(need))
        self._round += 1
        self._refused += refused
        if self._round >= int(self._limit):
            self._adapt()
        self._pump()

    async def sleep(self, seconds: float) -> None:
        """Wait before another try; ends at once, with an error, when `end` is called."""
        if self._ended is not None:
            raise self._ended
        woken: asyncio.Future[None] = self._loop.create_future()
        self._sleepers.add(woken)
        handle = self._loop.call_later(seconds, lambda: None if woken.done() else woken.set_result(None))
        try:
            await woken
        finally:
            handle.cancel()
            self._sleepers.discard(woken)

    def end(self, error: AstrocorpusError) -> None:
        """Give nobody a turn any more: who waits gets the error."""
        self._ended = self._ended or error
        self._refuse(self._ended)
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_exception(self._ended)

    def _adapt(self) -> None:
        share = self._refused / self._round
        self._doubles = self._doubles and not self._refused
        if self._most >= int(self._limit):  # it was used up, so that more would have been sent
            self._limit += self._limit if self._doubles else max(1.0, self._limit / 16)
        self._limit = min(max(1.0, self._limit * (1 - share / 2)), float(self._max))
        self._round = self._refused = 0
        self._most = self.in_flight

    def _pump(self) -> None:
        """Give turns to those who wait, while there are turns to give."""
        if self._ended is not None:
            return self._refuse(self._ended)
        while self._waiters and self.in_flight < int(self._limit):
            waiter = self._waiters[0]
            if waiter.turn.done():
                self._waiters.popleft()
                continue
            now, need = self._loop.time(), waiter.need
            wait = max(self.pause.until - now, self._requests.wait(1, now), self._tokens.wait(sum(need), now))
            if wait > 0:
                return self._pump_in(wait)
            if not self.budget.fits(need):
                if not self.in_flight:
                    self._refuse(self.budget.error(need))
                return None
            self._waiters.popleft()
            self._requests.take(1)
            self._tokens.take(sum(need))
            self.budget.reserved = self.budget.reserved.plus(*need)
            self.in_flight += 1
            self._most = max(self._most, self.in_flight)
            waiter.turn.set_result(None)
        return None

    def _pump_in(self, seconds: float) -> None:
        if self._again is not None:
            self._again.cancel()
        self._again = self._loop.call_later(seconds, self._pump)

    def _refuse(self, error: AstrocorpusError) -> None:
        for waiter in self._waiters:
            if not waiter.turn.done():
                waiter.turn.set_exception(error)
        self._waiters.clear()
