"""`astrocorpus extract`: papers only, each with its text or its reason; what is there is not overwritten."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pymupdf
import pytest

from pipelines.cli import main
from tests.extract.sheets import cut_by

BODY = "We observed the quiet star for seven nights, and found that its light did not change at all. "


def tex(words: str = "Words of a paper.") -> str:
    return rf"\documentclass{{article}}\begin{{document}}\title{{A star}}\maketitle {words} {BODY * 6}\end{{document}}"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder of three papers (one broken), a README and rows."""
    folder = tmp_path / "papers"
    (folder / "2301.00001").mkdir(parents=True)
    (folder / "2301.00001" / "ms.tex").write_text(tex("The first paper."))
    (folder / "2301.00002.gz").write_bytes(gzip.compress(tex("The second paper.").encode()))
    (folder / "2301.00003.tar.gz").write_bytes(b"\x1f\x8b broken")
    (folder / "README.md").write_text("read me")
    (folder / "rows.jsonl").write_text(json.dumps({"id": "a", "text": BODY}))
    return folder


def said(capsys: pytest.CaptureFixture[str]) -> str:
    found = capsys.readouterr().err
    assert "Traceback" not in found
    return " ".join(found.split())


def test_a_folder_of_papers_gives_a_file_or_a_reason_for_each(papers, tmp_path, capsys):
    assert main(["extract", str(papers)]) == 2
    assert "these are 3 papers; give --out-dir" in said(capsys)
    out = tmp_path / "texts"
    assert main(["extract", str(papers), "--out-dir", str(out)]) == 1
    told = said(capsys)
    assert "2301.00003.tar.gz: failed: bad_archive" in told and "1 of 3 papers gave no text" in told
    for name in ("README.md", "rows.jsonl"):
        assert f"no paper: {papers / name}" in told
    assert sorted(p.name for p in out.iterdir()) == ["2301.00001.md", "2301.00002.md"]
    assert "The second paper." in (out / "2301.00002.md").read_text()


def test_several_papers_are_taken_and_the_rest_refused_with_reasons(papers, tmp_path, capsys):
    out = tmp_path / "texts"
    some = [str(papers / name) for name in ("2301.00001", "2301.00002.gz")]
    assert main(["extract", *some, "--out-dir", str(out), "--json"]) == 0
    assert json.loads((out / "2301.00001.json").read_text())["route"] == "latex"
    capsys.readouterr()
    assert main(["extract", *some, str(papers / "rows.jsonl"), "nowhere", "--out-dir", str(out)]) == 1
    told = said(capsys)
    assert "rows.jsonl holds rows" in told and "nowhere is not there" in told and "2 of 4" in told
    assert main(["extract", *some]) == 2


def test_one_paper_goes_to_standard_output_or_a_file(papers, tmp_path, capsys):
    assert main(["extract", str(papers / "2301.00001")]) == 0
    text = capsys.readouterr().out
    assert "The first paper." in text
    assert main(["extract", str(papers / "2301.00001"), "--out", str(tmp_path / "o.md")]) == 0
    assert (tmp_path / "o.md").read_text() == text
    assert main(["extract", str(papers / "2301.00003.tar.gz")]) == 1
    assert "bad_archive" in said(capsys)


def test_a_pipe_gets_the_text_without_what_nobody_sees(tmp_path, capsys):
    (tmp_path / "ok.txt").write_text(f"{BODY}\u202egnp")
    assert main(["extract", str(tmp_path / "ok.txt")]) == 0
    shown = capsys.readouterr().out
    assert "gnp" in shown and "\u202e" not in shown


