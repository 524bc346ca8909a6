"""Several records of one paper made one: which counts, and what the others leave unknown.

Records of another paper are not among them (`curation.sources.match_records`). Where those that count disagree, nothing is decided by
their order: a licence is unknown, an id is none, a paper that one calls withdrawn is withdrawn, and what withholding reads
(comments, journal references, ids) is kept of all. A data row and the record that is joined to it are two such records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curation.identity import LIST_MARK, arxiv_of_bibcode, ids_of, parse_arxiv_id, parse_bibcode, parse_doi
from curation.sources.members import utf8
from curation.sources.metadata import IDS, LICENCE, UNKNOWN_LICENCE, VENUES, columns_of, licence_of, venues_of
from curation.sources.record_values import iso_date
from curation.sources.versions import version_of

Record = Mapping[str, Any]
Names = Mapping[str, frozenset[str]]
KINDS = ("arXiv", "doi", "bibcode")
_ONE_VALUE = ("is_journal", "work_id", "date")
"""Keys whose value is nobody's where records that are equally new disagree."""


def names_of(record: Record) -> Names:
    """What a record calls its paper: kind of `KINDS` -> ids without version."""
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for key in IDS:
        text = str(record[key]) if isinstance(record.get(key), str | int | float) else None
        if arxiv := parse_arxiv_id(text):
            found["arXiv"].add(arxiv.id)
        elif code := parse_bibcode(text):
            eprint = arxiv_of_bibcode(code)
            found["arXiv" if eprint else "bibcode"].add(eprint.id if eprint else code)
        elif doi := parse_doi(text):
            found["doi"].add(doi)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def called(record: Record) -> Names:
    """What a record calls its paper by the surest of its keys: of each kind the ids of the first key of `IDS` that has one. Authors
    fill in `doi`, and other papers' ids stand there."""
    found: dict[str, frozenset[str]] = dict.fromkeys(KINDS, frozenset())
    for key in IDS:
        found = {kind: found[kind] or ids for kind, ids in names_of({key: record.get(key)}).items()}
    return found


def without_strangers(record: Record) -> dict[str, Any]:
    """A record whose DOIs and bibcodes name no other arXiv paper than it does itself; those that do stand in `unsure`."""
    own = {f"arXiv:{id_}" for id_ in called(record)["arXiv"]}
    made, told = dict(record), []
    for key in ("doi", "bibcode") if own else ():
        values = record[key].split(LIST_MARK) if isinstance(record.get(key), str) else []
        strange = [v for v in values if {id_ for id_ in ids_of(v) if id_.startswith("arXiv:")} - own]
        if strange:
            made[key] = LIST_MARK.join(v for v in values if v not in strange) or None
            told += [f"{key}: {value}" for value in strange]
    return made | ({"unsure": [*_unsure_of(record), *told]} if told else {})


def spelled(names: Names) -> list[str]:
    """Names as a list of `kind:id`, as a table holds them."""
    return [f"{kind}:{utf8(id_)}" for kind, ids in names.items() for id_ in sorted(ids)]


def from_spelled(spelled: Iterable[str]) -> Names:
    """The names that `spelled` wrote."""
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for text in spelled:
        kind, _, id_ = text.partition(":")
        found[kind].add(id_)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def contradicts(record: Record, own: Names) -> bool:
    """Whether a record names another paper than `own`."""
    return are_of_another(names_of(record), own)


def are_of_another(names: Names, own: Names) -> bool:
    """Whether names are another paper's: one is of a kind that the paper's own name has, and not that id."""
    return any(own[kind] and not ids <= own[kind] for kind, ids in names.items())


