"""Sources of one's own, outside of the tree: rows of a CSV, byte ranges of a tar. Nothing of ours knows their places."""

from __future__ import annotations

import csv
import io
import json
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from curation.errors import ConfigError
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.engine.account import RunTables
from pipelines.engine.store import open_store
from pipelines.named_steps import make_source

OWN = '''
import csv
import fcntl
import os
import tarfile
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from curation.errors import PaperError
from curation.sources.paper_content import Content
from curation.sources.source import Row, Source
from curation.sources.unit import Entry
from schemas import Reason


class Csv(Source):
    """A paper a row: columns name, licence, text."""

    version: ClassVar[int] = 1

    def _rows(self) -> dict[str, dict[str, str]]:
        with open(self.path, newline="") as file:
            return {row["name"]: row for row in csv.DictReader(file)}

    def entries(self) -> Iterator[Entry]:
        for name, row in self._rows().items():
            yield Entry(f"table.csv#{name}", len(row["text"]), sha256(row["text"].encode()).hexdigest())

    def open(self, row: Row, *, beside: bool = False) -> Content:
        if (found := self._rows().get(row["member"].partition("#")[2])) is None:
            raise PaperError(Reason.SOURCE_CHANGED, f"{row['member']} is no longer there")
        return Content.of("row.txt", found["text"].encode(), {"license": found["licence"]})


class TarRange(Source):
    """A paper a member of a tar, read by its range of bytes."""

    version: ClassVar[int] = 1

    def entries(self) -> Iterator[Entry]:
        with tarfile.open(self.path) as tar:
            for info in tar:
                where = (info.offset_data, info.offset_data + info.size)
                yield Entry(f"all.tar#{info.name}", info.size, str(info.mtime), where=where)

    def open(self, row: Row, *, beside: bool = False) -> Content:
        first, after = row["where"]
        with open(self.path, "rb") as file:
            file.seek(first)
            return Content.of(Path(row["member"]).name, file.read(after - first))

    def is_away(self) -> bool:
        return not Path(self.path).exists()


class Bucket(Source):
    """Objects of a store, by its address."""

    version: ClassVar[int] = 1

    def _folder(self) -> Path:
        scheme, _, bucket = self.path.partition("://")
        assert scheme == "lab+s3"
        return Path(os.environ["LAB_STORE"]) / bucket

    def entries(self) -> Iterator[Entry]:
        for file in self._folder().iterdir():
            yield Entry(file.name, file.stat().st_size, str(file.stat().st_mtime_ns))

    def open(self, row: Row, *, beside: bool = False) -> Content:
        return Content.of(row["member"], (self._folder() / row["member"]).read_bytes())


class Shaky(Bucket):
    """A store that answers at the second time."""

    version: ClassVar[int] = 1
    asked: ClassVar[list[bool]] = []

    def open(self, row: Row, *, beside: bool = False) -> Content:
        room = Path(tempfile.gettempdir()) / f"astrocorpus-{os.getuid()}-room.lock"
        room.touch()
        with room.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                self.asked.append(False)
                raise PaperError(Reason.IO_ERROR, "try again")
            except BlockingIOError:
                self.asked.append(True)
        return super().open(row, beside=beside)
'''
WORDS = "The star of the disc is seen through the dust, and the light of number {} is that of the gas around it. "


def write_sources(folder: Path) -> None:
    with (folder / "t.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["name", "licence", "text"])
        table.writeheader()
        for i in range(3):
            table.writerow({"name": f"2301.0000{i + 1}", "licence": "CC-BY-4.0", "text": WORDS.format(i) * 4})
    with tarfile.open(folder / "t.tar", "w") as tar:
        for i in (4, 5):
            body = WORDS.format(i) * 4
            tex = rf"\documentclass{{article}}\begin{{document}}\section{{One}}{body}\end{{document}}".encode()
            info = tarfile.TarInfo(f"2301.0000{i}.tex")
            info.size = len(tex)
            tar.addfile(info, io.BytesIO(tex))


def config(folder: Path) -> dict[str, Any]:
    sources = [
        {"name": "table", "step": "lab_own.Csv", "path": str(folder / "t.csv")},
        {"name": "tar", "step": "lab_own.TarRange", "path": str(folder / "t.tar")},
    ]
    return {"name": "own", "sources": sources, "extract": {"ocr": "none"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "lab_own.py").write_text(OWN)
    write_sources(tmp_path)
    return tmp_path


def rows_of(run: Path, table: str) -> dict[str, Mapping[str, Any]]:
    frame = RunTables(open_store(run)).scan(table).collect()
    return {row["doc_id"].rpartition("~")[0]: row for row in frame.iter_rows(named=True)}


def test_a_run_reads_a_table_and_ranges_of_a_tar(folder: Path) -> None:
    (folder / "own.json").write_text(json.dumps(config(folder)))
    command = ["run", str(folder / "own.json"), "--run", str(folder / "run"), "--executor", "inline"]
    assert main(command) == 0
    papers, documents = rows_of(folder / "run", "papers"), rows_of(folder / "run", "documents")
    ids = [f"2301.0000{i}" for i in range(1, 6)]
    assert sorted(papers) == [*ids[:3], *(f"{id_}.tex" for id_ in ids[3:])]
    known = rows_of(folder / "run", "metadata")
    assert {known[id_]["licence"] for id_ in ids[:3]} == {"CC-BY-4.0"}
    assert {row["status"] for row in documents.values()} == {"ok"}
    assert {row["route"] for row in documents.values()} == {"text", "latex"}
    (folder / "t.tar").rename(folder / "away.tar")
    (folder / "run" / "run.json").unlink()
    assert main(command) != 0, "a tar that is gone is no tar without papers"


def test_a_source_may_lie_at_an_address(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_STORE", str(folder / "store"))
    (folder / "store" / "bucket" / "key").mkdir(parents=True)
    (folder / "store" / "bucket" / "key" / "2301.00009.txt").write_text(WORDS.format(9) * 4)
    source = {"name": "far", "step": "lab_own.Bucket", "path": "lab+s3://bucket/key"}
    (folder / "far.json").write_text(json.dumps({"name": "far", "sources": [source], "extract": {"ocr": "none"}}))
    command = ["run", str(folder / "far.json"), "--run", str(folder / "far-run"), "--executor", "inline"]
    assert main(command) == 0
    assert rows_of(folder / "far-run", "documents")["2301.00009.txt"]["status"] == "ok"


def test_the_second_look_at_a_paper_is_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("LAB_STORE", str(folder / "store"))
    (folder / "store" / "b").mkdir(parents=True)
    (folder / "store" / "b" / "2301.00009.txt").write_text(WORDS.format(9))
    given = {"sources": [{"name": "shaky", "step": "lab_own.Shaky", "path": "lab+s3://b"}]}
    source = make_source(parse_config(config(folder) | given, folder).sources[0])
    [row] = source.papers(list(source.entries()))
    assert (row["status"], type(source).asked) == ("ok", [False, True])


def test_what_is_no_source_is_told_before_the_run(folder: Path) -> None:
    given = config(folder) | {"sources": [{"name": "s", "step": "curation.quality.signals.Signals"}]}
    with pytest.raises(ConfigError, match="is no source: no subclass of"):
        make_source(parse_config(given, folder).sources[0])
