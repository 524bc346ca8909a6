"""Numbers and units in every notation that packages have, with what TeX prints of them: `quantities.jsonl`.

A line holds a `preamble`, a `source` that follows it, the `text` that a paper with it gives, and `print`, the page that pdflatex
made of it, read by pdftotext.
"""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("quantities.jsonl")


class Quantity(NamedTuple):
    """One notation."""

    preamble: str
    source: str
    text: str
    print: str


def quantities() -> list[Quantity]:
    """All of them."""
    return [Quantity(**json.loads(line)) for line in FILE.read_text().splitlines()]


_SIGNS = {
    r"\times": "×", r"\pm": "±", r"\cdot": "·", r"\mu": "μ", r"\Omega": "Ω", r"\circ": "°", r"\prime": "′", r"\odot": "⊙",
    r"\sim": "∼", r"\approx": "≈", r"\ll": "≪", r"\gg": "≫", r"\geq": "≥", r"\leq": "≤", r"\sqrt": "√", r"\hbar": "h̄",
}  # fmt: skip
_SAME = {"−": "-", "–": "-", "—": "-", "--": "-", "◦": "°", "′′": "″", "µ": "μ", "Ω": "Ω"}
_FONTS = re.compile(r"\\(?:mathrm|text|mathit|rm|mathbf|left|right|texttt|frac)(?![A-Za-z])")


def flat(text: str) -> str:
    """The signs of a text in the order in which they are read, without what places them; a sign stands behind its number."""
    text = unicodedata.normalize("NFKC", text.replace("´", "′"))
    text = _FONTS.sub("", re.sub(r"(?m)^\|[ |-]+\|$", "", text))
    for command, sign in _SIGNS.items():
        text = re.sub(re.escape(command) + "(?![A-Za-z])", sign, text)
    text = re.sub(r"\\[,;:! ]", "", text)
    text = re.sub(r"[\s{}^_|~*$\\]", "", text)
    for one, other in _SAME.items():
        text = text.replace(one, other)
    return re.sub(r"\.(°|′|″)(\d+)", r".\2\1", text)


def printed(preamble: str, sources: Iterable[str], folder: Path) -> list[str]:
    """What pdflatex prints of each source, on a page of its own."""
    pages = [f"{{{source}\\par}}\\vfil\\hbox{{END}}\\newpage" for source in sources]
    begin = r"\documentclass{article}\pagestyle{empty}\setlength{\textwidth}{16cm}\usepackage[T1]{fontenc}\usepackage{lmodern}"
    body = "\n".join([r"\begin{document}\setlength\parindent{0pt}", *pages, r"\end{document}"])
    (folder / "a.tex").write_text(f"{begin}{preamble}\n{body}\n")
    subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", "a.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", "a.pdf", "a.txt"], cwd=folder, check=True)
    texts = (folder / "a.txt").read_text().split("\f")[:-1]
    return [" ".join(text.strip().removesuffix("END").split()) for text in texts]
