"""Small release folders for tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def write_release(
    folder: Path, files: Sequence[Sequence[int]], tier: str = "research", text_bytes: int = 0
) -> list[str]:
    """A release whose files have row groups of the given sizes, texts padded to some bytes; returns its ids in file order."""
    (folder / tier).mkdir(parents=True, exist_ok=True)
    entries, ids = [], []
    for number, groups in enumerate(files):
        path = folder / f"{tier}/shard-{number:05d}.parquet"
        schema = pa.schema([("id", pa.string()), ("text", pa.large_string())])
        with pq.ParquetWriter(path, schema) as writer:
            for rows in groups:
                new = [f"{number}-{len(ids) + i}" for i in range(rows)]
                texts = [f"text of {i}".ljust(text_bytes) for i in new]
                writer.write_table(pa.table({"id": new, "text": texts}, schema=schema))
                ids += new
        entries.append(entry(path, tier, groups))
    write_manifest(folder, entries)
    return ids


def entry(path: Path, tier: str, groups: Sequence[int]) -> dict[str, Any]:
    """The manifest's entry of a file."""
    data = path.read_bytes()
    return {
        "tier": tier,
        "file": f"{tier}/{path.name}",
        "rows": sum(groups),
        "row_groups": list(groups),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def write_manifest(folder: Path, entries: list[dict[str, Any]]) -> None:
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "name": "demo", "files": entries}))
