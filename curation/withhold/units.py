"""Units as texts write them: by name, by symbol, in TeX, as powers and quotients; each becomes a factor to SI and its dimensions.

What a unit is worth is astropy's (`astropy.units`); what it is called in prose is here. A text that is no unit of this list has none:
astropy alone would read `a` as a year and `in` as an inch.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import astropy.units as au

_PREFIXES = {
    "femto": "f", "pico": "p", "nano": "n", "micro": "u", "milli": "m", "centi": "c", "deci": "d", "": "", "hecto": "h",
    "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P",
}  # fmt: skip
_PREFIXED = {
    "meter": "m", "metre": "m", "gram": "g", "second": "s", "ampere": "A", "amp": "A", "kelvin": "K", "mole": "mol", "hertz": "Hz",
    "newton": "N", "pascal": "Pa", "joule": "J", "watt": "W", "coulomb": "C", "volt": "V", "farad": "F", "ohm": "Ohm", "weber": "Wb",
    "tesla": "T", "henry": "H", "electronvolt": "eV", "electron-volt": "eV", "parsec": "pc", "year": "yr", "jansky": "Jy",
    "liter": "L", "litre": "L", "gauss": "G", "radian": "rad", "arcsecond": "arcsec",
}  # fmt: skip
_NAMED = {
    "minute": "min", "hour": "h", "day": "d", "week": "wk", "angstrom": "Angstrom", "ångström": "Angstrom", "ångstrom": "Angstrom",
    "micron": "um", "degree": "deg", "arcminute": "arcmin", "arcsec": "arcsec", "arcmin": "arcmin", "steradian": "sr", "erg": "erg", "bar": "bar", "millibar": "mbar",
    "dyne": "dyn", "light-year": "lyr", "lightyear": "lyr", "light-day": "0.0027379070069885 lyr", "astronomical-unit": "AU", "magnitude": "mag", "percent": "%",
    "solar-mass": "solMass", "solar-radius": "solRad", "solar-radii": "solRad", "solar-luminosity": "solLum",
    "solar-luminositie": "solLum", "earth-mass": "earthMass", "earth-radius": "earthRad", "earth-radii": "earthRad",
    "jupiter-mass": "jupiterMass", "jupiter-radius": "jupiterRad", "jupiter-radii": "jupiterRad", "tonne": "t", "pixel": "pix",
    "celsius": "degC", "degree-celsius": "degC", "per-cent": "%",
    "degrees-c": "degC", "degree-c": "degC", "degrees-celsius": "degC", "atmosphere": "101325 Pa", "mile": "1609.344 m", "foot": "0.3048 m", "feet": "0.3048 m", "dex": "dex",
    "revolution": "", "rotation": "", "turn": "", "cycle": "", "decibel": "dB", "calorie": "4.184 J", "kilocalorie": "4184 J", "inches": "0.0254 m", "inch": "0.0254 m",
    "pound": "0.45359237 kg", "becquerel": "Bq", "horsepower": "745.7 W", "diopter": "1 / m", "dioptre": "1 / m",
}  # fmt: skip
_SYMBOLS = {
    "min": "min", "hr": "h", "h": "h", "d": "d", "Å": "Angstrom", "AA": "Angstrom", "°": "deg", "deg": "deg", "mas": "mas",
    "μas": "uas", "uas": "uas", "″": "arcsec", "′": "arcmin", "''": "arcsec", "sr": "sr", "dyn": "dyn", "ly": "lyr", "lyr": "lyr",
    "au": "AU", "AU": "AU", "mag": "mag", "mags": "mag", "%": "%", "t": "t", "pix": "pix", "px": "pix", "°C": "degC", "atm": "101325 Pa",
    "amu": "u", "Da": "u", "sec": "s", "secs": "s", "kph": "km / h", "dex": "dex", "dB": "dB", "rev": "", "revs": "", "rpm": "1 / min", "mph": "1609.344 m / h", "kWh": "3.6e6 J", "kWhr": "3.6e6 J",
    "Wh": "3600 J", "cal": "4.184 J", "kcal": "4184 J", "Bq": "Bq", "Ω": "Ohm", "kΩ": "kOhm",
    "cc": "cm3", "M☉": "solMass", "R☉": "solRad", "L☉": "solLum", "Msun": "solMass", "Rsun": "solRad", "Lsun": "solLum",
    "MSun": "solMass", "RSun": "solRad", "LSun": "solLum", "Msol": "solMass", "Rsol": "solRad", "Lsol": "solLum", "M⊕": "earthMass",
    "R⊕": "earthRad", "MJ": "jupiterMass", "RJ": "jupiterRad", "MJup": "jupiterMass", "RJup": "jupiterRad", "Mjup": "jupiterMass",
    "Mearth": "earthMass", "Rearth": "earthRad",
}  # fmt: skip
"""Written as they stand; `_` and braces are gone."""
_END = re.compile(r"\n\s*\n|(?<!\\)[.,;]\s")
"""Behind it stands no more of a unit."""
_OWN = ("mag", "dex", "pix", "dB")
"""Dimensions of their own: logarithms and counts."""
_MAX_POWER = 9
_MAX_TEXT = 100
"""Characters behind a number in which its unit stands."""
_TEX = (
    (re.compile(r"\\mu(?![A-Za-z])\s*(?:\\(?:mathrm|text|rm)(?![A-Za-z])\s*)?\{?\s*"), "μ"),
    (re.compile(r"\\(?:mathrm|mathit|mathsf|text[a-z]{0,2}|mbox|hbox|rm|thinspace|left|right|unit|si|ensuremath)(?![A-Za-z])"), " "),
    (re.compile(r"\\[,;:! ]|[~\n\r\t\u00a0\u2009\u202f]"), " "),
    (re.compile(r"\\cdot(?![A-Za-z])|[·⋅*](?=\s*[A-Za-zÅμ\\])|\.(?=[A-Za-zÅμ\\])"), " "),
    (re.compile(r"(?:\\odot|\\sun)(?![A-Za-z])|[⊙\u2609]"), "☉"),
    (re.compile(r"(?:\\oplus|\\earth)(?![A-Za-z])"), "⊕"),
    (re.compile(r"\\Msun(?![A-Za-z])|\\solarmass(?![A-Za-z])"), " M☉"),
    (re.compile(r"\u00b5|\\textmu(?![A-Za-z])\s*"), "μ"),
    (re.compile(r"\\(?:AA|angstrom|r\s*A)(?![A-Za-z])|\u212b"), " Å"),
    (re.compile(r"\\Omega(?![A-Za-z])|\u2126"), "Ω"),
    (re.compile(r"\^?\s*\{?\s*\\(?:circ|degree|degr|textdegree)(?![A-Za-z])\s*\}?|\\deg(?![A-Za-z])"), "°"),
    (re.compile(r"\^?\s*\{?\s*\\prime\s*\\prime\s*\}?|\\(?:arcsec|farcs)(?![A-Za-z])"), "″"),
    (re.compile(r"\^?\s*\{?\s*\\prime(?![A-Za-z])\s*\}?|\\(?:arcmin|farcm)(?![A-Za-z])"), "′"),
    (re.compile(r"\\per(?![A-Za-z])"), " per "),
    (re.compile(r"\\squared(?![A-Za-z])"), "^2"),
    (re.compile(r"\\cubed(?![A-Za-z])"), "^3"),
    (re.compile(r"\\(kilo|mega|giga|tera|milli|micro|nano|pico|centi)\s*\\"), r"\\\1"),
    (re.compile(r"[{}$_]|\\(?=[%A-Za-z])"), " _"),
)  # fmt: skip
"""What TeX writes around units, and what becomes of it; braces become ` _`, which `_closed` takes out where it stands inside of one."""
_WORDS = (
    r"(?i:(?:solar|earth|jupiter)[ -](?:mass|radi|luminosit)[a-z]+|light[ -](?:year|day|hour)s?|astronomical[ -]units?|"
    r"electron[ -]volts?|degrees?[ -](?:celsius|c)\b|per[ -]?cent)"
)
_FACTOR = re.compile(
    r"(?P<gap>[ ]*)(?P<per>/|per\b(?![ ]cent)|(?:(?:in|for)[ ])?(?:each|every)\b(?=[ ][a-z]{3})|an?\b(?=[ ][a-z]{3}))?"
    r"[ ]*(?P<open>\()?[ ]*(?P<of>(?:square|cubic)[ ])?"
    rf"(?P<unit>{_WORDS}|[A-Za-z]+[☉⊕]|°C|''|[μA-Za-zåöÅΩ]+|[°″′%])"
    r"(?P<power>[ ]?\^[ ]*[-\u2212\u2013+]?[ ]*[0-9]+|\*\*[-\u2212]?[0-9]+|[-\u2212\u2013]?[0-9](?![0-9.])|[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[ ](?:squared|cubed)\b)?"
    r"(?:[ ]*(?P<close>\)))?"
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−–", "0123456789---")
_LETTERS = string.ascii_letters
_POWERS = {"squared": 2, "cubed": 3, "square": 2, "cubic": 3}


@dataclass(frozen=True)
class Unit:
    """A unit: factor to SI, what is added after it (degrees Celsius), and the dimensions, such as `m s-1`; empty: none."""

    factor: float
    dimensions: str
    shift: float = 0.0

    def powers(self) -> list[tuple[str, int]]:
        """Each base with its power."""
        return [(part.rstrip("-0123456789"), int(part.lstrip(_LETTERS))) for part in self.dimensions.split()]


NONE = Unit(1.0, "")
PERCENT = 0.01
"""The factor of a number of parts in a hundred."""


def unit_behind(text: str, end: int) -> Unit:
    """The unit that stands behind a number that ends at `end`; `NONE` where there is none."""
    return _unit(text[end : end + _MAX_TEXT])


@lru_cache(maxsize=1 << 14)
def _unit(text: str) -> Unit:
    text = _plain(text)
    factor, shift = 1.0, 0.0
    powers: dict[str, float] = {}
    inside = False
    for at, (atom, power, is_below, opens, closes) in enumerate(_factors(text)):
        sign = -1 if is_below or inside else 1
        if at == 0 and atom == "degC" and power == 1:
            shift = 273.15
        scale, bases = _worth("K" if atom == "degC" else atom)
        factor *= scale ** (sign * power)
        for base, exponent in bases:
            powers[base] = powers.get(base, 0) + sign * power * exponent
        inside = (inside or (opens and is_below)) and not closes
    dimensions = " ".join(f"{base}{power:g}" for base, power in sorted(powers.items()) if power)
    return Unit(factor, dimensions, shift) if 0 < factor < math.inf else NONE


def _plain(text: str) -> str:
    """A stretch of text without what TeX writes around units."""
    text = _END.split(text, maxsplit=1)[0]
    for pattern, becomes in _TEX:
        text = pattern.sub(becomes, text)
    text = re.sub(r"\^(?: _| )+", "^", text)
    text = re.sub(r"(?:(?<=[^A-Za-z])|^)([MRL])(?: _| )+(?=[☉⊕]|[Ss]un\b|Jup\b|J\b|jup\b)", r"\1", text)
    text = re.sub(r"(?: _)+ *(?=\^)|(?<=°)(?: _)+(?=C\b)", "", text)
    text = re.sub(r"(?<=μ)(?: _)+(?=[A-Za-z])", "", text)
    text = re.sub(r"(?: _)+", " ", text)
    return re.sub(r"^[ ]*[-\u2010\u2011](?=[A-Za-z])", " ", text)


def _factors(text: str) -> Iterator[tuple[str, int, bool, bool, bool]]:
    """Name for astropy, power, whether it stands below a line, and brackets around, of each factor; as long as they are units."""
    at = 0
    while found := _FACTOR.match(text, at):
        is_below = found["per"] is not None
        if at and not is_below and not found["gap"] and not found["open"]:
            return
        if not at and found["per"] not in (None, "/", "per"):  # of `5 m each second`, not of `5 a year`
            return
        atom = _atom(found["unit"])
        if atom is None or (found["open"] and not is_below):
            return
        power = _power(found["power"])
        if found["of"]:
            power *= _POWERS[found["of"].strip()]
        if abs(power) > _MAX_POWER:
            return
        yield atom, power, is_below, found["open"] is not None, found["close"] is not None
        at = found.end()


def _power(text: str | None) -> int:
    if not text:
        return 1
    text = text.strip()
    if text in _POWERS:
        return _POWERS[text]
    return int(text.translate(_SUPERSCRIPTS).replace(" ", "").lstrip("^*"))


@lru_cache(maxsize=4096)
def _atom(word: str) -> str | None:
    """A unit by astropy's name; None: no unit of ours."""
    symbols, names = _tables()
    if word in symbols:
        return symbols[word]
    name = word.lower().replace(" ", "-")
    for form in (name, name.removesuffix("s"), name.removesuffix("es")):
        if len(form) > 2 and form in names:
            return names[form]
    return None


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Symbols, as they stand, and names in small letters: both to astropy's name."""
    symbols: dict[str, str] = {}
    for short in _PREFIXES.values():
        for unit in set(_PREFIXED.values()) - {"arcsec", "Ohm"}:
            symbols[short + unit] = short + unit
            if short == "u":
                symbols["μ" + unit] = short + unit
    for word in ("as", "hm", "hg", "hs", "hL", "dg", "ds", "Ps", "PT"):
        symbols.pop(word, None)
    symbols |= {"erg": "erg", "bar": "bar", "mbar": "mbar", **_SYMBOLS}
    names = {long + name: short + unit for long, short in _PREFIXES.items() for name, unit in _PREFIXED.items()}
    return symbols, {**names, **_NAMED}


@lru_cache(maxsize=1)
def unit_words() -> frozenset[str]:
    """Words of which names of units are made, in the singular."""
    return frozenset(word for name in _tables()[1] for word in name.split("-"))


@lru_cache(maxsize=1024)
def _worth(name: str) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Factor to SI, and bases with their powers, of a unit by astropy's name."""
    if name in _OWN:
        return 1.0, ((name, 1.0),)
    made = au.Unit(name).decompose()
    return float(made.scale), tuple(
        (base.to_string(), float(power)) for base, power in zip(made.bases, made.powers, strict=True)
    )
