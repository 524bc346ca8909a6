"""Records folded into a metadata snapshot: the newest record of an id wins, a deletion marks what it deletes.

A record that does not say when it was changed, or says a day that is to come, takes the place of no line: what it alone speaks of is
added, but no licence. What closes a paper stays until a record says otherwise that can: a deletion until a record of a later time, a
withdrawal until one that tells the size of its versions, a DOI and a journal until another one.

What comes out is sorted by id and holds each id once, whatever versions the ids of records name. A line that no record changed keeps
its bytes, so that of a run on the new snapshot only the stretches around changed ones are read again.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import chain, groupby
from typing import IO, Any, cast

import zstandard

from curation.errors import UserError
from curation.identity import parse_arxiv_id
from curation.sources.metadata import Record, columns_of, says_withdrawn
from curation.sources.sorted_runs import sorted_lines
from curation.sources.versions import last_listed

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
_LICENCES = ("license", "licence")
_LINKS = ("doi", "journal-ref")
"""Publishers and people add them, and nobody takes them away; by them a source is known that is withheld."""
_RANK = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]{8,20}Z)?", re.ASCII)
_BENEATH, _BASE, _UPDATE = b"-", b"0", b"1"
_BATCH_BYTES = 1 << 20


def fold(
    base: Iterable[tuple[str, bytes]], updates: Iterable[tuple[str, bytes]], sink: IO[bytes], today: date | None = None
) -> Counter[str]:
    """Write a snapshot with records folded into it; memory does not grow with either.

    Args:
        base: where each line stands (for messages), and the line: JSON objects with an `id`.
        updates: the same of records, in the order in which they came; of one day the later one is newer, if it lists no fewer versions.
        today: times after the next day are none; default by the clock.

    Returns:
        How many ids are untouched (no record of them came), same, new, changed. Of those that are not untouched: deleted now,
        withdrawn, `poorer` (had versions, have none any more); `doubled`: lines of `base` that another one of their id replaced;
        `future`: records and lines whose time is to come.

    Raises:
        UserError: a line is no JSON object or has no id.
    """
    counts: Counter[str] = Counter()
    batch = bytearray()
    last = ((today or datetime.now(UTC).date()) + timedelta(days=1)).isoformat()
    for _, group in groupby(
        sorted_lines(_entries(base, updates, last, counts)), key=lambda entry: entry[: entry.index(b"\t")]
    ):
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


def _entries(
    base: Iterable[tuple[str, bytes]], updates: Iterable[tuple[str, bytes]], last: str, counts: Counter[str]
) -> Iterator[bytes]:
    """id, rank, source and number of each line, and the line: ascending, an id's newest is the last."""
    for source, lines in ((_BASE, base), (_UPDATE, updates)):
        for number, (where, line) in enumerate(lines):
            line = line.strip()
            if line:
                record = parsed(where, line)
                rank = _rank(record, last, counts)
                place = (_BENEATH if source == _UPDATE and not rank else source) + b"%012d" % number
                yield b"\t".join((_key(record["id"]), rank, place, line))


def _key(name: str) -> bytes:
    """An id as it is sorted by: canonical, without its version, and without characters that end a field."""
    found = parse_arxiv_id(name)
    return json.dumps(found.id if found else name)[1:-1].encode()


def _rank(record: Record, last: str, counts: Counter[str]) -> bytes:
    """When a record was changed, and the last version that it lists; nothing where it does not say when, or a day after the last."""
    values = (record.get("datestamp"), record.get("update_date"))
    when = next((value for value in values if isinstance(value, str) and _RANK.fullmatch(value)), None)
    if when is None:
        return b""
    if when[:10] > last:
        counts["future"] += 1
        return b""
    return f"{when} {last_listed(record) or 0:04d}".encode()


def _is_later(rank: bytes, other: bytes) -> bool:
    """Whether a time is after another for sure: of one day both must tell the hour."""
    new, old = rank.partition(b" ")[0], other.partition(b" ")[0]
    return new[:10] > old[:10] or (new > old and len(old) > 10)


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
    ranked, is_beneath = b"", True
    for _, rank, source, body in chain([first], [second] if second else [], entries):
        record = json.loads(body)
        if is_beneath and not source.startswith(_BENEATH):
            is_beneath, after = False, {key: value for key, value in after.items() if key not in _LICENCES}
        is_later, ranked = _is_later(rank, ranked), rank
        after = _over(after, record, is_later)
        if source.startswith(_BASE):
            counts["doubled"] += before is not None
            before = _over(before or {}, record, is_later)
            line = body if record == before else None
    counts["withdrawn"] += says_withdrawn(after)
    if before == after:
        counts["same"] += 1
        return line or json.dumps(before).encode()
    counts["new" if before is None else "changed"] += 1
    counts["deleted"] += bool(after.get("is_deleted")) and not (before or {}).get("is_deleted")
    counts["poorer"] += bool(before and before.get("versions") and not after.get("versions"))
    return json.dumps(after).encode()


def _over(old: Record, new: Record, is_later: bool) -> Record:
    """A record over an older one of its id. What the newer does not say stays, where it cannot have changed: keys of the
    owner's, sizes of the same versions, names of the same authors taken apart; of a deleted record everything. So does what closes
    the paper, where the newer cannot say otherwise.

    Args:
        is_later: whether the newer one is of a later time, and does not merely come later.
    """
    if new.get("is_deleted"):
        return {key: value for key, value in old.items() if key != "datestamp"} | new
    made = new | {key: value for key, value in old.items() if key not in _STATED and key not in new}
    if "authors_parsed" in old and "authors_parsed" not in new and old.get("authors") == new.get("authors"):
        made["authors_parsed"] = old["authors_parsed"]
    if isinstance(old.get("versions"), list) and isinstance(new.get("versions"), list):
        made["versions"] = _with_sizes(old["versions"], new["versions"])
    made |= {key: old[key] for key in _LINKS if old.get(key) and not new.get(key)}
    if old.get("is_deleted") and not is_later:
        made |= {"is_deleted": True, "is_withdrawn": True}
    elif _stays_withdrawn(old, new) and not columns_of(made)["is_withdrawn"]:
        made["is_withdrawn"] = True
    return made


def _stays_withdrawn(old: Record, new: Record) -> bool:
    """Whether a paper was withdrawn and the newer record does not say that it has content: by the size or kind of its last version,
    and, where nothing but the older record's own word closes it, of a version that this one does not list."""
    if old.get("is_deleted") or not old or not columns_of(old)["is_withdrawn"]:
        return False
    last = last_listed(new)
    entries = new["versions"] if isinstance(new.get("versions"), list) else []
    tells = any(_number(entry) == last and any(key in entry for key in _SIZES) for entry in entries)
    if last is None or not tells:
        return True
    own_word = not columns_of({**old, "is_withdrawn": None})["is_withdrawn"]
    return own_word and last <= (last_listed(old) or 0)


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


def _version(entry: Any) -> tuple[int, str] | None:
    """What tells a version of a record: number and time, however they are spelled."""
    number, created = _number(entry), entry.get("created") if isinstance(entry, dict) else None
    if number is None or not isinstance(created, str):
        return None
    try:
        return number, parsedate_to_datetime(created).astimezone(UTC).isoformat()
    except (ValueError, TypeError, OverflowError):
        return number, created


def _number(entry: Any) -> int | None:
    """The number of a version, `v2`."""
    number = entry.get("version") if isinstance(entry, dict) else None
    return int(number[1:]) if isinstance(number, str) and re.fullmatch(r"v[1-9]\d{0,3}", number, re.ASCII) else None
