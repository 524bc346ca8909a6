"""Which of several TeX files is the paper."""

from __future__ import annotations

import json

import pytest

from curation.errors import PaperError
from curation.extract.latex.main_file import main_file, readme_choice
from schemas import Reason
from tests.extract.latex.conftest import FILLER

ABSTRACT = "\\begin{abstract}We measure it.\\end{abstract}"


def tex(body: str = "", title: str = "On a star", kind: str = "article") -> bytes:
    return f"\\documentclass{{{kind}}}\\title{{{title}}}\\begin{{document}}{body}\\section{{One}}{FILLER}\\end{{document}}".encode()


LONG = FILLER * 30
BESIDE: dict[str, dict[str, bytes]] = {
    "an old state": {"paper_old.tex": tex(ABSTRACT + LONG), "paper.tex": tex(ABSTRACT)},
    "a backup": {"paper.bak.tex": tex(ABSTRACT + LONG), "paper.tex": tex(ABSTRACT)},
    "a copy": {"Copy of paper.tex": tex(ABSTRACT + LONG), "paper.tex": tex(ABSTRACT)},
    "an earlier version": {"paper-v1.tex": tex(ABSTRACT + FILLER), "paper.tex": b"x", "paper-v2.tex": tex(ABSTRACT)},
    "a reply by its name": {"Reply2Referee.tex": tex(LONG), "paper.tex": tex()},
    "a reply by its words": {
        "r1.tex": tex("Dear Editor, we thank the referee for the report. " + LONG),
        "paper.tex": tex(),
    },
    "an answer to comments": {"zz.tex": tex("Response to the first reviewer: " + LONG), "paper.tex": tex()},
    "a cover letter": {"sub.tex": tex("We hereby submit our work to your journal. " + LONG), "paper.tex": tex()},
    "a letter by its class": {"zz.tex": tex(LONG, kind="letter"), "paper.tex": tex()},
    "a supplement by its title": {"zz.tex": tex(LONG, "Supplementary Material for: on a star"), "paper.tex": tex()},
    "a supplement by its name": {"zz_supp.tex": tex(LONG), "paper.tex": tex()},
    "an ancillary file": {"anc/notes.tex": tex(ABSTRACT + LONG), "paper.tex": tex()},
    "differences": {"zz_diff.tex": tex("\\DIFadd{a}\\DIFdel{b}" + LONG), "paper.tex": tex()},
    "a file that TeX is not run on": {
        "zz.tex": b"%auto-ignore\n\\section{x}" + b"word " * 9999,
        "paper.tex": b"\\input zz \\bye",
    },
    "one without a bibliography of its name": {
        "zz.tex": tex(ABSTRACT + LONG),
        "paper.tex": tex(ABSTRACT),
        "paper.bbl": b"x",
    },
    "a whole draft of a paper in parts": {
        "paper_v1.tex": tex(ABSTRACT),
        "paper.tex": b"\\documentclass{article}\\begin{document}\\input{text/all}\\end{document}",
        "text/all.tex": f"{ABSTRACT}\\input{{text/one}}".encode(),
        "text/one.tex": f"\\section{{One}}{LONG}".encode(),
    },
    "a talk": {"slides.tex": tex(LONG, kind="beamer"), "paper.tex": tex()},
}


@pytest.mark.parametrize("what", BESIDE)
def test_what_lies_beside_a_paper_is_not_the_paper(what: str) -> None:
    files = BESIDE[what]
    wanted = "paper-v2.tex" if "paper-v2.tex" in files else "paper.tex"
    assert main_file(files) == wanted
    assert main_file(dict(reversed(files.items()))) == wanted


@pytest.mark.parametrize(
    "name",
    ["discovery.tex", "diffusion.tex", "suppression.tex", "sampler.tex", "testbed.tex", "holder.tex", "replica.tex"],
)
def test_a_word_inside_a_name_says_nothing(name: str) -> None:
    assert main_file({name: tex(ABSTRACT + FILLER), "aa.tex": tex(ABSTRACT)}) == name


