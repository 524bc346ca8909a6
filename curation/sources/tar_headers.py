"""The headers of a tar, one after the other, read in bounds from a file that anybody may have made.

This runs outside of the sandbox, since a listing knows no paper yet: it reads blocks of 512 bytes and extended headers of at most
`MAX_EXTENDED_BYTES`, goes forward with every step, and holds nothing of what it has passed. What a header says that two readers
of tars may understand in two ways is refused, not guessed. A member that is refused is told, and the next one follows. Where a header is
damaged, or a member's content is cut, the reading ends: what lies behind is told as bytes, and no header is looked for in it, since
the author of a paper chooses what stands inside it, and may have put headers there.

The formats: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from curation.errors import BadArchiveError, PaperError
from curation.sources.member_names import safe_name
from schemas import Reason

ReadAt: TypeAlias = Callable[[int, int], bytes]
"""Offset and size -> the bytes there; fewer only at the end of the file."""

BLOCK = 512
MAX_HEADERS = 200_000
"""More in one tar are not listed; a tar of arXiv's has 300 to 4,000."""
MAX_EXTENDED_BYTES = 64 << 10
"""Of the name or the pax records before a member."""
MAX_NAME_BYTES = 4096
"""As of a path on Linux; what has a longer name is refused and has none."""
TOLD = 200
"""Characters of a name that a message quotes."""
MAX_REST_BYTES = 1 << 20
"""Zeros behind the end mark: tar fills up to its record size, which is 10,240 by default."""
_FILES, _FOLDER, _SPARSE = (b"\x00", b"0", b"7"), b"5", b"S"
_LINKS, _DEVICES = (b"1", b"2"), (b"3", b"4", b"6")
_GNU = {
    _SPARSE: "a sparse file",
    b"V": "the label of a volume and no file",
    b"M": "the end of a file that begins in another volume; join the volumes",
    b"D": "the list of a folder in an incremental dump and no file",
}
_WITHOUT_CONTENT = (_FOLDER, *_LINKS, *_DEVICES)
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", (b"x", b"X"), b"g"
_EXTENDED = (_LONG_NAME, _LONG_LINK, *_PAX, _PAX_GLOBAL)
_LENGTH = re.compile(rb"([1-9]\d{0,5}) ")
_SPARSE_KEYS = (b"GNU.sparse.", b"SCHILY.realsize")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a tar, or what stands where one might be and cannot be read.

    Args:
        name: path in the tar; None where it has none that can be used.
        start, after: its first byte in the tar and the one after the last.
        mtime: seconds since 1970, as its header says.
        failure: why it cannot be read.
        header: the first byte of its header.
    """

    name: str | None
    start: int
    after: int
    mtime: int
    header: int
    failure: PaperError | None = None


class _Damaged(Exception):
    """A block is no header."""


@dataclass(frozen=True)
class _Header:
    kind: bytes
    name: bytes
    size: int
    mtime: int


@dataclass
class _Before:
    """What extended headers say of the member behind them."""

    name: bytes | None = None
    size: int | None = None
    failure: str | None = None


def members(read: ReadAt, size: int) -> Iterator[Member]:
    """The files of a tar in their order, folders left out, and what is damaged or refused in it.

    Raises:
        OSError: as `read`.
    """
    at, before = 0, _Before()
    for _ in range(MAX_HEADERS):
        block = read(at, BLOCK)
        if not block.strip(b"\0"):
            yield from _end(read, at, size, block, before)
            return
        try:
            header = _header(block)
            start = at + BLOCK
            if header.kind in _EXTENDED:
                before = _extended(header, read(start, min(header.size, MAX_EXTENDED_BYTES)), before)
                at = start + padded(header.size)
                continue
            length = _length(header, before)
        except _Damaged as error:
            yield _lost(at, size, size, str(error))
            return
        member = _member(header, before, at, start, length)
        if start + length > size:
            cut = f"its header tells of {length:,} bytes, and the tar ends {size - start:,} bytes behind it"
            yield Member(member.name if member else None, start, size, header.mtime, at, BadArchiveError(cut))
            yield _lost(size, size, size, "the tar ends inside a member, so others may be missing")
            return
        at, before = start + padded(length), _Before()
        if member is not None:
            yield member
    yield Member(None, at, size, 0, at, BadArchiveError(f"more than {MAX_HEADERS:,} headers", Reason.TOO_LARGE))


def header_before(read: ReadAt, start: int) -> tuple[int, int] | None:
    """Size and mtime of the member whose content begins at a byte; None where no header stands before it."""
    try:
        header = _header(read(start - BLOCK, BLOCK)) if start >= BLOCK else None
    except _Damaged:
        return None
    return (header.size, header.mtime) if header else None


def _length(header: _Header, before: _Before) -> int:
    """Bytes of a member's content. Raises _Damaged where readers of tars differ on whether there is any."""
    length = header.size if before.size is None else before.size
    if length and header.kind in _WITHOUT_CONTENT:
        raise _Damaged("a folder, link or device with content of its own")
    return length


def _member(header: _Header, before: _Before, at: int, start: int, length: int) -> Member | None:
    """The member that a header tells of; None for a folder."""
    if header.kind == _FOLDER:
        return None
    raw = header.name if before.name is None else before.name
    name: str | None = None
    failure: PaperError | None = None
    try:
        name = safe_name(_decoded(raw))
        _check_kind(header.kind, name)
        if before.failure:
            raise BadArchiveError(f"member {name[:TOLD]!r}: {before.failure}", Reason.UNSAFE_ARCHIVE)
    except PaperError as error:
        failure = error
    return Member(name, start, start + length, header.mtime, at, failure)


