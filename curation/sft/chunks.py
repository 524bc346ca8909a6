"""Chunks: the passages of a released document that questions are asked about, each whole paragraphs under one heading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from curation.errors import ContractError
from curation.release.texts import reads_edits
from curation.sft.pieces import Piece, pieces_of
from curation.sft.released import released_documents
from curation.step import Inputs, MapStep, Requires
from curation.text import Offsets, text_sha256
from curation.text.sections import sections_of
from schemas import CHUNKS, DECISIONS, Left, Status, Table


class Chunks(MapStep):
    """Cuts every document that some tier releases, as it is released. Withheld and dropped ones have no row.

    Args:
        max_tokens: tokens of the longest chunk (`curation.sft.budget.count_tokens`).
        min_tokens: tokens of the shortest: less says too little to ask about.
        kinds: what chunks may be of.
        max_chunks: chunks a document at most, spread evenly over it; None: all.
    """

    name: ClassVar[str] = "chunks"
    version: ClassVar[int] = 1
    rows: ClassVar[Literal["one", "many"]] = "many"
    requires: ClassVar[Requires] = {
        "documents": ("doc_id", "status", "text", "text_sha256", "sections"),
        DECISIONS.name: ("doc_id", "tier"),
    }
    provides: ClassVar[Table] = CHUNKS

    tiers: tuple[str, ...] = ()
    """Those of the release; the config of a run says them."""
    max_tokens: int = Field(default=700, ge=32, le=100_000)
    min_tokens: int = Field(default=80, ge=1, le=100_000)
    kinds: tuple[Literal["abstract", "body", "appendix", "table"], ...] = Field(
        default=("abstract", "body", "appendix", "table"), min_length=1
    )
    max_chunks: int | None = Field(default=None, ge=1, le=1_000_000)
    edited: bool = False
    """Whether there are `texts`."""

    @model_validator(mode="after")
    def _some_chunk_fits(self) -> Self:
        if self.min_tokens > self.max_tokens // 2:
            raise ValueError(
                f"min_tokens {self.min_tokens} is above half of max_tokens {self.max_tokens}: what is cut in two would be too short"
            )
        return self

    def reads(self) -> Requires:
        return reads_edits(self.requires, self.edited)

    def run(self, inputs: Inputs) -> pa.Table:
        documents = released_documents(inputs, self.tiers)
        return CHUNKS.rows(row for document in documents.to_pylist() for row in self.chunks_of(document))

    def chunks_of(self, document: Mapping[str, Any]) -> list[dict[str, object]]:
        """The rows of one document, by column of CHUNKS, in the order of its text; of one that failed none.

        Raises:
            ContractError: the hash of the text is not the one in the row.
        """
        text = document["text"]
        if document["status"] != Status.OK or not text:
            return []
        digest = text_sha256(text)
        if document["text_sha256"] != digest:
            raise ContractError(
                f"{document['doc_id']}: text_sha256 is not that of the text; spans would point elsewhere"
            )
        offsets = Offsets(text)
        sections = None if document["sections"] is None else sections_of(document["sections"])
        found = sorted(self._chosen(_grouped(pieces_of(text, offsets, sections, self.max_tokens), self)), key=_start)
        return [
            {
                "doc_id": document["doc_id"],
                "row_id": f"{n:05d}",
                "kind": group[0].kind,
                "heading": group[0].heading,
                "text": None if reason else "\n\n".join(text[start:end] for start, end in _spans(text, group)),
                "spans": [
                    {"start": offsets.byte_of(start), "end": offsets.byte_of(end)} for start, end in _spans(text, group)
                ],
                "text_sha256": digest,
                "n_tokens": sum(piece.tokens for piece in group),
                "reason": reason,
            }
            for n, (group, reason) in enumerate(found)
        ]

    def _chosen(self, found: Iterable[tuple[list[Piece], Left | None]]) -> list[tuple[list[Piece], Left | None]]:
        """The groups, those out of the config's bounds with a reason."""
        told: list[tuple[list[Piece], Left | None]] = []
        for group, reason in found:
            if reason is None and group[0].kind not in self.kinds:
                reason = Left.KIND
            elif reason is None and sum(piece.tokens for piece in group) < self.min_tokens:
                reason = Left.SHORT
            told.append((group, reason))
        kept = sorted((n for n, (_, reason) in enumerate(told) if reason is None), key=lambda n: _start(told[n]))
        if self.max_chunks is not None and len(kept) > self.max_chunks:
            even = {kept[n * len(kept) // self.max_chunks] for n in range(self.max_chunks)}
            for n in set(kept) - even:
                told[n] = (told[n][0], Left.LIMIT)
        return told

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Chunks, by reason what is none, and the documents that they are of."""
        rows = made[CHUNKS.name]
        reasons = Counter(rows["reason"].to_pylist())
        kept = reasons.pop(None, 0)
        return {"kept": kept, "left": dict(sorted(reasons.items())), "documents": len(rows["doc_id"].unique())}


def _start(group: tuple[list[Piece], Left | None]) -> int:
    return group[0][0].start


def _grouped(pieces: Iterable[Piece], config: Chunks) -> Iterator[tuple[list[Piece], Left | None]]:
    """Pieces put together: of running text under one heading about equal chunks, of what is left out each stretch."""
    running: list[Piece] = []
    left: list[Piece] = []
    table: list[Piece] = []
    for piece in pieces:
        if left and (piece.reason != left[-1].reason or piece.heading != left[-1].heading):
            yield left, left[-1].reason
            left = []
        if table and (piece.kind != "table" or piece.table != table[-1].table):
            yield from _table(table, config)
            table = []
        if piece.reason is not None:
            left.append(piece)
        elif piece.kind == "table":
            table.append(piece)
        else:
            if running and (piece.heading, piece.kind) != (running[-1].heading, running[-1].kind):
                yield from _balanced(running, config.max_tokens)
                running = []
            running.append(piece)
    if left:
        yield left, left[-1].reason
    if table:
        yield from _table(table, config)
    yield from _balanced(running, config.max_tokens)


def _table(table: list[Piece], config: Chunks) -> Iterator[tuple[list[Piece], Left | None]]:
    yield table, Left.LONG if sum(piece.tokens for piece in table) > config.max_tokens else None


def _balanced(pieces: list[Piece], most: int) -> Iterator[tuple[list[Piece], None]]:
    """Pieces in order, in as few groups of at most `most` tokens as may be, of about equal length."""
    left = sum(piece.tokens for piece in pieces)
    groups = max(1, -(-left // most))
    group: list[Piece] = []
    tokens = 0
    for piece in pieces:
        if group and (tokens + piece.tokens > most or tokens + piece.tokens / 2 > left / groups):
            yield group, None
            left, groups = left - tokens, max(1, groups - 1)
            group, tokens = [], 0
        group.append(piece)
        tokens += piece.tokens
    if group:
        yield group, None


def _spans(text: str, group: list[Piece]) -> list[tuple[int, int]]:
    """Stretches of characters that hold the pieces, those with only white space between them as one."""
    spans: list[tuple[int, int]] = []
    for piece in group:
        if spans and not text[spans[-1][1] : piece.start].strip():
            spans[-1] = (spans[-1][0], piece.end)
        else:
            spans.append((piece.start, piece.end))
    return spans
