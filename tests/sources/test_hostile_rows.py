"""A row may do to its child what a paper may: it costs one failed row, and the others are read."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.confine.limits import Limits
from curation.confine.sandbox import Sandbox
from curation.errors import PaperError
from curation.extract.router import Extract
from curation.sources.data_file import read_rows, scan
from curation.sources.folder import FolderSource
from curation.sources.paper_metadata import Metadata
from curation.sources.row_entries import list_rows
from curation.sources.rows import Wanted
from curation.sources.unit import Unit
from curation.step import Inputs
from tests.sources.in_process import InProcess

GOOD = "The rotation curve of the disc is flat to the last measured point."
HUNGRY = "[" + ",".join(["[]"] * 1_500_000) + "]"
"""4.5 MB of JSON, over 100 MB of Python lists."""


def documents(root: Path, **limits: Any) -> dict[str, dict[str, Any]]:
    """Rows of documents by source_id, as a run makes them."""
    source, extract = FolderSource(path=str(root)), Extract(ocr="none", **limits)
    unit = Unit("folder", tuple(source.entries()))
    papers = source.run(Inputs({}, {"unit": unit}))
    tables = extract.run(Inputs({"papers": papers}, {"sources": {"folder": source}, "unit": unit}))
    made = extract.by_name(tables, "extract")["documents"]
    source.close()
    extract.close()
    return dict(zip(papers["source_id"].to_pylist(), made.to_pylist(), strict=True))


def lines(*records: dict[str, Any] | str) -> str:
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)


def test_a_line_that_takes_the_memory_is_one_failed_row(tmp_path: Path) -> None:
    hungry = f'{{"id": "b", "text": "x", "more": {HUNGRY}}}'
    (tmp_path / "d.jsonl").write_text(lines({"id": "a", "text": GOOD}, hungry, {"id": "c", "text": GOOD}))
    with Sandbox(Limits(max_memory_mb=64)) as sandbox:
        entries = list(list_rows(tmp_path / "d.jsonl", "d.jsonl", sandbox))
        found = list(scan(tmp_path / "d.jsonl", Wanted("text"), sandbox))
        fragments = {e.member.partition("#")[2]: e.where for e in entries}
        read = read_rows(tmp_path / "d.jsonl", fragments, "text", sandbox)
    assert [row.text for row in found] == [GOOD, None, GOOD]
    assert [row.reason for row in found] == [None, "out_of_memory", None]
    assert [e.member[:9] for e in entries] == ["d.jsonl#a", "d.jsonl#~", "d.jsonl#c"]
    assert {name: row.reason for name, row in read.items()} == {
        name: "out_of_memory" if name.startswith("~") else None for name in fragments
    }


@pytest.mark.parametrize("count", [1, 5])  # five do not fit the memory of the child together
def test_a_small_file_with_huge_texts_fails_by_row(tmp_path: Path, count: int) -> None:
    huge = "a" * (70 << 20)
    ids = ["first", *(f"huge{i}" for i in range(count)), "last"]
    rows = [{"id": id_, "text": huge if id_.startswith("huge") else GOOD} for id_ in ids]
    options: dict[str, Any] = {"use_dictionary": False, "data_page_size": 1 << 20, "write_batch_size": 1}
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "d.parquet", compression="zstd", **options)
    assert (tmp_path / "d.parquet").stat().st_size < 1 << 19
    with Sandbox(Limits(max_memory_mb=640)) as sandbox:
        assert [e.member for e in list_rows(tmp_path / "d.parquet", "d.parquet", sandbox)] == [
            f"d.parquet#{i}" for i in ids
        ]
        found = list(scan(tmp_path / "d.parquet", Wanted("text"), sandbox))
    assert [row.id for row in found] == ids and found[0].text == found[-1].text == GOOD
    assert {row.reason for row in found[1:-1]} == {"too_large"}


def test_rows_behind_one_that_cannot_be_decoded_are_named_with_the_reason(tmp_path: Path) -> None:
    tables = [
        pa.table({"id": [f"{g}a", f"{g}b", f"{g}c"], "text": [GOOD, "a" * (200 << 20) if g == 1 else GOOD, GOOD]})
        for g in range(3)
    ]
    with pq.ParquetWriter(tmp_path / "d.parquet", tables[0].schema, compression="zstd", write_batch_size=1) as writer:
        for table in tables:
            writer.write_table(table)
    with Sandbox(Limits(max_memory_mb=256)) as sandbox:
        found = {row.id: row.reason for row in scan(tmp_path / "d.parquet", Wanted("text"), sandbox)}
    whole = {f"{g}{c}": None for g in (0, 2) for c in "abc"}
    assert {id_: reason for id_, reason in found.items() if id_ in whole} == whole
    assert (found["1b"], found["1c"], len(found)) == ("out_of_memory", "out_of_memory", 9)


def test_rows_before_one_that_cannot_be_decoded_are_read(tmp_path: Path) -> None:
    texts = [
        "b" * (2 << 20),
        "c" * (2 << 20),
        "a" * (70 << 20),
        GOOD,
    ]  # a page each: the first two can be decoded alone
    table = pa.table({"id": list("abcd"), "text": texts})
    pq.write_table(table, tmp_path / "d.parquet", compression="zstd", write_batch_size=1, use_dictionary=False)
    with Sandbox(Limits(max_memory_mb=128)) as sandbox:
        found = [(row.id, row.reason) for row in scan(tmp_path / "d.parquet", Wanted("text"), sandbox)]
    assert found == [("a", None), ("b", None), ("c", "out_of_memory"), ("d", "out_of_memory")]


def test_a_text_that_takes_the_time_of_a_paper_is_one_failed_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a JSON number whose digits take quadratic time, were they not refused, and by a text in the limits of one row."""
    marks = "a" + "\u0301\u0316" * 250_000
    records = [{"id": f"r{i}", "text": f"{GOOD} {i}"} for i in range(20)]
    records.insert(10, {"id": "marks", "text": marks})
    (tmp_path / "d.jsonl").write_text(lines(*records, '{"id": "n", "text": "x", "n": ' + "9" * 5_000_000 + "}"))
    made = documents(tmp_path, max_wall_s=5, max_cpu_s=5)
    assert sum(r["status"] == "ok" for id_, r in made.items() if id_.startswith("r")) == 20
    assert len(made) == 22


