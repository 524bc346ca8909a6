"""Whether a data file of a release holds what its table has and no more: what nobody reads must not go out with it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from schemas._table import Table
from schemas.manifest import DataFile, Manifest, ManifestError
from schemas.tables import PAIRS, RELEASE

KINDS: Mapping[str, Table] = {"documents": RELEASE, "pairs": PAIRS}
"""By kind of a data file the table whose rows it holds."""
_ARROW = b"ARROW:schema"
"""Key under which Arrow keeps the schema in a Parquet footer."""
_FIELD_ID = b"PARQUET:field_id"
"""What Arrow tells of a column when it reads one."""
_WRITER = re.compile(r"parquet-cpp-arrow version [\d.]{1,20}(?:-SNAPSHOT)?")
MEND = "a release holds what its tables have and no more; make it again from its run"
"""What to do about what no run of ours has written."""


def check_schema(manifest: Manifest, file: DataFile) -> None:
    """Compare a data file's columns, their types and the words of its footer with the table of its kind. Columns may lack; that a
    text is coded otherwise (a dictionary, short offsets) is no other type. A kind that has no table is not compared.

    Raises:
        ManifestError: it is no Parquet file, has a column twice, one that the table does not have or of another type, or a key or
            value in its footer that we do not write, or another writer than pyarrow. The text names file and column, or key.
    """
    if (table := KINDS.get(file.kind)) is None:
        return
    where = manifest.where(file)
    try:
        with pq.ParquetFile(manifest.source(file)) as shard:
            schema, kept = shard.schema_arrow, (shard.metadata.metadata or {}).get(_ARROW)
            writer = shard.metadata.created_by
        schemas = [schema] if kept is None else [schema, pa.ipc.read_schema(pa.BufferReader(base64.b64decode(kept)))]
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ManifestError(f"{where}: no Parquet file ({error}); build the release again") from error
    if not _WRITER.fullmatch(writer):
        raise ManifestError(f"{where}: footer: written by {writer[:80]!r}, which is not pyarrow: {MEND}")
    for found in schemas:
        _check_words(f"{where}: footer", found, table.arrow.metadata)
        _check_columns(where, found, table)


def _check_columns(where: str, schema: pa.Schema, table: Table) -> None:
    known = {field.name: field for field in table.fields}
    for name in schema.names:
        if name not in known:
            raise ManifestError(f"{where}: column {name!r} is none of the table {table.name}: {MEND}")
        if schema.names.count(name) > 1:
            raise ManifestError(f"{where}: column {name!r} stands there twice: {MEND}")
        field, mine = schema.field(name), known[name]
        if _plain(field.type) != _plain(mine.type):
            raise ManifestError(f"{where}: column {name} is of type {field.type}, not {mine.type}: {MEND}")
        for inner in _inside(field):
            _check_words(f"{where}: column {name}", inner, mine.metadata)


def _check_words(what: str, told: pa.Schema | pa.Field, ours: Mapping[bytes, bytes]) -> None:
    words = told.metadata or {}
    if words and not told.equals(told.with_metadata(words), check_metadata=True):
        raise ManifestError(f"{what}: a key stands there twice: {MEND}")
    for key, value in words.items():
        if key != _FIELD_ID and ours.get(key) != value:
            said = "another value of the key" if key in ours else "a key that we do not write,"
            raise ManifestError(f"{what}: {said} {key.decode('utf-8', 'replace')[:80]!r}: {MEND}")


def _plain(kind: pa.DataType) -> str:
    """A type without what only tells how its values are coded."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list<{_plain(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{', '.join(f'{f.name}: {_plain(f.type)}' for f in kind)}>"
    return "string" if pa.types.is_large_string(kind) else str(kind)


def _inside(field: pa.Field) -> Iterator[pa.Field]:
    """A field, and all that it is made of."""
    yield field
    for number in range(field.type.num_fields):
        yield from _inside(field.type.field(number))
