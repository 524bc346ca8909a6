"""The receipt of a part: what was written, from which inputs. Resume trusts receipts, readers trust manifests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MANIFEST = "_manifest.json"
"""Name of the manifest in a stage's folder."""


@dataclass(frozen=True)
class Cost:
    """What a part cost: seconds of wall clock and CPU (children included). Never part of a digest."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True)
class Receipt:
    """One finished file.

    Args:
        part: number of the part (or partition).
        file: its path below the run folder.
        rows: rows in it.
        failed: rows with status failed, for tables that have one.
        inputs: name -> digest of what it was made from.
        unit: listing of the part, for a source's first stage.
        cost: seconds spent.
        extra: what the writer of the part adds (row groups of a shard).
    """

    part: int
    file: str
    rows: int
    bytes: int
    sha256: str
    failed: int = 0
    inputs: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    cost: Cost = field(default_factory=Cost)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Receipt:
        return cls(**{**value, "cost": Cost(**value["cost"])})


@dataclass(frozen=True)
class Manifest:
    """The parts of a finished table: what readers read."""

    table: str
    step: str
    version: int
    fingerprint: str
    layout: str
    parts: tuple[Receipt, ...]
    retired: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(p.rows for p in self.parts)

    def to_json(self) -> dict[str, Any]:
        value = asdict(self)
        for part in value["parts"]:
            del part["cost"]
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Manifest:
        parts = tuple(Receipt.from_json({**p, "cost": {}}) for p in value["parts"])
        return cls(**{**value, "parts": parts, "retired": tuple(value["retired"])})
