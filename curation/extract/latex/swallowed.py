"""Commands of TeX that read a length, a number or a file and print no more than a blank."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def glue(tex: Stomach, name: str) -> None:
    """`\\hskip 3pt plus 1fil`, `\\vskip`, `\\kern`: a blank at most."""
    tex.read_glue()
    if name in ("\\hskip", "\\hglue"):
        tex.parts.append(" ")


def penalty(tex: Stomach, name: str) -> None:
    """`\\penalty-1000`, `\\linebreak[3]`."""
    if name == "\\penalty":
        tex.read_number()
    else:
        tex.read_optional_here()
        tex.parts.append(" ")


def rule(tex: Stomach, name: str) -> None:
    """`\\hrule height 0.4pt width 2in depth 0pt`: nothing to read."""
    for _ in range(3):
        tok = tex.skip_spaces()
        m = _RULE_SIDE.match(tok)
        if not m:
            return
        tex.pb.pop()
        if m.end() < len(tok):
            tex.pb.append(tok[m.end() :])
        tex.read_glue()


_RULE_SIDE = re.compile(r"(?:height|width|depth)(?![a-z])\s*")


def addtolist(tex: Stomach, name: str) -> None:
    """Plain TeX's `\\item`-like `\\write3{..}`, `\\openout3=file`: swallowed."""
    tex.read_number()
    if name == "\\write" and tex.skip_spaces() == "{":
        tex.read_arg()
    elif name in ("\\openin", "\\openout"):
        tok = tex.skip_spaces()
        if tok[0] == "=":
            tex.pb.pop()
            rest = tok[1:].split(" ", 1)
            if len(rest) > 1 and rest[1]:
                tex.pb.append(rest[1])
