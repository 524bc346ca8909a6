"""Items are found by their values in other words, units and notations; papers, tables and other values are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curation.joins import Join, Kind
from curation.parquet import conform
from curation.step import Inputs
from curation.withhold import plants
from curation.withhold.benchmark import Benchmark
from curation.withhold.config import Withhold
from curation.withhold.items import Item
from curation.withhold.number_hits import NumberHits
from curation.withhold.number_match import NumberIndex, are_equal, weight_of
from curation.withhold.numbers import quantities
from curation.withhold.plants import value_plants
from schemas import HITS
from tests.withhold.numeric_items import SHORT, numeric_items
from tests.withhold.plants import CLEAN, within

STAR = Item(
    "n.jsonl:1",
    "A star of mass 2.5 solar masses and radius 1.8 solar radii lies at a distance of 45 pc. What is its mean density?",
    (),
    "0.60 g/cm^3",
)
SAID = (
    r"An object whose $M = 2.5\,M_\odot$ and $R = 1.8\,R_\odot$, 147 light-years off, has 600 kg m$^{-3}$ on average."
)


def step_of(folder: Path, *items: Item) -> NumberHits:
    lines = [json.dumps({"question": i.question, "choices": i.choices, "answer": i.answer}) + "\n" for i in items]
    (folder / "n.jsonl").write_text("".join(lines))
    steps = Withhold(benchmarks=(Benchmark(name="N", items=(folder / "n.jsonl",), adapter="plain"),)).steps()
    [made] = [step for step in steps if isinstance(step, NumberHits)]
    return made


def hits(step: NumberHits, *texts: str | None) -> list[dict[str, Any]]:
    documents = pa.table({"doc_id": [f"d{n}" for n in range(len(texts))], "text": pa.array(texts, pa.large_string())})
    rows: list[dict[str, Any]] = conform(step.run(Inputs({"documents": documents})), HITS.arrow, step.name).to_pylist()
    return rows


def is_held(item: Item, text: str) -> bool:
    return bool(list(NumberIndex({"N": [item]}).held(text)))


def test_values_in_other_words_units_and_notations_are_a_hit_with_place_and_both_texts(tmp_path: Path) -> None:
    text = within("Été. " + SAID)
    [row] = hits(step_of(tmp_path, STAR), CLEAN, None, text)
    assert (row["doc_id"], row["mark"], row["layer"], row["rule"], row["entry"]) == (
        "d2",
        "N",
        "numbers",
        "values",
        "n.jsonl:1",
    )
    assert row["score"] == 1000
    [span] = row["spans"]
    said = text.encode()[span["start"] : span["end"]].decode()
    assert said.startswith("2.5") and said.endswith("600")
    assert row["evidence"].startswith("item: A star of mass") and "document, 4 values of it: 2.5" in row["evidence"]


def test_each_benchmark_finds_its_own_items() -> None:
    other = Item(
        "m.jsonl:1", "A planet of 3.7 Earth masses orbits in 11.3 days at 0.081 au. How warm is it?", (), "790 K"
    )
    index = NumberIndex({"M": [other], "N": [STAR]})
    for name, item, text in (
        ("N", STAR, SAID),
        ("M", other, "With 3.7 Earth masses, a period of 11.3 days and 0.081 au it has 790 K."),
    ):
        assert {(held.item.benchmark, held.item.item.item_id) for held in index.held(text)} == {(name, item.item_id)}


def test_all_places_of_an_item_are_spans(tmp_path: Path) -> None:
    [row] = hits(step_of(tmp_path, STAR), within(SAID) + within(SAID))
    assert len(row["spans"]) == 2 and row["spans"][0]["end"] < row["spans"][1]["start"]


def test_nearly_all_numeric_items_are_found_in_other_words_each_alone_in_its_text() -> None:
    made = list(numeric_items(100))
    index = NumberIndex({"N": [item for item, _ in made]})
    found = [{held.item.item.item_id for held in index.held(within(said))} for _, said in made]
    assert sum(item.item_id in ids for (item, _), ids in zip(made, found, strict=True)) >= 95
    assert all(ids <= {item.item_id} for (item, _), ids in zip(made, found, strict=True))


def test_no_item_is_found_where_each_value_is_another() -> None:
    index = NumberIndex({"N": [item for item, _ in numeric_items(300)]})
    assert not [held for _, said in numeric_items(300, seed=1) for held in index.held(within(said))]


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("one value is another of three", SAID.replace("2.5", "2.6").replace("1.8", "1.9")),
        ("other dimensions", SAID.replace("M_\\odot", "s").replace("R_\\odot", "K").replace("light-years", "Hz")),
        ("far apart", "2.5 solar masses. " + CLEAN * 5 + "1.8 solar radii. " + CLEAN * 5 + "45 pc."),
        (
            "a table of values",
            " & ".join(f"{n / 10} $M_\\odot$ & {n / 10 + 3} $R_\\odot$ & {n} pc" for n in range(10, 60)),
        ),
        ("two values and no word", "2.5 solar masses; 45 pc"),
    ],
)
def test_what_does_not_say_an_item_is_no_hit(why: str, text: str) -> None:
    assert is_held(STAR, SAID)
    assert not is_held(STAR, text), why


def test_few_values_count_beside_words_of_the_item() -> None:
    item = Item(
        "i", "A telescope with a mirror of 8.2 m is used in visible light. What is its collecting area?", (), "53 m^2"
    )
    assert is_held(
        item, "This mirror, the largest of any telescope at the site (8.2 m), collects over 53 square metres."
    )
    carpet = "The wall was 8.2 m long{} and the carpet had 53 square metres."
    assert not is_held(item, carpet.format("," + " as anyone could see who came in by that door" * 4))
    assert is_held(item, carpet.format("")), "question and answer in one clause"


def test_a_question_with_its_answer_needs_fewer_values_where_nothing_stands_between() -> None:
    item = Item("i", "What is the wavelength of a photon with energy 2.5 eV?", (), "496 nm")
    said = "Each carries 2.5 electron volts{}, and that comes with 0.496 micron."
    assert is_held(item, said.format("")) and not is_held(item, said.format(", never 7.3 kV"))
    assert not is_held(Item("i", item.question, (), "512 nm"), said.format(""))
    shares = Item("i", "A fall takes 35% longer. What is the error of its height?", (), "45%")
    assert not is_held(shares, "The first share is 35% and the next one 45%."), "of one dimension"
    round_one = Item("i", "A beam of length 2 m sags. By how much?", (), "5 mm")
    assert not is_held(round_one, "It is 2 m away and 5 mm thick."), "says too little"


def test_short_questions_of_round_values_are_found_told_anew_and_never_one_for_another() -> None:
    items = [Item(f"s:{n}", question, (), answer) for n, (question, answer, _) in enumerate(SHORT)]
    index = NumberIndex({"N": items})
    found = [{held.item.item.item_id for held in index.held(within(said))} for _, _, said in SHORT]
    assert [i.item_id for i, ids in zip(items, found, strict=True) if ids != {i.item_id}] == []


def test_two_round_values_count_in_one_clause_only() -> None:
    item = Item("i", "An asteroid circles the Sun at 9 AU. What is its period?", (), "30 yr")
    said = "Nine au out{} it takes thirty years."
    assert is_held(item, said.format(","))
    assert not is_held(item, said.format(", " + "as one may well have guessed at once, " * 3))
    assert not is_held(item, said.format(" and 7 km off,")), "another value between"


def test_counts_of_the_question_count_as_words_beside_values() -> None:
    item = Item("i", "A coil of 400 turns is fed with 240 V. Another has 50 turns. What does it give?", (), "30 V")
    said = "Into {} windings go 240 volts, out of {} come thirty volts."
    assert is_held(item, said.format(400, 50))
    assert not is_held(item, said.format(700, 60))


def test_wrong_choices_count_neither_for_nor_against() -> None:
    item = Item("i", STAR.question, ("0.60 g/cm^3", "1.23 g/cm^3", "4.56 g/cm^3"), "0.60 g/cm^3")
    assert is_held(item, SAID.replace("600 kg", "1230 kg, 4560 kg, 600 kg"))
    assert not is_held(item, "They found 1.23 g/cm^3, 4.56 g/cm^3 and 0.60 g/cm^3.")


def test_constants_years_and_small_counts_tell_nothing() -> None:
    for text in ("2.998e8 m/s", "299,792 km/s", "9.81 m s^-2", "6.67e-11 N m^2 kg^-2", "in 1998", "12 of them", "3.14"):
        assert [weight_of(q) for q in quantities(text)] == [0], text
    told = [weight_of(q) for q in quantities("2 kg; 2.5 kg; 2.57 kg; 2.577 kg; 257; 2e-9 kg")]
    assert told[0] < told[1] < told[2] < told[3] and 0 < told[4] < told[2] and told[5] > told[0]


def test_values_of_many_items_are_set_aside_and_counted() -> None:
    items = [Item(f"i:{n}", f"A disc of 7.7 K and {n}.3 kg has which weight?") for n in range(20, 40)]
    index = NumberIndex({"N": items, "M": items[:5]})
    assert index.set_aside == {"N": 1, "M": 0}
    assert index.few == {"N": 20, "M": 0}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("45 pc", "147 ly", True),
        ("45 pc", "150 ly", False),
        ("550 nm", "0.55 micron", True),
        ("550 nm", "0.551 micron", False),
        ("2.25 m", "2.3 m", False),
        ("30%", "0.3", True),
        ("7.2 mag", "7.2", True),
        ("45 s", "45 kg", False),
        ("13.6 eV", "2.18e-18 J", True),
        ("27 C", "300 K", True),
        ("27 C", "27 degrees Celsius", True),
        ("27 C", "27 K", False),
        ("27 C", "27 s", False),
    ],
)
def test_values_are_equal_through_units_but_not_roughly(one: str, other: str, same: bool) -> None:
    [a], [b] = quantities(one), quantities(other)
    assert are_equal(a, b) is are_equal(b, a) is same


def test_every_item_whose_values_say_enough_can_be_planted_and_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plants, "PER_KIND", 1000)
    index = NumberIndex({"N": [item for item, _ in numeric_items(300)]})
    made = list(value_plants("seed", index.entries))
    assert len(made) > 250
    assert [p.entry for p in made if p.entry not in {h.item.item.item_id for h in index.held(p.text or "")}] == []


def test_a_run_tells_of_the_items_that_have_values(tmp_path: Path) -> None:
    step = step_of(tmp_path, STAR, Item("", "Why is the sky dark at night?", (), "It is young"))
    documents = pa.table({"doc_id": ["d"], "text": pa.array([SAID], pa.large_string())})
    made = {HITS.name: conform(step.run(Inputs({"documents": documents})), HITS.arrow, step.name)}
    told = step.fold([step.summary(Inputs({"documents": documents}), made)])
    [join] = map(Join.from_json, told["joins"])
    assert (join.kind, join.given.count, join.given.matched, join.papers.matched) == (Kind.WITHHELD_NUMBERS, 1, 1, 1)
    assert told["set_aside"] == {"N": {"common_values": 0, "items_of_few_values": 1}}


def test_no_real_paper_holds_the_values_of_an_item(shared: Path) -> None:
    index = NumberIndex({"N": [item for item, _ in numeric_items(1200)]})
    texts = [path.read_text(errors="ignore") for path in sorted((shared / "papers").rglob("*.tex"))]
    assert len(texts) > 20 and not [held.item.item.item_id for text in texts for held in index.held(text)]
