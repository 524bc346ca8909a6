"""Signals: what can be counted in one document. Columns, no verdict; thresholds belong to `decide`."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import pyarrow as pa

from curation.quality import language
from curation.step import Inputs, MapStep, Requires
from curation.text import masks, prose, words
from schemas import SIGNALS, Table

STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
"""The function words of Gopher's rule "at least two of" (Rae et al. 2021, arXiv:2112.11446, appendix A1.1)."""


class Signals(MapStep):
    """Measures every document; a document without text has nulls.

    Words are counted in prose: math, tables and code are masked out (`curation.text.masks`).
    """

    name: ClassVar[str] = "signals"
    version: ClassVar[int] = 3
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = SIGNALS

    def backends(self) -> dict[str, str]:
        return {"lid.176.ftz": language.model_sha256()}

    def run(self, inputs: Inputs) -> pa.Table:
        documents = inputs["documents"]
        columns: dict[str, list[object]] = {name: [] for name in SIGNALS.columns}
        for row in documents.select(["doc_id", "text"]).to_pylist():
            measured = signals_of(row["text"]) if row["text"] is not None else {}
            for name, values in columns.items():
                values.append(row[name] if name == "doc_id" else measured.get(name))
        return SIGNALS.table(columns)


def signals_of(text: str) -> dict[str, object]:
    """The signals of one text, by column of SIGNALS. Shares of nothing are 0; a language without letters is null."""
    regions = masks(text)
    rest = prose(text, regions=regions)
    found = words(rest)
    guess = language.detect(rest)
    return {
        "language": guess[0] if guess else None,
        "language_score": guess[1] if guess else None,
        "n_chars": len(text),
        "n_words": len(found),
        "mean_word_length": _share(sum(map(len, found)), len(found)),
        "alpha_word_fraction": _share(sum(1 for w in found if any(c.isalpha() for c in w)), len(found)),
        "stop_words": sum(1 for w in found if w in STOP_WORDS),
        "duplicate_line_fraction": duplicate_line_fraction(text),
        "top_ngram_fraction": top_ngram_fraction(found),
        "replacement_chars": replacement_chars(text),
        "math_fraction": _share(sum(m.end - m.start for m in regions if m.kind == "math"), len(text)),
    }


def duplicate_line_fraction(text: str) -> float:
    """Share of characters that stand in lines seen before; lines without a letter or digit (rules, `$$`) do not count.

    Gopher's "duplicate line character fraction" (Rae et al. 2021, table A1), over stripped lines.
    """
    seen: set[str] = set()
    total = repeated = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if not any(c.isalnum() for c in stripped):
            continue
        total += len(stripped)
        if stripped in seen:
            repeated += len(stripped)
        seen.add(stripped)
    return _share(repeated, total)


def top_ngram_fraction(found: list[str], n: int = 3) -> float:
    """Share of word characters in the commonest word n-gram, at most 1; 0 when none comes twice.

    Gopher's "top n-gram character fraction" (Rae et al. 2021, table A1). Overlapping occurrences count each; among
    equally common n-grams the longest counts.
    """
    grams = Counter(zip(*(found[i:] for i in range(n)), strict=False))
    most = max(grams.values(), default=0)
    if most < 2:
        return 0.0
    longest = max(sum(map(len, gram)) for gram, count in grams.items() if count == most)
    return min(1.0, most * longest / sum(map(len, found)))


def replacement_chars(text: str) -> int:
    """U+FFFD and control characters (C0, DEL, C1) but tab, line feed and carriage return."""
    return sum(1 for c in text if c == "\ufffd" or (c < "\x20" and c not in "\t\n\r") or "\x7f" <= c <= "\x9f")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
