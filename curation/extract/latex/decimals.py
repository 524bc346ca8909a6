"""`0\\farcs5`: the sign of a unit above the point of its number, as text 0.5″."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def decimal_unit(tex: Stomach, name: str) -> None:
    """`0\\farcs5` prints the unit above the point; as text: 0.5″."""
    unit = DECIMAL_UNITS[name]
    tok = tex.next()
    m = _DIGITS.match(tok)
    if m:
        tex.parts.append("." + m.group(1) + unit)
        if tok[m.end() :]:
            tex.pb.append(tok[m.end() :])
        return
    if tok == "{":
        group = tex.read_group()
        text = "".join(group)
        if text.isdigit():
            tex.parts.append("." + text + unit)
            return
        tex.push(group)
    elif tok == "}" and (m := _DIGITS.match(after := tex.next())):  # `8{\\farcs}5`
        tex.parts.append("." + m.group(1) + unit)
        tex.push([tok, after[m.end() :]])
        return
    else:
        tex.push([tok] if tok != "}" else [tok, after])
    tex.parts.append("." + unit if tex.parts and tex.parts[-1][-1:].isdigit() else unit)


_DIGITS = re.compile(r"\s?\{?(\d+)")
DECIMAL_UNITS = {
    "\\farcs": "″", "\\farcm": "′", "\\fdg": "°", "\\fdeg": "°", "\\fs": "s", "\\fm": "m", "\\fh": "h", "\\fd": "d",
    "\\fp": "p",
}  # fmt: skip
_MATH_UNITS = {
    "″": "^{\\prime\\prime}", "′": "^{\\prime}", "°": "^{\\circ}", "s": "^{\\mathrm{s}}", "m": "^{\\mathrm{m}}",
    "h": "^{\\mathrm{h}}", "d": "^{\\mathrm{d}}", "p": "^{\\mathrm{p}}",
}  # fmt: skip


def m_decimal_unit(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math."""
    unit = _MATH_UNITS[DECIMAL_UNITS[name]]
    tok = tex.peek()
    m = re.match(r"\d+", tok)
    if m:
        tex.pb.pop()
        if tok[m.end() :]:
            tex.pb.append(tok[m.end() :])
        out.append("." + m.group(0) + unit)
    else:
        out.append("." + unit)  # the digits stand behind the formula: `8$\\farcs$5`


def decimal_unit_alone(tex: Stomach) -> bool:
    """`8$\\farcs$5`, its first dollar read: one number, the sign alone in a formula of its own."""
    m = _UNIT_ALONE.match(tex.mouth.src, tex.mouth.pos)
    if not m or not callable(tex.defs.get(m[1])):
        return False
    tex.mouth.pos = m.end()
    tex.parts.append("." + m[2] + DECIMAL_UNITS[m[1]])
    return True


_UNIT_ALONE = re.compile(r"\s*(\\(?:farcs|farcm|fdg|fdeg|f[smhdp]))\s*\$(\d+)")
