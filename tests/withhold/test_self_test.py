"""The self-test: plants of a benchmark's own list are found, and a layer that is broken stops the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.errors import RunError
from curation.step import Inputs
from curation.withhold import identity, journal_ref, plants, self_test, text_hits
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import HashIndex
from curation.withhold.hashed import hashes_table, text_rows
from curation.withhold.index import TextIndex
from curation.withhold.items import Item
from curation.withhold.plants import item_plants, noisy, title_plants, wrapped
from curation.withhold.rephrased_hits import REPHRASED_THRESHOLDS, RephrasedThresholds
from curation.withhold.self_test import SelfTest
from curation.withhold.sources import BenchmarkSource, refs_of
from curation.withhold.tokens import tokens
from pipelines.cli import main
from schemas import SELF_TEST
from tests.withhold.test_copy_hits import prose

WORKS = [
    {"arxiv_id": "astro-ph/0703123", "title": "The chemical enrichment of small galaxies near the Local Group"},
    {"doi": "10.1146/annurev-astro-081811-125615", "title": "Stars", "first_author": "A. Writer", "year": 2012},
    {"bibcode": "2012ARA&A..50..455F", "title": "A census of the dwarf galaxies around Andromeda", "year": 2012},
    {"doi": "10.1002/(sici)1521-3994(199908)320:4/5<163::aid-asna163>3.0.co;2-g"},
    {"title": "On the slow decline of the brightest novae in spirals", "first_author": "B. Second", "year": 1999},
]
ITEMS = [
    {
        "question": "Which process sets the slope of the mass function of young stellar clusters in nearby spiral galaxies, and how "
        "does the answer depend on the pressure of the gas around them when they were formed?",
        "choices": ["turbulent fragmentation of clouds", "tidal stripping", "radiative cooling", "mergers of halos"],
        "answer": "A",
    },
    {"question": "What element dominates the atmosphere of the planet Jupiter?", "answer": "hydrogen gas mostly"},
]


@pytest.fixture
def benchmark_of(tmp_path: Path) -> Callable[..., Benchmark]:
    def make(**given: Any) -> Benchmark:
        for name, rows in (("works", WORKS), ("items", ITEMS)):
            (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
        paths: dict[str, Any] = {"sources": tmp_path / "works.jsonl", "items": tmp_path / "items.jsonl"}
        paths["adapter"] = "plain"
        return Benchmark(name="exam", **{**paths, **given})

    return make


def made(*benchmarks: Benchmark) -> pa.Table:
    asked = tuple(b for b in benchmarks if b.items)
    inputs = {REPHRASED_THRESHOLDS.name: RephrasedThresholds(benchmarks=asked).run(Inputs({}))} if asked else {}
    step = SelfTest(benchmarks=benchmarks)
    assert step.reads().keys() == inputs.keys()
    return step.run(Inputs(inputs))


def told(*benchmarks: Benchmark) -> dict[tuple[str, str, str], tuple[int, list[str]]]:
    rows = made(*benchmarks).to_pylist()
    return {(r["mark"], r["layer"], r["plant"]): (r["planted"], r["missed"]) for r in rows}


def test_works_titles_items_and_the_rule_are_planted_and_found(benchmark_of: Callable[..., Benchmark]) -> None:
    found = told(benchmark_of(rule="araa"), Benchmark(name="other", rule="araa"))
    assert {key: count for key, (count, _) in found.items()} == {
        ("exam", "rule", "spelling"): 5,
        ("exam", "ids", "spelling"): 14,
        ("exam", "titles", "verbatim"): 3,
        ("exam", "titles", "noisy"): 3,
        ("exam", "titles", "split"): 3,
        ("exam", "items", "verbatim"): 2,
        ("exam", "items", "split"): 2,
        ("exam", "items", "noisy"): 1,
        ("exam", "rephrased", "verbatim"): 2,
        ("exam", "rephrased", "reworded"): 2,
        ("other", "rule", "spelling"): 5,
    }
    assert all(not missed for _, missed in found.values()), found


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        ("hits.by_id", "ids, spelling"),
        ("hits.by_title", "titles, noisy"),
        ("hits.by_araa", "rule, spelling"),
        ("text_hits.hit_rows", "items, split"),
        ("rephrased_hits.hits_of", "rephrased, verbatim"),
    ],
)
def test_a_layer_that_finds_nothing_stops_the_run_and_names_what_it_missed(
    broken: str, kind: str, benchmark_of: Callable[..., Benchmark], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"curation.withhold.{broken}", lambda *_: iter(()))
    benchmark = benchmark_of(rule="araa")
    step = SelfTest(benchmarks=(benchmark,))
    summary = step.summary(Inputs({}), {"self_test": made(benchmark)})
    assert all(kind.partition(",")[0] in entry for entry in summary["self_test"]["exam"]["missed"])
    assert any(kind in entry for entry in summary["self_test"]["exam"]["missed"])
    with pytest.raises(
        RunError, match=r"self-test of benchmark 'exam': .* of \d+ plants .* were not found \(.*would be released"
    ):
        step.guard(summary)


def test_what_only_the_joint_index_loses_stops_the_run(
    benchmark_of: Callable[..., Benchmark], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = benchmark_of(), benchmark_of().model_copy(update={"name": "other"})
    assert not any(missed for _, missed in told(one, other).values())

    def first_alone(items: Mapping[str, Any], phrases: Mapping[str, Any]) -> TextIndex:
        return TextIndex(dict(sorted(items.items())[:1]), phrases)

    monkeypatch.setattr("curation.withhold.text_hits.TextIndex", first_alone)
    text_hits._index.cache_clear()
    found = told(one, other)
    text_hits._index.cache_clear()
    assert not found["exam", "items", "verbatim"][1] and len(found["other", "items", "verbatim"][1]) == 2


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Texts that were withheld for two benchmarks."""
    rows = [
        row for name in ("exam", "idle") for row in text_rows(name, "p~1", tokens(" ".join(prose(1, 300))), "0" * 64)
    ]
    pq.write_table(hashes_table(rows), tmp_path / "withheld.parquet")
    return tmp_path / "withheld.parquet"


