"""The layers that look at pairs: what a pair says of a benchmark's items, and which pairs no tier releases for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.joins import Join, Kind, Side
from curation.release.masking import Mode
from curation.sft.pairs import MADE_PAIRS
from curation.step import Inputs, MapStep, Requires
from curation.withhold.benchmark import Benchmark
from curation.withhold.rephrased import Rephrased
from curation.withhold.rephrased_hits import REPHRASED_THRESHOLDS, RephrasedHits
from curation.withhold.text_hits import TextHits, index_of, items_identity
from schemas import DOCUMENTS, HITS, PAIR_DECISIONS, PAIR_HITS, Reason, Table, verdict_of

_READ = ("doc_id", "row_id", "question", "reasoning", "answer", "evidence", "messages")


def said_by(pair: Mapping[str, Any]) -> str:
    """All that a pair says, once: question, reasoning, answer, evidence and messages, with an empty line between; what one before has
    said word for word is left out. Spans of `PAIR_HITS` are bytes of this text, which begins with the question."""
    said: list[str] = []
    texts = (pair[name] for name in ("question", "reasoning", "answer", "evidence"))
    for text in (*texts, *(message["content"] for message in pair["messages"] or ())):
        if text and not any(text in before for before in said):
            said.append(text)
    return "\n\n".join(said)


class PairHits(MapStep):
    """Finds pairs that hold an item of a benchmark, by the layers that look at documents: word for word, and, since pairs are short, in
    other words.

    The best hit of an item, layer and pair is a row. Questions are looked at by themselves, too: reasoning may be long.
    """

    name: ClassVar[str] = "pair_hits"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        MADE_PAIRS.name: _READ,
        REPHRASED_THRESHOLDS.name: REPHRASED_THRESHOLDS.columns,
    }
    provides: ClassVar[Table] = PAIR_HITS

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)
    rephrased: Rephrased = Rephrased()

    def identity(self) -> dict[str, Any]:
        """As of every step, with the steps that look at pairs; of benchmarks only their items count."""
        identity = super().identity()
        identity["config"] = {"benchmarks": items_identity(self.benchmarks)}
        identity["layers"] = [step.identity() for step in self._layers()]
        return identity

    def _layers(self) -> tuple[MapStep, ...]:
        mine = RephrasedHits(benchmarks=self.benchmarks, rephrased=self.rephrased)
        return TextHits(benchmarks=self.benchmarks), mine

    def run(self, inputs: Inputs) -> pa.Table:
        pairs = inputs[MADE_PAIRS.name].select(list(_READ)).to_pylist()
        text_of = {pair["row_id"]: said_by(pair) for pair in pairs}
        asked = {pair["row_id"]: pair["question"] for pair in pairs if pair["question"] != text_of[pair["row_id"]]}
        best: dict[str, dict[tuple[str, str, str], dict[str, Any]]] = {}
        for step in self._layers():
            rows = [*text_of.items(), *(asked.items() if isinstance(step, RephrasedHits) else ())]
            texts = DOCUMENTS.rows({"doc_id": name, "text": text, "status": "ok"} for name, text in rows)
            for hit in step.by_name(step.run(Inputs({**inputs, "documents": texts})), step.name)[HITS.name].to_pylist():
                mine, key = best.setdefault(hit["doc_id"], {}), (hit["mark"], hit["layer"], hit["entry"])
                if key not in mine or hit["score"] > mine[key]["score"]:
                    mine[key] = hit
        return PAIR_HITS.rows(row for pair in pairs for row in _rows(pair, best.get(pair["row_id"], {})))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Pairs, and by benchmark those that hold an item, and which."""
        told: dict[str, dict[str, Any]] = {}
        hits = made[PAIR_HITS.name]
        for mark in sorted(hits["mark"].unique().to_pylist()):
            mine = hits.filter(pc.equal(hits["mark"], mark))
            items = sorted(set(mine["entry"].to_pylist()))
            told[mark] = {"pairs": pc.count_distinct(mine["pair_id"]).as_py(), "items": items}
        return {"pairs": inputs[MADE_PAIRS.name].num_rows, "benchmarks": told}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What each benchmark's items matched among the pairs of the corpus."""
        parts, entries, joins = list(summaries), index_of(self.benchmarks).entries, []
        count = sum(part["pairs"] for part in parts)
        for name in sorted(b.name for b in self.benchmarks):
            mine = [part["benchmarks"][name] for part in parts if name in part["benchmarks"]]
            items = {item for told in mine for item in told["items"]}
            given = Side("items", sum(entry.benchmark == name for entry in entries), len(items))
            found = Side("pairs", count, sum(told["pairs"] for told in mine))
            joins.append(Join(Kind.WITHHELD_PAIRS, name, given, found).to_json())
        return {"joins": joins}


def _rows(
    pair: Mapping[str, Any], hits: Mapping[tuple[str, str, str], Mapping[str, Any]]
) -> Iterator[dict[str, object]]:
    for n, key in enumerate(sorted(hits)):
        found, name = hits[key], pair["row_id"]
        yield {**found, "doc_id": pair["doc_id"], "row_id": f"{name}/{n:04d}", "pair_id": name}


class PairDecisions(MapStep):
    """Leaves out the pairs that hits name, of every tier: of a pair nothing is left when an item is taken out of it, so `mask` leaves it out
    as `withhold` does. `report` leaves it where it is."""

    name: ClassVar[str] = "pair_decisions"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        PAIR_HITS.name: ("doc_id", "pair_id", "mark", "rule", "evidence", "score"),
    }
    provides: ClassVar[Table] = PAIR_DECISIONS

    modes: dict[str, Mode] = Field(default={})
    """By benchmark what its hits do; one that is not named here withholds."""

    def run(self, inputs: Inputs) -> pa.Table:
        best: dict[str, dict[str, Any]] = {}
        for hit in inputs[PAIR_HITS.name].to_pylist():
            if self.modes.get(hit["mark"]) != "report":
                known = best.setdefault(hit["pair_id"], hit)
                if (-hit["score"], hit["mark"]) < (-known["score"], known["mark"]):
                    best[hit["pair_id"]] = hit
        return PAIR_DECISIONS.rows(_decided(hit) for hit in best.values())

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """By benchmark its mode, the pairs with hits of it, and those that are left out, for it or another one."""
        hits, out = inputs[PAIR_HITS.name], made[PAIR_DECISIONS.name]["row_id"].combine_chunks()
        told: dict[str, dict[str, Any]] = {}
        for mark in sorted(hits["mark"].unique().to_pylist()):
            mine = hits.filter(pc.equal(hits["mark"], mark))["pair_id"].unique()
            left_out = pc.sum(pc.is_in(mine, value_set=out)).as_py() or 0
            told[mark] = {"mode": self.modes.get(mark, "withhold"), "pairs": len(mine), "left_out": left_out}
        return {"benchmarks": told, "left_out": len(out)}


def _decided(hit: Mapping[str, Any]) -> dict[str, object]:
    reason = Reason.BENCHMARK_OVERLAP
    return {
        "doc_id": hit["doc_id"],
        "row_id": hit["pair_id"],
        "verdict": verdict_of(reason),
        "stage": PAIR_HITS.name,
        "reason": reason,
        "mark": hit["mark"],
        "evidence": f"{hit['mark']}: {hit['rule']}: {hit['evidence'] or ''}",
        "score": hit["score"],
    }
