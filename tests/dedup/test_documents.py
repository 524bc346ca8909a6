"""Files of documents as other tools write them: what is read, and how wrong ones are refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from curation.errors import UserError
from curation.text.shingles import Shingling, shingle_sets, sketch
from pipelines.cli import main
from pipelines.documents import BATCH_BYTES, COLUMNS, document_file

Line = dict[str, object]


def lines(*rows: Line) -> bytes:
    return "".join(json.dumps(r) + "\n" for r in rows).encode()


def read(path: Path) -> pa.Table:
    return pa.concat_tables(document_file(path).batches())


def raw_strings(values: list[bytes]) -> pa.Array:
    """Strings that nobody checked."""
    offsets = np.cumsum([0, *map(len, values)], dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    )


def test_columns_that_come_late_or_never_are_read(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(lines({"id": "a", "text": "x"}, {"id": "b", "text": None, "version": 2, "work_id": "w"}))
    table = read(path)
    assert table.column_names == list(COLUMNS)
    assert table["version"].to_pylist() == [None, 2] and table["work_id"].to_pylist() == [None, "w"]
    assert table["text"].to_pylist() == ["x", None] and table["source"].null_count == 2


def test_integer_ids_and_null_texts_are_the_same_in_both_formats(tmp_path: Path) -> None:
    text = " ".join(f"w{i}" for i in range(50))
    rows: list[Line] = [{"id": 1, "text": text}, {"id": 2, "text": None}, {"id": 3, "text": text}]
    (tmp_path / "d.jsonl").write_bytes(lines(*rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "d.parquet")
    outs = [tmp_path / "jsonl.out", tmp_path / "parquet.out"]
    for name, out in zip(("d.jsonl", "d.parquet"), outs, strict=True):
        assert main(["dedup", str(tmp_path / name), "--out", str(out)]) == 0
    assert pq.read_table(outs[0])["keep"].to_pylist() == [True, True, False]
    assert outs[0].read_bytes() == outs[1].read_bytes()


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_batches_are_cut_by_their_text(tmp_path: Path, suffix: str) -> None:
    rows: list[Line] = [{"id": str(i), "text": f"{i} " * (600_000 if i % 2 else 1)} for i in range(60)]
    path = tmp_path / f"d{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_bytes(lines(*rows))
    batches = list(document_file(path).batches())
    assert [i for b in batches for i in b["id"].to_pylist()] == [r["id"] for r in rows]
    assert 2 < len(batches) < 30
    assert max(b["text"].nbytes for b in batches) < BATCH_BYTES + 2**21


def test_frames_of_zstandard_follow_one_another(tmp_path: Path) -> None:
    rows = [lines({"id": str(i), "text": "x"}) for i in range(3)]
    (tmp_path / "d.jsonl.zst").write_bytes(b"".join(map(zstandard.compress, rows)))
    assert read(tmp_path / "d.jsonl.zst")["id"].to_pylist() == ["0", "1", "2"]


LONG = lines(*({"id": f"a{i}", "text": f"{i * i} {i * 7}"} for i in range(3000)))
GOOD = lines({"id": "a", "text": "x"})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl.gz", gzip.compress(LONG)[:-200], "cannot be read after line"),
        ("a.jsonl.gz", b"plain", "cannot be read after line 0"),
        ("a.jsonl.zst", zstandard.compress(LONG)[:-50], "cannot be read after line"),
        ("a.jsonl.zst", zstandard.compress(GOOD)[:-1], "ends inside a zstd frame"),
        ("a.jsonl.zst", b"plain text", "cannot be read after line 0"),
        ("a.jsonl", GOOD + b'{"id":"b","text":"\xff\xfe"}\n', "line 2 is not UTF-8"),
        ("a.jsonl", GOOD + b'{"id":"b","text":"x \\ud800 y"}\n', "line 2:"),
        ("a.jsonl", GOOD + b'{"id":"b","text":"x","y":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 2 is no JSON"),
        ("a.jsonl", GOOD + b'{"id":"b","text":"x","version":' + b"9" * 5000 + b"}\n", "line 2 is no JSON"),
        ("a.jsonl", GOOD + b'{"id":"b","text":"x","version":99999999999}\n', "line 2:"),
        ("a.jsonl", GOOD + b'{"id":"b","text":"x","version":"v2"}\n', "line 2:"),
        ("a.jsonl", b'["a"]\n', "line 1: a line holds one document"),
        ("a.jsonl", b'{"id":true,"text":"x"}\n', "line 1: needs `id`"),
        ("a.pq", b"", "its kind is told by its name"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        read(tmp_path / name)
    assert name in str(error.value)


def test_a_wrong_parquet_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    pq.write_table(pa.table({"id": ["a"], "text": ["x"], "more": ["y"]}).rename_columns(["id", "text", "text"]), path)
    with pytest.raises(UserError, match="two columns text"):
        read(path)
    texts = [f"{i} some words" for i in range(3000)]
    pq.write_table(pa.table({"id": list(map(str, range(3000))), "text": texts}), path, row_group_size=500)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 2000] = bytes(2000)
    path.write_bytes(data)
    with pytest.raises(UserError, match="cannot be read after row"):
        read(path)
    pq.write_table(pa.table({"id": ["a", "b", "c"], "text": raw_strings([b"x", b"y", b"z \xe2\x82"])}), path)
    with pytest.raises(UserError, match="row 2: column text is not UTF-8"):
        read(path)
    assert main(["dedup", str(path), "--out", str(tmp_path / "r")]) == 2


def test_the_kernel_reads_no_byte_that_is_not_there() -> None:
    cut = [b"\xff", b"abc \xf4", b"\xe2\x82", b"\x80\x80 x", b"\xff\xff\xff\xff word", b"\xf8\x88\x80\x80", b"\xc3"]
    for value in cut:
        texts = raw_strings([value])
        assert sketch(texts, Shingling()).n_words[0] in (0, 1, 2) and len(shingle_sets(texts, Shingling())[0]) < 3
    after = raw_strings([b"abc \xc3", b"\xa9 word"])
    assert sketch(after, Shingling()).n_words.tolist() == [1, 1]


def test_the_result_may_not_be_the_file_of_documents(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["x", "y"]}), path)
    before = path.read_bytes()
    (tmp_path / "link").symlink_to(path)
    for out in (path, tmp_path / ".." / tmp_path.name / "d.parquet", tmp_path / "link"):
        assert main(["dedup", str(path), "--out", str(out)]) == 2
    assert path.read_bytes() == before
    assert main(["dedup", str(path), "--out", str(tmp_path / "r"), "--bands", "600"]) == 2
