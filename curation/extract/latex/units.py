"""Numbers and units (siunitx 2 and 3, SIunits, units) and chemistry (mhchem)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MATH, MATH_END
from curation.extract.latex.mathmode import MathHandler
from curation.extract.latex.physics import quantity as bracket_quantity

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Handler
    from curation.extract.latex.macros import Macro
    from curation.extract.latex.stomach import Stomach

PREFIXES = {
    "yocto": "y", "zepto": "z", "atto": "a", "femto": "f", "pico": "p", "nano": "n", "micro": "\\mu ", "milli": "m",
    "centi": "c", "deci": "d", "deca": "da", "hecto": "h", "kilo": "k", "mega": "M", "giga": "G", "tera": "T",
    "peta": "P", "exa": "E", "zetta": "Z", "yotta": "Y",
}  # fmt: skip
UNITS = {
    "metre": "m", "meter": "m", "gram": "g", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol", "candela": "cd",
    "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J", "watt": "W", "coulomb": "C", "volt": "V", "farad": "F",
    "ohm": "\\Omega ", "siemens": "S", "weber": "Wb", "tesla": "T", "henry": "H", "lumen": "lm", "lux": "lx",
    "becquerel": "Bq", "gray": "Gy", "sievert": "Sv", "radian": "rad", "steradian": "sr", "minute": "min", "hour": "h",
    "day": "d", "degree": "^{\\circ}", "arcminute": "^{\\prime}", "arcsecond": "^{\\prime\\prime}", "hectare": "ha",
    "litre": "L", "liter": "L", "tonne": "t", "bar": "bar", "electronvolt": "eV", "eV": "eV", "astronomicalunit": "au",
    "au": "au", "parsec": "pc", "pc": "pc", "year": "yr", "yr": "yr", "erg": "erg", "jansky": "Jy", "Jy": "Jy",
    "solarmass": "M_\\odot", "Msun": "M_\\odot", "msun": "M_\\odot", "lightyear": "ly", "angstrom": "\\text{Å}",
    "percent": "\\%", "celsius": "^{\\circ}C", "degreeCelsius": "^{\\circ}C", "dalton": "Da", "decibel": "dB",
    "bel": "B", "gauss": "G", "dex": "dex", "mag": "mag", "magnitude": "mag", "byte": "B", "bit": "bit", "photon": "photon",
    "pixel": "pixel", "count": "count", "barn": "b", "bohr": "a_0", "clight": "c", "dyne": "dyn", "inch": "in",
    "kilogram": "kg", "km": "km", "kg": "kg", "cm": "cm", "mm": "mm", "um": "\\mu m", "nm": "nm", "m": "m", "s": "s",
    "g": "g", "K": "K", "Hz": "Hz", "kHz": "kHz", "MHz": "MHz", "GHz": "GHz", "keV": "keV", "MeV": "MeV", "GeV": "GeV",
    "TeV": "TeV", "J": "J", "W": "W", "V": "V", "A": "A", "kpc": "kpc", "Mpc": "Mpc", "Gpc": "Gpc", "Myr": "Myr",
    "Gyr": "Gyr", "ms": "ms", "us": "\\mu s", "ns": "ns", "cubic": "", "dB": "dB", "mJy": "mJy", "uJy": "\\mu Jy",
}  # fmt: skip
# siunitx's abbreviations (manual, table 5): \\fs, \\meV, \\uA, \\kJ
_SHORT_PREFIXES = {"a": "a", "f": "f", "p": "p", "n": "n", "u": "\\mu ", "m": "m", "c": "c", "d": "d", "h": "h", "k": "k", "M": "M",
                   "G": "G", "T": "T"}  # fmt: skip
for _symbol in (
    "g",
    "m",
    "s",
    "mol",
    "A",
    "l",
    "L",
    "Hz",
    "N",
    "Pa",
    "V",
    "W",
    "J",
    "eV",
    "F",
    "H",
    "C",
    "K",
    "T",
    "Wh",
    "pc",
    "yr",
    "Jy",
):
    for _letter, _prefix in _SHORT_PREFIXES.items():
        UNITS.setdefault(_letter + _symbol, _prefix + _symbol)
    UNITS.setdefault(_symbol, _symbol)
UNITS |= {"mohm": "m\\Omega ", "kohm": "k\\Omega ", "Mohm": "M\\Omega "}
_POWERS = {"squared": "2", "cubed": "3"}


def unit_math(tex: Stomach, tokens: list[str]) -> str:
    """`\\kilo\\metre\\per\\second` or `km.s^{-1}` as `km\\,s^{-1}`."""

    tokens = tex.expand_all(tokens)
    units: list[list[str]] = []  # symbol, power
    prefix = ""
    per = False
    power = ""

    def put(symbol: str) -> None:
        nonlocal prefix, per, power
        p = power or "1"
        if per:
            p = "-" + p
        units.append([prefix + symbol, p])
        prefix, per, power = "", False, ""

    i = 0
    while i < len(tokens):
        tok = tokens[i]
        name = tok[1:] if tok[0] == "\\" else ""
        if name == "per":
            per = True
        elif name in PREFIXES and name not in ("bar",):
            prefix = PREFIXES[name]
        elif name in ("square",):
            power = "2"
        elif name == "cubic":
            power = "3"
        elif name in _POWERS and units:
            units[-1][1] = ("-" if units[-1][1].startswith("-") else "") + _POWERS[name]
        elif name in ("tothe", "raiseto") and i + 1 < len(tokens):
            arg, i = _argument(tokens, i + 1)
            if name == "tothe" and units:
                units[-1][1] = ("-" if units[-1][1].startswith("-") else "") + arg
            else:
                power = arg
            continue
        elif name in UNITS:
            put(UNITS[name])
        elif name in tex.si_units:
            put(tex.si_units[name])
        elif (
            name in ("of", "cancel", "highlight", "per@")
            or tok in ("{", "}", " ")
            or name in (",", ";", ":", "!", "cdot", "times")
            or name in ("text", "mathrm", "textrm", "rm", "mbox", "ensuremath")
        ):
            pass
        elif name:
            put(tok + " ")
        elif tok in ("^", "_") and i + 1 < len(tokens):
            arg, i = _argument(tokens, i + 1)
            if units and tok == "^":
                units[-1][1] = arg
            elif units:
                units[-1][0] += "_{" + arg + "}"
            continue
        elif tok == "~":
            pass
        else:
            for piece in re.split(r"[.~\s]+", tok):
                if piece.startswith("/"):
                    per = True
                    piece = piece[1:]
                if piece:
                    head, *rest = piece.split("/")
                    if head:
                        put(head)
                    for r in rest:
                        per = True
                        if r:
                            put(r)
        i += 1

    out: list[str] = []
    for symbol, p in units:
        out.append(symbol + ("" if p == "1" else "^{" + p + "}"))
    return "\\,".join(out)


def _argument(tokens: list[str], i: int) -> tuple[str, int]:
    if i < len(tokens) and tokens[i] == "{":
        j = i + 1
        while j < len(tokens) and tokens[j] != "}":
            j += 1
        return "".join(tokens[i + 1 : j]), j + 1
    if i < len(tokens):
        tok = tokens[i]
        if len(tok) > 1 and tok[0] != "\\":
            tokens[i] = tok[1:]
            return tok[0], i
        return tok, i + 1
    return "", i


_NUMBER = re.compile(
    r"^([-+]?|\\pm\s*)([\d.,\s]*)(?:\(([\d.]+)\))?(?:(?:\+-|\\pm\s*|±)([\d.,\s]+))?(?:[eEdD]([-+]?\d+))?$"
)


def number_math(text: str) -> str:
    """`1.2(3)e-4` as `1.2(3) \\times 10^{-4}`; the digits stay the author's."""
    text = text.strip().replace("~", " ").replace("\\,", "")
    m = _NUMBER.match(text)
    if not m:
        m2 = re.match(r"^(.*?\d)\s*[eE]([-+]?\d+)$", text)
        return f"{m2.group(1)} \\times 10^{{{_exponent(m2.group(2))}}}" if m2 else text.replace("+-", " \\pm ")
    sign, value, bracket, error, exponent = m.groups()
    value = re.sub(r"\s+", "", value)
    out = sign + value + (f"({bracket})" if bracket else "")
    if error:
        out += f" \\pm {error.strip()}"
        if exponent:
            out = f"({out})"
    if exponent:
        power = f"10^{{{_exponent(exponent)}}}"
        out = f"{out} \\times {power}" if value else sign + power
    return out


