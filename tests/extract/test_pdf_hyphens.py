"""Words at the ends of lines: which hyphens were put there by a line's end, and which belong; characters that say nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from curation.extract.pdf.hyphens import flow, plain, vocabulary
from tests.extract.placed import line


@pytest.mark.parametrize(
    ("first", "second", "words", "said"),
    [
        ("went with-", "out it", {"with": 3, "out": 2}, "went without it"),
        ("of a govern-", "mental office", {"govern": 2}, "of a governmental office"),
        ("a user-", "supplied table", {"user": 2}, "a user-supplied table"),
        ("of photo\u00ad", "graph plates", {"photo": 2, "graph": 3}, "of photograph plates"),
        ("all a-", "bout it", {"about": 3}, "all about it"),
        ("the x-", "ray sky", {"ray": 3}, "the x-ray sky"),
        ("an observa-", "tions log", {}, "an observations log"),
        ("in 1998-", "2001 we", {}, "in 1998-2001 we"),
        ("of Newton-", "Raphson steps", {}, "of Newton-Raphson steps"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_goes_where_it_cut_a_word(
    first: str, second: str, words: dict[str, int], said: str
) -> None:
    assert flow([line(100, 100, first), line(100, 112, second)], Counter(words)) == said


def test_the_rest_of_a_cut_word_is_none() -> None:
    words = vocabulary([line(100, 100, "these depend-"), line(100, 112, "ing on more"), line(100, 124, "are seen")])
    assert words == Counter({"on": 1, "these": 1, "are": 1}) and not words["ing"]


@pytest.mark.parametrize("sign", ["\ue000", "\ufffd", "\x07", "\U000f0001"])
def test_characters_without_a_meaning_are_blanks(sign: str) -> None:
    assert plain(f"before{sign}behind") == "before behind"


@pytest.mark.parametrize(("drawn", "written"), [("e\ufb03cient", "efficient"), ("W\u0133nands", "Wijnands")])
def test_ligatures_are_the_letters_that_they_join(drawn: str, written: str) -> None:
    assert plain(drawn) == written
