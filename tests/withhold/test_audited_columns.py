"""Whatever column of a release holds a benchmark, in one row or over several, an audit finds it there or refuses the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.withhold.compared import COLUMNS, runs
from pipelines.cli import main
from schemas.files import sha256_of
from schemas.released import KINDS
from tests.data_cards.card_release import write_release
from tests.withhold import verifier
from tests.withhold.audit_release import (
    CHOICES,
    QUESTION,
    SHORT_CHOICES,
    SHORT_QUESTION,
    WITHHELD,
    Given,
    document,
    given,
    pair,
    prose,
)


@pytest.fixture
def benchmark(tmp_path: Path) -> Given:
    return given(tmp_path / "benchmark")


def audit(release: Path, benchmark: Given) -> dict[str, Any]:
    """The audit.json of the command; its counts are those of a stranger."""
    main(["audit", str(release), "--benchmark", str(benchmark.benchmark)])
    told: dict[str, Any] = json.loads((release / "audit.json").read_text())
    repeated, counted = verifier.count(release, release)
    if all(find["kind"] != "manifest" for find in told["finds"]):
        assert repeated == counted
    return told


def refused(release: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["audit", str(release), "--benchmark", str(benchmark.benchmark)]) == 2
    assert not (release / "audit.json").exists()
    told = capsys.readouterr()
    return " ".join((told.out + told.err).split())


def strings(name: str, kind: pa.DataType) -> list[str]:
    """Places of a column where text may stand."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return strings(name, kind.value_type)
    if pa.types.is_struct(kind):
        return [place for inner in kind for place in strings(f"{name}.{inner.name}", inner.type)]
    return [name] if pa.types.is_string(kind) or pa.types.is_large_string(kind) else []


PLACES = [(kind, place) for kind, table in KINDS.items() for f in table.fields for place in strings(f.name, f.type)]


def holding(kind: str, place: str, said: str) -> dict[str, Any]:
    """A row in which a place says something, and nothing else of the benchmark."""
    column, _, inner = place.partition(".")
    list_of = {
        "categories": [said],
        "sections": [{"kind": said, "start": 0, "end": 1}],
        **{
            name: [{"role": "user", "content": "What is said?"} | {inner: said}]
            for name in ("messages", "prompt", "completion")
        },
    }
    row = document(20, prose(60)) if kind == "documents" else pair(20)
    return row | {column: list_of.get(column, said)}


def release_of(folder: Path, kind: str, *rows: dict[str, Any]) -> Path:
    """A release of these rows beside honest ones."""
    honest = [document(n, prose(100 + n, 80)) for n in range(4)]
    if kind == "documents":
        return write_release(folder, {"public": [*honest, *rows]})
    return write_release(folder, {"public": honest}, [pair(0), *rows])


def test_every_place_of_a_row_that_may_hold_text_is_compared_or_closed() -> None:
    assert len(PLACES) > 25
    for kind, place in PLACES:
        columns, (column, _, inner) = COLUMNS[kind], place.partition(".")
        form = columns.forms.get(column)
        is_closed = form is not None and (form.field or "") == inner
        assert is_closed or column in (*columns.texts, *columns.beside), place


