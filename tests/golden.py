"""What each step makes and tells of the demo's papers. `python -m tests.golden RUN` records it anew after a version bump."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.parquet import WRITER_VERSION, sort_rows, write
from curation.step import Step
from pipelines.config import load_config
from pipelines.corpus import pipeline
from pipelines.demo.__main__ import HERE
from pipelines.engine.fingerprint import digest
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store

FILE = Path(__file__).with_name("golden_steps.json")


def golden(run: Path) -> dict[str, dict[str, Any]]:
    """Stage -> versions of its steps, digests of what they read, of its parts and of their summaries, in a run of the demo."""
    tables = RunTables(open_store(run))
    chosen = pipeline(load_config(HERE / "demo.yaml"))
    steps: dict[str, tuple[Step, ...]] = {"papers": chosen.sources, **{s.name: (s.step,) for s in chosen.stages}}
    if (release := chosen.release) is not None:
        steps |= {"shard_plan": (release.plan,), "release": release.steps}
    return {
        stage: {
            "steps": {step.name: step.version for step in steps[stage]},
            "writer": WRITER_VERSION,
            "reads": _reads(tables, steps[stage]),
            "sha256": _makes(tables, stage),
            "told": digest([part.extra.get("summary") for part in tables.manifest(stage).parts]),
        }
        for stage in tables.stages
    }


def _makes(tables: RunTables, stage: str) -> str:
    """Digest of a stage's rows, however they are cut into parts; of the release, of its files."""
    parts = tables.manifest(stage).parts
    if stage == "release":
        return digest(sorted(p.sha256 for p in parts))
    made = [_table(tables, [p.file for p in parts])]
    made += [_table(tables, [p.beside[name].file for p in parts]) for name in parts[0].beside]
    return made[0] if len(made) == 1 else digest(made)


def _table(tables: RunTables, files: list[str]) -> str:
    with tables.store.parquet(files[0]) as first:
        names = first.schema_arrow.names
    return _digest(_rows(tables, files, names))


def unexcused(recorded: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Stages that make or tell something else of equal input under equal versions: their steps need a new version."""
    return [
        stage
        for stage, made in now.items()
        if (old := recorded.get(stage)) is not None
        and (made["sha256"], made["told"]) != (old["sha256"], old.get("told", made["told"]))
        and all(made[key] == old.get(key) for key in ("steps", "writer", "reads"))
    ]


def _reads(tables: RunTables, steps: Iterable[Step]) -> str:
    """Digest of what steps read: their config and the columns that they ask for; of sources, the demo's data, not its code."""
    found: list[Any] = []
    for step in steps:
        found.append(step.identity()["config"])
        for table, columns in sorted(step.reads().items()):
            files = [p.file for p in tables.files(table)]
            found.append([table, _digest(_rows(tables, files, sorted(columns)))])
        if not step.reads():
            files = sorted(p for p in HERE.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc"))
            found.append([[p.name, hashlib.sha256(p.read_bytes()).hexdigest()] for p in files])
    return digest(found)


def _rows(tables: RunTables, files: Iterable[str], columns: list[str]) -> pa.Table:
    rows = pa.concat_tables(tables.store.read_table(file, columns) for file in files)
    keys = [name for name in columns if not pa.types.is_nested(rows.schema.field(name).type)]
    return sort_rows(rows, keys)


def _digest(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    write(table.combine_chunks(), sink)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def main(run: Path, file: Path = FILE) -> int:
    """Record a run; refused when a step would need a new version."""
    now = golden(run)
    if wrong := unexcused(json.loads(file.read_text()) if file.exists() else {}, now):
        print(f"other output of equal input under an equal version: {', '.join(wrong)}; bump the version first")
        return 1
    file.write_text(json.dumps(now, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
