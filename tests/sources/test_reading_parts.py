"""A part of a data file reads its own stretch of it, and finds its rows wherever they went."""

from __future__ import annotations

import gzip
import io
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from curation.confine.sandbox import Sandbox
from curation.sources import json_rows, parquet_rows, row_values
from curation.sources.data_file import read_rows, scan
from curation.sources.folder import FolderSource
from curation.sources.row_entries import list_rows
from curation.sources.rows import Wanted
from curation.sources.unit import Unit, cut_units
from curation.step import Inputs
from tests.sources.in_process import InProcess

RECORDS = [{"id": f"{(i * 37) % 100:02d}", "text": f"The text of row {i}, é." * 20} for i in range(100)]


def pack(records: list[dict[str, Any]], suffix: str) -> bytes:
    if suffix == "parquet":
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(records), buffer, row_group_size=10)
        return buffer.getvalue()
    data = "\n".join(json.dumps(r) for r in records).encode()
    return {"jsonl.gz": gzip.compress, "jsonl.zst": zstandard.compress}.get(suffix, bytes)(data)


NAMED: dict[str, list[dict[str, Any]]] = {
    "each by its id": RECORDS,
    "all by one id": [{**record, "id": "x"} for record in RECORDS],
    "by no id": [{**record, "id": None} for record in RECORDS],
    "one and the same": [{"id": "x", "text": RECORDS[0]["text"], "title": str(i)} for i in range(100)],
}


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet"])
@pytest.mark.parametrize("named", NAMED)
def test_a_part_parses_its_own_rows_only(
    tmp_path: Path, suffix: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = NAMED[named]
    (tmp_path / f"d.{suffix}").write_bytes(pack(records, suffix))
    source = FolderSource(path=str(tmp_path))
    units = list(cut_units("folder", sorted(source.entries(), key=lambda entry: entry.order), 1 << 30, 8))
    parsed: list[str] = []
    row_of = row_values.row_of_values
    for module in (json_rows, parquet_rows):
        monkeypatch.setattr(module, "row_of_values", lambda id_, *rest: parsed.append(id_) or row_of(id_, *rest))
    source._sandbox = InProcess()
    made = [source.run(Inputs({}, {"unit": Unit.from_json(json.loads(json.dumps(u.to_json())))})) for u in units]
    assert len(set(pa.concat_tables(made)["doc_id"].to_pylist())) == len(records)
    if named == "one and the same":
        rows = pa.concat_tables(made).select(["member", "title"]).to_pylist()
        assert {f"{row['member']}~".split("~")[2] or "1": int(row["title"]) + 1 for row in rows} == {
            str(n): n for n in range(1, 101)
        }, "the n-th of them is the n-th row of the file"
    assert set(pa.concat_tables(made)["status"].to_pylist()) == {"ok"}
    assert len(parsed) <= (200 if suffix == "parquet" else 0)  # 13 parts of 8 rows touch 20 row groups of 10
    parsed.clear()
    found = [source.open_together([vars(entry) for entry in unit.entries]) for unit in units]
    assert sum(map(len, found)) == len(records)
    assert len(parsed) <= (200 if suffix == "parquet" else len(records))


def test_lines_that_are_no_rows_are_read_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps(record) for record in RECORDS]
    lines[::2] = [f"no JSON {i}" if i % 3 else f"[{i}]" for i in range(50)]
    (tmp_path / "d.jsonl").write_text("\n".join(lines))
    source = FolderSource(path=str(tmp_path))
    units = list(cut_units("folder", sorted(source.entries(), key=lambda entry: entry.order), 1 << 30, 8))
    parsed: list[int] = []
    row_of = json_rows.json_row
    monkeypatch.setattr(json_rows, "json_row", lambda *given: parsed.append(1) or row_of(*given))
    source._sandbox = InProcess()
    found = [source.open_together([vars(entry) for entry in unit.entries]) for unit in units]
    assert sum(map(len, found)) == len(parsed) == len(lines)