def test_copies_are_planted_and_an_index_alone_is_no_idle_benchmark(index: Path) -> None:
    benchmarks = tuple(Benchmark(name=name, texts=(index,)) for name in ("exam", "idle"))
    kinds = ("verbatim", "noisy", "part", "spelling")
    assert told(*benchmarks) == {(b.name, "copies", kind): (1, []) for b in benchmarks for kind in kinds}
    summary = SelfTest(benchmarks=benchmarks).summary(Inputs({}), {"self_test": made(*benchmarks)})
    assert summary["warnings"] == []


@pytest.mark.parametrize(
    ("broken", "missed"), [("by_copies", {"noisy", "part"}), ("by_ids", {"spelling"}), ("by_digest", set())]
)
def test_copies_that_are_missed_stop_the_run(
    broken: str, missed: set[str], index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HashIndex, broken, lambda *_: iter(()))
    found = told(Benchmark(name="exam", texts=(index,)))
    assert {kind for (_, _, kind), (_, lost) in found.items() if lost} == missed


def test_a_plant_counts_as_found_only_for_its_own_entry(
    benchmark_of: Callable[..., Benchmark], monkeypatch: pytest.MonkeyPatch
) -> None:
    def another(*given: Any) -> Any:
        for match in identity.by_id(*given):
            yield {**match, "entry": "works.jsonl:1"}

    monkeypatch.setattr("curation.withhold.hits.by_id", another)
    found = told(benchmark_of())
    assert set(found["exam", "ids", "spelling"][1]) == {f"works.jsonl:{n}" for n in (2, 3, 4)}


def test_one_missed_is_enough_and_none_passes() -> None:
    step = SelfTest(benchmarks=(Benchmark(name="exam", rule="araa"),))
    rows = [{"mark": "exam", "layer": "ids", "plant": "spelling", "planted": 9, "missed": []}]
    step.guard(step.summary(Inputs({}), {"self_test": SELF_TEST.rows(rows)}))
    rows[0]["missed"] = ["works.jsonl:3"]
    with pytest.raises(RunError, match=r"1 of 9 plants .*works\.jsonl:3 \(ids, spelling\)"):
        step.guard(step.summary(Inputs({}), {"self_test": SELF_TEST.rows(rows)}))


def test_every_journal_whose_name_is_known_is_planted_by_its_place() -> None:
    keys = [f"journal_ref:{stem}:12:345" for stem in ("ara&a", *(stem for stem, _ in journal_ref._JOURNALS))]
    works = [BenchmarkSource(f"w:{n}", frozenset({key})) for n, key in enumerate(keys)]
    made = [str(p.metadata["journal_ref"]) for p in plants.id_plants("s", works)]
    assert {key for text in made for key in refs_of(text)} == set(keys) and len(made) == len(keys)


def test_a_benchmark_of_which_nothing_can_be_planted_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "works.txt").write_text("Dust and stars afar\n")
    step = SelfTest(benchmarks=(Benchmark(name="tiny", sources=tmp_path / "works.txt"),))
    [warning] = step.summary(Inputs({}), {"self_test": step.run(Inputs({}))})["warnings"]
    assert warning.startswith("benchmark 'tiny': no work or item of it is long enough")


def test_plants_are_drawn_by_the_seed_and_never_more_than_a_few() -> None:
    works = [
        BenchmarkSource(f"w:{n}", frozenset(), f"A title of some words with the number {n} in its end")
        for n in range(200)
    ]
    one, again, other = (list(title_plants(seed, works)) for seed in ("a", "a", "b"))
    assert one == again and {p.entry for p in one} != {p.entry for p in other}
    assert len({p.entry for p in one}) == plants.PER_KIND


