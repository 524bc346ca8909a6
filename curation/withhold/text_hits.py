"""The text layer: documents that hold items of benchmarks, word for word or as OCR reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import pyarrow as pa
from pydantic import Field

from curation.artefact import PREFIX, content_sha256, plain_config
from curation.joins import Join, Kind, Side, some
from curation.step import Inputs, MapStep, Requires
from curation.text.kernel import I64, U64
from curation.text.units import grown
from curation.withhold.adapters import AdapterName
from curation.withhold.benchmark import Benchmark
from curation.withhold.index import Candidate, Entry, TextIndex
from curation.withhold.items import Item, read_files
from curation.withhold.match import Match, Span, matches
from curation.withhold.phrases import phrases_sha256, read_phrases
from curation.withhold.tokens import SHORT, Tokens, tokens_of
from schemas import HITS, Table

NO_WORDS = "have no two words by which they might be looked up"
TOO_SHORT = f"are a question of {SHORT} words or fewer that says too little: with neither an answer nor choices, or of common words also with them"
MIN_COMMON, MAX_SHARE = 5, 100
"""An item in so many documents, and in more than one of so many, says what texts say by chance, or its file is not what it seems."""
MAX_EVIDENCE_CHARS = 400
"""Of each of the two texts."""
Key: TypeAlias = tuple[str, AdapterName, tuple[tuple[Path, str], ...], tuple[Path | None, str]]
"""Name, layout, files and phrases of a benchmark, each file with its digest."""


class TextHits(MapStep):
    """Finds documents that hold a question of a benchmark with its answer or choices, its passage, or a long answer of it.

    An item in a document is a row: rule, evidence and `score`, the share of its weight that was found, per mille, are those of its best
    match; `spans` are all places of it, its answers and choices there. What can be found is told by `curation.withhold.match`, which
    says the thresholds, too.
    """

    name: ClassVar[str] = "text_hits"
    version: ClassVar[int] = 7
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = HITS

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    def identity(self) -> dict[str, Any]:
        """As of every step; of benchmarks only their items and phrases count."""
        identity = super().identity()
        identity["config"]["benchmarks"] = items_identity(self.benchmarks, phrases=True)
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        return HITS.rows(hit_rows(index_of(self.benchmarks), documents["doc_id"], documents["text"]))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Documents, and by benchmark those that hold an item, and which."""
        return {"documents": inputs["documents"].num_rows, "benchmarks": found_of(made[HITS.name])}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """What each benchmark's items matched in the corpus, what was set aside of them, which cannot be found, and which are found too often."""
        parts, index = list(summaries), index_of(self.benchmarks)
        joins, aside, warnings = [], {}, []
        for name in sorted(b.name for b in self.benchmarks):
            of_all = sum(entry.benchmark == name for entry in index.entries)
            joins.append(item_join(Kind.WITHHELD_ITEMS, name, parts, "items", of_all))
            wordless, untold, of_phrases = (
                [entry.item.item_id for entry in entries if entry.benchmark == name]
                for entries in (index.wordless, index.untold, index.of_phrases)
            )
            aside[name] = {
                "common_pairs": index.set_aside[name],
                "items_without_words": len(wordless),
                "items_too_short": len(untold),
                "phrases": index.in_phrases[name],
                "items_of_phrases": len(of_phrases),
            }
            warnings += [
                f"benchmark {name!r}: {len(ids):,} of {of_all:,} items {why}, so the text layer never finds them: {', '.join(some(ids))}"
                for ids, why in ((wordless, NO_WORDS), (untold, TOO_SHORT))
                if ids
            ]
            if of_phrases:
                warnings.append(
                    f"benchmark {name!r}: {len(of_phrases):,} of {of_all:,} items are phrases that many texts share, so they are found only with their "
                    f"answer or choices: {', '.join(some(of_phrases))}"
                )
            warnings += common_items(name, parts)
        return {"joins": joins, "set_aside": aside, "warnings": warnings}


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


