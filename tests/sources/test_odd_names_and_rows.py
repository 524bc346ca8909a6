"""File names and rows that no writer should make, and some do: one failed row each, never a stopped run."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.extract.router import Extract
from curation.sources.folder import FolderSource
from curation.sources.members import member_at, member_in_tar, name_in_tar, path_of, row_of
from curation.sources.unit import Unit
from curation.step import Inputs
from pipelines.engine.units import Selection
from tests.sources.joined import rows_of

TEX = "\\documentclass{article}\\begin{document}Hello\\end{document}"
NESTED = "[" * 500 + "]" * 500


def rows(root: Path, **config: Any) -> dict[str, dict[str, Any]]:
    return rows_of(FolderSource(path=str(root), **config))


def texts(root: Path) -> dict[str, str | None]:
    source = FolderSource(path=str(root))
    papers = source.run(Inputs({}, {"unit": Unit("folder", tuple(source.entries()))}))
    step = Extract(ocr="none")
    made = step.run(Inputs({"papers": papers}, {"sources": {"folder": source}}))
    documents = step.by_name(made, "extract")["documents"]
    step.close()
    return dict(zip(papers["source_id"].to_pylist(), documents["text"].to_pylist(), strict=True))


@pytest.mark.parametrize("path", ["a#b.jsonl", "50%/x#1.tex", "%23", "plain.tex"])
def test_a_place_leads_back_to_its_path(path: str) -> None:
    place = member_at(path)
    assert (path_of(place), row_of(place)) == (path, None)
    assert (path_of(f"{place}#a#b"), row_of(f"{place}#a#b")) == (path, "a#b")


def test_a_number_sign_in_a_name_is_part_of_the_name(tmp_path: Path) -> None:
    (tmp_path / "q#r").mkdir()
    for name in ("x#1.tex", "q#r/ms.tex", "100%.tex", "%23.tex"):
        (tmp_path / name).write_text(TEX)
    (tmp_path / "q#r.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "a#b.jsonl").write_text('{"id": "n#1", "text": "One row of it."}\n')
    found = texts(tmp_path)
    assert set(found) == {"x#1", "q#r", "100%", "%23", "n#1"}
    assert all(found.values()) and found["n#1"] == "One row of it."
    assert rows(tmp_path)["q%23r"]["pdf_member"] == "q%23r.pdf"


def test_links_that_form_a_loop(tmp_path: Path) -> None:
    (tmp_path / "good.tex").write_text(TEX)
    for one, two in [("a.tex", "b.tex"), ("b.tex", "a.tex"), ("d.jsonl", "e.jsonl"), ("e.jsonl", "d.jsonl")]:
        (tmp_path / one).symlink_to(tmp_path / two)
    (tmp_path / "m.jsonl").write_text('{"file": "good.tex"}\n')
    found = rows(tmp_path, metadata=str(tmp_path / "m.jsonl"))
    assert {m: r["reason"] for m, r in found.items()} == {
        "good.tex": None,
        **dict.fromkeys(("a.tex", "b.tex", "d.jsonl", "e.jsonl"), "unreadable"),
    }


def test_a_pipe_named_like_a_paper_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/good.tex").write_text(TEX)
    os.mkfifo(tmp_path / "sub/pipe.tex")
    (tmp_path / "top.tex").write_text(TEX)
    assert rows(tmp_path)["top.tex"]["status"] == "ok"


def test_file_names_that_are_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "good.tex").write_text(TEX)
    os.close(os.open(os.fsencode(tmp_path) + b"/bad\xff.tex", os.O_CREAT))
    assert {r["reason"] for r in rows(tmp_path).values()} == {None, "unreadable"}
    entries = FolderSource(path=str(tmp_path)).entries()
    assert all(map(Selection(sample=1.0).takes, entries))


def test_rows_with_lone_surrogates_and_deep_nesting(tmp_path: Path) -> None:
    lines = [
        '{"id": "a\\ud800", "text": "One.", "categories": ["astro-ph\\udfff"], "authors": ["N\\ud800"]}',
        f'{{"id": "deep", "text": "Two.", "authors": {NESTED}, "title": {NESTED}}}',
        f'{{"id": "deeper", "text": {NESTED}}}',
        "[" * 100_000,
    ]
    (tmp_path / "d.jsonl").write_text("\n".join(lines))
    found = list(rows(tmp_path).values())
    by_id = {r["source_id"]: r for r in found}
    assert by_id["a\\ud800"]["categories"] == ["astro-ph\\udfff"] and by_id["a\\ud800"]["status"] == "ok"
    assert by_id["deep"]["status"] == "ok" and by_id["deep"]["authors"] is None
    assert [r["reason"] for r in found].count("unreadable") == 2
    assert texts(tmp_path)["deep"] == "Two."


def test_metadata_that_is_nested_too_deeply(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/2301.00001.tex").write_text(TEX)
    snapshot = tmp_path / "m.jsonl"
    snapshot.write_text(f'{{"id": "2301.00001", "title": "T", "authors": {NESTED}, "file": {NESTED}}}\n')
    assert rows(tmp_path / "p", metadata=str(snapshot))["2301.00001.tex"]["title"] == "T"
    snapshot.write_text('{"id": "2301.00001"}\n' + "[" * 100_000)
    with pytest.raises(UserError, match=r"m\.jsonl, line 2"):
        rows(tmp_path / "p", metadata=str(snapshot))


def test_parquet_with_doubled_columns_or_broken_text(tmp_path: Path) -> None:
    broken = pa.array([b"good text", b"caf\xe9", b"more text"]).cast(pa.binary()).view(pa.string())
    ids = pa.array([b"a", b"b\xff", b"c"]).cast(pa.binary()).view(pa.string())
    pq.write_table(pa.table({"id": ids, "text": broken}), tmp_path / "latin.parquet")
    two = pa.table([pa.array(["x"]), pa.array(["y"]), pa.array(["z"])], names=["id", "id", "text"])
    buffer = io.BytesIO()
    pq.write_table(two, buffer)
    (tmp_path / "two.parquet").write_bytes(buffer.getvalue())
    found = {r["source_id"]: r for r in rows(tmp_path).values()}
    assert {k: r["reason"] for k, r in found.items()} == {
        "a": None,
        "b\\xff": "unreadable",
        "c": None,
        "two.parquet": "unreadable",
    }
    assert "latin.parquet" in found["b\\xff"]["detail"] and "two.parquet" in found["two.parquet"]["detail"]
    assert texts(tmp_path)["c"] == "more text"


@pytest.mark.parametrize("name", ["a\nb.gz", "a#b%0A~%7E.gz", "\x7f\t%1f", "%2523", "plain.gz"])
def test_a_place_is_one_line_and_leads_to_its_name(name: str) -> None:
    place, member = member_at(name), member_in_tar("x.tar", name)
    assert place.isprintable() and member.isprintable()
    assert (path_of(place), name_in_tar(member)) == (name, name)
