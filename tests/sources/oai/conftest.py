"""A server, and harvests of it in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from curation.place import open_place
from curation.sources.fold_files import lines_of
from curation.sources.oai.client import Client
from curation.sources.oai.harvest import Harvest
from curation.sources.oai.keep import RECORDS, REJECTED, keep_pages
from curation.sources.oai.pace import Pace
from curation.sources.oai.state import State, read_state
from tests.sources.oai.server import Server, serving

SET = "physics:astro-ph"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as started:
        yield started


class Harvested:
    """A folder of harvests of one server, without a pace."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server, self.told = folder, server, list[str]()

    def run(self, *sets: str, tries: int = 3, first: Any = None, last: Any = None) -> Harvest:
        place = open_place(str(self.folder))
        place.sweep()
        state = read_state(place) or State(url=self.server.url, prefix="arXivRaw")
        pace = Pace(self.folder / "last", 0.0)
        with Client(self.server.url, pace, self.told.append, tries) as client:
            harvest = Harvest(client, place, state, tell=self.told.append)
            harvest.run(sets or [SET], first, last)
        keep_pages(place, state)
        return harvest

    def records(self, name: str = RECORDS) -> list[dict[str, Any]]:
        return [json.loads(line) for _, line in lines_of(open_place(str(self.folder)), name)]

    def rejected(self) -> list[dict[str, Any]]:
        return self.records(REJECTED)

    def told_of(self) -> dict[str, tuple[str, str]]:
        """id -> datestamp and title of each record; fails on doubles."""
        found = self.records()
        assert len({r["id"] for r in found}) == len(found), "a record stands there twice"
        return {r["id"]: (r["update_date"], r.get("title") or "deleted") for r in found}

    def in_store(self) -> dict[str, tuple[str, str]]:
        """What the server has now, in the same words."""
        return {i.id: (i.day, "deleted" if i.is_deleted else i.title) for i in self.server.items.values()}


@pytest.fixture
def harvested(tmp_path: Path, server: Server) -> Callable[[], Harvested]:
    (tmp_path / "h").mkdir()
    return lambda: Harvested(tmp_path / "h", server)
