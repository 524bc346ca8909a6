"""Metadata snapshots as a table: JSON lines in the form of Kaggle's, read a stretch at a time."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Annotated, Any, ClassVar, cast

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from curation.artefact import PathOrAddress
from curation.errors import BrokenFileError, ConfigError, RunError, UserError
from curation.identity import parse_arxiv_id
from curation.place import is_address, local_path, open_file
from curation.sources.members import utf8
from curation.sources.merge_records import called, spelled
from curation.sources.metadata import kept, one_text
from curation.sources.text_file import open_text_file
from curation.sources.versions import newest_time
from curation.step import Execution, Inputs, Requires, WholeStep
from schemas import Table, field

STRETCH_BYTES = 128 << 20
"""Unpacked bytes of a snapshot that one task reads at most (and a line): its table takes about as much. Half of it on average."""
MAX_LINE_BYTES = 16 << 20
"""Of one record: json makes 32 times as much of a hostile line. The longest of Kaggle's, of 3,000 authors, have some 200 kB."""
BINDING_KEYS = ("file", "member", "slug")
"""Keys that bind a record to a member (path, stem or folder name) which carries no arXiv id in its name."""

SNAPSHOT = Table(
    name="snapshot",
    version=3,
    working=True,
    doc="One row a record of a metadata snapshot.",
    fields=(
        field("source", pa.string(), "The source whose papers it speaks of.", nullable=False),
        field("record_id", pa.string(), "16 hex digits of sha256 over source and record.", nullable=False),
        field("names", pa.list_(pa.string()), "What it calls its paper: arXiv id, file, member, slug.", nullable=False),
        field(
            "ids",
            pa.list_(pa.string()),
            "Ids by which it calls it, `kind:id`: arXiv, doi, bibcode.",
            nullable=False,
        ),
        field("time", pa.string(), "The latest time that it tells of, ISO in UTC (`versions.newest_time`)."),
        field("record", pa.large_string(), "Its fields as JSON, those that metadata is made of.", nullable=False),
    ),
    sort_by=("source", "record_id"),
)


