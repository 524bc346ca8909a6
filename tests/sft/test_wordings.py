"""Numbers that say what the passage says in other words, and those that a chain only asserts."""

from __future__ import annotations

import pytest

from curation.sft.verifiers.agreement import leads
from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.sft.verifiers.evidence import is_enough, verbatim
from curation.sft.verifiers.form import one_answer
from curation.sft.verifiers.grounded import numbers
from curation.sft.verifiers.relevance import on_passage, says_more

PASSAGE = (
    "The outflow has a speed of 240 ± 20 km/s at a radius of 3.1 kpc. The metallicity falls outward by -0.06 dex/kpc, the central one is "
    "[Fe/H] = -1.8 dex, and the magnitude is 17.2 mag. The temperature scales as $r^{-0.45}$. Its two knots weigh 35 and 17 $M_\\odot$, and "
    "the distance is $410^{+160}_{-170}$ Mpc."
)


def _pair(answer: str, kind: QuestionKind = QuestionKind.CONCEPT, chain: str | None = None) -> Candidate:
    return Candidate(kind, "What is known of the outflow?", answer, PASSAGE, chain, ("a speed of 240 ± 20 km/s at",))


@pytest.mark.parametrize(
    ("answer", "kind", "stands"),
    [
        ("The metallicity declines by 0.06 dex per kpc.", QuestionKind.CONCEPT, True),
        ("The metallicity rises by 0.06 dex per kpc.", QuestionKind.CONCEPT, False),
        ("0.06 dex/kpc", QuestionKind.NUMERIC, False),
        ("-1.8", QuestionKind.NUMERIC, True),
        ("1.8", QuestionKind.NUMERIC, False),
        ("17.2", QuestionKind.NUMERIC, True),
        ("240", QuestionKind.NUMERIC, False),
        ("The profile of temperature has an index of 0.45.", QuestionKind.CONCEPT, True),
        ("The profile of temperature has an index of 0.35.", QuestionKind.CONCEPT, False),
        ("The speed is 240 km/s, with an uncertainty of 20 in the same unit.", QuestionKind.CONCEPT, True),
        ("The distance is 410 Mpc, plus or minus 160 Mpc or so.", QuestionKind.CONCEPT, True),
        ("The speed is 20 km/s.", QuestionKind.CONCEPT, False),
        ("Together the knots weigh 35 + 17 solar masses.", QuestionKind.DERIVATION, True),
        ("Together the knots weigh 38 + 17 solar masses.", QuestionKind.DERIVATION, False),
    ],
)
def test_numbers_may_be_told_in_other_words(answer: str, kind: QuestionKind, stands: bool) -> None:
    assert numbers(_pair(answer, kind)).passed is stands


@pytest.mark.parametrize(
    ("chain", "answer", "computes"),
    [
        ("Twice the speed is v = 2 × 240 km/s = 480 km/s.", "480 km/s", True),
        ("The time is t = R/v = 3.1 kpc / 240 km/s ≈ 12.6 Myr.", "12.6 Myr", True),
        ("Then $L = v\\,r = 744$ kpc km/s of each unit of mass.", "744 kpc km/s", True),
        ("The share is \\frac{120}{240} = 0.5.", "0.5", True),
        ("The result is $v_{out} = 310$ km/s.", "310 km/s", False),
        ("So the fit gives $H_0 = 98.8 \\pm 1.9$ km/s/Mpc.", "98.8 km/s/Mpc", False),
        ("It follows that [Fe/H] = -2.07 dex.", "-2.07", False),
        ("The ratio is M/L = 3.5 here.", "3.5", False),
    ],
)
def test_a_name_before_an_equals_sign_computes_nothing(chain: str, answer: str, computes: bool) -> None:
    assert numbers(_pair(answer, QuestionKind.NUMERIC, chain)).passed is computes


def test_a_row_of_a_table_is_evidence_and_answers_with_its_cells() -> None:
    table = "| property | value |\n| --- | --- |\n| gain [%] | 93 |\n"
    question = f"Properties of an array:\n\n{table}\nWhat is the gain of the array?"
    pair = Candidate(QuestionKind.TABLE, question, "The gain of the array is 93%.", table, None, ("| gain [%] | 93 |",))
    assert verbatim(pair).passed and says_more(pair).passed
    assert not is_enough("| 93 |") and not is_enough("gain 93") and is_enough("| gain | 93 |")


def test_an_answer_about_something_else_is_not_of_its_passage() -> None:
    other = "Dust grains polarise starlight since they align with magnetic fields of molecular clouds."
    assert on_passage(_pair(other)).passed is False
    assert (
        on_passage(_pair("The outflow is fast near the centre, and its metallicity falls outward.")).passed is not False
    )


def test_a_chain_leads_to_an_answer_in_other_forms_of_its_words() -> None:
    chain = "Detecting steps flags the hits: a particle deposits charge at once, so the line of the reads has a jump."
    answer = "Fitted lines of reads; a hit by a particle is a sudden step, and it is flagged and detected so."
    assert leads(_pair(answer, chain=chain)).passed
    assert (
        leads(_pair(answer, chain="Galaxies grow by mergers, and streams of cold gas feed what is in them.")).passed
        is False
    )


@pytest.mark.parametrize(
    "answer", ["Answer: C\nAnswer: D", "Both B and A are right.", "**Answer:** A. The answer is (B)."]
)
def test_a_choice_of_two_letters_has_two_answers(answer: str) -> None:
    options = ("torque", "heat", "light", "tides")
    pair = Candidate(QuestionKind.CHOICE, "What moves the gas inward?", answer, PASSAGE, None, (), options, 0)
    assert one_answer(pair).passed is False
