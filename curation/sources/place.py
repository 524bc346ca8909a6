"""Places in a source: `folder/file`, or `folder/file.jsonl#row`. What a path holds of `#` and `%` is written %23 and %25."""

from __future__ import annotations


def place_of(path: str) -> str:
    """The place of a file or folder, from its path relative to the source's root."""
    return path.replace("%", "%25").replace("#", "%23")


def path_of(place: str) -> str:
    """The path, relative to the source's root, of a place or of the file that the place's row lies in."""
    return place.partition("#")[0].replace("%23", "#").replace("%25", "%")


def row_of(place: str) -> str | None:
    """The row that a place names in its file, None when it names the file itself."""
    _, mark, row = place.partition("#")
    return row if mark else None


def row_place(id_: str) -> str:
    """An id of a data row as a place has it: `~` stands there before a digest."""
    return id_.replace("%", "%25").replace("~", "%7E")


def id_of_row(row: str) -> str:
    """The id of the row that a place names, as its file spells it; the name itself where the row has none."""
    return row.partition("~")[0].replace("%7E", "~").replace("%25", "%") or row


def utf8(text: str) -> str:
    """The text with lone surrogates (bytes of a file name that are no UTF-8, broken JSON escapes) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
