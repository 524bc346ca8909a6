"""The receipt of a part: what was written, from which inputs. Resume trusts receipts, readers trust manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from schemas import Reason

MANIFEST = "_manifest.json"
"""Name of the manifest in a stage's folder."""


@dataclass(frozen=True)
class Cost:
    """What a part cost: seconds of wall clock and CPU (children included), the most memory that its process held, and of how many
    bytes of inputs. Never part of a digest."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: int = 0
    """0 where it is not known: of parts that ran in the driver, or before it was measured."""
    input_bytes: int = 0


MAX_RUNS = {Reason.STALLED: 3, Reason.KILLED: 3}
"""Runs in which a paper may stall or be killed until that is the verdict on it. What cannot be read is asked every run."""


@dataclass(frozen=True)
class Fault:
    """A failure of the machine, not of the paper (`schemas.MACHINE_REASONS`): why, and in how many runs so far."""

    reason: str
    runs: int = 1

    @property
    def is_open(self) -> bool:
        """Whether the next run asks the paper again."""
        return self.reason not in MAX_RUNS or self.runs < MAX_RUNS[Reason(self.reason)]

    def after(self, earlier: Fault | None) -> Fault:
        """This failure, one run after an earlier one. Only runs with a failure that has a bound count for the bound."""
        goes_on = earlier is not None and (earlier.reason in MAX_RUNS) == (self.reason in MAX_RUNS)
        return Fault(self.reason, earlier.runs + 1) if earlier is not None and goes_on else self


def slot(target: str) -> str:
    """A part, or its file, without its revision."""
    folder, _, base = target.rpartition("/")
    return f"{folder}/{base.split('.')[0]}"


def revision(target: str) -> int:
    """0 for a first version, n for `part-00000.rn`."""
    return int(target.rpartition("/")[2].partition(".r")[2] or 0)


@dataclass(frozen=True)
class SideFile:
    """The file of a side table, made in the same pass as the part."""

    file: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Receipt:
    """One finished part: the file of its main table, and those of its side tables.

    Args:
        part: number of the part (or partition).
        file: its path below the run folder.
        rows: rows in it.
        beside: side table -> its file.
        failed: rows with status failed, for tables that have one.
        faults: doc_id -> the machine's failure, for rows that failed here and so. Of no table: a run that asks them again
            and ends as before changes nothing but this.
        inputs: name -> digest of what it was made from.
        unit: listing of the part, for a source's first stage.
        cost: seconds spent.
        extra: what the writer of the part adds: row groups of a shard, `summary`, `groups` (`pipelines.engine.groups`).
    """

    part: int
    file: str
    rows: int
    bytes: int
    sha256: str
    beside: Mapping[str, SideFile] = field(default_factory=dict)
    failed: int = 0
    faults: Mapping[str, Fault] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    cost: Cost = field(default_factory=Cost)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Receipt:
        faults = {doc_id: Fault(**fault) for doc_id, fault in value.get("faults", {}).items()}
        beside = {name: SideFile(**file) for name, file in value.get("beside", {}).items()}
        return cls(**{**value, "beside": beside, "faults": faults, "cost": Cost(**value["cost"])})

    @property
    def target(self) -> str:
        """Its path below the run folder without suffix, as a task is told; the receipt is that and `.json`."""
        return self.file.rpartition(".")[0]

    def files(self) -> Iterator[tuple[str, int]]:
        """Every file of the part and its bytes."""
        yield self.file, self.bytes
        yield from ((beside.file, beside.bytes) for beside in self.beside.values())

    def open_faults(self) -> dict[str, Fault]:
        """Those that the next run asks again."""
        return {doc_id: fault for doc_id, fault in self.faults.items() if fault.is_open}


def open_failures(parts: Iterable[Receipt]) -> dict[str, str]:
    """Papers that failed by the machine's fault and are asked again by the next run: doc_id -> reason, sorted."""
    return dict(sorted((doc_id, fault.reason) for part in parts for doc_id, fault in part.open_faults().items()))


@dataclass(frozen=True)
class Manifest:
    """The parts of a finished stage: what readers read."""

    stage: str
    fingerprint: str
    parts: tuple[Receipt, ...]
    retired: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(p.rows for p in self.parts)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Manifest:
        parts = tuple(Receipt.from_json(p) for p in value["parts"])
        return cls(**{**value, "parts": parts, "retired": tuple(value["retired"])})
