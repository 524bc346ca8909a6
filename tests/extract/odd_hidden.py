"""Text that no reader sees, text that is drawn twice, pages that lie on their side or stand on their head."""

from __future__ import annotations

from tests.extract.odd import Odd
from tests.extract.raw_pdf import OPENING, SENTENCES, Pdf, prose, written

SECRET = "Nobody reads these secret words about ten hidden comets in the paper."
_BOX = "q {grey} g 50 90 500 130 re f Q\n"


def _beside(
    more: str,
    *,
    first: str = "",
    entries: str = "/MediaBox [0 0 600 800]",
    image: bool = False,
    resources: str = "",
) -> bytes:
    """A page of prose with something more, painted before or after it."""
    pdf = Pdf()
    images = {"I": pdf.image(grey=255)} if image else None
    pdf.page(first + written(prose(0, 20)) + more, entries=entries, images=images, resources=resources)
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


def _formed(entries: str = "", state: str = "") -> bytes:
    """A sentence in a form."""
    pdf = Pdf()
    fonts = f"/Resources << /Font << /F1 {pdf.helvetica} 0 R >> >>"
    form = pdf.stream(written([SECRET], y=_LOW).encode(), f"/Type /XObject /Subtype /Form {entries} {fonts}")
    states = f"/ExtGState << /G << {state} >> >>"
    pdf.page(f"{written(prose(0, 20))}q /G gs /A Do Q\n", images={"A": form}, resources=states)
    return pdf.done()


def _masked() -> bytes:
    """A sentence under a mask that lets nothing through."""
    pdf = Pdf()
    group = "/Group << /S /Transparency /CS /DeviceGray >>"
    mask = pdf.stream(b"0 g 0 0 600 800 re f", f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] {group}")
    states = f"/ExtGState << /G << /SMask << /S /Luminosity /G {mask} 0 R >> >> >>"
    pdf.page(f"{written(prose(0, 20))}q /G gs\n{written([SECRET], y=_LOW)}Q\n", resources=states)
    return pdf.done()


def _said_otherwise(told: str, shown: str) -> bytes:
    """A sentence that the file says to be another one."""
    return _beside(f"/Span << /ActualText ({told}) >> BDC\n{written([shown], y=_LOW)}EMC\n")


def _layer_switched(off: str, *, entries: str = "", in_form: bool = False) -> bytes:
    """A layer that viewers do not show, as other writers say so."""
    pdf = Pdf()
    group = pdf.add(f"<< /Type /OCG /Name (draft) {entries} >>")
    groups = pdf.add(f"[{group} 0 R]")
    settings = off.format(group=f"{group} 0 R", groups=f"{groups} 0 R")
    pdf.catalogue = f"/OCProperties << /OCGs [{group} 0 R] /D << {settings} >> >>"
    if in_form:
        fonts = f"/Resources << /Font << /F1 {pdf.helvetica} 0 R >> >>"
        box = f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /OC {group} 0 R"
        form = pdf.stream(written([SECRET], y=_LOW).encode(), f"{box} {fonts}")
        pdf.page(f"{written(prose(0, 20))}/A Do\n", images={"A": form})
    else:
        marked = f"/OC /L BDC\n{written([SECRET], y=_LOW)}EMC\n"
        pdf.page(written(prose(0, 20)) + marked, resources=f"/Properties << /L {group} 0 R >>")
    return pdf.done()


def _beside_a_scan() -> bytes:
    """A page with a picture on its upper half, and text that is not painted below it."""
    pdf = Pdf()
    image = pdf.image()
    picture = "q 600 0 0 420 0 380 cm /I Do Q\n"
    pdf.page(picture + written(prose(0, 12), y=360) + written([SECRET], y=100, before="3 Tr"), images={"I": image})
    return pdf.done()


def _on_white_image() -> bytes:
    """White text on an image that is as white."""
    pdf = Pdf()
    image = pdf.image(grey=255)
    pdf.page(_OVER_ALL + written(prose(0, 20)) + written([SECRET], y=_LOW, before="1 g"), images={"I": image})
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


def _tiled(*, over: bool) -> bytes:
    """A sentence, and a white box of tiles over it or below it."""
    pdf = Pdf()
    tile = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 4 4] /XStep 4 /YStep 4 /Resources << >>"
    pattern = pdf.stream(b"1 g 0 0 4 4 re f", tile)
    parts = [written([SECRET], y=_LOW), "q /Pattern cs /P scn 50 90 500 130 re f Q\n"]
    drawn = "".join(parts if over else reversed(parts))
    pdf.page(written(prose(0, 20)) + drawn, resources=f"/Pattern << /P {pattern} 0 R >>")
    return pdf.done()


def _below_an_image() -> bytes:
    """Pages of prose, one of which lies below an empty image of the whole page."""
    pdf = Pdf()
    image = pdf.image(grey=250)
    pdf.page(written(prose(0, 3)) + written([SECRET] * 20, y=600) + _OVER_ALL, images={"I": image})
    for number in (1, 2):
        pdf.page(written(prose(number, 20)))
    return pdf.done()


