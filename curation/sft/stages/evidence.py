"""Evidence: the sentences of the chunk that ground an answer, before one is paid for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from curation.sft.engines.engine import Engine, Request
from curation.sft.replies import ReplyError, as_list, numbered, numbers_schema, quotes_of, quotes_schema, with_options
from curation.sft.stages.asking import QUESTION_TOKENS, Ahead, AskStep, asked, by_row, stand_in, together
from curation.sft.verifiers.evidence import find_quote, is_enough
from curation.step import Inputs, Requires
from schemas import CHUNKS, EVIDENCE, QUESTION_DOUBLES, QUESTION_VERDICTS, QUESTIONS, Table


class Evidence(AskStep):
    """Asks which sentences answer each question. What is not in the chunk word for word goes no further.

    Args:
        by: `number`: sentences are chosen by their numbers, so that every quote is word for word; `quote`: they are copied.
    """

    name: ClassVar[str] = "evidence"
    version: ClassVar[int] = 4
    usual_tokens: ClassVar[int] = 30
    requires: ClassVar[Requires] = {
        QUESTIONS.name: ("doc_id", "row_id", "chunk_id", "question", "options"),
        QUESTION_VERDICTS.name: ("doc_id", "row_id", "reason"),
        QUESTION_DOUBLES.name: ("doc_id", "row_id"),
        CHUNKS.name: ("doc_id", "row_id", "text"),
    }
    provides: ClassVar[Table] = EVIDENCE

    by: Literal["number", "quote"] = "number"
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=400, ge=16, le=1_000_000)

    def prompts(self) -> tuple[str, ...]:
        return (f"evidence/by_{self.by}.v1",)

    def ahead(self, passage: Ahead) -> Iterator[tuple[Request, int]]:
        text = passage.chunk["text"]
        choices = numbered(text) if self.by == "number" else None
        for _ in passage.kinds if choices != [] else ():
            yield self._request(stand_in(QUESTION_TOKENS), text, choices), 1

    def _request(self, question: str, passage: str, choices: Sequence[str] | None) -> Request:
        schema = numbers_schema(len(choices)) if choices else quotes_schema()
        values = {"question": question, "passage": passage, "sentences": as_list(choices or ())}
        return self.request(self.prompt(self.prompts()[0]).filled(values), schema=schema, schema_name="evidence")

    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        questions, chunks = by_row(inputs[QUESTIONS.name]), by_row(inputs[CHUNKS.name])
        doubles = by_row(inputs[QUESTION_DOUBLES.name])
        verdicts = inputs[QUESTION_VERDICTS.name].to_pylist()
        kept = [(row["doc_id"], row["row_id"]) for row in verdicts if row["reason"] is None]
        asking = [questions[key] for key in kept if key not in doubles]
        engine.status.expect(len(asking))
        return await together(self._one(engine, row, chunks[row["doc_id"], row["chunk_id"]]["text"]) for row in asking)

    async def _one(self, engine: Engine, question: dict[str, Any], passage: str) -> dict[str, object]:
        choices = numbered(passage) if self.by == "number" else None
        row: dict[str, object] = {"doc_id": question["doc_id"], "row_id": question["row_id"]}
        if choices == []:
            return {**row, "reason": "verbatim"}
        (name,) = self.prompts()
        shown = with_options(question["question"], question["options"] or ())
        reply, told = await asked(engine, self._request(shown, passage, choices))
        row |= self.provenance(engine, name, [told])
        try:
            quotes = quotes_of(reply, choices)
        except ReplyError as error:
            return {**row, "reason": str(error.reason)}
        stands = any(map(is_enough, quotes))
        quotes = tuple(quote for quote in quotes if is_enough(quote)) if choices else quotes
        found = stands and all(find_quote(passage, quote) for quote in quotes)
        return {**row, "quotes": list(quotes), "reason": None if found else "verbatim"}
