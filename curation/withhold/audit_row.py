"""What of benchmarks stands in a row of a release, in whichever of its columns, and in neighbouring rows together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from curation.identity import ids_of
from curation.withhold.compared import COLUMNS, Columns, beside_texts, runs
from curation.withhold.hash_index import MIN_EVIDENCE, MIN_EVIDENCE_SHARED, Hashed, HashIndex, Match
from curation.withhold.hashed import DOC_ID, said_by_document, said_by_pair
from curation.withhold.shown import as_shown

Row: TypeAlias = Mapping[str, Any]
BESIDE = "beside the text"
"""What `Match.where` says of columns that are compared together."""


def in_document(row: Row, index: HashIndex) -> Iterator[Match]:
    """What stands in a document: the works that its ids name, copies, items; found, or near in its text."""
    ids = [row["id"], row["paper_id"], *(f"{kind}:{row[kind]}" for kind in ("doi", "bibcode") if row[kind])]
    yield from _by_ids(index, ids, ids_beside(row, COLUMNS["documents"]))
    yield from _at("text_sha256", index.by_digest(row["text_sha256"] or ""))
    for text in _readings(said_by_document(row["title"], row["text"])):
        yield from _at("title, text", index.by_copies(text))
        yield from _at("title, text", index.by_fields(text))
    yield from _beside(row, COLUMNS["documents"], index)


def in_pair(row: Row, index: HashIndex) -> Iterator[Match]:
    """What stands in a pair: the paper that it was made of, what it says, and the evidence by itself."""
    ids = [row["doc_id"], row["paper_id"], f"{DOC_ID}{row['doc_id']}"]
    yield from _by_ids(index, ids, ids_beside(row, COLUMNS["pairs"]))
    yield from _at("text_sha256", index.by_digest(row["text_sha256"] or ""))
    evidence, said = row["evidence"] or "", said_by_pair(row)
    for words in said:
        for text in _readings(words):
            yield from _at("what it says", index.by_copies(text))
            yield from _at("what it says", index.by_fields(text, of_pair=True))
            if words == evidence:
                yield from _at("evidence", index.by_copies(text, MIN_EVIDENCE, MIN_EVIDENCE_SHARED))
    for text in _readings(evidence) if evidence not in said else ():
        yield from _at("evidence", index.by_copies(text, MIN_EVIDENCE, MIN_EVIDENCE_SHARED))
        yield from _at("evidence", index.by_fields(text, of_pair=True))
    yield from _beside(row, COLUMNS["pairs"], index)


def ids_beside(row: Row, columns: Columns) -> dict[str, str]:
    """By id the column that names it, however it is spelled: of each value that is compared beside the text as far as it is ids to its end,
    and of attributions their parts."""
    found: dict[str, str] = {}
    for name, value in beside_texts(row, columns).items():
        parts = value.split(", ") if name == "attribution" else value.split(" ") if name == "categories" else [value]
        stems = [part.partition("~")[0] for part in parts]
        for key in sorted(ids_of(*parts, *stems, *(stem.partition(":")[2] for stem in stems))):
            found.setdefault(key, name)
    return found


def _by_ids(index: HashIndex, plain: Sequence[str | None], beside: Mapping[str, str]) -> Iterator[Match]:
    """Entries that a row names, rule `id`; and those that it names as only our parser reads (a DOI as URL, an arXiv id in a doc_id) or in
    any other column, rule `spelled`."""
    names = [name for name in plain if name]
    found = list(_at("ids", index.by_ids(names)))
    yield from found
    known = {(match.benchmark, match.entry) for match in found}
    for key in sorted(beside.keys() - set(names)):
        for match in _at(beside[key], index.by_ids([key])):
            if (match.benchmark, match.entry) not in known:
                yield replace(match, rule="spelled")


def _readings(text: str) -> Iterator[Hashed]:
    """A text as it stands, and as a reader sees it where that is another."""
    yield Hashed(text)
    if shown := as_shown(text):
        yield Hashed(shown)


def _at(where: str, matches: Iterable[Match]) -> Iterator[Match]:
    for match in matches:
        yield replace(match, where=where)


def _beside(row: Row, columns: Columns, index: HashIndex) -> Iterator[Match]:
    """What stands in the other columns, together or alone: only what is found there."""
    values = beside_texts(row, columns)
    for text in _readings("\n\n".join(values.values())):
        if not index.knows_some_of(text):
            continue
        yield from _found(BESIDE, index, text, of_pair=False)
        for name, value in values.items():
            for alone in _readings(value) if name not in columns.credits else ():
                yield from _found(name, index, alone, of_pair=True)


def _found(where: str, index: HashIndex, text: Hashed, of_pair: bool) -> Iterator[Match]:
    matches = (*index.by_copies(text), *index.by_fields(text, of_pair=of_pair))
    return _at(where, (match for match in matches if match.found))


def in_strings(strings: Sequence[str], index: HashIndex, where: str) -> Iterator[Match]:
    """What stands in the strings of a file beside the rows, each by itself and together."""
    for match in _at(where, index.by_ids(sorted(ids_of(*strings)))):
        yield replace(match, rule="spelled")
    for said, of_pair in (("\n\n".join(strings), False), *((said, True) for said in strings)):
        for text in _readings(said):
            yield from _found(where, index, text, of_pair)


def across_rows(rows: Sequence[Row], columns: Columns, index: HashIndex) -> Iterator[tuple[int, Match]]:
    """What is found where a column's values follow one another, row by row, and the row in which it begins; of a withheld text the one that
    has most of it. Of long values only their ends count (`curation.withhold.compared.runs`). What two columns say alike is compared once."""
    seen: set[tuple[tuple[int, str], ...]] = set()
    for name in dict.fromkeys((*columns.texts, *columns.beside)):
        for run in runs([row[name] for row in rows]):
            if (key := tuple(run)) in seen:
                continue
            seen.add(key)
            text = Hashed(*(said for _, said in run))
            if np.count_nonzero(np.diff(text.tokens.bounds)) > 1 and index.knows_some_of(text):
                for match in _found(f"{name} of several rows", index, text, of_pair=False):
                    yield run[_piece_of(match, text, index)][0], match


def _piece_of(match: Match, text: Hashed, index: HashIndex) -> int:
    """Of the texts that are hashed as one that in which a match begins, or which has the most n-grams of a withheld text, the first of equals."""
    begins = np.array([match.at]) if match.layer == "text" else np.flatnonzero(index.shared(match, text))
    pieces = np.searchsorted(text.tokens.bounds, begins, side="right") - 1
    return int(np.bincount(pieces).argmax())
