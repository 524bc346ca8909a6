"""The command `astrocorpus dedup`: formats, planted truth, determinism, the index, --why, errors for people."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from curation.dedup.why import passages
from pipelines.cli import main
from tests.dedup.flow import duplicates
from tests.dedup.test_near import Rows, corpus, text_of


def documents(rows: Rows) -> Rows:
    """Rows of the steps' tests as rows of a file."""
    return [
        {
            "id": r["doc_id"],
            "text": r["text"],
            "version": r.get("version"),
            "work_id": str(r["doc_id"])[:4],
            "source": "s",
        }
        for r in rows
    ]


def write(path: Path, rows: Rows) -> Path:
    lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows).encode()
    if path.suffix == ".parquet":
        schema = {"id": pa.string(), "text": pa.string(), "version": pa.int64(), "work_id": pa.string()}
        pq.write_table(
            pa.table({c: pa.array([r[c] for r in rows], t) for c, t in schema.items()}), path, row_group_size=13
        )
    else:
        data = {".gz": gzip.compress, ".zst": zstandard.compress}.get(path.suffix, bytes)(lines)
        path.write_bytes(data)
    return path


def dedup(path: Path, out: Path, *options: str) -> pa.Table:
    assert main(["dedup", str(path), "--out", str(out), *options]) == 0
    return pq.read_table(out)


def kept(table: pa.Table) -> set[str]:
    return set(table.filter(table["keep"])["id"].to_pylist())


def test_the_command_and_the_steps_of_a_run_remove_the_same(tmp_path: Path) -> None:
    rows = corpus(seed=8, works=60)
    table = dedup(write(tmp_path / "d.parquet", documents(rows)), tmp_path / "r.parquet")
    removed = {r["doc_id"]: (r["mate"], r["kind"], r["jaccard"]) for r in duplicates([rows]) if r["mate"]}
    found = {r["id"]: (r["mate"], r["kind"], r["jaccard"]) for r in table.to_pylist() if not r["keep"]}
    assert found == removed and len(found) > 50


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_formats_order_and_threads_do_not_matter(tmp_path: Path, suffix: str) -> None:
    rows = documents(corpus())
    dedup(write(tmp_path / "a.parquet", rows), tmp_path / "a.out")
    shuffled = random.Random(3).sample(rows, len(rows))
    dedup(write(tmp_path / f"b{suffix}", shuffled), tmp_path / "b.out", "--threads", "1")
    assert (tmp_path / "a.out").read_bytes() == (tmp_path / "b.out").read_bytes()


def test_the_hash_seed_does_not_matter_and_pandas_is_not_needed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", documents(corpus()))
    outs = []
    for seed in ("0", "77"):
        out = tmp_path / f"{seed}.out"
        code = (
            "import sys; from pipelines.cli import main; code = main(sys.argv[1:]); "
            "sys.exit(code or 10 * ('pandas' in sys.modules))"
        )
        arguments = [sys.executable, "-c", code, "dedup", str(path), "--out", str(out)]
        subprocess.run(arguments, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]


def test_an_index_run_keeps_what_a_full_run_keeps(tmp_path: Path) -> None:
    rows = documents(corpus(seed=9, works=80))
    rng = random.Random(4)
    rng.shuffle(rows)
    rows += [{**rows[0], "id": "a-copy"}, {**rows[60], "id": "zz-copy", "version": 9}]
    cuts = [rows[:70], rows[70:100], rows[100:]]
    full = dedup(write(tmp_path / "full.parquet", rows), tmp_path / "full.out")
    options: list[str] = []
    for k, part in enumerate(cuts):
        path = write(tmp_path / f"part{k}.parquet", part)
        table = dedup(path, tmp_path / f"{k}.out", *options, "--index-out", str(tmp_path / f"index{k}"))
        options = ["--index", str(tmp_path / f"index{k}")]
    assert table.drop_columns(["change"]).equals(full)
    changes = dict(zip(table["id"].to_pylist(), table["change"].to_pylist(), strict=True))
    new = {str(r["id"]) for r in cuts[2]}
    assert {"new_copy_of_old", "old_superseded_by_new"} <= set(changes.values())
    for name, change in changes.items():
        assert change is None or (name in new) == (change == "new_copy_of_old")


