"""Which copy stays, per tier, and what is withheld, removed or withdrawn because it says what another document says.

First marks spread: what verified edges tie to a withheld or removed document goes with it, and the words of a withdrawn one.
Then, a tier at a time, the best copy that neither a finding nor a mark took out stays, and the others are its duplicates: so a
closed journal copy never hides its open preprint, and what is dropped for another document was compared with it.

Only documents that edges name are held; all others pass by, part by part. Ranks are compared inside a component, so that other
documents change no row of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.arrays import names, to_arrow
from curation.dedup.clusters import Clustering, Families
from curation.dedup.edges import CONTAINED, EDGE_COLUMNS, EDGES_BOUND, TIES, Edges, Floats, joined, numbered
from curation.dedup.families import NearFamily, families_report, near_families
from curation.dedup.identity import CROWDS
from curation.dedup.ids import Ids, hashes
from curation.dedup.limits import CLUSTER_BOUND, MAX_EDGES, check_edges, check_figures, figures
from curation.dedup.named import METADATA, READS, read_ranking, read_sources
from curation.dedup.rank import Flags
from curation.dedup.spread import Spread, spread
from curation.errors import ContractError
from curation.joins import some
from curation.release.claims import claims_report, superseding, withholding
from curation.release.doubled import doubled_in_tars, doubled_warnings
from curation.release.withdrawn import READS as WITHDRAWN_READS
from curation.release.withdrawn import spread_withdrawn
from curation.step import Execution, Inputs, Requires, WholeStep
from schemas import (
    BY_PAGE,
    CLAIMS,
    COMPONENTS,
    COPIES,
    HITS,
    IDENTITY_EDGES,
    SPREAD,
    TEXT_LAYERS,
    Reason,
    Table,
    Verdict,
    verdict_of,
)

EDGE_TABLES = ("exact_edges", "identity_edges", "near_edges")
_REASONS = (Reason.DUPLICATE, Reason.SUPERSEDED, Reason.NEAR_DUPLICATE)
"""By kind of edge, as `KINDS`."""
_CROWD = "bears an id that many bear, as does "
_TIES = (
    *("same words as ", "same work as ", "near copy of ", "is contained in ", "claims to be the same work as "),
    *(_CROWD, _CROWD, "contains "),
)
"""By kind of tie, as `TIES`; the last one where the document is the longer one."""
_KEEPS = "keeps "
"""Before the id of the copy that stays, in the evidence of a duplicate."""


@dataclass(frozen=True)
class Mark:
    """Why a mark takes a document out, in which tier (None: all), and whose it is."""

    reason: Reason
    verdict: Verdict
    tier: str | None
    name: str | None

    @property
    def row_id(self) -> str:
        """Tells it from every other mark; no tier is named `*`."""
        own = f"{self.reason}/{self.verdict}/{self.tier or '*'}"
        return own if self.name is None else f"{own}/{self.name}"


class Copies(WholeStep):
    """Verdicts for the sake of another document (`COPIES`), how marks spread (`SPREAD`), the components of edges (`COMPONENTS`), and
    claims that were not believed (`CLAIMS`).

    Args:
        tiers: each has its own survivors.
        contained: marks spread to texts that hold a marked one, too, and marks of whole works to those that stand in one.
        max_edges: more do not fit; asked before the step starts.
        max_removed_share: a source of 100 documents and more that would lose a larger share stops the run.
        max_cluster: a larger cluster stops the run.
    """

    name: ClassVar[str] = "copies"
    version: ClassVar[int] = 9
    requires: ClassVar[Requires] = {
        **READS,
        METADATA: tuple(dict.fromkeys((*READS[METADATA], "source", *WITHDRAWN_READS))),
        "findings": ("doc_id", "tier", "verdict", "reason", "mark"),
        HITS.name: ("doc_id", "mark", "layer", "rule"),
        **dict.fromkeys(EDGE_TABLES, EDGE_COLUMNS),
        IDENTITY_EDGES.name: (*EDGE_COLUMNS, "key"),
    }
    streams: ClassVar[tuple[str, ...]] = tuple(requires)
    provides: ClassVar[Table] = COPIES
    beside: ClassVar[tuple[Table, ...]] = (SPREAD, COMPONENTS, CLAIMS)

    tiers: tuple[str, ...] = Field(min_length=1)
    contained: bool = True
    max_edges: Annotated[int, Field(ge=1, le=EDGES_BOUND), Execution()] = MAX_EDGES
    max_removed_share: Annotated[float, Field(ge=0.0, le=1.0), Execution()] = 0.9
    max_cluster: Annotated[int, Field(ge=2, le=CLUSTER_BOUND), Execution()] = 10_000

    def reads(self) -> Requires:
        inside = {"contained": ("doc_id", "mate", "jaccard", "containment")} if self.contained else {}
        return {**self.requires, **inside}

    def allowed(self) -> Mapping[str, Mapping[str, Collection[str]]]:
        """What any filler of findings may say: a tier that nobody has would open what it should close."""
        return {"findings": {"tier": self.tiers, "verdict": tuple(Verdict), "reason": tuple(Reason)}}

    def check_rows(self, rows: Mapping[str, int]) -> None:
        """Raises LimitError for more edges than `max_edges`, saying what memory they would take."""
        super().check_rows(rows)
        check_edges(sum(rows[name] for name in self._edge_tables()), self.max_edges)

    def run(self, inputs: Inputs) -> dict[str, pa.Table]:
        tables = self._edge_tables()
        ids = Ids(part[c] for name in tables for part in _parts(inputs, name) for c in ("doc_id", "mate"))
        ranking = read_ranking(inputs, ids)
        edges = joined(*(_numbered(part, name, ids) for name in tables for part in _parts(inputs, name)))
        families = Families(ranking, edges)
        out, marks = read_findings(inputs.stream("findings"), ids, self.tiers)
        by_page = _by_page(_parts(inputs, HITS.name), ids)
        verdicts, spreads, claims = [COPIES.empty()], [SPREAD.empty()], [CLAIMS.empty()]
        for mark, marked in marks.items():
            if mark.reason is Reason.WITHDRAWN and mark.verdict is Verdict.DROP:
                found = spread_withdrawn(families, marked, ids, _parts(inputs, METADATA))
            else:
                found = spread(families, marked, _of_works(mark, marked, by_page))
            reached = marked.copy()
            reached[found.row] = True
            claims.append(withholding(families, reached, ids, mark))
            spreads.append(spread_rows(found, ids, mark, families))
            verdicts.append(_verdicts(spreads[-1], mark))
            for tier, flags in out.items():
                if mark.tier in (None, tier):
                    flags[found.row] = True
        for tier, flags in out.items():
            verdicts.append(duplicates(families.cluster(~flags), ids, tier))
            claims.append(superseding(families, ~flags, ids, tier))
        return {
            COPIES.name: pa.concat_tables(verdicts),
            SPREAD.name: pa.concat_tables(spreads),
            COMPONENTS.name: components_of(families, ids),
            CLAIMS.name: pa.concat_tables(claims),
        }

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """How many documents each mark reached by which tie, the large families of near duplicates
        (`curation.dedup.families`), each in the tier where it is largest, what the guards look at
        (`curation.dedup.limits.figures`), claims that were not believed (`claims_report`), ids of crowds that led a mark on, and papers
        that bulk tars hold more than once (`doubled_in_tars`), which a warning tells too."""
        counts: dict[str, dict[str, int]] = {}
        for row in made[SPREAD.name].group_by(["mark", "rule"]).aggregate([("doc_id", "count_distinct")]).to_pylist():
            counts.setdefault(row["mark"], {})[row["rule"]] = row["doc_id_count_distinct"]
        families = families_report(near_families_of(made[COPIES.name], made[COMPONENTS.name]))
        clusters = self._clusters(inputs, made[COPIES.name], made[COMPONENTS.name])
        doubled = doubled_in_tars(Ids([made[COMPONENTS.name]["doc_id"]]), _parts(inputs, METADATA))
        return {
            "spread": counts,
            "near_families": families,
            "clusters": clusters,
            "claims": claims_report(made[CLAIMS.name]),
            "marks_over_crowded_ids": _crowds(inputs, made[SPREAD.name]),
            "doubled_in_tars": doubled,
            "warnings": doubled_warnings(doubled),
        }

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Raises LimitError for a cluster above `max_cluster`, and for a source that loses more than `max_removed_share`."""
        check_figures(summary["clusters"], self.max_removed_share, self.max_cluster)

    def _clusters(self, inputs: Inputs, copies: pa.Table, components: pa.Table) -> dict[str, Any]:
        ids = Ids([components["doc_id"]])
        sources, totals = read_sources(inputs, ids)
        best = ids.find(components["component"])[np.argsort(ids.find(components["doc_id"]))]
        duplicates = copies.filter(pc.equal(copies["stage"], COPIES.name))
        removed = {tier: np.zeros(len(ids), bool) for tier in self.tiers}
        for tier, flags in removed.items():
            flags[ids.find(duplicates.filter(pc.equal(duplicates["tier"], tier))["doc_id"])] = True
        return figures(best, ids.array, sources, totals, removed)

    def _edge_tables(self) -> tuple[str, ...]:
        return (*EDGE_TABLES, *(("contained",) if self.contained else ()))


