"""arXiv's own metadata files (`.abs`, https://github.com/arXiv/arxiv-base) as lines of a metadata snapshot.

Rules of dashes and `\\\\` part the fields from the abstract; a field goes on in lines that begin with blanks; each version has a
line with its date, size and kind of source: `Date (revised v2): Fri, 19 Jun 2009 14:29:19 GMT   (0kb,I)`.
"""

from __future__ import annotations

import re

from curation.errors import UserError
from curation.identity import parse_arxiv_id
from curation.sources.fold import KAGGLE_KEYS
from curation.sources.metadata import Record, columns_of
from curation.sources.record_values import iso_date

_RULE = re.compile(r"^\\\\[ \t]*$", re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z][\w-]*(?: \([^)\n]*\))?):[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_DATE = re.compile(r"Date(?: \((?:revised )?v([1-9]\d{0,2})\))?")
_VERSION = re.compile(r"(.*?)\s*\((\d+kb)(?:,([A-Z]+))?\)")
_KEYS = {
    "title": "title",
    "authors": "authors",
    "categories": "categories",
    "comments": "comments",
    "report-no": "report-no",
    "journal-ref": "journal-ref",
    "doi": "doi",
    "license": "license",
    "msc-class": "msc-class",
    "acm-class": "acm-class",
    "proxy": "proxy",
}


def is_abs(text: str) -> bool:
    """Whether a text begins as such a file does."""
    return re.match(r"(?:-{5,}\s*\n)?\\\\[ \t]*\narXiv:", text) is not None


def read_abs(text: str) -> Record:
    """The record of a file. Its `update_date` is the day of the last version: arXiv may have changed it later.

    Raises:
        UserError: it is not such a file, or names no paper; in words.
    """
    parts = _RULE.split(text)
    if not is_abs(text) or len(parts) < 3:
        raise UserError("no .abs file of arXiv: fields and abstract between lines of two backslashes are needed")
    fields = [(match[1], match[2].rstrip()) for match in _FIELD.finditer(parts[1])]
    found: Record = {key: None for key in KAGGLE_KEYS if key != "authors_parsed"}
    named = dict(reversed([(name.lower(), value) for name, value in fields]))
    paper = parse_arxiv_id(named.get("arxiv"))
    if paper is None:
        raise UserError(f"no arXiv id: {named.get('arxiv', '')[:80]!r}")
    found |= {_KEYS[name]: value for name, value in named.items() if name in _KEYS and value}
    found["id"] = paper.id
    found["submitter"] = re.sub(r"\s*<[^<>]*>\s*$", "", named.get("from", "")) or None
    found["versions"] = [_version(match[1], value) for name, value in fields if (match := _DATE.fullmatch(name))]
    # the rule before the abstract may be the second of the fields (0704.0001) or the only one
    found["abstract"] = parts[-2].removeprefix("\n") or None
    dates = [day for version in found["versions"] if (day := iso_date(version["created"]))]
    found["update_date"] = max(dates, default=None)
    if columns_of(found)["is_withdrawn"]:
        found["is_withdrawn"] = True
    return found


def _version(number: str | None, text: str) -> dict[str, str]:
    match = _VERSION.fullmatch(text)
    told = {"version": f"v{number or 1}", "created": match[1] if match else text}
    if match:
        told["size"] = match[2]
        if match[3]:
            told["source_type"] = match[3]
    return told
