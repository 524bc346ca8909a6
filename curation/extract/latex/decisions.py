"""Tests of LaTeX, ifthen, etoolbox and xstring: commands that choose between two arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.conditions import compare, new_switch, relation, same_meaning, switch
from curation.extract.latex.lexer import END, FROZEN, SPACE, tokenize, untokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Handler
    from curation.extract.latex.stomach import Stomach


def choose(tex: Stomach, truth: bool) -> None:
    """Read two arguments and go on with the first when `truth`, else with the second."""
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if truth else no)


# ---------------------------------------------------------------- the LaTeX kernel
def ifnextchar(tex: Stomach, name: str) -> None:
    """`\\@ifnextchar x{yes}{no}`."""
    wanted = tex.read_arg()
    yes, no = tex.read_arg(), tex.read_arg()
    tok = tex.skip_spaces()
    tex.push(yes if wanted and tok[: len(wanted[0])] == wanted[0] else no)


def ifstar(tex: Stomach, name: str) -> None:
    """`\\@ifstar{yes}{no}`."""
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if tex.read_star() else no)


def is_undefined(tex: Stomach, tok: str) -> bool:
    """LaTeX's `\\@ifundefined`: a name that `\\csname` made counts too."""
    return not tex.is_defined(tok) or tex.alias(tok) == "\\relax"


def ifundefined(tex: Stomach, name: str) -> None:
    """`\\@ifundefined{x}{yes}{no}`."""
    choose(tex, is_undefined(tex, "\\" + tex.read_name()))


def ifdefinable(tex: Stomach, name: str) -> None:
    """`\\@ifdefinable\\x{definition}`."""
    cs = _cs(tex.read_arg())
    body = tex.read_arg()
    tex.push(body if is_undefined(tex, cs) else [])


def ifloaded(tex: Stomach, name: str) -> None:
    """`\\@ifpackageloaded{x}{yes}{no}`, `\\@ifclassloaded`, `\\IfPackageLoadedTF`."""
    wanted = tex.read_name()
    loaded = tex.origins.classes if "lass" in name else tex.origins.packages
    choose(tex, wanted in loaded)


def if_argument(tex: Stomach, name: str) -> None:
    """`\\IfNoValueTF{#1}{yes}{no}`, `\\IfBooleanT`, `\\IfBlankF`: what an argument of a document command is."""
    tokens = [t for t in tex.read_arg() if t != SPACE]
    what = name.removeprefix("\\If").rstrip("TF")
    if what == "Boolean":
        truth = tokens == ["\\BooleanTrue"]
    elif what == "Blank":
        truth = not "".join(tokens).strip()
    else:
        truth = (tokens == [NO_VALUE]) == (what == "NoValue")
    arms = name[len("\\If" + what) :]
    yes = tex.read_arg() if "T" in arms else []
    no = tex.read_arg() if "F" in arms else []
    tex.push(yes if truth else no)


NO_VALUE = "\\c_novalue_tl"


# ---------------------------------------------------------------- ifthen
def ifthenelse(tex: Stomach, name: str) -> None:
    """`\\ifthenelse{test}{yes}{no}`."""
    choose(tex, holds(tex, tex.read_arg()))


def holds(tex: Stomach, test: list[str]) -> bool:
    """Whether a test of ifthen holds."""
    tex.pb.append(END)
    tex.push(test)
    truth = _alternatives(tex)
    while tex.next() != END:
        pass
    return truth


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
    if tok in ("\\not", "\\NOT"):
        tex.pb.pop()
        return not _single(tex)
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


def _boolean(tex: Stomach) -> bool:
    return switch(tex, "\\if" + tex.read_name())


def _lengths(tex: Stomach) -> bool:
    test = tex.read_arg()
    tex.pb.append(END)
    tex.push(test)
    left = tex.expression("dimen", rounded=False)
    sign = relation(tex)
    truth = compare(left, sign, tex.expression("dimen", rounded=False))
    while tex.next() != END:
        pass
    return truth


_IFTHEN: dict[str, Callable[[Stomach], bool]] = {
    "\\equal": _equal,
    "\\isodd": lambda tex: tex.evaluate(tex.read_arg(), "count") % 2 == 1,
    "\\boolean": _boolean,
    "\\lengthtest": _lengths,
    "\\isundefined": lambda tex: is_undefined(tex, _cs(tex.read_arg())),
    "\\isnamedefined": lambda tex: not is_undefined(tex, "\\" + tex.read_name()),
}