_LOW = 200.0
_OVER_ALL = "q 600 0 0 800 0 0 cm /I Do Q\n"
_TILES = "".join(f"q 1 g {50 + 50 * n} 180 50 50 re f Q\n" for n in range(10))
_MANY = "".join(f"{50 + n % 500} {300 + n // 50} m 5 5 l S\n" for n in range(3000))
_SHORT = ["Nobody reads these", "secret words about", "ten hidden comets"]
_WHITE_SHADING = (
    "/Shading << /S << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 600 0] /Extend [true true]"
    " /Function << /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [1] /N 1 >> >> >>"
)
_AS = "/AS [<< /Event /View /OCGs [{group}] /Category [/View] >>]"
_WIDE, _HIGH = "1 0 0 .02", ".02 0 0 4"


def _stretched(matrix: str) -> bytes:
    return _beside(f"q BT /F1 10 Tf {matrix} 60 {_LOW} Tm ({SECRET}) Tj ET Q\n")


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
    Odd("clipped-to-nothing", _beside(f"q 0 0 1 1 re W n {written([SECRET], y=_LOW)}Q\n"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("clipped-to-what-others-show", _beside(f"q 0 700 600 100 re W n {written([SECRET], y=_LOW)}Q\n"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("clipped-but-inside", _beside(f"q 0 100 600 300 re W n {written([SECRET], y=_LOW)}Q\n"), has=(*_SEEN, SECRET)),
    Odd("outside-of-its-form", _formed("/BBox [0 0 5 5]"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("inside-of-its-form", _formed("/BBox [0 0 600 800]"), has=(*_SEEN, SECRET)),
    Odd("transparent-form", _formed("/BBox [0 0 600 800] /Group << /S /Transparency >>", "/ca 0 /CA 0"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("nearly-transparent", _state("/ca .01 /CA .01"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("masked", _masked(), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("pale-yellow", _beside(written([SECRET], y=_LOW, before="1 1 .8 rg")), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("blue-on-blue", _beside("q 0 0 1 rg 50 90 500 130 re f Q\n" + written(_SHORT, y=_LOW, before="0 0 1 rg")), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("on-a-page-of-its-colour", _beside(written([SECRET], y=_LOW, before=".7 .7 1 rg"), first="q .7 .7 1 rg 0 0 600 800 re f Q\n"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("mostly-white-on-painted-white", _beside(written([SECRET] * 40, y=400, lead=8, before="1 g"), first="q 1 g 0 0 600 800 re f Q\n"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("white-in-a-frame", _beside("q 50 90 500 130 re S Q\n" + written(_SHORT, y=_LOW, before="1 g")), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("short-lines-below-a-box", _beside(written(_SHORT, y=_LOW) + _BOX.format(grey=1)), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("below-tiles", _beside(written([SECRET], y=_LOW) + _TILES), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("on-tiles", _beside(_TILES + written([SECRET], y=_LOW)), has=(*_SEEN, SECRET)),
    Odd("below-a-pattern", _tiled(over=True), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("on-a-pattern", _tiled(over=False), has=(*_SEEN, SECRET)),
    Odd("below-a-box-on-a-full-page", _beside(_MANY + written([SECRET], y=_LOW) + _BOX.format(grey=1)), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("on-a-full-page", _beside(_MANY + written([SECRET], y=_LOW)), has=(*_SEEN, SECRET)),
    Odd("below-a-box-behind-many-others", _beside(_MANY * 2 + written([SECRET], y=_LOW) + _BOX.format(grey=1)), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("below-an-empty-image", _below_an_image(), lacks=("secret",), warns="no reader sees", pages=("failed", "ok", "ok")),
    Odd("below-a-shading", _beside(written([SECRET], y=_LOW) + "q 50 90 500 130 re W n /S sh Q\n", resources=_WHITE_SHADING), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("below-the-page", _beside("", first=written([SECRET], y=_LOW) + "q 1 g 0 0 600 800 re f Q\n"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("below-a-box-of-a-poster", _beside(written([SECRET], y=_LOW) + _BOX.format(grey=1), entries="/MediaBox [0 0 2500 2500]"), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("white-on-a-white-image", _on_white_image(), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("not-painted-beside-a-picture", _beside_a_scan(), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("flat", _stretched(_WIDE), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("narrow", _stretched(_HIGH), has=_SEEN, lacks=("secret",), warns="no reader sees"),
    Odd("said-otherwise", _said_otherwise(SECRET, "The lighthouse is painted in a colour of its own."), has=(*_SEEN, "The lighthouse is painted"), lacks=("secret",)),
    Odd("said-to-be-nothing", _said_otherwise(" ", SECRET), has=(*_SEEN, SECRET)),
    Odd("a-layer-off-by-a-list-elsewhere", _layer_switched("/OFF {groups}"), has=_SEEN, lacks=("secret",)),
    Odd("a-layer-off-by-its-usage", _layer_switched(_AS, entries="/Usage << /View << /ViewState /OFF >> >>"), has=_SEEN, lacks=("secret",)),
    Odd("a-form-of-a-layer-that-is-off", _layer_switched("/OFF {groups}", in_form=True), has=_SEEN, lacks=("secret",)),
    Odd("a-layer-that-is-shown", _layer_switched("/ON {groups}"), has=(*_SEEN, SECRET)),
)  # fmt: skip
