"""The identity and bibliographic layers: documents that are the very works a benchmark was made from. One row for every rule that matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curation.errors import ConfigError
from curation.joins import Join, Kind, Side, some, words_of
from curation.step import Inputs, MapStep, Requires
from curation.withhold.benchmark import Benchmark
from curation.withhold.identity import Row, by_araa, by_id, by_title
from curation.withhold.lists import METADATA, WITHHOLD_IDS, WITHHOLD_NAMES, WITHHOLD_TITLES
from schemas import HITS, Table


class RuleHits(MapStep):
    """Recognises benchmark sources by the built-in rule `araa`: by any of their ids, journal, what comments announce, or what their own
    first or last page says."""

    name: ClassVar[str] = "rule_hits"
    version: ClassVar[int] = 8
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        METADATA: ("doc_id", "paper_id", "links", "journal_ref", "comments", "date", "venue", "unsure"),
        "documents": ("doc_id", "text", "authors"),
    }
    provides: ClassVar[Table] = HITS

    benchmarks: tuple[str, ...] = Field(min_length=1)

    def run(self, inputs: Inputs) -> pa.Table:
        papers: list[Row] = inputs[METADATA].to_pylist()
        pages = (inputs["documents"][column].to_pylist() for column in ("text", "authors"))
        for paper, text, front in zip(papers, *pages, strict=True):
            paper |= {"text": text, "front": front}
        matches = list(by_araa(papers))
        return _hits(inputs, "rule", [{**match, "mark": name} for name in self.benchmarks for match in matches])

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """What the rule matched in a part."""
        return _told(inputs, made)

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What it matched in the corpus."""
        parts, joins = list(summaries), []
        for name in self.benchmarks:
            count, found, _ = _papers(parts, name)
            given = Side("rules", 1, int(found > 0))
            joins.append(Join(Kind.WITHHELD_RULE, name, given, Side("documents", count, found)).to_json())
        return {"joins": joins}


class ListHits(MapStep):
    """Finds the works of lists, by arXiv id, DOI, bibcode or title, and those that items name. Of the ids only those that name the part's
    documents arrive.

    A list that matches nothing stops the run (`guard`), unless that is allowed; of items that is a warning.
    """

    name: ClassVar[str] = "list_hits"
    version: ClassVar[int] = 8
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        METADATA: ("doc_id", "paper_id", "title", "authors", "date"),
        "documents": ("doc_id", "title"),
        WITHHOLD_NAMES.name: WITHHOLD_NAMES.columns,
        WITHHOLD_IDS.name: WITHHOLD_IDS.columns,
        WITHHOLD_TITLES.name: WITHHOLD_TITLES.columns,
    }
    keys: ClassVar[Mapping[str, str]] = {WITHHOLD_IDS.name: "names"}
    provides: ClassVar[Table] = HITS

    lists: tuple[Benchmark, ...] = Field(min_length=1)

    def identity(self) -> dict[str, Any]:
        """As of every step; of lists nothing counts but the entries that a part is given."""
        identity = super().identity()
        del identity["config"]["lists"]
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        papers: list[Row] = inputs[METADATA].to_pylist()
        for paper, title in zip(papers, inputs["documents"]["title"].to_pylist(), strict=True):
            paper["titles"] = [t for t in dict.fromkeys((paper["title"], title)) if t]
        names = inputs[WITHHOLD_NAMES.name]["names"].to_pylist()
        found = list(by_id(papers, names, inputs[WITHHOLD_IDS.name].to_pylist()))
        known = {(match["doc_id"], match["mark"], match["entry"]) for match in found}
        found += by_title(papers, inputs[WITHHOLD_TITLES.name].to_pylist(), known)
        return _hits(inputs, "list", found)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """What each list matched in a part; of lists that match nothing there it says nothing."""
        return _told(inputs, made)

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What each matched in the corpus, and which of its works it did not."""
        parts = list(summaries)
        return {"joins": [join.to_json() for benchmark in self.lists for join in _joins(benchmark, parts)]}

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Raises ConfigError for a list that matches nothing, unless the config allows it."""
        joins = [Join.from_json(j) for j in summary.get("joins", ())]
        may_be_idle = {b.name for b in self.lists if b.allow_unmatched}
        for join in joins:
            if join.kind is Kind.WITHHELD_LIST and not join.papers.matched and join.name not in may_be_idle:
                raise ConfigError(
                    f"benchmark {join.name!r}: none of the {join.given.count:,} works of its list is one of the "
                    f"{join.papers.count:,} documents, so nothing would be withheld. The list names {words_of(join.given)}; "
                    f"documents are {words_of(join.papers)}. Mend the ids of the list or the metadata of the papers; or, if the "
                    "corpus is known to hold none of them, set `allow_unmatched: true` at the benchmark"
                )


