"""Questions in other words that a model judges: retrieval names them, a scripted server says which are asked."""

from __future__ import annotations

import asyncio
import csv
import json
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from curation.driver_step import State
from curation.place import open_place
from curation.sft.engines.configs import Endpoint
from curation.sft.stages.rephrased_judge import RephrasedJudge
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.judged import JudgedHits, RephrasedCandidates
from curation.withhold.rephrased_hits import MAX_ITEMS, REPHRASED_THRESHOLDS, RephrasedHits, RephrasedThresholds
from pipelines.cli import main
from schemas import DOCUMENTS, HITS
from tests.servers.chat import ChatServer

ITEMS = (
    ("Why does the rotation curve of a spiral galaxy stay flat far from its centre?", "dark matter"),
    ("Which line of neutral hydrogen is used to map cold gas in galaxies?", "21 cm"),
    ("What supports a white dwarf against its own gravity?", "degenerate electrons"),
    ("Which process makes most of the helium in the Sun?", "the proton-proton chain"),
)
SAID = {
    0: "Spirals turn as fast far out as further in. Say what keeps the rotation of such a galaxy so flat at large distances.",
    1: "To map cold gas of galaxies one uses a line that neutral hydrogen emits. Name it.",
    2: "Gravity of a white dwarf is balanced by something. Which support is meant?",
}
NEAR = {
    "n0": "The rotation curve of this spiral galaxy was measured far from its centre by two telescopes, and the survey goes on.",
    "n1": "We mapped cold gas in three galaxies with a line of carbon monoxide and compare it with older maps of hydrogen.",
    "n2": "A white dwarf was found near the Sun by its own motion, and its spectrum shows lines of helium.",
}
OTHER = "The dome of the telescope was painted anew in spring, and the road to it was closed for two weeks."


def shown(body: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The text and the questions of a request."""
    said = body["messages"][-1]["content"]
    text, rest = said.split("Text:\n\n", 1)[1].split("\n\nEnd of the text.")
    return text, re.findall(r"^\[\d+\] (.*)$", rest, re.MULTILINE)


def judge_of(truth: Callable[[str, str], bool]) -> Callable[[Mapping[str, Any]], str]:
    """A server's answers: the numbers of the questions that a text asks."""

    def answer(body: Mapping[str, Any]) -> str:
        text, questions = shown(body)
        assert 1 <= len(questions) <= MAX_ITEMS
        return json.dumps({"asks": [n for n, question in enumerate(questions, 1) if truth(text, question)]})

    return answer


def knows(text: str, question: str) -> bool:
    """What the texts above ask."""
    return any(said in text and question == ITEMS[n][0] for n, said in SAID.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"id": f"s{n}", "text": text} for n, text in SAID.items()]
    rows += [{"id": name, "text": text} for name, text in {**NEAR, "o": OTHER}.items()]
    (tmp_path / "rows.jsonl").write_text(
        "".join(json.dumps({**row, "title": f"On {row['id']}"}) + "\n" for row in rows)
    )
    items = ({"question": question, "answer": answer} for question, answer in ITEMS)
    (tmp_path / "exam.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    return tmp_path


def run(folder: Path, url: str | None, **engine: Any) -> int:
    judge = {"engine": {"kind": "endpoint", "model": "judge", "licence": "MIT", "base_url": url, **engine}}
    config = {
        "name": "notices",
        "sources": [{"name": "rows", "path": "rows.jsonl", "licence": "CC-BY-4.0"}],
        "withhold": {
            "benchmarks": [{"name": "exam", "items": "exam.jsonl", "adapter": "plain"}],
            **({"judge": judge} if url else {}),
        },
        "decide": {
            "quality": {
                "max_duplicate_line_fraction": 1,
                "max_top_ngram_fraction": 1,
                "min_words": 5,
                "min_language_score": 2,
            },
            "tiers": {"t": {}},
        },
    }
    (folder / "c.yaml").write_text(json.dumps(config))
    return main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"])


def report(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "run" / "report.json").read_text())
    return told


def released(folder: Path) -> set[str]:
    files = (folder / "run" / report(folder)["release"] / "t").glob("*.parquet")
    return {name.split("~")[0] for file in files for name in pl.read_parquet(file)["id"].to_list()}