@pytest.mark.parametrize(("kind", "place"), PLACES, ids=[f"{kind} {place}" for kind, place in PLACES])
def test_an_item_stands_nowhere_unseen(
    tmp_path: Path, benchmark: Given, kind: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    release = release_of(tmp_path / "release", kind, holding(kind, place, QUESTION))
    column, _, inner = place.partition(".")
    form = COLUMNS[kind].forms.get(column)
    if form is not None and (form.field or "") == inner:
        assert f"column {column}" in (said := refused(release, benchmark, capsys))
        assert QUESTION[:40] in said and form.said in said
        return
    told = audit(release, benchmark)
    finds = [find for find in told["finds"] if find["layer"] == "text" and find["kind"] == kind]
    assert {find["entry"] for find in finds} == {"items.jsonl:1"} and told["passed"] is False
    assert "text" in told["compared"][kind][column]


@pytest.mark.parametrize("column", ["authors", "source", "source_id", "doi", "licence", "url", "attribution"])
def test_a_withheld_text_is_seen_in_every_column(tmp_path: Path, benchmark: Given, column: str) -> None:
    said = " ".join(WITHHELD.split()[100:300])
    told = audit(release_of(tmp_path / "release", "documents", holding("documents", column, said)), benchmark)
    assert [(find["layer"], find["id"]) for find in told["finds"]] == [("copy", "arXiv:2301.00020v1")]


@pytest.mark.parametrize("column", ["authors", "source", "source_id", "licence", "title", "categories", "url"])
@pytest.mark.parametrize(
    ("work", "found"),
    [
        ("arXiv:2105.00001v2", "made"),
        ("10.1146/annurev-astro-081811-125615", "ARAA"),
        ("https://doi.org/10.1146/annurev-astro-081811-125615", "made"),
    ],
)
def test_a_work_is_seen_in_every_column(
    tmp_path: Path, benchmark: Given, column: str, work: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    release = release_of(tmp_path / "release", "documents", holding("documents", column, work))
    if column == "categories" and (len(work) > 40 or not work[0].isalpha()):
        assert "column categories has" in refused(release, benchmark, capsys)
        return
    finds = audit(release, benchmark)["finds"]
    assert found in {find["benchmark"] for find in finds if find["layer"] == "identity"}


@pytest.mark.parametrize(("column", "found"), [("engine", "refused"), ("pair_id", "found"), ("doc_id", "found")])
def test_a_work_is_seen_in_every_column_of_a_pair(tmp_path: Path, benchmark: Given, column: str, found: str) -> None:
    row = holding("pairs", column, "10.1146/annurev-astro-081811-125615")
    finds = audit(release_of(tmp_path / "release", "pairs", row), benchmark)["finds"]
    assert {(find["benchmark"], find["layer"]) for find in finds} == {("made", "identity"), ("ARAA", "identity")}


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"authors": SHORT_QUESTION}, True),
        ({"authors": f"Which of these? {SHORT_QUESTION}"}, True),
        ({"title": SHORT_QUESTION}, False),
        ({"title": SHORT_QUESTION, "attribution": f"CC BY 4.0, “{SHORT_QUESTION}”, A. Writer"}, False),
        ({"attribution": f"{SHORT_QUESTION} {' '.join(SHORT_CHOICES)}"}, True),
        ({"authors": SHORT_QUESTION[:30], "source": SHORT_QUESTION[30:]}, False),
        ({"title": QUESTION[: len(QUESTION) // 2], "authors": QUESTION[len(QUESTION) // 2 :]}, True),
        ({"authors": " ".join(CHOICES)}, False),
    ],
    ids=[
        *("a question alone", "most of a column", "a title that asks", "its attribution", "with its choices"),
        *("a short one in two columns", "a long one in two columns", "choices"),
    ],
)
def test_what_counts_beside_the_text(tmp_path: Path, benchmark: Given, columns: dict[str, str], found: bool) -> None:
    told = audit(release_of(tmp_path / "release", "documents", document(20, prose(60), **columns)), benchmark)
    assert bool(told["finds"]) is found


WORDS = QUESTION.split()


@pytest.mark.parametrize(
    ("kind", "column", "parts"),
    [
        ("documents", "authors", [" ".join(WORDS[:13]), " ".join(WORDS[13:])]),
        ("documents", "title", WORDS),
        ("documents", "source_id", WORDS),
        ("documents", "text", [f"{prose(70)} {' '.join(WORDS[:13])}", f"{' '.join(WORDS[13:])} {prose(71)}"]),
        ("documents", "text", WORDS),
        ("pairs", "answer", [" ".join(WORDS[i : i + 4]) for i in range(0, len(WORDS), 4)]),
        ("pairs", "evidence", WORDS),
        ("pairs", "messages", [" ".join(WORDS[:12]), " ".join(WORDS[12:])]),
        ("pairs", "prompt", [" ".join(WORDS[:12]), " ".join(WORDS[12:])]),
        ("pairs", "completion", [" ".join(WORDS[:12]), " ".join(WORDS[12:])]),
        ("pairs", "engine", WORDS[:-1]),
    ],
)
def test_an_item_that_lies_over_several_rows_is_seen(
    tmp_path: Path, benchmark: Given, kind: str, column: str, parts: list[str]
) -> None:
    made = {
        "documents": lambda n: document(20 + n, prose(60 + n, 40)),
        "pairs": lambda n: pair(20 + n, messages=[{"role": "user", "content": "Why?"}]),
    }
    rows = [
        made[kind](n)
        | holding(kind, f"{column}.content" if column in ("messages", "prompt", "completion") else column, part)
        for n, part in enumerate(parts)
    ]
    for n, row in enumerate(rows):
        row["id" if kind == "documents" else "pair_id"] = f"row-{n}"
    told = audit(release_of(tmp_path / "release", kind, *rows), benchmark)
    finds = [find for find in told["finds"] if find["layer"] == "text"]
    assert {(find["id"], find["where"]) for find in finds} == {("row-0", f"{column} of several rows")}


def test_what_lies_over_two_row_groups_is_seen_and_told_once(tmp_path: Path, benchmark: Given) -> None:
    rows = [document(n, prose(60 + n, 40)) for n in range(4)]
    rows[1]["authors"], rows[2]["authors"] = " ".join(WORDS[:13]), " ".join(WORDS[13:])
    release = write_release(tmp_path / "release", {"public": rows})
    assert pq.read_metadata(release / "public/shard-00000.parquet").num_row_groups == 2
    assert [find["id"] for find in audit(release, benchmark)["finds"]] == [rows[1]["id"]]
    rows[1]["authors"], rows[2]["authors"] = QUESTION, "Nobody"
    write_release(release, {"public": rows})
    assert [find["id"] for find in audit(release, benchmark)["finds"]] == [rows[1]["id"]]


def test_what_stands_apart_in_two_rows_is_no_item(tmp_path: Path, benchmark: Given) -> None:
    rows = [document(n, prose(60 + n, 40)) for n in range(40)]
    rows[2]["authors"], rows[30]["authors"] = " ".join(WORDS[:12]), " ".join(WORDS[12:])
    for n in range(3, 30):
        rows[n]["authors"] = prose(n, 30)
    assert audit(write_release(tmp_path / "release", {"public": rows}), benchmark)["finds"] == []


def test_a_withheld_text_that_lies_over_many_rows_is_seen(tmp_path: Path, benchmark: Given) -> None:
    words = WITHHELD.split()
    rows = [document(20 + n, " ".join(words[i : i + 12])) for n, i in enumerate(range(0, len(words), 12))]
    told = audit(release_of(tmp_path / "release", "documents", *rows), benchmark)
    assert {(find["layer"], find["where"]) for find in told["finds"]} == {("copy", "text of several rows")}


def test_runs_of_a_column() -> None:
    long = "a" * 600 + "b" * 600
    head, tail = long[:500], long[-500:]
    assert list(runs(["x", None, "y", long, "z", ["c", "d"]])) == [
        [(0, "x"), (2, "y"), (3, head)],
        [(3, tail), (4, "z"), (5, "c\n\nd")],
    ]
    assert list(runs([long, long])) == [[(0, tail), (1, head)]]
    assert list(runs(["x"])) == list(runs([None, long])) == list(runs([])) == []


CODED = {
    "references": QUESTION.replace(" ", "&nbsp;"),
    "references twice": QUESTION.replace(" ", "&amp;nbsp;"),
    "numbers": "".join(f"&#{ord(c)};" for c in QUESTION),
    "percent": QUESTION.replace(" ", "%20"),
    "tags": " ".join(f"<b>{word[:1]}</b>{word[1:]}" for word in WORDS),
    "lines": "<br/>".join(WORDS),
    "comments": " ".join(f"{word[:2]}<!-- so it is -->{word[2:]}" for word in WORDS),
    "escapes": "".join(f"\\u{ord(c):04x}" for c in QUESTION),
    "percent letters": "".join(f"%{ord(c):02X}" for c in QUESTION),
    "footnotes": " ".join(f"{word}[^{n}]" for n, word in enumerate(WORDS)),
    "raised numbers": "\u00b9\u00b2 ".join(WORDS),
    "a page": f"<p>{'</p><P class=x>'.join(WORDS)}</p>",
}


@pytest.mark.parametrize("said", CODED.values(), ids=CODED.keys())
@pytest.mark.parametrize(("kind", "column"), [("documents", "text"), ("documents", "authors"), ("pairs", "answer")])
def test_what_a_browser_would_show_is_seen(tmp_path: Path, benchmark: Given, kind: str, column: str, said: str) -> None:
    told = audit(release_of(tmp_path / "release", kind, holding(kind, column, said)), benchmark)
    assert {find["entry"] for find in told["finds"]} == {"items.jsonl:1"}


def manifest_with(release: Path, change: Any) -> Path:
    manifest = json.loads((release / "manifest.json").read_text())
    change(manifest)
    (release / "manifest.json").write_text(json.dumps(manifest))
    return release


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(name=QUESTION),
        lambda m: m.update(name=SHORT_QUESTION),
        lambda m: m["licences"].update({"public": QUESTION.split("?")}),
        lambda m: m["licences"].update({QUESTION: []}),
        lambda m: m.update(open_failures={"count": 1, "first": [QUESTION]}),
        lambda m: m.update(open_failures={"count": len(WORDS), "first": WORDS}),
        lambda m: m.update(name="10.1146/annurev-astro-081811-125615"),
    ],
    ids=["name", "short", "licences", "a tier", "failures", "words", "a work"],
)
def test_what_the_manifest_says_is_compared(tmp_path: Path, benchmark: Given, change: Any) -> None:
    release = manifest_with(release_of(tmp_path / "release", "documents"), change)
    told = audit(release, benchmark)
    assert {(find["kind"], find["id"]) for find in told["finds"]} == {("manifest", "manifest.json")}
    assert told["passed"] is False


