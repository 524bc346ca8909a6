"""Recheck: every multiple choice is asked again with its options in other orders, so that a letter that was liked is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from curation.sft.engines.engine import Engine, Request
from curation.sft.replies import ReplyError, letter_schema, result_of, with_options
from curation.sft.stages.asking import (
    EVIDENCE_TOKENS,
    QUESTION_TOKENS,
    Ahead,
    AskStep,
    asked,
    by_row,
    stand_in,
    together,
)
from curation.sft.verifiers.candidate import QuestionKind
from curation.sft.verifiers.options import LETTERS
from curation.step import Inputs, Requires
from schemas import ANSWERS, EVIDENCE, PICKS, QUESTIONS, Table


class Recheck(AskStep):
    """Asks every multiple choice that has an answer again, from its evidence. `verify` then drops by `reanswered` what the model does not
    choose most of the time.

    Args:
        orders: other orders, each with the right option at another letter. It costs a request each.
    """

    name: ClassVar[str] = "picks"
    version: ClassVar[int] = 2
    usual_tokens: ClassVar[int] = 10
    requires: ClassVar[Requires] = {
        QUESTIONS.name: ("doc_id", "row_id", "kind", "question", "options"),
        EVIDENCE.name: ("doc_id", "row_id", "quotes"),
        ANSWERS.name: ("doc_id", "question_id", "reason"),
    }
    provides: ClassVar[Table] = PICKS

    orders: int = Field(default=len(LETTERS) - 1, ge=1, le=len(LETTERS) - 1)
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=100, ge=16, le=1_000_000)

    def prompts(self) -> tuple[str, ...]:
        return ("recheck/letter.v1",)

    def ahead(self, passage: Ahead) -> Iterator[tuple[Request, int]]:
        choices = sum(kind is QuestionKind.CHOICE for kind in passage.kinds)
        yield self._request(stand_in(EVIDENCE_TOKENS), stand_in(QUESTION_TOKENS)), choices * self.orders

    def _request(self, evidence: str, question: str) -> Request:
        messages = self.prompt(self.prompts()[0]).filled({"evidence": evidence, "question": question})
        return self.request(messages, schema=letter_schema(), schema_name="letter")

    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        questions, evidence = by_row(inputs[QUESTIONS.name]), by_row(inputs[EVIDENCE.name])
        answered = [row for row in inputs[ANSWERS.name].to_pylist() if row["reason"] is None]
        keys = dict.fromkeys((row["doc_id"], row["question_id"]) for row in answered)
        choices = [key for key in keys if len(questions[key]["options"] or ()) == len(LETTERS)]
        engine.status.expect(self.orders * len(choices))
        return await together(self._one(engine, questions[key], evidence[key]["quotes"]) for key in choices)

    async def _one(self, engine: Engine, question: dict[str, Any], quotes: list[str]) -> dict[str, object]:
        (name,) = self.prompts()
        facts = "\n".join(f"- {' '.join(quote.split())}" for quote in quotes)
        orders = [[(k + n) % len(LETTERS) for k in range(len(LETTERS))] for n in range(1, self.orders + 1)]
        shown = [with_options(question["question"], [question["options"][k] for k in order]) for order in orders]
        requests = [self._request(facts, each) for each in shown]
        replies = await together(asked(engine, request) for request in requests)
        picks = []
        for (reply, _), order in zip(replies, orders, strict=True):
            try:
                picks.append(order[LETTERS.index(result_of(reply, QuestionKind.CHOICE).answer)])
            except ReplyError:
                picks.append(-1)
        row: dict[str, object] = {"doc_id": question["doc_id"], "row_id": question["row_id"], "picks": picks}
        return {**row, **self.provenance(engine, name, [told for _, told in replies])}

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Questions that were asked again, and those of which the reply named no option, by order."""
        rows = made[PICKS.name]["picks"].to_pylist()
        return {"questions": len(rows), "named_no_option": sum(picks.count(-1) for picks in rows)}
