"""Row groups of a release as Arrow tables, checked against the manifest when a file is first opened, and page by page
against the checksums that curation.parquet writes: what was damaged after the release was made is never delivered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import UserError
from curation.streaming.forks import ForkLock
from schemas import PAIRS, RELEASE
from schemas.manifest import DataFile, Manifest, ManifestError

TABLES = {"documents": RELEASE.arrow, "pairs": PAIRS.arrow}
"""The table of each kind. A page's checksum does not cover the footer, which says what type its bytes are."""
DAMAGED = (OSError, pa.ArrowException, UnicodeDecodeError)


class RowGroups:
    """Reads chosen columns of one row group at a time; safe to call from several threads.

    Args:
        columns: of a sample. also: others that will be asked for.

    Attributes:
        read_count: row groups read so far.
    """

    def __init__(
        self,
        manifest: Manifest,
        files: Sequence[DataFile],
        columns: Sequence[str],
        *,
        also: Sequence[str] = (),
        digest: bool,
    ) -> None:
        self._manifest = manifest
        self.files = files
        self.columns = tuple(columns)
        self._needed = tuple(dict.fromkeys([*columns, *also]))
        self._digest = digest
        self._footers: dict[int, pq.FileMetaData] = {}
        self._lock = ForkLock()
        self.read_count = 0

    def where(self, file: int) -> str:
        """The address of a file, for people."""
        return self._manifest.where(self.files[file])

    def read(self, file: int, row_group: int, columns: Sequence[str] | None = None) -> pa.Table:
        """The columns of a row group, by default those of the reader, one chunk a column.

        Raises:
            UserError: the file is damaged or not what the manifest says, or has no such column.
        """
        footer = self.footer(file)
        where = self.where(file)
        names = list(self.columns if columns is None else columns)
        try:
            source = self._manifest.source(self.files[file])
            how = {"memory_map": True} if isinstance(source, Path) else {"pre_buffer": True}  # few requests
            with pq.ParquetFile(source, metadata=footer, page_checksum_verification=True, **how) as parquet:
                table = parquet.read_row_group(row_group, columns=names, use_threads=False).combine_chunks()
        except DAMAGED as error:
            raise damaged(where, error) from error
        with self._lock:
            self.read_count += 1
        return table.select(names)

    def footer(self, file: int) -> pq.FileMetaData:
        """The footer of a file, checked when it is first asked for.

        Raises:
            UserError: as `read`.
        """
        with self._lock:
            return self._footers.get(file) or self._open(file, digest=self._digest)

    def decoded_bytes(self, file: int) -> list[int]:
        """About how many bytes all columns of each row group of a file take, decoded; without looking at its digest.

        The footer's word for whole row groups: what it says of single columns cannot be asked safely where it is damaged.

        Raises:
            UserError: as `read`.
        """
        with self._lock:
            footer = self._footers.get(file) or self._open(file, digest=False)
        return [max(0, footer.row_group(number).total_byte_size) for number in range(footer.num_row_groups)]

    def _open(self, file: int, *, digest: bool) -> pq.FileMetaData:
        entry = self.files[file]
        try:
            self._manifest.check(entry, digest=digest)
            footer = pq.read_metadata(self._manifest.source(entry))
            schema = footer.schema.to_arrow_schema()
        except ManifestError as error:
            raise UserError(str(error)) from error
        except DAMAGED as error:
            raise damaged(self._manifest.where(entry), error) from error
        groups = tuple(footer.row_group(i).num_rows for i in range(footer.num_row_groups))
        if groups != entry.row_groups:
            raise UserError(f"{self._manifest.where(entry)}: row groups {groups}, the manifest says {entry.row_groups}")
        if missing := [c for c in self._needed if c not in schema.names]:
            raise UserError(f"{entry.file} has no column {', '.join(missing)}; it has {', '.join(schema.names)}")
        table = TABLES.get(entry.kind, schema)
        if other := [c for c in self._needed if c in table.names and schema.field(c).type != table.field(c).type]:
            raise damaged(self._manifest.where(entry), f"another type of column {', '.join(other)}")
        if digest or not self._digest:
            self._footers[file] = footer
        return footer


def damaged(where: str, why: object) -> UserError:
    return UserError(f"{where}: cannot be read ({why}); the file is damaged: copy the release again")
