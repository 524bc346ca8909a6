"""Signs that are scaled or span rows: their text stays, the drawing goes (scalerel, bigdelim)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


def scaled(tex: Stomach, name: str) -> None:
    """`\\scalerel*{a}{b}`: a in the size of b; without the star both are printed. `\\scaleto{a}{5pt}`, `\\stretchto`."""
    star = tex.read_star()
    tex.read_optional()
    tokens = tex.read_arg()
    other = tex.read_arg()
    if name.endswith("rel") and not star:
        tokens = [*tokens, *other]
    tex.push(["\\ensuremath", "{", *tokens, "}"])


def between(tex: Stomach, name: str) -> None:
    """`\\scaleleftright{(}{x}{)}`, `\\stretchleftright`: a pair around a content."""
    tex.read_optional()
    left, tokens, right = tex.read_arg(), tex.read_arg(), tex.read_arg()
    tex.push(["\\ensuremath", "{", *left, *tokens, *right, "}"])


def row_brace(tex: Stomach, name: str) -> None:
    """`\\rdelim\\}{3}{2cm}[text]` (bigdelim): a brace over three rows of a table, and the text beside it."""
    tex.read_arg()
    tex.read_arg()
    tex.read_optional()
    tex.read_arg()
    text = tex.read_optional()
    if text:
        tex.push(["{", *text, "}"])


SPANNING: dict[str, Handler] = {
    **dict.fromkeys(("\\scalerel", "\\stretchrel", "\\scaleto", "\\stretchto"), scaled),
    **dict.fromkeys(("\\scaleleftright", "\\stretchleftright"), between),
    **dict.fromkeys(("\\ldelim", "\\rdelim"), row_brace),
}
