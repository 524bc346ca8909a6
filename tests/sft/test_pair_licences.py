"""Pairs whose models' terms are not open: which tiers leave them out, where that is told, and how they are allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curation.sft.pair_decisions import PairDecisions
from curation.sft.pairs import MADE_PAIRS
from curation.step import Inputs
from pipelines.cli import main
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from schemas import DECISIONS, PAIR_DECISIONS, PAIR_HITS, PAIR_ORIGINS
from tests.engine.runs import release_files
from tests.servers.chat import ChatServer
from tests.sft.rings import rings_config, write_rings
from tests.sft.scripted import answer

NAMES = ("Borva", "Caldr", "Dorve")
TIERS = {"t": {}, "public": {"licences": ["CC-BY-4.0"]}}
COLUMNS = {table.name: table.columns for table in (MADE_PAIRS, PAIR_DECISIONS, PAIR_ORIGINS)}
NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_rings(tmp_path / "rows.jsonl", NAMES)
    return tmp_path


def _engine(url: str, licence: str, model: str = "scripted") -> dict[str, Any]:
    return {"kind": "endpoint", "model": model, "licence": licence, "base_url": url}


def _run(
    folder: Path, engine: Mapping[str, Any], tiers: Mapping[str, Any] = TIERS, run: str = "run", **pairs: Any
) -> int:
    config = rings_config("rows.jsonl", dict(engine), **pairs)
    config["decide"]["tiers"] = tiers
    (folder / "c.yaml").write_text(json.dumps(config))
    return main(["pairs", str(folder / "c.yaml"), "--run", str(folder / run), "--executor", "inline"])


def _report(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "run/report.json").read_text())
    return told


def _released(folder: Path, tier: str) -> list[str]:
    files = sorted((folder / "run" / _report(folder)["release"] / f"{tier}-pairs").glob("*.parquet"))
    return sorted(pair for file in files for pair in pl.read_parquet(file)["pair_id"].to_list())


def _table(folder: Path, name: str) -> list[dict[str, Any]]:
    tables = RunTables(open_store(folder / "run"))
    columns = list(COLUMNS[name])
    return [row for file in tables.files(name) for row in tables.store.read_table(file.file, columns).to_pylist()]


def test_a_judge_with_binding_terms_keeps_what_an_open_model_wrote_out_of_tiers_that_ask_for_licences(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(answer) as server:
        judge = {"engine": _engine(server.url, "llama3.1", "strict-judge")}
        assert _run(folder, _engine(server.url, "MIT"), judge=judge) == 0
        said = capsys.readouterr()
        asked, files = len(server.log), release_files(folder / "run")
        assert _run(folder, _engine(server.url, "MIT"), run="again", judge=judge) == 0
        assert release_files(folder / "again") == files and len(server.log) == 2 * asked
    made = sorted(row["row_id"] for row in _table(folder, "pairs"))
    assert made and (_released(folder, "t"), _released(folder, "public")) == (made, [])
    rows, why = _table(folder, "pair_decisions"), "strict-judge has the licence llama3.1: a model trained on"
    assert sorted(row["row_id"] for row in rows) == made
    assert {(*row["tiers"], row["verdict"], row["reason"], row["stage"]) for row in rows} == {
        ("public", "drop", "licence", "pairs")
    }
    assert all(row["evidence"].startswith(why) for row in rows)
    origins = {(row["terms"], row["closed"], row["licence"], *row["tiers"]) for row in _table(folder, "pair_origins")}
    assert origins == {("binding", rows[0]["evidence"], "llama3.1", "t")}
    report = _report(folder)
    counts = {
        tier: (t["released"], t["pairs"], t["pairs_dropped"], t["pairs_withheld"])
        for tier, t in report["tiers"].items()
    }
    n = len(made)
    assert counts == {"t": (3, n, 0, 0), "public": (3, 0, n, 0)}
    [warning] = [warning for warning in report["warnings"] if "strict-judge" in warning]
    assert why in warning and "pairs.judge" in warning and "(public)" in warning and "pairs.allowed_models" in warning
    assert said.err.index("strict-judge has the licence") < said.err.index("papers")
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert f"pair_decisions {n}" in lines and f"pair_decisions, tier public 0 licence {n}" in lines
    card = (folder / "run" / report["release"] / "card.html").read_text()
    assert "pair_decisions, tier public" in card and f"licence {n}" in card and "strict-judge" in card
    assert main(["trace", str(folder / "run"), "Borva"]) == 0
    assert "reason: licence" in capsys.readouterr().out


def test_a_model_that_is_allowed_by_its_name_or_licence_closes_nothing_and_is_not_asked_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(answer) as server:
        judge = {"engine": _engine(server.url, "llama3.1", "strict-judge")}
        assert _run(folder, _engine(server.url, "MIT"), judge=judge) == 0
        asked = len(server.log)
        assert _released(folder, "public") == []
        capsys.readouterr()
        assert _run(folder, _engine(server.url, "MIT"), judge=judge, allowed_models=["Llama3.1"]) == 0
        assert len(server.log) == asked
    assert _released(folder, "public") == _released(folder, "t") != []
    assert _table(folder, "pair_decisions") == [] and "strict-judge has the licence" not in capsys.readouterr().err
    assert {(row["terms"], row["closed"], *row["tiers"]) for row in _table(folder, "pair_origins")} == {
        ("binding", None, "public", "t")
    }


def test_a_licence_that_is_not_known_closes_only_the_pairs_in_which_its_model_has_a_part(folder: Path) -> None:
    """Multiple choice is asked again by a model of which nothing is known, questions about concepts are not."""
    tiers = {**TIERS, "free": {"licences": ["CC0-1.0"]}, "lab": {"licences": ["CC-BY-4.0", "CC0-1.0"]}}
    kinds = {"per_chunk": 2, "kinds": ["concept", "choice"]}
    with ChatServer(answer) as server:
        recheck = {"engine": _engine(server.url, "house-terms", "checker")}
        assert _run(folder, _engine(server.url, "MIT"), tiers, questions=kinds, recheck=recheck) == 0
    origins = _table(folder, "pair_origins")
    choices = sorted(row["row_id"] for row in origins if row["kind"] == "choice")
    others = sorted(row["row_id"] for row in origins if row["kind"] != "choice")
    assert choices and others
    assert {row["row_id"]: (row["models"][5], row["terms"]) for row in origins} == {
        **dict.fromkeys(choices, ("checker", "unknown")),
        **dict.fromkeys(others, (None, "open")),
    }
    assert _released(folder, "t") == sorted(choices + others)
    assert _released(folder, "public") == _released(folder, "lab") == others and _released(folder, "free") == []
    rows = _table(folder, "pair_decisions")
    assert {row["row_id"]: row["tiers"] for row in rows} == {key: ["lab", "public"] for key in choices}
    assert {row["evidence"] for row in rows} == {"checker has the licence house-terms, which is not known here"}
    told = {tier: (t["pairs"], t["pairs_dropped"]) for tier, t in _report(folder)["tiers"].items()}
    some = (len(others), len(choices))
    assert told == {"t": (len(origins), 0), "public": some, "lab": some, "free": (0, 0)}
    left = {"kept": len(others), "left": {"licence": len(choices)}}
    assert _report(folder)["summaries"]["pair_decisions"] == {
        "left": {},
        "tiers": {"free": {"kept": 0, "left": {}}, "lab": left, "public": left},
    }


def test_a_run_of_which_no_tier_would_release_a_pair_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = {"public": TIERS["public"], "free": {"licences": ["CC0-1.0"]}}
    assert _run(folder, _engine(NOWHERE, "gemma"), closed) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "no pair would be released" in said and "pairs.allowed_models" in said and "(public, free)" in said
    assert _run(folder, _engine(NOWHERE, "MIT"), closed, judge={"engine": _engine(NOWHERE, "gemma", "j")}) == 2
    assert "j has the licence gemma" in " ".join(capsys.readouterr().err.split())


def test_what_hits_leave_out_of_all_tiers_is_not_told_once_more_for_its_licence_nor_what_a_paper_takes_with_it() -> (
    None
):
    pairs = [("d", "p1"), ("d", "p2"), ("e", "p3"), ("e", "p4")]
    said = {"paper_id": "p", "engine": "e", "question": "What?", "answer": "This.", "messages": []}
    hit = {
        "doc_id": "d",
        "row_id": "p1/0000",
        "pair_id": "p1",
        "mark": "exam",
        "layer": "text",
        "rule": "question",
        "score": 1000,
    }
    none = {"chunk_id": "c", "answer_id": "a", "kind": "concept", "terms": "binding"}
    lists: dict[str, Any] = {name: [] for name in ("papers", "spans", "tiers", "keys", "scores", "fails")}
    out = {"doc_id": "e", "row_id": "y", "tier": "y", "verdict": "drop", "stage": "s", "reason": "rule"}
    tables = {
        MADE_PAIRS.name: MADE_PAIRS.rows({"doc_id": d, "row_id": p, **said} for d, p in pairs),
        PAIR_HITS.name: PAIR_HITS.rows([hit]),
        PAIR_ORIGINS.name: PAIR_ORIGINS.rows(
            {"doc_id": d, "row_id": p, **none, **lists, "closed": None if p == "p4" else "bound"} for d, p in pairs
        ),
        DECISIONS.name: DECISIONS.rows([out]),
    }
    step = PairDecisions(gated=("y", "x"))
    assert set(step.reads()) == tables.keys()
    made = step.run(Inputs(tables))
    told = [(row["row_id"], row["tiers"], row["reason"]) for row in made.to_pylist()]
    assert told == [("p1", None, "benchmark_overlap"), ("p2", ["x", "y"], "licence"), ("p3", ["x"], "licence")]
    summary = step.summary(Inputs(tables), {"pair_decisions": made})
    assert summary["left"] == {"benchmark_overlap": 1}
    assert summary["tiers"] == {"y": {"kept": 0, "left": {"licence": 1}}, "x": {"kept": 1, "left": {"licence": 2}}}
