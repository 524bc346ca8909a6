"""Which failed papers a run asks again."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.engine.receipt import Receipt
from pipelines.engine.store import Store
from schemas import Status


@dataclass(frozen=True)
class Retry:
    """Which failed papers to open again: those with one of `reasons`, or all."""

    reasons: frozenset[str] | None = None

    def wants(self, reason: str) -> bool:
        return self.reasons is None or reason in self.reasons


def asked_again(store: Store, retry: Retry | None, part: Receipt) -> frozenset[str]:
    """The failed papers of a part that a run asks again: for the machine's failures, and as `retry` says."""
    wanted = set(part.open_faults())
    if retry is not None and part.failed:
        for row in store.read_table(part.file, ("doc_id", "status", "reason")).to_pylist():
            if row["status"] == Status.FAILED and retry.wants(row["reason"]):
                wanted.add(row["doc_id"])
    return frozenset(wanted)
