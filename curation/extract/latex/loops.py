"""Loops over tokens, lists and conditions; hooks; code that is kept and run later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.choices import within
from curation.extract.latex.conditions import compare, relation
from curation.extract.latex.etoolbox import boolexpr
from curation.extract.latex.ifthen import holds
from curation.extract.latex.lexer import END, FROZEN, PAR, SPACE, tokenize, with_depth
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry

MAX_ROUNDS = 2_000
"""A loop over a list or range has at most so many rounds; loops over conditions end with the budget of a macro."""


def split_list(tokens: list[str], separator: str = ",") -> list[list[str]]:
    """The items of a list: separators in braces do not count, blanks around an item fall away."""
    items: list[list[str]] = [[]]
    for tok, depth in with_depth(tokens):
        if depth or tok[0] in "\\{}" or separator not in tok:
            items[-1].append(tok)
            continue
        first, *more = tok.split(separator)
        items[-1].append(first)
        items.extend([piece] for piece in more)
    return [_stripped(item) for item in items]


def _stripped(tokens: list[str]) -> list[str]:
    out = [t for t in tokens if t]
    while out and (out[0] == SPACE or not out[0].strip()):
        out.pop(0)
    while out and (out[-1] == SPACE or not out[-1].strip()):
        out.pop()
    if out:
        out[0] = out[0].lstrip() if out[0][0] not in "\\{" else out[0]
        out[-1] = out[-1].rstrip() if out[-1][0] not in "\\{" else out[-1]
    return out


def set_name(cs: str, value: list[str]) -> list[str]:
    """`\\def\\x{value}`."""
    return ["\\def" + FROZEN, cs, "{", *value, "}"]


def _go_round(tex: Stomach, name: str, again: list[str]) -> None:
    """Read a loop once more; one whose test never fails ends here, and the paper goes on behind it."""
    tex.spend(len(again))
    if not tex.runs_away(f"loop {name}"):
        tex.push(again)


# ---------------------------------------------------------------- conditions
def whiledo(tex: Stomach, name: str) -> None:
    """`\\whiledo{test}{body}` (ifthen), `\\whileboolexpr`."""
    test, body = tex.read_arg(), tex.read_arg()
    truth = holds(tex, test) if name == "\\whiledo" else boolexpr(tex, test) == (name == "\\whileboolexpr")
    if truth:
        again = [*body, name + FROZEN, "{", *test, "}", "{", *body, "}"]
        _go_round(tex, name, again)


def at_while(tex: Stomach, name: str) -> None:
    """`\\@whilenum test\\do{body}`, `\\@whiledim`."""
    test: list[str] = []
    while (tok := tex.next()) not in ("\\do", END, PAR):
        test.append(tok)
    if tok != "\\do":
        tex.pb.append(tok)
        return
    body = tex.read_arg()
    kind = "count" if name == "\\@whilenum" else "dimen"
    if within(tex, test, lambda tex: _holds(tex, kind), too_deep=False):
        again = [*body, name + FROZEN, *test, "\\do", "{", *body, "}"]
        _go_round(tex, name, again)


def _holds(tex: Stomach, kind: str) -> bool:
    left = tex.read_value(kind)
    sign = relation(tex)
    return compare(left, sign, tex.read_value(kind))


def at_whileswitch(tex: Stomach, name: str) -> None:
    """`\\@whilesw\\ifx..\\fi{body}`."""
    switch = tex.next()
    tex.next()
    body = tex.read_arg()
    again = [*body, name + FROZEN, switch, "\\fi" + FROZEN, "{", *body, "}"]
    if tex.alias(switch) == "\\iftrue":
        _go_round(tex, name, again)


def forloop(tex: Stomach, name: str) -> None:
    """`\\forloop[step]{counter}{start}{test}{body}` (forloop)."""
    step = tex.read_optional() or ["1"]
    counter = ["{", *tex.read_arg(), "}"]
    start = tex.read_arg()
    test, body = tex.read_arg(), tex.read_arg()
    loop = [*body, "\\addtocounter", *counter, "{", *step, "}"]
    tex.push(["\\setcounter", *counter, "{", *start, "}", "\\whiledo" + FROZEN, "{", *test, "}", "{", *loop, "}"])


# ---------------------------------------------------------------- lists
def at_for(tex: Stomach, name: str) -> None:
    """`\\@for\\x:=a,b\\do{body}`: the list is expanded once; `\\@tfor` runs over tokens."""
    cs = tex.next_char()
    tex.skip_spaces()
    for mark in ":=":
        if tex.peek()[0] == mark:
            tex.next_char()
    given: list[str] = []
    while (tok := tex.next()) not in ("\\do", END, PAR):
        given.append(tok)
    if tok != "\\do":
        tex.pb.append(tok)
        return
    body = tex.read_arg()
    if name == "\\@tfor":
        tex.pb.append(END)
        tex.push(given)
        items: list[list[str]] = []
        while (tok := tex.skip_spaces()) != END:
            if tok in ("}", PAR):
                tex.next()  # closes nothing here
            else:
                items.append(tex.read_arg())
        tex.next()
    else:
        given = [t for t in given if t != SPACE] if given and given[0] == SPACE else given
        if len(given) == 1 and isinstance(macro := tex.defs.get(given[0]), Macro):
            given = list(macro.body)
        items = split_list(given) if given else []
    run_rounds(tex, name, [[*set_name(cs, item), *body] for item in items])


def run_rounds(tex: Stomach, name: str, rounds: list[list[str]]) -> None:
    """Read the rounds of a loop next; loops within loops that make too much end together, and the paper goes on behind them."""
    if len(rounds) > MAX_ROUNDS:
        tex.warn(f"loop {name}: its rounds past {MAX_ROUNDS:,} are left out")
    tokens = [tok for one in rounds[:MAX_ROUNDS] for tok in one]
    tex.spend(len(tokens))
    if not tex.leaves_loops(f"loop {name}"):
        tex.push(tokens)


def csv_list(tex: Stomach, name: str) -> None:
    """`\\forcsvlist{\\handler}{a,b}`, `\\docsvlist{a,b}` with `\\do` (etoolbox)."""
    handler = tex.read_arg() if name == "\\forcsvlist" else ["\\do"]
    items = [item for item in split_list(tex.read_arg()) if item]
    run_rounds(tex, name, [[*handler, "{", *item, "}"] for item in items])


def add_to_list(tex: Stomach, name: str) -> None:
    """`\\listadd\\x{item}`, `\\listgadd`, `\\listeadd`, `\\listcsadd{x}{item}`: kept in the macro, each item before a bar."""
    cs = "\\" + tex.read_name() if "cs" in name else _one(tex.read_arg())
    item = tex.read_arg()
    if name in ("\\listeadd", "\\listxadd", "\\listcseadd", "\\listcsxadd"):
        item = tex.expand_all(item)
    old = tex.defs.get(cs)
    if item:
        body = [*(old.body if isinstance(old, Macro) else []), "{", *item, "}", _BAR]
        tex.define(cs, Macro((), body), everywhere="gadd" in name or "xadd" in name)


_BAR = "\\\x00bar"


def list_loop(tex: Stomach, name: str) -> None:
    """`\\dolistloop\\x` with `\\do`, `\\forlistloop{\\handler}\\x` (etoolbox)."""
    handler = tex.read_arg() if name.startswith("\\for") else ["\\do"]
    cs = "\\" + tex.read_name() if "cs" in name else _one(tex.read_arg())
    macro = tex.defs.get(cs)
    body = macro.body if isinstance(macro, Macro) else []
    items: list[list[str]] = [[]]
    for tok in body:
        if tok == _BAR:
            items.append([])
        else:
            items[-1].append(tok)
    run_rounds(tex, name, [[*handler, *item] for item in items if item])


def _one(tokens: list[str]) -> str:
    return next((t for t in tokens if t[0] == "\\"), "\\\x00none")


# ---------------------------------------------------------------- code run later
def at_begin_document(tex: Stomach, name: str) -> None:
    """`\\AtBeginDocument{..}`, `\\AtEndPreamble`: run where the document starts; in the body at once."""
    code = tex.read_arg()
    if tex.reading_package:
        return
    if tex.in_body:
        tex.push(code)
    else:
        tex.begin_hook.extend(code)


def at_end_document(tex: Stomach, name: str) -> None:
    """`\\AtEndDocument{..}`."""
    code = tex.read_arg()
    if not tex.reading_package:
        tex.end_hook.extend(code)


def env_hook(tex: Stomach, name: str) -> None:
    """`\\AtBeginEnvironment{x}{..}`, `\\AtEndEnvironment`, `\\BeforeBeginEnvironment`, `\\AfterEndEnvironment`."""
    env = tex.read_name()
    tex.env_hooks.setdefault((env, name), []).extend(tex.read_arg())


def add_to_hook(tex: Stomach, name: str) -> None:
    """`\\AddToHook{begindocument}{..}`, `{env/x/begin}`, `{enddocument}`."""
    hook = tex.read_name()
    tex.read_optional()
    code = tex.read_arg()
    m = re.fullmatch(r"env/(.*)/(before|begin|end|after)", hook)
    if hook in ("begindocument", "begindocument/before", "begindocument/end"):
        tex.push(["\\AtBeginDocument", "{", *code, "}"])
    elif hook in ("enddocument", "enddocument/before"):
        tex.end_hook.extend(code)
    elif m:
        command = {"before": "\\BeforeBeginEnvironment", "begin": "\\AtBeginEnvironment",
                   "end": "\\AtEndEnvironment", "after": "\\AfterEndEnvironment"}[m.group(2)]  # fmt: skip
        tex.env_hooks.setdefault((m.group(1), command), []).extend(code)


def aftergroup(tex: Stomach, name: str) -> None:
    """`\\aftergroup\\x`: the token is read where the group ends."""
    tok = tex.next_char()
    if tok == END:
        tex.pb.append(tok)
    elif tex.groups:
        tex.vertical_group().after.append(tok)
    else:
        tex.pb.append(tok)


def afterassignment(tex: Stomach, name: str) -> None:
    """`\\afterassignment\\x\\y=3pt`: the token is read behind the assignment."""
    later = tex.next_char()
    if later == END:
        tex.pb.append(later)
        return
    tok = tex.next()
    tex.run_one(tok)
    tex.pb.append(later)


# plain TeX's own text: \loop#1\repeat{\def\iterate{#1\relax\expandafter\iterate\fi}\iterate}
_LOOP = Macro(
    (("t", ("\\repeat",)),),
    tokenize("\\def\\iterate{#1\\relax\\expandafter\\iterate\\fi}\\iterate\\let\\iterate\\relax"),
)
LOOPS: dict[str, Entry] = {
    "\\loop": _LOOP,
    **dict.fromkeys(("\\whiledo", "\\whileboolexpr", "\\unlessboolexpr"), whiledo),
    **dict.fromkeys(("\\@whilenum", "\\@whiledim"), at_while),
    "\\@whilesw": at_whileswitch,
    "\\forloop": forloop,
    **dict.fromkeys(("\\@for", "\\@tfor"), at_for),
    **dict.fromkeys(("\\forcsvlist", "\\docsvlist"), csv_list),
    **dict.fromkeys(
        (f"\\list{cs}{kind}add" for cs in ("", "cs") for kind in ("", "g", "e", "x")), add_to_list
    ),
    **dict.fromkeys(("\\dolistloop", "\\forlistloop", "\\dolistcsloop", "\\forlistcsloop"), list_loop),
    **dict.fromkeys(("\\AtBeginDocument", "\\AtEndPreamble", "\\AfterEndPreamble"), at_begin_document),
    "\\AtEndDocument": at_end_document,
    **dict.fromkeys(
        ("\\AtBeginEnvironment", "\\AtEndEnvironment", "\\BeforeBeginEnvironment", "\\AfterEndEnvironment"), env_hook
    ),
    "\\AddToHook": add_to_hook,
    "\\aftergroup": aftergroup,
    "\\afterassignment": afterassignment,
}  # fmt: skip
