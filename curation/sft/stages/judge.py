"""The judge: a model that reads passage, question, chain and answer, and passes or fails each criterion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field, field_validator

from curation.errors import did_you_mean
from curation.sft.engines.engine import Engine, Request
from curation.sft.replies import ReplyError, rubric_schema, verdicts_of, with_options
from curation.sft.stages.asking import ANSWER_TOKENS, QUESTION_TOKENS, Ahead, AskStep, asked, stand_in, together
from curation.sft.verifiers.candidate import Candidate
from curation.sft.verify import Verify, candidates
from curation.step import Inputs, Requires
from schemas import PAIR_JUDGEMENTS, PAIR_VERDICTS, PairReason, Table
from schemas.pair_verdicts import CRITERIA


class Judge(AskStep):
    """Asks a judge about every answer that is still there. It sees the passage: a judge without it praises fluent errors.

    Args:
        gates: criteria that drop what fails them; the others are columns. Marks are never summed.
    """

    name: ClassVar[str] = "pair_judgements"
    version: ClassVar[int] = 2
    usual_tokens: ClassVar[int] = 60
    requires: ClassVar[Requires] = {**Verify.requires, PAIR_VERDICTS.name: ("doc_id", "row_id", "reason")}
    provides: ClassVar[Table] = PAIR_JUDGEMENTS

    gates: tuple[str, ...] = ("supported", "answers", "alone")
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=200, ge=16, le=1_000_000)

    @field_validator("gates")
    @classmethod
    def _are_criteria(cls, gates: tuple[str, ...]) -> tuple[str, ...]:
        for name in gates:
            if name not in CRITERIA:
                raise ValueError(
                    f"gates: no criterion {name}{did_you_mean(name, CRITERIA)} (there are: {', '.join(CRITERIA)})"
                )
        return gates

    def prompts(self) -> tuple[str, ...]:
        return ("judge/rubric.v1",)

    def ahead(self, passage: Ahead) -> Iterator[tuple[Request, int]]:
        said = stand_in(ANSWER_TOKENS)
        request = self._request(passage.chunk["text"], stand_in(QUESTION_TOKENS), said, said)
        yield request, len(passage.kinds) * passage.samples

    def _request(self, passage: str, question: str, reasoning: str, answer: str) -> Request:
        values = {"passage": passage, "question": question, "reasoning": reasoning, "answer": answer}
        messages = self.prompt(self.prompts()[0]).filled(values)
        return self.request(messages, schema=rubric_schema(), schema_name="rubric")

    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        stays = {
            (row["doc_id"], row["row_id"]) for row in inputs[PAIR_VERDICTS.name].to_pylist() if row["reason"] is None
        }
        wanted = [(row, one) for row, one, _ in candidates(inputs) if (row["doc_id"], row["row_id"]) in stays]
        engine.status.expect(len(wanted))
        return await together(self._one(engine, *each) for each in wanted)

    async def _one(self, engine: Engine, answer: dict[str, Any], one: Candidate) -> dict[str, object]:
        (name,) = self.prompts()
        shown = with_options(one.question, one.options)
        request = self._request(one.passage, shown, one.reasoning or "(none)", one.answer)
        reply, told = await asked(engine, request)
        row: dict[str, object] = {"doc_id": answer["doc_id"], "row_id": answer["row_id"]}
        row |= self.provenance(engine, name, [told])
        try:
            said = verdicts_of(reply)
        except ReplyError as error:
            return {**row, "reason": str(error.reason), "detail": str(error)}
        failed = [gate for gate in self.gates if not said[gate]]
        return {**row, **said, "reason": str(PairReason.JUDGE) if failed else None, "detail": ", ".join(failed) or None}
