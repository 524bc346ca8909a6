"""Matching documents with benchmark sources: by the built-in rule, by ids of a list, by titles of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from curation.sources.metadata import JOURNALS
from curation.withhold.araa import (
    araa_announced,
    araa_name,
    is_annual_reviews,
    is_araa_bibcode,
    is_araa_doi,
    is_araa_url,
)
from curation.withhold.imprint import araa_imprint
from curation.withhold.title_form import title_of
from curation.withhold.titles import agreement, alike, close_pairs
from schemas import BY_PAGE

Row = dict[str, Any]


def _match(paper: Row, rule: str, evidence: str, score: int = 1000) -> Row:
    return {"doc_id": paper["doc_id"], "rule": rule, "evidence": evidence, "score": score}


def by_araa(papers: Sequence[Row]) -> Iterator[Row]:
    """Matches of the rule `araa`, by any id of a paper (`links`), its journal, its comments, what its records say that no
    other column holds (`venue`, `unsure`), and its own first and last page. What only announces the article scores 800: the author may have thought better."""
    for paper in papers:
        unheld = (*(paper["venue"] or ()), *(paper["unsure"] or ()))
        said = [text.partition(": ")[::2] for text in unheld]
        names = (*paper["links"], *unheld)
        if doi := next(filter(None, map(is_araa_doi, (*names, paper["journal_ref"]))), None):
            yield _match(paper, "doi", f"doi {doi}")
        if code := next(filter(is_araa_bibcode, (*names, paper["journal_ref"])), None):
            yield _match(paper, "bibcode", f"bibcode {code.removeprefix('bibcode:')}")
        beside = _beside(said, paper["date"])
        whole = paper["journal_ref"]  # several records have several, glued
        ref = next((one for one in (whole or "").split(";") if _venue(one, beside)), whole)
        journals = [("journal reference", ref), *(pair for pair in said if pair[0] in JOURNALS)]
        for key, value in journals:
            if name := _venue(value, beside):
                rule = "journal_ref" if key == "journal reference" else key
                yield _match(paper, rule, f"{key} {value!r} names {name!r}")
        if any(key == "publisher" and is_annual_reviews(value) for key, value in journals):
            for key, value in journals:
                if value and not _venue(value, beside) and araa_name(f"Annual Review of {value}"):
                    yield _match(paper, "publisher", f"{key} {value!r} of the publisher Annual Reviews")
        if address := next((value for _, value in said if is_araa_url(value)), None):
            yield _match(paper, "url", f"{address!r} is a page of the journal, or has its ISSN")
        if name := araa_announced(paper["comments"]):
            yield _match(paper, "comments", f"comments announce {name!r}", 800)
        if line := araa_imprint(paper.get("text"), paper.get("front")):
            yield _match(paper, BY_PAGE, f"its own page says {line[:200]!r}")


def _beside(said: Sequence[tuple[str, str]], date: str | None) -> list[str]:
    """What records say beside a journal's name: each volume with the years, the years alone where none has a number."""
    years = " ".join([*(value for key, value in said if key == "year"), date or ""])
    volumes = [value for key, value in said if key == "volume" and any(c.isdigit() for c in value)]
    return [f"{volume} {years}" for volume in volumes] or [years]


def _venue(value: str | None, beside: Sequence[str]) -> str | None:
    """The journal that a field names: with a number or year in it, or in what stands `beside` it where it says nothing else."""
    if not value:
        return None
    waits = None if is_araa_doi(value) else araa_announced(value)
    numbered = (araa_name(f"{value.strip(' .')} {numbers}") for numbers in beside)
    return araa_name(value) or waits or next(filter(None, numbered), None)


def by_id(papers: Sequence[Row], names: Sequence[Sequence[str]], entries: Sequence[Row]) -> Iterator[Row]:
    """Matches by any id of a work.

    Args:
        names: ids of each paper, sorted.
        entries: rows of the table `withhold_ids`.
    """
    of_key: dict[str, list[Row]] = {}
    for entry in entries:
        of_key.setdefault(entry["key"], []).append(entry)
    for paper, ids in zip(papers, names, strict=True):
        told: set[tuple[str, str]] = set()
        for name in sorted(
            ids, key=lambda name: (name.startswith("journal_ref:"), name)
        ):  # it says what a bibcode said
            for entry in of_key.get(name, ()):
                work = (entry["mark"], entry["entry"])
                if not (name.startswith("journal_ref:") and work in told):
                    told.add(work)
                    match = _match(paper, name.partition(":")[0].lower(), f"{name} is {entry['entry']}")
                    yield {**match, "mark": entry["mark"], "entry": entry["entry"]}


def by_title(papers: Sequence[Row], works: Sequence[Row], known: set[tuple[str, str, str]]) -> Iterator[Row]:
    """Matches by title.

    Args:
        works: rows of the table `withhold_titles`.
        known: doc_id, mark and entry of what an id has matched, which is not told again.
    """
    told = set(known)
    owners = [(paper, title_of(title)) for paper in papers for title in paper["titles"]]
    wanted = [title_of(work["title"]) for work in works]
    for i, j in close_pairs([title for _, title in owners], wanted):
        (paper, mine), work = owners[i], works[j]
        pair = (paper["doc_id"], work["mark"], work["entry"])
        agrees = agreement(paper["authors"], paper["date"], work["first_author"], work["year"])
        if pair not in told and (score := alike(mine, wanted[j], agrees=agrees)) is not None:
            told.add(pair)
            match = _match(paper, "title", f"title is that of {work['entry']}: {work['title']!r}", score)
            yield {**match, "layer": "bibliographic", "mark": work["mark"], "entry": work["entry"]}
