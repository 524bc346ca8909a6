"""The layer `rephrased` where a model judges: retrieval names what each text may ask, best first, and a verdict makes it a hit or none.

Between the two steps here stands one that asks the model (`curation.sft.stages.rephrased_judge`). What it gave no verdict on is a hit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curation.joins import Join, Kind, Side
from curation.step import Inputs, MapStep, Requires
from curation.withhold.rephrased import stretches_of
from curation.withhold.rephrased_hits import (
    PastThresholds,
    asked_by,
    batches,
    cut,
    spans_of,
    thresholds_of,
)
from schemas import DOC_ID, HITS, REPHRASED_JUDGEMENTS, Table, field
from schemas.sft import SPANS

MIN_SCORE = 100
"""Of two public sets of questions .99 of the rephrased ones are among the best ten of their text from here on, .97 from 150 on, and .75
and .94 reach the threshold of retrieval alone (tests/benchmarks/rephrased.py)."""
REPHRASED_CANDIDATES = Table(
    name="rephrased_candidates",
    version=1,
    working=True,
    doc="One row a text and item that it may ask in other words: the best ten of each benchmark, and all that reach the threshold.",
    fields=(
        DOC_ID,
        field("row_id", pa.string(), "Number of the row in its text.", nullable=False),
        field("mark", pa.string(), "Name of the benchmark.", nullable=False),
        field("entry", pa.string(), "The item.", nullable=False),
        field("rule", pa.string(), "question, or question+choices.", nullable=False),
        field("asked", pa.large_string(), "What the item asks.", nullable=False),
        field("said", pa.large_string(), "The stretch of the text that is nearest to it.", nullable=False),
        field("score", pa.int64(), "Of retrieval, per mille.", nullable=False),
        field("counts", pa.bool_(), "Whether it reaches the threshold of retrieval alone.", nullable=False),
        field("spans", SPANS, "Stretches that may ask it: bytes of the text, end excluded.", nullable=False),
    ),
)


class RephrasedCandidates(PastThresholds):
    """Finds what a judge is asked about: the items that each text asks most likely, be they below the threshold.

    Args:
        min_score: of retrieval, per mille; what is below is asked about by nobody.
    """

    name: ClassVar[str] = "rephrased_candidates"
    version: ClassVar[int] = 1
    provides: ClassVar[Table] = REPHRASED_CANDIDATES

    min_score: int = Field(default=MIN_SCORE, ge=1, le=1000)

    def run(self, inputs: Inputs) -> pa.Table:
        thresholds, found = thresholds_of(inputs), [REPHRASED_CANDIDATES.empty()]
        for batch in batches(self.looked_at(inputs)):
            rows: dict[int, list[dict[str, Any]]] = {}
            stretches = stretches_of(batch["text"].to_pylist(), whole=batch["short"].to_pylist())
            for benchmark in sorted(self.benchmarks, key=lambda b: b.name):
                finder, threshold = self.looked(benchmark).finder, thresholds[benchmark.name]
                for row, item, told in asked_by(finder, stretches, threshold, self.min_score):
                    question, (score, best) = finder.questions[item], told[0]
                    rows.setdefault(row, []).append(
                        {
                            "mark": benchmark.name,
                            "entry": question.entry,
                            "rule": question.rule,
                            "asked": question.text,
                            "said": stretches.said(best),
                            "score": score,
                            "counts": score >= threshold,
                            "spans": spans_of(stretches, told),
                        }
                    )
            ids = batch["doc_id"].to_pylist()
            found.append(
                REPHRASED_CANDIDATES.rows(
                    {"doc_id": ids[row], "row_id": f"{n:04d}", **told}
                    for row in sorted(rows)
                    for n, told in enumerate(rows[row])
                )
            )
        return pa.concat_tables(found)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Rows that were looked at, and those that a judge is asked about."""
        texts = len(set(made[self.provides.name]["doc_id"].to_pylist()))
        return {
            "looked_at": self.looked_at(inputs).num_rows,
            "texts": texts,
            "candidates": made[self.provides.name].num_rows,
        }


