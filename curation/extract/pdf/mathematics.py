"""Which fonts and signs set mathematics, and which words are those of running text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from curation.extract.pdf.page import Line, Span

_MATH_FONT = re.compile(
    r"CMMI|CMSY|CMEX|CMBSY|CMMIB|MSAM|MSBM|EUFM|EUSM|EURM|RSFS|LMMath|txsy|txex|txmi|txm?[ab]\d*$|pxsy|pxex|pxmi|rtxmi|rpxmi|MTMI|MTSY|MTEX"
    r"|Math|Symbol|MdSym|wasy|esint|stmary|BBOLD|dsrom|bbm|NewTXMI|ntxmi|stix.*(?:math|sf|bb)|fourier.*m|zmi|ztm|psyr",
    re.IGNORECASE,
)
COUNTED = r"(?:[A-Z]{1,4}[.\-\u2013]?)?\d{1,3}(?:[.\-\u2013]\d{1,3}){0,2}[a-z]{0,2}['\u2032]{0,2}"
EQUATION_NUMBER = re.compile(rf"\s*\(\s*{COUNTED}\s*\)\s*")
"""The number of an equation in the commonest form: (3), (2.1a), (S-4). `equations` knows others."""
WORD = re.compile(r"[^\W\d_]{3,}")
_FUNCTIONS = frozenset({
    "sin", "cos", "tan", "exp", "log", "max", "min", "lim", "sup", "inf", "det", "erf", "sinh", "cosh",
    "tanh", "arctan", "otherwise", "for", "and", "with", "where", "arg", "argmax", "argmin", "var", "cov", "const", "mod",
    "diag", "sgn",
})  # fmt: skip
"""Words that stand in displayed equations."""
_RELATION = re.compile(r"[=≡≈≃∼<>≤≥≲≳∝→←⇒+−±×∑∏∫√∂∇∈∥|/⟨⟩{}]")
_FUNCTION = re.compile(
    r"(?<![^\W_])(?:a?(?:sin|cos|tan|rc(?:sin|cos|tan))h?|cot|sec|csc|exp|log|ln|lim|max|min|sup|inf|det|erfc?|Tr|Re|Im)(?![^\W\d_])"
)


def is_math_font(span: Span) -> bool:
    """Whether a run is set in a font of mathematics, by its name."""
    return _is_math_name(span.font)


@lru_cache(maxsize=1024)
def _is_math_name(font: str) -> bool:
    """A document has some ten fonts and 10^5 questions."""
    return bool(_MATH_FONT.search(font))


def words_of_text(line: Line) -> list[str]:
    """Words of three letters or more that are set as text, without indices and names of functions."""
    found: list[str] = []
    size = max(span.size for span in line.spans)
    for span in line.spans:
        if span.size > 0.85 * size and not is_math_font(span):
            found += [word for word in WORD.findall(span.text) if word.lower() not in _FUNCTIONS]
    return found


def math_share(spans: Iterable[Span], *, functions: bool = False) -> float:
    """Share of characters that are set as mathematics or mean a relation or operation.

    Args:
        functions: names of functions are mathematics, too.
    """
    total = math = 0
    for span in spans:
        text = "".join(span.text.split())
        total += len(text)
        math += len(text) if is_math_font(span) else len(_RELATION.findall(text))
        if functions and not is_math_font(span):
            math += sum(len(name) for name in _FUNCTION.findall(span.text))
    return math / max(1, total)
