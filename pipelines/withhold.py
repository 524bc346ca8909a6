"""Looks for benchmarks in anybody's documents, by the steps of a run: rows of the table hits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import ConfigError
from curation.parquet import conform, write
from curation.sources.paper_metadata import Metadata
from curation.step import Inputs, MapStep, Step, WholeStep
from curation.withhold.config import Withhold
from curation.withhold.hash_index import Hashed, HashIndex, Match
from curation.withhold.hashed import joined, read_hashes
from pipelines.document_files import Documents
from pipelines.documents import RECORD
from pipelines.engine.store import Store
from schemas import DOCUMENTS, HITS, Status

SOURCE = "documents"
"""Name of the source that documents outside of a run have in metadata."""


_WORDS = {
    "id": "has an id of {0.entry}",
    "text_sha256": "is the withheld text {0.entry}",
    "n-grams": "{0.score} per mille of the n-grams of the shorter text are those of the withheld text {0.entry}",
}
"""Rule of `HashIndex` -> evidence."""


def find_hits(documents: Documents, withhold: Withhold, texts: Sequence[Path] = ()) -> Iterator[pa.Table]:
    """Hits in documents, a table a batch of them, in their order. Rows with one id share their hits by id.

    Args:
        texts: indexes of withheld texts; copies of these are hits of layer copy.

    Raises:
        UserError: the documents, a list or an index cannot be read, or an index holds texts of another benchmark.
        RunError: a step misses its own test, so that what it does not find says nothing.
    """
    steps = withhold.steps()
    known = {b.name for b in withhold.benchmarks}
    tables = [read_hashes(path) for path in texts]
    if strange := sorted({name for t in tables for name in t["benchmark"].unique().to_pylist()} - known):
        raise ConfigError(
            f"the index of withheld texts names {', '.join(strange)}, which no --benchmark does; name that too"
        )
    index = HashIndex(joined(tables)) if tables else None
    whole = _whole_tables(steps)
    for batch in documents.batches(("id", "text", RECORD)):
        made = {**whole, **_as_run(batch)}
        found = list(_of_steps(steps, made))
        if index is not None:
            found.append(_copies(batch, made["metadata"]["links"].to_pylist(), index))
        yield pa.concat_tables(found)


def _whole_tables(steps: Sequence[Step]) -> dict[str, pa.Table]:
    """What the whole steps among them make, which depends on no document: lists, thresholds."""
    tables: dict[str, pa.Table] = {}
    for step in steps:
        if isinstance(step, WholeStep):
            made = _by_name(step, step.run(Inputs({})))
            step.guard(step.fold([step.summary(Inputs({}), made)]))
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


def _copies(batch: pa.Table, links: Sequence[Sequence[str]], index: HashIndex) -> pa.Table:
    """Hits of layer copy, by an index of withheld texts, and of identity, by the ids that stand in it."""
    rows: list[dict[str, object]] = []
    for doc_id, ids, text in zip(batch["id"].to_pylist(), links, batch["text"].to_pylist(), strict=True):
        digest = hashlib.sha256((text or "").encode()).hexdigest()
        found = [*index.by_ids(sorted({doc_id, *ids})), *index.by_digest(digest), *index.by_copies(Hashed(text))]
        rows += [_hit(doc_id, n, match) for n, match in enumerate(sorted(m for m in found if m.found))]
    return HITS.rows(rows)


def _hit(doc_id: str, number: int, match: Match) -> dict[str, object]:
    return {
        "doc_id": doc_id,
        "row_id": f"hashes/{number:04d}",
        "mark": match.benchmark,
        "layer": match.layer,
        "rule": match.rule,
        "entry": match.entry,
        "evidence": _WORDS[match.rule].format(match),
        "score": match.score,
    }


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
