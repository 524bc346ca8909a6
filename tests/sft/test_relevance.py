"""Whether questions ask about their passages, and answers say something of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.sft.verifiers.relevance import on_passage, says_more, terms, to_the_point
from tests.sft.free_questions import ASKED


def _asked(*, of_another: bool, long: bool) -> Iterator[Candidate]:
    """Every free question beside its own passage, or another one, alone or among four others; a sentence of it is quoted."""
    for n, paper in enumerate(ASKED):
        for k, (question, answering) in enumerate(paper.questions):
            r = random.Random(f"{n} {k} {of_another} {long}")
            others = r.sample([other for other in ASKED if other is not paper], 5)
            about = others.pop() if of_another else paper
            among = [other.passage for other in others] if long else []
            among.insert(r.randrange(len(among) + 1), about.passage)
            said = about.sentences
            quote = r.choice(said) if of_another else said[answering[0]]
            yield Candidate(QuestionKind.CONCEPT, question, quote, " ".join(among), quotes=(quote,), title=about.title)


@pytest.mark.parametrize("long", [False, True])
def test_free_questions_to_a_passage_stay_and_those_to_another_one_of_the_field_go(long: bool) -> None:
    own = [on_passage(pair).passed for pair in _asked(of_another=False, long=long)]
    other = [on_passage(pair).passed for pair in _asked(of_another=True, long=long)]
    assert len(own) == len(other) == 40
    assert own.count(False) == 0 and other.count(False) >= 0.85 * len(other)


def test_sentences_that_answer_are_to_the_point_and_most_that_do_not_are_told_where_words_tell_it() -> None:
    right, wrong = [], []
    for paper in ASKED:
        said = paper.sentences
        for question, answering in paper.questions:
            for n, sentence in enumerate(said):
                pair = Candidate(
                    QuestionKind.CONCEPT, question, sentence, paper.passage, quotes=(sentence,), title=paper.title
                )
                (right if n in answering else wrong).append(to_the_point(pair).passed)
    assert len(right) >= 40 and right.count(False) == 0
    assert wrong.count(False) >= 0.2 * len(wrong)


def test_an_answer_in_words_of_its_own_is_not_asked_whether_it_is_to_the_point() -> None:
    paper = ASKED[0]
    pair = Candidate(
        QuestionKind.CONCEPT,
        paper.questions[0][0],
        "Singly ionised gas traps heat as it is squeezed and lets it go as it swells, like a valve of an engine.",
        paper.passage,
        quotes=(paper.sentences[3],),
    )
    assert to_the_point(pair).passed is None


@pytest.mark.parametrize(
    ("question", "answer", "stands"),
    [
        ("Why do stars of the halo move on long orbits?", "Stars of the halo move on long orbits.", False),
        ("Why do stars of the halo move on long orbits?", "Halo stars move on long orbits because they do.", False),
        ("Why do stars of the halo move on long orbits?", "They fell in with the dwarfs that were torn apart.", True),
        ("Why does the metallicity fall with radius?", "The metallicity falls with radius by 0.05 dex per kpc.", False),
        ("Why does the metallicity fall with radius?", "0.05 dex per kpc.", False),
        (
            "Why does the metallicity fall with radius?",
            "It falls with radius by 0.05 dex, as inflow dilutes the gas.",
            True,
        ),
        ("How do pulsars slow down over time?", "Pulsars slow down over time.", False),
        ("How do pulsars slow down over time?", "Their fields carry rotational energy away.", True),
        ("How hot is the dust in the torus?", "The dust in the torus is at 1500 K.", True),
        ("How many moons does the planet have?", "The planet has 14 moons.", True),
        ("What is the period of the orbit?", "The period of the orbit.", False),
        ("What is the period of the orbit?", "31.5 Myr", True),
        ("Is the orbit of the comet bound?", "Yes, the orbit of the comet is bound.", True),
        ("Which is hotter, the ring or the bar?", "The ring is hotter.", True),
        ("Which of gas, dust and stars carries most mass?", "Stars carry most mass.", True),
        ("Which clouds collapse first?", "Massive clouds collapse first.", True),
        ("Which instrument resolved the clouds?", "TANDEM-2.", True),
    ],
)
def test_an_answer_says_more_than_its_question(question: str, answer: str, stands: bool) -> None:
    pair = Candidate(QuestionKind.CONCEPT, question, answer, "A passage.")
    assert (says_more(pair).passed is not False) is stands


def test_letters_and_values_may_repeat_what_was_asked() -> None:
    choice = Candidate(
        QuestionKind.CHOICE, "Which star is hot?", "A hot star", "A passage.", options=("a", "b", "c", "d")
    )
    value = Candidate(QuestionKind.NUMERIC, "How do 3 km compare with 4 km?", "4 km", "A passage.")
    assert says_more(choice).passed is None and says_more(value).passed is True


def test_terms_are_known_in_other_forms_and_hold_no_words_of_asking() -> None:
    assert terms("What is the typical role of the main mechanism?") == frozenset()
    assert terms("clouds and galaxies") == terms("a cloud, a galaxy")
    assert terms("gas and class") == {"gas", "class"}
