"""Text files of all packings: read to their end, or refused; nothing cut is taken for whole."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from curation.confine.sandbox import Sandbox
from curation.errors import BrokenFileError, ConfigError, UserError
from curation.sources.data_file import read_rows, scan
from curation.sources.row_entries import list_rows
from curation.sources.rows import Wanted
from curation.sources.snapshot import Snapshot, SnapshotFile
from curation.sources.text_file import numbered_lines, open_text_file, read_text
from curation.step import Inputs
from curation.withhold.sources import read_sources
from pipelines.config import load_config
from pipelines.documents import document_file

LINES = [json.dumps({"id": str(i), "text": random.Random(i).randbytes(60).hex()}).encode() + b"\n" for i in range(3000)]
TEXT = b"".join(LINES)


def records_of(path: Path) -> list[dict[str, Any]]:
    step = Snapshot(files=(SnapshotFile(source="s", path=str(path)),))
    tables = [step.run(Inputs({}, {"stretch": stretch})) for stretch in step.stretches()]
    return [json.loads(record) for table in tables for record in table["record"].to_pylist()]


def zst(data: bytes, *, checksum: bool = True, size: bool = True) -> bytes:
    pack = zstandard.ZstdCompressor(write_checksum=checksum, write_content_size=size)
    return pack.compress(data)


def streamed(data: bytes) -> bytes:
    """As `zstd` writes from a pipe: no content size, a block where the writer flushed."""
    pack = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    made = b""
    for at in range(0, len(data), 10_000):
        made += pack.compress(data[at : at + 10_000]) + pack.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return made + pack.flush()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "zst": zst, "streamed.zst": streamed}
SKIPPABLE = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"


def write(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def read_until_it_breaks(path: Path) -> tuple[bytes, str | None]:
    data = b""
    try:
        with open_text_file(path) as stream:
            while piece := stream.read1(1000):
                data += piece
    except BrokenFileError as error:
        return data, error.words
    return data, None


@pytest.mark.parametrize("packing", PACKINGS)
def test_several_members_and_frames_are_one_text(tmp_path: Path, packing: str) -> None:
    pack = PACKINGS[packing]
    between = b"" if packing == "gz" else SKIPPABLE
    data = pack(TEXT) + between + pack(b"") + pack(b"the end") + bytes(700)
    assert read_until_it_breaks(write(tmp_path, f"a.{packing}", data)) == (TEXT + b"the end", None)
    assert read_until_it_breaks(write(tmp_path, "named_otherwise.jsonl", data)) == (TEXT + b"the end", None)


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_file_that_is_cut_anywhere_is_noticed_after_what_it_holds(tmp_path: Path, packing: str) -> None:
    pack = PACKINGS[packing]
    one, two = pack(TEXT[:90_000]), pack(TEXT[90_000:])
    whole = one + two
    ends = [*range(len(one) + 1, len(one) + 24), *range(len(whole) - 12, len(whole)), *range(0, len(whole), 1999)]
    for end in ends:
        if end == len(one):
            continue
        data, words = read_until_it_breaks(write(tmp_path, f"a.{packing}", whole[:end]))
        assert words is not None and words.startswith(("is cut", "has bytes", "holds no")), end
        assert TEXT.startswith(data) and (len(data) >= 90_000) == (end > len(one))
    assert read_until_it_breaks(write(tmp_path, f"a.{packing}", one))[1] is None  # not to be known


def test_all_bytes_before_the_cut_of_a_stream_are_given(tmp_path: Path) -> None:
    for packing, pack in PACKINGS.items():
        data, _ = read_until_it_breaks(write(tmp_path, f"a.{packing}", pack(TEXT)[:-1]))
        assert data == TEXT


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_wrong_check_sum_is_noticed_after_the_text(tmp_path: Path, packing: str) -> None:
    pack = PACKINGS[packing]
    packed = bytearray(pack(b"a short list\n"))
    packed[-8 if packing == "gz" else -1] ^= 1
    data, words = read_until_it_breaks(write(tmp_path, f"a.{packing}", bytes(packed)))
    assert (data, words is None) == (b"a short list\n", False)
    assert words is not None and words.startswith("is damaged")


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    "rest", [b"x", b"\n", b"some text after it", b"\0\0\0\1", b"\x1f", b"\x28\xb5", b"\x50\x2a\x4d"]
)
def test_bytes_after_the_end_that_are_no_frame_are_noticed(tmp_path: Path, packing: str, rest: bytes) -> None:
    data, words = read_until_it_breaks(write(tmp_path, f"a.{packing}", PACKINGS[packing](TEXT) + rest))
    assert data == TEXT and words is not None


def test_flipped_bits_of_packed_text_are_noticed_or_harmless(tmp_path: Path) -> None:
    chance = random.Random(5)
    for packing, pack in PACKINGS.items():
        whole = pack(TEXT[:20_000])
        for _ in range(150):
            broken = bytearray(whole)
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
            data, words = read_until_it_breaks(write(tmp_path, f"a.{packing}", bytes(broken)))
            assert words is not None or data == TEXT[:20_000]


def test_blocks_that_unpack_to_much_are_given_one_by_one(tmp_path: Path) -> None:
    run = b"\2\0\x10" + b"a"  # not the last, of one byte 131,072 times
    path = write(tmp_path, "a.zst", b"\x28\xb5\x2f\xfd\x00\x58" + run * 50_000)
    with open_text_file(path) as stream:
        assert stream.read(10) == b"a" * 10
        assert stream.raw.readinto(bytearray(1 << 24)) <= 1 << 17  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.gz", b"plain text", "holds no gzip"),
        ("a.txt.zst", b"plain text", "holds no zstd"),
        ("a.gz", b"", "it is empty"),
        ("a.zst", b"", "it is empty"),
        ("a.json", b"PK\3\4....", "is a zip file"),
        ("a.txt", b"BZh9....", "is a bzip2 file"),
    ],
)
def test_a_file_of_another_kind_is_no_text(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(BrokenFileError, match=words) as error:
        read_text(write(tmp_path, name, data))
    assert name in str(error.value)


@pytest.mark.parametrize("packing", ["", "gz", "zst"])
@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_text_with_a_byte_order_mark_is_utf_8(tmp_path: Path, packing: str, mark: bytes, codec: str) -> None:
    text = "Émile 𝛼\n" * 70_000
    data = mark + text.encode(codec)
    pack = PACKINGS.get(packing, bytes)
    assert read_text(write(tmp_path, f"a.{packing}" if packing else "a.txt", pack(data))) == text


def test_text_that_is_not_in_its_encoding_says_where(tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match="no UTF-8 in line 3"):
        read_text(write(tmp_path, "a.txt", b"one\ntwo\ncaf\xe9\n"))
    odd = codecs.BOM_UTF16_LE + "one\ntwo\n".encode("utf-16-le")
    for data in (odd[:-1], odd + b"\x00\xd8" + odd[2:]):
        given, words = read_until_it_breaks(write(tmp_path, "a.txt", data))
        assert given.startswith(b"one\ntwo") and "no UTF-16" in str(words)


def test_lines_are_numbered_and_bounded(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", b"a\nbb\n\nccc")
    assert list(numbered_lines(path)) == [(1, b"a\n"), (2, b"bb\n"), (3, b"\n"), (4, b"ccc")]
    with pytest.raises(BrokenFileError, match="after line 1"):
        list(numbered_lines(path, max_bytes=2))


def test_a_plain_file_seeks_and_an_error_stays(tmp_path: Path) -> None:
    with open_text_file(write(tmp_path, "a.txt", TEXT)) as stream:
        assert stream.seekable() and stream.seek(len(LINES[0])) and stream.readline() == LINES[1]
    with open_text_file(write(tmp_path, "a.gz", gzip.compress(TEXT)[:-100])) as stream:
        for _ in range(3):
            with pytest.raises(BrokenFileError):
                stream.read()


@pytest.mark.parametrize("packing", ["gz", "zst", "streamed.zst"])
@pytest.mark.parametrize("fault", ["cut", "checksum", "garbage"])
def test_no_reader_of_lists_or_rows_takes_a_broken_file_for_whole(
    tmp_path: Path, packing: str, fault: str, sandbox: Sandbox
) -> None:
    pack = PACKINGS[packing]

    def broken(text: bytes) -> bytes:
        packed = bytearray(pack(text))
        if fault == "cut":
            return bytes(packed[:-2])
        if fault == "garbage":
            return bytes(packed) + b"garbage"
        packed[-8 if packing == "gz" else -1] ^= 1
        return bytes(packed)

    with pytest.raises(ConfigError, match=r"list\.txt"):
        read_sources(write(tmp_path, f"list.txt.{packing.rpartition('.')[2]}", broken(b"2301.00001\n")))
    with pytest.raises(ConfigError, match=r"list\.jsonl"):
        read_sources(write(tmp_path, f"list.jsonl.{packing.rpartition('.')[2]}", broken(b'{"doi": "10.1/x"}\n')))
    with pytest.raises(UserError, match=r"metadata .*after line 3000"):
        records_of(write(tmp_path, f"snapshot.{packing}", broken(TEXT)))
    with pytest.raises(UserError, match="after line 3000"):
        list(document_file(write(tmp_path, f"d.jsonl.{packing}", broken(TEXT))).batches())
    path = write(tmp_path, f"rows.jsonl.{packing}", broken(TEXT))
    rows = list(scan(path, Wanted("digest"), sandbox))
    assert [row.reason for row in rows] == [None] * 3000 + ["bad_archive"]
    detail = str(rows[-1].detail)
    assert detail.startswith("rows.jsonl.") and str(tmp_path) not in detail


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_marked_files_are_read_by_all_readers(tmp_path: Path, codec: str, sandbox: Sandbox) -> None:
    rows = [{"id": str(i), "text": f"Row é {i}."} for i in range(50)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\r\n" for r in rows), encoding=codec)
    assert [row.text for row in scan(path, Wanted("text"), sandbox)] == [r["text"] for r in rows]
    entries = {e.member.partition("#")[2]: e.where for e in list_rows(path, path.name, sandbox)}
    some = {name: entries[name] for name in ("7", "30")}
    assert {n: r.text for n, r in read_rows(path, some, "text", sandbox).items()} == {
        "7": "Row é 7.",
        "30": "Row é 30.",
    }
    assert sorted(r["id"] for r in records_of(path)) == sorted(r["id"] for r in rows)
    assert sum(map(len, document_file(path).batches())) == 50
    (tmp_path / "list.txt").write_text("2301.00001\nOn the é of Galaxies\n", encoding=codec)
    one, two = read_sources(tmp_path / "list.txt")
    assert (one.ids, two.title) == ({"arXiv:2301.00001"}, "On the é of Galaxies")
    (tmp_path / "c.yaml").write_text("# é\nname: x\nsources: [{name: a, path: .}]\n", encoding=codec)
    assert load_config(tmp_path / "c.yaml").name == "x"


def test_a_line_separator_inside_a_json_string_ends_no_line(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"title": "The Mass\u2028of Galaxies"}\n', encoding="utf-8")
    assert [s.title for s in read_sources(path)] == ["The Mass\u2028of Galaxies"]


def test_a_whole_file_is_as_large_as_it_was(tmp_path: Path) -> None:
    noise = os.urandom(3 << 20)
    for name, data in (("a.zst", zst(noise, checksum=False, size=False)), ("b.gz", gzip.compress(noise, 1))):
        with open_text_file(write(tmp_path, name, data)) as stream:
            assert isinstance(stream, io.BufferedReader) and stream.read() == noise
