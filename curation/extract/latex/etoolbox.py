"""Tests of etoolbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.choices import choose, given_name, is_odd, is_undefined, named, within
from curation.extract.latex.conditions import compare, same_meaning, switch
from curation.extract.latex.ifthen import is_switched_on, toggle_name
from curation.extract.latex.lexer import SPACE, untokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def _body(tex: Stomach, cs: str) -> list[str] | None:
    """What a macro expands to; None for what is none."""
    entry = tex.defs.get(cs)
    return entry.body if isinstance(entry, Macro) and not entry.alias and tex.is_defined(cs) else None


def _void(tex: Stomach, cs: str) -> bool:
    return is_undefined(tex, cs) or _body(tex, cs) == []


def _given(tex: Stomach) -> str:
    return untokenize(tex.read_arg())


def _is_macro(tex: Stomach, cs: str) -> bool:
    return _body(tex, cs) is not None


def _has_parameters(tex: Stomach, cs: str) -> bool:
    entry = tex.defs.get(cs)
    return isinstance(entry, Macro) and bool(entry.params)


def _is_string(tex: Stomach, cs: str) -> bool:
    wanted, body = tex.read_arg(), _body(tex, cs)
    return body is not None and untokenize(body) == untokenize(wanted)


def _is_empty(tex: Stomach, cs: str) -> bool:
    return _body(tex, cs) == []


def _compare(tex: Stomach, kind: str, sign: str | None = None) -> bool:
    left = tex.evaluate(tex.read_arg(), kind)
    sign = sign or "".join(tex.read_arg()).strip()
    return compare(left, sign, tex.evaluate(tex.read_arg(), kind))


def _in_list(tex: Stomach) -> bool:
    item, body = untokenize(tex.read_arg()), _body(tex, given_name(tex))
    return item in untokenize(body or []).split("|")


def boolexpr(tex: Stomach, tokens: list[str]) -> bool:
    """`\\ifboolexpr{ test {\\ifdef\\x} and not bool {y} }`; `and`, `or` bind alike, from left to right."""
    return within(tex, tokens, _expression, too_deep=False)


def _word(tex: Stomach) -> str:
    """The next word or bracket, read."""
    tok = tex.skip_spaces()
    m = re.match(r"[a-z]+|[()]", tok)
    if m is None:
        return ""
    tex.pb.pop()
    if tok[m.end() :]:
        tex.pb.append(tok[m.end() :])
    return m.group(0)


def _expression(tex: Stomach) -> bool:
    truth = _operand(tex)
    while True:
        word = _word(tex)
        if word == "and":
            truth = _operand(tex) and truth
        elif word == "or":
            truth = _operand(tex) or truth
        else:
            return truth


def _operand(tex: Stomach) -> bool:
    word = _word(tex)
    if word == "not":
        return not _operand(tex)
    if word == "(":
        return _expression(tex)
    if word == "bool":
        return is_switched_on(tex)
    if word == "togl":
        return switch(tex, toggle_name(tex.read_name()))
    if word == "test":
        tokens = [t for t in tex.read_arg() if t != SPACE]
        test = ETOOLBOX_TESTS.get(tokens[0]) if tokens else None
        if test is not None:
            tex.push(tokens[1:])
            return test(tex)
    return False


ETOOLBOX_TESTS: dict[str, Callable[[Stomach], bool]] = {
    "\\ifdef": lambda tex: not is_undefined(tex, given_name(tex)),
    "\\ifundef": lambda tex: is_undefined(tex, given_name(tex)),
    "\\ifcsdef": lambda tex: not is_undefined(tex, named(tex)),
    "\\ifcsundef": lambda tex: is_undefined(tex, named(tex)),
    "\\ifdefmacro": lambda tex: _is_macro(tex, given_name(tex)),
    "\\ifcsmacro": lambda tex: _is_macro(tex, named(tex)),
    "\\ifdefparam": lambda tex: _has_parameters(tex, given_name(tex)),
    "\\ifcsparam": lambda tex: _has_parameters(tex, named(tex)),
    "\\ifdefempty": lambda tex: _is_empty(tex, given_name(tex)),
    "\\ifcsempty": lambda tex: _is_empty(tex, named(tex)),
    "\\ifdefvoid": lambda tex: _void(tex, given_name(tex)),
    "\\ifcsvoid": lambda tex: _void(tex, named(tex)),
    "\\ifdefequal": lambda tex: same_meaning(tex, given_name(tex), given_name(tex)),
    "\\ifcsequal": lambda tex: same_meaning(tex, named(tex), named(tex)),
    "\\ifdefstring": lambda tex: _is_string(tex, given_name(tex)),
    "\\ifcsstring": lambda tex: _is_string(tex, named(tex)),
    "\\ifdefstrequal": lambda tex: _body(tex, given_name(tex)) == _body(tex, given_name(tex)),
    "\\ifcsstrequal": lambda tex: _body(tex, named(tex)) == _body(tex, named(tex)),
    "\\ifdefcounter": lambda tex: given_name(tex).startswith("\\c@"),
    "\\ifltxcounter": lambda tex: tex.read_name() in tex.counters,
    "\\ifstrequal": lambda tex: _given(tex) == _given(tex),
    "\\ifstrempty": lambda tex: not tex.read_arg(),
    "\\ifblank": lambda tex: not _given(tex).strip(),
    "\\notblank": lambda tex: bool(_given(tex).strip()),
    "\\ifbool": is_switched_on,
    "\\notbool": lambda tex: not is_switched_on(tex),
    "\\iftoggle": lambda tex: switch(tex, toggle_name(tex.read_name())),
    "\\nottoggle": lambda tex: not switch(tex, toggle_name(tex.read_name())),
    "\\ifnumcomp": lambda tex: _compare(tex, "count"),
    "\\ifnumequal": lambda tex: _compare(tex, "count", "="),
    "\\ifnumgreater": lambda tex: _compare(tex, "count", ">"),
    "\\ifnumless": lambda tex: _compare(tex, "count", "<"),
    "\\ifnumodd": is_odd,
    "\\ifdimcomp": lambda tex: _compare(tex, "dimen"),
    "\\ifdimequal": lambda tex: _compare(tex, "dimen", "="),
    "\\ifdimgreater": lambda tex: _compare(tex, "dimen", ">"),
    "\\ifdimless": lambda tex: _compare(tex, "dimen", "<"),
    "\\ifinlist": _in_list,
    "\\xifinlist": _in_list,
    "\\ifboolexpr": lambda tex: boolexpr(tex, tex.read_arg()),
    "\\ifboolexpe": lambda tex: boolexpr(tex, tex.read_arg()),
    "\\ifrmnum": lambda tex: bool(re.fullmatch(r"[ivxlcdmIVXLCDM]+", _given(tex))),
}


def etoolbox_test(tex: Stomach, name: str) -> None:
    """`\\ifstrequal{a}{b}{yes}{no}`: a test with its arguments, then two branches."""
    choose(tex, ETOOLBOX_TESTS[name](tex))
