"""Looks for benchmarks in anybody's documents, by the steps of a run: rows of the table hits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.parquet import conform, write
from curation.sources.paper_metadata import Metadata
from curation.step import Inputs, MapStep, Step, WholeStep
from curation.withhold.config import Withhold
from pipelines.document_files import Documents
from pipelines.documents import RECORD
from pipelines.engine.store import Store
from schemas import DOCUMENTS, HITS, Status

SOURCE = "documents"
"""Name of the source that documents outside of a run have in metadata."""


def find_hits(documents: Documents, withhold: Withhold) -> Iterator[pa.Table]:
    """Hits in documents, a table a batch of them, in their order. Rows with one id share their hits by id.

    Raises:
        UserError: the documents, a list or an index cannot be read, or an index holds no text of its benchmark.
        RunError: a step misses its own test, so that what it does not find says nothing.
    """
    steps = withhold.steps()
    whole = _whole_tables(steps)
    for batch in documents.batches(("id", "text", RECORD)):
        yield pa.concat_tables(list(_of_steps(steps, {**whole, **_as_run(batch)})))


def _whole_tables(steps: Sequence[Step]) -> dict[str, pa.Table]:
    """What the whole steps among them make, of what those before made, and of no document: lists, thresholds, the self-test."""
    tables: dict[str, pa.Table] = {}
    for step in steps:
        if isinstance(step, WholeStep):
            made = _by_name(step, step.run(Inputs(tables)))
            step.guard(step.fold([step.summary(Inputs(tables), made)]))
            tables |= made
    return tables


def _of_steps(steps: Sequence[Step], tables: dict[str, pa.Table]) -> Iterator[pa.Table]:
    """The hits of a batch; `tables` also takes what its steps make for one another."""
    for step in steps:
        if isinstance(step, MapStep):
            inputs = Inputs({name: tables[name].select(list(columns)) for name, columns in step.requires.items()})
            made = _by_name(step, step.run(inputs))
            if HITS.name in made:
                yield made.pop(HITS.name)
            tables |= made


def _by_name(step: Step, made: pa.Table | dict[str, pa.Table]) -> dict[str, pa.Table]:
    return {step.provides.name: made} if isinstance(made, pa.Table) else dict(made)


def _as_run(batch: pa.Table) -> dict[str, pa.Table]:
    """Documents as the tables documents and metadata of a run have them."""
    ids, texts = batch["id"].to_pylist(), batch["text"].to_pylist()
    digests: list[object] = [hashlib.sha256((text or "").encode()).hexdigest() for text in texts]
    headings = [
        next((line[2:] for line in (t or "")[:2000].splitlines()[:1] if line.startswith("# ")), None) for t in texts
    ]
    documents = DOCUMENTS.table(
        {
            "doc_id": ids,
            "title": headings,
            "text": texts,
            "text_sha256": digests,
            "status": [str(Status.OK if text else Status.FAILED) for text in texts],
        }
    )
    papers = pa.table(
        {
            "doc_id": ids,
            "source": [SOURCE] * len(ids),
            "source_id": ids,
            "member": [f"{SOURCE}#{name}" for name in ids],
            "content_sha256": digests,
            "said": batch[RECORD],
            "as_of": pa.nulls(len(ids), pa.string()),
        }
    )
    return {"documents": documents, "metadata": Metadata().run(Inputs({"papers": papers}))}


def is_hits(path: Path) -> bool:
    """Whether a file is a table of hits."""
    try:
        names: list[str] = pq.read_schema(path).names
    except (OSError, pa.ArrowException):
        return False
    return names == list(HITS.columns)


def write_hits(hits: pa.Table, out: Path) -> None:
    """Write hits whole. Raises RunError when they cannot be written."""
    table = conform(hits, HITS.arrow, "withhold")
    Store(out.absolute().parent).write(out.name, lambda sink: write(table, sink))
