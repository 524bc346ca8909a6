"""Text layers that are no text: fonts without a way to Unicode, words of no language."""

from __future__ import annotations

import random

from schemas import Reason
from tests.extract.odd import Odd
from tests.extract.raw_pdf import OPENING, Pdf, caesar, cid_font, coded, glyph_font, mapped_font, prose, written

_END = prose(1)[-1].split()[-1]


def _pages(good: int, bad: int) -> bytes:
    """Pages of text, then pages in a font whose glyphs nobody can name."""
    pdf = Pdf()
    font = glyph_font(pdf)
    for number in range(good):
        pdf.page(written(prose(number, 20)))
    for number in range(bad):
        pdf.page(written([coded(line) for line in prose(number, 20)], font="T3"), fonts={"T3": font})
    return pdf.done()


def _mapped(code: str) -> bytes:
    pdf = Pdf()
    font = mapped_font(pdf, lambda i: code.format(i=i, private=0xE000 + i, shifted=_shifted(i)))
    pdf.page(written(prose(0, 20), font="M"), fonts={"M": font})
    return pdf.done()


def _shifted(code: int) -> int:
    """A letter five places on, as a cipher writes it."""
    return ord(caesar(chr(code))) if chr(code).isalpha() else code


def _beyond() -> bytes:
    """Text between letters of mathematics, whose codes in a font's map are two of sixteen bits each."""
    pdf = Pdf()
    font = mapped_font(pdf, lambda i: "d835dc5d" if chr(i) == "~" else f"{i:04x}")
    pdf.page(written(["a ~ b ~~ c"], font="M", y=780) + written(prose(0, 20)), fonts={"M": font})
    return pdf.done()


def _cid() -> bytes:
    pdf = Pdf()
    font = cid_font(pdf)
    shown = "\n".join(
        f"1 0 0 1 60 {740 - 14 * i} Tm <{''.join(f'{ord(c) + 200:04x}' for c in line)}> Tj"
        for i, line in enumerate(prose(0, 20))
    )
    pdf.page(f"BT /C 10 Tf\n{shown}\nET", fonts={"C": font})
    return pdf.done()


def _plain(lines: list[str], count: int = 1) -> bytes:
    pdf = Pdf()
    for _ in range(count):
        pdf.page(written(lines))
    return pdf.done()


def random_lines() -> list[str]:
    draw = random.Random(7)
    words = ["".join(draw.choices("bcdfghjklmnpqrstvwxz", k=draw.randint(3, 9))) for _ in range(240)]
    return [" ".join(words[i : i + 10]) for i in range(0, 240, 10)]


def _some_lost() -> bytes:
    """Prose in which the symbols of some formulae have no Unicode."""
    pdf = Pdf()
    font = mapped_font(pdf, lambda _: "fffd")
    lines = prose(0, 24)
    pdf.page(written(lines) + written(["ab"] * len(lines), font="M", x=520), fonts={"M": font})
    return pdf.done()


_FRENCH = (
    "Nous avons mesuré la vitesse des galaxies dans une région du ciel qui est très proche de nous et dont les étoiles sont",
    "plus jeunes que le soleil. Ces données montrent que la masse du halo n'est pas la même pour tous les objets, mais elle",
    "peut être plus grande. Cette relation entre deux quantités est donc sans doute la plus importante pour nous.",
)
_FINNISH = (
    "Havainnot osoittavat, että tähdet ovat kuin ennen, mutta niiden kirkkaus on tai oli suurempi kun etäisyys kasvaa sekä",
    "valon määrä vähenee. Tulokset eivät sen takia ole samat, joka myös näkyy kuvasta, jossa olla voi vain kaksi pistettä.",
)
_TABLE = [f"NGC {1000 + i}  {i * 1.37:.2f}  {i * 0.11:.3f}  {12.5 - i * 0.2:.1f}  {i * i:d}" for i in range(40)]
_REFERENCES = [
    f"{name}, A. B., {other}, C. & {name}, D. {1980 + i}, Astrophys. J., {100 + i}, {7 * i}"
    for i, (name, other) in enumerate([("Kowalczyk", "Ribeiro"), ("Svensson", "Takahashi"), ("Okonkwo", "Petrov")] * 12)
]

