"""pgffor's `\\foreach`: a body read once an item of a list, with names for what stands between its slashes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.lexer import END, FROZEN, PAR, tokenize, untokenize
from curation.extract.latex.loops import MAX_ROUNDS, run_rounds, set_name, split_list
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

_CS = r"(\\[A-Za-z@]+)"
_COUNT = re.compile(rf"\bcount\s*=\s*{_CS}(?:\s*from\s*(-?\d{{1,6}}))?")
_EVALUATE = re.compile(rf"\bevaluate\s*=\s*{_CS}(?:\s*as\s*{_CS})?(?:\s*using\s*(\{{[^{{}}]*\}}|[^,{{}}\]]+))?")
_REMEMBER = re.compile(rf"\bremember\s*=\s*{_CS}\s*as\s*{_CS}(?:\s*\(\s*initially\s+([^()]*)\))?")
_IN = re.compile(r"(?:^|[\s\]])in\s*$")


def foreach(tex: Stomach, name: str) -> None:
    """`\\foreach \\x/\\y [count=\\i] in {a/b,1,...,5}{body}`; the body may be another `\\foreach`."""
    names: list[str] = []
    options = ""
    while True:
        tok = tex.skip_spaces()
        if tok[0] == "[":
            options += "," + untokenize(tex.read_optional() or [])
            continue
        tex.pb.pop()
        if tok in (END, PAR, "{", "}"):
            tex.pb.append(tok)
            return
        if tok[0] == "\\":
            names.append(tok)
        elif re.match(r"/?\s*in\b", tok):
            if rest := tok[tok.index("in") + 2 :].strip():
                tex.pb.append(rest)
            break
    given = tex.read_arg()
    if len(given) == 1 and isinstance(macro := tex.defs.get(given[0]), Macro):
        given = list(macro.body)
    body = _body(tex)
    rounds = []
    last: dict[str, list[str]] = {}
    for i, item in enumerate(_ranges(split_list(given))):
        values = split_list(item, "/") if len(names) > 1 else [item]
        values += [values[-1]] * (len(names) - len(values))
        of = dict(zip(names, values, strict=False))
        sets = [tok for cs, value in of.items() for tok in set_name(cs, value)]
        rounds.append(["{", *sets, *_asked_for(options, i, of, last), *body, "}"])
        last = of
    run_rounds(tex, name, rounds)


def _asked_for(options: str, i: int, of: dict[str, list[str]], last: dict[str, list[str]]) -> list[str]:
    """The names that options set in round i: a count, the value of the round before, a value computed."""
    out: list[str] = []
    if m := _COUNT.search(options):
        out += set_name(m[1], [str(int(m[2] or 1) + i)])
    for m in _REMEMBER.finditer(options):
        out += set_name(m[2], last.get(m[1], []) if i else tokenize((m[3] or "").strip()))
    for m in _EVALUATE.finditer(options):
        if m[1] in of:
            formula = (m[3] or m[1]).strip()
            formula = formula[1:-1] if formula[:1] == "{" else formula
            out += ["\\pgfmathsetmacro" + FROZEN, "{", m[2] or m[1], "}", "{", *tokenize(formula), "}"]
    return out


def _body(tex: Stomach) -> list[str]:
    """What is done with each item: an argument, behind as many `\\foreach` with their lists as stand before it."""
    heads: list[str] = []
    while tex.alias(tex.skip_spaces()) == "\\foreach" and len(heads) < 1_000:
        heads.append(tex.next())
        while (tok := tex.peek()) not in ("{", "}", END, PAR):
            heads.append(tex.next())
            if _IN.search(tok) and tex.skip_spaces()[0] == "\\":
                heads.append(tex.next())
                break
        else:
            if tok == "{":
                heads += ["{", *tex.read_arg(), "}"]
    body = tex.read_arg()
    return [*heads, "{", *body, "}"] if heads else body


def _ranges(items: list[list[str]]) -> list[list[str]]:
    """`1,...,4` and `0,2,...,8`, `a,...,d` written out."""
    out: list[list[str]] = []
    texts = ["".join(item).strip() for item in items]
    for i, item in enumerate(items):
        if texts[i] != "..." or not out or i + 1 == len(items):
            out.append(item)
            continue
        last, end = "".join(out[-1]).strip(), texts[i + 1]
        if re.fullmatch(r"[A-Za-z]", last) and re.fullmatch(r"[A-Za-z]", end):
            out += [[chr(c)] for c in range(ord(last) + 1, ord(end))]
            continue
        try:
            start, stop = float(last), float(end)
            before = float(texts[i - 2]) if i > 1 else None
        except ValueError:
            continue
        step = start - before if before is not None and before != start else 1.0 if stop >= start else -1.0
        value = start + step
        while len(out) <= MAX_ROUNDS and (stop - value) * step > 1e-9:
            out.append([f"{value:.10g}"])
            value += step
        if abs(value - stop) > 1e-9:
            items[i + 1] = []
            texts[i + 1] = ""
    return [item for item in out if item]


FOREACH: dict[str, Entry] = {"\\foreach": foreach}
"""Loops over lists of pgffor."""
