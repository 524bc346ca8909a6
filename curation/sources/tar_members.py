"""Papers that lie in a tar, as arXiv ships them in bulk: listed by their headers, read by their range of bytes.

Which tar holds papers and which one is a paper is said in `is_container`, and nowhere else.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

from curation.errors import PaperError
from curation.identity import parse_arxiv_id
from curation.sources.data_file import is_data_file
from curation.sources.kinds import TEX_SUFFIXES, kind_of
from curation.sources.members import member_in_tar
from curation.sources.paper_names import COMPANIONS, STRAY, is_paper, names_a_paper, stem_of
from curation.sources.tar_headers import TOLD, Member, ReadAt, header_before, members
from curation.sources.unit import Entry
from schemas import Reason

WINDOW_BYTES = 4096
"""What is read at once: the end of a member, the header of the next, and its beginning lie in it."""
PIECE_BYTES = 1 << 20
"""Of a member that is read whole."""
EDGE_BYTES = 512
"""Of a member's beginning and end that its stamp is made of: gzip has the check sum of all that it holds in its last 8 bytes."""
LOOKED_AT = 16
"""Members by which a tar of papers is told from a paper."""
MAX_LOOKS = 1000
"""Members that are looked at where the first say nothing sure."""
_BULK = re.compile(r"arxiv_(?:src|pdf)_\d{4}_\d{3}\.tar", re.IGNORECASE | re.ASCII)
_YEAR_9999 = 253_370_764_800


class TarFile:
    """A tar that is read by ranges.

    Args:
        read: gives the bytes from an offset on, so many; fewer only at the end of the file.
        size: of the file.
        key: another one for another file.
        window: bytes that are read at once where fewer are asked for.
    """

    def __init__(self, read: ReadAt, size: int, key: tuple[object, ...], window: int = WINDOW_BYTES) -> None:
        self._read, self._window_bytes = read, window
        self.size, self.key = size, key
        self._at, self._window = 0, b""

    def read_at(self, offset: int, size: int) -> bytes:
        """Bytes from an offset on, fewer only at the end of the file."""
        first = offset - self._at
        if first >= 0 and first + size <= len(self._window):
            return self._window[first : first + size]
        if size > self._window_bytes:
            return self._read(offset, size)
        self._at, self._window = offset, self._read(offset, self._window_bytes)
        return self._window[:size]

    def pieces(self, first: int, after: int, piece: int = PIECE_BYTES) -> Iterator[bytes]:
        """The bytes of a range, a piece at a time; fewer where the file ends before."""
        while first < after and (data := self.read_at(first, min(piece, after - first))):
            yield data
            first += len(data)


@contextmanager
def open_tar(path: Path) -> Iterator[TarFile]:
    """A tar of this machine.

    Raises:
        OSError: it cannot be opened or read.
    """
    with path.open("rb", buffering=0) as file:
        found = os.fstat(file.fileno())
        yield TarFile(partial(_pread, file.fileno()), found.st_size, (str(path), found.st_mtime_ns, found.st_size))


def _pread(file: int, offset: int, size: int) -> bytes:
    data = os.pread(file, size, offset)
    while len(data) < size and (more := os.pread(file, size - len(data), offset + len(data))):
        data += more
    return data


def is_container(tar: TarFile, name: str, tell: Callable[[str], object]) -> bool:
    """Whether a file holds papers as the members of a tar, and is not one paper itself.

    A tar with an arXiv id for its name is a paper, and one that is named as arXiv's bulk tars are holds some. Of another one the
    members tell that have the name of an arXiv paper (`2301/2301.00001.gz`, `0001/astro-ph0001001.gz`, `2301.00003v1.pdf`):
    two that are packed are enough, whatever lies beside them, for a paper packs no others in it. Where those that have one are
    PDFs, no TeX file may lie beside them, since a paper may hold such PDFs, and they must be most. Without such names two or more
    members, and most of the first `LOOKED_AT`, must be packed TeX or archives, and no TeX file lie beside them.

    Args:
        tell: is called with words for people where members are named so and the tar is a paper all the same.
    """
    if parse_arxiv_id(stem_of(name)):
        return False
    if _BULK.fullmatch(name):
        return True
    named = named_packed = packed = others = tex = looks = 0
    for member in members(tar.read_at, tar.size):
        looks += 1
        if looks > MAX_LOOKS or named_packed >= 2 or (named >= LOOKED_AT and named > others and not tex):
            break
        if member.failure or member.name is None or is_left_out(member.name):
            continue
        path = PurePosixPath(member.name)
        if names_a_paper(path):
            named += 1
            named_packed += path.suffix.lower() != ".pdf"
        elif path.name.lower().endswith(TEX_SUFFIXES):
            tex += 1
        elif is_paper(path.name) and packed + others < LOOKED_AT and _is_packed(tar, member, path.name):
            packed += 1
        elif named or packed + others < LOOKED_AT:
            others += 1
    if named_packed >= 2:
        return True
    if named and (tex or named + packed <= others):
        tell(f"read as one paper, though {named:,} of its first members are named by arXiv ids")
    return not tex and (named + packed > others if named else packed >= 2 and packed > others)