# ---------------------------------------------------------------- switches
def newboolean(tex: Stomach, name: str) -> None:
    """`\\newboolean{x}`, `\\newbool`: `\\ifx`; `\\newtoggle` has names of its own."""
    key = tex.read_name()
    if name in ("\\newtoggle", "\\providetoggle"):
        tex.define(_toggle(key), Macro((), ["\\iffalse" + FROZEN], alias=True), everywhere=True)
    elif name in ("\\newboolean", "\\newbool") or "\\if" + key not in tex.defs:
        new_switch(tex, "\\if" + key)


def setboolean(tex: Stomach, name: str) -> None:
    """`\\setboolean{x}{true}`, `\\setbool`, `\\booltrue`, `\\toggletrue` and their opposites."""
    key = tex.read_name()
    cs = _toggle(key) if "toggle" in name else "\\if" + key
    on = tex.read_name().lower() == "true" if name.startswith("\\set") else name.endswith("true")
    everywhere, tex.pending_global = tex.pending_global, False
    tex.define(cs, Macro((), [f"\\if{'true' if on else 'false'}" + FROZEN], alias=True), everywhere=everywhere)


def _toggle(key: str) -> str:
    return "\\\x00toggle " + key


# ---------------------------------------------------------------- etoolbox
def _cs(tokens: list[str]) -> str:
    return next((t for t in tokens if t != SPACE), "\\\x00none")


def _body(tex: Stomach, cs: str) -> list[str] | None:
    """What a macro expands to; None for what is none."""
    entry = tex.defs.get(cs)
    return entry.body if isinstance(entry, Macro) and not entry.alias and tex.is_defined(cs) else None


def _void(tex: Stomach, cs: str) -> bool:
    return is_undefined(tex, cs) or _body(tex, cs) == []


def _given(tex: Stomach) -> str:
    return untokenize(tex.read_arg())


def _given_cs(tex: Stomach) -> str:
    return _cs(tex.read_arg())


def _named_cs(tex: Stomach) -> str:
    return "\\" + tex.read_name()


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
    item, body = untokenize(tex.read_arg()), _body(tex, _given_cs(tex))
    return item in untokenize(body or []).split("|")


def boolexpr(tex: Stomach, tokens: list[str]) -> bool:
    """`\\ifboolexpr{ test {\\ifdef\\x} and not bool {y} }`; `and`, `or` bind alike, from left to right."""
    tex.pb.append(END)
    tex.push(tokens)
    truth = _expression(tex)
    while tex.next() != END:
        pass
    return truth


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
        return _boolean(tex)
    if word == "togl":
        return switch(tex, _toggle(tex.read_name()))
    if word == "test":
        tokens = [t for t in tex.read_arg() if t != SPACE]
        test = _TESTS.get(tokens[0]) if tokens else None
        if test is not None:
            tex.push(tokens[1:])
            return test(tex)
    return False


