"""The text layer: documents that hold items of benchmarks, word for word or as OCR reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curation.joins import Kind, some
from curation.step import Inputs
from curation.text.kernel import I64
from curation.text.units import grown
from curation.withhold.benchmark import Benchmark
from curation.withhold.index import Candidate, Entry, TextIndex
from curation.withhold.item_hits import ItemHits, Key, evidence, item_join, items_of, keys_of, phrases_of, with_shown
from curation.withhold.match import Match, Span, matches
from curation.withhold.shown import shown
from curation.withhold.tokens import SHORT, Tokens, tokens_of
from schemas import HITS

NO_WORDS = "have no two words by which they might be looked up"
TOO_SHORT = f"are a question of {SHORT} words or fewer that says too little: with neither an answer nor choices, or of common words also with them"
MIN_COMMON, MAX_SHARE = 5, 100
"""An item in so many documents, and in more than one of so many, says what texts say by chance, or its file is not what it seems."""


SECONDS_A_GB, SECONDS_A_GB_AND_ITEM = 160, 0.06
"""CPU seconds a GB of text, and a GB and item, of TextHits, HashHits and NumberHits together. Measured on 1.9 MB of LaTeX of 22 papers with
questions of `tests/benchmarks/withhold.py`: TextHits 48, 242 and 517 s a GB for 300, 3,000 and 9,000, HashHits 8, 37 and 48, NumberHits 70 to 180;
reading texts as they are shown, too, takes 30 more."""


class TextHits(ItemHits):
    """Finds documents that hold a question of a benchmark with its answer or choices, its passage, or a long answer of it.

    An item in a document is a row: rule, evidence and `score`, the share of its weight that was found, per mille, are those of its best
    match; `spans` are all places of it, its answers and choices there. What can be found is told by `curation.withhold.match`, which
    says the thresholds, too.
    """

    name: ClassVar[str] = "text_hits"
    version: ClassVar[int] = 10
    reads_phrases: ClassVar[bool] = True

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        return HITS.rows(hit_rows(index_of(self.benchmarks), documents["doc_id"], documents["text"]))

    def costs(self) -> str:
        """CPU minutes a GB of text of the layers that look for items as they stand, in words and values."""
        count = sum(len(items) for items in items_of(keys_of(self.benchmarks)).values())
        minutes = (SECONDS_A_GB + SECONDS_A_GB_AND_ITEM * count) / 60
        return (
            f"withhold: looking for {count:,} items in all texts, by words and values, takes some {minutes:,.0f} CPU minutes a GB of text "
            "(measured on papers of astronomy and questions about such)"
        )

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


def index_of(benchmarks: Iterable[Benchmark]) -> TextIndex:
    """The index of the items of benchmarks, made once a process and again where a file has changed.

    Raises:
        ConfigError: a file cannot be read, or holds what is no item.
    """
    return _index(keys_of(benchmarks))


@lru_cache(maxsize=2)
def _index(keys: tuple[Key, ...]) -> TextIndex:
    return TextIndex(items_of(keys), phrases_of(keys))


def hit_rows(
    index: TextIndex, ids: pa.Array | pa.ChunkedArray, texts: pa.Array | pa.ChunkedArray
) -> Iterator[dict[str, Any]]:
    """Rows of HITS of some texts, in their order: one for every item that a text holds, as it stands or as a reader sees it.

    Args:
        ids: doc_id of each text.
    """
    found, _ = index.candidates(texts)
    names = ids.to_pylist()
    by_text: dict[int, list[Candidate]] = {}
    for candidate in found:
        by_text.setdefault(candidate.text, []).append(candidate)
    for number, name in enumerate(names):
        text = texts[number].as_py() or ""
        rows = _of_text(text, by_text.get(number, ()))
        if made := shown(text):
            again, _ = index.candidates(pa.array([made.text], pa.large_string()))
            rows = with_shown(rows, _of_text(made.text, again), made)
        for n, row in enumerate(rows):
            yield {"doc_id": name, "row_id": f"text/{n:04d}", **row}


def _of_text(text: str, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The rows of a text. Masks bring together what stood apart: what is left without the passages that were found is looked at again."""
    if not candidates:
        return []
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
