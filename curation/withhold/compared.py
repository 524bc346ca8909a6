"""Which strings of a released row an audit compares with benchmarks, and which it takes only as one of a closed list or form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas import MODEL_TERMS, ROLES, ROUTES, SECTION_KINDS

EDGE_CHARS = 500
"""Of a value that is compared beside those of neighbouring rows: its first and last characters, all of it up to twice as many."""
ROWS_BEFORE = 50
"""Of the row group before one its last rows, whose values are compared together with those of this one."""
_SHOWN_CHARS = 80


@dataclass(frozen=True)
class Form:
    """What a column may hold: `field` of its structs, or its own values, in full.

    Args:
        said: the same in words.
    """

    pattern: re.Pattern[str]
    said: str
    field: str | None = None


@dataclass(frozen=True)
class Columns:
    """The columns of a released table that have strings.

    Args:
        texts: what trainers read, compared as `curation.withhold.audit_row` says; also with neighbouring rows.
        beside: all others that have no closed list: compared each by itself, together, with those of neighbouring rows, and as ids.
        credits: of `beside` those that say a title, which an honest paper may share with a question.
        forms: by column what its values may be; they are refused else.
    """

    texts: tuple[str, ...]
    beside: tuple[str, ...]
    credits: tuple[str, ...]
    forms: Mapping[str, Form]

    def told(self) -> dict[str, list[str]]:
        """By column how it is looked at, as audit.json tells it."""
        names = sorted({*self.texts, *self.beside, *self.forms})
        return {name: self._told(name) for name in names}

    def _told(self, name: str) -> list[str]:
        form = self.forms.get(name)
        closed = [f"{form.field or 'value'}: {form.said}"] if form else []
        ids = ["ids"] if name in self.beside else []
        return [*(["text"] if name in (*self.texts, *self.beside) else []), *ids, *closed]


def _one_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


_DIGEST = Form(re.compile(r"[0-9a-f]{64}"), "64 hex digits")
COLUMNS: Mapping[str, Columns] = {
    "documents": Columns(
        texts=("title", "text"),
        beside=(
            *("id", "paper_id", "title", "authors", "categories", "licence", "doi", "bibcode", "url", "attribution"),
            *("source", "source_id"),
        ),
        credits=("title", "attribution"),
        forms={
            "text_sha256": _DIGEST,
            "sections": Form(_one_of(SECTION_KINDS), f"one of {', '.join(SECTION_KINDS)}", "kind"),
            "categories": Form(re.compile(r"[A-Za-z][\w.:+/-]{0,39}", re.ASCII), "one word of up to 40 characters"),
            "date": Form(re.compile(r"\d{4}(?:-\d\d){0,2}", re.ASCII), "an ISO date"),
            "route": Form(_one_of(ROUTES), f"one of {', '.join(ROUTES)}"),
        },
    ),
    "pairs": Columns(
        texts=("question", "reasoning", "answer", "evidence", "messages", "prompt", "completion"),
        beside=("pair_id", "doc_id", "paper_id", "engine"),
        credits=(),
        forms={
            "engine": Form(re.compile(r"[\w.:+/@-]{1,100}", re.ASCII), "one word of up to 100 characters"),
            "text_sha256": _DIGEST,
            "model_terms": Form(_one_of(MODEL_TERMS), f"one of {', '.join(MODEL_TERMS)}"),
            **dict.fromkeys(
                ("messages", "prompt", "completion"), Form(_one_of(ROLES), f"one of {', '.join(ROLES)}", "role")
            ),
        },
    ),
}
"""By kind of a data file: every column that has strings stands in one of them at least."""


def misfit(kind: str, rows: pa.Table) -> str | None:
    """The first value that stands in no closed list of its column, in words; None where all do. Columns that are not there fit."""
    for name, form in COLUMNS[kind].forms.items():
        for value in _values(rows[name], form.field) if name in rows.column_names else ():
            if not form.pattern.fullmatch(value):
                what = f"column {name}" if form.field is None else f"column {name}, {form.field}"
                return f"{what} has {value[:_SHOWN_CHARS]!r}, which is not {form.said}"
    return None


def _values(column: pa.ChunkedArray, field: str | None) -> list[str]:
    """The different values of a column, or of a field of the structs in it, without null."""
    while pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.list_flatten(column)
    if field is not None:
        column = pc.struct_field(column, field)
    return [value for value in pc.unique(column).to_pylist() if value is not None]


def beside_texts(row: Mapping[str, Any], columns: Columns) -> dict[str, str]:
    """By column, in their order, the values that stand beside the text of a row; those of a list with a blank between them."""
    values = {name: row[name] for name in columns.beside}
    said = {name: " ".join(filter(None, v)) if isinstance(v, list) else v for name, v in values.items()}
    return {name: value for name, value in said.items() if value}


def runs(values: Sequence[Any]) -> Iterator[list[tuple[int, str]]]:
    """(row, text) of a column's values as they follow one another, a long one ending one run with its beginning and opening the next with
    its end; of lists all texts. Runs of a single row are left out: what stands in one is compared by itself."""
    run: list[tuple[int, str]] = []
    for row, value in enumerate(values):
        text = _joined(value)
        if len(text) > 2 * EDGE_CHARS:
            yield from [[*run, (row, text[:EDGE_CHARS])]] if run else []
            run = [(row, text[-EDGE_CHARS:])]
        elif text:
            run.append((row, text))
    yield from [run] if len(run) > 1 else []


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "\n\n".join(filter(None, (v["content"] if isinstance(v, Mapping) else v for v in value)))
    return value or ""