def _decoded(raw: bytes) -> str:
    if len(raw) > MAX_NAME_BYTES:
        raise BadArchiveError(f"member {raw[:TOLD]!r}... has a name of {len(raw):,} bytes", Reason.UNSAFE_ARCHIVE)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise PaperError(Reason.UNREADABLE, f"member {raw[:TOLD]!r}: the name is no UTF-8") from None
    if not text.strip("./"):
        raise BadArchiveError(f"member {text[:TOLD]!r} has no name", Reason.UNSAFE_ARCHIVE)
    return text


def _check_kind(kind: bytes, name: str) -> None:
    if kind in _FILES:
        return
    what = "a link" if kind in _LINKS else "a device or a pipe" if kind in _DEVICES else "of an unknown type"
    what = _GNU.get(kind, what)
    raise BadArchiveError(f"member {name[:TOLD]!r} is {what}", Reason.UNSAFE_ARCHIVE)


def _header(block: bytes) -> _Header:
    """What a block says as a header. Raises _Damaged where it is none."""
    if len(block) < BLOCK:
        raise _Damaged("the tar ends inside a header")
    said = _number(block[148:156], "check sum")
    unsigned = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if said != unsigned and said != unsigned - 256 * sum(byte > 127 for byte in block[:148] + block[156:]):
        raise _Damaged("the check sum of a header is wrong")
    kind = block[156:157]
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].partition(b"\0")[0]):
        name = prefix + b"/" + name
    if kind == b"\0" and name.endswith(b"/"):  # as tars said it before there was a kind for it
        kind = _FOLDER
    size = _number(block[124:136], "size")
    if kind == _SPARSE and block[482]:
        raise _Damaged("a sparse file with headers of its own")
    return _Header(kind, name, size, _mtime(block[136:148]))


def _mtime(raw: bytes) -> int:
    try:
        return _number(raw, "time")
    except _Damaged:  # a time before 1970 is no damage
        return 0


def _number(raw: bytes, what: str) -> int:
    """A number of a header: octal digits, or (GNU) 0x80 and the number itself."""
    if raw[0] == 0x80:
        value = int.from_bytes(raw[1:], "big")
        if value >> 62:
            raise _Damaged(f"the {what} of a header is absurd")
        return value
    text = raw.partition(b"\0")[0].strip(b" ")
    if not re.fullmatch(rb"[0-7]*", text):
        raise _Damaged(f"the {what} of a header is no number")
    return int(text, 8) if text else 0


def padded(size: int) -> int:
    """Bytes that so many take in a tar: whole blocks."""
    return -(-size // BLOCK) * BLOCK


def _extended(header: _Header, data: bytes, before: _Before) -> _Before:
    """What is known of the next member with a header more. Raises _Damaged."""
    if header.size > MAX_EXTENDED_BYTES:
        raise _Damaged(f"an extended header of {header.size:,} bytes")
    if len(data) < header.size:
        raise _Damaged("the tar ends inside an extended header")
    if header.kind == _LONG_LINK:
        return before
    if header.kind == _LONG_NAME:
        twice = "two long names" if before.name is not None else None
        return _Before(data.rstrip(b"\0"), before.size, before.failure or twice)
    if header.kind == _PAX_GLOBAL:
        if {key for key, _ in _records(data) or ()} & {b"path", b"size"}:
            raise _Damaged("a global header that names a path or size for all members")
        return before
    return _of_records(data, before)


def _of_records(data: bytes, before: _Before) -> _Before:
    """What pax records say; what cannot be understood in them is the failure of the member behind them."""
    name, size, failure = before.name, before.size, before.failure
    if (records := _records(data)) is None:
        return _Before(name, size, failure or "the extended header before it is broken")
    for key, value in records:
        if key == b"path":
            failure = failure or ("two long names" if name is not None else None)
            name = value
        elif key == b"size":
            if not re.fullmatch(rb"\d{1,18}", value) or size is not None:
                failure = failure or "the extended header before it tells of no size"
            else:
                size = int(value)
        elif key.startswith(_SPARSE_KEYS):
            failure = failure or "a sparse file"
    return _Before(name, size, failure)


def _records(data: bytes) -> list[tuple[bytes, bytes]] | None:
    """The records of a pax header, `length key=value` with a line feed each; None where one is broken."""
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(data):
        match = _LENGTH.match(data, at)
        after = at + int(match[1]) if match else 0
        if match is None or not match.end() < after <= len(data) or data[after - 1 : after] != b"\n":
            return None
        key, mark, value = data[match.end() : after - 1].partition(b"=")
        if not mark or not key:
            return None
        found.append((key, value))
        at = after
    return found


def _end(read: ReadAt, at: int, size: int, block: bytes, before: _Before) -> Iterator[Member]:
    """What is wrong with the end of a tar; nothing, when all is right."""
    if before != _Before():
        yield _lost(at, size, size, "an extended header without a member")
    elif not block:
        yield _lost(at, size, size, "the tar has no end mark, so members may be missing")
    else:
        rest = read(at, min(size - at, MAX_REST_BYTES))
        if rest.strip(b"\0") or size - at > MAX_REST_BYTES:
            yield _lost(at, size, size, "bytes behind the end mark")


def _lost(at: int, after: int, size: int, why: str) -> Member:
    where = f"bytes {at:,} to {after:,} of {size:,}"
    return Member(None, at, max(at, after), 0, at, BadArchiveError(f"broken tar: {why}; {where} are not read"))
