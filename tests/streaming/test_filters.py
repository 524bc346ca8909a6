"""Only the rows that filters leave: each once, resumed and explained as any others."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.streaming import Mixture, MixtureSource, Reader, Segment
from curation.streaming.filters import Filter, passing
from tests.streaming.releases import entry, write_manifest

SCHEMA = pa.schema(
    [("id", pa.string()), ("source", pa.string()), ("n", pa.int64()), ("text", pa.large_string())],
)
ROWS = [
    {
        "id": f"d{i}",
        "source": [None, "arxiv", "books", "web"][i % 4],
        "n": None if i % 5 == 0 else i,
        "text": f"text {i}",
    }
    for i in range(200)
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Two files of row groups of 30 rows; the last row group holds web only."""
    (tmp_path / "research").mkdir()
    entries = []
    rows = sorted(ROWS, key=lambda row: row["source"] == "web")
    for number, part in enumerate([rows[:90], rows[90:]]):
        file = tmp_path / f"research/shard-{number:05d}.parquet"
        pq.write_table(pa.Table.from_pylist(part, schema=SCHEMA), file, row_group_size=30)
        groups = [30] * (len(part) // 30) + [len(part) % 30] * (len(part) % 30 > 0)
        entries.append(entry(file, "research", groups))
    write_manifest(tmp_path, entries)
    return tmp_path


def ids(samples: Any) -> list[str]:
    return [sample["id"] for sample in samples]


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        ([("source", "==", "arxiv")], lambda r: r["source"] == "arxiv"),
        ([("source", "!=", "arxiv")], lambda r: r["source"] not in (None, "arxiv")),
        ([("source", "in", ["arxiv", "books"])], lambda r: r["source"] in ("arxiv", "books")),
        ([("source", "not in", ["arxiv"])], lambda r: r["source"] not in (None, "arxiv")),
        ([("n", "<", 50)], lambda r: r["n"] is not None and r["n"] < 50),
        ([("n", "<=", 51), ("n", ">", 9)], lambda r: r["n"] is not None and 9 < r["n"] <= 51),
        ([("n", "in", [7, 8, 9])], lambda r: r["n"] in (7, 8, 9)),
        ([("n", "<", 51.5)], lambda r: r["n"] is not None and r["n"] < 51.5),
        ([("source", "==", "books"), ("n", ">=", 100)], lambda r: r["source"] == "books" and (r["n"] or 0) >= 100),
    ],
)
def test_the_rows_that_pass_come_once_each(release: Path, filters: list[Filter], passes: Any) -> None:
    expected = [row["id"] for row in ROWS if passes(row)]
    for size in (1, 3):
        readers = [
            Reader(release, filters=filters, lanes=4, dp_rank=r, dp_size=size, epoch_end="drop") for r in range(size)
        ]
        assert readers[0].total == len(expected)
        got = [i for reader in readers for i in ids(reader)]
        assert len(set(got)) == len(got) == len(expected) // size * size and set(got) <= set(expected)
    samples = list(Reader(release, filters=filters, columns=["n", "text"]))
    assert sorted(s["text"] for s in samples) == sorted(f"text {i[1:]}" for i in expected)


def test_chosen_rows_are_resumed_explained_and_got(release: Path) -> None:
    options: Any = {"filters": [("source", "==", "web")], "lanes": 4}
    whole = Reader(release, **options)
    expected = ids(whole)
    assert ids(whole) != expected
    first = Reader(release, **options)
    got = ids(islice(first, 20))
    assert got + ids(Reader(release, filters=options["filters"], state=first.state())) == expected
    fresh = Reader(release, **options)
    assert [o.names["id"] for o in fresh.explain(0, len(expected))] == expected
    assert [o.sample for o in fresh.explain_paper(expected[7])] == [7]
    assert list(fresh.explain_paper("d1")) == [] and fresh.get("d1") == []  # of arxiv
    assert ids(fresh.get("d3")) == ["d3"]
    for other in ([], [("source", "==", "books")]):
        with pytest.raises(UserError, match="resume on the release"):
            Reader(release, filters=other, state=first.state())
    same_rows = [("source", "in", ["web", "none such"])]
    assert Reader(release, filters=same_rows, state=first.state()).state() == first.state()
    assert [row["id"] for table in Reader(release, **options).batches(7) for row in table.to_pylist()] == expected


def test_row_groups_without_such_rows_are_not_decoded_and_others_take_their_part(release: Path) -> None:
    reader = Reader(release, filters=[("source", "==", "arxiv")], lanes=2, prefetch=0)
    before = reader.rows.files.read_count
    ids(reader)
    assert reader.rows.files.read_count - before == len(reader.rows.groups) < 7
    whole = Reader(release)
    assert reader.rows.sizes.sum() < whole.rows.sizes.sum() / 3 and reader.rows.largest == whole.rows.sizes.max()


def test_parts_of_one_tier_are_mixed(release: Path) -> None:
    sources = {name: MixtureSource(release, filters=[("source", "==", name)]) for name in ("arxiv", "web")}
    stream = Mixture(sources, [Segment(64, {"arxiv": 1, "web": 1})], columns=["id", "source"], lanes=4)
    origins = list(stream.explain(0, 64))
    got = list(stream)
    assert Counter(sample["source"] for sample in got) == {"arxiv": 32, "web": 32}
    assert len({sample["id"] for sample in got}) == 64
    assert [(o.source, o.names["id"]) for o in origins] == [(sample["source"], sample["id"]) for sample in got]


def test_whole_numbers_are_compared_exactly() -> None:
    table = pa.table({"n": [2**53, 2**53 + 1, -(2**63)]})
    for row, value in enumerate(table["n"].to_pylist()):
        assert passing(table, [("n", "==", value)]).tolist() == passing(table, [("n", "in", [value])]).tolist() == [row]
        assert passing(table, [("n", "==", np.int64(value))]).tolist() == [row]
    assert passing(pa.table({"n": [1, 0]}), [("n", "<", np.float32(0.5))]).tolist() == [1]


def test_wrong_filters_are_told(release: Path) -> None:
    for wrong in (["source"], [("source", "is", "web")], [("source", "==")]):
        with pytest.raises(UserError, match=r"filter .* \(column, operator, value\)"):
            Reader(release, filters=wrong)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="in takes a list of values"):
        Reader(release, filters=[("source", "in", "web")])
    with pytest.raises(UserError, match="column source is string"):
        Reader(release, filters=[("source", "==", 3)])
    with pytest.raises(UserError, match="column n is int64; text is compared with text"):
        Reader(release, filters=[("n", "in", ["x"])])
    with pytest.raises(UserError, match="column n is int64"):
        Reader(release, filters=[("n", "==", None)])
    with pytest.raises(UserError, match="has no column place"):
        Reader(release, filters=[("place", "==", 3)])
    with pytest.raises(UserError, match="no row of tier research passes"):
        Reader(release, filters=[("n", "<", 0)])
