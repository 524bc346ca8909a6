"""The identity layer: documents that are the very works a benchmark was made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curation.errors import ConfigError
from curation.joins import Join, Kind, Side, some, words_of
from curation.step import Inputs, MapStep, Requires
from curation.withhold.benchmark import Benchmark
from curation.withhold.identity import Row, by_araa, by_id, by_title
from curation.withhold.lists import WITHHOLD_IDS, WITHHOLD_TITLES
from curation.withhold.sources import read_sources
from schemas import HITS, Table

METADATA = "papers"
"""The table that says what a document is."""


class IdentityHits(MapStep):
    """Finds the documents that are sources of a benchmark, by DOI, journal, bibcode, arXiv id or title.

    One row for every rule that matches. A list that matches nothing stops the run (`guard`), unless that is allowed.
    """

    name: ClassVar[str] = "identity_hits"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        METADATA: (
            *("doc_id", "paper_id", "title", "authors", "date", "doi", "bibcode", "journal_ref", "comments", "unsure"),
        ),
        "documents": ("doc_id", "title"),
    }
    provides: ClassVar[Table] = HITS

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    def identity(self) -> dict[str, Any]:
        """As of every step; of lists nothing counts but the entries that a part is given, nor what they are allowed to do."""
        identity = super().identity()
        identity["config"]["benchmarks"] = sorted([str(b.rule), b.name] for b in self.benchmarks if b.rule is not None)
        return identity

    def reads(self) -> Requires:
        if all(b.sources is None for b in self.benchmarks):
            return self.requires
        return {
            **self.requires,
            WITHHOLD_IDS.name: WITHHOLD_IDS.columns,
            WITHHOLD_TITLES.name: WITHHOLD_TITLES.columns,
        }

    def run(self, inputs: Inputs) -> pa.Table:
        papers: list[Row] = inputs[METADATA].select(list(self.requires[METADATA])).to_pylist()
        for paper, title in zip(papers, inputs["documents"]["title"].to_pylist(), strict=True):
            paper["titles"] = [t for t in dict.fromkeys((paper["title"], title)) if t]
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for benchmark in self.benchmarks:
            if benchmark.rule is not None:
                for match in by_araa(papers):
                    found[match["doc_id"]].append({**match, "mark": benchmark.name})
        if WITHHOLD_IDS.name in inputs:
            matches = list(by_id(papers, inputs[WITHHOLD_IDS.name].to_pylist()))
            known = {(match["doc_id"], match["mark"], match["entry"]) for match in matches}
            for match in (*matches, *by_title(papers, inputs[WITHHOLD_TITLES.name].to_pylist(), known)):
                found[match["doc_id"]].append(match)
        rows: list[Row] = []
        for paper in papers:
            mine = sorted(found[paper["doc_id"]], key=lambda r: (r["mark"], r["rule"], r["evidence"]))
            rows += [{**row, "layer": "identity", "row_id": f"identity/{n:04d}"} for n, row in enumerate(mine)]
        return HITS.rows(rows)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """What each benchmark's list or rule matched in a part."""
        papers = inputs[METADATA]
        paper_ids = dict(zip(papers["doc_id"].to_pylist(), papers["paper_id"].to_pylist(), strict=True))
        matches = made[HITS.name].select(["mark", "doc_id", "entry"]).to_pylist()
        told = {}
        for benchmark in self.benchmarks:
            mine = [row for row in matches if row["mark"] == benchmark.name]
            found = {row["doc_id"] for row in mine}
            told[benchmark.name] = {
                "documents": len(found),
                "entries": sorted({row["entry"] for row in mine if row["entry"] is not None}),
                "others": list(some(p for d, p in paper_ids.items() if d not in found)),
            }
        return {"documents": papers.num_rows, "benchmarks": told}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What each matched in the corpus: both sides of a join."""
        parts = list(summaries)
        return {"joins": [self._join(benchmark, parts).to_json() for benchmark in self.benchmarks]}

    def _join(self, benchmark: Benchmark, parts: list[Mapping[str, Any]]) -> Join:
        mine = [part["benchmarks"][benchmark.name] for part in parts]
        found = sum(part["documents"] for part in mine)
        others = some(other for part in mine for other in part["others"])
        papers = Side("documents", sum(part["documents"] for part in parts), found, others)
        if benchmark.sources is None:
            given = Side("rules", 1, int(found > 0))
            return Join(Kind.WITHHELD_RULE, benchmark.name, given, replace(papers, samples=()))
        entries = {entry for part in mine for entry in part["entries"]}
        works = read_sources(benchmark.sources)
        unmatched = [work.called for work in works if work.place not in entries]
        return Join(
            Kind.WITHHELD_LIST, benchmark.name, Side.of("works", len(works) - len(unmatched), unmatched), papers
        )

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Raises ConfigError for a list that matches nothing, unless the config allows it."""
        joins = [Join.from_json(j) for j in summary.get("joins", ())]
        may_be_idle = {b.name for b in self.benchmarks if b.allow_unmatched}
        for join in joins:
            if join.kind is Kind.WITHHELD_LIST and not join.papers.matched and join.name not in may_be_idle:
                raise ConfigError(
                    f"benchmark {join.name!r}: none of the {join.given.count:,} works of its list is one of the "
                    f"{join.papers.count:,} documents, so nothing would be withheld. The list names {words_of(join.given)}; "
                    f"documents are {words_of(join.papers)}. Mend the ids of the list or the metadata of the papers; or, if the "
                    "corpus is known to hold none of them, set `allow_unmatched: true` at the benchmark"
                )