def one_record(candidates: Sequence[Sequence[Record]]) -> dict[str, Any] | None:
    """The record of a paper, None when there is none.

    Args:
        candidates: the records that each of the paper's names leads to, the surest name first.
    """
    groups = [found for records in candidates if (found := _distinct(records))]
    if not groups:
        return None
    main = groups[0][0]
    newest = _distinct(r for group in groups for r in group if _age(r) == _age(group[0]))
    others = [r for r in newest if r != main]
    older = [r for group in groups for r in group if r not in newest and not _is_of_earlier_version(r, main)]
    rivals = [r for r in others if _age(r) == _age(main)]
    made: dict[str, Any] = {}
    for record in (*reversed(rivals), main):
        made |= record
    _keep_what_closes(made, (main, *others))
    unsure = [text for r in (main, *others) for text in _unsure_of(r)]
    unsure += _settle_values(made, (main, *rivals))
    are_one = len(frozenset().union(*(names_of(r)["arXiv"] for r in (main, *others, *older)))) < 2
    unsure += _settle_ids(made, (main, *rivals), others, are_one)
    unsure += _settle_licence(made, (main, *rivals), [*others, *older], are_one)
    if unsure:
        made["unsure"] = list(dict.fromkeys(unsure))
    return made


def with_row(row: Record, joined: Record | None, own: Names) -> dict[str, Any]:
    """The fields of a data row and, over them, those of the record that was joined.

    What closes (withdrawn, comments, journal references) is kept of both. A licence that both state must be one and the
    same; that of only one of them is unknown where their ids are not those of one paper, or the record is of another
    version. Ids of one kind that differ are none, and all are when the arXiv ids do: the row's fields go first then. An id
    of the row is none when it contradicts the row's own name.
    """
    denied = {key: row[key] for key in IDS[1:] if row.get(key) is not None and contradicts({key: row[key]}, own)}
    unsure = [f"{key}: {value}" for key, value in denied.items()]
    mine: dict[str, Any] = {key: value for key, value in row.items() if key not in denied}
    if joined is None:
        return mine | ({"unsure": [*_unsure_of(mine), *unsure]} if unsure else {})
    named = _united(_united(names_of(mine), names_of(joined)), own)
    are_one = len(named["arXiv"]) < 2
    made = {**mine, **joined} if are_one else {**joined, **mine}
    _keep_what_closes(made, (joined, mine))
    unsure += [*_unsure_of(joined), *_unsure_of(mine), *_settle_values(made, (joined, mine))]
    unsure += _ids_of_both(made, mine, joined, own, are_one)
    unsure += _licence_of_both(made, mine, joined, own)
    if unsure:
        made["unsure"] = list(dict.fromkeys(unsure))
    return made


def _unsure_of(record: Record) -> list[str]:
    given = record.get("unsure")
    return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []


def _ids_of_both(made: dict[str, Any], mine: Record, joined: Record, own: Names, are_one: bool) -> list[str]:
    """Drop the ids of `made` on which row, its name and record differ, all when they are two papers'; returns those not taken."""
    for key in IDS:
        one, other = ({key: r.get(key)} for r in (joined, mine))
        if not are_one or (key in ("doi", "bibcode") and contradicts(one, _united(names_of(other), own))):
            made.pop(key, None)
    found = []
    for key in IDS[1:] if are_one else IDS:
        kept = names_of({key: made.get(key)})
        for value in (r[key] for r in (joined, mine) if r.get(key) not in (None, "", made.get(key))):
            names = names_of({key: value})
            if names != kept or not any(names.values()):
                found.append(f"{key}: {value}")
    return found


def _licence_of_both(made: dict[str, Any], mine: Record, joined: Record, own: Names) -> list[str]:
    """Leave the licence of row or record where nothing speaks against it; returns what does."""
    ours, theirs = licence_of(mine), licence_of(joined)
    if ours is None and theirs is None:
        return []
    versions = {version_of(r) for r in (mine, joined)} - {None}
    if ours is not None and theirs is not None:
        why = "" if ours == theirs else f"{ours or 'unknown'} in the row, {theirs or 'unknown'} joined"
    elif contradicts(joined, _united(names_of(mine), own)):
        why = f"{ours or theirs or 'unknown'} of row or record alone, whose ids differ"
    else:
        why = ""
    if why or (ours is None and len(versions) > 1):
        made[LICENCE] = UNKNOWN_LICENCE
    elif theirs is None:
        made[LICENCE] = mine[LICENCE]
    return [f"license: {why}"] if why else []


