"""A folder and a prefix of S3 do the same, and of what is half done nothing is seen."""

from __future__ import annotations

import errno
import io
import os
import pickle
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import NoSpaceError, PlaceError, RunError, UserError
from curation.place import Place, open_place
from curation.place import upload as uploading
from curation.place.s3 import S3Place

BODY = random.Random(7).randbytes(3_000_000)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return open_place(tmp_path / "place" if request.param == "folder" else request.getfixturevalue("s3_uri"))


def test_what_is_written_is_read_whole_by_ranges_and_in_a_stream(place):
    with place.writing("a/b.bin") as sink:
        sink.write(BODY[:1_000])
        sink.write(BODY[1_000:])
    assert sink.written.bytes == len(BODY) == place.size("a/b.bin")
    assert place.read("a/b.bin") == BODY
    assert place.range("a/b.bin", 10, 20) == BODY[10:20]
    assert place.range("a/b.bin", len(BODY) - 5, len(BODY) + 5) == BODY[-5:]
    assert place.range("a/b.bin", len(BODY) + 5, len(BODY) + 9) == place.range("a/b.bin", 5, 5) == b""
    with place.stream("a/b.bin", 2_000_000) as stream:
        assert stream.read(10) + stream.read() == BODY[2_000_000:]
    with place.open("a/b.bin") as file:
        for first, amount in [(0, 10), (2_999_990, 100), (1_048_570, 20), (5, 2_500_000), (1_000_000, 60_000)]:
            file.seek(first)
            assert file.read(amount) == BODY[first : first + amount]
        assert file.seek(-4, io.SEEK_END) == len(BODY) - 4 and file.read() == BODY[-4:] and file.read(1) == b""


def test_what_is_not_there_is_told(place):
    for ask in (place.read, place.open, place.stream, lambda name: place.range(name, 0, 1)):
        with pytest.raises(FileNotFoundError):
            ask("no/such.bin")
    assert place.size("no") is None and place.tag("no") is None and list(place.list()) == []
    assert place.children() == ([], [])
    place.remove("no/such.bin")


def test_files_are_listed_in_the_order_of_their_names(place):
    names = ["ab/x", "a/x", "a/y/z", "ac.txt", "b", "é", "a/yz"]
    for name in names:
        assert place.put_if_absent(name, name.encode())
    assert [found.name for found in place.list()] == sorted(names, key=str.encode)
    assert [found.name for found in place.list("a/y")] == ["a/y/z", "a/yz"]
    assert [found.name for found in place.list("a")] == ["a/x", "a/y/z", "a/yz", "ab/x", "ac.txt"]
    files, folders = place.children()
    assert [file.name for file in files] == ["ac.txt", "b", "é"] and folders == ["a", "ab"]
    files, folders = place.children("a")
    assert [(file.name, file.size) for file in files] == [("a/x", 3), ("a/yz", 4)] and folders == ["y"]
    stamps = {found.name: found.stamp for found in place.list()}
    with place.writing("b") as sink:
        sink.write(b"other")
    assert {n for n, stamp in stamps.items() if stamp != {f.name: f.stamp for f in place.list()}[n]} == {"b"}


def test_a_folder_is_listed_by_the_bytes_of_whole_names_as_s3_is(tmp_path):
    for name in ("a/x", "a-b/x", "a.txt", "a0"):
        open_place(tmp_path).put_if_absent(name, b"")
    assert [found.name for found in open_place(tmp_path).list()] == ["a-b/x", "a.txt", "a/x", "a0"]


def test_a_block_that_raises_leaves_nothing(place, monkeypatch):
    monkeypatch.setattr(uploading, "PART", 5 << 20)
    with pytest.raises(ValueError, match="no more"), place.writing("a.bin") as sink:
        sink.write(BODY)
        sink.write(BODY)
        sink.write(BODY)
        raise ValueError("no more")
    assert list(place.list()) == [] and place.sweep() == 0


