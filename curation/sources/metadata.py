"""Snapshot-style metadata records (Kaggle's keys): which fields count, and the columns of metadata that they fill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.identity import LIST_MARK, normalise_licence, parse_arxiv_id, parse_bibcode, parse_doi
from curation.sources.bounds import CUT_MARK, MAX_SHARED_CHARS, MAX_SHARED_VERSIONS, bounded, is_cut, upto
from curation.sources.record_values import folded, iso_date, text_of
from curation.sources.versions import (
    UNKNOWN_VERSION,
    is_numbered,
    odd_version,
    version_number,
    version_of,
    versions_of,
)
from curation.sources.withdrawal import WITHDRAWN

Record = dict[str, Any]
"""A record as it stands in a snapshot, key -> JSON value."""
JOURNALS = ("journal", "journal_title", "booktitle", "pub", "bibstem", "publisher")
"""Keys that name a journal, or who prints it."""
VENUES = (*JOURNALS, "issn", "url", "adsurl", "volume", "page", "pages", "year")
"""Keys that say where a paper was published, of which nothing but withholding is decided."""
KEPT_KEYS = [
    "id",
    "arxiv_id",
    "title",
    "authors",
    "abstract",
    "categories",
    "license",
    "licence",
    "is_journal",
    "work_id",
    "doi",
    "journal-ref",
    "journal_ref",
    "bibcode",
    "comments",
    "versions",
    "version",
    "update_date",
    "date",
    "is_withdrawn",
    "unsure",
    *VENUES,
]
IDS = ("id", "arxiv_id", "doi", "bibcode")
"""Keys that may name a paper."""
LICENCE = "license"
"""The key of a licence in a record that was `kept`."""
_LICENCE_KEYS = (LICENCE, "licence")
_SCALAR = (str, int, float)
UNKNOWN_LICENCE = ""
"""Licence where one is stated that is not known, or several that differ: a statement, unlike null, so that no other licence
takes its place."""
MAX_UNSURE_CHARS = 300
"""How much of a value stands in the columns `unsure` and `venue`."""


def kept(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record that metadata is made of, cut to their bounds; those nested too deeply are left out. A licence
    stands under `LICENCE`, however its key was spelled; a list of ids, as ADS gives them, is one text."""
    made = {
        key: bounded(key, one_text(record[key]) if key in IDS else record[key])
        for key in KEPT_KEYS
        if key not in _LICENCE_KEYS and record.get(key) is not None and _is_flat(record[key])
    }
    if said := [record[key] for key in _LICENCE_KEYS if key in record]:
        made[LICENCE] = _one_licence([value for value in said if value is not None])
    return made


def one_text(value: object) -> object:
    """A list of texts as one."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return LIST_MARK.join(value)
    return value


def shared(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record that was `kept`, as it is given to more than `MAX_WHOLE` papers: what describes the paper is cut, and of its versions
    the last ones stay."""
    made = {
        key: upto(value, MAX_SHARED_CHARS[key]) if key in MAX_SHARED_CHARS else value for key, value in record.items()
    }
    if len(versions := versions_of(record)) > MAX_SHARED_VERSIONS:
        versions = sorted(versions, key=lambda v: version_number(v.get("version")) or 0)[-MAX_SHARED_VERSIONS:]
        made["versions"] = [*versions, CUT_MARK.strip()]
    return made


def _one_licence(said: list[Any]) -> Any:
    """What a record says under both spellings of the key, as one value: null, which is a statement beside another record's, its
    text, or what no licence is called."""
    texts = [bounded(LICENCE, value) for value in said if isinstance(value, str)]
    if len(texts) < len(said):  # a list or number must not give way to the other key
        return []
    words = {normalise_licence(text) or text for text in texts}
    return " and ".join(texts) if len(words) > 1 else next(iter(texts), None)


def columns_of(record: Mapping[str, Any] | None, version: int | None = None) -> dict[str, Any]:
    """The columns of metadata that a record fills: title ... unsure. Values of a wrong type are left null, long ones are cut
    (`curation.sources.bounds`).

    Args:
        version: the version at hand, when known. A record speaks of its own version (the latest that it lists); of
            another one, of one that it does not number (`"version": "latest"`), or where it lists one without a number, the licence is unknown, because arXiv gives
            one to each version, and the date is that of `versions`. No record speaks of `UNKNOWN_VERSION`.
    """
    if not record:
        return {}
    record = kept(record)
    own = version_of(record)
    is_own = version is None or (version == own and is_numbered(record))
    if own is None and record.get("version") is None and version != UNKNOWN_VERSION:
        is_own = True
    version = version or own
    comments = folded(text_of(record.get("comments")))
    abstract = text_of(record.get("abstract"))
    raw_date = _raw_date(record, version, is_own)
    columns = {
        "version": version,
        "title": folded(record.get("title")),
        "authors": folded(record.get("authors")),
        "abstract": abstract.strip() if abstract else None,
        "categories": categories_of(record.get("categories")),
        "licence": (licence_of(record) or None) if is_own else None,
        "doi": parse_doi(text_of(record.get("doi"))),
        "journal_ref": folded(record.get("journal-ref") or record.get("journal_ref")),
        "bibcode": next(
            filter(None, map(parse_bibcode, (text_of(record.get("bibcode")) or "").split(LIST_MARK))), None
        ),
        "comments": comments,
        "date": iso_date(raw_date),
        "is_withdrawn": _is_withdrawn(record, comments, folded(abstract)),
        "is_journal": record["is_journal"] if isinstance(record.get("is_journal"), bool) else None,
        "work_id": None if is_cut(record.get("work_id")) else text_of(record.get("work_id")),
    }
    return columns | {"venue": _venue(record) or None, "unsure": _unsure(record, columns, raw_date) or None}


