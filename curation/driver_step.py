"""Map steps that ask an engine: a model behind a URL, or one in this process. They run in the driver.

The parts of such a step are coroutines of one asyncio loop over one engine, `parts_in_flight` at once, so that the end of one
part and the beginning of the next share it. The smallest true one:

    class Summary(DriverStep):
        name: ClassVar[str] = "summary"
        version: ClassVar[int] = 1
        requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
        provides: ClassVar[Table] = Table("summary", 1, "Summaries.", (DOC_ID, field("text", pa.large_string(), "Summary.")))
        url: Annotated[str, Execution()]

        def open(self, state: State) -> AbstractAsyncContextManager[Client]:
            return Client(self.url, state.folder / "answers.sqlite")

        async def ask(self, inputs: Inputs, engine: Client) -> pa.Table:
            documents = inputs["documents"]
            texts = await asyncio.gather(*(engine.ask(text) for text in documents["text"].to_pylist()))
            return documents.select(["doc_id"]).append_column("text", pa.array(texts, pa.large_string()))

The bytes of a part must not depend on how many are in flight: an answer belongs to its request, whenever it comes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curation.errors import ContractError
from curation.place import Place
from curation.resources import NOTHING, Resources
from curation.step import Execution, Inputs, Made, MapStep


@dataclass(frozen=True)
class State:
    """Where an engine keeps what it must not lose. All driver stages of a run share it; no fingerprint knows of it.

    Args:
        folder: on a disk of the driver's machine, for a database. It is there again when the same machine runs the same run
            folder again, after kill -9 too. One process at a time uses it, who holds the run.
        place: below the run folder, wherever that lies, for whole files named by their content: another machine finds them.
            `place.writing` raises RunError when the run is no longer held.
        batches: for the config of an engine that is asked batches on a cluster, the call that answers them; this library knows no cluster.
    """

    folder: Path
    place: Place
    batches: Callable[[Any], Any] | None = None


class DriverStep(MapStep):
    """A map step whose parts run in the driver, over one engine."""

    where: ClassVar[Literal["worker", "driver"]] = "driver"

    parts_in_flight: Annotated[int, Field(ge=1, le=256), Execution()] = 4
    """Parts whose tables are held in memory and asked about at once."""

    def check_engine(self) -> None:
        """Asked before a run begins: whether there is an engine to be had, as far as that can be told without asking it.

        Raises:
            UserError: there is none.
        """

    def engine_resources(self) -> Resources:
        """What the engine takes of the driver's machine beside the driver: processes that it starts there. Nothing where it answers elsewhere."""
        return NOTHING

    def resources(self, input_bytes: int) -> Resources:
        """What the driver takes for a part, with the CPUs of the engine's processes; their memory is `child_memory_mb`."""
        own = super().resources(input_bytes)
        return replace(own, cpus=own.cpus + self.engine_resources().cpus)

    def child_memory_mb(self) -> int:
        return self.engine_resources().memory_mb

    @abstractmethod
    def open(self, state: State) -> AbstractAsyncContextManager[Any]:
        """The engine of a stage: opened when a part is missing, closed when the last is made, one fails or the run is stopped.
        What it must keep it writes before its context ends, or before it answers.

        Raises:
            UserError, RunError: from its context, when there is no engine to be had: the run stops.
        """

    @abstractmethod
    async def ask(self, inputs: Inputs, engine: Any) -> Made:
        """The tables of one part, as `MapStep.run` makes them. The loop is that of all parts: what computes for long goes to
        `asyncio.to_thread`. Cancelled when the run stops."""

    async def ask_again(self, previous: Made, inputs: Inputs, doc_ids: frozenset[str], engine: Any) -> Made:
        """As `MapStep.reopen`. By default the part is asked anew, for an engine that keeps its answers gives those it has."""
        return await self.ask(inputs, engine)

    def taken(self, made: Mapping[str, pa.Table], engine: Any) -> Mapping[str, int]:
        """What a part took of the engine, whenever that was, in small sums (requests, tokens): they stay in its receipt, and in no table.
        Called in a thread beside the loop.

        Args:
            made: its tables by name.
        """
        return {}

    def paid(self, engine: Any) -> Mapping[str, int | float]:
        """What was asked of the engine in this run; asked when it is closed."""
        return {}

    def account(self, taken: Mapping[str, int], paid: Mapping[str, int | float]) -> Mapping[str, Any]:
        """What report.json says of the engine of the stage; `warnings` in it go to those of the run.

        Args:
            taken: of all parts, by `taken`, whichever run made them.
            paid: by `paid`; empty where no part was missing.
        """
        return {}

    def view(self, engine: Any) -> str:
        """How the engine stands (done, failed, cost, tokens/s), in a few words for people; asked once a second, in the loop."""
        return ""

    def run(self, inputs: Inputs) -> Made:
        """Raises ContractError: without an engine nothing is made."""
        raise ContractError(f"step {self.name} asks an engine, in the driver of a run; call `ask`")
