"""pandoc as the second reader of LaTeX: asked when ours is doubted, taken when it finds clearly more."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.confine.sandbox import Sandbox
from curation.errors import PaperError
from curation.extract import one_paper
from curation.extract.pandoc import extract_pandoc, pandoc_version
from curation.extract.result import Extracted, to_plain
from curation.extract.router import Extract
from curation.sources.folder import FolderSource
from schemas import Reason

SENTENCE = "The rotation of the outer disc is slower than that of the inner one, and the gas between them is hot. "
PAPER = rf"\documentclass{{article}}\title{{Discs}}\begin{{document}}\maketitle\begin{{abstract}}Short.\end{{abstract}}\section{{One}}{SENTENCE * 3}$$a=b$$\end{{document}}"


def test_a_paper_as_pandoc_reads_it():
    assert pandoc_version()[0].isdigit()
    made = extract_pandoc({"a/ms.tex": PAPER.encode(), "../evil.tex": b"x"})
    assert (made.route, made.title, made.part("abstract"), made.n_equations) == ("pandoc", "Discs", "Short.", 1)
    assert SENTENCE.strip() in " ".join(made.text.split()) and "# One" in made.text


def test_what_pandoc_cannot_read_is_a_reason():
    with pytest.raises(PaperError, match="pandoc gave nothing") as error:
        extract_pandoc({"ms.tex": rb"\documentclass{article}\begin{document}\begin{itemize}"})
    assert error.value.reason is Reason.EXTRACT_ERROR


SECRET = "the launch code is 7391"


@pytest.mark.parametrize(
    "command",
    [
        r"\lstinputlisting{PATH}",
        r"\input{PATH}",
        r"\include{PATH}",
        r"\inputminted{text}{PATH}",
        r"\subfile{PATH}",
        r"\verbatiminput{PATH}",
        r"\import{FOLDER}{NAME}",
        r"\bibliography{PATH}",
        r"\includegraphics{PATH}",
        r"\usepackage{PATH}",
    ],
)
@pytest.mark.parametrize("start", ["", "../" * 12])
def test_pandoc_reads_no_file_of_the_machine(tmp_path, monkeypatch, command, start):
    """By its own means: here nothing else holds it."""
    (tmp_path / "secret.tex").write_text(SECRET)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    monkeypatch.chdir(tmp_path)
    for path in (
        f"{start}{tmp_path}/secret.tex".lstrip("/") if start else f"{tmp_path}/secret.tex",
        "/proc/self/environ",
    ):
        folder, _, name = path.rpartition("/")
        text = command.replace("PATH", path).replace("FOLDER", f"{folder}/").replace("NAME", name)
        before, after = ("\\begin{document}", f"\\begin{{document}}{text}")
        try:
            made = extract_pandoc({"ms.tex": PAPER.replace(before, after).encode()})
        except PaperError as error:
            assert SECRET not in str(error)
        else:
            assert SECRET not in made.text


def test_pandoc_gets_what_the_paper_itself_holds():
    main = PAPER.replace(
        r"\section{One}", r"\usepackage{own}\input{part}\import{sub/}{two}% \input{not}" "\n" r"\section{One}"
    )
    files = {
        "ms.tex": main.encode(),
        "own.sty": rb"\newcommand{\mine}{words of a macro}",
        "part.tex": rb"The first part has \mine. \include{part}",
        "sub/two.tex": b"The second part.",
        "not.tex": b"A comment.",
    }
    text = " ".join(extract_pandoc(files).text.split())
    assert "The first part has words of a macro." in text and "The second part." in text and "A comment" not in text


def test_files_that_read_each_other_end():
    grow = {f"f{i}.tex": rf"\input{{f{i + 1}}}\input{{f{i + 1}}}".encode() + b"x" * 40_000 for i in range(25)}
    with pytest.raises(PaperError) as error:
        extract_pandoc({"ms.tex": PAPER.replace(r"\section", r"\input{f0}\section").encode(), **grow})
    assert error.value.reason is Reason.TOO_LARGE


def row_of(folder: Path) -> dict[str, object]:
    (folder / "ms.tex").write_text(PAPER)
    content = FolderSource(path=str(folder)).open({"member": "ms.tex"})
    ids = {"doc_id": "d", "source": "s", "title": None, "pdf_member": None, "status": "ok"}
    return {**ids, "member": "ms.tex", "content_kind": content.kind, "content_sha256": content.sha256}


def doubt(self: Sandbox, function: str, *args: object, max_cpu_s: float | None = None) -> object:
    """The sandbox with a LaTeX room that loses most of the text and knows it."""
    if function.endswith(":extract_main"):
        return to_plain(Extracted(text="The rotation", route="latex", is_doubted=True))
    module, _, name = function.partition(":")
    assert module == one_paper.__name__
    return getattr(one_paper, name)(*args)


@pytest.mark.parametrize(("share", "route"), [(0.1, "pandoc"), (1.0, "latex")])
def test_the_router_takes_pandoc_only_when_it_finds_more(tmp_path, monkeypatch, share, route):
    monkeypatch.setattr(Sandbox, "call", doubt)
    if share < 1:
        shares = iter([share, 1.0])
        monkeypatch.setattr("curation.extract.latex.found_share", lambda files, paper: next(shares))
    made = Extract().extract(FolderSource(path=str(tmp_path)), row_of(tmp_path))
    assert made.route == route
