"""Long runs of combining marks: text comes out whole, in one form, and in time."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest

from curation.text.clean import clean_text
from curation.text.marks import JOINER, MAX_MARKS, stream_safe
from curation.text.shingles import Shingling, shingle_sets
from curation.withhold.title_form import words_of

MARKS = ["\u0301", "\u0323\u0301", "\u0301\u0f73", "\u0f73", "\U0001e8d0\u0301", "\uff9e\u0301"]


def non_starters(text: str) -> list[bool]:
    return [unicodedata.combining(c) > 0 for c in unicodedata.normalize("NFKD", text)]


def test_runs_are_cut_by_joiners_after_thirty_marks() -> None:
    run = "\u0301" * MAX_MARKS
    for text in ("", "abc", "Émile e\u0301", f"a{run}", f"a{run}b{run}", "日本語" * 50, "𝛼𝛽" * 50):
        assert stream_safe(text) == text
    assert stream_safe(f"a{run}\u0301") == f"a{run}{JOINER}\u0301"
    assert stream_safe(f"a{run * 3}b") == f"a{run}{JOINER}{run}{JOINER}{run}b"


@pytest.mark.parametrize("marks", MARKS)
def test_no_longer_run_is_left_and_nothing_is_lost(marks: str) -> None:
    text = f"a{marks * 500}b"
    safe = stream_safe(text)
    assert safe.replace(JOINER, "") == text and stream_safe(safe) == safe
    longest = max(map(len, "".join("m" if n else " " for n in non_starters(safe)).split()))
    assert longest <= 2 * MAX_MARKS  # U+0F73 is one character and two non-starters


def test_every_non_starter_counts() -> None:
    for point in range(0x110000):
        char = chr(point)
        if not 0xD800 <= point < 0xE000 and unicodedata.combining(unicodedata.normalize("NFKD", char)[0]):
            assert JOINER in stream_safe(char * (MAX_MARKS + 1)), hex(point)


def test_texts_and_titles_with_long_runs_are_normalised() -> None:
    marks = "\u0301\u0323" * 250_000
    clean = clean_text(f"cafe\u0301 {marks} end")
    assert clean.startswith("café ") and clean.endswith(" end") and unicodedata.is_normalized("NFC", clean[:5])
    assert words_of(f"The Mass{marks} of Gala\u0301xies\u0f73") == ["the", "mass", "of", "galaxies"]
    texts = pa.array([f"one two three four ﬁve {marks}", None], pa.large_string())
    plain = pa.array(["one two three four five", None], pa.large_string())
    folded = Shingling(unicode="NFKC")
    assert [s.tolist() for s in shingle_sets(texts, folded)] == [s.tolist() for s in shingle_sets(plain, folded)]
