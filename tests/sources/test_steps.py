"""The config section `metadata`."""

from __future__ import annotations

from pathlib import Path

from curation.sources.match_records import Records
from pipelines.config import parse_config
from pipelines.corpus import pipeline


def test_the_partitions_of_the_join_come_from_the_config(tmp_path: Path) -> None:
    source = {"name": "s", "path": "p", "metadata": "m.jsonl"}
    for given, partitions in (({}, 16), ({"metadata": {"partitions": 64}}, 64)):
        made = pipeline(parse_config({"name": "x", "sources": [source], **given}, tmp_path))
        [records] = [stage.step for stage in made.stages if isinstance(stage.step, Records)]
        assert records.partitions == partitions