def licence_of(record: Mapping[str, Any]) -> str | None:
    """The normalised licence of a record that was `kept`; `UNKNOWN_LICENCE` when it states none that is known; None when it
    states none."""
    said = record.get(LICENCE)
    if said is None:
        return None
    return (normalise_licence(said) if isinstance(said, str) else None) or UNKNOWN_LICENCE


def _unsure(record: Mapping[str, Any], columns: Mapping[str, Any], raw_date: object) -> list[str]:
    """`key: value` for what the record says and no column holds, because it is no identifier, licence or date."""
    given = record.get("unsure")
    found = [text for text in given if isinstance(text, str)] if isinstance(given, list) else []
    said: dict[str, object] = {key: record.get(key) for key in ("doi", "bibcode") if columns[key] is None}
    if not parse_arxiv_id(text_of(record.get("arxiv_id"))):
        said["arxiv_id"] = record.get("arxiv_id")
    if licence_of(record) == UNKNOWN_LICENCE:
        said[LICENCE] = record[LICENCE]
    said["versions"] = odd_version(record)
    if columns["date"] is None:
        said["date"] = raw_date
    found += [f"{key}: {value}" for key, value in said.items() if value not in (None, "")]
    found += [f"{key}: too long, cut" for key in KEPT_KEYS if key not in said and is_cut(record.get(key))]
    return [str(folded(text))[:MAX_UNSURE_CHARS] for text in found if folded(text)]


def _venue(record: Mapping[str, Any]) -> list[str]:
    """`key: value` for what the record says of where the paper was published; of several values each has a line of its own."""
    return [f"{key}: {text}" for key in VENUES for text in venues_of(record, key)]


def venues_of(record: Mapping[str, Any], key: str) -> list[str]:
    """What a record says under a key of `VENUES`, numbers as text, each item of a list apart."""
    said = record.get(key)
    texts = (folded(str(v) if _is_number(v) else v) for v in (said if isinstance(said, list) else [said]))
    return list(dict.fromkeys(text[:MAX_UNSURE_CHARS] for text in texts if text))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_flat(value: object, depth: int = 3) -> bool:
    """False for values nested deeper than any that belong to a snapshot (a list of versions is the deepest)."""
    if isinstance(value, _SCALAR):  # most are: a snapshot has 40 million values
        return True
    if isinstance(value, Mapping):
        value = list(value.values())
    return not isinstance(value, list) or (depth > 0 and all(_is_flat(item, depth - 1) for item in value))


def categories_of(value: object) -> list[str] | None:
    """The categories that a record names, in one text or a list; None where it names none."""
    if isinstance(value, str):
        return value.split() or None
    if isinstance(value, list):
        return [c for v in value if isinstance(v, str) for c in v.split()] or None
    return None


def _raw_date(record: Mapping[str, Any], version: int | None, is_own: bool) -> object:
    """What the record says of the date of a version, else (of its own version) of its own date: the first that is there."""
    for entry in versions_of(record):
        if version_number(entry.get("version")) == version and text_of(entry.get("created")):
            return entry["created"]
    values = [record.get(key) for key in ("date", "update_date")] if is_own else []
    return next((value for value in values if value not in (None, "")), None)


def date_of(record: Mapping[str, Any]) -> str | None:
    """The date of the version that a record speaks of, as its column has it."""
    return iso_date(_raw_date(record, version_of(record), True))


def says_withdrawn(record: Mapping[str, Any]) -> bool:
    """Whether a record says that its paper was withdrawn, in whichever way."""
    return _is_withdrawn(record, folded(text_of(record.get("comments"))), folded(text_of(record.get("abstract"))))


def _is_withdrawn(record: Mapping[str, Any], comments: str | None, abstract: str | None) -> bool:
    """The record says it, the last version has no content (size 0kb, source_type I), or the comments or the beginning of the
    abstract say so."""
    if record.get("is_withdrawn") is True:
        return True
    last = max(versions_of(record), key=lambda v: version_number(v.get("version")) or 0, default={})
    if str(last.get("size", "")).strip().lower() == "0kb" or "I" in str(last.get("source_type") or ""):
        return True
    return bool(comments and WITHDRAWN.search(comments)) or bool(abstract and WITHDRAWN.match(abstract))
