"""Which pairs are left out, of which tiers, and why: for what hits say of them, or for the terms of a model that had a part in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.release.masking import Mode
from curation.sft.pairs import MADE_PAIRS
from curation.step import Inputs, MapStep, Requires
from schemas import DECISIONS, PAIR_DECISIONS, PAIR_HITS, PAIR_ORIGINS, TEXT_LAYERS, Reason, Table, verdict_of


class PairDecisions(MapStep):
    """Leaves out the pairs that hits name, of every tier: of a pair nothing is left when an item is taken out of it, so `mask` leaves it out
    as `withhold` does. `report` leaves it where it is.

    Of the others it leaves out, of the tiers that ask for licences, those whose models' terms are not open (`pair_origins.closed`): as
    `licence_unknown` where a model answered that the config does not know, else as `licence`.
    """

    name: ClassVar[str] = "pair_decisions"
    version: ClassVar[int] = 4
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {MADE_PAIRS.name: ("doc_id", "row_id")}
    provides: ClassVar[Table] = PAIR_DECISIONS

    modes: dict[str, Mode] = Field(default={})
    """By benchmark what its hits do; one that is not named here withholds."""
    looked_at: bool = True
    """Whether there are hits."""
    gated: tuple[str, ...] = ()
    """Tiers that ask for licences, of a run whose pairs models write."""

    def reads(self) -> Requires:
        hits = {PAIR_HITS.name: ("doc_id", "pair_id", "mark", "layer", "rule", "evidence", "score")}
        origins = {PAIR_ORIGINS.name: ("doc_id", "row_id", "closed", "undeclared"), DECISIONS.name: ("doc_id", "tier")}
        return {**self.requires, **(hits if self.looked_at else {}), **(origins if self.gated else {})}

    def run(self, inputs: Inputs) -> pa.Table:
        best = self._worst_hits(inputs)
        closed = self._closed(inputs)
        out = _left_out(inputs) if closed else set()
        rows: list[dict[str, object]] = []
        for pair in inputs[MADE_PAIRS.name].select(["doc_id", "row_id"]).to_pylist():
            if (hit := best.get(pair["row_id"])) is not None:
                rows.append({**pair, **_of_hit(hit)})
                continue
            tiers = sorted(tier for tier in self.gated if (pair["doc_id"], tier) not in out)
            if (origin := closed.get(pair["row_id"])) is not None and tiers:
                rows.append({**pair, **_of_terms(origin, tiers)})
        return PAIR_DECISIONS.rows(rows)

    def _worst_hits(self, inputs: Inputs) -> dict[str, dict[str, Any]]:
        """pair_id -> the hit that leaves it out."""
        best: dict[str, dict[str, Any]] = {}
        for hit in inputs[PAIR_HITS.name].to_pylist() if self.looked_at else ():
            if self.modes.get(hit["mark"]) != "report":
                known = best.setdefault(hit["pair_id"], hit)
                if (-hit["score"], hit["mark"]) < (-known["score"], known["mark"]):
                    best[hit["pair_id"]] = hit
        return best

    def _closed(self, inputs: Inputs) -> dict[str, dict[str, Any]]:
        """pair_id -> the origin of a pair that tiers which ask for licences leave out."""
        if not self.gated:
            return {}
        origins = inputs[PAIR_ORIGINS.name]
        mine = origins.filter(pc.is_valid(origins["closed"]))
        return {row["row_id"]: row for row in mine.to_pylist()}

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """By benchmark its mode, the pairs with hits of it, and those that are left out, for it or another one; by reason all that no tier
        releases; by tier that asks for licences the pairs of its papers that it keeps, and by reason the others; `undeclared`:
        by model that the config does not know the pairs that are left out for it."""
        rows = made[PAIR_DECISIONS.name]
        of_all = rows.filter(pc.is_null(rows["tiers"]))
        told = {"left": dict(sorted(Counter(of_all["reason"].to_pylist()).items()))}
        if self.looked_at:
            told = {"benchmarks": self._benchmarks(inputs[PAIR_HITS.name], of_all), **told}
        return {**told, "tiers": self._tiers(inputs, rows), **self._undeclared(inputs, rows)} if self.gated else told

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """As of every step, with a warning where a model answered that the config does not know."""
        total = dict(super().fold(summaries))
        if names := total.get("undeclared"):
            unknown = str(Reason.LICENCE_UNKNOWN)
            tiers = {tier: told["left"].get(unknown, 0) for tier, told in total["tiers"].items()}
            left = ", ".join(f"{count:,} of tier {tier}" for tier, count in tiers.items() if count)
            told = ", ".join(
                f"{name} {count:,}" for name, count in sorted(names.items(), key=lambda one: (-one[1], one[0]))
            )
            total["warnings"] = [
                f"pairs are left out as {unknown} ({left}), since a model had a part in them that was not asked, and whose licence the config "
                f"does not name ({told}): list it in served_as of the engine where it is the same model under another name, or with its "
                "licence in other_models; nothing is asked again for it"
            ]
        return total

    def _undeclared(self, inputs: Inputs, rows: pa.Table) -> dict[str, Any]:
        out = set(rows.filter(pc.equal(rows["reason"], str(Reason.LICENCE_UNKNOWN)))["row_id"].to_pylist())
        mine = [
            row
            for row in inputs[PAIR_ORIGINS.name].select(["row_id", "undeclared"]).to_pylist()
            if row["row_id"] in out
        ]
        counts = Counter(name for row in mine for name in row["undeclared"])
        return {"undeclared": dict(sorted(counts.items()))} if counts else {}

    def _benchmarks(self, hits: pa.Table, decided: pa.Table) -> dict[str, Any]:
        out = decided["row_id"].combine_chunks()
        told: dict[str, dict[str, Any]] = {}
        for mark in sorted(hits["mark"].unique().to_pylist()):
            mine = hits.filter(pc.equal(hits["mark"], mark))["pair_id"].unique()
            left_out = pc.sum(pc.is_in(mine, value_set=out)).as_py() or 0
            told[mark] = {"mode": self.modes.get(mark, "withhold"), "pairs": len(mine), "left_out": left_out}
        return told

    def _tiers(self, inputs: Inputs, rows: pa.Table) -> dict[str, Any]:
        out, told = _left_out(inputs), {}
        decided = {row["row_id"]: row for row in rows.select(["row_id", "tiers", "reason"]).to_pylist()}
        pairs = inputs[MADE_PAIRS.name].select(["doc_id", "row_id"]).to_pylist()
        for tier in self.gated:
            kept, left = 0, Counter[str]()
            for pair in pairs:
                row = decided.get(pair["row_id"])
                if (pair["doc_id"], tier) in out or (row is not None and row["tiers"] is None):
                    continue
                if row is not None and tier in row["tiers"]:
                    left[row["reason"]] += 1
                else:
                    kept += 1
            told[tier] = {"kept": kept, "left": dict(sorted(left.items()))}
        return told


def _left_out(inputs: Inputs) -> set[tuple[str, str]]:
    """Papers and the tiers that leave them out."""
    decisions = inputs[DECISIONS.name]
    return set(zip(decisions["doc_id"].to_pylist(), decisions["tier"].to_pylist(), strict=True))


def _of_hit(hit: Mapping[str, Any]) -> dict[str, object]:
    reason = Reason.BENCHMARK_OVERLAP if hit["layer"] in TEXT_LAYERS else Reason.BENCHMARK_SOURCE
    return {
        "tiers": None,
        "verdict": verdict_of(reason),
        "stage": PAIR_HITS.name,
        "reason": reason,
        "mark": hit["mark"],
        "evidence": f"{hit['mark']}: {hit['rule']}: {hit['evidence'] or ''}",
        "score": hit["score"],
    }


def _of_terms(origin: Mapping[str, Any], tiers: list[str]) -> dict[str, object]:
    reason = Reason.LICENCE_UNKNOWN if origin["undeclared"] else Reason.LICENCE
    return {
        "tiers": tiers,
        "verdict": verdict_of(reason),
        "stage": MADE_PAIRS.name,
        "reason": reason,
        "mark": None,
        "evidence": origin["closed"],
        "score": None,
    }
