"""A smaller tar: the members of one of arXiv's tars that are wanted, under the names that they have there."""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from curation.errors import first_names

_ITEM = re.compile(r"([a-z-]{2,12}\d{7}|\d{4}\.\d{4,5})(?:v\d+)?(?:\.[A-Za-z0-9.]+)?", re.ASCII)
_BROKEN = (tarfile.TarError, EOFError, zlib.error)


@dataclass(frozen=True)
class Smaller:
    """What came of a tar.

    Args:
        members: what it holds beside folders.
        kept: of them in the smaller one; 0: there is none.
        absent: wanted ids that no member has.
        note: what was odd in it.
    """

    members: int
    kept: int
    absent: tuple[str, ...]
    note: str | None


class UnreadableTarError(Exception):
    """The tar cannot be read to its end, so that members may be missing."""


def item_of(name: str) -> str | None:
    """The squashed id in the name of a member: `astro-ph0001001` of 0001/astro-ph0001001.gz."""
    match = _ITEM.fullmatch(PurePosixPath(name).name)
    return match[1] if match else None


def keep_wanted(tar: Path, wanted: Collection[str], out: Path) -> Smaller:
    """Write the members that are wanted to another tar; one member's bytes pass in blocks.

    Members that carry no arXiv id, links and sparse files are not kept, and told. A tar that is packed, or ends without padding, is read too.

    Raises:
        UnreadableTarError: it is broken before its end.
        OSError: `out` cannot be written.
    """
    asked, there, strange, count, kept = set(wanted), set(), [], 0, 0
    with _opened(tar) as file, tarfile.open(out, mode="w", format=tarfile.GNU_FORMAT) as smaller:
        for info in _files(file):
            count += 1
            if (item := item_of(info.name)) is None or not info.isreg() or info.issparse():
                strange.append(info.name)
            elif item in asked:
                there.add(item)
                kept += 1
                smaller.addfile(info, _Content(file, info))
    note = (
        f"{len(strange):,} members are no files named by an arXiv id, and were not kept: {first_names(strange)}"
        if strange
        else None
    )
    return Smaller(count, kept, tuple(sorted(asked - there)), note)


def items_in(tar: Path) -> set[str]:
    """The ids of the members of a tar. Raises UnreadableTarError, OSError."""
    with _opened(tar) as file:
        return {item for info in _files(file) if (item := item_of(info.name)) is not None}


def _opened(tar: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(tar, mode="r:*")
    except _BROKEN as error:
        raise UnreadableTarError(f"it is no tar ({error})") from error


def _files(file: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """What a tar holds beside folders, in its order."""
    last: tarfile.TarInfo | None = None
    while True:
        try:
            info = file.next()
        except _BROKEN as error:
            if last is not None and _is_whole(file, last):
                return
            raise UnreadableTarError(
                f"it breaks off behind {last.name if last else 'its beginning'} ({error})"
            ) from error
        if info is None:
            return
        last = info
        if not info.isdir():
            yield info


def _is_whole(file: tarfile.TarFile, last: tarfile.TarInfo) -> bool:
    """Whether a tar that has no further header ends behind the bytes of its last member: only the padding is missing."""
    try:
        size = cast(IO[bytes], file.fileobj).seek(0, 2)
    except _BROKEN:
        return False
    end = last.offset_data + last.size
    return end <= size < -(-end // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


class _Content:
    """The bytes of a member, as `addfile` reads them; a tar that is cut inside it is told."""

    def __init__(self, file: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        self._file, self._info = cast(IO[bytes], file.fileobj), info
        self._file.seek(info.offset_data)

    def read(self, size: int = -1, /) -> bytes:
        try:
            data = self._file.read(size)
        except _BROKEN as error:
            raise UnreadableTarError(f"it breaks off in {self._info.name} ({error})") from error
        if len(data) < size:
            raise UnreadableTarError(f"it ends in {self._info.name}")
        return data
