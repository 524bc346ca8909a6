"""Shared fixtures: the real papers kept beside the project, small corpora made on the fly."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.s3 import BUCKET, Proxy, S3Server, s3_server

PROJECT = Path(__file__).parents[1]

# a busy machine fails no test by its clock, and CI tries the same examples each time (tests/fuzz looks for new ones)
settings.register_profile(
    "project",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("project")


ABSENT = {
    "needs_shared": "the real papers (ASTROCORPUS_SHARED or ../shared) are not here",
    "needs_gpu": "there is no GPU here",
    "needs_tex": "there is no pdflatex here",
    "needs_torch": "torch has an environment of its own: make test-torch",
}
"""Marker -> the one reason for which a test may be skipped in CI."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    there = {
        "needs_shared": shared_folder() is not None,
        "needs_gpu": Path("/dev/nvidia0").exists(),
        "needs_tex": shutil.which("pdflatex") is not None,
        "needs_torch": find_spec("torchdata") is not None,
    }
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.needs_shared)
        for marker, reason in ABSENT.items():
            if marker in item.keywords and not there[marker]:
                item.add_marker(pytest.mark.skip(reason=reason))


def wrongly_skipped(terminalreporter: pytest.TerminalReporter) -> dict[str, str]:
    """Tests, and modules as a whole, that CI skipped without a marker and the reason of above, with their reason."""
    if os.environ.get("CI") != "true":
        return {}
    allowed = dict(ABSENT)
    if os.environ.get("TESTED_WITH_TORCH") not in ("yes", "no torch to be had"):  # .ci/run says which of them
        del allowed["needs_torch"]
    wrong = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if reason not in [allowed[marker] for marker in allowed if marker in getattr(report, "keywords", ())]:
            wrong[report.nodeid] = reason
    return wrong


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for nodeid, reason in wrongly_skipped(terminalreporter).items():
        terminalreporter.write_line(f"skipped in CI: {nodeid}: {reason}", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and session.exitstatus == 0 and wrongly_skipped(reporter):
        session.exitstatus = 1


def shared_folder() -> Path | None:
    folder = Path(os.environ.get("ASTROCORPUS_SHARED", PROJECT.parent / "shared"))
    return folder if (folder / "papers").is_dir() else None


@pytest.fixture
def shared() -> Path:
    """The folder of real papers; a test that asks for it is marked `needs_shared` by that."""
    folder = shared_folder()
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server with one bucket, for the session."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_uri(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A prefix of the server's bucket where nothing lies yet; the environment names the server and its keys."""
    for name, value in s3.env.items():
        monkeypatch.setenv(name, value)
    forget_clients()
    return f"s3://{BUCKET}/{secrets.token_hex(6)}"


@pytest.fixture
def s3_proxy(s3: S3Server, s3_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy before the server, which the environment names in its place."""
    proxy = Proxy(s3.port)
    for name, value in proxy.env.items():
        monkeypatch.setenv(name, value)
    forget_clients()
    yield proxy
    proxy.stop()
    forget_clients()


def forget_clients() -> None:
    """A process has one client of S3, made in the environment of the first that asked."""
    from curation.place.s3 import forget_clients

    forget_clients()


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
