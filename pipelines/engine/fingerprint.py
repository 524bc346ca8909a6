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
    body = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
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
