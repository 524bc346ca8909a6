"""The first step of a run: a source lists what there is, opens it, and makes the papers table of a part.

Every later step asks the source for a paper's content by its row, and knows no place: a source of one's own may read a tar, a
database or a store. The smallest true one is in CONTRIBUTING.md.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Self

import pyarrow as pa
from pydantic import AfterValidator, Field, model_validator

from curation.artefact import PathOrAddress
from curation.confine.limits import Limits
from curation.confine.quiet import alone
from curation.errors import PaperError
from curation.identity import check_licence, doc_id_for
from curation.sources.choice import Choice
from curation.sources.members import name_in_tar, path_of, row_of, utf8
from curation.sources.metadata import columns_of, kept
from curation.sources.paper_content import Content
from curation.sources.select import Select
from curation.sources.unit import Entry, Listing, Unit, stretches_of
from curation.step import Execution, Inputs, MapStep, Requires
from schemas import MACHINE_REASONS, PAPERS, Reason, Status, Table

Row = Mapping[str, Any]
NAMED = 5
"""Damaged files that a warning names."""


@dataclass(frozen=True)
class Reading:
    """What a source asks of a server that may ask money for it.

    Args:
        listing: requests that its listing took, which every start of a run takes again; listing_bytes: what they gave.
        papers: papers that are to be read; requests, size: what that takes.
    """

    listing: int
    listing_bytes: int
    papers: int
    requests: int
    size: int


class Source(MapStep):
    """Base of all sources. One of your own gives `entries` and `open`; the rest is done here.

    Fields:
        source: name of the source; part of every doc_id.
        path: where it lies: a path, which starts at the config's folder when it is relative, or an address (`scheme://...`).
        metadata: JSON lines in the form of the Kaggle snapshot (.gz, .zst), joined by arXiv id, or by a key `file`,
            `member` or `slug` that names the member, its stem or its folder where no other paper has it
            (`curation.sources.match_records`).
        select: the papers that are wanted, by the records of `metadata`: categories, from, to, licences
            (`curation.sources.select`); the others are not listed.
        allow_unmatched: go on when no record names a paper; else that is an error, since licences, dates and categories would
            be unknown and the rules that ask for them off.
        licence: of all papers of the source of which neither the member nor a record states one.
        part_bytes, part_papers: bounds of a part.
    """

    name: ClassVar[str] = "papers"
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = PAPERS

    source: str
    path: Annotated[PathOrAddress, Execution()]
    metadata: Annotated[PathOrAddress | None, Execution()] = None
    select: Annotated[Select | None, Execution()] = None
    allow_unmatched: Annotated[bool, Execution()] = False
    licence: Annotated[str, AfterValidator(check_licence), Execution()] | None = None
    part_bytes: Annotated[int, Field(ge=1, le=1 << 40), Execution()] = 128 * 1024 * 1024
    part_papers: Annotated[int, Field(ge=1, le=1_000_000), Execution()] = 1000

    @model_validator(mode="after")
    def _can_select(self) -> Self:
        if self.select is not None and self.metadata is None:
            raise ValueError("`select` chooses papers by the records of `metadata`, which is not given")
        return self

    def choice(self) -> Choice | None:
        """What chooses of the listing; None where all papers are wanted.

        Raises:
            UserError: the metadata cannot be read.
        """
        if self.select is None or self.metadata is None:
            return None
        return Choice(self, self.select, self.metadata)

    @abstractmethod
    def entries(self) -> Iterable[Entry]:
        """Everything in the source, in any order; an iterator where it is much, since a run holds none of it.

        Raises:
            UserError: the source cannot be listed.
        """

    def listing(self) -> Iterator[Listing]:
        """Stretches of `entries`, and what was left out, where the source says it.

        Raises:
            UserError: the source cannot be listed.
        """
        return stretches_of(self.entries())

    @abstractmethod
    def open(self, row: Row, *, beside: bool = False) -> Content:
        """What lies at the place of a row.

        Args:
            row: `member`, `pdf_member`, and `where` of the entry; of a paper that was opened before also `content_kind`
                and `content_sha256`. Whether the content is still the same is compared by who asks.
            beside: the PDF beside the main content.

        Raises:
            PaperError: IO_ERROR when it cannot be opened now, SOURCE_CHANGED when it is another or gone; a reason of the
                paper's own when it can never be read.
        """

    def open_together(self, rows: Sequence[Row]) -> Mapping[str, Content | PaperError]:
        """member -> the content of those of the rows that are best read at once, tried twice where the machine failed."""
        return {}

    def reading(self, entries: Iterable[Entry]) -> Reading | None:
        """What it takes to read some entries, after they were listed; None where it costs nothing."""
        return None

    def is_away(self) -> bool:
        """Whether the whole source is gone just now, so that nothing that cannot be opened is broken."""
        return False

    def source_id(self, member: str) -> str:
        """The id that the name of a member carries."""
        return row_of(member) or name_in_tar(member) or PurePosixPath(path_of(member)).name

    def run(self, inputs: Inputs) -> pa.Table:
        """The papers table of one unit, one row an entry, sorted by doc_id. Unreadable papers are failed rows."""
        return self.reopen(PAPERS.empty(), inputs, frozenset())

    def reopen(self, previous: pa.Table, inputs: Inputs, doc_ids: frozenset[str]) -> pa.Table:
        """The papers of the unit again: those that `previous` lacks, and those of `doc_ids`, are read anew."""
        unit: Unit = inputs.side["unit"]
        rows: list[dict[str, object]] = [row for row in previous.to_pylist() if row["doc_id"] not in doc_ids]
        there = {row["member"] for row in rows}
        rows += self.papers([entry for entry in unit.entries if utf8(entry.member) not in there])
        _tell_apart(rows)
        rows.sort(key=lambda row: str(row["doc_id"]))
        return PAPERS.rows(rows)

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Files of rows and tars that are damaged: place -> what is wrong. What lies behind the damage has no row to fail."""
        rows = zip(*(made["papers"][name].to_pylist() for name in ("member", "reason", "detail")), strict=True)
        damaged = {path_of(member): detail for member, why, detail in rows if _is_lost_stretch(member, why)}
        return {"damaged": damaged} if damaged else {}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        damaged = {place: words for told in summaries for place, words in told.get("damaged", {}).items()}
        if not damaged:
            return {}
        named = "; ".join(f"{place}: {damaged[place]}" for place in sorted(damaged)[:NAMED])
        more = f"; and {len(damaged) - NAMED:,} files more" if len(damaged) > NAMED else ""
        warning = f"source {self.source}: what lies behind damage in a file is missing; get anew {named}{more}"
        return {"damaged": len(damaged), "warnings": [warning]}

    def papers(self, entries: Sequence[Entry]) -> list[dict[str, object]]:
        """A row of papers for each entry."""
        return [self.paper(entry, partial(self.look_twice, entry)) for entry in entries]

    def paper(self, entry: Entry, look: Callable[[], Content]) -> dict[str, object]:
        """A row of papers; a failed one where looking at the content fails."""
        state: dict[str, object] = {"status": Status.OK.value}
        said: Mapping[str, Any] = {}
        try:
            content = look()
            state |= {
                "content_kind": content.kind,
                "content_sha256": content.sha256,
                "content_bytes": content.size,
                "as_of": content.as_of,
            }
            said = content.record
            if content.failure:
                raise content.failure
            _check_kind(content, entry)
        except PaperError as error:
            state |= {"status": Status.FAILED.value, "reason": error.reason.value, "detail": error.detail}
        return paper_row(self.source, self.source_id(entry.member), entry, said, state)

    def look_twice(self, entry: Entry) -> Content:
        """`look`, asked once more at once when the machine keeps it from being read, with nothing of ours beside it."""
        try:
            return self.look(entry)
        except PaperError as error:
            if error.reason not in MACHINE_REASONS:
                raise
        with alone(Limits().max_wall_s):
            return self.look(entry)

    def look(self, entry: Entry) -> Content:
        """What lies at the place of an entry, as `open` gives it; bytes may be left out."""
        return self.open(vars(entry))


