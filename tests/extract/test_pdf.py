"""PDFs become paragraphs without furniture, or a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from curation.errors import PaperError
from curation.extract.pages import PagesFailed, Recognised, ToRecognise
from curation.extract.pdf import extract_pdf
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.page import Backend
from curation.extract.pdf.with_pymupdf import PyMuPDF
from pipelines.demo import build_papers
from schemas import Reason
from tests.extract.pdfs import PROSE, make_pdf, prose_pdf

SHARED = Path(os.environ.get("ASTROCORPUS_SHARED", Path(__file__).parents[3] / "shared"))


def backends() -> list[Backend]:
    made: list[Backend] = [PyMuPDF()]
    try:
        from curation.extract.pdf.with_pypdfium2 import Pdfium
    except ImportError:
        return made
    return [*made, Pdfium()]


any_backend = pytest.mark.parametrize("backend", backends(), ids=lambda b: b.name)


def reason(data: bytes, backend: Backend) -> Reason:
    with pytest.raises(PaperError) as caught:
        extract_pdf(data, backend=backend)
    return caught.value.reason


@any_backend
def test_prose_comes_back_as_paragraphs(backend: Backend) -> None:
    extracted = extract_pdf(prose_pdf(1), backend=backend)
    assert extracted.text.strip() == (PROSE * 3).strip()
    assert (extracted.route, extracted.n_pages) == ("pdf", 1)


@any_backend
def test_running_heads_page_numbers_and_line_numbers_are_removed(backend: Backend) -> None:
    words = [f"{a}{b}{c}" for a in "bcdfghjklm" for b in "aeiou" for c in "npqrstvwxz" * 3][:1440]
    words[::2] = ["the"] * 720  # a page without a word of any language is not believed
    pages = []
    for number in range(6):
        items = [(72.0, 30.0, f"{number + 10} A. Author et al."), (290.0, 820.0, str(number + 10))]
        for row in range(40):
            start = (number * 40 + row) * 6
            items.append((72.0, 90.0 + 16 * row, " ".join(words[start : start + 6])))
            items.append((40.0, 90.0 + 16 * row, str(number * 40 + row + 1)))
        pages.append(items)
    text = extract_pdf(make_pdf(pages), backend=backend).text
    assert "Author" not in text
    assert not any(c.isdigit() for c in text)
    assert " ".join(text.split()) == " ".join(words)


@any_backend
def test_numbers_in_the_text_stay(backend: Backend) -> None:
    lines = [
        f"In the year {1990 + i} we counted {i * 7} stars, and more than {i} of them were variable." for i in range(20)
    ]
    text = extract_pdf(make_pdf([[(72.0, 100.0 + 14 * i, line) for i, line in enumerate(lines)]]), backend=backend).text
    assert " ".join(text.split()) == " ".join(lines)


@any_backend
def test_hyphens_are_joined_by_what_the_document_writes(backend: Backend) -> None:
    lines = [
        "A well-known fact about our observa-",
        "tions is that the well-",
        "known source is seen in these observations as a long-period",
        "variable near the Crab-",
        "Nebula field and in others.",
    ]
    text = extract_pdf(make_pdf([[(72.0, 100.0 + 14 * i, line) for i, line in enumerate(lines)]]), backend=backend).text
    assert "our observations is that the well-known source" in text
    assert "Crab-Nebula" in text


@any_backend
def test_the_last_hyphen_of_three_words_stays(backend: Backend) -> None:
    lines = [
        "We go to the next-to-",
        "lightest state of all and to the centre-of-",
        "mass system, where mass is conserved in a non-rela-",
        "tivistic way.",
    ]
    text = extract_pdf(make_pdf([[(72.0, 100.0 + 14 * i, line) for i, line in enumerate(lines)]]), backend=backend).text
    assert "the next-to-lightest state" in text and "the centre-of-mass system" in text
    assert "in a non-relativistic way" in " ".join(text.split())


@any_backend
def test_a_hyphen_behind_one_letter_or_a_number_stays(backend: Backend) -> None:
    """No word is cut behind its first letter, and a range or compound of a number has no blank behind its hyphen."""
    lines = [
        "The source was seen in the X-",
        "ray band and by the r-",
        "process in the years 1998-",
        "2001 with the 21-",
        "cm line, where 7 -",
        "3 is four, and once more in 2004.",
    ]
    text = extract_pdf(make_pdf([[(72.0, 100.0 + 14 * i, line) for i, line in enumerate(lines)]]), backend=backend).text
    assert "in the X-ray band and by the r-process in the years 1998-2001 with the 21-cm line, where 7 - 3 is" in text


@any_backend
def test_words_that_make_compounds_keep_their_hyphen(backend: Backend) -> None:
    """Neither `exemplar` nor `far` nor `ultraviolet` stands elsewhere; `farther` is one word."""
    lines = [
        "We use an exemplar-",
        "based method for the far-",
        "ultraviolet light of stars that are far-",
        "ther away than the others and are unre-",
        "solved, which is all.",
    ]
    text = extract_pdf(make_pdf([[(72.0, 100.0 + 14 * i, line) for i, line in enumerate(lines)]]), backend=backend).text
    assert "an exemplar-based method for the far-ultraviolet light of stars that are farther away" in text
    assert "are unresolved, which" in text


@any_backend
def test_tails_of_words_are_no_words(backend: Backend) -> None:
    """Both halves of `depend-ing` stand in the document: `depend` as a word, `ing` only behind other hyphens."""
    lines = [
        "We depend on the observa-",
        "tions of stars and on measur-",
        "ing the light of galaxies depend-",
        "ing on the weather of the night, compar-",
        "ing what we see with models that depend on it.",
    ]
    text = extract_pdf(make_pdf([[(72.0, 100.0 + 14 * i, line) for i, line in enumerate(lines)]]), backend=backend).text
    assert "measuring the light of galaxies depending on the weather of the night, comparing what" in " ".join(
        text.split()
    )


@any_backend
def test_pdfs_without_text_have_reasons(backend: Backend) -> None:
    assert reason(make_pdf([[], []], images=True), backend) is Reason.NO_TEXT_LAYER
    assert reason(prose_pdf(password="secret"), backend) is Reason.ENCRYPTED
    assert reason(b"<!DOCTYPE html><html><body>Not found</body></html>", backend) is Reason.UNKNOWN_FORMAT
    assert reason(b"", backend) is Reason.UNKNOWN_FORMAT
    assert reason(b"%PDF-1.4 and no more", backend) in (Reason.UNREADABLE, Reason.NO_TEXT, Reason.NO_TEXT_LAYER)


def mixed(kinds: str, stamp: str = "") -> bytes:
    """A PDF with a page for each letter: t has text, s is a scan, f a figure in the margins with a caption."""
    document = pymupdf.open()
    image = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 85))
    image.clear_with(220)
    for number, kind in enumerate(kinds):
        page = document.new_page(width=595, height=842)
        if kind == "t":
            for row in range(30):
                page.insert_text((72, 90 + 20 * row), f"Line {row} of page {number} has words of its own, as is usual.")
        elif kind == "s":
            for strip in range(4):
                page.insert_image(
                    pymupdf.Rect(5, 210 * strip, 590, 210 * strip + 212), pixmap=image, keep_proportion=False
                )
        else:
            page.insert_image(pymupdf.Rect(72, 72, 523, 700), pixmap=image, keep_proportion=False)
            page.insert_text((72, 730), "Figure 1. The sky above us.")
        if stamp:
            page.insert_text((72, 830), stamp.format(number + 1), fontsize=7)
    data: bytes = document.tobytes()
    return data


def read(numbers: Sequence[int]) -> list[Recognised]:
    """Stands in for OCR: what it reads is known."""
    return [Recognised(f"Recognised page {n}.\n\nIts end.", engine="known") for n in numbers]


@any_backend
@pytest.mark.parametrize("stamp", ["", "Downloaded from the Data System by a reader in the year 2026, page {}"])
def test_scanned_pages_of_a_paper_are_read_in_their_place(backend: Backend, stamp: str) -> None:
    extracted = extract_pdf(mixed("tsfts", stamp), backend=backend, max_ocr_pages=5, recognise=read)
    marks = ["of page 0", "Recognised page 1.", "Its end.", "The sky above", "of page 3", "Recognised page 4."]
    places = [extracted.text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert (extracted.route, extracted.n_pages) == ("pdf", 5)
    assert "2 of 5 pages were read by OCR" in extracted.warnings
    assert "Recognised page 2" not in extracted.text


@any_backend
def test_a_scan_with_a_stamp_on_each_page_is_a_scan(backend: Backend) -> None:
    stamp = "© The Society, provided by the Data System with a line longer than a page number, {}"
    data = mixed("ss", stamp)
    assert reason(data, backend) is Reason.NO_TEXT_LAYER
    extracted = extract_pdf(data, backend=backend, max_ocr_pages=2, recognise=read)
    assert (extracted.route, extracted.warnings) == ("ocr", [])
    assert extracted.text.split("\n\n")[0] == "Recognised page 0." and "Society" not in extracted.text


@any_backend
def test_scans_that_may_not_be_read_are_left_out_or_called_for(backend: Backend) -> None:
    data = mixed("ttss")
    extracted = extract_pdf(data, backend=backend)
    assert "2 of 4 pages could not be read: a scan (50% of the paper)" in extracted.warnings
    assert [(page.status, page.detail) for page in extracted.pages][1:3] == [("ok", None), ("failed", "a scan")]
    limit = "OCR reads up to 1 pages of a paper (extract.max_ocr_pages)"
    extracted = extract_pdf(data, backend=backend, max_ocr_pages=1, recognise=read)
    assert (extracted.route, extracted.pages[2].detail) == ("pdf", f"a scan; {limit}")
    with pytest.raises(ToRecognise, match="2 of 4 pages are scans or have no text that can be read") as waiting:
        extract_pdf(data, backend=backend, max_ocr_pages=2)
    assert waiting.value.pages == (2, 3)
    with pytest.raises(PagesFailed, match=r"pages_unread: 2 of 3 pages could not be read: a scan$") as failed:
        extract_pdf(mixed("tss"), backend=backend)
    assert [page.status for page in failed.value.pages] == ["ok", "failed", "failed"]
    with pytest.raises(PagesFailed, match="too_large: a scan of 2 pages; OCR reads up to 1"):
        extract_pdf(mixed("ss"), backend=backend, max_ocr_pages=1, recognise=read)


@any_backend
def test_truncated_pdf_never_gives_empty_text(backend: Backend) -> None:
    whole = prose_pdf(4)
    for share in (0.1, 0.3, 0.6, 0.9):
        try:
            extracted = extract_pdf(whole[: int(len(whole) * share)], backend=backend)
        except PaperError as error:
            assert error.reason in (Reason.UNREADABLE, Reason.NO_TEXT, Reason.NO_TEXT_LAYER, Reason.PAGES_UNREAD)
        else:
            assert extracted.text.strip()


@any_backend
def test_too_many_pages_are_refused(backend: Backend) -> None:
    assert reason(make_pdf([[(72.0, 100.0, "x")]] * 1501), backend) is Reason.TOO_LARGE


def test_references_are_taken_out_of_the_body() -> None:
    body = [(72.0, 100.0 + 14 * i, line) for i, line in enumerate([PROSE[:70]] * 30)]
    items = [*body, (72.0, 560.0, "REFERENCES"), (72.0, 580.0, "Rubin, V. C. 1980, ApJ, 238, 471")]
    extracted = extract_pdf(make_pdf([items]))
    assert extracted.references is not None and "Rubin" in extracted.references
    assert "Rubin" not in extracted.text


@pytest.mark.needs_shared
@pytest.mark.parametrize(("name", "min_recall"), [("casey", 0.99), ("vspec", 0.99), ("sfrd", 0.97), ("msd", 0.9)])
def test_real_papers_reach_the_measured_recall(tmp_path: Path, name: str, min_recall: float) -> None:
    """`min_recall` of words against the LaTeX source; below it something was lost."""
    folder = SHARED / "pdfs" / name
    extracted = extract_pdf((folder / "paper.pdf").read_bytes())
    out = tmp_path / "out.md"
    out.write_text("\n\n".join(filter(None, [extracted.text, extracted.references])))
    script = SHARED / "yardsticks" / "score_pdf.py"
    run = subprocess.run([sys.executable, script, folder / "ref.json", out], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["word_recall"] >= min_recall


@any_backend
def test_headings_of_a_paper_are_told_by_its_fonts(backend: Backend) -> None:
    paper = Path(build_papers.__file__).parent / "papers" / "2301.00005.pdf"
    extracted = extract_pdf(paper.read_bytes(), backend=backend)
    headings = [line for line in extracted.text.split("\n") if line.startswith("## ")]
    assert headings == [
        "## Abstract",
        "## Introduction",
        "## Observations",
        "## Results",
        "## Discussion",
        "## Conclusions",
    ]
    assert 300 < len(extracted.part("abstract") or "") < 500
