"""`astrocorpus withhold`: benchmarks in documents of one's own, by the steps of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.cli import main
from schemas import HITS
from tests.data_cards.card_release import write_release
from tests.withhold.audit_release import (
    QUESTION,
    SHORT_CHOICES,
    SHORT_QUESTION,
    WITHHELD,
    Given,
    clean_rows,
    document,
    given,
    mirrored,
    prose,
    smuggled_release,
    smuggled_rows,
)


@pytest.fixture
def benchmark(tmp_path: Path) -> Given:
    return given(tmp_path / "benchmark")


ROWS = [
    {"id": "clean", "text": prose(60)},
    {"id": "work", "text": prose(61), "doi": "https://doi.org/10.1146/annurev-astro-081811-125615"},
    {
        "id": "titled",
        "text": prose(62),
        "title": "The Chemical Enrichment of Small Galaxies Nearby",
        "date": "2012-05-01",
    },
    {"id": "reviewed", "text": prose(63), "journal_ref": "ARA&A 40, 487", "authors": ["A. Writer", "B. Writer"]},
    {"id": "mirror", "text": mirrored(WITHHELD)},
    {"id": "empty", "text": None},
]
WANTED = {
    ("work", "made", "identity", "doi"),
    ("work", "ARAA", "identity", "doi"),
    ("titled", "made", "title"),
    ("reviewed", "ARAA", "identity", "journal_ref"),
    ("mirror", "made", "copy", "n-grams"),
}


def hits(out: Path) -> set[tuple[str, ...]]:
    table = pq.read_table(out)
    assert table.schema.equals(HITS.arrow)
    rows = table.to_pylist()
    assert len({(row["doc_id"], row["row_id"]) for row in rows}) == len(rows)
    named = {(row["doc_id"], row["mark"], row["layer"], row["rule"]) for row in rows}
    return {(doc, mark, rule) if rule == "title" else (doc, mark, layer, rule) for doc, mark, layer, rule in named}


def run(docs: Path, benchmark: Given, out: Path, *more: str) -> int:
    command = ["withhold", str(docs), "--benchmark", str(benchmark.benchmark), "--out", str(out)]
    return main([*command, *more])


def as_jsonl(folder: Path) -> Path:
    path = folder / "docs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def as_parquet(folder: Path) -> Path:
    path = folder / "docs.parquet"
    pq.write_table(
        pa.Table.from_pylist(
            [{**dict.fromkeys(("doi", "title", "journal_ref", "date", "authors")), **r} for r in ROWS]
        ),
        path,
    )
    return path


@pytest.mark.parametrize("docs", [as_jsonl, as_parquet])
def test_every_layer_finds_its_own(tmp_path: Path, benchmark: Given, docs, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "hits.parquet"
    assert run(docs(tmp_path), benchmark, out) == 0
    assert hits(out) == WANTED
    said = capsys.readouterr().out
    assert "made, copy: 1 matches" in said and "5 matches in 4 documents" in said
    assert run(docs(tmp_path), benchmark, out) == 0, "a table of hits is replaced"


def test_documents_without_a_match_give_an_empty_table(tmp_path: Path, benchmark: Given) -> None:
    (tmp_path / "docs.jsonl").write_text(json.dumps(ROWS[0]))
    assert run(tmp_path / "docs.jsonl", benchmark, tmp_path / "hits.parquet") == 0
    assert hits(tmp_path / "hits.parquet") == set()


def test_a_release_is_read_by_its_ids(tmp_path: Path, benchmark: Given) -> None:
    release = smuggled_release(tmp_path / "release")
    assert run(release, benchmark, tmp_path / "hits.parquet", "--tier", "public") == 0
    found = hits(tmp_path / "hits.parquet")
    assert ("arXiv:2301.00024v1", "made", "identity", "doi") in found
    assert {doc for doc, _, layer, *_ in found if layer == "copy"} == {f"arXiv:2301.000{n}v1" for n in (20, 21, 22)}


@pytest.mark.parametrize("mode", ["withhold", "mask"])
def test_whatever_an_audit_finds_in_documents_is_found(tmp_path: Path, benchmark: Given, mode: str) -> None:
    body = benchmark.benchmark.read_text().replace("adapter: plain", f"adapter: plain, mode: {mode}")
    benchmark.benchmark.write_text(body)
    asked = f"{prose(64)} {' '.join(QUESTION.split()[:17])} {prose(65)}"  # 600 per mille of the audit's n-grams
    titled = document(30, prose(66), title=f"{SHORT_QUESTION} {' or '.join(SHORT_CHOICES[1:])}")
    rows = [*clean_rows(), *smuggled_rows(), document(29, asked), titled]
    release = write_release(tmp_path / "release", {"public": rows})
    assert main(["audit", str(release), "--benchmark", str(benchmark.benchmark)]) == 1
    finds = json.loads((release / "audit.json").read_text())["finds"]
    assert {find["id"] for find in finds} >= {"arXiv:2301.00029v1", "arXiv:2301.00030v1"}
    assert run(release, benchmark, tmp_path / "hits.parquet", "--tier", "public") == 0
    found = pq.read_table(tmp_path / "hits.parquet").to_pylist()
    assert {(hit["doc_id"], hit["mark"]) for hit in found} >= {(find["id"], find["benchmark"]) for find in finds}


def test_what_is_no_table_of_hits_is_not_replaced(
    tmp_path: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = as_jsonl(tmp_path)
    as_parquet(tmp_path).rename(tmp_path / "mine.parquet")
    assert run(docs, benchmark, tmp_path / "mine.parquet") == 2
    assert "is no table of hits" in " ".join(capsys.readouterr().err.split())
    (tmp_path / "other.yaml").write_text(f"name: other\ntexts: {benchmark.texts}")
    command = ["withhold", str(docs), "--benchmark", str(tmp_path / "other.yaml")]
    assert main([*command, "--out", str(tmp_path / "hits.parquet")]) == 2
    assert "holds no text withheld for other, but for made" in " ".join(capsys.readouterr().err.split())


def test_documents_that_are_none_are_told(tmp_path: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none.jsonl").write_text("")
    assert run(tmp_path / "none.jsonl", benchmark, tmp_path / "hits.parquet") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "none.jsonl: no document stands in it" in said and not (tmp_path / "hits.parquet").exists()
