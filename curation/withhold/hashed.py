"""A benchmark as hashes: what a release may carry of it, and what others compare their texts with.

The forms are those of `schemas.audit.BENCHMARK_HASHES`; `data_cards/AUDIT.md` says them for strangers, and a verifier in the tests
is written after it. A change of any rule here is a new version of that table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.arrays import codes, numbers, to_arrow
from curation.errors import ConfigError, ContractError
from curation.parquet import conform, sort_rows
from curation.text.kernel import U64
from curation.withhold.benchmark import Benchmark
from curation.withhold.items import Item, item_digest, read_files
from curation.withhold.phrases import MIN_LEFT, NO_PHRASES, PHRASE, are_phrases, read_phrases
from curation.withhold.tokens import tokens
from schemas.audit import BENCHMARK_HASHES

Row = dict[str, object]
NGRAM = 5
"""Tokens of an n-gram, as allenai/decon has it."""
SHORT = 20
"""Tokens up to which a question counts only as a whole and with its answer."""
LEFT_OUT: Mapping[str, str] = {
    "few_tokens": f"whose question has fewer than {NGRAM} tokens",
    "no_answer_beside": f"whose question has up to {SHORT} tokens, with no answer, or too few choices, of two tokens or more beside it",
    "formulas_or_phrases": "which are formulas, or phrases that many texts share",
}
"""Why items are left out of an audit, by the key that stands in audit.json."""
HASH_BYTES = 8
DOC_ID = "doc_id:"
"""Before a doc_id among ids: it says where a file lay in one corpus, so only a pair is asked whether it was made of that document; a document
of another corpus that lies in the same place is another paper."""


def hash_of(data: bytes) -> int:
    """64-bit hash of tokens joined by one blank, or of an id, UTF-8: anybody has sha256."""
    return int.from_bytes(hashlib.sha256(data).digest()[:HASH_BYTES], "big")


def said_by_document(title: str | None, text: str | None) -> str:
    """What is hashed of a document: its title, which may ask what the text answers, a blank line, and its text."""
    return "\n\n".join(part for part in (title, text) if part)


def said_by_pair(row: Mapping[str, Any]) -> list[str]:
    """What a pair says: its messages, its prompt and completion, and its question, reasoning and answer, each alone, since one may be a copy
    beside a long other one, and joined, without evidence and with it, since one may ask what another answers; a blank line between. Evidence
    alone is apart. What stands in two columns, as a released prompt and completion say what the messages do, is there once: it is compared once."""
    messages = [message["content"] for message in row["messages"] or ()]
    halves = [message["content"] for name in ("prompt", "completion") for message in row.get(name) or ()]
    columns = [row["question"], row["reasoning"], row["answer"]]
    whole = [row["question"], row["evidence"], row["reasoning"], row["answer"]]
    joined = ("\n\n".join(filter(None, parts)) for parts in (messages, halves, columns, whole))
    return list(dict.fromkeys(filter(None, (*messages, *halves, *columns, *joined))))


def telling(words: Sequence[str], n: int) -> npt.NDArray[np.bool_]:
    """Whether each n-gram may match: it has a letter, and at most half of its tokens have one character. Formulas have others."""
    if len(words) < n:
        return np.zeros(0, bool)
    known = {word: (len(word) == 1, any(map(str.isalpha, word))) for word in set(words)}
    alone, lettered = np.array([known[word] for word in words], np.int64).T
    window = np.ones(n, np.int64)
    few: npt.NDArray[np.bool_] = 2 * np.convolve(alone, window, "valid") <= n
    return few & (np.convolve(lettered, window, "valid") > 0)


def pieces(words: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """(place, n-gram) of a field, which do not overlap: of `NGRAM` tokens each, the last with those that are left, too; a field of fewer is
    one. Whoever knows one of them knows nothing of the next, which has `NGRAM` tokens of its own to be guessed at once."""
    last = max(0, len(words) // NGRAM - 1) * NGRAM
    for place in range(0, last + 1 if words else 0, NGRAM):
        yield place, words[place : place + NGRAM if place < last else len(words)]


def id_rows(benchmark: str, entry: str, ids: Iterable[str]) -> Iterator[Row]:
    """Rows of layer identity.

    Args:
        ids: `arXiv:..`, `doi:..`, `bibcode:..`, `sha256:..` of a content, or a doc_id behind `DOC_ID`.
    """
    for key in sorted(set(ids)):
        yield {
            "benchmark": benchmark,
            "layer": "identity",
            "entry": entry,
            "part": "id",
            "n": 0,
            "place": 0,
            "hash": hash_of(key.encode()),
        }


def text_rows(benchmark: str, entry: str, words: Sequence[str], digest: str) -> Iterator[Row]:
    """Rows of layer copy: every fifth n-gram of a withheld text, so that none overlaps another one, each once. Their places are not told, nor
    how often they stand. A text of fewer than `NGRAM` tokens has none.

    Args:
        digest: sha256 of the text.
    """
    at = np.flatnonzero(telling(words, NGRAM)[::NGRAM]) * NGRAM
    for found in sorted({hash_of(" ".join(words[i : i + NGRAM]).encode()) for i in at.tolist()}):
        row: Row = {"benchmark": benchmark, "layer": "copy", "entry": entry, "digest": digest, "part": "text"}
        yield {**row, "n": NGRAM, "place": 0, "hash": found}


def field_rows(
    benchmark: str, entry: str, digest: str, part: str, words: Sequence[str], phrases: U64 = NO_PHRASES
) -> Iterator[Row]:
    """Rows of layer text: the n-grams of a field of an item. Those that do not tell are left out, but for choices and short answers,
    which count only beside their question; of these one of a single token has none, which would be guessed at once and stands everywhere."""
    companion = is_companion(part, len(words))
    if companion and len(words) < 2:
        return
    aside = phrases_in(part, words, phrases)
    if aside is None:
        return
    for place, gram in pieces(words):
        if place not in aside and (companion or telling(gram, len(gram)).all()):
            row: Row = {"benchmark": benchmark, "layer": "text", "entry": entry, "digest": digest, "part": part}
            yield {**row, "n": len(gram), "place": place, "hash": hash_of(" ".join(gram).encode())}


def phrases_in(part: str, words: Sequence[str], phrases: U64) -> Collection[int] | None:
    """Places of the n-grams of a long field that are phrases which many texts share, and so are set aside; None where fewer than `MIN_LEFT`
    are left. Of a field that counts only with another one, or as a whole with its answer, none is; nor its last one, which tells its length."""
    if len(words) <= SHORT or is_companion(part, len(words)):
        return ()
    begins, told = are_phrases(words, phrases), list(pieces(words))
    aside = [place for place, gram in told if begins[place : place + len(gram) - PHRASE + 1].all()]
    if len(told) - len(aside) < MIN_LEFT and aside:
        return None
    return [place for place in aside if place != told[-1][0]]


def set_aside(items: Iterable[Item], phrases: U64) -> int:
    """How many n-grams of items are not looked for, since they are phrases."""
    count = 0
    for item in items:
        for part, text in fields_of(item).items():
            words = tokens(text or "")
            aside = phrases_in(part, words, phrases)
            count += len(list(pieces(words)) if aside is None else aside)
    return count


def item_rows(benchmark: str, item: Item, phrases: U64 = NO_PHRASES) -> Iterator[Row]:
    """Rows of an item: its fields, without what of them is phrases that many texts share. Where there are choices answer and
    explanation have no rows, which would tell who has the questions which choice is right."""
    digest = item_digest(item)
    for part, text in fields_of(item).items():
        yield from field_rows(benchmark, item.item_id, digest, part, tokens(text or ""), phrases)


def fields_of(item: Item) -> dict[str, str | None]:
    """The fields of an item that have rows, by part. Choices are sorted: in some files the right one is always the first. Where there are
    choices the explanation has none: it says which one is right, in words that are guessed (`the answer is C`)."""
    fields: dict[str, str | None] = {"question": item.question, "passage": item.passage}
    choices: dict[str, str | None] = {f"choice/{i}": text for i, text in enumerate(sorted(item.choices))}
    return fields | (choices or {"explanation": item.explanation, "answer": item.answer})


def is_companion(part: str, length: int) -> bool:
    """Whether a field says something only beside its question: a choice, or an answer of at most `SHORT` tokens."""
    return part.startswith("choice/") or (part == "answer" and length <= SHORT)


def why_left_out(item: Item) -> str:
    """Why an item of which no hash can be found in a document is left out, as a key of `LEFT_OUT`."""
    length = len(tokens(item.question))
    return "few_tokens" if length < NGRAM else "no_answer_beside" if length <= SHORT else "formulas_or_phrases"


def hashes_table(rows: Iterable[Row]) -> pa.Table:
    """The table of some rows, each once, in its order."""
    return _in_order(BENCHMARK_HASHES.rows(rows))


def hashes_of_benchmark(benchmark: Benchmark) -> pa.Table:
    """The ids of a benchmark's sources, be they of its list or named by its items, and the fields of its items as hashes. Titles have none: they are matched with some leeway.

    Raises:
        ConfigError: a file of the benchmark cannot be read, or holds nothing.
    """
    rows: list[Row] = []
    for work in (*benchmark.listed(), *benchmark.named()):
        rows += id_rows(benchmark.name, work.place, work.ids)
    for item in read_files(benchmark.items, benchmark.adapter) if benchmark.adapter is not None else ():
        rows += item_rows(benchmark.name, item, read_phrases(benchmark.phrases))
    return hashes_table(rows)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of several tables, in their order."""
    return _in_order(pa.concat_tables(tables))


