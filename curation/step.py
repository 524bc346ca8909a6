"""The contract of a step: what it reads, what it writes, one pure method.

A step is a frozen pydantic model: its fields are its config. It reads tables and writes one table;
it knows nothing of files, executors or run folders. There are three shapes and no more:

- `MapStep`: part k of every required table in, part k of its own table out, same rows, same order.
- `ExchangeStep`: rows are split into partitions by key, each partition is merged on its own, and the
  merged rows may be sent home to the part that they came from.
- `WholeStep`: everything at once, for what fits one node by construction.

The smallest true step:

    class Length(MapStep):
        name: ClassVar[str] = "length"
        version: ClassVar[int] = 1
        requires: ClassVar[Requires] = {"documents": ("doc_id", "paper_id", "text")}
        provides: ClassVar[Table] = Table("length", 1, "Characters a text.", (DOC_ID, PAPER_ID, field("n", pa.int64(), "Characters.")))

        def run(self, inputs: Inputs) -> pa.Table:
            documents = inputs["documents"]
            return documents.select(["doc_id", "paper_id"]).append_column("n", pc.utf8_length(documents["text"]))
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from curation.artefact import plain_config
from curation.errors import ConfigError
from curation.parquet import WRITER_VERSION

if TYPE_CHECKING:
    from schemas import Table

MAX_PARTITIONS = 65_536
"""Each partition is a task and a file."""
Requires: TypeAlias = Mapping[str, tuple[str, ...]]
"""Table name -> the columns that a step reads of it."""


class Execution:
    """Marks a config field that changes how a step runs but not what it makes (limits, worker counts).

    Such fields stay out of the fingerprint: `max_wall_s: Annotated[float, Execution()] = 60.0`.
    """


@dataclass(frozen=True)
class Inputs(Mapping[str, pa.Table]):
    """What a step is given: tables by name, and small named `side` inputs.

    All tables of a map step hold the same `doc_id`s in the same order, so none needs a join.
    `side` of a source's first step holds `unit` (the listing of the part) and `root` (where it lies);
    of a map step that reads papers, `root`: source name -> where its members lie, and the part's `unit`.
    """

    tables: Mapping[str, pa.Table]
    side: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pa.Table:
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)


class Step(BaseModel):
    """Base of the three shapes. Subclass one of them, not this."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ClassVar[str]
    """Name of the step in run folders and the ledger."""
    version: ClassVar[int]
    """Bumped whenever the same input gives other output."""
    requires: ClassVar[Requires]
    """Tables and columns read."""
    provides: ClassVar[Table]
    """Table written. Its first column is doc_id, but for whole steps that aggregate."""

    def identity(self) -> dict[str, Any]:
        """What is done, for the fingerprint: name, version, config less execution fields (artefacts by their content), schema,
        backends, writer. Raises ConfigError for an artefact that cannot be read."""
        skip = {
            name
            for name, info in type(self).model_fields.items()
            if any(isinstance(m, Execution) for m in info.metadata)
        }
        return {
            "step": self.name,
            "version": self.version,
            "config": plain_config(self, skip),
            "schema": [self.provides.name, self.provides.version],
            "backends": self.backends(),
            "writer": WRITER_VERSION,
        }

    def reads(self) -> Requires:
        """Tables and columns read: `requires`, and what the config adds to it."""
        return self.requires

    def check(self, available: Mapping[str, Table]) -> None:
        """Check before any data is read that every table and column that the step reads exists.

        Args:
            available: tables that earlier stages provide, by name.

        Raises:
            ConfigError: names the step, the table and the columns.
        """
        if not self.reads():
            raise ConfigError(f"step {self.name} reads no table; name tables and columns in its `requires`")
        for table, columns in self.reads().items():
            if table not in available:
                raise ConfigError(
                    f"step {self.name} reads table {table!r}, which no earlier step provides (there are: {', '.join(available)})"
                )
            missing = [c for c in columns if c not in available[table].columns]
            if missing:
                raise ConfigError(
                    f"step {self.name} reads {table}.{', '.join(missing)}, which the table does not have "
                    f"(it has: {', '.join(available[table].columns)})"
                )

    def backends(self) -> dict[str, str]:
        """Hashes of models and prompts, versions of optional programs that change the output."""
        return {}

    def child_pids(self) -> tuple[int, ...]:
        """Processes that the step keeps, whose CPU time counts as its own."""
        return ()

    def child_memory_mb(self) -> int:
        """Memory that those processes may take, MB: an executor that places tasks asks for it."""
        return 0

    def close(self) -> None:
        """Called when a worker is done with the step (end a child process, free a model)."""


class MapStep(Step):
    """Part k in, part k out: the same doc_ids in the same order."""

    @abstractmethod
    def run(self, inputs: Inputs) -> pa.Table:
        """One row of `provides` for every row of the inputs, in their order."""

    def reopen(self, previous: pa.Table, inputs: Inputs, doc_ids: frozenset[str]) -> pa.Table:
        """Do some failed rows of an earlier output of the same inputs again, those of `doc_ids`; the others stay.

        The engine names rows that failed by the machine's fault (`schemas.MACHINE_REASONS`) and those that the user wants
        again. A step whose rows cannot fail returns what it had.
        """
        return previous


class ExchangeStep(Step):
    """Rows meet by key, whatever part they are in.

    `split` gives a table with an int32 column `partition` (0 <= partition < `partitions`) and the columns
    that `merge` needs; with `home = True` it holds `doc_id`, one row for each row of the inputs.
    `merge` sees one partition, totally ordered by `order_by`. With `home = True` it returns one row for each
    row it was given (any order; doc_id names it) and the engine sends the rows back to their parts.
    """

    home: ClassVar[bool] = True
    order_by: ClassVar[tuple[str, ...]] = ("doc_id",)
    partitions: int = Field(default=16, ge=1, le=MAX_PARTITIONS)

    def count(self, whole: Mapping[str, pa.Table]) -> int:
        """Number of partitions; a step may read it from a table that it is given whole, never from parts or workers."""
        return self.partitions

    @abstractmethod
    def split(self, inputs: Inputs) -> pa.Table:
        """Rows for the exchange, with their `partition`."""

    @abstractmethod
    def merge(self, rows: pa.Table) -> pa.Table:
        """Rows of `provides` from the rows of one partition."""


class WholeStep(Step):
    """Everything at once. Inputs are whole tables, sorted by doc_id, with the required columns only."""

    max_rows: ClassVar[int] = 50_000_000

    @abstractmethod
    def run(self, inputs: Inputs) -> pa.Table:
        """The table, any order; the engine sorts it by `provides.sort_by`."""

    def summary(self, inputs: Inputs, made: pa.Table) -> Mapping[str, Any]:
        """Small sums of what `run` made, JSON values by name, for report.json. They stay in the receipt, so that a run that
        finds the table tells the same.

        `joins`: a list of `curation.joins.Join.to_json`.
        """
        return {}

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Stop the run at what a summary says; asked in every run, of tables that were there too.

        Raises:
            UserError, RunError: the run must not go on.
        """
