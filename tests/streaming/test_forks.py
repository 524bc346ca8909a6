"""Processes that are forked while threads of a reader work."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from threading import Event, Thread

from curation.streaming import Reader
from tests.streaming.releases import write_release


def test_a_forked_child_reads_while_a_thread_of_its_parent_opens_a_file(tmp_path: Path) -> None:
    rows = write_release(tmp_path, [[4], [4]])
    reader = Reader(tmp_path, lanes=2)
    opened, done = Event(), Event()

    def open_slowly() -> None:
        with reader.rows.files._lock:
            opened.set()
            done.wait()

    thread = Thread(target=open_slowly)
    thread.start()
    opened.wait()
    child = multiprocessing.get_context("fork").Process(target=read_all, args=(reader, len(rows)))
    child.start()
    child.join(60)
    child.kill()
    done.set()
    thread.join()
    assert child.exitcode == 0


def read_all(reader: Reader, count: int) -> None:
    if len(list(reader)) != count:
        raise SystemExit(1)
