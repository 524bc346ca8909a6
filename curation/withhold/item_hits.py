"""What the steps share that look for the items of benchmarks in documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import pyarrow as pa
from pydantic import Field

from curation.artefact import PREFIX, content_sha256, plain_config
from curation.joins import Join, Kind, Side
from curation.step import Inputs, MapStep, Requires
from curation.text.kernel import U64
from curation.withhold.adapters import AdapterName
from curation.withhold.benchmark import Benchmark
from curation.withhold.items import READING, Item, read_files
from curation.withhold.phrases import phrases_sha256, read_phrases
from curation.withhold.shown import Shown
from schemas import HITS, Table

MAX_EVIDENCE_CHARS = 400
"""Of each of the two texts."""
Key: TypeAlias = tuple[str, AdapterName, tuple[tuple[Path, str], ...], tuple[Path | None, str]]
"""Name, layout, files and phrases of a benchmark, each file with its digest."""


class ItemHits(MapStep):
    """A layer that finds items of benchmarks in documents: rows of HITS."""

    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = HITS
    reads_phrases: ClassVar[bool] = False
    """Whether phrases that many texts share are set aside."""

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    def identity(self) -> dict[str, Any]:
        """As of every step; of benchmarks only their items count, and phrases where they are read."""
        identity = super().identity()
        identity["config"]["benchmarks"] = items_identity(self.benchmarks, phrases=self.reads_phrases)
        return identity

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Documents, and by benchmark those that hold an item, and which."""
        return {"documents": inputs["documents"].num_rows, "benchmarks": found_of(made[HITS.name])}


def found_of(hits: pa.Table) -> dict[str, Any]:
    """By benchmark the documents that hold an item, and the items, each with the number of documents that hold it."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in hits.select(["mark", "doc_id", "entry"]).to_pylist():
        found.setdefault(row["mark"], {}).setdefault(row["entry"], set()).add(row["doc_id"])
    return {
        name: {
            "documents": len(set().union(*mine.values())),
            "items": {item: len(ids) for item, ids in sorted(mine.items())},
        }
        for name, mine in sorted(found.items())
    }


def item_join(kind: Kind, name: str, parts: Sequence[Mapping[str, Any]], what: str, count: int) -> dict[str, Any]:
    """The join of a benchmark's items with a corpus, from the summaries of its parts."""
    mine = [part["benchmarks"].get(name, {"documents": 0, "items": {}}) for part in parts]
    items = {item for part in mine for item in part["items"]}
    documents = Side("documents", sum(part["documents"] for part in parts), sum(part["documents"] for part in mine))
    return Join(kind, name, Side(what, count, len(items)), documents).to_json()


def items_identity(benchmarks: Iterable[Benchmark], *, phrases: bool = False) -> list[dict[str, Any]]:
    """What of benchmarks counts for who looks for their items: their names and items, so that another list of works, index of texts or
    mode looks through no document again; and their phrases for who sets these aside."""
    others = set(Benchmark.model_fields) - {"name", "items", "adapter"}
    made = []
    for benchmark in sorted(benchmarks, key=lambda b: b.name):
        made.append(plain_config(benchmark, others) | {"reading": READING})
        if phrases:
            made[-1]["phrases"] = f"{PREFIX}{phrases_sha256(benchmark.phrases)}"
    return made


def keys_of(benchmarks: Iterable[Benchmark]) -> tuple[Key, ...]:
    """What an index of the items of benchmarks depends on: the content of their files counts, too."""
    keys: list[Key] = []
    for benchmark in sorted(benchmarks, key=lambda b: b.name):
        if benchmark.adapter is not None:
            files = tuple((Path(path), content_sha256(path)) for path in benchmark.items)
            phrases = (benchmark.phrases, phrases_sha256(benchmark.phrases))
            keys.append((benchmark.name, benchmark.adapter, files, phrases))
    return tuple(keys)


def items_of(keys: Iterable[Key]) -> dict[str, list[Item]]:
    """The items, by benchmark. Raises ConfigError for a file that cannot be read."""
    return {name: read_files([path for path, _ in files], adapter) for name, adapter, files, _ in keys}


def phrases_of(keys: Iterable[Key]) -> dict[str, U64]:
    """The phrases of each benchmark. Raises ConfigError as `items_of`."""
    return {name: read_phrases(path) for name, _, _, (path, _) in keys}


def item_text(item: Item, rule: str) -> str:
    """What a rule compares of an item, for people."""
    asked = item.question
    texts = {
        "question+answer": f"{asked} ... {item.answer}",
        "question+choices": " ... ".join((asked, *item.choices)),
        "passage": item.passage,
        "answer": item.answer,
        "explanation": item.explanation,
    }
    return texts.get(rule) or asked


def evidence(item: Item, rule: str, said: str) -> str:
    """Both texts of a match, for people."""
    return f"item: {cut(item_text(item, rule))} | document: {cut(said)}"


def cut(text: str) -> str:
    """A text in one line, of `MAX_EVIDENCE_CHARS` at most."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_EVIDENCE_CHARS else f"{line[:MAX_EVIDENCE_CHARS]}..."


def with_shown(rows: Iterable[dict[str, Any]], as_shown: Iterable[dict[str, Any]], made: Shown) -> list[dict[str, Any]]:
    """Rows of HITS of one text and those of the same as it is shown, a row an item: the better one, with the places of both.

    Args:
        as_shown: their spans are those of `made`; they become those of the text that is coded.
    """
    found = {(row["mark"], row["entry"]): row for row in rows}
    for row in as_shown:
        there = [made.place(span["start"], span["end"]) for span in row["spans"]]
        known = found.get((row["mark"], row["entry"]))
        if known is not None:
            there += [(span["start"], span["end"]) for span in known["spans"]]
        best = row if known is None or row["score"] > known["score"] else known
        spans: list[dict[str, int]] = []
        for start, end in sorted(there):
            if spans and start <= spans[-1]["end"]:
                spans[-1]["end"] = max(end, spans[-1]["end"])
            else:
                spans.append({"start": start, "end": end})
        found[row["mark"], row["entry"]] = {**best, "spans": spans}
    return [found[key] for key in sorted(found)]
