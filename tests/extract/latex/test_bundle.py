"""Which file is the paper, what its bytes say, where an \\input leads."""

from __future__ import annotations

import pytest

from curation.errors import PaperError
from curation.extract.latex import extract_latex, is_latex
from curation.extract.latex.bundle import decode
from schemas import Reason
from tests.extract.latex.conftest import FILLER


def document(body: str, head: str = "") -> bytes:
    return f"\\documentclass{{article}}{head}\\begin{{document}}{FILLER} {body}\\end{{document}}".encode()


def test_main_file_is_the_one_with_class_and_document() -> None:
    files = {"intro.tex": b"\\section{Intro} words", "paper.tex": document("\\input{intro}"), "note.txt": b"hello"}
    result = extract_latex(files)
    assert result.main == "paper.tex" and "## Intro" in result.text


def test_given_main_file_wins() -> None:
    assert extract_latex({"a.tex": document("a"), "b.tex": document("b")}, main="b.tex").main == "b.tex"


def test_name_without_extension_as_arxiv_ships_single_files() -> None:
    assert extract_latex({"0001001": document("x")}).main == "0001001"


PART = rb"""\documentclass[tikz]{standalone}
\usepackage{lscape}
% \begin{document} is below
\begin{document}
a part of 5\% here%
\end{document}
% \end{document} of the old part
junk \end{document}
"""


@pytest.mark.parametrize("package", ["{standalone}", "{docmute}", "[subpreambles=true]{standalone}"])
@pytest.mark.parametrize("read", [r"\input{p}", r"\input p ", r"\newcommand{\get}[1]{\input{#1}}\get{p}"])
def test_a_document_within_a_document_ends_by_itself(package: str, read: str) -> None:
    whole = document(read + " and the rest.", head="\\usepackage" + package)
    text = extract_latex({"m.tex": whole, "p.tex": PART}, main="m.tex").text
    assert text.endswith("a part of 5% here and the rest.")


@pytest.mark.parametrize(
    "call",
    [
        r"\input{sec/a}",
        r"\input sec/a ",
        r"\include{sec/a}",
        r"\subfile{sec/a.tex}",
        r"\import{sec/}{a}",
        r"\input{SEC/A}",
    ],
)
def test_inputs(call: str) -> None:
    assert "part text" in extract_latex({"m.tex": document(call), "sec/a.tex": b"part text"}).text


def test_subfile_keeps_its_document_only() -> None:
    part = b"\\documentclass[m]{subfiles}\\begin{document}part text\\end{document}junk"
    text = extract_latex({"m.tex": document("\\subfile{s} after"), "s.tex": part}, main="m.tex").text
    assert "part text after" in text and "junk" not in text


def test_missing_and_self_including_files_are_noted() -> None:
    result = extract_latex({"m.tex": document("\\input{gone}\\input{m} rest")})
    assert "missing file gone" in result.warnings and "rest" in result.text
    assert "file includes itself" in result.warnings


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("é".encode(), "é"),
        (b"\xef\xbb\xbfx", "x"),
        ("é".encode("latin-1"), "é"),
        (b"caf\xe9 \x93quoted\x94", "café “quoted”"),
        ("\\usepackage[koi8-r]{inputenc}Звезда".encode("koi8-r"), "\\usepackage[koi8-r]{inputenc}Звезда"),
        ("\\usepackage[cp1251]{inputenc}Звезда".encode("cp1251"), "\\usepackage[cp1251]{inputenc}Звезда"),
        (b"a\x00b\r\nc\rd", "ab\nc\nd"),
        ("Звезда".encode("utf-16"), "Звезда"),
    ],
)
def test_decoding(data: bytes, expected: str) -> None:
    assert decode(data).text == expected


def test_nothing_to_read_is_a_reason() -> None:
    with pytest.raises(PaperError) as error:
        extract_latex({"a.png": b"\x89PNG", "b.csv": b"1,2"})
    assert error.value.reason is Reason.NO_MAIN_FILE
    with pytest.raises(PaperError) as error:
        extract_latex({"a.tex": b"\\documentclass{article}\\begin{document}\\end{document}"})
    assert error.value.reason is Reason.NO_TEXT
    with pytest.raises(PaperError):
        extract_latex({"a.tex": b"x"}, main="b.tex")


def test_is_latex() -> None:
    assert is_latex({"x": b"\\documentclass{article}"}) and is_latex({"a.tex": b""})
    assert not is_latex({"a.pdf": b"%PDF-1.4", "b.txt": b"just words"})
