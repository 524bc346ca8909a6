"""Eight times as much on a page takes about eight times the steps, counted, not timed."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pymupdf
import pytest

from curation.extract.pdf.extract import PdfBackend, backend_of, extract_pdf
from tests.extract.raw_pdf import SENTENCES, Pdf

FEW, TIMES = 150, 8
MAX_GROWTH = 1.5 * TIMES
"""Sorting grows a little faster than what is sorted; what compares each with each grows by 64."""


def _said(x: float, y: float, size: float, text: str) -> str:
    return f"BT /F1 {size} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm ({text}) Tj ET"


def _page(content: list[str], height: int = 800) -> bytes:
    pdf = Pdf()
    pdf.page("\n".join(content), entries=f"/MediaBox [0 0 600 {height}]")
    return pdf.done()


def _prose(n: int) -> list[str]:
    return [_said(60, 780 - 12 * i, 10, SENTENCES[i % len(SENTENCES)]) for i in range(n)]


def _one_paragraph(n: int) -> bytes:
    """Lines of one paragraph, every third of which ends in a hyphen."""
    height = 12 * n + 100
    said = [SENTENCES[i % len(SENTENCES)].rstrip(".") + (" obser-" if i % 3 == 0 else " and") for i in range(n)]
    return _page([_said(60, height - 50 - 12 * i, 10, text) for i, text in enumerate(said)], height)


def _labels(n: int) -> bytes:
    """A plot with as many bars and numbers."""
    places = random.Random(1)
    at = [(places.uniform(60, 540), places.uniform(20, 400)) for _ in range(n)]
    bars = [f"{x:.1f} {y:.1f} 3 3 re f" for x, y in at]
    return _page([*_prose(25), *bars, *(_said(x, y, 4, str(i)) for i, (x, y) in enumerate(at))])


def _short_runs(n: int) -> bytes:
    """Words in runs of their own, each with an exponent."""
    said = " ".join(SENTENCES).split()
    made, x, y = [], 60.0, 780.0 + 2 * n
    for i in range(n):
        word = said[i % len(said)]
        end = x + pymupdf.get_text_length(word, fontname="helv", fontsize=8)
        made += [_said(x, y, 8, word), _said(end, y + 3, 5, "2")]
        x, y = (end + 6, y) if end < 480 else (60.0, y - 12)
    return _page(made, 800 + 2 * n)


def _pages(n: int) -> bytes:
    pdf = Pdf()
    for i in range(n // 10):
        pdf.page("\n".join([*_prose(10), _said(300, 20, 10, str(i + 1))]))
    return pdf.done()


def _steps(run: Callable[[], object]) -> int:
    """Lines of Python that run in this room; each turn of a loop inside of a line is one."""
    count = 0

    def counted(frame: FrameType, event: str, found: Any) -> Any:
        nonlocal count
        if "extract" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("backend", ["pymupdf", "pypdfium2"])
@pytest.mark.parametrize("make", [_one_paragraph, _labels, _short_runs, _pages])
def test_steps_grow_with_what_a_pdf_has(make: Callable[[int], bytes], backend: PdfBackend) -> None:
    reader = backend_of(backend)
    few, many = (_steps(partial(extract_pdf, make(n), backend=reader)) for n in (FEW, TIMES * FEW))
    assert many < MAX_GROWTH * few


def test_the_measure_finds_what_compares_each_with_each() -> None:
    def compare(n: int) -> int:
        return sum(i == j for i in range(n) for j in range(n))

    assert _steps(lambda: compare(TIMES * 10)) > MAX_GROWTH * _steps(lambda: compare(10))
