"""What a reader may hold is checked before its first sample, and kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from curation.errors import UserError
from curation.streaming import Reader
from tests.streaming.releases import write_release

READ = """
import sys, pyarrow as pa
from curation.streaming import Reader
reader = Reader(sys.argv[1], lanes=int(sys.argv[2]), max_bytes=int(sys.argv[3]))
before = pa.default_memory_pool().max_memory()
print(sum(1 for _ in reader), pa.default_memory_pool().max_memory())
"""


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
    with pytest.raises(UserError) as said:
        Reader(tmp_path, lanes=32, max_bytes=1_000_000)
    limit = int(str(said.value).partition("or set max_bytes=")[2].split()[0]) + prefetch_room
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path), "32", str(limit)], capture_output=True, text=True, check=True
    )
    rows, most = map(int, done.stdout.split())
    assert rows == 15_000
    assert 32 * 50 * 2000 < most <= limit