def _parts(inputs: Inputs, table: str) -> Iterator[pa.Table]:
    return iter([inputs[table]]) if table in inputs else inputs.stream(table)


def _numbered(part: pa.Table, table: str, ids: Ids) -> Edges:
    if table == TIES[CONTAINED]:
        part = part.append_column("kind", pa.repeat(pa.scalar(table), part.num_rows))
    return numbered(part, ids)


def read_findings(
    findings: Iterator[pa.Table], ids: Ids, tiers: tuple[str, ...]
) -> tuple[dict[str, Flags], dict[Mark, Flags]]:
    """What findings say of some documents: by tier which ones they take out, and by mark which ones bear it.

    Args:
        findings: columns doc_id, tier, verdict, reason, mark, part by part.

    Raises:
        ContractError: a verdict is not that of its reason (`schemas.verdict_of`).
    """
    out = {tier: np.zeros(len(ids), bool) for tier in tiers}
    marks: dict[Mark, Flags] = {}
    for part in findings:
        _check_verdicts(part)
        row = ids.find(part["doc_id"])
        for tier, flags in out.items():
            flags[row[_true(pc.fill_null(pc.equal(part["tier"], tier), True)) & (row >= 0)]] = True
        going = pa.array([Reason.REMOVED.value, Reason.WITHDRAWN.value])
        spreads = pc.or_(pc.equal(part["verdict"], Verdict.WITHHOLD.value), pc.is_in(part["reason"], value_set=going))
        mine = np.flatnonzero(_true(spreads) & (row >= 0))
        bearers = part.select(["reason", "verdict", "tier", "mark"]).take(to_arrow(mine)).to_pylist()
        for at, bearer in zip(row[mine].tolist(), bearers, strict=True):
            mark = Mark(Reason(bearer["reason"]), Verdict(bearer["verdict"]), bearer["tier"], bearer["mark"])
            marks.setdefault(mark, np.zeros(len(ids), bool))[at] = True
    return out, {mark: marks[mark] for mark in sorted(marks, key=lambda mark: mark.row_id)}


