"""The layer `rephrased`: short rows that ask a question of a benchmark in other words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from curation.artefact import content_sha256
from curation.errors import RunError
from curation.joins import Join, Kind, Side
from curation.step import Inputs, MapStep, Requires, WholeStep
from curation.withhold.benchmark import Benchmark
from curation.withhold.embedding import Embedder
from curation.withhold.item_hits import items_identity
from curation.withhold.items import read_files
from curation.withhold.rephrased import (
    REPHRASED,
    Finder,
    Question,
    Rephrased,
    Stretches,
    negatives_of,
    questions_of,
    stretches_of,
    threshold_of,
)
from schemas import HITS, Table, field

MAX_ITEMS = 10
"""Items of one benchmark that one text is told to ask, the best ones: where more do, they ask nearly the same. One past them is told
where it stands elsewhere in the text, so that a mask takes out every place."""
MAX_CHARS = 400
"""Characters of each text that the evidence shows."""
HOURS_A_QUESTION, HOURS_OF_MODEL = 0.0007, 25.0
"""CPU hours a GB of text: measured, tests/benchmarks/rephrased.py."""
CHARS_A_WORD = 100
"""A text of longer words is not short, however few they are: it may be one of 10 MB."""
_BATCH_BYTES = 1 << 20
"""Bytes of the texts that are cut into stretches at a time, which takes some hundred times as much."""
Scored: TypeAlias = tuple[int, int]
"""A score, and the stretch that has it."""

REPHRASED_THRESHOLDS = Table(
    name="rephrased_thresholds",
    version=1,
    working=True,
    doc="One row a benchmark: from which score on a text asks a question of it in other words.",
    fields=(
        field("mark", pa.string(), "Name of the benchmark.", nullable=False),
        field("threshold", pa.int64(), "Lowest score that counts, per mille.", nullable=False),
        field("questions", pa.int64(), "Items that are looked for.", nullable=False),
        field("set_aside", pa.int64(), "Items whose texts are too short to be looked for.", nullable=False),
        field("negatives", pa.int64(), "Texts that ask none of them.", nullable=False),
        field("flagged", pa.int64(), "Those of them that reach the threshold.", nullable=False),
        field(
            "self_test",
            pa.int64(),
            "Score of the fixed text that asks the fixed question in other words, per mille.",
            nullable=False,
        ),
    ),
    sort_by=("mark",),
)


@dataclass(frozen=True)
class Looked:
    """A benchmark, ready to be looked for."""

    finder: Finder
    set_aside: tuple[str, ...]


class OfBenchmarks(BaseModel):
    """What both steps know."""

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)
    rephrased: Rephrased = Rephrased()

    def looked(self, benchmark: Benchmark) -> Looked:
        """A benchmark, its files read once a process. Raises ConfigError: a file cannot be read."""
        how = self.rephrased
        files = (*benchmark.items, how.pool, how.model, how.tokenizer)
        return _looked(benchmark, how, tuple(content_sha256(path) for path in files if path is not None))

    def looked_at(self, inputs: Inputs) -> pa.Table:
        """doc_id and text of the rows that are looked at, and whether each is short."""
        documents = inputs["documents"].select(["doc_id", "text"])
        few = pc.less_equal(pc.count_substring_regex(documents["text"], r"\S+"), self.rephrased.max_words)
        small = pc.less_equal(pc.binary_length(documents["text"]), CHARS_A_WORD * self.rephrased.max_words)
        documents = documents.append_column("short", pc.fill_null(pc.and_(few, small), False))
        return documents.filter(pc.is_valid(documents["text"]) if self.rephrased.documents else documents["short"])

    def backends(self) -> dict[str, str]:
        """The negatives that come with us; those of the config are among its artefacts."""
        return {} if self.rephrased.negatives else {"negatives": content_sha256(self.rephrased.pool)}


@lru_cache(maxsize=16)
def _looked(benchmark: Benchmark, how: Rephrased, sha256: tuple[str, ...]) -> Looked:
    if benchmark.adapter is None:
        raise RunError(f"benchmark {benchmark.name!r} has no items to look for")
    questions, aside = questions_of(read_files(benchmark.items, benchmark.adapter))
    embedder = _embedder(how.model, how.tokenizer, sha256[-2:]) if how.model and how.tokenizer else None
    return Looked(Finder(questions, _negatives(how), embedder), tuple(aside))


def _negatives(how: Rephrased) -> tuple[str, ...]:
    return negatives_of(how.pool, content_sha256(how.pool))


@lru_cache(maxsize=2)
def _embedder(model: Path, tokenizer: Path, sha256: tuple[str, ...]) -> Embedder:
    return Embedder(model, tokenizer)


class RephrasedThresholds(OfBenchmarks, WholeStep):
    """Finds for every benchmark from which score on a text asks a question of it, and tries it on a fixed question.

    A fixed text that asks a fixed question, which stands among those of each benchmark, in other words must reach the threshold;
    where it does not, the layer is blind, and the run stops (`guard`).
    """

    name: ClassVar[str] = "rephrased_thresholds"
    version: ClassVar[int] = 5
    requires: ClassVar[dict[str, tuple[str, ...]]] = {}
    provides: ClassVar[Table] = REPHRASED_THRESHOLDS

    def identity(self) -> dict[str, Any]:
        """As of every step, of the benchmarks what is read here."""
        identity = super().identity()
        identity["config"]["benchmarks"] = items_identity(self.benchmarks)
        for key in ("max_words", "documents"):
            del identity["config"]["rephrased"][key]
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        negatives = _negatives(self.rephrased)
        rows = []
        for benchmark in self.benchmarks:
            looked = self.looked(benchmark)
            threshold = threshold_of(looked.finder, negatives, self.rephrased.max_false_positives)
            rows.append(
                {
                    "mark": benchmark.name,
                    "threshold": threshold.score,
                    "questions": len(looked.finder.questions) - 1,
                    "set_aside": len(looked.set_aside),
                    "negatives": threshold.negatives,
                    "flagged": threshold.flagged,
                    "self_test": self_tested(looked.finder),
                }
            )
        return REPHRASED_THRESHOLDS.rows(rows)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Each benchmark's threshold, what it lets through, and the self-test."""
        return {"rephrased": {row.pop("mark"): row for row in made[self.provides.name].to_pylist()}}

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Raises RunError where the self-test is missed."""
        for name, told in summary.get("rephrased", {}).items():
            if told["self_test"] < told["threshold"]:
                raise RunError(
                    f"benchmark {name!r}: the fixed question of the self-test, asked in other words, has a score of "
                    f"{told['self_test']} of 1,000, and the threshold is {told['threshold']}: rephrased questions would pass. More "
                    "than the share withhold.rephrased.max_false_positives of the negatives are that near to its questions; take "
                    "out those that ask them, or give a larger share"
                )


def self_tested(finder: Finder) -> int:
    """The score of the fixed question, asked in other words."""
    return max(int(scores[:, -1].max()) for _, scores in finder.scores(stretches_of([REPHRASED])))


class PastThresholds(OfBenchmarks, MapStep):
    """What the steps share that compare texts with the thresholds."""

    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        "documents": ("doc_id", "text"),
        REPHRASED_THRESHOLDS.name: REPHRASED_THRESHOLDS.columns,
    }

    def identity(self) -> dict[str, Any]:
        """As of every step, of the benchmarks what is read here; the threshold comes as a table."""
        identity = super().identity()
        identity["config"]["benchmarks"] = items_identity(self.benchmarks)
        del identity["config"]["rephrased"]["max_false_positives"]
        return identity


class RephrasedHits(PastThresholds):
    """Finds texts that ask a question of a benchmark in other words, of short rows, or of all.

    A row of hits for each item that a stretch of the text asks, past `MAX_ITEMS` a benchmark for those that stand where no better one
    does: score and evidence of the best stretch, spans of all that ask it.
    """

    name: ClassVar[str] = "rephrased_hits"
    version: ClassVar[int] = 6
    provides: ClassVar[Table] = HITS

    def run(self, inputs: Inputs) -> pa.Table:
        thresholds = thresholds_of(inputs)
        documents = self.looked_at(inputs)
        rows: list[dict[str, Any]] = []
        for batch in batches(documents):
            texts, whole = batch["text"].to_pylist(), batch["short"].to_pylist()
            stretches = stretches_of(texts, whole=whole)
            found: dict[int, list[dict[str, Any]]] = {}
            for benchmark in sorted(self.benchmarks, key=lambda b: b.name):
                finder, threshold = self.looked(benchmark).finder, thresholds[benchmark.name]
                for row, hit in hits_of(finder, stretches, threshold):
                    found.setdefault(row, []).append({"mark": benchmark.name, **hit})
            for row, doc_id in enumerate(batch["doc_id"].to_pylist()):
                rows += [
                    {"doc_id": doc_id, "row_id": f"rephrased/{n:04d}", "layer": "rephrased", **hit}
                    for n, hit in enumerate(found.get(row, ()))
                ]
        return HITS.rows(rows)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """How many rows were looked at, and what each benchmark hits of them."""
        hits = made[HITS.name].select(["mark", "doc_id", "entry"]).to_pylist()
        told = {}
        for row in inputs[REPHRASED_THRESHOLDS.name].to_pylist():
            name = row.pop("mark")
            mine = [hit for hit in hits if hit["mark"] == name]
            entries = sorted({hit["entry"] for hit in mine})
            told[name] = {"threshold": row, "documents": len({hit["doc_id"] for hit in mine}), "entries": entries}
        return {"looked_at": self.looked_at(inputs).num_rows, "benchmarks": told}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The same of the corpus, and what each threshold lets through of the negatives."""
        parts = list(summaries)
        joins, thresholds = [], {}
        for name in sorted({name for part in parts for name in part["benchmarks"]}):
            mine = [part["benchmarks"][name] for part in parts if name in part["benchmarks"]]
            of, entries = mine[0]["threshold"], {entry for told in mine for entry in told["entries"]}
            told_of = (
                f"questions (from {of['threshold']} of 1,000 on, as {of['flagged']} of {of['negatives']:,} negatives)"
            )
            given = Side(told_of, of["questions"], len(entries))
            looked_at = Side("texts", sum(p["looked_at"] for p in parts), sum(told["documents"] for told in mine))
            joins.append(Join(Kind.REPHRASED, name, given, looked_at).to_json())
            thresholds[name] = of
        return {"joins": joins, "thresholds": thresholds}

    def costs(self) -> str | None:
        """Of a run that looks into all documents, CPU hours a GB of their text."""
        if not self.rephrased.documents:
            return None
        questions = sum(len(self.looked(b).finder.questions) - 1 for b in self.benchmarks)
        hours = 0.5 + questions * HOURS_A_QUESTION + (HOURS_OF_MODEL if self.rephrased.model else 0)
        return (
            f"withhold.rephrased.documents: looking for {questions:,} questions in every document takes some {hours:.1f} CPU hours a "
            "GB of text; without it only short rows are looked at"
        )


