"""PDFs made for tests."""

from __future__ import annotations

import zlib

from curation.extract.pdf._load_pymupdf import pymupdf

PROSE = (
    "The rotation curves of spiral galaxies are flat far beyond the optical disc, which asks for more mass than is seen. "
    "We measure the velocity of neutral hydrogen in twelve nearby systems and compare it with models of dark haloes. "
)


def make_pdf(
    pages: list[list[tuple[float, float, str]]], *, password: str | None = None, size: float = 10, images: bool = False
) -> bytes:
    """A PDF from (x, y, text) triples a page."""
    document = pymupdf.open()
    for items in pages:
        page = document.new_page(width=595, height=842)
        for x, y, text in items:
            page.insert_text((x, y), text, fontsize=size)
        if images:
            page.draw_rect(pymupdf.Rect(50, 50, 500, 700), fill=(0.5, 0.5, 0.5))
    options = {}
    if password:
        options = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password, "owner_pw": password + "o"}
    data: bytes = document.tobytes(**options)
    return data


def prose_pdf(pages: int = 2, **kwargs: object) -> bytes:
    """Pages of running prose."""
    words = (PROSE * 3).split()
    lines = [" ".join(words[i : i + 12]) for i in range(0, len(words), 12)]
    items = [(72.0, 100.0 + 14 * i, line) for i, line in enumerate(lines)]
    return make_pdf([items] * pages, **kwargs)  # type: ignore[arg-type]


def text_bomb(operators: int) -> bytes:
    """A small PDF whose one page writes the same word `operators` times, each somewhere else."""
    content = b"BT /F1 10 Tf " + b"(AAAA)Tj 1 0 0 1 51 701 Tm " * operators + b"ET"
    packed = zlib.compress(content, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.4\n"
    places = []
    for number, value in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
