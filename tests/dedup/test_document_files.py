"""What `astrocorpus dedup` may be given: files, folders, globs, releases; and what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from pipelines.cli import main
from pipelines.document_files import find_documents
from tests.data_cards.card_release import released, write_release
from tests.dedup.test_command import dedup, documents, kept, write
from tests.dedup.test_near import corpus
from tests.servers.s3 import to_bucket


@pytest.fixture
def halves(tmp_path: Path) -> list[Path]:
    """Two files of documents in a folder, whose duplicates lie across them, and a file of all beside it."""
    rows = documents(corpus(seed=3, works=20))
    (tmp_path / "docs" / "below").mkdir(parents=True)
    write(tmp_path / "all.parquet", rows)
    return [
        write(tmp_path / "docs" / "a.parquet", rows[::2]),
        write(tmp_path / "docs" / "below" / "b.jsonl", rows[1::2]),
    ]


def test_files_a_folder_and_a_glob_are_one_set_of_documents(tmp_path, halves, monkeypatch):
    expected = dedup(tmp_path / "all.parquet", tmp_path / "r.parquet")
    assert len(kept(expected)) < expected.num_rows
    folder = tmp_path / "docs"
    (folder / "notes.txt").write_text("read me")
    (folder / ".hidden.jsonl").write_text("broken")
    for given in ([*map(str, halves)], [*map(str, halves[::-1])], [str(folder)], [str(folder / "**" / "*.[jp]*")]):
        assert main(["dedup", *given, "--out", str(tmp_path / "r2.parquet")]) == 0
        assert pq.read_table(tmp_path / "r2.parquet").equals(expected)
    monkeypatch.chdir(folder)
    assert main(["dedup", ".", "--out", "../r3.parquet"]) == 0
    assert main(["dedup", ".", "--why", kept(expected).pop()]) == 0


def test_an_id_in_two_files_is_refused(tmp_path, halves, capsys):
    shutil.copy(halves[0], tmp_path / "copy.parquet")
    assert main(["dedup", str(halves[0]), str(tmp_path / "copy.parquet"), "--out", str(tmp_path / "r.parquet")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"{halves[0]} and 1 more files: id" in said and "stands there more than once" in said


def test_a_release_is_read_tier_by_tier(tmp_path):
    rows = {"public": [released(i) for i in range(3)], "research": [released(i) for i in range(5)]}
    release = write_release(tmp_path / "release", rows)
    with pytest.raises(UserError, match="name one: --tier TIER"):
        find_documents([release])
    with pytest.raises(UserError, match="no tier 'gold'"):
        find_documents([release], "gold")
    for tier, some in rows.items():
        batches = find_documents([release], tier).batches(("id", "text"))
        assert sorted(pa.concat_tables(batches)["id"].to_pylist()) == sorted(row["id"] for row in some)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nowhere.parquet"], "nowhere.parquet is no file"),
        (["docs/*.csv"], "docs/*.csv matches no file"),
        (["void"], "the folder void holds no documents"),
        (["docs/a.parquet", "docs"], "docs/a.parquet is given twice"),
        (["docs", "--tier", "public"], "a tier is one of a release"),
        (["run"], "run is a run folder"),
        (["docs/a.parquet", "--out", "docs/a.parquet"], "is an input itself"),
        (["docs/a.parquet", "--out", "docs/hard.parquet"], "is an input itself"),
        (["docs/*.parquet", "--out", "docs/a.parquet"], "is an input itself"),
        (["docs", "--out", "docs/r.parquet"], "lies in the input docs"),
        (["docs", "--index-out", "docs/index"], "lies in the input docs"),
        (["docs/a.parquet", "--out", "all.parquet"], "is no result of deduplication"),
        (["docs/a.parquet", "--out", "notes"], "is no result of deduplication"),
        (["docs/a.parquet", "--out", "void"], "is a folder"),
        (["docs/a.parquet", "--out", "notes/r.parquet"], "is no folder"),
        (["docs/a.parquet", "--min-jaccard", "nan"], "--min-jaccard"),
        (["docs/a.parquet", "--rows", "0"], "--rows"),
        (["docs/a.parquet", "--threads", "-1"], "--threads"),
        (["docs/a.parquet", "--index", "void"], "is no index"),
        (["docs/a.parquet", "--strip-boilerplate", "missing"], "missing cannot be read"),
        (["docs/a.parquet", "--strip-boilerplate", "notes"], "notes cannot be read"),
        (["docs/a.parquet", "--strip-boilerplate", "void"], "void cannot be read"),
        (["docs/a.parquet", "--strip-boilerplate", "docs/a.parquet"], "is no table of paragraph counts"),
        (["", "--out", "r.parquet"], "is empty"),
        (["docs/a.parquet", "--why="], "is empty"),
    ],
)
def test_wrong_documents_and_outputs_are_refused(tmp_path, halves, monkeypatch, capsys, options, said):
    monkeypatch.chdir(tmp_path)
    for folder in ("void", "run"):
        Path(folder).mkdir()
    Path("run/run.json").write_text('{"name": "x", "order": [], "stages": {}}')
    Path("run/.lock").touch()
    Path("notes").write_text("mine")
    Path("docs/hard.parquet").hardlink_to("docs/a.parquet")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert main(["dedup", *options, *([] if "--out" in options or "--index-out" in options else ["--out", "r"])]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert said in error and "Traceback" not in error
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_runs_releases_and_indexes_in_a_folder_are_left_out_and_named(tmp_path, halves, capsys):
    expected = dedup(tmp_path / "docs", tmp_path / "r.parquet", "--index-out", str(tmp_path / "index"))
    shutil.copytree(tmp_path / "index", tmp_path / "docs" / "index")
    capsys.readouterr()
    assert dedup(tmp_path / "docs", tmp_path / "r.parquet").equals(expected)
    assert f"not read: {tmp_path / 'docs' / 'index'} is a run, a release or an index" in capsys.readouterr().err


def test_documents_in_a_bucket_are_those_of_a_folder(tmp_path, halves, s3_uri, capsys):
    expected = dedup(tmp_path / "docs", tmp_path / "r.parquet", "--index-out", str(tmp_path / "index"))
    shutil.copytree(tmp_path / "index", tmp_path / "docs" / "index")
    (tmp_path / "docs" / ".hidden.jsonl").write_text("broken")
    (tmp_path / "docs" / "below" / "run.json").write_text('{"mine": 1}')
    place = to_bucket(tmp_path / "docs", s3_uri)
    capsys.readouterr()
    for given in ([f"{s3_uri}/docs"], [f"{s3_uri}/docs/a.parquet", f"{s3_uri}/docs/below/b.jsonl"]):
        assert main(["dedup", *given, "--out", str(tmp_path / "r2.parquet")]) == 0
        assert pq.read_table(tmp_path / "r2.parquet").equals(expected)
    assert f"not read: {s3_uri}/docs/index is a run, a release or an index" in capsys.readouterr().err
    place.put_if_absent("run/run.json", b'{"name": "x", "order": [], "stages": {}}')
    for given, said in (
        ([f"{s3_uri}/none.parquet"], f"{s3_uri}/none.parquet is no file"),
        ([f"{s3_uri}/none"], f"{s3_uri}/none holds no documents"),
        ([f"{s3_uri}/docs/a.parquet", f"{s3_uri}/docs"], f"{s3_uri}/docs/a.parquet is given twice"),
        ([f"{s3_uri}/docs/run"], f"{s3_uri}/docs/run is a run folder"),
        ([f"{s3_uri}/docs", "--out", f"{s3_uri}/r.parquet"], "give its path"),
    ):
        assert main(["dedup", *given, *([] if "--out" in given else ["--out", str(tmp_path / "r3")])]) == 2
        assert said in " ".join(capsys.readouterr().err.split())


def test_a_release_in_a_bucket_is_read_tier_by_tier(tmp_path, s3_uri):
    rows = {"public": [released(i) for i in range(3)], "research": [released(i) for i in range(5)]}
    place = to_bucket(write_release(tmp_path / "release", rows), s3_uri)
    batches = find_documents([place.uri], "research").batches(("id", "text"))
    assert sorted(pa.concat_tables(batches)["id"].to_pylist()) == sorted(row["id"] for row in rows["research"])
    place.remove("research/shard-00000.parquet")
    with pytest.raises(UserError, match=r"s3://.*named by manifest.json but missing"):
        find_documents([place.uri], "research")


def test_a_path_may_be_an_address_with_escapes(tmp_path, halves, capsys):
    (tmp_path / "docs").rename(tmp_path / "my docs")
    given = f"file://{tmp_path}/my%20docs"
    assert (
        len(find_documents([given]).files) == 2 == len(find_documents([f"{given}/a.parquet", f"{given}/below"]).files)
    )
    assert main(["dedup", given, "--out", str(tmp_path / "r.parquet"), "--index-out", f"{given}/below/idx"]) == 2
    assert "--index-out" in capsys.readouterr().err and not (tmp_path / "my docs" / "below" / "idx").exists()


def test_a_bucket_that_is_not_there_is_told_with_a_tier_too(s3_uri):
    with pytest.raises(UserError, match="there is no such bucket"):
        find_documents(["s3://no-such-bucket-here"], "research")
    with pytest.raises(UserError, match="holds no documents"):
        find_documents([f"{s3_uri}/none"], "research")


def test_texts_of_files_of_several_types_are_compared(tmp_path):
    text = " ".join(f"word{i}" for i in range(60))
    for name, kind in (("a", pa.string()), ("b", pa.large_string()), ("c", pa.string_view())):
        pq.write_table(pa.table({"id": [name], "text": pa.array([text], kind)}), tmp_path / f"{name}.parquet")
    files = [str(tmp_path / f"{name}.parquet") for name in "abc"]
    assert main(["dedup", *files, "--out", str(tmp_path / "r.out")]) == 0
    assert len(kept(pq.read_table(tmp_path / "r.out"))) == 1
