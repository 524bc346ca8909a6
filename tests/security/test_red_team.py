"""Hostile papers beside honest ones, through the real command, by every route and tool of this machine.

What lies around the sources, in the environment and in other papers stays where it is; every entry has its rows; the
honest papers have the text and the verdict of a run without the hostile ones; nothing is written, started or asked.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import psutil
import pytest

from curation.confine.sandbox import PACKAGES as OURS
from curation.confine.sandbox import Sandbox
from curation.confine.surroundings import KEPT, THREADS
from curation.sources.members import path_of, utf8
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from tests.engine.runs import ledger
from tests.security import corpus, pages
from tests.security.hostile import PDF_ROUTES, Hostile
from tests.security.hostile_rows import INJECTIONS, injections
from tests.security.planted import Planted, planted
from tests.security.scan import leaking_files, leaks, needles, outside

pytestmark = pytest.mark.slow
SECOND = {"pdf_backend": "pypdfium2", "ocr": "tesseract" if shutil.which("tesseract") else "rapidocr"}
RUNS = {"mixed": "alone", "second-mixed": "second-alone"}
"""Runs with hostile papers -> the same without."""
MISBEHAVING = "tests.confine.misbehaving"
OWN = {"PYTHONPATH", "PYTHONUNBUFFERED", "HOME"}
"""Variables that a child is given beside those that it keeps."""
PACKAGES = (*OURS, "tests")
_SUBREAPER = 36


@dataclass(frozen=True)
class Attacked:
    """All runs, what they printed, and what is left after them."""

    planted: Planted
    entries: dict[str, list[Hostile]]
    done: dict[str, subprocess.CompletedProcess[bytes]]
    changed: dict[str, tuple[str, str]]
    left_running: list[str]

    def run(self, name: str) -> Path:
        return self.planted.runs / name

    def tables(self, name: str) -> RunTables:
        return RunTables(open_store(self.run(name)))


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with planted(tmp_path_factory.mktemp("red-team")) as there, adopted_orphans():
        configs, entries = build(there)
        before = digests(there)
        own = {child.pid for child in psutil.Process().children(recursive=True)}
        with ThreadPoolExecutor(2) as pool:
            done = dict(zip(configs, pool.map(lambda item: run(there, *item), configs.items()), strict=True))
        assert failures(done) == {}
        done |= look_at(there)
        after = digests(there)
        changed = {
            k: (before.get(k, "not there"), after.get(k, "gone"))
            for k in before | after
            if before.get(k) != after.get(k)
        }
        yield Attacked(there, entries, done, changed, left_running(own))


def build(there: Planted) -> tuple[dict[str, Path], dict[str, list[Hostile]]]:
    """Config of each run, the longest first; and the hostile entries in its sources."""
    entries = {"mixed": corpus.hostile_papers(there)}
    entries["second-mixed"] = [entry for entry in entries["mixed"] if entry.kind in PDF_ROUTES]
    folders = {
        name: there.papers if name == "mixed" else there.work / f"papers-{name}" for name in (*RUNS, *RUNS.values())
    }
    corpus.write_honest(folders["alone"])
    corpus.write_honest_pdfs(folders["second-alone"])
    for name, alone in RUNS.items():
        shutil.copytree(folders[alone], folders[name], dirs_exist_ok=True)
        corpus.write_hostile(folders[name], entries[name])
    options: dict[str, dict[str, object]] = {name: SECOND if name.startswith("second") else {} for name in folders}
    configs = {name: corpus.write_config(there, name, folders[name], options[name]) for name in folders}
    corpus.write_rows(there.work / "papers-card" / "rows.jsonl", injections())
    chosen = [e for e in entries["mixed"] if e.kind in ("names", "place", "texts") and "\udcff" not in e.name]
    shutil.copytree(corpus.DEMO / "papers" / "2301.00001", there.work / "papers-extract" / "2301.00001")
    corpus.write_hostile(there.work / "papers-extract", [e for e in chosen if e.name.endswith((".tex", ".tar.gz"))])
    configs["card"] = corpus.write_config(there, "card", there.work / "papers-card", {}, metadata=False)
    return configs, entries


def run(there: Planted, name: str, config: Path) -> subprocess.CompletedProcess[bytes]:
    return corpus.command(there, "run", config, "--run", there.runs / name, "--executor", "local", "--workers", "2")


def failures(done: dict[str, subprocess.CompletedProcess[bytes]]) -> dict[str, tuple[int, str]]:
    """Exit status and last words of commands that did not end well."""
    return {name: (d.returncode, d.stderr.decode(errors="replace")[-2000:]) for name, d in done.items() if d.returncode}


def look_at(there: Planted) -> dict[str, subprocess.CompletedProcess[bytes]]:
    """Commands that show or copy what a run made."""
    mixed = there.runs / "mixed"
    calls = {
        "release": ("release", mixed, "--out", there.runs / "released"),
        "extract": ("extract", there.work / "papers-extract", "--out-dir", there.runs / "extracted"),
        "extract one": ("extract", there.papers / "text-escapes.tex"),
        "trace escapes": ("trace", mixed, next((d for d, m in members(mixed).items() if "#escapes" in m), "?")),
        "trace card": ("trace", there.runs / "card", next((d for d, m in members(there.runs / "card").items() if "row 4" in m), "?")),
    }  # fmt: skip
    return {name: corpus.command(there, *call) for name, call in calls.items()}


def members(folder: Path) -> dict[str, str]:
    """doc_id -> member."""
    papers = RunTables(open_store(folder)).scan("papers").select("doc_id", "member").collect()
    return dict(papers.iter_rows())


def digests(there: Planted) -> dict[str, str]:
    """What every file is that a run has no business with: sources, secrets, home, working and temporary folder.

    The engine's own locks, by which runs of one machine tell of each other, are not counted.
    """
    found = {}
    for path in sorted(there.work.rglob("*")):
        if path.match("tmp/astrocorpus-*.lock"):
            continue
        if not path.is_relative_to(there.runs) or path.parent == there.runs:
            if path.is_symlink():
                found[str(path)] = f"link to {path.readlink()}"
            elif path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
            elif not path.is_relative_to(there.runs):
                found[str(path)] = "folder"
    return found


@contextlib.contextmanager
def adopted_orphans() -> Iterator[None]:
    """Processes whose parents ended become children of this one, where they are seen."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        libc.prctl(_SUBREAPER, 0, 0, 0, 0)