def test_papers_of_one_name_and_of_odd_names_have_files_of_their_own(tmp_path):
    for folder in ("a", "b", "c\x1b]0;x\x07"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "star?.tex").write_text(tex(f"From {folder[0]}."))
    files = [str(p) for p in sorted(tmp_path.glob("*/*.tex"))]
    assert main(["extract", *files, *files, "--out-dir", str(tmp_path / "out")]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["star_-2.md", "star_-3.md", "star_.md"]


def tar_of(name: str, data: bytes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def test_the_pdf_of_a_paper_is_read_where_its_source_gives_nothing(tmp_path, capsys):
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("2301.00001", "2301.00002"):
        with pymupdf.open() as pdf:
            pdf.new_page().insert_textbox((50, 50, 500, 700), f"Words of the PDF of {name}. {BODY * 3}")
            pdf.save(folder / f"{name}.pdf")
    (folder / "2301.00001.ps").write_bytes(b"%!PS-Adobe-3.0\n")
    (folder / "2301.00002.tex").write_text(r"\documentclass{article}\begin{document}\end{document}")
    assert main(["extract", str(folder), "--out-dir", str(tmp_path / "out")]) == 0, said(capsys)
    for name in ("2301.00001", "2301.00002"):
        assert f"Words of the PDF of {name}" in (tmp_path / "out" / f"{name}.md").read_text()


PAPERS = {
    "2301.00001.gz": gzip.compress(tex().encode()),
    "gzipped.gz": gzip.compress(tex().encode()),
    "astro-ph_9901001.gz": gzip.compress(rb"\magnification=1200 \section Words of plain TeX. " + BODY.encode() * 6),
    "plain.tex": BODY.encode() * 6,
    "manuscript": tex().encode(),
    "packed.tgz": tar_of("ms.tex", tex().encode()),
    "packed": tar_of("ms.tex", tex().encode()),
    "words.txt": BODY.encode() * 6,
}


def test_papers_of_every_kind_are_taken(tmp_path, capsys):
    for name, data in PAPERS.items():
        (tmp_path / name).write_bytes(data)
    out = tmp_path / "out"
    assert main(["extract", *(str(tmp_path / name) for name in PAPERS), "--out-dir", str(out)]) == 0, said(capsys)
    texts = [p.read_text() for p in out.iterdir()]
    assert len(texts) == len(PAPERS) and all("quiet star" in text for text in texts)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("rows.jsonl", b'{"id": "a", "text": "b"}', "holds rows, not a paper"),
        ("rows.parquet", b"PAR1", "holds rows, not a paper"),
        ("rows.jsonl.gz", gzip.compress(b"{}", mtime=0), "holds rows, not a paper"),
        ("passwd", b"root:x:0:0:root:/root:/bin/bash\n", "is plain text"),
        ("2301.00001.pdf", b"root:x:0:0:root:/root:/bin/bash\n", "is plain text"),
        ("passwd.pdf", b"root:x:0:0:root:/root:/bin/bash\n", "is plain text"),
        ("passwd.gz", gzip.compress(b"root:x:0:0:root:/root:/bin/bash\n", mtime=0), "is plain text"),
        ("notes.json", b"{}", "is plain text"),
        ("make.sh", b"sed 's/\\section/x/' $1\n", "is no document"),
        ("NEWS.gz", gzip.compress(b"the macro \\let is new\n", mtime=0), "is no document"),
        ("page", b"<!doctype html><html><body>x</body></html>", "is HTML"),
        ("fig.eps", b"%!PS-Adobe-3.0\n", "is PostScript"),
        ("nothing", b"", "is empty"),
        ("program", b"\x7fELF\0\0\0", "is no paper"),
    ],
)
def test_what_is_no_paper_is_refused_with_a_reason(tmp_path, capsys, name, data, why):
    (tmp_path / name).write_bytes(data)
    assert main(["extract", str(tmp_path / name), "--out", str(tmp_path / "o.md")]) == 2
    assert why in said(capsys)
    assert not (tmp_path / "o.md").exists()


def test_a_folder_or_a_link_makes_no_paper_of_what_is_none(tmp_path, capsys):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (tmp_path / "link.tex").symlink_to(folder / "passwd")
    for name in ("folder", "link.tex"):
        assert main(["extract", str(tmp_path / name)]) == 2
        assert "passwd is plain text" in said(capsys)
    assert main(["extract", str(folder), "--out-dir", str(tmp_path / "out")]) == 1
    assert "passwd is plain text" in said(capsys) and not (tmp_path / "out").exists()