def test_the_name_of_a_file_is_compared(tmp_path: Path, benchmark: Given) -> None:
    release, name = release_of(tmp_path / "release", "documents"), f"public/{'-'.join(WORDS).rstrip('?')}.parquet"
    (release / "public/shard-00000.parquet").rename(release / name)
    manifest_with(release, lambda m: m["files"][0].update(file=name))
    assert {find["kind"] for find in audit(release, benchmark)["finds"]} == {"manifest"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace('"format"', f'"note": "{QUESTION}", "format"', 1),
            "a key that we do not write, 'note'",
        ),
        (lambda text: text.replace('"tier"', '"why": "x", "tier"', 1), "a key that we do not write, 'why'"),
        (lambda text: text.replace('"name"', f'"name": "{QUESTION}", "name"', 1), "the key 'name' stands there twice"),
    ],
)
def test_what_the_manifest_may_not_say_is_refused(
    tmp_path: Path, benchmark: Given, change: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    release = release_of(tmp_path / "release", "documents")
    path = release / "manifest.json"
    path.write_text(change(path.read_text()))
    assert said in refused(release, benchmark, capsys)


def test_a_footer_by_another_writer_is_refused(
    tmp_path: Path, benchmark: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    release = release_of(tmp_path / "release", "documents")
    path = release / "public/shard-00000.parquet"
    body, writer = path.read_bytes(), pq.read_metadata(path).created_by.encode()
    path.write_bytes(body.replace(writer, b"which process sets the upper mass limit"[: len(writer)].ljust(len(writer))))
    told = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
    manifest_with(release, lambda m: m["files"][0].update(told))
    assert "footer: written by 'which process" in refused(release, benchmark, capsys)


def test_an_audit_says_what_it_compared(tmp_path: Path, benchmark: Given) -> None:
    told = audit(release_of(tmp_path / "release", "pairs"), benchmark)["compared"]
    assert set(told) == {"documents", "pairs", "manifest.json"}
    assert told["documents"]["route"] == ["value: one of latex, latex-resync, pandoc, pdf, ocr, text"]
    assert told["documents"]["authors"] == ["text", "ids"]
    assert told["pairs"]["messages"] == ["text", "role: one of system, user, assistant, tool"]
