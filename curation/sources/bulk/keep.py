"""A smaller tar: the members of one of arXiv's tars that are wanted, byte for byte as they lie there.

What a tar says is read by the one reader of headers that a listing has, so both see the same members in it. Where that reader finds
something damaged or refused, which papers lie there is not known, and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tarfile import XGLTYPE

from curation.errors import first_names
from curation.identity import parse_arxiv_id
from curation.sources.bulk.ids import squashed
from curation.sources.bulk.manifest import TAR_RECORD
from curation.sources.kinds import BZIP2, GZIP, XZ
from curation.sources.paper_names import stem_of
from curation.sources.tar_headers import BLOCK, Member, header_before, members, padded
from curation.sources.tar_members import TarFile, open_tar

_PACKED = (GZIP, BZIP2, XZ)
_DETAIL = 300
"""Characters of what is said of a member, whose name may be long."""


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
    """What a tar holds is not known for sure, so that none of it may be left out."""


def item_of(name: str) -> str | None:
    """The squashed id in the name of a member: `astro-ph0001001` of 0001/astro-ph0001001.gz, None where it has none."""
    path = PurePosixPath(name)
    stem = stem_of(path.name)
    while stem:
        if found := parse_arxiv_id(stem) or parse_arxiv_id(f"{path.parent.name}/{stem}"):
            return squashed(found.id)
        stem = stem.rpartition(".")[0]
    return None


def keep_wanted(
    tar: Path, wanted: Collection[str], out: Path, has_room: Callable[[int], None] = lambda _: None
) -> Smaller:
    """Write the members that are wanted to another tar, with the headers that stand before them, as their bytes are.

    Members that carry no arXiv id are not kept, and told.

    Args:
        has_room: is told how many bytes are written, before; they are never more than the tar and an end mark have.

    Raises:
        UnreadableTarError: it is packed, or something in it is damaged or refused; nothing was written.
        OSError: `tar` cannot be read or `out` not be written. Whatever `has_room` raises.
    """
    asked, there, strange, count = set(wanted), set(), [], 0
    stretches: list[tuple[int, int]] = []
    with open_tar(tar) as file:
        for member, first, after in _members(file):
            count += 1
            if (item := item_of(member.name or "")) is None:
                strange.append(member.name or "")
            elif item in asked:
                there.add(item)
                stretches.append((first, after))
        size = sum(after - first for first, after in stretches)
        end = 2 * BLOCK + -(size + 2 * BLOCK) % TAR_RECORD
        has_room(size + end)
        with out.open("wb") as smaller:
            for first, after in stretches:
                smaller.writelines(file.pieces(first, after))
            smaller.write(bytes(end))
            if smaller.tell() != size + end:
                raise OSError(f"{tar} became shorter while it was read")
    note = (
        f"{len(strange):,} members have no arXiv id for their name, and were not kept: {first_names(strange)}"
        if strange
        else None
    )
    return Smaller(count, len(stretches), tuple(sorted(asked - there)), note)


def items_in(tar: Path) -> set[str]:
    """The ids of the members of a tar. Raises UnreadableTarError, OSError."""
    with open_tar(tar) as file:
        return {item for member, *_ in _members(file) if (item := item_of(member.name or "")) is not None}


def _members(file: TarFile) -> Iterator[tuple[Member, int, int]]:
    """The members of a tar, each with the stretch that says all of it: from the end of the one before to the end of its last block.

    Raises:
        UnreadableTarError: one is damaged or refused, or a header speaks of all members behind it.
    """
    if file.read_at(0, BLOCK).startswith(_PACKED):
        raise UnreadableTarError("it is packed, which no tar of arXiv's is")
    at = 0
    for member in members(file.read_at, file.size):
        if member.failure is not None or member.name is None:
            raise UnreadableTarError(member.failure.detail[:_DETAIL] if member.failure else "a member has no name")
        if not _are_its_own(file, at, member.header):
            raise UnreadableTarError(f"a header before {member.name[:_DETAIL]} speaks of other members, too")
        first, at = at, member.start + padded(member.after - member.start)
        yield member, first, at


def _are_its_own(file: TarFile, at: int, header: int) -> bool:
    """Whether what stands before a member's header is of folders and of itself: a global header is of all that follow."""
    while at < header:
        found = header_before(file.read_at, at + BLOCK)
        if found is None or file.read_at(at, BLOCK)[156:157] == XGLTYPE:
            return False
        at += BLOCK + padded(found[0])
    return at == header
