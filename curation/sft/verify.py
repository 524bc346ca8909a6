"""Verify: what every verifier says of every answer, and what drops it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field, field_validator

from curation.errors import did_you_mean
from curation.sft.verifiers.all import QUALITIES, verdicts
from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.sft.verifiers.evidence import spans_of
from curation.step import Inputs, MapStep, Requires
from schemas import (
    ANSWERS,
    CHAINS,
    CHUNKS,
    EVIDENCE,
    PAIR_VERDICTS,
    PICKS,
    QUESTIONS,
    PairReason,
    Table,
)
from schemas.pair_verdicts import VERIFIERS, Family


class Verify(MapStep):
    """Asks all verifiers about every answer that came so far. Nothing is asked of a model.

    What fails form, grounding or self-containment is dropped. What fails another verifier is dropped where `cut` names it: no filter
    of answers by quality beat keeping all of them for OpenThoughts3 (Guha et al. 2025, arXiv:2506.04178), so who mixes for
    training may keep them all (`cut: []`) and choose by the columns.

    Args:
        cut: verifiers of quality whose verdict drops a pair.
        least: verifier with a score -> least score of a pair that stays, beside its verdict.
    """

    name: ClassVar[str] = "pair_verdicts"
    version: ClassVar[int] = 4
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        CHUNKS.name: ("doc_id", "row_id", "text", "spans"),
        QUESTIONS.name: ("doc_id", "row_id", "chunk_id", "kind", "question", "options", "right"),
        EVIDENCE.name: ("doc_id", "row_id", "quotes"),
        CHAINS.name: ("doc_id", "row_id", "reasoning", "finish_reason"),
        ANSWERS.name: ("doc_id", "row_id", "question_id", "answer", "value", "expression", "reason"),
        "metadata": ("doc_id", "title"),
    }
    provides: ClassVar[Table] = PAIR_VERDICTS

    cut: tuple[str, ...] = (
        *(
            "other_model",
            "on_passage",
            "says_more",
            "to_the_point",
            "named",
            "options_balanced",
            "recompute",
            "reanswered",
        ),
    )
    least: dict[str, float] = Field(default={})
    reasked: bool = False
    """Whether there are `picks`."""

    @field_validator("cut")
    @classmethod
    def _are_qualities(cls, cut: tuple[str, ...]) -> tuple[str, ...]:
        for name in cut:
            if name not in QUALITIES:
                always = any(v.name == name for v in VERIFIERS)
                told = "drops always" if always else f"is no verifier of quality{did_you_mean(name, QUALITIES)}"
                raise ValueError(f"cut: {name} {told} (there are: {', '.join(QUALITIES)})")
        return cut

    @field_validator("least")
    @classmethod
    def _have_scores(cls, least: dict[str, float]) -> dict[str, float]:
        scored = [v.name for v in VERIFIERS if v.has_score]
        for name in least:
            if name not in scored:
                raise ValueError(
                    f"least: {name} has no score{did_you_mean(name, scored)} (those that have: {', '.join(scored)})"
                )
        return least

    def reads(self) -> Requires:
        return {**self.requires, **({PICKS.name: ("doc_id", "row_id", "picks")} if self.reasked else {})}

    def run(self, inputs: Inputs) -> pa.Table:
        made, seen = [], set()
        for row, candidate, spans in candidates(inputs):
            judged = self._judged(row, candidate, spans)
            key = (row["doc_id"], row["question_id"], candidate.reasoning, candidate.answer)
            if judged["reason"] is None and key in seen:
                judged |= {"reason": str(PairReason.DUPLICATE), "detail": "another sample says the same"}
            seen.add(key)
            made.append(judged)
        return PAIR_VERDICTS.rows(made)

    def _judged(self, row: Mapping[str, Any], candidate: Candidate, chunk: list[dict[str, int]]) -> dict[str, object]:
        made: dict[str, object] = {"doc_id": row["doc_id"], "row_id": row["row_id"]}
        reason = detail = None
        for verifier, verdict in verdicts(candidate):
            made[verifier.name] = verdict.passed
            if verifier.has_score:
                made[f"{verifier.name}_score"] = verdict.score
            low = verdict.score is not None and verdict.score < self.least.get(verifier.name, float("-inf"))
            drops = low or (
                verdict.passed is False and (verifier.family is not Family.QUALITY or verifier.name in self.cut)
            )
            if drops and reason is None:
                reason, detail = verifier.name, verdict.detail or f"{verifier.name} {verdict.score:g}"
            elif verdict.passed is False and detail is None:
                detail = f"{verifier.name}: {verdict.detail}"
        found = spans_of(candidate.passage, candidate.quotes)
        placed = _placed(candidate.passage, chunk, found)
        return {**made, "spans": placed, "reason": reason, "detail": detail}

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Answers, those that stay, and by verifier how many fail it and how many it drops."""
        rows = made[PAIR_VERDICTS.name]
        reasons = Counter(rows["reason"].to_pylist())
        kept = reasons.pop(None, 0)
        fails = {v.name: rows[v.name].to_pylist().count(False) for v in VERIFIERS}
        return {"answers": rows.num_rows, "kept": kept, "left": dict(sorted(reasons.items())), "fails": fails}


