"""What is known of every paper: what its member says and what records say of it, made one row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, groupby
from typing import Annotated, Any, ClassVar

import pyarrow as pa
from pydantic import AfterValidator

from curation.identity import ArxivId, check_licence, ids_of, paper_id_for, parse_arxiv_id, place_sha256
from curation.sources.at_hand import at_hand
from curation.sources.match_records import Tie
from curation.sources.members import row_of, utf8
from curation.sources.merge_records import Names, contradicts, names_of, one_record, with_row, without_strangers
from curation.sources.metadata import IDS, columns_of, licence_of
from curation.sources.versions import UNKNOWN_VERSION, last_listed, version_of
from curation.step import Inputs, MapStep, Requires
from schemas import METADATA, Table

_PAPERS = ("doc_id", "source", "source_id", "member", "content_sha256", "said", "as_of")
_RECORDS = ("doc_id", "rank", "tie", "is_older", "record")
_Found = tuple[str, list[dict[str, Any]]]
"""How a name is a paper's (`Tie`), and the records that it led to."""


class Metadata(MapStep):
    """One row a paper. Every later step reads identity, licence and dates here.

    Which version is at hand is said in `curation.sources.at_hand`. Of a data row one above all that a record lists is not believed:
    files may be newer than a snapshot, rows say what they like. A licence of another version is not the paper's, nor is any where
    the version is unknown. The summary says how often either is.
    """

    name: ClassVar[str] = "metadata"
    version: ClassVar[int] = 17
    requires: ClassVar[Requires] = {"papers": _PAPERS}
    provides: ClassVar[Table] = METADATA

    has_records: bool = False
    """Whether a source has a snapshot, so that there is a table records."""
    licences: Mapping[str, Annotated[str, AfterValidator(check_licence)]] = {}
    """Source -> the licence of its papers of which neither the row nor any record states one; one that has another has none."""

    def reads(self) -> Requires:
        return {"papers": _PAPERS} | ({"records": _RECORDS} if self.has_records else {})

    def run(self, inputs: Inputs) -> pa.Table:
        records = _by_document(inputs["records"]) if self.has_records else {}
        older = _older(inputs["records"]) if self.has_records else frozenset()
        papers = inputs["papers"].select(list(_PAPERS)).to_pylist()
        return METADATA.rows(
            self._row(paper, records.get(paper["doc_id"], []), is_older=paper["doc_id"] in older) for paper in papers
        )

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Papers whose licence is unknown because the record speaks of another version, since the version at hand is not known, or
        since they state another one than their source (both by source), those taken for the last version of their record (by source),
        and those whose version the record does not list."""
        table = made["metadata"]
        sources, unsure = table["source"].to_pylist(), table["unsure"].to_pylist()

        def by_source(is_told: Callable[[str], bool]) -> dict[str, int]:
            told = (s for s, texts in zip(sources, unsure, strict=True) if any(map(is_told, texts or ())))
            return dict(sorted(Counter(told).items()))

        return {
            "licence_of_another_version": table.num_rows - table["record_version"].null_count,
            "licence_of_unknown_version": by_source(lambda text: text.startswith(_DOUBT)),
            "taken_for_the_last_version": by_source(lambda text: text.startswith(_TAKEN)),
            "licence_against_source": by_source(_is_against_source),
            "version_not_listed": sum(text.startswith(_NOT_LISTED) for texts in unsure for text in texts or ()),
        }

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The same of all papers; that licences do not count is a warning, since it is seldom meant."""
        told = super().fold(summaries)
        warnings = [
            f"source {source}: {count:,} papers state another licence than its `licence: {self.licences.get(source)}`, so theirs is "
            "unknown, and tiers that name licences leave them out (`trace` shows both). Where the key is meant for the others, give "
            "these a source of their own, or take the key away"
            for source, count in told.get("licence_against_source", {}).items()
        ]
        warnings += [
            f"source {source}: the licence of {count:,} papers is unknown, since it is not known which of their versions is at hand "
            "(`trace` says why); tiers that name licences leave them out. Leave arXiv's tars packed, name versions in file names "
            "(2301.00001v2.tar.gz), or get newer metadata"
            for source, count in told.get("licence_of_unknown_version", {}).items()
        ]
        warnings += [
            f"source {source}: {count:,} papers are taken for the last version that their records speak of, whose licence counts: their names "
            "say none of several, or none where a record numbers none, or the metadata is older than they are (`trace` says which). What was unpacked from arXiv's tars may "
            "be of earlier versions: leave tars packed, name versions in file names (2301.00001v2.tar.gz), or get newer metadata"
            for source, count in told.get("taken_for_the_last_version", {}).items()
        ]
        return {**told, "warnings": warnings}

    def _row(self, paper: Mapping[str, Any], found: Sequence[_Found], *, is_older: bool) -> dict[str, object]:
        source_id, said = paper["source_id"], json.loads(paper["said"]) if paper["said"] else {}
        candidates = [records for _, records in found]
        own = names_of({"id": source_id})
        joined = one_record(candidates) if candidates else None
        record = with_row(said, joined, own) if said else joined or {}
        arxiv = _arxiv_id(source_id, record)
        named, records = (
            arxiv.version if arxiv and parse_arxiv_id(source_id) else None,
            [*chain.from_iterable(candidates)],
        )
        version, doubt, is_taken = at_hand(named, paper, said, joined, records, is_older=is_older)
        if said and version and version_of(said) == version:
            record = {**record, "version": version}  # the row speaks of itself, and licences were compared
        columns = columns_of(record, version)
        columns["version"] = None if version == UNKNOWN_VERSION else version or columns.get("version")
        if doubt and joined and licence_of(joined):
            columns["unsure"] = [*(columns.get("unsure") or ()), f"{_TAKEN if is_taken else _DOUBT}{doubt}"]
            columns["licence"] = columns.get("licence") if is_taken else None
        last = max((n for r in records if (n := last_listed(r))), default=None)
        if version and last and version > last and row_of(paper["member"]):
            told = f"{_NOT_LISTED}{version}, the last of the record is {last}"
            columns |= {"version": None, "unsure": [*(columns.get("unsure") or ()), told]}
        spoken_of = version_of(joined) if joined and licence_of(joined) else None
        is_another = version is not None and spoken_of not in (None, version)
        is_stated = any(licence_of(r) is not None for r in (said, *records))
        self._licence_of_source(paper["source"], columns, is_stated)
        doi, bibcode = columns.get("doi"), columns.get("bibcode")
        paper_id = paper_id_for(
            arxiv=arxiv.id if arxiv else None,
            doi=doi or source_id,
            bibcode=bibcode or source_id,
            content_sha256=paper["content_sha256"] or place_sha256(paper["source"], paper["member"]),
        )
        every = (_word(record.get(key)) for key in ("doi", "bibcode"))  # a field may hold several
        ids = ids_of(source_id, doi, bibcode, *every, *_said_ids(record, own, arxiv))
        made = columns | {
            "doc_id": paper["doc_id"],
            "paper_id": paper_id,
            "links": sorted({paper_id, *ids}),
            "claims": sorted(ids - _named(source_id, found)) or None,
            "source": paper["source"],
            "as_of": paper["as_of"],
            "n_records": len(records),
            "record_version": spoken_of if is_another and not columns.get("licence") else None,
        }
        return {name: _clean(value) for name, value in made.items()}

    def _licence_of_source(self, source: str, columns: dict[str, Any], is_stated: bool) -> None:
        """Give a paper its source's licence, unless one was stated that is another, in dispute, or not understood."""
        given = self.licences.get(source)
        if given is None:
            return
        if columns.get("licence") is None:
            columns["licence"] = None if is_stated else given
        elif columns["licence"] != given:
            said = f"{_OF_SOURCE[0]}{columns['licence']} in the record, {given}{_OF_SOURCE[1]}"
            columns |= {"licence": None, "unsure": [*(columns.get("unsure") or ()), said]}


