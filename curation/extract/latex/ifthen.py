"""Tests of ifthen, and the switches that it and etoolbox set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.choices import choose, given_name, is_odd, is_undefined, named, within
from curation.extract.latex.conditions import compare, new_switch, relation, switch
from curation.extract.latex.lexer import END, FROZEN, untokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def ifthenelse(tex: Stomach, name: str) -> None:
    """`\\ifthenelse{test}{yes}{no}`."""
    choose(tex, holds(tex, tex.read_arg()))


def holds(tex: Stomach, test: list[str]) -> bool:
    """Whether a test of ifthen holds."""
    return within(tex, test, _alternatives, too_deep=False)


def _alternatives(tex: Stomach) -> bool:
    """`\\and` and `\\or` bind alike, from left to right (ifthen manual)."""
    truth = _single(tex)
    while True:
        tok = _operator(tex)
        if tok in ("\\or", "\\OR"):
            tex.pb.pop()
            truth = _single(tex) or truth
        elif tok in ("\\and", "\\AND"):
            tex.pb.pop()
            truth = _single(tex) and truth
        else:
            return truth


def _operator(tex: Stomach) -> str:
    tok = tex.skip_spaces()
    for _ in range(100):
        if tok in _OPERATORS or tok[0] != "\\" or tok == END:
            break
        tex.pb.pop()
        if not tex.expand_once(tok):
            tex.pb.append(tok)
            break
        tok = tex.skip_spaces()
    return tok


_OPERATORS = frozenset({"\\and", "\\AND", "\\or", "\\OR", "\\not", "\\NOT", "\\(", "\\)"})


def _single(tex: Stomach) -> bool:
    tok = _operator(tex)
    turned = False
    while tok in ("\\not", "\\NOT"):
        tex.pb.pop()
        turned = not turned
        tok = _operator(tex)
    return turned != _atom(tex, tok)


def _atom(tex: Stomach, tok: str) -> bool:
    if tok == "\\(":
        tex.pb.pop()
        truth = _alternatives(tex)
        if _operator(tex) == "\\)":
            tex.pb.pop()
        return truth
    test = _IFTHEN.get(tok)
    if test is not None:
        tex.pb.pop()
        return test(tex)
    left = tex.read_number()
    sign = relation(tex)
    return compare(left, sign, tex.read_number())


def _equal(tex: Stomach) -> bool:
    left, right = (untokenize(tex.expand_all(tex.read_arg(), builtin=True)) for _ in range(2))
    return left == right


def is_switched_on(tex: Stomach) -> bool:
    return switch(tex, "\\if" + tex.read_name())


def _lengths(tex: Stomach) -> bool:
    return within(tex, tex.read_arg(), _compared_lengths, too_deep=False)


def _compared_lengths(tex: Stomach) -> bool:
    left = tex.expression("dimen", rounded=False)
    sign = relation(tex)
    return compare(left, sign, tex.expression("dimen", rounded=False))


_IFTHEN: dict[str, Callable[[Stomach], bool]] = {
    "\\equal": _equal,
    "\\isodd": is_odd,
    "\\boolean": is_switched_on,
    "\\lengthtest": _lengths,
    "\\isundefined": lambda tex: is_undefined(tex, given_name(tex)),
    "\\isnamedefined": lambda tex: not is_undefined(tex, named(tex)),
}


def newboolean(tex: Stomach, name: str) -> None:
    """`\\newboolean{x}`, `\\newbool`: `\\ifx`; `\\newtoggle` has names of its own."""
    key = tex.read_name()
    if name in ("\\newtoggle", "\\providetoggle"):
        tex.define(toggle_name(key), Macro((), ["\\iffalse" + FROZEN], alias=True), everywhere=True)
    elif name in ("\\newboolean", "\\newbool") or "\\if" + key not in tex.defs:
        new_switch(tex, "\\if" + key)


def setboolean(tex: Stomach, name: str) -> None:
    """`\\setboolean{x}{true}`, `\\setbool`, `\\booltrue`, `\\toggletrue` and their opposites."""
    key = tex.read_name()
    cs = toggle_name(key) if "toggle" in name else "\\if" + key
    on = tex.read_name().lower() == "true" if name.startswith("\\set") else name.endswith("true")
    everywhere, tex.pending_global = tex.pending_global, False
    tex.define(cs, Macro((), [f"\\if{'true' if on else 'false'}" + FROZEN], alias=True), everywhere=everywhere)


def toggle_name(key: str) -> str:
    return "\\\x00toggle " + key
