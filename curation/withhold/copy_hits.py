"""The copy layer of an index of withheld texts: copies, in this corpus, of what an earlier run withheld in another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.artefact import content_sha256, plain_config
from curation.joins import Join, Kind, Side
from curation.step import Inputs, MapStep, Requires
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import Hashed, HashIndex, Match
from curation.withhold.hashed import NGRAM, said_by_document
from curation.withhold.item_hits import cut
from curation.withhold.lists import METADATA, WITHHOLD_NAMES
from curation.withhold.withheld_texts import read_texts, unread_marks
from schemas import HITS, Table

_GAP = 20
"""Tokens between two n-grams of one stretch: every fifth is told, and some were changed."""


class CopyHits(MapStep):
    """Finds documents that are a withheld work by an id or word for word, or that hold half of a withheld text, or half of which stands
    in one, as an audit does. Of an index only the texts count that were withheld for the benchmark of the same name.

    The evidence has the words that both texts hold, and the stretches of the document that they stand in: of a withheld text an index
    knows no others. `score` is the share of the n-grams of the shorter text that are in both, per mille.
    """

    name: ClassVar[str] = "copy_hits"
    version: ClassVar[int] = 2
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        METADATA: ("doc_id", "title"),
        WITHHOLD_NAMES.name: WITHHOLD_NAMES.columns,
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
        documents = inputs["documents"]
        columns = [
            documents["doc_id"],
            inputs[WITHHOLD_NAMES.name]["names"],
            *(documents[c] for c in ("text", "text_sha256")),
        ]
        titles = pc.coalesce(inputs[METADATA]["title"], documents["title"])
        made: list[dict[str, Any]] = []
        for doc_id, names, text, digest, title in zip(*(c.to_pylist() for c in (*columns, titles)), strict=True):
            document = _Document(names, digest or "", title, text or "")
            found = [row for name, index in indexes for row in _hits(name, index, document)]
            made += [{**row, "doc_id": doc_id, "row_id": f"copy/{n:04d}"} for n, row in enumerate(found)]
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
            given = Side("withheld texts", index_entries(b), len(texts))
            papers = Side("documents", sum(p["documents"] for p in parts), sum(told["documents"] for told in mine))
            joins.append(Join(Kind.WITHHELD_TEXTS, b.name, given, papers).to_json())
        return {"joins": joins, "warnings": list(unread_marks(self.benchmarks))}


def index_of(benchmark: Benchmark) -> HashIndex:
    """The withheld texts of a benchmark, read once a process. Raises ConfigError for a file that is no index of them."""
    return _index(benchmark, tuple(map(content_sha256, benchmark.texts)))


def index_entries(benchmark: Benchmark) -> int:
    """Withheld works that the indexes of a benchmark speak of."""
    return len(read_texts(benchmark)["entry"].unique())


@lru_cache(maxsize=4)
def _index(benchmark: Benchmark, _: tuple[str, ...]) -> HashIndex:
    return HashIndex(read_texts(benchmark))


class _Document:
    """A document as an audit compares it: by its ids, the digest of its text, and its title and text together."""

    def __init__(self, names: Sequence[str], digest: str, title: str | None, text: str) -> None:
        self.names, self.digest = names, digest
        self.data = said_by_document(title, text).encode()
        self.before = len(self.data) - len(text.encode())
        self.hashed = Hashed(self.data.decode())

    def spans(self, tokens: Iterable[tuple[int, int]]) -> list[dict[str, int]]:
        """Bytes of the text of some stretches of tokens; what stands in the title has no place there."""
        at = self.hashed.tokens
        found = ((int(at.starts[a]) - self.before, int(at.ends[b - 1]) - self.before) for a, b in tokens)
        return [{"start": max(a, 0), "end": b} for a, b in found if b > 0]


def _hits(name: str, index: HashIndex, document: _Document) -> Iterator[dict[str, Any]]:
    """One row a withheld work: what found it first counts, the ids before the text."""
    told: set[str] = set()
    for match, evidence, spans in _found(index, document):
        if match.entry not in told:
            told.add(match.entry)
            yield {
                "mark": name,
                "layer": match.layer,
                "rule": match.rule,
                "entry": match.entry,
                "score": match.score,
                "evidence": evidence,
                "spans": spans,
            }


def _found(index: HashIndex, document: _Document) -> Iterator[tuple[Match, str, list[dict[str, int]] | None]]:
    """What finds a document, with the evidence and, of copies, the stretches of its text."""
    for key in document.names:
        for match in index.by_ids([key]):
            yield match, f"{key} is an id of the withheld work {match.entry}", None
    text = document.hashed
    for match in (*index.by_digest(document.digest), *index.by_copies(text)):
        if match.found:
            whole, words = match.rule != "n-grams", text.tokens.words()
            grams = [(0, len(text))] if whole else _stretches(np.flatnonzero(index.shared(match, text)), NGRAM)
            spans = document.spans(
                [(0, len(text))] if whole else _stretches(np.flatnonzero(index.shared(match, text)), _GAP)
            )
            said = " ... ".join(document.data[document.before :][s["start"] : s["end"]].decode() for s in spans)
            both = " ... ".join(" ".join(words[a:b]) for a, b in grams)
            yield match, f"withheld text {match.entry}: {cut(both)} | document: {cut(said)}", spans


def _stretches(at: npt.NDArray[np.int64], gap: int) -> list[tuple[int, int]]:
    """Stretches of tokens, end excluded, in which n-grams begin at most `gap` tokens from one another."""
    if not len(at):
        return []
    parts = np.flatnonzero(np.diff(at) > gap) + 1
    return [(int(part[0]), int(part[-1]) + NGRAM) for part in np.split(at, parts)]
