"""The store of replies: kept once, sealed for other machines, and found again by them."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curation.errors import EngineError, RunError, UserError
from curation.place import FolderPlace, open_place
from curation.sft.engines.engine import Reply
from curation.sft.store import ReplyStore, Spent, Stored, Tokens
from curation.sft.store_commits import Commits
from curation.sft.store_sealed import MANY_SMALL, Sealer


def row(n: int, text: str = "", engine: str = "e" * 16) -> Stored:
    key = hashlib.sha256(str(n).encode()).hexdigest()
    return Stored(key, engine, "m", 0, Reply(text or f"text {n} \0 Ω", "why" if n % 2 else None, "stop", 10, 20, "m-1"))


def sealer(tmp_path: Path, machine: str) -> Sealer:
    return Sealer(ReplyStore(tmp_path / machine / "store.sqlite"), FolderPlace(tmp_path / "run" / "replies"))


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "run" / "replies").iterdir())


def test_the_first_of_two_replies_stands(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "s")
    assert store.get(row(1).key) is None
    assert store.put([row(1), row(2), row(1, "another")]) == [row(1).reply, row(2).reply, row(1).reply]
    other = ReplyStore(tmp_path / "s")  # another process
    assert other.put([row(2, "another"), row(3)]) == [row(2).reply, row(3).reply]
    assert len(store) == 3 and [store.get(row(n).key) for n in (1, 2, 3)] == [row(n).reply for n in (1, 2, 3)]


def test_what_was_spent_is_counted_by_engine(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "s")
    store.put([row(1), row(2), row(3, engine="f" * 16)], [("e" * 16, Tokens(1, 2), Tokens(3, 4))])
    assert store.spent("e" * 16) == Spent(Tokens(20, 40), Tokens(1, 2), Tokens(3, 4))
    assert store.spent("f" * 16) == Spent(Tokens(10, 20))
    assert store.spent("0" * 16) == Spent()


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("no sqlite file, but a text that is long enough to be taken for one" * 20)
    with pytest.raises(UserError, match="move a broken one away"):
        ReplyStore(tmp_path / "s")
    db = sqlite3.connect(tmp_path / "t")
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(UserError, match="of another version"):
        ReplyStore(tmp_path / "t")


def test_a_store_that_is_damaged_inside_is_told(tmp_path: Path) -> None:
    store = ReplyStore(tmp_path / "s")
    store.put([row(n, "words " * 500) for n in range(40)])
    store.close()
    data = (tmp_path / "s").read_bytes()
    (tmp_path / "s").write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    with pytest.raises(EngineError, match="where it is damaged move it away"):
        ReplyStore(tmp_path / "s").spent("e" * 16)
    with pytest.raises(EngineError, match="where it is damaged move it away"):
        Sealer(ReplyStore(tmp_path / "s"), FolderPlace(tmp_path / "place")).load()


def test_another_machine_finds_what_was_sealed_and_seals_only_what_is_new(tmp_path: Path) -> None:
    one = sealer(tmp_path, "one")
    one.store.put([row(n) for n in range(5)])
    assert (one.seal(), one.seal()) == (5, 0)
    one.store.put([row(5)])
    assert one.seal() == 1
    two = sealer(tmp_path, "two")
    assert (two.load(), two.load()) == (6, 0)
    assert [two.store.get(row(n).key) for n in range(6)] == [row(n).reply for n in range(6)]
    assert two.seal() == 0
    two.store.put([row(6)])
    assert two.seal() == 1 and len(files(tmp_path)) == 3
    assert one.load() == 1 and one.seal() == 0


def test_a_bucket_holds_what_was_sealed(tmp_path: Path, s3_uri: str) -> None:
    one, two = (Sealer(ReplyStore(tmp_path / name), open_place(s3_uri).below("replies")) for name in ("one", "two"))
    one.store.put([row(n) for n in range(9)])
    assert one.seal() == 9 and two.load() == 9 and two.seal() == 0
    assert [two.store.get(row(n).key) for n in range(9)] == [row(n).reply for n in range(9)]
    (listed,) = one.place.list()
    assert hashlib.sha256(one.place.read(listed.name)).hexdigest() == listed.name.removesuffix(".parquet")


def test_two_engines_of_one_store_seal_no_reply_twice(tmp_path: Path) -> None:
    sealers = [sealer(tmp_path, "one") for _ in range(4)]
    sealers[0].store.put([row(n) for n in range(2000)])
    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(lambda each: each.seal(), sealers)) == [0, 0, 0, 2000]
    assert len(files(tmp_path)) == 1


def test_files_are_named_by_their_content_which_no_order_changes(tmp_path: Path) -> None:
    one = sealer(tmp_path, "one")
    one.store.put([row(n) for n in range(50)])
    one.seal()
    (name,) = files(tmp_path)
    path = tmp_path / "run" / "replies" / name
    assert name == hashlib.sha256(path.read_bytes()).hexdigest() + ".parquet"
    keys = pq.read_table(path)["key"].to_pylist()
    assert keys == sorted(row(n).key for n in range(50))
    path.unlink()
    two = sealer(tmp_path, "two")
    two.store.put([row(n) for n in reversed(range(50))])
    two.seal()
    assert files(tmp_path) == [name]


def test_a_damaged_file_stops_the_run(tmp_path: Path) -> None:
    one = sealer(tmp_path, "one")
    one.store.put([row(1)])
    one.seal()
    path = tmp_path / "run" / "replies" / files(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(RunError, match="is damaged"):
        sealer(tmp_path, "two").load()


def test_what_is_sealed_stands_before_what_one_disk_held(tmp_path: Path) -> None:
    """A machine dies before it sealed; another one asks again, and the tables are made of its replies."""
    one, two = sealer(tmp_path, "one"), sealer(tmp_path, "two")
    one.store.put([row(1)])
    one.seal()
    one.store.put([row(2, "of one, never sealed"), row(3)])
    two.load()
    two.store.put([row(2, "of two")])
    two.seal()
    one.load()
    said = one.store.get(row(2).key)
    assert said is not None and said.text == "of two"
    assert one.store.get(row(1).key) == row(1).reply
    assert one.seal() == 1, "the reply that nobody else had is sealed, the other one is there"
    three = sealer(tmp_path, "three")
    assert three.load() == 3
    assert three.store.get(row(2).key) == said


def test_what_a_removed_file_held_is_sealed_again(tmp_path: Path) -> None:
    one = sealer(tmp_path, "one")
    for n in range(3):
        one.store.put([row(n)])
        one.seal()
    two = sealer(tmp_path, "two")
    two.load()
    (tmp_path / "run" / "replies" / files(tmp_path)[1]).unlink()
    assert two.load() == 0
    assert two.seal() == 1
    assert sealer(tmp_path, "three").load() == 3


def test_many_small_files_become_one(tmp_path: Path) -> None:
    one = sealer(tmp_path, "one")
    for n in range(MANY_SMALL + 3):
        one.store.put([row(n)])
        one.seal()
    assert len(files(tmp_path)) == MANY_SMALL + 3
    two = sealer(tmp_path, "two")
    two.load()
    assert len(files(tmp_path)) == 4
    assert sealer(tmp_path, "three").load() == MANY_SMALL + 3
    assert one.load() == 0 and one.seal() == 0 and len(files(tmp_path)) == 4


def test_replies_that_come_together_are_written_together_and_released_when_they_are_there(tmp_path: Path) -> None:
    async def put_all() -> int:
        commits = Commits(tmp_path / "s", FolderPlace(tmp_path / "p"), 60, lambda: [("e" * 16, Tokens(), Tokens())])
        await commits.open()
        writes = 0
        put = commits._writer.put

        def counted(*args: object) -> list[Reply]:
            nonlocal writes
            writes += 1
            return put(*args)  # type: ignore[arg-type]

        commits._writer.put = counted  # type: ignore[method-assign]

        async def one(n: int) -> None:
            assert await commits.put(row(n)) == row(n).reply
            with sqlite3.connect(tmp_path / "s") as other:
                assert other.execute("SELECT 1 FROM replies WHERE key = ?", (bytes.fromhex(row(n).key),)).fetchone()

        await asyncio.gather(*map(one, range(100)))
        await commits.close()
        return writes

    assert asyncio.run(put_all()) <= 10
    assert len(list((tmp_path / "p").iterdir())) == 1


def test_a_store_that_cannot_be_written_releases_nothing(tmp_path: Path) -> None:
    async def put_one() -> None:
        commits = Commits(tmp_path / "s", None, 60, lambda: [("e" * 16, Tokens(), Tokens())])
        await commits.open()
        commits._writer.db.execute("DROP TABLE replies")
        try:
            await commits.put(row(1))
        finally:
            await commits.close()

    with pytest.raises(EngineError, match="cannot be written"):
        asyncio.run(put_one())
