"""Papers at an address: the same members, bytes and release as of a folder that holds the same."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from curation.errors import AstrocorpusError, NoPapersError, PaperError, PlaceError, UserError
from curation.place import Children, FolderPlace, Listed, open_place
from curation.sources.far import Far
from curation.sources.folder import FolderSource
from curation.sources.unit import UNSEEN, Entry, Listing, Unit
from curation.step import Inputs
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.launch import Options, launch
from schemas import Reason
from tests.extract.pdfs import prose_pdf
from tests.servers.s3 import Proxy
from tests.sources.tars import bundle, document, entry, single, tar_of, write_tar

FILES = {
    "src/arXiv_src_2301_001.tar": tar_of({"2301/2301.00001.gz": single("one"), "2301/2301.00002.gz": bundle("two")}),
    "src/arXiv_src_2301_002.tar": entry("../x.gz", b"x") + tar_of({"2301/2301.00007.gz": single("seven")}),
    "src/arXiv_src_manifest.xml": b"<arXivSRC/>",
    "more/2302.00001.tar.gz": bundle("three"),
    "more/2302.00001.pdf": prose_pdf(1),
    "more/paper-a.tar": tar_of({"ms.tex": document("a")}, None),
    "more/README.md": b"x",
    "metadata/2301.00009.gz": single("nine"),
    ".fetch/parts/arXiv_src_2301_003.tar.part": b"x",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / "papers" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "papers" / name).write_bytes(data)
    return tmp_path / "papers"


def upload(uri: str) -> None:
    place = open_place(uri)
    for name, data in FILES.items():
        with place.writing(name) as sink:
            sink.write(data)


def facts(entries: list[Entry]) -> list[tuple[object, ...]]:
    return sorted((e.member, e.size, e.pdf_member or "", e.where or (), json.dumps(e.seen)) for e in entries)


def test_a_place_is_listed_as_the_folder_is(folder: Path) -> None:
    local = Listing.whole(FolderSource(path=str(folder)).listing())
    far = Listing.whole(Far(open_place(folder)).listing())
    assert facts(far.entries) == facts(local.entries) and len(far.entries) == 7
    assert sorted(far.left_out) == sorted(local.left_out) == [".fetch", "more/README.md", "src/arXiv_src_manifest.xml"]


class Counting(FolderPlace):
    """A folder that counts what it is asked for, as a bucket bills it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.requests = self.bytes = 0

    def range(self, name: str, first: int, after: int) -> bytes:
        return self._counted(super().range(name, first, after))

    def size(self, name: str) -> int | None:
        self.requests += 1
        return super().size(name)

    def children(self, folder: str = "") -> Children:
        self.requests += 1
        return super().children(folder)

    def read(self, name: str) -> bytes:
        return self._counted(super().read(name))

    def stream(self, name: str, first: int = 0) -> BinaryIO:
        return io.BytesIO(self._counted(super().read(name)[first:]))

    def _counted(self, data: bytes) -> bytes:
        self.requests, self.bytes = self.requests + 1, self.bytes + len(data)
        return data


def test_what_reading_in_place_takes_is_told_before(tmp_path: Path) -> None:
    """The listing's share as it was, the papers' at most: a look and an extraction of each."""
    noise = random.Random(7).randbytes(3 << 20)
    members = {
        "2301/2301.00001.gz": single("one"),
        "2301/2301.00002.pdf": b"%PDF-1.4" + noise,
        "2301/2301.00003.gz": single("x"),
    }
    (tmp_path / "arXiv_src_2301_001.tar").write_bytes(tar_of(members))
    (tmp_path / "2301.00004.gz").write_bytes(single("beside"))
    (tmp_path / "2301.00004.pdf").write_bytes(b"%PDF-1.4" + noise + noise)
    place = Counting(tmp_path)
    far = Far(place)
    entries = Listing.whole(far.listing()).entries
    told = far.reading(entries)
    assert (told.listing, told.listing_bytes, told.papers) == (place.requests, place.bytes, 4)
    for one in entries:
        content = far.look(one)
        row = {"member": one.member, "pdf_member": one.pdf_member, "where": one.where, "content_sha256": content.sha256}
        far.read(row)
        if one.pdf_member is not None:
            far.read(row, beside=True)
    assert told.requests * 0.5 <= place.requests - told.listing <= told.requests
    assert told.size * 0.6 <= place.bytes - told.listing_bytes <= told.size


