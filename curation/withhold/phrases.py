"""Phrases that many texts share (`the rest of this paper is`): what is left of a question beside them decides, for it shares them by chance.

`PhraseCounts` finds them in a corpus, and its table, kept as a file, is what a benchmark names (`phrases`): never learned in the run that
is judged by it. A file of few comes with us, of astronomy papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import Field

from curation.arrays import numbers
from curation.artefact import content_sha256
from curation.errors import ConfigError, ContractError
from curation.joins import some
from curation.parquet import conform
from curation.step import ExchangeStep, Inputs, Requires
from curation.text.kernel import U64
from curation.withhold import sha256_kernel
from curation.withhold.tokens import SHORT, Tokens, tokens, tokens_of
from schemas import DOC_ID, Table, field

PHRASE = 5
"""Tokens of a phrase; a longer one is all of those in it."""
MIN_LEFT = 3
"""N-grams of a field that must be left beside phrases, or it is not looked for alone."""
MAX_IN_A_ROW = 12
"""Tokens of a question that may stand in phrases in a row: two or three stock phrases side by side. Phrases that were learned from texts
with the question in them take all of it."""
DEFAULT = Path(__file__).with_name("phrases.parquet")
"""Those that 3 or more of 27 papers of astronomy and its neighbours hold, each of another group."""

NO_PHRASES = np.zeros(0, np.uint64)

PHRASES = Table(
    name="phrases",
    version=1,
    working=True,
    doc="One row a run of five tokens that many documents hold; doc_id and span show it where the smallest doc_id has it.",
    fields=(
        DOC_ID,
        field("hash", pa.uint64(), "Hash of its tokens, as of n-grams in an audit.", nullable=False),
        field("n_docs", pa.int64(), "Documents that hold it.", nullable=False),
        field("span_start", pa.int64(), "First byte in the document's text.", nullable=False),
        field("span_end", pa.int64(), "Byte after the last.", nullable=False),
    ),
    sort_by=("hash",),
)


class PhraseCounts(ExchangeStep):
    """Runs of `PHRASE` tokens that at least `min_docs` documents hold, each document counted once.

    Texts that hold the benchmark itself must not be among the documents, nor copies of one text: their questions would be phrases.
    """

    name: ClassVar[str] = "phrases"
    version: ClassVar[int] = 3
    home: ClassVar[bool] = False
    order_by: ClassVar[tuple[str, ...]] = ("hash", "doc_id", "span_start")
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = PHRASES

    min_docs: int = Field(default=20, ge=2, le=1_000_000_000)

    def split(self, inputs: Inputs) -> pa.Table:
        """Columns partition, hash, doc_id, span_start, span_end; a row a document and n-gram of it."""
        documents = inputs["documents"]
        made = tokens_of(documents["text"])
        hashes = _hashes(made)
        document = np.searchsorted(made.bounds, np.arange(len(hashes)), side="right") - 1
        last = np.searchsorted(made.bounds, np.arange(len(hashes)) + PHRASE - 1, side="right") - 1
        at = np.flatnonzero(document == last)  # none begins in one text and ends in the next
        order = at[np.lexsort((hashes[at], document[at]))]
        same = (hashes[order][1:] == hashes[order][:-1]) & (document[order][1:] == document[order][:-1])
        at = np.sort(order[np.r_[True, ~same]] if len(order) else order)
        return pa.table(
            {
                "partition": pa.array((hashes[at] % np.uint64(self.partitions)).astype(np.int32)),
                "hash": pa.array(hashes[at]),
                "doc_id": documents["doc_id"].take(pa.array(document[at])),
                "span_start": pa.array(made.starts[at]),
                "span_end": pa.array(made.ends[at + PHRASE - 1]),
            }
        )

    def merge(self, rows: pa.Table) -> pa.Table:
        counted = rows.group_by("hash", use_threads=False).aggregate(
            [("doc_id", "count_distinct"), *((c, "first") for c in ("doc_id", "span_start", "span_end"))]
        )
        counted = counted.filter(pc.greater_equal(counted["doc_id_count_distinct"], self.min_docs))
        names = {"hash": "hash", "n_docs": "doc_id_count_distinct"}
        names |= {c: f"{c}_first" for c in ("doc_id", "span_start", "span_end")}
        return pa.table({c: counted[names[c]] for c in PHRASES.columns}).cast(PHRASES.arrow)


def _hashes(made: Tokens) -> U64:
    hashes = np.empty(max(0, len(made.hashes) - PHRASE + 1), np.uint64)
    sha256_kernel.ngram_hashes(made.text, made.ends_in_text, PHRASE, hashes)
    return hashes


def read_phrases(path: Path | None) -> U64:
    """The hashes of a file of phrases, sorted; of ours where none is named. Read once a process, and again when it has changed.

    Raises:
        ConfigError: it cannot be read, or is no such file.
    """
    return _read(path or DEFAULT, phrases_sha256(path))


def phrases_sha256(path: Path | None) -> str:
    """The digest of a file of phrases; of ours where none is named. Raises ConfigError as `read_phrases`."""
    return content_sha256(path or DEFAULT)


@lru_cache(maxsize=8)
def _read(path: Path, sha256: str) -> U64:
    try:
        table = conform(pq.read_table(path), PHRASES.arrow, str(path))
    except (OSError, pa.ArrowException, ContractError) as error:
        raise ConfigError(
            f"{path} is no file of phrases ({error}); `astrocorpus artefact phrases DOCS` makes one"
        ) from error
    return np.sort(numbers(table["hash"]).astype(np.uint64))


def are_phrases(words: Sequence[str], phrases: U64) -> npt.NDArray[np.bool_]:
    """Of every token at which `PHRASE` begin, whether these are a phrase."""
    if len(words) < PHRASE or not len(phrases):
        return np.zeros(max(0, len(words) - PHRASE + 1), bool)
    data = [word.encode() for word in words]
    text = np.frombuffer(b" ".join(data) + b" ", np.uint8)
    ends = np.cumsum([len(word) + 1 for word in data]) - 1
    hashes = np.empty(len(words) - PHRASE + 1, np.uint64)
    sha256_kernel.ngram_hashes(text, ends.astype(np.int64), PHRASE, hashes)
    near = np.minimum(np.searchsorted(phrases, hashes), len(phrases) - 1)
    found: npt.NDArray[np.bool_] = phrases[near] == hashes
    return found


def in_phrases(words: Sequence[str], phrases: U64) -> npt.NDArray[np.bool_]:
    """Whether each token stands in a phrase."""
    begins = are_phrases(words, phrases)
    covered = np.zeros(len(words), bool)
    for k in range(PHRASE if len(begins) else 0):
        covered[k : k + len(begins)] |= begins
    return covered


def longest_in_phrases(words: Sequence[str], phrases: U64) -> int:
    """The most tokens in a row that stand in phrases."""
    edges = np.flatnonzero(np.diff(np.r_[False, in_phrases(words, phrases), False]))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def check_phrases(path: Path | None, questions: Iterable[tuple[str, str]]) -> None:
    """That a file of phrases is none of the benchmark's own words.

    Args:
        questions: ids and questions of its items; those of `SHORT` tokens and fewer lose nothing to phrases.

    Raises:
        ConfigError: some lose more than `MAX_IN_A_ROW` tokens in a row.
    """
    phrases, lost = read_phrases(path), []
    for name, question in questions:
        words = tokens(question)
        if len(words) > SHORT and longest_in_phrases(words, phrases) > MAX_IN_A_ROW:
            lost.append(name)
    if lost:
        raise ConfigError(
            f"phrases of {path or DEFAULT} take more than {MAX_IN_A_ROW} words in a row out of {len(lost):,} questions "
            f"({', '.join(some(lost))}), which would not be looked for: the texts that it was learned from may hold the benchmark. Learn phrases "
            "of texts that do not, with `astrocorpus artefact phrases DOCS`"
        )
