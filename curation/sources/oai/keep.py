"""What a harvest leaves: its pages folded into one file of records, and these into a snapshot."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from curation.errors import RunError, UserError
from curation.place import Place, open_place
from curation.sources.fold import fold, packed
from curation.sources.oai.harvest import PAGES, pages_of
from curation.sources.oai.state import State, write_state
from curation.sources.text_file import open_text_file

RECORDS = "records.jsonl.zst"
"""Every record that the folder's harvests brought, the newest of each paper: a metadata snapshot."""
REJECTED = "rejected.jsonl.zst"
"""Records that name no paper of arXiv, with the reason."""


def keep_pages(place: Place, state: State) -> Counter[str]:
    """Fold the pages that came into `RECORDS` and `REJECTED`, then remove them; counts as `fold`. A kill on the way costs
    nothing: folding again gives the same."""
    pages = list(pages_of(place, state))
    counts = Counter[str]()
    if pages or place.size(RECORDS) is None:
        counts = _fold(place, RECORDS, pages, rejected=False)
    if _any_rejected(place, pages):
        _fold(place, REJECTED, pages, rejected=True)
    state.first_page = state.next_page
    write_state(place, state)
    for page in place.children(PAGES).files:
        place.remove(page.name)
    return counts


def there(snapshot: str) -> tuple[Place, str]:
    """The place and name of a snapshot, given by its path or address. Raises UserError when it is not there."""
    folder, _, name = snapshot.rpartition("/")
    place = open_place(folder or ("/" if snapshot.startswith("/") else "."))
    if place.size(name) is None:
        raise UserError(f"{snapshot} is not there; give a metadata snapshot (.jsonl, .gz, .zst), which is replaced")
    return place, name


def fold_into(snapshot: str, records: Iterable[tuple[str, bytes]]) -> Counter[str]:
    """Fold records into a snapshot (a path, or an address of a place), which is replaced whole; counts as `fold`.

    Raises:
        UserError: it is not there, or a line of it has no id.
        BrokenFileError: it is cut or damaged; it stays as it is.
    """
    place, name = there(snapshot)
    with place.writing(name) as sink, packed(sink, name) as writer:
        return fold(lines_of(place, name), records, writer)


def lines_of(place: Place, name: str) -> Iterator[tuple[str, bytes]]:
    """The lines of a file of JSON lines, each with where it stands; none of a file that is not there.

    Raises:
        BrokenFileError: the file is cut or damaged.
    """
    try:
        raw = place.open(name)
    except FileNotFoundError:
        return
    path = Path(place.where(name))
    with open_text_file(
        path, raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, raw))
    ) as stream:
        for number, line in enumerate(stream, 1):
            yield f"{path}, line {number}", line


def _fold(place: Place, name: str, pages: list[str], *, rejected: bool) -> Counter[str]:
    with place.writing(name) as sink, packed(sink, name) as writer:
        return fold(lines_of(place, name), _of_pages(place, pages, rejected=rejected), writer)


def _of_pages(place: Place, pages: list[str], *, rejected: bool) -> Iterator[tuple[str, bytes]]:
    for page in pages:
        if place.size(page) is None:
            raise RunError(f"{place.where(page)} is gone, which a harvest wrote; begin in another folder")
        for where, line in lines_of(place, page):
            if line.startswith(b'{"rejected"') is rejected:
                yield where, line


def _any_rejected(place: Place, pages: list[str]) -> bool:
    return any(True for _ in _of_pages(place, pages, rejected=True))
