from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from curation.sft.verifiers import form, speaker
from curation.sft.verifiers.all import CHECKS, verdicts
from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.sft.verifiers.loops import repetition
from curation.sft.verifiers.options import letter_of, order_of, placed
from curation.sft.verifiers.self_contained import self_contained
from schemas.pair_verdicts import VERIFIERS
from tests.sft.faults import FAULTS, bad
from tests.sft.planted import good

PAIR = Candidate(
    QuestionKind.CONCEPT,
    "Why does gas in a barred galaxy flow inward?",
    "Torques of the bar remove angular momentum from the gas.",
    "Torques of the bar remove angular momentum from the gas.",
    "Gas must lose angular momentum to sink. Torques of the bar take it, so the gas sinks inward over time.",
    ("Torques of the bar remove angular momentum",),
)


def _rejected(pair: Candidate) -> set[str]:
    return {verifier.name for verifier, verdict in verdicts(pair) if verdict.passed is False}


def test_planted_faults_are_rejected_by_the_verifier_that_knows_them() -> None:
    planted = list(bad())
    right = Counter(one.fault for one in planted if one.verifier in _rejected(one.pair))
    assert len(planted) >= 300 and len(FAULTS) >= 14
    assert sum(right.values()) >= 0.95 * len(planted)
    assert all(right[fault] >= 0.8 * count for fault, count in Counter(one.fault for one in planted).items()), right


def test_pairs_that_stand_stay() -> None:
    pairs = list(good())
    assert len(pairs) >= 300 and {pair.kind for pair in pairs} == set(QuestionKind)
    out = [(pair.kind, _rejected(pair)) for pair in pairs if _rejected(pair)]
    assert len(out) <= 0.02 * len(pairs), out[:5]


def test_every_verifier_has_a_fault_that_it_alone_must_find() -> None:
    assert {verifier for verifier, _, _ in FAULTS.values()} == {verifier.name for verifier in VERIFIERS} == set(CHECKS)