def _keep_what_closes(made: dict[str, Any], records: Sequence[Record]) -> None:
    """Give `made` the comments, journal references and venues of all records; withdrawn when one says so."""
    for keys in (("comments",), ("journal-ref", "journal_ref")):
        texts = dict.fromkeys(text for r in records for key in keys if (text := _joined_text(r.get(key))))
        if texts:
            for key in keys:
                made.pop(key, None)
            made[keys[0]] = "; ".join(texts)
    for key in VENUES:  # apart: glued, "ApJ; The Astrophysical Journal" is no journal that anybody knows
        if said := list(dict.fromkeys(text for r in records for text in venues_of(r, key))):
            made[key] = said if len(said) > 1 else said[0]
    if len(records) > 1 and any(columns_of(r).get("is_withdrawn") for r in records):
        made["is_withdrawn"] = True


def _joined_text(value: object) -> str:
    return ", ".join(str(v) for v in value) if isinstance(value, list) else value if isinstance(value, str) else ""


def _settle_values(made: dict[str, Any], records: Sequence[Record]) -> list[str]:
    """Drop what must be one value and is not; returns what it was."""
    differing = []
    for key in _ONE_VALUE:
        values = [r[key] for r in records if r.get(key) is not None]
        if len({iso_date(v) or repr(v) if key == "date" else repr(v) for v in values}) > 1:
            made.pop(key)
            differing += [f"{key}: {value}" for value in values]
    return differing


def _united(one: Names, two: Names) -> Names:
    return {kind: one[kind] | two[kind] for kind in one}


def _settle_ids(made: dict[str, Any], newest: Sequence[Record], others: Sequence[Record], are_one: bool) -> list[str]:
    """Drop the ids of `made` on which the newest differ, all when some record is another paper's; returns those not taken."""
    for key in IDS:
        if not are_one or (key in ("doi", "bibcode") and len({repr(r[key]) for r in newest if key in r}) > 1):
            made.pop(key, None)
    looked = IDS[1:] if are_one else IDS
    every = [(key, r[key]) for r in (*newest, *others) for key in looked if r.get(key) not in (None, made.get(key))]
    return [f"{key}: {value}" for key, value in every]


def _settle_licence(
    made: dict[str, Any], newest: Sequence[Record], others: Sequence[Record], are_one: bool
) -> list[str]:
    """Leave a licence only where every record that states one (null is a statement) states the same, of the same paper."""
    own = next((word for r in newest if (word := licence_of(r)) is not None), None)
    said = {licence_of(r) or UNKNOWN_LICENCE for r in (*newest, *others) if LICENCE in r}
    if not own or (said == {own} and are_one):
        return []
    made[LICENCE] = UNKNOWN_LICENCE
    return [f"license: {' and '.join(sorted(word or 'unknown' for word in said))} in several records"]


def _distinct(records: Iterable[Record]) -> list[Record]:
    """Records without repeats, the newest first."""
    found = list(records)
    if len(found) < 2:  # most papers have one, and what it weighs need not be known
        return found
    return sorted({_rank(r): r for r in found}.values(), key=_rank, reverse=True)


def _rank(record: Record) -> tuple[tuple[str, int], str]:
    """Its age and the record itself, so that the order of the file says nothing."""
    return _age(record), json.dumps(record, sort_keys=True, default=str)


def _age(record: Record) -> tuple[str, int]:
    """update_date and version; larger is newer."""
    return iso_date(record.get("update_date")) or "", version_of(record) or 0


def _is_of_earlier_version(record: Record, than: Record) -> bool:
    one, other = version_of(record), version_of(than)
    return one is not None and other is not None and one < other
