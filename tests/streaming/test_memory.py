"""What a reader may hold is checked before its first sample, and kept."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.streaming import Reader
from curation.streaming.decoded import Decoded
from curation.streaming.held import Held, Key
from tests.streaming.releases import entry, write_manifest, write_release

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.large_string())])
WORDS = ["alpha", "beta", "gamma", "delta"]
READ = """
import sys, pyarrow as pa
from curation.streaming import Reader
reader = Reader(sys.argv[1], lanes=int(sys.argv[2]), max_bytes=int(sys.argv[3]))
before = pa.default_memory_pool().max_memory()
print(sum(1 for _ in reader), pa.default_memory_pool().max_memory())
"""


def files_that_unfold_unlike(folder: Path) -> None:
    """Four files of hex digits, which unfold to 2 times their bytes, and four of few words, which unfold to 7 times."""
    rng = random.Random(0)
    (folder / "public").mkdir()
    entries = []
    for number in range(8):
        path = folder / f"public/shard-{number:05d}.parquet"
        with pq.ParquetWriter(path, SCHEMA, compression="zstd", use_dictionary=["id"]) as writer:
            for group in range(10):
                texts = [
                    rng.randbytes(2000).hex() if number < 4 else " ".join(rng.choices(WORDS, k=1200)) for _ in range(25)
                ]
                ids = [f"{number}-{group}-{row}" for row in range(25)]
                writer.write_table(pa.table({"id": ids, "text": texts}, schema=SCHEMA))
        entries.append(entry(path, "public", [25] * 10))
    write_manifest(folder, entries)


def test_files_that_unfold_unlike_are_all_measured_where_room_is_tight(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files_that_unfold_unlike(tmp_path)
    limit = named_limit(tmp_path, lanes=64)
    for given in ({"lanes": 64}, {"lanes": 64, "verify": "sha256"}, {"filters": [("id", "!=", "")]}, {}):
        reader = Reader(tmp_path, "public", max_bytes=limit, **given)  # type: ignore[arg-type]
        assert reader.state().lanes == 64
        sizes = [reader.rows.files.read(g.file, g.number).get_total_buffer_size() for g in reader.rows.groups]
        assert all(size <= said <= 1.2 * size for size, said in zip(sizes, reader.rows.sizes, strict=True))
    assert sum(1 for _ in reader) == 2000
    assert not caplog.records
    for dp_size in (1, 8):  # of which eight lanes each fit four times
        assert Reader(tmp_path, "public", max_bytes=limit - 1, dp_size=dp_size).state().lanes == 32


def test_files_are_not_opened_for_their_sizes_where_there_is_room(tmp_path: Path) -> None:
    write_release(tmp_path, [[9], *[[4]] * 7], text_bytes=20)
    limit = named_limit(tmp_path, lanes=8)
    for number in range(1, 8):
        (tmp_path / f"research/shard-{number:05d}.parquet").write_bytes(b"")
    assert Reader(tmp_path, lanes=8, max_bytes=5 * limit).state().lanes == 8
    with pytest.raises(UserError, match=r"0 bytes, manifest\.json says"):
        Reader(tmp_path, lanes=8, max_bytes=3 * limit)


def test_a_run_that_began_goes_on_past_what_footers_say_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Planted: texts of a row group that are all the same, which a footer counts once."""
    (tmp_path / "public").mkdir()
    path = tmp_path / "public/shard-00000.parquet"
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for group in range(40):
            ids = [f"{group}-{row}" for row in range(20)]
            writer.write_table(pa.table({"id": ids, "text": [f"{group} ".ljust(30_000)] * 20}, schema=SCHEMA))
    write_manifest(tmp_path, [entry(path, "public", [20] * 40)])
    reader = Reader(tmp_path, "public", lanes=8, max_bytes=named_limit(tmp_path, lanes=8))
    assert sum(1 for _ in reader) == 800
    assert len(caplog.records) == 1 and "raise max_bytes, or begin the next run with fewer lanes" in caplog.text


def held_of(decoded: list[int], groups: int) -> tuple[Held, int]:
    """For so many row groups, each of more bytes than the 100 that are told, and how many; notes which are decoded."""

    def decode(key: Key) -> Decoded:
        decoded.append(key[2])
        return Decoded(pa.table({"text": ["x" * 1000]}), np.arange(1))

    size = Decoded(pa.table({"text": ["x" * 1000]}), np.arange(1)).nbytes
    return Held(decode, lambda key: 100, max_bytes=groups * size, ahead_bytes=1000, threads=1), size