@pytest.mark.parametrize(
    ("question", "stands"),
    [
        ("What does the paper conclude about gas inflow?", False),
        ("How do the researchers measure the mass in this work?", False),
        ("What is the main finding of the study?", False),
        ("According to Section 3.2, how is the disc modelled?", False),
        ("What does Figure 2 show about the period?", False),
        ("What values are listed in Table 1 for the cluster?", False),
        ("In the text, which galaxy is described as quiescent?", False),
        ("What is meant by the equation above?", False),
        ("Which method do the authors adopt to fit the data?", False),
        ("What does the given passage say about dust?", False),
        ("How is the parameter defined in Eq. 4?", False),
        ("What assumption is made in the analysis described in the excerpt?", False),
        ("Which survey does this article use?", False),
        ("What do we find about the mass ratio in our sample?", False),
        ("What is the value mentioned in the abstract?", False),
        ("How does the author explain the discrepancy?", False),
        ("What is the significance of this galaxy's outflow?", False),
        ("How do these observations constrain the models?", False),
        ("As discussed earlier, why is the disc warped?", False),
        ("What are the three stages discussed in the previous section?", False),
        ("In the context of the passage, why do stars form?", False),
        ("What is stated about the AGN in the provided context?", False),
        ("What can be inferred from the document about dust?", False),
        ("What is the role of the algorithm in Appendix C?", False),
        ("What did the team in this research observe?", False),
        ("Based on the information above, what is the redshift?", False),
        ("In the study, what was the sample size?", False),
        ("How many objects are in the sample used here?", False),
        ("What conclusion is drawn from Fig. 7b?", False),
        ("What is the topic of the present letter?", False),
        ("What limitations are acknowledged by the authors?", False),
        ("Which figure shows the light curve?", False),
        ("What is the purpose of this section?", False),
        ("What evidence does the writer give for accretion?", False),
        ("How does the simulation presented here treat cooling?", False),
        ("What did the study find about halo spin?", False),
        ("As noted in [12], what is the period?", False),
        ("What is described in the first paragraph?", False),
        ("Why is our Galaxy thought to have a bar?", True),
        ("How do we know that dark matter exists?", True),
        ("What is the cross section for Thomson scattering?", True),
        ("Why does the study of pulsars test gravity?", True),
        ("What do the authors of “Rings of dust” conclude?", True),
        ("In the paper “On bars”, what is the mass of the disc?", True),
        ("How does a figure-of-eight orbit arise?", True),
        ("Why is work done by gravity during contraction?", True),
        ("What is the equation of state of a white dwarf?", True),
        ("How does the period-luminosity relation of Cepheids follow from pulsation theory?", True),
        ("Which section of the sky does the survey of Kepler cover?", True),
        ("What does the text-book formula for free fall give?", True),
        ("When a star leaves the main sequence, why does this star expand?", True),
        ("Which observation would test these two models: a wind and a jet?", True),
        ("Why is the author list of large collaborations long?", True),
        ("What is measured above 100 keV in solar flares?", True),
        ("Describe how the following reaction chain produces helium: proton plus proton.", True),
        ("What sets the length of the table of nuclides?", True),
        ("How does the third section of a multi-stage rocket help?", True),
        ("Given a galaxy with a flat rotation curve, what does this galaxy's mass profile look like?", True),
        ("How can a report of a new comet be confirmed?", True),
        ("Why do reviews of proposals use blind scores?", True),
    ],
)
def test_questions_name_what_they_ask_about(question: str, stands: bool) -> None:
    assert self_contained(replace(PAIR, question=question)).passed is stands


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        ("The authors find that torques act on gas.", False),
        ("In this work, torques are shown to act on gas.", False),
        ("As seen in Figure 4, torques act.", False),
        ("The paper attributes this to torques of the bar.", False),
        ("Our analysis shows torques act on the gas.", False),
        ("We measured the torque and found it to be large.", False),
        ("Torques act on gas (see Section 5).", False),
        ("According to the study, torques act.", False),
        ("The passage mentions torques of the bar.", False),
        ("This study shows that torques act on gas.", False),
        ("Torques act, as described in the text.", False),
        ("Based on the excerpt, torques act.", False),
        ("The researchers found that torques act.", False),
        ("The given text says torques act.", False),
        ("It is explained in the paper that torques act.", False),
        ("Torques, as listed in Tab. 3.", False),
        ("Equation 5 gives the torque.", False),
        ("The results presented in this article favour torques.", False),
        ("From the context, torques act on the gas.", False),
        ("The author argues for torques of the bar.", False),
        ("This work is done by gravity on the gas.", True),
        ("The study of orbits shows it.", True),
        ("We can write the torque as a product, and we see that it removes angular momentum.", True),
        ("Our Galaxy has a bar.", True),
        ("In our Solar System no bar exists.", True),
        ("This torque removes angular momentum.", True),
        ("Letter emission lines at the edge.", True),
    ],
)
def test_answers_name_what_they_speak_of(answer: str, stands: bool) -> None:
    assert self_contained(replace(PAIR, answer=answer)).passed is stands


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        ("I'm unable to answer that based on the passage.", False),
        ("Sorry, I don't have that information.", False),
        ("The text doesn't say.", False),
        ("This information is not available in the passage.", False),
        ("It is not possible to determine the mass from the given data.", False),
        ("The answer is not stated.", False),
        ("I do not know.", False),
        ("I don't have enough information to answer.", False),
        ("Cannot be determined.", False),
        ("No information is given about it.", False),
        ("The question cannot be answered with what is known.", False),
        ("As this is outside the scope of the passage, no answer.", False),
        ("Unfortunately, the passage provides no details about this.", False),
        ("I can't help with that.", False),
        ("Unable to determine.", False),
        ("Not specified.", False),
        ("The mass cannot be determined from photometry alone.", True),
        ("Nobody can say without spectra, because mass and inclination are degenerate.", True),
        ("There is no evidence for a halo.", True),
        ("The data are not sufficient to exclude a planet.", True),
        ("None of the gas reaches the halo.", True),
        ("The distance is not known to better than ten per cent.", True),
    ],
)
def test_who_cannot_answer_is_told_from_what_cannot_be_known(answer: str, stands: bool) -> None:
    assert form.refusal(replace(PAIR, answer=answer)).passed is stands


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        ("I'm Claude, made by Anthropic.", False),
        ("As a large language model, I lack data.", False),
        ("I am an AI assistant developed by OpenAI.", False),
        ("Gemini, Google's model, says so.", False),
        ("LLaMA-3 would agree.", False),
        ("As an AI, I cannot observe.", False),
        ("My knowledge cutoff is 2023.", False),
        ("Since my training only includes data until 2022, newer values are missing.", False),
        ("This is accurate as of my training cutoff.", False),
        ("As of my knowledge cutoff in April 2024, it holds.", False),
        ("I was created by Alibaba Cloud.", False),
        ("Qwen2.5 says so.", False),
        ("Mistral-7B says so.", False),
        ("Copilot generated this.", False),
        ("Bard says torques.", False),
        ("I was last updated in 2021.", False),
        ("According to information available to me up to September 2021, yes.", False),
        ("My training ended in 2023.", False),
        ("Being a language model, I can't verify it.", False),
        ("As an artificial intelligence I have no eyes.", False),
        ("Grok says hi.", False),
        ("This response was generated by an AI.", False),
        ("The Gemini North telescope saw it.", True),
        ("Claude Catala wrote of it.", True),
        ("The Alpaca instrument is a phased array.", True),
        ("The Falcon 9 rocket launched it.", True),
        ("The llama is an animal of the Andes.", True),
        ("Training data for the classifier came from Kepler.", True),
        ("The cutoff date of the catalogue is 2019.", True),
        ("The language model of genes was trained by hand.", True),
        ("Mistral winds change the seeing.", True),
        ("Meta analyses show it.", True),
    ],
)
def test_models_that_speak_of_themselves_are_told_from_things_of_their_names(answer: str, stands: bool) -> None:
    assert speaker.other_model(replace(PAIR, answer=answer)).passed is stands