READ = "could not be read"
_LIARS = ("by-name", "by-encoding", "in-a-range", "by-its-program")


def _other_letters(how: str) -> bytes:
    """Prose in a font that says an a where it draws an e and an e where it draws an a; or as honest fonts say it.

    Args:
        how: by-name: its encoding names the letters that it draws; by-encoding: it has that of Windows; in-a-range: its map has
            ranges; by-its-program: its program names them; capitals: small capitals that are said as capitals; own-encoding:
            its codes are those of other letters, and the names of its glyphs and its map say so; unused: its program names other
            letters for codes that nothing is written with, and that its map knows.
    """
    pdf = Pdf()
    letters = [chr(n) for n in range(97, 123)]
    said = {"a": "e", "e": "a"} if how in _LIARS else {c: c.upper() for c in letters} if how == "capitals" else {}
    meant = {c: ord(said.get(c, c)) for c in letters}
    drawn = {c: letters[-1 - n] if how == "own-encoding" else c for n, c in enumerate(letters)}
    pairs = [(ord(drawn[c]), meant[c]) for c in letters]
    if how == "in-a-range":
        listed = "".join(f"<{code:02x}> <{code:02x}> <{to:04x}>\n" for code, to in pairs)
        said_of = f"{len(pairs)} beginbfrange\n{listed}endbfrange"
    else:
        listed = "".join(f"<{code:02x}> <{to:04x}>\n" for code, to in pairs)
        said_of = f"{len(pairs)} beginbfchar\n{listed}endbfchar"
    others = "".join(f"<{n:02x}> <{n:04x}>\n" for n in (*range(32, 97), *range(123, 127)))
    space = "1 begincodespacerange <00> <ff> endcodespacerange"
    cmap = f"begincmap {space}\n{said_of}\n69 beginbfchar\n{others}endbfchar\nendcmap"
    made = pdf.stream(cmap.encode(), packed=True)
    names = " ".join(f"/{c}" for c in sorted(letters, key=drawn.__getitem__))
    encoding, descriptor = "/Encoding /WinAnsiEncoding", ""
    if how in ("by-name", "capitals", "own-encoding"):
        encoding = f"/Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [97 {names}] >>"
    if how in ("by-its-program", "unused"):
        own = "\n".join(f"dup {ord(c) if c in meant else 49} /{c} put" for c in ["B", *letters])
        program = pdf.stream(
            f"%!PS-AdobeFont-1.0: X\n/Encoding 256 array\n{own}\nreadonly def\ncurrentfile eexec".encode()
        )
        kept = "/FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80"
        described = pdf.add(f"<< /Type /FontDescriptor /FontName /X /Flags 4 {kept} /FontFile {program} 0 R >>")
        differences = f"/Encoding << /Type /Encoding /Differences [97 {names}] >>" if how == "unused" else ""
        encoding, descriptor = differences, f"/FontDescriptor {described} 0 R"
    font = pdf.add(
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica {encoding} {descriptor} /ToUnicode {made} 0 R >>"
    )
    lines = ["".join(drawn.get(c, c) for c in line) for line in prose(0, 20)]
    pdf.page(written(lines, font="M"), fonts={"M": font})
    return pdf.done()


_HERON = "A heron stood on the sluice until the tide had gone out."


def _negative() -> bytes:
    """Lines as they are used, and behind them letters of a negative size, which a matrix turns upright."""
    pdf = Pdf()
    lines = [(740 - 14 * n, line) for n, line in enumerate([*prose(0, 20), _HERON])]
    plain = "\n".join(f"1 0 0 1 60 {y} Tm ({line}) Tj" for y, line in lines[:16])
    turned = "\n".join(f"-1 0 0 -1 60 {y} Tm ({line}) Tj" for y, line in lines[16:])
    pdf.page(f"q BT /F1 10 Tf\n{plain}\n/F1 -10 Tf\n{turned}\nET Q\n")
    return pdf.done()


