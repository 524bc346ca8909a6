"""OCR engines, imported or started only when used: RapidOCR (weights in its wheel) and tesseract (a program)."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from curation.errors import UserError
from curation.extract.ocr import rapid, tesseract
from curation.extract.ocr.layout import Line, page_text

if TYPE_CHECKING:
    import pymupdf

Engine: TypeAlias = Literal["rapidocr", "tesseract"]
DPI: dict[Engine, int] = {"rapidocr": 150, "tesseract": 300}
"""Resolution at which each engine is best: RapidOCR's detector shrinks larger pages (PEERS: .058 at 300, .019 at 150 dpi
on one column); tesseract asks for 300."""
MIN_SURE: dict[Engine, float] = {"rapidocr": 0.9, "tesseract": 0.5}
"""How sure an engine must be of a page, weighted by characters, or its text is not taken. Measured: print at 150 to 300 dpi .94 to .99
and .88 to .95, at 60 dpi .99 and .68; at 40 dpi, where no word is right, .88 and .32; handwriting of which no word came out right
.82 to .84 and .22 to .30."""
MAX_SIDE_PX: dict[Engine, int] = {"rapidocr": rapid.MAX_SIDE_PX, "tesseract": 4000}
"""Longest side of a page image, so 16 million pixels at most; a larger page (a poster, a hostile media box) is drawn at a lower
resolution."""


def backends(engine: Engine) -> dict[str, str]:
    """Name and version of what reads pages, for a step's fingerprint.

    Raises:
        UserError: the engine is not installed.
    """
    if engine == "tesseract":
        found = subprocess.run([tesseract.program(), "--version"], capture_output=True, text=True, check=True)
        return {"tesseract": found.stdout.split("\n")[0].removeprefix("tesseract ").strip()}
    from importlib.metadata import PackageNotFoundError, version

    try:
        return {name: version(name) for name in ("rapidocr", "onnxruntime")}
    except PackageNotFoundError as error:
        raise UserError("OCR needs RapidOCR: pip install 'astrocorpus[ocr]', or choose tesseract") from error


class Reading(NamedTuple):
    """The text of a page image, paragraphs separated by blank lines, and how sure the engine is of it, 0 to 1."""

    text: str
    sure: float

    def is_sure(self, engine: Engine) -> bool:
        return self.sure >= MIN_SURE[engine]


def ocr_page_image(page: pymupdf.Pixmap, engine: Engine = "rapidocr") -> str:
    """The text of one page image (RGB or grey, no alpha), paragraphs separated by blank lines.

    One thread; the same image gives the same text. RapidOCR takes 3 to 5 CPU seconds a page and needs address
    space: run it in a child process limited by memory in use, not by RLIMIT_AS.

    Raises:
        UserError: the engine is not installed.
        PaperError: tesseract failed, took longer than tesseract.MAX_S, or was killed.
    """
    return tesseract.read(page)[0] if engine == "tesseract" else page_text(recognise(page))


def ocr_turned(page: pymupdf.Pixmap, engine: Engine = "rapidocr") -> Reading:
    """As `ocr_page_image`, of a page that may lie on its side or stand on its head: it is turned first."""
    if engine == "tesseract":
        return Reading(*tesseract.read(page))
    return _reading(rapid.read_upright(_pixels(page)))


def _reading(lines: list[Line]) -> Reading:
    chars = sum(len(line.text) for line in lines)
    return Reading(page_text(lines), sum(len(line.text) * line.sure for line in lines) / max(1, chars))


def model_of(engine: Engine) -> tuple[str, str]:
    """The model that an engine reads by, and the licence of its weights."""
    if engine == "tesseract":
        return "eng", "Apache-2.0"  # https://github.com/tesseract-ocr/tessdata/blob/main/LICENSE
    import importlib.util

    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise UserError("OCR needs RapidOCR: pip install 'astrocorpus[ocr]', or choose tesseract")
    models = (path.stem for path in (Path(found.origin).parent / "models").glob("*.onnx"))
    used = sorted(name for name in models if "_det_" in name or "_rec_" in name)
    return " + ".join(used), "Apache-2.0"  # https://github.com/PaddlePaddle/PaddleOCR/blob/main/LICENSE


def recognise(page: pymupdf.Pixmap) -> list[Line]:
    """The lines that RapidOCR finds on a page image, in its own order."""
    return rapid.read(_pixels(page))


def _pixels(page: pymupdf.Pixmap) -> Any:
    """Height x width x channels, blue first."""
    import numpy as np

    pixels = np.frombuffer(page.samples, np.uint8).reshape(page.height, page.stride)[:, : page.width * page.n]
    image = pixels.reshape(page.height, page.width, page.n)
    return np.ascontiguousarray(np.repeat(image, 3, axis=2) if page.n == 1 else image[:, :, ::-1])