def test_what_a_lane_is_in_stays_though_another_holds_it_ahead() -> None:
    decoded: list[int] = []
    held, size = held_of(decoded, 1)
    here, other = (0, 0, 0), (0, 0, 1)
    held.hold(here)
    held.get(here)
    assert held.hold_ahead(here) == 0
    held.hold(other)
    held.get(other)
    held.get(here)
    assert sorted(decoded) == [0, 1] and held.bytes == 2 * size
    held.close()


def test_what_is_held_ahead_goes_before_a_limit_is_passed(caplog: pytest.LogCaptureFixture) -> None:
    decoded: list[int] = []
    held, size = held_of(decoded, 2)
    here, ahead, next_ahead, later = [(0, 0, number) for number in range(4)]
    held.hold(here)
    assert held.hold_ahead(ahead) == 100 and held.hold_ahead(next_ahead) == 100
    held.get(ahead)
    held.get(here)
    assert held.bytes == size + 100  # what was decoded ahead went
    held.arrived(ahead, 100)
    held.get(ahead)
    assert held.bytes == 2 * size and held.hold_ahead(later) is None
    assert decoded.count(1) == 2 and not caplog.records
    held.arrived(next_ahead, 100)
    held.get(next_ahead)
    assert "the lanes hold" in caplog.text and held.bytes == 3 * size
    for key in (here, ahead, next_ahead):
        held.let_go(key)
    held.sweep()
    assert held.bytes == 0
    held.close()


def named_limit(folder: Path, lanes: int) -> int:
    """The limit that the error for too small a one names."""
    with pytest.raises(UserError) as said:
        Reader(folder, lanes=lanes, max_bytes=1)
    return int(str(said.value).partition("or set max_bytes=")[2].split()[0])


def test_lanes_that_do_not_fit_are_told_before_the_first_sample(tmp_path: Path) -> None:
    write_release(tmp_path, [[50] * 40] * 2, text_bytes=2000)
    with pytest.raises(UserError, match=r"64 lanes do not fit into max_bytes=2,400,000: .* lanes=8 fits") as said:
        Reader(tmp_path, lanes=64, max_bytes=2_400_000)
    enough = int(str(said.value).partition("or set max_bytes=")[2].split()[0])
    assert sum(1 for _ in Reader(tmp_path, lanes=64, max_bytes=enough)) == 4000
    assert sum(1 for _ in Reader(tmp_path, lanes=8, max_bytes=2_400_000)) == 4000
    with pytest.raises(UserError, match="not even one lane fits"):
        Reader(tmp_path, lanes=1, max_bytes=100_000)
    Reader(tmp_path, lanes=64, dp_rank=3, dp_size=8, max_bytes=2_400_000)  # eight lanes are its own
    with pytest.raises(UserError, match="lanes do not fit"):
        Reader(tmp_path, lanes=64, dp_rank=3, dp_size=7, max_bytes=2_400_000)


def test_the_lanes_are_the_most_that_fit_whatever_the_ranks(tmp_path: Path) -> None:
    write_release(tmp_path, [[50] * 40] * 2, text_bytes=2000)
    assert Reader(tmp_path).state().lanes == 64
    for rank, size in [(0, 1), (3, 8)]:
        assert Reader(tmp_path, dp_rank=rank, dp_size=size, max_bytes=2_400_000).state().lanes == 8
    assert Reader(tmp_path, columns=["id"], max_bytes=2_400_000).state().lanes == 8
    for size, lanes in [(64, 64), (65, 128), (100, 128), (128, 128), (129, 256)]:
        assert Reader(tmp_path, dp_size=size).state().lanes == lanes


@pytest.mark.parametrize("prefetch_room", [0, 2_400_000])
def test_what_is_held_stays_within_the_limit(tmp_path: Path, prefetch_room: int) -> None:
    write_release(tmp_path, [[50] * 100] * 3, text_bytes=2000)
    limit = named_limit(tmp_path, lanes=32) + prefetch_room
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path), "32", str(limit)], capture_output=True, text=True, check=True
    )
    rows, most = map(int, done.stdout.split())
    assert rows == 15_000
    assert 32 * 50 * 2000 < most <= limit
