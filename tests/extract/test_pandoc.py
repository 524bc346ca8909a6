"""pandoc as the second reader of LaTeX: asked when ours is doubted, taken when it finds clearly more."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.errors import PaperError
from curation.extract import one_paper
from curation.extract.latex import LatexExtracted, SelfCheck
from curation.extract.pandoc import extract_pandoc, pandoc_version
from curation.extract.router import Extract
from curation.extract.sandbox import Sandbox
from curation.sources.content import digest_member
from schemas import Reason

SENTENCE = "The rotation of the outer disc is slower than that of the inner one, and the gas between them is hot. "
PAPER = rf"\documentclass{{article}}\title{{Discs}}\begin{{document}}\maketitle\begin{{abstract}}Short.\end{{abstract}}\section{{One}}{SENTENCE * 3}$$a=b$$\end{{document}}"


def test_a_paper_as_pandoc_reads_it():
    assert pandoc_version()[0].isdigit()
    made = extract_pandoc({"a/ms.tex": PAPER.encode(), "../evil.tex": b"x"}, "a/ms.tex")
    assert (made.route, made.title, made.abstract, made.n_equations) == ("pandoc", "Discs", "Short.", 1)
    assert SENTENCE.strip() in " ".join(made.text.split()) and "# One" in made.text


def test_what_pandoc_cannot_read_is_a_reason():
    with pytest.raises(PaperError, match="pandoc gave nothing") as error:
        extract_pandoc({"ms.tex": rb"\documentclass{article}\begin{document}\begin{itemize}"}, "ms.tex")
    assert error.value.reason is Reason.EXTRACT_ERROR


def row_of(folder: Path) -> dict[str, object]:
    (folder / "ms.tex").write_text(PAPER)
    digest = digest_member(folder, "ms.tex")
    ids = {"doc_id": "d", "paper_id": "p", "source": "s", "title": None, "pdf_member": None, "status": "ok"}
    return {**ids, "member": "ms.tex", "content_kind": digest.kind, "content_sha256": digest.sha256}


def doubt(self: Sandbox, function: str, *args: object) -> object:
    """The sandbox with a LaTeX room that loses most of the text and knows it."""
    if function.endswith(":extract_main"):
        return LatexExtracted(text="The rotation", route="latex", check=SelfCheck(0.1, 20, 0.0, 0))
    module, _, name = function.partition(":")
    assert module == one_paper.__name__
    return getattr(one_paper, name)(*args)


@pytest.mark.parametrize(("share", "route"), [(0.1, "pandoc"), (1.0, "latex")])
def test_the_router_takes_pandoc_only_when_it_finds_more(tmp_path, monkeypatch, share, route):
    monkeypatch.setattr(Sandbox, "call", doubt)
    if share < 1:
        shares = iter([share, 1.0])
        monkeypatch.setattr("curation.extract.latex.found_share", lambda files, paper: next(shares))
    made = Extract()._extract(row_of(tmp_path), {"s": str(tmp_path)}, {})
    assert made.route == route
