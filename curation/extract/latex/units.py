"""Numbers with units in text and math: siunitx 2 and 3, sistyle, SIunits and units.

What is printed is what TeX prints: options, also those of `\\sisetup` and of the package, choose between `1.2(3)` and `1.2 ± 0.3`,
`m s^{-1}` and `m/s`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.blocks import MATH, MATH_END
from curation.extract.latex.chemistry import ce, m_ce
from curation.extract.latex.lexer import tokenize, untokenize
from curation.extract.latex.math_commands import m_text_command
from curation.extract.latex.math_marks import MathHandler
from curation.extract.latex.numprint import NUMPRINT, NUMPRINT_MATH
from curation.extract.latex.physics import quantity as bracket_quantity
from curation.extract.latex.si_numbers import is_separate, number_math, parse_number, print_number, processed
from curation.extract.latex.si_options import Options, change, is_true, parse_options, settings, sign
from curation.extract.latex.si_units import ANGLES, prefixes_as_power, unit_math
from curation.extract.latex.undefined import BARE_UNITS

if TYPE_CHECKING:
    from curation.extract.latex.macros import Macro
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

_MAX_ITEMS = 500


def _source(tex: Stomach) -> str:
    """An argument as text, the paper's own macros in it expanded."""
    tokens = tex.read_arg()
    if any(t[0] == "\\" for t in tokens):
        tokens = tex.expand_all(tokens)
    return untokenize(tokens).strip()


def _math(text: str) -> str:
    return MATH + text + MATH_END if text else ""


def _words(tex: Stomach, options: Options, key: str, default: str) -> str:
    """What is printed between the numbers of a list or range."""
    value = options.get(key)
    if value is None:
        return default
    text = tex.inline(tokenize(value))
    return (" " if value[:1] in " ~" else "") + text.strip() + (" " if value[-1:] in " ~" else "")


def _with_unit(value: str, unit: str, options: Options) -> str:
    """A number with its unit as one formula."""
    if not unit:
        return value
    roman = unit if unit in ANGLES or unit == "\\%" else f"\\mathrm{{{unit}}}"
    if not value:
        return roman
    if unit.startswith("/"):
        return f"{value}/\\mathrm{{{unit[1:]}}}"
    product = options.get("quantity-product")
    if product is None:
        gap = "" if unit in ANGLES or unit == "\\%" else "\\,"
    elif not product:
        gap = ""
    else:
        printed = sign(product).replace("\\text", "").replace("\\mbox", "")
        gap = f"\\text{{{printed}}}" if printed else "\\,"
    return value + gap + roman


def _quantity(tex: Stomach, text: str, unit: list[str] | None, options: Options, *, alone: bool = True) -> str:
    """A number with its unit, or without, as math.

    Args:
        alone: it is no part of a list or range, which has the unit once.
    """
    if unit is None:
        return number_math(text, options)
    number = parse_number(text) if options.get("parse-numbers") != "false" else None
    if number is not None and options.get("prefix-mode") == "extract-exponent":
        unit, tens = prefixes_as_power(tex.expand_all(unit))
        if tens:
            text = re.sub(r"[eEdD].*", "", text) + f"e{tens + (number.exponent or 0)}"
            number = parse_number(text)
    printed = unit_math(tex, unit, options, behind_number=bool(text))
    if number is None or not is_separate(number, options) or number.exponent is not None or not printed or not alone:
        return _with_unit(number_math(text, options), printed, options)
    number = processed(number, options)
    mode = options.get("separate-uncertainty-units", "bracket")
    value = print_number(number, options)
    if mode.startswith("repeat"):
        return " \\pm ".join(_with_unit(piece, printed, options) for piece in value.split(" \\pm ", 1))
    if mode.startswith("bracket") and is_true(options, "bracket-ambiguous-numbers", "true"):
        value = f"({value})"
    return _with_unit(value, printed, options)


