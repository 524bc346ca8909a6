"""pgf's mathematics in text: `\\pgfmathparse`, `\\pgfmathsetmacro`, `\\pgfmathprintnumber`, and how numbers are printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING

from curation.extract.latex.choices import choose
from curation.extract.latex.counters import read_cs
from curation.extract.latex.evaluations import UNKNOWN, formula_text, not_computable
from curation.extract.latex.formulas import NotComputableError, compute
from curation.extract.latex.lengths import POINT, Glue
from curation.extract.latex.lexer import tokenize, untokenize
from curation.extract.latex.macros import Macro
from curation.extract.latex.pgf_numbers import FUNCTIONS, Pgf, PgfNumber, parsed
from curation.extract.latex.registers import Register, own_counter

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

_RESULT = "\\pgfmathresult"
_DECLARED = "pgf functions"
_FORMAT = "pgf number format"


class _PaperPgf(Pgf):
    """pgf with the functions that the paper declared."""

    def __init__(self, tex: Stomach) -> None:
        super().__init__()
        self.tex = tex

    def call(self, name: str, args: Sequence[PgfNumber]) -> PgfNumber:
        """A function of the paper's own, or of pgf."""
        declared: dict[str, Macro] = self.tex.values.get(_DECLARED, {})
        macro = declared.get(name)
        if macro is None:
            return super().call(name, args)
        if self.tex.depth > 20:
            raise NotComputableError(f"{name} calls itself too often")
        self.tex.inline(macro.reversed_expansion([[arg.text] for arg in args])[::-1])
        return parsed(self.tex.plain_text([_RESULT]))


def _value(tex: Stomach, name: str, tokens: list[str]) -> PgfNumber | None:
    """The value of a formula; None, and a warning, where it is not known."""
    try:
        return compute(formula_text(tex, tokens), _PaperPgf(tex))
    except NotComputableError as error:
        not_computable(tex, name, error)
        return None


def parse(tex: Stomach, name: str) -> None:
    """`\\pgfmathparse{2*3}` sets `\\pgfmathresult`."""
    value = _value(tex, name, tex.read_arg())
    tex.define(_RESULT, Macro((), [value.text if value else UNKNOWN]))


def function(tex: Stomach, name: str) -> None:
    """`\\pgfmathadd{1}{2}` sets `\\pgfmathresult`."""
    args = [tex.read_arg()]
    while tex.peek() == "{" and len(args) < 2 and name[len("\\pgfmath") :] in _OF_TWO_ARGUMENTS:
        args.append(tex.read_arg())
    formula = [name.removeprefix("\\pgfmath"), "(", *args[0]]
    for arg in args[1:]:
        formula += [",", *arg]
    value = _value(tex, name, [*formula, ")"])
    tex.define(_RESULT, Macro((), [value.text if value else UNKNOWN]))


_OF_TWO_ARGUMENTS = frozenset({"add", "subtract", "multiply", "divide", "pow", "mod", "Mod", "div", "gcd", "veclen", "atan2",
                               "greater", "less", "equal", "notequal", "and", "or", "max", "min"})  # fmt: skip


