"""Questions of several papers that ask the same, from papers to a release, and a month later. The model is scripted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli import main
from tests.servers.chat import ChatServer
from tests.sft.scripted import answer

ASKED = "What is known about the disc in the galaxy around it, and what does it do there?"
TURNS = "How long does the disc take for one turn?"


def _paper(name: str, date: str, turn: float) -> dict[str, Any]:
    """The model finds no name in it, and asks of each such paper the same."""
    text = (
        f"## Results\n\nThe object {name} lies far from the bar of its galaxy and turns once in {turn} Myr. Its gas is cold, and stars that "
        f"form of {name} are young, as {name} itself. No other body of this size was found near {name} in the field. Clouds of {name} are "
        f"large, and each of them is older than the one before it along the way around {name}. Dust of {name} is seen in all of them, as "
        f"far as the images reach, and its light is red. The stars behind {name} are dimmed by their place behind it.\n"
    )
    return {"id": name, "title": f"On the slow {name}", "date": date, "text": text}


def _run(folder: Path, url: str, **pairs: Any) -> list[dict[str, Any]]:
    engine = {"kind": "endpoint", "model": "scripted", "licence": "MIT", "base_url": url}
    config = {
        "name": "discs",
        "sources": [{"name": "rows", "path": "rows", "licence": "CC-BY-4.0"}],
        "decide": {
            "quality": {"max_duplicate_line_fraction": 1, "max_top_ngram_fraction": 1, "min_words": 20},
            "tiers": {"t": {}},
        },
        "dedup": {"min_jaccard": 0.99},
        "pairs": {"engine": engine, "questions": {"per_chunk": 2, "kinds": ["concept", "numeric"]}, **pairs},
    }
    (folder / "c.yaml").write_text(json.dumps(config))
    assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    return [
        row for file in sorted(_release(folder).glob("t-pairs/*.parquet")) for row in pl.read_parquet(file).to_dicts()
    ]


def _report(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "run" / "report.json").read_text())
    return told


def _release(folder: Path) -> Path:
    return folder / "run" / str(_report(folder)["release"])


def _asked_by(pairs: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(pair["doc_id"].split("~")[0], pair["question"]) for pair in pairs}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows").mkdir()
    rows = [_paper("Aurel", "2020-05-01", 31.5), _paper("Borva", "2021-06-01", 47.0)]
    (tmp_path / "rows" / "october.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_of_questions_that_ask_the_same_one_is_answered_and_the_table_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(answer) as server:
        pairs = _run(folder, server.url)
        bodies = [json.dumps(served.body) for served in server.log]
    assert _asked_by(pairs) == {("Aurel", ASKED), ("Aurel", TURNS)}
    assert [body for body in bodies if "Borva" in body and "Passage:" not in body] == [], "nothing dear is paid for it"
    assert _report(folder)["summaries"]["question_doubles"] == {"left": {"duplicate": 2}, "for_released": 0}
    assert "question doubles" in " ".join((_release(folder) / "card.html").read_text().replace("_", " ").split())
    capsys.readouterr()
    assert main(["trace", str(folder / "run"), "Borva"]) == 0
    out = capsys.readouterr().out
    assert "question_doubles" in out and "Aurel~" in out
    assert main(["pairs", str(folder / "c.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["question_doubles", "2", "duplicate", "2"] in lines


def test_what_was_released_stays_where_an_older_paper_comes_later(folder: Path) -> None:
    late = folder / "rows" / "november.jsonl"
    with ChatServer(answer) as server:
        first = _run(folder, server.url)
        asked = folder / "asked.parquet"
        assert main(["artefact", "questions", str(_release(folder)), "--out", str(asked)]) == 0
        late.write_text(json.dumps(_paper("Caldr", "2009-01-01", 12.0)) + "\n")
        second = _run(folder, server.url)
        assert _asked_by(second) == {("Caldr", ASKED), ("Caldr", TURNS)}, "by date alone the older paper asks"
        third = _run(folder, server.url, doubles={"released": "asked.parquet"})
    assert third == first and len(first) == 2
    assert _report(folder)["summaries"]["question_doubles"] == {"left": {"duplicate": 4}, "for_released": 0}


def test_another_corpus_asks_nothing_that_a_release_asked(folder: Path) -> None:
    with ChatServer(answer) as server:
        assert _run(folder, server.url)
        assert (
            main(
                ["artefact", "questions", str(_release(folder)), "--tier", "t", "--out", str(folder / "asked.parquet")]
            )
            == 0
        )
        (folder / "rows" / "october.jsonl").write_text(json.dumps(_paper("Dorve", "2001-01-01", 8.0)) + "\n")
        (folder / "run").rename(folder / "before")
        assert _run(folder, server.url, doubles={"released": ["asked.parquet"]}) == []
    assert _report(folder)["summaries"]["question_doubles"]["for_released"] == 2


def test_a_file_that_holds_no_questions_is_told_before_the_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pl.DataFrame({"question": ["What is a star?"]}).write_parquet(folder / "own.parquet")
    (folder / "c.yaml").write_text(
        json.dumps(
            {
                "name": "discs",
                "sources": [{"name": "rows", "path": "rows"}],
                "decide": {"tiers": {"t": {}}},
                "pairs": {"engine": {"kind": "gguf"}, "doubles": {"released": "own.parquet"}},
            }
        )
    )
    assert main(["run", str(folder / "c.yaml"), "--run", str(folder / "run")]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "pairs.doubles.released" in told and "astrocorpus artefact questions" in told


def test_an_artefact_of_questions_wants_a_release_with_pairs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer(answer) as server:
        _run(folder, server.url)
    out = ["--out", str(folder / "f.parquet")]
    for given, words in (
        ([str(folder / "run")], "is a run folder"),
        ([str(_release(folder)), "--tier", "u"], "no tier 'u' with pairs"),
        ([str(_release(folder)), "--set", "min_docs=2"], "without --set"),
        ([str(folder / "rows")], "a release folder has a manifest.json"),
    ):
        capsys.readouterr()
        assert main(["artefact", "questions", *given, *out]) == 2
        assert words in " ".join(capsys.readouterr().err.split())
