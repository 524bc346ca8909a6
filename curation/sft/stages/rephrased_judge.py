"""The judge of questions in other words: a model that reads a text beside the questions of a benchmark that retrieval finds nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from curation.sft.engines.configs import AnyEngine
from curation.sft.engines.engine import Engine
from curation.sft.replies import ReplyError, as_list, asks_schema, fields_of
from curation.sft.stages.asking import AskStep, asked, together
from curation.step import Inputs, Requires
from curation.withhold.config import Withhold
from curation.withhold.judged import MIN_SCORE, REPHRASED_CANDIDATES, batched
from curation.withhold.rephrased_hits import MAX_ITEMS
from curation.withhold.steps import Judging
from schemas import REPHRASED_JUDGEMENTS, Table

MAX_ASKED = 1_200
"""Characters of each question that it reads."""
MAX_TEXT = 6_000
"""Characters of a text that the judge reads whole; of a longer one it reads the stretches that were found."""


class RephrasedJudge(AskStep):
    """Asks the judge once a text and benchmark, about ten questions at most.

    Args:
        engine: what judges; a small model says anything.
        min_score: of retrieval, per mille; questions below are asked about by nobody. From 100 on .99 of the rephrased questions of two public
            sets are among the ten, from 150 on .97; of 1,000 passages that ask none 260 to 360 cost a request, from 150 on 60 to 80.
    """

    name: ClassVar[str] = "rephrased_judgements"
    version: ClassVar[int] = 2
    requires: ClassVar[Requires] = {
        "documents": ("doc_id", "text"),
        REPHRASED_CANDIDATES.name: ("doc_id", "row_id", "mark", "asked", "said"),
    }
    provides: ClassVar[Table] = REPHRASED_JUDGEMENTS

    engine: AnyEngine
    min_score: int = Field(default=MIN_SCORE, ge=1, le=1000)
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=200, ge=16, le=1_000_000)

    @field_validator("engine")
    @classmethod
    def _answers(cls, engine: AnyEngine) -> AnyEngine:
        if engine.kind == "extractive":
            raise ValueError("`extractive` judges nothing; name an engine of kind endpoint, gguf or ray_vllm")
        return engine

    def prompts(self) -> tuple[str, ...]:
        return ("judge/rephrased.v1",)

    def costs(self) -> str:
        """What a dry run tells."""
        return (
            f"withhold.judge: a request a short text and benchmark with a question of {self.min_score} of 1,000 or nearer; from 100 on these were 260 "
            "to 360 of 1,000 passages that ask nothing, for benchmarks of 100 and 200 questions, and more for larger ones"
        )

    async def rows_of(self, inputs: Inputs, engine: Engine) -> list[dict[str, object]]:
        found = list(batched(inputs[REPHRASED_CANDIDATES.name].to_pylist(), MAX_ITEMS))
        wanted = {batch[0]["doc_id"] for batch in found}
        documents = inputs["documents"]
        ids, texts = documents["doc_id"].to_pylist(), documents["text"]
        said = {doc_id: texts[n].as_py() for n, doc_id in enumerate(ids) if doc_id in wanted}
        engine.status.expect(len(found))
        rows = await together(self._one(engine, batch, said[batch[0]["doc_id"]]) for batch in found)
        of_text: dict[str, int] = {}
        for row in rows:
            doc_id = str(row["doc_id"])
            row["row_id"] = f"{of_text.setdefault(doc_id, 0):04d}"
            of_text[doc_id] += 1
        return rows

    async def _one(self, engine: Engine, batch: Sequence[Mapping[str, Any]], text: str) -> dict[str, object]:
        (name,) = self.prompts()
        if len(text) > MAX_TEXT:
            text = "\n\n".join(dict.fromkeys(row["said"] for row in batch))[:MAX_TEXT]
        messages = self.prompt(name).filled(
            {"text": text, "questions": as_list([row["asked"][:MAX_ASKED] for row in batch])}
        )
        request = self.request(messages, schema=asks_schema(len(batch)), schema_name="asks")
        reply, told = await asked(engine, request)
        names = [row["row_id"] for row in batch]
        made: dict[str, object] = {"doc_id": batch[0]["doc_id"], "mark": batch[0]["mark"], "asked_about": names}
        made |= self.provenance(engine, name, [told])
        try:
            numbers = fields_of(reply, asks_schema(len(batch)))["asks"]
        except ReplyError as error:
            return {**made, "reason": str(error.reason)}
        return {**made, "asks": [names[n - 1] for n in sorted(set(numbers))]}

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Requests, and those that gave no verdict, by reason."""
        reasons = [reason for reason in made[self.provides.name]["reason"].to_pylist() if reason is not None]
        unjudged = {reason: reasons.count(reason) for reason in sorted(set(reasons))}
        return {"requests": made[self.provides.name].num_rows, "without_verdict": unjudged}


class JudgedWithhold(Withhold):
    """What is withheld; without benchmarks nothing may be released.

    Args:
        judge: a model that judges which questions short rows ask in other words, of what retrieval finds; without this section retrieval alone
            decides. Asked in runs only, and not about pairs.
    """

    judge: RephrasedJudge | None = Field(default=None)

    @model_validator(mode="after")
    def _has_items(self) -> Self:
        if self.judge is not None and not any(b.items for b in self.benchmarks):
            raise ValueError(
                "`judge` judges questions of `items`, and no benchmark here has any; take it out, or name them"
            )
        return self

    def judging(self) -> Judging | None:
        return None if self.judge is None else Judging(self.judge, self.judge.min_score)