def _exponent(text: str) -> str:
    return text.lstrip("+").lstrip("0") or "0" if not text.startswith("-") else "-" + text[1:].lstrip("0")


def _number(tex: Stomach) -> str:
    return number_math(tex.plain_text(tex.read_arg()))


def _render(tex: Stomach, name: str) -> str:
    command = name[1:]
    tex.read_star()
    tex.read_optional()
    if command in ("num",):
        return _number(tex)
    if command in ("si", "unit"):
        return "\\mathrm{" + unit_math(tex, tex.read_arg()) + "}"
    if command in ("SI", "qty"):
        value = _number(tex)
        tex.read_optional()
        unit = unit_math(tex, tex.read_arg())
        return _with_unit(value, unit)
    if command in ("SIrange", "qtyrange", "numrange"):
        a, b = _number(tex), _number(tex)
        unit = unit_math(tex, tex.read_arg()) if command != "numrange" else ""
        return _with_unit(f"{a}\\text{{–}}{b}", unit)
    if command in ("SIlist", "qtylist", "numlist"):
        values = [number_math(v) for v in tex.plain_text(tex.read_arg()).split(";")]
        unit = unit_math(tex, tex.read_arg()) if command != "numlist" else ""
        last = values.pop()
        return _with_unit(", ".join(values) + ("\\text{ and }" if values else "") + last, unit)
    if command in ("qtyproduct", "numproduct"):
        factors = [number_math(v) for v in tex.plain_text(tex.read_arg()).split("x")]
        unit = unit_math(tex, tex.read_arg()) if command == "qtyproduct" else ""
        return " \\times ".join(_with_unit(f, unit) for f in factors)
    if command == "ang":
        parts = tex.plain_text(tex.read_arg()).split(";")
        marks = ("^{\\circ}", "^{\\prime}", "^{\\prime\\prime}")
        return " ".join(p.strip() + m for p, m in zip(parts, marks, strict=False) if p.strip())
    return ""


