"""Pairs that a model writes, from papers to a release, with a scripted server in the model's place."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curation.sft.engines.batched import Answer, Row
from curation.sft.engines.configs import RayVllm
from curation.text import slice_bytes
from pipelines import launch
from pipelines.cli import main
from tests.servers.chat import ChatServer
from tests.sft.scripted import answer

STAGES = (
    "chunks",
    "questions",
    "question_verdicts",
    "question_doubles",
    "evidence",
    "chains",
    "answers",
    "pair_verdicts",
    "pairs",
)
NAMES = ("Aurel", "Borva", "Caldr", "Dorve", "Elmir", "Fenni")


def _text(name: str, turn: float) -> str:
    return (
        f"## Results\n\nRing {name} of the galaxy lies far from the bar and turns once in {turn} Myr. Its gas is cold, and the stars that "
        f"form of it are young. No other body of this size was found near Ring {name} in the field. The clouds of it are seven in number, "
        "and each of them is older than the one before it along the way around the centre. Dust is seen in all of them, as far as the "
        "images reach, and its light is red. The stars behind it are dimmed by as much as their place behind the dust would have it.\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        {"id": f"r{n}", "title": f"On the ring {name}", "text": _text(name, 31.5 + n)} for n, name in enumerate(NAMES)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def _run(folder: Path, url: str, tiers: dict[str, Any] | None = None, licence: str = "MIT", **pairs: Any) -> int:
    engine = {"kind": "endpoint", "model": "scripted", "licence": licence, "base_url": url}
    config = {
        "name": "rings",
        "sources": [{"name": "rows", "path": "rows.jsonl", "licence": "CC-BY-4.0"}],
        "decide": {
            "quality": {"max_duplicate_line_fraction": 1, "max_top_ngram_fraction": 1, "min_words": 20},
            "tiers": tiers or {"t": {}},
        },
        "dedup": {"min_jaccard": 0.99},
        "pairs": {"engine": engine, **pairs},
    }
    (folder / "c.yaml").write_text(json.dumps(config))
    return main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"])


def _told(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "run" / "report.json").read_text())
    return report


def _pairs(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / "run" / _told(folder)["release"] / "t-pairs").glob("*.parquet"))
    return [row for file in files for row in pl.read_parquet(file).to_dicts()]


def _table(folder: Path, name: str) -> list[dict[str, Any]]:
    files = sorted((folder / "run").glob(f"{name}-*/part-*.parquet")) or sorted(
        (folder / "run").glob(f"*/{name}/*.parquet")
    )
    return [row for file in files for row in pl.read_parquet(file).to_dicts()]


def test_papers_become_pairs_and_a_second_run_asks_nothing(folder: Path) -> None:
    with ChatServer(answer) as server:
        wanted = {"per_chunk": 3, "kinds": ["concept", "numeric", "choice", "mechanism"]}
        assert _run(folder, server.url, questions=wanted, chains={"samples": 2}) == 0
        asked = len(server.log)
        pairs = _pairs(folder)
        assert _run(folder, server.url, questions=wanted, chains={"samples": 2}) == 0
        assert len(server.log) == asked and _pairs(folder) == pairs
        assert max(server.good().values()) == 1, "each request is paid once"
    assert len(pairs) >= 6 and {pair["engine"] for pair in pairs} == {"scripted"}
    texts = {f"On the ring {name}": _text(name, 31.5 + n) for n, name in enumerate(NAMES)}
    documents = {row["doc_id"]: row["text"] for row in _table(folder, "documents")}
    assert len(documents) == len(texts)
    for pair in pairs:
        assert slice_bytes(documents[pair["doc_id"]], pair["span_start"], pair["span_end"]) == pair["evidence"]
        system, user, assistant = (turn["content"] for turn in pair["messages"])
        assert system == "detailed thinking on" and user == pair["question"]
        assert assistant == f"<think>\n{pair['reasoning']}\n</think>\n\n{pair['answer']}"
    origins = {row["row_id"]: row for row in _table(folder, "pair_origins")}
    assert set(origins) == {pair["pair_id"] for pair in pairs}
    for row in origins.values():
        assert row["models"][:3] == ["scripted"] * 3 and row["models"][4] is None and row["keys"]
        for name, value in (("engines", "endpoint"), ("model_licences", "MIT")):
            assert row[name] == [value if model else None for model in row["models"]]
        assert (row["paper_licence"], row["terms"], row["judge_fails"]) == ("CC-BY-4.0", "open", None)
        assert (row["licence"], row["tiers"], len(row["papers"])) == ("CC-BY-4.0", ["t"], 1)
        pair = next(pair for pair in pairs if pair["pair_id"] == row["row_id"])
        quotes = [slice_bytes(documents[row["doc_id"]], span["start"], span["end"]) for span in row["spans"]]
        assert "\n".join(quotes) == pair["evidence"] and row["papers"] == [pair["paper_id"]]
        assert row["answer_id"].startswith(f"{row['chunk_id']}/")
        assert {score["name"]: score["value"] for score in row["scores"]}["verbatim"] == 1 and "verbatim" not in row[
            "fails"
        ]


def test_what_goes_no_further_is_a_row_with_a_reason_in_each_stage(folder: Path) -> None:
    with ChatServer(answer) as server:
        assert _run(folder, server.url, questions={"per_chunk": 1, "kinds": ["mechanism"]}) == 0
    verdicts = _table(folder, "question_verdicts")
    assert len(verdicts) == len(NAMES) and {row["reason"] for row in verdicts} == {"self_contained"}
    assert _table(folder, "evidence") == [] and _table(folder, "chains") == []


def test_a_judge_with_the_passage_in_view_has_gates(folder: Path) -> None:
    kinds = {"per_chunk": 1, "kinds": ["concept"]}
    with ChatServer(answer) as server:
        assert _run(folder, server.url, questions=kinds, judge={}) == 0
        shown = [served.body["messages"][-1]["content"] for served in server.log if "Judge, each" in str(served.body)]
    assert shown and all("Ring " in text for text in shown)
    assert {row["reason"] for row in _table(folder, "pair_judgements")} == {"judge"}
    with ChatServer(answer) as server:
        assert _run(folder, server.url, questions=kinds, judge={"gates": ["worth"]}) == 0
    assert len(_pairs(folder)) == len(NAMES)
    assert {tuple(row["judge_fails"]) for row in _table(folder, "pair_origins")[-len(NAMES) :]} == {("supported",)}


def test_a_choice_that_other_orders_change_is_dropped_by_the_verifier(folder: Path) -> None:
    kinds = {"per_chunk": 1, "kinds": ["choice"]}
    with ChatServer(answer) as server:
        assert _run(folder, server.url, questions=kinds) == 0
        without = len(_pairs(folder))
        assert {row["reanswered"] for row in _table(folder, "pair_verdicts")} == {None}
        asked = len(server.log)
        assert _run(folder, server.url, questions=kinds, recheck={}) == 0
        assert len(server.log) == asked + 3 * len(_table(folder, "picks"))
    rights = {(row["doc_id"], row["row_id"]): (row["right"], row["question"]) for row in _table(folder, "questions")}
    picks = {(row["doc_id"], row["row_id"]): row["picks"] for row in _table(folder, "picks")}
    assert len(picks) == without == len(NAMES)
    for key, picked in picks.items():
        right, question = rights[key]
        assert picked == ([1, 2, 3] if "Ring A" in question else [right] * 3)
    assert {"Ring A" in pair["question"] for pair in _pairs(folder)} == {False}
    assert len(_pairs(folder)) == len(NAMES) - 1


def test_replies_that_are_nothing_leave_rows_and_no_pairs(folder: Path) -> None:
    with ChatServer(lambda body: "no json at all") as server:
        assert _run(folder, server.url) == 0
    assert {row["reason"] for row in _table(folder, "questions")} == {"schema"}
    assert _table(folder, "chains") == []


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ({"max_pairs": 3}, "max_pairs belongs to pairs by rule"),
        ({"chains": {"way": "thnk"}}, "pairs.chains.way"),
        ({"chunks": {"tiers": ["t"]}}, "chunks.tiers is no key here"),
        ({"checks": {"alike": 1}}, "allowed here: max_alike"),
        ({"checks": {"benchmarks": []}}, "checks.benchmarks is no key here"),
        ({"engine": {"kind": "extractive"}, "questions": {}}, "questions belongs to pairs that a model writes"),
    ],
)
def test_keys_of_the_other_way_are_refused(
    folder: Path, pairs: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(folder, "http://127.0.0.1:9/v1", **pairs) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_binding_terms_close_tiers_that_ask_for_licences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiers = {"t": {}, "public": {"licences": ["CC-BY-4.0"]}}
    assert _run(folder, "http://127.0.0.1:9/v1", {"public": tiers["public"]}, "llama3.1") == 2
    assert "name it in pairs.allowed_models" in " ".join(capsys.readouterr().err.split())
    with ChatServer(lambda body: "no json") as server:
        assert _run(folder, server.url, tiers, "llama3.1", allowed_models=["llama3.1"]) == 0
    with ChatServer(answer) as server:
        kinds = {"per_chunk": 1, "kinds": ["concept"]}
        assert _run(folder, server.url, tiers, "llama3.1", allowed_models=["llama3.1"], questions=kinds) == 0
    told = {(row["terms"], row["licence"], *row["tiers"]) for row in _table(folder, "pair_origins")}
    assert told == {("binding", "llama3.1", "public", "t")}


def test_a_pair_goes_where_the_strictest_of_its_licences_allows(folder: Path) -> None:
    tiers = {"t": {}, "public": {"licences": ["CC0-1.0"]}}
    with ChatServer(answer) as server:
        assert _run(folder, server.url, tiers, questions={"per_chunk": 1, "kinds": ["concept"]}) == 0
    rows = _table(folder, "pair_origins")
    assert len(rows) == len(NAMES) and {(row["licence"], *row["tiers"]) for row in rows} == {("CC-BY-4.0", "t")}
    assert not list((folder / "run").glob("release-*/public-pairs/*.parquet"))


def test_the_command_shows_what_every_stage_kept_and_why_it_left_the_rest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(answer) as server:
        assert _run(folder, server.url, questions={"per_chunk": 2, "kinds": ["concept", "mechanism"]}) == 0
        capsys.readouterr()
        assert main(["pairs", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["question_verdicts", "6", "self_contained", "6"] in lines
    assert [line for line in lines if line and line[0] in STAGES and line[1] != "asked"][-len(STAGES) :] == [
        ["chunks", "6"],
        ["questions", "12"],
        ["question_verdicts", "6", "self_contained", "6"],
        *([stage, "6"] for stage in STAGES[3:]),
    ]
    card = (folder / "run" / _told(folder)["release"] / "card.html").read_text()
    shown = re.findall(r'<tr><td>(\w+)</td><td class="n">(\d+)</td><td>([a-z ,0-9]*)</td><td', card)
    assert shown[-len(STAGES) :] == [
        ("chunks", "6", ""),
        ("questions", "12", ""),
        ("question_verdicts", "6", "self contained 6"),
        *((stage, "6", "") for stage in STAGES[3:]),
    ]


def test_batches_on_a_cluster_make_the_pairs_of_an_endpoint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call of ray.data.llm is scripted: it needs GPUs. What it gives and takes is tested in tests/pipelines/test_ray_vllm.py."""
    calls: list[int] = []

    def answer_with(config: RayVllm) -> Answer:
        def answered(rows: Sequence[Row], thinking: bool | None) -> list[Row]:
            calls.append(len(rows))
            return [_answered(row) for row in rows]

        return answered

    with ChatServer(answer) as server:
        assert _run(folder, server.url) == 0
    wanted = [(pair["question"], pair["answer"]) for pair in _pairs(folder)]
    monkeypatch.setattr(launch, "answer_with", answer_with)
    batched = {"kind": "ray_vllm", "model": "scripted", "licence": "MIT", "gather_s": 0.05}
    assert _run(folder, "http://127.0.0.1:9/v1", engine=batched) == 0
    assert [(pair["question"], pair["answer"]) for pair in _pairs(folder)] == wanted and max(calls) > 1


def _answered(row: Row) -> Row:
    """A row of ray.data.llm, answered by the scripted model, which reads the name of a schema off its fields."""
    schema = json.loads((row["sampling_params"]["structured_outputs"] or {"json": "{}"})["json"])
    fields = set(schema.get("properties", {}))
    name = "question" if "question" in fields else "evidence" if "sentences" in fields else "answer" if fields else None
    body = {"messages": row["messages"], "response_format": {"json_schema": {"name": name}}}
    counts = {"num_input_tokens": 5, "num_generated_tokens": 50, "error": ""}
    return {"n": row["n"], "generated_text": answer(body), **counts}
