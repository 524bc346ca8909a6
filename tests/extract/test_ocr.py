"""Scanned pages in one and two columns, read in order."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pymupdf
import pytest
from rapidfuzz.distance import Levenshtein

from curation.errors import PaperError, UserError
from curation.extract.ocr import backends, ocr_page_image, ocr_pdf
from curation.extract.ocr.layout import Line, find_gutter, join, page_text
from curation.extract.pdf.extract import PdfBackend
from curation.extract.router import Extract
from tests.extract.paths import extract_path
from tests.extract.scanned import PARAGRAPHS, TITLE, born_digital, scanned


def error_rate(text: str, expected: str) -> float:
    text, expected = " ".join(text.split()), " ".join(expected.split())
    return Levenshtein.distance(text, expected) / len(expected)


@pytest.mark.parametrize("columns", [1, 2])
def test_scanned_page_is_read_column_by_column(columns: int) -> None:
    data = scanned(born_digital(columns))
    with pymupdf.open(stream=data) as flat:
        assert not flat[0].get_text().strip()
    (text,) = ocr_pdf(data)
    assert error_rate(text, "\n".join((TITLE, *PARAGRAPHS))) < 0.02
    assert text.split("\n\n")[0] == TITLE


def test_only_the_named_pages_are_read_and_an_empty_one_is_empty() -> None:
    document = pymupdf.open()
    document.new_page()
    document.new_page().insert_text((72, 100), "Second page", fontsize=20)
    document.new_page().insert_text((72, 100), "Third page", fontsize=20)
    assert ocr_pdf(scanned(document), [2, 0]) == ["Third page", ""]


def test_huge_page_is_drawn_small() -> None:
    document = pymupdf.open()
    document.new_page(width=14_000, height=14_000).insert_text((1000, 2000), "Poster", fontsize=900)
    assert ocr_pdf(bytes(document.tobytes()), dpi=600) == ["Poster"]


def test_bad_pdfs_are_told() -> None:
    with pytest.raises(PaperError, match="unreadable"):
        ocr_pdf(b"no pdf")
    with pytest.raises(PaperError, match="unreadable"):
        ocr_pdf(b"")
    document = born_digital(1)
    with pytest.raises(PaperError, match=r"no pages \[3\]; the PDF has 1"):
        ocr_pdf(bytes(document.tobytes()), [3])
    locked = bytes(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="u", owner_pw="o"))
    with pytest.raises(PaperError, match="encrypted"):
        ocr_pdf(locked)


def column(x: float, texts: list[str], y: float = 100) -> list[Line]:
    return [Line(text, x, y + 20 * i, x + 200, y + 20 * i + 15) for i, text in enumerate(texts)]


def test_columns_follow_one_another_between_lines_that_cross_them() -> None:
    upper_left, upper_right = column(0, list("abcde")), column(220, list("fghij"))
    figure = Line("WIDE", 50, 205, 400, 220)
    lower_left, lower_right = column(0, list("klm"), 230), column(220, list("nop"), 230)
    lines = [*upper_right, *lower_left, figure, *upper_left, *lower_right]
    assert page_text(lines).replace("\n\n", " ") == "a b c d e f g h i j WIDE k l m n o p"


def test_cells_of_a_table_are_no_columns() -> None:
    cells = [Line(f"{r}{c}", 150 * c, 20 * r, 150 * c + 30, 20 * r + 15) for r in range(6) for c in range(3)]
    assert find_gutter(cells) is None
    assert page_text(cells[::-1]).split()[:4] == ["00", "01", "02", "10"]


def test_word_broken_at_a_line_end_is_joined() -> None:
    assert join("the spectro-", "graph") == "the spectrograph"
    assert join("the mass-", "Mass relation") == "the mass- Mass relation"
    assert join("from 3-", "sigma") == "from 3- sigma"


@pytest.mark.parametrize("backend", ["pymupdf", "pypdfium2"])
def test_a_scanned_page_of_a_paper_with_text_is_read(tmp_path: Path, backend: PdfBackend) -> None:
    with born_digital(1) as document, pymupdf.open(stream=scanned(born_digital(2))) as scan:
        document.insert_pdf(scan)
        (tmp_path / "paper.pdf").write_bytes(document.tobytes())
    extracted = extract_path(tmp_path / "paper.pdf", Extract(pdf_backend=backend))
    assert (extracted.route, extracted.warnings) == ("pdf", ["1 of 2 pages are scans, read by OCR"])
    expected = "\n".join((TITLE, *PARAGRAPHS))
    assert error_rate(extracted.text.removeprefix("# "), f"{expected}\n{expected}") < 0.02


def test_missing_tesseract_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="apt-get install tesseract-ocr"):
        backends("tesseract")
    assert set(backends("rapidocr")) == {"rapidocr", "onnxruntime"}


def test_tesseract_reads_a_page() -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed: apt-get install tesseract-ocr")
    (text,) = ocr_pdf(scanned(born_digital(1), dpi=300), engine="tesseract")
    assert error_rate(text, "\n".join((TITLE, *PARAGRAPHS))) < 0.02
    assert text.split("\n\n")[0] == TITLE
    assert "tesseract" in backends("tesseract")


def test_tesseract_is_run_with_one_thread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A script stands in for the program, which not every machine has."""
    program = tmp_path / "tesseract"
    program.write_text(
        '#!/bin/sh\ncat >/dev/null\n[ -e "$0.fails" ] && { echo broken >&2; exit 1; }\nprintf "args $*\\nthreads $OMP_THREAD_LIMIT\\n\\nend\\n\\f"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    page = born_digital(1)[0].get_pixmap(dpi=300)
    assert ocr_page_image(page, "tesseract") == "args stdin stdout --psm 1 --dpi 300 -l eng threads 1\n\nend"
    (tmp_path / "tesseract.fails").touch()
    with pytest.raises(PaperError, match="tesseract: broken"):
        ocr_page_image(page, "tesseract")
