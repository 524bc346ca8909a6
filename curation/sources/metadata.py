"""Snapshot-style metadata records (Kaggle's keys): which fields count, and the columns of metadata that they fill."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from curation.identity import LIST_MARK, normalise_licence, parse_arxiv_id, parse_bibcode, parse_doi
from curation.sources.bounds import CUT_MARK, MAX_SHARED_CHARS, MAX_SHARED_VERSIONS, bounded, is_cut, upto
from curation.sources.withdrawal import WITHDRAWN
from curation.text.clean import clean_text

JOURNALS = ("journal", "journal_title", "booktitle", "pub", "bibstem", "publisher")
"""Keys that name a journal, or who prints it."""
VENUES = (*JOURNALS, "issn", "url", "adsurl", "volume", "year")
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
UNKNOWN_VERSION = 0
"""A version that no record speaks of."""
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
    if len(versions := _versions(record)) > MAX_SHARED_VERSIONS:
        versions = sorted(versions, key=lambda v: _version_number(v.get("version")) or 0)[-MAX_SHARED_VERSIONS:]
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
    comments = _folded(_text(record.get("comments")))
    abstract = _text(record.get("abstract"))
    raw_date = _raw_date(record, version, is_own)
    columns = {
        "version": version,
        "title": _folded(record.get("title")),
        "authors": _folded(record.get("authors")),
        "abstract": abstract.strip() if abstract else None,
        "categories": categories_of(record.get("categories")),
        "licence": (licence_of(record) or None) if is_own else None,
        "doi": parse_doi(_text(record.get("doi"))),
        "journal_ref": _folded(record.get("journal-ref") or record.get("journal_ref")),
        "bibcode": next(filter(None, map(parse_bibcode, (_text(record.get("bibcode")) or "").split(LIST_MARK))), None),
        "comments": comments,
        "date": iso_date(raw_date),
        "is_withdrawn": _is_withdrawn(record, comments, _folded(abstract)),
        "is_journal": record["is_journal"] if isinstance(record.get("is_journal"), bool) else None,
        "work_id": None if is_cut(record.get("work_id")) else _text(record.get("work_id")),
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
    if not parse_arxiv_id(_text(record.get("arxiv_id"))):
        said["arxiv_id"] = record.get("arxiv_id")
    if licence_of(record) == UNKNOWN_LICENCE:
        said[LICENCE] = record[LICENCE]
    said["versions"] = _odd_version(record)
    if columns["date"] is None:
        said["date"] = raw_date
    found += [f"{key}: {value}" for key, value in said.items() if value not in (None, "")]
    found += [f"{key}: too long, cut" for key in KEPT_KEYS if key not in said and is_cut(record.get(key))]
    return [str(_folded(text))[:MAX_UNSURE_CHARS] for text in found if _folded(text)]


def _venue(record: Mapping[str, Any]) -> list[str]:
    """`key: value` for what the record says of where the paper was published."""
    said = {key: record[key] for key in VENUES if record.get(key) is not None}
    texts = {key: _folded(str(value) if isinstance(value, int | float) else value) for key, value in said.items()}
    return [f"{key}: {text}"[:MAX_UNSURE_CHARS] for key, text in texts.items() if text]


def _is_flat(value: object, depth: int = 3) -> bool:
    """False for values nested deeper than any that belong to a snapshot (a list of versions is the deepest)."""
    if isinstance(value, _SCALAR):  # most are: a snapshot has 40 million values
        return True
    if isinstance(value, Mapping):
        value = list(value.values())
    return not isinstance(value, list) or (depth > 0 and all(_is_flat(item, depth - 1) for item in value))


def _text(value: object) -> str | None:
    text = clean_text(value) if isinstance(value, str) else ""
    return text if text.strip() else None


def _folded(value: object) -> str | None:
    if isinstance(value, list):
        value = ", ".join(str(v) for v in value)
    text = _text(value)
    return " ".join(text.split()) if text else None


def categories_of(value: object) -> list[str] | None:
    """The categories that a record names, in one text or a list; None where it names none."""
    if isinstance(value, str):
        return value.split() or None
    if isinstance(value, list):
        return [c for v in value if isinstance(v, str) for c in v.split()] or None
    return None


def _versions(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    value = record.get("versions")
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []


def _version_number(value: object) -> int | None:
    match = re.fullmatch(r"v?([1-9]\d{0,2})", str(value).strip()) if isinstance(value, int | str) else None
    return int(match[1]) if match else None


def version_of(record: Mapping[str, Any]) -> int | None:
    """The record's own version (a key, or a part of its id), else the latest that it lists."""
    if (number := _version_number(record.get("version"))) is not None:
        return number
    if (named := parse_arxiv_id(_text(record.get("arxiv_id")) or _text(record.get("id")))) and named.version:
        return named.version
    return last_listed(record)


