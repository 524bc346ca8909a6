"""Names that nothing defines: a unit behind a number prints its name, an assignment nothing, arguments are words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import SPACE
from curation.extract.latex.registers import Register

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


BARE_UNITS = {
    **{u: u for u in ("eV", "meV", "keV", "MeV", "GeV", "TeV", "PeV", "EeV", "pc", "kpc", "Mpc", "Gpc", "km", "cm", "mm", "nm", "kg",
                      "Hz", "kHz", "MHz", "GHz", "THz", "Jy", "mJy", "yr", "kyr", "Myr", "Gyr", "erg", "Angstrom", "barn", "mas")},
    "um": "μm", "uJy": "μJy", "muJy": "μJy", "uas": "μas", "muas": "μas", "ev": "eV", "kev": "keV", "mev": "MeV", "gev": "GeV",
    "tev": "TeV", "mpc": "Mpc",
}  # fmt: skip
"""Names of units that papers use as commands of their own; where nothing defines them they print as they are."""


def unit_of_number(tex: Stomach, tok: str) -> bool:
    """Print the name of `5\\,\\GeV`: an undefined name behind a number that takes nothing is its unit."""
    name = tok[1:]
    known = BARE_UNITS.get(name)
    if known is None and not (name.isalpha() and len(name) <= _MAX_UNIT_LETTERS):
        return False
    before = "".join(tex.parts[-3:])
    if not (_NUMBER_BEFORE if known else _NUMBER_AND_GAP).search(before) or _takes_argument(tex):
        return False
    tex.parts.append(("" if before.endswith((" ", "\u2009", "\u00a0")) else " ") + (known or name))
    return True


def _takes_argument(tex: Stomach) -> bool:
    tok = tex.next()
    takes = tok[0] == "[" or (tok == "{" and tex.peek() != "}")
    tex.pb.append(tok)
    return takes


def skips_assignment(tex: Stomach, tok: str) -> bool:
    """Skip `\\figwidth=5cm plus 1pt`, `\\figwidth=.5\\textwidth`: an undefined register's assignment prints nothing.

    Within a paragraph `5 pc` may be a distance: there the name tells, or the unit that touches its number. A number alone
    begins a paragraph and ends a line.
    """
    if (tex.pb[-1] if tex.pb else tex.mouth.src[tex.mouth.pos : tex.mouth.pos + 1])[:1] != "=":
        return False
    within = tex.has_inline()
    tex.next_char()
    value = tex.next()
    m = (_PLAIN_GLUE if within and not _MAKE_UP.search(tok) else _GLUE).match(value)
    if m is None and not within:
        m = _LONE_NUMBER.match(value)
    if m:
        if value[m.end() :]:
            tex.pb.append(value[m.end() :])
        return True
    if _FACTOR.fullmatch(value) and _is_length(tex, tex.peek()):
        tex.next()
        return True
    if _is_length(tex, value):
        return True
    tex.pb.extend((value, "="))
    return False


def _is_length(tex: Stomach, tok: str) -> bool:
    entry = tex.defs.get(tok)
    return isinstance(entry, Register) and entry.kind in ("dimen", "skip")


def keep_arguments(tex: Stomach) -> None:
    """`\\unknown{one}{two}`: its arguments are words of their own, whatever is made of them; options and a key go."""
    if tex.pb:
        end = len(tex.pb)
        while (begin := _group_before(tex.pb, end)) is not None and begin and tex.pb[begin - 1] == "{":
            tex.pb.insert(begin, SPACE)
            end = begin
        return
    src = tex.mouth.src
    for pattern in (_UNKNOWN_OPTIONS, _KEY_ARGUMENT):
        if m := pattern.match(src, tex.mouth.pos):
            tex.mouth.pos = m.end()
    m = _TEXT_ARGUMENTS.match(src, tex.mouth.pos)
    if m:
        tex.mouth.pos = m.end()
        tex.push_text(_BETWEEN_ARGUMENTS.sub(r"} {", m.group(0)) + " ")


def _group_before(tokens: list[str], end: int) -> int | None:
    """Where the group that is read next from a pushed list ends: the index of its closing brace, None where there is none."""
    if not end or tokens[end - 1] != "{":
        return None
    depth = 0
    for i in range(end - 1, max(-1, end - 2_000), -1):
        depth += (tokens[i] == "{") - (tokens[i] == "}")
        if not depth:
            return i
    return None


_UNKNOWN_OPTIONS = re.compile(r"\*?(?:\[[^\]\[\n]{0,120}\])+(?=\s*\{)")
# of several arguments a first one such as `{fig_3}` or `{plots/a.pdf}` is a key or a file, not text; `{1.2}` is a number
_KEY_ARGUMENT = re.compile(
    r"\{(?=[^{}]*[A-Za-z])(?:[\w:/.=-]*[_:=][\w:/.=-]*|[\w:/.-]+\.(?:pdf|e?ps|png|jpe?g|tex|txt|dat))\}(?=\s*\{)"
)
_TEXT_ARGUMENTS = re.compile(r"(?:\{(?:[^{}%\\]|\\.|\{[^{}%]{0,100}\}){0,300}\})+(?=\{)")
_BETWEEN_ARGUMENTS = re.compile(r"(?<!\\)\}\{")
_NUMBER_BEFORE = re.compile(r"\d[.)]?[\ue007}]*[ \u2009\u00a0]*$")
_NUMBER_AND_GAP = re.compile(r"\d[.)]?[\ue007}]*[\u2009\u00a0]$")
_UNIT = r"(?:true\s*)?(?:pt|pc|in|bp|cm|mm|dd|cc|sp|em|ex|mu)(?![A-Za-z])"
_NUMBER = r"\s*[-+]?\s*(?:\d+[.,]?\d*|[.,]\d+)"
_STRETCH = rf"{_NUMBER}\s*(?:{_UNIT}|fil{{1,3}}(?![A-Za-z]))"
_ENDS = rf"(?:\s*plus{_STRETCH})?(?:\s*minus{_STRETCH})?\s?"
_GLUE = re.compile(rf"{_NUMBER}\s*{_UNIT}{_ENDS}")
_PLAIN_GLUE = re.compile(rf"{_NUMBER}(?!pc){_UNIT}{_ENDS}")
_FACTOR = re.compile(r"\s*[-+]?\s*[\d.,]*\s*")
_LONE_NUMBER = re.compile(r"\s*[-+]?\d+\s*(?:\n|$)")
_MAKE_UP = re.compile(r"(?:width|height|size|skip|sep|indent|margin|offset|depth|length|dimen)@?$", re.I)
_MAX_UNIT_LETTERS = 8
