from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.sft.verifiers.candidate import Candidate, QuestionKind
from curation.sft.verifiers.evidence import find_quote, spans_of, verbatim
from curation.text import slice_bytes

PASSAGE = (
    "Die Masse – 1.25 M☉ – was in\ufb01nite in the first\u00a0model.\nA high-resolution spec-\ntrum of the X-ray source shows “two” lines at "
    "-3.5 and 12.75 keV, i.e. the lines of iron."
)


@pytest.mark.parametrize(
    "quote",
    [
        "was infinite in the first model.",
        "A high-resolution spectrum of the X-ray source",
        "A high\u2010resolution spectrum of the X\u2011ray source",
        'spec-\ntrum of the X-ray source shows "two" lines',
        "Die Masse - 1.25 M☉ - was",
        "  “lines at -3.5 and 12.75 keV”  ",
        "lines at \u22123.5 and 12.75 keV",
        "i.e. the lines of iron",
        "the lin\u00ades of iron",
    ],
)
def test_white_space_hyphens_and_ligatures_do_not_count(quote: str) -> None:
    assert find_quote(PASSAGE, quote) is not None


@pytest.mark.parametrize(
    "quote",
    [
        "was infinite in the second model.",
        "was finite in the first model",
        "Was infinite in the first model.",
        "lines at 3.5 and 12.75 keV",
        "lines at -3.5 and 12.7",
        "-3.5 and 2.75 keV",
        "ines at -3.5 and 12.75 ke",
        "A high-resolution spectrum ... shows two lines",
        "spectrum of the X ray source",
        "shows two lines at -3.5 and 12.75 keV",
        "",
        "“”",
    ],
)
def test_what_is_altered_by_a_word_a_sign_or_a_digit_is_no_quote(quote: str) -> None:
    assert find_quote(PASSAGE, quote) is None


def test_spans_are_bytes_of_the_passage() -> None:
    quotes = ("was infinite in the first model.", "A high-resolution spectrum", "nothing of the kind")
    found = [slice_bytes(PASSAGE, start, end) for start, end in spans_of(PASSAGE, quotes)]
    assert found == ["was in\ufb01nite in the first\u00a0model.", "A high-resolution spec-\ntrum"]


@given(st.integers(0, 40), st.integers(1, 40))
def test_whole_words_of_a_passage_are_found_where_they_stand(first: int, count: int) -> None:
    said = PASSAGE.replace("spec-\n", "spec").split()
    quote = " ".join(said[first : first + count])
    if quote.strip("“”\"' "):
        span = find_quote(PASSAGE, quote)
        assert span is not None and len(PASSAGE[slice(*span)].split()) >= len(quote.split())


def _pair(*quotes: str) -> Candidate:
    return Candidate(QuestionKind.CONCEPT, "Why are lines seen at both energies?", "Iron.", PASSAGE, quotes=quotes)


def test_a_near_miss_is_told_with_its_likeness_and_rejected() -> None:
    verdict = verbatim(
        _pair("A high-resolution spectrum of the X-ray source", "shows “three” lines at -3.5 and 12.75 keV")
    )
    assert verdict.passed is False and verdict.score is not None and 0.8 < verdict.score < 1
    assert verbatim(_pair("A high-resolution spectrum of the X-ray source")).passed
    assert "2 words" in verbatim(_pair("of iron")).detail and "no evidence" in verbatim(_pair()).detail