_TESTS: dict[str, Callable[[Stomach], bool]] = {
    "\\ifdef": lambda tex: not is_undefined(tex, _given_cs(tex)) or False,
    "\\ifundef": lambda tex: is_undefined(tex, _given_cs(tex)),
    "\\ifcsdef": lambda tex: not is_undefined(tex, _named_cs(tex)),
    "\\ifcsundef": lambda tex: is_undefined(tex, _named_cs(tex)),
    "\\ifdefmacro": lambda tex: _is_macro(tex, _given_cs(tex)),
    "\\ifcsmacro": lambda tex: _is_macro(tex, _named_cs(tex)),
    "\\ifdefparam": lambda tex: _has_parameters(tex, _given_cs(tex)),
    "\\ifcsparam": lambda tex: _has_parameters(tex, _named_cs(tex)),
    "\\ifdefempty": lambda tex: _is_empty(tex, _given_cs(tex)),
    "\\ifcsempty": lambda tex: _is_empty(tex, _named_cs(tex)),
    "\\ifdefvoid": lambda tex: _void(tex, _given_cs(tex)),
    "\\ifcsvoid": lambda tex: _void(tex, _named_cs(tex)),
    "\\ifdefequal": lambda tex: same_meaning(tex, _given_cs(tex), _given_cs(tex)),
    "\\ifcsequal": lambda tex: same_meaning(tex, _named_cs(tex), _named_cs(tex)),
    "\\ifdefstring": lambda tex: _is_string(tex, _given_cs(tex)),
    "\\ifcsstring": lambda tex: _is_string(tex, _named_cs(tex)),
    "\\ifdefstrequal": lambda tex: _body(tex, _given_cs(tex)) == _body(tex, _given_cs(tex)),
    "\\ifcsstrequal": lambda tex: _body(tex, _named_cs(tex)) == _body(tex, _named_cs(tex)),
    "\\ifdefcounter": lambda tex: _given_cs(tex).startswith("\\c@"),
    "\\ifltxcounter": lambda tex: tex.read_name() in tex.counters,
    "\\ifstrequal": lambda tex: _given(tex) == _given(tex),
    "\\ifstrempty": lambda tex: not tex.read_arg(),
    "\\ifblank": lambda tex: not _given(tex).strip(),
    "\\notblank": lambda tex: bool(_given(tex).strip()),
    "\\ifbool": _boolean,
    "\\notbool": lambda tex: not _boolean(tex),
    "\\iftoggle": lambda tex: switch(tex, _toggle(tex.read_name())),
    "\\nottoggle": lambda tex: not switch(tex, _toggle(tex.read_name())),
    "\\ifnumcomp": lambda tex: _compare(tex, "count"),
    "\\ifnumequal": lambda tex: _compare(tex, "count", "="),
    "\\ifnumgreater": lambda tex: _compare(tex, "count", ">"),
    "\\ifnumless": lambda tex: _compare(tex, "count", "<"),
    "\\ifnumodd": lambda tex: tex.evaluate(tex.read_arg(), "count") % 2 == 1,
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
    choose(tex, _TESTS[name](tex))


# ---------------------------------------------------------------- xstring
def _strings(tex: Stomach, n: int) -> list[str]:
    return [untokenize(tex.expand_all(tex.read_arg(), builtin=True)) for _ in range(n)]


def _decimal(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _if_equal(a: str, b: str) -> bool:
    x, y = _decimal(a), _decimal(b)
    return a == b if x is None or y is None else x == y


_XSTRING: dict[str, Callable[[str, str], bool]] = {
    "\\IfStrEq": lambda a, b: a == b,
    "\\IfEq": _if_equal,
    "\\IfSubStr": lambda a, b: b in a,
    "\\IfBeginWith": lambda a, b: a.startswith(b) and b != "",
    "\\IfEndWith": lambda a, b: a.endswith(b) and b != "",
}


def xstring_test(tex: Stomach, name: str) -> None:
    """`\\IfSubStr{text}{part}{yes}{no}` and kin; both are expanded first."""
    tex.read_star()
    given = tex.read_optional() if name == "\\IfSubStr" else None
    a, b = _strings(tex, 2)
    least = "".join(given or []).strip()
    truth = a.count(b) >= int(least) if least.isdigit() and b else _XSTRING[name](a, b)
    choose(tex, truth)


def xstring_number(tex: Stomach, name: str) -> None:
    """`\\IfInteger{x}{yes}{no}`, `\\IfDecimal`."""
    (text,) = _strings(tex, 1)
    pattern = r"\s*[-+]*\d+\s*" if name == "\\IfInteger" else r"\s*[-+]*(?:\d+(?:[.,]\d*)?|[.,]\d+)\s*"
    choose(tex, bool(re.fullmatch(pattern, text)))


def xstring_case(tex: Stomach, name: str) -> None:
    """`\\IfStrEqCase{x}{{a}{one}{b}{two}}[else]`, `\\IfEqCase`."""
    tex.read_star()
    (text,) = _strings(tex, 1)
    cases = tex.read_arg()
    tex.pb.append(END)
    tex.push(cases)
    found: list[str] | None = None
    while tex.skip_spaces() != END:
        (wanted,) = _strings(tex, 1)
        result = tex.read_arg()
        if found is None and (wanted == text if "Str" in name else _if_equal(text, wanted)):
            found = result
    tex.next()
    other = tex.read_optional()
    tex.push(found if found is not None else other or [])


def strcmp(tex: Stomach, name: str) -> None:
    """`\\pdfstrcmp{a}{b}`: -1, 0 or 1."""
    a, b = _strings(tex, 2)
    tex.push([str((a > b) - (a < b))])


def xstring_result(tex: Stomach, text: str) -> None:
    """The result of an xstring command: printed, or kept in the macro named in brackets."""
    given = tex.read_optional()
    if given:
        tex.define(_cs(given), Macro((), tokenize(text)))
    else:
        tex.push(tokenize(text))


def xstring_edit(tex: Stomach, name: str) -> None:
    """`\\StrSubstitute{text}{a}{b}`, `\\StrDel`, `\\StrBefore`, `\\StrLeft`, `\\StrLen` and kin."""
    tex.read_star()
    tex.read_optional()
    n, edit = _XSTRING_EDITS[name]
    xstring_result(tex, edit(*_strings(tex, n)))


def _int(text: str) -> int:
    return int(text) if re.fullmatch(r"\s*-?\d+\s*", text) else 0


_XSTRING_EDITS: dict[str, tuple[int, Callable[..., str]]] = {
    "\\StrSubstitute": (3, lambda s, a, b: s.replace(a, b) if a else s),
    "\\StrDel": (2, lambda s, a: s.replace(a, "") if a else s),
    "\\StrBefore": (2, lambda s, a: s.partition(a)[0] if a and a in s else ""),
    "\\StrBehind": (2, lambda s, a: s.partition(a)[2] if a else ""),
    "\\StrBetween": (3, lambda s, a, b: s.partition(a)[2].partition(b)[0] if a in s.partition(b)[0] else ""),
    "\\StrLeft": (2, lambda s, n: s[: max(0, _int(n))]),
    "\\StrRight": (2, lambda s, n: s[max(0, len(s) - _int(n)) :]),
    "\\StrGobbleLeft": (2, lambda s, n: s[max(0, _int(n)) :]),
    "\\StrGobbleRight": (2, lambda s, n: s[: max(0, len(s) - _int(n))]),
    "\\StrMid": (3, lambda s, a, b: s[max(0, _int(a) - 1) : max(0, _int(b))]),
    "\\StrChar": (2, lambda s, n: s[_int(n) - 1 : _int(n)]),
    "\\StrLen": (1, lambda s: str(len(s))),
    "\\StrCount": (2, lambda s, a: str(s.count(a)) if a else "0"),
    "\\StrPosition": (2, lambda s, a: str(s.find(a) + 1) if a else "0"),
}


DECISIONS: dict[str, Handler] = {
    **dict.fromkeys(("\\@ifnextchar", "\\kernel@ifnextchar", "\\@testopt@"), ifnextchar),
    "\\@ifstar": ifstar,
    "\\@ifundefined": ifundefined,
    "\\@ifdefinable": ifdefinable,
    **dict.fromkeys(
        ("\\@ifpackageloaded", "\\@ifclassloaded", "\\IfPackageLoadedTF", "\\IfClassLoadedTF", "\\ltx@ifpackageloaded",
         "\\ltx@ifclassloaded"),
        ifloaded,
    ),
    **dict.fromkeys(
        (f"\\If{what}{arms}" for what in ("NoValue", "Value", "Boolean", "Blank") for arms in ("TF", "T", "F")),
        if_argument,
    ),
    "\\ifthenelse": ifthenelse,
    **dict.fromkeys(("\\newboolean", "\\provideboolean", "\\newbool", "\\providebool", "\\newtoggle", "\\providetoggle"),
                    newboolean),
    **dict.fromkeys(
        ("\\setboolean", "\\setbool", "\\settoggle", "\\booltrue", "\\boolfalse", "\\toggletrue", "\\togglefalse"),
        setboolean,
    ),
    **dict.fromkeys(_TESTS, etoolbox_test),
    **dict.fromkeys(_XSTRING, xstring_test),
    **dict.fromkeys(("\\IfInteger", "\\IfDecimal"), xstring_number),
    **dict.fromkeys(("\\IfStrEqCase", "\\IfEqCase"), xstring_case),
    **dict.fromkeys(_XSTRING_EDITS, xstring_edit),
    **dict.fromkeys(("\\pdfstrcmp", "\\strcmp"), strcmp),
}  # fmt: skip
