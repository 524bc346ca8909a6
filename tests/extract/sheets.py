"""Pages of a paper set as TeX does: justified lines with indented paragraphs, figures, tables, equations and notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from curation.extract.pdf._load_pymupdf import pymupdf

TEXT = (
    "the velocity of neutral hydrogen in nearby spiral systems was measured with an array of dishes and compared with models of "
    "dark haloes whose mass grows slowly outwards while the light of their stellar discs falls off within a few scale lengths so "
    "that most of the matter must be unseen at large radii where only thin gas remains to trace the shape of the potential well"
)
WORDS = TEXT.split()
LEFT, RIGHT = 100.0, 480.0
"""Edges of the text of `cut_by`."""
FONTS = {"roman": "tiro", "bold": "tibo", "italic": "tiit", "math": "symb", "sans": "helv"}


def words(n: int, start: int = 0) -> str:
    return " ".join(WORDS[(start + i) % len(WORDS)] for i in range(n))


def sentence(n: int, start: int = 0) -> str:
    """A sentence of so many words that no other start gives."""
    return f"{words(n, start).capitalize()}."


@dataclass
class Sheets:
    """A PDF that is written page by page, in lines from edge to edge."""

    width: float = 595
    height: float = 842
    document: pymupdf.Document = field(default_factory=pymupdf.open)

    def __post_init__(self) -> None:
        self.page = self.document.new_page(width=self.width, height=self.height)

    def new_page(self) -> None:
        self.page = self.document.new_page(width=self.width, height=self.height)

    def put(self, x: float, y: float, text: str, size: float = 10, font: str = "roman") -> float:
        """Text from x on; gives where it ends."""
        self.page.insert_text((x, y), text, fontsize=size, fontname=FONTS[font])
        return x + float(pymupdf.get_text_length(text, FONTS[font], size))

    def justified(
        self, x0: float, x1: float, y: float, text: str, size: float = 10, *, indent: float = 0, last_full: bool = False
    ) -> float:
        """A paragraph whose lines reach from x0 to x1, but the last; gives the baseline below it."""
        line: list[str] = []
        left = x0 + indent
        blank = 0.25 * size
        rest = text.split()
        while rest:
            line.append(rest.pop(0))
            natural = sum(self._length(w, size) for w in line) + blank * (len(line) - 1)
            full = bool(rest) and natural + blank + self._length(rest[0], size) > x1 - left
            if full or not rest:
                room = x1 - left - sum(self._length(w, size) for w in line)
                gap = room / max(1, len(line) - 1) if full or last_full else blank
                x = left
                for word in line:
                    self.page.insert_text((x, y), word, fontsize=size, fontname="tiro")
                    x += self._length(word, size) + gap
                line, left, y = [], x0, y + 1.2 * size
        return y

    def _length(self, word: str, size: float) -> float:
        return float(pymupdf.get_text_length(word, "tiro", size))

    def rule(self, x0: float, x1: float, y: float, thickness: float = 0.4) -> None:
        self.page.draw_rect(pymupdf.Rect(x0, y, x1, y + thickness), fill=(0, 0, 0), width=0)

    def plot(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Axes with ticks, a curve, labels and a legend."""
        self.page.draw_rect(pymupdf.Rect(x0, y0, x1, y1))
        for i in range(6):
            x, y = x0 + (x1 - x0) * i / 5, y1 - (y1 - y0) * i / 5
            self.page.draw_line((x, y1), (x, y1 - 4))
            self.page.draw_line((x0, y), (x0 + 4, y))
            self.put(x - 4, y1 + 10, f"{7.5 + i:.1f}", 7, "sans")
            self.put(x0 - 18, y + 2, f"0.{i}3", 7, "sans")
        self.put((x0 + x1) / 2 - 20, y1 + 21, "Radius [kpc]", 8, "sans")
        self.page.insert_text((x0 - 22, (y0 + y1) / 2 + 20), "Speed", fontsize=8, fontname="helv", rotate=90)
        self.put(x1 - 50, y0 + 12, "best fit", 7, "sans")
        self.page.draw_polyline(
            [(x0 + (x1 - x0) * t / 40, y0 + (y1 - y0) * (0.2 + 0.6 * (t % 7) / 7)) for t in range(41)]
        )

    def data(self) -> bytes:
        made: bytes = self.document.tobytes()
        return made


def cut_by(draw: str) -> tuple[bytes, str]:
    """A page whose paragraph is cut by something in its middle, and the paragraph."""
    sheets = Sheets()
    whole = sentence(80, 3)
    first, second = " ".join(whole.split()[:41]), " ".join(whole.split()[41:])
    y = sheets.justified(LEFT, RIGHT, 100, sentence(60), indent=15)
    y = sheets.justified(LEFT, RIGHT, y, first, indent=15, last_full=True)
    if draw == "figure":
        sheets.plot(LEFT + 60, y + 20, RIGHT - 60, y + 180)
        y = sheets.justified(LEFT, RIGHT, y + 225, f"Figure 4: {sentence(20, 30)}", 9) + 20
    elif draw == "table":
        sheets.put(LEFT, y + 20, "Table 2: Systems that were seen", 9)
        for at in (28, 44, 88):
            sheets.rule(LEFT, RIGHT, y + at)
        for n, row in enumerate(["Name Speed Mass", "Alpha 120 3.5", "Beta 98", "Gamma 77 1.25"]):
            for m, cell in enumerate(row.split()):
                sheets.put(LEFT + 10 + 120 * m, y + 39 + 14 * n, cell, 9)
        y += 115
    elif draw == "equation":
        end = sheets.put(LEFT + 130, y + 14, "r", 10, "math")
        sheets.put(end, y + 14, " = ", 10, "math")
        sheets.put(end + 22, y + 7, "3 p", 10, "math")
        sheets.put(end + 22, y + 21, "2 s", 10, "math")
        sheets.put(RIGHT - 16, y + 14, "(7)", 10)
        y += 45
    elif draw == "page":
        sheets.rule(LEFT, LEFT + 120, 700)
        sheets.put(LEFT + 4, 708, "5", 6)
        sheets.justified(LEFT + 8, RIGHT, 711, f"Noted: {words(12, 50)}.", 8)
        sheets.new_page()
        y = 100
    y = sheets.justified(LEFT, RIGHT, y, second)
    y = sheets.justified(LEFT, RIGHT, y, sentence(50, 20), indent=15)
    sheets.justified(LEFT, RIGHT, y, sentence(50, 70), indent=15)
    return sheets.data(), whole
