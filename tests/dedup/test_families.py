"""Large families of near duplicates are named."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from curation.dedup.families import LARGE_FAMILY, families_report, families_text, near_families
from pipelines.cli import main


def table(rows: list[tuple[str, str, str]]) -> list[pa.ChunkedArray]:
    return [pa.chunked_array([pa.array(column, pa.string())]) for column in zip(*rows, strict=True)]


def family(name: str, removed: int) -> list[tuple[str, str, str]]:
    return [(f"{name}{i:03d}", name, name) for i in reversed(range(removed))]


def test_families_above_twenty_are_told_the_largest_first() -> None:
    rows = [*family("a", LARGE_FAMILY - 1), *family("b", LARGE_FAMILY), *family("c", 30)]
    found = near_families(*table(rows))
    assert [(f.documents, f.kept, f.samples) for f in found] == [
        (31, "c", ("c000", "c001")),
        (21, "b", ("b000", "b001")),
    ]
    assert families_report(found)["documents"] == 52
    assert families_text(families_report([])) == []


def test_a_family_with_several_kept_copies_is_one() -> None:
    rows = [(f"d{i:02d}", "k" if i < 12 else "j", "k") for i in range(22)]
    [found] = near_families(*table(rows))
    assert (found.documents, found.kept, found.samples) == (24, "k", ("d00", "d01"))


def test_the_command_names_them_with_two_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = "The notice of the burst was sent by the satellite to the observers of the network on the ground. " * 6
    texts = [f"Notice {i} of the burst. {template} The magnitude is {i}." for i in range(25)]
    lines = [json.dumps({"id": f"n{i:02d}", "text": text, "version": 99 - i}) for i, text in enumerate(texts)]
    (tmp_path / "d.jsonl").write_text("\n".join(lines))
    assert main(["dedup", str(tmp_path / "d.jsonl"), "--out", str(tmp_path / "r.parquet")]) == 0
    said = capsys.readouterr().err
    assert "1 family of more than 20 documents, 25 documents in all" in said
    assert "25 documents: n00 stays, removed as near it are n01 and n02 ..." in said
