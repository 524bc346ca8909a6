"""Stages of ions set in small capitals or small type: `H\\,{\\sc i}`, `C{\\small IV}`, `\\textsc{[O\\,iii]}` are H I, C IV, [O III].

One spelling with `\\ion`, however the paper sets them: the size of a letter is lost in text, and `Hi` is another word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import SPACE
from curation.extract.latex.math_commands import m_text

if TYPE_CHECKING:
    from curation.extract.latex.macros import Macro
    from curation.extract.latex.math_marks import MathHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_ELEMENTS = (
    "He|Hf|Hg|Ho|H|Li|La|Lu|Be|Ba|Br|Bi|B|Ca|Cd|Ce|Cl|Cm|Co|Cr|Cs|Cu|C|Na|Nb|Nd|Ne|Ni|Np|N|Os|O|Fe|F|Mg|Mn|Mo|Al|Ag|Ar|As|Au|"
    "Si|Sb|Sc|Se|Sm|Sn|Sr|S|Pb|Pd|Pr|Pt|Pu|P|Kr|K|Ti|Ta|Tb|Te|Th|Tl|Tm|V|Zn|Zr|Ga|Gd|Ge|Y|Yb|Rb|Re|Rh|Ru|In|Ir|I|Xe|Dy|Er|Eu|W|U"
)
_BEFORE = re.compile(rf"(?:^|[^A-Za-z])(?:{_ELEMENTS})$")
_STAGE = re.compile(r"[ivxIVX]{1,6}")
_WHOLE = re.compile(rf"(\[?)({_ELEMENTS})[\s\u2009]*([ivxIVX]{{1,6}})(\]?)")
_GAPS = frozenset({SPACE, "~", "\\,", "\\ ", "\\;", "\\:", "\\/", "\\thinspace", "\\xspace", "\\kern@"})
_BLANKS = " \u2009\n\t"


def _has_element(tex: Stomach) -> bool:
    return _BEFORE.search("".join(tex.parts[-6:]).rstrip(_BLANKS)) is not None


def _emit(tex: Stomach, stage: str, after: str = "") -> None:
    """The stage behind its element, one blank between them."""
    parts = tex.parts
    while parts and not parts[-1].rstrip(_BLANKS):
        parts.pop()
    if parts:
        parts[-1] = parts[-1].rstrip(_BLANKS)
    parts.append(f" {stage.upper()}{after}")


def _stage_of(tokens: list[str]) -> tuple[str, str] | None:
    """The numeral, and a bracket that closes behind it, when the tokens are nothing else."""
    text = "".join(t for t in tokens if t not in _GAPS and t not in "{}").strip(_BLANKS)
    stage = text.removesuffix("]")
    return (stage, text[len(stage) :]) if _STAGE.fullmatch(stage) else None


def small_caps(tex: Stomach, name: str) -> None:
    """`\\textsc{..}`: a stage, an ion, or other words."""
    tokens = tex.read_arg()
    found = _stage_of(tokens)
    if found and _has_element(tex):
        _emit(tex, *found)
        return
    whole = "".join(" " if t in _GAPS else t for t in tokens).strip()
    if m := _WHOLE.fullmatch(whole):
        tex.parts.append(f"{m[1]}{m[2]} {m[3].upper()}{m[4]}")
        return
    tex.push(["{", *tokens, "}"])


def small_switch(tex: Stomach, name: str) -> None:
    """`{\\sc i}`, `{\\small II}`: a stage when nothing else stands in the group, which is closed by what is read next."""
    if not _has_element(tex):
        return
    tokens: list[str] = []
    while len(tokens) < 5:
        tok = tex.next()
        if tok == "}":
            tex.pb.append(tok)
            if found := _stage_of(tokens):
                _emit(tex, *found)
                return
            break
        tokens.append(tok)
        if tok not in _GAPS and not re.fullmatch(r"\s*[ivxIVX]+\]?\s*", tok):
            break
    tex.push(tokens)


def m_small_switch(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math, where Markdown's engines know no small capitals: `{\\sc iii}` is `{III}`."""
    tok = tex.next()
    if tok == SPACE:
        tok = tex.next()
    if _STAGE.fullmatch(tok.strip()) and tex.peek() == "}":
        out.append(tok.strip().upper())
        return
    tex.pb.append(tok)


def m_small_caps(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\textsc{iii}` inside math."""
    tokens = tex.read_arg()
    found = _stage_of(tokens)
    tex.push(["{", *([found[0].upper(), found[1]] if found else tokens), "}"])
    m_text(tex, "\\text", out)


_SWITCHES = ("\\sc", "\\scshape", "\\small", "\\footnotesize", "\\scriptsize", "\\tiny")
IONS: dict[str, Handler] = {"\\textsc": small_caps, **dict.fromkeys(_SWITCHES, small_switch)}
ION_MATH: dict[str, MathHandler | Macro] = {"\\textsc": m_small_caps, **dict.fromkeys(_SWITCHES, m_small_switch)}
