"""An index of withheld texts finds their copies in another corpus, with share and spans, and who quotes them stays."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import ConfigError
from curation.joins import Join
from curation.release.masking import withholds
from curation.step import Inputs
from curation.text import text_sha256
from curation.withhold.benchmark import Benchmark
from curation.withhold.copy_hits import CopyHits
from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hashes_table, id_rows, joined, read_hashes, said_by_document, text_rows
from curation.withhold.lists import WithholdNames
from curation.withhold.tokens import tokens
from pipelines.config import parse_config
from schemas import DOCUMENTS, METADATA


def prose(seed: int, n: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(4, 9))) for _ in range(n)]


PAPER = prose(1, 600)
OTHER = prose(2, 3000)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    text = " ".join(PAPER)
    rows = [
        *id_rows("B", "p~1", ["arXiv:2301.00001"]),
        *text_rows("B", "p~1", tokens(text), text_sha256(text)),
    ]
    pq.write_table(hashes_table(rows), tmp_path / "index.parquet")
    return tmp_path / "index.parquet"


def test_copies_are_found_with_share_and_spans_and_who_quotes_is_not(index: Path) -> None:
    rng = random.Random(3)
    mirror = [w if rng.random() > 0.03 else "other" for w in PAPER]
    texts = {
        "same": [word.upper() for word in PAPER],
        "mirror": mirror,
        "thesis": [*OTHER[:1000], *PAPER[:400], *OTHER[1000:2000]],
        "split": PAPER[100:250],
        "quotes": [*OTHER[:500], *PAPER[:80], *OTHER[500:900]],
        "by-id": OTHER[2000:],
        "by-url": OTHER[2400:],
        "title": PAPER[4:38],
        "equal": PAPER,
        "other": OTHER[:600],
    }
    links, venue = {"by-id": ["arXiv:2301.00001"]}, {"by-url": ["url: https://arxiv.org/abs/2301.00001v2"]}
    said: dict[str, Any] = {"title": " ".join(PAPER[38:60])}
    made: dict[str, Any] = {
        "metadata": METADATA.rows(
            {
                "doc_id": d,
                "source": "s",
                "paper_id": d,
                "links": links.get(d, []),
                "venue": venue.get(d),
                "n_records": 0,
            }
            for d in texts
        ),
        "documents": DOCUMENTS.rows(
            {"doc_id": d, "status": "ok", "title": said.get(d), "text": (text := " ".join(w)), "sections": []}
            | {"text_sha256": text_sha256(text)}
            for d, w in texts.items()
        ),
    }
    made["withhold_names"] = WithholdNames().run(Inputs(made))
    step = CopyHits(benchmarks=(Benchmark(name="B", texts=(index,)),))
    hits = step.run(Inputs(made))
    found = {row["doc_id"]: row for row in hits.to_pylist()}
    assert {d: (row["layer"], row["mark"], row["entry"]) for d, row in found.items()} == {
        **dict.fromkeys(("same", "mirror", "thesis", "split", "title", "equal"), ("copy", "B", "p~1")),
        **dict.fromkeys(("by-id", "by-url"), ("identity", "B", "p~1")),
    }
    assert (found["equal"]["rule"], found["same"]["rule"]) == ("text_sha256", "n-grams")
    assert found["by-id"]["evidence"] == "arXiv:2301.00001 is an id of the withheld work p~1"
    known, document = found["mirror"]["evidence"].split(" | document: ")
    assert known.startswith("withheld text p~1: ") and document.startswith(" ".join(mirror[:20]))
    assert "other" in document and "other" not in known, (
        "of the withheld text only what the two have in common is known"
    )
    assert set(known.partition(": ")[2].split()[:-1]) <= {*PAPER, "..."}
    assert max(len(row["evidence"]) for row in found.values()) < 900
    assert found["same"]["score"] == 1000 and 600 <= found["thesis"]["score"] < 750 < found["mirror"]["score"] < 1000
    [span] = found["thesis"]["spans"]
    said = " ".join(texts["thesis"]).encode()[span["start"] : span["end"]].decode().split()
    assert set(said) <= set(PAPER[:400]) and len(said) > 380
    assert withholds(hits, made["documents"], {"B": "mask"}).hits.to_pylist() == [True] * 8, "a copy cannot be masked"
    [join] = map(Join.from_json, step.fold([step.summary(Inputs(made), {"hits": hits})])["joins"])
    assert (join.given.count, join.given.matched, join.papers.count, join.papers.matched) == (1, 1, 10, 8)


def test_the_title_counts_and_a_text_that_is_the_same_counts_however_short_it_is(index: Path, tmp_path: Path) -> None:
    short = " ".join(prose(9, 24))
    rows = text_rows("B", "p~2", tokens(short), text_sha256(short))
    pq.write_table(joined([read_hashes(index), hashes_table(rows)]), index)
    texts = [(" ".join(PAPER[300:330]), " ".join(PAPER[100:120])), (None, " ".join(PAPER[100:120])), (None, short)]
    made: dict[str, Any] = {
        "metadata": METADATA.rows(
            {"doc_id": f"d{n}", "source": "s", "paper_id": f"d{n}", "links": [], "n_records": 0} for n in range(3)
        ),
        "documents": DOCUMENTS.rows(
            {"doc_id": f"d{n}", "status": "ok", "title": title, "text": text, "text_sha256": text_sha256(text)}
            for n, (title, text) in enumerate(texts)
        ),
    }
    made["withhold_names"] = WithholdNames().run(Inputs(made))
    hits = CopyHits(benchmarks=(Benchmark(name="B", texts=(index,)),)).run(Inputs(made)).to_pylist()
    assert [(hit["doc_id"], hit["entry"], hit["rule"]) for hit in hits] == [
        ("d0", "p~1", "n-grams"),
        ("d2", "p~2", "text_sha256"),
    ]
    [span] = hits[0]["spans"]
    assert 0 <= span["start"] < span["end"] <= len(texts[0][1].encode()), "bytes of the text, without its title"
    said = texts[0][1].encode()[span["start"] : span["end"]].decode().split()
    assert len(said) > 10 and set(said) <= set(PAPER[100:120])
    audit = HashIndex(read_hashes(index))
    asked = [list(audit.by_copies(Hashed(said_by_document(title, text)))) for title, text in texts]
    assert [[match.entry for match in found if match.found] for found in asked] == [["p~1"], [], []]


def test_a_file_that_is_no_index_is_refused_before_the_run(index: Path, tmp_path: Path) -> None:
    value: dict[str, Any] = {"name": "c", "sources": [{"name": "s", "path": "."}]}
    value["withhold"] = {"benchmarks": [{"name": "B", "texts": "index.parquet"}]}
    steps = [step.name for step in parse_config(value, tmp_path).withhold.steps()]
    assert steps == ["self_test", "withhold_names", "copy_hits"]
    pq.write_table(pa.table({"a": [1]}), index)
    with pytest.raises(ConfigError, match="is no file of benchmark hashes"):
        parse_config(value, tmp_path)
