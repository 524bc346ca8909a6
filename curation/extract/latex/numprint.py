"""numprint: `\\numprint[km]{1234.5}` as its manual (version 1.39) has it: a decimal comma unless another sign is set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MATH, MATH_END
from curation.extract.latex.lexer import untokenize
from curation.extract.latex.math_commands import m_text_command
from curation.extract.latex.math_marks import MathHandler
from curation.extract.latex.si_numbers import parse_number, print_number, processed
from curation.extract.latex.si_options import Options, change, settings

if TYPE_CHECKING:
    from curation.extract.latex.macros import Macro
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_DEFAULT = {
    "output-decimal-marker": ",", "exponent-product": "\\cdot", "group-minimum-digits": "4", "uncertainty-mode": "separate",
}  # fmt: skip
_ENGLISH = {"output-decimal-marker": ".", "group-separator": ","}
_FRENCH = {"output-decimal-marker": ",", "group-separator": "~"}
_STYLES = {
    **dict.fromkeys(("english", "american", "british", "UKenglish", "USenglish", "canadian", "australian"), _ENGLISH),
    **dict.fromkeys(("french", "francais", "german", "ngerman", "austrian", "naustrian", "dutch", "portuges"), _FRENCH),
}
_SET = {
    "\\npthousandsep": "group-separator", "\\npdecimalsign": "output-decimal-marker", "\\npproductsign": "exponent-product",
    "\\nprounddigits": "round-precision",
}  # fmt: skip
_SWITCHES: dict[str, dict[str, str]] = {
    "\\npfourdigitsep": {"group-minimum-digits": "4"},
    "\\npfourdigitnosep": {"group-minimum-digits": "5"},
    "\\npnoround": {"round-mode": "none"},
    "\\npaddplus": {"print-implicit-plus": "true"},
    "\\npnoaddplus": {"print-implicit-plus": "false"},
    "\\npaddmissingzero": {"print-zero-integer": "true"},
    "\\npnoaddmissingzero": {"print-zero-integer": "false"},
    "\\npstyledefault": {"output-decimal-marker": ",", "group-separator": ""},
    "\\npstyleenglish": _ENGLISH,
    "\\npstylefrench": _FRENCH,
    "\\npstylegerman": _FRENCH,
}
# name: arguments that print nothing
_SILENT = {
    "\\npthousandthpartsep": 1, "\\npunitseparator": 1, "\\npdegreeseparator": 1, "\\npcelsiusseparator": 1, "\\nppercentseparator": 1,
    "\\nproundexpdigits": 1, "\\npnoroundexp": 0, "\\npaddplusexp": 0, "\\npnoaddplusexp": 0, "\\nplpadding": 1, "\\npnolpadding": 0,
    "\\npreplacenull": 1, "\\npprintnull": 0, "\\npboldmath": 0, "\\npdigits": 2, "\\npexponentdigits": 1, "\\npnoexponentdigits": 0,
    "\\npunitcommand": 0, "\\selectnumprintlanguage": 1,
}  # fmt: skip


def numprint_options(tex: Stomach) -> Options:
    """The signs in force."""
    options: dict[str, str] = dict(_DEFAULT)
    if "autolanguage" in tex.packages.get("numprint", ""):
        language = (tex.packages.get("babel", "") or "").split(",")[-1].strip()
        options |= _STYLES.get(language, {})
    return {**options, **settings(tex, "numprint")}


def printed(text: str, options: Options) -> str:
    """A number as math; what is no number stays as it is, as numprint has it."""
    number = parse_number(text)
    return print_number(processed(number, options), options) if number and number.error is None else text.strip()


def numprint(tex: Stomach, name: str) -> None:
    """`\\numprint[km/h]{120.5}`, `\\np{..}` with the option `np`."""
    if name == "\\np" and not re.search(r"\bnp\b", tex.packages.get("numprint", "")):
        tex.unknown(name)
        return
    unit = tex.read_optional()
    tokens = tex.read_arg()
    text = untokenize(tex.expand_all(tokens) if any(t[0] == "\\" for t in tokens) else tokens)
    number = printed(text, numprint_options(tex))
    if unit:
        formula = tex.inline(["$", "\\mathrm", "{", *(t for t in unit if t != "$"), "}", "$"])
        number += "\\," + formula.replace(MATH, "").replace(MATH_END, "")
    tex.parts.append(MATH + number + MATH_END)


def set_sign(tex: Stomach, name: str) -> None:
    """`\\npdecimalsign{.}`, `\\npthousandsep{,}`, `\\nprounddigits{2}`."""
    value = "".join(tex.read_arg()).strip()
    values = {_SET[name]: value}
    if name == "\\nprounddigits":
        values["round-mode"] = "places"
    change(tex, "numprint", values)


def switch(tex: Stomach, name: str) -> None:
    """`\\npfourdigitnosep`, `\\npstyleenglish`."""
    change(tex, "numprint", _SWITCHES[name])


def silent_setting(tex: Stomach, name: str) -> None:
    """Settings that move digits about."""
    tex.read_optional_here()
    for _ in range(_SILENT[name]):
        tex.read_arg()


NUMPRINT: dict[str, Handler] = {
    "\\numprint": numprint,
    "\\np": numprint,
    **dict.fromkeys(_SET, set_sign),
    **dict.fromkeys(_SWITCHES, switch),
    **dict.fromkeys(_SILENT, silent_setting),
}
NUMPRINT_MATH: dict[str, MathHandler | Macro] = {"\\numprint": m_text_command}
