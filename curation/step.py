"""The contract of a step: what it reads, what it writes, one pure method.

A step is a frozen pydantic model: its fields are its config. It reads tables and writes one main table and any side
tables of the same pass; it knows nothing of files, executors or run folders. There are three shapes and no more:

- `MapStep`: part k of every required table in, part k of its own tables out: a row a document, or 0 to n (`rows`). One that
  asks an engine is a `DriverStep` (`curation.driver_step`).
- `ExchangeStep`: rows are split into partitions by key, each partition is merged on its own, and the
  merged rows may be sent home to the part that they came from.
- `WholeStep`: everything at once, for what is small by construction; what is not, it streams.

The smallest true step:

    class Length(MapStep):
        name: ClassVar[str] = "length"
        version: ClassVar[int] = 1
        requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
        provides: ClassVar[Table] = Table("length", 1, "Characters a text.", (DOC_ID, field("n", pa.int64(), "Characters.")))

        def run(self, inputs: Inputs) -> pa.Table:
            documents = inputs["documents"]
            return documents.select(["doc_id"]).append_column("n", pc.utf8_length(documents["text"]))

Tables that are not co-partitioned with papers (of whole steps, of exchanges that send nothing home) reach a map step, and
the split of an exchange, cut: only the rows that name one of the part's documents, by `doc_id` (or `mate`, when the step
reads it), or as `keys` says. So an unrelated change of such a table makes no part anew. A table with neither arrives whole.
"""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.fields import FieldInfo

from curation.artefact import artefacts_of, plain_config
from curation.errors import ConfigError, ContractError, LimitError, did_you_mean
from curation.parquet import WRITER_VERSION
from curation.resources import Resources, unfolded
from curation.summaries import added

if TYPE_CHECKING:
    from schemas import Table

MAX_PARTITIONS = 65_536
"""Each partition is a task and a file."""
Requires: TypeAlias = Mapping[str, tuple[str, ...]]
"""Table name -> the columns that a step reads of it."""
Made: TypeAlias = pa.Table | Mapping[str, pa.Table]
"""What a step returns: its table; of a step with side tables, all of them by name."""


class Execution:
    """Marks a config field that changes how a step runs but not what it makes (limits, worker counts).

    Such fields stay out of the fingerprint: `max_wall_s: Annotated[float, Execution()] = 60.0`, in the models that a config
    holds as in itself. Where a value may be left out the mark may stand inside, too: `Annotated[str, Execution()] | None`.
    """


def is_execution(info: FieldInfo) -> bool:
    """Whether a field is marked `Execution`, or a member of the union that it takes."""
    marks = (m for part in get_args(info.annotation) if get_origin(part) is Annotated for m in get_args(part)[1:])
    return any(isinstance(m, Execution) for m in (*info.metadata, *marks))


