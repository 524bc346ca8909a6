"""Small files that would keep whoever draws them for hours, or fill the memory: each ends at once, by a reason of its own, and
the pages beside them are read."""

from __future__ import annotations

from tests.extract.odd import Odd
from tests.extract.raw_pdf import OPENING, Pdf, mapped_font, prose, written

_BOX = "/Type /XObject /Subtype /Form /BBox [0 0 600 800]"
_GROUP = "/Group << /S /Transparency /CS /DeviceGray >>"
_BYTES = "drawing the page takes more than 64 MB of operators"
_DEEP = "what it draws is nested more than 28 deep"
_LONG = "its fonts say more than 24 characters of one"
_FULL = "it has more text than fits on a page"


def _started() -> Pdf:
    pdf = Pdf()
    pdf.page(written(prose(0, 20)))
    return pdf


def _branching(pdf: Pdf, entries: str = "", levels: int = 7) -> int:
    """A form that draws another one ten times, which draws another one ten times ..."""
    form = pdf.stream(b"0 0 m 9 9 l S\n" * 40, f"{_BOX} {entries}")
    for _ in range(levels):
        form = pdf.stream(b"/A Do\n" * 10, f"{_BOX} {entries} /Resources << /XObject << /A {form} 0 R >> >>")
    return form


def _type3(pdf: Pdf, glyph: bytes, resources: str = "") -> int:
    proc = pdf.stream(glyph, packed=True)
    return pdf.add(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 97 /LastChar 97"
        f" /Widths [1000] /Encoding << /Differences [97 /a] >> /CharProcs << /a {proc} 0 R >> /Resources << {resources} >> >>"
    )


def _stamped(appearance: bytes | None, kind: str = "Stamp", times: int = 1) -> bytes:
    """A page with annotations; without an appearance they draw a branching form."""
    pdf = _started()
    form = _branching(pdf) if appearance is None else pdf.stream(appearance, _BOX, packed=True)
    note = pdf.add(f"<< /Type /Annot /Subtype /{kind} /F 4 /Rect [0 0 100 30] /AP << /N {form} 0 R >> >>")
    notes = f"{note} 0 R " * times
    pdf.page(written(prose(1, 20)), entries=f"/MediaBox [0 0 600 800] /Annots [{notes}]")
    return pdf.done()


def _large_glyphs() -> bytes:
    pdf = _started()
    font = _type3(pdf, b"1000 0 d0 " + b"0 0 m 900 900 l S\n" * 200_000)
    pdf.page(written(["a" * 40], font="T"), fonts={"T": font})
    return pdf.done()


def _glyphs_of_glyphs() -> bytes:
    """Glyphs that show the glyphs of another font, which show those of another one ..."""
    pdf = _started()
    font = pdf.helvetica
    for _ in range(9):
        font = _type3(pdf, b"1000 0 d0 BT /I 900 Tf (aaaaaaaaaa) Tj ET", f"/Font << /I {font} 0 R >>")
    pdf.page(written(["a" * 12], font="T"), fonts={"T": font})
    return pdf.done()


def _pattern() -> bytes:
    pdf = _started()
    tile = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 99 99] /XStep 99 /YStep 99"
    pattern = pdf.stream(b"/A Do", f"{tile} /Resources << /XObject << /A {_branching(pdf)} 0 R >> >>")
    filled = "q /Pattern cs /P scn 50 90 500 130 re f Q\n"
    pdf.page(written(prose(1, 20)) + filled, resources=f"/Pattern << /P {pattern} 0 R >>")
    return pdf.done()


def _tiled(step: str, box: str = "0 0 1 1", matrix: str = "") -> bytes:
    """A page that is filled with grey tiles."""
    pdf = _started()
    tile = (
        f"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [{box}] /XStep {step} /YStep {step} {matrix}"
    )
    pattern = pdf.stream(f".9 g {box} re f".encode(), f"{tile} /Resources << >>")
    pdf.page(
        f"q /Pattern cs /P scn 0 0 600 800 re f Q\n{written(prose(1, 20))}",
        resources=f"/Pattern << /P {pattern} 0 R >>",
    )
    return pdf.done()


def _mask(*, apart: bool) -> bytes:
    """A mask that draws a branching form; the state stands in the page's resources or apart from them."""
    pdf = _started()
    state = f"<< /SMask << /S /Luminosity /G {_branching(pdf, _GROUP)} 0 R >> >>"
    named = f"{pdf.add(state)} 0 R" if apart else state
    pdf.page(f"q /G gs {written(prose(1, 20))} Q", resources=f"/ExtGState << /G {named} >>")
    return pdf.done()


