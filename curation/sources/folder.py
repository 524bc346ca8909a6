"""A folder of papers as a source: what lies there (`entries`), and the papers table of a part (`run`)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pyarrow as pa
from pydantic import AfterValidator, Field, PrivateAttr

from curation.artefact import from_config
from curation.confine.sandbox import Sandbox
from curation.errors import NoPapersError, PaperError, UserError
from curation.faults import cannot_be_read
from curation.identity import ArxivId, doc_id_for, paper_id_for, parse_arxiv_id, place_sha256
from curation.joins import Join, Kind, Side, words_of
from curation.sources.content import Digest, digest_member, locate
from curation.sources.data_file import is_data_file
from curation.sources.data_rows import rows_of_members
from curation.sources.listing import UNSEEN, Listing, is_as_listed, list_folder, root_of, source_id_of
from curation.sources.metadata import columns_of, select_records
from curation.sources.place import path_of, row_of, utf8
from curation.sources.records import Names, names_of, one_record, with_row
from curation.sources.rows import DataRow
from curation.sources.unit import Entry, Unit
from curation.step import Execution, Inputs, MapStep, Requires
from schemas import MACHINE_REASONS, PAPERS, Reason, Status, Table


class FolderSource(MapStep):
    """Papers in a folder, joined with metadata.

    Fields:
        source: name of the source; part of every doc_id.
        path: the folder, or a single file; what in it is a paper is said in `curation.sources.listing`.
        metadata: JSON lines in the form of the Kaggle snapshot (.gz, .zst), joined by arXiv id, or by a key `file`,
            `member` or `slug` that names the member, its stem or its folder. A record whose ids contradict the member's own
            is no record of it; several are made one by `curation.sources.records`.
        allow_unmatched: go on when no record names a paper; else that is an error, since licences, dates and categories would
            be unknown and the rules that ask for them off.
        part_bytes, part_papers: bounds of a part.
    """

    name: ClassVar[str] = "papers"
    version: ClassVar[int] = 7
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = PAPERS

    source: str = "folder"
    path: Annotated[str, AfterValidator(from_config), Execution()]
    metadata: Annotated[Annotated[str, AfterValidator(from_config)] | None, Execution()] = None
    allow_unmatched: Annotated[bool, Execution()] = False
    part_bytes: Annotated[int, Field(ge=1, le=1 << 40), Execution()] = 128 * 1024 * 1024
    part_papers: Annotated[int, Field(ge=1, le=1_000_000), Execution()] = 1000

    _sandbox: Sandbox = PrivateAttr(default_factory=Sandbox)
    """Reads rows of data files; starts when there are any."""

    def child_pids(self) -> tuple[int, ...]:
        return () if self._sandbox.pid is None else (self._sandbox.pid,)

    def child_memory_mb(self) -> int:
        return self._sandbox.limits.max_memory_mb

    def close(self) -> None:
        """End the child process."""
        self._sandbox.close()

    @property
    def root(self) -> Path:
        """Where members lie."""
        return root_of(Path(self.path))

    def listing(self) -> Listing:
        """The papers with their metadata records, and what was left out.

        Raises:
            UserError: the folder or the metadata cannot be read, there is no paper, or no record names one.
        """
        root = self.root
        skip = frozenset({Path(self.metadata).resolve()}) if self.metadata else frozenset()
        listing = list_folder(Path(self.path), skip)
        if not listing.entries:
            raise NoPapersError(
                f"source {self.path} holds no papers; put .tar.gz, .gz, .zip, .tex, .pdf, .jsonl or .parquet files or folders "
                f"of TeX there ({len(listing.left_out)} other files were left out)"
            )
        if self.metadata:
            listing.entries, join = _joined(self.source, listing.entries, Path(self.metadata), root)
            self._check_join(join)
            listing.joins.append(join)
        return listing

    def _check_join(self, join: Join) -> None:
        if not join.given.count:
            raise UserError(f"source {self.source!r}: metadata {self.metadata} holds no record")
        if not join.papers.matched and not self.allow_unmatched:
            raise UserError(
                f"source {self.source!r}: none of the {join.given.count:,} records of metadata {self.metadata} names one of "
                f"the {join.papers.count:,} papers, whose licences and dates would be unknown. Records are called "
                f"{words_of(join.given)}; papers {words_of(join.papers)}. Give the snapshot of these papers, name them in its "
                "records by a key file, member or slug, or set `allow_unmatched: true` at the source"
            )

    def entries(self) -> list[Entry]:
        """The papers of the folder, sorted by member."""
        return self.listing().entries

    def run(self, inputs: Inputs) -> pa.Table:
        """The papers table of one unit, one row an entry, sorted by doc_id. Unreadable papers are failed rows."""
        return self.reopen(PAPERS.empty(), inputs, frozenset())

    def reopen(self, previous: pa.Table, inputs: Inputs, doc_ids: frozenset[str]) -> pa.Table:
        """The papers of the unit again: those that `previous` lacks, and those of `doc_ids`, are read anew."""
        unit: Unit = inputs.side["unit"]
        root = Path(inputs.side["root"])
        rows: list[dict[str, object]] = [row for row in previous.to_pylist() if row["doc_id"] not in doc_ids]
        there = {row["member"] for row in rows}
        again = [entry for entry in unit.entries if utf8(entry.member) not in there]
        data_rows = rows_of_members(root, {entry.member: entry.where for entry in again}, "record", self._sandbox)
        rows += [_paper(unit.source, root, entry, data_rows) for entry in again]
        _tell_apart(rows)
        rows.sort(key=lambda row: str(row["doc_id"]))
        return PAPERS.rows(rows)


def _joined(source: str, entries: list[Entry], metadata: Path, root: Path) -> tuple[list[Entry], Join]:
    """The entries with their records, and what matched."""
    keys = {entry.member: _keys(entry, root) for entry in entries}
    records, given = select_records(metadata, {key for names in keys.values() for key in names})
    joined = []
    for entry in entries:
        candidates = [records[key] for key in keys[entry.member] if key in records]
        record = one_record(candidates, _own_names(entry, root)) if candidates else None
        if record is not None:
            digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]
            entry = replace(entry, metadata=record, stamp=f"{entry.stamp}+{digest}")
        joined.append(entry)
    without = [utf8(entry.member) for entry in joined if entry.metadata is None]
    papers = Side.of("papers", len(joined) - len(without), without)
    return joined, Join(Kind.METADATA, source, given, papers)


def _own_names(entry: Entry, root: Path) -> Names:
    return names_of({"id": source_id_of(entry.member, root.resolve().name)})


def _keys(entry: Entry, root: Path) -> list[str]:
    """What a metadata record may call the entry, the surest first."""
    source_id = source_id_of(entry.member, root.resolve().name)
    parsed = parse_arxiv_id(source_id)
    is_row = row_of(entry.member) is not None
    path, pdf = path_of(entry.member), path_of(entry.pdf_member or "")
    keys = [entry.member if is_row else path, *([parsed.id] if parsed else []), source_id]
    if not is_row:
        keys += [Path(path).name, *([pdf, Path(pdf).name] if pdf else [])]
    return list(dict.fromkeys(keys))


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


def _paper(source: str, root: Path, entry: Entry, data_rows: Mapping[str, DataRow | PaperError]) -> dict[str, object]:
    source_id = source_id_of(entry.member, root.resolve().name)
    record: Mapping[str, Any] = entry.metadata or {}
    row: dict[str, object] = {"status": Status.OK.value}
    try:
        if row_of(entry.member) is not None:
            gone = PaperError(Reason.SOURCE_CHANGED, f"{entry.member} is no longer in the file")
            data = data_rows.get(entry.member, gone)
            if isinstance(data, PaperError):
                raise data
            record = with_row(data.record, entry.metadata, names_of({"id": source_id}))
            row |= {"content_kind": "text", "content_sha256": data.sha256, "content_bytes": data.size}
            if data.reason:
                raise PaperError(Reason(data.reason), data.detail or "")
        else:
            row |= _content(root, entry)
    except PaperError as error:
        row |= {"status": Status.FAILED.value, "reason": error.reason.value, "detail": error.detail}
    arxiv = _arxiv_id(source_id, record)
    columns = columns_of(record, arxiv.version if arxiv else None)
    version = columns.get("version") or (arxiv.version if arxiv else None)
    paper_id = paper_id_for(
        arxiv=arxiv.id if arxiv else None,
        doi=columns.get("doi") or source_id,
        bibcode=columns.get("bibcode") or source_id,
        content_sha256=str(row.get("content_sha256") or place_sha256(source, entry.member)),
    )
    row["content_kind"] = row.get("content_kind") or "unknown"
    made = columns | row | {
        "doc_id": doc_id_for(source, entry.member, source_id),
        "paper_id": paper_id,
        "version": version,
        "source": source,
        "source_id": source_id,
        "member": entry.member,
        "pdf_member": entry.pdf_member,
    }  # fmt: skip
    return {name: _clean(value) for name, value in made.items()}


def _clean(value: object) -> object:
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return utf8(value) if isinstance(value, str) else value


def _arxiv_id(source_id: str, record: Mapping[str, Any]) -> ArxivId | None:
    """The arXiv id in the name, else in the record, when its keys do not say two."""
    if own := parse_arxiv_id(source_id):
        return own
    said = [parse_arxiv_id(_word(record.get(key))) for key in ("arxiv_id", "id")]
    found = [arxiv for arxiv in said if arxiv is not None]
    return found[0] if len({arxiv.id for arxiv in found}) == 1 else None


def _word(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None


def _digest(root: Path, entry: Entry) -> Digest:
    """Of an entry's main content, asked once more when it cannot be read. A folder must hold what the listing saw in it: a
    file that is only away is no other paper."""
    try:
        return _digest_as_listed(root, entry)
    except PaperError as error:
        if error.reason not in MACHINE_REASONS:
            raise
        return _digest_as_listed(root, entry)


def _digest_as_listed(root: Path, entry: Entry) -> Digest:
    was_seen = entry.pdf_member is None and not entry.stamp.startswith(UNSEEN)
    is_folder = locate(root, entry.member, was_read=was_seen).is_dir()
    if is_folder:
        _check_as_listed(root, entry)
    digest = digest_member(root, entry.member)
    if is_folder:  # a file may have gone and come back meanwhile
        _check_as_listed(root, entry)
    return digest


def _check_as_listed(root: Path, entry: Entry) -> None:
    try:
        is_same = is_as_listed(root, entry)
    except OSError as error:
        raise cannot_be_read(error, entry.member) from error
    if not is_same:
        raise PaperError(Reason.SOURCE_CHANGED, f"{entry.member} holds other files than were listed; run again")


def _content(root: Path, entry: Entry) -> dict[str, object]:
    for place in (entry.member, entry.pdf_member or ""):
        if utf8(place) != place:
            raise PaperError(Reason.UNREADABLE, f"the file name {utf8(place)} is no UTF-8; rename the file")
    if is_data_file(path_of(entry.member)) and (root / path_of(entry.member)).is_file():
        raise PaperError(Reason.UNREADABLE, f"{entry.member} has no rows with one id and one text each, or is broken")
    digest = _digest(root, entry)
    row: dict[str, object] = {
        "content_kind": digest.kind,
        "content_sha256": digest.sha256,
        "content_bytes": digest.size,
    }
    if entry.pdf_member is None and digest.kind in ("empty", "unknown"):
        reason, words = {
            "empty": (Reason.EMPTY_FILE, "holds nothing"),
            "unknown": (Reason.UNKNOWN_FORMAT, "is neither TeX, PDF, tar, zip nor text"),
        }[digest.kind]
        row |= {"status": Status.FAILED.value, "reason": reason.value, "detail": f"{entry.member} {words}"}
    return row