class SnapshotFile(BaseModel):
    """A snapshot of a source's papers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    path: PathOrAddress


class Snapshot(WholeStep):
    """Reads the snapshots that the sources of a config name; they count by what they hold."""

    name: ClassVar[str] = "snapshot"
    version: ClassVar[int] = 8
    requires: ClassVar[Requires] = {}
    provides: ClassVar[Table] = SNAPSHOT

    files: Annotated[tuple[SnapshotFile, ...], Execution()]

    def stretches(self) -> list[dict[str, Any]]:
        """`source` and sha256 of every stretch of the unpacked text; its `place`: first byte, the one after the last, number of
        the first line.

        Raises:
            ConfigError: a file is missing, cut or damaged.
        """
        return [
            {"source": file.source, "sha256": sha256, "place": {"first": first, "after": after, "line": line}}
            for file in self.files
            for first, after, line, sha256 in _of_source(file)
        ]

    def run(self, inputs: Inputs) -> pa.Table:
        """The records that begin in a stretch, `inputs.side["stretch"]`.

        Raises:
            RunError: it holds other bytes than when its digest was taken.
            UserError: a file is missing, cut or damaged.
        """
        stretch = inputs.side["stretch"]
        source = stretch["source"]
        [path] = [file.path for file in self.files if file.source == source]
        rows = []
        for record in _records(path, stretch):
            fields = kept(record)
            text = json.dumps(fields, sort_keys=True)
            record_id = hashlib.sha256(f"{source}\0{text}".encode()).hexdigest()[:16]
            by_name = {"names": names_of_record(record), "ids": spelled(called(fields))}
            told = {"time": newest_time(fields), "record": text}
            rows.append({"source": source, "record_id": record_id, **by_name, **told})
        return SNAPSHOT.rows(rows)


def records_of(path: str) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """The names and fields of all records of a snapshot."""
    for record in raw_records(path):
        yield names_of_record(record), kept(record)


def raw_records(path: str) -> Iterator[dict[str, Any]]:
    """All records of a snapshot, as they stand there.

    Raises:
        UserError: it cannot be read to its end, or has a line that is no record.
    """
    return _records(path, {"place": {"first": 0, "after": math.inf, "line": 1}})


def names_of_record(record: Mapping[str, Any]) -> list[str]:
    """What a record calls its paper: the values of its binding keys, and its arXiv id or id; spelled as papers are (`utf8`)."""
    texts = {k: one_text(record[k]) for k in (*BINDING_KEYS, "id", "arxiv_id") if k in record}
    words = {k: utf8(str(v)) for k, v in texts.items() if v and isinstance(v, str | int | float)}
    names = [words[key].strip("/") for key in BINDING_KEYS if key in words]
    for key in ("id", "arxiv_id"):
        if key in words:
            parsed = parse_arxiv_id(words[key])
            names.append(parsed.id if parsed else words[key])
    return list(dict.fromkeys(names))


def _of_source(file: SnapshotFile) -> Iterator[tuple[int, int, int, str]]:
    """`_stretches` of a snapshot, whose errors name the source that asks for it."""
    try:
        yield from _stretches(file.path)
    except UserError as error:
        raise ConfigError(f"source {file.source!r}: {error}") from error


def _stretches(path: str) -> Iterator[tuple[int, int, int, str]]:
    """First byte, the one after the last, number of the first line, sha256."""
    first = after = 0
    first_line = line = 1
    digest = hashlib.sha256()
    try:
        with _opened(path) as stream:
            while data := stream.readline(MAX_LINE_BYTES):
                digest.update(data)
                after, line = after + len(data), line + 1
                if _ends(data, after - first):
                    yield first, after, first_line, digest.hexdigest()
                    first, first_line, digest = after, line, hashlib.sha256()
    except (OSError, BrokenFileError) as error:
        raise _told(path, error, line - 1) from error
    if after > first:
        yield first, after, first_line, digest.hexdigest()


def _ends(line: bytes, size: int) -> bool:
    """Whether a stretch of so many bytes ends behind a line. From a quarter of `STRETCH_BYTES` on the line's own bytes say it,
    once in another quarter, so that a record more or less moves the borders around it and no others."""
    quarter = STRETCH_BYTES // 4
    return size >= STRETCH_BYTES or (size >= quarter and zlib.crc32(line) * quarter < len(line) << 32)


def _records(path: str, stretch: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    place = stretch["place"]
    number, here = place["line"] - 1, place["first"]
    digest, broken = hashlib.sha256(), None
    try:
        with _opened(path) as stream:
            _skip(stream, here)
            while here < place["after"] and (line := stream.readline(MAX_LINE_BYTES)):
                here, number = here + len(line), number + 1
                digest.update(line)
                if line.strip() and broken is None:
                    try:
                        record = _record(path, line, number)
                    except UserError as error:  # told when the bytes are known to be those that were meant
                        broken = error
                        continue
                    yield record
    except (OSError, BrokenFileError) as error:
        raise _told(path, error, number) from error
    if digest.hexdigest() != stretch.get("sha256", digest.hexdigest()):
        raise RunError(
            f"metadata {path} changed while the run read it: the lines from {place['line']:,} on are others than those that the "
            "run counts with; nothing that was made of them counts. Run again when nothing writes to it"
        )
    if broken is not None:
        raise broken


def _opened(path: str) -> IO[bytes]:
    """A snapshot that lies at a path or an address, which is asked once for what is read in a row. Raises as `open_text_file`, and
    PlaceError."""
    if not is_address(path):
        return open_text_file(local_path(path))
    place, name = open_file(path)
    return open_text_file(path, cast(io.BufferedReader, place.in_a_row(name)))


def _skip(stream: IO[bytes], size: int) -> None:
    if stream.seekable():
        stream.seek(size)
        return
    while size and (data := stream.read(min(size, 1 << 20))):
        size -= len(data)


def _record(path: str, line: bytes, number: int) -> dict[str, Any]:
    where = f"metadata {path}, line {number}"
    if len(line) >= MAX_LINE_BYTES:
        raise UserError(f"{where}: longer than {MAX_LINE_BYTES >> 20} MiB; one record a line is needed")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where}: {error}; one JSON object a line is needed") from error
    if not isinstance(record, dict):
        raise UserError(f"{where}: not a JSON object; one record a line is needed")
    return record


def _told(path: str, error: OSError | BrokenFileError, line: int) -> UserError:
    if isinstance(error, FileNotFoundError):
        return UserError(f"metadata file {path} is not there; mend the source's `metadata` in the config")
    if isinstance(error, BrokenFileError):
        return UserError(
            f"metadata {path} cannot be read after line {line}: it {error.words}; unpack it, or get it anew"
        )
    return UserError(f"metadata {path} cannot be read after line {line}: {error.strerror}")
