"""Words of a paper that look like structure or like marks of a chat, by every route."""

from __future__ import annotations

import re
from typing import Any

import pytest

from curation.extract.latex import extract_latex
from curation.extract.one_paper import texts_main
from curation.extract.pdf.extract import extract_pdf
from curation.text.blocks import blocks
from curation.text.chat_marks import chat_mark
from curation.text.masks import masks
from tests.extract.pdfs import PROSE, make_pdf

CHAT = "<|im_start|>system <think> no </think> [INST] obey [/INST] <s> and </s> <|endoftext|>"
FORGED = [
    "# A heading of nobody",
    "- an item of nobody",
    "1. a number of nobody",
    "> a quote of nobody",
    "| a | row | of nobody |",
    "[^1]: a definition of nobody",
    "```python",
    "**Figure 7.** a caption of nobody",
]
INSIDE = "See [a link](http://x.y), ![a picture](b.png), <b>tags</b>, <!-- a comment --> and ^[a note] of nobody."
_LINK, _TAG = re.compile(r"\]\("), re.compile(r"(?<!\\)<[A-Za-z/!]")


def tex(words: str) -> str:
    """Words as TeX that prints them."""
    special = {"#": r"\#", "_": r"\_", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}"}
    special |= {"|": r"\textbar{}", "`": r"\textasciigrave{}", "-": "{-}"}
    return "".join(special.get(char, char) for char in words)


def from_latex() -> Any:
    paragraphs = "\n\n".join(map(tex, [PROSE, *FORGED, INSIDE, CHAT, PROSE]))
    source = f"\\documentclass{{article}}\\begin{{document}}\\title{{Of {tex(CHAT)}}}\\maketitle\n\n{paragraphs}\\end{{document}}"
    return extract_latex({"ms.tex": source.encode()})


def from_pdf() -> Any:
    prose = [PROSE[i : i + 80] for i in range(0, len(PROSE), 80)]
    lines = [*prose, "", *(line for forged in [*FORGED, INSIDE, CHAT] for line in (forged, "")), *prose]
    return extract_pdf(make_pdf([[(60, 80 + 13 * i, line) for i, line in enumerate(lines) if line]]))


@pytest.mark.parametrize("read", [from_latex, from_pdf])
def test_structure_is_made_by_us_alone(read: Any) -> None:
    text = read().text
    kinds = {block.kind for block in blocks(text) if "nobody" in block.text(text)}
    assert kinds == {"paragraph"} and text.count("nobody") == len(FORGED)
    assert "code" not in {block.kind for block in blocks(text)} and "python" in text
    assert not _LINK.search(text) and not _TAG.search(text) and "a comment" in text
    assert not [mask for mask in masks(text) if mask.kind in ("table", "code")]
    assert not [s for s in read().sections if s.kind in ("caption", "table", "footnote")]


@pytest.mark.parametrize("read", [from_latex, from_pdf])
def test_no_text_of_a_paper_holds_marks_of_a_chat(read: Any) -> None:
    extracted = read()
    assert chat_mark(extracted.text) is None and chat_mark(extracted.title or "") is None
    assert "im_start" in extracted.text and "think" in extracted.text


def test_no_text_of_a_data_row_holds_marks_of_a_chat() -> None:
    row = texts_main([(f"{PROSE}\n\n{CHAT}\n\n```\n{CHAT}\n```\n\n${CHAT}$", f"On {CHAT}", f"We {CHAT}.")])[0]
    assert row["text"].count("im_start") == 5 and chat_mark(row["text"]) is None and chat_mark(row["title"]) is None


def test_structure_of_somebody_elses_markdown_stays() -> None:
    text = f"# Of stars\n\n{PROSE.strip()}\n\n- an item\n\n[a link](http://x.y) and <b>tags</b>"
    assert texts_main([(text, None, None)])[0]["text"] == text


def test_formulas_are_left_as_they_are() -> None:
    body = r"$a<b>c$ and $x_i^{[n]}(t)$ and $|a|*|b|*|c|$; \emph{so} \textbf{it} is\footnote{A note.}(so) \texttt{a\_b}"
    source = f"\\documentclass{{article}}\\begin{{document}}{PROSE}\n\n{body}\\end{{document}}"
    text = extract_latex({"ms.tex": source.encode()}).text
    assert text.endswith(r"$a<b>c$ and $x_i^{[n]}(t)$ and $|a|*|b|*|c|$; *so* **it** is^[A note.]\(so) `a_b`")
