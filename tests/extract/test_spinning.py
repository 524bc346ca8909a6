"""Papers that spin: they cost their CPU time once, stop no run, and are not asked again by the next."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from curation.dedup.config import Dedup
from curation.extract import paper_reader
from curation.extract.router import Extract
from curation.quality.signals import Signals
from curation.release.decide import Decide
from curation.sources.folder import FolderSource
from curation.sources.paper_metadata import Metadata
from pipelines.corpus import release_of
from pipelines.engine.stage import Pipeline, Stage
from pipelines.launch import Options, launch
from tests.engine.steps import ANY, Exact, NoIdentity, NoNear, NothingWithheld, Words

SPINNING = 25
MAX_CPU_S = 1


def cpu_s() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@pytest.mark.slow
def test_spinning_papers_stop_no_run_and_are_paid_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_reader, "MAIN", "tests.extract.stub_latex:extract_main")
    monkeypatch.setattr("curation.confine.sandbox.PACKAGES", ("curation", "schemas", "tests"))
    papers = tmp_path / "papers"
    papers.mkdir()
    for i in range(SPINNING):
        (papers / f"{i:03d}.tex").write_text(rf"\documentclass{{article}}\begin{{document}}SPIN {i}\end{{document}}")
    (papers / "good.tex").write_text(r"\documentclass{article}\begin{document}a star\end{document}")
    extract = Extract(ocr="none", max_wall_s=60, max_cpu_s=MAX_CPU_S)
    steps = (Metadata(), extract, Signals(), NothingWithheld(), Words(), Exact())
    stages = tuple(
        Stage(step) for step in (*steps, NoIdentity(), NoNear(), *Decide(quality=ANY).steps(Dedup(containment=False)))
    )
    source = FolderSource(path=str(papers))
    pipeline = Pipeline("spinning", (source,), stages, release_of(("research", "public")))
    times = [cpu_s()]
    for _ in range(2):
        report = launch(pipeline, tmp_path / "run", Options(executor="inline")).report
        times.append(cpu_s())
        assert report["tiers"]["research"]["reasons"] == [
            {"reason": "timeout", "verdict": "fail", "stage": "documents", "count": SPINNING}
        ]
        assert report["tiers"]["research"]["released"] == 1 and report["open_failures"]["count"] == 0
    first, second = times[1] - times[0], times[2] - times[1]
    told = next(s["cpu_s"] for s in report["stages"] if s["stage"] == "documents")
    print(f"{SPINNING} papers that spin: {first:.0f} s CPU, then {second:.1f}; the receipts say {told:.0f}")
    assert SPINNING * MAX_CPU_S < first < SPINNING * (MAX_CPU_S + 1.9), "once, with the start of a child for each"
    assert second < 0.1 * first
    assert 0.9 * SPINNING * MAX_CPU_S < told < 1.1 * first