def _several(
    tex: Stomach, values: list[str], unit: list[str] | None, between: list[str], kind: str, options: Options
) -> str:
    """The numbers of a list, range or product with what stands between them; the unit at each, at the last, or behind brackets."""
    mode = options.get(f"{kind}-units", "repeat")
    combined = ""
    if options.get(f"{kind}-exponents", "").startswith("combine"):
        exponents = {n.exponent for n in map(parse_number, values) if n}
        if len(exponents) == 1 and (power := exponents.pop()):
            values = [re.sub(r"[eEdD].*", "", v) for v in values]
            combined = number_math(f"e{power}", options)
    at_each = unit if unit is not None and mode == "repeat" else None
    pieces = [_quantity(tex, v, at_each, options) for v in values]
    head, tail = ("(", ")") if mode.startswith("bracket") and unit is not None and len(values) > 1 else ("", "")
    if combined:
        tail += f" {sign(options.get('exponent-product', chr(92) + 'times'))} {combined}"
    printed = unit_math(tex, unit, options, behind_number=True) if unit is not None and at_each is None else ""
    if mode.endswith("power") and printed and len(values) > 1:
        printed += f"^{{{len(values)}}}"
    pieces[0] = head + pieces[0]
    pieces[-1] = _with_unit(pieces[-1] + tail, printed, options)
    out = _math(pieces[0])
    for words, piece in zip(between, pieces[1:], strict=True):
        out += words + _math(piece)
    return out


def _list(tex: Stomach, unit: bool, options: Options) -> str:
    values = [v.strip() for v in _source(tex).split(";")][:_MAX_ITEMS]
    dimension = tex.read_arg() if unit else None
    final = _words(tex, options, "list-final-separator", " and ")
    pair = _words(tex, options, "list-pair-separator", " and ")
    comma = _words(tex, options, "list-separator", ", ")
    between = [pair] if len(values) == 2 else [*[comma] * (len(values) - 2), final][: len(values) - 1]
    return _several(tex, values, dimension, between, "list", options)


def _range(tex: Stomach, unit: bool, options: Options) -> str:
    values = [_source(tex), _source(tex)]
    dimension = tex.read_arg() if unit else None
    return _several(tex, values, dimension, [_words(tex, options, "range-phrase", " to ")], "range", options)


def _product(tex: Stomach, unit: bool, options: Options) -> str:
    values = [v.strip() for v in re.split(r"x|\\times", _source(tex))][:_MAX_ITEMS]
    dimension = tex.read_arg() if unit else None
    out = _several(tex, values, dimension, ["\x00"] * (len(values) - 1), "product", options)
    times = sign(options.get("product-symbol", "\\times"))
    return out.replace(f"{MATH_END}\x00{MATH}", f" {times} ")


