from __future__ import annotations

import csv
import json

import pytest

from curation.sft.alike import alike, apart, asked_of
from tests.sft import asked_pairs
from tests.sft.asked_twice import FURTHER, OTHERS, SAME, Planted, another

SUBJECTS = list(Planted(seed=3).subjects(300))


@pytest.mark.parametrize("level", SAME)
def test_a_question_is_known_again_in_every_way_of_a_level(level: str) -> None:
    found = [alike(asked_of(s.asked()), asked_of(s.asked(level))) is not None for s in SUBJECTS]
    assert sum(found) >= 0.98 * len(found)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_question_of_the_same_template_that_asks_another_thing_is_another(kind: str) -> None:
    pairs = [(s.asked(), another(s, kind)) for s in SUBJECTS]
    assert [pair for pair in pairs if alike(*map(asked_of, pair)) is not None] == []


def test_what_is_said_in_other_words_altogether_is_not_claimed() -> None:
    found = [alike(asked_of(s.asked()), asked_of(s.asked(FURTHER))) is not None for s in SUBJECTS]
    assert sum(found) < 0.5 * len(found), "if it is found now, say so in the README"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "How do AGN heat the intracluster medium?",
            "How is the intracluster medium heated by active galactic nuclei?",
        ),
        ("Why do the rotation curves of spirals stay flat?", "What makes the rotation curves of spirals stay flat?"),
        ("How far does light travel in 3 km of glass?", "In 3 km of glass, how far does light travel?"),
        ("What is $H_2$ formed on in cold clouds?", "On what is H_2 formed in cold clouds?"),
    ],
)
def test_the_same_in_other_forms(one: str, other: str) -> None:
    assert alike(asked_of(one), asked_of(other)) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What causes hydrogen lines to broaden in hot stars?", "In hot stars, what makes helium lines broaden?"),
        ("What is dark matter?", "What is the origin of dark matter?"),
        ("What is the mass of planet b of the system?", "What is the mass of planet c of the system?"),
        ("What is the generator of the finite field Z_7?", "Find the generator of the finite field Z_11."),
        ("What is the period of a star at 3 au?", "What is the period of a star at 3 AU and 0 inclination?"),
        ("How massive is the black hole of the galaxy M87?", "How massive is the black hole of the galaxy M31?"),
        (
            "What is the mass of the black hole in the bulge?",
            "What is the mass of the black hole in the Andromeda bulge?",
        ),
        ("What is the field of x + y over the plane?", "What is the field of x * y over the plane?"),
        ("How many of the two rings turn?", "How many of the three rings turn?"),
        ("Is the sum of angles -0.5 in curved space?", "Is the sum of angles 0.5 in curved space?"),
        (
            "What does the detection of helium in the exosphere imply for its planet?",
            "What does the non-detection of helium in the exosphere imply for its planet?",
        ),
        (
            "How long do stars of low mass stay on the main sequence of a cluster?",
            "How long do pre-main-sequence stars of low mass stay on the main sequence of a cluster?",
        ),
        (
            "What causes the rotation of gas in discs of lenticular galaxies?",
            "What causes the counter-rotation of gas in discs of lenticular galaxies?",
        ),
    ],
)
def test_another_question(one: str, other: str) -> None:
    assert alike(asked_of(one), asked_of(other)) is None and alike(asked_of(other), asked_of(one)) is None


def test_of_pairs_that_were_written_by_hand_nearly_all_are_found_and_none_is_taken_for_the_same() -> None:
    assert [pair for pair in asked_pairs.OTHER if alike(*map(asked_of, pair)) is not None] == []
    found = [pair for pair in asked_pairs.SAME if alike(*map(asked_of, pair)) is not None]
    assert len(found) >= 0.9 * len(asked_pairs.SAME)


def test_a_choice_is_told_by_its_right_option_too() -> None:
    stem = "Which of these statements about neutron stars is true?"
    one, same, other = (
        asked_of(stem, "They spin fast."),
        asked_of(stem, "they spin fast"),
        asked_of(stem, "They are cold."),
    )
    assert alike(one, same) == 1.0 and alike(one, other) is None and apart(one, other)


def test_of_fewer_than_two_terms_only_the_very_words_count() -> None:
    assert alike(asked_of("What is a pulsar?"), asked_of("what is a  pulsar")) == 1.0
    assert alike(asked_of("What is a pulsar?"), asked_of("How would one define a pulsar?")) is None


def test_the_share_that_is_asked_for_counts() -> None:
    one, other = (
        asked_of("How do bars drive gas inflow in discs?"),
        asked_of("How do stellar bars drive gas inflow in discs?"),
    )
    assert alike(one, other) == pytest.approx(0.8) and alike(one, other, 0.81) is None


def test_questions_reworded_by_a_model_are_found_in_part_and_none_for_another(shared) -> None:
    asked = []
    for name in ("sociology", "abstract_algebra"):
        with (shared / "benchmarks" / f"{name}_test.csv").open(newline="") as file:
            questions = [row[0] for row in csv.reader(file)]
        twin = shared / "benchmarks" / f"{name}_test_rephrase_english_filtered_question.jsonl"
        said = [json.loads(line)["text"] for line in twin.read_text().splitlines()]
        asked += [(asked_of(q), asked_of(r)) for q, r in zip(questions, said, strict=True) if r.strip()]
    wrong = [(i, j) for i, (q, _) in enumerate(asked) for j, (_, r) in enumerate(asked) if i != j and alike(q, r)]
    assert wrong == []
    assert sum(alike(q, r) is not None for q, r in asked) >= 25, "of 293: most say it in other words altogether"
