"""What engine tests look at in a run folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from curation.place import open_place
from pipelines.engine.ledger import find, ledger_parts, way
from pipelines.engine.run_tables import RunTables
from schemas.files import TEMP_PREFIX


def release_files(run: Path | str) -> dict[str, bytes]:
    """manifest.json and every data file of the run's release."""
    place = open_place(run)
    release = place.below(json.loads(place.read("report.json"))["release"])
    body = release.read("manifest.json")
    return {"manifest": body, **{f["file"]: release.read(f["file"]) for f in json.loads(body)["files"]}}


def receipts(run: Path) -> dict[str, int]:
    """Receipts and when they were written: a part that is computed again has a newer one."""
    return {str(p.relative_to(run)): p.stat().st_mtime_ns for p in run.rglob("part-*.json")}


def temp_files(run: Path) -> list[Path]:
    return list(run.rglob(f"{TEMP_PREFIX}*"))


def run_process(source: Path, run: Path | str, *args: object, seed: str = "0") -> int:
    """Exit code of tests.engine.driver."""
    env = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "tests.engine.driver", str(source), str(run), *map(str, args)]
    return subprocess.run(command, env=env, capture_output=True).returncode


def ledger(tables: RunTables, tier: str) -> pl.DataFrame:
    """Every paper of a run in one tier, sorted by doc_id."""
    return pl.concat([rows for _, rows in ledger_parts(tables, tier)]).sort("doc_id")


def trace(tables: RunTables, wanted: str) -> Iterator[tuple[str, Any]]:
    """The way of every paper that an id names."""
    for part, paper in find(tables, wanted):
        yield from way(tables, part, paper)
