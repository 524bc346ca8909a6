"""A record of OAI-PMH as a line of a metadata snapshot: Kaggle's keys, and what OAI says beyond them.

Beyond them stand size and source_type of a version (of arXivRaw), `is_deleted`, `is_withdrawn`, `datestamp` where the server
tells the time of day, classes, and `subjects` (of oai_dc). A format that lists no versions says `"version": "latest"`: its
licence speaks of no version that has a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from lxml import etree

from curation.identity import parse_arxiv_id
from curation.sources.fold import KAGGLE_KEYS, OAI_KEYS
from curation.sources.metadata import Record, columns_of
from curation.sources.oai.elements import child, children, local, text, texts
from curation.sources.record_values import iso_date

LATEST = "latest"
"""Version of a record whose format tells no numbers: the last one, whichever that is."""
MAX_EXCERPT = 200
_DATESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)?", re.ASCII)
_COMMENT = re.compile(r"\s*Comments?:\s*")
_PLAIN_KEYS = (
    "submitter",
    "title",
    "comments",
    "journal-ref",
    "doi",
    "report-no",
    "categories",
    "acm-class",
    "msc-class",
    "proxy",
)


class Rejected(NamedTuple):
    """A record that names no paper of arXiv, or nothing of it: what it is called, and why it is left out."""

    name: str
    reason: str


def read_record(element: etree._Element) -> Record | Rejected:
    """A `record` element of any of arXiv's formats (arXivRaw, arXiv, oai_dc)."""
    header = child(element, "header")
    if header is None:
        return Rejected("", "it has no header")
    bodies = children(element, "metadata")
    if max(len(children(element, "header")), len(bodies), *map(len, bodies), 0) > 1:
        return Rejected(_short(text(header, "identifier") or ""), "it has two headers or two bodies, which may differ")
    said = text(header, "identifier")
    name = said or ""
    if not said:
        return Rejected("", "its header has no identifier")
    parsed = parse_arxiv_id(said)
    if parsed is None or parsed.version is not None or not said.lower().startswith("oai:arxiv.org:"):
        return Rejected(_short(name), "its identifier is no arXiv id")
    if not (stamp := _DATESTAMP.fullmatch(text(header, "datestamp") or "")) or iso_date(stamp[1]) is None:
        return Rejected(_short(name), f"its datestamp is no date: {_short(text(header, 'datestamp') or 'none')!r}")
    when = {"update_date": stamp[1], **({"datestamp": stamp[0]} if stamp[0] != stamp[1] else {})}
    if (header.get("status") or "").strip().lower() == "deleted":
        return {"id": parsed.id, **when, "is_deleted": True, "is_withdrawn": True}
    metadata = child(element, "metadata")
    body = next(iter(metadata), None) if metadata is not None else None
    if body is None:
        return Rejected(_short(name), "it is not deleted and has no metadata")
    if (read := _FORMATS.get(local(body))) is None:
        return Rejected(_short(name), f"its format is not read: {_short(local(body))!r}")
    for own in texts(body, "id"):
        if (named := parse_arxiv_id(own)) is None or named.id != parsed.id:
            return Rejected(_short(name), f"its metadata is of another paper: {_short(own)!r}")
    return _whole(parsed.id, {**read(body, header), **when})


def _whole(paper: str, found: Record) -> Record:
    """A record with all of Kaggle's keys, in their order, and what else was found behind them."""
    record = {key: found.get(key) for key in KAGGLE_KEYS if key != "authors_parsed"}
    record["id"] = paper
    record |= {key: found[key] for key in ("authors_parsed", *OAI_KEYS) if found.get(key) is not None}
    if columns_of(record)["is_withdrawn"]:
        record["is_withdrawn"] = True
    return record


def _raw(body: etree._Element, header: etree._Element) -> Record:
    """arXivRaw: the versions as they were submitted."""
    versions = []
    for element in children(body, "version"):
        told = {key: text(element, name) for key, name in (("created", "date"), *((k, k) for k in _OF_VERSION))}
        versions.append({"version": element.get("version"), **{k: v for k, v in told.items() if v is not None}})
    return _plain(body) | {"authors": text(body, "authors"), "versions": versions}


_OF_VERSION = ("size", "source_type")


def _arxiv(body: etree._Element, header: etree._Element) -> Record:
    """arXiv: authors taken apart, dates of the first and the last version, no versions."""
    authors = []
    for element in (e for parent in children(body, "authors") for e in children(parent, "author")):
        name = [text(element, key) or "" for key in ("keyname", "forenames", "suffix")]
        authors.append([*name, *texts(element, "affiliation")])
    created, updated = text(body, "created"), text(body, "updated")
    dates = {"created": created, "date": updated or created, "version": LATEST}
    return _plain(body) | dates | {"authors": _joined(authors), "authors_parsed": authors}


def _dublin_core(body: etree._Element, header: etree._Element) -> Record:
    """oai_dc: no licence as a rule, no versions; categories only as the sets say them."""
    described = texts(body, "description", strip=False)
    comments = [text[m.end() :].strip() for text in described if (m := _COMMENT.match(text))]
    abstracts = [text for text in described if not _COMMENT.match(text)]
    authors = [[*(part.strip() for part in name.split(",", 2)), "", ""][:3] for name in texts(body, "creator")]
    names = texts(body, "identifier")
    dois = [name[4:].strip() for name in names if name.lower().startswith("doi:")]
    places = [name for name in names if not name.lower().startswith("doi:") and parse_arxiv_id(name) is None]
    dates = texts(body, "date")
    return {
        "title": text(body, "title"),
        "authors": _joined(authors),
        "authors_parsed": authors,
        "abstract": abstracts[0] if abstracts else None,
        "comments": comments[0] if comments else None,
        "categories": " ".join(dict.fromkeys(map(_category, texts(header, "setSpec")))) or None,
        "subjects": texts(body, "subject") or None,
        "doi": " ".join(dois) or None,
        "journal-ref": "; ".join(places) or None,
        "license": _licence(texts(body, "rights")),
        "created": dates[0] if dates else None,
        "date": dates[-1] if dates else None,
        "version": LATEST,
    }


_FORMATS: dict[str, Callable[[etree._Element, etree._Element], Record]] = {
    "arXivRaw": _raw,
    "arXiv": _arxiv,
    "dc": _dublin_core,
}


def _plain(body: etree._Element) -> Record:
    """The fields that arXiv and arXivRaw share."""
    found: Record = {key: text(body, key) for key in _PLAIN_KEYS}
    abstracts = texts(body, "abstract", strip=False)
    return found | {"license": _licence(texts(body, "license")), "abstract": abstracts[0] if abstracts else None}


def _licence(said: list[str]) -> str | list[str] | None:
    """One licence; several that differ as a list, which is none to the reader of records."""
    different = list(dict.fromkeys(said))
    return different if len(different) > 1 else next(iter(different), None)


def _category(spec: str) -> str:
    """A set as a category: `physics:astro-ph:CO` is astro-ph.CO, `physics:astro-ph` astro-ph, `math` math."""
    _, archive, topic, *_ = [*spec.split(":"), "", ""]
    return f"{archive}.{topic}" if topic else archive or spec


def _joined(authors: list[list[str]]) -> str | None:
    """Names as Kaggle's `authors` has them: forenames first."""
    return ", ".join(" ".join(filter(None, (a[1], a[0], a[2]))) for a in authors) or None


def _short(text: str) -> str:
    """A text of a server's for a message or a row of rejected records."""
    return text if len(text) <= MAX_EXCERPT else f"{text[:MAX_EXCERPT]}..."
