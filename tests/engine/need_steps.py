"""Steps that say what they take, and log when they run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, ClassVar

import pyarrow as pa

from curation.resources import Resources
from curation.step import Execution, Inputs
from tests.engine.steps import Texts


class Heavy(Texts):
    """Says what it takes, and takes `holds_mb` of memory for a while."""

    log: Annotated[str, Execution()]
    cpus: Annotated[float, Execution()] = 1.0
    gpus: Annotated[float, Execution()] = 0.0
    memory_mb: Annotated[int, Execution()] = 64
    holds_mb: Annotated[int, Execution()] = 0
    lasts_s: Annotated[float, Execution()] = 0.05

    def resources(self, input_bytes: int) -> Resources:
        return Resources(self.cpus, self.gpus, self.memory_mb)

    def set_up(self) -> None:
        self._log("set up")

    def run(self, inputs: Inputs) -> pa.Table:
        self._log("begin")
        held = bytearray(os.urandom(2**20) * self.holds_mb)
        time.sleep(self.lasts_s)
        self._log("end" if len(held) == self.holds_mb << 20 else "lost")
        return super().run(inputs)

    def _log(self, word: str) -> None:
        with Path(self.log).open("a") as file:
            file.write(f"{word}\n")


class HeavyAnew(Heavy):
    """Another version of it."""

    version: ClassVar[int] = 2
