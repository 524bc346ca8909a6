"""Scanned pages in one and two columns, read in order."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from rapidfuzz.distance import Levenshtein

from curation.confine.limits import Limits
from curation.confine.sandbox import Sandbox
from curation.errors import PaperError, UserError
from curation.extract.ocr import MAX_SIDE_PX, backends, ocr_page, ocr_page_image, rapid
from curation.extract.ocr.engines import _pixels
from curation.extract.ocr.layout import Line, find_gutter, join, page_text
from curation.extract.ocr.rapid import SAMPLE
from curation.extract.paper_reader import MAIN, OCR
from curation.extract.pdf.extract import PdfBackend
from curation.extract.pdf.operators import MAX_CONTENT_BYTES
from curation.extract.recognise import recognise
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
    text = ocr_page(data, 0).text
    assert error_rate(text, "\n".join((TITLE, *PARAGRAPHS))) < 0.02
    assert text.split("\n\n")[0] == TITLE


def test_a_page_says_what_read_it_and_an_empty_one_is_empty() -> None:
    document = pymupdf.open()
    document.new_page()
    document.new_page().insert_text((72, 100), "Second page", fontsize=20)
    data = scanned(document)
    found = ocr_page(data, 1)
    assert (found.text, found.status, found.engine, found.dpi) == ("Second page", "ok", "rapidocr", 150)
    assert found.model_licence == "Apache-2.0" and "_rec_" in str(found.model) and str(found.version)[0].isdigit()
    assert (ocr_page(data, 0).text, ocr_page(data, 0).status) == ("", "empty")


@pytest.mark.parametrize(("dpi", "status"), [(38, "failed"), (60, "ok")])
def test_print_that_nobody_can_read_is_not_taken(dpi: int, status: str) -> None:
    found = ocr_page(scanned(born_digital(1), dpi=dpi), 0)
    assert found.status == status
    assert ("OCR is 8" in str(found.detail)) == (status == "failed")


def test_huge_page_is_drawn_small() -> None:
    document = pymupdf.open()
    document.new_page(width=14_000, height=14_000).insert_text((1000, 2000), "Poster", fontsize=900)
    found = ocr_page(bytes(document.tobytes()), 0, dpi=600)
    assert (found.text, found.dpi) == ("Poster", round(72 * MAX_SIDE_PX["rapidocr"] / 14_000))


def turned(data: bytes, quarters: int) -> bytes:
    """The first page turned with the clock."""
    found = pymupdf.open()
    with pymupdf.open(stream=data) as upright:
        width, height = upright[0].rect[2:]
        side = (height, width) if quarters % 2 else (width, height)
        page = found.new_page(width=side[0], height=side[1])
        page.show_pdf_page(pymupdf.Rect(0, 0, *side), upright, 0, rotate=90 * quarters)
    return bytes(found.tobytes())


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_scan_that_is_turned_is_read_upright(quarters: int) -> None:
    data = turned(scanned(born_digital(1)), quarters)
    assert error_rate(ocr_page(data, 0).text, "\n".join((TITLE, *PARAGRAPHS))) < 0.03


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_which_way_up_a_page_is_needs_no_list_of_words_and_costs_a_few_lines(
    quarters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        f"NGC {5128 + 37 * i}   {13 + i}.2{i}4   -{43 - i}.0{i}7   {1.475 + 0.31 * i:.3f}   {8 - i} kpc"
        for i in range(8)
    ]
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    for number, row in enumerate(rows):
        page.insert_text((50, 50 + 25 * number), row, fontsize=13, fontname="tiro")
    read: list[int] = []
    text = rapid._text
    monkeypatch.setattr(rapid, "_text", lambda crop: read.append(1) or text(crop))
    found = ocr_page(turned(scanned(document), quarters), 0).text
    assert error_rate("".join(found.split()), "".join("".join(rows).split())) < 0.03
    n_read = len(read)
    rapid.read(_pixels(document[0].get_pixmap(dpi=150)))
    assert n_read <= len(read) - n_read + (2 * SAMPLE if quarters else 0)


def test_an_image_that_is_a_line_is_told() -> None:
    with pytest.raises(PaperError, match="unreadable: the page is too narrow to be read"):
        rapid.read(np.full((1, 3000, 3), 255, np.uint8))


def bomb(inner: str, *, forms: int = 0) -> bytes:
    """A PDF whose page draws `inner`, through so many forms inside of each other, each ten times."""
    document = pymupdf.open()
    document.new_page()
    last = 0
    for depth in range(forms):
        last_form = document.get_new_xref()
        resources = f"/Resources << /XObject << /F {last} 0 R >> >>" if last else ""
        document.update_object(last_form, f"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] {resources} >>")
        document.update_stream(last_form, (b"/F Do " * 10 if depth else inner.encode()))
        last = last_form
    page = document[0]
    xref = document.get_new_xref()
    document.update_object(xref, "<< >>")
    document.update_stream(xref, b"/F Do " * 10 if forms else inner.encode())
    document.xref_set_key(page.xref, "Contents", f"{xref} 0 R")
    if forms:
        document.xref_set_key(page.xref, "Resources", f"<< /XObject << /F {last} 0 R >> >>")
    return bytes(document.tobytes(deflate=True))


@pytest.mark.parametrize(
    "data",
    [
        bomb("0 0 m 600 800 l S\n" * (MAX_CONTENT_BYTES // 18 + 1)),
        bomb("0 0 m 600 800 l S\n" * 40, forms=7),
        bomb("0 0 m 600 800 l S\n", forms=30),
    ],
    ids=["long", "branching", "deep"],
)
def test_a_page_of_too_many_operators_is_not_drawn(data: bytes) -> None:
    assert len(data) < 500_000
    with pytest.raises(
        PaperError,
        match=r"too_large: (drawing the page takes more than 64 MB of operators|.* nested more than 28 deep)$",
    ):
        ocr_page(data, 0)
    assert ocr_page(bomb("0 0 m 9 9 l S\n" * 9, forms=2), 0).status == "empty"


def test_bad_pdfs_are_told() -> None:
    for nothing in (b"no pdf", b""):
        with pytest.raises(PaperError, match=r"unreadable: not a PDF that can be opened$"):
            ocr_page(nothing, 0)
    document = born_digital(1)
    with pytest.raises(PaperError, match=r"no page 4; the PDF has 1"):
        ocr_page(bytes(document.tobytes()), 3)
    locked = bytes(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="u", owner_pw="o"))
    with pytest.raises(PaperError, match="encrypted"):
        ocr_page(locked, 0)


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
    assert (extracted.route, extracted.warnings) == ("pdf", ["1 of 2 pages were read by OCR"])
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
    text = ocr_page(scanned(born_digital(1), dpi=300), 0, engine="tesseract").text
    assert error_rate(text, "\n".join((TITLE, *PARAGRAPHS))) < 0.02
    assert text.split("\n\n")[0] == TITLE
    assert "tesseract" in backends("tesseract")


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: tuple[int, int, int, str]) -> Path:
    """A script that stands in for tesseract, which not every machine has: paragraph, line, sureness and text of its words."""
    rows = "".join(
        f"5\\t1\\t1\\t{par}\\t{line}\\t1\\t0\\t0\\t9\\t9\\t{sure}\\t{text}\\n" for par, line, sure, text in words
    )
    program = folder / "tesseract"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && { echo tesseract 5.3.0; exit 0; }\ncat >/dev/null\n'
        '[ -e "$0.fails" ] && { echo broken >&2; exit 1; }\n'
        f'printf "level\\tpage\\n1\\t1\\t0\\t0\\t0\\t0\\t0\\t0\\t9\\t9\\t-1\\t\\n{rows}" | sed "s/ARGS/$*, $OMP_THREAD_LIMIT threads/"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return program


def test_tesseract_is_run_with_one_thread_and_its_words_made_paragraphs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = [(1, 1, 96, "ARGS"), (1, 2, 90, "were obser-"), (1, 3, 95, "ved here"), (2, 1, 12, "|~"), (3, 1, 96, "end")]
    stand_in(tmp_path, monkeypatch, *words)
    page = born_digital(1)[0].get_pixmap(dpi=300)
    first = "stdin stdout --psm 1 --dpi 300 -l eng tsv, 1 threads were observed here"
    assert ocr_page_image(page, "tesseract") == f"{first}\n\nend"
    (tmp_path / "tesseract.fails").touch()
    with pytest.raises(PaperError, match=r"tesseract ended with exit code 1$"):
        ocr_page_image(page, "tesseract")


@pytest.mark.parametrize(("sure", "status"), [(28, "failed"), (72, "ok")])
def test_a_page_that_the_engine_is_not_sure_of_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sure: int, status: str
) -> None:
    stand_in(tmp_path, monkeypatch, (1, 1, sure, "coe Se a 45 Aewusdia brffer"), (1, 2, sure + 6, "ce some coup"))
    data = scanned(born_digital(1))
    found = ocr_page(data, 0, engine="tesseract")
    assert found.status == status
    assert bool(found.text) == (status == "ok")
    if status == "failed":
        assert found.detail == "OCR is 30% sure of what it read: handwriting or a drawing"


def test_a_page_that_passes_its_limits_is_lost_alone_and_three_are_enough() -> None:
    """RapidOCR takes more than a second of CPU time to start, and each page that passes it a new child."""
    document = pymupdf.open()
    for _ in range(5):
        document.new_page().insert_text((72, 100), "Second page", fontsize=20)
    paper = {"name": "a.pdf", "kind": "pdf", "data": scanned(document)}
    with Sandbox(Limits(max_wall_s=120, max_cpu_s=1, limit_address_space=False)) as tight:
        read = recognise(tight, OCR[MAIN], paper, range(5), "rapidocr", 600)
    assert [page.status for page in read] == ["timeout"] * 3 + ["failed"] * 2
    assert read[0].detail == "OCR: used more than 1 s of CPU time"
    assert read[4].detail == "not asked for: 3 pages before it passed their limits"
    with Sandbox(Limits(max_wall_s=120, limit_address_space=False)) as roomy:
        [page, missing] = recognise(roomy, OCR[MAIN], paper, [1, 9], "rapidocr", 600)
        bounded = recognise(roomy, OCR[MAIN], paper, range(5), "rapidocr", 0.01)
    assert (page.text, page.status) == ("Second page", "ok")
    assert (missing.status, missing.detail) == ("failed", "OCR: no page 10; the PDF has 5")
    assert [page.status for page in bounded] == ["ok"] + ["timeout"] * 4
    assert (
        bounded[4].detail == "not asked for: OCR of the pages before it took 0.01 s of CPU time (extract.max_ocr_cpu_s)"
    )
