"""Every real paper gives a trusted text without an exception."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.extract.latex import extract_latex
from tests.extract.latex.conftest import shared

SHARED = shared()
PAPERS = (
    [json.loads(line) for line in (SHARED / "papers" / "manifest.jsonl").read_text().splitlines()] if SHARED else []
)


@pytest.mark.needs_shared
def test_every_paper_is_trusted_by_its_self_check() -> None:
    assert SHARED is not None
    for entry in PAPERS:
        folder = SHARED / "papers" / entry["slug"] / "source"
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        result = extract_latex(files)
        assert result.check is not None and result.check.trusted, entry["slug"]
        assert f"source/{result.main}" == entry["main"]
        assert result.title or Path(entry["main"]).name == "hharvsamp.tex"
        assert len(result.text) > 2_000
