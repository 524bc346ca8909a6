"""Fingerprints: a digest of what a stage does, not of the parts that it does it to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SHORT = 8
"""Hex digits of a fingerprint in folder names; the whole digest stands in run.json and the manifest."""

INPUTS = "inputs"
"""Key of an identity with the digests of tables, where the folder is named by them too."""
LONGEST = 100
"""Characters of a value that are told."""


def digest(value: Any) -> str:
    """sha256 of the canonical JSON of a value."""
    body = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def folder_name(prefix: str, identity: Mapping[str, Any]) -> str:
    """Name of the folder of what an identity makes."""
    return f"{prefix}-{digest(identity)[:SHORT]}"


def stage_of(file: str) -> str:
    """The stage whose folder a file of a run lies in."""
    return file.partition("/")[0].rpartition("-")[0]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed between two identities but for its inputs, in words: keys with their values; items of lists by their names."""
    old, new = ({k: v for k, v in identity.items() if k != INPUTS} for identity in (before, after))
    return [*_differences("", old, new)]


def other_inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The tables of two identities' inputs that are not equal."""
    old, new = (identity.get(INPUTS, {}) for identity in (before, after))
    return {table for table in old.keys() | new.keys() if old.get(table) != new.get(table)}


def follows(tables: Iterable[str]) -> str:
    """Which tables came out otherwise, in words."""
    return f"follows {', '.join(sorted(tables))}"


def _differences(key: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) or isinstance(new, Mapping):
        before, after = ({} if value is None else value for value in (old, new))
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            for name in sorted(before.keys() | after.keys()):
                yield from _differences(f"{key}.{name}" if key else str(name), before.get(name), after.get(name))
            return
    items, now = _by_name(old), _by_name(new)
    if items is None or now is None:
        yield f"{key}: {_short(old)} -> {_short(new)}"
        return
    for said, names in (("added", now.keys() - items.keys()), ("removed", items.keys() - now.keys())):
        if names:
            yield f"{key}: {', '.join(sorted(names))} {said}"
    for name in sorted(items.keys() & now.keys()):
        yield from _differences(f"{key}[{name}]", items[name], now[name])
    if items == now:
        yield f"{key}: another order"


def _by_name(value: Any) -> dict[str, Any] | None:
    """The items of a list of sections by their names (of steps the source's), or, where they have none, by their places."""
    items = [] if value is None else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, Mapping) for item in items):
        return None
    names = [item.get("name") or item.get("config", item).get("source") for item in items]
    are_names = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    return dict(zip(names if are_names else map(str, range(len(items))), items, strict=True))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
