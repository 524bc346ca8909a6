from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.text import Offsets, count_words, sentences, slice_bytes, text_sha256, word_spans, words

TEXT = st.text(alphabet=st.characters(codec="utf-8"))


def test_words_are_lower_cased_runs() -> None:
    assert words("The Hα line, [N II] 6583_b!") == ["the", "hα", "line", "n", "ii", "6583_b"]


def test_words_are_counted_outside_math_tables_and_code() -> None:
    text = "Mass $M_\\odot$ and $$E = mc^2$$ cost \\$5 each.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\ncode\n```\n\nEnd."
    assert count_words(text) == 6


@given(TEXT)
def test_words_stand_where_their_spans_say(text: str) -> None:
    assert [text[a:b].lower() for a, b in word_spans(text)] == words(text)


@given(TEXT, st.data())
def test_byte_offsets_cut_the_same_passage(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    offsets = Offsets(text)
    a, b = offsets.byte_of(start), offsets.byte_of(end)
    assert slice_bytes(text, a, b) == text[start:end]
    assert offsets.byte_of(len(text)) == len(text.encode())


def test_offsets_outside_a_text_and_spans_inside_a_character_are_refused() -> None:
    for char in (3, -1):
        with pytest.raises(IndexError):
            Offsets("aé").byte_of(char)
    with pytest.raises(UnicodeDecodeError):
        slice_bytes("aé", 0, 2)
    with pytest.raises(IndexError):
        slice_bytes("aé", 2, 9)


def test_sha256_is_over_utf8() -> None:
    assert text_sha256("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()


def test_sentences_survive_abbreviations_math_and_decimals() -> None:
    text = (
        "# A title. Not one\n\nHsu et al. (2019) found $x = 1. Y$ and 3.5 kpc, see Fig. 2. The mass (cf. Eq. 3) of J. Smith is\n"
        'low! "Is it?" Yes.\n\n| a. B | c |\n\nNo stop here'
    )
    assert [text[a:b] for a, b in sentences(text)] == [
        "Hsu et al. (2019) found $x = 1. Y$ and 3.5 kpc, see Fig. 2.",
        "The mass (cf. Eq. 3) of J. Smith is\nlow!",
        '"Is it?"',
        "Yes.",
        "No stop here",
    ]


@given(TEXT)
def test_sentences_are_disjoint_and_trimmed(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        at = end