class WithNameless(FolderPlace):
    """A folder as a bucket lists it that has keys such as `/x.tar` and `src//x.tar` (the server of the tests makes one slash of two)."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[str] = []

    def children(self, folder: str = "") -> Children:
        self.asked.append(folder)
        files, folders = super().children(folder)
        return Children(files, ["", *folders])


def test_folders_that_are_not_read_are_told_and_each_is_asked_once(folder: Path) -> None:
    whole = Listing.whole(Far(open_place(folder)).listing())
    write_tar(folder / "src" / ".old" / "x.tar", {"2301/2301.00099.gz": b"x"})
    place = WithNameless(folder)
    found = Listing.whole(Far(place).listing())
    assert facts(found.entries) == facts(whole.entries)
    nameless = " (a folder without a name)"
    assert {f"/{nameless}", f"src//{nameless}", "src/.old"} <= set(found.left_out)
    assert len(place.asked) == len(set(place.asked)) and {"", "src", "more"} <= set(place.asked)


def test_folders_without_end_are_an_entry_that_fails(tmp_path: Path) -> None:
    (tmp_path / "/".join("a" * 102)).mkdir(parents=True)
    write_tar(tmp_path / "x.tar", {"2301/2301.00001.gz": single("one")})
    failed, fine = sorted(Listing.whole(Far(open_place(tmp_path)).listing()).entries, key=lambda e: e.member)
    assert fine.member == "x.tar#2301/2301.00001.gz" and fine.seen is None
    assert failed.seen == {"reason": "too_large", "detail": "more than 100 folders deep"}


class Emptied(FolderPlace):
    """A folder of which a tar goes as soon as it is listed."""

    def children(self, folder: str = "") -> Children:
        found = super().children(folder)
        (self.root / "src/arXiv_src_2301_001.tar").unlink(missing_ok=True)
        return found if not folder.startswith("src") else Children([*found.files, GONE], found.folders)


GONE = Listed("src/arXiv_src_2301_001.tar", 10_240, "x")


def test_a_tar_that_is_gone_fails_alone(folder: Path) -> None:
    listed = Listing.whole(Far(Emptied(folder)).listing())
    [failed] = [entry for entry in listed.entries if entry.stamp.startswith(UNSEEN)]
    assert failed.member == GONE.name and failed.seen is not None and failed.seen["reason"] == "io_error"
    assert "src/arXiv_src_2301_002.tar#2301/2301.00007.gz" in {entry.member for entry in listed.entries}


class Refusing(FolderPlace):
    """A folder of which some files cannot be read, as an object that was archived, or may not be read by this account."""

    def __init__(self, root: Path, error: type[AstrocorpusError]) -> None:
        super().__init__(root)
        self.refused: set[str] = set()
        self.is_cut = False
        self._error = error

    def _look(self, name: str) -> None:
        if self.is_cut or name in self.refused:
            raise self._error(f"{self.where(name)}: S3 refuses this")

    def stream(self, name: str, first: int = 0) -> BinaryIO:
        self._look(name)
        return super().stream(name, first)

    def read(self, name: str) -> bytes:
        self._look(name)
        return super().read(name)

    def size(self, name: str) -> int | None:
        self._look(name)
        return super().size(name)

    def range(self, name: str, first: int, after: int) -> bytes:
        self._look(name)
        return super().range(name, first, after)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        self._look("")
        return super().list(prefix)


LONE, TAR = "more/2302.00001.tar.gz", "src/arXiv_src_2301_001.tar"
refusing = pytest.mark.parametrize("error", [UserError, PlaceError])


def far_source(place: FolderPlace) -> FolderSource:
    source = FolderSource(path="s3://lab/papers")
    source._far = Far(place)
    return source


@refusing
def test_a_file_that_cannot_be_read_fails_alone(folder: Path, error: type[AstrocorpusError]) -> None:
    place = Refusing(folder, error)
    source = far_source(place)
    unit = Unit("folder", tuple(source.entries()))
    place.refused = {LONE, TAR}
    rows = {row["member"]: row for row in source.run(Inputs({}, {"unit": unit})).to_pylist()}
    failed = {member: row["detail"] for member, row in rows.items() if row["reason"] == "io_error"}
    inside = {f"{TAR}#2301/2301.0000{n}.gz" for n in (1, 2)}
    assert failed == dict.fromkeys(inside, f"{TAR}: S3 refuses this") | {LONE: f"{LONE}: S3 refuses this"}
    assert len(rows) == 7
    for row in ({"member": LONE}, {"member": min(inside), "where": (512, 600)}):
        with pytest.raises(PaperError, match=r"^io_error: .*: S3 refuses this"):
            source.open(row)


@refusing
def test_a_tar_that_cannot_be_listed_fails_alone_and_its_papers_are_not_gone(
    folder: Path, error: type[AstrocorpusError]
) -> None:
    place = Refusing(folder, error)
    place.refused = {TAR}
    listed = Listing.whole(far_source(place).listing())
    [failed] = [entry for entry in listed.entries if entry.stamp.startswith(UNSEEN)]
    assert failed.member == TAR and failed.seen == {"reason": "io_error", "detail": f"{TAR}: S3 refuses this"}
    assert listed.unreadable == {TAR: f"{TAR}: S3 refuses this"} and len(listed.entries) == 6


@refusing
def test_a_place_that_is_gone_is_no_failure_of_a_paper(folder: Path, error: type[AstrocorpusError]) -> None:
    place = Refusing(folder, error)
    source = far_source(place)
    papers = [found for found in source.entries() if found.seen is None]
    place.is_cut = True
    for paper in papers:
        with pytest.raises(error):
            source.look(paper)
        with pytest.raises(error):
            source.open(vars(paper))
    with pytest.raises(error):
        Listing.whole(source.listing())


def test_what_only_a_folder_is_read_for_is_no_silence(tmp_path: Path) -> None:
    (tmp_path / "2301.00001").mkdir()
    (tmp_path / "2301.00001" / "ms.tex").write_bytes(document("one"))
    with pytest.raises(UserError, match=r"ms\.tex: at an address only tars, packed papers and PDFs are read"):
        list(Far(open_place(tmp_path)).listing())


def test_a_bucket_and_a_folder_give_one_release(folder: Path, s3_uri: str, tmp_path: Path) -> None:
    upload(s3_uri)
    lines = "".join(json.dumps({"id": f"2301.0000{n}", "license": "CC-BY-4.0"}) + "\n" for n in (1, 2, 7))
    (tmp_path / "snapshot.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    with open_place(f"{s3_uri}-records").writing("snapshot.jsonl.gz") as sink:
        sink.write((tmp_path / "snapshot.jsonl.gz").read_bytes())
    made = []
    for name, path, records in (("far", s3_uri, f"{s3_uri}-records"), ("near", str(folder), str(tmp_path))):
        source = {"name": "arxiv", "path": path, "metadata": f"{records}/snapshot.jsonl.gz"}
        value = {"name": "x", "sources": [source], "extract": {"ocr": "none"}}
        launch(pipeline(parse_config(value, tmp_path)), tmp_path / name, Options(executor="inline"))
        [manifest] = (tmp_path / name).glob("release-*/manifest.json")
        made.append((manifest.read_bytes(), sorted(f.name for f in (tmp_path / name).glob("release-*/*/*.parquet"))))
        report = json.loads((tmp_path / name / "report.json").read_text())
        assert [join["papers"]["matched"] for join in report["joins"] if join["kind"] == "metadata"] == [3]
    assert made[0] == made[1]


def test_a_member_is_read_by_its_range_and_each_request_says_who_pays(s3_proxy: Proxy, s3_uri: str) -> None:
    upload(s3_uri)
    s3_proxy.requests.clear()
    source = FolderSource(path=s3_uri, requester_pays=True)
    listed = Listing.whole(source.listing()).entries
    rows = source.run(Inputs({}, {"unit": Unit("folder", tuple(listed))})).to_pylist()
    where = {e.member: e.where for e in listed}
    for row in rows:
        if row["status"] == "ok":
            content = source.open({**row, "where": where[row["member"]]})
            assert content.sha256 == row["content_sha256"]
            assert any(content.data in data for data in FILES.values())
    asked = [request.lower() for request in s3_proxy.requests]
    assert len(asked) > 10 and all(b"x-amz-request-payer: requester" in request for request in asked)


def test_what_is_gone_from_a_bucket_is_said_to_be(s3_uri: str) -> None:
    upload(s3_uri)
    source = FolderSource(path=s3_uri)
    [first, *_] = source.entries()
    for name in FILES:
        open_place(s3_uri).remove(name)
    with pytest.raises(PaperError) as raised:
        source.open(vars(first))
    assert raised.value.reason == Reason.IO_ERROR
    assert source.is_away()
    with pytest.raises(NoPapersError):
        source.entries()
