"""Places in a source: `folder/file`, a row `folder/file.jsonl#row`, a member of a tar of papers `src/x.tar#2301/2301.00001.gz`.

What a path holds of `#`, `%` and control characters is written %23, %25, %0A ..., so that a name is one line wherever it is told; so is
it in the name of a member, and `~` as %7E, which stands before a digest where a name alone does not tell what is meant.
"""

from __future__ import annotations

import re

TAR = ".tar"
_MARKS = re.compile(r"[%#\x00-\x1f\x7f]")
_MARKED = re.compile(r"%(23|25|7E|7F|[01][0-9A-F])")


def place_of(path: str) -> str:
    """The place of a file or folder, from its path relative to the source's root."""
    return _MARKS.sub(lambda found: f"%{ord(found[0]):02X}", path)


def path_of(place: str) -> str:
    """The path, relative to the source's root, of a place or of the file that the place's row or member lies in."""
    return _unmarked(place.partition("#")[0])


def row_of(place: str) -> str | None:
    """The row that a place names in its file, None when it names the file itself or a member of a tar."""
    file, mark, row = place.partition("#")
    return row if mark and not file.lower().endswith(TAR) else None


def member_of(place: str) -> str | None:
    """The member that a place names in its tar, None when it names a file or a row."""
    file, mark, name = place.partition("#")
    return _named(name) if mark and file.lower().endswith(TAR) else None


def member_place(tar: str, name: str) -> str:
    """The place of a member of a tar, from the place of the tar and the member's name in it."""
    return f"{tar}#{place_of(name).replace('~', '%7E')}"


def row_place(id_: str) -> str:
    """An id of a data row as a place has it: `~` stands there before a digest."""
    return id_.replace("%", "%25").replace("~", "%7E")


def id_of_row(row: str) -> str:
    """The id of the row that a place names, as its file spells it; the name itself where the row has none."""
    return row.partition("~")[0].replace("%7E", "~").replace("%25", "%") or row


def _named(name: str) -> str:
    return _unmarked(name.partition("~")[0]) or name


def _unmarked(name: str) -> str:
    return _MARKED.sub(lambda found: chr(int(found[1], 16)), name)


def utf8(text: str) -> str:
    """The text with lone surrogates (bytes of a file name that are no UTF-8, broken JSON escapes) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
