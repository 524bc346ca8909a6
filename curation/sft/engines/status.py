"""How far an engine is: counts, cost, speed, and when it will be done."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

WINDOW_S = 30.0
"""Speed is that of the last so many seconds."""


class Took(NamedTuple):
    """What some requests took: their number, and their tokens."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class View:
    """A status at one moment.

    Args:
        done: requests answered by the model in this run, errors among them.
        failed: replies with an error.
        cached: requests answered by the store.
        tries: requests sent, each try of each.
        in_flight: sent and not yet stored.
        waiting: asked and not yet sent.
        expected: requests that the asker announced, 0 when it did not.
        prompt_tokens, completion_tokens: of the replies of this run.
        usd: cost of this run, and of what was lost in it; 0 without prices.
        tokens_per_s: completion tokens a second, of the last 30 s.
        eta_s: seconds to the end at this speed; None when it is not known.
        paused_s: for how long the endpoint is left alone, because it asked for it.
    """

    done: int
    failed: int
    cached: int
    tries: int
    in_flight: int
    waiting: int
    expected: int
    prompt_tokens: int
    completion_tokens: int
    usd: float
    tokens_per_s: float
    eta_s: float | None
    paused_s: float

    def line(self) -> str:
        """One line for a terminal."""
        of = f"/{self.expected:,}" if self.expected else ""
        parts = [f"{self.done + self.cached:,}{of} done ({self.cached:,} cached, {self.failed:,} failed)"]
        parts.append(f"{self.in_flight} in flight, {self.waiting} waiting")
        parts.append(f"{self.tokens_per_s:,.0f} tokens/s")
        if self.usd:
            parts.append(f"{self.usd:,.2f} USD")
        if self.eta_s is not None:
            parts.append(f"{int(self.eta_s) // 60} min {int(self.eta_s) % 60:02} s to go")
        if self.paused_s > 0:
            parts.append(f"paused for {self.paused_s:.0f} s")
        return " · ".join(parts)


class Status:
    """Counts as they stand; `view` reads them. Written by the engine alone, but for `expect`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.done = self.failed = self.cached = self.tries = self.in_flight = self.waiting = self.expected = 0
        self.prompt_tokens = self.completion_tokens = 0
        self.usd = 0.0
        self.paused_until = 0.0
        self._recent: deque[tuple[float, int]] = deque()

    def expect(self, requests: int) -> None:
        """Announce further requests, cached ones among them, so that the end can be told."""
        self.expected += requests

    def answered(self, prompt_tokens: int, completion_tokens: int, *, failed: bool) -> None:
        """Count one reply of the model."""
        self.done += 1
        self.failed += failed
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self._recent.append((self._clock(), completion_tokens))
        self._forget()

    def view(self) -> View:
        """How it stands now."""
        now = self._clock()
        self._forget()
        span = max(now - self._recent[0][0], 1.0) if self._recent else 1.0
        a_second = len(self._recent) / span
        left = self.expected - self.done - self.cached
        return View(
            done=self.done,
            failed=self.failed,
            cached=self.cached,
            tries=self.tries,
            in_flight=self.in_flight,
            waiting=self.waiting,
            expected=self.expected,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            usd=self.usd,
            tokens_per_s=sum(tokens for _, tokens in self._recent) / span,
            eta_s=left / a_second if left > 0 and a_second else None,
            paused_s=max(0.0, self.paused_until - now),
        )

    def _forget(self) -> None:
        while self._recent and self._recent[0][0] < self._clock() - WINDOW_S:
            self._recent.popleft()
