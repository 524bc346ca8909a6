"""Steps that seal stretches of a part, and a way to run them: python -m tests.engine.seal_steps TEXTS RUN LOG DIES_WITH."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, ClassVar

import pyarrow as pa

from curation.errors import RunError
from curation.step import Execution, Inputs, Made, MapStep, Requires
from pipelines.engine.stage import Pipeline
from pipelines.launch import Options, launch
from schemas import DOC_ID, Table, field
from tests.engine.steps import Texts, text_pipeline
from tests.engine.tables import SplitWords

COUNTED = Table("counted", 1, "Words of a document.", (DOC_ID, field("n", pa.int64(), "How many of `words`.")))


class Patient(Texts):
    """Texts, two at a time; some kill their worker, cannot be read, or stop the run."""

    seal_rows: ClassVar[int] = 2
    seal_s: ClassVar[float] = 0.0

    log: Annotated[str, Execution()]
    dies_with: Annotated[str, Execution()] = ""
    unread: Annotated[str, Execution()] = ""
    stops_with: Annotated[str, Execution()] = ""

    def row(self, paper: dict, inputs: Inputs) -> dict:
        with Path(self.log).open("a") as file:
            file.write(f"{paper['doc_id']}\n")
        if paper["doc_id"] == self.dies_with:
            os.kill(os.getpid(), signal.SIGKILL)
        if paper["doc_id"] == self.stops_with:
            raise RunError("the mount is gone")
        if paper["doc_id"] == self.unread:
            return {"doc_id": paper["doc_id"], "status": "failed", "reason": "io_error", "detail": "cut off"}
        return super().row(paper, inputs)


class Hurried(Patient):
    """Seals nothing of a part that takes less than a minute, and is given longer stretches one after the other."""

    seal_s: ClassVar[float] = 60.0


class PatientWords(SplitWords):
    """Many rows a document, and side tables, in stretches."""

    seal_rows: ClassVar[int] = 2
    seal_s: ClassVar[float] = 0.0


class Counts(MapStep):
    """Reads a table with many rows a document in stretches."""

    name: ClassVar[str] = "counted"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id",), "words": ("doc_id", "word")}
    provides: ClassVar[Table] = COUNTED
    seal_rows: ClassVar[int] = 2

    def run(self, inputs: Inputs) -> Made:
        ids = inputs["documents"]["doc_id"].to_pylist()
        words = inputs["words"]["doc_id"].to_pylist()
        if strangers := set(words) - set(ids):
            raise ValueError(f"words of {strangers}")
        return COUNTED.rows([{"doc_id": doc_id, "n": words.count(doc_id)} for doc_id in ids])


class CountsBlindly(Counts):
    """Reads them without their documents' ids."""

    requires: ClassVar[Requires] = {"documents": ("doc_id",), "words": ("word",)}


def patient_pipeline(texts: Path, documents: Texts, counts: type[Counts] = Counts) -> Pipeline:
    """Two parts of six papers."""
    return text_pipeline(texts, documents=documents, more=(PatientWords(), counts()), part_papers=6)


if __name__ == "__main__":
    texts, run, log, dies_with = sys.argv[1:]
    made = patient_pipeline(Path(texts), Patient(log=log, dies_with=dies_with))
    launch(made, run, Options(executor="inline"))
