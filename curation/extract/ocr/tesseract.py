"""tesseract, a program, and what it says of a page: words with their places and how sure it is of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.confine.ended import run_program
from curation.errors import PaperError, UserError
from curation.extract.ocr.layout import join
from schemas import Reason

if TYPE_CHECKING:
    import pymupdf

MAX_S = 300
MIN_LINE_SURE = 30.0
"""Of 100: what it makes of specks and of the lines of a drawing has 0 to 25, words of a page in bad light 60 and more."""
_COLUMNS = 12
_WORD_LEVEL = "5"


@dataclass(slots=True)
class _Row:
    """A line of one paragraph: its words, and how sure each is."""

    paragraph: tuple[str, ...]
    words: list[str] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def total(self) -> float:
        return sum(len(word) * sure for word, sure in zip(self.words, self.sure, strict=True))

    @property
    def chars(self) -> int:
        return sum(map(len, self.words))


def program() -> str:
    """Where tesseract is installed.

    Raises:
        UserError: it is not.
    """
    if found := shutil.which("tesseract"):
        return found
    raise UserError("tesseract is not installed: apt-get install tesseract-ocr, or choose rapidocr")


def read(page: pymupdf.Pixmap) -> tuple[str, float]:
    """The text of a page image, paragraphs separated by blank lines, and how sure tesseract is of it, 0 to 1.

    Lines of which it is not sure at all are left out: they are specks and drawings.

    Raises:
        UserError: it is not installed.
        PaperError: it failed, took longer than MAX_S, or was killed.
    """
    command = [program(), "stdin", "stdout", "--psm", "1", "--dpi", str(page.xres), "-l", "eng", "tsv"]
    data = os.environ.get("TESSDATA_PREFIX")
    env = {"OMP_THREAD_LIMIT": "1", "PATH": os.defpath} | ({"TESSDATA_PREFIX": data} if data else {})
    done = run_program(command, page.tobytes("png"), MAX_S, env)
    if done.returncode != 0:
        raise PaperError(Reason.EXTRACT_ERROR, f"tesseract ended with exit code {done.returncode}")
    rows = list(_rows(done.stdout.decode("utf-8", errors="replace")))
    chars = sum(row.chars for row in rows)
    kept = [row for row in rows if row.total >= MIN_LINE_SURE * row.chars]
    return _paragraphs(kept), sum(row.total for row in rows) / max(1, chars) / 100


def _rows(table: str) -> Iterator[_Row]:
    """Lines of a table of words: level, page, block, paragraph, line, word, left, top, width, height, confidence, text."""
    row: _Row | None = None
    place: tuple[str, ...] = ()
    for line in table.split("\n"):
        cells = line.split("\t")
        if len(cells) < _COLUMNS or cells[0] != _WORD_LEVEL or not cells[-1].strip():
            continue
        if row is None or tuple(cells[1:5]) != place:
            if row is not None:
                yield row
            place = tuple(cells[1:5])
            row = _Row(tuple(cells[1:4]))
        row.words.append(cells[-1].strip())
        row.sure.append(float(cells[10]))
    if row is not None:
        yield row


def _paragraphs(rows: list[_Row]) -> str:
    made: list[str] = []
    last: tuple[str, ...] = ()
    for row in rows:
        if made and row.paragraph == last:
            made[-1] = join(made[-1], row.text)
        else:
            made.append(row.text)
        last = row.paragraph
    return "\n\n".join(made)
