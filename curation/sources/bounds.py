"""How much of a field of a metadata record is kept: generous bounds, so that no record takes a run's memory or time.

What is longer is cut, and ends in ` […]`, so that the row itself says it, beside its column `unsure`. The mark is part of
no licence or identifier: one that was cut is unknown, and so is a work_id, which would name other works too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CUT_MARK = " […]"
MAX_CHARS: Mapping[str, int] = {
    "title": 2_000,
    "authors": 200_000,  # the 5,154 authors of ATLAS and CMS together take 80,000
    "abstract": 50_000,  # arXiv takes 1,920; summaries of theses are longer
    "comments": 10_000,
    "journal-ref": 5_000,
    "journal_ref": 5_000,
    "versions": 100_000,
}
MAX_OTHER_CHARS = 2_000
"""Of every other field."""
MAX_ITEMS = 10_000
MAX_WHOLE = 100
"""Papers that a record is given to whole under one of its names. A data file may have a million rows of one id, and a record of
ATLAS has 80,000 characters."""
MAX_SHARED_CHARS = {"authors": 1_000, "abstract": 1_000}
"""Of what nothing is decided by to its end: the beginning of an abstract may say that the paper is withdrawn, and the first
author tells a work from another one of its title."""
MAX_SHARED_VERSIONS = 20
"""The last ones, of which the very last says whether the paper is withdrawn."""


def bounded(key: str, value: Any) -> Any:
    """A value of a record's field, cut to the field's bound; of a list, as many items as fit."""
    limit = MAX_CHARS.get(key, MAX_OTHER_CHARS)
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit].rstrip() + CUT_MARK
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return _items(key, value, limit)
    if isinstance(value, Mapping):
        return dict(zip(value, _items(key, list(value.values()), limit), strict=False))
    return value


def upto(value: Any, limit: int) -> Any:
    """A text, or a list as one, cut to so many characters."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return value[:limit].rstrip() + CUT_MARK if isinstance(value, str) and len(value) > limit else value


def is_cut(value: Any) -> bool:
    """Whether a value of `bounded` is not the whole one."""
    return str(value[-1] if isinstance(value, list) and value else value).endswith(CUT_MARK.strip())


def _items(key: str, values: list[Any], limit: int) -> list[Any]:
    kept: list[Any] = []
    size = 0
    for value in values[:MAX_ITEMS]:
        item = bounded(key, value)
        size += len(str(item))
        if size > limit:
            return [*kept, CUT_MARK.strip()]
        kept.append(item)
    return kept if len(kept) == len(values) else [*kept, CUT_MARK.strip()]
