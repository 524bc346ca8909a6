"""Shared fixtures: the real papers kept beside the project, small corpora made on the fly."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shared_folder() is None:
        skip = pytest.mark.skip(reason="the real papers (ASTROCORPUS_SHARED or ../shared) are not here")
        for item in items:
            if "needs_shared" in item.keywords:
                item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """In CI a skip is a failure, save those that want the real papers or a GPU."""
    if os.environ.get("CI") != "true":
        return
    for report in terminalreporter.stats.get("skipped", []):
        if not {"needs_shared", "needs_gpu"} & set(report.keywords):
            terminalreporter.write_line(f"skipped in CI: {report.nodeid}: {report.longrepr}", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    skipped = [r for r in reporter.stats.get("skipped", []) if not {"needs_shared", "needs_gpu"} & set(r.keywords)]
    if skipped and session.exitstatus == 0:
        session.exitstatus = 1


def shared_folder() -> Path | None:
    folder = Path(os.environ.get("ASTROCORPUS_SHARED", PROJECT.parent / "shared"))
    return folder if (folder / "papers").is_dir() else None


@pytest.fixture
def shared() -> Path:
    folder = shared_folder()
    if folder is None:
        pytest.skip("the real papers (ASTROCORPUS_SHARED or ../shared) are not here")
    return folder


@pytest.fixture
def write_docs(tmp_path: Path) -> Callable[..., Path]:
    """Write (id, text) documents as one JSONL file in a folder of its own; returns the folder."""

    def write(documents: dict[str, str], folder: str = "docs", file: str = "docs.jsonl") -> Path:
        target = tmp_path / folder
        target.mkdir(exist_ok=True)
        lines = [json.dumps({"id": k, "text": v}) for k, v in documents.items()]
        (target / file).write_text("\n".join(lines) + "\n")
        return target

    return write