def _by_page(hits: Iterator[pa.Table], ids: Ids) -> dict[str, Flags]:
    """By benchmark the documents that nothing but a line of their own pages calls works of it: a collection may begin with one."""
    found: dict[str, tuple[Flags, Flags]] = {}
    for part in hits:
        part = part.filter(pc.invert(pc.is_in(part["layer"], value_set=pa.array(TEXT_LAYERS))))
        row, pages = ids.find(part["doc_id"]), _true(pc.equal(part["rule"], BY_PAGE))
        for at, is_page, mark in zip(row.tolist(), pages.tolist(), part["mark"].to_pylist(), strict=True):
            if at >= 0:
                page, else_ = found.setdefault(mark, (np.zeros(len(ids), bool), np.zeros(len(ids), bool)))
                (page if is_page else else_)[at] = True
    return {mark: page & ~else_ for mark, (page, else_) in found.items()}


def _of_works(mark: Mark, marked: Flags, by_page: Mapping[str, Flags]) -> Flags:
    """The marked documents of which a mark is of all that they hold: none that are marked for a passage, or by their pages alone."""
    if mark.reason is Reason.BENCHMARK_OVERLAP:
        return np.zeros_like(marked)
    if mark.reason is Reason.BENCHMARK_SOURCE and mark.name is not None and mark.name in by_page:
        return marked & ~by_page[mark.name]
    return marked


