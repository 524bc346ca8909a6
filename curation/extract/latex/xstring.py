"""Tests and edits of xstring."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.choices import choose, first_name
from curation.extract.latex.lexer import END, PAR, tokenize, untokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

MAX_STRING = 100_000
"""Characters of a string that a substitution makes: each one can make the last ten times as long."""


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


XSTRING_TESTS: dict[str, Callable[[str, str], bool]] = {
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
    truth = a.count(b) >= int(least) if least.isdigit() and b else XSTRING_TESTS[name](a, b)
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
    while (tok := tex.skip_spaces()) != END:
        if tok in ("}", PAR):
            tex.next()  # closes nothing here
            continue
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
    """The result of an xstring command: printed, or kept in the macro named in brackets.

    It is read a second time, so commands that stand within each other may make no more than macros may.
    """
    given = tex.read_optional()
    if len(text) > MAX_STRING:
        tex.warn("a string of xstring grows without end")
        text = ""
    tokens = tokenize(text)
    tex.spend(len(tokens))
    if given:
        tex.define(first_name(given), Macro((), tokens))
    elif not tex.runs_away("an edit of strings within others"):
        tex.push(tokens)


def xstring_edit(tex: Stomach, name: str) -> None:
    """`\\StrSubstitute{text}{a}{b}`, `\\StrDel`, `\\StrBefore`, `\\StrLeft`, `\\StrLen` and kin."""
    tex.read_star()
    tex.read_optional()
    n, edit = XSTRING_EDITS[name]
    xstring_result(tex, edit(*_strings(tex, n)))


def xstring_cut(tex: Stomach, name: str) -> None:
    """`\\StrCut[2]{a=b}{=}\\before\\behind`: the text before and behind an occurrence, each in its macro."""
    tex.read_star()
    nth = max(1, _int("".join(tex.read_optional() or [])))
    text, mark = _strings(tex, 2)
    pieces = text.split(mark, nth) if mark else [text]
    found = len(pieces) > nth
    halves = (mark.join(pieces[:nth]), pieces[nth]) if found else (text, "")
    for half in halves:
        tex.define(first_name(tex.read_arg()), Macro((), tokenize(half)))


def _replaced(text: str, old: str, new: str) -> str:
    """Text with each `old` made `new`; what would grow past `MAX_STRING` stays as it is."""
    grown = len(text) + text.count(old) * (len(new) - len(old)) if old else 0
    return text.replace(old, new) if old and grown <= MAX_STRING else text


def _int(text: str) -> int:
    return int(text) if re.fullmatch(r"\s*-?\d+\s*", text) else 0


XSTRING_EDITS: dict[str, tuple[int, Callable[..., str]]] = {
    "\\StrSubstitute": (3, _replaced),
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
