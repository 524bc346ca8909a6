"""Answers of NASA ADS as lines of a metadata snapshot: they link bibcodes, DOIs and arXiv ids, and carry no abstracts, which
the terms of ADS forbid to pass on.

Two forms: what its search answers (`response.docs`), and a document of its ingest data model (`publisherIDs`). Neither says when
a record was changed, so that none takes the place of a line of a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from curation.errors import UserError
from curation.identity import arxiv_of_bibcode, parse_arxiv_id, parse_bibcode
from curation.sources.metadata import Record
from curation.sources.record_values import iso_date

_MARKS = frozenset({"responseHeader", "response", "publisherIDs", "error"})


def is_ads(value: object) -> bool:
    """Whether a JSON value is of one of the forms, or an error that ADS answers."""
    return isinstance(value, Mapping) and "id" not in value and not _MARKS.isdisjoint(value)


def read_ads(value: Mapping[str, Any], reject: Callable[[str, str], object] = lambda *_: None) -> list[Record]:
    """The records of an answer or document.

    Args:
        reject: called with the name of each that is no paper, and why.

    Raises:
        UserError: it is an error of ADS, or holds no records; in words.
    """
    if "publisherIDs" in value:
        return [_ingested(value)]
    docs = value["response"].get("docs") if isinstance(value.get("response"), Mapping) else None
    if not isinstance(docs, list):
        said = value.get("error")
        words = said.get("msg") if isinstance(said, Mapping) else said
        raise UserError(f"ADS answered an error: {str(words)[:200]}" if words else "an answer of ADS without records")
    records = [_searched(_object(doc)) for doc in docs]
    for record, doc in zip(records, docs, strict=True):
        if record is None:
            reject(str(_object(doc).get("bibcode"))[:80], "it has neither a bibcode nor an arXiv id")
    return [record for record in records if record is not None]


def _searched(doc: Mapping[str, Any]) -> Record | None:
    """A document of the search: title and doi are lists there, bibcode is a text. None where it names no paper."""
    codes = [code for key in ("bibcode", "alternate_bibcode") for code in _texts(doc.get(key)) if parse_bibcode(code)]
    eprints = [arxiv_of_bibcode(code) for code in codes]
    names = [parse_arxiv_id(name) for name in _texts(doc.get("identifier"))]
    paper = next((found.id for found in [*names, *eprints] if found), None)
    if paper is None and not codes:
        return None
    made = {
        "id": paper or codes[0],
        "bibcode": codes or None,
        "title": next(iter(_texts(doc.get("title"))), None),
        "authors": _authors(_texts(doc.get("author"))),
        "doi": _texts(doc.get("doi")) or None,
        "journal-ref": doc.get("pub_raw"),
        "date": iso_date(doc.get("date")),
    }
    return {key: value for key, value in made.items() if value is not None}


def _ingested(doc: Mapping[str, Any]) -> Record:
    """A document of the ingest data model (https://github.com/adsabs/ingest_data_model)."""
    names = [each.get("Identifier") for each in _objects(doc.get("publisherIDs"))]
    paper = next((found.id for name in names if (found := parse_arxiv_id(_text(name)))), None)
    if paper is None:
        raise UserError("a document of ADS's ingest without an arXiv id among its publisherIDs")
    authors = [_text(_object(each.get("name")).get("pubraw")) for each in _objects(doc.get("authors"))]
    comments = [_text(each.get("commentText")) for each in _objects(doc.get("comments"))]
    made = {
        "id": paper,
        "title": _text(_object(doc.get("title")).get("textEnglish")),
        "authors": _authors([name for name in authors if name]),
        "comments": "; ".join(c.removeprefix("Comment: ") for c in comments if c) or None,
        "subjects": [word for each in _objects(doc.get("keywords")) if (word := _text(each.get("keyString")))] or None,
        "date": iso_date(_object(doc.get("pubDate")).get("electrDate")),
    }
    return {key: value for key, value in made.items() if value is not None}


def _authors(names: list[str]) -> str | None:
    """`Sudilovsky, Oscar` as snapshots write it: Oscar Sudilovsky."""
    parts = ([part.strip() for part in name.split(",", 1)] for name in names)
    return ", ".join(" ".join(reversed(part)) for part in parts) or None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _texts(value: object) -> list[str]:
    return list(
        dict.fromkeys(t for t in (value if isinstance(value, list) else [value]) if isinstance(t, str) and t.strip())
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