def test_an_index_of_other_parameters_or_with_the_same_ids_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "d.parquet", documents(corpus(works=3)))
    index = str(tmp_path / "index")
    dedup(path, tmp_path / "r.parquet", "--index-out", index)
    assert main(["dedup", str(path), "--out", "r", "--index", index, "--min-jaccard", "0.8"]) == 2
    assert "other parameters: min_jaccard" in capsys.readouterr().err
    assert main(["dedup", str(path), "--out", "r", "--index", index]) == 2
    assert "stands in the new file and in the index" in capsys.readouterr().err


def test_identity_needs_its_option(tmp_path: Path) -> None:
    rng = random.Random(5)
    rows: Rows = [{"id": f"v{v}", "text": " ".join(text_of(rng)), "version": v, "work_id": "w"} for v in (1, 2)]
    path = write(tmp_path / "d.jsonl", rows)
    assert kept(dedup(path, tmp_path / "r.parquet")) == {"v1", "v2"}
    table = dedup(path, tmp_path / "r.parquet", "--identity")
    assert kept(table) == {"v2"} and table["kind"].to_pylist() == ["identity", None]


def test_a_work_is_what_its_scope_says(tmp_path: Path) -> None:
    rng = random.Random(5)
    sources = {"a": "off", "b": "off", "c": "within", "d": "within", "e": None, "f": "across"}
    rows: Rows = [
        {"id": i, "text": " ".join(text_of(rng)), "work_id": "w", "source": s, "version": k}
        for k, (i, s) in enumerate(sources.items())
    ]
    rows += [{"id": f"n{i}", "text": " ".join(text_of(rng)), "work_id": ""} for i in range(2)]
    path = write(tmp_path / "d.jsonl", rows)
    options = ["--identity", "--scope", "off=off", "--scope", "within=within"]
    assert kept(dedup(path, tmp_path / "r.parquet", *options)) == {"a", "b", "d", "f", "n0", "n1"}


def test_replay_text_with_a_work_id_is_a_version_of_that_work(tmp_path: Path) -> None:
    rng = random.Random(5)
    works = {"p": "w", "r1": "w", "r2": "w", "r3": "own", "r4": "own", "s": "own", "r5": None, "r6": ""}
    rows: Rows = [
        {"id": i, "text": " ".join(text_of(rng)), "work_id": w, "source": {"r": "replay", "s": "web"}.get(i[0], "a")}
        for i, w in works.items()
    ]
    path = write(tmp_path / "d.jsonl", [{**r, "version": k} for k, r in enumerate(rows)])
    table = dedup(path, tmp_path / "r.parquet", "--identity", "--scope", "replay=papers", "--scope", "web=papers")
    assert kept(table) == {"p", "r4", "s", "r5", "r6"}
    assert {r["id"]: r["mate"] for r in table.to_pylist() if r["mate"]} == {"r1": "p", "r2": "p", "r3": "r4"}


def test_a_scope_of_no_source_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "d.jsonl", [{"id": "a", "text": "x", "source": "replay"}, {"id": "b", "text": "y"}])
    assert main(["dedup", str(path), "--out", str(tmp_path / "r"), "--scope", "repaly=off"]) == 2
    assert "no document has the source 'repaly'; sources: replay" in " ".join(capsys.readouterr().err.split())


