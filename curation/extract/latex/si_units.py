"""Units as siunitx prints them (manual of version 3, sections 3.3 and 4.6): macros with powers and `\\per`, or literal text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import SPACE, with_depth
from curation.extract.latex.math_render import math_string, render
from curation.extract.latex.si_options import Options, is_true, sign

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

PREFIXES = {
    "quecto": "q", "ronto": "r", "yocto": "y", "zepto": "z", "atto": "a", "femto": "f", "pico": "p", "nano": "n", "micro": "\\mu ",
    "milli": "m", "centi": "c", "deci": "d", "deca": "da", "deka": "da", "hecto": "h", "kilo": "k", "mega": "M", "giga": "G",
    "tera": "T", "peta": "P", "exa": "E", "zetta": "Z", "yotta": "Y", "ronna": "R", "quetta": "Q",
    "kibi": "Ki", "mebi": "Mi", "gibi": "Gi", "tebi": "Ti", "pebi": "Pi", "exbi": "Ei", "zebi": "Zi", "yobi": "Yi",
}  # fmt: skip
_TENS = {
    "yocto": -24, "zepto": -21, "atto": -18, "femto": -15, "pico": -12, "nano": -9, "micro": -6, "milli": -3, "centi": -2, "deci": -1,
    "deca": 1, "deka": 1, "hecto": 2, "kilo": 3, "mega": 6, "giga": 9, "tera": 12, "peta": 15, "exa": 18, "zetta": 21, "yotta": 24,
}  # fmt: skip
# siunitx's own, those of its version 2, and names that papers declare for themselves
UNITS = {
    "metre": "m", "meter": "m", "gram": "g", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol", "candela": "cd",
    "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J", "watt": "W", "coulomb": "C", "volt": "V", "farad": "F",
    "ohm": "\\Omega ", "siemens": "S", "weber": "Wb", "tesla": "T", "henry": "H", "lumen": "lm", "lux": "lx", "katal": "kat",
    "becquerel": "Bq", "gray": "Gy", "sievert": "Sv", "radian": "rad", "steradian": "sr", "minute": "min", "hour": "h",
    "day": "d", "degree": "^{\\circ}", "arcminute": "^{\\prime}", "arcsecond": "^{\\prime\\prime}", "arcmin": "^{\\prime}",
    "arcsec": "^{\\prime\\prime}", "hectare": "ha", "litre": "L", "liter": "L", "tonne": "t", "bar": "bar", "electronvolt": "eV",
    "eV": "eV", "astronomicalunit": "au", "au": "au", "parsec": "pc", "pc": "pc", "year": "yr", "yr": "yr", "erg": "erg",
    "jansky": "Jy", "Jy": "Jy", "solarmass": "M_{\\odot}", "Msun": "M_{\\odot}", "msun": "M_{\\odot}", "lightyear": "ly",
    "angstrom": "\\text{Å}", "percent": "\\%", "celsius": "^{\\circ}C", "degreeCelsius": "^{\\circ}C", "dalton": "Da",
    "decibel": "dB", "bel": "B", "neper": "Np", "gauss": "G", "dex": "dex", "mag": "mag", "magnitude": "mag", "byte": "B",
    "bit": "bit", "photon": "photon", "pixel": "pixel", "count": "count", "barn": "b", "bohr": "a_{0}", "clight": "c_{0}",
    "dyne": "dyn", "inch": "in", "mmHg": "mmHg", "knot": "kn", "nauticalmile": "M", "atomicmassunit": "u", "electronmass": "m_{e}",
    "planckbar": "\\hbar ", "elementarycharge": "e", "hartree": "E_{h}", "kilogram": "kg", "kpc": "kpc", "Mpc": "Mpc", "Gpc": "Gpc",
    "Myr": "Myr", "Gyr": "Gyr", "mJy": "mJy", "uJy": "\\mu Jy", "um": "\\mu m", "us": "\\mu s", "dB": "dB", "mohm": "m\\Omega ",
    "kohm": "k\\Omega ", "Mohm": "M\\Omega ",
}  # fmt: skip
# siunitx's abbreviations (manual, table 5): \\fs, \\meV, \\uA, \\kJ
_SHORT_PREFIXES = {"a": "a", "f": "f", "p": "p", "n": "n", "u": "\\mu ", "m": "m", "c": "c", "d": "d", "h": "h", "k": "k", "M": "M",
                   "G": "G", "T": "T"}  # fmt: skip
_SHORT = (
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
)
for _symbol in _SHORT:
    for _letter, _prefix in _SHORT_PREFIXES.items():
        UNITS.setdefault(_letter + _symbol, _prefix + _symbol)
    UNITS.setdefault(_symbol, _symbol)
_BEFORE = {"square": "2", "cubic": "3"}
_BEHIND = {"squared": "2", "cubed": "3"}
_FORMATS = frozenset(
    "\\" + n for n in ("text", "mathrm", "textrm", "rm", "mbox", "hbox", "ensuremath", "textnormal", "mathit", "unit", "si", "textup",
                       "operatorname", "upshape", "mathnormal", "protect", "displaystyle", "xspace")
)  # fmt: skip
_SPACES = frozenset({"\\,", "\\ ", "~", "\\;", "\\:", "\\!", "\\thinspace", "\\space", "\\quad", SPACE})
_MAX_ATOMS = 200
_SYMBOLS = re.compile(
    "alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|pi|(?:var)?rho|sigma|tau|upsilon|"
    "(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|odot|oplus|circ|prime|hbar|ell|cdot|times|AA|"
    "textmu|textmugreek|textdegree|math(?:cal|bf|sf|ring)|frac|sqrt|sun|earth|dag|dagger|star|ast|infty|partial|bullet|"
    "text(?:superscript|subscript|sc|tt|it|bf)|num|micron"
)
"""What stands in a unit as math does: `\\si{\\sigma}`; another name that nothing declares is a unit's."""
ANGLES = frozenset({"^{\\circ}", "^{\\prime}", "^{\\prime\\prime}"})