def _loop(resources: str) -> bytes:
    """A form that draws itself twice."""
    pdf = _started()
    number = pdf.stream(b"/A Do /A Do", f"{_BOX} {resources}")
    pdf.page(f"{written(prose(1, 20))}/A Do", images={"A": number})
    data = pdf.done()
    return data.replace(b"/A 99999 0 R", b"/A %05d 0 R" % number)


def _nested(depth: int) -> bytes:
    pdf = _started()
    fonts = f"/Resources << /Font << /F1 {pdf.helvetica} 0 R >> >>"
    form = pdf.stream(written(["Words in forms of forms are read by all."]).encode(), f"{_BOX} {fonts}")
    for _ in range(depth):
        form = pdf.stream(b"/A Do", f"{_BOX} /Resources << /XObject << /A {form} 0 R >> >>")
    pdf.page("/A Do", images={"A": form})
    return pdf.done()


def _expanding(times: int) -> bytes:
    """A font one of whose codes says so many letters."""
    pdf = _started()
    font = mapped_font(pdf, lambda code: "0061" * times if code == ord("~") else f"{code:04x}")
    pdf.page(written([*prose(1, 20), "A tilde ~ is here."], font="M"), fonts={"M": font})
    return pdf.done()


def _full(shown: str, count: int) -> bytes:
    """A page with so many runs of text, each in another size than the one before."""
    pdf = _started()
    runs = "\n".join(
        f"/F1 {8 + i % 3} Tf 1 0 0 1 {20 + i % 100 * 5.5:g} {790 - i // 100 * 0.75:g} Tm ({shown}) Tj"
        for i in range(count)
    )
    pdf.page(f"BT {runs} ET", packed=True)
    return pdf.done()


def _packed_often() -> bytes:
    """Operators behind four filters."""
    pdf = _started()
    filters = "/Filter [/RunLengthDecode /RunLengthDecode /RunLengthDecode /RunLengthDecode]"
    stream = pdf.stream(b"\x81\x20" * 4, filters)
    pdf.pages.append(pdf.add(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {stream} 0 R >>"))
    return pdf.done()


def _refused(name: str, data: bytes, why: str) -> Odd:
    return Odd(name, data, has=(OPENING,), warns=f"1 of 2 pages could not be read: {why}", pages=("ok", "failed"))


CASES = (
    _refused("annotations-without-end", _stamped(b"0 0 m 9 9 l S\n" * 300_000, times=50), _BYTES),
    _refused("annotation-of-forms", _stamped(None), _BYTES),
    _refused("field-of-forms", _stamped(None, "Widget /FT /Tx"), _BYTES),
    _refused("very-many-annotations", _stamped(b"0 0 m 9 9 l S", times=100_000), _BYTES),
    Odd("annotation", _stamped(b"0 0 m 9 9 l S", times=3), has=(OPENING,), pages=("ok", "ok")),
    _refused("large-glyphs", _large_glyphs(), _BYTES),
    _refused("glyphs-of-glyphs", _glyphs_of_glyphs(), _BYTES),
    _refused("pattern-of-forms", _pattern(), _BYTES),
    _refused("very-many-tiles", _tiled(".001"), _BYTES),
    _refused("very-many-tiles-by-their-matrix", _tiled("1", matrix="/Matrix [.001 0 0 .001 0 0]"), _BYTES),
    _refused("tiles-above-each-other", _tiled("1", "0 0 600 800"), _BYTES),
    Odd("tiles-of-grey-dots", _tiled("1"), has=(OPENING,), pages=("ok", "ok")),
    _refused("mask-of-forms", _mask(apart=False), _BYTES),
    _refused("mask-of-forms-apart", _mask(apart=True), _BYTES),
    _refused("filters-of-filters", _packed_often(), _BYTES),
    _refused("form-that-draws-itself", _loop("/Resources << /XObject << /A 99999 0 R >> >>"), _DEEP),
    _refused("form-that-draws-itself-by-its-page", _loop(""), _DEEP),
    _refused("thirty-forms-deep", _nested(30), _DEEP),
    Odd("fourteen-forms-deep", _nested(14), has=(OPENING, "Words in forms of forms are read by all."), pages=("ok", "ok")),
    _refused("font-that-says-a-megabyte", _expanding(250_000), _LONG),
    Odd("font-with-a-ligature", _expanding(4), has=(OPENING, "A tilde aaaa is here."), pages=("ok", "ok")),
    _refused("very-many-runs", _full("w", 45_000), _FULL),
    _refused("very-many-letters", _full("these are words " * 16, 1_000), _FULL),
)  # fmt: skip
