"""Coverage-guided fuzzing of the LaTeX extractor: no exception but PaperError, no hang.

    python -m tests.fuzz.latex -max_total_time=60 -timeout=20

Every argument is libFuzzer's. Exits with 1 on the first input that breaks a promise and prints it.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["curation.extract.latex"]):
    from curation.extract.latex import LatexOptions, extract_latex

import contextlib

from curation.errors import PaperError

OPTIONS = LatexOptions(max_tokens=60_000, max_macro_tokens=5_000)
HEAD = b"\\documentclass{article}\\begin{document}"


def one_input(data: bytes) -> None:
    """A document whose body are the fuzzer's bytes."""
    with contextlib.suppress(PaperError):
        extract_latex({"m.tex": HEAD + data}, options=OPTIONS)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