@dataclass
class Unit:
    """One factor of a unit: the symbol with its prefix, and its power as written."""

    symbol: str
    power: str = "1"
    divides: bool = False
    qualifier: str = ""

    def print(self, *, inverse: bool) -> str:
        """The factor as math; `inverse` gives a divisor a negative power."""
        power = self.power
        if inverse:
            power = power[1:] if power[0] == "-" else "-" + power
        if power == "1":
            return self.symbol + self.qualifier
        symbol = self.symbol
        if symbol in ANGLES:
            return f"{symbol[:-1]} {power}}}{self.qualifier}"  # two superscripts in one: of seconds of arc, squared
        if any(sign in symbol for sign in ("^", "/", "\\,")):
            symbol = f"({symbol})"  # a unit declared as text: `km/s`
        raised = f"^{{{power}}}"
        return symbol + (raised + self.qualifier if self.qualifier[:1] == "_" else self.qualifier + raised)


def unit_math(tex: Stomach, tokens: list[str], options: Options, *, behind_number: bool = False) -> str:
    """`\\kilo\\metre\\per\\second` as `km\\,s^{-1}`, `kg/m^3` as it stands: for inside of `\\mathrm`.

    Args:
        behind_number: `\\per\\second` under `per-mode = symbol` has a number to divide: `/s`, alone it is `1/s`.
    """
    tokens = [t for t in tex.expand_all(tokens) if t != "$"]
    if options.get("parse-units") == "false" or not _is_symbolic(tex, tokens):
        return _literal(tex, tokens, options)
    reader = _Reader(tex, options)
    reader.read(tokens)
    return _joined(reader.units, options, behind_number=behind_number).strip()


def _is_symbolic(tex: Stomach, tokens: list[str]) -> bool:
    """Whether a unit is made of macros only."""
    argument = False
    for tok, depth in with_depth(tokens):
        if tok in ("{", "}", SPACE) or not tok.strip():
            continue
        if depth == 0 or not argument:
            if tok[0] != "\\":
                if argument and depth == 0:
                    argument = False
                    continue  # \\tothe4
                return False
            if tok in _SPACES or tok in _FORMATS or _SYMBOLS.fullmatch(tok[1:]) or not tok[1:].isalpha():
                return False
            argument = tok in ("\\of", "\\tothe", "\\raiseto", "\\highlight")
    return True


