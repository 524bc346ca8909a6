"""Lines of text where a test puts them, as a library would have read them."""

from __future__ import annotations

from curation.extract.pdf.columns import Frame
from curation.extract.pdf.lines import upright_box
from curation.extract.pdf.page import Line, Span
from curation.extract.pdf.style import Row, Style

FRAME = Frame(100, 480)
STYLE = Style(10, "Roman", 12, ((FRAME,),))


def span(x: float, y: float, text: str, size: float = 10, font: str = "Roman") -> Span:
    """A run from x on, on the baseline y; each character is half as wide as it is high."""
    x0, y0, x1, y1 = upright_box(x, x + 0.5 * size * len(text), y, size)
    return Span(text, x0, y0, x1, y1, size, font=font, baseline=y)


def line(x: float, y: float, text: str, size: float = 10, font: str = "Roman") -> Line:
    return Line([span(x, y, text, size, font)])


def ending(x: float, y: float, text: str, size: float = 10) -> Line:
    """A line that ends at x."""
    return line(x - 0.5 * size * len(text), y, text, size)


def row(*lines: Line, frame: Frame = FRAME) -> Row:
    return Row(list(lines), lines[0].baseline, frame)
