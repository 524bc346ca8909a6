"""LaTeX sources to training text. No TeX is run: our own lexer, bounded expansion and tables of what commands mean.

The tables are read at first use, so that who only names an option, or hands papers to a child, starts without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curation.extract.latex.extract import LatexExtracted, extract_latex, is_latex
    from curation.extract.latex.options import LatexOptions
    from curation.extract.latex.selfcheck import SelfCheck, found_share

_MODULE_OF = {
    **dict.fromkeys(("LatexExtracted", "extract_latex", "is_latex"), "extract"),
    "LatexOptions": "options",
    **dict.fromkeys(("SelfCheck", "found_share"), "selfcheck"),
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


__all__ = [
    "LatexExtracted",
    "LatexOptions",
    "SelfCheck",
    "extract_latex",
    "found_share",
    "is_latex",
]
