"""The self-test of every run: plants made of the benchmarks themselves go through the very steps that documents go through.

They stand in no table of the corpus. One that is not found stops the run: what finds not even its own list withholds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from curation.artefact import content_sha256, plain_config
from curation.errors import RunError, first_names
from curation.joins import some
from curation.step import Inputs, MapStep, Requires, WholeStep
from curation.withhold.benchmark import Benchmark
from curation.withhold.hits import ListHits, RuleHits
from curation.withhold.items import read_files
from curation.withhold.lists import METADATA, WithholdLists, WithholdNames
from curation.withhold.number_hits import NumberHits, number_index
from curation.withhold.plants import ARAA, Plant, id_plants, item_plants, title_plants, value_plants
from curation.withhold.text_hits import TextHits
from schemas import DOCUMENTS, HITS, SELF_TEST, Table
from schemas import METADATA as METADATA_TABLE


class SelfTest(WholeStep):
    """Plants works and items of every benchmark, and looks whether the steps of the run find each."""

    name: ClassVar[str] = "self_test"
    version: ClassVar[int] = 3
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = SELF_TEST

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    def identity(self) -> dict[str, Any]:
        """As of every step, with the steps that are tested; what a hit does is none of it."""
        identity = super().identity()
        plain = (plain_config(b, {"allow_unmatched", "mode"}) for b in self.benchmarks)
        identity["config"]["benchmarks"] = sorted(plain, key=lambda b: str(b["name"]))
        tested = [step.identity() for b in self.benchmarks for step in _steps(b)]
        identity["tested"] = sorted({f"{t['step']} {t['version']}" for t in tested})
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        return SELF_TEST.rows(row for b in sorted(self.benchmarks, key=lambda b: b.name) for row in _tested(b))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """By benchmark what was planted, and what was missed."""
        told: dict[str, Any] = {b.name: {"planted": {}, "missed": []} for b in self.benchmarks}
        for row in made[SELF_TEST.name].to_pylist():
            mine, kind = told[row["mark"]], f"{row['layer']}, {row['plant']}"
            mine["planted"][kind] = row["planted"]
            mine["missed"] += [f"{entry} ({kind})" for entry in row["missed"]]
        idle = [name for name, mine in sorted(told.items()) if not mine["planted"]]
        warnings = [
            f"benchmark {name!r}: no work or item of it is long enough to be planted, so nothing tests that it is found"
            for name in idle
        ]
        return {"self_test": told, "warnings": warnings}

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Raises RunError where a plant was not found."""
        for name, mine in sorted(summary["self_test"].items()):
            if missed := mine["missed"]:
                raise RunError(
                    f"self-test of benchmark {name!r}: {len(missed):,} of {sum(mine['planted'].values()):,} plants made of its own "
                    f"list were not found ({first_names(list(some(missed)), len(missed))}), so what says the same in papers would be "
                    "released. Nothing is. Look whether these entries are what they should be; if they are, this is a fault of "
                    "ours to report, with the file"
                )


def _steps(benchmark: Benchmark) -> Iterator[MapStep | WholeStep]:
    if benchmark.rule is not None:
        yield RuleHits(benchmarks=(benchmark.name,))
    if benchmark.names_works():
        yield from (WithholdNames(), WithholdLists(lists=(benchmark,)), ListHits(lists=(benchmark,)))
    if benchmark.items:
        yield from (TextHits(benchmarks=(benchmark,)), NumberHits(benchmarks=(benchmark,)))


def _tested(benchmark: Benchmark) -> Iterator[dict[str, Any]]:
    seed = "".join(content_sha256(path) for path in (*filter(None, (benchmark.sources,)), *benchmark.items))
    planted: dict[str, Sequence[Plant]] = {}
    if benchmark.rule is not None:
        planted["rule"] = [Plant("spelling", None, dict(said)) for said in ARAA]
    if benchmark.sources is not None:
        works = benchmark.listed()
        planted |= {"ids": list(id_plants(seed, works)), "titles": list(title_plants(seed, works))}
    if benchmark.adapter is not None:
        planted["item sources"] = list(id_plants(seed, benchmark.named()))
        planted["numbers"] = list(value_plants(seed, number_index([benchmark]).entries))
        planted["items"] = list(item_plants(seed, read_files(benchmark.items, benchmark.adapter)))
    found = set(_found(benchmark, [plant for plants in planted.values() for plant in plants]))
    first = 0
    for layer, plants in planted.items():
        counts = Counter(plant.kind for plant in plants)
        for kind, count in counts.items():
            entries = ((n, p) for n, p in enumerate(plants, first) if p.kind == kind)
            missed = [p.entry or benchmark.name for n, p in entries if (_id(n), p.entry) not in found]
            yield {"mark": benchmark.name, "layer": layer, "plant": kind, "planted": count, "missed": missed}
        first += len(plants)


def _id(number: int) -> str:
    return f"plant-{number:06d}"


def _found(benchmark: Benchmark, plants: Sequence[Plant]) -> Iterator[tuple[str, str | None]]:
    """(doc_id, entry) of every hit, by the steps of the run."""
    made: dict[str, pa.Table] = {
        METADATA: METADATA_TABLE.rows(
            {"doc_id": _id(n), "source": "plants", "paper_id": f"sha256:{n}", "n_records": 0, "links": [], **p.metadata}
            for n, p in enumerate(plants)
        ),
        DOCUMENTS.name: DOCUMENTS.rows(
            {"doc_id": _id(n), "status": "ok", "title": p.title, "text": p.text or ""} for n, p in enumerate(plants)
        ),
    }
    for step in _steps(benchmark):
        tables = step.by_name(step.run(Inputs(made)), step.name)
        if step.provides is HITS:
            yield from zip(*(tables[HITS.name][c].to_pylist() for c in ("doc_id", "entry")), strict=True)
        else:
            made |= tables