def test_dates_that_python_cannot_hold_are_null(tmp_path: Path) -> None:
    table = pa.table({
        "id": ["a", "b"],
        "text": [GOOD, f"{GOOD} Two."],
        "date": pa.array([10**9, 19000], pa.int32()).cast(pa.date32()),
        "update_date": pa.array([2**62, 0], pa.int64()).cast(pa.timestamp("ms")),
        "version": pa.array([2**62, 1], pa.int64()).cast(pa.duration("s")),
        "comments": pa.array([2**40, 1], pa.int64()).cast(pa.time64("us")),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "d.parquet")
    source = FolderSource(path=str(tmp_path))
    unit = Unit("folder", tuple(source.entries()))
    papers = source.run(Inputs({}, {"unit": unit}))
    source.close()
    metadata = Metadata().run(Inputs({"papers": papers}))
    dates = dict(zip(papers["source_id"].to_pylist(), metadata["date"].to_pylist(), strict=True))
    assert set(papers["status"].to_pylist()) == {"ok"} and dates == {
        "a": None,
        "b": (datetime.date(1970, 1, 1) + datetime.timedelta(19000)).isoformat(),
    }


@pytest.mark.parametrize("column", ["footer", "names"])
def test_damaged_parquet_is_one_failed_row(tmp_path: Path, column: str) -> None:
    pq.write_table(pa.table({"id": ["a"], "text": [GOOD], "comment": ["x"]}), tmp_path / "d.parquet")
    data = bytearray((tmp_path / "d.parquet").read_bytes())
    if column == "footer":
        data[-200:-20] = bytes(180)
    else:
        data = data.replace(b"comment", b"\xff\xfe\xfdment")
    (tmp_path / "d.parquet").write_bytes(data)
    (tmp_path / "e.jsonl").write_text(lines({"id": "", "text": GOOD}))
    made = documents(tmp_path)
    assert len(made) == 2 and sum(r["text"] == GOOD for r in made.values()) >= 1
    assert all(r["detail"] for r in made.values() if r["status"] == "failed")


def test_blank_lines_before_a_row_that_kills_its_child_lose_no_row(tmp_path: Path) -> None:
    good = [{"id": f"g{i}", "text": GOOD} for i in range(5)]
    more = [{"id": f"h{i}", "text": GOOD} for i in range(5)]
    hungry = f'{{"id": "k", "text": "x", "more": {HUNGRY}}}'
    (tmp_path / "d.jsonl").write_text(lines(*good) + "\n  \n" + hungry + "\n\n" + lines(*more))
    with Sandbox(Limits(max_memory_mb=64)) as sandbox:
        found = list(scan(tmp_path / "d.jsonl", Wanted("text"), sandbox))
    assert [row.id for row in found] == ["g0", "g1", "g2", "g3", "g4", None, "h0", "h1", "h2", "h3", "h4"]
    assert [row.reason for row in found if row.id is None] == ["out_of_memory"]


@pytest.mark.parametrize("kind", ["jsonl.gz", "parquet"])
def test_a_small_file_of_many_rows_does_not_fill_the_memory_of_who_lists_it(tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pq.write_table(pa.table({"id": ["x" * 50_000] * 3000, "text": ["t"] * 3000}), tmp_path / "ids.parquet")
        pq.write_table(
            pa.table({"id": pa.nulls(10**6, pa.string()), "text": pa.nulls(10**6, pa.string())}), tmp_path / "d.parquet"
        )
    else:
        (tmp_path / "d.jsonl.gz").write_bytes(gzip.compress(b"[]\n" * 300_000))
    with Sandbox() as sandbox:
        for file in sorted(tmp_path.iterdir()):
            entries = list(list_rows(file, file.name, sandbox))
            assert sum(len(entry.member) for entry in entries) < 10**6
    assert list(scan(tmp_path / f"d.{kind}", Wanted("id"), InProcess()))[-1].reason not in (None, "unreadable")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [1],
        {"nope": 1},
        {"rows": None, "next": None},
        {"rows": [], "next": [0, 0]},
        {"rows": [], "next": ["a"]},
        {"rows": [], "next": [1 << 80, 0]},
        {"rows": [{"id": "a", "sha256": "", "size": "x"}], "next": None},
        {"rows": [{"id": ["a"], "sha256": "", "size": 1}], "next": None},
        {"rows": [{"id": "a", "sha256": "", "size": 1, "reason": "nonsense"}], "next": None},
        {"rows": [{"id": "a", "sha256": "", "size": 1, "strange": 1}], "next": None},
        {"rows": [{"id": "\ud800", "sha256": "", "size": 1}], "next": None},
    ],
)
def test_an_answer_of_another_form_is_a_failure_of_its_file(tmp_path: Path, answer: object) -> None:
    """As a child gives it that a file took over: the run neither stops nor waits."""

    class TakenOver(InProcess):
        def call(self, function: str, *args: Any, file: int | None = None, max_cpu_s: float | None = None) -> Any:
            return answer

    (tmp_path / "d.jsonl").write_text(lines({"id": "a", "text": GOOD}))
    with pytest.raises(PaperError) as caught:
        list(scan(tmp_path / "d.jsonl", Wanted("text"), TakenOver()))
    assert caught.value.reason == "crashed"
