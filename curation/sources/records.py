"""Several records of one paper made one: which counts, and what the others leave unknown.

A record that speaks of another paper than the member's own name is left out. Where the records that count disagree, nothing
is decided by their order: a licence is unknown, an id is none, a paper that one calls withdrawn is withdrawn, and what
withholding reads (comments, journal references, ids) is kept of all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curation.identity import arxiv_of_bibcode, parse_arxiv_id, parse_bibcode, parse_doi
from curation.sources.metadata import LICENCE_KEYS, columns_of, iso_date, licence_of, version_of

Record = Mapping[str, Any]
Names = Mapping[str, frozenset[str]]
_IDS = ("id", "arxiv_id", "doi", "bibcode")
_ONE_VALUE = ("is_journal", "work_id", "date")
"""Keys whose value is nobody's where records that are equally new disagree."""


def names_of(record: Record) -> Names:
    """What a record calls its paper: kind (arXiv, doi, bibcode) -> ids without version."""
    found: dict[str, set[str]] = {"arXiv": set(), "doi": set(), "bibcode": set()}
    for key in _IDS:
        text = str(record[key]) if isinstance(record.get(key), str | int | float) else None
        if arxiv := parse_arxiv_id(text):
            found["arXiv"].add(arxiv.id)
        elif code := parse_bibcode(text):
            eprint = arxiv_of_bibcode(code)
            found["arXiv" if eprint else "bibcode"].add(eprint.id if eprint else code)
        elif doi := parse_doi(text):
            found["doi"].add(doi)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def contradicts(record: Record, own: Names) -> bool:
    """Whether a record names another paper than `own`: an id of a kind that the paper's own name has, and not that id."""
    return any(own[kind] and not ids <= own[kind] for kind, ids in names_of(record).items())


def one_record(candidates: Sequence[Sequence[Record]], own: Names) -> dict[str, Any] | None:
    """The record of a paper, None when there is none.

    Args:
        candidates: the records that each of the paper's names leads to, the surest name first.
        own: what the paper's own name says (`names_of`).
    """
    groups = [g for records in candidates if (g := _distinct(r for r in records if not contradicts(r, own)))]
    if not groups:
        return None
    main = groups[0][0]
    newest = _distinct(r for group in groups for r in group if _rank(r)[:2] == _rank(group[0])[:2])
    others = [r for r in newest if r != main]
    older = [r for group in groups for r in group if r not in newest and not _is_of_earlier_version(r, main)]
    rivals = [r for r in others if _rank(r)[:2] == _rank(main)[:2]]
    made: dict[str, Any] = {}
    for record in (*reversed(rivals), main):
        made |= record
    unsure: list[str] = []
    for key in ("comments", "journal-ref", "journal_ref"):
        if texts := list(dict.fromkeys(str(r[key]) for r in (main, *others) if isinstance(r.get(key), str))):
            made[key] = "; ".join(texts)
    if any(columns_of(r)["is_withdrawn"] for r in others):
        made["is_withdrawn"] = True
    for key in _ONE_VALUE:
        if len({repr(r[key]) for r in (main, *rivals) if key in r}) > 1:
            unsure.append(f"{key}: {made.pop(key)}")
    are_one = len(frozenset().union(*(names_of(r)["arXiv"] for r in (main, *others, *older)))) < 2
    unsure += _settle_ids(made, (main, *rivals), others, are_one)
    unsure += _settle_licence(made, (main, *rivals), [*others, *older], are_one)
    if unsure:
        made["unsure"] = list(dict.fromkeys(unsure))
    return made


def with_row(row: Record, joined: Record | None, own: Names) -> dict[str, Any]:
    """The fields of a data row and, over them, those of the record that was joined, unless that names another paper.

    A licence that both state must be one and the same; an id of the row is none when it contradicts the row's own name.
    """
    denied = {key: row[key] for key in _IDS[1:] if row.get(key) is not None and contradicts({key: row[key]}, own)}
    unsure = [f"{key}: {value}" for key, value in denied.items()]
    made: dict[str, Any] = {key: value for key, value in row.items() if key not in denied}
    if joined is not None and not contradicts(joined, _united(names_of(made), own)):
        unsure += [*joined.get("unsure", []), *_licence_of_both(row, joined)]
        made |= joined
        if licence_of(joined) is None:
            made |= {key: row.get(key) for key in LICENCE_KEYS}
        elif licence_of(row) not in (None, licence_of(joined)):
            made |= dict.fromkeys(LICENCE_KEYS)
    return made | ({"unsure": unsure} if unsure else {})


def _licence_of_both(row: Record, joined: Record) -> list[str]:
    mine, theirs = licence_of(row), licence_of(joined)
    agree = mine is None or theirs is None or mine == theirs
    return [] if agree else [f"license: {mine or 'unknown'} in the row, {theirs or 'unknown'} joined"]


def _united(one: Names, two: Names) -> Names:
    return {kind: one[kind] | two[kind] for kind in one}


def _settle_ids(made: dict[str, Any], newest: Sequence[Record], others: Sequence[Record], are_one: bool) -> list[str]:
    """Drop the ids of `made` on which the newest differ, all when some record is another paper's; returns those not taken."""
    for key in _IDS:
        if not are_one or (key in ("doi", "bibcode") and len({repr(r[key]) for r in newest if key in r}) > 1):
            made.pop(key, None)
    looked = _IDS[1:] if are_one else _IDS
    every = [(key, r[key]) for r in (*newest, *others) for key in looked if r.get(key) not in (None, made.get(key))]
    return [f"{key}: {value}" for key, value in every]


def _settle_licence(
    made: dict[str, Any], newest: Sequence[Record], others: Sequence[Record], are_one: bool
) -> list[str]:
    """Leave a licence only where every record that states one (null is a statement) states the same, of the same paper."""
    own = next((word for r in newest if (word := licence_of(r)) is not None), None)
    said = {licence_of(r) or "" for r in (*newest, *others) if any(key in r for key in LICENCE_KEYS)}
    if not own or (said == {own} and are_one):
        return []
    made |= dict.fromkeys(LICENCE_KEYS)
    return [f"license: {' and '.join(sorted(word or 'unknown' for word in said))} in several records"]


def _distinct(records: Iterable[Record]) -> list[Record]:
    """Records without repeats, the newest first."""
    return sorted({_rank(r): r for r in records}.values(), key=_rank, reverse=True)


def _rank(record: Record) -> tuple[str, int, str]:
    """update_date, version and the record itself, so that the order of the file says nothing."""
    return (
        iso_date(record.get("update_date")) or "",
        version_of(record) or 0,
        json.dumps(record, sort_keys=True, default=str),
    )


def _is_of_earlier_version(record: Record, than: Record) -> bool:
    one, other = version_of(record), version_of(than)
    return one is not None and other is not None and one < other
