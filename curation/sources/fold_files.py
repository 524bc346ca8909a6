"""Snapshots as files that records are folded into: a path or an address, read once and replaced whole."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import cast

from curation.errors import BrokenFileError
from curation.place import Place, open_file
from curation.sources.fold import fold, packed
from curation.sources.snapshot import MAX_LINE_BYTES
from curation.sources.text_file import open_text_file


def is_there(file: str) -> bool:
    """Whether there is such a file."""
    place, name = open_file(file)
    return place.size(name) is not None


def fold_into(snapshot: str, records: Iterable[tuple[str, bytes]]) -> Counter[str]:
    """Fold records into a snapshot, which is replaced whole, or made; counts as `fold`. A hidden file beside it is held meanwhile.

    Raises:
        UserError: a line of it has no id, or another fold works on it, whose records would be lost.
        BrokenFileError: it is cut or damaged; it stays as it is.
    """
    place, name = open_file(snapshot)
    with (
        place.lease(f".{name}.lock", "fold") as held,
        place.writing(name, check=held.check) as sink,
        packed(sink, name) as writer,
    ):
        return fold(lines_of(place, name), records, writer)


def lines_of(place: Place, name: str) -> Iterator[tuple[str, bytes]]:
    """The lines of a file of JSON lines, each with where it stands; none of a file that is not there.

    Raises:
        BrokenFileError: the file is cut or damaged, or has a line over 16 MiB.
    """
    try:
        raw = place.stream(name)
    except FileNotFoundError:
        return
    where, number = place.where(name), 0
    with open_text_file(where, cast(io.BufferedReader, raw)) as stream:
        while line := stream.readline(MAX_LINE_BYTES):
            if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                raise BrokenFileError(where, f"has a line over {MAX_LINE_BYTES >> 20} MiB")
            number += 1
            yield f"{where}, line {number}", line
