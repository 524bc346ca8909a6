"""Floors of language and quality, for every corpus."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from schemas import Reason

COLUMNS = (
    *("language", "language_score", "n_words", "stop_words", "alpha_word_fraction"),
    *("duplicate_line_fraction", "top_ngram_fraction"),
)
"""Signals that are looked at."""


class Quality(BaseModel):
    """Language and quality of prose; a null signal never drops.

    Thresholds are far below what papers measure, because Gopher's and C4's own reject astronomy papers for their math and
    tables (10 and 13 of 13 papers); only the floor of 50 words and two of the commonest function words are theirs
    (Rae et al. 2021, arXiv:2112.11446, table A1).

    Args:
        languages: ISO codes that stay.
        min_language_score: a document is dropped when another language has at least this score; above 1 none is.
        min_words, min_stop_words: counts in prose.
        min_alpha_word_fraction: share of words with a letter.
        max_duplicate_line_fraction: share of characters in repeated lines.
        max_top_ngram_fraction: share of characters in the commonest 3-gram.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    languages: tuple[str, ...] = ("en",)
    min_language_score: float = Field(default=0.5, ge=0.0, le=2.0)
    min_words: int = Field(default=50, ge=0, le=1_000_000)
    min_stop_words: int = Field(default=2, ge=0, le=1_000_000)
    min_alpha_word_fraction: float = Field(default=0.5, ge=0.0, le=1.0)
    max_duplicate_line_fraction: float = Field(default=0.5, ge=0.0, le=1.0)
    max_top_ngram_fraction: float = Field(default=0.2, ge=0.0, le=1.0)

    def broken(self, signals: pa.Table) -> Iterator[tuple[Reason, pa.ChunkedArray, pa.Array, pa.ChunkedArray]]:
        """What may be wrong with documents, in the order in which it counts.

        Args:
            signals: `COLUMNS`, a row a document.

        Yields:
            the reason; which documents it holds for (null: not); the evidence (one for all, or for each); the number behind it.
        """
        language, sure = signals["language"], signals["language_score"].cast(pa.float64())
        other = pc.invert(pc.is_in(language, value_set=pa.array(self.languages, pa.string())))
        found = pc.and_(pc.and_(other, pc.is_valid(language)), pc.greater_equal(sure, self.min_language_score))
        yield Reason.LANGUAGE, found, pc.binary_join_element_wise("language is ", language, ""), sure
        floors = (
            ("n_words", self.min_words),
            ("stop_words", self.min_stop_words),
            ("alpha_word_fraction", self.min_alpha_word_fraction),
        )
        for name, floor in floors:
            measured = signals[name].cast(pa.float64())
            yield Reason.LOW_QUALITY, pc.less(measured, floor), pa.scalar(f"{name} is below {floor}"), measured
        ceilings = (
            ("duplicate_line_fraction", self.max_duplicate_line_fraction),
            ("top_ngram_fraction", self.max_top_ngram_fraction),
        )
        for name, ceiling in ceilings:
            measured = signals[name].cast(pa.float64())
            yield Reason.LOW_QUALITY, pc.greater(measured, ceiling), pa.scalar(f"{name} is above {ceiling}"), measured
