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


def stage_fingerprint(
    identity: Mapping[str, Any], upstream: Mapping[str, str], input_digests: Mapping[str, str] | None = None
) -> str:
    """The fingerprint of a stage.

    Args:
        identity: `Step.identity()` of its step.
        upstream: table -> fingerprint of the stage that makes it.
        input_digests: table -> digest of its manifest; for exchange and whole steps, whose output depends on all parts.
    """
    return digest({"identity": identity, "upstream": dict(upstream), "inputs": dict(input_digests or {})})


def manifest_digest(part_digests: Iterable[str]) -> str:
    """Digest of a table's parts, whatever their order."""
    return digest(sorted(part_digests))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed between two identities, in words: keys of the step itself, then the tables that it follows."""
    old, new = dict(_flat(before)), dict(_flat(after))
    changed = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    own = [
        f"{key}: {old.get(key)} -> {new.get(key)}" for key in changed if not key.startswith(("upstream.", "inputs."))
    ]
    tables = sorted({key.partition(".")[2] for key in changed if key.startswith(("upstream.", "inputs."))})
    return own + ([f"follows {', '.join(tables)}"] if tables else [])


def _flat(value: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and all(isinstance(v, Mapping) for v in value):
        for i, inner in enumerate(value):
            yield from _flat(inner, f"{prefix}[{i}]")
    else:
        yield prefix, value
