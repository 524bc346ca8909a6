"""The argument kinds of document commands (xparse, in LaTeX's kernel since 2020) and of xargs, as parameters of a Macro.

A kind that is not there gives `-NoValue-`, a star or a sought token gives `\\BooleanTrue` or `\\BooleanFalse`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.choices import NO_VALUE
from curation.extract.latex.lexer import END, PAR, SPACE, with_depth

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Gullet

Param = str | tuple[str, tuple[str, ...]]
_TRUE, _FALSE = "\\BooleanTrue", "\\BooleanFalse"


def parameters(spec: list[str]) -> tuple[Param, ...]:
    """`s O{d} m e{^_}` as parameters."""
    tokens = [c for tok in spec for c in ([tok] if tok[0] in "\\#{}" else list(tok)) if c.strip()]
    out: list[Param] = []
    i = 0

    def group() -> tuple[str, ...]:
        nonlocal i
        if i >= len(tokens):
            return ()
        if tokens[i] != "{":
            i += 1
            return (tokens[i - 1],)
        for j, (tok, depth) in enumerate(with_depth(tokens[i:]), i):
            if tok == "}" and depth == 1:
                inner = tuple(tokens[i + 1 : j])
                i = j + 1
                return inner
        i = len(tokens)
        return ()

    while i < len(tokens):
        kind = tokens[i]
        i += 1
        if kind in "+!=":
            if kind == "=":
                group()
        elif kind == ">":
            group()
        elif kind in "mvb":
            out.append("m" if kind == "m" else (f"x{kind}", ()))
        elif kind in "so":
            out.append((f"x{kind}", ()))
        elif kind in "OGuE" or kind in "etgl":
            out.extend(_kind(kind, group))
        elif kind in "dDrR":
            delimiters = (*group()[:1], *group()[:1])
            default = group() if kind in "DR" else (NO_VALUE,)
            out.append((f"x{kind.lower()}", (*delimiters, *default)))
    return tuple(out)


def _kind(kind: str, read: Callable[[], tuple[str, ...]]) -> list[Param]:
    if kind == "g":
        return [("xg", (NO_VALUE,))]
    if kind == "l":
        return [("t", ("{",))]
    if kind in "eE":
        tokens = read()
        defaults = read() if kind == "E" else ()
        marks = tuple(t for t in tokens if t not in "{}")
        values = [t for t in defaults if t not in "{}"]
        values += [NO_VALUE] * (len(marks) - len(values))
        return [("xe", tuple(p for pair in zip(marks, values, strict=False) for p in pair))]
    data = read()
    if kind == "O":
        return [("xO", data)]
    if kind == "u":
        return [("t", data)]
    return [({"G": "xg", "t": "xt"}[kind], data)]


def read_argument(tex: Gullet, kind: str, data: tuple[str, ...], args: list[list[str]]) -> list[list[str]]:
    """The argument, or arguments (`e`), of one kind; defaults may name the arguments read so far."""
    if kind == "xs":
        return [[_TRUE if tex.read_star() else _FALSE]]
    if kind == "xt":
        return [[_TRUE if _sought(tex, data[0]) else _FALSE]]
    if kind in ("xo", "xO"):
        blank = tex.peek()[0] in " \n"
        given = tex.read_optional()
        if given is None and blank:
            tex.pb.append(SPACE)
        default = [NO_VALUE] if kind == "xo" else _filled(data, args)
        return [default if given is None else _unbraced(given)]
    if kind == "xg":
        return [tex.read_arg() if tex.skip_spaces() == "{" else _filled(data, args)]
    if kind in ("xd", "xr"):
        found = _delimited(tex, data[0], data[1])
        return [_filled(data[2:], args) if found is None else found]
    if kind == "xe":
        values = {data[i]: [data[i + 1]] for i in range(0, len(data), 2)}
        for _ in range(len(values)):
            mark = next((m for m in values if _sought(tex, m)), None)
            if mark is None:
                break
            values[mark] = tex.read_arg()
        return list(values.values())
    if kind == "xv":
        return [_verbatim(tex)]
    return [_body(tex)]


def _filled(default: tuple[str, ...], args: list[list[str]]) -> list[str]:
    out: list[str] = []
    for tok in default:
        if tok[0] == "#" and tok[1:].isdigit() and int(tok[1:]) <= len(args):
            out.extend(args[int(tok[1:]) - 1])
        else:
            out.append(tok)
    return out


def _unbraced(tokens: list[str]) -> list[str]:
    """`[{a]b}]`: braces around the whole of an optional argument fall away."""
    if len(tokens) > 1 and tokens[0] == "{" and tokens[-1] == "}":
        depths = [depth for tok, depth in with_depth(tokens) if tok == "}" and depth == 1]
        if len(depths) == 1:
            return tokens[1:-1]
    return tokens


def _sought(tex: Gullet, wanted: str) -> bool:
    tok = tex.skip_spaces()
    if wanted[0] == "\\" or tok[0] == "\\":
        if tok != wanted:
            return False
        tex.pb.pop()
        return True
    if tok[0] != wanted[0]:
        return False
    tex.next_char()
    return True


def _delimited(tex: Gullet, opening: str, closing: str) -> list[str] | None:
    """An argument between two tokens, nested ones counted; None where the first is missing."""
    if len(opening) == len(closing) == 1 and opening not in "{}\\" and closing not in "{}\\":
        return tex.read_optional(opening, closing)
    if not _sought(tex, opening):
        return None
    out: list[str] = []
    depth = 1
    while len(out) < 4_000:
        tok = tex.next_char()
        if tok in (END, PAR):
            tex.pb.append(tok)
            break
        depth += (tok == opening and opening != closing) - (tok == closing)
        if not depth:
            break
        out.append(tok)
    return out


def _verbatim(tex: Gullet) -> list[str]:
    """`v`: characters between two equal marks, or braces."""
    opening = tex.next_char()
    if opening == "{":
        return ["\x00" + "".join(tex.read_group())]
    out: list[str] = []
    while len(out) < 2_000:
        tok = tex.next_char()
        if tok == opening:
            break
        if tok in (END, PAR):
            tex.pb.append(tok)
            break
        out.append(tok)
    return ["\x00" + "".join(out)] if out else []


def _body(tex: Gullet) -> list[str]:
    """`b`: the environment's body, up to its own `\\end`, which is left to be read."""
    out: list[str] = []
    depth = 0
    while len(out) < 60_000:
        tok = tex.next()
        if tok == END:
            tex.pb.append(tok)
            break
        if tok == "\\begin":
            depth += 1
        elif tok == "\\end":
            if not depth:
                tex.pb.append(tok)
                break
            depth -= 1
        out.append(tok)
    while out and out[-1] == SPACE:
        out.pop()
    return out


def listed_parameters(n: int, defaults: list[str]) -> tuple[Param, ...]:
    """xargs: `[3][1=a,3=b]`: arguments 1 and 3 are optional."""
    given: dict[int, tuple[str, ...]] = {}
    key = ""
    value: list[str] = []

    def note() -> None:
        if key.strip().isdigit():
            given[int(key)] = tuple(v for v in value if v)

    for tok, depth in with_depth(defaults):
        if depth or tok[0] == "\\":
            if tok not in "{}" or depth > 1:
                value.append(tok)
            continue
        for i, piece in enumerate(tok.split(",")):
            if i:
                note()
                key, value = "", []
            name, sign, rest = piece.partition("=")
            if sign:
                key = name
                value.append(rest.lstrip())
            else:
                value.append(piece)
    note()
    return tuple(("xO", given[i]) if i in given else "m" for i in range(1, n + 1))
