"""Where samples come from, where papers stand, and a paper's rows by its names."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.streaming import Reader
from tests.data_cards.card_release import pair, released
from tests.data_cards.card_release import write_release as write_card_release
from tests.streaming.releases import entry, write_manifest, write_release


def test_a_sample_is_explained_by_the_row_that_it_is(tmp_path: Path) -> None:
    write_release(tmp_path, [[5, 7], [9, 0, 4]])
    reader = Reader(tmp_path, seed=3)
    origins = list(reader.explain(0, 25))
    assert [o.sample for o in origins] == list(range(25)) and {o.epoch for o in origins} == {0}
    order = [sample["id"] for sample in reader]
    assert [o.names["id"] for o in origins] == order
    for o in origins:
        table = pq.ParquetFile(tmp_path / o.file).read_row_group(o.row_group)
        assert table["id"][o.row].as_py() == order[o.sample] and o.lane == o.sample % 64
    assert [o.names["id"] for o in reader.explain(0, 25)] == [sample["id"] for sample in reader]  # the next epoch
    with pytest.raises(UserError, match="the epoch has 0 to 25"):
        reader.explain(25)


def test_a_paper_is_found_where_it_stands(tmp_path: Path) -> None:
    write_release(tmp_path, [[5, 7], [9, 0, 4]])
    for shuffle in (True, False):
        reader = Reader(tmp_path, shuffle=shuffle, lanes=4)
        for sample, name in enumerate(s["id"] for s in Reader(tmp_path, shuffle=shuffle, lanes=4)):
            assert [o.sample for o in reader.explain_paper(name)] == [sample]
    assert list(reader.explain_paper("nothing")) == []


def test_rows_are_got_by_any_name(tmp_path: Path) -> None:
    schema = pa.schema(
        [("id", pa.string()), ("paper_id", pa.string()), ("links", pa.list_(pa.string())), ("text", pa.large_string())]
    )
    rows = [
        {"id": "a~1", "paper_id": "2301.00001", "links": ["arxiv:2301.00001", "doi:10.1/x"], "text": "one"},
        {"id": "b~2", "paper_id": "2301.00001", "links": ["arxiv:2301.00001"], "text": "two"},
        {"id": "c~3", "paper_id": "sha256:0", "links": [], "text": "three"},
        {"id": "d~4", "paper_id": "sha256:1", "links": None, "text": "four"},
    ]
    (tmp_path / "research").mkdir()
    file = tmp_path / "research/shard-00000.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file, row_group_size=2)
    write_manifest(tmp_path, [entry(file, "research", [2, 2])])
    reader = Reader(tmp_path, columns=["text"])
    for name, texts in {
        "a~1": ["one"],
        "2301.00001": ["one", "two"],
        "arxiv:2301.00001": ["one", "two"],
        "10.1/x": ["one"],
        "sha256:1": ["four"],
        "1": [],
    }.items():
        assert [sample["text"] for sample in reader.get(name)] == texts, name


def test_pairs_are_got_by_their_paper(tmp_path: Path) -> None:
    write_card_release(tmp_path, {"public": [released(i) for i in range(5)]}, [pair(i) for i in range(3)])
    reader = Reader(tmp_path, "public", kind="pairs")
    assert [sample["pair_id"] for sample in reader.get("p1")] == ["p1"]