def _is_packed(tar: TarFile, member: Member, name: str) -> bool:
    return kind_of(tar.read_at(member.start, min(_size(member), WINDOW_BYTES)), name) in ("tex", "tar", "zip")


def is_left_out(name: str) -> bool:
    """Whether a member is no paper by its name, as of files in a folder (`curation.sources.listing`, rule 5)."""
    path = PurePosixPath(name)
    if any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
        return True
    return path.suffix.lower() in COMPANIONS or bool(STRAY.fullmatch(path.name) and not is_paper(path.name))


def list_tar(tar: TarFile, place: str, left_out: list[str]) -> Iterator[Entry]:
    """An entry a member of a tar of papers, in its order. What cannot be read is an entry whose failure was `seen`.

    All headers are read before the first entry comes, since a name that stands twice is none: which of the two is the paper
    nobody knows. Of a tar of arXiv's they are 4,000; of any, `MAX_HEADERS`.

    Args:
        place: of the tar.
        left_out: gets the places of members that are no papers by their names.

    Raises:
        OSError: the tar cannot be read.
    """
    found = [(member, _stamp(tar, member)) for member in members(tar.read_at, tar.size)]
    names = Counter(member.name for member, _ in found)
    nameless: Counter[str] = Counter()
    for member, stamp in found:
        if member.name is not None and not member.failure and is_left_out(member.name):
            left_out.append(member_in_tar(place, member.name))
            continue
        failure = _failure(member, names)
        own = member.name is not None and names[member.name] == 1
        name = member_in_tar(place, member.name or "") + ("" if own else f"~{stamp}")
        nameless[name] += 1
        if nameless[name] > 1:
            name = f"{name}~{nameless[name]}"
        where = (member.start, member.after)
        size = _size(member)
        yield Entry.failed(name, failure, stamp, size, where) if failure else Entry(name, size, stamp, where=where)


def where_members_lie(tar: TarFile) -> dict[str, tuple[int, int]]:
    """Name -> first byte and the one after the last, of the members whose name stands once."""
    found: dict[str, tuple[int, int]] = {}
    twice: set[str] = set()
    for member in members(tar.read_at, tar.size):
        if member.name is not None:
            if member.name in found:
                twice.add(member.name)
            found[member.name] = (member.start, member.after)
    return {name: where for name, where in found.items() if name not in twice}


def stamp_at(tar: TarFile, where: tuple[int, int]) -> str | None:
    """The stamp of the member that lies at a range; None where none does."""
    start, after = where
    header = header_before(tar.read_at, start)
    if header is None or after > tar.size:
        return None
    return _stamp(tar, Member("", start, after, header[1], start))


def as_of(tar: TarFile, where: tuple[int, int]) -> str | None:
    """The time in the header of the member that lies at a range, ISO in UTC; None where it says none."""
    header = header_before(tar.read_at, where[0])
    if header is None or not 0 < header[1] < _YEAR_9999:
        return None
    return datetime.fromtimestamp(header[1], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _failure(member: Member, names: Counter[str | None]) -> PaperError | None:
    if member.failure:
        return member.failure
    if names[member.name] > 1:
        said = (member.name or "")[:TOLD]
        return PaperError(Reason.UNSAFE_ARCHIVE, f"{names[member.name]} members of the tar are named {said!r}")
    if is_data_file(member.name or ""):
        said = (member.name or "")[-TOLD:]
        return PaperError(Reason.UNREADABLE, f"{said} holds rows, which are not read inside a tar; unpack it")
    return None


def _size(member: Member) -> int:
    return member.after - member.start


def _stamp(tar: TarFile, member: Member) -> str:
    """Of a member's size and time, and of its first and last bytes: not of its place in the tar, which changes with others."""
    head = tar.read_at(member.start, min(EDGE_BYTES, _size(member)))
    tail = tar.read_at(max(member.start, member.after - EDGE_BYTES), min(EDGE_BYTES, _size(member)))
    failure = member.failure.detail if member.failure else ""
    said = f"{_size(member)}\0{member.mtime}\0{failure}\0".encode("utf-8", "backslashreplace")
    return hashlib.sha256(said + head + tail).hexdigest()[:16]
