"""What a member of a tar holds, read by the range of bytes that the listing saw it in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from curation.errors import PaperError
from curation.sources.content import MAX_READ_BYTES, digest
from curation.sources.members import name_in_tar
from curation.sources.paper_content import Content
from curation.sources.source import Row
from curation.sources.tar_members import TarFile, as_of, stamp_at, where_members_lie
from curation.sources.unit import Entry
from schemas import Reason


class Tars:
    """Reads members of the tars of a source. It remembers where the members of the last tar lie in which one was not where the
    listing had seen it: a tar that was written anew keeps the parts of members that are as before."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._found: dict[str, tuple[int, int]] = {}

    def look(self, tar: TarFile, entry: Entry) -> Content:
        """A member without its bytes.

        Raises:
            PaperError: TOO_LARGE; SOURCE_CHANGED when it is not the one that was listed.
        """
        name, where = _name(entry.member), entry.where
        if where is None or stamp_at(tar, where) != entry.stamp:
            where = self._find(tar, name)
        if where is None or stamp_at(tar, where) != entry.stamp:
            raise PaperError(Reason.SOURCE_CHANGED, f"{entry.member} is no longer what was listed; run again")
        _check_size(entry.member, where)
        return replace(digest(tar.pieces(*where), PurePosixPath(name).name), as_of=as_of(tar, where))

    def read(self, tar: TarFile, row: Row) -> Content:
        """A member with its bytes. Of a member that was looked at they are those, wherever they lie in the tar now, or others where
        it changed: who asks compares them.

        Args:
            row: `member`, `where`, and `content_sha256` where it was looked at.

        Raises:
            PaperError: TOO_LARGE; SOURCE_CHANGED when it is gone.
        """
        member: str = row["member"]
        if (where := row.get("where")) is not None:
            content = _content(tar, member, where)
            if content.sha256 == row.get("content_sha256"):
                return content
        where = self._find(tar, _name(member))
        if where is None:
            raise PaperError(Reason.SOURCE_CHANGED, f"{member} is no longer in the tar; run again")
        return _content(tar, member, where)

    def _find(self, tar: TarFile, name: str) -> tuple[int, int] | None:
        if tar.key != self._key:
            self._key, self._found = tar.key, where_members_lie(tar)
        return self._found.get(name)


def _content(tar: TarFile, member: str, where: tuple[int, int]) -> Content:
    _check_size(member, where)
    return Content.of(PurePosixPath(_name(member)).name, b"".join(tar.pieces(*where)))


def _check_size(member: str, where: tuple[int, int]) -> None:
    if where[1] - where[0] > MAX_READ_BYTES:
        raise PaperError(Reason.TOO_LARGE, f"{member} is larger than {MAX_READ_BYTES >> 20} MiB")


def _name(member: str) -> str:
    name = name_in_tar(member)
    if name is None:
        raise PaperError(Reason.UNREADABLE, f"{member} is no member of a tar")
    return name
