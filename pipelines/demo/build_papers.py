"""`python -m pipelines.demo.build_papers`: make the demo's archives and PDFs from `sources/`.

Folders and `.tex` files of `papers/` are written by hand; what arXiv ships packed is packed here, with fixed
times and owners, so that the archives have the same bytes on every machine.
"""

from __future__ import annotations

import gzip
import io
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

import pymupdf

mupdf: Any = pymupdf  # its annotations are partial

HERE = Path(__file__).parent
TARS = ("2301.00002", "2301.00003", "2301.00010v1", "2301.00010v2", "2301.00011", "2301.00017")
SINGLES = ("2301.00004", "2301.00012", "2301.00015", "2303.00008", "astro-ph0003001")
TRUNCATED = "2301.00011"
TWO_COLUMNS = "2301.00005"
SCANNED = "2301.00018"
SCAN_DPI = 150
PAGE_WIDTH, PAGE_HEIGHT, MARGIN, GUTTER = 595.0, 842.0, 54.0, 18.0


def packed(data: bytes) -> bytes:
    """gzip without name or time."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def tar_of(folder: Path) -> bytes:
    """The files of a folder as a tar, sorted, without times and owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            info = tarfile.TarInfo(path.relative_to(folder).as_posix())
            info.size = path.stat().st_size
            info.mode = 0o644
            tar.addfile(info, io.BytesIO(path.read_bytes()))
    return buffer.getvalue()


def wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """Lines of at most `width` points."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and mupdf.get_text_length(longer, fontname=font, fontsize=size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def laid_out(source: str, columns: int, size: float, head: str | None) -> Any:
    """Set a text (`# title`, `= authors`, `## heading`, paragraphs) as pages of one or two columns."""
    width = (PAGE_WIDTH - 2 * MARGIN - (columns - 1) * GUTTER) / columns
    lines: list[tuple[str, str, float, float]] = []  # text, font, size, space above
    front: list[tuple[str, str, float, float]] = []
    for raw in source.splitlines():
        mark, text = re.fullmatch(r"(# |## |= |)(.*)", raw).groups()  # type: ignore[union-attr]
        font, points, above, into, room = {
            "# ": ("tibo", 16.0, 0.0, front, PAGE_WIDTH - 2 * MARGIN),
            "= ": ("tiit", 11.0, 6.0, front, PAGE_WIDTH - 2 * MARGIN),
            "## ": ("tibo", size + 1, 10.0, lines, width),
            "": ("tiro", size, 4.0, lines, width),
        }[mark]
        for n, line in enumerate(wrapped(text, font, points, room)):
            into.append((line, font, points, above if n == 0 else 0.0))
    doc = mupdf.open()
    top, column, y = MARGIN, columns, PAGE_HEIGHT
    for line, font, points, above in lines:
        if y + above + 1.25 * points > PAGE_HEIGHT - MARGIN:
            column += 1
            if column >= columns:
                page = doc.new_page(width=PAGE_WIDTH, height=PAGE_HEIGHT)
                column, top = 0, MARGIN
                if head:
                    page.insert_text((MARGIN, 36), head, fontname="tiit", fontsize=9)
                    page.insert_text((PAGE_WIDTH / 2, PAGE_HEIGHT - 30), str(len(doc)), fontname="tiro", fontsize=9)
                if len(doc) == 1:
                    for text, face, large, gap in front:
                        top += gap + 1.25 * large
                        page.insert_text((MARGIN, top), text, fontname=face, fontsize=large)
                    top += 14
            y, above = top, 0.0
        y += above + 1.25 * points
        page.insert_text((MARGIN + column * (width + GUTTER), y), line, fontname=font, fontsize=points)
    return doc


def saved(doc: Any) -> bytes:
    doc.set_metadata({})
    data: bytes = doc.tobytes(garbage=4, deflate=True, no_new_id=True)
    return data


def scanned(doc: Any) -> Any:
    """The same pages as grey pictures of `SCAN_DPI`, turned by a third of a degree, without a text layer."""
    turned = mupdf.Matrix(SCAN_DPI / 72, SCAN_DPI / 72).prerotate(0.33)
    out = mupdf.open()
    for page in doc:
        picture = page.get_pixmap(matrix=turned, colorspace=mupdf.csGRAY)
        leaf = out.new_page(width=page.rect.width, height=page.rect.height)
        leaf.insert_image(leaf.rect, stream=picture.tobytes("jpeg", jpg_quality=30))
    return out


def build(into: Path, sources: Path = HERE / "sources") -> None:
    """Write every packed paper of the demo below `into`."""
    into.mkdir(parents=True, exist_ok=True)
    for name in TARS:
        data = packed(tar_of(sources / name))
        (into / f"{name}.tar.gz").write_bytes(data[: len(data) // 2] if name == TRUNCATED else data)
    for name in SINGLES:
        (into / f"{name}.gz").write_bytes(packed((sources / f"{name}.tex").read_bytes()))
    article = (sources / f"{TWO_COLUMNS}.txt").read_text(encoding="utf-8")
    (into / f"{TWO_COLUMNS}.pdf").write_bytes(
        saved(laid_out(article, 2, 12.0, "Sousa and Zielinski: Colours beyond Neptune"))
    )
    note = (sources / f"{SCANNED}.txt").read_text(encoding="utf-8")
    (into / f"{SCANNED}.pdf").write_bytes(saved(scanned(laid_out(note, 1, 13.0, None))))


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "papers")