def last_listed(record: Mapping[str, Any]) -> int | None:
    """The latest of the versions that a record lists; None where it lists none."""
    numbers = [n for v in _versions(record) if (n := _version_number(v.get("version"))) is not None]
    return max(numbers, default=None)


def is_numbered(record: Mapping[str, Any]) -> bool:
    """Whether each version that a record lists has a number that is understood: else the last may be one that has none."""
    return _odd_version(record) is None


def _odd_version(record: Mapping[str, Any]) -> str | None:
    """The first of the versions that a record lists without a number that is understood."""
    value = record.get("versions")
    said = [v for v in value if v != CUT_MARK.strip()] if isinstance(value, list) else []
    words = (v.get("version") if isinstance(v, Mapping) else v for v in said)
    return next((repr(word) for word in words if _version_number(word) is None), None)


def version_at(record: Mapping[str, Any], time: str) -> int | None:
    """The last of the versions that a record lists which was made by a time (ISO, UTC); None where that cannot be told: it lists
    none so early, or tells no time of one of them."""
    made: dict[int, datetime] = {}
    if is_cut(record.get("versions")):
        return None
    for entry in _versions(record):
        number, created = _version_number(entry.get("version")), _time(entry.get("created"))
        if number is None or created is None:
            return None
        made[number] = created
    by = datetime.fromisoformat(time)
    return max((number for number, created in made.items() if created <= by), default=None)


def is_of_its_last(record: Mapping[str, Any], time: str) -> bool:
    """Whether a record that lists no versions speaks of the one that was the last at a time (ISO, UTC): it numbers none either, and
    says that it was changed last by then (`update_date`, and `date` where it has one)."""
    by = datetime.fromisoformat(time)
    changed = [_time(record.get(key)) for key in ("update_date", "date") if record.get(key) or key == "update_date"]
    return version_of(record) is None and all(when is not None and when <= by for when in changed)


def _time(value: object) -> datetime | None:
    """A time of arXiv's, `Mon, 2 Apr 2007 19:18:42 GMT` or ISO; the end of a day that names no hour."""
    if iso_date(value) is None or not isinstance(value, str):
        return None
    try:
        is_iso = re.match(r"\s*\d{4}-", value) is not None
        found = datetime.fromisoformat(value.strip()) if is_iso else parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if is_iso and len(value.strip()) == 10:
        found = found.replace(hour=23, minute=59, second=59)
    return found.replace(tzinfo=found.tzinfo or UTC)


def _raw_date(record: Mapping[str, Any], version: int | None, is_own: bool) -> object:
    """What the record says of the date of a version, else (of its own version) of its own date: the first that is there."""
    for entry in _versions(record):
        if _version_number(entry.get("version")) == version and _text(entry.get("created")):
            return entry["created"]
    values = [record.get(key) for key in ("date", "update_date")] if is_own else []
    return next((value for value in values if value not in (None, "")), None)


def date_of(record: Mapping[str, Any]) -> str | None:
    """The date of the version that a record speaks of, as its column has it."""
    return iso_date(_raw_date(record, version_of(record), True))


def iso_date(value: object) -> str | None:
    """A date, ISO text (a time may follow) or the text of a mail header as ISO date; None for any other, and for days that
    never were."""
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    text = value.strip() if isinstance(value, str) else ""
    try:
        if match := re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ][\d:.,]+)? ?(?:Z|UTC|[+-][\d:]+)?", text, re.ASCII):
            return date.fromisoformat(match[1]).isoformat()
        # the header's parser takes a year of fewer digits for one of this century
        if re.search(r" [1-9]\d{3} ", text, re.ASCII):
            return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, OverflowError):
        return None
    return None


def _is_withdrawn(record: Mapping[str, Any], comments: str | None, abstract: str | None) -> bool:
    """The record says it, the last version has no content (size 0kb, source_type I), or the comments or the beginning of the
    abstract say so."""
    if record.get("is_withdrawn") is True:
        return True
    last = max(_versions(record), key=lambda v: _version_number(v.get("version")) or 0, default={})
    if str(last.get("size", "")).strip().lower() == "0kb" or "I" in str(last.get("source_type") or ""):
        return True
    return bool(comments and WITHDRAWN.search(comments)) or bool(abstract and WITHDRAWN.match(abstract))
