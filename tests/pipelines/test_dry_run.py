"""A dry run promises no more than it knows: what surely is made, and what at most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.parts import StageReport
from pipelines.launch import Options, launch

WORDS = (
    "The light of star {0} is that of the dust around it, and we see no sign of planet {0} in the data of night {0}. "
)
TIERS = {"tiers": {"public": {"licences": ["CC0-1.0"]}, "research": {}}}


@pytest.fixture
def run(tmp_path: Path, write_docs: Callable[..., Path]) -> Callable[..., dict[str, StageReport]]:
    """Runs a corpus of eight texts, four a part; gives the reports by stage."""
    write_docs({f"arXiv:2301.{i:05d}": WORDS.format(i) * 5 for i in range(8)})

    def run(sections: Mapping[str, Any], *, dry: bool = False, **source: Any) -> dict[str, StageReport]:
        named = {"name": "docs", "path": "docs", "part_papers": 4, **source}
        value = {"name": "c", "sources": [named], "extract": {"ocr": "none"}, "decide": TIERS, **sections}
        options = Options(executor="inline", dry_run=dry)
        reports = launch(pipeline(parse_config(value, tmp_path)), tmp_path / "run", options).reports
        return {report.stage: report for report in reports}

    return run


CHANGES: list[dict[str, Any]] = [
    {"licence": "CC0-1.0"},
    {"sections": {"dedup": {"min_jaccard": 0.9}}},
    {
        "sections": {
            "decide": {**TIERS, "rules": [{"name": "long", "table": "signals", "column": "n_words", "max": 999}]}
        }
    },
    {"sections": {"release": {"shard_rows": 2}}},
    {"new": True},
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_made_lies_between_what_a_dry_run_says(
    run: Callable[..., dict[str, StageReport]], tmp_path: Path, change: dict[str, Any]
) -> None:
    run({})
    source = {key: value for key, value in change.items() if key == "licence"}
    if "new" in change:
        (tmp_path / "docs" / "new.txt").write_text(WORDS.format("new") * 5)
    planned = run(change.get("sections", {}), dry=True, **source)
    made = run(change.get("sections", {}), **source)
    told = {name: (r.computed - r.maybe, r.computed) for name, r in planned.items() if r.fingerprint}
    wrong = {
        name: (made[name].computed, *told[name])
        for name in told
        if not told[name][0] <= made[name].computed <= told[name][1]
    }
    assert wrong == {}
    assert any(least for least, _ in told.values()), "something is surely made"


def test_a_licence_makes_nothing_but_metadata_for_sure(run: Callable[..., dict[str, StageReport]]) -> None:
    run({})
    planned = run({}, dry=True, licence="CC0-1.0")
    assert {name for name, r in planned.items() if r.computed - r.maybe} - {"release"} == {"metadata"}
    assert planned["near_edges"].maybe == planned["near_edges"].computed > 0
    assert (planned["documents"].computed, planned["papers"].computed) == (0, 0)
