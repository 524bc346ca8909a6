"""What each step makes of the demo's papers. `python -m tests.golden RUN` records it anew after a version bump."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from curation.parquet import WRITER_VERSION
from pipelines.engine.account import RunTables
from pipelines.engine.fingerprint import manifest_digest
from pipelines.engine.store import open_store

FILE = Path(__file__).with_name("golden_steps.json")


def golden(run: Path) -> dict[str, dict[str, object]]:
    """Stage -> versions of its step and of the writer, and the digest of its parts, in a run of the demo."""
    tables = RunTables(open_store(run))
    found = {}
    for stage in tables.stages:
        manifest = tables.manifest(stage)
        found[stage] = {
            "step": manifest.step,
            "version": manifest.version,
            "writer": WRITER_VERSION,
            "sha256": manifest_digest(p.sha256 for p in manifest.parts),
        }
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(golden(Path(sys.argv[1])), indent=1) + "\n")
