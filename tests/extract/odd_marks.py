"""Text that prints what Markdown, or we, would take for structure: it stays text."""

from __future__ import annotations

from tests.extract.odd import Odd
from tests.extract.raw_pdf import OPENING, Pdf, prose, written
from tests.extract.sheets import LEFT, Sheets


def _printed(line: str) -> bytes:
    """A page of prose, and below it a line that stands apart."""
    pdf = Pdf()
    pdf.page(written(prose(0, 24)) + written([line], y=240))
    return pdf.done()


def _noted() -> bytes:
    """A page whose note prints a heading."""
    sheets = Sheets()
    y = 90.0
    for line in prose(0, 24):
        sheets.put(LEFT, y, line)
        y += 12
    sheets.rule(LEFT, LEFT + 90, 700)
    sheets.put(LEFT + 8, 709, "1", 5)
    sheets.put(LEFT + 14, 713, "## is what the first of all notes of this page prints.", 7)
    return sheets.data()


def _case(name: str, line: str, kept: str, lacks: str = "") -> Odd:
    return Odd(f"prints-{name}", _printed(line), has=(OPENING, kept), lacks=(lacks,) if lacks else ())


CASES = (
    _case("a-reference-to-a-note", "The zebra[^1] is printed so by the authors of it.", r"zebra\[^1] is", "zebra[^1]"),
    _case("an-equation-of-ours", "The mark $$[equation 3]$$ is printed so by them.", r"\$\$[equation 3]\$\$ is"),
    _case("a-heading", "## A heading is printed so by the authors of it.", r"\## A heading"),
    _case("a-row", "| a | row is printed so by the authors of it |", r"\| a | row"),
    _case("an-image", "An image ![of](it) is printed so by the authors.", r"![of]\(it)"),
    _case("a-comment", "A comment <!-- of it --> is printed so by them.", r"\<!-- of it -->"),
    _case("code", "Words in ```fences of code``` are printed so by them.", r"\`\`\`fences of code"),
    _case("a-caption-of-ours", "**Figure 3.** is printed so by the authors of it.", r"\*\*Figure 3.** is"),
    _case("a-note-of-ours", "[^7]: is printed so by the authors of the paper.", r"\[^7]: is"),
    Odd("a-note-prints-a-heading", _noted(), has=(OPENING, r"[^1]: \## is what the first")),
)
