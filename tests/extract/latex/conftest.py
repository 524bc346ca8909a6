"""Shared fixtures: one call from TeX source to the extracted paper."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from curation.extract.latex import LatexExtracted, LatexOptions, extract_latex

FILLER = "These words are here so that the paper is long enough to count as running text for the extractor, " * 2

Paper = Callable[..., LatexExtracted]


@pytest.fixture
def paper() -> Paper:
    """`paper(body, preamble=.., cls=.., files=..)`: a document of one body, with filler text."""

    def make(
        body: str,
        *,
        preamble: str = "",
        cls: str = "article",
        files: dict[str, bytes] | None = None,
        options: LatexOptions | None = None,
    ) -> LatexExtracted:
        source = f"\\documentclass{{{cls}}}\n{preamble}\n\\begin{{document}}\n{FILLER}\n\n{body}\n\\end{{document}}\n"
        return extract_latex({"ms.tex": source.encode(), **(files or {})}, options=options)

    return make


@pytest.fixture
def body(paper: Paper) -> Callable[..., str]:
    """The same, reduced to the text behind the filler."""

    def make(source: str, **kwargs: object) -> str:
        text = paper(source, **kwargs).text
        return text.split("for the extractor,")[-1].strip()

    return make


def shared() -> Path | None:
    """The folder of real papers, where there is one."""
    given = os.environ.get("ASTROCORPUS_SHARED")
    path = Path(given) if given else Path(__file__).resolve().parents[4] / "shared"
    return path if (path / "papers").is_dir() else None
