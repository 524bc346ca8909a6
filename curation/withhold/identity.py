"""The identity layer: documents that are the very works a benchmark was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from curation.artefact import Artefact, plain_config
from curation.errors import ConfigError
from curation.joins import Join, Kind, Side, words_of
from curation.step import Inputs, Requires, WholeStep
from curation.withhold.araa import araa_announced, araa_name, is_araa_bibcode, is_araa_doi
from curation.withhold.sources import Source, ids_in, ids_of, read_sources
from curation.withhold.titles import agreement, close_pairs, plain_title, same_title
from schemas import WITHHELD, Table

Row = dict[str, Any]


class Benchmark(BaseModel):
    """A benchmark whose sources are withheld.

    Args:
        name: stands in the table `withheld` and on the card.
        rule: `araa` recognises every article of the Annual Review of Astronomy and Astrophysics.
        sources: a list of works (see `curation.withhold.sources.read_sources`).
        allow_unmatched: go on when no work of the list is in the corpus; else that is an error, since a list of other ids
            withholds nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    rule: Literal["araa"] | None = None
    sources: Artefact | None = None
    allow_unmatched: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Benchmark:
        if (self.rule is None) == (self.sources is None):
            raise ValueError(f"benchmark {self.name}: give either `rule: araa` or `sources: FILE`")
        return self


class WithholdSources(WholeStep):
    """Finds the documents that are sources of a benchmark, by DOI, journal, bibcode, arXiv id or title.

    One row for every rule that matches. Raises ConfigError when a list is missing, empty or not understood, or matches nothing
    (`guard`): without benchmarks nothing may be released.
    """

    name: ClassVar[str] = "withheld"
    version: ClassVar[int] = 4
    requires: ClassVar[Requires] = {
        "papers": (
            *("doc_id", "paper_id", "title", "authors", "date", "doi", "bibcode", "journal_ref", "comments", "unsure"),
        ),
        "documents": ("doc_id", "title"),
    }
    provides: ClassVar[Table] = WITHHELD

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> WithholdSources:
        names = [b.name for b in self.benchmarks]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two benchmarks are named {', '.join(twice)}")
        return self

    def identity(self) -> dict[str, Any]:
        """As of every step, without what a list is allowed to do."""
        identity = super().identity()
        identity["config"]["benchmarks"] = sorted(
            (plain_config(b, {"allow_unmatched"}) for b in self.benchmarks),
            key=lambda b: str(b["name"]),
        )
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        titles = dict(zip(*inputs["documents"].select(["doc_id", "title"]).to_pydict().values(), strict=True))
        papers: list[Row] = inputs["papers"].select(list(self.requires["papers"])).to_pylist()
        for paper in papers:
            paper["titles"] = [t for t in dict.fromkeys((paper["title"], titles.get(paper["doc_id"]))) if t]
        found: list[Row] = []
        for benchmark in self.benchmarks:
            matches = by_list(papers, read_sources(benchmark.sources)) if benchmark.sources else by_araa(papers)
            found.extend({**match, "benchmark": benchmark.name, "layer": "identity"} for match in matches)
        found.sort(key=lambda r: (r["doc_id"], r["benchmark"], r["rule"], r["evidence"]))
        return WITHHELD.rows(found)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """What each benchmark's list or rule matched."""
        paper_ids = dict(zip(*inputs["papers"].select(["doc_id", "paper_id"]).to_pydict().values(), strict=True))
        matches = made["withheld"].select(["benchmark", "doc_id", "entry"]).to_pylist()
        joins = []
        for benchmark in self.benchmarks:
            mine = [row for row in matches if row["benchmark"] == benchmark.name]
            found = {row["doc_id"] for row in mine}
            papers = Side.of("documents", len(found), (p for d, p in paper_ids.items() if d not in found))
            if benchmark.sources is None:
                given, papers = Side("rules", 1, int(bool(found))), replace(papers, samples=())
                join = Join(Kind.WITHHELD_RULE, benchmark.name, given, papers)
            else:
                entries = {row["entry"] for row in mine}
                works = read_sources(benchmark.sources)
                others = [work.called for work in works if work.place not in entries]
                given = Side.of("works", len(works) - len(others), others)
                join = Join(Kind.WITHHELD_LIST, benchmark.name, given, papers)
            joins.append(join.to_json())
        return {"joins": joins}

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


def _match(paper: Row, rule: str, evidence: str, score: float = 1.0, entry: str | None = None) -> Row:
    return {
        "doc_id": paper["doc_id"],
        "paper_id": paper["paper_id"],
        "rule": rule,
        "evidence": evidence,
        "entry": entry,
        "score": score,
    }


def by_araa(papers: list[Row]) -> Iterator[Row]:
    """Matches of the rule `araa`. A comment that announces the article scores .8: the author may have thought better."""
    for paper in papers:
        unsure = paper["unsure"] or []
        texts = (paper["doi"], paper["paper_id"], paper["journal_ref"], *unsure)
        if doi := next(filter(None, map(is_araa_doi, texts)), None):
            yield _match(paper, "doi", f"doi {doi}")
        if code := next(filter(is_araa_bibcode, (paper["bibcode"], paper["paper_id"], *unsure)), None):
            yield _match(paper, "bibcode", f"bibcode {code}")
        if name := araa_name(paper["journal_ref"]):
            yield _match(paper, "journal_ref", f"journal reference {paper['journal_ref']!r} names {name!r}")
        if name := araa_announced(paper["comments"]):
            yield _match(paper, "comments", f"comments announce {name!r}", 0.8)


def by_list(papers: list[Row], sources: list[Source]) -> Iterator[Row]:
    """Matches with a list of works: by any id, and by title where no id matched that pair."""
    of_id: dict[str, list[int]] = {}
    for n, source in enumerate(sources):
        for name in source.ids:
            of_id.setdefault(name, []).append(n)
    known: set[tuple[int, int]] = set()
    for p, paper in enumerate(papers):
        ids = ids_of(paper["paper_id"], paper["doi"], paper["bibcode"]).union(*map(ids_in, paper["unsure"] or ()))
        for name in sorted(ids):
            for n in of_id.get(name, ()):
                known.add((p, n))
                place = sources[n].place
                yield _match(paper, name.partition(":")[0].lower(), f"{name} is {place}", entry=place)
    owners = [(p, plain_title(title)) for p, paper in enumerate(papers) for title in paper["titles"]]
    wanted = [(n, plain_title(source.title)) for n, source in enumerate(sources) if source.title]
    for i, j, ratio in close_pairs([title for _, title in owners], [title for _, title in wanted]):
        (p, mine), (n, theirs) = owners[i], wanted[j]
        source = sources[n]
        if (p, n) in known:
            continue
        agrees = agreement(papers[p]["authors"], papers[p]["date"], source.first_author, source.year)
        if same_title(mine, theirs, ratio, agrees=agrees):
            known.add((p, n))
            evidence = f"title is that of {source.place}: {source.title!r}"
            yield _match(papers[p], "title", evidence, ratio / 100, source.place)
