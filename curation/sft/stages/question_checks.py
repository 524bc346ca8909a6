"""Checks of questions before anything dear is paid for them: form, self-containment, the passage, doubles, and what benchmarks ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias

import pyarrow as pa
from pydantic import Field

from curation.sft.alike import Asked, apart, asked_of
from curation.sft.pair_hits import PairHits
from curation.sft.pairs import MADE_PAIRS
from curation.sft.stages.asking import yield_of
from curation.sft.verifiers import form, options, relevance, self_contained, speaker
from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.step import Inputs, MapStep, Requires
from curation.text import words
from curation.withhold.benchmark import Benchmark
from curation.withhold.rephrased import Rephrased
from curation.withhold.weights import FUNCTION_WORDS
from schemas import CHUNKS, QUESTION_VERDICTS, QUESTIONS, PairReason, Table

_Seen: TypeAlias = tuple[str, frozenset[str], Asked]
"""A question before: its row_id, its content words, and what must be equal."""
_CHECKS = {
    "length": form.length,
    "think_blocks": form.think_blocks,
    "markup": form.markup,
    "refusal": form.refusal,
    "options_sound": options.options_sound,
    "options_balanced": options.options_balanced,
    "other_model": speaker.other_model,
    "self_contained": self_contained.self_contained,
    "on_passage": relevance.on_passage,
}
"""Verifiers that need no answer; filters of questions did help where filters of answers did not (Guha et al. 2025,
arXiv:2506.04178), so all of them drop here."""


class QuestionChecks(MapStep):
    """Leaves out questions that no answer can save.

    Args:
        max_alike: of two questions of one document that share more of their content words (Jaccard) the first stays, where numbers,
            opposites and what is asked are the same.
        benchmarks: those with items or withheld texts.
        rephrased: how questions in other words are looked for.
    """

    name: ClassVar[str] = "question_verdicts"
    version: ClassVar[int] = 5
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        QUESTIONS.name: ("doc_id", "row_id", "chunk_id", "kind", "question", "options", "right", "reason"),
        CHUNKS.name: ("doc_id", "row_id", "text"),
        "metadata": ("doc_id", "title"),
    }
    provides: ClassVar[Table] = QUESTION_VERDICTS

    max_alike: float = Field(default=0.7, gt=0, le=1)
    benchmarks: tuple[Benchmark, ...] = ()
    rephrased: Rephrased = Rephrased()

    def identity(self) -> dict[str, Any]:
        """As of every step; of benchmarks only what the step that looks at pairs counts."""
        identity = super().identity()
        hits = self._hits()
        identity["config"] = {"max_alike": self.max_alike, "hits": hits.identity() if hits else None}
        return identity

    def reads(self) -> Requires:
        more = (
            {name: columns for name, columns in hits.reads().items() if name != MADE_PAIRS.name}
            if (hits := self._hits())
            else {}
        )
        return {**self.requires, **more}

    def _hits(self) -> PairHits | None:
        return PairHits(benchmarks=self.benchmarks, rephrased=self.rephrased) if self.benchmarks else None

    def run(self, inputs: Inputs) -> pa.Table:
        passages = {(row["doc_id"], row["row_id"]): row["text"] for row in inputs[CHUNKS.name].to_pylist()}
        titles = dict(zip(*(inputs["metadata"][name].to_pylist() for name in ("doc_id", "title")), strict=True))
        questions = [row for row in inputs[QUESTIONS.name].to_pylist() if row["reason"] is None]
        made: list[dict[str, object]] = []
        seen: dict[str, list[_Seen]] = {}
        contaminated = self._contaminated(inputs, questions)
        for row in questions:
            reason, detail = _by_itself(row, passages[row["doc_id"], row["chunk_id"]], titles[row["doc_id"]])
            if reason is None and (hit := contaminated.get(row["row_id"] + row["doc_id"])):
                reason, detail = str(PairReason.CONTAMINATED), hit
            if reason is None:
                reason, detail = self._doubled(row, seen.setdefault(row["doc_id"], []))
            made.append({"doc_id": row["doc_id"], "row_id": row["row_id"], "reason": reason, "detail": detail})
        return QUESTION_VERDICTS.rows(made)

    def _doubled(self, row: Mapping[str, Any], seen: list[_Seen]) -> tuple[str | None, str | None]:
        content = frozenset(word for word in words(row["question"]) if word not in FUNCTION_WORDS)
        asked = asked_of(row["question"], row["options"][row["right"]] if row["options"] else None)
        for name, other, theirs in seen:
            both = len(content & other)
            is_near = both > self.max_alike * (len(content) + len(other) - both) or content == other
            if is_near and not apart(asked, theirs):
                return str(PairReason.DUPLICATE), f"asks what {name} asks"
        seen.append((row["row_id"], content, asked))
        return None, None

    def _contaminated(self, inputs: Inputs, questions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Questions that a benchmark asks -> what was found."""
        if not (hits := self._hits()):
            return {}
        pairs = MADE_PAIRS.rows(
            {
                "doc_id": row["doc_id"],
                "row_id": row["row_id"] + row["doc_id"],
                "paper_id": "",
                "engine": "",
                "question": row["question"],
                "answer": row["options"][row["right"]] if row["options"] else "",
                "messages": [{"role": "user", "content": "\n".join((row["question"], *(row["options"] or ())))}],
            }
            for row in questions
        )
        found = hits.run(Inputs({**inputs, MADE_PAIRS.name: pairs})).to_pylist()
        return {hit["pair_id"]: f"{hit['mark']}: {hit['rule']}: {hit['evidence'] or hit['entry']}" for hit in found}

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Questions, those that are answered, and by reason those that are not."""
        return yield_of(made[QUESTION_VERDICTS.name])


def _by_itself(row: Mapping[str, Any], passage: str, title: str | None) -> tuple[str | None, str | None]:
    """The first verifier that a question fails, whatever the answer would be."""
    given: Iterable[str] = row["options"] or ()
    right = row["right"]
    answer = options.LETTERS[right] if right is not None and 0 <= right < len(options.LETTERS) else "An answer."
    kind, asked = QuestionKind(row["kind"]), row["question"] or ""
    one = Candidate(kind, asked, answer, passage, options=tuple(given), right=right, title=title or "")
    for name, check in _CHECKS.items():
        verdict = check(one)
        if verdict.passed is False:
            return name, verdict.detail
    return None, None