def _check_verdicts(findings: pa.Table) -> None:
    for said in findings.group_by(["verdict", "reason"]).aggregate([("doc_id", "min")]).to_pylist():
        if said["verdict"] != (verdict := verdict_of(Reason(said["reason"]))):
            raise ContractError(
                f"findings of {said['doc_id_min']!r}: verdict {said['verdict']!r} with reason {said['reason']!r}; of that reason "
                f"the verdict is {verdict.value!r}. Mend the step that fills findings so"
            )


def _crowds(inputs: Inputs, spread: pa.Table) -> dict[str, Any]:
    """How many ids of crowds led a mark from one document to another, and some of them."""
    reached = spread["doc_id"].filter(pc.is_in(spread["rule"], value_set=pa.array(CROWDS)))
    keys: set[str] = set()
    for edges in _parts(inputs, IDENTITY_EDGES.name) if len(reached) else ():
        edges = edges.filter(pc.is_in(edges["kind"], value_set=pa.array(CROWDS)))
        ends = (pc.is_in(edges[end], value_set=reached.combine_chunks()) for end in ("doc_id", "mate"))
        keys.update(edges["key"].filter(pc.or_(*ends)).to_pylist())
    return {"ids": len(keys), "samples": list(some(keys))}


def spread_rows(found: Spread, ids: Ids, mark: Mark, families: Families) -> pa.Table:
    """Rows of `SPREAD` for the documents that a mark reached."""
    n = len(found.row)
    longer = families.n_words[found.row] > families.n_words[found.source]
    tie = np.where((found.kind == CONTAINED) & longer, len(_TIES) - 1, found.kind).astype(np.int64)
    source, origin = (ids.array.take(to_arrow(rows)) for rows in (found.source, found.origin))
    begin = pc.binary_join_element_wise(", a copy of ", origin, "")
    begin = pc.if_else(to_arrow(found.source == found.origin), "", begin)
    name = mark.name or mark.reason.value
    return pa.Table.from_arrays(
        [
            ids.array.take(to_arrow(found.row)),
            pa.repeat(pa.scalar(mark.row_id), n),
            pa.repeat(pa.scalar(name), n),
            pa.repeat(pa.scalar("copy"), n),
            names(TIES).take(to_arrow(found.kind.astype(np.int64))),
            pc.binary_join_element_wise(names(_TIES).take(to_arrow(tie)), source, begin, ""),
            source,
            _per_mille(found.score),
            pa.nulls(n, SPREAD.arrow.field("spans").type),
        ],
        schema=SPREAD.arrow,
    )


def _per_mille(shares: Floats) -> pa.Array:
    """Shares as whole numbers, null where nothing is measured."""
    unknown = np.isnan(shares)
    return to_arrow(np.rint(1000 * np.where(unknown, 0, shares)).astype(np.int32), unknown)