def candidates(inputs: Inputs) -> Iterator[tuple[dict[str, Any], Candidate, list[dict[str, int]]]]:
    """The answers of a part that came so far, each with its pair and the spans of its chunk."""
    chunks, questions, evidence, chains = (
        {(row["doc_id"], row["row_id"]): row for row in inputs[name].to_pylist()}
        for name in (CHUNKS.name, QUESTIONS.name, EVIDENCE.name, CHAINS.name)
    )
    picked = (
        {(row["doc_id"], row["row_id"]): row["picks"] for row in inputs[PICKS.name].to_pylist()}
        if PICKS.name in inputs
        else {}
    )
    titles = dict(zip(inputs["metadata"]["doc_id"].to_pylist(), inputs["metadata"]["title"].to_pylist(), strict=True))
    answers = [row for row in inputs[ANSWERS.name].to_pylist() if row["reason"] is None]
    of_question: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in answers:
        of_question.setdefault((row["doc_id"], row["question_id"]), []).append(row)
    for row in answers:
        asked = (row["doc_id"], row["question_id"])
        question, chain = questions[asked], chains[row["doc_id"], row["row_id"]]
        chunk = chunks[row["doc_id"], question["chunk_id"]]
        yield (
            row,
            Candidate(
                kind=QuestionKind(question["kind"]),
                question=question["question"],
                answer=row["answer"] or "",
                passage=chunk["text"],
                reasoning=chain["reasoning"],
                quotes=tuple(evidence[asked]["quotes"] or ()),
                options=tuple(question["options"] or ()),
                right=question["right"],
                value=row["value"],
                expression=row["expression"],
                finish_reason=chain["finish_reason"] or "",
                title=titles.get(row["doc_id"]) or "",
                picks=tuple(picked.get(asked, ())),
                votes=tuple(o["answer"] for o in of_question[asked] if o is not row and o["answer"]),
            ),
            chunk["spans"],
        )


def _placed(passage: str, chunk: list[dict[str, int]], found: list[tuple[int, int]]) -> list[dict[str, int]]:
    """Spans of a chunk's text as spans of the document: its pieces stand behind each other with two line ends between."""
    placed: list[dict[str, int]] = []
    at = 0
    for piece in chunk:
        length = piece["end"] - piece["start"]
        for start, end in found:
            a, b = max(start, at), min(end, at + length)
            if a < b:
                placed.append({"start": piece["start"] + a - at, "end": piece["start"] + b - at})
        at += length + 2
    return sorted(placed, key=lambda span: (span["start"], span["end"]))
