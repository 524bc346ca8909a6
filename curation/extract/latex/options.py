"""What a caller may choose, and the bounds that keep one paper from costing more than its share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CiteStyle = Literal["authoryear", "key", "drop"]


@dataclass(frozen=True, slots=True)
class LatexOptions:
    """Choices and budgets of one extraction.

    Attributes:
        cite_style: `authoryear` prints "Smith et al. (2012)" from .bbl or .bib, `key` prints `[@key]`,
            `drop` removes parenthetical citations (textual ones keep their names: the sentence needs them).
        max_source_chars: more source text than this fails the paper as `too_large`.
        max_tokens: tokens read in total; passing it ends the paper where it stands, with a warning.
        max_macro_tokens: tokens that macros may produce before the source is read on; passing it
            drops the rest of that one macro and undefines it.
        max_argument_tokens: an argument longer than this has lost its closing brace.
        max_math_tokens: math longer than this has lost its end; reading resumes as text.
        max_depth: nesting of environments and captured arguments.
        max_reread_chars: characters of files that are read again, as loops of `\\input` do; past it none is.
        resync: second-chance mode: math must end within its paragraph, arguments within 2,000 tokens.
    """

    cite_style: CiteStyle = "authoryear"
    max_source_chars: int = 60_000_000
    max_tokens: int = 2_500_000
    max_macro_tokens: int = 100_000
    max_argument_tokens: int = 60_000
    max_math_tokens: int = 12_000
    max_depth: int = 60
    max_reread_chars: int = 1_000_000
    resync: bool = False
