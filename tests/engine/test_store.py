"""What appears under its name is on the disk: written, synced, renamed, and the folder synced, in this order."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curation.errors import RunError
from curation.parquet import write
from pipelines.engine.store import Store, open_store
from pipelines.launch import Options, launch
from schemas.files import TEMP_PREFIX
from tests.engine.steps import text_pipeline


class Recorded:
    """A store's calls to the system, in order: (what, name, bytes that the file had), and the thread of each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, str, int]] = []
        self.threads: list[int] = []
        fsync, appears = os.fsync, {"replace": os.replace, "link": os.link}

        def record_fsync(handle: int) -> None:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            self.record("fsync folder" if path.is_dir() else "fsync", path.name, os.fstat(handle).st_size)
            fsync(handle)

        def recording(call: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
            def appear(source: Path, target: Path) -> None:
                self.record("rename", f"{source.name} {target.name}", source.stat().st_size)
                call(source, target)

            return appear

        monkeypatch.setattr(os, "fsync", record_fsync)
        for name, call in appears.items():
            monkeypatch.setattr(os, name, recording(call))

    def record(self, *call: Any) -> None:
        self.calls.append(call)
        self.threads.append(threading.get_ident())


def test_a_file_is_synced_whole_before_it_has_its_name_and_its_folder_after(tmp_path, monkeypatch):
    recorded = Recorded(monkeypatch)
    body = b"x" * 100_000
    written = Store(tmp_path).write("part/one.bin", lambda sink: sink.write(body))
    (synced, temp, size), (renamed, names, _), (last, folder, _) = recorded.calls
    assert (synced, renamed, last) == ("fsync", "rename", "fsync folder")
    assert size == written.bytes == len(body), "all of it had left the buffer"
    assert temp.startswith(TEMP_PREFIX) and names == f"{temp} one.bin" and folder == "part"


def test_a_sync_that_fails_leaves_no_file(tmp_path, monkeypatch):
    def fail(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunError, match="Input/output error"):
        Store(tmp_path).write_json("a.json", {})
    assert list(tmp_path.iterdir()) == []


def test_a_receipt_comes_after_its_part_and_a_manifest_after_its_receipts(tmp_path, monkeypatch):
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(12):
        (folder / f"p{i:02d}.txt").write_text(f"paper number {i} about stars")
    recorded = Recorded(monkeypatch)
    launch(text_pipeline(folder), tmp_path / "run", Options(executor="inline"))
    named = [names.split()[1] for what, names, _ in recorded.calls if what == "rename"]
    for part in ("part-00000", "part-00001", "part-00002"):
        first = [name for name in named if name.startswith(f"{part}.")]
        assert first[0] == f"{part}.parquet" and first[-1] == f"{part}.json"
        assert all(one != two or one.endswith(".parquet") for one, two in pairwise(first)), "no receipt without a file"
    papers = named[: named.index("_manifest.json")]
    assert [n for n in papers if n.startswith("part-")][-1].endswith(".json")
    report = next(i for i, (_, names, _) in enumerate(recorded.calls) if names.endswith(" report.json"))
    for thread in set(recorded.threads[: report + 2]):
        calls = zip(recorded.calls[: report + 2], recorded.threads, strict=False)
        kinds = [what for (what, _, _), caller in calls if caller == thread]
        assert kinds == ["fsync", "rename", "fsync folder"] * (len(kinds) // 3), (
            "nothing before the card is written another way"
        )


def test_a_flipped_bit_of_a_table_is_told_or_does_no_harm(tmp_path):
    rng = random.Random(3)
    odd = [f"{rng.getrandbits(64):x}" for _ in range(300)]
    table = pa.table({"id": [f"p{i}" for i in range(300)], "n": list(range(300)), "odd": odd})
    store = Store(tmp_path)
    store.write("a.parquet", lambda sink: write(table, sink))
    whole = (tmp_path / "a.parquet").read_bytes()
    for _ in range(300):
        broken = bytearray(whole)
        broken[rng.randrange(4, len(whole) // 2)] ^= 1 << rng.randrange(8)  # pages: a footer has no checksum
        (tmp_path / "a.parquet").write_bytes(broken)
        with suppress(RunError):
            assert store.read_table("a.parquet", table.column_names).equals(table)


def test_a_run_that_lost_its_folder_takes_away_nothing_there(tmp_path):
    """What is half written in it is another run's."""

    class Lost:
        def check(self) -> None:
            raise RunError("lost")

    store = open_store(tmp_path)
    stray = tmp_path / "a" / ".tmp-1-b"
    stray.parent.mkdir()
    stray.touch()
    with store.lock():
        store._held = Lost()
        with pytest.raises(RunError, match="lost"):
            store.sweep()
    assert stray.exists() and store.sweep() == 1


def test_json_that_another_writes_while_one_waits_stays(tmp_path, monkeypatch):
    mine, theirs = Store(tmp_path), Store(tmp_path)
    assert theirs.update_json("run.json", {"n": 1})

    def meanwhile() -> None:
        """This one is stopped before it asks for its lease, and goes on when another one has written."""
        assert theirs.update_json("run.json", {"n": 2})

    monkeypatch.setattr(mine, "check_held", meanwhile)
    with pytest.raises(RunError, match="written by another process"):
        mine.update_json("run.json", {"n": 3})
    assert theirs.read_json("run.json") == {"n": 2}
    assert theirs.update_json("run.json", {"n": 4})
