"""A long run of one mark: what a quadratic pattern would work on for hours is done at once."""

from __future__ import annotations

import pytest

from curation.identity import normalise_licence, parse_arxiv_id
from curation.sft.passages import passages
from curation.sources.kinds import kind_of
from curation.text import masks, sentences
from curation.text.blocks import blocks, heading_title
from curation.text.clean import clean_text
from curation.text.words import count_words

MARKS = [
    " ",
    "\t",
    "\n",
    " \n",
    "`",
    "``` ",
    "[",
    "[@",
    "$",
    "$x",
    "$$ ",
    "\\$",
    "|",
    "| a ",
    "\\cite[",
    "\\cite{",
    "*",
    "#",
]
MARKS += [
    " #",
    "<",
    "<!-- -->",
    "(",
    "(A, ",
    "(see A ",
    "(A 2000; ",
    "(A, and ",
    "(A, and B 2019; ",
    "[1,",
    ".",
    ".)",
    "!?",
    "1.",
    ">",
    "é",
    "a ",
]


@pytest.mark.parametrize("mark", MARKS)
def test_a_long_run_of_one_mark_is_read_at_once(mark: str) -> None:
    run = (mark * (2**18 // len(mark)))[: 2**18]
    for text in (f"We see {run}x", f"# A{run}x"):
        clean = clean_text(text)
        assert clean.startswith(("We see", "# A"))
        count_words(text)
        sentences(text)
        passages(text, 7, 60)
        assert all(m.end <= len(text) for m in masks(text))
        assert [heading_title(b.text(text)) for b in blocks(text) if b.kind == "heading"] or text[0] == "W"
        assert parse_arxiv_id(text) is None and normalise_licence(text) is None
    assert kind_of(run.encode()[:65_536] + b"x", "a") != "html"


def test_blanks_at_line_ends_go_and_blanks_inside_stay() -> None:
    assert clean_text("a  b \t\n \n c \t") == "a  b\n\n c"


@pytest.mark.parametrize(
    ("text", "code"),
    [("a ``b ` c`` d", "``b ` c``"), ("a ``` b `c`", "`c`"), ("a " + "`" * 9 + " b `c`", "`c`")],
)
def test_ticks_open_and_close_in_equal_numbers(text: str, code: str) -> None:
    assert [text[m.start : m.end] for m in masks(text) if m.kind == "code"] == [code]


def test_html_behind_comments_is_html() -> None:
    assert kind_of(b"<!-- one --> <!-- two -->\n<html><body>", "paper.gz") == "html"