ODD = [
    {"id": "a", "text": "One.", "title": "On \ud800", "licence": "CC-BY-4.0", "version": float("nan")},
    {"id": "a", "text": "One.", "authors": [["A", "B"], {"name": "C"}]},
    {"id": "a", "text": "Another."},
    {"id": "empty", "text": " "},
    {"id": "no text", "title": "None"},
    {"text": "No id.", "date": "2024-01-01", "categories": "astro-ph.GA", "n": 2**80},
    {"id": "long", "text": "Long.", "authors": "A. Name, " * 5000},
]


def test_papers_are_the_same_whether_the_listing_saw_a_row_or_it_is_read_again(tmp_path: Path) -> None:
    lines = [*(json.dumps(record) for record in ODD), "no JSON", "[1]", '{"id": "cut", "text": "']
    (tmp_path / "d.jsonl").write_text("\n".join(lines))
    source = FolderSource(path=str(tmp_path))
    entries = source.entries()
    assert [e.member for e in entries if e.seen is None] == ["d.jsonl#long"], "its record is read when it is needed"
    units = [Unit("folder", tuple(entries)), Unit("folder", tuple(replace(e, seen=None, where=None) for e in entries))]
    units[0] = Unit.from_json(json.loads(units[0].to_bytes()))
    seen, read = (source.run(Inputs({}, {"unit": unit})) for unit in units)
    source.close()
    assert seen.equals(read) and seen.num_rows == len(lines)
    assert sorted(filter(None, seen["reason"].to_pylist())) == ["empty_file", *["unreadable"] * 4]


def test_a_row_is_another_when_its_record_changes_and_the_same_in_other_spelling(tmp_path: Path) -> None:
    def stamps(record: str) -> set[str]:
        (tmp_path / "d.jsonl").write_text(record)
        return {entry.stamp for entry in FolderSource(path=str(tmp_path)).entries()}

    first = stamps('{"id": "a", "text": "One.", "license": "CC0", "title": "On A"}')
    assert first == stamps('{"title":"On \\u0041", "text": "One.", "id": "a",   "license": "CC0"}')
    assert first != stamps('{"id": "a", "text": "One.", "license": "CC-BY-4.0", "title": "On A"}')
    assert first != stamps('{"id": "a", "text": "Two.", "license": "CC0", "title": "On A"}')


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "parquet"])
def test_rows_that_moved_are_found_and_rows_that_went_are_not(tmp_path: Path, suffix: str, sandbox: Sandbox) -> None:
    path = tmp_path / f"d.{suffix}"
    path.write_bytes(pack(RECORDS, suffix))
    where = {e.member.partition("#")[2]: e.where for e in list_rows(path, path.name, sandbox)}
    some = {name: where[name] for name in ("05", "50", "99")}
    texts = {name: row.text for name, row in read_rows(path, some, "text", sandbox).items()}
    assert texts == {r["id"]: r["text"] for r in RECORDS if r["id"] in some}
    moved = [r for r in RECORDS if r["id"] != "50"]
    random.Random(3).shuffle(moved)
    path.write_bytes(pack(moved, suffix))
    assert {name: row.text for name, row in read_rows(path, some, "text", sandbox).items()} == {
        n: texts[n] for n in ("05", "99")
    }


def test_a_hint_does_not_make_another_entry(tmp_path: Path, sandbox: Sandbox) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(pack(RECORDS, "jsonl"))
    before = list(list_rows(path, path.name, sandbox))
    path.write_bytes(pack([{"id": "new", "text": "First."}, *RECORDS], "jsonl"))
    after = {e.member: e for e in list_rows(path, path.name, sandbox)}
    assert all(after[e.member] == e and after[e.member].where != e.where for e in before)


def test_a_packed_file_that_grows_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "RATIO_FREE_BYTES", 1 << 20)
    with gzip.open(tmp_path / "bomb.jsonl.gz", "wb") as stream:
        stream.write(b'{"id": "a", "text": "One."}\n')
        for i in range(100):
            stream.write(json.dumps({"id": str(i), "text": "x" * 100_000}).encode() + b"\n")
    found = list(scan(tmp_path / "bomb.jsonl.gz", Wanted("text"), InProcess()))
    assert found[0].text == "One." and found[-1].reason == "too_large" and "100 times" in str(found[-1].detail)
