"""The copy layer of an index of withheld texts: copies, in this corpus, of what an earlier run withheld in another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.artefact import content_sha256, plain_config
from curation.joins import Join, Kind, Side
from curation.step import Inputs, MapStep, Requires
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import Hashed, HashIndex, Match
from curation.withhold.hashed import NGRAM, said_by_document
from curation.withhold.lists import METADATA
from curation.withhold.withheld_texts import read_texts, unread_marks
from schemas import HITS, Table

_GAP = 20
"""Tokens between two n-grams of one stretch: every fifth is told, and some were changed."""


class CopyHits(MapStep):
    """Finds documents that are a withheld work by an id or word for word, or that hold half of a withheld text, or half of which stands
    in one. Of an index only the texts count that were withheld for the benchmark of the same name.

    `score` is the share of the n-grams of the shorter text that are in both, per mille.
    """

    name: ClassVar[str] = "copy_hits"
    version: ClassVar[int] = 2
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        METADATA: ("doc_id", "title", "links"),
        "documents": ("doc_id", "title", "text", "text_sha256"),
    }
    provides: ClassVar[Table] = HITS

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    def identity(self) -> dict[str, Any]:
        """As of every step; of benchmarks nothing counts but their names and indexes."""
        identity = super().identity()
        others = set(Benchmark.model_fields) - {"name", "texts"}
        identity["config"]["benchmarks"] = sorted(
            (plain_config(b, others) for b in self.benchmarks), key=lambda b: str(b["name"])
        )
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        indexes = [(b.name, index_of(b)) for b in self.benchmarks]
        metadata, documents = inputs[METADATA], inputs["documents"]
        titles = pc.coalesce(metadata["title"], documents["title"]).to_pylist()
        rows = (metadata.select(["doc_id", "links"]), documents.select(["text", "text_sha256"]))
        made: list[dict[str, Any]] = []
        for title, paper, document in zip(titles, *(table.to_pylist() for table in rows), strict=True):
            text = Hashed(said_by_document(title, document["text"]))
            found = [row for name, index in indexes for row in _hits(name, index, {**paper, **document}, text)]
            made += [{**row, "row_id": f"copy/{n:04d}"} for n, row in enumerate(found)]
        return HITS.rows(made)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Documents, and by benchmark those that are copies, and of which texts."""
        told: dict[str, dict[str, Any]] = {}
        for mark in made[HITS.name]["mark"].unique().to_pylist():
            mine = made[HITS.name].filter(pc.equal(made[HITS.name]["mark"], mark))
            columns = {name: sorted(set(mine[name].to_pylist())) for name in ("doc_id", "entry")}
            told[mark] = {"documents": len(columns["doc_id"]), "texts": columns["entry"]}
        return {"documents": inputs["documents"].num_rows, "benchmarks": told}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What each index matched in the corpus."""
        parts, joins = list(summaries), []
        for b in self.benchmarks:
            mine = [part["benchmarks"].get(b.name, {"documents": 0, "texts": []}) for part in parts]
            texts = {entry for told in mine for entry in told["texts"]}
            given = Side("withheld texts", pc.count_distinct(read_texts(b)["entry"]).as_py(), len(texts))
            papers = Side("documents", sum(p["documents"] for p in parts), sum(told["documents"] for told in mine))
            joins.append(Join(Kind.WITHHELD_TEXTS, b.name, given, papers).to_json())
        return {"joins": joins, "warnings": list(unread_marks(self.benchmarks))}


def index_of(benchmark: Benchmark) -> HashIndex:
    """The withheld texts of a benchmark, read once a process. Raises ConfigError for a file that is no index of them."""
    return _index(benchmark, tuple(map(content_sha256, benchmark.texts)))


@lru_cache(maxsize=4)
def _index(benchmark: Benchmark, _: tuple[str, ...]) -> HashIndex:
    return HashIndex(read_texts(benchmark))


def _hits(name: str, index: HashIndex, row: Mapping[str, Any], text: Hashed) -> Iterator[dict[str, Any]]:
    """One row a withheld work: what found it first counts, the ids before the text."""
    told: set[str] = set()
    found = [*index.by_ids(row["links"]), *index.by_digest(row["text_sha256"] or ""), *index.by_copies(text)]
    for match in (m for m in found if m.found and m.entry not in told):
        told.add(match.entry)
        yield {
            "doc_id": row["doc_id"],
            "mark": name,
            "layer": match.layer,
            "rule": match.rule,
            "entry": match.entry,
            "score": match.score,
            "evidence": _evidence(match),
            "spans": _spans(index, match, text, len((row["text"] or "").encode())) if match.layer == "copy" else None,
        }


def _evidence(match: Match) -> str:
    if match.layer != "copy":
        return f"an id of the withheld work {match.entry}"
    return f"{match.score} of 1,000 n-grams of the shorter text are in both, this and the withheld text {match.entry}"


def _spans(index: HashIndex, match: Match, text: Hashed, size: int) -> list[dict[str, int]]:
    """The stretches of a text that are in a withheld one: n-grams of both that are `_GAP` tokens apart at most.

    Args:
        size: bytes of the text itself; what stands before is its title, and no part of it.
    """
    at = np.flatnonzero(np.isin(text.hashes, index.copy_hashes(match)))
    starts = at[np.r_[True, np.diff(at) > _GAP]] if len(at) else at
    ends = at[np.r_[np.diff(at) > _GAP, True]] if len(at) else at
    last = [min(int(end) + NGRAM - 1, len(text) - 1) for end in ends]
    before = text.size - size
    stretches = (
        (int(text.tokens.starts[a]) - before, int(text.tokens.ends[b]) - before)
        for a, b in zip(starts.tolist(), last, strict=True)
    )
    return [{"start": max(0, a), "end": b} for a, b in stretches if b > 0]