def _with_unit(value: str, unit: str) -> str:
    if not unit:
        return value
    gap = "" if unit.startswith(("^", "\\%")) else "\\,"
    return value + gap + ("\\mathrm{" + unit + "}" if unit[0] not in "^\\" or unit.startswith("\\mu") else unit)


def quantity(tex: Stomach, name: str) -> None:
    """`\\SI{12}{\\kilo\\metre}`, `\\num{1e5}`, `\\ang{3;4;5}`."""
    if name == "\\qty" and tex.skip_spaces()[0] in "([|":
        return
    tex.parts.append(MATH + _render(tex, name) + MATH_END)


def m_quantity(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math; `\\qty(..)` is physics' bracket."""
    if name == "\\qty" and (
        tex.skip_spaces()[0] in "([|" or ("physics" in tex.packages and "siunitx" not in tex.packages)
    ):
        bracket_quantity(tex, name)
        return
    out.append("{" + _render(tex, name) + "}")


def declare_unit(tex: Stomach, name: str) -> None:
    """`\\DeclareSIUnit\\parsec{pc}`."""
    tex.read_optional()
    tok = tex.skip_spaces()
    if tok == "{":
        names = [t for t in tex.read_arg() if t[0] == "\\"]
        unit = names[0] if names else ""
    else:
        unit = tex.next()
    tex.read_optional()
    body = tex.read_arg()
    if unit[:1] == "\\":
        tex.si_units[unit[1:]] = unit_math(tex, body) or "".join(body)


def unit_si(tex: Stomach, name: str) -> None:
    """`\\unit[3]{km}`, `\\unitfrac[3]{km}{s}` (package units), else siunitx 3's `\\unit`."""
    value = tex.read_optional()
    if name == "\\unitfrac":
        a, b = tex.inline(tex.read_arg()), tex.inline(tex.read_arg())
        tex.parts.append((tex.inline(value) + " " if value else "") + f"{a}/{b}")
        return
    if value is not None and "units" in tex.packages:
        tex.parts.append(tex.inline(value) + " " + tex.inline(tex.read_arg()))
        return
    tex.parts.append(MATH + "\\mathrm{" + unit_math(tex, tex.read_arg()) + "}" + MATH_END)


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


_NAMES = (
    "SI",
    "qty",
    "num",
    "si",
    "SIrange",
    "qtyrange",
    "numrange",
    "SIlist",
    "qtylist",
    "numlist",
    "ang",
    "qtyproduct",
    "numproduct",
)
UNIT_COMMANDS: dict[str, Handler] = {
    **dict.fromkeys(("\\" + n for n in _NAMES), quantity),
    "\\unit": unit_si,
    "\\unitfrac": unit_si,
    "\\DeclareSIUnit": declare_unit,
    "\\newunit": declare_unit,
    "\\ce": ce,
}
UNIT_MATH: dict[str, MathHandler | Macro] = {
    **dict.fromkeys(("\\" + n for n in (*_NAMES, "unit")), m_quantity),
    "\\ce": m_ce,
}