def left_running(own: set[int], patience_s: float = 3.0) -> list[str]:
    """Command lines of processes that runs have left behind; they are ended."""
    end = time.monotonic() + patience_s
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        left = [p for p in psutil.Process().children(recursive=True) if p.pid not in own]
        if not left or time.monotonic() > end:
            break
        time.sleep(0.1)
    said = []
    for process in left:
        with contextlib.suppress(psutil.Error):
            said.append(" ".join(process.cmdline()))
            process.kill()
    return said


def verdicts(tables: RunTables, hostile: list[Hostile]) -> dict[str, dict[str, object]]:
    """doc_id of each honest paper -> text, and verdict of each tier."""
    names = {utf8(entry.name) for entry in hostile}
    papers = tables.scan("papers").select("doc_id", "member").collect()
    honest = {id_ for id_, member in papers.iter_rows() if top(member) not in names}
    texts = tables.scan("documents").select("doc_id", "status", "text_sha256").collect()
    found: dict[str, dict[str, object]] = {i: {"status": s, "text": t} for i, s, t in texts.iter_rows() if i in honest}
    for tier in tables.tiers():
        for row in ledger(tables, tier).iter_rows(named=True):
            if row["doc_id"] in honest:
                found[row["doc_id"]][tier] = (row["verdict"], row["reason"])
    return found


def top(member: str) -> str:
    """The entry of the source's folder that a member lies in."""
    return path_of(member).split("/")[0]


def test_every_command_ends_well(attacked: Attacked) -> None:
    assert failures(attacked.done) == {}


def test_the_corpus_is_wide_enough_and_reaches_every_route(attacked: Attacked) -> None:
    entries = attacked.entries["mixed"]
    assert len(entries) >= 60 and len({entry.kind for entry in entries}) >= 10
    assert len(verdicts(attacked.tables("alone"), [])) >= 25
    documents = attacked.tables("mixed").scan("documents").select("route", "doc_id").collect()
    mine = {i for i, member in members(attacked.run("mixed")).items() if top(member) in {utf8(e.name) for e in entries}}
    routes = Counter(route for route, doc_id in documents.iter_rows() if doc_id in mine)
    assert (
        routes["pandoc"] >= 30
        and routes["latex"] >= 30
        and routes["pdf"] >= 10
        and routes["ocr"] >= 1
        and routes["text"] >= 10
    )
    second = attacked.tables("second-mixed").scan("documents").select("route").collect()["route"].to_list()
    assert second.count("pdf") >= 10 and second.count("ocr") >= 1


