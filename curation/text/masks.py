"""Masks: which characters of a Markdown text are math, tables, citations or code, and the prose that is left."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from curation.text.blocks import blocks

MaskKind = Literal["math", "table", "citation", "code"]

_YEAR = r"(?:1[89]|20)\d\d[a-z]?"
_NAME = r"(?:[a-z]{1,4} ){0,2}[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}"
_AUTHORS = rf"{_NAME}(?:(?:,| and| &|, &|, and) {_NAME}){{0,8}}(?:,? et al\.?)?"
# atomic, so that a long list that fails at its end is not tried in every other reading
_WORK = rf"(?>{_AUTHORS},? {_YEAR}(?:, {_YEAR}|, [a-z]\b){{0,8}})"
# inside a paragraph the first of these that opens wins; what may be tried from many places has a bound, and a run of
# ticks opens from its first one only, so that no text takes quadratic time
_INLINE = re.compile(
    "|".join(
        (
            r"(?P<escaped>\\[\\$`])",
            r"(?P<code>(?<!`)(?P<ticks>`{1,8})(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`))",
            r"(?P<display>\$\$(?:\\.|[^$\\]|\$(?!\$))+?\$\$)",
            # pandoc's rule: no space inside the dollars, no digit after them, so that prices stay text
            r"(?P<inline>\$(?![\s$])(?:\\.|[^$\\])*?(?<!\s)\$(?!\d))",
            r"(?P<keyed>\\(?:cite|citet|citep|citealt|citealp|citeauthor|citeyear)\*?(?:\[[^\]\n]{0,300}\]){0,2}\{[^{}\n]*\})",
            r"(?P<bracketed>\[-?@[^\]\n]{1,300}\])",
            r"(?P<numbered>\[\d{1,4}(?:(?:,|;|-|–|, |; | ?- ?| ?– ?)\d{1,4}){0,40}\])",
            rf"(?P<authoryear>\((?:(?:see|e\.g\.|see, e\.g\.|see also|cf\.|hereafter),? )?{_WORK}(?:; {_WORK}){{0,30}}(?:;[^()\n]{{0,60}}|, [^()\n]{{0,60}})?\))",
        )
    ),
    re.DOTALL,
)
_OPENS = re.compile(r"[\\`$\[(]")
"""How every alternative of `_INLINE` begins."""
_KIND_OF: dict[str, MaskKind] = {
    "code": "code",
    "display": "math",
    "inline": "math",
    "keyed": "citation",
    "bracketed": "citation",
    "numbered": "citation",
    "authoryear": "citation",
}


@dataclass(frozen=True, slots=True)
class Mask:
    """A masked stretch: its kind, first character, character after it."""

    kind: MaskKind
    start: int
    end: int


def masks(text: str) -> list[Mask]:
    """The masked stretches of a text, in order and disjoint.

    Blocks come first: a fenced block is code, a pipe table a table (math in its cells belongs to the table), a `$$`
    block math. In other blocks inline code, `$..$`, `$$..$$` and citations are found: `(Hsu et al. 2019; Amadi & Berg
    2015)`, `[12, 14-16]`, `[@key]`, `\\citep{key}`. A textual `Hsu et al. (2019)` is part of its sentence and stays.
    No mask leaves its block, so a dollar left open costs no more than a paragraph.
    """
    return list(_masks(text))


def _masks(text: str) -> Iterator[Mask]:
    for block in blocks(text):
        if block.kind == "code" or block.kind == "table":
            yield Mask(block.kind, block.start, block.end)
        elif block.kind == "math" and _is_whole_math(block.text(text)):
            yield Mask("math", block.start, block.end)
        else:
            yield from _inline(text, block.start, block.end)


def _inline(text: str, start: int, end: int) -> Iterator[Mask]:
    """Masks inside a paragraph. Only where one may open is `_INLINE` tried: at every character it takes ten times as long."""
    while opens := _OPENS.search(text, start, end):
        match = _INLINE.match(text, opens.start(), end)
        start = match.end() if match else opens.end()
        if match and (kind := next((kind for group, kind in _KIND_OF.items() if match[group] is not None), None)):
            yield Mask(kind, match.start(), match.end())


def _is_whole_math(block: str) -> bool:
    stripped = block.strip()
    return stripped.startswith("$$") and stripped.endswith("$$") and stripped.count("$$") == 2


def prose(
    text: str, drop: Collection[MaskKind] = ("math", "table", "code"), regions: Iterable[Mask] | None = None
) -> str:
    """The text without the masks of the given kinds; each is replaced by one space.

    Args:
        regions: `masks(text)`, where the caller has them already.
    """
    kept: list[str] = []
    at = 0
    for mask in masks(text) if regions is None else regions:
        if mask.kind in drop:
            kept.append(text[at : mask.start])
            at = mask.end
    kept.append(text[at:])
    return " ".join(kept)