def _by_document(records: pa.Table) -> dict[str, list[_Found]]:
    """doc_id -> the records that each of its names leads to, the surest name first."""
    found: dict[str, list[_Found]] = {}
    rows = sorted(zip(*(records[c].to_pylist() for c in ("doc_id", "rank", "tie", "record")), strict=True))
    for (doc_id, _, tie), group in groupby(rows, key=lambda row: row[:3]):
        found.setdefault(doc_id, []).append((tie, [without_strangers(json.loads(row[3])) for row in group]))
    return found


def _older(records: pa.Table) -> frozenset[str]:
    """doc_ids of members of tars than which their records are older."""
    return frozenset(records.filter(records["is_older"])["doc_id"].to_pylist())


def _named(source_id: str, found: Sequence[_Found]) -> frozenset[str]:
    """What the paper is called by its name, and by the records that this name led to."""
    records = [record for tie, records in found if tie != Tie.STATED for record in records]
    return ids_of(source_id, *(_word(record.get(key)) for record in records for key in IDS))


_OF_SOURCE = "license: ", " of the source"
"""Begins and ends what is told of a licence that is not that of the source."""
_DOUBT = "license: of an unknown version: "
"""Begins what is told of a licence that may be of another version than is at hand, and does not count."""
_TAKEN = "version: taken for the last of the record: "
"""Begins what is told of a paper whose version is not known for sure, and whose licence counts."""
_NOT_LISTED = "version not listed: "
"""Begins what is told of a version that no record lists."""


def _is_against_source(said: str) -> bool:
    return said.startswith(_OF_SOURCE[0]) and said.endswith(_OF_SOURCE[1])


def _arxiv_id(source_id: str, record: Mapping[str, Any]) -> ArxivId | None:
    """The arXiv id in the name, else in the record, when its keys do not say two."""
    if own := parse_arxiv_id(source_id):
        return own
    said = [parse_arxiv_id(_word(record.get(key))) for key in ("arxiv_id", "id")]
    found = [arxiv for arxiv in said if arxiv is not None]
    return found[0] if len({arxiv.id for arxiv in found}) == 1 else None


def _said_ids(record: Mapping[str, Any], own: Names, arxiv: ArxivId | None) -> list[str]:
    """What a record calls its paper by an id: none of another paper than the member's own name, none of two arXiv papers."""
    said = {key: word for key in ("arxiv_id", "id") if (word := _word(record.get(key)))}
    mine = [word for key, word in said.items() if not contradicts({key: word}, own)]
    return [word for word in mine if (found := parse_arxiv_id(word)) is None or (arxiv and found.id == arxiv.id)]


def _word(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None


def _clean(value: object) -> object:
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return utf8(value) if isinstance(value, str) else value
