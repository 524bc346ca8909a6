"""Answers: what each chain came to, extracted by a schema, in a request of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from curation.sft.engines.engine import Engine, Request
from curation.sft.replies import (
    ReplyError,
    letter_schema,
    number_schema,
    result_by_rule,
    result_of,
    with_options,
    words_schema,
)
from curation.sft.stages.asking import (
    ANSWER_TOKENS,
    QUESTION_TOKENS,
    Ahead,
    AskStep,
    asked,
    by_row,
    stand_in,
    together,
)
from curation.sft.verifiers.candidate import QuestionKind
from curation.step import Inputs, Requires
from schemas import ANSWERS, CHAINS, QUESTIONS, Table

_ASKED_AS = {QuestionKind.NUMERIC: "number", QuestionKind.CHOICE: "letter"}
_SCHEMAS = {"number": number_schema, "letter": letter_schema, "words": words_schema}


class Answers(AskStep):
    """Extracts numbers and letters; an answer in words is what was said, as it stands.

    Args:
        extract_words: whether answers in words are extracted, too: for models that ramble. It costs a request each.
    """

    name: ClassVar[str] = "answers"
    version: ClassVar[int] = 2
    usual_tokens: ClassVar[int] = 40
    requires: ClassVar[Requires] = {
        QUESTIONS.name: ("doc_id", "row_id", "kind", "question", "options"),
        CHAINS.name: ("doc_id", "row_id", "question_id", "said", "reason"),
    }
    provides: ClassVar[Table] = ANSWERS

    extract_words: bool = False
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=600, ge=16, le=1_000_000)

    def prompts(self) -> tuple[str, ...]:
        return tuple(f"extraction/{name}.v1" for name in ("letter", "number", "words"))

    def ahead(self, passage: Ahead) -> Iterator[tuple[Request, int]]:
        for kind in passage.kinds:
            if kind in _ASKED_AS or self.extract_words:
                yield self._request(kind, stand_in(QUESTION_TOKENS), stand_in(ANSWER_TOKENS)), passage.samples

    def _request(self, kind: QuestionKind, question: str, said: str) -> Request:
        asked_as = _ASKED_AS.get(kind, "words")
        messages = self.prompt(_prompt_of(kind)).filled({"question": question, "said": said})
        return self.request(messages, schema=_SCHEMAS[asked_as](), schema_name="answer")

    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        questions = by_row(inputs[QUESTIONS.name])
        chains = [row for row in inputs[CHAINS.name].to_pylist() if row["reason"] is None]
        engine.status.expect(
            sum(1 for row in chains if self._rule(row, questions[row["doc_id"], row["question_id"]]) is None)
        )
        return await together(self._one(engine, row, questions[row["doc_id"], row["question_id"]]) for row in chains)

    def _rule(self, chain: dict[str, Any], question: dict[str, Any]) -> dict[str, object] | None:
        """The columns of an answer that needs no request."""
        kind = QuestionKind(question["kind"])
        result = result_by_rule(chain["said"], kind)
        if result is None or (self.extract_words and kind not in _ASKED_AS):
            return None
        return dict(result._asdict())

    async def _one(self, engine: Engine, chain: dict[str, Any], question: dict[str, Any]) -> dict[str, object]:
        row: dict[str, object] = {name: chain[name] for name in ("doc_id", "row_id", "question_id")}
        if (result := self._rule(chain, question)) is not None:
            return {**row, **result}
        kind = QuestionKind(question["kind"])
        shown = with_options(question["question"], question["options"] or ())
        reply, told = await asked(engine, self._request(kind, shown, chain["said"]))
        row |= self.provenance(engine, _prompt_of(kind), [told])
        try:
            return {**row, **result_of(reply, kind)._asdict()}
        except ReplyError as error:
            return {**row, "reason": str(error.reason)}


def _prompt_of(kind: QuestionKind) -> str:
    return f"extraction/{_ASKED_AS.get(kind, 'words')}.v1"