def _angle(text: str, options: Options) -> str:
    """`\\ang{1;2;3}`; a sign before zero degrees stays, which TeX loses."""
    given = [p.strip() for p in text.split(";")][:3]
    mode = options.get("angle-mode", "input")
    numbers = [parse_number(p) for p in given]
    if mode in ("decimal", "arc") and all(numbers) and all(n is None or n.error is None for n in numbers):
        seconds = sum(float(n.value()) * f for n, f in zip(numbers, (3600, 60, 1), strict=False) if n)
        if mode == "decimal" and len(given) > 1:
            given = [f"{numbers[0].sign if numbers[0] else ''}{seconds / 3600:.10g}"]
        elif mode == "arc" and len(given) == 1:
            left = round(seconds, 6)
            given = [
                f"{numbers[0].sign if numbers[0] else ''}{int(left // 3600)}",
                str(int(left % 3600 // 60)),
                f"{left % 60:.6g}",
            ]
    if is_true(options, "fill-angle-degrees") and not given[0]:
        given[0] = "0"
    gap = sign(options.get("number-angle-product", "")) or ("\\," if options.get("number-angle-product") else "")
    marks = ("^{\\circ}", "^{\\prime}", "^{\\prime\\prime}")
    return " ".join(number_math(p, options) + gap + m for p, m in zip(given, marks, strict=False) if p)


def _printed(tex: Stomach, name: str) -> str:
    command = name[1:]
    tex.read_star()
    options: Options = {**settings(tex, "siunitx"), **parse_options(tex.read_optional() or [])}
    if command in ("num", "tablenum", "complexnum"):
        return _math(number_math(_source(tex), options))
    if command in ("si", "unit"):
        return _math(_with_unit("", unit_math(tex, tex.read_arg(), options), options))
    if command in ("SI", "qty", "complexqty"):
        text = _source(tex)
        before = tex.read_optional() if command == "SI" else None
        value = _quantity(tex, text, tex.read_arg(), options)
        if command == "complexqty" and parse_number(text) is None:
            number = number_math(text, options)
            value = value.replace(number, f"({number})", 1)
        return (tex.inline(before) if before else "") + _math(value)
    if command == "ang":
        return _math(_angle(_source(tex), options))
    has_unit = not command.startswith("num")
    kind = _list if command.endswith("list") else _range if command.endswith("range") else _product
    return kind(tex, has_unit, options)


def _is_bracket(tex: Stomach, name: str) -> bool:
    """Whether `\\qty` is that of physics: a bracket that grows."""
    if name != "\\qty":
        return False
    return tex.skip_spaces()[0] in "(|" or ("physics" in tex.packages and "siunitx" not in tex.packages)


def quantity(tex: Stomach, name: str) -> None:
    """`\\SI{12}{\\kilo\\metre}`, `\\num{1e5}`, `\\ang{3;4;5}`."""
    if not _is_bracket(tex, name):
        tex.parts.append(_printed(tex, name))


def m_quantity(tex: Stomach, name: str, out: list[str]) -> None:
    """The same inside math; `\\qty(..)` is physics' bracket."""
    if _is_bracket(tex, name):
        bracket_quantity(tex, name)
    else:
        m_text_command(tex, name, out)


def sisetup(tex: Stomach, name: str) -> None:
    """`\\sisetup{per-mode = symbol}`."""
    change(tex, "siunitx", parse_options(tex.read_arg()))


def declare_unit(tex: Stomach, name: str) -> None:
    """`\\DeclareSIUnit\\parsec{pc}`, of SIunits `\\addunit{\\parsec}{pc}`."""
    tex.read_optional()
    unit = _command(tex)
    tex.read_optional()
    body = tex.read_arg()
    if unit[:1] == "\\" and unit not in body:
        tex.si_units[unit[1:]] = body


def declare_prefix(tex: Stomach, name: str) -> None:
    """`\\DeclareSIPrefix\\kibo{Kb}{3}`, `\\DeclareBinaryPrefix`, `\\DeclareSIQualifier\\polymer{pol}`."""
    unit = _command(tex)
    body = tex.read_arg()
    if name != "\\DeclareSIQualifier":
        tex.read_arg()
        tex.si_prefixes[unit[1:]] = untokenize(body)
    elif unit[:1] == "\\":
        tex.si_units[unit[1:]] = ["\\of", "{", *body, "}"]


def declare_power(tex: Stomach, name: str) -> None:
    """`\\DeclareSIPower\\quartic\\tothefourth{4}`."""
    before, behind = _command(tex), _command(tex)
    power = tex.read_arg()
    tex.si_units[before[1:]] = ["\\raiseto", "{", *power, "}"]
    tex.si_units[behind[1:]] = ["\\tothe", "{", *power, "}"]


def _command(tex: Stomach) -> str:
    if tex.skip_spaces() == "{":
        return next((t for t in tex.read_arg() if t[0] == "\\"), "\\\x00")
    tok = tex.next()
    return tok if tok[0] == "\\" else "\\\x00"


def unit(tex: Stomach, name: str) -> None:
    """`\\unit[3]{km}` (units), `\\unit{3}{\\kilo\\metre}` (SIunits), siunitx 3's `\\unit[options]{..}`."""
    if "SIunits" in tex.packages and "siunitx" not in tex.packages:
        value = _source(tex)
        options = {"per-mode": "repeated-symbol", "quantity-product": "\\,"}
        printed = unit_math(tex, _of_siunits(tex.read_arg()), options, behind_number=True)
        tex.parts.append(_math(_with_unit(value, printed, options)))
        return
    given = tex.read_optional()
    if given is None or not _is_value(tex, given):
        if given is not None:
            tex.push(["[", *given, "]"])
        if "units" in tex.packages and "siunitx" not in tex.packages:
            tex.parts.append(_roman(tex, tex.read_arg()))
        else:
            tex.parts.append(_printed(tex, "\\unit"))
        return
    tex.parts.append(tex.inline(given) + " " + _roman(tex, tex.read_arg()))


def _is_value(tex: Stomach, given: list[str]) -> bool:
    text = untokenize(given)
    if "siunitx" in tex.packages and "units" not in tex.packages:
        return re.match(r"\s*(?:\\pm|[-+$]|\\approx|\\sim|<|>)*\s*[\d.]", text) is not None and "=" not in text
    return "-mode" not in text


def _roman(tex: Stomach, tokens: list[str]) -> str:
    """A unit of the package units in text: roman, its powers in dollars or, against its rules, without."""
    if any(t in ("^", "_") for t in tokens):
        return tex.inline(["$", *_math_roman(tokens), "$"])
    return tex.inline(tokens)


def _math_roman(tokens: list[str]) -> list[str]:
    return ["\\mathrm", "{", *(t for t in tokens if t != "$"), "}"]


def m_unit(tex: Stomach, name: str, out: list[str]) -> None:
    """`\\unit[3]{km}` and `\\unitfrac[3]{km}{s}` inside math, siunitx's and SIunits' `\\unit`."""
    if name == "\\unit" and "SIunits" in tex.packages:
        m_text_command(tex, name, out)
        return
    given = tex.read_optional()
    if name == "\\unit" and not ("units" in tex.packages or (given and _is_value(tex, given))):
        if given is not None:
            tex.push(["[", *given, "]"])
        m_text_command(tex, name, out)
        return
    value = [*(t for t in given if t != "$"), "\\,"] if given else []
    unit = _math_roman(tex.read_arg())
    if name == "\\unitfrac":
        unit += ["/", *_math_roman(tex.read_arg())]
    tex.push(["{", *value, *unit, "}"])


def unitfrac(tex: Stomach, name: str) -> None:
    """`\\unitfrac[3]{km}{s}`: 3 km/s."""
    value = tex.read_optional()
    above, below = tex.read_arg(), tex.read_arg()
    if value:
        tex.parts.append(tex.inline(value) + " ")
    tex.parts.append(_roman(tex, above) + "/" + _roman(tex, below))


def nicefrac(tex: Stomach, name: str) -> None:
    """`\\nicefrac[\\text]{1}{2}`: 1/2, behind a digit with a blank, or it would be another number."""
    tex.read_optional()
    above, below = tex.read_arg(), tex.read_arg()
    if tex.parts and re.search(rf"\d{MATH_END}?$", tex.parts[-1]):
        tex.parts.append(" ")
    tex.push(["\\ensuremath", "{", *above, "/", *below, "}"])


# SIunits' names of factors; the rest of its units are siunitx's
_OF_SIUNITS = {
    "\\usk": [], "\\per": ["\\per"], "\\squaren": ["\\square"], "\\reciprocal": ["\\raiseto", "{", "-1", "}"],
    "\\rp": ["\\raiseto", "{", "-1", "}"], "\\rpsquare": ["\\raiseto", "{", "-2", "}"], "\\rpsquared": ["\\tothe", "{", "-2", "}"],
    "\\rpcubic": ["\\raiseto", "{", "-3", "}"], "\\rpcubed": ["\\tothe", "{", "-3", "}"], "\\fourth": ["\\raiseto", "{", "4", "}"],
    "\\rpfourth": ["\\raiseto", "{", "-4", "}"], "\\squaremetre": ["\\square", "\\metre"], "\\cubicmetre": ["\\cubic", "\\metre"],
}  # fmt: skip


def _of_siunits(tokens: list[str]) -> list[str]:
    out: list[str] = []
    i = 0
    while i < len(tokens):
        tok, i = tokens[i], i + 1
        if tok == "\\power" and "{" in tokens[i:]:
            close = tokens.index("}", i) if "}" in tokens[i:] else len(tokens)
            out += [*tokens[i + 1 : close], "\\tothe"]
            i = close + 1
        else:
            out += _OF_SIUNITS.get(tok, [tok])
    return out


def m_bare_unit(tex: Stomach, name: str, out: list[str]) -> None:
    """`$5\\,\\GeV$` where nothing defines the name."""
    out.extend([name] if tex.defs.get(name) else ["\\mathrm", "{", BARE_UNITS[name[1:]], "}"])


_NAMES = ("SI", "qty", "num", "si", "SIrange", "qtyrange", "numrange", "SIlist", "qtylist", "numlist", "ang", "qtyproduct", "numproduct",
          "complexnum", "complexqty")  # fmt: skip
UNIT_COMMANDS: dict[str, Handler] = {
    **dict.fromkeys(("\\" + n for n in _NAMES), quantity),
    "\\unit": unit,
    "\\unitfrac": unitfrac,
    **dict.fromkeys(("\\nicefrac", "\\sfrac"), nicefrac),
    "\\sisetup": sisetup,
    **dict.fromkeys(("\\DeclareSIUnit", "\\newunit", "\\addunit", "\\DeclareSIUnitWithOptions"), declare_unit),
    **dict.fromkeys(("\\DeclareSIPrefix", "\\DeclareBinaryPrefix", "\\DeclareSIQualifier"), declare_prefix),
    **dict.fromkeys(("\\DeclareSIPower", "\\DeclareSIPostPower", "\\DeclareSIPrePower"), declare_power),
    "\\ce": ce,
    **NUMPRINT,
}
UNIT_MATH: dict[str, MathHandler | Macro] = {
    **dict.fromkeys(("\\" + n for n in _NAMES), m_quantity),
    **dict.fromkeys(("\\unit", "\\unitfrac"), m_unit),
    "\\ce": m_ce,
    **NUMPRINT_MATH,
    **dict.fromkeys(("\\" + n for n in BARE_UNITS), m_bare_unit),
}
