"""Lists of works as reference managers and ADS export them: BibTeX, ADS's JSON, its tagged text. Each gives rows of a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curation.errors import ConfigError
from curation.extract.latex.bibliography import last_name, parse_fields, split_names
from curation.sources.text_file import read_text

Row = dict[str, Any]
Rows = Iterator[tuple[int, Row]]
_ENTRY = re.compile(r"@\s*(\w+)\s*[{(]\s*(?:([^,\s{}=\"]+)\s*(?=[,}])|(?=[,}]))")
_STRING = re.compile(r"@string\s*[{(]\s*(\w+)\s*=\s*[\"{]([^\"}]*)[\"}]", re.IGNORECASE)
_NO_WORK = ("string", "comment", "preamble")
_TAG = re.compile(r"%([A-Z0-9])\s+(.*)")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_EPRINT = re.compile(r"arxiv:\s*(\S+)", re.IGNORECASE)


def from_bibtex(path: Path) -> Rows:
    """Entries of a .bib file, with the line at which each begins.

    Raises:
        ConfigError: an entry is not closed, or has no field.
    """
    text = read_text(path)
    strings = {name.lower(): value for name, value in _STRING.findall(text)}
    entries = [found for found in _ENTRY.finditer(text) if found[1].lower() not in _NO_WORK]
    for n, found in enumerate(entries):
        line = text.count("\n", 0, found.start()) + 1
        end = entries[n + 1].start() if n + 1 < len(entries) else len(text)
        body = text[found.start() : end]
        plain = re.sub(r"\\.", "", body)
        if plain.count("{") + plain.count("(") != plain.count("}") + plain.count(")") and plain.count(
            "{"
        ) != plain.count("}"):
            raise ConfigError(f"benchmark sources {path}, line {line}: the entry {found[2] or ''} is not closed")
        behind = text.find(",", found.end())
        fields = parse_fields(text, behind + 1, strings) if 0 <= behind < end else {}
        if not fields:
            raise ConfigError(f"benchmark sources {path}, line {line}: the entry {found[2] or ''} has no field")
        yield line, _of_bibtex(fields)


def _of_bibtex(fields: Mapping[str, str]) -> Row:
    eprint = fields.get("eprint") or ""
    is_arxiv = "arxiv" in (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").lower()
    names = split_names(fields.get("author") or "")
    journal = fields.get("journal") or fields.get("journaltitle") or ""
    volume, pages = fields.get("volume") or "", fields.get("pages") or fields.get("eid") or ""
    return {
        "ids": [eprint if is_arxiv else "", fields.get("doi") or "", fields.get("bibcode") or ""],
        "texts": [fields.get(key) or "" for key in ("adsurl", "url", "note", "howpublished")],
        "journal_ref": f"{journal} {volume}, {pages}" if journal and volume and pages else None,
        "title": fields.get("title"),
        "first_author": f"{last_name(names[0])}," if names else None,
        "year": next(iter(_YEAR.findall(fields.get("year") or fields.get("date") or "")), None),
    }


def from_ads_json(path: Path) -> Rows:
    """Documents of an answer of ADS's search, or a list of such documents, by their number.

    Raises:
        ConfigError: it is no JSON, or has no documents.
    """
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"benchmark sources {path}: no JSON: {error}") from error
    if isinstance(value, Mapping):
        answer = value.get("response")
        value = answer.get("docs") if isinstance(answer, Mapping) else value.get("docs")
    if not isinstance(value, list) or not all(isinstance(doc, Mapping) for doc in value):
        raise ConfigError(f"benchmark sources {path}: neither an answer of ADS (`response.docs`) nor a list of objects")
    for number, doc in enumerate(value, start=1):
        journal, volume, page = (_first(doc.get(key)) for key in ("pub", "volume", "page"))
        keys = ("bibcode", "alternate_bibcode", "identifier", "doi", "arxiv_id", "eprint", "paper_id")
        yield (
            number,
            {
                "ids": [name for key in keys for name in _texts(doc.get(key))],
                "texts": [],
                "journal_ref": f"{journal} {volume}, {page}" if journal and volume and page else None,
                "title": _first(doc.get("title")),
                "first_author": _first(doc.get("first_author")) or _first(doc.get("author")),
                "year": _first(doc.get("year")),
            },
        )


def from_ads_tags(path: Path) -> Rows:
    """Records of ADS's tagged export (`%R` bibcode, `%T` title, `%A` authors, `%D` date, `%J` journal, `%Y` ids), by their line."""
    fields: dict[str, list[str]] = {}
    begin = last = 0
    tag = ""
    for last, line in enumerate(read_text(path).splitlines(), start=1):
        found = _TAG.match(line)
        if found and found[1] in ("R", "0") and fields:
            yield begin, _of_tags(fields)
            fields = {}
        if found:
            tag = found[1]
            begin = begin if fields else last
            fields.setdefault(tag, []).append(found[2].strip())
        elif line.strip() and fields:
            fields[tag][-1] += f" {line.strip()}"
    if fields:
        yield begin, _of_tags(fields)


def is_tagged(text: str) -> bool:
    """Whether a text is an export with tags, not a list of lines: two of its first lines with words begin so."""
    return sum(bool(_TAG.match(line)) for line in text.splitlines()[:20]) > 1


def _of_tags(fields: Mapping[str, list[str]]) -> Row:
    ids = " ".join(text for tag in "YUI" for text in fields.get(tag, ()))
    authors = " ".join(fields.get("A", ()))
    return {
        "ids": [*fields.get("R", ()), *_DOI.findall(ids.replace(";", " ")), *_EPRINT.findall(ids.replace(";", " "))],
        "texts": fields.get("U", []),
        "journal_ref": next(iter(fields.get("J", ())), None),
        "title": next(iter(fields.get("T", ())), None),
        "first_author": authors.split(";")[0] or None,
        "year": next(iter(_YEAR.findall(" ".join(fields.get("D", ())))), None),
    }


def _texts(value: object) -> list[str]:
    return [
        str(item) for item in (value if isinstance(value, list) else [value]) if isinstance(item, str | int) and item
    ]


def _first(value: object) -> str | None:
    return next(iter(_texts(value)), None)
