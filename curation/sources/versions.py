"""The versions of a paper that its metadata record lists, and which of them was the last at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from curation.identity import parse_arxiv_id
from curation.sources.bounds import CUT_MARK, is_cut
from curation.sources.record_values import text_of, time_of

UNKNOWN_VERSION = 0
"""A version that no record speaks of."""


def versions_of(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The versions that a record lists."""
    value = record.get("versions")
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []


def version_number(value: object) -> int | None:
    """`v2` and 2 as 2; None for what is no number of a version."""
    match = re.fullmatch(r"v?([1-9]\d{0,2})", str(value).strip()) if isinstance(value, int | str) else None
    return int(match[1]) if match else None


def version_of(record: Mapping[str, Any]) -> int | None:
    """The record's own version (a key, or a part of its id), else the latest that it lists."""
    if (number := version_number(record.get("version"))) is not None:
        return number
    if (named := parse_arxiv_id(text_of(record.get("arxiv_id")) or text_of(record.get("id")))) and named.version:
        return named.version
    return last_listed(record)


def last_listed(record: Mapping[str, Any]) -> int | None:
    """The latest of the versions that a record lists; None where it lists none."""
    numbers = [n for v in versions_of(record) if (n := version_number(v.get("version"))) is not None]
    return max(numbers, default=None)


def is_numbered(record: Mapping[str, Any]) -> bool:
    """Whether each version that a record lists has a number that is understood: else the last may be one that has none."""
    return odd_version(record) is None


def odd_version(record: Mapping[str, Any]) -> str | None:
    """The first of the versions that a record lists without a number that is understood."""
    value = record.get("versions")
    said = [v for v in value if v != CUT_MARK.strip()] if isinstance(value, list) else []
    words = (v.get("version") if isinstance(v, Mapping) else v for v in said)
    return next((repr(word) for word in words if version_number(word) is None), None)


def version_at(record: Mapping[str, Any], time: str) -> int | None:
    """The last of the versions that a record lists which was made by a time (ISO, UTC); None where that cannot be told: it lists
    none so early, or tells no time of one of them."""
    made: dict[int, datetime] = {}
    if is_cut(record.get("versions")):
        return None
    for entry in versions_of(record):
        number, created = version_number(entry.get("version")), time_of(entry.get("created"))
        if number is None or created is None:
            return None
        made[number] = created
    by = datetime.fromisoformat(time)
    return max((number for number, created in made.items() if created <= by), default=None)


def is_of_its_last(record: Mapping[str, Any], time: str) -> bool:
    """Whether a record that lists no versions speaks of the one that was the last at a time (ISO, UTC): it numbers none either, and
    says that it was changed last by then (`update_date`, and `date` where it has one)."""
    by = datetime.fromisoformat(time)
    changed = [time_of(record.get(key)) for key in ("update_date", "date") if record.get(key) or key == "update_date"]
    return version_of(record) is None and all(when is not None and when <= by for when in changed)


def newest_time(record: Mapping[str, Any]) -> str | None:
    """The latest time (ISO, UTC) that a record tells of: of its last change, else, where that is not told or not understood, of a
    version; so late at least it was known."""
    changed, made = time_of(record.get("update_date")), [time_of(v.get("created")) for v in versions_of(record)]
    times = [time for time in ([changed] if changed else made) if time is not None]
    return max(times).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if times else None