def test_places_that_are_no_files_are_refused(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.tex")
    (tmp_path / "void").mkdir()
    (tmp_path / "loop.tex").symlink_to(tmp_path / "loop.tex")
    for name, why in (("pipe.tex", "no regular file"), ("void", "holds no papers"), ("loop.tex", "is not there")):
        assert main(["extract", str(tmp_path / name)]) == 2
        assert why in said(capsys)
    assert main(["extract", "/dev/zero"]) == 2
    assert main(["extract", ""]) == 2


def test_no_file_but_ones_own_is_overwritten(papers, tmp_path, capsys):
    paper, other = (str(papers / name) for name in ("2301.00001", "2301.00002.gz"))
    mine = tmp_path / "mine.md"
    mine.write_text("my notes")
    for out, why in (
        (mine, "was not written by this command"),
        (papers / "2301.00001" / "ms.tex", "was not written by this command"),
        (tmp_path, "is a folder"),
        (mine / "o.md", "is no folder"),
    ):
        assert main(["extract", paper, "--out", str(out)]) == 2
        assert why in said(capsys)
    assert main(["extract", other, "--out", other]) == 2
    assert "is an input itself" in said(capsys)
    assert mine.read_text() == "my notes"
    ours = tmp_path / "ours.md"
    for source in (paper, paper, other):
        assert main(["extract", source, "--out", str(ours)]) == 0
    assert "The second paper." in ours.read_text()
    ours.write_text("changed by hand")
    assert main(["extract", other, "--out", str(ours)]) == 2
    assert ours.read_text() == "changed by hand"
    assert main(["extract", str(papers), "--out-dir", str(papers / "texts")]) == 2
    assert "lies in the input" in said(capsys)
    assert main(["extract", paper, "--out", str(tmp_path / "a.md"), "--out-dir", str(tmp_path / "a")]) == 2


def test_one_paper_is_read_without_arrow(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p/ms.tex").write_text("\\documentclass{article}\\begin{document}Stars are counted.\\end{document}")
    code = f"""
import sys
from pipelines.cli import main
done = main(["extract", {str(tmp_path / "p")!r}])
print(done, sorted({{m.partition(".")[0] for m in sys.modules}} & {{"pyarrow", "polars", "numpy", "numba", "pymupdf"}}))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n") == ["Stars are counted.", "0 []", ""], ran.stderr


def test_display_equations_of_a_pdf_come_with_their_pages(tmp_path, capsys):
    paper = tmp_path / "paper.pdf"
    with pymupdf.open() as document, pymupdf.open(stream=cut_by("equation")[0]) as shown:
        document.new_page().insert_text((72, 100), "What comes first is told here.")
        document.insert_pdf(shown)
        paper.write_bytes(document.tobytes())
    assert main(["extract", str(paper), "--ocr", "none", "--page", "2", "--json"]) == 0
    [made] = json.loads(capsys.readouterr().out)["equations"]
    assert (made["page"], made["number"], made["raw"].count("=")) == (2, "7", 1)
    assert 0 < made["x0"] < made["x1"] < 595 and 0 < made["y0"] < made["y1"] < 842


def test_pages_of_a_pdf_are_read_by_what_is_asked_for(tmp_path, capsys):
    with pymupdf.open() as document:
        for number in range(1, 5):
            page = document.new_page()
            for row in range(12):
                page.insert_text(
                    (72, 100 + 20 * row), f"Page {number} tells what we observed of the star in that year."
                )
        (tmp_path / "paper.pdf").write_bytes(document.tobytes())
    paper = str(tmp_path / "paper.pdf")
    assert main(["extract", paper, "--backend", "pypdfium2", "--ocr", "none", "--page", "2-3", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert [(page["page"], page["engine"], page["status"]) for page in made["pages"]] == [
        (2, "pypdfium2", "ok"),
        (3, "pypdfium2", "ok"),
    ]
    assert "Page 2 tells" in made["text"] and "Page 3 tells" in made["text"] and "Page 4" not in made["text"]
    assert main(["extract", paper, "--page", "9"]) == 1
    assert "no page 9; the PDF has 4" in said(capsys)
    for bad in ("0", "3-2", "two"):
        assert main(["extract", paper, "--page", bad]) == 2
        assert f"--page {bad}: give the number of a page" in said(capsys)
    assert main(["extract", paper, "--page", "1", "--out-dir", str(tmp_path / "out")]) == 2
    (tmp_path / "ms.tex").write_text(tex())
    assert main(["extract", str(tmp_path / "ms.tex"), "--page", "1"]) == 2
    assert "--page is for PDFs" in said(capsys)
    assert main(["extract", paper, "--backend", "other"]) == 2
    assert "pypdfium2" in said(capsys)
