"""One table of a run: an Arrow schema whose every field is documented, and a version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

DOC = b"doc"


def field(name: str, type_: pa.DataType, doc: str, *, nullable: bool = True) -> pa.Field:
    """An Arrow field that carries its own sentence of documentation."""
    return pa.field(name, type_, nullable=nullable, metadata={DOC: doc.encode()})


@dataclass(frozen=True)
class Table:
    """The contract of one table: what a row is, its columns, its version.

    A change of columns, types or meaning bumps `version`, which changes the fingerprint of every
    stage that writes the table; stages after it are made anew where its rows came out otherwise.
    Raises ValueError for a name that is no folder name: a table lies in `<name>-<fingerprint>` of its run.
    """

    name: str
    version: int
    doc: str
    fields: tuple[pa.Field, ...]
    sort_by: tuple[str, ...] = ()
    working: bool = False
    """A step's notes for a later step; `trace` does not tell them."""
    union: bool = False
    """Several steps fill it, with many rows a document; readers see one table."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise ValueError(
                f"table {self.name!r}: a name has lower-case letters, digits and underscores, and begins with a letter"
            )

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema; its metadata names the table and the version."""
        metadata = {"astrocorpus.table": self.name, "astrocorpus.version": str(self.version)}
        return pa.schema(self.fields, metadata=metadata)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields)

    def empty(self) -> pa.Table:
        return self.arrow.empty_table()

    def table(self, columns: dict[str, list[object]]) -> pa.Table:
        """Build a table from Python columns; a column left out is all null."""
        rows = max((len(values) for values in columns.values()), default=0)
        arrays = [pa.array(columns.get(f.name, [None] * rows), type=f.type) for f in self.fields]
        return pa.Table.from_arrays(arrays, schema=self.arrow)

    def rows(self, rows: Iterable[dict[str, object]]) -> pa.Table:
        """Build a table from one dict a row; a missing key is null, an unknown key a KeyError."""
        listed = list(rows)
        known = set(self.columns)
        for row in listed:
            if unknown := set(row) - known:
                raise KeyError(f"table {self.name} has no column {sorted(unknown)}; it has {sorted(known)}")
        return self.table({name: [row.get(name) for row in listed] for name in self.columns})

    def describe(self) -> str:
        """The table as Markdown, for people."""
        lines = [
            f"## {self.name} (version {self.version})",
            "",
            self.doc,
            "",
            "| column | type | what |",
            "|---|---|---|",
        ]
        for f in self.fields:
            lines.append(
                f"| `{f.name}` | {f.type}{'' if f.nullable else ', never null'} | {f.metadata[DOC].decode()} |"
            )
        return "\n".join(lines)
