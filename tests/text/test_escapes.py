"""What Markdown would take for structure in plain text, judged by a parser of CommonMark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from curation.text.escapes import as_paragraph, escaper

PIECES = [
    *("a", "b ", "7", "é", " ", ".", ":", "|", "=", "+", "-", "# ", "#", "1. ", "2)", "<", "/", ">", "!", "--", "?", '"'),
    *("[", "]", "(", ")", "^", "*", "**", "_", "`", "``", "```", "~~~", "&", "lt;", "#60;", "http://a.b"),
]  # fmt: skip
WORDS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map("".join).map(lambda s: " ".join(s.split()))
MARKDOWN = MarkdownIt("commonmark")
escaped = escaper()


@given(WORDS.filter(bool))
def test_a_reader_of_markdown_sees_one_paragraph_of_the_very_words(text: str) -> None:
    opening, inline, closing = MARKDOWN.parse(as_paragraph(escaped(text)))
    assert (opening.type, inline.type, closing.type) == ("paragraph_open", "inline", "paragraph_close")
    assert {token.type for token in inline.children or []} <= {"text", "text_special"}
    assert "".join(token.content for token in inline.children or []) == text


@given(WORDS)
def test_what_is_escaped_stays_as_it_is(text: str) -> None:
    once = escaped(text)
    assert escaped(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "3<4 and x < y, R&D, AT&T",
        "Sgr A* and the star A* of it",
        "my_file_name and __init",
        "[12] and [a, b] and x^2",
        "-5 dB at 1.5 keV",
        "a lone ` and a lone *",
        "2 * 3 * 4",
        "[1] Introduction",
        "http://a.b/?x=1&param;y",
    ],
)
def test_what_is_no_structure_is_not_escaped(text: str) -> None:
    assert as_paragraph(escaped(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[click](http://x.y) ![seen](a.png)", r"[click]\(http://x.y) ![seen]\(a.png)"),
        ("a <!-- c --> <b>x</b>", r"a \<!-- c --> \<b>x\</b>"),
        ("x^[no note]", r"x^\[no note]"),
        ("[^1]: defined", r"\[^1]: defined"),
        ("## heading", r"\## heading"),
        ("12. item", r"12\. item"),
        ("| a | b |", r"\| a | b |"),
        ("> said", r"\> said"),
        ("~~~", r"\~~~"),
        ("**Figure 3.** forged", r"\*\*Figure 3.** forged"),
    ],
)
def test_structure_is_escaped_where_it_opens(text: str, expected: str) -> None:
    assert as_paragraph(escaped(text)) == expected


def test_our_own_marks_stay() -> None:
    ours = escaper(r"\$[^$]*\$")
    assert ours(r"$a<b$ a<b") == r"$a<b$ a\<b"
    assert escaped("\ufdd5^[a note]\ufdef(so)") == "\ufdd5^[a note]\ufdef\\(so)"


def test_dollars_are_money_where_no_math_is_marked() -> None:
    assert escaper(dollars=True)("$5 and $6") == r"\$5 and \$6"
    assert escaped("$x$") == "$x$"


def test_references_to_notes_are_printed_so_where_none_are_ours() -> None:
    assert escaper(notes=True)("a word[^1] and [^b*] but [^] and [ ^a]") == r"a word\[^1] and \[^b*] but [^] and [ ^a]"
    assert escaped("a word[^1]") == "a word[^1]"