def test_what_the_judge_confirms_is_withheld_and_what_it_denies_is_released(folder: Path) -> None:
    assert run(folder, None) == 0
    assert released(folder) == {"s0", "o"}, "one that asks is below the threshold, three that do not are above it"
    with ChatServer(judge_of(knows)) as server:
        assert run(folder, server.url) == 0
        asked = len(server.log)
        assert run(folder, server.url) == 0
        assert len(server.log) == asked and max(server.good().values()) == 1, "each request is paid once"
    assert released(folder) == {*NEAR, "o"}
    told = report(folder)["summaries"]
    assert told["rephrased_judgements"] == {"requests": asked, "without_verdict": {}}
    judged = told["judged_hits"]["judged"]["exam"]
    assert (judged["confirmed"], judged["unjudged"], judged["confirmed_below_threshold"]) == (3, 0, 1)
    assert judged["denied_from_threshold_on"] == 3
    (join,) = [join for join in report(folder)["joins"] if join["kind"] == "rephrased"]
    assert (join["given"]["count"], join["given"]["matched"]) == (4, 3)
    assert (join["papers"]["count"], join["papers"]["matched"]) == (6, 3)
    (file,) = (folder / "run").glob("judged_hits-*/part-*.parquet")
    for hit in pl.read_parquet(file).to_dicts():
        assert (hit["layer"], hit["mark"]) == ("rephrased", "exam") and 100 <= hit["score"] < 1000
        assert hit["entry"] == f"exam.jsonl:{int(hit['doc_id'][1]) + 1}" and "the judge judge says" in hit["evidence"]


