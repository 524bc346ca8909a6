"""The layers that look at pairs: what a pair says of a benchmark's items and of withheld texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curation.joins import Join, Kind, Side
from curation.sft.pairs import MADE_PAIRS
from curation.step import Inputs, MapStep, Requires
from curation.withhold.benchmark import Benchmark
from curation.withhold.copy_hits import CopyHits
from curation.withhold.copy_hits import index_of as copy_index
from curation.withhold.hash_hits import HashHits
from curation.withhold.hash_index import MIN_EVIDENCE, MIN_EVIDENCE_SHARED, Hashed
from curation.withhold.hashed import said_by_pair
from curation.withhold.lists import METADATA
from curation.withhold.number_hits import NumberHits
from curation.withhold.rephrased import Rephrased
from curation.withhold.rephrased_hits import REPHRASED_THRESHOLDS, RephrasedHits
from curation.withhold.text_hits import TextHits, index_of
from curation.withhold.withheld_texts import read_texts
from schemas import DOCUMENTS, PAIR_HITS, Table

Layer: TypeAlias = TextHits | HashHits | NumberHits | RephrasedHits
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
    """Finds pairs that hold an item of a benchmark, by the layers that look at documents: word for word, as an audit does, by values,
    and, since pairs are short, in other words; and those that say what a withheld text says, by the rules of the audit.

    The best hit of an item (or withheld text), layer and pair is a row. Questions are looked at by themselves, too: reasoning may be long.
    """

    name: ClassVar[str] = "pair_hits"
    version: ClassVar[int] = 6
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {MADE_PAIRS.name: _READ}
    provides: ClassVar[Table] = PAIR_HITS

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)
    """Those with items or withheld texts."""
    rephrased: Rephrased = Rephrased()

    def identity(self) -> dict[str, Any]:
        """As of every step, with the steps that look at pairs; of benchmarks only their items and withheld texts count."""
        identity = super().identity()
        identity["config"] = {}
        texts = tuple(b for b in self.benchmarks if b.texts)
        layers = (*self._layers(), *((CopyHits(benchmarks=texts),) if texts else ()))
        identity["layers"] = [step.identity() for step in layers]
        return identity

    def reads(self) -> Requires:
        more = {REPHRASED_THRESHOLDS.name: REPHRASED_THRESHOLDS.columns} if self._asked() else {}
        return {**self.requires, **more}

    def _asked(self) -> tuple[Benchmark, ...]:
        return tuple(b for b in self.benchmarks if b.items)

    def _layers(self) -> tuple[Layer, ...]:
        if not (asked := self._asked()):
            return ()
        by_words = TextHits(benchmarks=asked), HashHits(benchmarks=asked, of_pairs=True), NumberHits(benchmarks=asked)
        return *by_words, RephrasedHits(benchmarks=asked, rephrased=self.rephrased)

    def run(self, inputs: Inputs) -> pa.Table:
        pairs = inputs[MADE_PAIRS.name].select(list(_READ)).to_pylist()
        best: dict[str, dict[tuple[str, str, str], dict[str, Any]]] = {}
        for hit in (*self._items(inputs, pairs), *self._copies(pairs)):
            mine, key = best.setdefault(hit["doc_id"], {}), (hit["mark"], hit["layer"], hit["entry"])
            if key not in mine or hit["score"] > mine[key]["score"]:
                mine[key] = hit
        return PAIR_HITS.rows(row for pair in pairs for row in _rows(pair, best.get(pair["row_id"], {})))

    def _items(self, inputs: Inputs, pairs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Rows of HITS; their doc_id is the pair's id."""
        said = [(pair["row_id"], said_by(pair)) for pair in pairs]
        asked = [(pair["row_id"], pair["question"]) for pair in pairs]
        # as an audit reads them: each text, and messages and columns as one
        alone = [(pair["row_id"], text) for pair in pairs for text in (*said_by_pair(pair), pair["evidence"] or "")]
        for step in self._layers():
            yield from _found(step, said, inputs)
            if isinstance(step, RephrasedHits):
                yield from _found(step, asked, inputs)
            elif isinstance(step, HashHits):
                yield from ({**hit, "spans": None} for hit in _found(step, alone, inputs))

    def _copies(self, pairs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """The same of pairs that say what a withheld text says; a sentence of evidence is enough."""
        for benchmark in self.benchmarks:
            if not benchmark.texts:
                continue
            index = copy_index(benchmark)
            for pair in pairs:
                alone = Hashed(pair["evidence"])
                said = (match for text in said_by_pair(pair) for match in index.by_copies(Hashed(text)))
                for match in (*said, *index.by_copies(alone, MIN_EVIDENCE, MIN_EVIDENCE_SHARED)):
                    if match.found:
                        told = f"{match.score} of 1,000 n-grams of the shorter text are in both, this and {match.entry}"
                        hit = {"layer": match.layer, "rule": match.rule, "entry": match.entry, "score": match.score}
                        yield {"doc_id": pair["row_id"], "mark": benchmark.name, "evidence": told, **hit}

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Pairs, and by benchmark those with a hit, and what they hold: items or withheld texts."""
        told: dict[str, dict[str, Any]] = {}
        hits = made[PAIR_HITS.name]
        for mark in sorted(hits["mark"].unique().to_pylist()):
            mine = hits.filter(pc.equal(hits["mark"], mark))
            entries = sorted(set(mine["entry"].to_pylist()))
            told[mark] = {"pairs": pc.count_distinct(mine["pair_id"]).as_py(), "entries": entries}
        return {"pairs": inputs[MADE_PAIRS.name].num_rows, "benchmarks": told}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What each benchmark's items and withheld texts matched among the pairs of the corpus."""
        parts, joins = list(summaries), []
        asked = self._asked()
        items = Counter(entry.benchmark for entry in index_of(asked).entries) if asked else Counter[str]()
        count = sum(part["pairs"] for part in parts)
        for b in sorted(self.benchmarks, key=lambda b: b.name):
            mine = [part["benchmarks"][b.name] for part in parts if b.name in part["benchmarks"]]
            of_all = items[b.name] + (len(read_texts(b)["entry"].unique()) if b.texts else 0)
            given = Side(
                "items and texts" if b.texts else "items", of_all, len({e for told in mine for e in told["entries"]})
            )
            found = Side("pairs", count, sum(told["pairs"] for told in mine))
            joins.append(Join(Kind.WITHHELD_PAIRS, b.name, given, found).to_json())
        return {"joins": joins}


def _found(step: Layer, texts: Sequence[tuple[str, str]], inputs: Inputs) -> list[dict[str, Any]]:
    """Hits of a step that looks at documents in some texts, by their names."""
    documents = DOCUMENTS.rows({"doc_id": name, "text": text, "status": "ok"} for name, text in texts)
    untitled = pa.table({"doc_id": documents["doc_id"], "title": pa.nulls(len(texts), pa.string())})
    hits: list[dict[str, Any]] = step.run(Inputs({**inputs, "documents": documents, METADATA: untitled})).to_pylist()
    return hits


def _rows(
    pair: Mapping[str, Any], hits: Mapping[tuple[str, str, str], Mapping[str, Any]]
) -> Iterator[dict[str, object]]:
    for n, key in enumerate(sorted(hits)):
        found, name = hits[key], pair["row_id"]
        yield {**found, "doc_id": pair["doc_id"], "row_id": f"{name}/{n:04d}", "pair_id": name}