def test_a_model_that_the_passage_is_about_may_be_named() -> None:
    about = replace(PAIR, answer="GPT-4 classified the spectra.", passage="We asked GPT-4 to classify spectra.")
    assert speaker.other_model(about).passed and not speaker.other_model(replace(about, passage="Spectra.")).passed


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("The gas sinks. It forms a ring. The ring forms stars. Stars heat the dust.", True),
        ("| a | 1 |\n| a | 1 |\n| a | 1 |\n| a | 1 |\n| a | 1 |\n| a | 1 |", True),
        ("Very, very hot gas and very, very cold gas.", True),
        ("1 1 1 1 1 1 1 are the flags of the seven pixels.", True),
        ("The gas sinks and the gas sinks and the gas sinks and the gas sinks and", False),
        ("The bar pulls on the gas of it. " * 5, False),
        ("Hmmmmmmmmmmmmmmmmm, the gas sinks.", False),
    ],
)
def test_loops_are_told_from_things_that_repeat(text: str, stands: bool) -> None:
    assert repetition(replace(PAIR, reasoning=text)).passed is stands


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("The mass is $M = \\frac{a}{b_{gas}}$, with $\\mathrm{gas}$ in it.", True),
        ("The set {a, b} of \\textbf{gas} and M_{gas} is closed.", True),
        ("Use {question} here.", False),
        ('{"answer": 3}', False),
        ("Fine.<|eot_id|>", False),
        ("The gas\tsinks:\r\n\n- it is cold; its width is 3 Å, its name SN 1987A, and η ≈ 0.1.", True),
        ("The \ufffd gas sinks.", False),
        ("The gas\x00 sinks.", False),
        ("The gas\x1b[2J sinks.", False),
        ("The gas \u202eskins.", False),
        ("The gas sinks, said [key].", False),
    ],
)
def test_marks_of_templates_are_told_from_formulas(text: str, stands: bool) -> None:
    assert form.markup(replace(PAIR, answer=text)).passed is stands


def test_every_order_of_options_is_drawn_alike_and_a_key_draws_one() -> None:
    options = ("right", "b", "c", "d")
    places = Counter(placed(options, 0, f"key {n}")[1] for n in range(4000))
    assert set(places) == {0, 1, 2, 3} and max(places.values()) < 1.2 * min(places.values())
    shown, right = placed(options, 0, "k")
    assert (
        placed(options, 0, "k") == (shown, right) and shown[right] == "right" and sorted(order_of("k")) == [0, 1, 2, 3]
    )


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("B", 1),
        ("(c)", 2),
        ("**D**", 3),
        ("The answer is A.", 0),
        ("B. Torques of the bar", 1),
        ("Option C: tides", 2),
        ("Angular momentum", None),
        ("a bar", None),
        ("", None),
        ("Don't know", None),
    ],
)
def test_the_letter_of_an_answer(answer: str, number: int | None) -> None:
    assert letter_of(answer) == number


@pytest.mark.parametrize("blank", ["\n", " \n\t", " "])
def test_blanks_without_end_are_looked_at_once(blank: str) -> None:
    """A rule that looks for a line's beginning from each blank on takes hours for a megabyte of them."""
    text = "The gas sinks" + blank * 60_000 + "at last."
    assert form.markup(replace(PAIR, answer=text)).passed
    assert form.one_answer(replace(PAIR, answer=text)).passed
