"""Killed -9 at each moment at which a file becomes another: page, state, records."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from tests.sources.oai.conftest import Harvested
from tests.sources.oai.server import Item, Server

Make = Callable[[], Harvested]


def in_a_child(work: Callable[[], object], at: int, when: str) -> bool:
    """Do the work in a forked process that kills itself before or after the rename of that number; whether it came to its end."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    count = 0
    rename = os.replace

    def replace(old: Path, new: Path) -> None:
        nonlocal count
        count += 1
        if count == at and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        rename(old, new)
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with mock.patch("os.replace", replace):
            work()
    except BaseException:
        os._exit(1)
    os._exit(0)


@pytest.mark.parametrize("when", ["before", "after"])
def test_harvest_killed_at_any_rename_leaves_no_gap_and_no_double(
    server: Server, harvested: Make, tmp_path: Path, when: str
) -> None:
    server.earliest, server.page = "2024-02-19", 5
    server.put(*(Item(f"2301.{n:05d}", f"2024-03-0{n}") for n in range(1, 8)), Item("no id", "2024-02-19"))
    at, killed = 0, 0
    while True:
        at += 1
        server.put(Item("2301.00003", "2024-02-20", f"Changed {at}"))
        h = Harvested(tmp_path / f"h{at}", server)
        h.folder.mkdir()
        if in_a_child(h.run, at, when):
            break
        killed += 1
        assert in_a_child(h.run, -1, when)
        truth = h.in_store()
        assert truth.pop("no id")
        assert h.told_of() == truth
        assert [r["id"] for r in h.rejected()] == ["oai:arXiv.org:no id"]
        assert not list((h.folder / "pages").iterdir())
    assert killed > 8