class _Reader:
    """The factors of a unit written in macros."""

    def __init__(self, tex: Stomach, options: Options) -> None:
        self.tex = tex
        self.sticky = is_true(options, "sticky-per")
        self.qualifier_of = _QUALIFIERS.get(options.get("qualifier-mode", ""), "_{{{}}}")
        self.phrase = options.get("qualifier-phrase", "")
        self.units: list[Unit] = []
        self.prefix, self.power, self.per = "", "1", False

    def read(self, tokens: list[str], depth: int = 0) -> None:
        """Read macros; those that the paper declared stand for theirs."""
        i = 0
        while i < len(tokens) and len(self.units) < _MAX_ATOMS:
            name, i = tokens[i][1:], i + 1
            if not name:
                continue
            declared = self.tex.si_units.get(name)
            if declared is not None and depth < 5:
                if _is_symbolic(self.tex, declared):
                    self.read(declared, depth + 1)
                else:
                    self._put(_literal(self.tex, self.tex.expand_all(declared), {}))
            elif name == "per":
                self.per = True
            elif name in PREFIXES or name in self.tex.si_prefixes:
                self.prefix += self.tex.si_prefixes.get(name) or PREFIXES.get(name, "")
            elif name in _BEFORE:
                self.power = _BEFORE[name]
            elif name in _BEHIND:
                self._raise(_BEHIND[name])
            elif name in ("tothe", "raiseto", "of", "highlight"):
                argument, i = _argument(tokens, i)
                self._with_argument(name, argument)
            elif name != "cancel":
                self._put(UNITS.get(name, name))

    def _with_argument(self, name: str, argument: list[str]) -> None:
        text = self.tex.plain_text(argument)
        if name == "tothe":
            self._raise(text)
        elif name == "raiseto":
            self.power = text
        elif name == "of" and self.units:
            self.units[-1].qualifier += self.qualifier_of.format(text, phrase=self.phrase.replace(" ", "~") or "~")

    def _raise(self, power: str) -> None:
        if self.units and power:
            self.units[-1].power = power

    def _put(self, symbol: str) -> None:
        self.units.append(Unit(self.prefix + symbol, self.power or "1", self.per))
        self.prefix, self.power, self.per = "", "1", self.per and self.sticky


_QUALIFIERS = {
    "bracket": "({})",
    "brackets": "({})",
    "combine": "{}",
    "text": "{}",
    "space": "~{}",
    "phrase": "{phrase}{}",
}


def _argument(tokens: list[str], i: int) -> tuple[list[str], int]:
    while i < len(tokens) and tokens[i] == SPACE:
        i += 1
    if i >= len(tokens):
        return [], i
    if tokens[i] != "{":
        return [tokens[i]], i + 1
    for j, (tok, depth) in enumerate(with_depth(tokens[i:]), i):
        if tok == "}" and depth == 1:
            return tokens[i + 1 : j], j + 1
    return tokens[i + 1 :], len(tokens)


def _joined(units: list[Unit], options: Options, *, behind_number: bool) -> str:
    product = sign(options.get("inter-unit-product", "")) or "\\,"
    product = product if product == "\\," else f" {product} "
    mode = options.get("per-mode", "power")
    above, below = [u for u in units if not u.divides], [u for u in units if u.divides]
    if mode == "single-symbol":
        mode = "symbol" if len(below) == 1 and above else "power"
    if not below or mode not in ("symbol", "fraction", "repeated-symbol", "symbol-or-fraction", "slash"):
        if "positive-first" in mode:
            units = above + below
        return product.join(u.print(inverse=u.divides) for u in units)
    top = product.join(u.print(inverse=False) for u in above)
    bottom = [u.print(inverse=False) for u in below]
    if mode == "fraction":
        return f"\\frac{{{top or '1'}}}{{{product.join(bottom)}}}"
    slash = _slash(options)
    if not top and not behind_number:
        top = "1"
    if mode == "repeated-symbol" or len(bottom) == 1:
        return top + "".join(slash + b for b in bottom)
    if is_true(options, "bracket-unit-denominator", "true"):
        return f"{top}{slash}({product.join(bottom)})"
    return f"{top}{slash}{product.join(bottom)}"


