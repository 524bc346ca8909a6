"""Pairs in which another model had a part than the one that was asked: what they carry, and which tiers leave them out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from curation.release.licences import closed_rows
from pipelines.cli import main
from schemas.manifest import read_manifest
from tests.engine.runs import release_files
from tests.servers.chat import ChatServer
from tests.sft.rings import write_rings
from tests.sft.scripted import answer
from tests.sft.test_pair_licences import _engine, _released, _report, _run, _table

NAMES = ("Borva", "Caldr", "Dorve")
KINDS = {"per_chunk": 2, "kinds": ["concept", "numeric"]}
STAGES = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_rings(tmp_path / "rows.jsonl", NAMES)
    return tmp_path


def _router(body: Mapping[str, Any]) -> str:
    """It lets another model answer what is asked about Borva in the chain, and names a date for all others."""
    asked = body["messages"][-1]["content"]
    if "response_format" not in body and "Borva" in asked:
        return "lab/stand-in-3b"
    return f"{body['model']}-2026-01-01"


def _origins(folder: Path) -> dict[bool, list[dict[str, Any]]]:
    """Origins of the pairs about Borva (True), and of the others."""
    rows = _table(folder, "pair_origins")
    return {is_it: [row for row in rows if row["doc_id"].startswith("Borva") == is_it] for is_it in (True, False)}


def test_pairs_that_another_model_answered_stay_out_of_tiers_that_ask_for_licences(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(answer, model=_router) as server:
        engine = _engine(server.url, "MIT")
        assert _run(folder, engine, questions=KINDS) == 0
        said, asked = capsys.readouterr(), len(server.log)
        origins = _origins(folder)
        strange, others = (sorted(row["row_id"] for row in origins[is_it]) for is_it in (True, False))
        assert strange and others
        assert _released(folder, "t") == sorted(strange + others) and _released(folder, "public") == others
        for row in origins[True]:
            assert (row["served"][2], row["models"][2]) == (["lab/stand-in-3b"], "scripted")
            assert row["served"][:2] == [["scripted-2026-01-01"]] * 2 and row["undeclared"] == ["lab/stand-in-3b"]
            assert row["model_licences"][:3] == ["MIT", "MIT", None] and row["tiers"] == ["t"]
            assert (row["terms"], row["licence"]) == ("unknown", None)
            assert row["closed"].startswith("lab/stand-in-3b answered where scripted was asked")
        for row in origins[False]:
            assert (row["undeclared"], row["closed"], row["terms"], row["licence"]) == ([], None, "open", "CC-BY-4.0")
            assert row["tiers"] == ["public", "t"] and all(
                names == (["scripted-2026-01-01"] if model else None)
                for names, model in zip(row["served"], row["models"], strict=True)
            )
        n = len(strange)
        told = {(row["row_id"], row["reason"], *row["tiers"]) for row in _table(folder, "pair_decisions")}
        assert told == {(pair, "licence_unknown", "public") for pair in strange}
        report = _report(folder)
        summary = report["summaries"]["pair_decisions"]
        assert summary["undeclared"] == {"lab/stand-in-3b": n}
        assert summary["tiers"] == {"public": {"kept": len(others), "left": {"licence_unknown": n}}}
        counts = {tier: (t["pairs"], t["pairs_dropped"]) for tier, t in report["tiers"].items()}
        assert counts == {"t": (n + len(others), 0), "public": (len(others), n)}
        [warning] = [one for one in report["warnings"] if one.startswith("pairs are left out")]
        for word in (f"({n} of tier public)", f"(lab/stand-in-3b {n})", "served_as", "other_models"):
            assert word in warning
        lines = [" ".join(line.split()) for line in said.out.splitlines()]
        assert f"pair_decisions, tier public {len(others)} licence_unknown {n}" in lines
        card = (folder / "run" / report["release"] / "card.html").read_text()
        assert f"licence unknown {n}" in card and "lab/stand-in-3b (licence not named)" in card

        assert _run(folder, engine, run="again", questions=KINDS) == 0
        assert release_files(folder / "again") == release_files(folder / "run") and len(server.log) == 2 * asked

        # the config names it: nothing is asked again, and the pairs go where its licence lets them
        for names, licence, released in (
            ({"served_as": ["STAND-IN-3B"]}, "MIT", sorted(strange + others)),
            ({"other_models": {"lab/*": "Apache-2.0"}}, "Apache-2.0", sorted(strange + others)),
            ({"other_models": {"stand-in-3b": "gemma"}}, "gemma", others),
        ):
            assert _run(folder, {**engine, **names}, questions=KINDS) == 0
            said = capsys.readouterr()
            assert len(server.log) == 2 * asked and _released(folder, "public") == released
            assert {(row["model_licences"][2], *row["undeclared"]) for row in _origins(folder)[True]} == {(licence,)}
            assert not any("served_as" in one for one in _report(folder)["warnings"])
            assert ("may answer (other_models) to pairs.questions" in said.err) == (licence == "gemma")
        assert {(row["reason"], *row["tiers"]) for row in _table(folder, "pair_decisions")} == {("licence", "public")}
        assert _run(folder, engine, questions=KINDS, allowed_models=["lab/stand-in-3b"]) == 0
        assert _released(folder, "public") == sorted(strange + others)


def test_a_pair_names_the_model_that_wrote_its_chain(folder: Path) -> None:
    (folder / "exam.yaml").write_text(json.dumps({"benchmarks": [{"name": "exam", "rule": "araa"}]}))
    with ChatServer(answer, model=_router) as server:
        assert _run(folder, _engine(server.url, "MIT"), questions=KINDS) == 0
    made = {(row["doc_id"][:5], row["engine"], row["model_terms"]) for row in _table(folder, "pairs")}
    assert made == {
        ("Borva", "lab/stand-in-3b", "unknown"),
        ("Caldr", "scripted", "open"),
        ("Dorve", "scripted", "open"),
    }
    release = folder / "run" / _report(folder)["release"]
    closed = {"t": "pairs written by models whose terms are unknown"}
    assert closed_rows(read_manifest(release)) == closed, "all papers are open, the pairs are not"
    assert main(["audit", str(release), "--benchmark", str(folder / "exam.yaml")]) == 0


@pytest.mark.parametrize("stage", ["question", "evidence", "letter", "rubric"])
def test_any_stage_that_another_model_answers_closes_the_pair(folder: Path, stage: str) -> None:
    def falls_back(body: Mapping[str, Any]) -> str:
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("name")
        return "stand-in-3b" if schema == stage else ""

    kinds = {"per_chunk": 1, "kinds": ["choice"]}
    with ChatServer(answer, model=falls_back) as server:
        engine = _engine(server.url, "MIT")
        assert _run(folder, engine, questions=kinds, recheck={"orders": 1}, judge={"gates": []}) == 0
    origins = _table(folder, "pair_origins")
    assert origins and _released(folder, "public") == []
    told = {
        (*row["undeclared"], *(name for names in row["served"][:STAGES] for name in names or ())) for row in origins
    }
    assert told == {("stand-in-3b", "stand-in-3b")}


def test_what_a_server_calls_itself_is_one_bounded_line_in_tables(folder: Path) -> None:
    with ChatServer(answer, model=lambda body: "x\n\x1b[2J" + "y" * 5000) as server:
        assert _run(folder, _engine(server.url, "MIT"), questions=KINDS) == 0
    names = {name for row in _table(folder, "pair_origins") for name in row["undeclared"]}
    assert names == {"x[2J" + "y" * 296} and {row["engine"] for row in _table(folder, "pairs")} == {"x_2J" + "y" * 96}
    assert _report(folder)["summaries"]["pair_decisions"]["undeclared"].keys() == names
