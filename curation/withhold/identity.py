"""Matching documents with benchmark sources: by the built-in rule, by ids of a list, by titles of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from curation.withhold.araa import araa_announced, araa_name, is_araa_bibcode, is_araa_doi
from curation.withhold.titles import agreement, close_pairs, plain_title, same_title

Row = dict[str, Any]


def _match(paper: Row, rule: str, evidence: str, score: float = 1.0) -> Row:
    return {"doc_id": paper["doc_id"], "rule": rule, "evidence": evidence, "score": score}


def by_araa(papers: list[Row]) -> Iterator[Row]:
    """Matches of the rule `araa`, by any id of a paper (`links`), its journal or its comments. A comment that announces the
    article scores .8: the author may have thought better."""
    for paper in papers:
        names = (*paper["links"], *(paper["unsure"] or ()))
        if doi := next(filter(None, map(is_araa_doi, (*names, paper["journal_ref"]))), None):
            yield _match(paper, "doi", f"doi {doi}")
        if code := next(filter(is_araa_bibcode, names), None):
            yield _match(paper, "bibcode", f"bibcode {code.removeprefix('bibcode:')}")
        if name := araa_name(paper["journal_ref"]):
            yield _match(paper, "journal_ref", f"journal reference {paper['journal_ref']!r} names {name!r}")
        if name := araa_announced(paper["comments"]):
            yield _match(paper, "comments", f"comments announce {name!r}", 0.8)


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
        for name in ids:
            for entry in of_key.get(name, ()):
                match = _match(paper, name.partition(":")[0].lower(), f"{name} is {entry['entry']}")
                yield {**match, "mark": entry["mark"], "entry": entry["entry"]}


def by_title(papers: Sequence[Row], works: Sequence[Row], known: set[tuple[str, str, str]]) -> Iterator[Row]:
    """Matches by title.

    Args:
        works: rows of the table `withhold_titles`.
        known: doc_id, mark and entry of what an id has matched, which is not told again.
    """
    told = set(known)
    owners = [(paper, plain_title(title)) for paper in papers for title in paper["titles"]]
    wanted = [plain_title(work["title"]) for work in works]
    for i, j, ratio in close_pairs([title for _, title in owners], wanted):
        (paper, mine), work = owners[i], works[j]
        pair = (paper["doc_id"], work["mark"], work["entry"])
        agrees = agreement(paper["authors"], paper["date"], work["first_author"], work["year"])
        if pair not in told and same_title(mine, wanted[j], ratio, agrees=agrees):
            told.add(pair)
            match = _match(paper, "title", f"title is that of {work['entry']}: {work['title']!r}", ratio / 100)
            yield {**match, "mark": work["mark"], "entry": work["entry"]}
