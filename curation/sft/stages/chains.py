"""Chains and answers: every question is answered in free text, k times, from its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from curation.sft.engines.engine import Engine, Request
from curation.sft.replies import ReplyError, chain_of, with_options
from curation.sft.stages.asking import (
    EVIDENCE_TOKENS,
    QUESTION_TOKENS,
    Ahead,
    AskStep,
    asked,
    by_row,
    draw,
    stand_in,
    together,
)
from curation.step import Inputs, Requires
from schemas import CHAINS, EVIDENCE, QUESTIONS, Table

ANSWER_STYLES = (
    "You explain as to a colleague of another field.",
    "You are exact, and use as few words as the matter allows.",
    "You reason from first principles where you can.",
)
SMALL_TOKENS = 400
"""Most tokens of a reply of the model that comes with us. Of 24 replies about three papers 21 ended within 123; the others went round in
circles to any limit, at some minutes each."""


class Chains(AskStep):
    """Answers every question that has evidence.

    Args:
        way: `think`: the model's own thinking is the chain; `steps`: it writes its steps, then a line `Answer:`; `direct`: it answers at once,
            and pairs have no chain. None: steps, and direct for the model that comes with us, which is too small for chains.
        samples: answers a question; many answers to one question helped (Guha et al. 2025, arXiv:2506.04178).
        styles: of answers; one is drawn for each question.
        max_tokens: most tokens of a reply, reasoning among them; of the model that comes with us 400 at most.
    """

    name: ClassVar[str] = "chains"
    version: ClassVar[int] = 4
    usual_tokens: ClassVar[int] = 500
    requires: ClassVar[Requires] = {
        QUESTIONS.name: ("doc_id", "row_id", "question", "options"),
        EVIDENCE.name: ("doc_id", "row_id", "quotes", "reason"),
    }
    provides: ClassVar[Table] = CHAINS

    way: Literal["think", "steps", "direct"] | None = None
    samples: int = Field(default=1, ge=1, le=64)
    styles: tuple[str, ...] = Field(default=ANSWER_STYLES, min_length=1)
    max_tokens: int = Field(default=2048, ge=16, le=1_000_000)

    @property
    def way_taken(self) -> Literal["think", "steps", "direct"]:
        """The way, where the config leaves it to the engine, too."""
        return self.way or ("direct" if self.engine.is_small else "steps")

    def prompts(self) -> tuple[str, ...]:
        return (f"chain/{self.way_taken}.v1",)

    def ahead(self, passage: Ahead) -> Iterator[tuple[Request, int]]:
        request = self._request(self.styles[0], stand_in(EVIDENCE_TOKENS), stand_in(QUESTION_TOKENS))
        yield request, len(passage.kinds) * self.samples

    def _request(self, style: str, evidence: str, question: str) -> Request:
        values = {"style": style, "evidence": evidence, "question": question}
        thinking = {"think": True, "steps": False, "direct": False}[self.way_taken]
        most = min(self.max_tokens, SMALL_TOKENS) if self.engine.is_small else self.max_tokens
        return self.request(self.prompt(self.prompts()[0]).filled(values), thinking=thinking, max_tokens=most)

    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        questions = by_row(inputs[QUESTIONS.name])
        kept = [row for row in inputs[EVIDENCE.name].to_pylist() if row["reason"] is None]
        wanted = [
            (questions[row["doc_id"], row["row_id"]], row["quotes"], n) for row in kept for n in range(self.samples)
        ]
        engine.status.expect(len(wanted))
        return await together(self._one(engine, *one) for one in wanted)

    async def _one(self, engine: Engine, question: dict[str, Any], quotes: list[str], sample: int) -> dict[str, object]:
        style = self.styles[draw(f"{question['doc_id']} {question['row_id']} answer") % len(self.styles)]
        (name,) = self.prompts()
        evidence = "\n".join(f"- {' '.join(quote.split())}" for quote in quotes)
        shown = with_options(question["question"], question["options"] or ())
        reply, told = await asked(engine, self._request(style, evidence, shown), sample)
        ids = {
            "doc_id": question["doc_id"],
            "row_id": f"{question['row_id']}/s{sample:02d}",
            "question_id": question["row_id"],
        }
        row: dict[str, object] = {**ids, "finish_reason": reply.finish_reason, **self.provenance(engine, name, [told])}
        try:
            chain, said = chain_of(reply, self.way_taken)
        except ReplyError as error:
            return {**row, "reasoning": reply.reasoning, "said": reply.text, "reason": str(error.reason)}
        return {**row, "reasoning": chain, "said": said}