def test_no_secret_and_no_outside_file_is_in_what_runs_write(attacked: Attacked) -> None:
    searched = needles() | outside()
    found = [
        f
        for name in (*RUNS, *RUNS.values(), "card", "released", "extracted")
        for f in leaking_files(attacked.run(name), searched)
    ]
    printed = {name: leaks(done.stdout + done.stderr, searched) for name, done in attacked.done.items()}
    assert found == []
    assert not any(printed.values()), printed


def test_code_in_the_child_that_reads_papers_gets_nowhere(attacked: Attacked) -> None:
    there = attacked.planted
    with (
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as abstract,
        Sandbox(packages=PACKAGES) as sandbox,
    ):
        for line, address in ((named, str(there.work / "line")), (abstract, "\0line")):
            line.bind(address)
            line.listen()
        port = int(there.url.rpartition(":")[2])
        if sandbox.confinement.files == "none":  # neither Landlock nor a mount namespace, as `doctor` says
            around = sandbox.call(f"{MISBEHAVING}:surroundings")
            assert {n for n in around["environment"] if n not in (*KEPT, *THREADS)} == OWN
            assert around["there"] in ([], "FileNotFoundError")
            reached = sandbox.call(f"{MISBEHAVING}:what_is_reachable", str(there.work / "none" / "none"), port)
            assert reached["connect"] is not None or sandbox.confinement.network == "none"
            return
        places = (str(there.stems[0]), there.pid, os.getpid(), port, str(there.work / "line"), str(there.canary))
        assert sandbox.call("tests.security.escapes:attempts", *places) == {}


def test_no_paper_has_the_words_of_another(attacked: Attacked) -> None:
    tables = attacked.tables("mixed")
    has = pl.any_horizontal(pl.col("text", "references", "title").str.contains(corpus.CLOSED_MARK))
    where = members(attacked.run("mixed"))
    ids = tables.scan("documents").filter(has).select("doc_id").collect()["doc_id"].to_list()
    assert [top(where[i]) for i in ids] == [corpus.CLOSED]
    released = attacked.run("released")
    assert leaking_files(released / "public", {"closed": corpus.CLOSED_MARK.encode()}) == []
    assert leaking_files(released / "research", {"closed": corpus.CLOSED_MARK.encode()}) != [], (
        "the search finds nothing"
    )


@pytest.mark.parametrize("name", RUNS)
def test_every_entry_has_its_rows(attacked: Attacked, name: str) -> None:
    rows = Counter(top(member) for member in members(attacked.run(name)).values())
    expected = {utf8(entry.name): entry.rows for entry in attacked.entries[name]}
    assert {entry: rows[entry] for entry in expected} == expected
    for tier in attacked.tables(name).tiers():
        ids = ledger(attacked.tables(name), tier)["doc_id"]
        assert ids.n_unique() == len(ids) == sum(rows.values())


@pytest.mark.parametrize(("mixed", "alone"), RUNS.items())
def test_honest_papers_fare_as_if_they_were_alone(attacked: Attacked, mixed: str, alone: str) -> None:
    expected = verdicts(attacked.tables(alone), [])
    found = verdicts(attacked.tables(mixed), attacked.entries[mixed])
    assert found.keys() == expected.keys()
    assert {k: (expected[k], v) for k, v in found.items() if v != expected[k]} == {}


def test_nothing_is_written_started_or_asked(attacked: Attacked) -> None:
    assert attacked.changed == {}
    assert not attacked.planted.canary.exists()
    assert attacked.left_running == []
    assert attacked.planted.asked == []


def test_no_control_character_reaches_the_terminal(attacked: Attacked) -> None:
    for name, done in attacked.done.items():
        text = (done.stdout + done.stderr).decode(errors="replace")
        bad = {hex(ord(c)) for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160}
        assert not bad, f"{name}: {bad}"


def test_a_card_of_hostile_rows_is_a_page_without_anything_active(attacked: Attacked) -> None:
    release = next(attacked.run("card").glob("release-*/card.html")).parent
    page = pages.read_html((release / "card.html").read_text())
    assert page.tags <= pages.TAGS and page.attributes <= pages.ATTRIBUTES, (page.tags, page.attributes)
    assert page.policy == "default-src 'none'; style-src 'unsafe-inline'"
    for words in INJECTIONS[:4]:
        assert " ".join(words.split())[:40] in " ".join(page.text.split())
    readme = pages.read_readme((release / "README.md").read_text())
    assert readme.active == []
    assert readme.header["license"] == "other" and readme.header["configs"], readme.header
    harmless = next(attacked.run("alone").glob("release-*/README.md")).read_text()
    assert readme.headings == pages.read_readme(harmless).headings
