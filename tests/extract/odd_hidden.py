"""Text that no reader sees, text that is drawn twice, pages that lie on their side or stand on their head."""

from __future__ import annotations

from tests.extract.odd import Odd
from tests.extract.raw_pdf import OPENING, SENTENCES, Pdf, prose, written

SECRET = "Nobody reads these secret words about ten hidden comets in the paper."
_BOX = "q {grey} g 50 90 500 130 re f Q\n"


def _beside(more: str, *, first: str = "", entries: str = "/MediaBox [0 0 600 800]", image: bool = False) -> bytes:
    """A page of prose with something more, painted before or after it."""
    pdf = Pdf()
    images = {"I": pdf.image(grey=255)} if image else None
    pdf.page(first + written(prose(0, 20)) + more, entries=entries, images=images)
    return pdf.done()


def _slide() -> bytes:
    """White text on a dark page."""
    pdf = Pdf()
    pdf.page("q 0 0 .3 rg 0 0 600 800 re f Q\n" + written(prose(0, 20), before="1 g"))
    return pdf.done()


def _turned(matrix: str, entries: str = "/MediaBox [0 0 600 800]") -> bytes:
    """A page whose content is turned as a whole."""
    pdf = Pdf()
    pdf.page(f"q {matrix} cm\n{written(prose(0, 20))}Q", entries=entries)
    return pdf.done()


def _rotated_table() -> bytes:
    """A table on end in a page of text, and labels of an axis."""
    rows = [
        f"Object {name}   mass {i * 3 + 11}   age {i + 4} years   distance {i * 7 + 20}"
        for i, name in enumerate("ABCDEFGH")
    ]
    table = "\n".join(f"0 1 -1 0 {400 + 14 * i} 120 Tm ({row}) Tj" for i, row in enumerate(rows))
    label = "BT /F1 8 Tf 0 1 -1 0 30 300 Tm (wavelength in micrometres) Tj ET\n"
    pdf = Pdf()
    lines = [sentence for sentence in SENTENCES for sentence in (sentence[:60], sentence[60:]) if sentence.strip()]
    pdf.page(written(lines, y=760) + f"BT /F1 9 Tf\n{table}\nET\n{label}")
    return pdf.done()


def _layer_off() -> bytes:
    """A layer that viewers do not show."""
    pdf = Pdf()
    group = pdf.add("<< /Type /OCG /Name (draft) >>")
    pdf.catalogue = f"/OCProperties << /OCGs [{group} 0 R] /D << /OFF [{group} 0 R] >> >>"
    pdf.page(
        f"{written(prose(0, 20))}/OC /L BDC\n{written([SECRET], y=_LOW)}EMC\n",
        resources=f"/Properties << /L {group} 0 R >>",
    )
    return pdf.done()


def _state(entries: str) -> bytes:
    """A sentence drawn in a graphics state."""
    pdf = Pdf()
    pdf.page(
        f"{written(prose(0, 20))}q /G gs\n{written([SECRET], y=_LOW)}Q\n",
        resources=f"/ExtGState << /G << {entries} >> >>",
    )
    return pdf.done()


def _patterned(kind: str) -> bytes:
    """A sentence filled with a pattern, and one that is white beside it."""
    pdf = Pdf()
    if kind == "shading":
        ramp = "<< /FunctionType 2 /Domain [0 1] /C0 [0 0 0] /C1 [0 0 1] /N 1 >>"
        shading = (
            f"<< /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 600 800] /Function {ramp} /Extend [true true] >>"
        )
        pattern = pdf.add(f"<< /Type /Pattern /PatternType 2 /Shading {shading} >>")
    else:
        tile = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 4 4] /XStep 4 /YStep 4 /Resources << >>"
        pattern = pdf.stream(b"0 0 1 rg 0 0 4 4 re f", tile)
    filled = f"q /Pattern cs /P scn {written(['Sentences in many colours are read by all.'], y=_LOW)}Q\n"
    white = written([SECRET], y=_LOW - 40, before="1 g")
    pdf.page(written(prose(0, 20)) + filled + white, resources=f"/Pattern << /P {pattern} 0 R >>")
    return pdf.done()


def _twice(chosen: str) -> bytes:
    """Prose, some words of which are drawn once more to make them bold."""
    drawn = []
    for row, line in enumerate(prose(0, 20)):
        x = 60.0
        for word in line.split():
            drawn += [
                f"1 0 0 1 {x + d:.2f} {740 - 14 * row} Tm ({word}) Tj"
                for d in ((0, 0.3) if word[0] in chosen else (0,))
            ]
            x += 6.0 * (len(word) + 1)
    pdf = Pdf()
    courier = pdf.add("<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>")
    pdf.page("BT /C 10 Tf " + "\n".join(drawn) + " ET", fonts={"C": courier})
    return pdf.done()


