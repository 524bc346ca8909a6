"""What a document's own rows say against releasing it. Marks only: `decisions` say which one counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.joins import Join, Kind, Side
from curation.release.masking import Mode, withholds
from curation.release.quality import COLUMNS, Quality
from curation.release.rules import SignalRule
from curation.release.tiers import TierRule
from curation.step import Inputs, MapStep, Requires
from schemas import FINDINGS, HITS, LAYERS, TEXT_LAYERS, Reason, Status, Table, Verdict
from schemas.withheld_texts import SOURCE_LAYERS, works_key, works_sum

METADATA = "metadata"
"""The table that says what a document is."""
_MOSTLY_MASKED = "its mask would take more than half of the text"
"""Stands in the evidence of a document that is withheld for a benchmark that masks."""


class Findings(MapStep):
    """Verdicts on each document alone: it failed, is withdrawn, withheld for a benchmark, of a licence that a tier does not take,
    of another language or low quality, or breaks a rule of the config. All that hold are told, of language and quality the first.

    Another step may fill `findings` too: each row says what it drops and why, and no other step needs to know it.
    """

    name: ClassVar[str] = "document_findings"
    version: ClassVar[int] = 4
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        "papers": ("doc_id", "status"),
        METADATA: ("doc_id", "source", "licence", "is_withdrawn", "comments"),
        "documents": ("doc_id", "status", "reason", "detail", "sections", "text_sha256"),
        "signals": ("doc_id", *COLUMNS),
        "hits": ("doc_id", "row_id", "mark", "layer", "rule", "evidence", "score", "spans"),
    }
    provides: ClassVar[Table] = FINDINGS

    tiers: dict[str, TierRule]
    modes: dict[str, Mode] = Field(default={})
    """By benchmark what its hits do; one that is not named here withholds."""
    quality: Quality = Quality()
    rules: tuple[SignalRule, ...] = ()

    def reads(self) -> Requires:
        reads = {name: list(columns) for name, columns in self.requires.items()}
        if "mask" in self.modes.values():
            reads["documents"].append("text")
        for rule in self.rules:
            columns = reads.setdefault(rule.table, ["doc_id"])
            if rule.column not in columns:
                columns.append(rule.column)
        return {name: tuple(columns) for name, columns in reads.items()}

    def allowed(self) -> Mapping[str, Mapping[str, Collection[str]]]:
        return {HITS.name: {"layer": LAYERS}}

    def check(self, available: Mapping[str, Table]) -> None:
        """As of every step; and a rule must name a table and column that are there, and fit the type of the column."""
        for rule in self.rules:
            rule.check(available)
        super().check(available)

    def run(self, inputs: Inputs) -> pa.Table:
        ids = inputs["documents"]["doc_id"].combine_chunks()
        return in_order(pa.concat_tables([FINDINGS.empty(), *self._all(inputs, ids)]), ids)

    def _all(self, inputs: Inputs, ids: pa.Array) -> Iterator[pa.Table]:
        metadata, documents, hits = inputs[METADATA], inputs["documents"], inputs["hits"]
        failed = pc.equal(documents["status"], Status.FAILED.value)
        unread = pc.equal(inputs["papers"]["status"], Status.FAILED.value)
        yield found(
            ids,
            failed,
            row_id="failed",
            verdict=Verdict.FAIL,
            stage=pc.if_else(unread, "papers", "documents"),
            reason=documents["reason"],
            evidence=documents["detail"],
        )
        yield found(
            ids,
            metadata["is_withdrawn"],
            row_id="withdrawn",
            verdict=Verdict.DROP,
            stage=METADATA,
            reason=Reason.WITHDRAWN,
            evidence=metadata["comments"],
        )
        withheld = withholds(hits, documents, self.modes)
        in_text = pc.is_in(hits["layer"], value_set=pa.array(TEXT_LAYERS))
        yield found(
            hits["doc_id"],
            withheld.hits,
            row_id=pc.binary_join_element_wise("withheld", hits["row_id"], "/"),
            verdict=Verdict.WITHHOLD,
            stage=HITS.name,
            reason=pc.if_else(in_text, Reason.BENCHMARK_OVERLAP.value, Reason.BENCHMARK_SOURCE.value),
            mark=hits["mark"],
            evidence=pc.binary_join_element_wise(
                pc.if_else(
                    withheld.mostly_masked,
                    pc.binary_join_element_wise(hits["mark"], _MOSTLY_MASKED, ": "),
                    hits["mark"],
                ),
                hits["rule"],
                pc.fill_null(hits["evidence"], ""),
                ": ",
            ),
            score=hits["score"].cast(pa.float64()),
        )
        for tier, asked in self.tiers.items():
            if asked.licences is not None:
                yield self._licence(ids, metadata["licence"], tier, asked.licences)
        yield from self._quality(ids, inputs["signals"])
        for number, rule in enumerate(self.rules):
            yield from self._rule(ids, metadata["source"], number, rule, inputs[rule.table])

    def _licence(self, ids: pa.Array, licence: pa.ChunkedArray, tier: str, taken: Sequence[str]) -> pa.Table:
        return found(
            ids,
            pc.invert(pc.is_in(licence, value_set=pa.array(taken, pa.string()))),
            row_id=f"licence/{tier}",
            tier=tier,
            verdict=Verdict.DROP,
            stage=METADATA,
            reason=pc.if_else(pc.is_null(licence), Reason.LICENCE_UNKNOWN.value, Reason.LICENCE.value),
            evidence=licence,
        )

    def _quality(self, ids: pa.Array, signals: pa.Table) -> Iterator[pa.Table]:
        told = pa.array(np.zeros(len(ids), bool))
        for reason, broken, evidence, score in self.quality.broken(signals):
            broken = pc.fill_null(broken, False)
            new = pc.and_(broken, pc.invert(told))
            told = pc.or_(told, broken)
            yield found(
                ids,
                new,
                row_id="quality",
                verdict=Verdict.DROP,
                stage="signals",
                reason=reason,
                evidence=evidence,
                score=score,
            )

    def _rule(
        self, ids: pa.Array, sources: pa.ChunkedArray, number: int, rule: SignalRule, table: pa.Table
    ) -> Iterator[pa.Table]:
        values = rule.values(table)
        evidence: list[str | None] = []
        score: list[float | None] = []
        for doc_id, source in zip(ids.to_pylist(), sources.to_pylist(), strict=True):
            mine = values.get(doc_id, []) if rule.is_of(source) else []
            value = next(filter(rule.broken_by, mine)) if rule.breaks(mine) else None
            evidence.append(None if value is None else f"{rule.name}: {rule.table}.{rule.column} is {value}")
            score.append(float(value) if isinstance(value, int | float) else None)
        said = pa.array(evidence, pa.string())
        for tier in rule.tiers if rule.tiers is not None else (None,):
            yield found(
                ids,
                pc.is_valid(said),
                row_id=f"rule/{number:03d}/{tier or 'all'}",
                tier=tier,
                verdict=Verdict.DROP,
                stage=rule.table,
                reason=rule.reason,
                evidence=said,
                score=pa.array(score, pa.float64()),
            )

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """What each rule matches, of the part's documents that were read and are of its sources; and of benchmarks that withhold no
        paper, or only some, what their hits did."""
        documents = inputs["documents"]
        read = pc.equal(documents["status"], Status.OK.value)
        sources = dict(
            zip(*(c.filter(read).to_pylist() for c in (documents["doc_id"], inputs[METADATA]["source"])), strict=True)
        )
        joins = []
        for rule in self.rules:
            values = rule.values(inputs[rule.table])
            mine = [doc_id for doc_id, source in sources.items() if rule.is_of(source)]
            without = [doc_id for doc_id in mine if doc_id not in values]
            dropped = sum(rule.breaks(values.get(doc_id, [])) for doc_id in mine)
            given = Side.of(f"values of {rule.table}.{rule.column}", len(mine) - len(without), without)
            joins.append(Join(Kind.RULE, rule.name, given, Side("documents", len(mine), dropped)).to_json())
        return {"joins": joins, "benchmarks": self._benchmarks(inputs)}

    def _benchmarks(self, inputs: Inputs) -> dict[str, dict[str, Any]]:
        """By benchmark with hits, or of another mode than withhold: its mode, documents with hits of it, those that it withholds, and of
        these the works that it was made from and that have a text (`schemas.withheld_texts.works_sum`)."""
        hits, documents, told = inputs[HITS.name], inputs["documents"], {}
        closed = withholds(hits, documents, self.modes).hits
        is_work = pc.is_in(hits["layer"], value_set=pa.array(SOURCE_LAYERS))
        digests = dict(zip(*(documents[name].to_pylist() for name in ("doc_id", "text_sha256")), strict=True))
        for mark in sorted({*self.modes, *hits["mark"].unique().to_pylist()}):
            mine = pc.equal(hits["mark"], mark)
            out = pc.and_(mine, closed)
            found, withheld, works = (hits["doc_id"].filter(w).unique() for w in (mine, out, pc.and_(out, is_work)))
            texts = [digest for doc_id in works.to_pylist() if (digest := digests[doc_id])]
            told[mark] = {"mode": self.modes.get(mark, "withhold"), "documents": len(found), "withheld": len(withheld)}
            told[mark] |= {"works": len(texts), "works_key": works_sum(texts)}
        return told

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The same of all documents."""
        told = list(summaries)
        parts = [[Join.from_json(join) for join in summary["joins"]] for summary in told]
        benchmarks = super().fold(summary["benchmarks"] for summary in told)
        for mine in benchmarks.values():
            mine["works_key"] = works_key(mine["works_key"])
        joins = [reduce(add, shares).to_json() for shares in zip(*parts, strict=True)]
        return {"joins": joins, **({"benchmarks": benchmarks} if benchmarks else {})}


