"""PDFs written object by object, so that no library mends what is odd in them."""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Callable, Mapping, Sequence

SENTENCES = (
    "The rotation of nearby spiral galaxies was measured with a radio telescope over many nights.",
    "We find that the mass of the dark halo is larger than the mass of all its stars together.",
    "Each spectrum was corrected for the motion of the earth and for the response of the detector.",
    "A second survey of the same region gave results that agree with these values within the errors.",
    "Because the sample is small, the slope of the relation between colour and age remains uncertain.",
    "The model has four free parameters, which were fitted to the light curve of every source.",
    "No evidence was found for a companion, and the limit on its luminosity is given in the table.",
    "Dust in the disc changes the observed flux by less than ten per cent at long wavelengths.",
    "These observations show how the gas falls towards the centre and forms new stars there.",
    "Future work will use the full catalogue, from which the brightest objects were left out here.",
)
"""Of our own: prose in which half of the words stand in every paper."""


def prose(first: int = 0, count: int = 12) -> list[str]:
    """Lines of running text, another beginning for each page."""
    chosen = [SENTENCES[(first * 3 + i) % len(SENTENCES)] for i in range(count)]
    return textwrap.wrap(" ".join(chosen), 80)


class Pdf:
    """A PDF under construction: objects 1 and 2 are the catalogue and the pages."""

    def __init__(self) -> None:
        self._objects: list[bytes] = [b"", b""]
        self.pages: list[int] = []
        self.catalogue = ""
        self.helvetica = self.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")

    def add(self, body: str | bytes) -> int:
        self._objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(self._objects)

    def stream(self, data: bytes, entries: str = "", *, packed: bool = False) -> int:
        if packed:
            data, entries = zlib.compress(data, 9), f"{entries} /Filter /FlateDecode"
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode("latin-1")
        return self.add(head + data + b"\nendstream")

    def page(
        self,
        content: str | bytes = "",
        *,
        fonts: Mapping[str, int] | None = None,
        images: Mapping[str, int] | None = None,
        entries: str = "/MediaBox [0 0 600 800]",
        resources: str = "",
        packed: bool = False,
    ) -> None:
        data = content.encode("latin-1") if isinstance(content, str) else content
        made = self.stream(data, packed=packed)
        named = {"F1": self.helvetica} | dict(fonts or {})
        font = " ".join(f"/{name} {n} 0 R" for name, n in named.items())
        image = " ".join(f"/{name} {n} 0 R" for name, n in (images or {}).items())
        resources = f"/Resources << /Font << {font} >> /XObject << {image} >> {resources} >>"
        self.pages.append(self.add(f"<< /Type /Page /Parent 2 0 R {entries} /Contents {made} 0 R {resources} >>"))

    def image(self, width: int = 60, height: int = 80, grey: int = 128) -> int:
        entries = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"
        return self.stream(bytes([grey]) * (width * height), entries, packed=True)

    def print(self, *, rows: int = 48, plot: bool = False) -> int:
        """A page of 600 by 800 as a scanner sees it: words as dark boxes in rows from 60 down, 14 apart, as `written` sets them;
        or, below 10 of them, a plot with ticks and a curve.
        """
        page = [bytearray([235]) * 600 for _ in range(800)]
        words = bytes(40 if x % 37 < 30 and x % 6 < 4 else 235 for x in range(360))
        for n in range(10 if plot else rows):
            for y in range(53, 61):
                page[y + 14 * n][60:420] = words
        for y in range(260, 700) if plot else ():
            page[y][80] = page[y][520] = page[y][120 + (y * y) // 1500] = 20
            if y % 60 == 0:
                page[y][80:520] = bytes([20]) * 440
        entries = "/Type /XObject /Subtype /Image /Width 600 /Height 800 /ColorSpace /DeviceGray /BitsPerComponent 8"
        return self.stream(b"".join(page), entries, packed=True)

    def done(self) -> bytes:
        self._objects[0] = f"<< /Type /Catalog /Pages 2 0 R {self.catalogue} >>".encode()
        kids = " ".join(f"{n} 0 R" for n in self.pages)
        self._objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode()
        body, places = b"%PDF-1.5\n", []
        for number, data in enumerate(self._objects, 1):
            places.append(len(body))
            body += b"%d 0 obj\n%s\nendobj\n" % (number, data)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        size = len(places) + 1
        return (
            body
            + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
            + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
        )


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def written(
    lines: Sequence[str],
    *,
    font: str = "F1",
    size: float = 10,
    x: float = 60,
    y: float = 740,
    lead: float = 14,
    before: str = "",
) -> str:
    """Operators that write lines below each other."""
    shown = "\n".join(f"1 0 0 1 {x:g} {y - lead * i:g} Tm ({escaped(line)}) Tj" for i, line in enumerate(lines))
    return f"q BT {before} /{font} {size:g} Tf\n{shown}\nET Q\n"


def caesar(text: str) -> str:
    """Each letter the next but four: words of no language."""
    return "".join(chr((ord(c) - 97 + 5) % 26 + 97) if c.islower() else c for c in text.lower())


def coded(text: str) -> str:
    """Text as the codes of a font that numbers its glyphs in another order."""
    return "".join(chr(33 + (ord(c) * 7) % 94) if c != " " else c for c in text)


def glyph_font(pdf: Pdf) -> int:
    """A font whose glyphs have names that say nothing, and no map to Unicode."""
    name = {i: f"/x{chr(97 + i // 26)}{chr(97 + i % 26)}q" for i in range(32, 127)}
    names = " ".join(name.values())
    encoding = f"<< /Type /Encoding /Differences [32 {names}] >>"
    widths = " ".join(["500"] * 95)
    glyph = pdf.stream(b"500 0 0 0 500 700 d1 0 0 400 600 re f")
    procs = " ".join(f"{name[i]} {glyph} 0 R" for i in range(33, 127))
    empty = pdf.stream(b"250 0 0 0 0 0 d1")
    return pdf.add(
        f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 700] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 32 /LastChar 126"
        f" /Widths [{widths}] /Encoding {encoding} /CharProcs << {name[32]} {empty} 0 R {procs} >> /Resources << >> >>"
    )


def mapped_font(pdf: Pdf, code: Callable[[int], str]) -> int:
    """A font whose map to Unicode says `code` of each byte."""
    lines = "\n".join(f"<{i:02x}> <{code(i)}>" for i in range(32, 127))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n95 beginbfchar\n{lines}\nendbfchar\nendcmap end end"
    )
    made = pdf.stream(cmap.encode())
    return pdf.add(f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {made} 0 R >>")


def cid_font(pdf: Pdf) -> int:
    """A composite font that is neither embedded nor mapped: its codes are glyphs of a font that nobody has."""
    descriptor = pdf.add(
        "<< /Type /FontDescriptor /FontName /ABCDEF+Gone /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800"
        " /Descent -200 /CapHeight 700 /StemV 80 >>"
    )
    info = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    below = pdf.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Gone {info} /FontDescriptor {descriptor} 0 R /DW 500 >>"
    )
    return pdf.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Gone /Encoding /Identity-H /DescendantFonts [{below} 0 R] >>"
    )


OPENING = SENTENCES[0]
