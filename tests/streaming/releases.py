"""Small release folders for tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_release(folder: Path, files: Sequence[Sequence[int]], tier: str = "research") -> list[str]:
    """A release whose files have row groups of the given sizes; returns its ids in file order."""
    (folder / tier).mkdir(parents=True, exist_ok=True)
    entries, ids = [], []
    for number, groups in enumerate(files):
        name = f"{tier}/shard-{number:05d}.parquet"
        schema = pa.schema([("id", pa.string()), ("text", pa.large_string())])
        with pq.ParquetWriter(folder / name, schema) as writer:
            for rows in groups:
                new = [f"{number}-{len(ids) + i}" for i in range(rows)]
                writer.write_table(pa.table({"id": new, "text": [f"text of {i}" for i in new]}, schema=schema))
                ids += new
        data = (folder / name).read_bytes()
        entries.append(
            {
                "tier": tier,
                "file": name,
                "rows": sum(groups),
                "row_groups": list(groups),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "name": "demo", "files": entries}))
    return ids