def test_a_large_file_is_a_multipart_and_what_a_killed_writer_left_is_swept(place, monkeypatch):
    monkeypatch.setattr(uploading, "PART", 5 << 20)
    with place.writing("large.bin") as sink:
        for _ in range(4):
            sink.write(BODY)
        assert [found.name for found in place.list()] == []
    assert place.read("large.bin") == 4 * BODY
    if (child := os.fork()) == 0:
        try:
            with place.writing("killed.bin") as sink:
                sink.write(BODY + BODY)
                os._exit(9)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert place.sweep(3600) == 0, "another may be writing it"
    assert place.sweep() == 1 and place.sweep() == 0
    assert [found.name for found in place.list()] == ["large.bin"]


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("size", [1, 7_000_000])
def test_who_checks_is_asked_when_nothing_but_the_name_is_missing(place, monkeypatch, anew, size):
    monkeypatch.setattr(uploading, "PART", 5 << 20)
    asked: list[str] = []
    if isinstance(place, S3Place):
        ask = place.ask
        monkeypatch.setattr(place, "ask", lambda name, what, **more: (asked.append(what), ask(name, what, **more))[1])

    def lost() -> None:
        asked.append("check")
        raise RunError("the lease was lost")

    with pytest.raises(RunError), place.writing("a.bin", anew=anew, check=lost) as sink:
        sink.write(bytes(size))
    assert place.size("a.bin") is None and place.sweep() == 0
    sent = [word for word in asked if word in ("upload_part", "check")]
    assert sent == (["upload_part"] * 2 if size > 1 and isinstance(place, S3Place) else []) + ["check"]


@pytest.mark.parametrize("other", [None, b"another"])
def test_an_upload_that_is_gone_is_told(s3_uri, monkeypatch, other):
    monkeypatch.setattr(uploading, "PART", 5 << 20)
    place = open_place(s3_uri)

    def gone() -> None:
        assert place.sweep() == 1
        if other is not None:
            place.put_if_absent("a.bin", other)

    told = PlaceError if other is None else FileExistsError
    with pytest.raises(told), place.writing("a.bin", anew=True, check=gone) as sink:
        sink.write(bytes(7_000_000))


def test_of_many_who_put_at_once_one_wins(place):
    gate = threading.Barrier(8, timeout=60)

    def race(put):
        def run(number: int):
            gate.wait()
            return put(str(number).encode())

        with ThreadPoolExecutor(8) as pool:
            return [tag for tag in pool.map(run, range(8)) if tag]

    (first,) = race(lambda data: place.put_if_absent("m.json", data))
    assert place.tag("m.json") == first
    (second,) = race(lambda data: place.put_if_match("m.json", data + b" again", first))
    assert place.tag("m.json") == second != first
    assert place.put_if_match("m.json", b"x", first) is None and place.put_if_match("gone", b"x", first) is None
    assert place.put_if_match("m.json", b"x", second)


def test_of_many_who_write_a_file_anew_one_wins_and_nothing_is_replaced(place, monkeypatch):
    monkeypatch.setattr(uploading, "PART", 5 << 20)
    gate = threading.Barrier(4, timeout=60)

    def write(number: int) -> int:
        try:
            with place.writing("a.bin", anew=True) as sink:
                sink.write(bytes([number]) + BODY)
                gate.wait()
        except FileExistsError:
            return 0
        return number

    with ThreadPoolExecutor(4) as pool:  # no multiparts: of two that are completed in one moment weed lets both win
        (first,) = filter(None, pool.map(write, range(1, 5)))
    body = bytes([first]) + BODY
    assert place.read("a.bin") == body and place.sweep() == 0
    for times in (1, 3):
        with pytest.raises(FileExistsError), place.writing("a.bin", anew=True) as sink:
            for _ in range(times):
                sink.write(b"other" + BODY)
    assert place.read("a.bin") == body and place.sweep() == 0
    with place.writing("large.bin", anew=True) as sink:
        for _ in range(3):
            sink.write(BODY)
    for times in (1, 3):
        with pytest.raises(FileExistsError), place.writing("large.bin", anew=True) as sink:
            for _ in range(times):
                sink.write(b"other" + BODY)
    assert place.read("large.bin") == 3 * BODY and place.sweep() == 0
    assert [found.name for found in place.list()] == ["a.bin", "large.bin"]


