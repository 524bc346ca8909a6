"""From a run to an audited release: what the run withheld is found again when it is smuggled into what it released."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipelines.cli import main
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from schemas import PAIRS, RELEASE
from schemas.files import AUDIT_FILES, sha256_of
from tests.withhold.audit_release import CHOICES, QUESTION, SHORT_CHOICES, SHORT_QUESTION, mirrored, pair

_COMMON = "the of and in a to is that for with we are as by from this on which at be was an have not it between than or their these"
_RARE = (
    "galaxy cluster dust spectrum velocity mass halo stellar magnetic radiation emission density gradient opacity survey telescope "
    "photometry redshift luminosity accretion shock plasma binary orbit planet transit asteroid comet nebula supernova pulsar quasar "
    "burst jet disc spiral bulge dwarf giant sequence metallicity abundance isotope neutrino flux detector calibration residual model "
    "posterior likelihood sample catalogue measured observed inferred predicted compared bright faint distant nearby young old cold hot"
)
CONFIG = """
name: audited
sources: [{name: rows, path: rows.jsonl, licence: CC-BY-4.0}]
withhold:
  benchmarks:
    - {name: made, sources: works.txt, items: items.jsonl, adapter: plain}
    - {name: masked, items: masked.jsonl, adapter: plain, mode: mask}
decide:
  tiers: {public: {licences: [CC-BY-4.0]}}

"""


def english(seed: int, words: int = 900) -> str:
    """Sentences of English words without sense; two seeds share hardly an n-gram."""
    rng = random.Random(seed)
    said = [rng.choice((_COMMON if rng.random() < 0.4 else _RARE).split()) for _ in range(words)]
    return ". ".join(" ".join(said[i : i + 14]).capitalize() for i in range(0, words, 14)) + "."


WORK = english(1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that withheld a work, its mirror and a thesis that holds it; beside it the config, and the index of its texts."""
    folder = tmp_path_factory.mktemp("audited")
    rows: list[dict[str, Any]] = [
        {"id": f"plain-{i}", "text": english(10 + i), "title": f"Plain {i}"} for i in range(4)
    ]
    rows += [
        {"id": "work", "text": WORK, "title": "The work", "doi": "10.1146/annurev-astro-081811-125615"},
        {"id": "mirror", "text": mirrored(WORK), "title": "A mirror"},
        {"id": "thesis", "text": f"{english(2, 2500)} {WORK} {english(3, 2500)}", "title": "A thesis"},
    ]
    asked = ("asked", QUESTION, CHOICES), ("masked", SHORT_QUESTION, SHORT_CHOICES)
    for name, question, choices in asked:
        text = (
            f"{english(20)} {question}\n(a) {choices[0]}\n(b) {choices[1]}\n\n{english(21)}" if name == "asked" else ""
        )
        listed = "\n".join(f"({letter}) {choice}" for letter, choice in zip("abc", choices, strict=False))
        text = text or f"{english(22)} {question}\n{listed}\n\n{english(23)}"
        rows.append({"id": name, "text": text, "title": f"Text {name}"})
        item = {"question": question, "choices": list(choices), "answer": choices[0]}
        others = [{"question": "", "choices": [], "answer": None}, item | {"choices": list(choices)[::-1]}]
        said = [item, *others] if name == "asked" else [item]
        file = folder / {"asked": "items.jsonl"}.get(name, "masked.jsonl")
        file.write_text("".join(json.dumps(row) + "\n" for row in said))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "works.txt").write_text("10.1146/annurev-astro-081811-125615\n")
    (folder / "corpus.yaml").write_text(CONFIG)
    assert main(["run", str(folder / "corpus.yaml"), "--run", str(folder / "run"), "--executor", "inline"]) == 0
    assert main(["artefact", "withheld-texts", str(folder / "run"), "--out", str(folder / "withheld.parquet")]) == 0
    assert main(["release", str(folder / "run"), "--out", str(folder / "release")]) == 0
    (folder / "indexed.yaml").write_text(
        CONFIG.replace("adapter: plain}", "adapter: plain, texts: withheld.parquet}", 1)
    )
    return folder


def audit(run: Path, release: Path) -> tuple[int, dict[str, Any]]:
    code = main(["audit", str(release), "--benchmark", str(run / "indexed.yaml")])
    return code, json.loads((release / "audit.json").read_text())


def documents_of(run: Path, *names: str) -> list[dict[str, Any]]:
    """Documents of the run as rows of a release, with nothing but a place and a text."""
    tables = RunTables(open_store(run / "run"))
    found = (
        tables.scan("documents").filter(pl.col("doc_id").str.split("~").list.first().is_in(names)).collect().to_dicts()
    )
    assert len(found) == len(names)
    return [
        {
            "id": f"smuggled-{i}~0",
            "paper_id": f"sha256:{i}",
            "text": row["text"],
            "text_sha256": f"{i}" * 64,
            "licence": "CC-BY-4.0",
        }
        for i, row in enumerate(sorted(found, key=lambda row: names.index(row["doc_id"].split("~")[0])))
    ]


def smuggle(release: Path, kind: str, rows: list[dict[str, Any]]) -> None:
    """Add rows of a kind to tier public of a release, as a file of their own that the manifest names."""
    table = (PAIRS if kind == "pairs" else RELEASE).rows(rows)
    name = f"public/{kind}-smuggled.parquet"
    pq.write_table(table, release / name)
    path = release / "manifest.json"
    manifest = json.loads(path.read_text())
    entry = {"tier": "public", "kind": kind, "file": name, "rows": table.num_rows, "row_groups": [table.num_rows]}
    entry |= {"bytes": (release / name).stat().st_size, "sha256": sha256_of(release / name)}
    path.write_text(json.dumps(manifest | {"files": [*manifest["files"], entry]}))


