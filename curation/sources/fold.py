"""Records folded into a metadata snapshot: the newest record of an id wins, a deletion marks what it deletes.

A record that does not say when it was changed takes the place of no line: what it alone speaks of is added.

What comes out is sorted by id and holds each id once. A line that no record changed keeps its bytes, so that of a run on the new
snapshot only the stretches around changed ones are read again.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, groupby
from typing import IO, Any, cast

import zstandard

from curation.errors import UserError
from curation.identity import parse_arxiv_id
from curation.sources.sorted_runs import sorted_lines

Record = dict[str, Any]
KAGGLE_KEYS = (
    "id",
    "submitter",
    "authors",
    "title",
    "comments",
    "journal-ref",
    "doi",
    "report-no",
    "categories",
    "license",
    "abstract",
    "versions",
    "update_date",
    "authors_parsed",
)
"""In the order of the snapshot's lines."""
OAI_KEYS = (
    "version",
    "created",
    "date",
    "subjects",
    "acm-class",
    "msc-class",
    "proxy",
    "datestamp",
    "is_deleted",
    "is_withdrawn",
)
"""Further keys that a harvested record may have. Any other key of a line is its owner's, and stays when a record changes it."""
_STATED = frozenset((*KAGGLE_KEYS, *OAI_KEYS))
_SIZES = ("size", "source_type")
_RANK = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]{8,20}Z)?", re.ASCII)
_BENEATH, _BASE, _UPDATE = b"-", b"0", b"1"
_BATCH_BYTES = 1 << 20


def fold(base: Iterable[tuple[str, bytes]], updates: Iterable[tuple[str, bytes]], sink: IO[bytes]) -> Counter[str]:
    """Write a snapshot with records folded into it; memory does not grow with either.

    Args:
        base: where each line stands (for messages), and the line: JSON objects with an `id`.
        updates: the same of records, in the order in which they came.

    Returns:
        How many ids are untouched (no record of them came), same, new, changed. Of those that are not untouched: deleted now,
        withdrawn, `poorer` (had versions, have none any more); `doubled`: lines of `base` that another one of their id replaced.

    Raises:
        UserError: a line is no JSON object or has no id.
    """
    counts: Counter[str] = Counter()
    batch = bytearray()
    for _, group in groupby(sorted_lines(_entries(base, updates)), key=lambda entry: entry[: entry.index(b"\t")]):
        batch += _folded((entry.split(b"\t", 3) for entry in group), counts)
        batch += b"\n"
        if len(batch) >= _BATCH_BYTES:
            sink.write(batch)
            batch = bytearray()
    sink.write(batch)
    return counts


@contextmanager
def packed(sink: Any, name: str) -> Iterator[IO[bytes]]:
    """A sink that packs as the suffix of a name says: .gz, .zst or not at all. Equal text gives equal bytes."""
    if name.endswith(".gz"):
        with gzip.GzipFile(filename="", mode="wb", fileobj=sink, compresslevel=6, mtime=0) as writer:
            yield cast(IO[bytes], writer)
    elif name.endswith(".zst"):
        with zstandard.ZstdCompressor(level=3).stream_writer(sink, closefd=False) as writer:
            yield cast(IO[bytes], writer)
    else:
        yield sink


def parsed(where: str, line: bytes) -> Record:
    """A line as a record with an id. Raises UserError."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where}: {error}; one JSON object a line is needed") from error
    if not isinstance(record, dict) or not isinstance(record.get("id"), str) or not record["id"].strip():
        raise UserError(f"{where}: no JSON object with an `id` that is text; records are folded by it")
    return record


def _entries(base: Iterable[tuple[str, bytes]], updates: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """id, rank, source and number of each line, and the line: ascending, an id's newest is the last."""
    for source, lines in ((_BASE, base), (_UPDATE, updates)):
        for number, (where, line) in enumerate(lines):
            line = line.strip()
            if line:
                record = parsed(where, line)
                rank = _rank(record)
                place = (_BENEATH if source == _UPDATE and not rank else source) + b"%012d" % number
                yield b"\t".join((_key(record["id"]), rank, place, line))


def _key(name: str) -> bytes:
    """An id as it is sorted by: canonical, without characters that end a field."""
    found = parse_arxiv_id(name)
    return json.dumps(str(found) if found else name)[1:-1].encode()


def _rank(record: Record) -> bytes:
    """When a record was changed; nothing where it does not say so."""
    values = (record.get("datestamp"), record.get("update_date"))
    return next((v.encode() for v in values if isinstance(v, str) and _RANK.fullmatch(v)), b"")


def _folded(entries: Iterator[list[bytes]], counts: Counter[str]) -> bytes:
    """The line that a snapshot has of an id, of whose entries one is held at a time."""
    first = next(entries)
    second = next(entries, None)
    if second is None and first[2].startswith(_BASE):
        counts["untouched"] += 1
        return first[3]
    before: Record | None = None
    after: Record = {}
    line = None
    for _, _, source, body in chain([first], [second] if second else [], entries):
        record = json.loads(body)
        after = _over(after, record)
        if source.startswith(_BASE):
            counts["doubled"] += before is not None
            before = _over(before or {}, record)
            line = body if record == before else None
    counts["withdrawn"] += bool(after.get("is_withdrawn"))
    if before == after:
        counts["same"] += 1
        return line or json.dumps(before).encode()
    counts["new" if before is None else "changed"] += 1
    counts["deleted"] += bool(after.get("is_deleted")) and not (before or {}).get("is_deleted")
    counts["poorer"] += bool(before and before.get("versions") and not after.get("versions"))
    return json.dumps(after).encode()


def _over(old: Record, new: Record) -> Record:
    """A record over an older one of its id. What the newer does not say stays, where it cannot have changed: keys of the
    owner's, sizes of the same versions, names of the same authors taken apart; of a deleted record everything."""
    if new.get("is_deleted"):
        return {key: value for key, value in old.items() if key != "datestamp"} | new
    made = new | {key: value for key, value in old.items() if key not in _STATED and key not in new}
    if "authors_parsed" in old and "authors_parsed" not in new and old.get("authors") == new.get("authors"):
        made["authors_parsed"] = old["authors_parsed"]
    if isinstance(old.get("versions"), list) and isinstance(new.get("versions"), list):
        made["versions"] = _with_sizes(old["versions"], new["versions"])
    return made


def _with_sizes(old: list[Any], new: list[Any]) -> list[Any]:
    """Versions with the sizes that older entries of the same have, where they state neither size nor kind: one that had no
    content may have been put right."""
    sizes = {_version(v): {key: v[key] for key in _SIZES if key in v} for v in old if _version(v)}
    made = []
    for entry in new:
        known = sizes.get(_version(entry), {})
        says_nothing = isinstance(entry, dict) and not any(key in entry for key in _SIZES)
        made.append(entry | known if says_nothing else entry)
    return made


def _version(entry: Any) -> tuple[str, str] | None:
    """What tells a version of a record: number and date."""
    if not isinstance(entry, dict):
        return None
    number, created = entry.get("version"), entry.get("created")
    return (number, created) if isinstance(number, str) and isinstance(created, str) else None
