"""An audit of a release, as publishing asks for one."""

from __future__ import annotations

from pathlib import Path

from curation.withhold.benchmark import Benchmark
from pipelines.audit import audit_release
from pipelines.cards import redraw_card
from schemas.files import LocalFiles

ARAA = Benchmark(name="AstroMLab-1", rule="araa")


def audit(folder: Path, *benchmarks: Benchmark) -> Path:
    """Audit a release that has its card, and draw that anew; the benchmark is the default of a run."""
    audit_release(LocalFiles(folder), benchmarks or (ARAA,))
    redraw_card(LocalFiles(folder))
    return folder
