"""The self-test of every run: plants made of the benchmarks themselves go through the very steps that documents go through.

They stand in no table of the corpus. One that is not found stops the run: what finds not even its own list withholds nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from curation.artefact import content_sha256, plain_config
from curation.errors import RunError, first_names
from curation.joins import some
from curation.step import Inputs, MapStep, Requires, WholeStep
from curation.text import text_sha256
from curation.withhold.benchmark import Benchmark
from curation.withhold.copy_hits import CopyHits
from curation.withhold.hashed import hashes_table, id_rows, text_rows
from curation.withhold.hits import ListHits, RuleHits
from curation.withhold.items import read_files
from curation.withhold.lists import METADATA
from curation.withhold.number_hits import NumberHits, number_index
from curation.withhold.plants import (
    ARAA,
    COPIED,
    COPIED_ENTRY,
    COPIED_ID,
    Plant,
    copy_plants,
    id_plants,
    item_plants,
    question_plants,
    title_plants,
    value_plants,
)
from curation.withhold.rephrased import Rephrased, questions_of
from curation.withhold.rephrased_hits import REPHRASED_THRESHOLDS, RephrasedHits
from curation.withhold.steps import hit_steps
from curation.withhold.text_hits import TextHits, index_of
from curation.withhold.tokens import tokens
from schemas import DOCUMENTS, HITS, SELF_TEST, Table
from schemas import METADATA as METADATA_TABLE


class SelfTest(WholeStep):
    """Plants works, items and texts of all benchmarks together, and looks whether the steps of the run find each, in the tables and files
    that the run has.

    What was withheld cannot be told from its hashes, so a text of ours stands among those of every index of withheld texts.
    """

    name: ClassVar[str] = "self_test"
    version: ClassVar[int] = 8
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = SELF_TEST

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)
    rephrased: Rephrased = Rephrased()

    def reads(self) -> Requires:
        asked = any(b.items for b in self.benchmarks)
        return {REPHRASED_THRESHOLDS.name: REPHRASED_THRESHOLDS.columns} if asked else {}

    def identity(self) -> dict[str, Any]:
        """As of every step, with the steps that are tested; what a hit does is none of it."""
        identity = super().identity()
        plain = (plain_config(b, {"allow_unmatched", "mode"}) for b in self.benchmarks)
        identity["config"]["benchmarks"] = sorted(plain, key=lambda b: str(b["name"]))
        tested = (step.identity() for step in hit_steps(self.benchmarks, self.rephrased))
        identity["tested"] = sorted(f"{told['step']} {told['version']}" for told in tested)
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        mine = sorted(self.benchmarks, key=lambda b: b.name)
        plants = [
            (b.name, layer, plant) for b in mine for layer, found in planted(b, self.rephrased) for plant in found
        ]
        with TemporaryDirectory() as folder:
            steps = hit_steps([with_text(b, Path(folder)) for b in mine], self.rephrased)
            hits = set(_found(steps, [plant for *_, plant in plants], inputs))
        return SELF_TEST.rows(told(plants, lambda n, mark, layer, p: (FOUND_BY[layer], _id(n), mark, p.entry) in hits))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """By benchmark what was planted, and what was missed."""
        told: dict[str, Any] = {b.name: {"planted": {}, "missed": []} for b in self.benchmarks}
        for row in made[self.provides.name].to_pylist():
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


FOUND_BY: Mapping[str, str] = {
    "rule": RuleHits.name,
    "ids": ListHits.name,
    "titles": ListHits.name,
    "item sources": ListHits.name,
    "copies": CopyHits.name,
    "items": TextHits.name,
    "numbers": NumberHits.name,
    "rephrased": RephrasedHits.name,
}
"""What is planted -> the step that must find it: another one that does, too, would hide that it is blind."""


def planted(benchmark: Benchmark, rephrased: Rephrased) -> Iterator[tuple[str, Iterable[Plant]]]:
    """Plants of a benchmark, by layer; none of items of phrases, which are told as such."""
    files = (*filter(None, (benchmark.sources,)), *benchmark.items, *benchmark.texts)
    seed = "".join(content_sha256(path) for path in files)
    if benchmark.rule is not None:
        yield "rule", [Plant("spelling", None, dict(said)) for said in ARAA]
    yield "ids", id_plants(seed, benchmark.listed())
    yield "titles", title_plants(seed, benchmark.listed())
    yield "item sources", id_plants(seed, benchmark.named())
    if benchmark.texts:
        yield "copies", copy_plants(benchmark.name)
    if benchmark.adapter is not None:
        items = read_files(benchmark.items, benchmark.adapter)
        yield "numbers", value_plants(seed, number_index([benchmark]).entries)
        shared = {entry.item.item_id for entry in index_of([benchmark]).of_phrases}
        yield "items", item_plants(seed, [item for item in items if item.item_id not in shared])
        yield "rephrased", question_plants(seed, questions_of(items)[0], rephrased.max_words)


def with_text(benchmark: Benchmark, folder: Path) -> Benchmark:
    """A benchmark with the text of `copy_plants` among its withheld ones."""
    if not benchmark.texts:
        return benchmark
    words, name = tokens(COPIED), benchmark.name
    rows = [*text_rows(name, COPIED_ENTRY, words, text_sha256(COPIED)), *id_rows(name, COPIED_ENTRY, [COPIED_ID])]
    path = folder / f"{hashlib.sha256(name.encode()).hexdigest()}.parquet"
    pq.write_table(hashes_table(rows), path)
    return benchmark.model_copy(update={"texts": (*benchmark.texts, path)})


def told(
    planted: Sequence[tuple[str, str, Plant]], is_found: Callable[[int, str, str, Plant], bool]
) -> Iterator[dict[str, object]]:
    """Rows of `SELF_TEST`.

    Args:
        planted: benchmark, layer and plant.
        is_found: asked with the number of a plant, its benchmark and layer, and itself.
    """
    counts = Counter((mark, layer, plant.kind) for mark, layer, plant in planted)
    missed: dict[tuple[str, str, str], list[str]] = {}
    for n, (mark, layer, plant) in enumerate(planted):
        if not is_found(n, mark, layer, plant):
            missed.setdefault((mark, layer, plant.kind), []).append(plant.entry or mark)
    for key, count in counts.items():
        mark, layer, kind = key
        yield {"mark": mark, "layer": layer, "plant": kind, "planted": count, "missed": missed.get(key, [])}


def _id(number: int) -> str:
    return f"plant-{number:06d}"


def _found(
    steps: Sequence[MapStep | WholeStep], plants: Sequence[Plant], inputs: Inputs
) -> Iterator[tuple[str, str, str, str | None]]:
    """(step, doc_id, mark, entry) of every hit, by the steps of the run."""
    made: dict[str, pa.Table] = {
        **inputs,
        METADATA: METADATA_TABLE.rows(
            {"doc_id": _id(n), "source": "plants", "paper_id": f"sha256:{n}", "n_records": 0, "links": [], **p.metadata}
            for n, p in enumerate(plants)
        ),
        DOCUMENTS.name: DOCUMENTS.rows(
            {"doc_id": _id(n), "status": "ok", "title": p.title, "text": p.text, "text_sha256": text_sha256(p.text)}
            for n, p in enumerate(plants)
        ),
    }
    for step in steps:
        tables = step.by_name(step.run(Inputs(made)), step.name)
        if step.provides is HITS:
            hits = zip(*(tables[HITS.name][c].to_pylist() for c in ("doc_id", "mark", "entry")), strict=True)
            yield from ((step.name, *hit) for hit in hits)
        else:
            made |= tables
