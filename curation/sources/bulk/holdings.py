"""What lies in a folder of fetched tars, told by a receipt a tar, so that nothing is fetched twice.

src/arXiv_src_0001_001.tar      a tar, whole or only its wanted members, under its name in the bucket
.fetch/receipts/src/...json     what it is, written after it
.fetch/parts/                   the one that is under way
.fetch/quarantine/src/...       one whose bytes are not what the manifest says, and why
.fetch/plan.json, spent.log     what the folder is for, and what was asked of the bucket
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from curation.errors import RunError
from curation.place import FolderPlace
from curation.sources.bulk.manifest import Chunk

STATE = ".fetch"
"""Folder of what is no tar; hidden, so that a source leaves it out."""
T = TypeVar("T")


TRIES = 2
"""A tar whose bytes are wrong is fetched once more; then something else is wrong than the transfer."""


class Kept(StrEnum):
    """What is kept of a tar."""

    ALL = "all"
    WANTED = "wanted"


class State(StrEnum):
    """How a tar stands in a folder."""

    THERE = "there"
    MISSING = "not fetched yet"
    REWRITTEN = "there as an older manifest had it"
    NEWER = "there as a newer manifest has it"
    LOST = "fetched, and gone or changed since"
    OTHER = "kept without papers that are wanted now"
    QUARANTINED = "quarantined"


SETTLED = frozenset({State.THERE, State.NEWER})
"""What no fetch brings again: an older manifest than the last would bring tars that the bucket has no more."""


@dataclass(frozen=True)
class Receipt:
    """A tar that was fetched and whose md5 was that of the manifest.

    Args:
        filename, md5sum, timestamp, size: as the manifest had them.
        kept: all of it, or its wanted members.
        wanted: digest of the ids that were wanted of it (`wanted_digest`); null when all is kept.
        kept_bytes, kept_md5sum: of the file here; 0 and empty when no member was wanted, and there is no file.
        members, kept_members: papers in the tar, and of them here; null when all is kept.
        absent: wanted papers in its range that it does not hold.
        note: what was odd in it.
    """

    filename: str
    md5sum: str
    timestamp: str
    size: int
    kept: Kept
    kept_bytes: int
    kept_md5sum: str
    wanted: str | None = None
    members: int | None = None
    kept_members: int | None = None
    absent: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Quarantined:
    """A tar whose bytes are others than the manifest says.

    Args:
        filename, md5sum: as the manifest has them.
        found: md5 of what came, each time.
        words: for people.
    """

    filename: str
    md5sum: str
    found: tuple[str, ...]
    words: str


def wanted_digest(items: Iterable[str]) -> str:
    """Names a set of ids."""
    return hashlib.sha256("\n".join(items).encode()).hexdigest()


class Holdings:
    """A folder of tars.

    Args:
        folder: the folder; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.place = FolderPlace(self.folder)

    def tar(self, filename: str) -> Path:
        return self.folder / filename

    def parts(self) -> Path:
        return self.folder / STATE / "parts"

    @property
    def spent_log(self) -> Path:
        return self.folder / STATE / "spent.log"

    def quarantine(self, filename: str) -> Path:
        return self.folder / STATE / "quarantine" / filename

    def receipt(self, filename: str) -> Receipt | None:
        """The receipt of a tar, None when it was never fetched."""
        return self._read(_receipt(filename), _as_receipt)

    def write_receipt(self, receipt: Receipt) -> None:
        self.write_json(_receipt(receipt.filename), asdict(receipt))

    def forget(self, filename: str) -> None:
        """Remove the receipt of a tar, so that the next fetch brings it again."""
        self.place.remove(_receipt(filename))

    def quarantined(self, filename: str) -> Quarantined | None:
        return self._read(_told(filename), lambda value: Quarantined(**{**value, "found": tuple(value["found"])}))

    def write_quarantined(self, told: Quarantined) -> None:
        self.write_json(_told(told.filename), asdict(told))

    def forget_quarantined(self, filename: str) -> None:
        """Remove a quarantined tar: another one came that is right."""
        self.place.remove(_told(filename))
        self.quarantine(filename).unlink(missing_ok=True)

    def state(self, chunk: Chunk, kept: Kept, wanted: str | None) -> State:
        """How a tar stands here, by its receipt and the size of its file.

        Args:
            wanted: digest of the ids that are wanted of it.
        """
        receipt, told = self.receipt(chunk.filename), self.quarantined(chunk.filename)
        if told is not None and told.md5sum == chunk.md5sum and len(told.found) >= TRIES:
            return State.QUARANTINED
        if receipt is None:
            return State.MISSING
        if receipt.md5sum != chunk.md5sum:
            return State.NEWER if receipt.timestamp > chunk.timestamp else State.REWRITTEN
        if (self.place.size(chunk.filename) or 0) != receipt.kept_bytes:
            return State.LOST
        if receipt.kept is Kept.WANTED and (kept is Kept.ALL or receipt.wanted != wanted):
            return State.OTHER
        return State.THERE

    def others(self, filenames: Collection[str]) -> list[str]:
        """Tars that were fetched and are none of these."""
        folder = f"{STATE}/receipts/"
        there = [listed.name.removeprefix(folder).removesuffix(".json") for listed in self.place.list(folder)]
        return [name for name in there if name not in filenames]

    def tar_bytes(self) -> int:
        """Bytes on disk of the tars, and of whatever else lies beside them."""
        return bytes_on_disk(
            path for path in self.folder.rglob("*") if STATE not in path.relative_to(self.folder).parts
        )

    def aside_bytes(self) -> int:
        """Bytes on disk of what is under way or quarantined."""
        return sum(bytes_on_disk((self.folder / STATE / name).rglob("*")) for name in ("parts", "quarantine"))

    def write_json(self, name: str, value: Any) -> None:
        with self.place.writing(name) as sink:
            sink.write((json.dumps(value, indent=1, sort_keys=True) + "\n").encode())

    def read_json(self, name: str) -> Any:
        """Raises RunError when it is no JSON."""
        return self._read(name, lambda value: value)

    def _read(self, name: str, make: Callable[[Any], T]) -> T | None:
        try:
            return make(json.loads(self.place.read(name)))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise RunError(
                f"{self.place.where(name)} is not as a fetch writes it ({error}); delete it and fetch again"
            ) from error


def bytes_on_disk(paths: Iterable[Path]) -> int:
    """Bytes that files take on the disk; none of those that are not there."""
    return sum(path.stat().st_blocks * 512 for path in paths if path.is_file())


def _as_receipt(value: Mapping[str, Any]) -> Receipt:
    known = {field.name for field in fields(Receipt)}
    made = {key: value[key] for key in known}
    return Receipt(**{**made, "kept": Kept(made["kept"]), "absent": tuple(made["absent"])})


def _receipt(filename: str) -> str:
    return f"{STATE}/receipts/{filename}.json"


def _told(filename: str) -> str:
    return f"{STATE}/quarantine/{filename}.json"
