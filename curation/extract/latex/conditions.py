"""Conditionals: decide what can be decided, read the false branch away token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import END, PAR, SPACE
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Handler
    from curation.extract.latex.stomach import Stomach

# switches of engines and drivers; we are none of them, yet \ifpdf text is what readers see
_ENGINE = {"\\ifpdf": True, "\\ifxetex": False, "\\ifluatex": False, "\\ifPDFTeX": True, "\\ifXeTeX": False,
           "\\ifLuaTeX": False, "\\ifpdftex": True, "\\ifeof": True, "\\ifhbox": False, "\\ifvbox": False,
           "\\ifvoid": True, "\\ifinner": False, "\\if@twocolumn": False, "\\if@twoside": False,
           "\\if@filesw": False, "\\if@compatibility": False}  # fmt: skip


def skip_branch(tex: Stomach, *, to_else: bool) -> None:
    """Read away a branch that is not taken, up to its `\\fi` (or `\\else`); nested conditionals count."""
    depth = 0
    while True:
        tok = tex.next()
        if tok[0] != "\\":
            continue
        if tok == END:
            tex.pb.append(END)
            return
        if tok == "\\fi":
            if depth == 0:
                return
            depth -= 1
        elif tok == "\\else" and depth == 0 and to_else:
            tex.n_open_ifs += 1
            return
        elif tok in tex.conditionals:
            depth += 1


def _take(tex: Stomach, truth: bool) -> None:
    if truth:
        tex.n_open_ifs += 1
    else:
        skip_branch(tex, to_else=True)


def _expanded_token(tex: Stomach) -> str:
    """The next unexpandable token; macros are expanded, blanks are kept."""
    for _ in range(200):
        tok = tex.next_char()
        entry = tex.defs.get(tok) if tok[0] == "\\" else None
        if isinstance(entry, Macro):
            tex.expand(entry, tok)
        elif tok in ("\\csname", "\\expandafter", "\\number", "\\the", "\\noexpand"):
            tex.run_one(tok)
        else:
            return tok
    return SPACE


def cond_if(tex: Stomach, name: str) -> None:
    """`\\if`, `\\ifcat`: two expanded tokens are alike."""
    _take(tex, _expanded_token(tex) == _expanded_token(tex))


def cond_ifx(tex: Stomach, name: str) -> None:
    """`\\ifx`: two tokens mean the same."""
    a, b = tex.next_char(), tex.next_char()
    ea, eb = tex.defs.get(a), tex.defs.get(b)
    if a == b:
        same = True
    elif isinstance(ea, Macro) and isinstance(eb, Macro):
        same = ea.params == eb.params and ea.body == eb.body and ea.parts == eb.parts
    elif a[0] == "\\" and b[0] == "\\":
        # a name nobody defined equals \undefined and \@undefined, and \relax only through \csname
        same = ea is eb and (ea is not None or a in _UNDEFINED or b in _UNDEFINED)
    else:
        same = False
    _take(tex, same)


_UNDEFINED = frozenset({"\\undefined", "\\@undefined", "\\UnDeFiNeD", "\\@empty"})


def cond_ifnum(tex: Stomach, name: str) -> None:
    """`\\ifnum`, `\\ifdim`: compare two numbers."""
    left = tex.read_number()
    relation = tex.skip_spaces()[0]
    if relation in "<>=":
        tex.next_char()
    right = tex.read_number()
    _take(tex, {"<": left < right, ">": left > right}.get(relation, left == right))


def cond_ifdim(tex: Stomach, name: str) -> None:
    """`\\ifdim`: lengths are not kept; the false branch is the common default."""
    tex.read_glue()
    tok = tex.skip_spaces()
    if tok[0] in "<>=":
        tex.next_char()
    tex.read_glue()
    _take(tex, False)


def cond_ifodd(tex: Stomach, name: str) -> None:
    """`\\ifodd`."""
    _take(tex, tex.read_number() % 2 == 1)


def cond_ifcase(tex: Stomach, name: str) -> None:
    """`\\ifcase n a\\or b\\else c\\fi`."""
    n = tex.read_number()
    depth = 0
    while n > 0:
        tok = tex.next()
        if tok == END:
            tex.pb.append(END)
            return
        if tok in tex.conditionals:
            depth += 1
        elif tok == "\\fi":
            if depth == 0:
                return
            depth -= 1
        elif tok == "\\or" and depth == 0:
            n -= 1
        elif tok == "\\else" and depth == 0:
            break
    tex.n_open_ifs += 1


def cond_true(tex: Stomach, name: str) -> None:
    """`\\iftrue`."""
    tex.n_open_ifs += 1


def cond_false(tex: Stomach, name: str) -> None:
    """`\\iffalse`: the usual way to comment a passage out."""
    skip_branch(tex, to_else=True)


def cond_ifdefined(tex: Stomach, name: str) -> None:
    """`\\ifdefined\\x`."""
    tok = tex.next_char()
    _take(tex, tok in tex.defs)


def cond_ifcsname(tex: Stomach, name: str) -> None:
    """`\\ifcsname x\\endcsname`."""
    _take(tex, "\\" + read_csname(tex) in tex.defs)


def cond_ifmmode(tex: Stomach, name: str) -> None:
    """`\\ifmmode`: the usual trick of macros that work in text and math."""
    _take(tex, tex.in_math)


def cond_mode(tex: Stomach, name: str) -> None:
    """`\\ifvmode`, `\\ifhmode`."""
    vertical = not tex.in_math and not tex.has_inline()
    _take(tex, vertical if name == "\\ifvmode" else not vertical and not tex.in_math)


def cond_engine(tex: Stomach, name: str) -> None:
    """Engine switches."""
    if name in ("\\ifeof",) or name in ("\\ifhbox", "\\ifvbox", "\\ifvoid"):
        tex.read_number()
    _take(tex, _ENGINE[name])


def else_(tex: Stomach, name: str) -> None:
    """`\\else` or `\\or` met while reading a branch that was taken: the rest is not."""
    if tex.n_open_ifs > 0:
        tex.n_open_ifs -= 1
        skip_branch(tex, to_else=False)


def fi(tex: Stomach, name: str) -> None:
    """`\\fi` of a branch that was taken."""
    if tex.n_open_ifs > 0:
        tex.n_open_ifs -= 1


def newif(tex: Stomach, name: str) -> None:
    """`\\newif\\iffoo` defines `\\iffoo`, `\\footrue`, `\\foofalse`; it starts false."""
    tok = tex.next()
    if not tok.startswith("\\if") or len(tok) < 4:
        return
    tex.switches[tok] = False
    tex.conditionals.add(tok)
    tex.defs[tok] = cond_switch
    stem = tok[3:]
    tex.defs["\\" + stem + "true"] = switch_on
    tex.defs["\\" + stem + "false"] = switch_off


def cond_switch(tex: Stomach, name: str) -> None:
    """A switch made by `\\newif`."""
    _take(tex, tex.switches.get(name, False))


def switch_on(tex: Stomach, name: str) -> None:
    """`\\footrue`."""
    tex.switches["\\if" + name[1:-4]] = True


def switch_off(tex: Stomach, name: str) -> None:
    """`\\foofalse`."""
    tex.switches["\\if" + name[1:-5]] = False


def ifthenelse(tex: Stomach, name: str) -> None:
    """`\\ifthenelse{test}{yes}{no}`: `\\boolean`, `\\equal`, numbers; else the first branch."""
    test = tex.expand_all(tex.read_arg())
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if _test(tex, [t for t in test if t != SPACE]) else no)


def _test(tex: Stomach, test: list[str]) -> bool:
    negate = (bool(test) and test[0] == "\\NOT") or (bool(test) and test[0] == "\\not")
    if negate:
        return not _test(tex, test[1:])
    if test and test[0] in ("\\boolean", "\\bool"):
        return tex.switches.get("\\if" + "".join(t for t in test[1:] if t not in "{}").strip(), False)
    if test and test[0] == "\\equal":
        text = "".join(test[1:])
        parts = text.strip().lstrip("{").rstrip("}").split("}{")
        return len(parts) == 2 and parts[0].strip() == parts[1].strip()
    if test and test[0] == "\\isundefined":
        return "".join(t for t in test[1:] if t not in "{}") not in tex.defs
    if test and test[0] == "\\isodd":
        return False
    text = "".join(test)
    for op in "<>=":
        if op in text:
            left, _, right = text.partition(op)
            try:
                a, b = int(left), int(right)
            except ValueError:
                return False
            return {"<": a < b, ">": a > b}.get(op, a == b)
    return True


def newboolean(tex: Stomach, name: str) -> None:
    """`\\newboolean{x}`, `\\newbool`, `\\newtoggle`."""
    tex.switches["\\if" + tex.read_name()] = False


def setboolean(tex: Stomach, name: str) -> None:
    """`\\setboolean{x}{true}`, `\\setbool`, `\\booltrue`, `\\toggletrue` and their opposites."""
    key = "\\if" + tex.read_name()
    if name in ("\\setboolean", "\\setbool", "\\settoggle"):
        tex.switches[key] = tex.read_name().strip() == "true"
    else:
        tex.switches[key] = name.endswith("true")


def ifbool(tex: Stomach, name: str) -> None:
    """`\\ifbool{x}{yes}{no}`, `\\iftoggle`."""
    key = "\\if" + tex.read_name()
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(yes if tex.switches.get(key, False) else no)


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


def ifundefined(tex: Stomach, name: str) -> None:
    """`\\@ifundefined{x}{yes}{no}`."""
    key = "\\" + tex.read_name()
    yes, no = tex.read_arg(), tex.read_arg()
    tex.push(no if key in tex.defs else yes)


def if_argument(tex: Stomach, name: str) -> None:
    """xparse: `\\IfNoValueTF{#1}{yes}{no}`, `\\IfBooleanT`: an argument that was not given is empty here."""
    given = bool("".join(tex.read_arg()).strip().strip("\x00"))
    if name.startswith("\\IfNoValue"):
        given = not given
    yes = tex.read_arg() if "T" in name[-2:] else []
    no = tex.read_arg() if name.endswith("F") else []
    tex.push(yes if given else no)


def read_csname(tex: Stomach) -> str:
    """The name between `\\csname` (already read) and `\\endcsname`."""
    out: list[str] = []
    for _ in range(400):
        tok = tex.next()
        if tok == "\\endcsname":
            break
        if tok in (END, PAR):
            tex.pb.append(tok)
            break
        entry = tex.defs.get(tok) if tok[0] == "\\" else None
        if isinstance(entry, Macro):
            tex.expand(entry, tok)
        else:
            out.append(tok if tok[0] != "\\" else tok[1:])
    return "".join(out).strip()


CONDITIONS: dict[str, Handler] = {
    "\\if": cond_if,
    "\\ifcat": cond_if,
    "\\ifx": cond_ifx,
    "\\ifnum": cond_ifnum,
    "\\ifdim": cond_ifdim,
    "\\ifodd": cond_ifodd,
    "\\ifcase": cond_ifcase,
    "\\iftrue": cond_true,
    "\\iffalse": cond_false,
    "\\ifdefined": cond_ifdefined,
    "\\ifcsname": cond_ifcsname,
    "\\ifmmode": cond_ifmmode,
    "\\ifvmode": cond_mode,
    "\\ifhmode": cond_mode,
    **dict.fromkeys(_ENGINE, cond_engine),
}
BRANCHES: dict[str, Handler] = {
    **CONDITIONS,
    "\\else": else_,
    "\\or": else_,
    "\\fi": fi,
    "\\newif": newif,
    "\\ifthenelse": ifthenelse,
    "\\newboolean": newboolean,
    "\\newbool": newboolean,
    "\\newtoggle": newboolean,
    "\\setboolean": setboolean,
    "\\setbool": setboolean,
    "\\settoggle": setboolean,
    "\\booltrue": setboolean,
    "\\boolfalse": setboolean,
    "\\toggletrue": setboolean,
    "\\togglefalse": setboolean,
    "\\ifbool": ifbool,
    "\\iftoggle": ifbool,
    "\\@ifnextchar": ifnextchar,
    "\\kernel@ifnextchar": ifnextchar,
    "\\@ifstar": ifstar,
    "\\@ifundefined": ifundefined,
    **dict.fromkeys(
        (f"\\If{what}{arms}" for what in ("NoValue", "Value", "Boolean") for arms in ("TF", "T", "F")), if_argument
    ),
}
