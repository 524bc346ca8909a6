"""Nothing lost, nothing repeated, resume anywhere equals no interruption, at any world size."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import parquet
from curation.errors import UserError
from curation.streaming import Reader, State
from schemas import RELEASE
from tests.data_cards.card_release import pair, released
from tests.data_cards.card_release import write_release as write_card_release
from tests.streaming.releases import write_release

FILES = st.lists(st.lists(st.integers(1, 9), max_size=4), min_size=1, max_size=4).filter(lambda f: sum(map(sum, f)) > 0)


def ids(reader: Reader, n: int | None = None) -> list[str]:
    return [sample["id"] for sample in islice(reader, n)]


def interleave(streams: list[list[str]]) -> list[str]:
    """The global order from what each rank got: one of rank 0, one of rank 1, ..."""
    longest = max(map(len, streams))
    return [stream[k] for k in range(longest) for stream in streams if k < len(stream)]


@settings(max_examples=60, deadline=None)
@given(
    files=FILES, lanes=st.integers(1, 12), data=st.data(), seed=st.integers(0, 5), prefetch=st.sampled_from([0, 0, 1])
)
def test_every_world_size_reads_the_same_order_and_each_sample_once(
    files: list[list[int]], lanes: int, data: st.DataObject, seed: int, prefetch: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = write_release(Path(folder), files)
        alone = ids(Reader(folder, lanes=lanes, seed=seed, prefetch=prefetch))
        assert sorted(alone) == sorted(expected)
        world = data.draw(st.integers(1, lanes))
        readers = [Reader(folder, lanes=lanes, seed=seed, rank=r, world=world, prefetch=prefetch) for r in range(world)]
        lengths = [len(reader) for reader in readers]
        streams = [ids(reader) for reader in readers]
        assert list(map(len, streams)) == lengths
        assert interleave(streams) == alone


@settings(max_examples=60, deadline=None)
@given(files=FILES, lanes=st.integers(1, 12), data=st.data())
def test_resuming_anywhere_with_other_world_sizes_equals_no_interruption(
    files: list[list[int]], lanes: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_release(Path(folder), files)
        expected = ids(Reader(folder, lanes=lanes, prefetch=0))
        state, got = None, list[str]()
        while len(got) < len(expected):
            world = data.draw(st.integers(1, min(lanes, len(expected) - len(got))), label="world")
            readers = [Reader(folder, lanes=lanes, rank=r, world=world, state=state, prefetch=0) for r in range(world)]
            steps = data.draw(st.integers(1, (len(expected) - len(got)) // world), label="steps")
            got += interleave([ids(reader, steps) for reader in readers])
            states = {reader.state() for reader in readers}
            assert len(states) == 1
            state = State.from_dict(json.loads(json.dumps(states.pop().to_dict())))
        assert got == expected
        assert state is not None
        assert (state.epoch, state.consumed) == (1, 0)


@settings(max_examples=40, deadline=None)
@given(files=FILES, lanes=st.integers(1, 9), data=st.data())
def test_drop_and_repeat_give_every_rank_equally_many(files: list[list[int]], lanes: int, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        total = len(write_release(Path(folder), files))
        world = data.draw(st.integers(1, lanes))
        alone = ids(Reader(folder, lanes=lanes, prefetch=0))
        dropped = [ids(Reader(folder, lanes=lanes, rank=r, world=world, tail="drop", prefetch=0)) for r in range(world)]
        assert interleave(dropped) == alone[: total // world * world]
        repeated = [
            ids(Reader(folder, lanes=lanes, rank=r, world=world, tail="repeat", prefetch=0)) for r in range(world)
        ]
        padding = -total % world
        assert interleave(repeated) == alone + [alone[i % total] for i in range(padding)]


def test_epochs_differ_and_a_reader_goes_on_with_the_next(tmp_path: Path) -> None:
    expected = write_release(tmp_path, [[40, 40], [40]])
    reader = Reader(tmp_path, lanes=4, seed=1)
    first, second = ids(reader), ids(reader)
    assert first != second != expected
    assert sorted(first) == sorted(second) == sorted(expected)
    assert reader.state().epoch == 2
    assert ids(Reader(tmp_path, lanes=4, seed=2)) != first
    assert ids(Reader(tmp_path, lanes=1, shuffle=False)) == expected


def test_rank_reads_only_the_files_of_its_lanes_when_the_world_divides_the_lanes(tmp_path: Path) -> None:
    write_release(tmp_path, [[8], [8], [8], [8]])
    (tmp_path / "research/shard-00001.parquet").unlink()
    got = ids(Reader(tmp_path, lanes=4, rank=0, world=4))
    assert {i.split("-")[0] for i in got} == {"0"}
    with pytest.raises(UserError, match=r"shard-00001.parquet: named by manifest.json but missing"):
        ids(Reader(tmp_path, lanes=4, rank=1, world=4))


def test_the_order_is_the_same_on_every_machine(tmp_path: Path) -> None:
    write_release(tmp_path, [[3, 3], [4]])
    assert ids(Reader(tmp_path, lanes=2, seed=7)) == GOLDEN


GOLDEN = ["0-0", "1-7", "0-2", "1-8", "0-1", "1-6", "0-4", "1-9", "0-3", "0-5"]


def test_wrong_use_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"manifest\.json: cannot be read"):
        Reader(tmp_path)
    write_release(tmp_path, [[4], [4]])
    with pytest.raises(UserError, match=r"9 ranks .* but 8 lanes"):
        Reader(tmp_path, lanes=8, world=9)
    with pytest.raises(UserError, match="no tier 'public'"):
        Reader(tmp_path, "public")
    with pytest.raises(UserError, match="no column body"):
        ids(Reader(tmp_path, columns=("body",)))
    with pytest.raises(UserError, match="ranks count from 0"):
        Reader(tmp_path, rank=2, world=2)
    with pytest.raises(UserError, match="not a reader state"):
        State.from_dict({"seed": 1})
    state = Reader(tmp_path).state()
    write_release(tmp_path, [[5], [4]])
    with pytest.raises(UserError, match="resume on the release"):
        Reader(tmp_path, state=state)


def test_a_state_goes_on_in_its_own_order_only(tmp_path: Path) -> None:
    expected = write_release(tmp_path, [[20, 20], [20]])
    first = Reader(tmp_path, lanes=3, seed=5, shuffle=False)
    got = ids(first, 25)
    state = State.from_dict(json.loads(json.dumps(first.state().to_dict())))
    assert sorted(got + ids(Reader(tmp_path, state=state))) == sorted(expected)
    for name, other in {"seed": 6, "lanes": 4, "shuffle": True}.items():
        with pytest.raises(UserError, match=f"the state goes on with {name} .* leave {name} out"):
            Reader(tmp_path, state=state, **{name: other})
    assert len(ids(Reader(tmp_path, state=state, seed=5, lanes=3, shuffle=False))) == 35


@pytest.mark.parametrize(
    "change", [{"epoch": -1}, {"seed": -1}, {"seed": True}, {"lanes": "3"}, {"shuffle": 1}, {"x": 1}]
)
def test_a_state_that_is_none_is_told(tmp_path: Path, change: dict[str, object]) -> None:
    write_release(tmp_path, [[4]])
    state = Reader(tmp_path).state().to_dict()
    with pytest.raises(UserError, match="not a reader state"):
        State.from_dict(state | change)


def test_a_changed_file_is_told(tmp_path: Path) -> None:
    write_release(tmp_path, [[4]])
    shard = tmp_path / "research/shard-00000.parquet"
    data = bytearray(shard.read_bytes())
    data[10] ^= 1
    shard.write_bytes(data)
    with pytest.raises(UserError, match=r"sha256 .* says"):
        ids(Reader(tmp_path, verify="sha256"))
    shard.write_bytes(data[:-1])
    with pytest.raises(UserError, match=r"bytes, manifest\.json says"):
        ids(Reader(tmp_path))


def checked_release(folder: Path) -> tuple[Path, bytes]:
    """A release of one shard as the one writer makes it; the shard and its bytes."""
    table = RELEASE.rows([released(i, text=f"Text {i}. " * 100, attribution=f"Author {i}") for i in range(20)])
    shard = folder / "research/shard-00000.parquet"
    shard.parent.mkdir()
    with shard.open("wb") as sink:
        parquet.write(table, sink, groups=[(0, 10), (10, 10)])
    data = shard.read_bytes()
    entry = {"tier": "research", "file": "research/shard-00000.parquet", "rows": 20, "row_groups": [10, 10]}
    entry |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "name": "demo", "files": [entry]}))
    return shard, data


def test_a_flipped_bit_never_changes_what_is_delivered(tmp_path: Path) -> None:
    """Planted: one bit anywhere in a shard, and every bit of the columns' types in its footer."""
    shard, data = checked_release(tmp_path)
    expected = list(Reader(tmp_path, lanes=1))
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    pick = random.Random(7)
    bits = [pick.randrange(8 * len(data)) for _ in range(500)] + list(range(8 * footer, 8 * (footer + 110)))
    told = 0
    for bit in bits:
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        shard.write_bytes(damaged)
        try:
            assert list(Reader(tmp_path, lanes=1, prefetch=0)) == expected, f"bit {bit}"
        except UserError as error:
            assert str(shard) in str(error) or "has no column" in str(error)
            told += 1
    assert told > 100


