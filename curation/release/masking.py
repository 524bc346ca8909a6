"""What a hit of a benchmark does to a document, by the benchmark's mode, and texts without the passages that hits name.

A passage grows to whole units (`curation.text.units`), so that no half of a question stays and no formula is left open. In its place
stands `MARKER`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import ContractError
from curation.text.sections import Section, sections_of
from curation.text.units import grown
from schemas import TEXT_LAYERS

Mode: TypeAlias = Literal["withhold", "mask", "report"]
MARKER = "[withheld]"
"""What stands in the place of a passage. A plain word, so that a reader and `grep` over the shards see it and no tokenizer takes it for a
mark of control; with a letter, so that no n-gram reaches over the gap; and without the benchmark's name, which is no text to train on."""
Span: TypeAlias = tuple[int, int]


class Withheld(NamedTuple):
    """Of each hit whether it keeps its document out, and whether it does so only since masks would leave less than half of the text."""

    hits: pa.Array
    mostly_masked: pa.Array


def withholds(hits: pa.Table, documents: pa.Table, modes: Mapping[str, Mode]) -> Withheld:
    """Which hits keep their document out.

    A benchmark that `modes` does not name withholds. What is masked must have a place in the text: a hit by an id, a title or as a copy, or of a
    passage in the title, which stands in columns of its own, withholds. So do all masks of a document that would together take more than
    half of its characters: what is left of a text without full stops is a marker, and no paper.

    Args:
        hits: columns doc_id, mark, layer, spans.
        documents: columns doc_id, sections, and text where some benchmark masks; null: where the title stands is not known, so nothing
            is masked.

    Raises:
        ContractError: the spans of what is masked do not fit the text.
    """
    told = [modes.get(mark, "withhold") for mark in hits["mark"].to_pylist()]
    is_item = pc.is_in(hits["layer"], value_set=pa.array(TEXT_LAYERS)).to_pylist()
    flags, mostly = np.array([mode != "report" for mode in told], bool), np.zeros(len(told), bool)
    asked = [n for n, mode in enumerate(told) if mode == "mask"]
    if asked:
        rows = hits.select(["doc_id", "spans"]).take(pa.array(asked)).to_pylist()
        titles = _titles(documents, {row["doc_id"] for row in rows})
        placed = [
            (n, row)
            for n, row in zip(asked, rows, strict=True)
            if is_item[n] and _has_place(row["spans"], titles.get(row["doc_id"]))
        ]
        gone = _mostly_masked(documents, [row for _, row in placed])
        mostly[[n for n, row in placed if row["doc_id"] in gone]] = True
        flags[[n for n, row in placed if row["doc_id"] not in gone]] = False
    return Withheld(pa.array(flags), pa.array(mostly))


def _mostly_masked(documents: pa.Table, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """The documents of which the passages of some hits, grown to whole units, are more than half of the characters."""
    spans: dict[str, list[Span]] = {}
    for row in rows:
        spans.setdefault(row["doc_id"], []).extend((s["start"], s["end"]) for s in row["spans"])
    mine = documents.filter(pc.is_in(documents["doc_id"], value_set=pa.array(sorted(spans), pa.string())))
    found = set()
    for doc_id, text in zip(*(mine[column].to_pylist() for column in ("doc_id", "text")), strict=True):
        data = text.encode()
        try:
            pieces = grown(text, spans[doc_id])
        except ValueError as error:
            raise ContractError(f"hits of {doc_id} do not fit its text: {error}") from error
        if 2 * sum(len(data[start:end].decode()) for start, end in pieces) > len(text):
            found.add(doc_id)
    return found


def _titles(documents: pa.Table, wanted: set[str]) -> dict[str, list[Span]]:
    mine = documents.filter(pc.is_in(documents["doc_id"], value_set=pa.array(sorted(wanted), pa.string())))
    pairs = zip(*(mine[column].to_pylist() for column in ("doc_id", "sections")), strict=True)
    return {
        doc_id: [(s.start, s.end) for s in sections_of(sections) if s.kind == "title"]
        for doc_id, sections in pairs
        if sections is not None
    }


def _has_place(spans: Sequence[Mapping[str, int]] | None, titles: Sequence[Span] | None) -> bool:
    if not spans or titles is None:
        return False
    return not any(s["start"] < end and start < s["end"] for s in spans for start, end in titles)


def masked(
    text: str, sections: Sequence[Section] | None, spans: Iterable[Span]
) -> tuple[str, list[Section] | None, list[Span]]:
    """A text with `MARKER` in the place of some passages.

    Args:
        spans: UTF-8 bytes of the text.

    Returns:
        the text, its sections, moved, and the bytes of the old text that are gone. No piece crosses from one section to another, so
        each keeps a marker of its own.

    Raises:
        ValueError: a span holds nothing of the text.
    """
    data = text.encode()
    pieces = grown(text, spans)
    if sections is not None:
        pieces = [piece for span in pieces for piece in _cut(span, sections)]
    marker = MARKER.encode()
    kept, at = [], 0
    for start, end in pieces:
        kept += [data[at:start], marker]
        at = end
    ends = [end for _, end in pieces]
    moves = np.r_[0, np.cumsum([len(marker) - (end - start) for start, end in pieces], dtype=np.int64)].tolist()

    def moved(byte: int) -> int:
        return byte + int(moves[bisect_left(ends, byte + 1)])

    found = None if sections is None else [Section(s.kind, moved(s.start), moved(s.end)) for s in sections]
    return b"".join([*kept, data[at:]]).decode(), found, pieces


def _cut(span: Span, sections: Sequence[Section]) -> Iterator[Span]:
    """The pieces of a span in sections."""
    for section in sections:
        start, end = max(span[0], section.start), min(span[1], section.end)
        if start < end:
            yield start, end


def passages_of(hits: pa.Table, masks: Iterable[str]) -> dict[str, dict[Span, set[str]]]:
    """By document the passages that hits of some benchmarks name, each with those benchmarks.

    Args:
        hits: columns doc_id, mark, spans; those without spans name none.
    """
    mine = hits.filter(pc.is_in(hits["mark"], value_set=pa.array(sorted(masks), pa.string())))
    found: dict[str, dict[Span, set[str]]] = {}
    rows: list[dict[str, Any]] = mine.select(["doc_id", "mark", "spans"]).to_pylist()
    for row in rows:
        for span in row["spans"] or ():
            found.setdefault(row["doc_id"], {}).setdefault((span["start"], span["end"]), set()).add(row["mark"])
    return found
