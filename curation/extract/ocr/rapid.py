"""RapidOCR: where the lines of a page image stand, which way up they are, and what they say. Its weights lie in its wheel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from curation.errors import PaperError, UserError
from curation.extract.ocr.layout import Line
from schemas import Reason

MAX_SIDE_PX = 2000
"""Longest side of an image that it looks at; it shrinks a larger one, less well than MuPDF draws it small."""
MIN_TURNED_LINES = 3
"""Lines from which a page may be taken for a turned one."""
SAMPLE = 5
"""Lines that tell which way up a page is."""
UPRIGHT_SURE = 0.9
"""How sure it is of a sample from which the page is upright, without a look at the other way up. Measured on
18 pages of papers, letters and tables, turned in each of the four ways: the right way up .94 to 1.00, on their head .51 to .77."""
MIN_SURER = 0.1
"""By how much it is surer of lines that were turned over, of a page that stands on its head."""
_LONG = 1.5
"""Sides of a box of a line that stands on end; RapidOCR turns such a one by itself, anticlockwise."""


@dataclass(slots=True)
class _Found:
    """Lines that were found on an image: pixels of each, boxes on the image, and what was read of some of them."""

    crops: list[Any]
    boxes: Any
    read: dict[int, tuple[str, float]] = field(default_factory=dict)

    def text(self, number: int) -> tuple[str, float]:
        """What a line says, and how sure that is."""
        if number not in self.read:
            self.read[number] = _text(self.crops[number])
        return self.read[number]

    @property
    def is_sideways(self) -> bool:
        """Whether more of the text runs up or down than across, by the length of its lines."""
        sides = self.boxes.max(axis=1) - self.boxes.min(axis=1)
        across = sides[sides[:, 0] > _LONG * sides[:, 1]][:, 0].sum()
        return bool(sides[sides[:, 1] > _LONG * sides[:, 0]][:, 1].sum() > across)

    @property
    def sample(self) -> list[int]:
        """Lines of the longer half, evenly taken."""
        longest = sorted(range(len(self.crops)), key=lambda n: self.crops[n].shape[0] / self.crops[n].shape[1])
        half = longest[: max(SAMPLE, len(longest) // 2)]
        return half[:: max(1, len(half) // SAMPLE)][:SAMPLE]


def read(pixels: Any) -> list[Line]:
    """The lines on an image (height x width x channels, blue first), in RapidOCR's own order.

    Raises:
        UserError: RapidOCR is not installed.
        PaperError: UNREADABLE: the image is a line.
    """
    found = _found(pixels)
    return [] if found is None else _lines(found)


def read_upright(pixels: Any) -> list[Line]:
    """As `read`, of a page that may lie on its side or stand on its head.

    The boxes of the lines say whether it lies on its side, and a few lines, read both ways up, how to turn it: a turned page costs a
    second look for its lines and twice these few, an upright one nothing.
    """
    found = _found(pixels)
    if found is None:
        return []
    if quarters := _quarters(found):
        import numpy as np

        return read(np.ascontiguousarray(np.rot90(pixels, quarters)))
    return _lines(found)


def _quarters(found: _Found) -> int:
    """By how many quarters, anticlockwise, a page must be turned to stand upright."""
    if len(found.crops) < MIN_TURNED_LINES:
        return 0
    sample = found.sample
    sure = _sure([found.text(n) for n in sample])
    as_it_is = 1 if found.is_sideways else 0
    if sure >= UPRIGHT_SURE:
        return as_it_is
    over = _sure([_text(found.crops[n][::-1, ::-1]) for n in sample])
    return as_it_is + 2 if over > sure + MIN_SURER else as_it_is


def _sure(texts: Sequence[tuple[str, float]]) -> float:
    return sum(len(text) * sure for text, sure in texts) / max(1, sum(len(text) for text, _ in texts))


def _lines(found: _Found) -> list[Line]:
    lines = []
    for number, box in enumerate(found.boxes):
        text, sure = found.text(number)
        (x0, y0), (x1, y1) = box.min(axis=0), box.max(axis=0)
        if (folded := " ".join(text.split())) and sure >= _engine().text_score:
            lines.append(Line(folded, float(x0), float(y0), float(x1), float(y1), float(sure)))
    return lines


def _found(pixels: Any) -> _Found | None:
    """The lines on an image; None where there is none."""
    engine = _engine()
    from rapidocr.main import RapidOCRError
    from rapidocr.utils.process_img import ResizeImgError, map_boxes_to_original

    try:
        image, record = engine.preprocess_img(pixels)
        crops, found = engine.detect_and_crop(image, record)
    except ResizeImgError as error:
        raise PaperError(Reason.UNREADABLE, "the page is too narrow to be read") from error
    except RapidOCRError:
        return None
    return _Found(crops, map_boxes_to_original(found.boxes, record, *pixels.shape[:2]))


def _text(crop: Any) -> tuple[str, float]:
    """What an image of one line says. One at a time: beside others it would be padded to the longest, for a quarter more CPU time
    and half more memory.
    """
    found = _engine().recognize_txt([crop])
    return found.txts[0], float(found.scores[0])


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise UserError("OCR needs RapidOCR: pip install 'astrocorpus[ocr]', or choose tesseract") from error
    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.use_cls": False,  # which way up a line is: pages are turned as a whole
            "Global.log_level": "error",
        }
    )
