"""Defining commands: what TeX and LaTeX offer to make macros, switches, environments, theorems."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.conditions import read_csname
from curation.extract.latex.lexer import END, FROZEN, SPACE, tokenize
from curation.extract.latex.macros import Macro

if TYPE_CHECKING:
    from curation.extract.latex.gullet import Handler
    from curation.extract.latex.stomach import Stomach


def read_cs(tex: Stomach) -> str:
    """The name being defined: `\\x` or `{\\x}`; empty when there is none."""
    tok = tex.skip_spaces()
    tex.pb.pop()
    if tok == "{":
        tok = next((t for t in tex.read_group() if t != SPACE), "")
    if tok == "\\csname":
        tok = "\\" + read_csname(tex)
    if tok and tok[0] == "\\" and tok != END:
        return tok
    if tok == "~" or tok == END:
        tex.pb.append(tok)
    return ""


def newcommand(tex: Stomach, name: str) -> None:
    """`\\newcommand*{\\x}[2][default]{body}` and its kin; `\\providecommand` respects what is there."""
    tex.read_star()
    cs = read_cs(tex)
    n = _count(tex.read_optional())
    default = tex.read_optional()
    body = tex.read_arg()
    if not cs or (name == "\\providecommand" and cs in tex.defs):
        return
    params: list[str | tuple[str, tuple[str, ...]]] = ["m"] * n
    if default is not None and n:
        params[0] = ("o", tuple(default))
    define_drawn(tex, cs, tuple(params), body)


def define_drawn(
    tex: Stomach,
    cs: str,
    params: tuple[str | tuple[str, tuple[str, ...]], ...],
    body: list[str],
    prefix: tuple[str, ...] = (),
    *,
    everywhere: bool = False,
) -> None:
    """Define a macro; one that draws what our own command of that name prints keeps our meaning."""
    body = drawn_sign(body)
    if body != [cs]:
        tex.define(cs, Macro(params, body, prefix=prefix), everywhere=everywhere)


def drawn_sign(body: list[str]) -> list[str]:
    """A definition that draws a sign out of boxes and shifts, as the sign: what the author built, less the page.

    `<` over `~` as `\\stackrel{<}{\\sim}` (`\\lower..\\hbox{$\\sim$}`, in plain TeX `\\mathchar"218` below `\\mathchar"13C`),
    a point under a raised degree, minute or second as `\\fdg`, `\\farcm`, `\\farcs`, a rule over an argument as `\\overline`.
    """
    if len(body) > 60:
        return body
    text = "".join(t for t in body if t[0] != "\\")
    if not _STACKING.isdisjoint(body) and ("\\sim" in body or _TILDE.search(text)):
        less, more = bool(_LESS.search(text)), bool(_MORE.search(text))
        if less != more:
            sign = "<" if less else ">"
            return ["\\ensuremath", "{", "\\stackrel" + FROZEN, "{", sign, "}", "{", "\\sim" + FROZEN, "}", "}"]
    if "\\!" in body and "." in text and "^" in body:
        marks = body.count("\\prime") + text.count("'")
        if "\\circ" in body or marks:
            return [("\\fdg", "\\farcm", "\\farcs")[min(2, marks)]]
    if "\\hrule" in body and "\\vbox" in body and body.count("#1") == 1:
        return ["\\ensuremath", "{", "\\overline" + FROZEN, "{", "#1", "}", "}"]
    return body


_STACKING = frozenset(
    {"\\lower", "\\raise", "\\rlap", "\\buildrel", "\\raisebox", "\\stackrel", "\\vcenter", "\\ooalign"}
)
# TeX's codes of the signs: `\\mathchar"218` or "7218 is a tilde, `\\mathchar"13C`, `\\char'074` are <, "13E and '076 are >
_TILDE = re.compile(r'"(?:7|3)?218\b')
_LESS = re.compile(r"<|\"(?:3)?13C\b|'074\b")
_MORE = re.compile(r">|\"(?:3)?13E\b|'076\b")


def _count(tokens: list[str] | None) -> int:
    text = "".join(tokens or []).strip()
    return int(text) if text.isdigit() and len(text) == 1 else 0


def math_operator(tex: Stomach, name: str) -> None:
    """`\\DeclareMathOperator*{\\x}{text}`."""
    star = tex.read_star()
    cs = read_cs(tex)
    body = tex.read_arg()
    if cs:
        tex.define(cs, Macro((), ["\\operatorname", *(["*"] if star else []), "{", *body, "}"]))


def paired_delimiter(tex: Stomach, name: str) -> None:
    """mathtools: `\\DeclarePairedDelimiter\\x{left}{right}`, `..X\\x[2]{left}{right}{#1,#2}`, `..XPP\\x[1]{pre}{left}{right}{post}{#1}`."""
    cs = read_cs(tex)
    has_body, has_ends = name.endswith(("X", "XPP")), name.endswith("XPP")
    n = _count(tex.read_optional()) if has_body else 1
    before = tex.read_arg() if has_ends else []
    left, right = tex.read_arg() or ["."], tex.read_arg() or ["."]
    after = tex.read_arg() if has_ends else []
    body = tex.read_arg() if has_body else ["#1"]
    whole = [*before, "\\left", *left, " ", *body, "\\right", *right, " ", *after]
    # a star and a size come first, which Markdown's engines choose themselves
    whole = [f"#{int(t[1]) + 2}" if len(t) == 2 and t[0] == "#" and t[1].isdigit() else t for t in whole]
    if cs:
        tex.define(cs, Macro(("s", "o", *["m"] * n), whole))


def def_(tex: Stomach, name: str) -> None:
    """`\\def\\x#1;{body}` with delimited parameters; `\\edef` and `\\xdef` expand their body now."""
    cs = tex.next_char()
    for _ in range(5):
        if cs != SPACE:
            break
        cs = tex.next_char()
    if cs == "\\csname":
        cs = "\\" + read_csname(tex)
    pattern: list[str] = []
    while True:
        tok = tex.next_char()
        if tok == "{":
            break
        if tok == END or len(pattern) > 200:
            tex.pb.append(tok)
            return
        pattern.append(tok)
    body = tex.read_group()
    if cs[0] != "\\" or cs == END:
        return
    if name in ("\\edef", "\\xdef"):
        body = tex.expand_all(body)
    prefix, params = _parameters(pattern)
    define_drawn(tex, cs, params, body, prefix, everywhere=name in ("\\gdef", "\\xdef") or tex.pending_global)
    tex.pending_global = False


def _parameters(pattern: list[str]) -> tuple[tuple[str, ...], tuple[str | tuple[str, tuple[str, ...]], ...]]:
    """Split `a#1b#2` into the literal prefix and one entry a parameter."""
    prefix: list[str] = []
    delimiters: list[list[str]] = []
    for tok in pattern:
        if tok[0] == "#" and len(tok) == 2 and tok[1].isdigit():
            delimiters.append([])
        elif tok == "#":
            break
        elif delimiters:
            delimiters[-1].append(tok)
        else:
            prefix.append(tok)
    params: list[str | tuple[str, tuple[str, ...]]] = []
    for d in delimiters:
        params.append(("t", tuple(d)) if d else "m")
    return tuple(t for t in prefix if t != SPACE), tuple(params)


def let(tex: Stomach, name: str) -> None:
    """`\\let\\x=\\y`: copies the present meaning."""
    cs = tex.next_char()
    if cs == "\\csname":
        cs = "\\" + read_csname(tex)
    tok = tex.skip_spaces()
    if tok[0] == "=":
        tex.next_char()
        tex.skip_spaces()
    tok = tex.next_char()
    if tok == "\\csname":
        tok = "\\" + read_csname(tex)
    assign(tex, cs, tok)


def assign(tex: Stomach, cs: str, tok: str) -> None:
    """Give `cs` the present meaning of `tok`."""
    if cs[0] != "\\" or cs in (END, tok) or tok == END:
        return
    entry = tex.defs.get(tok)
    if cs.startswith("\\if") and tok in tex.conditionals:
        tex.conditionals.add(cs)
    if isinstance(entry, Macro):
        tex.define(cs, entry, everywhere=tex.pending_global)
    elif tok[0] == "\\":
        tex.define(cs, Macro((), [tok + FROZEN if FROZEN not in tok else tok]), everywhere=tex.pending_global)
    else:
        tex.define(cs, Macro((), [tok]), everywhere=tex.pending_global)
    tex.pending_global = False


def futurelet(tex: Stomach, name: str) -> None:
    """`\\futurelet\\x\\y z`: `\\x` becomes what z is, then `\\y z` is read."""
    cs, then, tok = tex.next_char(), tex.next_char(), tex.next_char()
    assign(tex, cs, tok)
    tex.pb.append(tok)
    tex.pb.append(then)


def newenvironment(tex: Stomach, name: str) -> None:
    """`\\newenvironment{x}[2][default]{begin}{end}`; environments that we know better keep our meaning."""
    tex.read_star()
    env = tex.read_name()
    n = _count(tex.read_optional())
    default = tex.read_optional()
    begin, end = tex.read_arg(), tex.read_arg()
    if env in tex.env_handlers and env != "proof":
        return
    params: list[str | tuple[str, tuple[str, ...]]] = ["m"] * n
    if default is not None and n:
        params[0] = ("o", tuple(default))
    tex.user_envs[env] = (Macro(tuple(params), begin), end)


def newdocumentcommand(tex: Stomach, name: str) -> None:
    """`\\NewDocumentCommand\\x{s O{d} m}{body}` (xparse): the argument kinds that papers use."""
    cs = read_cs(tex)
    spec = "".join(tex.read_arg())
    body = tex.read_arg()
    params: list[str | tuple[str, tuple[str, ...]]] = []
    i = 0
    while i < len(spec):
        c = spec[i]
        i += 1
        if c == "m":
            params.append("m")
        elif c in "sogd":
            params.append("m" if c == "d" else c)
        elif c in "OG":
            j = spec.find("}", i)
            inner = spec[i + 1 : j] if j > 0 else ""
            params.append(("o", tuple(tokenize(inner))))
            i = j + 1 if j > 0 else len(spec)
    if cs:
        tex.define(cs, Macro(tuple(params), body))


def csname(tex: Stomach, name: str) -> None:
    """`\\csname x\\endcsname`."""
    tex.pb.append("\\" + (read_csname(tex) or "\x00empty"))


def expandafter(tex: Stomach, name: str, depth: int = 0) -> None:
    """`\\expandafter\\a\\b`: expand `\\b` once, then read `\\a`."""
    first = tex.next_char()
    second = tex.next_char()
    entry = tex.defs.get(second)
    if second == "\\csname":
        tex.pb.append("\\" + (read_csname(tex) or "\x00empty"))
    elif isinstance(entry, Macro):
        tex.expand(entry, second)
    elif second == "\\expandafter" and entry is not None and depth < 30:
        expandafter(tex, second, depth + 1)
    else:
        tex.pb.append(second)
    tex.pb.append(first)


def global_(tex: Stomach, name: str) -> None:
    """`\\global` before a definition."""
    tex.pending_global = True


def prefix(tex: Stomach, name: str) -> None:
    """`\\long`, `\\outer`, `\\protected`, `\\noexpand`, `\\relax`: nothing that text shows."""


def font(tex: Stomach, name: str) -> None:
    """`\\font\\big=cmr10 scaled 1200` (plain TeX): the name becomes a font switch, which prints nothing."""
    cs = read_cs(tex)
    tok = tex.skip_spaces()
    if tok[0] == "=":
        tex.next_char()
        tok = tex.skip_spaces()
    if tok[0] not in "\\{}$":
        tex.pb.pop()
        rest = _FONT_FILE.sub("", tok)
        if rest:
            tex.pb.append(rest)
        elif tex.peek() in ("\\magstep", "\\magstephalf"):
            tex.next()
            tex.read_number()
    if cs:
        tex.define(cs, Macro((), []))


_FONT_FILE = re.compile(r"^[\w\-]+(?:\s+(?:scaled|at)\s*(?:[\d.]+\s*(?:true\s*)?(?:pt|in|mm|cm)?)?)?\s?")


def at_letter(tex: Stomach, name: str) -> None:
    """`\\makeatletter`."""
    tex.set_catcodes(letters="@")


def at_other(tex: Stomach, name: str) -> None:
    """`\\makeatother`."""
    tex.set_catcodes(letters="")


_CATCODE = re.compile(r"\s*`\\?(.)\s*=?\s*(?:\\active|(\d+))", re.S)


def catcode(tex: Stomach, name: str) -> None:
    """``\\catcode`\\@=11``: letters and characters that lose their meaning; other changes are ignored."""
    if tex.pb:
        tex.read_number()
        tok = tex.skip_spaces()
        if tok[0] == "=":
            tex.next_char()
        tex.read_number()
        return
    m = _CATCODE.match(tex.mouth.src, tex.mouth.pos)
    if not m:
        return
    tex.mouth.pos = m.end()
    char, code = m.group(1), m.group(2)
    if char == "@" and code in ("11", "12"):
        tex.set_catcodes(letters="@" if code == "11" else "")
    elif char in "_^&#$" and code in ("11", "12"):
        tex.set_catcodes(plain=tex.plain + char)
    elif char in "_^&#$" and char in tex.plain:
        tex.set_catcodes(plain=tex.plain.replace(char, ""))


def ignore_newer(tex: Stomach, name: str) -> None:
    """`\\newcount\\x`, `\\newdimen\\x`: the register's name is read and made harmless."""
    cs = read_cs(tex)
    if cs:
        tex.define(cs, register_assign)


def register_assign(tex: Stomach, name: str) -> None:
    """A register at the start of an assignment: `\\x=3pt`."""
    tok = tex.skip_spaces()
    if tok[0] == "=" or tok[0].isdigit() or tok[0] in "-.":
        tex.read_glue()


def advance(tex: Stomach, name: str) -> None:
    """`\\advance\\x by 1`."""
    tok = tex.skip_spaces()
    if tok[0] == "\\":
        tex.pb.pop()
        if tok == "\\value" or tok.startswith("\\c@"):
            tex.register(tok)
    tok = tex.skip_spaces()
    if tok.startswith("by"):
        tex.pb.pop()
        if tok[2:]:
            tex.pb.append(tok[2:])
    tex.read_glue()


DEFINITIONS: dict[str, Handler] = {
    **dict.fromkeys(
        ("\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareRobustCommand"),
        newcommand,
    ),
    "\\DeclareMathOperator": math_operator,
    **dict.fromkeys(
        ("\\DeclarePairedDelimiter", "\\DeclarePairedDelimiterX", "\\DeclarePairedDelimiterXPP"), paired_delimiter
    ),
    **dict.fromkeys(("\\def", "\\gdef", "\\edef", "\\xdef"), def_),
    "\\let": let,
    "\\futurelet": futurelet,
    "\\newenvironment": newenvironment,
    "\\renewenvironment": newenvironment,
    "\\provideenvironment": newenvironment,
    **dict.fromkeys(
        (
            "\\NewDocumentCommand",
            "\\RenewDocumentCommand",
            "\\ProvideDocumentCommand",
            "\\DeclareDocumentCommand",
            "\\NewExpandableDocumentCommand",
        ),
        newdocumentcommand,
    ),
    "\\font": font,
    "\\csname": csname,
    "\\expandafter": expandafter,
    "\\global": global_,
    **dict.fromkeys(
        ("\\long", "\\outer", "\\protected", "\\noexpand", "\\relax", "\\protect", "\\robustify", "\\endcsname"), prefix
    ),
    "\\makeatletter": at_letter,
    "\\makeatother": at_other,
    "\\ExplSyntaxOn": prefix,
    "\\ExplSyntaxOff": prefix,
    "\\catcode": catcode,
    **dict.fromkeys(
        ("\\newcount", "\\newdimen", "\\newskip", "\\newlength", "\\newtoks", "\\newbox", "\\newsavebox", "\\newread",
         "\\newwrite", "\\newmuskip", "\\newinsert"),
        ignore_newer,
    ),
    **dict.fromkeys(("\\advance", "\\multiply", "\\divide"), advance),
}  # fmt: skip
