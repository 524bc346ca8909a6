"""Functions of expl3 on definitions, token lists, strings, numbers and truth values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from curation.extract.latex.definitions import assign
from curation.extract.latex.evaluations import formula_text, not_computable
from curation.extract.latex.expl_syntax import Args, Expl, one, value_of
from curation.extract.latex.formulas import NotComputableError, compute
from curation.extract.latex.lexer import FROZEN, tokenize, untokenize, with_depth
from curation.extract.latex.loops import MAX_ROUNDS
from curation.extract.latex.macros import Macro
from curation.extract.latex.package_numbers import FloatingPoint
from curation.extract.latex.registers import Register

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

EXPL_FUNCTIONS = Expl()
_GLOBAL = ("\\g_", "\\c_", "\\g__", "\\c__")


MAX_HELD_TOKENS = 5_000
MAX_HELD_CHARS = 100_000
_TOKENS_FOR_ONE = 50  # copying is that much cheaper than reading


def fits(tex: Stomach, items: Iterable[list[str]]) -> bool:
    """Whether a variable may hold so much; a warning where not."""
    n_tokens = n_chars = 0
    for item in items:
        n_tokens += len(item) + 1
        n_chars += sum(map(len, item))
    tex.spend(n_tokens // _TOKENS_FOR_ONE)
    if n_tokens <= MAX_HELD_TOKENS and n_chars <= MAX_HELD_CHARS:
        return True
    tex.warn("a variable of expl3 grows without end")
    return False


def set_tokens(tex: Stomach, cs: str, tokens: list[str]) -> None:
    """Give a variable its tokens; its name tells whether for all groups. One that grows without end keeps what it held."""
    if fits(tex, [tokens]) and cs[:1] == "\\":
        tex.define(cs, Macro((), tokens), everywhere=cs.startswith(_GLOBAL))


def with_argument(body: list[str], *args: list[str]) -> list[str]:
    """The body of a loop with its `#1`, `#2`."""
    return Macro(("m",) * len(args), body).reversed_expansion(list(args))[::-1]


def rounds(tex: Stomach, pieces: list[list[str]]) -> None:
    """Read the rounds of a loop, as many as a macro may make."""
    tokens: list[str] = []
    for piece in pieces[:MAX_ROUNDS]:
        tokens += piece
        if len(tokens) > tex.options.max_macro_tokens:
            tex.warn("a loop of expl3 makes too much")
            break
    tex.spend(len(tokens))
    if not tex.leaves_loops("a loop of expl3"):
        tex.push(tokens)


def trimmed(tokens: list[str]) -> list[str]:
    """Tokens without the blanks around them."""
    out = [t for t in tokens if t]
    while out and not out[0].strip():
        out.pop(0)
    while out and not out[-1].strip():
        out.pop()
    return out


def number(tex: Stomach, tokens: list[str]) -> int:
    """The value of an integer expression."""
    value = tex.evaluate(tokens, "count") if "/" not in "".join(tokens) else None
    if value is None:
        tex.push(["\\numexpr", *tokens, "\\relax"])
        value = tex.read_number()
    return value if isinstance(value, int) else 0


def truth_of(tex: Stomach, tokens: list[str]) -> bool:
    """A comparison or a boolean expression."""
    try:
        return compute(formula_text(tex, tokens), FloatingPoint()) != 0
    except NotComputableError as error:
        not_computable(tex, "a condition of expl3", error)
        return False


def related(tex: Stomach, args: Args) -> bool:
    """`{1}<{2}`, or a whole comparison."""
    return truth_of(tex, args[0] if len(args) == 1 else ["(", *args[0], ")", *args[1], "(", *args[2], ")"])


def pairs(tokens: list[str]) -> list[tuple[list[str], list[str]]]:
    """`{a}{x} {b}{y}` of a `case`."""
    groups: list[list[str]] = []
    for tok, depth in with_depth(tokens):
        if tok == "{" and depth == 1:
            groups.append([])
        elif depth and not (tok == "}" and depth == 1):
            groups[-1].append(tok)
    return list(zip(groups[::2], groups[1::2], strict=False))


# ---------------------------------------------------------------- definitions
def _cs_set(command: str) -> Callable[[Stomach, Args], None]:
    def define(tex: Stomach, args: Args) -> None:
        cs, *pattern, body = args
        name = one(cs)
        if not pattern:
            kinds = name.partition(":")[2]
            pattern = [[f"#{i}" for i in range(1, len(kinds) + 1)]]
        if name[:1] == "\\":
            tex.push([command + FROZEN, name, *pattern[0], "{", *body, "}"])

    return define


def _cs_set_equal(tex: Stomach, args: Args) -> None:
    assign(tex, one(args[0]), one(args[1]))


def _cs_exists(tex: Stomach, args: Args) -> bool:
    return tex.is_defined(one(args[0]))


# ---------------------------------------------------------------- token lists and strings
def _put(tex: Stomach, args: Args, *, left: bool) -> None:
    cs, old = one(args[0]), value_of(tex, one(args[0]))
    set_tokens(tex, cs, [*args[1], *old] if left else [*old, *args[1]])


def _replace(tex: Stomach, args: Args, count: int) -> None:
    cs = one(args[0])
    new = untokenize(args[2]) if len(args) > 2 else ""
    text = untokenize(value_of(tex, cs))
    old = untokenize(args[1])
    if old and text.count(old) * len(new) <= MAX_HELD_CHARS:
        set_tokens(tex, cs, tokenize(text.replace(old, new, count), letters="@_:"))


def _text(tex: Stomach, tokens: list[str]) -> str:
    return untokenize(trimmed(tokens))


def _held(tex: Stomach, tokens: list[str]) -> list[str]:
    """An argument, of a variable what it holds."""
    tokens = trimmed(tokens)
    return value_of(tex, tokens[0]) if len(tokens) == 1 and tokens[0].endswith(("_tl", "_str")) else tokens


def _case(tex: Stomach, args: Args, equal: Callable[[list[str]], bool]) -> None:
    chosen = next((code for key, code in pairs(args[1]) if equal(key)), None)
    arms = [*args[2:], [], []]
    tex.push(
        [*chosen, *(arms[0] if len(args) > 3 else [])] if chosen is not None else arms[1] if len(args) > 3 else arms[0]
    )


def _str_case(tex: Stomach, args: Args) -> None:
    wanted = _text(tex, _held(tex, args[0]))
    _case(tex, args, lambda key: _text(tex, key) == wanted)


def _int_case(tex: Stomach, args: Args) -> None:
    wanted = number(tex, args[0])
    _case(tex, args, lambda key: number(tex, key) == wanted)


def _reversed(tex: Stomach, tokens: list[str]) -> None:
    tex.push([tok for piece in reversed(_pieces(tex, tokens)) for tok in piece])


def _pieces(tex: Stomach, tokens: list[str]) -> list[list[str]]:
    """The items of a token list: a group is one, and so is each character."""
    items: list[list[str]] = []
    for tok, depth in with_depth(_held(tex, tokens)):
        if tok == "{" and depth == 1:
            items.append([])
        elif depth:
            if not (tok == "}" and depth == 1):
                items[-1].append(tok)
        else:
            items += [[tok]] if tok[0] == "\\" else [[char] for char in tok if char.strip()]
    return items


def _replace_literally(tex: Stomach, args: Args) -> None:
    """`\\regex_replace_all:nnN`: of expressions only those without signs are done; others leave the text as it is."""
    pattern, new = untokenize(trimmed(args[0])), untokenize(trimmed(args[1]))
    if not pattern.isalnum() or "\\" in new:
        tex.warn("a regular expression of expl3 is not applied")
        return
    cs = one(args[2])
    _replace(tex, [[cs], [pattern], [new]], -1)


def _cased(tex: Stomach, args: Args, command: str) -> None:
    tex.push([command + FROZEN, "{", *args[0], "}"])


# ---------------------------------------------------------------- numbers
def _int_new(tex: Stomach, args: Args) -> None:
    cs = one(args[0])
    tex.n_registers += 1
    register = Register("count", f"new {cs} {tex.n_registers}")
    tex.define(cs, register, everywhere=True)
    if len(args) > 1:
        tex.assign(register, number(tex, args[1]))


def _int_change(tex: Stomach, args: Args, change: Callable[[int, int], int], by: int = 1) -> None:
    cs = one(args[0])
    if not isinstance(tex.defs.get(cs), Register):
        _int_new(tex, [[cs]])
    register = tex.defs[cs]
    amount = number(tex, args[1]) if len(args) > 1 else by
    if isinstance(register, Register) and register.kind == "count":
        tex.pending_global = cs.startswith(_GLOBAL)
        tex.assign(register, change(tex.value(register), amount))


def _int_eval(tex: Stomach, args: Args) -> None:
    tex.push([str(number(tex, args[0]))])


def _styled(style: str) -> Callable[[Stomach, Args], None]:
    return lambda tex, args: tex.push([f"\\@{style}" + FROZEN, "{", str(number(tex, args[0])), "}"])


def _step(tex: Stomach, args: Args) -> None:
    *limits, code = args
    values = [number(tex, limit) for limit in limits]
    start, step, stop = (
        (1, 1, values[0]) if len(values) == 1 else (values[0], 1, values[1]) if len(values) == 2 else values[:3]
    )
    span = range(start, stop + (1 if step > 0 else -1), step or 1)
    rounds(tex, [with_argument(code, [str(n)]) for n in span[:MAX_ROUNDS]])


def _fp(tex: Stomach, args: Args) -> None:
    tex.push(["\\fpeval" + FROZEN, "{", *args[0], "}"])


def _fp_set(tex: Stomach, args: Args) -> None:
    set_tokens(tex, one(args[0]), tex.expand_all(["\\fpeval" + FROZEN, "{", *args[1], "}"]))


def _fp_change(sign: str) -> Callable[[Stomach, Args], None]:
    return lambda tex, args: _fp_set(tex, [args[0], ["(", *args[0], ")", sign, "(", *args[1], ")"]])


# ---------------------------------------------------------------- the tables
def _use(which: int) -> Callable[[Stomach, Args], None]:
    return lambda tex, args: tex.push(args[which]) if which < len(args) else None


def _bool(tex: Stomach, args: Args, truth: str) -> None:
    set_tokens(tex, one(args[0]), [truth])


def _nothing(tex: Stomach, args: Args) -> None:
    """A declaration that prints nothing."""


def _clear(tex: Stomach, args: Args) -> None:
    set_tokens(tex, one(args[0]), [])


def _set(tex: Stomach, args: Args) -> None:
    set_tokens(tex, one(args[0]), args[1])


_EXPANDING: dict[str, Callable[[Stomach, Args], None]] = {
    "use": lambda tex, args: tex.push([tok for arg in args for tok in arg]),
    "use_none": _nothing,
    **{f"use_{roman}": _use(i) for i, roman in enumerate(("i", "ii", "iii"))},
    "exp_not": lambda tex, args: tex.push(args[0]),
    "tl_use": lambda tex, args: tex.push(value_of(tex, one(args[0]))),
    "str_use": lambda tex, args: tex.push(value_of(tex, one(args[0]))),
    "tl_to_str": lambda tex, args: tex.push(["\\detokenize" + FROZEN, "{", *_held(tex, args[0]), "}"]),
    "token_to_str": lambda tex, args: tex.push(["\\string" + FROZEN, *args[0]]),
    "tl_trim_spaces": lambda tex, args: tex.push(trimmed(args[0])),
    **dict.fromkeys(("tl_reverse", "tl_reverse_items"), lambda tex, args: _reversed(tex, args[0])),
    "tl_count": lambda tex, args: tex.push([str(len(_pieces(tex, args[0])))]),
    "tl_map_inline": lambda tex, args: rounds(tex, [with_argument(args[1], piece) for piece in _pieces(tex, args[0])]),
    "tl_map_function": lambda tex, args: rounds(tex, [[*args[1], "{", *piece, "}"] for piece in _pieces(tex, args[0])]),
    "tl_head": lambda tex, args: tex.push((_pieces(tex, args[0]) or [[]])[0]),
    "tl_tail": lambda tex, args: tex.push([tok for piece in _pieces(tex, args[0])[1:] for tok in piece]),
    "str_case": _str_case,
    "tl_case": _str_case,
    "int_case": _int_case,
    **{f"{kind}_uppercase": lambda tex, args: _cased(tex, args, "\\MakeUppercase") for kind in ("str", "text")},
    **{f"{kind}_lowercase": lambda tex, args: _cased(tex, args, "\\MakeLowercase") for kind in ("str", "text")},
    "int_eval": _int_eval,
    "int_use": lambda tex, args: tex.push(["\\the" + FROZEN, *args[0]]),
    "int_to_arabic": _int_eval,
    **{f"int_to_{style}": _styled(style) for style in ("roman", "Roman", "alph", "Alph")},
    "int_abs": lambda tex, args: tex.push([str(abs(number(tex, args[0])))]),
    "int_max": lambda tex, args: tex.push([str(max(number(tex, a) for a in args))]),
    "int_min": lambda tex, args: tex.push([str(min(number(tex, a) for a in args))]),
    "int_mod": lambda tex, args: tex.push(["\\fpeval" + FROZEN, "{", *_remainder(args), "}"]),
    "int_div_truncate": lambda tex, args: tex.push(["\\fpeval" + FROZEN, "{", "trunc((", *args[0], ")/(", *args[1], "))", "}"]),
    "int_step_inline": _step,
    **dict.fromkeys(("fp_eval", "fp_to_decimal", "fp_use", "fp_to_tl"), _fp),
    "prg_replicate": lambda tex, args: rounds(tex, [args[1]] * max(0, min(number(tex, args[0]), MAX_ROUNDS))),
    "dim_eval": lambda tex, args: tex.push(["\\the" + FROZEN, "\\dimexpr" + FROZEN, *args[0], "\\relax"]),
    "scan_stop": _nothing,
}  # fmt: skip


def _remainder(args: Args) -> list[str]:
    left, right = ["(", *args[0], ")"], ["(", *args[1], ")"]
    return [*left, "-", *right, "*trunc(", *left, "/", *right, ")"]


_OTHERS: dict[str, Callable[[Stomach, Args], None]] = {
    **{f"cs_{verb}{kind}": _cs_set("\\def" if verb == "set" else "\\gdef") for verb in ("new", "set", "gset") for kind in ("", "_nopar", "_protected", "_protected_nopar")},
    **dict.fromkeys(("cs_set_eq", "cs_gset_eq", "cs_new_eq", "tl_set_eq", "tl_gset_eq"), _cs_set_equal),
    **dict.fromkeys(("tl_new", "tl_clear", "tl_gclear", "tl_clear_new", "str_new", "str_clear"), _clear),
    **dict.fromkeys(("tl_set", "tl_gset", "tl_const", "str_set", "str_gset", "str_const"), _set),
    **{f"{kind}_{g}put_left": lambda tex, args: _put(tex, args, left=True) for kind in ("tl", "str") for g in ("", "g")},
    **{f"{kind}_{g}put_right": lambda tex, args: _put(tex, args, left=False) for kind in ("tl", "str") for g in ("", "g")},
    **{f"{kind}_{g}replace_all": lambda tex, args: _replace(tex, args, -1) for kind in ("tl", "str") for g in ("", "g")},
    **{f"{kind}_{g}replace_once": lambda tex, args: _replace(tex, args, 1) for kind in ("tl", "str") for g in ("", "g")},
    **{f"{kind}_{g}remove_all": lambda tex, args: _replace(tex, args, -1) for kind in ("tl", "str") for g in ("", "g")},
    **dict.fromkeys(("int_new", "int_const"), _int_new),
    **dict.fromkeys(("int_set", "int_gset"), lambda tex, args: _int_change(tex, args, lambda old, n: n)),
    **dict.fromkeys(("int_zero", "int_gzero", "int_zero_new"), lambda tex, args: _int_change(tex, args, lambda old, n: 0)),
    **dict.fromkeys(("int_incr", "int_gincr", "int_add", "int_gadd"), lambda tex, args: _int_change(tex, args, lambda old, n: old + n)),
    **dict.fromkeys(("int_decr", "int_gdecr", "int_sub", "int_gsub"), lambda tex, args: _int_change(tex, args, lambda old, n: old - n)),
    "fp_new": lambda tex, args: set_tokens(tex, one(args[0]), ["0"]),
    **dict.fromkeys(("fp_set", "fp_gset", "fp_const"), _fp_set),
    "fp_add": _fp_change("+"),
    "fp_sub": _fp_change("-"),
    **dict.fromkeys(("bool_new", "bool_set_false", "bool_gset_false"), lambda tex, args: _bool(tex, args, "0")),
    **dict.fromkeys(("bool_set_true", "bool_gset_true"), lambda tex, args: _bool(tex, args, "1")),
    "bool_set": lambda tex, args: _bool(tex, args, str(int(truth_of(tex, args[1])))),
    **dict.fromkeys(("dim_new", "dim_set", "dim_gset", "skip_new", "skip_set", "box_new", "coffin_new"), _nothing),
    "regex_replace_all": _replace_literally,
    "regex_new": _nothing,
    "group_begin": lambda tex, args: tex.open_group(),
    "group_end": lambda tex, args: tex.close_group(),
    **dict.fromkeys(("hbox", "vbox"), lambda tex, args: tex.push(["{", *args[0], "}"])),
}  # fmt: skip
EXPL_FUNCTIONS.functions.update(_EXPANDING)
EXPL_FUNCTIONS.functions.update(_OTHERS)
EXPL_FUNCTIONS.expandable.update(_EXPANDING)
EXPL_FUNCTIONS.conditions.update(
    {
        "cs_if_exist": _cs_exists,
        "cs_if_free": lambda tex, args: not _cs_exists(tex, args),
        "tl_if_empty": lambda tex, args: not _held(tex, args[0]),
        "str_if_empty": lambda tex, args: not _held(tex, args[0]),
        "tl_if_blank": lambda tex, args: not trimmed(args[0]),
        "tl_if_novalue": lambda tex, args: trimmed(args[0]) in (["-NoValue-"], ["\\c_novalue_tl"]),
        "tl_if_exist": _cs_exists,
        **dict.fromkeys(
            ("tl_if_eq", "str_if_eq"),
            lambda tex, args: _text(tex, _held(tex, args[0])) == _text(tex, _held(tex, args[1])),
        ),
        **dict.fromkeys(
            ("tl_if_in", "str_if_in"), lambda tex, args: untokenize(args[1]) in untokenize(_held(tex, args[0]))
        ),
        "int_compare": related,
        "fp_compare": related,
        "int_if_odd": lambda tex, args: number(tex, args[0]) % 2 == 1,
        "int_if_even": lambda tex, args: number(tex, args[0]) % 2 == 0,
        "bool_if": lambda tex, args: truth_of(tex, args[0]),
        "bool_lazy_and": lambda tex, args: truth_of(tex, args[0]) and truth_of(tex, args[1]),
        "bool_lazy_or": lambda tex, args: truth_of(tex, args[0]) or truth_of(tex, args[1]),
        "mode_if_math": lambda tex, args: tex.in_math,
    }
)