class JudgedHits(MapStep):
    """Makes hits of what the judge says a text asks, with the scores of retrieval; and of all that it gave no verdict on."""

    name: ClassVar[str] = "judged_hits"
    version: ClassVar[int] = 2
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        REPHRASED_CANDIDATES.name: REPHRASED_CANDIDATES.columns,
        REPHRASED_JUDGEMENTS.name: ("doc_id", "row_id", "asked_about", "asks", "model", "reason"),
    }
    provides: ClassVar[Table] = HITS

    def run(self, inputs: Inputs) -> pa.Table:
        verdicts = verdicts_of(inputs[REPHRASED_JUDGEMENTS.name])
        return HITS.rows(
            _hit(row, *verdicts.get((row["doc_id"], row["row_id"]), (None, None)))
            for row in inputs[REPHRASED_CANDIDATES.name].to_pylist()
            if verdicts.get((row["doc_id"], row["row_id"]), (None, None))[0] is not False
        )

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """By benchmark the texts that were read and the items that were asked about; what was judged, confirmed, and of that what retrieval alone would have missed; what retrieval alone would have
        hit and the judge does not; what has no verdict; the documents and items that are hit."""
        verdicts = verdicts_of(inputs[REPHRASED_JUDGEMENTS.name])
        counts: dict[str, Counter[str]] = {}
        read: dict[str, set[str]] = {}
        about: dict[str, set[str]] = {}
        for row in inputs[REPHRASED_CANDIDATES.name].to_pylist():
            mine = counts.setdefault(row["mark"], Counter())
            read.setdefault(row["mark"], set()).add(row["doc_id"])
            about.setdefault(row["mark"], set()).add(row["entry"])
            verdict, _ = verdicts.get((row["doc_id"], row["row_id"]), (None, None))
            mine["candidates"] += 1
            mine["unjudged"] += verdict is None
            mine["confirmed"] += verdict is True
            mine["confirmed_below_threshold"] += verdict is True and not row["counts"]
            mine["denied_from_threshold_on"] += verdict is False and row["counts"]
        hits = made[HITS.name].select(["mark", "doc_id", "entry"]).to_pylist()
        told = {}
        for name, mine in sorted(counts.items()):
            found = [hit for hit in hits if hit["mark"] == name]
            entries = sorted({hit["entry"] for hit in found})
            told[name] = {
                "judged": dict(mine),
                "read": len(read[name]),
                "about": sorted(about[name]),
                "documents": len({hit["doc_id"] for hit in found}),
                "entries": entries,
            }
        return {"benchmarks": told}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The same of the corpus."""
        parts, joins, judged = list(summaries), [], {}
        for name in sorted({name for part in parts for name in part["benchmarks"]}):
            mine = [part["benchmarks"][name] for part in parts if name in part["benchmarks"]]
            counts: Counter[str] = sum((Counter(told["judged"]) for told in mine), Counter())
            judged[name] = {key: counts[key] for key in sorted({key for told in mine for key in told["judged"]})}
            entries, about = ({entry for told in mine for entry in told[key]} for key in ("entries", "about"))
            given = Side("questions that the judge was asked about", len(about), len(entries))
            texts = Side("texts that it read", *(sum(told[key] for told in mine) for key in ("read", "documents")))
            joins.append(Join(Kind.REPHRASED, name, given, texts).to_json())
        idle = sorted(name for name, told in judged.items() if told["unjudged"])
        warnings = [
            f"benchmark {name!r}: on {judged[name]['unjudged']:,} of {judged[name]['candidates']:,} questions in other words the judge gave no "
            "verdict, so they count as hits"
            for name in idle
        ]
        return {"joins": joins, "judged": judged, "warnings": warnings}


def verdicts_of(judgements: pa.Table) -> dict[tuple[str, str], tuple[bool | None, str | None]]:
    """(doc_id, row_id) of a candidate -> whether the text asks it, None where there is no verdict, and the model that said it."""
    found: dict[tuple[str, str], tuple[bool | None, str | None]] = {}
    for row in judgements.to_pylist():
        asks = None if row["reason"] is not None else set(row["asks"] or ())
        for name in row["asked_about"]:
            found[row["doc_id"], name] = (None if asks is None else name in asks, row["model"])
    return found


def _hit(row: Mapping[str, Any], verdict: bool | None, model: str | None) -> dict[str, object]:
    judged = f"the judge {model} says that it asks this" if verdict else "the judge gave no verdict"
    told = f"{row['entry']} asks {cut(row['asked'])!r}, the text {cut(row['said'])!r}: {row['score']} of 1,000, and {judged}"
    kept = {name: row[name] for name in ("doc_id", "mark", "rule", "entry", "score", "spans")}
    return {**kept, "row_id": f"rephrased/{row['row_id']}", "layer": "rephrased", "evidence": told}


def batched(rows: Iterable[Mapping[str, Any]], most: int) -> Iterator[list[Mapping[str, Any]]]:
    """Candidates of one text and benchmark, `most` at a time."""
    mine: list[Mapping[str, Any]] = []
    for row in rows:
        if mine and (len(mine) == most or (row["doc_id"], row["mark"]) != (mine[0]["doc_id"], mine[0]["mark"])):
            yield mine
            mine = []
        mine.append(row)
    if mine:
        yield mine
