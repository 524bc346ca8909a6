"""Defining commands: what TeX and LaTeX offer to make macros, switches, environments, theorems."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.arguments import Param, listed_parameters, parameters
from curation.extract.latex.choices import is_undefined
from curation.extract.latex.conditions import read_csname
from curation.extract.latex.counters import read_cs
from curation.extract.latex.drawn_signs import define_drawn
from curation.extract.latex.lexer import END, FROZEN, PAR, SPACE, tokenize, untokenize
from curation.extract.latex.macros import Macro, builtin

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry


def newcommand(tex: Stomach, name: str) -> None:
    """`\\newcommand*{\\x}[2][default]{body}` and its kin; `\\providecommand` respects what is there."""
    tex.read_star()
    cs = read_cs(tex)
    n = _count(tex.read_optional())
    default = tex.read_optional()
    body = tex.read_arg()
    if not cs or (name == "\\providecommand" and not is_undefined(tex, cs)):
        return
    params: list[str | tuple[str, tuple[str, ...]]] = ["m"] * n
    if default is not None and n:
        params[0] = ("o", tuple(default))
    define_drawn(tex, cs, tuple(params), body)


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


MAX_EXPANDED = 20_000
"""Tokens of a body that `\\edef` may make; each of a row of them can make the last twice as long."""


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
    if (cs[0] != "\\" and cs not in tex.active) or cs == END:
        return
    if name in ("\\edef", "\\xdef", "\\protected@edef", "\\protected@xdef"):
        body = tex.expand_all(body)
        if len(body) > MAX_EXPANDED:
            tex.warn(f"{name} of {cs} grows without end")
            body = []
    if pattern and pattern[-1] == "#":
        pattern[-1:] = "{"  # `#1#{`: up to a brace, which stays
        body = [*body, "{"]
    prefix, params = _parameters(pattern)
    define_drawn(tex, cs, params, body, prefix, everywhere=name[-4:] in ("gdef", "xdef") or tex.pending_global)
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
        if tex.peek() == SPACE:
            tex.next()
    tok = tex.next_char()
    if tok == "\\csname":
        tok = "\\" + read_csname(tex)
    assign(tex, cs, tok)


def let_named(tex: Stomach, name: str) -> None:
    """etoolbox: `\\cslet{x}\\y`, `\\letcs\\x{y}`, `\\csletcs{x}{y}`, `\\undef\\x`, `\\csundef{x}`."""
    cs = "\\" + tex.read_name() if name.startswith("\\cs") else read_cs(tex)
    if name.endswith("undef"):
        if cs:
            tex.define(cs, None)
        return
    tok = "\\" + tex.read_name() if name.endswith("letcs") else read_cs(tex)
    if cs and tok:
        assign(tex, cs, tok)


def assign(tex: Stomach, cs: str, tok: str) -> None:
    """Give `cs` the present meaning of `tok`."""
    everywhere, tex.pending_global = tex.pending_global, False
    if (cs[0] != "\\" and cs not in tex.active) or cs in (END, tok) or tok == END:
        return
    entry = tex.defs.get(tok)
    if isinstance(entry, Macro) or (entry is not None and tex.primitives.get(tok) is not entry):
        tex.define(cs, entry, everywhere=everywhere)
    elif tok[0] != "\\":
        tex.define(cs, Macro((), [tok], alias=True), everywhere=everywhere)
    elif entry is None and tok[-1] != FROZEN:
        tex.define(cs, None, everywhere=everywhere)
    else:
        tex.define(cs, Macro((), [tok + FROZEN if FROZEN not in tok else tok], alias=True), everywhere=everywhere)


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
    params: list[Param] = ["m"] * n
    if default is not None and n:
        params[0] = ("o", tuple(default))
    _set_environment(tex, name, env, tuple(params), begin, end)


def _set_environment(
    tex: Stomach, name: str, env: str, params: tuple[Param, ...], begin: list[str], end: list[str]
) -> None:
    ours = env in tex.env_handlers and env != "proof"
    if ours and (env not in tex.free_envs or "enew" in name or tex.reading_package):
        return
    if name.startswith(("\\provide", "\\Provide")) and (env in tex.user_envs or env in tex.theorems):
        return
    tex.user_envs[env] = (Macro(params, begin), end)


def newdocumentcommand(tex: Stomach, name: str) -> None:
    """`\\NewDocumentCommand\\x{s O{d} m}{body}`."""
    cs = read_cs(tex)
    params, body = parameters(tex.read_arg()), tex.read_arg()
    if cs and not (name == "\\ProvideDocumentCommand" and not is_undefined(tex, cs)):
        tex.define(cs, Macro(params, body))


def newdocumentenvironment(tex: Stomach, name: str) -> None:
    """`\\NewDocumentEnvironment{x}{O{d} m}{begin}{end}`: both ends know the arguments."""
    env = tex.read_name()
    params = parameters(tex.read_arg())
    begin, end = tex.read_arg(), tex.read_arg()
    _set_environment(tex, name, env, params, begin, end)


def newcommandx(tex: Stomach, name: str) -> None:
    """`\\newcommandx\\x[3][1=a,3=b]{body}`, `\\newenvironmentx` (xargs): any arguments may be optional."""
    tex.read_star()
    cs = tex.read_name() if "env" in name else read_cs(tex)
    n = _count(tex.read_optional())
    params = listed_parameters(n, tex.read_optional() or [])
    body = tex.read_arg()
    if "env" in name:
        _set_environment(tex, name, cs, params, body, tex.read_arg())
    elif cs and not (name.startswith("\\provide") and not is_undefined(tex, cs)):
        tex.define(cs, Macro(params, body))


def namedef(tex: Stomach, name: str) -> None:
    """`\\@namedef{x}{..}`, `\\csdef{x}{..}`, `\\csgdef`, `\\csedef`: `\\def` of a made-up name."""
    kind = {"\\@namedef": "\\def", "\\global@namedef": "\\gdef"}.get(name) or "\\" + name[3:]
    tex.push([kind + FROZEN, "\\" + tex.read_name()])


def add_to_macro(tex: Stomach, name: str) -> None:
    """`\\g@addto@macro\\x{..}`, `\\appto`, `\\preto`, `\\eappto`, `\\csappto{x}` and kin: more text for a macro."""
    cs = "\\" + tex.read_name() if name.startswith("\\cs") else read_cs(tex)
    code = tex.read_arg()
    kind = name.removeprefix("\\cs").lstrip("\\")
    if kind[0] in "ex":
        code = tex.expand_all(code)
    if not cs:
        return
    entry = tex.defs.get(cs)
    if entry is not None and not isinstance(entry, Macro):
        return
    old = entry if isinstance(entry, Macro) and not entry.alias else Macro((), [])
    body = [*code, *old.body] if "preto" in kind else [*old.body, *code]
    everywhere = kind[0] in "gx" or tex.pending_global
    tex.pending_global = False
    tex.define(cs, Macro(old.params, body, prefix=old.prefix), everywhere=everywhere)


def patch(tex: Stomach, name: str) -> None:
    """`\\patchcmd{\\x}{old}{new}{done}{failed}`, `\\apptocmd{\\x}{..}{done}{failed}`, `\\pretocmd`: macros of the paper only."""
    if name == "\\patchcmd":
        tex.read_optional()
    cs = read_cs(tex)
    first = tex.read_arg()
    new = tex.read_arg() if name == "\\patchcmd" else []
    done, failed = tex.read_arg(), tex.read_arg()
    entry = tex.defs.get(cs)
    if not isinstance(entry, Macro) or entry.alias or entry.builtin:
        return
    if name == "\\patchcmd":
        text, old = untokenize(entry.body), untokenize(first)
        if not old or old not in text:
            tex.push(failed)
            return
        body = tokenize(text.replace(old, untokenize(new), 1))
    else:
        body = [*first, *entry.body] if name == "\\pretocmd" else [*entry.body, *first]
    tex.define(cs, Macro(entry.params, body, prefix=entry.prefix))
    tex.push(done)


def global_(tex: Stomach, name: str) -> None:
    """`\\global` before a definition."""
    tex.pending_global = True


def prefix(tex: Stomach, name: str) -> None:
    """`\\long`, `\\outer`, `\\protected`, `\\relax`: nothing that text shows."""


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
    tex.set_category("@", 11)


def at_other(tex: Stomach, name: str) -> None:
    """`\\makeatother`."""
    tex.set_category("@", 12)


def make_other(tex: Stomach, name: str) -> None:
    """`\\@makeother\\$`: an ordinary character, as `mnras.bst` makes of those of addresses."""
    tok = tex.next()
    if tok in (END, PAR):
        tex.pb.append(tok)
        return
    tex.set_category(tok[-1], 12)


_CATCODE = re.compile(r"\s*`\\?(\^\^M|.)\s*=?\s*(?:\\active|(\d+))\s?", re.S)


def catcode(tex: Stomach, name: str) -> None:
    """``\\catcode`\\@=11``: letters, active characters and characters that lose their meaning; other changes are ignored."""
    m = _CATCODE.match(tex.mouth.src, tex.mouth.pos) if not tex.pb else None
    if m:
        tex.mouth.pos = m.end()
        char, code = m.group(1).replace("^^M", "\r"), int(m.group(2) or 13)
    else:
        char = chr(min(max(tex.read_number(), 0), 0x10FFFF))
        tex.skip_equals()
        code = tex.read_number()
    tex.set_category(char, code)


DEFINITIONS: dict[str, Entry] = {
    **dict.fromkeys(
        ("\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareRobustCommand"),
        newcommand,
    ),
    "\\DeclareMathOperator": math_operator,
    **dict.fromkeys(
        ("\\DeclarePairedDelimiter", "\\DeclarePairedDelimiterX", "\\DeclarePairedDelimiterXPP"), paired_delimiter
    ),
    **dict.fromkeys(("\\def", "\\gdef", "\\edef", "\\xdef", "\\protected@edef", "\\protected@xdef"), def_),
    "\\let": let,
    "\\futurelet": futurelet,
    **dict.fromkeys(("\\newenvironment", "\\renewenvironment", "\\provideenvironment"), newenvironment),
    **dict.fromkeys(
        (
            "\\NewDocumentCommand",
            "\\RenewDocumentCommand",
            "\\ProvideDocumentCommand",
            "\\DeclareDocumentCommand",
            "\\NewExpandableDocumentCommand",
            "\\RenewExpandableDocumentCommand",
            "\\DeclareExpandableDocumentCommand",
        ),
        newdocumentcommand,
    ),
    **dict.fromkeys(
        (f"\\{kind}DocumentEnvironment" for kind in ("New", "Renew", "Provide", "Declare")), newdocumentenvironment
    ),
    **dict.fromkeys(
        (f"\\{kind}{what}x" for kind in ("new", "renew", "provide") for what in ("command", "environment")), newcommandx
    ),
    **dict.fromkeys(
        ("\\@namedef", "\\global@namedef", "\\csdef", "\\csgdef", "\\csedef", "\\csxdef"), namedef
    ),
    **{
        f"\\{kind}{way}def": builtin("mm", f"\\{define}def#1{{\\the\\{kind}expr#2\\relax}}")
        for kind in ("num", "dim") for way, define in (("", "e"), ("g", "x"))
    },
    **dict.fromkeys(("\\cslet", "\\letcs", "\\csletcs", "\\undef", "\\csundef"), let_named),
    **dict.fromkeys(
        ("\\g@addto@macro", "\\@addto@macro", "\\addto",
         *(f"\\{cs}{kind}{end}" for cs in ("", "cs") for kind in ("", "g", "e", "x") for end in ("appto", "preto"))),
        add_to_macro,
    ),
    **dict.fromkeys(("\\patchcmd", "\\apptocmd", "\\pretocmd"), patch),
    "\\font": font,
    "\\global": global_,
    **dict.fromkeys(
        ("\\long", "\\outer", "\\protected", "\\relax", "\\protect", "\\robustify", "\\endcsname"), prefix
    ),
    "\\makeatletter": at_letter,
    "\\makeatother": at_other,
    "\\@makeother": make_other,
    "\\catcode": catcode,
}  # fmt: skip
