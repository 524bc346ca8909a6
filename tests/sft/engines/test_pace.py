"""When requests are sent: how many at once, how many a minute, and what of the budget is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.errors import BudgetError, StoppedError
from curation.sft.engines.pace import FIRST_IN_FLIGHT, Bucket, Budget, Pace, Pause
from curation.sft.store import Tokens

NEED = Tokens(10, 90)


def paced(work: Callable[[Pace], Awaitable[None]], max_in_flight: int = 1000, budget: Budget | None = None) -> None:
    async def run() -> None:
        spends = budget or Budget(None, None, (0.0, 0.0), Tokens())
        await work(Pace(max_in_flight, None, None, Pause.of("http://a"), spends))

    asyncio.run(run())


async def round_of(pace: Pace, refused: int = 0) -> None:
    """As many requests as may be in flight, of which some are refused."""
    n = pace.limit
    for _ in range(n):
        await pace.turn(NEED)
    for i in range(n):
        pace.ended(NEED, NEED, refused=i < refused)


def test_the_number_in_flight_doubles_until_the_first_refusal_and_then_grows_slowly() -> None:
    async def work(pace: Pace) -> None:
        limits = [pace.limit]
        for refused in (0, 0, 0, 13, 0):
            await round_of(pace, refused)
            limits.append(pace.limit)
        first, *_ = limits
        assert first == FIRST_IN_FLIGHT
        # of 128, 13 refused: a sixteenth more, then a twentieth less
        assert limits[1:4] == [32, 64, 128] and limits[4] == int((128 + 8) * (1 - 13 / 256)) and limits[5] == 137

    paced(work)


def test_a_wall_of_refusals_halves_it_down_to_one_and_it_comes_back() -> None:
    async def work(pace: Pace) -> None:
        for _ in range(20):
            await round_of(pace, refused=pace.limit)
        assert pace.limit == 1
        for _ in range(10):
            await round_of(pace)
        assert pace.limit == 11

    paced(work)


def test_it_does_not_grow_where_it_is_not_used_and_not_past_the_most() -> None:
    async def work(pace: Pace) -> None:
        for _ in range(100):
            await pace.turn(NEED)
            pace.ended(NEED, NEED, refused=False)
        assert pace.limit == FIRST_IN_FLIGHT
        for _ in range(5):
            await round_of(pace)
        assert pace.limit == 40

    paced(work, max_in_flight=40)


def test_no_more_are_in_flight_than_may_be_and_each_gets_its_turn_in_order() -> None:
    async def work(pace: Pace) -> None:
        order: list[int] = []

        async def one(n: int) -> None:
            await pace.turn(NEED)
            order.append(n)
            assert pace.in_flight <= 3
            await asyncio.sleep(0)
            pace.ended(NEED, NEED, refused=False)

        await asyncio.gather(*map(one, range(50)))
        assert order == list(range(50)) and pace.in_flight == pace.waiting == 0

    paced(work, max_in_flight=3)


def test_engines_of_one_endpoint_share_its_pause() -> None:
    async def work(pace: Pace) -> None:
        loop = asyncio.get_running_loop()
        other = Pace(4, None, None, Pause.of("http://a"), pace.budget)
        third = Pace(4, None, None, Pause.of("http://b"), pace.budget)
        until = loop.time() + 0.2
        pace.pause.ask(until)
        pace.pause.ask(until - 0.1)
        await third.turn(NEED)
        await other.turn(NEED)
        assert loop.time() >= until

    paced(work)


def test_one_who_left_takes_no_turn() -> None:
    async def work(pace: Pace) -> None:
        await pace.turn(NEED)
        left, stays = asyncio.create_task(pace.turn(NEED)), asyncio.create_task(pace.turn(NEED))
        await asyncio.sleep(0)
        left.cancel()
        pace.ended(NEED, NEED, refused=False)  # gives the turn to the one who leaves at this moment
        await stays
        assert pace.in_flight == 1 and pace.budget.reserved == NEED

    paced(work, max_in_flight=1)


def test_the_end_reaches_who_waits_and_who_sleeps() -> None:
    async def work(pace: Pace) -> None:
        await pace.turn(NEED)
        told = asyncio.gather(pace.turn(NEED), pace.sleep(3600), return_exceptions=True)
        await asyncio.sleep(0)
        pace.end(StoppedError("stop"))
        assert all(isinstance(error, StoppedError) for error in await told)
        with pytest.raises(StoppedError):
            await pace.sleep(0)
        with pytest.raises(StoppedError):
            await pace.turn(NEED)
        pace.ended(NEED, NEED, refused=False)
        assert pace.in_flight == 0

    paced(work, max_in_flight=1)


def test_a_budget_waits_for_what_is_in_flight_before_it_is_spent() -> None:
    budget = Budget(None, 250, (0.0, 0.0), Tokens())

    async def work(pace: Pace) -> None:
        await pace.turn(NEED)
        await pace.turn(NEED)
        third = asyncio.create_task(pace.turn(NEED))
        await asyncio.sleep(0.01)
        assert not third.done()
        pace.ended(NEED, Tokens(10, 40), refused=False)  # took half of what was reserved for it
        await third
        assert budget.spent == Tokens(10, 40) and budget.reserved == Tokens(20, 180)
        fourth = asyncio.create_task(pace.turn(NEED))
        for _ in range(2):
            pace.ended(NEED, NEED, refused=False)
        with pytest.raises(BudgetError, match="250 tokens of 250"):
            await fourth
        assert budget.reserved == Tokens(0, 0)

    paced(work, budget=budget)


@given(
    st.floats(1, 10_000),
    st.floats(0.1, 10),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0.01, 500)), min_size=1, max_size=50),
)
def test_no_minute_gives_more_than_its_limit_and_a_burst(
    per_minute: float, burst_s: float, asks: list[tuple[float, float]]
) -> None:
    bucket, now, taken = Bucket(per_minute, burst_s, 0.0), 0.0, 0.0
    for later, need in asks:
        now += later
        now += bucket.wait(need, now)
        assert bucket.wait(need, now) < 1e-3
        bucket.take(need)
        taken += need
        size = max(1.0, per_minute / 60 * burst_s)
        assert taken <= size + now * per_minute / 60 + max(0.0, need - size) + 1e-3
    assert Bucket(None, 1.0, 0.0).wait(1e9, 0.0) == 0.0


def test_one_loops_pause_is_not_anothers() -> None:
    kept: list[Pause] = []

    async def ask() -> None:
        kept.append(Pause.of("http://a"))
        kept[-1].ask(time.monotonic() + 3600)

    asyncio.run(ask())

    async def look() -> None:
        assert Pause.of("http://c").until == 0.0

    asyncio.run(look())
