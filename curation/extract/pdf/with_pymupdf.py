"""The default backend. PyMuPDF is AGPL; `curation.extract.pdf.with_pypdfium2` is the permissive one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from typing import Any

from curation.errors import PaperError
from curation.extract.pdf._load_pymupdf import pymupdf
from curation.extract.pdf.late_scripts import may_have_late_scripts, set_late_scripts
from curation.extract.pdf.lines import TooFullError, bounded, font_name, font_style, lines_of, right_angle, upright_box
from curation.extract.pdf.operators import Costs
from curation.extract.pdf.page import MAX_BOXES, MIN_ALPHA, Box, Line, Page, Span
from curation.extract.pdf.probe import Fault
from curation.extract.pdf.tex_glyphs import by_code, table_of
from curation.extract.pdf.turn import turn
from curation.extract.pdf.word_places import may_have_tables, tell_words
from schemas import Reason

ERRORS = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)
"""What PyMuPDF raises for a broken file: its own errors, and MuPDF's, which are none of Python's."""
_UNCLIPPED = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_IGNORE_ACTUALTEXT
"""What a page shows is what its glyphs say: its author may write any other text beside them."""
_FLAGS = _UNCLIPPED | pymupdf.TEXT_CLIP
_CLIPS = re.compile(rb"\bW\*?\s+[nfFbBsS]")
_CODES = _FLAGS | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
_BOLD, _ITALIC = 16, 2  # https://pymupdf.readthedocs.io/en/latest/textpage.html#span-dictionary: bits 4 and 1 of flags
_FILLED_OR_STROKED, _CLIPPED, _IS_CODE = 16 | 32, 64, 128  # bits 4 and 5, 6, and 7, of char_flags
_PATHS = frozenset({"fill-path", "stroke-path", "fill-shade"})
_IMAGES = frozenset({"fill-image", "fill-imgmask"})

BLANK = 0.25
"""Width of a blank in sizes of its font (Times 0.25, Helvetica 0.28, TeX 0.33): it belongs to the text of a span, not to its box."""
MAX_STRETCH = 2.8
"""By which letters that are read are wider or higher than the square of their area; the size of others is the shorter side."""
MIN_HEIGHT = 2.0
"""Points of letters that are read."""
MIN_TELLING = 8
"""Letters whose width is compared with their size: an i has a quarter of it, accents have none."""
MIN_SHIFT = 0.05
"""In sizes: scripts stand farther from the baseline."""
MAX_STROKE = 2.0
"""Points: half the width of a line around a filled shape."""


class PyMuPDF:
    """Lines as MuPDF finds them, in the order of the file, which for TeX is the reading order."""

    name = "pymupdf"

    def pages(self, data: bytes, max_pages: int, only: Set[int] | None = None) -> list[Page]:
        pymupdf.TOOLS.mupdf_display_errors(False)
        pymupdf.TOOLS.mupdf_display_warnings(False)
        try:
            document = pymupdf.open(stream=data, filetype="pdf")
        except ERRORS as error:
            raise PaperError(Reason.UNREADABLE, "broken PDF: it cannot be opened") from error
        with document:
            if document.needs_pass:
                raise PaperError(Reason.ENCRYPTED, "the PDF needs a password")
            try:
                n_pages = document.page_count
            except ERRORS as error:
                raise PaperError(Reason.UNREADABLE, "broken PDF: its pages cannot be counted") from error
            if n_pages > max_pages:
                raise PaperError(Reason.TOO_LARGE, f"{n_pages} pages; {max_pages} are allowed")
            if n_pages == 0:
                raise PaperError(Reason.UNREADABLE, "the PDF has no pages: broken or truncated")
            numbers = range(n_pages)
            costs = Costs(document)
            return [_page(document, n, costs) if only is None or n in only else Page(0, 0) for n in numbers]


def _page(document: pymupdf.Document, number: int, costs: Costs) -> Page:
    try:
        page = document.load_page(number)
        if refused := costs.refusal(page.xref):
            return Page(page.rect.width, page.rect.height, refused=refused)
        turned = page.rotation
        if turned:
            page.set_rotation(0)  # MuPDF's places are those of the unturned page
        images, paths = _boxes(page)
        content = _content(page, paths)
        n_clipped = _clipped_chars(page, costs)
        is_doubted = costs.has_hiding_states(page.xref)
    except ERRORS as error:
        if "alloc" in str(error):  # MuPDF: "malloc (524288 bytes) failed"; a page must not vanish for want of memory
            raise MemoryError(str(error)) from error
        return Page(0, 0)
    try:
        lines = _lines(content)
        if may_have_late_scripts(lines):
            lines = _lines(_content(page, paths, by_word=True))
    except TooFullError:
        return Page(page.rect.width, page.rect.height, rotation=turned, refused=Fault.FULL)
    made = Page(page.rect.width, page.rect.height, set_late_scripts(lines), images, paths, turned)
    made.n_clipped, made.is_doubted = n_clipped, is_doubted
    turn(made, turned)
    return made


def _lines(content: dict[str, Any]) -> list[Line]:
    _mend_origins(content["blocks"])
    return lines_of(
        bounded(run for block in content["blocks"] for line in block.get("lines", ()) for run in _runs(line))
    )


def _content(page: pymupdf.Page, paths: Sequence[Box], *, by_word: bool = False) -> dict[str, Any]:
    """The text of a page, in which the signs of TeX's fonts that have no Unicode value stand for what they mean, others as U+FFFD.

    Args:
        by_word: tell where words begin and end, though the page has no tables.
    """
    content = _told(page.get_textpage(clip=pymupdf.INFINITE_RECT(), flags=_CODES), paths, by_word=by_word)
    coded = [span for span in _spans(content) if span["char_flags"] & _IS_CODE]
    known = [span for span in coded if table_of(font_name(span["font"]))]
    for span in known:
        span["text"] = by_code(span["text"], font_name(span["font"]))
    if len(known) == len(coded):
        return content
    places = {(span["font"], span["origin"]): span["text"] for span in known}
    content = _told(page.get_textpage(clip=pymupdf.INFINITE_RECT(), flags=_FLAGS), paths, by_word=by_word)
    for span in _spans(content):
        span["text"] = places.get((span["font"], span["origin"]), span["text"])
    return content


def _clipped_chars(page: pymupdf.Page, costs: Costs) -> int:
    """Characters of a page that its clips, and the boxes of its forms, leave nothing of."""
    if not costs.has_forms(page.xref) and not _CLIPS.search(page.read_contents()):
        return 0
    whole, shown = (
        sum(map(len, page.get_textpage(clip=pymupdf.INFINITE_RECT(), flags=flags).extractText().split()))
        for flags in (_UNCLIPPED, _FLAGS)
    )
    return max(0, whole - shown)


def _told(textpage: pymupdf.TextPage, paths: Sequence[Box], *, by_word: bool) -> dict[str, Any]:
    content: dict[str, Any] = textpage.extractDICT()
    if by_word or may_have_tables(content, paths):
        tell_words(content, textpage.extractRAWDICT())
    return content


def _spans(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (span for block in content["blocks"] for line in block.get("lines", ()) for span in line["spans"])


def _runs(line: dict[str, Any]) -> list[tuple[Span, int]]:
    """Spans with their angle. MuPDF ends a span before and after each blank that the file does not have."""
    angle = right_angle(*line["dir"])
    if angle:
        return [(_span(found, angle), angle) for found in line["spans"] if found["text"].strip()]
    runs: list[tuple[Span, int]] = []
    style: tuple[Any, ...] = ()
    for found in line["spans"]:
        if not found["text"].strip():  # neither the place nor the size of a blank that MuPDF puts in are its own
            if runs:
                runs[-1][0].text += " "
            continue
        painted = found["char_flags"] & _FILLED_OR_STROKED
        new = (found["font"], found["size"], found["flags"], found["color"], painted, found["origin"][1])
        if new == style:
            span = _span(found, 0)
            runs[-1][0].take_words(span, apart=runs[-1][0].text.endswith(" ") or span.text.startswith(" "))
            runs[-1][0].text += span.text
            runs[-1][0].x1 = span.x1
        else:
            runs.append((_span(found, 0), 0))
            style = new
    return runs


def _boxes(page: pymupdf.Page) -> tuple[list[Box], list[Box]]:
    """Boxes of images and of painted paths."""
    images: list[Box] = []
    paths: list[Box] = []
    before = ""
    for kind, box in page.get_bboxlog():
        target = paths if kind in _PATHS else images if kind in _IMAGES else None
        if target is not None and len(target) < MAX_BOXES:
            if kind == "stroke-path" and before == "fill-path" and _same(box, paths[-1]):
                paths.pop()
            target.append(box)
        before = kind
    return images, paths


def _same(stroked: Box, filled: Box) -> bool:
    """Whether the boxes are of one path that is filled and stroked: half a line's width is between them."""
    return all(abs(a - b) < MAX_STROKE for a, b in zip(stroked, filled, strict=True))