def common_items(name: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A warning for each item of a benchmark that more documents hold than a benchmark's item would be in."""
    n_docs, counts = sum(part["documents"] for part in parts), Counter[str]()
    for part in parts:
        counts.update(part["benchmarks"].get(name, {"items": {}})["items"])
    for item, n in sorted(counts.items(), key=lambda of: (-of[1], of[0])):
        if n >= MIN_COMMON and n * MAX_SHARE > n_docs:
            yield (
                f"benchmark {name!r}: {n:,} of {n_docs:,} documents hold its item {item}: look at their evidence, for texts may say by chance "
                "what it says, and would all be withheld or masked"
            )


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
        made.append(plain_config(benchmark, others))
        if phrases:
            made[-1]["phrases"] = f"{PREFIX}{phrases_sha256(benchmark.phrases)}"
    return made


def index_of(benchmarks: Iterable[Benchmark]) -> TextIndex:
    """The index of the items of benchmarks, made once a process and again where a file has changed.

    Raises:
        ConfigError: a file cannot be read, or holds what is no item.
    """
    return _index(keys_of(benchmarks))


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


@lru_cache(maxsize=2)
def _index(keys: tuple[Key, ...]) -> TextIndex:
    return TextIndex(items_of(keys), phrases_of(keys))


def hit_rows(
    index: TextIndex, ids: pa.Array | pa.ChunkedArray, texts: pa.Array | pa.ChunkedArray
) -> Iterator[dict[str, Any]]:
    """Rows of HITS of some texts, in their order: one for every item that a text holds.

    Args:
        ids: doc_id of each text.
    """
    found, _ = index.candidates(texts)
    names = ids.to_pylist()
    by_text: dict[int, list[Candidate]] = {}
    for candidate in found:
        by_text.setdefault(candidate.text, []).append(candidate)
    for number, candidates in sorted(by_text.items()):
        text = texts[number].as_py() or ""
        for n, row in enumerate(_of_text(text, candidates)):
            yield {"doc_id": names[number], "row_id": f"text/{n:04d}", **row}


def _of_text(text: str, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The rows of a text. Masks bring together what stood apart: what is left without the passages that were found is looked at again."""
    made = tokens_of(pa.array([text], pa.large_string()))
    words, left = made.words(), np.arange(len(made.hashes))
    found: dict[tuple[str, str], tuple[Entry, list[Match]]] = {}
    while new := [(c.entry, match) for c in candidates for match in _matched(c, words, left)]:
        for entry, match in new:
            found.setdefault((entry.benchmark, entry.item.item_id), (entry, []))[1].append(match)
        places = {(int(made.starts[a]), int(made.ends[b])) for _, match in new for a, b in match.places()}
        for start, end in grown(text, places):
            left = left[(made.ends[left] <= start) | (made.starts[left] >= end)]
    return [_row(*found[key], made, text) for key in sorted(found)]


def _matched(candidate: Candidate, words: Sequence[str], left: I64) -> Iterator[Match]:
    """What stands at a candidate, of a text of which these tokens are left."""
    reach = candidate.entry.reach()
    first, last = np.searchsorted(left, [candidate.first, candidate.last]).tolist()
    near = left[max(0, first - reach) : last + reach].tolist()
    for match in matches(candidate.entry, [words[n] for n in near]):
        yield match.at(near)


def _row(entry: Entry, found: Sequence[Match], made: Tokens, text: str) -> dict[str, Any]:
    """The row of an item: its best match, and the places of all that stands there of it."""
    best, data = max(found, key=lambda match: match.score), text.encode()
    said = " ... ".join(data[made.starts[a] : made.ends[b]].decode() for a, b in sorted(set(best.spans)))
    places = joined(span for match in found for span in match.places())
    return {
        "mark": entry.benchmark,
        "layer": "text",
        "rule": best.rule,
        "evidence": evidence(entry.item, best.rule, said),
        "entry": entry.item.item_id,
        "score": best.score,
        "spans": [{"start": int(made.starts[a]), "end": int(made.ends[b])} for a, b in places],
    }


def joined(spans: Iterable[Span]) -> list[Span]:
    """Stretches of tokens, in order, those that share tokens as one."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


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
