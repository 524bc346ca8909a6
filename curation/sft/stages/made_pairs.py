"""Pairs of a run whose questions and answers models wrote: what is left, rendered, with where each came from beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curation.release.findings import in_order
from curation.sft.engines.answering import Answering
from curation.sft.engines.model_licences import Terms, strictest, terms_of
from curation.sft.pairs import MADE_PAIRS
from curation.sft.rendering import DETAILED_OFF, DETAILED_ON, render
from curation.sft.replies import with_options
from curation.sft.stages.asking import by_row
from curation.sft.verifiers.candidate import QuestionKind
from curation.sft.verifiers.options import LETTERS, letter_of
from curation.step import Inputs, MapStep, Requires
from schemas import (
    ANSWERS,
    CHAINS,
    CHUNKS,
    DECISIONS,
    EVIDENCE,
    PAIR_JUDGEMENTS,
    PAIR_ORIGINS,
    PAIR_VERDICTS,
    PICKS,
    QUESTIONS,
    Table,
)
from schemas.pair_verdicts import CRITERIA, VERIFIERS

_ASKED = ("model", "prompt", "prompt_sha256", "keys", "served")


class MakePairs(MapStep):
    """Renders every answer that no verifier, and no judge, dropped.

    Args:
        tiers: the release tiers.
        gated: those of them that ask for licences.
        allowed_models: models and licences whose pairs go to these, too, whatever their terms.
        judged: whether there are judgements.
        rechecked: whether multiple choice was asked again.
        engines: who may have answered for question, evidence, chain, extraction, judge, recheck.
        system_on: the system message of a pair with a chain.
        system_off: that of a pair without one.
    """

    name: ClassVar[str] = "pairs"
    version: ClassVar[int] = 107
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        "metadata": ("doc_id", "paper_id", "licence"),
        DECISIONS.name: ("doc_id", "tier"),
        CHUNKS.name: ("doc_id", "row_id", "text_sha256"),
        QUESTIONS.name: (
            "doc_id",
            "row_id",
            "chunk_id",
            "kind",
            "question",
            "options",
            *_ASKED,
        ),
        EVIDENCE.name: ("doc_id", "row_id", "quotes", *_ASKED),
        CHAINS.name: ("doc_id", "row_id", "reasoning", *_ASKED),
        ANSWERS.name: ("doc_id", "row_id", "question_id", "answer", *_ASKED),
        PAIR_VERDICTS.name: PAIR_VERDICTS.columns,
    }
    provides: ClassVar[Table] = MADE_PAIRS
    beside: ClassVar[tuple[Table, ...]] = (PAIR_ORIGINS,)

    tiers: tuple[str, ...] = Field(min_length=1)
    gated: tuple[str, ...] = ()
    allowed_models: tuple[str, ...] = ()
    judged: bool = False
    rechecked: bool = False
    engines: tuple[Answering, ...] = ()
    system_on: str = DETAILED_ON
    system_off: str = DETAILED_OFF

    def reads(self) -> Requires:
        asked = ("doc_id", "row_id", *_ASKED)
        judged = {PAIR_JUDGEMENTS.name: (*asked, *CRITERIA, "reason")} if self.judged else {}
        return {**self.requires, **judged, **({PICKS.name: asked} if self.rechecked else {})}

    def run(self, inputs: Inputs) -> dict[str, pa.Table]:
        names = (CHUNKS, QUESTIONS, EVIDENCE, CHAINS, ANSWERS, *((PICKS,) if self.rechecked else ()))
        tables = {t.name: by_row(inputs[t.name]) for t in names}
        judged = by_row(inputs[PAIR_JUDGEMENTS.name]) if self.judged else None
        ids = inputs["metadata"]["doc_id"].combine_chunks()
        papers = {
            row["doc_id"]: row for row in inputs["metadata"].select(["doc_id", "paper_id", "licence"]).to_pylist()
        }
        out = set(zip(*(inputs[DECISIONS.name][name].to_pylist() for name in ("doc_id", "tier")), strict=True))
        pairs, origins = [], []
        for verdict in inputs[PAIR_VERDICTS.name].to_pylist():
            judgement = judged.get((verdict["doc_id"], verdict["row_id"])) if judged is not None else None
            if verdict["reason"] is not None or (
                judged is not None and (judgement is None or judgement["reason"] is not None)
            ):
                continue
            pair, origin = self._pair(verdict, tables, judgement)
            paper = papers[verdict["doc_id"]]
            pairs.append({**pair, "paper_id": paper["paper_id"]})
            of_paper = {"papers": [paper["paper_id"]], "paper_licence": paper["licence"]}
            if origin["terms"] == Terms.OPEN:
                of_paper["licence"] = paper["licence"]
            shut = self.gated if origin["closed"] is not None else ()
            tiers = sorted(tier for tier in self.tiers if tier not in shut and (paper["doc_id"], tier) not in out)
            origins.append({**origin, **of_paper, "tiers": tiers})
        return {
            MADE_PAIRS.name: in_order(MADE_PAIRS.rows(pairs), ids),
            PAIR_ORIGINS.name: in_order(PAIR_ORIGINS.rows(origins), ids),
        }

    def _pair(
        self,
        verdict: Mapping[str, Any],
        tables: Mapping[str, Mapping[tuple[str, str], dict[str, Any]]],
        judgement: dict[str, Any] | None,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        doc_id = verdict["doc_id"]
        answer, chain = (tables[t.name][doc_id, verdict["row_id"]] for t in (ANSWERS, CHAINS))
        question, evidence = (tables[t.name][doc_id, answer["question_id"]] for t in (QUESTIONS, EVIDENCE))
        chunk = tables[CHUNKS.name][doc_id, question["chunk_id"]]
        shown = with_options(question["question"], question["options"] or ())
        said = _spelled(answer["answer"], question)
        pair_id = sha256(
            "\n".join((doc_id, verdict["row_id"], shown, chain["reasoning"] or "", said)).encode()
        ).hexdigest()[:16]
        ids = {"doc_id": doc_id, "row_id": pair_id}
        pick = tables.get(PICKS.name, {}).get((doc_id, answer["question_id"]))
        by = (question, evidence, chain, answer, judgement or {}, pick or {})
        parts = [
            engine.part(stage["model"], stage["served"] or (), self.allowed_models) if stage.get("model") else None
            for engine, stage in zip(self.engines, by, strict=True)
        ]
        asked = [part for part in parts if part is not None]
        licence = strictest(part.licence for part in asked)
        closed = "; ".join(dict.fromkeys(why for part in asked for why in part.closed)) or None
        pair = {
            **ids,
            "engine": _word("+".join(parts[2].models) if parts[2] else chain["model"]),
            "model_terms": _told_terms(terms_of(licence or ""), is_closed=bool(closed)),
            "question": shown,
            "reasoning": chain["reasoning"],
            "answer": said,
            "evidence": "\n".join(evidence["quotes"]),
            "span_start": min(span["start"] for span in verdict["spans"]),
            "span_end": max(span["end"] for span in verdict["spans"]),
            "text_sha256": chunk["text_sha256"],
            "messages": render(shown, said, chain["reasoning"], system_on=self.system_on, system_off=self.system_off),
        }
        origin = {
            **ids,
            "chunk_id": question["chunk_id"],
            "spans": verdict["spans"],
            "answer_id": verdict["row_id"],
            "kind": question["kind"],
            **{
                name: [stage.get(column) for stage in by]
                for name, column in (("models", "model"), ("prompts", "prompt"), ("prompt_sha256", "prompt_sha256"))
            },
            "served": [None if part is None else list(part.served) for part in parts],
            "undeclared": sorted({name for part in asked for name in part.undeclared}),
            "engines": [None if part is None else self.engines[n].kind for n, part in enumerate(parts)],
            "model_licences": [None if part is None else part.licence for part in parts],
            "closed": closed,
            "terms": terms_of(licence or ""),
            "licence": licence,
            "scores": [
                {"name": v.name, "value": score}
                for v in VERIFIERS
                if v.has_score and (score := verdict[f"{v.name}_score"]) is not None
            ],
            "fails": [v.name for v in VERIFIERS if verdict[v.name] is False],
            "judge_fails": None if judgement is None else [name for name in CRITERIA if not judgement[name]],
            "keys": [key for stage in by for key in stage.get("keys") or ()],
        }
        return pair, origin

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Pairs, and by kind of question."""
        kinds = made[PAIR_ORIGINS.name]["kind"].to_pylist()
        return {"kept": len(kinds), "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))}}


def _word(name: str) -> str:
    """The name of a model as a release has it: one word."""
    return re.sub(r"[^\w.:+/@-]+", "_", name, flags=re.ASCII)[:100]


def _told_terms(terms: Terms, *, is_closed: bool) -> str:
    """A word of `schemas.MODEL_TERMS`. What is closed by the name of its model alone is told to be open by its licence."""
    if not is_closed:
        return "open" if terms is Terms.OPEN else "allowed"
    return "unknown" if terms is Terms.UNKNOWN else "binding"


def _spelled(answer: str, question: Mapping[str, Any]) -> str:
    """An answer as it is learned: of a choice the letter with the words of its option."""
    if question["kind"] != QuestionKind.CHOICE:
        return answer
    letter = letter_of(answer)
    return answer if letter is None else f"({LETTERS[letter]}) {question['options'][letter]}"
