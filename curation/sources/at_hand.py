"""Which version of a paper is at hand, and whether the licence that its record states is of that version.

arXiv gives each version a licence of its own, and a record states that of the last one that it lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from curation.identity import parse_arxiv_id
from curation.sources.members import name_in_tar
from curation.sources.merge_records import Record
from curation.sources.metadata import licence_of
from curation.sources.record_values import text_of
from curation.sources.versions import (
    UNKNOWN_VERSION,
    is_numbered,
    is_of_its_last,
    last_listed,
    version_at,
    version_of,
)


class AtHand(NamedTuple):
    """What is known of the version of a paper.

    Args:
        version: None where it is the record's own, or none; `UNKNOWN_VERSION`.
        doubt: why it is not known that the record's licence is of it; None where that is known, or the version is.
        is_taken: whether it is taken for it all the same, so that the licence counts.
    """

    version: int | None
    doubt: str | None = None
    is_taken: bool = False


def at_hand(
    named: int | None,
    paper: Mapping[str, Any],
    said: Record,
    joined: Record | None,
    records: Sequence[Record],
    *,
    is_older: bool,
) -> AtHand:
    """The version that the name says, else the data row; of a member of a bulk tar the last that was made by the time in its
    header; of any other file the record's own. Where a later one may be at hand that its record cannot list, or where the name says none
    of several, or none beside a record of arXiv's that numbers none, it is taken for the last of the record, and this is told; but records
    that state other licences of other versions are in conflict.

    Args:
        named: the version in the paper's name.
        paper: member, as_of.
        said: what a data row states of itself.
        joined: the records as one, None where there is none.
        records: all of them.
        is_older: whether the records are older than the member of a tar.
    """
    if (version := named or version_of(said)) or joined is None:
        return AtHand(version)
    if name_in_tar(paper["member"]) is not None:
        found = _in_tar(joined, paper["as_of"])
        if not is_older or found.doubt:
            return found
        return AtHand(
            found.version, f"the tar has it of {paper['as_of']}, and no record of the metadata is so new", is_taken=True
        )
    return AtHand(None) if licence_of(said) else _of_several(records)


def _in_tar(record: Record, as_of: str | None) -> AtHand:
    """Of a member of a tar whose name says none; what was the last version in its time."""
    if not is_numbered(record):
        return AtHand(UNKNOWN_VERSION, "the record lists one without a number")
    if (last := last_listed(record)) == 1:
        return AtHand(last)
    if as_of is None:
        return AtHand(UNKNOWN_VERSION, "the tar tells no time of it")
    if last is not None:
        version = version_at(record, as_of)
        return AtHand(version or UNKNOWN_VERSION, None if version else f"the record dates none by {as_of}")
    if is_of_its_last(record, as_of):
        return AtHand(None)
    return AtHand(
        UNKNOWN_VERSION,
        f"the record numbers none, its last change is of {record.get('update_date')}, the tar of {as_of}",
    )


def _of_several(records: Sequence[Record]) -> AtHand:
    """Of a file or row that names no version: the record's own."""
    last = max((number for r in records for number in (last_listed(r), version_of(r)) if number), default=1)
    if last == 1:
        unnumbered = any(version_of(r) is None and licence_of(r) and _is_of_arxiv(r) for r in records)
        return AtHand(None, "its name says none, and a record numbers none", True) if unnumbered else AtHand(None)
    licences = {licence for record in records if (licence := licence_of(record))}
    if len(licences) > 1:
        return AtHand(None, f"its name says none of {last}, and records state {' and '.join(sorted(licences))}")
    return AtHand(None, f"its name says none of {last}", is_taken=True)


def _is_of_arxiv(record: Record) -> bool:
    return any(parse_arxiv_id(text_of(record.get(key)) or "") is not None for key in ("arxiv_id", "id"))