def set_macro(tex: Stomach, name: str) -> None:
    """`\\pgfmathsetmacro\\x{..}`, `\\pgfmathtruncatemacro` (a whole number), `\\pgfmathsetlengthmacro` (in pt)."""
    cs = read_cs(tex)
    value = _value(tex, name, tex.read_arg())
    if value is None:
        text = UNKNOWN
    elif name == "\\pgfmathtruncatemacro":
        text = str(abs(value.size) // POINT * (-1 if value.size < 0 else 1))
    else:
        text = value.text + ("pt" if "length" in name else "")
    if cs:
        tex.define(cs, Macro((), [text]))


def set_register(tex: Stomach, name: str) -> None:
    """`\\pgfmathsetlength\\x{..}`, `\\pgfmathaddtolength`, `\\pgfmathsetcount\\n{..}`, `\\pgfmathsetcounter{n}{..}`."""
    is_counter = name.endswith("counter")
    counter = own_counter(tex.read_name()) if is_counter else ""
    register = None if is_counter else tex.defs.get(read_cs(tex))
    value = _value(tex, name, tex.read_arg())
    if value is None:
        return
    whole = abs(value.size) // POINT * (-1 if value.size < 0 else 1)
    adds = "addto" in name
    if is_counter:
        tex.counters[counter] = whole + (tex.counters[counter] if adds else 0)
    elif isinstance(register, Register) and register.kind == "count":
        tex.assign(register, whole + (tex.value(register) if adds else 0))
    elif isinstance(register, Register) and register.kind == "dimen":
        tex.assign(register, value.size + (tex.value(register) if adds else 0))
    elif isinstance(register, Register) and register.kind == "skip":
        tex.assign(register, Glue(value.size) + (tex.value(register) if adds else Glue()))


def is_whole(tex: Stomach, name: str) -> None:
    """`\\pgfmathifisint{3}{yes}{no}`."""
    value = _value(tex, name, tex.read_arg())
    choose(tex, value is not None and value.size % POINT == 0)


def random(tex: Stomach, name: str) -> None:
    """`\\pgfmathrandominteger{\\x}{1}{6}`, `\\pgfmathrandomitem`: no source tells."""
    cs = read_cs(tex)
    tex.read_arg()
    if name.endswith("integer"):
        tex.read_arg()
    not_computable(tex, name, NotComputableError("a random number"))
    if cs:
        tex.define(cs, Macro((), [UNKNOWN]))


def round_result(tex: Stomach, name: str) -> None:
    """`\\pgfmathroundto{2.345}`, `\\pgfmathroundtozerofill`: to the precision of the number format."""
    tokens = tex.read_arg()
    given = tex.values.get(_FORMAT, "") + ",fixed,1000 sep={}" + (",fixed zerofill" if "fill" in name else "")
    try:
        text = number_printed(formula_text(tex, tokens), given).replace("{.}", ".").replace("{}", "")
    except NotComputableError as error:
        not_computable(tex, name, error)
        text = UNKNOWN
    tex.define(_RESULT, Macro((), [text]))


def declare_function(tex: Stomach, name: str) -> None:
    """`\\pgfmathdeclarefunction{f}{1}{\\pgfmathparse{2*#1}}`."""
    tex.read_star()
    function_name = tex.read_name()
    n = tex.plain_text(tex.read_arg())
    body = tex.read_arg()
    if n.isdigit() and int(n) < 10:
        declared = {**tex.values.get(_DECLARED, {}), function_name: Macro(("m",) * int(n), body)}
        tex.values[_DECLARED] = declared


# ---------------------------------------------------------------- printing
def keys(tex: Stomach, name: str) -> None:
    """`\\pgfkeys{/pgf/number format/precision=1}`, `\\pgfplotsset`: of all keys only those of numbers are text."""
    given = untokenize(tex.read_arg())
    if "number format" not in given:
        return
    options = re.sub(r"/?(?:pgf/)?number format/(?:\.cd\s*,?)?", "", given).strip(" {}")
    tex.note_value(_FORMAT, everywhere=False)
    tex.values[_FORMAT] = ",".join(filter(None, (tex.values.get(_FORMAT, ""), options)))


_OPTION = re.compile(r"\s*([^,={}]+?)\s*(?:=\s*(\{(?:[^{}]|\{[^{}]*\})*\}|[^,]*))?\s*(?:,|$)")
_STYLES = ("std", "fixed", "sci", "int detect", "fixed relative")
_MAX_PRECISION = 30
_MAX_EXPONENT = 60
_DIGITS = 2 * (_MAX_EXPONENT + _MAX_PRECISION)
"""So many digits hold the largest number that is printed, rounded to the finest place."""


def _number_options(text: str) -> dict[str, str]:
    out: dict[str, str] = {"style": "std", "precision": "2", "dec sep": ".", "1000 sep": ","}
    for m in _OPTION.finditer(text):
        key, value = m[1].strip().removeprefix("/pgf/number format/"), (m[2] or "").strip()
        value = value[1:-1] if value[:1] == "{" else value
        if key in _STYLES:
            out["style"] = key
        elif key == "use comma":
            out |= {"dec sep": ",", "1000 sep": "."}
        elif key == "use period":
            out |= {"dec sep": ".", "1000 sep": ","}
        elif key in ("set thousands separator", "set decimal separator"):
            out["1000 sep" if "thousands" in key else "dec sep"] = value
        elif key in ("fixed zerofill", "sci zerofill", "zerofill"):
            out |= dict.fromkeys(
                ("fixed zerofill", "sci zerofill") if key == "zerofill" else (key,), "no" if value == "false" else "yes"
            )
        else:
            out[key] = value
    return out


def _rounded(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"


def _grouped(text: str, options: dict[str, str], *, fill: bool) -> str:
    whole, _, decimals = text.partition(".")
    decimals = decimals if fill else decimals.rstrip("0")
    whole = f"{int(whole):,}".replace(",", "\x00").replace("\x00", "{" + options["1000 sep"] + "}")
    return whole + ("{" + options["dec sep"] + "}" + decimals if decimals else "")


def number_printed(text: str, given: str) -> str:
    """A number in pgf's number format, as TeX for math.

    Args:
        text: the number.
        given: options, the later ones win.

    Raises:
        NotComputableError: it is no number.
    """
    with localcontext(Context(prec=_DIGITS)):
        return _number_printed(text, given)


def _number_printed(text: str, given: str) -> str:
    options = _number_options(given)
    try:
        value = Decimal(text.strip())
        precision = min(max(int(options["precision"]), 0), _MAX_PRECISION)
    except (InvalidOperation, ValueError) as error:
        raise NotComputableError(text) from error
    if not value.is_finite() or abs(value.adjusted()) > _MAX_EXPONENT:
        raise NotComputableError(text)
    sign = "-" if value < 0 else "+" if value > 0 and options.get("print sign", "false") in ("", "true") else ""
    value = abs(value)
    style = options["style"]
    exponent = value.adjusted() if value else 0
    if style == "int detect":
        style = "fixed" if value == value.to_integral_value() else "sci"
    if style == "fixed relative":
        digits = precision - 1 - exponent
        value = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
        return sign + _grouped(f"{value:f}", options, fill=False)
    if style == "std":
        style = "fixed" if not value or -(precision // 2) <= exponent <= 4 else "sci"
    if style == "fixed":
        return sign + _grouped(_rounded(value, precision), options, fill=options.get("fixed zerofill") == "yes")
    mantissa = _rounded(value.scaleb(-exponent), precision)
    if mantissa.startswith("10"):
        exponent += 1
        mantissa = _rounded(value.scaleb(-exponent), precision)
    body = _grouped(mantissa, options, fill=options.get("sci zerofill") == "yes")
    return f"{sign}{body} \\cdot 10^{{{exponent}}}"


def print_number(tex: Stomach, name: str) -> None:
    """`\\pgfmathprintnumber[precision=1]{3.14159}`; `\\pgfmathprintnumberto{x}{\\y}`."""
    given = ",".join(filter(None, (tex.values.get(_FORMAT, ""), untokenize(tex.read_optional() or []))))
    tokens = tex.read_arg()
    cs = read_cs(tex) if name.endswith("to") else ""
    try:
        text = formula_text(tex, tokens)
        if re.search(r"[*/^()]", text):
            text = compute(text, _PaperPgf(tex)).text
        printed = number_printed(text, given)
    except NotComputableError as error:
        not_computable(tex, name, error)
        printed = UNKNOWN
    plain = re.sub(r"\{([.,]?)\}", r"\1", printed)
    tokens = [plain] if _PLAIN.fullmatch(plain) else tokenize(f"\\ensuremath{{{plain}}}")
    if cs:
        tex.define(cs, Macro((), tokens))
    else:
        tex.push(tokens)


_PLAIN = re.compile(r"[\d.,]+|\?\?")

PGF: dict[str, Entry] = {
    "\\pgfmathparse": parse,
    **{f"\\pgfmath{name}": function for name in FUNCTIONS},
    **dict.fromkeys(("\\pgfmathsetmacro", "\\pgfmathtruncatemacro", "\\pgfmathsetlengthmacro"), set_macro),
    **dict.fromkeys(
        (
            f"\\pgfmath{verb}{what}"
            for verb in ("set", "addto")
            for what in ("length", "count", "counter")
        ),
        set_register,
    ),
    "\\pgfmathifisint": is_whole,
    **dict.fromkeys(("\\pgfmathrandominteger", "\\pgfmathrandomitem"), random),
    **dict.fromkeys(("\\pgfmathroundto", "\\pgfmathroundtozerofill"), round_result),
    "\\pgfmathsetseed": Macro(("m",), []),
    "\\pgfmathdeclarefunction": declare_function,
    "\\pgfmathprintnumber": print_number,
    "\\pgfmathprintnumberto": print_number,
    **dict.fromkeys(("\\pgfkeys", "\\pgfset", "\\pgfplotsset", "\\tikzset"), keys),
}  # fmt: skip
