"""Pages without a text layer, made at test time."""

from __future__ import annotations

import textwrap

import pymupdf

TITLE = "The masses of nearby stars from radial velocities"
PARAGRAPHS = (
    "We measure the masses of forty nearby stars from radial velocities that were taken over ten years with one "
    "spectrograph at a single site. Each star was observed on at least thirty nights, and the zero point was held by a "
    "set of quiet standards that were observed before and after every science exposure.",
    "The orbit of each companion follows from the period and the amplitude of the velocity curve. We draw samples of "
    "the posterior with a simple sampler and quote the median together with the central interval. Binaries with fewer "
    "than two full cycles are left out, because their periods remain uncertain.",
    "The resulting masses agree with those from eclipses within their errors. A small group of metal poor stars lies "
    "above the relation, and we find no instrument effect that would explain it. Larger samples from the coming surveys "
    "will show whether this group is real or the effect of a selection by brightness.",
    "We thank the staff of the observatory for their help during many nights, and the referee for a careful report "
    "that improved the section on errors. The data and the code behind every figure are public and can be reused.",
)


def born_digital(columns: int) -> pymupdf.Document:
    """An A4 page with a title across and paragraphs in one or two columns; the text flows down column by column."""
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    page.insert_text((72, 70), TITLE, fontsize=16, fontname="tibo")
    characters = 88 if columns == 1 else 42
    lines: list[str] = []
    for paragraph in PARAGRAPHS:
        lines += [*textwrap.wrap(paragraph, characters), ""]
    share = -(-len(lines) // columns)
    for column in range(columns):
        for row, line in enumerate(lines[column * share : (column + 1) * share]):
            page.insert_text((72 + column * 240, 110 + 14 * row), line, fontsize=11, fontname="tiro")
    return document


def scanned(document: pymupdf.Document, dpi: int = 150) -> bytes:
    """The document with each page as one grey image."""
    flat = pymupdf.open()
    for page in document:
        image = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
        flat.new_page(width=page.rect.width, height=page.rect.height).insert_image(page.rect, pixmap=image)
    return bytes(flat.tobytes(deflate=True))