def _is_lost_stretch(member: str, reason: str | None) -> bool:
    """Whether a row stands for what cannot be told apart in a file of rows or a tar, since it is damaged: it has no name."""
    return reason == Reason.BAD_ARCHIVE and member.partition("#")[2].startswith("~")


def _check_kind(content: Content, entry: Entry) -> None:
    """Raise PaperError for content that no route reads, unless a PDF lies beside it."""
    if entry.pdf_member is None and content.kind == "empty":
        raise PaperError(Reason.EMPTY_FILE, f"{entry.member} holds nothing")
    if entry.pdf_member is None and content.kind == "unknown":
        raise PaperError(Reason.UNKNOWN_FORMAT, f"{entry.member} is neither TeX, PDF, tar, zip nor text")


def paper_row(
    source: str, source_id: str, entry: Entry, said: Mapping[str, Any], state: dict[str, object]
) -> dict[str, object]:
    """A row of papers.

    Args:
        said: the record that the member itself states.
        state: columns content_*, status, reason and detail.
    """
    columns = columns_of({key: said[key] for key in ("title", "abstract") if key in said})
    made: dict[str, object] = {"content_kind": "unknown"} | state | {
        "doc_id": doc_id_for(source, entry.member, source_id),
        "source": source,
        "source_id": source_id,
        "member": entry.member,
        "pdf_member": entry.pdf_member,
        "title": columns.get("title"),
        "abstract": columns.get("abstract"),
        "said": json.dumps(kept(said), sort_keys=True) if said else None,
    }  # fmt: skip
    return {name: utf8(value) if isinstance(value, str) else value for name, value in made.items()}


def _tell_apart(rows: list[dict[str, object]]) -> None:
    """Of rows with one doc_id, which only a search for equal hashes makes, all but the first fail, under ids of their own."""
    counts: Counter[object] = Counter()
    for row in sorted(rows, key=lambda row: str(row["member"])):
        doc_id = row["doc_id"]
        counts[doc_id] += 1
        if (count := counts[doc_id]) > 1:
            detail = f"its doc_id is that of another row, {doc_id}"
            failed = {"status": Status.FAILED.value, "reason": Reason.UNREADABLE.value, "detail": detail}
            row |= failed | {"doc_id": f"{doc_id}~{count}"}
