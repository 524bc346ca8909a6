"""Row groups of a release as Arrow tables, checked against the manifest when a file is first opened, and page by page
against the checksums that curation.parquet writes: what was damaged after the release was made is never delivered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import UserError
from schemas import PAIRS, RELEASE
from schemas.manifest import DataFile, Manifest, ManifestError

TABLES = {"documents": RELEASE.arrow, "pairs": PAIRS.arrow}
"""The table of each kind. A page's checksum does not cover the footer, which says what type its bytes are."""
_DAMAGED = (OSError, pa.ArrowException, UnicodeDecodeError)


class RowGroups:
    """Reads chosen columns of one row group at a time; safe to call from several threads.

    The row group read last is kept, because lanes of a small release share row groups.
    """

    def __init__(self, manifest: Manifest, files: Sequence[DataFile], columns: Sequence[str], *, digest: bool) -> None:
        self._manifest = manifest
        self._files = files
        self._columns = list(columns)
        self._digest = digest
        self._footers: dict[int, pq.FileMetaData] = {}
        self._last: tuple[tuple[int, int], pa.Table] | None = None
        self._lock = Lock()

    def read(self, file: int, row_group: int) -> pa.Table:
        """The columns of a row group, one chunk a column.

        Raises:
            UserError: the file is damaged or not what the manifest says, or has no such column.
        """
        with self._lock:
            if self._last is not None and self._last[0] == (file, row_group):
                return self._last[1]
            footer = self._footers.get(file) or self._open(file)
        path = self._manifest.path(self._files[file])
        try:
            with pq.ParquetFile(path, metadata=footer, memory_map=True, page_checksum_verification=True) as parquet:
                table = parquet.read_row_group(row_group, columns=self._columns, use_threads=False).combine_chunks()
        except _DAMAGED as error:
            raise _damaged(path, error) from error
        with self._lock:
            self._last = ((file, row_group), table)
        return table

    def _open(self, file: int) -> pq.FileMetaData:
        entry = self._files[file]
        try:
            self._manifest.check(entry, digest=self._digest)
            footer = pq.read_metadata(self._manifest.path(entry))
            schema = footer.schema.to_arrow_schema()
        except ManifestError as error:
            raise UserError(str(error)) from error
        except _DAMAGED as error:
            raise _damaged(self._manifest.path(entry), error) from error
        groups = tuple(footer.row_group(i).num_rows for i in range(footer.num_row_groups))
        if groups != entry.row_groups:
            raise UserError(f"{self._manifest.path(entry)}: row groups {groups}, the manifest says {entry.row_groups}")
        if missing := [c for c in self._columns if c not in schema.names]:
            raise UserError(f"{entry.file} has no column {', '.join(missing)}; it has {', '.join(schema.names)}")
        table = TABLES.get(entry.kind, schema)
        if other := [c for c in self._columns if c in table.names and schema.field(c).type != table.field(c).type]:
            raise _damaged(self._manifest.path(entry), f"another type of column {', '.join(other)}")
        self._footers[file] = footer
        return footer


def _damaged(path: Path, why: object) -> UserError:
    return UserError(f"{path}: cannot be read ({why}); the file is damaged: copy the release again")