def test_parts_that_name_each_other_are_read_once() -> None:
    parts = {"a.tex": b"\\input{b}" + LONG.encode(), "b.tex": b"\\input{a}"}
    paper = b"\\documentclass{article}\\begin{document}\\input{a}\\end{document}"
    assert (
        main_file({**parts, "paper.tex": paper, "zz.tex": tex()}) == "zz.tex"
    )  # nobody has an abstract; it alone a section


def test_a_paper_that_thanks_its_referee_is_one() -> None:
    assert (
        main_file(
            {"zz.tex": tex(LONG + "We thank the referee for the report and reply to the editor."), "a.tex": tex()}
        )
        == "zz.tex"
    )


def test_a_lone_reply_is_read_as_what_there_is() -> None:
    assert main_file({"reply.tex": tex("Dear Editor,")}) == "reply.tex"


FILES = {"a.tex": tex(ABSTRACT + LONG), "b.tex": tex(), "sub/c.tex": tex(), "d e.tex": tex(), "x.pdf": b"%PDF-"}
READMES = {
    "lines": ("00README.XXX", "nostamp\nb.tex toplevelfile\nfig.ps landscape\n"),
    "lines of another case": ("00README.XXX", "b.tex TopLevelFile"),
    "json": ("00README.json", json.dumps({"spec_version": 1, "sources": [{"filename": "b.tex", "usage": "toplevel"}]})),
    "json with a mark": (
        "00README.json",
        "\ufeff" + json.dumps({"sources": [{"usage": "toplevel", "filename": "./b.tex"}]}),
    ),
    "yaml": ("00README.yaml", "process:\n  compiler: pdflatex\nsources:\n  - filename: b.tex\n    usage: toplevel\n"),
    "two at the top": (
        "00README.yml",
        "sources:\n- {filename: b.tex, usage: toplevel}\n- {filename: a.tex, usage: toplevel}",
    ),
    "without extension": ("00README.json", json.dumps({"sources": [{"filename": "b", "usage": "toplevel"}]})),
    "lower case": ("00readme.json", json.dumps({"sources": [{"filename": "b.tex", "usage": "toplevel"}]})),
    "first what is no TeX": (
        "00README.json",
        json.dumps({"sources": [{"filename": f, "usage": "toplevel"} for f in ("x.pdf", "gone.tex", "b.tex")]}),
    ),
}


@pytest.mark.parametrize("form", READMES)
def test_a_readme_of_any_form_names_the_paper(form: str) -> None:
    name, text = READMES[form]
    assert main_file({**FILES, name: text.encode()}) == "b.tex"


def test_a_readme_may_name_files_in_folders_and_with_blanks() -> None:
    assert main_file({**FILES, "00README.XXX": b"sub/c.tex toplevelfile"}) == "sub/c.tex"
    assert main_file({**FILES, "sub/00README.XXX": b"c.tex toplevelfile"}) == "sub/c.tex"
    assert main_file({**FILES, "00README.XXX": b"d e.tex toplevelfile"}) == "d e.tex"


def test_a_readme_leaves_files_out() -> None:
    sources = [{"filename": "a.tex", "usage": "ignore"}, {"filename": "sub/c.tex", "usage": "include"}]
    assert readme_choice({**FILES, "00README.json": json.dumps({"sources": sources}).encode()}) == (None, {"a.tex"})


@pytest.mark.parametrize(
    "text",
    [
        b"{broken", b"[" * 9999, b"{}", b"sources: 5", b"sources: [1, {}]", b"\xff\xfe", b"a: &a [*a]", b"x" * 99_999,
        b'{"sources": [{"filename": ["a.tex"], "usage": "toplevel"}]}', b"a: [b: c: d",
    ],
)  # fmt: skip
def test_a_readme_that_cannot_be_read_says_nothing(text: bytes) -> None:
    assert readme_choice({**FILES, "00README.json": text}) == (None, set())
    assert main_file({**FILES, "00README.json": text}) == "a.tex"


def test_a_bundle_without_tex_has_no_main_file() -> None:
    with pytest.raises(PaperError) as raised:
        main_file({"a.pdf": b"%PDF-", "b.bib": b"@x"})
    assert raised.value.reason == Reason.NO_MAIN_FILE
