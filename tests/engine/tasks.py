"""Tasks that can be run by themselves in a folder: for tests of receipts and parts without a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.parquet import write
from pipelines.engine.groups import Groups, RowDigests, grouped
from pipelines.engine.parts import Receipts
from pipelines.engine.receipt import Fault, Receipt
from pipelines.engine.seal import sealed
from pipelines.engine.store import Store
from pipelines.engine.task import Task, execute
from tests.engine.tables import LETTERS, WORDS, SplitWords

FOLDER = "words-00000000"


class Say(Task):
    """A row that says the word of its side input, and beside it a row of its first letter. `side["faults"]` are the machine's."""

    def run(self) -> Receipt:
        faults = {doc_id: Fault(reason) for doc_id, reason in self.side.get("faults", {}).items()}
        if self.previous is not None:
            before = self.store().read_as(f"{self.previous.rpartition('.')[0]}.json", Receipt.from_json)
            if before is not None and set(before.faults) == set(faults):  # asked again in vain
                return replace(before, faults={d: fault.after(before.faults[d]) for d, fault in faults.items()})
        word = str(self.side["word"])
        row = {"doc_id": "id:p0", "row_id": "0"}
        letters = LETTERS.rows([{**row, "letter": word}])
        return replace(self.write(WORDS.rows([{**row, "word": word}]), beside={"letters": letters}), faults=faults)


def say(root: Path, word: str, *, part: int = 0, folder: str = FOLDER, **side: Any) -> Say:
    """The task of a part that is made of one word."""
    return Say(
        step=SplitWords(),
        root=str(root),
        target=f"{folder}/part-{part:05d}",
        part=part,
        digests={"documents": word},
        side={"word": word, **side},
    )


def do(task: Task) -> Receipt:
    """Run a task and write its receipt, as a driver does."""
    [receipt] = sealed(task.store(), [execute(task)], [task.previous])
    return receipt


def receipts(root: Path, *tasks: Task) -> Receipts:
    """Those that are there."""
    return Receipts(Store(root), tasks)


def cut(path: Path) -> None:
    """Harm a file as a full disk or a cut copy does."""
    path.write_bytes(path.read_bytes()[:-1])


def put_table(store: Store, file: str, table: pa.Table) -> Receipt:
    """Write a file of a table; returns what a receipt would say of it."""
    written = store.write(file, lambda sink: write(table, sink))
    return Receipt(0, file, table.num_rows, written.bytes, written.sha256)


def put_groups(store: Store, file: str, part: int, rows: pa.Table, numbers: Sequence[int]) -> Receipt:
    """Write rows in groups by number, as a split does."""
    table, found, groups = grouped(rows, pa.chunked_array([pa.array(numbers, pa.int64())]))
    digests = [RowDigests(table).of(slice(start, start + count)) for start, count in groups]
    written = store.write(file, Groups(table, groups, found, digests).write)
    return Receipt(part, file, table.num_rows, written.bytes, written.sha256)


def manifest_of(stage: str, receipts: Sequence[Receipt]) -> Mapping[str, Any]:
    """What a manifest of some receipts holds."""
    return {"stage": stage, "fingerprint": "f", "parts": [r.to_json() for r in receipts], "retired": []}
