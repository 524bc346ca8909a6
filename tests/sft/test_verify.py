from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from curation.sft.chunks import Chunks
from curation.sft.verify import Verify
from curation.step import Inputs
from curation.text import slice_bytes, text_sha256
from schemas import ANSWERS, CHAINS, CHUNKS, EVIDENCE, METADATA, PAIR_VERDICTS, QUESTIONS, Table
from schemas.pair_verdicts import VERIFIERS

FIRST = "The ring – à la minute – turns once in 31.5 Myr. " * 5
SECOND = "Torques of the bar remove angular momentum from the gas, which sinks inward. " * 5
TEXT = f"# Rings\n\n## Results\n\n{FIRST}\n\n**Figure 1.** A ring.\n\n{SECOND}"
TURN, TORQUE = (
    "The ring – à la minute – turns once in 31.5 Myr.",
    "Torques of the bar remove angular momentum from the gas",
)
CHAIN = "Gas must lose angular momentum to sink inward. Torques of the bar take it, so the gas sinks inward over time."


def _chunks() -> list[dict[str, Any]]:
    start = TEXT.encode().index(b"**Figure")
    sections = [
        {"kind": "title", "start": 2, "end": 7},
        {"kind": "body", "start": 12, "end": start},
        {"kind": "caption", "start": start, "end": start + 21},
        {"kind": "body", "start": start + 23, "end": len(TEXT.encode())},
    ]
    row = {"doc_id": "a", "status": "ok", "text": TEXT, "text_sha256": text_sha256(TEXT), "sections": sections}
    rows: list[dict[str, Any]] = Chunks(tiers=("t",)).chunks_of(row)
    return rows


class Run:
    """Tables of answers to questions about one chunk."""

    def __init__(self) -> None:
        self.rows: dict[Table, list[dict[str, Any]]] = {
            CHUNKS: _chunks(),
            QUESTIONS: [],
            EVIDENCE: [],
            CHAINS: [],
            ANSWERS: [],
        }
        self.chunk = next(row["row_id"] for row in self.rows[CHUNKS] if row["reason"] is None)

    def ask(
        self,
        question: str,
        quotes: list[str],
        *answers: str,
        kind: str = "concept",
        chain: str | None = CHAIN,
        **more: Any,
    ) -> None:
        n = f"{self.chunk}/{len(self.rows[QUESTIONS]):02d}"
        self.rows[QUESTIONS].append(
            {"doc_id": "a", "row_id": n, "chunk_id": self.chunk, "kind": kind, "style": "plain", "question": question}
        )
        self.rows[EVIDENCE].append({"doc_id": "a", "row_id": n, "quotes": quotes})
        for k, answer in enumerate(answers):
            ids = {"doc_id": "a", "row_id": f"{n}/s{k}", "question_id": n}
            self.rows[CHAINS].append({**ids, "reasoning": chain, "said": answer, "finish_reason": "stop"})
            self.rows[ANSWERS].append({**ids, "answer": answer, **more})

    def verdicts(self, **config: Any) -> list[dict[str, Any]]:
        tables: dict[str, pa.Table] = {table.name: table.rows(rows) for table, rows in self.rows.items()}
        metadata = {
            "doc_id": "a",
            "paper_id": "doi:a",
            "links": ["doi:a"],
            "source": "s",
            "title": "Rings",
            "n_records": 0,
        }
        step = Verify(**config)
        step.check({**{table.name: table for table in self.rows}, METADATA.name: METADATA})
        made = step.run(Inputs({**tables, METADATA.name: METADATA.rows([metadata])}))
        assert made.schema.equals(PAIR_VERDICTS.arrow)
        self.summary = step.summary(Inputs({}), {PAIR_VERDICTS.name: made})
        rows: list[dict[str, Any]] = made.to_pylist()
        return rows


def test_each_answer_has_a_verdict_of_each_verifier_and_the_place_of_its_evidence() -> None:
    run = Run()
    run.ask(
        "Why does gas sink inward through a bar?", [TORQUE, TURN], "Torques of the bar remove its angular momentum."
    )
    (row,) = run.verdicts()
    assert row["reason"] is None and row["detail"] is None
    assert [slice_bytes(TEXT, s["start"], s["end"]) for s in row["spans"]] == [TURN, TORQUE]
    assert {v.name for v in VERIFIERS} <= set(row) and row["verbatim"] is True and row["options_sound"] is None
    assert row["verbatim_score"] == 1.0
    assert run.summary["kept"] == 1 and run.summary["fails"]["verbatim"] == 0


def test_form_grounding_and_self_containment_always_drop() -> None:
    run = Run()
    run.ask(
        "Why does gas sink inward through a bar?",
        [TORQUE],
        "As Fig. 3 shows, torques of the bar act on it.",
        "I'm sorry, I cannot answer this.",
    )
    run.ask(
        "Why does gas sink inward through a bar?",
        [TORQUE.replace("bar", "jar")],
        "Torques of the bar remove its angular momentum.",
    )
    rows = run.verdicts(cut=[])
    assert [row["reason"] for row in rows] == ["self_contained", "refusal", "verbatim"]
    assert "Fig. 3" in rows[0]["detail"] and "alike" in rows[2]["detail"] and rows[2]["verbatim_score"] > 0.9
    assert run.summary["left"] == {"refusal": 1, "self_contained": 1, "verbatim": 1}


def test_the_config_says_which_verdicts_of_quality_drop() -> None:
    run = Run()
    run.ask(
        "Why does gas sink inward through a bar?",
        [TORQUE],
        "Torques of the bar remove its angular momentum, as ALMA saw.",
    )
    (kept,) = run.verdicts(cut=[])
    (dropped,) = run.verdicts()
    assert kept["reason"] is None and kept["named"] is False and kept["detail"].startswith("named: ")
    assert dropped["reason"] == "named"
    assert run.verdicts(least={"leads": 0.99})[0]["reason"] == "named"
    assert run.verdicts(cut=[], least={"leads": 0.99})[0]["reason"] == "leads"


def test_samples_vote_on_one_another() -> None:
    run = Run()
    about = {"kind": "numeric", "chain": "The ring turns once in 31.5 Myr, and so this is what is asked for: 31.5 Myr."}
    run.ask("How long does the ring take for a turn?", [TURN], "31.5 Myr", "0.0315 Gyr", "12 Myr", **about)
    rows = run.verdicts(cut=["vote"])
    assert [round(row["vote_score"], 2) for row in rows] == [0.67, 0.67, 0.33]
    assert [row["reason"] for row in rows] == [None, None, "numbers"] and rows[2]["vote"] is False


def test_answers_that_went_no_further_have_no_verdict() -> None:
    run = Run()
    run.ask("Why does gas sink inward through a bar?", [TORQUE], "", reason="no_reply")
    assert run.verdicts() == []


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"cut": ["verbatim"]}, "verbatim drops always"),
        ({"cut": ["vtoe"]}, "did you mean"),
        ({"least": {"length": 1}}, "length has no score"),
    ],
)
def test_cuts_that_name_no_such_verifier_are_refused(config: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Verify(**config)