def _in_order(table: pa.Table) -> pa.Table:
    """Rows sorted, and the values of dictionaries, so that equal rows are equal bytes however they came together."""
    table = sort_rows(table, BENCHMARK_HASHES.sort_by)
    columns = [_with_sorted_values(c) if pa.types.is_dictionary(c.type) else c for c in table.columns]
    return pa.table(columns, schema=table.schema).combine_chunks()


def _with_sorted_values(column: pa.ChunkedArray) -> pa.Array:
    one = column.unify_dictionaries().combine_chunks()
    at = codes(column)
    used = np.flatnonzero(np.bincount(at[at >= 0], minlength=len(one.dictionary)))
    values = one.dictionary.take(to_arrow(used))
    order = numbers(pc.sort_indices(values))
    place = np.full(len(one.dictionary) + 1, -1, np.int32)
    place[used[order]] = np.arange(len(used))
    mine = place[at]
    return pa.DictionaryArray.from_arrays(to_arrow(mine, mine < 0), values.take(to_arrow(order)))


def read_hashes(path: Path) -> pa.Table:
    """A file of benchmark hashes: an index of withheld texts, or what a release carries.

    Raises:
        ConfigError: it cannot be read, is no such file, of another version, or empty.
    """
    try:
        table = pq.read_table(path)
        made = (table.schema.metadata or {}).get(b"astrocorpus.version", b"none").decode()
        table = conform(table, BENCHMARK_HASHES.arrow, str(path))
    except (OSError, pa.ArrowException, ContractError) as error:
        raise ConfigError(
            f"{path} is no file of benchmark hashes ({error}); `astrocorpus artefact withheld-texts` makes one"
        ) from error
    if made != str(BENCHMARK_HASHES.version):
        raise ConfigError(
            f"{path} holds hashes of version {made}, and {BENCHMARK_HASHES.version} is read: make it anew with `astrocorpus artefact "
            "withheld-texts`"
        )
    if not table.num_rows:
        raise ConfigError(f"{path} holds no hash: nothing would be found")
    return table
