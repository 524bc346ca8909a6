"""Days of harvests of a server in which everything happens at once, in any order: at the end nothing is missing or doubled."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from curation.errors import AstrocorpusError
from tests.sources.oai.conftest import SET, Harvested
from tests.sources.oai.server import Item, Reply, Server, xml

FAULTS: list[Reply] = [
    (503, {"Retry-After": "0"}, b""),
    (500, {}, b""),
    (200, {}, b"<html>busy</html>"),
    (200, {}, xml("<ListRecords/>")[2][:-9]),
    (403, {}, b""),  # ends a run
    xml('<error code="badArgument"/>'),  # this, too
]


def day_after(day: str, days: int = 1) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def changing(server: Server, chosen: random.Random) -> Callable[[int, dict[str, str]], Reply | None]:
    """Before a request records change, come and go, tokens expire, the day ends, or the answer is none."""

    def change(_: int, arguments: dict[str, str]) -> Reply | None:
        for _ in range(chosen.choice([0, 0, 0, 1, 3])):
            old = server.items[chosen.choice(sorted(server.items))]
            server.put(Item(old.id, server.today, f"Title {chosen.random()}", is_deleted=chosen.random() < 0.2))
        if chosen.random() < 0.1:
            server.put(Item(f"2402.{chosen.randrange(1, 9999):05d}", server.today, "New"))
        if chosen.random() < 0.03:
            server.expire()
        if chosen.random() < 0.03:
            server.today = day_after(server.today)
            server.expire()
        return chosen.choice(FAULTS) if chosen.random() < 0.04 else None

    return change


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_missing_or_doubled_when_it_is_quiet_again(server: Server, tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed)
    server.page, server.is_live = chosen.choice([4, 9]), chosen.random() < 0.5
    server.order = chosen.choice([None, lambda item: item.day, lambda item: item.id])
    days = [day_after("2023-12-01", n) for n in range(100)]
    server.put(*(Item(f"2301.{n:05d}", chosen.choice(days), f"Title {n}") for n in range(1, 40)))
    (tmp_path / "h").mkdir()
    h = Harvested(tmp_path / "h", server)
    for _ in range(3):
        server.on_request = changing(server, chosen)
        with suppress(AstrocorpusError):
            h.run(SET)
        server.today = day_after(server.today, chosen.choice([0, 1, 20]))
    server.on_request = lambda *_: None
    h.run(SET)
    h.run(SET)
    assert {name: told[0] for name, told in h.told_of().items()} == {i.id: i.day for i in server.items.values()}
    deleted = {r["id"] for r in h.records() if r.get("is_deleted")}
    assert deleted == {i.id for i in server.items.values() if i.is_deleted}
    titles = {r["id"]: r["title"] for r in h.records() if not r.get("is_deleted")}
    assert titles == {i.id: i.title for i in server.items.values() if not i.is_deleted}
