"""Makes artefacts of documents: files that a later config names (`astrocorpus artefact`)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.arrays import numbers
from curation.artefact import FOOTER_KEY
from curation.dedup.paragraphs import ParagraphCounts
from curation.errors import UserError
from curation.parquet import conform, sort_rows, write
from curation.step import ExchangeStep, Inputs
from curation.withhold.phrases import PhraseCounts
from pipelines.document_files import Documents
from pipelines.engine.store import Store
from schemas.files import Written

KINDS: Mapping[str, type[ExchangeStep]] = {"boilerplate": ParagraphCounts, "phrases": PhraseCounts}
"""Kind -> the step that learns it: of `documents` with doc_id and text, rows that are not sent home."""


def make_artefact(kind: str, step: ExchangeStep, documents: Documents, out: Path) -> tuple[Written, int]:
    """Learn an artefact from documents and write it; its footer says how it was made.

    One partition is held in memory at a time; the others wait in a temporary folder beside the file.

    Returns:
        the file, and its rows.

    Raises:
        UserError: the documents cannot be read, or nothing was learned.
    """
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".artefact-") as folder:
        merged = [conform(step.merge(rows), step.provides.arrow, step.name) for rows in _split(step, documents, folder)]
    table = sort_rows(pa.concat_tables(merged), step.provides.sort_by).combine_chunks()
    if not table.num_rows:
        asked = ", ".join(f"{name}={getattr(step, name)}" for name in type(step).model_fields if name != "partitions")
        raise UserError(f"no {kind} in {documents.name} with {asked}; ask for less, such as `--set min_docs=N`")
    how = json.dumps({"kind": kind, **step.identity()}, sort_keys=True)
    store = Store(out.absolute().parent)
    return store.write(out.name, lambda sink: write(table, sink, metadata={FOOTER_KEY: how})), table.num_rows


def kind_of(path: Path) -> str | None:
    """The kind of an artefact; None for any other file."""
    try:
        return str(json.loads((pq.read_schema(path).metadata or {})[FOOTER_KEY.encode()])["kind"])
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None


def _split(step: ExchangeStep, documents: Documents, folder: str) -> Iterator[pa.Table]:
    """The rows of each partition in the step's order, without their partition."""
    paths = [Path(folder) / f"{k}.arrow" for k in range(step.partitions)]
    with ExitStack() as stack:
        writers: list[pa.ipc.RecordBatchFileWriter] = []
        for rows in _rows(step, documents):
            if not writers:
                plain = rows.schema.remove(rows.schema.get_field_index("partition"))
                writers += [stack.enter_context(pa.ipc.new_file(str(path), plain)) for path in paths]
            rows, cuts = _by_partition(rows, step.partitions)
            for writer, start, end in zip(writers, cuts[:-1], cuts[1:], strict=True):
                writer.write_table(rows.slice(start, end - start))
    for path in paths if writers else ():
        with pa.ipc.open_file(str(path)) as file:
            yield sort_rows(file.read_all(), step.order_by)


def _rows(step: ExchangeStep, documents: Documents) -> Iterator[pa.Table]:
    for batch in documents.batches(("id", "text")):
        yield step.split(Inputs({"documents": batch.rename_columns(["doc_id", "text"])}))


def _by_partition(rows: pa.Table, partitions: int) -> tuple[pa.Table, Sequence[int]]:
    """Rows sorted by partition, without it, and where each partition begins; the end of the last one behind them."""
    rows = rows.take(pc.sort_indices(rows, sort_keys=[("partition", "ascending")]))
    found = numbers(rows["partition"])
    cuts: list[int] = np.searchsorted(found, np.arange(partitions + 1)).tolist()
    return rows.drop_columns(["partition"]), cuts
