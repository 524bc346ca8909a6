"""Chemistry: mhchem's formulas as math."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MATH, MATH_END

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

_CE = re.compile(
    r"(\^\{?[^\s{}]*\}?|_\{?[^\s{}]*\}?)|(<->|<=>|->|<-)|(?<=[A-Za-z)\]])(\d+)|"
    r"(?<=[A-Za-z\d)\]])([+-])(?=[\s)\]]|$)|(#)|([A-Z][a-z]?)|(.)",
    re.S,
)


def chemistry(text: str) -> str:
    """mhchem's `H2O`, `^{13}CO`, `A + B -> C` as math."""
    out: list[str] = []
    for m in _CE.finditer(text):
        script, arrow, sub, charge, triple, element, other = m.groups()
        if script:
            body = script[1:].strip("{}")
            out.append(("{}" if not out else "") + script[0] + "{" + body + "}")
        elif arrow:
            out.append({"->": " \\rightarrow ", "<-": " \\leftarrow "}.get(arrow, " \\rightleftharpoons "))
        elif sub:
            out.append("_{" + sub + "}")
        elif charge:
            out.append("^{" + charge + "}")
        else:
            out.append("\\equiv " if triple else element or other)
    return "\\mathrm{" + "".join(out).strip() + "}"


def ce(tex: Stomach, name: str) -> None:
    """`\\ce{H2O}`, `\\chem`."""
    text = tex.plain_text(tex.read_arg()).replace("$", "")
    tex.parts.append(MATH + chemistry(text) + MATH_END)


def m_ce(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math."""
    out.append(chemistry(tex.plain_text(tex.read_arg()).replace("$", "")))
