"""Nothing lost, nothing repeated, resume anywhere equals no interruption, at any world size."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import parquet
from curation.errors import UserError
from curation.place import open_place
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
    files=FILES,
    lanes=st.sampled_from([None, 1, 2, 3, 8, 16]),
    world=st.integers(1, 16),
    seed=st.integers(0, 5),
    prefetch=st.sampled_from([0, 0, 2]),
)
def test_every_world_size_reads_the_same_order_and_each_sample_once(
    files: list[list[int]], lanes: int | None, world: int, seed: int, prefetch: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = write_release(Path(folder), files)
        alone = Reader(folder, lanes=lanes, seed=seed, prefetch=prefetch)
        stream = ids(alone)
        assert sorted(stream) == sorted(expected)
        readers = [
            Reader(folder, lanes=lanes, seed=seed, dp_rank=r, dp_size=world, prefetch=prefetch) for r in range(world)
        ]
        lengths = [len(reader) for reader in readers]
        assert len(set(lengths)) == 1
        streams = [ids(reader) for reader in readers]
        assert list(map(len, streams)) == lengths
        while len(stream) < world * lengths[0]:
            stream += ids(alone)
        assert interleave(streams) == stream[: world * lengths[0]]


@settings(max_examples=40, deadline=None)
@given(files=FILES, lanes=st.integers(1, 9), world=st.integers(1, 9))
def test_drop_and_pad_give_every_rank_equally_many(files: list[list[int]], lanes: int, world: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        total = len(write_release(Path(folder), files))
        alone = ids(Reader(folder, lanes=lanes, prefetch=0))
        given = {"lanes": lanes, "dp_size": world, "prefetch": 0}
        padded = [ids(Reader(folder, **given, dp_rank=r, epoch_end="pad")) for r in range(world)]
        assert interleave(padded) == alone + [alone[i % total] for i in range(-total % world)]
        if total < world:
            with pytest.raises(UserError, match="would give nothing, for ever"):
                Reader(folder, **given, epoch_end="drop")
            return
        dropped = [ids(Reader(folder, **given, dp_rank=r, epoch_end="drop")) for r in range(world)]
        assert interleave(dropped) == alone[: total // world * world]


@pytest.mark.parametrize("rows", [[[20, 20], [20]], [[3000] * 10, [3000] * 10]])
def test_each_epoch_and_each_seed_has_an_order_of_its_own(tmp_path: Path, rows: list[list[int]]) -> None:
    expected = write_release(tmp_path, rows)
    reader = Reader(tmp_path, seed=1)
    first, second = ids(reader), ids(reader)
    assert reader.state().epoch == 2
    other = ids(Reader(tmp_path, seed=2))
    for one, two in [(first, second), (first, other), (second, other), (first, expected)]:
        assert sum(a == b for a, b in zip(one, two, strict=True)) < 12  # 1 by chance
    assert sorted(first) == sorted(second) == sorted(other) == sorted(expected)
    assert ids(Reader(tmp_path, lanes=1, shuffle=False)) == expected


def test_two_ranks_of_two_decode_each_row_group_about_once(tmp_path: Path) -> None:
    write_release(tmp_path, [[50] * 32] * 3)
    for world, times in [(1, 1.0), (8, 1.08)]:
        readers = [Reader(tmp_path, lanes=64, dp_rank=r, dp_size=world) for r in range(world)]
        for epoch in range(2):
            for reader in readers:
                ids(reader)
            decoded = sum(reader.rows.files.read_count for reader in readers)
            assert 96 * (epoch + 1) <= decoded <= 96 * times * (epoch + 1)


def test_a_rank_opens_no_row_group_of_other_lanes(tmp_path: Path) -> None:
    write_release(tmp_path, [[8], [8], [8], [8]])
    reader = Reader(tmp_path, lanes=4, dp_rank=0, dp_size=4)
    files = {origin.file for origin in reader.explain(0, 32) if origin.sample % 4 == 0}
    assert len(files) == 1
    for name in {f"research/shard-{n:05d}.parquet" for n in range(4)} - files:
        (tmp_path / name).write_bytes(b"")
    assert len(ids(reader)) == 8


def test_the_order_is_the_same_on_every_machine(tmp_path: Path) -> None:
    write_release(tmp_path, [[3, 3], [4]])
    assert ids(Reader(tmp_path, lanes=2, seed=7)) == GOLDEN


GOLDEN = ["0-1", "0-4", "0-2", "0-5", "0-0", "0-3", "1-6", "1-8", "1-9", "1-7"]


def test_wrong_use_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"manifest\.json: cannot be read"):
        Reader(tmp_path)
    write_release(tmp_path, [[4], [4]])
    with pytest.raises(UserError, match="no columns are asked for"):
        Reader(tmp_path, columns=[])
    with pytest.raises(UserError, match="epoch_end 'short'"):
        Reader(tmp_path, epoch_end="short")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="no tier 'public'"):
        Reader(tmp_path, "public")
    with pytest.raises(UserError, match="no column body"):
        ids(Reader(tmp_path, columns=("body",)))
    with pytest.raises(UserError, match="ranks count from 0"):
        Reader(tmp_path, dp_rank=2, dp_size=2)
    with pytest.raises(UserError, match="unknown option rank; there are dp_rank, dp_size, seed"):
        Reader(tmp_path, rank=1)  # type: ignore[call-arg]
    with pytest.raises(UserError, match="not a reader state"):
        State.from_dict({"seed": 1})
    state = Reader(tmp_path).state()
    write_release(tmp_path, [[5], [4]])
    with pytest.raises(UserError, match=r"resume on the release .* or, where data was added, finish its epoch there"):
        Reader(tmp_path, state=state)


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    write_release(tmp_path, [[4], [4]])
    three = np.int64(3)
    reader = Reader(
        tmp_path,
        seed=three,
        dp_rank=np.int64(0),
        dp_size=np.int32(2),
        lanes=three,
        shuffle=np.bool_(True),
        skip=[(0, 2, three)],
    )
    plain = Reader(tmp_path, seed=3, dp_size=2, lanes=3, skip=[(0, 2, 3)])
    assert ids(reader, 2) == ids(plain, 2)
    assert json.dumps(reader.state().to_dict()) == json.dumps(plain.state().to_dict())
    assert json.loads(json.dumps(reader.state_after(np.int64(1)).to_dict()))["consumed"] == 2
    assert State.from_dict(Reader(tmp_path, shuffle=0).state().to_dict()).shuffle is False  # type: ignore[arg-type]


@pytest.mark.parametrize("option", ["dp_rank", "dp_size", "seed", "lanes", "prefetch", "max_bytes"])
@pytest.mark.parametrize("value", [1.0, "1"])
def test_numbers_that_are_not_whole_are_told(tmp_path: Path, option: str, value: object) -> None:
    write_release(tmp_path, [[4], [4]])
    with pytest.raises(UserError, match=f"{option} {value!r}: a whole number"):
        Reader(tmp_path, **{option: value})  # type: ignore[arg-type]


def test_an_address_is_no_folder(tmp_path: Path) -> None:
    for address in (Path("s3://bucket/release"), "hf://datasets/a/b"):
        with pytest.raises(
            UserError, match=r"(s3|hf):/.*: a release is read from a folder, or from s3://bucket/prefix"
        ):
            Reader(address)


def test_a_bucket_is_read_in_the_order_of_a_folder_and_damage_is_told(tmp_path: Path, s3_uri: str) -> None:
    write_release(tmp_path, [[40, 30], [50]])
    place = open_place(s3_uri)
    for file in open_place(tmp_path).list():
        place.put_if_absent(file.name, (tmp_path / file.name).read_bytes())
    here, there = Reader(tmp_path, lanes=4), Reader(s3_uri, lanes=4)
    first = list(islice(there, 50))
    assert first + list(Reader(s3_uri, state=there.state())) == list(here)
    assert [o.file for o in there.explain(3, 9)] == [o.file for o in Reader(tmp_path, lanes=4).explain(3, 9)]
    shard = next(file.name for file in place.list() if file.name.endswith(".parquet"))
    body = bytearray(place.read(shard))
    body[200] ^= 1
    with place.writing(shard) as sink:
        sink.write(body)
    with pytest.raises(UserError, match=f"{s3_uri}/{shard}: sha256 .* the release is incomplete or was changed"):
        list(Reader(s3_uri, verify="sha256"))


@pytest.mark.parametrize("form", [iter, lambda reader: reader.batches(2)], ids=["rows", "batches"])
def test_an_iteration_ends_the_one_before(tmp_path: Path, form) -> None:
    expected = write_release(tmp_path, [[9], [9]])
    reader = Reader(tmp_path, lanes=2)
    first = form(reader)
    got = [next(first)]
    second = form(reader)
    got.append(next(second))
    with pytest.raises(UserError, match="another iteration was begun meanwhile"):
        next(first)
    assert reader.state().consumed == 2 * (1 if form is iter else 2)
    got += second
    found = [sample["id"] for sample in got] if form is iter else [i for t in got for i in t["id"].to_pylist()]
    assert sorted(found) == sorted(expected) and reader.state().epoch == 1
    late = form(reader)
    next(late)
    list(form(reader))
    with pytest.raises(UserError, match="another iteration was begun meanwhile"):
        list(late)
    assert (reader.state().epoch, reader.state().consumed) == (2, 0)


def test_a_state_of_another_order_is_refused_by_name(tmp_path: Path) -> None:
    write_release(tmp_path, [[4]])
    state = Reader(tmp_path).state().to_dict()
    before = {name: value for name, value in state.items() if name != "order"}
    for old in (before, state | {"order": 1}, state | {"order": 3}):
        with pytest.raises(UserError, match=r"the state is of order [13], this version reads in order 2"):
            State.from_dict(old)
    with pytest.raises(UserError, match="the state is of order 3"):
        Reader(tmp_path, state=State(**(state | {"order": 3})))


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
    "change",
    [
        {"epoch": -1},
        {"seed": -1},
        {"seed": 2**63},
        {"seed": True},
        {"lanes": "3"},
        {"lanes": 0},
        {"shuffle": 1},
        {"x": 1},
    ],
)
def test_a_state_that_is_none_is_told(tmp_path: Path, change: dict[str, object]) -> None:
    write_release(tmp_path, [[4]])
    state = Reader(tmp_path).state().to_dict()
    with pytest.raises(UserError, match="not a reader state"):
        State.from_dict(state | change)


def test_the_largest_seed_is_one_and_a_list_is_no_state(tmp_path: Path) -> None:
    expected = write_release(tmp_path, [[4]])
    state = Reader(tmp_path, seed=2**63 - 1).state()
    assert State.from_dict(state.to_dict()) == state and sorted(ids(Reader(tmp_path, state=state))) == expected
    with pytest.raises(UserError, match="seed 9223372036854775808: 0 to 9223372036854775807"):
        Reader(tmp_path, seed=2**63)
    for wrong in ([1], None, "state"):
        with pytest.raises(UserError, match="not a reader state"):
            State.from_dict(wrong)  # type: ignore[arg-type]


def test_a_changed_file_is_told(tmp_path: Path) -> None:
    write_release(tmp_path, [[4]])
    shard = tmp_path / "research/shard-00000.parquet"
    data = bytearray(shard.read_bytes())
    data[10] ^= 1
    shard.write_bytes(data)
    reader = Reader(tmp_path, verify="sha256")
    with pytest.raises(UserError, match=r"sha256 .* says"):
        ids(reader)
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


NEEDED = """
import sys
from curation.streaming import Mixture, Reader, Segment, MixtureSource
reader = Reader(sys.argv[1], filters=[("id", "!=", "0-3"), ("id", "not in", ["0-2"])])
print(len(list(reader)), len(list(reader.batches(4))), len(reader.get("0-1")), len(list(reader.explain_paper("0-1"))))
print(len(list(Mixture({"a": MixtureSource(sys.argv[1])}, [Segment(4, {"a": 1})]))))
print(sorted({m.split(".")[0] for m in sys.modules} & {"torch", "boto3", "polars", "datasets", "pandas"}))
"""


def test_reading_needs_no_optional_library(tmp_path: Path) -> None:
    write_release(tmp_path, [[6]])
    command = [sys.executable, "-c", NEEDED, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "4 1 1 1\n4\n[]\n"


def test_documents_and_pairs_of_a_tier_are_read_apart(tmp_path: Path) -> None:
    write_card_release(tmp_path, {"public": [released(i) for i in range(5)]}, [pair(i) for i in range(3)])
    assert len(ids(Reader(tmp_path, "public"))) == 5
    pairs = list(Reader(tmp_path, "public", kind="pairs"))
    assert {p["pair_id"] for p in pairs} == {"p0", "p1", "p2"}
    assert [m["role"] for m in pairs[0]["messages"]] == ["user", "assistant"]
    halves = list(Reader(tmp_path, "public", kind="pairs", columns=["prompt", "completion"]))
    assert [[*half["prompt"], *half["completion"]] for half in halves] == [pair["messages"] for pair in pairs]
    with pytest.raises(UserError, match="the state is of documents"):
        Reader(tmp_path, "public", kind="pairs", state=Reader(tmp_path, "public").state())