_LOW = 200.0
_SEEN = (OPENING,)

CASES = (
    Odd("mode-3", _beside(written([SECRET], y=_LOW, before="3 Tr")), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("white-on-white", _beside(written([SECRET], y=_LOW, before="1 g")), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd(
        "white-on-painted-white",
        _beside(written([SECRET], y=_LOW, before="1 g"), first="q 1 g 0 0 600 800 re f Q\n"),
        has=_SEEN,
        lacks=("secret",),
    ),
    Odd("white-in-a-dark-box", _beside(_BOX.format(grey=0) + written([SECRET], y=_LOW, before="1 g")), has=(*_SEEN, "secret words")),
    Odd("slide", _slide(), has=_SEEN),
    Odd("one-point", _beside(written([SECRET], y=_LOW, size=1)), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("outside-the-page", _beside(written([SECRET], y=-300)), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd(
        "outside-the-crop-box",
        _beside(written([SECRET], y=50), entries="/MediaBox [0 0 600 800] /CropBox [0 100 600 800]"),
        has=_SEEN,
        lacks=("secret",),
    ),
    Odd("covered-by-a-box", _beside(written([SECRET], y=_LOW) + _BOX.format(grey=1)), has=_SEEN, lacks=("secret",)),
    Odd(
        "covered-by-an-image",
        _beside(written([SECRET], y=_LOW) + "q 500 0 0 130 50 90 cm /I Do Q\n", image=True),
        has=_SEEN,
        lacks=("secret",),
    ),
    Odd("on-a-shaded-box", _beside(_BOX.format(grey=0.8) + written([SECRET], y=_LOW)), has=(*_SEEN, "secret words")),
    Odd("drawn-twice", _beside(written([SECRET] * 1, y=_LOW) * 2), has=(*_SEEN, SECRET), lacks=("secret words about ten hidden comets in the paper. Nobody",)),
    Odd("shadow", _beside(written([SECRET], y=_LOW) + written([SECRET], y=_LOW - 0.7, x=60.7)), has=(*_SEEN, SECRET), lacks=("paper. Nobody",)),
    Odd("filled-with-a-shading", _patterned("shading"), has=(*_SEEN, "Sentences in many colours"), lacks=("secret",)),
    Odd("filled-with-tiles", _patterned("tiles"), has=(*_SEEN, "Sentences in many colours"), lacks=("secret",)),
    Odd("white-behind-text", _beside(written([SECRET], y=741, before="1 g")), has=_SEEN, lacks=("secret",)),
    Odd("some-words-twice", _twice("rmsgt"), has=(" ".join(prose(0, 4)[:2]),), lacks=("radio radio", "mass mass")),
    Odd("every-word-twice", _twice("abcdefghijklmnopqrstuvwxyzTWEABNDF"), has=(" ".join(prose(0, 4)[:2]),), lacks=("radio radio",)),
    Odd("a-layer-that-is-off", _layer_off(), has=_SEEN, lacks=("secret",)),
    Odd("transparent", _state("/ca 0 /CA 0"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("half-transparent", _state("/ca .5 /CA .5"), has=(*_SEEN, SECRET)),
    Odd("nearly-white", _beside(written([SECRET], y=_LOW, before=".97 g")), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("light-grey", _beside(written([SECRET], y=_LOW, before=".8 g")), has=(*_SEEN, SECRET)),
    Odd("shrunk-by-its-matrix", _beside(f"q .1 0 0 .1 0 0 cm {written([SECRET], y=2000)}Q\n"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("grown-by-its-matrix", _beside(f"q 10 0 0 10 0 0 cm {written([SECRET], y=20, x=6, size=1)}Q\n"), has=(*_SEEN, SECRET)),
    Odd("upside-down", _turned("-1 0 0 -1 600 800"), has=_SEEN, pages=("ok",)),
    Odd("sideways", _turned("0 1 -1 0 800 0", "/MediaBox [0 0 800 600]"), has=_SEEN, pages=("ok",)),
    Odd("sideways-other-way", _turned("0 -1 1 0 0 600", "/MediaBox [0 0 800 600]"), has=_SEEN, pages=("ok",)),
    Odd("turned-by-the-page", _turned("0 1 -1 0 800 0", "/MediaBox [0 0 800 600] /Rotate 90"), has=_SEEN, pages=("ok",)),
    Odd("table-on-end", _rotated_table(), has=("Object A", "distance 69"), lacks=("micrometres",)),
)  # fmt: skip
