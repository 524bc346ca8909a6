"""--retry-failed opens papers again that could not even be read, and only those."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch
from tests.engine.runs import receipts

BODY = "The star of the disc is seen through the dust, and the light that we measure is that of the gas around it. "
FIRST, AGAIN = Options(executor="inline"), Options(executor="inline", retry_failed=True)


def tex(body: str) -> str:
    return rf"\documentclass{{article}}\begin{{document}}\section{{One}}{body}\end{{document}}"


@pytest.mark.parametrize("reasons", [frozenset(), frozenset({"unreadable"})])
def test_a_paper_that_can_be_read_now_is_read_and_the_others_are_left(
    tmp_path: Path, reasons: frozenset[str], capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "papers"
    for name in ("good", "mended"):
        (source / name).mkdir(parents=True)
        (source / name / "ms.tex").write_text(tex(f"{name} {BODY}" * 4))
    (source / "mended" / "more.tex").symlink_to(source / ".kept" / "more.tex")
    (source / "odd.xyz").write_bytes(b"\0\1")
    config = {"name": "c", "sources": [{"name": "s", "path": str(source)}], "extract": {"ocr": "none"}}
    chosen = pipeline(parse_config(config, tmp_path))
    counts = launch(chosen, tmp_path / "run", FIRST).report["tiers"]["research"]
    assert counts["failed"] == 2
    (source / ".kept").mkdir()
    (source / ".kept" / "more.tex").write_text("more")
    assert launch(chosen, tmp_path / "run", FIRST).report["tiers"]["research"]["failed"] == 2
    other = Options(executor="inline", retry_failed=True, retry_reasons=frozenset({"timeout"}))
    before = receipts(tmp_path / "run")
    capsys.readouterr()
    launch(chosen, tmp_path / "run", other)
    assert receipts(tmp_path / "run") == before
    assert "--retry-failed: no paper failed as timeout, so none was opened again" in capsys.readouterr().err
    again = Options(executor="inline", retry_failed=True, retry_reasons=reasons)
    report = launch(chosen, tmp_path / "run", again).report
    assert "--retry-failed" not in capsys.readouterr().err
    assert report["tiers"]["research"]["failed"] == 1
    assert [s["computed"] for s in report["stages"] if s["stage"] in ("papers", "documents")] == [1, 1]
    before = receipts(tmp_path / "run")
    assert launch(chosen, tmp_path / "run", AGAIN).report["tiers"]["research"]["failed"] == 1
    assert receipts(tmp_path / "run") == before
