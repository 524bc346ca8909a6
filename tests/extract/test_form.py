"""Every route gives the one form: title, abstract, body, and sections that hold all of the text."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import PaperError
from curation.extract import form, one_paper
from curation.extract.form import Parts, assemble, marked
from curation.extract.latex import LatexOptions, extract_latex
from curation.extract.markdown_parts import read_markdown
from curation.extract.pages import PageRead, Recognised
from curation.extract.pandoc import extract_pandoc, find_pandoc
from curation.extract.pdf import extract_pdf
from curation.extract.result import clean_extracted, from_plain, to_plain
from curation.text.clean import clean_text
from curation.text.sections import Section, cut_out, section_text
from pipelines.demo import build_papers
from schemas import SECTION_KINDS
from tests.extract.form_laws import check_form
from tests.extract.pdfs import make_pdf

SHARED = Path(os.environ.get("ASTROCORPUS_SHARED", Path(__file__).parents[3] / "shared"))
DEMO = Path(build_papers.__file__).parent / "papers"
MARKS = "".join(chr(0xFDD0 + i) for i in range(32))
WORDS = st.text("ab é\u0301#|[]^$`*\\\n\t.:" + MARKS, max_size=40)
BLOCKS = st.one_of(
    WORDS,
    st.sampled_from(
        [
            "# One",
            "## Abstract",
            "ABSTRACT",
            "Abstract. We saw it.",
            "## Acknowledgements",
            "### Appendix B",
            "**Figure 3.** A star.",
            "Table 1: Stars.",
            "| a^[n] | b |\n| --- | --- |",
            "Open.\n\n```` x\n# no heading",
            "A word^[a note [1] $]$ here] and `^[code]` and $x^[2]$.",
            "[^1]: A note.",
            "```\n# no heading\n```",
            "> Said ^[so].",
            "- one\n- two^[x]",
        ]
    ),
)
MARKDOWN = st.lists(BLOCKS, max_size=12).map("\n\n".join)


def found(text: str, sections: list[Section], kind: str) -> list[str]:
    data = text.encode()
    return [data[s.start : s.end].decode() for s in sections if s.kind == kind]


@settings(max_examples=60)
@given(MARKDOWN, st.none() | WORDS, st.none() | MARKDOWN)
def test_any_text_comes_in_the_form(markdown: str, title: str | None, abstract: str | None) -> None:
    check_form(*assemble(read_markdown(markdown, title=title, abstract=abstract)))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(SECTION_KINDS), MARKDOWN), max_size=5), WORDS, MARKDOWN)
def test_any_parts_come_in_the_form(pieces: list[tuple[str, str]], title: str, abstract: str) -> None:
    regions = [(k if k in ("appendix", "acknowledgements") else "body", marked(k, t) + t) for k, t in pieces]
    check_form(*assemble(Parts(title, abstract, regions)))


@settings(max_examples=60)
@given(MARKDOWN)
def test_no_word_of_a_text_is_lost(markdown: str) -> None:
    text, _, _ = assemble(read_markdown(markdown))
    kept = [c for c in text if not c.isspace() and c != "#"]
    given_ = [c for c in clean_text(markdown) if not c.isspace() and c != "#"]
    missing = sorted(given_)
    for c in kept:
        if c in missing:
            missing.remove(c)
    assert set(missing) <= set("ABSTRACTabstract.:*"), "only the line that says Abstract may go"


@settings(max_examples=60)
@given(MARKDOWN, st.data())
def test_sections_follow_what_is_cut_out_of_a_text(markdown: str, data: st.DataObject) -> None:
    text, sections, _ = assemble(read_markdown(markdown))
    borders = [len(text[:i].encode()) for i in range(len(text) + 1)]
    spans = [
        tuple(sorted(data.draw(st.tuples(st.sampled_from(borders), st.sampled_from(borders)))))
        for _ in range(data.draw(st.integers(0, 3)))
    ]
    rest, moved = cut_out(text, sections, spans)  # type: ignore[arg-type]
    at = 0
    size = len(rest.encode())
    for kind, start, end in moved:
        assert at <= start < end <= size
        assert rest.encode()[start:end].decode() in text or any(s.kind == kind for s in sections)
        at = end
    gone = {i for a, b in spans for i in range(a, b)}
    for kind in SECTION_KINDS:
        bytes_ = text.encode()
        want = b"".join(
            bytes([bytes_[i]]) for s in sections if s.kind == kind for i in range(s.start, s.end) if i not in gone
        )
        got = "".join(found(rest, moved, kind))
        assert "".join(got.split()) == "".join(want.decode().split())


def test_a_span_and_the_line_ends_after_it_go() -> None:
    text, sections, _ = assemble(Parts("T", "Abs.", [("body", "One.\n\nTwo.\n\nThree.")]))
    start = text.encode().index(b"Two.")
    rest, moved = cut_out(text, sections, [(start, start + 4)])
    assert rest == "# T\n\n## Abstract\n\nAbs.\n\nOne.\n\nThree."
    assert found(rest, moved, "body") == ["One.\n\nThree."]
    check_form(rest, moved, "T")


def test_captions_tables_and_footnotes_are_cut_out_of_what_is_around_them() -> None:
    text, sections, title = assemble(
        read_markdown(
            "# Stars\n\nABSTRACT\n\nAbs.\n\n## One\n\nA word^[a note [1]] here.\n\n**Figure 2.** Light.\n\n| a | b |\n"
            "| --- | --- |\n\nFig. 3 shows it.\n\n## Acknowledgments\n\nTa.\n\n## Appendix A: More\n\nTable 4. Numbers.\n\nEnd."
        )
    )
    check_form(text, sections, title)
    assert [(s.kind, text.encode()[s.start : s.end].decode()) for s in sections] == [
        ("title", "Stars"),
        ("abstract", "Abs."),
        ("body", "## One\n\nA word"),
        ("footnote", "^[a note [1]]"),
        ("body", "here."),
        ("caption", "**Figure 2.** Light."),
        ("table", "| a | b |\n| --- | --- |"),
        ("body", "Fig. 3 shows it."),
        ("acknowledgements", "## Acknowledgments\n\nTa."),
        ("appendix", "## Appendix A: More"),
        ("caption", "Table 4. Numbers."),
        ("appendix", "End."),
    ]
    assert section_text(text, sections, "body") == "## One\n\nA word here.\n\nFig. 3 shows it."


@pytest.mark.parametrize(
    ("text", "given_", "want"),
    [
        ("# On Stars\n\nWe saw.", {"title": "On stars"}, "# On Stars\n\nWe saw."),
        ("On Stars.\n\nWe saw.", {"title": "On stars"}, "# On Stars.\n\nWe saw."),
        ("We saw.", {"title": "On stars"}, "# On stars\n\nWe saw."),
        ("# Data\n\nWe saw.", {"title": "On stars"}, "# On stars\n\n## Data\n\nWe saw."),
        ("# Data\n\nWe saw.\n\n# More\n\nX.", {}, "# Data\n\nWe saw.\n\n# More\n\nX."),
        ("It is.\n\nWe saw.", {"title": "T", "abstract": "It is."}, "# T\n\n## Abstract\n\nIt is.\n\nWe saw."),
        ("We saw.", {"abstract": "It is."}, "## Abstract\n\nIt is.\n\nWe saw."),
        ("Word.", {"title": "T", "abstract": "It\n```\nis"}, "# T\n\n## Abstract\n\nIt\n```\nis\n```\n\nWord."),
        ("Word.", {"title": "T", "abstract": "# It"}, "# T\n\n## Abstract\n\n## It\n\nWord."),
        (
            "# T\n\nA. One\n\nAbstract: It is.\n\nWe.",
            {"abstract": "No."},
            "# T\n\n## Abstract\n\nIt is.\n\nA. One\n\nWe.",
        ),
    ],
)
def test_title_and_abstract_of_a_row_stand_in_its_text_once(text: str, given_: dict[str, str], want: str) -> None:
    assert assemble(read_markdown(text, **given_))[0] == want


def test_a_text_of_nothing_but_notes_has_a_bounded_number_of_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "MAX_SECTIONS", 50)
    text, sections, _ = assemble(read_markdown("a^[b] " * 51 + "\n\n| a |\n\n**Figure 1.** C^[d]."))
    check_form(text, sections, None)
    assert [s.kind for s in sections] == ["body"]


def test_marks_of_a_paper_are_no_marks_of_ours() -> None:
    source = (
        "\\documentclass{article}\\title{T\ufdd2}\\begin{document}\\maketitle"
        + "These words are long enough to count as the running text of a paper, \ufdef they are read. \ufdd0" * 3
        + "\\section{A\ufdef}\\char64976 x\\end{document}"
    )
    made = extract_latex({"ms.tex": source.encode()})
    check_form(made.text, made.sections, made.title)
    assert {s.kind for s in made.sections} == {"title", "body"}


LATEX = r"""\documentclass{article}\title{Stars}\begin{document}\maketitle
\begin{abstract}We count stars that are seen\footnote{By eye.} in the field of the survey that we made this year.\end{abstract}
\section{Data}The stars are counted by hand\footnote{Ours \cite{x}.} in every field.
\begin{figure}\includegraphics{a}\caption{A field.}\end{figure}
\begin{table}\caption{Counts.}\begin{tabular}{ll}a & b\\c & d\end{tabular}\end{table}
\begin{figure}\caption*{No number.}\end{figure}
\section*{Acknowledgements}We thank the night.
\appendix\section{More}The rest of it.\begin{figure}\caption{Last.}\end{figure}\end{document}"""


def test_latex_in_the_form() -> None:
    made = extract_latex({"ms.tex": LATEX.encode()})
    check_form(made.text, made.sections, "Stars")
    assert found(made.text, made.sections, "footnote") == ["^[By eye.]", "^[Ours [x].]"]
    assert found(made.text, made.sections, "caption") == [
        "**Figure 1.** A field.", "**Table 1.** Counts.", "No number.", "**Figure 2.** Last."
    ]  # fmt: skip
    assert found(made.text, made.sections, "table") == ["| a | b |\n| --- | --- |\n| c | d |"]
    assert made.part("appendix") == "## More\n\nThe rest of it."
    assert made.part("acknowledgements") == "## Acknowledgements\n\nWe thank the night."
    second = extract_latex({"ms.tex": LATEX.encode()}, options=LatexOptions(resync=True))
    assert second.route == "latex-resync"
    check_form(second.text, second.sections, "Stars")


@pytest.mark.skipif(find_pandoc() is None, reason="needs pandoc")
def test_pandoc_in_the_form() -> None:
    made = clean_extracted(extract_pandoc({"ms.tex": LATEX.encode()}))
    check_form(made.text, made.sections, "Stars")
    assert found(made.text, made.sections, "footnote")[0] == "^[By eye.]"
    assert "## Data" in made.text and len(found(made.text, made.sections, "table")) == 1
    assert "**Figure.** A field." in found(made.text, made.sections, "caption")
    assert "We thank the night." in (made.part("acknowledgements") or "")


def test_pdf_in_the_form() -> None:
    lines = ["Abstract", "We count stars in the field.", "", "1. INTRODUCTION", "The stars are counted by hand.", ""]
    lines += ["Figure 1. A field.", "", "|V| is small.", "", "ACKNOWLEDGMENTS", "We thank the night."]
    items = [(72.0, 100.0 + 26 * i, line) for i, line in enumerate(lines) if line]
    made = extract_pdf(make_pdf([items]))
    check_form(made.text, made.sections, made.title)
    assert made.part("abstract") == "We count stars in the field."
    assert found(made.text, made.sections, "caption") == ["**Figure 1.** A field."]
    assert not found(made.text, made.sections, "table") and "\\|V| is small." in made.text


def test_ocr_in_the_form() -> None:
    pages = make_pdf([[]], images=True)
    said = "Stars\n\nAbstract\n\nWe count stars.\n\nFigure 1: A field.\n\nThe stars are counted."
    made = extract_pdf(
        pages, max_ocr_pages=1, recognise=lambda wanted: [Recognised(said, engine="known") for _ in wanted]
    )
    check_form(made.text, made.sections, None)
    assert made.route == "ocr" and made.part("abstract", "caption") is not None
    assert made.pages == [PageRead("ocr", len(said), 595, 842, engine="known")]


def demo_files(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}
    if path.name.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(path.read_bytes())) as tar:
            return {m.name: file.read() for m in tar.getmembers() if (file := tar.extractfile(m))}
    data = path.read_bytes()
    return {path.stem if path.suffix == ".gz" else path.name: gzip.decompress(data) if path.suffix == ".gz" else data}


@pytest.mark.parametrize("path", sorted(DEMO.iterdir()), ids=lambda p: p.name)
def test_papers_of_the_demo_in_the_form(path: Path) -> None:
    try:
        made = one_paper.extract_files(demo_files(path), is_bundle=path.is_dir() or path.name.endswith(".tar.gz"))
    except (PaperError, EOFError, OSError):
        return  # the others are those that fail
    check_form(made.text, made.sections, made.title)
    from_plain(to_plain(clean_extracted(made)))


@pytest.mark.needs_shared
def test_real_papers_in_the_form() -> None:
    for folder in sorted((SHARED / "papers").glob("*/source")):
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        made = extract_latex(files)
        check_form(made.text, made.sections, made.title)


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("name", "opening"),
    [
        ("casey", "The Early Data Release 3"),
        ("sfrd", "New observational facilities are probing"),
        ("vspec", "We present the Variable Star PhasE Curve"),
        ("msd", "Self-diffusion coefficients, "),  # revtex: no line says Abstract
    ],
)
def test_the_abstract_of_a_real_pdf_stands_in_its_text(name: str, opening: str) -> None:
    made = extract_pdf((SHARED / "pdfs" / name / "paper.pdf").read_bytes())
    check_form(made.text, made.sections, made.title)
    assert made.title is not None
    found = made.part("abstract") or ""
    assert opening in found and len(found.split()) > 80