def _mend_origins(blocks: list[dict[str, Any]]) -> None:
    """Give spans the height of their own first character. A blank that MuPDF puts before one has the height of the script behind
    which it stands, and so has the span; the boxes of other spans of the font tell how far its box lies from its baseline.
    """
    upright = [line["spans"] for block in blocks for line in block.get("lines", ()) if line["dir"][0] >= 0.99]
    led = [span for spans in upright for span in spans if span["text"][:1] == " "]
    around = {(span["font"], span["size"]): (1e9, 1e9) for span in led}
    for spans in upright if led else ():
        for span in spans:
            key = span["font"], span["size"]
            if key in around and span["text"][:1] != " ":
                y, box, (up, down) = span["origin"][1], span["bbox"], around[key]
                around[key] = min(up, y - box[1]), min(down, box[3] - y)
    for span in led:
        known = around[span["font"], span["size"]]
        if known[0] == 1e9:
            continue
        (x, y), box = span["origin"], span["bbox"]
        upper, lower = box[1] + known[0], box[3] - known[1]
        if lower - upper > MIN_SHIFT * span["size"]:
            span["origin"] = x, upper if abs(lower - y) < abs(upper - y) else lower


def _span(found: dict[str, Any], angle: int) -> Span:
    x0, y0, x1, y1 = found["bbox"]
    size, origin, text = found["size"], found["origin"], found["text"]
    baseline = origin[angle % 180 == 0]
    if angle == 0:
        if text[0] == " " or text[-1] == " ":
            x0 += BLANK * size * (len(text) - len(text.lstrip(" ")))
            x1 -= BLANK * size * (len(text) - len(text.rstrip(" ")))
        x0, y0, x1, y1 = upright_box(x0, x1, baseline, size)
    wide, high = found["bbox"][2] - found["bbox"][0], found["bbox"][3] - found["bbox"][1]
    if angle % 180:
        wide, high = high, wide
    is_narrow = len(text) >= MIN_TELLING and wide < len(text) * size / MAX_STRETCH**2
    if is_narrow or high < min(size / MAX_STRETCH, MIN_HEIGHT):
        size = min(high, wide / len(text))
    font = font_name(found["font"])
    by_name = font_style(font)
    bold = bool(found["flags"] & _BOLD) or by_name[0]
    italic = bool(found["flags"] & _ITALIC) or by_name[1]
    painted = bool(found["char_flags"] & _FILLED_OR_STROKED) and found["alpha"] >= MIN_ALPHA
    is_clip = not painted and bool(found["char_flags"] & _CLIPPED)
    start = -y1 if angle == 90 else y0 if angle else x0
    words = tuple((a - start, b - start) for a, b in found.get("words", ()))
    colour = found["color"]
    return Span(text, x0, y0, x1, y1, size, bold, italic, font, baseline, colour, painted, is_clip=is_clip, words=words)
