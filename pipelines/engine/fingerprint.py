"""Fingerprints: a digest of what a stage does, not of the parts that it does it to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

SHORT = 8
"""Hex digits of a fingerprint in folder names; the whole digest stands in run.json and the manifest."""


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
    """What changed between two identities, in words: keys of the step itself, then the tables of `inputs`."""
    old, new = dict(_flat(before)), dict(_flat(after))
    changed = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    own = [f"{key}: {old.get(key)} -> {new.get(key)}" for key in changed if not key.startswith("inputs.")]
    tables = sorted(key.partition(".")[2] for key in changed if key.startswith("inputs."))
    return own + ([follows(tables)] if tables else [])


def follows(tables: Iterable[str]) -> str:
    """Which tables came out otherwise, in words."""
    return f"follows {', '.join(sorted(tables))}"


def _flat(value: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and all(isinstance(v, Mapping) for v in value):
        for i, inner in enumerate(value):
            yield from _flat(inner, f"{prefix}[{i}]")
    else:
        yield prefix, value