def test_without_a_judge_at_hand_nothing_is_released(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer(judge_of(knows)) as server:
        url = server.url
    assert run(folder, url, patience_s=1, connect_timeout_s=0.5) != 0
    assert not list((folder / "run").glob("release-*/manifest.json"))
    assert "Connect call failed" in capsys.readouterr().err


def test_what_the_judge_gives_no_verdict_on_is_a_hit_and_is_told(folder: Path) -> None:
    with ChatServer(lambda body: "I would rather not say.") as server:
        assert run(folder, server.url) == 0
    told = report(folder)["summaries"]
    asked = told["rephrased_judgements"]
    assert asked["without_verdict"] == {"schema": asked["requests"]}
    judged = told["judged_hits"]["judged"]["exam"]
    assert judged["unjudged"] == judged["candidates"] and not released(folder) & {"s0", "s1", "s2"}
    assert "gave no verdict" in json.dumps(report(folder)["warnings"])


def test_numbers_of_no_question_are_no_verdict(folder: Path) -> None:
    with ChatServer(lambda body: json.dumps({"asks": [99]})) as server:
        assert run(folder, server.url) == 0
    assert "schema" in report(folder)["summaries"]["rephrased_judgements"]["without_verdict"]


def test_commands_without_a_run_ask_no_judge(folder: Path) -> None:
    with ChatServer(judge_of(knows)) as server:
        assert run(folder, server.url) == 0
        asked = len(server.log)
        given = [
            str(folder / "rows.jsonl"),
            "--benchmark",
            str(folder / "c.yaml"),
            "--out",
            str(folder / "hits.parquet"),
        ]
        assert main(["withhold", *given]) == 0
        assert len(server.log) == asked
    assert set(pl.read_parquet(folder / "hits.parquet")["doc_id"].to_list()) == {"s1", "s2", *NEAR}


def test_a_judge_needs_an_engine_that_answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = {
        "name": "n",
        "sources": [{"name": "rows", "path": "rows.jsonl"}],
        "decide": {"tiers": {"t": {}}},
        "withhold": {"benchmarks": [{"name": "exam", "items": "exam.jsonl", "adapter": "plain"}]},
    }
    for judge, words in (({}, "withhold.judge.engine"), ({"engine": {"kind": "extractive"}}, "judges nothing")):
        config["withhold"]["judge"] = judge  # type: ignore[index]
        (folder / "c.yaml").write_text(json.dumps(config))
        assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--dry-run"]) == 2
        assert words in " ".join(capsys.readouterr().err.split())


def test_a_judge_of_no_items_is_refused_and_a_dry_run_tells_what_one_costs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = {"kind": "endpoint", "model": "judge", "licence": "MIT", "base_url": "http://127.0.0.1:9/v1"}
    config: dict[str, Any] = {
        "name": "n",
        "sources": [{"name": "rows", "path": "rows.jsonl"}],
        "decide": {"tiers": {"t": {}}},
    }
    of_items, of_rule = {"name": "exam", "items": "exam.jsonl", "adapter": "plain"}, {"name": "A", "rule": "araa"}
    for benchmark, code, words in (
        (of_rule, 2, "no benchmark here has any"),
        (of_items, 0, "withhold.judge: a request"),
    ):
        config["withhold"] = {"benchmarks": [benchmark], "judge": {"engine": engine}}
        (folder / "c.yaml").write_text(json.dumps(config))
        assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--dry-run"]) == code
        told = capsys.readouterr()
        assert words in " ".join((told.out + told.err).split())


def documents(texts: list[str]) -> pa.Table:
    return DOCUMENTS.rows({"doc_id": f"d{n:05d}", "status": "ok", "text": text} for n, text in enumerate(texts))


def judged(
    benchmark: Benchmark, texts: list[str], server: ChatServer, folder: Path
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Hits of retrieval alone, candidates, and hits with the judge."""
    tables = {"documents": documents(texts)}
    tables[REPHRASED_THRESHOLDS.name] = RephrasedThresholds(benchmarks=(benchmark,)).run(Inputs({}))
    alone = RephrasedHits(benchmarks=(benchmark,)).run(Inputs(tables))
    tables["rephrased_candidates"] = RephrasedCandidates(benchmarks=(benchmark,)).run(Inputs(tables))
    engine = Endpoint(model="judge", licence="MIT", base_url=server.url)
    step = RephrasedJudge(engine=engine)

    async def asked() -> pa.Table:
        async with step.open(State(folder, open_place(str(folder / "sealed")))) as opened:
            return await step.ask(Inputs(tables), opened)

    tables["rephrased_judgements"] = asyncio.run(asked())
    return alone, tables["rephrased_candidates"], JudgedHits().run(Inputs(tables))


@pytest.mark.parametrize("name", ["sociology", "abstract_algebra"])
def test_of_rephrased_questions_98_in_100_are_found_and_fewer_that_ask_nothing(
    shared: Path, tmp_path: Path, name: str
) -> None:
    with (shared / "benchmarks" / f"{name}_test.csv").open(newline="") as file:
        questions = [row[0] for row in csv.reader(file)]
    twin = shared / "benchmarks" / f"{name}_test_rephrase_english_filtered_question.jsonl"
    said = [json.loads(line)["text"] for line in twin.read_text().splitlines()]
    items = tmp_path / "items.jsonl"
    items.write_text(
        "".join(json.dumps({"question": q, "answer": f"answer {n}"}) + "\n" for n, q in enumerate(questions))
    )
    benchmark = Benchmark(name="B", items=(items,), adapter="plain")
    own = [(n, text) for n, text in enumerate(said) if text.strip()]
    words = [path.read_text(errors="ignore").split() for path in sorted((shared / "papers").rglob("*.tex"))]
    long, rng = [mine for mine in words if len(mine) > 500], random.Random(5)
    physics = [
        json.loads(line)["question"] for line in (shared / "benchmarks" / "mmlu_conceptual_physics.jsonl").open()
    ]
    passages = [
        " ".join(mine[at : at + 60]) for mine in rng.choices(long, k=300) for at in [rng.randrange(len(mine) - 60)]
    ]
    texts = [text for _, text in own] + physics + passages
    truth = {(" ".join(text.split()), " ".join(questions[n].split())) for n, text in own}

    def asks(text: str, question: str) -> bool:
        return any(" ".join(text.split()) == t and question.startswith(q) for t, q in truth)

    with ChatServer(judge_of(asks)) as server:
        alone, candidates, hits = judged(benchmark, texts, server, tmp_path)
        requests = len(server.log)
    right = {(f"d{k:05d}", f"items.jsonl:{n + 1}") for k, (n, _) in enumerate(own)}
    found = set(zip(hits["doc_id"].to_pylist(), hits["entry"].to_pylist(), strict=True))
    before = set(zip(alone["doc_id"].to_pylist(), alone["entry"].to_pylist(), strict=True))
    assert len(right & found) >= 0.98 * len(right) > len(right & before)
    assert len(found - right) == 0 < len(before - right), "what retrieval alone takes for another question"
    assert requests < 0.7 * len(texts) and candidates.num_rows <= MAX_ITEMS * len(texts)
    assert HITS.columns == tuple(hits.column_names)
