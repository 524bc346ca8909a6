"""A driver step with a small engine that keeps its answers, and a way to run it: python -m tests.engine.driver_steps TEXTS RUN EXECUTOR STEP."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated, ClassVar

import pyarrow as pa
from pydantic import Field

from curation.driver_step import DriverStep, State
from curation.errors import AstrocorpusError, UserError
from curation.resources import Resources
from curation.step import Execution, Inputs, Requires
from pipelines.engine.stage import Pipeline
from pipelines.launch import Options, launch
from schemas import DOC_ID, Table, field
from tests.engine.steps import text_pipeline

SHOUTS = Table("shouts", 1, "What an engine answers.", (DOC_ID, field("text", pa.large_string(), "The text, loud.")))


class Loud:
    """An engine: says a text loudly, keeps each answer in a file of its state, logs what happens to it."""

    def __init__(self, step: Shouts, state: State) -> None:
        self.step, self.state = step, state
        self.parts, self.most, self.asked = 0, 0, 0

    def log(self, word: str, of: str = "") -> None:
        with (Path(self.step.log) / "log").open("a") as file:
            file.write(f"{word} {of}\n")

    async def answer(self, doc_id: str, text: str) -> str:
        kept = self.state.folder / hashlib.sha256(text.encode()).hexdigest()
        if kept.exists():
            self.log("kept", doc_id)
            return kept.read_text()
        self.log("asked", doc_id)
        if doc_id in self.step.dies_with:
            while len([*self.state.folder.parent.glob("shouts-*/part-*.json")]) < 2:  # two parts are finished
                await asyncio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        if doc_id in self.step.fails_with:
            raise ValueError(f"no answer for {doc_id}")
        if doc_id in self.step.cancels_with:
            raise asyncio.CancelledError
        if doc_id in self.step.waits_with:
            await asyncio.sleep(3600)
        await asyncio.sleep(0.001 * (len(text) % 7))
        self.asked += 1
        kept.write_text(text.upper())
        self.log("answered", doc_id)
        return text.upper()


class Shouts(DriverStep):
    """Every text, loud."""

    name: ClassVar[str] = "shouts"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id", "text")}
    provides: ClassVar[Table] = SHOUTS

    log: Annotated[str, Execution()]
    dies_with: Annotated[frozenset[str], Execution()] = frozenset()
    fails_with: Annotated[frozenset[str], Execution()] = frozenset()
    cancels_with: Annotated[frozenset[str], Execution()] = frozenset()
    waits_with: Annotated[frozenset[str], Execution()] = frozenset()
    together: Annotated[int, Field(ge=0), Execution()] = 0
    """Parts that must be in flight before any is answered."""
    no_engine: Annotated[bool, Execution()] = False
    beside_cpus: Annotated[float, Execution()] = 0.0
    """CPUs of a process that the engine is said to start."""
    does_not_close: Annotated[bool, Execution()] = False
    stays_open: Annotated[bool, Execution()] = False

    def engine_resources(self) -> Resources:
        return Resources(self.beside_cpus, 0.0, 0)

    def open(self, state: State) -> AbstractAsyncContextManager[Loud]:
        return self._open(state)

    @asynccontextmanager
    async def _open(self, state: State) -> AsyncIterator[Loud]:
        engine = Loud(self, state)
        if self.no_engine:
            raise UserError("http://127.0.0.1:9/v1 does not answer; start the server")
        engine.log("opened")
        try:
            yield engine
        finally:
            with state.place.writing("answers.json") as sink:
                sink.write(json.dumps(engine.asked).encode())
            engine.log("closed")
            while self.stays_open and not (Path(self.log) / "go").exists():
                await asyncio.sleep(0.01)
            if self.does_not_close:
                raise OSError(28, "No space left on device")

    async def ask(self, inputs: Inputs, engine: Loud) -> pa.Table:
        documents = inputs["documents"].to_pylist()
        engine.parts += 1
        engine.most = max(engine.most, engine.parts)
        engine.log("in flight", str(engine.parts))
        try:
            while engine.most < self.together:
                await asyncio.sleep(0.01)
            answers = await asyncio.gather(*(engine.answer(row["doc_id"], row["text"]) for row in documents))
        except asyncio.CancelledError:
            engine.log("cancelled")
            raise
        finally:
            engine.parts -= 1
        return SHOUTS.rows([{"doc_id": row["doc_id"], "text": a} for row, a in zip(documents, answers, strict=True)])

    def view(self, engine: Loud) -> str:
        return f"{engine.asked} answers"


def loud_pipeline(texts: Path, step: Shouts) -> Pipeline:
    """The pipeline of small texts with the driver stage in it; three papers a part."""
    return text_pipeline(texts, more=(step,), part_papers=3)


if __name__ == "__main__":
    texts, run, executor, step = sys.argv[1:]
    try:
        launch(loud_pipeline(Path(texts), Shouts.model_validate_json(step)), run, Options(executor=executor, workers=2))
    except AstrocorpusError as error:
        sys.exit(f"{type(error).__name__}: {error}")