def _slash(options: Options) -> str:
    return options.get("per-symbol", "/").replace("\\text", "").strip("{} ").replace("~", "\\,") or "/"


def _literal(tex: Stomach, tokens: list[str], options: Options) -> str:
    """Text with unit macros in it, as it stands: `.` and `~` part the factors, `\\per` is a slash."""
    product = sign(options.get("inter-unit-product", "")) or "\\,"
    out: list[str] = []
    power = ""
    i = 0
    while i < len(tokens):
        tok, i = tokens[i], i + 1
        name = tok[1:] if tok[0] == "\\" else ""
        pieces: list[str] = []
        if tok in _SPACES or not tok.strip():
            out.append(product)
        elif tok in _FORMATS or name in ("cancel", "highlight"):
            if i < len(tokens) and tokens[i] == "{" and out[-1:] not in (["^"], ["_"]):
                inner, i = _argument(tokens, i)
                tokens = [*tokens[:i], *inner, *tokens[i:]]
        elif name in ("textsuperscript", "tothe"):
            out.append("^")
        elif name in ("textsubscript", "of"):
            out.append("_")
        elif name in ("textmu", "micron"):
            pieces = ["\\mu ", "m"] if name == "micron" else ["\\mu "]
        elif name == "per":
            out.append(_slash(options))
        elif name in _BEFORE:
            power = _BEFORE[name]
        elif name in _BEHIND:
            out.append(f"^{{{_BEHIND[name]}}}")
        elif name in tex.si_units and out[-1:] != ["_"]:
            declared = tex.si_units[name]
            pieces = [unit_math(tex, declared, options) if name not in "".join(declared) else name]
        elif name in PREFIXES or name in tex.si_prefixes:
            pieces = [tex.si_prefixes.get(name) or PREFIXES.get(name, "")]
        elif name in UNITS:
            pieces = [UNITS[name]]
        elif name:
            pieces = [tok]
        else:
            pieces = [re.sub(r"\s+|(?<!\d)\.|\.(?!\d)", lambda _: product, tok)]
        out += pieces
        if pieces and power and name not in PREFIXES:
            out.append(f"^{{{power}}}")
            power = ""
    text = math_string([p for p in render(tex, _cut(out)) if p[:1] != "\x02"])
    gap = re.escape(product)
    text = re.sub(rf"(?:\s*{gap}\s*)+", lambda _: product, text)
    text = re.sub(rf"^(?:{gap})+|(?:{gap})+$|(?:{gap})+(?=[/)^])|(?<=[(/])(?:{gap})+", "", text)
    return re.sub(r"([\^_])([0-9A-Za-z])", r"\1{\2}", text).strip()


def _cut(pieces: list[str]) -> list[str]:
    """Pieces as single tokens again, so that `render` reads commands in them."""
    out: list[str] = []
    for piece in pieces:
        out += re.findall(r"\\[A-Za-z]+ ?|\\.|[{}^_]|[^\\{}^_]+", piece, re.DOTALL)
    return [p.rstrip() if p[0] == "\\" and p[-1] == " " and len(p) > 2 else p for p in out]


def prefixes_as_power(tokens: list[str]) -> tuple[list[str], int]:
    """`prefix-mode = extract-exponent`: a unit without its prefixes, and their power of ten."""
    left: list[str] = []
    total, divides = 0, False
    for tok, following in zip(tokens, [*tokens[1:], ""], strict=True):
        ten = _TENS.get(tok[1:]) if (tok, following) != ("\\kilo", "\\gram") else None
        if tok == "\\per":
            divides = True
        if ten is None:
            left.append(tok)
            divides = divides and tok[1:] not in UNITS
        else:
            total += -ten if divides else ten
    return left, total