CASES = (
    Odd("letters-of-two-codes", _beyond(), has=(OPENING, "a \U0001d45d b \U0001d45d\U0001d45d c"), pages=("ok",)),
    Odd("prose", _plain(prose(0, 20)), has=(OPENING,), pages=("ok",)),
    Odd("glyph-names", _pages(0, 2), Reason.PAGES_UNREAD, warns=READ, pages=("failed", "failed")),
    Odd(
        "glyph-names-ocr",
        _pages(0, 2),
        has=(OPENING, "Second page"),
        lacks=("\ufffd",),
        ocr={0: " ".join(prose(0, 20)), 1: "Second page. " + " ".join(prose(1, 20))},
        pages=("ok", "ok"),
    ),
    Odd(
        "glyph-names-no-ocr-of-one",
        _pages(2, 1),
        has=(OPENING,),
        warns="1 of 3 pages could not be read: ",
        pages=("ok", "ok", "failed"),
    ),
    Odd("one-bad-page-of-thirty", _pages(29, 1), has=(OPENING,), warns=f"1 of 30 pages {READ}"),
    Odd("more-bad-than-good", _pages(4, 5), Reason.PAGES_UNREAD, warns=f"5 of 9 pages {READ}"),
    Odd("private-use", _mapped("{private:04x}"), Reason.PAGES_UNREAD, warns="no Unicode values"),
    Odd("replacement-map", _mapped("fffd"), Reason.PAGES_UNREAD, warns="no Unicode values"),
    Odd("cipher-map", _mapped("{shifted:04x}"), Reason.PAGES_UNREAD, warns="other letters than they draw"),
    *(
        Odd(f"other-letters-{how}", _other_letters(how), Reason.PAGES_UNREAD, warns="other letters than they draw")
        for how in _LIARS
    ),
    Odd("other-letters-ocr", _other_letters("by-name"), has=(OPENING,), ocr={0: " ".join(prose(0, 20))}, pages=("ok",)),
    Odd("small-capitals", _other_letters("capitals"), has=(OPENING.upper(),), pages=("ok",)),
    Odd("own-encoding", _other_letters("own-encoding"), has=(OPENING,), pages=("ok",)),
    Odd("unused-letters-of-a-program", _other_letters("unused"), has=(OPENING,), pages=("ok",)),
    Odd(
        "cipher-map-ocr",
        _mapped("{shifted:04x}"),
        has=(OPENING,),
        lacks=(caesar("rotation"),),
        ocr={0: "\n\n".join([" ".join(prose(0, 20))])},
        pages=("ok",),
    ),
    Odd("cid-without-map", _cid(), Reason.PAGES_UNREAD),
    Odd("cid-without-map-ocr", _cid(), has=(OPENING,), ocr={0: " ".join(prose(0, 20))}),
    Odd("random-letters", _plain(random_lines()), Reason.PAGES_UNREAD, warns="of no language"),
    Odd(
        "a-language-that-ocr-confirms",
        _plain(random_lines()),
        has=(random_lines()[0].split()[0],),
        ocr={0: " ".join(random_lines())},
        pages=("ok",),
    ),
    Odd(
        "cipher-that-ocr-cannot-read-either",
        _plain(random_lines()),
        Reason.PAGES_UNREAD,
        ocr={0: "zxqv " * 40},
    ),
    Odd("cid-numbers", _plain([f"(cid:{i})(cid:{i + 3})(cid:{i + 7})" for i in range(40)]), Reason.PAGES_UNREAD),
    Odd("glued-words", _plain(["".join(line.split()) for line in prose(0, 24)]), Reason.PAGES_UNREAD),
    Odd(
        "letters-apart",
        _plain(["  ".join(line.replace(" ", "")) for line in prose(0, 12)]),
        Reason.PAGES_UNREAD,
        warns="letters stand apart",
    ),
    Odd(
        "some-symbols-lost", _some_lost(), has=(OPENING,), warns="without a Unicode value were left out", pages=("ok",)
    ),
    Odd("french", _plain([*_FRENCH] * 3), has=("Nous avons mesuré",), pages=("ok",)),
    Odd("finnish", _plain([*_FINNISH] * 3, 2), has=("Havainnot osoittavat",), pages=("ok", "ok")),
    Odd("numbers-only", _plain(_TABLE), has=("NGC 1000",), pages=("ok",)),
    Odd("references-only", _plain(_REFERENCES), has=("Kowalczyk",), pages=("ok",)),
    Odd("negative-size", _negative(), has=(OPENING, _HERON), pages=("ok",)),
)
