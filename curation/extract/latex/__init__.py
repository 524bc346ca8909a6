"""LaTeX sources to training text. No TeX is run: our own lexer, bounded expansion and tables of what commands mean."""

from curation.extract.latex.extract import LatexExtracted, extract_latex, is_latex
from curation.extract.latex.options import LatexOptions
from curation.extract.latex.selfcheck import SelfCheck, found_share

__all__ = [
    "LatexExtracted",
    "LatexOptions",
    "SelfCheck",
    "extract_latex",
    "found_share",
    "is_latex",
]
