"""Indexes of withheld texts: hashes of works that a run withheld for a benchmark, as its key `texts` names them.

The files are rows of `schemas.audit.BENCHMARK_HASHES`, layers identity and copy; their footer says of which works of which benchmarks
they were made (`pipelines.withheld_texts` makes them).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.arrays import codes, numbers, to_arrow
from curation.artefact import FOOTER_KEY
from curation.errors import ConfigError
from curation.withhold.benchmark import Benchmark
from curation.withhold.hashed import joined, read_hashes
from schemas.audit import BENCHMARK_HASHES
from schemas.withheld_texts import KIND

LAYERS = ("identity", "copy")


def read_texts(benchmark: Benchmark) -> pa.Table:
    """What the indexes of a benchmark hold of its own withheld texts, each row once.

    Raises:
        ConfigError: a file is no such index, or holds no text of the benchmark.
    """
    tables = [_own(path, read_hashes(path), benchmark.name) for path in benchmark.texts]
    return _distinct(joined(tables)) if tables else BENCHMARK_HASHES.empty()


def _own(path: Path, table: pa.Table, name: str) -> pa.Table:
    if strange := sorted(set(table["layer"].unique().to_pylist()) - set(LAYERS)):
        raise ConfigError(
            f"{path} is no index of withheld texts: it has rows of layer {', '.join(strange)}; `astrocorpus artefact {KIND} RUN` makes one"
        )
    own = table.filter(pc.equal(table["benchmark"], name))
    if not own.num_rows:
        there = ", ".join(sorted(table["benchmark"].unique().to_pylist()))
        raise ConfigError(
            f"{path} holds no text withheld for {name}, but for {there}: an index belongs to the benchmark of the same name"
        )
    return own


def _distinct(table: pa.Table) -> pa.Table:
    """Rows of a sorted table, each once: two indexes may speak of one work."""
    if table.num_rows < 2:
        return table
    columns = [codes(table[name]) for name in ("benchmark", "layer", "entry", "digest", "part")]
    new = np.ones(table.num_rows, bool)
    new[1:] = np.any([column[1:] != column[:-1] for column in (*columns, numbers(table["hash"]))], axis=0)
    return table.filter(to_arrow(new)).combine_chunks()


def unread_marks(benchmarks: Sequence[Benchmark]) -> Iterator[str]:
    """Warnings: of each index what it also holds, for benchmarks that do not name it."""
    readers: dict[Path, set[str]] = {}
    for benchmark in benchmarks:
        for path in benchmark.texts:
            readers.setdefault(path, set()).add(benchmark.name)
    for path, names in sorted(readers.items()):
        there = set(pq.read_table(path, columns=["benchmark"])["benchmark"].unique().to_pylist())
        if others := sorted(there - names):
            yield (
                f"{path.name}, named at {', '.join(sorted(names))}, also holds texts withheld for {', '.join(others)}: nobody looks for these; "
                f"name the file as `texts` at {'that benchmark' if len(others) == 1 else 'those benchmarks'}, too"
            )


def works_in(path: Path) -> Mapping[str, str]:
    """By benchmark the key of the works that an index was made of; nothing of a file that does not say it."""
    try:
        told = json.loads((pq.read_schema(path).metadata or {})[FOOTER_KEY.encode()])["works"]
        return {str(name): str(key) for name, key in told.items()}
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError, AttributeError):
        return {}