def test_noise_misreads_letters_and_wrapping_changes_no_token() -> None:
    text = "the quick astronomers observed several planetary systems with remarkable stability across twenty seasons of work"
    made = noisy("seed", text)
    misread = sum(a != b for a, b in zip(made, text, strict=True))
    assert len(made) == len(text) and misread == -(-len(text.split()) // plants.NOISE_EVERY) == 2
    assert "-\n" in wrapped(text) and tokens(wrapped(text)) == tokens(text)
    assert max(map(len, wrapped(text).split("\n"))) < 50


def test_formulas_and_lone_short_questions_are_not_planted() -> None:
    formula = Item("f:1", "T(1, 0) = 3 and T(0, 1) = -5, find T(-3, 2) for x y z", choices=("a", "b"))
    assert not list(item_plants("s", [formula, Item("f:2", "What is the name of the brightest star?")]))


def test_a_run_tells_of_its_self_test_and_stops_where_a_plant_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], write_docs: Callable[..., Path]
) -> None:
    write_docs({"2301.00001": "A text of a paper with words enough to be one. " * 30})
    config = {"name": "c", "sources": [{"name": "s", "path": "docs"}]}
    config["decide"] = {"quality": {"max_duplicate_line_fraction": 1, "max_top_ngram_fraction": 1}}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    command = ["run", str(tmp_path / "c.yaml"), "--executor", "inline", "--run"]
    assert main([*command, str(tmp_path / "good")]) == 0
    report = json.loads((tmp_path / "good" / "report.json").read_text())
    planted = {"planted": {"rule, spelling": 5}, "missed": []}
    assert report["summaries"]["self_test"]["self_test"] == {"AstroMLab-1": planted}
    monkeypatch.setattr(self_test, "ARAA", (*plants.ARAA, {"links": ["doi:10.1/no-article-of-it"]}))
    capsys.readouterr()
    assert main([*command, str(tmp_path / "bad")]) != 0
    assert "self-test of benchmark 'AstroMLab-1': 1 of 6 plants" in " ".join(capsys.readouterr().err.split())
    assert not list((tmp_path / "bad").glob("release-*/research/*.parquet"))


@pytest.mark.parametrize("seed", range(40))
def test_every_noisy_plant_has_noise(seed: int) -> None:
    words = prose(seed, 59)
    text = " ".join(["abdghkm", *words])  # a word of letters that are never misread is passed over
    changed = [n for n, (a, b) in enumerate(zip(noisy(str(seed), text).split(), text.split(), strict=True)) if a != b]
    assert [n // plants.NOISE_EVERY for n in changed] == list(range(5))
    item = Item("f:1", " ".join(prose(seed, 30)), answer="seven of them")
    said = {p.kind: p.text for p in item_plants(str(seed), [item])}
    assert said["noisy"] != said["verbatim"]


def test_what_cannot_be_misread_has_no_noisy_plant() -> None:
    question = " ".join(f"bdghk{'mpqrv'[n % 5]}{'bdghk'[n // 5]}" for n in range(25))
    assert [p.kind for p in item_plants("s", [Item("f:1", question, answer="bdg")])] == ["verbatim", "split"]


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("A study of $\\alpha$ elements in the outer haloes of quiet galaxies", ["$\\alpha$ elements"]),
        ('On G{\\"o}delian clusters with {\\sc ii} regions and other curiosities', ["{\\sc ii}", '{\\"o}']),
        (
            "Lyman \\ensuremath{\\alpha} emitters among the faintest of distant dwarfs",
            ["Lyman \\ensuremath{\\alpha} emitters"],
        ),
        ("The type III bursts of NGC 1234 and what they tell about the corona", ["type III bursts", "NGC 1234"]),
    ],
)
def test_a_noisy_title_lacks_a_letter_of_its_prose(title: str, kept: list[str]) -> None:
    work = BenchmarkSource("w:1", frozenset(), title)
    for seed in range(30):
        said = {p.kind: p.title for p in title_plants(str(seed), [work])}["noisy"]
        assert said is not None and len(said) == len(title) - 1 and all(part in said for part in kept)


def test_a_title_without_prose_has_no_noisy_plant() -> None:
    work = BenchmarkSource("w:1", frozenset(), "$N_1$ of $N_2$ with $N_3$ by $N_4$ at $N_5$ to $N_6$ on $N_7$")
    twice = BenchmarkSource("w:2", frozenset(), "Colours of the quiet rings: colours of the quiet rings of the")
    assert [p.kind for p in title_plants("s", [work, twice])] == ["verbatim", "split"] * 2
