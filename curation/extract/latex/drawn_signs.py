"""Definitions that draw a sign out of boxes and shifts, as the sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import FROZEN
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler


def define_drawn(
    tex: Stomach,
    cs: str,
    params: tuple[str | tuple[str, tuple[str, ...]], ...],
    body: list[str],
    prefix: tuple[str, ...] = (),
    *,
    everywhere: bool = False,
) -> None:
    """Define a macro; one that draws what our own command of that name prints keeps our meaning."""
    body = drawn_sign(body)
    if body != [cs]:
        tex.define(cs, Macro(params, body, prefix=prefix), everywhere=everywhere)


def drawn_sign(body: list[str]) -> list[str]:
    """A definition that draws a sign out of boxes and shifts, as the sign: what the author built, less the page.

    `<` over `~` as `\\stackrel{<}{\\sim}` (`\\lower..\\hbox{$\\sim$}`, in plain TeX `\\mathchar"218` below `\\mathchar"13C`),
    a point under a raised degree, minute or second as `\\fdg`, `\\farcm`, `\\farcs`, a rule over an argument as `\\overline`.
    A bar that measures its argument by amsmath's `\\macc@nested@a` is one over it.
    """
    if "\\macc@nested@a" in body and "#1" in body:
        line = next((t for t in ("\\overline", "\\underline", "\\widehat", "\\widetilde") if t in body), "")
        return [line + FROZEN, "{", "#1", "}"] if line else body
    if len(body) > 60:
        return body
    text = "".join(t for t in body if t[0] != "\\")
    if not _STACKING.isdisjoint(body) and ("\\sim" in body or _TILDE.search(text)):
        less, more = bool(_LESS.search(text)), bool(_MORE.search(text))
        if less != more:
            sign = "<" if less else ">"
            return ["\\ensuremath", "{", "\\stackrel" + FROZEN, "{", sign, "}", "{", "\\sim" + FROZEN, "}", "}"]
    if not _BACK.isdisjoint(body) and "." in text and "^" in body:
        marks = body.count("\\prime") + text.count("'")
        if "\\circ" in body or marks:
            return [("\\fdg", "\\farcm", "\\farcs")[min(2, marks)]]
    if "\\hrule" in body and "\\vbox" in body and body.count("#1") == 1:
        return ["\\ensuremath", "{", "\\overline" + FROZEN, "{", "#1", "}", "}"]
    return body


def math_accent(tex: Stomach, name: str) -> None:
    """`\\mathaccent"7016{x}`: the accent that plain TeX and LaTeX name for this place of their fonts; none for other places."""
    code = tex.read_number()
    family, place = code >> 8 & 15, code & 255
    if family == _EXTENSIBLE:
        accent = "\\widehat" if place in _WIDE_HATS else "\\widetilde" if place in _WIDE_TILDES else ""
    elif family == 1:
        accent = "\\vec" if place == _TILDE_PLACE else ""
    else:
        accent = _ACCENTS.get(place, "")
    if accent:
        tex.push([accent])


DRAWN_SIGNS: dict[str, Handler] = {"\\mathaccent": math_accent}
# fontmath.ltx: accents of the text fonts (families 0 and 7), of the math letters (1) and of the extensible signs (3)
_ACCENTS = {
    0x12: "\\grave", 0x13: "\\acute", 0x14: "\\check", 0x15: "\\breve", 0x16: "\\bar", 0x17: "\\mathring",
    0x5E: "\\hat", 0x5F: "\\dot", 0x7E: "\\tilde", 0x7F: "\\ddot",
}  # fmt: skip
_TILDE_PLACE = 0x7E
_EXTENSIBLE = 3
_WIDE_HATS = range(0x62, 0x65)
_WIDE_TILDES = range(0x65, 0x68)
_BACK = frozenset({"\\!", "\\mkern", "\\kern", "\\hskip", "\\mskip", "\\llap", "\\rlap"})
_STACKING = frozenset(
    {"\\lower", "\\raise", "\\rlap", "\\buildrel", "\\raisebox", "\\stackrel", "\\vcenter", "\\ooalign"}
)
# TeX's codes of the signs: `\\mathchar"218` or "7218 is a tilde, `\\mathchar"13C`, `\\char'074` are <, "13E and '076 are >
_TILDE = re.compile(r'"(?:7|3)?218\b')
_LESS = re.compile(r"<|\"(?:3)?13C\b|'074\b")
_MORE = re.compile(r">|\"(?:3)?13E\b|'076\b")
