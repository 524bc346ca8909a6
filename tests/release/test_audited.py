"""No release becomes public without an audit that looked for its benchmarks and passed; one that failed goes nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curation.errors import UserError
from curation.release.targets import publish
from curation.withhold import phrases
from curation.withhold.benchmark import Benchmark
from curation.withhold.hashed import hashes_table, id_rows
from data_cards import read_card, write_card
from pipelines.cards import redraw_card
from pipelines.cli import main
from schemas.files import AUDIT_FILES, LocalFiles, sha256_of
from tests.data_cards.card_release import released, report, write_release
from tests.release.audits import ARAA, audit
from tests.release.hub_stand_in import Hub, Repo, hub_environment, hub_stand_in

REPO = "hf://datasets/owner/corpus"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_stand_in() as stand_in:
        hub_environment(stand_in, monkeypatch)
        yield stand_in


def made(folder: Path, **columns: object) -> Path:
    write_release(folder, {"public": [released(i, licence="CC-BY-4.0", **columns) for i in range(3)]})
    joins = [
        {
            "kind": "withheld rule",
            "name": ARAA.name,
            **{
                side: {"what": "x", "count": 1, "matched": 0, "unmatched": 1, "samples": []}
                for side in ("given", "papers")
            },
        }
    ]
    write_card(folder, None, {**report({"public": 3}), "joins": joins})
    return folder


def test_a_public_repository_asks_for_an_audit_and_private_places_do_not(tmp_path: Path, hub: Hub) -> None:
    release = made(tmp_path / "release")
    with pytest.raises(
        UserError, match=r"owner/corpus is public, and this release was not audited: astrocorpus audit .*--benchmark"
    ):
        publish(release, REPO, private=False)
    assert hub.repos == {}
    hub.repos["owner/corpus"] = Repo(private=False)
    with pytest.raises(UserError, match="was not audited"):
        publish(release, REPO)
    assert hub.files("owner/corpus") == {}
    publish(release, "hf://datasets/owner/inside")
    publish(release, str(tmp_path / "inside"))
    audit(release)
    publish(release, REPO, private=False)
    assert set(AUDIT_FILES) < set(hub.files("owner/corpus"))


def test_the_audit_is_told_of_before_a_token_is_asked_for(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = made(tmp_path / "release")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(UserError, match=r"^owner/corpus is public, and this release was not audited"):
        publish(release, "hf://datasets/owner/corpus", private=False)
    with pytest.raises(UserError, match=r"set HF_TOKEN.*private repository only: this release was not audited"):
        publish(release, "hf://datasets/owner/corpus")
    audit(release)
    with pytest.raises(UserError, match=r"set HF_TOKEN [^;]*$"):
        publish(release, "hf://datasets/owner/corpus")
    audit(made(tmp_path / "failed", doi="10.1146/annurev-astro-081811-125615"))
    with pytest.raises(UserError, match="the audit failed"):
        publish(tmp_path / "failed", "hf://datasets/owner/corpus")


def test_an_audit_for_other_benchmarks_is_not_enough(tmp_path: Path, hub: Hub) -> None:
    release = audit(made(tmp_path / "release"), Benchmark(name="another", rule="araa"))
    with pytest.raises(UserError, match="did not look for AstroMLab-1, for which papers were withheld"):
        publish(release, REPO, private=False)
    audit(release, Benchmark(name="another", rule="araa"), ARAA)
    publish(release, REPO, private=False)


def test_an_audit_by_another_list_is_not_enough(tmp_path: Path, hub: Hub) -> None:
    lists = {name: tmp_path / f"{name}.txt" for name in ("first", "second")}
    for name, path in lists.items():
        path.write_text(f"10.1000/{name}\n")
    release = made(tmp_path / "release")
    card = json.loads((release / "card.json").read_text())
    read = {ARAA.name: {"files": {"sources": [sha256_of(lists["first"])]}}}
    write_card(release, None, {**report({"public": 3}), "joins": card["joins"], "benchmarks": read})
    audit(release, Benchmark(name=ARAA.name, sources=lists["second"]))
    with pytest.raises(UserError, match=r"did not read the files that its run read for AstroMLab-1 .sources."):
        publish(release, REPO, private=False)
    audit(release, Benchmark(name=ARAA.name, sources=lists["first"]))
    publish(release, REPO, private=False)


def test_an_audit_that_sets_other_phrases_aside_than_the_run_is_not_enough(tmp_path: Path, hub: Hub) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text(json.dumps({"question": "What dominates the crust of icy moons?", "answer": "water ice"}) + "\n")
    table = pq.read_table(phrases.DEFAULT)
    pq.write_table(table.slice(1), tmp_path / "other.parquet")
    release = made(tmp_path / "release")

    def audited(**given: Any) -> None:
        audit(release, Benchmark(name=ARAA.name, rule="araa", items=(items,), adapter="plain", **given))
        publish(release, REPO, private=False)

    def run_by(path: Path) -> None:
        card_of(release, {}, {ARAA.name: {"files": {"phrases": [sha256_of(path)]}}})

    audited(phrases=tmp_path / "other.parquet")  # the run looked for no items, so it set nothing aside
    run_by(phrases.DEFAULT)
    with pytest.raises(UserError, match=r"did not read .*for AstroMLab-1 .phrases."):
        audited(phrases=tmp_path / "other.parquet")
    audited()
    run_by(tmp_path / "other.parquet")
    with pytest.raises(UserError, match=r"did not read .*for AstroMLab-1 .phrases."):
        audited()
    audited(phrases=tmp_path / "other.parquet")


@pytest.mark.parametrize("changed", [{}, {"adapter": "free"}, {"rule": None}, {"items": "dummy"}], ids=str)
def test_files_count_only_at_the_benchmark_for_which_the_run_read_them(
    tmp_path: Path, hub: Hub, changed: dict[str, Any]
) -> None:
    true, dummy = tmp_path / "true.jsonl", tmp_path / "dummy.jsonl"
    item = {"question": "Which star is the brightest of the sky?", "answer": "the star called Sirius"}
    true.write_text(json.dumps(item) + "\n")
    dummy.write_text(json.dumps({**item, "answer": "the star called Canopus"}) + "\n")
    own = Benchmark(name="made", rule="araa", items=(true,), adapter="plain")
    read = {"rule": "araa", "adapter": "plain"}
    read |= {"files": {"items": [sha256_of(true)], "phrases": [sha256_of(phrases.DEFAULT)]}}
    release = made(tmp_path / "release")
    card_of(release, {}, {"made": read})
    beside = own.model_copy(update={"name": "beside", "mode": "report"})
    mine = own.model_copy(update=changed | ({"items": (dummy,)} if "items" in changed else {}))
    audit(release, ARAA, beside, mine)
    if changed:
        with pytest.raises(UserError, match=r"(did not read|looked for).* made "):
            publish(release, REPO, private=False)
    else:
        publish(release, REPO, private=False)
    audit(release, ARAA, beside)
    with pytest.raises(UserError, match="did not look for made, for which its run did"):
        publish(release, REPO, private=False)


def card_of(release: Path, benchmarks: dict[str, Any], read: dict[str, Any] | None = None) -> None:
    """Draw the card of a release anew, whose run told this of its benchmarks, and read this for them."""
    card = json.loads((release / "card.json").read_text())
    told = {"document_findings": {"benchmarks": benchmarks}}
    write_card(
        release,
        None,
        {**report({"public": 3}), "joins": card["joins"], "summaries": told, "benchmarks": read or {}},
    )


@pytest.mark.parametrize(
    ("run", "audited", "opens"),
    [
        (None, "withhold", True),
        (None, "mask", False),
        (None, "report", False),
        ("withhold", "report", False),
        ("mask", "report", False),
        ("mask", "mask", True),
        ("mask", "withhold", True),
        ("report", "report", True),
        ("report", "withhold", True),
    ],
)
def test_an_audit_in_a_weaker_mode_than_the_run_opens_no_door(
    tmp_path: Path, hub: Hub, run: Any, audited: Any, opens: bool
) -> None:
    release = made(tmp_path / "release")
    if run is not None:
        card_of(release, {ARAA.name: {"mode": run, "works": 0}})
    another = Benchmark(name="another", rule="araa", mode="report")
    audit(release, ARAA.model_copy(update={"mode": audited}), another)
    if opens:
        publish(release, REPO, private=False)
        return
    said = f"its audit looked for AstroMLab-1 in mode {audited}, and its run in mode {run or 'withhold'}: audit it"
    with pytest.raises(UserError, match=said):
        publish(release, REPO, private=False)
    assert hub.repos == {}


def index(folder: Path, name: str, benchmark: str, works: str) -> Path:
    """An index of withheld texts that was made of some works."""
    path, told = folder / f"{name}.parquet", json.dumps({"kind": "withheld-texts", "works": {benchmark: works}})
    rows = hashes_table(id_rows(benchmark, "work~1", ["arXiv:1901.00001"]))
    pq.write_table(rows.replace_schema_metadata({**rows.schema.metadata, b"astrocorpus.artefact": told}), path)
    return path


def test_works_that_were_withheld_ask_for_an_index_of_their_texts(tmp_path: Path, hub: Hub) -> None:
    release = made(tmp_path / "release")
    key = "00000000000000aa"
    card_of(release, {ARAA.name: {"mode": "withhold", "works": 2, "works_key": key}})
    files = [index(tmp_path, *told) for told in (("old", ARAA.name, "0" * 16), ("mine", ARAA.name, key))]
    said = rf"read no index of the works .2. that its run withheld for AstroMLab-1.*artefact withheld-texts RUN --out.*`texts: withheld.parquet`.*audit {release}"
    for texts in ((), files[:1]):
        audit(release, ARAA.model_copy(update={"texts": tuple(texts)}))
        with pytest.raises(UserError, match=said):
            publish(release, REPO, private=False)
    publish(release, str(tmp_path / "inside"))
    audit(release, ARAA.model_copy(update={"texts": tuple(files)}))
    publish(release, REPO, private=False)


def test_an_index_by_which_the_run_withheld_must_have_been_read(tmp_path: Path, hub: Hub) -> None:
    release = made(tmp_path / "release")
    files = [index(tmp_path, name, ARAA.name, name) for name in ("first", "second")]
    card_of(release, {}, {ARAA.name: {"files": {"texts": [sha256_of(files[0])]}}})
    audit(release, ARAA.model_copy(update={"texts": (files[1],)}))
    with pytest.raises(UserError, match=r"did not read .*for AstroMLab-1 .texts."):
        publish(release, REPO, private=False)
    audit(release, ARAA.model_copy(update={"texts": tuple(files)}))
    publish(release, REPO, private=False)


def test_a_release_whose_audit_failed_goes_nowhere(tmp_path: Path, hub: Hub) -> None:
    release = audit(made(tmp_path / "release", doi="10.1146/annurev-astro-081811-125615"))
    for target in (REPO, str(tmp_path / "out")):
        with pytest.raises(UserError, match=r"the audit failed: 3 finds, first arXiv:2301.00000v1 .AstroMLab-1."):
            publish(release, target)
    path = release / "audit.json"
    path.write_text(path.read_text().replace('"passed": false', '"passed": true'))
    with pytest.raises(UserError, match="the audit failed"):
        publish(release, str(tmp_path / "out"))
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "finds": []}))
    redraw_card(LocalFiles(release))
    with pytest.raises(UserError, match="the audit failed"):
        publish(release, str(tmp_path / "out"))
    assert hub.repos == {} and not (tmp_path / "out").exists()


def without_card(release: Path) -> None:
    card = json.loads((release / "card.json").read_text())
    write_card(release, None, {**report({"public": 3}), "joins": card["joins"]})


def another_audit(release: Path) -> None:
    audit_json = json.loads((release / "audit.json").read_text())
    (release / "audit.json").write_text(json.dumps(audit_json | {"rows": {}}))


def another_matrix(release: Path) -> None:
    table = pq.read_table(release / "matrix.parquet")
    pq.write_table(table.replace_schema_metadata({"astrocorpus.manifest_sha256": "0" * 64}), release / "matrix.parquet")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (another_audit, "the card shows another audit"),
        (another_matrix, "matrix.parquet: not of this release"),
        (lambda r: (r / "matrix.parquet").write_bytes(b"x"), "matrix.parquet: not of this release"),
        (lambda r: (r / "matrix.parquet").unlink(), "matrix.parquet: not of this release"),
        (lambda r: (r / "benchmark-hashes.parquet").unlink(), "benchmark-hashes.parquet: not the file"),
        (lambda r: (r / "benchmark-hashes.parquet").write_bytes(b"x"), "benchmark-hashes.parquet: not the file"),
    ],
)
def test_an_audit_that_was_changed_is_not_published(tmp_path: Path, change: Any, said: str) -> None:
    release = audit(made(tmp_path / "release"))
    change(release)
    with pytest.raises(UserError, match=said):
        publish(release, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_the_card_shows_the_audit(tmp_path: Path) -> None:
    release = made(tmp_path / "release")
    assert "No audit against benchmarks" in (release / "README.md").read_text()
    audit(release)
    for page in ("README.md", "card.html"):
        body = (release / page).read_text()
        assert "Nothing that had to stay out was found" in body and "AstroMLab" in body and "identity" in body
    card = read_card(release)
    assert card is not None and card.audit is not None and card.audit.passed
    assert [(row.layer, row.checked, row.hits) for row in card.audit.layers] == [("identity", 1, 0)]
    made(tmp_path / "failed", doi="10.1146/annurev-astro-081811-125615")
    assert "The audit FAILED" in (audit(tmp_path / "failed") / "README.md").read_text()


def test_card_and_publishing_tell_what_an_audit_could_not_look_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = tmp_path / "items.jsonl"
    rows = [
        {"question": "Which star is the brightest of the sky?", "answer": "the star called Sirius"},
        *({"question": f"Why {n}?", "answer": "it is"} for n in range(7)),
    ]
    items.write_text("".join(json.dumps(row) + "\n" for row in rows))
    release = audit(made(tmp_path / "release"), ARAA, Benchmark(name="made", items=(items,), adapter="plain"))
    card = read_card(release)
    assert card is not None and card.audit is not None
    layers = {(row.benchmark, row.layer): (row.checked, row.left_out) for row in card.audit.layers}
    assert layers == {("AstroMLab-1", "identity"): (1, 0), ("made", "text"): (1, 7)}
    assert "| made | withhold | text | 1 | 7 | 0 | 0 |" in (release / "README.md").read_text()
    assert '<td class="n">1</td><td class="n">7</td><td class="n">0</td>' in (release / "card.html").read_text()
    assert main(["publish", str(release), str(tmp_path / "out")]) == 0
    assert "its audit could look for 1 items of made; 7 others are too short" in " ".join(
        capsys.readouterr().out.split()
    )


def test_a_card_that_was_drawn_before_the_audit_is_told(tmp_path: Path) -> None:
    release = made(tmp_path / "release")
    pages = {name: (release / name).read_bytes() for name in ("card.json", "README.md", "card.html")}
    audit(release)
    for name, body in pages.items():
        (release / name).write_bytes(body)
    with pytest.raises(UserError, match="the card shows another audit, or none; draw it again"):
        publish(release, str(tmp_path / "out"))
