"""The tables that a run has so far: which files hold them. Kept small: there is one entry a part and table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.engine.fingerprint import digest
from pipelines.engine.receipt import Receipt
from pipelines.engine.stage import Layout


@dataclass(frozen=True, slots=True)
class PartFile:
    """A file of a table."""

    part: int
    file: str
    rows: int
    sha256: str
    bytes: int = 0


@dataclass
class MadeTable:
    """A finished table, or in a dry run what is known of it: of each stage that fills it, a file a part."""

    layout: Layout
    many: bool = False
    fillers: dict[str, tuple[PartFile, ...]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether it is not co-partitioned with papers."""
        return self.layout is not Layout.PARTS

    def all(self) -> list[PartFile]:
        return [part for parts in self.fillers.values() for part in parts]

    def files(self) -> tuple[str, ...]:
        return tuple(part.file for part in self.all())

    def by_part(self) -> dict[int, tuple[PartFile, ...]]:
        """The files of each part, one for each stage that fills the table."""
        found: dict[int, tuple[PartFile, ...]] = {}
        for part in sorted(self.all(), key=lambda p: p.part):
            found[part.part] = (*found.get(part.part, ()), part)
        return found

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.all())

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.all())

    @property
    def digest(self) -> str:
        return files_digest(self.all())


def files_digest(files: Iterable[PartFile]) -> str:
    """Digest of what files hold, whatever their order; of one file its own."""
    digests = sorted(file.sha256 for file in files)
    return digests[0] if len(digests) == 1 else digest(digests)


def files_of(table: str, main: str, receipts: Iterable[Receipt]) -> tuple[PartFile, ...]:
    """The files of one table of a stage, whose main table is `main`, in the order of the parts."""
    found = []
    for receipt in receipts:
        file = receipt if table == main else receipt.beside[table]
        found.append(PartFile(receipt.part, file.file, file.rows, file.sha256, file.bytes))
    return tuple(sorted(found, key=lambda f: f.part))
