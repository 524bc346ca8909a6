"""Snapshot-style metadata records (JSON lines, Kaggle's keys): read, found by paper, turned into papers columns."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from curation.errors import BrokenFileError, UserError
from curation.extract.clean import clean_text
from curation.identity import normalise_licence, parse_arxiv_id, parse_bibcode, parse_doi
from curation.joins import SAMPLES, Side, some
from curation.sources.text_file import numbered_lines

BINDING_KEYS = ("file", "member", "slug")
"""Keys that bind a record to a member (path, stem or folder name) which carries no arXiv id in its name."""
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
]
_NOUN = (
    r"(?:paper|article|manuscript|submission|preprint|e-?print|work|version|letter|note|draft|thesis|contribution)\b"
)
_MARKS = r"[\s\[(*\"']{0,5}"
_START = rf"(?:^|[.;:,!?*-] ?){_MARKS}"
_LATER = r"(?:(?!earlier|previous|first|old|original|former|initial)[\w-]+ )?"
# out of a journal is not out of arXiv
_KEPT = r"(?!(?: by (?:the )?authors?)? from (?!(?:the )?(?:arxiv|archive|publication|public|e-?print|preprint)))"
_WITHDRAWN = re.compile(
    # "paper withdrawn", "this paper has now been withdrawn": of itself, and of no earlier version
    rf"(?:{_START}(?:(?:the|our) )?|(?<!\bof )\bthis ){_LATER}{_NOUN} (?:\([^)]*\) )?(?:(?:has|have|is|was) )?"
    rf"(?:(?:now|hereby|therefore|been|being|\w+ly) )*(?:withdrawn\b{_KEPT}|removed by arxiv)"
    # "the authors have withdrawn this paper"
    rf"|\b(?:authors?|we|i) (?:(?:have|has|are|is|hereby|now|decided to|wish to|would like to|\w+ly) )*"
    rf"withdr(?:aw|aws|ew|awn|awing) (?:this|the|our) {_LATER}{_NOUN}{_KEPT}"
    # "withdrawn due to an error"
    rf"|(?:^|[.;] ?){_MARKS}withdrawn\b{_KEPT}",
    re.IGNORECASE,
)


def iter_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a snapshot (.jsonl/.json, .gz or .zst).

    Raises:
        UserError: the file is missing, cut or damaged, or has a line that is no JSON object; names the line.
    """
    number = 0
    try:
        for number, line in numbered_lines(path):
            if not line.strip():
                continue
            record = json.loads(line)
            if not isinstance(record, dict):
                raise UserError(f"metadata {path}, line {number}: not a JSON object; one record a line is needed")
            yield record
    except FileNotFoundError:
        raise UserError(f"metadata file {path} is not there; mend sources.metadata in the config") from None
    except BrokenFileError as error:
        raise UserError(f"metadata {error}; get the file anew") from error
    except OSError as error:
        raise UserError(f"metadata {path} cannot be read after line {number}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"metadata {path}, line {number}: {error}; one JSON object a line is needed") from error


def select_records(path: Path, wanted: Container[str]) -> tuple[dict[str, dict[str, Any]], Side]:
    """The records that are wanted, by arXiv id (without version) or by the value of a binding key; other keys cut away.

    Of several records of one paper the one of the latest `update_date` counts, whatever their order.

    Returns:
        The records by name; and how many there were, how many are wanted, and names of some that are not.
    """
    found: dict[str, tuple[tuple[str, str], dict[str, Any]]] = {}
    count, matched, samples = 0, 0, tuple[str, ...]()
    for record in iter_records(path):
        count += 1
        called = _names(record)
        names = [n for n in called if n in wanted]
        if not names:
            name = called[-1] if called else "a record without an id"
            samples = samples if len(samples) == SAMPLES and name >= samples[-1] else some((*samples, name))
            continue
        matched += 1
        kept = _kept(record)
        rank = (str(kept.get("update_date", "")), json.dumps(kept, sort_keys=True, default=str))
        for name in names:
            if name not in found or found[name][0] < rank:
                found[name] = (rank, kept)
    return {name: kept for name, (_, kept) in found.items()}, Side("records", count, matched, samples)


def _kept(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in KEPT_KEYS if record.get(key) is not None and _is_flat(record[key])}


def _names(record: Mapping[str, Any]) -> list[str]:
    words = {k: str(v) for k, v in record.items() if v and isinstance(v, str | int | float)}
    names = [words[key].strip("/") for key in BINDING_KEYS if key in words]
    for key in ("id", "arxiv_id"):
        if key in words:
            parsed = parse_arxiv_id(words[key])
            names.append(parsed.id if parsed else words[key])
    return names


def columns_of(record: Mapping[str, Any] | None, version: int | None = None) -> dict[str, Any]:
    """The papers columns that a record fills: title ... work_id. Values of a wrong type are left null.

    Args:
        version: the version at hand, when known. A record speaks of its own version (the latest that it lists); of
            another one the licence is unknown, because arXiv gives one to each version, and the date is that of
            `versions`.
    """
    if not record:
        return {}
    record = _kept(record)
    own = _version(record)
    is_own = version is None or own is None or version == own
    version = version or own
    comments = _folded(_text(record.get("comments")))
    abstract = _text(record.get("abstract"))
    return {
        "version": version,
        "title": _folded(record.get("title")),
        "authors": _folded(record.get("authors")),
        "abstract": abstract.strip() if abstract else None,
        "categories": _categories(record.get("categories")),
        "licence": normalise_licence(_text(record.get("license")) or _text(record.get("licence"))) if is_own else None,
        "doi": parse_doi(_text(record.get("doi"))),
        "journal_ref": _folded(record.get("journal-ref") or record.get("journal_ref")),
        "bibcode": parse_bibcode(_text(record.get("bibcode"))),
        "comments": comments,
        "date": _version_date(record, version) or (_record_date(record) if is_own else None),
        "is_withdrawn": _is_withdrawn(record, comments, _folded(abstract)),
        "is_journal": record["is_journal"] if isinstance(record.get("is_journal"), bool) else None,
        "work_id": _text(record.get("work_id")),
    }


def _is_flat(value: object, depth: int = 3) -> bool:
    """False for values nested deeper than any that belong to a snapshot (a list of versions is the deepest)."""
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


def _categories(value: object) -> list[str] | None:
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


def _version(record: Mapping[str, Any]) -> int | None:
    """The record's own version (a key, or a part of its id), else the latest that it lists."""
    if (number := _version_number(record.get("version"))) is not None:
        return number
    if (named := parse_arxiv_id(_text(record.get("arxiv_id")) or _text(record.get("id")))) and named.version:
        return named.version
    numbers = [n for v in _versions(record) if (n := _version_number(v.get("version"))) is not None]
    return max(numbers, default=None)


def _version_date(record: Mapping[str, Any], version: int | None) -> str | None:
    for entry in _versions(record):
        if _version_number(entry.get("version")) == version and (created := _text(entry.get("created"))):
            try:
                return parsedate_to_datetime(created).date().isoformat()
            except (ValueError, TypeError):
                return None
    return None


def _record_date(record: Mapping[str, Any]) -> str | None:
    for key in ("date", "update_date"):
        value = record.get(key)
        if isinstance(value, datetime):
            return value.date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
            return value[:10]
    return None


def _is_withdrawn(record: Mapping[str, Any], comments: str | None, abstract: str | None) -> bool:
    """The last version has no content (size 0kb, source_type I), or the comments or the beginning of the abstract say so."""
    last = max(_versions(record), key=lambda v: _version_number(v.get("version")) or 0, default={})
    if str(last.get("size", "")).strip().lower() == "0kb" or "I" in str(last.get("source_type") or ""):
        return True
    return bool(comments and _WITHDRAWN.search(comments)) or bool(abstract and _WITHDRAWN.match(abstract))
