"""TeX's conditionals: decided as TeX decides them; a branch that is not taken is read away token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import END, FROZEN, PAR, SPACE, untokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

# switches of engines and drivers; we are none of them, yet \ifpdf text is what readers see
_ENGINE = {"\\ifpdf": True, "\\ifxetex": False, "\\ifluatex": False, "\\ifPDFTeX": True, "\\ifXeTeX": False,
           "\\ifLuaTeX": False, "\\ifpdftex": True, "\\ifeof": True, "\\ifinner": False, "\\if@twocolumn": False,
           "\\if@twoside": False, "\\if@filesw": False, "\\if@compatibility": False}  # fmt: skip


# ---------------------------------------------------------------- branches
def opens(tex: Stomach, tok: str) -> bool:
    """Whether a token is a conditional of TeX, under whatever name: it counts while a branch is skipped."""
    entry = tex.defs.get(tok)
    if entry.__class__ is Macro:
        return bool(entry.alias) and entry.body[0].removesuffix(FROZEN) in CONDITIONS
    return tok.removesuffix(FROZEN) in CONDITIONS


def skip_branch(tex: Stomach, *, to_else: bool) -> None:
    """Read away a branch that is not taken, up to its `\\fi` (or `\\else`); nested conditionals count.

    Where that never comes TeX prints nothing more; a second reading, of a paper that lost its end so, reads on instead.
    """
    depth = 0
    seen: list[str] | None = [] if tex.options.resync else None
    mouth, begun = tex.mouth, tex.mouth.pos
    while True:
        tok = tex.next()
        if seen is not None and tok != END:
            seen.append(tok)
        if tok[0] != "\\":
            continue
        if tok == END:
            tex.pb.append(END)
            if seen:
                tex.warn("a conditional never ends: read on behind it")
                tex.push(seen)
            elif seen is None:
                line = mouth.src.count("\n", 0, begun) + 1
                tex.warn(f"a conditional at {mouth.name}:{line} never ends: what follows it is left out")
            return
        if opens(tex, tok):
            depth += 1
            continue
        base = tex.alias(tok)
        if base in _CLOSES:
            if depth == 0:
                return
            depth -= 1
        elif base == "\\else" and depth == 0 and to_else:
            tex.n_open_ifs += 1
            return


_CLOSES = frozenset({"\\fi", "\\repeat"})  # plain TeX: \\let\\repeat=\\fi


def take(tex: Stomach, truth: bool) -> None:
    """Go on in the branch of this truth; `\\unless` turns it round."""
    if tex.unless:
        tex.unless = False
        truth = not truth
    if truth:
        tex.n_open_ifs += 1
    else:
        skip_branch(tex, to_else=True)


def unless(tex: Stomach, name: str) -> None:
    """`\\unless\\ifnum..`."""
    tok = tex.next()
    if opens(tex, tok):
        tex.unless = True
    tex.pb.append(tok)


def else_(tex: Stomach, name: str) -> None:
    """`\\else` or `\\or` met while reading a branch that was taken: the rest is not."""
    if tex.n_open_ifs > 0:
        tex.n_open_ifs -= 1
        skip_branch(tex, to_else=False)


def fi(tex: Stomach, name: str) -> None:
    """`\\fi` of a branch that was taken."""
    if tex.n_open_ifs > 0:
        tex.n_open_ifs -= 1


# ---------------------------------------------------------------- what two tokens mean
def _unexpandable(tex: Stomach) -> str:
    """The next token without expansion; one behind `\\noexpand` counts as such."""
    for _ in range(1_000):
        tok = tex.next_char()
        if tok == "\\noexpand":
            return tex.next_char()
        if tok[0] != "\\" or tok in (END, PAR) or not tex.expand_once(tok):
            return tok
    return SPACE


def _code(tex: Stomach, tok: str) -> str:
    """The character that `\\if` compares; all control sequences are alike."""
    base = tex.alias(tok)
    return base if base[0] != "\\" else "\\"


def _category(tex: Stomach, tok: str) -> str:
    base = tex.alias(tok)
    if base[0] == "\\":
        return "\\"
    if base[0] in " \n\t~":
        return base[0]
    return base[0] if base[0] in "{}$&^_#" else "letter" if base[0].isalpha() else "other"


def cond_if(tex: Stomach, name: str) -> None:
    """`\\if`: two expanded tokens have the same character code; `\\ifcat`: the same category."""
    of = _category if name == "\\ifcat" else _code
    first = _unexpandable(tex)
    take(tex, of(tex, first) == of(tex, _unexpandable(tex)))


def same_meaning(tex: Stomach, a: str, b: str) -> bool:
    """Whether two tokens mean the same, as `\\ifx` asks."""
    if a == b:
        return True
    ea, eb = tex.defs.get(a), tex.defs.get(b)
    plain_a = isinstance(ea, Macro) and not ea.alias and tex.is_defined(a)
    plain_b = isinstance(eb, Macro) and not eb.alias and tex.is_defined(b)
    if isinstance(ea, Macro) and isinstance(eb, Macro) and plain_a and plain_b:
        return (ea.params, ea.prefix, untokenize(ea.body)) == (eb.params, eb.prefix, untokenize(eb.body))
    if plain_a or plain_b:
        return False
    meant = [_primitive(tex, tok) for tok in (a, b)]
    if meant[0] == meant[1]:
        return True
    # registers and characters under several names are objects of their own
    return meant != [None, None] and ea is not None and ea is eb and a not in tex.primitives and b not in tex.primitives


def _primitive(tex: Stomach, tok: str) -> str | None:
    """The command or character that a token stands for; None for what nobody defined."""
    base = tex.alias(tok)
    if base[0] != "\\":
        return base
    return base if tex.is_defined(tok) else None


def cond_ifx(tex: Stomach, name: str) -> None:
    """`\\ifx`: two tokens mean the same."""
    a = tex.next_char()
    take(tex, same_meaning(tex, a, tex.next_char()))


# ---------------------------------------------------------------- numbers and lengths
def relation(tex: Stomach) -> str:
    """`<`, `=` or `>`; an equals sign where there is none."""
    tok = tex.ahead()
    if tok[0] in "<>=":
        tex.next_char()
        return tok[0]
    return "="


def compare(left: int, sign: str, right: int) -> bool:
    """`left < right` and so on."""
    return left < right if sign == "<" else left > right if sign == ">" else left == right


def cond_ifnum(tex: Stomach, name: str) -> None:
    """`\\ifnum`."""
    left = tex.read_number()
    sign = relation(tex)
    take(tex, compare(left, sign, tex.read_number()))


def cond_ifdim(tex: Stomach, name: str) -> None:
    """`\\ifdim`."""
    left = tex.read_dimen()
    sign = relation(tex)
    take(tex, compare(left, sign, tex.read_dimen()))


def cond_ifodd(tex: Stomach, name: str) -> None:
    """`\\ifodd`."""
    take(tex, tex.read_number() % 2 == 1)


def cond_ifcase(tex: Stomach, name: str) -> None:
    """`\\ifcase n a\\or b\\else c\\fi`."""
    n = tex.read_number()
    depth = 0
    if n < 0:
        take(tex, False)
        return
    while n > 0:
        tok = tex.next()
        if tok[0] != "\\":
            continue
        if tok == END:
            tex.pb.append(END)
            return
        if opens(tex, tok):
            depth += 1
            continue
        base = tex.alias(tok)
        if base in _CLOSES:
            if depth == 0:
                return
            depth -= 1
        elif base == "\\or" and depth == 0:
            n -= 1
        elif base == "\\else" and depth == 0:
            break
    tex.n_open_ifs += 1


# ---------------------------------------------------------------- states
def cond_true(tex: Stomach, name: str) -> None:
    """`\\iftrue`."""
    take(tex, True)


def cond_false(tex: Stomach, name: str) -> None:
    """`\\iffalse`: the usual way to comment a passage out."""
    take(tex, False)


def cond_ifdefined(tex: Stomach, name: str) -> None:
    """`\\ifdefined\\x`."""
    tok = tex.next_char()
    take(tex, tok[0] != "\\" or tex.is_defined(tok))


def cond_ifcsname(tex: Stomach, name: str) -> None:
    """`\\ifcsname x\\endcsname`."""
    take(tex, tex.is_defined("\\" + read_csname(tex)))


def cond_ifmmode(tex: Stomach, name: str) -> None:
    """`\\ifmmode`: the usual trick of macros that work in text and math."""
    take(tex, tex.in_math)


def cond_mode(tex: Stomach, name: str) -> None:
    """`\\ifvmode`, `\\ifhmode`."""
    vertical = not tex.in_math and not tex.has_inline()
    take(tex, vertical if name == "\\ifvmode" else not vertical and not tex.in_math)


def cond_box(tex: Stomach, name: str) -> None:
    """`\\ifvoid0`, `\\ifhbox\\x`, `\\ifvbox`: whether a box holds something."""
    key = tex.read_box_key()
    full = bool(tex.values.get(key))
    take(tex, not full if name == "\\ifvoid" else full and name == "\\ifhbox")


def cond_engine(tex: Stomach, name: str) -> None:
    """Engine switches."""
    if name == "\\ifeof":
        tex.read_number()
    take(tex, _ENGINE[name])


def newif(tex: Stomach, name: str) -> None:
    """`\\newif\\iffoo` makes `\\iffoo`, which is `\\iffalse`, and `\\footrue`, `\\foofalse`, which let it be one or the other."""
    tok = tex.next()
    if not tok.startswith("\\if") or len(tok) < 4:
        return
    new_switch(tex, tok)


def new_switch(tex: Stomach, tok: str) -> None:
    """A switch `\\iffoo` that starts false."""
    tex.define(tok, Macro((), ["\\iffalse" + FROZEN], alias=True), everywhere=True)
    for word in ("true", "false"):
        body = ["\\let" + FROZEN, tok, f"\\if{word}" + FROZEN]
        tex.define("\\" + tok[3:] + word, Macro((), body), everywhere=True)


def switch(tex: Stomach, tok: str) -> bool:
    """Whether a switch is on."""
    return tex.alias(tok) == "\\iftrue"


def read_csname(tex: Stomach) -> str:
    """The name between `\\csname` (already read) and `\\endcsname`."""
    out: list[str] = []
    for _ in range(4_000):
        tok = tex.next()
        if tok == "\\endcsname":
            break
        if tok in (END, PAR):
            tex.pb.append(tok)
            break
        if tok[0] == "\\" and tex.expand_once(tok):
            continue
        out.append(tok if tok[0] != "\\" else tok[1:].removesuffix(FROZEN))
    return "".join(out)


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
    **dict.fromkeys(("\\ifvoid", "\\ifhbox", "\\ifvbox"), cond_box),
    **dict.fromkeys(_ENGINE, cond_engine),
}
BRANCHES: dict[str, Handler] = {
    **CONDITIONS,
    "\\else": else_,
    "\\or": else_,
    "\\fi": fi,
    "\\repeat": fi,
    "\\unless": unless,
    "\\newif": newif,
}
