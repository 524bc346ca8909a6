"""Heads, feet and page numbers leave what OCR read, and nothing else does."""

from __future__ import annotations

import pytest

from curation.extract.ocr.layout import Line, page_text
from curation.extract.pdf.page import Page
from curation.extract.pdf.recognised import remove_heads
from tests.extract.sheets import sentence


def pages(*texts: list[str]) -> list[Page]:
    return [Page(595, 842, recognised="\n\n".join(parts)) for parts in texts]


def left(*texts: list[str]) -> list[str]:
    made = pages(*texts)
    remove_heads(made)
    return [str(page.recognised) for page in made]


def body(n: int) -> list[str]:
    return [sentence(40, n), sentence(40, 20 + n)]


def said(n: int) -> str:
    return "\n\n".join(body(n))


def test_heads_that_come_again_go_though_ocr_misreads_them() -> None:
    heads = ["SMITH AND JONES", "SM1TH AND JONES", "SMITH AND J0NES", "SMITH AND JONES"]
    assert left(*([head, *body(n)] for n, head in enumerate(heads))) == [said(n) for n in range(4)]


def test_paragraphs_with_a_number_that_counts_with_the_pages_go() -> None:
    outer = [("Vol. 12 Winds of stars 211", "x"), ("212", "y"), ("x", "213"), ("214 SMITH", "y")]
    texts = []
    for n, (first, last) in enumerate(outer):
        own = [] if first in "xy" else [first]
        texts.append([*own, *body(n), *([last] if last not in "xy" else [])])
    assert left(*texts) == [said(n) for n in range(4)]


def test_what_begins_a_page_otherwise_stays() -> None:
    texts = [["1984 was a dry year.", *body(0)], ["The end of a sentence.", *body(1)], ["300 stars", *body(2)]]
    assert left(*texts) == ["\n\n".join(text) for text in texts]


@pytest.mark.parametrize(
    ("head", "goes"),
    [
        ("400 BRITISH WINDS. [CH. XIX.", True),
        ("212", True),
        ("RESULTS OF 1984 SURVEYS", False),
        ("In 1984", False),
        ("2 OBSERVATIONS", False),
    ],
)
def test_the_head_of_a_single_page(head: str, goes: bool) -> None:
    assert left([head, *body(0)]) == [said(0) if goes else f"{head}\n\n{said(0)}"]


def test_a_page_of_text_is_left_alone() -> None:
    page = Page(595, 842)
    remove_heads([page])
    assert page.recognised is None


def test_a_head_over_two_columns_stands_before_both() -> None:
    lines = [Line("400", 90, 40, 120, 52), Line("SMITH AND JONES", 240, 40, 380, 52), Line("Vol. 7", 500, 40, 530, 52)]
    for n in range(12):
        lines.append(Line(f"left {n} runs to its edge", 90, 100 + 14 * n, 300, 111 + 14 * n))
        lines.append(Line(f"right {n} runs to its edge", 320, 100 + 14 * n, 530, 111 + 14 * n))
    lines.append(Line("The Journal", 90, 400, 160, 411))
    text = page_text(lines).split("\n\n")
    assert (text[0], text[-1]) == ("400 SMITH AND JONES Vol. 7", "The Journal")
    assert text[1].startswith("left 0 runs") and text[2].startswith("right 0 runs") and len(text) == 4
