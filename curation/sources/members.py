"""Members of a source, where a document stands in it: `folder/file`, a row `folder/file.jsonl#row`, a file of a tar of papers
`src/x.tar#2301/2301.00001.gz`.

What a path holds of `#`, `%` and control characters is written %23, %25, %0A ..., so that a member is one line wherever it is told; so
is it in a name in a tar, and `~` as %7E, which stands before a digest where a name alone does not tell what is meant.
"""

from __future__ import annotations

import re

TAR = ".tar"
_MARKS = re.compile(r"[%#\x00-\x1f\x7f]")
_MARKED = re.compile(r"%(23|25|7E|7F|[01][0-9A-F])")


def member_at(path: str) -> str:
    """The member that is a file or folder, from its path relative to the source's root."""
    return _MARKS.sub(lambda found: f"%{ord(found[0]):02X}", path)


def path_of(member: str) -> str:
    """The path, relative to the source's root, of a member, or of the file in which it is a row or the tar in which it lies."""
    return _unmarked(member.partition("#")[0])


def row_of(member: str) -> str | None:
    """The row that a member is in its file, None when it is the file itself or lies in a tar."""
    file, mark, row = member.partition("#")
    return row if mark and not file.lower().endswith(TAR) else None


def name_in_tar(member: str) -> str | None:
    """The name that a member has in its tar, None when it is a file or a row."""
    file, mark, name = member.partition("#")
    return _named(name) if mark and file.lower().endswith(TAR) else None


def member_in_tar(tar: str, name: str) -> str:
    """The member that lies in a tar, from the tar's own member and the name in it."""
    return f"{tar}#{member_at(name).replace('~', '%7E')}"


def row_name(id_: str) -> str:
    """An id of a data row as a member has it: `~` stands there before a digest."""
    return id_.replace("%", "%25").replace("~", "%7E")


def id_of_row(row: str) -> str:
    """The id of the row that a member is, as its file spells it; the name itself where the row has none."""
    return row.partition("~")[0].replace("%7E", "~").replace("%25", "%") or row


def _named(name: str) -> str:
    return _unmarked(name.partition("~")[0]) or name


def _unmarked(name: str) -> str:
    return _MARKED.sub(lambda found: chr(int(found[1], 16)), name)


def utf8(text: str) -> str:
    """The text with lone surrogates (bytes of a file name that are no UTF-8, broken JSON escapes) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