def batches(documents: pa.Table) -> Iterator[pa.Table]:
    """The rows in stretches of `_BATCH_BYTES` of text; a longer text alone."""
    start, size = 0, 0
    for row, n_bytes in enumerate(pc.binary_length(documents["text"]).to_pylist()):
        if row > start and size + n_bytes > _BATCH_BYTES:
            yield documents.slice(start, row - start)
            start, size = row, 0
        size += n_bytes
    if start < documents.num_rows:
        yield documents.slice(start)


def thresholds_of(inputs: Inputs) -> dict[str, int]:
    """Benchmark -> from which score on a text asks a question of it."""
    table = inputs[REPHRASED_THRESHOLDS.name]
    return dict(zip(table["mark"].to_pylist(), table["threshold"].to_pylist(), strict=True))


def hits_of(finder: Finder, stretches: Stretches, threshold: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """(text, columns of its hit) of each text and item, as `asked_by`."""
    for row, item, told in asked_by(finder, stretches, threshold):
        yield row, _hit(finder.questions[item], stretches, told, threshold)


def asked_by(
    finder: Finder, stretches: Stretches, threshold: int, floor: int | None = None
) -> Iterator[tuple[int, int, list[Scored]]]:
    """(text, item, the stretches that ask it, the best first) in the order of the texts, the best item first; past `MAX_ITEMS` of a text
    only those with a place that no better one has.

    Args:
        floor: the best `MAX_ITEMS` of a text may have a score below the threshold, from here on.
    """
    found: dict[int, dict[int, list[Scored]]] = {}
    least = threshold if floor is None else min(floor, threshold)
    for first, scores in finder.scores(stretches):
        for n, item in np.argwhere(scores[:, :-1] >= least).tolist():
            mine = found.setdefault(int(stretches.rows[first + n]), {})
            mine.setdefault(item, []).append((int(scores[n, item]), first + n))
    for row, items in sorted(found.items()):
        best = {item: _told(scored, stretches) for item, scored in items.items()}
        told: set[int] = set()
        for place, item in enumerate(sorted(best, key=lambda i: (-best[i][0][0], i))):
            counts = best[item][0][0] >= threshold
            if place < MAX_ITEMS or (counts and not told.issuperset(n for _, n in best[item])):
                told.update(n for _, n in best[item])
                yield row, item, best[item]


def _told(scored: Sequence[Scored], stretches: Stretches) -> list[Scored]:
    """The stretches of a text that ask an item, the best first, without those that hold a better one: it is what they ask it by."""
    starts: list[int] = []
    ends: list[int] = []
    told = []
    for score, n in sorted(scored, key=lambda s: (-s[0], stretches.ends[s[1]] - stretches.starts[s[1]], s[1])):
        start, end = int(stretches.starts[n]), int(stretches.ends[n])
        at = after = bisect_left(starts, start)
        while after < len(starts) and starts[after] < end and ends[after] > end:
            after += 1
        if after == len(starts) or starts[after] >= end:
            starts.insert(at, start)
            ends.insert(at, end)
            told.append((score, n))
    return told


def _hit(question: Question, stretches: Stretches, told: Sequence[Scored], threshold: int) -> dict[str, Any]:
    score, best = told[0]
    said, asked = cut(stretches.said(best)), cut(question.text)
    return {
        "rule": question.rule,
        "entry": question.entry,
        "evidence": f"{question.entry} asks {asked!r}, the text {said!r}: {score} of 1,000, from {threshold} on it counts",
        "score": score,
        "spans": spans_of(stretches, told),
    }


def spans_of(stretches: Stretches, told: Sequence[Scored]) -> list[dict[str, int]]:
    """Where some stretches stand, in order."""
    spans = sorted({(int(stretches.starts[n]), int(stretches.ends[n])) for _, n in told})
    return [{"start": start, "end": end} for start, end in spans]


def cut(text: str) -> str:
    return text if len(text) <= MAX_CHARS else f"{text[:MAX_CHARS]}..."