def _verdicts(spread: pa.Table, mark: Mark) -> pa.Table:
    """Rows of `COPIES` for rows of `SPREAD`."""
    n = spread.num_rows

    def all_are(value: str | None) -> pa.Array:
        return pa.repeat(pa.scalar(value, pa.string()), n)

    columns = {
        "doc_id": spread["doc_id"],
        "row_id": pc.binary_join_element_wise(SPREAD.name, spread["row_id"], "/"),
        "tier": all_are(mark.tier),
        "verdict": all_are(mark.verdict.value),
        "stage": all_are(SPREAD.name),
        "reason": all_are(mark.reason.value),
        "mark": all_are(mark.name),
        "evidence": pc.binary_join_element_wise(spread["mark"], spread["evidence"], ": "),
        "score": spread["score"].cast(pa.float64()),
    }
    return pa.table(columns).cast(COPIES.arrow)


def duplicates(found: Clustering, ids: Ids, tier: str) -> pa.Table:
    """Rows of `COPIES` for all documents that a kept one stands for in a tier."""
    rows = np.flatnonzero(found.kind >= 0)
    score = found.jaccard[rows].astype(np.float64)

    def all_are(value: str) -> pa.Array:
        return pa.repeat(pa.scalar(value), len(rows))

    return pa.Table.from_arrays(
        [
            ids.array.take(to_arrow(rows)),
            all_are(f"{COPIES.name}/{tier}"),
            all_are(tier),
            all_are(Verdict.DROP.value),
            all_are(COPIES.name),
            names(tuple(map(str, _REASONS))).take(to_arrow(found.kind[rows].astype(np.int64))),
            pa.nulls(len(rows), pa.string()),
            pc.binary_join_element_wise(_KEEPS, ids.array.take(to_arrow(found.head[rows])), ""),
            to_arrow(score, np.isnan(score)),
        ],
        schema=COPIES.arrow,
    )


def components_of(families: Families, ids: Ids) -> pa.Table:
    """The table `COMPONENTS` of documents that edges tie together."""
    size = np.bincount(families.family, minlength=len(ids))
    keys = np.zeros(len(ids), np.uint64)
    np.maximum.at(keys, families.family, hashes(ids.array))
    rows = np.flatnonzero(size[families.family] > 1)
    best = families.family[rows]
    return pa.Table.from_arrays(
        [
            ids.array.take(to_arrow(rows)),
            ids.array.take(to_arrow(best)),
            to_arrow(size[best]),
            to_arrow(families.places()[rows]),
            to_arrow(keys[best]),
        ],
        schema=COMPONENTS.arrow,
    )


def near_families_of(copies: pa.Table, components: pa.Table) -> list[NearFamily]:
    """Large families of near duplicates, each in the tier where it is largest."""
    near = copies.filter(pc.equal(copies["reason"], Reason.NEAR_DUPLICATE.value))
    at = pc.index_in(near["doc_id"], value_set=components["doc_id"].combine_chunks())
    near = near.append_column("component", components["component"].take(at))
    near = near.append_column("key", pc.binary_join_element_wise(near["component"], near["tier"], "\0"))
    counts = near.group_by(["component", "tier", "key"]).aggregate([("doc_id", "count")])
    counts = counts.sort_by([("component", "ascending"), ("doc_id_count", "descending"), ("tier", "ascending")])
    largest = counts.group_by("component", use_threads=False).aggregate([("key", "first")])["key_first"]
    near = near.filter(pc.is_in(near["key"], value_set=largest.combine_chunks()))
    mates = pc.utf8_slice_codeunits(near["evidence"], start=len(_KEEPS))
    return near_families(near["doc_id"], mates, near["component"])


def _true(flags: pa.Array | pa.ChunkedArray) -> Flags:
    found: Flags = flags.to_numpy() if isinstance(flags, pa.ChunkedArray) else flags.to_numpy(zero_copy_only=False)
    return found
