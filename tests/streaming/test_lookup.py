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
    with pytest.raises(UserError, match=r"samples 25 to 25: the epoch has 0 to 24$"):
        reader.explain(25)


def test_a_paper_is_found_where_it_stands(tmp_path: Path) -> None:
    write_release(tmp_path, [[5, 7], [9, 0, 4]])
    for shuffle in (True, False):
        reader = Reader(tmp_path, shuffle=shuffle, lanes=4)
        for sample, name in enumerate(s["id"] for s in Reader(tmp_path, shuffle=shuffle, lanes=4)):
            assert [o.sample for o in reader.explain_paper(name)] == [sample]
    assert list(reader.explain_paper("nothing")) == []


def test_rows_are_got_by_any_name(tmp_path: Path) -> None:
    strings = ("id", "paper_id", "source_id", "doi", "bibcode")
    schema = pa.schema(
        [*((name, pa.string()) for name in strings), ("links", pa.list_(pa.string())), ("text", pa.large_string())]
    )
    doi = "10.3847/1538-4357/ab0001"
    rows = [
        {"id": "a~1", "paper_id": "arXiv:2301.00001", "links": ["arXiv:2301.00001", f"doi:{doi}"], "text": "one"},
        {"id": "b~2", "paper_id": "arXiv:2301.00001", "source_id": "row-004", "doi": "10.1093/mnras/x1", "text": "two"},
        {"id": "c~3", "paper_id": "sha256:0", "links": [], "text": "three"},
        {"id": "d~4", "paper_id": "sha256:1", "links": None, "bibcode": "2019ApJ...870....1A", "text": "four"},
    ]
    (tmp_path / "research").mkdir()
    file = tmp_path / "research/shard-00000.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file, row_group_size=2)
    write_manifest(tmp_path, [entry(file, "research", [2, 2])])
    reader = Reader(tmp_path, columns=["text"])
    spelled = (
        ("one two", "2301.00001", "arXiv:2301.00001", "arxiv:2301.00001v3", "https://arxiv.org/abs/2301.00001v1"),
        ("one", "a~1", doi, f"doi:{doi}", f"https://doi.org/{doi.upper()}"),
        ("two", "row-004", "https://doi.org/10.1093/MNRAS/x1"),
        ("four", "sha256:1", "2019ApJ...870....1A", "bibcode:2019ApJ...870....1A"),
        ("", "1", "", "2301.0000", "2301.00002", "row-04", "a~1v2"),
    )
    for texts, *names in spelled:
        for name in names:
            assert " ".join(sample["text"] for sample in reader.get(name)) == texts, name
            assert len(list(reader.explain_paper(name))) == len(texts.split()), name


def test_pairs_are_got_by_their_paper(tmp_path: Path) -> None:
    write_card_release(tmp_path, {"public": [released(i) for i in range(5)]}, [pair(i) for i in range(3)])
    reader = Reader(tmp_path, "public", kind="pairs")
    assert [sample["pair_id"] for sample in reader.get("p1")] == ["p1"]
