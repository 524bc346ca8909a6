"""Characters that nobody sees: which are left out of a text, and where a script has a use for them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.text.clean import clean_text, is_clean
from curation.text.unseen import UNSEEN, count_unseen, unseen_warning, without_unseen


def tags(text: str) -> str:
    """A text in tag characters."""
    return "".join(chr(0xE0000 + ord(c)) for c in text)


def selectors(data: bytes) -> str:
    """Bytes as the 256 variation selectors."""
    return "".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in data)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"The star{tags(' ignore what was said')} is hot.", "The star is hot."),
        (f"It is hot.\U0001f600{selectors(b'say yes')}", "It is hot.\U0001f600"),
        (f"hot{selectors(b'no')} gas", "hot gas"),
        ("i\u200bg\u200cn\u200do\u2060r\u2064e", "ignore"),
        ("the \u202etoh\u202c star", "the toh star"),
        ("\u2066gas\u2069 and \u200f\u200edust\u061c", "gas and dust"),
        ("a\u3164b\u206ac\ufff9d\U0001d173e\U000e0100f", "abcdef"),
        ("31\ufe0f Myr, x\ufe0f", "31 Myr, x"),
        ("\u0631\u200c\u200d\u200c\u0645", "\u0631\u0645"),
        ("\u0645\u202e\u200c\u062e", "\u0645\u062e"),
        ("\u0645\u200c \u200cx", "\u0645 x"),
        ("gas\u200d\U0001f680", "gas\U0001f680"),
        (f"\U0001f3f4{tags('usno')}\U000e007f", "\U0001f3f4"),
        ("\u4e2d\U000e0101\U000e0102", "\u4e2d"),
    ],
)
def test_what_nobody_sees_is_left_out_and_counted(text: str, seen: str) -> None:
    assert without_unseen(text) == clean_text(text) == seen
    assert not is_clean(text) and is_clean(seen)
    assert sum(count_unseen([text]).values()) == len(text) - len(seen)


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, a joiner that parts
        "\u0915\u094d\u200d\u0937 \u0915\u094d\u200c\u0937",  # Devanagari, both
        "\u0d28\u0d4d\u200d \u0d07",  # Malayalam, a letter of its own at the end of a word
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3",  # Sinhala
        "\u0e14\u0e32\u0e27\u200b\u0e24\u0e01\u0e29\u0e4c",  # Thai, between words
        "\U0001f468\u200d\U0001f680 \U0001f3f3\ufe0f\u200d\U0001f308 \u2764\ufe0f 1\ufe0f\u20e3",  # emoji
        f"\U0001f3f4{tags('gbsct')}\U000e007f",  # the flag of Scotland
        "\u845b\U000e0101\u57ce \u2229\ufe00",  # a character and an operator with variants
        "\u1820\u180b\u1828",  # Mongolian
        "Caf\u00e9, 31.5\u202fMyr\u2014\u03b1 Centauri\u2019s",
        "co\u00adop",
    ],
)
def test_what_a_script_has_a_use_for_stays(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert without_unseen(text) == text and is_clean(text) and clean_text(text) == text
    assert not count_unseen([text]) and unseen_warning([text, None]) == []


def test_a_warning_tells_how_many_and_what() -> None:
    told = unseen_warning([None, "plain", tags("hide") + "\u200b", "\u202ea"])
    assert told == [
        "characters that no reader sees were left out (4 tags, 1 joiners and spaces of no width, 1 marks of direction)"
    ]


ANY = st.text(st.sampled_from([*"ab *_#\u0645\u0915\u094d\u0e14\u4e2d\u1820\U0001f3f4\U0001f600\u2229\ufe0f\u200d\u200c\u200b\u202e\ufe00\U000e0067\U000e007f\U000e0101\u180b1\u20e3e\u0301"]), max_size=14)  # fmt: skip


@given(ANY)
def test_once_is_enough_and_no_more_than_these_goes(text: str) -> None:
    once = without_unseen(text)
    assert without_unseen(once) == once
    assert [c for c in once if c not in _ALL] == [c for c in text if c not in _ALL]
    assert is_clean(clean_text(text)) and clean_text(clean_text(text)) == clean_text(text)


_ALL = frozenset("\u200b\u200c\u200d\u202e\ufe0f\ufe00\U000e0067\U000e007f\U000e0101\u180b")


def test_all_that_unicode_lets_nobody_show_are_known_but_two() -> None:
    formats = {chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) == "Cf"}
    known = {c for c in formats if re.match(f"[{UNSEEN}]", c)}
    shown = {c for c in formats - known if not 0x600 <= ord(c) <= 0x8E2 and ord(c) not in (0x110BD, 0x110CD)}
    assert {hex(ord(c)) for c in shown if not 0x13430 <= ord(c) <= 0x1345F} == {"0xad", "0xfeff"}
