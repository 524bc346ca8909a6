"""Part k of a map step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import ContractError
from curation.parquet import conform
from curation.step import Inputs, Made, MapStep
from pipelines.engine.outage import stop_at_outage
from pipelines.engine.receipt import Fault, Receipt
from pipelines.engine.rows import check_ids, check_many
from pipelines.engine.stretches import in_stretches
from pipelines.engine.task import Task, typed
from schemas import MACHINE_REASONS, Status


@dataclass(frozen=True)
class Begun:
    """A part before its step: what the step is given, and of papers asked again what an earlier run made, with its receipt."""

    inputs: Inputs
    there: Receipt | None = None
    before: Mapping[str, pa.Table] | None = None

    def previous(self, step: MapStep) -> Made | None:
        """What the step returned before."""
        if self.before is None:
            return None
        return self.before if step.beside else self.before[step.provides.name]


class MapTask(Task):
    """Part k of a map step."""

    def run(self) -> Receipt:
        step, begun = typed(self.step, MapStep), self.begin()
        previous = begun.previous(step)
        if previous is None:
            sealing = bool(step.seal_rows) and self.base is not None
            return self.end(begun, in_stretches(self, step, begun.inputs) if sealing else step.run(begun.inputs))
        return self.end(begun, step.reopen(previous, begun.inputs, self.doc_ids))

    def begin(self) -> Begun:
        """Read what the step is given."""
        inputs = self.step_inputs()
        there = self._receipt_of_previous()
        return Begun(inputs, there, self._tables_of(there) if there is not None else None)

    def end(self, begun: Begun, returned: Made, extra: Mapping[str, Any] | None = None) -> Receipt:
        """Check what the step returned and write it; `extra` goes into the receipt."""
        step, inputs, there, before = typed(self.step, MapStep), begun.inputs, begun.there, begun.before
        what = f"step {step.name}, part {self.part}"
        made = step.by_name(returned, what)
        tables = {table.name: conform(made[table.name], table.arrow, what) for table in step.tables()}
        self._check(step, inputs, tables)
        table = tables[step.provides.name]
        faults = self._faults(table, inputs, there.faults if there is not None else {})
        stop_at_outage(self.step.name, self.part, faults, table.num_rows, self.sources())
        if there is not None and before is not None and all(tables[name].equals(before[name]) for name in tables):
            return replace(there, faults=faults)
        beside = {name: rows for name, rows in tables.items() if name != step.provides.name}
        return replace(
            self.write(table, beside=beside, extra={**self.summed(tables, inputs), **(extra or {})}), faults=faults
        )

    def _check(self, step: MapStep, inputs: Inputs, tables: Mapping[str, pa.Table]) -> None:
        """Raise ContractError unless the rows are those of the part's documents; of a source, one for each entry."""
        main = tables[step.provides.name]
        if self.base is None:
            expected, ids = len(inputs.side["unit"].entries), pc.count_distinct(main["doc_id"]).as_py()
            if main.num_rows != expected or ids != expected:
                raise ContractError(
                    f"step {step.name}, part {self.part}: {expected} entries gave {main.num_rows} rows with "
                    f"{ids} ids; each entry needs one row with an id of its own"
                )
        documents = main["doc_id"] if self.base is None else self.documents
        for name, table in tables.items():
            if step.rows == "many" or name != step.provides.name:
                check_many(f"{step.name}, its table {name}" if step.beside else step.name, documents, table)
            elif self.base is not None:
                check_ids(step.name, documents, table["doc_id"], ordered=True)

    def _receipt_of_previous(self) -> Receipt | None:
        if self.previous is None:
            return None
        receipt = self.store().read_as(f"{self.previous.rpartition('.')[0]}.json", Receipt.from_json)
        if receipt is None:
            raise ContractError(f"{self.previous} has no receipt")
        return receipt

    def _tables_of(self, receipt: Receipt) -> dict[str, pa.Table]:
        """What an earlier run made of the part."""
        main, *others = self.step.tables()
        files = {main.name: receipt.file, **{table.name: receipt.beside[table.name].file for table in others}}
        return {t.name: conform(self.read((files[t.name],), t.columns), t.arrow, t.name) for t in (main, *others)}

    def _faults(self, table: pa.Table, inputs: Inputs, earlier: Mapping[str, Fault]) -> dict[str, Fault]:
        """The machine's failures among the rows, less those that failed before this step; rows that were not asked again
        keep what was known of them."""
        if not {"doc_id", "status", "reason"}.issubset(table.column_names):
            return {}
        known = {d for t in inputs.values() if {"doc_id", "status"}.issubset(t.column_names) for d in _failed(t)}
        reasons = dict(zip(*(table[name].to_pylist() for name in ("doc_id", "reason")), strict=True))
        found = {d: Fault(reasons[d]) for d in _failed(table) if reasons[d] in MACHINE_REASONS and d not in known}
        asked = self.doc_ids if self.previous is not None else found.keys()
        return {
            d: fault.after(earlier.get(d)) if d in asked else earlier.get(d, fault)
            for d, fault in sorted(found.items())
        }


def _failed(table: pa.Table) -> list[str]:
    ids: list[str] = table.filter(pc.equal(table["status"], Status.FAILED.value))["doc_id"].to_pylist()
    return ids
