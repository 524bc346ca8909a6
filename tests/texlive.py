"""What TeX prints: pieces of LaTeX run through pdflatex, and read from the page with pdftotext.

Each piece stands on a page of its own, so that footnotes stay with their piece. Pieces of one call share a preamble.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

WIDE = r"""\pagestyle{empty}\hyphenpenalty=10000 \exhyphenpenalty=10000 \raggedright
\setlength\textwidth{60cm}\setlength\textheight{60cm}\pdfpagewidth=70cm \pdfpageheight=70cm
\setlength\paperwidth{70cm}\setlength\paperheight{70cm}\setlength\topmargin{-1cm}\setlength\oddsidemargin{0cm}
"""
"""A page so wide that no piece is broken into lines by TeX."""


def has_tex() -> bool:
    """Whether pdflatex and pdftotext are there."""
    return shutil.which("pdflatex") is not None and shutil.which("pdftotext") is not None


def document(preamble: str, pieces: Sequence[str], cls: str = "article") -> str:
    """A document with a page a piece; each is a group of its own."""
    pages = "\n".join(f"\\clearpage\\noindent\n{{{piece}\\par}}%\n" for piece in pieces)
    return f"\\documentclass{{{cls}}}\n{preamble}\n{WIDE}\\begin{{document}}\n{pages}\\end{{document}}\n"


def typeset(
    preamble: str, pieces: Sequence[str], *, cls: str = "article", files: dict[str, str] | None = None
) -> list[str] | None:
    """What TeX prints for each piece, blanks folded; None when TeX reports an error.

    Raises:
        FileNotFoundError: pdflatex or pdftotext is not installed.
    """
    source = document(preamble, pieces, cls)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tex").write_text(source)
        for path, text in (files or {}).items():
            (folder / path).write_text(text)
        for _ in range(2 if "ref{" in source else 1):
            run = subprocess.run(
                ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"],
                cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
            )  # fmt: skip
            if run.returncode:
                return None
        text = subprocess.run(
            ["pdftotext", "-layout", "main.pdf", "-"], cwd=folder, capture_output=True, check=True, timeout=60
        ).stdout.decode("utf-8", "replace")
    pages = [re.sub(r"\s+", " ", page).strip() for page in text.split("\f")]
    return pages[: len(pieces)]


def preamble_of(packages: str) -> str:
    """`\\usepackage` of packages, named with commas between them."""
    return f"\\usepackage{{{packages}}}" if packages else ""