def execution_fields(value: Any) -> dict[Any, Any]:
    """The fields of a config that are `Execution`, at any depth, as `exclude` of pydantic names them: key -> True, or the same of
    what lies there."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        if isinstance(value, RootModel):
            return execution_fields(value.root)
        own = {name: True for name, info in fields.items() if is_execution(info)}
        inside: Iterable[tuple[Any, Any]] = ((name, getattr(value, name)) for name in fields if name not in own)
    else:
        own = {}
        is_list = isinstance(value, list | tuple)
        inside = enumerate(value) if is_list else value.items() if isinstance(value, Mapping) else ()
    return own | {key: found for key, inner in inside if (found := execution_fields(inner))}


@dataclass(frozen=True)
class Inputs(Mapping[str, pa.Table]):
    """What a step is given: tables by name, and small named `side` inputs.

    The co-partitioned tables of a map step with a row a document hold the same `doc_id`s in the same order, so none needs a
    join; those with many rows a document have them in that order too. `streamed` gives what a whole step names in `streams`.
    `side` of a source holds `unit` (the listing of the part); of a map step that reads papers, `sources` (name -> the source,
    which opens a paper's content) and the part's `unit`.
    """

    tables: Mapping[str, pa.Table]
    side: Mapping[str, Any] = field(default_factory=dict)
    streamed: Mapping[str, Callable[[], Iterator[pa.Table]]] = field(default_factory=dict)

    def stream(self, name: str) -> Iterator[pa.Table]:
        """A table that the step names in `streams`, part by part, in the order of the parts; as often as it is asked."""
        return self.streamed[name]()

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
    where: ClassVar[Literal["worker", "driver"]] = "worker"
    """Where its parts run: in the workers of the executor, or as coroutines in the driver (`curation.driver_step`)."""
    requires: ClassVar[Requires]
    """Tables and columns read."""
    provides: ClassVar[Table]
    """Main table written. Its first column is doc_id, but for whole steps that aggregate. A union (`Table.union`) is written
    by several steps, each with rows = many, before its first reader."""
    rows: ClassVar[Literal["one", "many"]] = "one"
    """Of map steps and exchanges that send home: one row a document, or 0 to n in the order of the documents, each with a
    `row_id` that is unique inside its doc_id (in a union: among all steps that write it)."""
    beside: ClassVar[tuple[Table, ...]] = ()
    """Side tables of the same pass, with many rows a document (of a whole step: any rows). The step then returns a mapping."""
    keys: ClassVar[Mapping[str, str]] = {}
    """Table that is not co-partitioned -> a column (of strings or of lists of them) of the co-partitioned ones that the step
    reads: the rows whose column `key` is in it arrive, in whichever of these tables. The run says what matched."""

    def tables(self) -> tuple[Table, ...]:
        """Tables written, the main one first."""
        return (self.provides, *self.beside)

    def has_many(self, table: Table) -> bool:
        """Whether one of its tables has many rows a document."""
        return self.rows == "many" or table is not self.provides

    def by_name(self, made: Made, what: str) -> dict[str, pa.Table]:
        """The tables that the step returned, by name.

        Args:
            what: who made them, for the error.

        Raises:
            ContractError: not exactly its tables.
        """
        if not self.beside and isinstance(made, pa.Table):
            return {self.provides.name: made}
        wanted = [table.name for table in self.tables()]
        if not isinstance(made, Mapping) or sorted(made) != sorted(wanted):
            told = ", ".join(sorted(made)) if isinstance(made, Mapping) else type(made).__name__
            asked = f"a mapping of {', '.join(wanted)}" if self.beside else "a pyarrow Table"
            raise ContractError(f"{what}: returned {told}, not {asked}")
        return {name: made[name] for name in wanted}

    def identity(self) -> dict[str, Any]:
        """What is done, for the fingerprint: name, version, config less execution fields (artefacts by their content), schemas,
        backends, writer, and Python's Unicode tables, which say what is a letter, its lower case, its composed form. Raises
        ConfigError for an artefact that cannot be read."""
        return {
            "step": self.name,
            "version": self.version,
            "config": self._plain(),
            "schema": [f"{table.name} {table.version}" for table in self.tables()],
            "backends": self.backends(),
            "writer": WRITER_VERSION,
            "unicode": unicodedata.unidata_version,
        }

    def artefacts(self) -> dict[str, str]:
        """Key -> sha256 of every artefact that the config names, be it left out of the identity. Raises ConfigError as that."""
        return dict(artefacts_of(self._plain()))

    def _plain(self) -> dict[str, Any]:
        return plain_config(self, execution_fields(self))

    def reads(self) -> Requires:
        """Tables and columns read: `requires`, and what the config adds to it."""
        return self.requires

    def allowed(self) -> Mapping[str, Mapping[str, Collection[str]]]:
        """Table -> column that the step reads -> the words that it may hold, beside null. Other words stop the run, and the error
        names the step that wrote them: so a union is checked where it is read, whoever fills it."""
        return {}

    def check(self, available: Mapping[str, Table]) -> None:
        """Check before any data is read that every table and column that the step reads exists.

        Args:
            available: tables that earlier stages provide, by name.

        Raises:
            ConfigError: names the step, the table and the columns.
        """
        if not self.reads() and not isinstance(self, WholeStep):
            raise ConfigError(f"step {self.name} reads no table; name tables and columns in its `requires`")
        for table, columns in self.reads().items():
            if table not in available:
                raise ConfigError(
                    f"step {self.name} reads table {table!r}, which no earlier step provides{did_you_mean(table, available)} "
                    f"(there are: {', '.join(available)})"
                )
            has = available[table].columns
            missing = [c for c in columns if c not in has]
            if missing:
                raise ConfigError(
                    f"step {self.name} reads {table}.{', '.join(missing)}, which the table does not have"
                    f"{did_you_mean(missing[0], has)} (it has: {', '.join(has)})"
                )

    def backends(self) -> dict[str, str]:
        """Hashes of models and prompts, versions of optional programs that change the output."""
        return {}

    def costs(self) -> str | None:
        """What a dry run should tell of the step before it runs, where it costs far more than its neighbours."""
        return None

    def resources(self, input_bytes: int) -> Resources:
        """What one task takes: executors ask for it, or run fewer at once. Memory is what an earlier run of the stage took, where its
        receipts say so.

        Args:
            input_bytes: of the files that the task reads at once, or its share of them.
        """
        return Resources(memory_mb=unfolded(input_bytes))

    def set_up(self) -> None:
        """Called once on each machine in a run, before its first task there: fetch weights, compile what all processes share. What
        is there already it finds itself."""

    def child_pids(self) -> tuple[int, ...]:
        """Processes that the step keeps, whose CPU time counts as its own."""
        return ()

    def child_memory_mb(self) -> int:
        """Memory that those processes may take, MB: an executor that places tasks asks for it."""
        return 0

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        """Small sums of what was made, JSON values by name, of one part; for report.json. They stay in the receipt, so that a
        run that finds the part tells the same. So they may depend on nothing but what the part is made of: not on a field that
        `identity` leaves out, and what the step tells in another way is a new `version`. `made` has the step's tables by name;
        `inputs` of an exchange hold nothing.

        `joins`: a list of `curation.joins.Join.to_json`, and `warnings`: sentences of what nobody should overlook, each of a step
        that says it once (a whole step, or in `fold`).
        """
        return {}

    def fold(self, summaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The summary of a table from those of its parts: numbers are added, mappings by key; else equal values stay.

        What the config names and a part does not (a list that matched nothing there, or came later) is none of it.
        """
        total: dict[str, Any] = {}
        for summary in summaries:
            total = added(total, summary, self.name)
        return total

    def guard(self, summary: Mapping[str, Any]) -> None:
        """Stop the run at what a folded summary says; asked in every run, of tables that were there too.

        Raises:
            UserError, RunError: the run must not go on.
        """

    def close(self) -> None:
        """Called when a worker is done with the step (end a child process, free a model)."""


class MapStep(Step):
    """Part k in, part k out: with `rows = "one"` the same doc_ids in the same order.

    A step that may take hours over a part says `seal_rows`: `run` is then given so many documents, and after them as many as take
    `seal_s` seconds or less; what it made is sealed so often, and kill -9 loses no more. It must make of some documents what it
    makes of them among all, and read the doc_id of tables with many rows a document.
    """

    seal_rows: ClassVar[int] = 0
    seal_s: ClassVar[float] = 60.0

    @abstractmethod
    def run(self, inputs: Inputs) -> Made:
        """One row of `provides` for every document of the part, in their order; with `rows = "many"` 0 to n."""

    def reopen(self, previous: Made, inputs: Inputs, doc_ids: frozenset[str]) -> Made:
        """Do some failed rows of an earlier output of the same inputs again, those of `doc_ids`; the others stay.

        The engine names rows that failed by the machine's fault (`schemas.MACHINE_REASONS`) and those that the user wants
        again. A step whose rows cannot fail returns what it had.
        """
        return previous


class ExchangeStep(Step):
    """Rows meet by key, whatever part they are in.

    `split` gives a table with an int32 column `partition` (0 <= partition < `partitions`) and the columns
    that `merge` needs; with `home = True` it holds `doc_id`, one row for each document of the inputs (any number with
    `rows = "many"`). Tables in `also` are not co-partitioned with papers and are split too, file by file: `split` is called
    with that one table alone; columns that one side lacks are null in the other.
    `merge` sees one partition, totally ordered by `order_by`, the rows of both sides. With `home = True` it returns one row
    for each row of documents that it was given (any order; doc_id names it), with `rows = "many"` 0 to n rows of the
    partition's documents, and the engine sends the rows back to their parts. No side tables.
    """

    home: ClassVar[bool] = True
    also: ClassVar[tuple[str, ...]] = ()
    order_by: ClassVar[tuple[str, ...]] = ("doc_id",)
    partitions: int = Field(default=16, ge=1, le=MAX_PARTITIONS)

    def count(self, told: Mapping[str, Mapping[str, Any]]) -> int:
        """Number of partitions: of the config, or as the step of an earlier stage told it (stage -> its folded summary); never
        that of parts or workers."""
        return self.partitions

    @abstractmethod
    def split(self, inputs: Inputs) -> pa.Table:
        """Rows for the exchange, with their `partition`."""

    @abstractmethod
    def merge(self, rows: pa.Table) -> pa.Table:
        """Rows of `provides` from the rows of one partition."""


class ShardStep(ExchangeStep):
    """Makes the files (shards) of one kind of released data, a file of a tier for each partition that has rows of it.

    `merge` returns rows of `released` with a column `tiers`, the tiers that release each. Which row goes to which partition a
    whole step says that stands before (`plan`): its summary tells `shards`, their number, and `of_tier`, those of each tier.
    """

    home: ClassVar[bool] = False
    kind: ClassVar[str]
    """documents or pairs; stands in the manifest."""
    released: ClassVar[Table]
    """The table of the shards."""
    plan: ClassVar[str] = "shard_plan"
    """The table of the plan."""

    tiers: tuple[str, ...]

    def count(self, told: Mapping[str, Mapping[str, Any]]) -> int:
        return int(told[self.plan]["shards"])


class WholeStep(Step):
    """Everything at once, in one task, for what is small by construction; never one row a document.

    Inputs are whole tables, sorted by doc_id, with the required columns only, but for those in `streams`: what has a row a
    document is read part by part (`Inputs.stream`), and the step keeps what it needs. A step without required tables
    reads small files named in its config; its identity holds their digests, never their paths.
    """

    max_rows: ClassVar[int] = 50_000_000
    streams: ClassVar[tuple[str, ...]] = ()

    def stretches(self) -> Sequence[Mapping[str, Any]] | None:
        """Of a step that reads a large file named in its config: the stretches of it, JSON values without a path.

        Each is a task and a file of the table, and is found again by its value, wherever it stands among the others and whatever
        it says under `place`, which is where it lies now: so a value holds a digest of the bytes, and cuts follow what the file
        holds. `run` has it as `inputs.side["stretch"]`. Where there is none, the table is empty. None is told of a step that
        reads tables.

        Raises:
            UserError: the file cannot be read.
        """
        return None

    def check_rows(self, rows: Mapping[str, int]) -> None:
        """Asked before the task starts, with the rows of every table that it reads, as receipts tell them.

        Raises:
            LimitError: they are more than fit. By default: over `max_rows` of a table that is not streamed.
        """
        for name, count in rows.items():
            if name not in self.streams and count > self.max_rows:
                raise LimitError(f"step {self.name}: {name} has {count:,} rows, the limit is {self.max_rows:,}")

    @abstractmethod
    def run(self, inputs: Inputs) -> Made:
        """The tables, any order; the engine sorts each by its `sort_by`."""
