"""Questions: each chunk is asked for a few, of kinds that it can bear."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from curation.sft.engines.engine import Engine, Request
from curation.sft.replies import ReplyError, question_of, question_schema
from curation.sft.stages.asking import Ahead, AskStep, asked, draw, together
from curation.sft.verifiers.candidate import QuestionKind
from curation.sft.verifiers.options import placed
from curation.sft.verifiers.values import stated
from curation.step import Inputs, Requires
from schemas import CHUNKS, QUESTIONS, PairReason, Table

STYLES = (
    "Your questions are short and direct.",
    "Your questions give a little of the background that is needed, and then ask.",
    "Your questions are those of a curious student at the end of a lecture.",
)
"""Ways to ask, one drawn for each question: rows that all sound alike teach their sound."""
SHORT = {
    QuestionKind.CONCEPT: r"^(What|Which) [^?\"\\\n]{12,200}\?$",
    QuestionKind.MECHANISM: r"^(Why|How) [^?\"\\\n]{12,200}\?$",
}
"""Kinds of question that a small model can ask, each with the form that the schema holds it to: one sentence, of the right word, without TeX."""
_ROWS = re.compile(r"(?:^[ \t]*\|[^\n]*\n?)+", re.MULTILINE)


class Questions(AskStep):
    """Asks for questions about every chunk, each of another kind.

    Args:
        kinds: what may be asked for; None: all, and of the model that comes with us concepts and mechanisms, for which it has prompts that
            are short enough. A table is only asked about as a table, numbers only where there are some, metadata only at an abstract.
        per_chunk: questions a chunk at most.
        styles: ways to ask; one is drawn for each question. Short prompts have none.
    """

    name: ClassVar[str] = "questions"
    version: ClassVar[int] = 3
    usual_tokens: ClassVar[int] = 60
    requires: ClassVar[Requires] = {
        CHUNKS.name: ("doc_id", "row_id", "kind", "text", "reason"),
        "metadata": ("doc_id", "title"),
    }
    provides: ClassVar[Table] = QUESTIONS

    kinds: tuple[QuestionKind, ...] | None = Field(default=None, min_length=1)
    per_chunk: int = Field(default=2, ge=1, le=10)
    styles: tuple[str, ...] = Field(default=STYLES, min_length=1)
    max_tokens: int = Field(default=400, ge=16, le=1_000_000)

    def prompts(self) -> tuple[str, ...]:
        return tuple(self.prompt_of(kind) for kind in self._wanted())

    def prompt_of(self, kind: QuestionKind) -> str:
        """Name of the prompt that asks for a kind."""
        return f"question/{kind}.short.v1" if self._short(kind) else f"question/{kind}.v1"

    def _short(self, kind: QuestionKind) -> bool:
        return self.engine.is_small and kind in SHORT

    def _wanted(self) -> tuple[QuestionKind, ...]:
        if self.kinds is None:
            return tuple(SHORT) if self.engine.is_small else tuple(QuestionKind)
        return tuple(dict.fromkeys(self.kinds))

    def kinds_for(self, chunk: dict[str, Any], title: str) -> list[QuestionKind]:
        """The kinds that are asked of a chunk, drawn by its place."""
        bears = [kind for kind in self._wanted() if _bears(chunk, kind, title)]
        key = f"{chunk['doc_id']} {chunk['row_id']}"
        return sorted(bears, key=lambda kind: draw(f"{key} {kind}"))[: self.per_chunk]

    def ahead(self, passage: Ahead) -> Iterator[tuple[Request, int]]:
        for kind in passage.kinds:
            schema = question_schema(kind, SHORT[kind] if self._short(kind) else None)
            yield self._request(kind, passage.chunk["text"], passage.title, self.styles[0], schema), 1

    def _request(self, kind: QuestionKind, text: str, title: str, style: str, schema: Mapping[str, Any]) -> Request:
        messages = self.prompt(self.prompt_of(kind)).filled({"passage": text, "title": title, "style": style})
        return self.request(messages, schema=schema, schema_name="question")

    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        metadata = inputs["metadata"]
        titles = dict(zip(metadata["doc_id"].to_pylist(), metadata["title"].to_pylist(), strict=True))
        chunks = [chunk for chunk in inputs[CHUNKS.name].to_pylist() if chunk["reason"] is None]
        wanted = [
            (chunk, n, kind)
            for chunk in chunks
            for n, kind in enumerate(self.kinds_for(chunk, titles.get(chunk["doc_id"]) or ""))
        ]
        engine.status.expect(len(wanted))
        return await together(self._one(engine, *one, titles.get(one[0]["doc_id"]) or "") for one in wanted)

    async def _one(
        self, engine: Engine, chunk: dict[str, Any], n: int, kind: QuestionKind, title: str
    ) -> dict[str, object]:
        row_id = f"{chunk['row_id']}/{n:02d}"
        key = f"{chunk['doc_id']} {row_id}"
        style, name = self.styles[draw(f"{key} style") % len(self.styles)], self.prompt_of(kind)
        schema = question_schema(kind, SHORT[kind] if self._short(kind) else None)
        reply, told = await asked(engine, self._request(kind, chunk["text"], title, style, schema))
        row: dict[str, object] = {
            "doc_id": chunk["doc_id"],
            "row_id": row_id,
            "chunk_id": chunk["row_id"],
            "kind": str(kind),
            "style": style if "style" in self.prompt(name).places else "",
        }
        row |= self.provenance(engine, name, [told])
        try:
            question, options = question_of(reply, kind, schema)
        except ReplyError as error:
            return {**row, "reason": str(error.reason)}
        if any(question in example.content for example in self.prompt(name).examples):
            return {**row, "question": question, "reason": str(PairReason.DUPLICATE)}  # small models say them once more
        if kind is QuestionKind.TABLE and (table := _ROWS.search(chunk["text"])):
            question = f"{question}\n\n{table.group().strip()}"
        if options:
            shown, right = placed(options, 0, f"{key} {question}")
            return {**row, "question": question, "options": list(shown), "right": right}
        return {**row, "question": question}


def _bears(chunk: dict[str, Any], kind: QuestionKind, title: str) -> bool:
    """Whether a chunk has what a kind of question asks about."""
    if (chunk["kind"] == "table") != (kind is QuestionKind.TABLE):
        return False
    if kind is QuestionKind.METADATA:
        return chunk["kind"] == "abstract" and bool(title.strip())
    return kind is not QuestionKind.NUMERIC or any(not number.is_counted for number in stated(chunk["text"]))