def found(doc_ids: pa.Array | pa.ChunkedArray, which: pa.Array | pa.ChunkedArray, **columns: Any) -> pa.Table:
    """Rows of `FINDINGS` for some documents.

    Args:
        doc_ids: of all documents.
        which: those that there is something to say of; null: not.
        columns: by name one value, or an array with a value for each document; a column left out is null.
    """
    rows = pc.indices_nonzero(pc.fill_null(which, False))

    def column(field: pa.Field) -> pa.Array | pa.ChunkedArray:
        value = doc_ids if field.name == "doc_id" else columns.get(field.name)
        if isinstance(value, pa.Array | pa.ChunkedArray):
            return value.take(rows).cast(field.type)
        scalar = value if isinstance(value, pa.Scalar) else pa.scalar(value, field.type)
        return pa.repeat(scalar, len(rows))

    return pa.table([column(field) for field in FINDINGS.fields], schema=FINDINGS.arrow)


def in_order(rows: pa.Table, ids: pa.Array) -> pa.Table:
    """Rows in the order of the documents, those of one document by row_id."""
    place = pc.index_in(rows["doc_id"].combine_chunks(), value_set=ids)
    order = pc.sort_indices(
        pa.table({"place": place, "row_id": rows["row_id"]}),
        sort_keys=[("place", "ascending"), ("row_id", "ascending")],
    )
    return rows.take(order)