def _joins(benchmark: Benchmark, parts: Sequence[Mapping[str, Any]]) -> Iterator[Join]:
    """What works of a benchmark's list matched, and what works that its items name; where both did, the documents of each are those of
    both."""
    count, found, others = _papers(parts, benchmark.name)
    entries = {entry for part in parts for entry in _of(part, benchmark.name)["entries"]}
    for kind, works in ((Kind.WITHHELD_LIST, benchmark.listed()), (Kind.WITHHELD_ITEM_SOURCES, benchmark.named())):
        if works:
            unmatched = [work.called for work in works if work.place not in entries]
            given = Side.of("works", len(works) - len(unmatched), unmatched)
            yield Join(kind, benchmark.name, given, Side("documents", count, found if given.matched else 0, others))


def _hits(inputs: Inputs, step: str, matches: Iterable[Row]) -> pa.Table:
    """Rows of `HITS`, in the order of the documents."""
    found: dict[str, list[Row]] = {doc_id: [] for doc_id in inputs[METADATA]["doc_id"].to_pylist()}
    for match in matches:
        found[match["doc_id"]].append(match)
    rows: list[Row] = []
    for mine in found.values():
        mine.sort(key=lambda r: (r["mark"], r["rule"], r["evidence"]))
        rows += [{"layer": "identity", **row, "row_id": f"{step}/{n:04d}"} for n, row in enumerate(mine)]
    return HITS.rows(rows)


def _told(inputs: Inputs, made: Mapping[str, pa.Table]) -> dict[str, Any]:
    """What each benchmark that matches in a part does there, and some documents that it does not match; and some of all, which is
    what one that is not named leaves. The lists of the config are no input of a part, so that nothing here may depend on them."""
    papers = inputs[METADATA]
    named = zip(papers["doc_id"].to_pylist(), papers["paper_id"].to_pylist(), strict=True)
    paper_ids = {doc_id: _called(doc_id, paper_id) for doc_id, paper_id in named}
    matches: dict[str, list[Row]] = {}
    for row in made[HITS.name].select(["mark", "doc_id", "entry"]).to_pylist():
        matches.setdefault(row["mark"], []).append(row)
    told = {}
    for name, mine in sorted(matches.items()):
        found = {row["doc_id"] for row in mine}
        told[name] = {
            "documents": len(found),
            "entries": sorted({row["entry"] for row in mine if row["entry"] is not None}),
            "others": list(some(p for d, p in paper_ids.items() if d not in found)),
        }
    return {"documents": papers.num_rows, "others": list(some(paper_ids.values())), "benchmarks": told}


def _called(doc_id: str, paper_id: str) -> str:
    """What people call a document: its id, or, where none is known, what its source calls it."""
    return doc_id.rpartition("~")[0] or doc_id if paper_id.startswith("sha256:") else paper_id


def _of(part: Mapping[str, Any], benchmark: str) -> Mapping[str, Any]:
    """What a benchmark does in a part."""
    told: Mapping[str, Any] = part["benchmarks"].get(
        benchmark, {"documents": 0, "entries": [], "others": part["others"]}
    )
    return told


def _papers(parts: Sequence[Mapping[str, Any]], benchmark: str) -> tuple[int, int, tuple[str, ...]]:
    """Documents of all parts, how many of them a benchmark matched, and some that it did not."""
    mine = [_of(part, benchmark) for part in parts]
    others = some(other for part in mine for other in part["others"])
    return sum(part["documents"] for part in parts), sum(part["documents"] for part in mine), others
