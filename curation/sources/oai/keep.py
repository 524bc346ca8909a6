"""What a harvest leaves: its pages folded into one file of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from curation.errors import RunError
from curation.place import Place
from curation.sources.fold import fold, packed
from curation.sources.fold_files import lines_of
from curation.sources.oai.harvest import PAGES, REJECTED_LINE, pages_of
from curation.sources.oai.state import State, write_state

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


def _fold(place: Place, name: str, pages: list[str], *, rejected: bool) -> Counter[str]:
    with place.writing(name) as sink, packed(sink, name) as writer:
        return fold(lines_of(place, name), _of_pages(place, pages, rejected=rejected), writer)


def _of_pages(place: Place, pages: list[str], *, rejected: bool) -> Iterator[tuple[str, bytes]]:
    for page in pages:
        if place.size(page) is None:
            raise RunError(f"{place.where(page)} is gone, which a harvest wrote; begin in another folder")
        for where, line in lines_of(place, page):
            if line.startswith(REJECTED_LINE) is rejected:
                yield where, line


def _any_rejected(place: Place, pages: list[str]) -> bool:
    return any(True for _ in _of_pages(place, pages, rejected=True))