def test_why_shows_both_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = text_of(random.Random(6))
    rows: Rows = [
        {"id": "old", "version": 1, "work_id": None, "text": " ".join([*words[:100], "Lost", "words,", *words[100:]])},
        {"id": "new", "version": 2, "work_id": None, "text": " ".join([*words[:100], "Found", "words.", *words[100:]])},
    ]
    path = write(tmp_path / "d.jsonl", rows)
    assert main(["dedup", str(path), "--why", "old"]) == 0
    out = capsys.readouterr().out
    assert "old is removed (near); new stays." in out and "Jaccard 0.9" in out
    assert "old: Lost\n" in out and "new: Found\n" in out
    assert main(["dedup", str(path), "--why", "new"]) == 0
    assert "new is kept" in capsys.readouterr().out
    assert main(["dedup", str(path), "--why", "none"]) == 2


def test_why_folds_as_the_comparison_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = text_of(random.Random(6))
    rows: Rows = [
        {"id": "old", "version": 1, "text": " ".join([*words[:100], "e\ufb03cient", "lost", *words[100:]])},
        {"id": "new", "version": 2, "text": " ".join([*words[:100], "efficient", "found", *words[100:]])},
    ]
    path = write(tmp_path / "d.jsonl", rows)
    assert main(["dedup", str(path), "--why", "old", "--nfkc"]) == 0
    assert "Longest differences\n  1 words\n    old: lost\n    new: found" in capsys.readouterr().out


def test_why_tells_of_a_copy_that_only_the_index_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = text_of(random.Random(7))
    old = write(tmp_path / "old.jsonl", [{"id": "old", "version": 2, "text": " ".join(words)}])
    new = write(tmp_path / "new.jsonl", [{"id": "new", "version": 1, "text": " ".join(words[5:])}])
    assert main(["dedup", str(old), "--index-out", str(tmp_path / "index")]) == 0
    assert main(["dedup", str(new), "--index", str(tmp_path / "index"), "--why", "new"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "new is removed (near); old stays. Jaccard 0.9" in out and "that of old is not in" in out


def test_passages_of_long_texts_join_to_the_texts() -> None:
    rng = random.Random(8)
    common = ["the", "of", "and", "in", "to", "a", "is", "that", "we", "for", "with", "as", "by", "on"]
    ours = [rng.choice(common) if rng.random() < 0.6 else "".join(rng.choices("abcdef", k=4)) for _ in range(60_000)]
    theirs = list(ours)
    for _ in range(200):
        at = rng.randrange(len(theirs))
        theirs[at : at + 3] = ["other"] * rng.randint(0, 6)
    theirs[20_000:20_000] = ["moved"] * 2000
    found = passages(" ".join(ours), " ".join(theirs))
    assert " ".join(p.ours for p in found if p.ours) == " ".join(ours)
    assert " ".join(p.theirs for p in found if p.theirs) == " ".join(theirs)
    assert all((p.ours == p.theirs) == p.shared for p in found)
    assert sum(p.words for p in found if p.shared) > 59_000


def test_the_s_curve_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dedup", "--explain-params"]) == 0
    assert "0.80  0.9769" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', "'a' stands there more than once"),
        ("a.jsonl", '{"id": "a"}\n', "line 1: needs `id`"),
        ("a.jsonl", '{"id": \n', "line 1 is no JSON"),
        ("a.jsonl", "", "holds no documents"),
        ("a.parquet", "PAR", "cannot be read as Parquet"),
        ("none/a.jsonl", None, "is no file"),
    ],
)
def test_wrong_files_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    assert main(["dedup", str(path), "--out", str(tmp_path / "r.parquet")]) == 2
    error = capsys.readouterr().err
    assert message in error and name in error
    assert not (tmp_path / "r.parquet").exists()


@pytest.mark.parametrize("options", [[], ["d.jsonl"], ["d.jsonl", "--out", "r", "--scope", "a=b"]])
def test_wrong_use_says_what_to_do(options: list[str]) -> None:
    assert main(["dedup", *options]) == 2


def test_one_text_and_no_text(tmp_path: Path) -> None:
    rows: Rows = [{"id": "a", "text": "", "work_id": None}, {"id": "b", "text": "", "work_id": None}]
    assert kept(dedup(write(tmp_path / "d.jsonl", rows), tmp_path / "r.parquet")) == {"a", "b"}
