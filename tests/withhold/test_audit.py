"""What was smuggled into a release past the pipeline is found in its files alone, named, and repeated by a stranger."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from curation.withhold.tokens import tokens
from pipelines.cli import main
from schemas.files import AUDIT_FILES, sha256_of
from tests.data_cards.card_release import write_release
from tests.withhold import verifier
from tests.withhold.audit_release import (
    CHOICES,
    QUESTION,
    SHORT_CHOICES,
    SHORT_QUESTION,
    SMUGGLED,
    WITHHELD,
    Given,
    clean_release,
    clean_rows,
    document,
    given,
    mirrored,
    pair,
    prose,
    smuggled_release,
)
from tests.withhold.hash_attacker import Attacker


@pytest.fixture
def benchmark(tmp_path: Path) -> Given:
    return given(tmp_path / "benchmark")


def audited(release: Path, benchmark: Given, *more: str) -> tuple[int, dict[str, Any]]:
    """Exit code and audit.json of the command."""
    code = main(["audit", str(release), "--benchmark", str(benchmark.benchmark), *more])
    return code, json.loads((release / "audit.json").read_text())


def named(audit: dict[str, Any], kind: str) -> dict[str, set[tuple[str, str]]]:
    """By row the (layer, entry) that name it."""
    found: dict[str, set[tuple[str, str]]] = {}
    for find in audit["finds"]:
        if find["kind"] == kind:
            found.setdefault(find["id"], set()).add((find["layer"], find["entry"]))
    return found


def test_everything_that_was_smuggled_in_is_named(
    tmp_path: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    code, audit = audited(smuggled_release(tmp_path / "release"), benchmark)
    documents = named(audit, "documents")
    assert code == 1 and audit["passed"] is False
    for number, (what, wanted) in enumerate(SMUGGLED.items()):
        assert wanted in documents.pop(f"arXiv:2301.{20 + number:05d}v1"), what
    assert documents == {}, "no clean paper is named"
    assert named(audit, "pairs") == {
        "pair-1": {("identity", "withheld~0123456789abcdef")},
        "pair-2": {("copy", "withheld~0123456789abcdef")},
        "pair-3": {("text", "items.jsonl:1")},
    }
    said = capsys.readouterr().out
    for find in audit["finds"]:
        line = f"{find['id']} (tier public): {find['benchmark']}, {find['entry']}, layer {find['layer']}"
        assert line in said
    assert "FAILED" in said


def test_a_clean_release_passes_and_tells_how_near_it_came(
    tmp_path: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    code, audit = audited(clean_release(tmp_path / "release"), benchmark)
    assert code == 0 and audit["passed"] is True and audit["finds"] == []
    assert audit["rows"] == {"documents": 9, "pairs": 1}
    made = next(b for b in audit["benchmarks"] if b["name"] == "made")
    checked = {name: layer["checked"] for name, layer in made["layers"].items()}
    assert checked == {"identity": 2, "bibliographic": 1, "copy": 1, "text": 2}
    nearest = made["layers"]["text"]["nearest"][0]
    assert nearest == {"kind": "documents", "entry": "items.jsonl:1", "rule": "question", "score": 400}
    assert "nearest miss arXiv:2301.00008v1, items.jsonl:1, score 400" in " ".join(capsys.readouterr().out.split())


AUDIT = "import sys; from pipelines.cli import main; sys.exit(main(sys.argv[1:]))"


def test_audits_of_two_environments_agree_byte_for_byte(tmp_path: Path, benchmark: Given) -> None:
    release = smuggled_release(tmp_path / "release")
    written = []
    for number, seed in enumerate(("1", "2")):
        home, out = tmp_path / f"home-{number}", tmp_path / f"out-{number}"
        home.mkdir()
        moved = tmp_path / f"moved-{number}"
        shutil.copytree(tmp_path / "benchmark", moved / "benchmark")
        shutil.copytree(release, moved / "release")
        arguments = ["audit", str(moved / "release"), "--benchmark", str(moved / "benchmark/benchmark.yaml")]
        arguments += ["--out", str(out), "--workers", str(number + 1)]
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ}
        environment = kept | {"HOME": str(home), "PYTHONHASHSEED": seed, "TZ": ("UTC", "Asia/Tokyo")[number]}
        done = subprocess.run(
            [sys.executable, "-c", AUDIT, *arguments], env=environment, cwd=home, capture_output=True, text=True
        )
        assert done.returncode == 1, done.stderr
        written.append({name: (out / name).read_bytes() for name in AUDIT_FILES})
        assert str(tmp_path) not in written[-1]["audit.json"].decode()
    assert written[0] == written[1]


@pytest.mark.parametrize("make", [clean_release, smuggled_release])
def test_a_stranger_repeats_the_counts_from_the_hashes(tmp_path: Path, benchmark: Given, make: Any) -> None:
    release = make(tmp_path / "release")
    audited(release, benchmark)
    found, told = verifier.count(release, release)
    assert found == told
    assert bool(told) == (make is smuggled_release)


def test_the_verifier_is_short_and_knows_nothing_of_ours() -> None:
    body = Path(verifier.__file__).read_text()
    assert len(body.splitlines()) <= 200
    imported = {line.split()[1].split(".")[0] for line in body.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= {
        "pyarrow",
        "hashlib",
        "json",
        "re",
        "unicodedata",
        "collections",
        "pathlib",
        "sys",
        "html",
        "urllib",
    }


PIECES = (
    "star",
    "Ly",
    "-\n",
    "\u2010 \n",
    "\\alpha",
    "\\'",
    "\\c{",
    "{",
    "}",
    "}{",
    "e\u0301",
    "\ufb01",
    "H_2",
    " ",
    "\n",
    "\u00ad",
    "\u1e9e",
    "\uff21",
    "5",
    "$",
    "\\",
    "\u0130",
    "\u0345",
)


@examples(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=30).map("".join))
def test_the_page_says_what_tokens_are(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert verifier.tokens(text) == tokens(text)


def test_the_benchmark_stays_out_of_what_is_published(tmp_path: Path, benchmark: Given) -> None:
    release = clean_release(tmp_path / "release")
    audited(release, benchmark)
    words = [*QUESTION.lower().split(), *" ".join(CHOICES).split(), *SHORT_QUESTION.lower().split()]
    secret = [" ".join(words[i : i + 4]) for i in range(len(words) - 3)] + [*CHOICES, *SHORT_CHOICES, WITHHELD[:60]]
    for path in release.rglob("*"):
        if path.name in AUDIT_FILES:
            text = json.dumps(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text()
            assert not [s for s in secret if s.lower() in text.lower()], path.name


def vocabulary() -> list[str]:
    return tokens(" ".join((QUESTION, SHORT_QUESTION, *CHOICES, *SHORT_CHOICES)))


def test_who_knows_every_word_of_a_question_reads_none_of_it_but_what_the_release_says(
    tmp_path: Path, benchmark: Given
) -> None:
    release = clean_release(tmp_path / "release")
    audited(release, benchmark)
    attacker = Attacker(release, release / "benchmark-hashes.parquet", vocabulary())
    seed = {" ".join(gram) for gram in attacker.seed.values()}
    assert seed == {"mass limit of stars that", "form from the primordial gas"}
    assert attacker.read == attacker.seed


def test_the_attacker_reads_what_overlaps(tmp_path: Path, benchmark: Given) -> None:
    from curation.withhold.hashed import hash_of, hashes_table

    words = tokens(QUESTION)
    row = {
        "benchmark": "made",
        "layer": "text",
        "entry": "items.jsonl:1",
        "digest": "0" * 16,
        "part": "question",
        "n": 5,
    }
    rows = [
        {**row, "place": i, "hash": hash_of(" ".join(words[i : i + 5]).encode())} for i in range(0, len(words) - 4, 2)
    ]
    pq.write_table(hashes_table(rows), tmp_path / "hashes.parquet")
    attacker = Attacker(clean_release(tmp_path / "release"), tmp_path / "hashes.parquet", vocabulary())
    assert len(attacker.seed) < len(attacker.read) == len(rows)


def test_what_is_told_of_a_withheld_text_does_not_overlap(tmp_path: Path) -> None:
    from curation.withhold.hashed import text_rows

    words = tokens(WITHHELD)
    told = {row["hash"] for row in text_rows("made", "withheld", words, "0" * 64)}
    at = [i for i in range(len(words) - 4) if verifier.digest(" ".join(words[i : i + 5])) in told]
    assert len(told) == len(at) == len(words) // 5
    assert min(b - a for a, b in pairwise(at)) == 5


def test_the_rows_of_nearest_name_no_row_of_the_release(tmp_path: Path, benchmark: Given) -> None:
    _, audit = audited(write(tmp_path / "release", SHORT_QUESTION, " ".join(QUESTION.split()[:12])), benchmark)
    near = [miss for b in audit["benchmarks"] for layer in b["layers"].values() for miss in layer["nearest"]]
    assert {miss["score"] for miss in near} == {1000, 400} and audit["finds"] == []
    assert all(set(miss) == {"kind", "entry", "rule", "score"} for miss in near)
    assert "2301.0000" not in json.dumps(audit)


def test_nearest_misses_do_not_depend_on_the_order_of_files() -> None:
    from curation.withhold.audit import NEAREST, nearest

    rows = [
        {"score": score, "kind": "documents", "id": f"d{n}", "entry": "e", "rule": "question", "tier": tier}
        for tier in ("research", "public")
        for n, score in enumerate((500, 400, 600, 300, 200, 100))
    ]
    told = nearest(rows)
    assert [(row["id"], row["tier"]) for row in told] == [(f"d{n}", "public") for n in (2, 0, 1, 3, 4)]
    assert nearest(rows[::-1]) == nearest([*told, *rows[6:], *rows]) == told and len(told) == NEAREST


def test_the_hashes_do_not_tell_the_key(tmp_path: Path, benchmark: Given) -> None:
    release = clean_release(tmp_path / "release")
    audited(release, benchmark)
    rows = pq.read_table(release / "benchmark-hashes.parquet").to_pylist()
    parts = {row["part"] for row in rows if row["entry"] == "items.jsonl:1"}
    assert parts == {"question", *(f"choice/{i}" for i in range(4))}


def test_neither_the_order_of_choices_nor_explanation_nor_digest_tells_the_key() -> None:
    from curation.withhold.hashed import item_rows
    from curation.withhold.items import Item

    why = [f"As simulations with ray tracing have shown, the correct answer is {choice}" for choice in CHOICES]
    told = [
        list(item_rows("made", Item("a:1", QUESTION, (*CHOICES[k:], *CHOICES[:k]), CHOICES[k], why[k])))
        for k in range(4)
    ]
    assert told[0] == told[1] == told[2] == told[3]


def write(folder: Path, *texts: str) -> Path:
    return write_release(folder, {"public": [document(i, text) for i, text in enumerate(texts)]})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{SHORT_QUESTION} {' '.join(SHORT_CHOICES)}", True),
        (f"{SHORT_QUESTION} {' '.join(SHORT_CHOICES[1:])}", True),
        (f"{SHORT_QUESTION} {' '.join(SHORT_CHOICES[2:])}", False),
        (f"{SHORT_QUESTION} {SHORT_CHOICES[2]}", False),
        (f"{' '.join(SHORT_CHOICES)} {prose(3, 150)} {SHORT_QUESTION}", True),
        (f"{SHORT_QUESTION} {prose(3, 300)} {' '.join(SHORT_CHOICES)}", False),
        (SHORT_QUESTION, False),
        (f"{SHORT_QUESTION.replace('at late', 'at very late')} {' '.join(SHORT_CHOICES)}", False),
        (f"{SHORT_QUESTION.replace('times', 'epochs')} {' '.join(SHORT_CHOICES)}", False),
        (" ".join(SHORT_CHOICES), False),
        (f"{' '.join(QUESTION.split()[:20])} {prose(3, 100)}", True),
        (f"{' '.join(QUESTION.split()[:12])} {prose(3, 100)}", False),
        (f"{' '.join(QUESTION.split()[:12])} {prose(3, 100)} {' '.join(QUESTION.split()[12:])}", False),
    ],
    ids=[
        "with its choices",
        "with three of four",
        "with half of them",
        "with a choice",
        "behind them",
        "too far",
        "alone",
        "changed",
        "another last word",
        "choices",
        "most of it",
        "half of it",
        "two halves apart",
    ],
)
def test_what_counts_as_an_item(tmp_path: Path, benchmark: Given, text: str, found: bool) -> None:
    _, audit = audited(write(tmp_path / "release", text), benchmark)
    assert bool(audit["finds"]) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" ".join(WITHHELD.split()[:80]), True),
        (f"{' '.join(WITHHELD.split()[:80])} {prose(4, 40)}", True),
        (f"{' '.join(WITHHELD.split()[:80])} {prose(4, 160)}", False),
        (" ".join(WITHHELD.split()[:18]), False),
        (mirrored(WITHHELD, 0.1), True),
        (mirrored(WITHHELD, 0.2), False),
        (" ".join(reversed(WITHHELD.split())), False),
    ],
    ids=["a split file", "mostly it", "a quotation", "a sentence", "a tenth changed", "a fifth changed", "backwards"],
)
def test_what_counts_as_a_copy(tmp_path: Path, benchmark: Given, text: str, found: bool) -> None:
    _, audit = audited(write(tmp_path / "release", text), benchmark)
    assert bool(audit["finds"]) is found


@pytest.mark.parametrize(
    "columns",
    [
        {"id": "2105.00001v2~00", "paper_id": "sha256:1"},
        {"url": "https://arxiv.org/abs/2105.00001v1", "paper_id": "sha256:1"},
        {"source_id": "2105.00001", "paper_id": "sha256:1"},
        {"doi": "https://doi.org/10.1146/ANNUREV-astro-081811-125615", "paper_id": "sha256:1"},
        {"paper_id": "doi:10.1146/annurev-astro-081811-125615"},
        {"paper_id": "arXiv:2105.00001"},
    ],
)
def test_a_work_is_named_however_its_ids_are_spelled(
    tmp_path: Path, benchmark: Given, columns: dict[str, object]
) -> None:
    release = write_release(tmp_path / "release", {"public": [document(1, prose(70), **columns)]})
    _, audit = audited(release, benchmark)
    assert [find["layer"] for find in audit["finds"] if find["benchmark"] == "made"] == ["identity"]
    found, told = verifier.count(release, release)
    assert found == told


def test_an_article_is_known_by_its_own_first_page(tmp_path: Path, benchmark: Given) -> None:
    page = "# A title\n\nAnnu. Rev. Astron. Astrophys. 2012. 50:455-489\n\nCopyright 2012 by Annual Reviews. All rights reserved\n\n"
    release = write_release(tmp_path / "release", {"public": [document(1, page + prose(71), paper_id="sha256:1")]})
    _, audit = audited(release, benchmark)
    assert [(find["benchmark"], find["entry"], find["rule"]) for find in audit["finds"]] == [
        ("ARAA", "rule araa", "page")
    ]
    found, told = verifier.count(release, release)
    assert found == told == {}


def test_formulas_are_no_copy(tmp_path: Path, benchmark: Given) -> None:
    from curation.withhold.hashed import hashes_table, text_rows

    math = " ".join(f"$x_{i % 10} + y_{i % 7} = {i % 9} z^{{{i % 8}}}$" for i in range(300))
    rows = list(text_rows("made", "formulas", tokens(math), "0" * 64))
    assert rows == []
    withheld = f"{math} {prose(9, 60)}"
    pq.write_table(hashes_table(text_rows("made", "formulas", tokens(withheld), "0" * 64)), benchmark.texts)
    _, audit = audited(write(tmp_path / "release", f"{math} {prose(10, 60)}"), benchmark)
    assert audit["finds"] == []


def test_the_evidence_of_a_pair_counts_only_nearly_word_for_word(tmp_path: Path, benchmark: Given) -> None:
    sentence = WITHHELD.split()[300:330]
    changed = [word if i not in (9, 15, 21) else "altered" for i, word in enumerate(sentence)]
    pairs = [
        pair(1, evidence=" ".join(changed)),
        pair(2, evidence=" ".join(sentence)),
        pair(3, text_sha256=sha_of(WITHHELD)),
    ]
    folder = write_release(tmp_path / "release", {"public": clean_rows()}, pairs)
    _, audit = audited(folder, benchmark)
    assert set(named(audit, "pairs")) == {"pair-2", "pair-3"}


LONG_ASIDE = prose(80, 400)
COPIED = " ".join(WITHHELD.split()[100:300])


@pytest.mark.parametrize(
    "columns",
    [
        {"question": QUESTION},
        {"question": SHORT_QUESTION, "answer": " or ".join(SHORT_CHOICES)},
        {"question": SHORT_QUESTION},
        {"reasoning": f"{LONG_ASIDE} {SHORT_QUESTION} {LONG_ASIDE}", "answer": SHORT_CHOICES[2]},
        {"reasoning": f"{LONG_ASIDE} {SHORT_QUESTION}", "evidence": SHORT_CHOICES[0]},
        {"question": QUESTION[: len(QUESTION) // 2], "evidence": QUESTION[len(QUESTION) // 2 :]},
        {"reasoning": f"One may ask: {QUESTION}"},
        {"answer": COPIED, "reasoning": LONG_ASIDE},
        {"reasoning": COPIED, "answer": LONG_ASIDE},
        {"messages": [{"role": "user", "content": LONG_ASIDE}, {"role": "assistant", "content": COPIED}]},
        {
            "messages": [
                {"role": "user", "content": SHORT_QUESTION},
                {"role": "assistant", "content": " or ".join(SHORT_CHOICES)},
            ]
        },
        {"completion": [{"role": "assistant", "content": COPIED}]},
        {
            "prompt": [{"role": "user", "content": SHORT_QUESTION}],
            "completion": [{"role": "assistant", "content": " or ".join(SHORT_CHOICES)}],
        },
    ],
    ids=[
        *("question", "question and answer", "short question", "reasoning and choice", "evidence and choice"),
        *("half in evidence", "reasoning", "answer beside reasoning", "reasoning beside answer"),
        *("message beside another", "messages", "completion", "prompt and completion"),
    ],
)
def test_every_column_of_a_pair_is_compared(tmp_path: Path, benchmark: Given, columns: dict[str, object]) -> None:
    honest = [{"role": "user", "content": "What is said?"}, {"role": "assistant", "content": prose(81, 60)}]
    row = {**pair(1), "messages": honest, **columns}
    folder = write_release(tmp_path / "release", {"public": clean_rows()}, [{**pair(0), "messages": honest}, row])
    _, audit = audited(folder, benchmark)
    assert set(named(audit, "pairs")) == {"pair-1"}
    found, told = verifier.count(folder, folder)
    assert found == told


@pytest.mark.parametrize(
    ("title", "text"),
    [(QUESTION, prose(82, 80)), (SHORT_QUESTION, f"{' or '.join(SHORT_CHOICES)}? {prose(83, 80)}")],
)
def test_the_title_of_a_document_is_compared(tmp_path: Path, benchmark: Given, title: str, text: str) -> None:
    folder = write_release(tmp_path / "release", {"public": [*clean_rows(), document(20, text, title=title)]})
    _, audit = audited(folder, benchmark)
    assert set(named(audit, "documents")) == {"arXiv:2301.00020v1"}
    found, told = verifier.count(folder, folder)
    assert found == told


def sha_of(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(("mode", "passes"), [("report", True), ("mask", False), ("withhold", False)])
def test_what_a_benchmark_only_reports_fails_no_audit(
    tmp_path: Path, benchmark: Given, mode: str, passes: bool
) -> None:
    body = benchmark.benchmark.read_text().replace("adapter: plain", f"adapter: plain, mode: {mode}")
    benchmark.benchmark.write_text(body)
    code, audit = audited(write(tmp_path / "release", QUESTION), benchmark)
    assert (code == 0, audit["passed"], len(audit["finds"])) == (passes, passes, 1)


def test_the_matrix_counts_by_source_and_names_the_manifest(tmp_path: Path, benchmark: Given) -> None:
    release = smuggled_release(tmp_path / "release")
    audited(release, benchmark)
    table = pq.read_table(release / "matrix.parquet")
    assert table.schema.metadata[b"astrocorpus.manifest_sha256"].decode() == sha256_of(release / "manifest.json")
    rows = {(r["source"], r["kind"], r["benchmark"], r["layer"]): (r["rows"], r["found"]) for r in table.to_pylist()}
    assert rows["arxiv", "documents", "made", "copy"][0] + rows["wikipedia", "documents", "made", "copy"][0] == 16
    assert (
        sum(
            found
            for (_, kind, name, layer), (_, found) in rows.items()
            if (kind, name, layer) == ("documents", "made", "copy")
        )
        == 3
    )
    assert rows[None, "pairs", "made", "copy"] == (4, 1)


def flipped(_: Given, release: Path) -> None:
    path = release / "public/shard-00000.parquet"
    body = bytearray(path.read_bytes())
    body[100] ^= 1
    path.write_bytes(body)


def manifest_of(release: Path, change: Any) -> None:
    path = release / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest["files"][0])
    path.write_text(json.dumps(manifest))


def with_columns(release: Path, change: Any) -> None:
    path = release / "public/shard-00000.parquet"
    table = pq.read_table(path)
    pq.write_table(change(table), path)
    told = {"bytes": path.stat().st_size, "sha256": sha256_of(path), "row_groups": [table.num_rows]}
    manifest_of(release, lambda entry: entry.update(told))


def binary(table: pa.Table) -> pa.Table:
    return table.set_column(table.schema.get_field_index("text"), "text", table["text"].cast(pa.large_binary()))


def extra(table: pa.Table) -> pa.Table:
    return table.append_column("note", pa.array([QUESTION] * table.num_rows))


def footer(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata({**table.schema.metadata, "note": QUESTION})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda g, r: (r / "public/shard-00000.parquet").write_bytes(b"x"), "manifest.json says"),
        (flipped, "manifest.json says"),
        (
            lambda g, r: manifest_of(r, lambda entry: entry.update(kind="chats")),
            "rows of kind chats, of which nobody knows",
        ),
        (lambda g, r: with_columns(r, lambda table: table.drop_columns(["text"])), "no column text"),
        (lambda g, r: with_columns(r, binary), "column text is of type large_binary, not large_string"),
        (lambda g, r: with_columns(r, extra), "public/shard-00000.parquet: column 'note' is none of the table release"),
        (lambda g, r: with_columns(r, footer), "footer: a key that we do not write, 'note'"),
        (lambda g, r: (r / "manifest.json").unlink(), "manifest.json: cannot be read"),
        (lambda g, r: (r / "run.json").write_text("{}"), "is a run folder"),
        (lambda g, r: g.benchmark.unlink(), "does not exist"),
        (lambda g, r: g.benchmark.write_text("- 1"), "holds no keys"),
        (
            lambda g, r: g.benchmark.write_text("name: ARAA\nrule: araa\ntexts: withheld.parquet"),
            "holds no text withheld for ARAA, but for made",
        ),
        (lambda g, r: g.texts.write_bytes(b"x"), "is no file of benchmark hashes"),
        (lambda g, r: pq.write_table(pq.read_table(g.texts).slice(0, 0), g.texts), "holds no hash"),
    ],
    ids=[
        "cut",
        "damaged",
        "of no kind",
        "without text",
        "no text",
        "extra column",
        "footer",
        "no release",
        "a run",
        "no benchmark",
        "no keys",
        "of others",
        "no index",
        "empty index",
    ],
)
def test_what_cannot_be_audited_is_told(
    tmp_path: Path, benchmark: Given, change: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    release = clean_release(tmp_path / "release")
    change(benchmark, release)
    command = ["audit", str(release), "--benchmark", str(benchmark.benchmark)]
    assert main(command) == 2
    told = capsys.readouterr()
    assert said in " ".join((told.out + told.err).split())
    assert not (release / "audit.json").exists()


def test_an_audit_that_could_find_nothing_is_an_error(
    tmp_path: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    items = tmp_path / "short.jsonl"
    rows = [
        {"question": "Why so?", "choices": ["warm gas", "cold gas", "hot gas"], "answer": "A"},
        {"question": SHORT_QUESTION, "choices": ["2", "3", "4", "none of these"], "answer": "A"},
    ]
    items.write_text("".join(json.dumps(row) + "\n" for row in rows))
    more = tmp_path / "more.yaml"
    more.write_text(f"benchmarks: [{{name: short, items: {items}, adapter: plain}}]")
    release = clean_release(tmp_path / "release")
    assert main(["audit", str(release), "--benchmark", str(more)]) == 2
    assert "benchmark 'short': nothing of it can be looked for" in " ".join(capsys.readouterr().err.split())
    assert not (release / "audit.json").exists()


def test_items_that_could_not_be_found_are_told(
    tmp_path: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    items = tmp_path / "benchmark/items.jsonl"
    more = [
        {"question": SHORT_QUESTION, "choices": ["2", "3"], "answer": "A"},
        {"question": "Why so?", "answer": "it is so because of the stars"},
        {"question": " + ".join(f"x_{n}" for n in range(20)), "choices": ["two words", "three words"], "answer": "A"},
    ]
    items.write_text(items.read_text() + "".join(json.dumps(row) + "\n" for row in more))
    _, audit = audited(clean_release(tmp_path / "release"), benchmark)
    made = next(b for b in audit["benchmarks"] if b["name"] == "made")
    assert (made["layers"]["text"]["checked"], made["layers"]["text"]["left_out"]) == (2, 3)
    assert made["layers"]["text"]["left_out_items"] == {
        "no_answer_beside": ["items.jsonl:3"],
        "few_tokens": ["items.jsonl:4"],
        "formulas_or_phrases": ["items.jsonl:5"],
    }
    said = " ".join(capsys.readouterr().out.split())
    assert "made, text: 3 items are too short to be found" in said
    assert "1 whose question has fewer than 5 tokens: items.jsonl:4" in said
    assert "1 which are formulas, or phrases that many texts share: items.jsonl:5" in said


def test_an_audited_release_below_a_source_is_left_out_of_it(tmp_path: Path, benchmark: Given) -> None:
    from curation.sources.ours import ours

    release = clean_release(tmp_path / "release")
    audited(release, benchmark)
    assert ours(release) is not None, "no file of it is a stranger's"


def test_a_release_in_a_bucket_is_audited_where_it_lies(tmp_path: Path, benchmark: Given, s3_uri: str) -> None:
    from curation.place import open_place

    release = smuggled_release(tmp_path / "release")
    place = open_place(s3_uri)
    for path in release.rglob("*"):
        if path.is_file():
            with place.writing(str(path.relative_to(release))) as sink:
                sink.write(path.read_bytes())
    command = ["--benchmark", str(benchmark.benchmark)]
    assert main(["audit", s3_uri, *command]) == 1
    audited(release, benchmark)
    assert place.read("audit.json") == (release / "audit.json").read_bytes()
