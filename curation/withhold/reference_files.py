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
_ENTRY = re.compile(r"(?m)(?:^[^\S\n]*%*|(?<=[})]))[^\S\n]*@\s*(\w+)\s*[{(]\s*(?:([^,\s{}=\"]+)\s*(?=[,}])|(?=[,}]))")
_STRING = re.compile(r"@string\s*[{(]\s*(\w+)\s*=\s*[\"{]([^\"}]*)[\"}]", re.IGNORECASE)
_MAY_LINK = (
    "adsurl",
    "url",
    "note",
    "howpublished",
    "link",
    "ee",
    "bdsk-url-1",
    "bdsk-url-2",
    "addendum",
    "eid",
    "number",
)
_NO_WORK = ("string", "comment", "preamble", "set", "xdata", "control")
_TAG = re.compile(r"%([A-Z0-9])\s+(.*)")
_RIS = re.compile(r"([A-Z][A-Z0-9])  ?- ?(.*)")
_OF_RIS = {
    **{
        "TY": "0",
        "TI": "T",
        "T1": "T",
        "AU": "A",
        "A1": "A",
        "JO": "J",
        "JF": "J",
        "JA": "J",
        "T2": "J",
        "VL": "V",
        "SP": "P",
    },
    **{
        "PY": "D",
        "Y1": "D",
        "DA": "D",
        "DO": "R",
        "UR": "U",
        "L1": "U",
        "L2": "U",
        "N1": "U",
        "M1": "U",
        "M3": "U",
        "ID": "U",
        "C7": "P",
    },
}
"""Tags of RIS by those of the tagged export that say the same."""
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
        yield line, _of_bibtex(found[2] or "", fields)


def _of_bibtex(key: str, fields: Mapping[str, str]) -> Row:
    """What an entry says. Of ADS its key is the bibcode, of others it may be an arXiv id."""
    eprint = fields.get("eprint") or fields.get("arxivid") or ""
    is_arxiv = "arxiv" in (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").lower()
    names = split_names(fields.get("author") or "")
    journal = fields.get("journal") or fields.get("journaltitle") or ""
    volume, pages = fields.get("volume") or "", fields.get("pages") or fields.get("eid") or ""
    return {
        "ids": [key, eprint if is_arxiv else "", *(fields.get(name) or "" for name in ("doi", "bibcode"))],
        "texts": [fields.get(name) or "" for name in _MAY_LINK],
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
    for number, given in enumerate(value, start=1):
        doc = _of_csl({key.lower(): said for key, said in given.items()})
        journal, volume, page = (_first(doc.get(key)) for key in ("pub", "volume", "page"))
        keys = ("bibcode", "alternate_bibcode", "identifier", "doi", "arxiv_id", "eprint", "paper_id")
        yield (
            number,
            {
                "ids": [name for key in keys for name in _texts(doc.get(key))],
                "texts": [text for key in ("url", "note") for text in _texts(doc.get(key))],
                "journal_ref": f"{journal} {volume}, {page}" if journal and volume and page else None,
                "title": _first(doc.get("title")),
                "first_author": _first(doc.get("first_author")) or _first(doc.get("author")),
                "year": _first(doc.get("year")),
            },
        )


def _of_csl(doc: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document of ADS; of CSL JSON, as Zotero exports it, its fields under ADS's names."""
    if not {"container-title", "issued"} & set(doc):
        return doc
    names, issued = doc.get("author"), doc.get("issued")
    first = names[0] if isinstance(names, list) and names and isinstance(names[0], Mapping) else {}
    parts = issued.get("date-parts") if isinstance(issued, Mapping) else None
    year = parts[0][0] if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0] else None
    made = {
        "pub": doc.get("container-title"),
        "first_author": f"{first['family']}," if first.get("family") else None,
        "year": year,
    }
    return {**doc, **made, "author": None, "page": str(doc.get("page") or "").partition("-")[0] or None}


def from_tags(path: Path) -> Rows:
    """Records of a tagged export, by their line: of ADS (`%R` bibcode, `%T` title, `%A` authors, `%D` date, `%J` journal, `%Y` ids),
    which begins each with `%R`; of EndNote, with `%0`, where `%R` is the DOI; of RIS, with `TY`."""
    tagged = [(_tag_of(line), line) for line in read_text(path).splitlines()]
    begins = "0" if any(found and found[0] == "0" for found, _ in tagged) else "R"
    fields: dict[str, list[str]] = {}
    begin = 0
    tag = ""
    for number, (found, line) in enumerate(tagged, start=1):
        if found and found[0] == begins and fields:
            yield begin, _of_tags(fields)
            fields = {}
        if found:
            tag = found[0]
            begin = begin if fields else number
            fields.setdefault(tag, []).append(found[1].strip())
        elif line.strip() and fields:
            fields[tag][-1] += f" {line.strip()}"
    if fields:
        yield begin, _of_tags(fields)


def is_tagged(text: str) -> bool:
    """Whether a text is an export with tags, not a list of lines: two of its first lines with words begin so."""
    return sum(_tag_of(line) is not None for line in text.splitlines()[:20]) > 1


def _tag_of(line: str) -> tuple[str, str] | None:
    """Tag and value of a line; tags of RIS by their equals, others of it by their own names."""
    if found := _TAG.match(line):
        return found[1], found[2]
    if found := _RIS.match(line):
        return _OF_RIS.get(found[1], found[1]), found[2]
    return None


def _of_tags(fields: Mapping[str, list[str]]) -> Row:
    ids = " ".join(text for tag in "YUI" for text in fields.get(tag, ()))
    authors = " ".join(fields.get("A", ()))
    journal, volume, page = (next(iter(fields.get(tag, ())), None) for tag in "JVP")
    return {
        "ids": [*fields.get("R", ()), *_DOI.findall(ids.replace(";", " ")), *_EPRINT.findall(ids.replace(";", " "))],
        "texts": fields.get("U", []),
        "journal_ref": f"{journal} {volume}, {page}" if journal and volume and page else journal,
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