def test_an_audit_tells_what_publishing_will_ask_for(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = tmp_path / "release"
    shutil.copytree(run / "release", release)
    said = "publish would not make it public: its audit read no index of the works (1) that its run withheld for made"
    for config, tells in (("corpus.yaml", True), ("indexed.yaml", False)):
        assert main(["audit", str(release), "--benchmark", str(run / config)]) == 0
        told = " ".join(capsys.readouterr().err.split())
        assert (said in told) is tells and ("publish would" in told) is tells


def test_what_the_run_released_passes_and_holds_nothing_of_what_it_withheld(run: Path) -> None:
    code, told = audit(run, run / "release")
    assert code == 0 and told["finds"] == [] and told["rows"] == {"documents": 5}, "the question of one is masked"
    made, masked = (benchmark["layers"] for benchmark in told["benchmarks"])
    assert (made["copy"]["checked"], made["identity"]["checked"]) == (1, 2), "the work alone, no thesis"
    assert made["text"]["checked"] == masked["text"]["checked"] == 1
    words = WORK.split()
    secret = [" ".join(words[i : i + 6]) for i in range(0, len(words) - 6, 50)] + [QUESTION[:50], SHORT_QUESTION[:30]]
    for path in (run / "release").rglob("*"):
        if path.is_file():
            body = json.dumps(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text()
            assert not [s for s in secret if s in body], path.name
    assert main(["publish", str(run / "release"), str(run / "published")]) == 0
    assert all((run / "published" / name).is_file() for name in AUDIT_FILES)


def test_what_the_run_withheld_is_named_when_it_is_smuggled_in(run: Path, tmp_path: Path) -> None:
    release = tmp_path / "release"
    shutil.copytree(run / "release", release)
    smuggle(release, "documents", documents_of(run, "work", "mirror", "thesis", "asked", "masked"))
    doc_id = next(iter(RunTables(open_store(run / "run")).scan("hits").collect()["doc_id"]))
    evidence = WORK.split(". ")[7]
    smuggle(
        release,
        "pairs",
        [
            pair(1, doc_id=doc_id, paper_id="sha256:x"),
            pair(2, evidence=f"{evidence}. {WORK.split('. ')[8]}"),
            pair(3),
        ],
    )
    code, told = audit(run, release)
    assert code == 1
    named = {(find["id"], find["layer"]) for find in told["finds"]}
    copies, asked = (
        {(f"smuggled-{i}~0", layer) for i in some} for layer, some in (("copy", range(3)), ("text", (3, 4)))
    )
    assert named == copies | asked | {("pair-1", "identity"), ("pair-2", "copy")}
    assert main(["publish", str(release), str(tmp_path / "out")]) == 2


def test_an_index_of_withheld_texts_holds_no_word_and_is_made_of_a_run_alone(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pq.read_table(run / "withheld.parquet")
    assert set(table["benchmark"].to_pylist()) == {"made"} and set(table["layer"].to_pylist()) == {"copy", "identity"}
    body = json.dumps(table.to_pylist())
    assert not [word for word in ("galaxy", "supernova", "annurev") if word in body]
    again = tmp_path / "again.parquet"
    assert main(["artefact", "withheld-texts", str(run / "run"), "--out", str(again)]) == 0
    assert again.read_bytes() == (run / "withheld.parquet").read_bytes()
    capsys.readouterr()
    for wrong, said in (
        ([str(run / "release")], "holds no run"),
        ([str(run / "run"), "--tier", "public"], "without --tier"),
        ([str(run / "run"), str(run / "run")], "made of one run folder"),
    ):
        assert main(["artefact", "withheld-texts", *wrong, "--out", str(tmp_path / "x.parquet")]) == 2
        assert said in " ".join(capsys.readouterr().err.split())
    assert QUESTION not in body


def test_the_card_tells_what_the_run_read_of_each_benchmark_as_an_audit_tells_it(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run / "release", tmp_path / "release")
    _, told = audit(run, tmp_path / "release")
    read = json.loads((tmp_path / "release/card.json").read_text())["benchmarks"]
    theirs = {b["name"]: {key: b[key] for key in ("rule", "adapter", "files")} for b in told["benchmarks"]}
    for b in theirs.values():
        b["files"].pop("texts", None)  # made of this run
    assert read == theirs and set(read["made"]["files"]) == {"sources", "items", "phrases"}


def test_rows_of_items_that_are_none_of_their_own_are_told(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {"items.jsonl": {"empty": {"count": 1, "rows": [2]}, "repeated": {"count": 1, "rows": [3]}}}
    report = json.loads((run / "run/report.json").read_text())
    said = ["1 row passed over as empty (row 2)", "1 row repeat another one, and count once (row 3)"]
    told = [f"benchmark 'made', items.jsonl: {why}" for why in said]
    assert set(told) <= set(report["warnings"])
    shutil.copytree(run / "release", tmp_path / "release")
    assert "passed over as empty" in " ".join((tmp_path / "release/README.md").read_text().split())
    _, audited = audit(run, tmp_path / "release")
    assert {b["name"]: b["rows_that_are_no_items"] for b in audited["benchmarks"]} == {"made": rows, "masked": {}}
    shown = " ".join(capsys.readouterr().out.split())
    assert all(f"made, items.jsonl: {why}" in shown for why in said)
    made = next(b["layers"]["text"] for b in audited["benchmarks"] if b["name"] == "made")
    assert made["checked"] == 1