def test_a_file_is_written_anew_where_there_are_no_hard_links(tmp_path, monkeypatch):
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    place = open_place(tmp_path)
    assert place.put_if_absent("a", b"1") and place.put_if_absent("a", b"2") is None
    assert place.read("a") == b"1" and [found.name for found in place.list()] == ["a"] and place.sweep() == 0


def test_what_fails_of_what_a_file_is_made_of_is_not_told_as_its_own(tmp_path):
    place = open_place(tmp_path / "place")
    with pytest.raises(PlaceError, match=r"a\.bin was not written: .*No such file.*gone\.bin"), place.writing("a.bin"):
        (tmp_path / "gone.bin").read_bytes()
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(NoSpaceError, match=r"while writing .*a\.bin"),
        place.writing("a.bin") as sink,
    ):
        sink._sink = full
        sink.write(b"x")
    (tmp_path / "place/file").touch()
    with pytest.raises(PlaceError, match=r"cannot write .*file/a\.bin"), place.writing("file/a.bin", anew=True):
        pass
    assert [found.name for found in place.list()] == ["file"] and place.sweep() == 0


def test_a_file_that_is_removed_while_a_folder_is_listed_is_left_out(tmp_path, monkeypatch):
    place = open_place(tmp_path)
    for name in ("a", "b"):
        place.put_if_absent(name, b"1")
    entries = place._entries

    def then_removed(folder: str):
        found = entries(folder)
        assert all(entry.is_file() for _, entry in found)
        (tmp_path / "a").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(place, "_entries", then_removed)
    assert [found.name for found in place.list()] == ["b"]


def test_a_path_may_be_an_address_of_a_file(tmp_path):
    assert open_place(f"{(tmp_path / 'a b').as_uri()}").uri == str(tmp_path / "a b")
    assert open_place(f"{tmp_path}/a%20b").uri == f"{tmp_path}/a%20b"


def test_parquet_is_read_through_it(place):
    table = pa.table({"a": range(200_000), "b": [f"word {i % 977}" for i in range(200_000)]})
    with place.writing("t.parquet") as sink:
        pq.write_table(table, sink, row_group_size=50_000)
    with place.open("t.parquet") as file, pq.ParquetFile(file) as parquet:
        assert parquet.read(columns=["b"]).equals(table.select(["b"]))
        assert parquet.read_row_group(2).equals(table.slice(100_000, 50_000))


def test_it_pickles_to_its_address(place):
    place.put_if_absent("a", b"1")
    for one in (place, place.guarded(threading.Lock().acquire)):
        assert pickle.loads(pickle.dumps(one)).read("a") == b"1"


def test_a_folder_of_a_guarded_place_is_guarded(place):
    def lost() -> None:
        raise RunError("the folder is another's")

    guarded = place.guarded(lost).below("a").below("b")
    with pytest.raises(RunError, match="another's"), guarded.writing("c") as sink:
        sink.write(b"1")
    assert not list(place.list())


def test_a_name_stays_inside(place):
    for name in ("../a", "/etc/passwd", "a/../../b", "a\0b"):
        with pytest.raises(UserError, match="no name of a file below"):
            place.read(name)


def test_addresses_that_are_none_are_refused():
    for text, words in {
        "gs://bucket/x": "mount it",
        "s3:/bucket/x": "s3://bucket/prefix",
        "s3://": "no address of a bucket",
        "s3://bucket/../x": "no name of a file",
    }.items():
        with pytest.raises(UserError, match=words):
            open_place(text)