def test_a_shard_that_goes_away_while_it_is_read_is_told(tmp_path: Path) -> None:
    shard = checked_release(tmp_path)[0]
    reader = iter(Reader(tmp_path, lanes=1, prefetch=0, shuffle=False))
    next(reader)
    shard.unlink()
    with pytest.raises(UserError, match=r"shard-00000\.parquet: cannot be read"):
        list(reader)


def test_reading_needs_no_optional_library() -> None:
    import subprocess
    import sys

    code = "import sys, curation.streaming; print(sorted({m.split('.')[0] for m in sys.modules} & {'torch','boto3','polars','datasets'}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_documents_and_pairs_of_a_tier_are_read_apart(tmp_path: Path) -> None:
    write_card_release(tmp_path, {"public": [released(i) for i in range(5)]}, [pair(i) for i in range(3)])
    assert len(ids(Reader(tmp_path, "public"))) == 5
    pairs = list(Reader(tmp_path, "public", kind="pairs", columns=("pair_id", "messages")))
    assert {p["pair_id"] for p in pairs} == {"p0", "p1", "p2"}
    assert [m["role"] for m in pairs[0]["messages"]] == ["user", "assistant"]
    with pytest.raises(UserError, match="the state is of documents"):
        Reader(tmp_path, "public", kind="pairs", state=Reader(tmp_path, "public").state())
