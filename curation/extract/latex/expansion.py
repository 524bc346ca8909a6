"""TeX's expandable commands: they put tokens back to be read and print nothing themselves, so they also work in `\\edef`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from curation.extract.latex.choices import NO_VALUE
from curation.extract.latex.conditions import BRANCHES, read_csname, unless
from curation.extract.latex.decisions import DECISIONS
from curation.extract.latex.ifthen import newboolean, setboolean
from curation.extract.latex.itemstyle import roman
from curation.extract.latex.lengths import Glue, scaled
from curation.extract.latex.lexer import END, FROZEN, PAR, SPACE, is_word
from curation.extract.latex.macros import Macro, builtin
from curation.extract.latex.registers import Quantity, Registers, own_counter

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry, Handler


# ---------------------------------------------------------------- numbers as text
def the(tex: Stomach, name: str) -> None:
    """`\\the\\x`: a register's value."""
    tok = tex.ahead()
    found = tex.quantity(tok)
    if found is not None:
        tex.push(shown(found) if tok not in _CLOCK else [])
    elif tok[0] == "\\" and tok not in (END, PAR) and not tex.ends_number(tok):
        tex.pb.pop()


def shown(found: Quantity) -> list[str]:
    """A quantity as `\\the` prints it."""
    if found.kind == "toks":
        return list(found.value)
    if isinstance(found.value, Glue):
        return [str(found.value)]
    return [scaled(found.value or 0) + "pt"] if found.kind == "dimen" else [str(found.value)]


_CLOCK = frozenset({"\\year", "\\month", "\\day", "\\time"})  # of the day when TeX ran, which no source tells


def number(tex: Stomach, name: str) -> None:
    """`\\number\\x`: the digits of a number."""
    if tex.ahead() in _CLOCK:
        tex.pb.pop()
    else:
        tex.push([str(tex.read_number())])


def romannumeral(tex: Stomach, name: str) -> None:
    """`\\romannumeral 4`: iv; nothing for what is not positive."""
    n = tex.read_number()
    if 0 < n < 100_000:
        tex.push([roman(n)])


def magstep(tex: Stomach, name: str) -> None:
    """`\\magstep1`: a number, 1200."""
    tex.push([str(round(1000 * 1.2 ** min(max(tex.read_number(), 0), 5)))])


def slowromancap(tex: Stomach, name: str) -> None:
    """`\\expandafter\\@slowromancap\\romannumeral 3@`: III."""
    out: list[str] = []
    while True:
        tok = tex.next_char()
        if tok in ("@", END, PAR):
            if tok != "@":
                tex.pb.append(tok)
            break
        out.append(tok)
    tex.push(["".join(out).upper()])


def counter_text(style: str, value: int) -> str:
    """A counter's value in one of LaTeX's styles (arabic, roman, Roman, alph, Alph, fnsymbol)."""
    if style == "arabic":
        return str(value)
    if style in ("roman", "Roman"):
        text = roman(value) if value > 0 else ""
        return text.upper() if style == "Roman" else text
    if style == "fnsymbol":
        return _SYMBOLS[value] if 0 < value < len(_SYMBOLS) else ""
    return chr((64 if style == "Alph" else 96) + value) if 0 < value <= 26 else ""


_SYMBOLS = ("", "*", "†", "‡", "§", "¶", "‖", "**", "††", "‡‡")


def counter_style(tex: Stomach, name: str) -> None:
    """`\\arabic{x}`, `\\roman{x}`, `\\Alph{x}`; with an @ of a register: `\\@arabic\\c@x`."""
    if name[1] == "@":
        tokens = tex.read_arg()
        tex.push(tokens)
        value = tex.read_number()
    else:
        value = tex.counters[own_counter(tex.read_name())]
    text = counter_text(name.lstrip("\\@"), value)
    if text:
        tex.push([text])


# ---------------------------------------------------------------- names
def csname(tex: Stomach, name: str) -> None:
    """`\\csname x\\endcsname`: a name that nobody defined becomes `\\relax`."""
    cs = "\\" + (read_csname(tex) or "\x00empty")
    if not tex.is_defined(cs) and cs not in tex.command_forms:
        tex.define(cs, Macro((), ["\\relax" + FROZEN], alias=True))
    tex.pb.append(cs)


def expandafter(tex: Stomach, name: str) -> None:
    """`\\expandafter\\a\\b`: expand `\\b` once, then read `\\a`."""
    first = tex.next_char()
    second = tex.next_char()
    if second == END or (second[0] != "\\" and second not in tex.defs) or not tex.expand_once(second):
        tex.pb.append(second)
    tex.pb.append(first)


def noexpand(tex: Stomach, name: str) -> None:
    """`\\noexpand` outside an expansion does nothing."""


def plain_characters(text: str) -> list[str]:
    """Text in which no character is special any more: each special one stands behind the mark of plain text."""
    return ["\x00" + text] if text else []


def string(tex: Stomach, name: str) -> None:
    """`\\string\\begin`: the name itself is printed, it is not obeyed."""
    tok = tex.next_char()
    if tok == END:
        tex.pb.append(tok)
    else:
        tex.push(plain_characters(tok.removesuffix(FROZEN)))


def csstring(tex: Stomach, name: str) -> None:
    """`\\csstring\\x`: the name without its backslash."""
    tok = tex.next_char()
    tex.push(plain_characters(tok.removesuffix(FROZEN).removeprefix("\\")))


def detokenize(tex: Stomach, name: str) -> None:
    """`\\detokenize{..}`: the tokens as characters; a blank follows each control word."""
    tex.push(plain_characters(detokenized(tex.read_general_text())))


def detokenized(tokens: list[str]) -> str:
    """Tokens as TeX writes them out."""
    return "".join(t.removesuffix(FROZEN) + (" " if is_word(t) else "") for t in tokens if t[0] != "\x00")


def meaning(tex: Stomach, name: str) -> None:
    """`\\meaning\\x`."""
    tok = tex.next_char()
    entry = tex.defs.get(tok)
    base = tex.alias(tok)
    if base[0] != "\\":
        kind = "letter" if base.isalpha() else "character"
        text = f"the {kind} {base}"
    elif not tex.is_defined(tok):
        text = "undefined"
    elif isinstance(entry, Macro) and not entry.alias:
        head = "".join(entry.prefix) + "".join(
            f"#{i}" + ("".join(p[1]) if isinstance(p, tuple) and p[0] == "t" else "")
            for i, p in enumerate(entry.params, 1)
        )
        text = f"macro:{head}->{detokenized(entry.body)}"
    else:
        text = base
    tex.push(plain_characters(text))


# ---------------------------------------------------------------- inside an expansion (`\edef`)
def _kept_token(tex: Any, out: list[str]) -> None:
    tok = tex.next_char()
    if tok == END:
        tex.pb.append(tok)
    else:
        out.append(tok)


def _kept_group(tex: Any, out: list[str]) -> None:
    out.extend(tex.read_general_text())


def _kept_quantity(tex: Any, out: list[str]) -> None:
    """`\\the` of a token list gives tokens that are not expanded further."""
    found = tex.quantity(tex.ahead())
    if found is not None:
        out.extend(shown(found))
    else:
        the(tex, "\\the")


UNEXPANDING: dict[str, Callable[[Any, list[str]], None]] = {
    "\\noexpand": _kept_token,
    "\\protect": _kept_token,
    "\\unexpanded": _kept_group,
    "\\the": _kept_quantity,
}


# ---------------------------------------------------------------- what else can be counted or measured
def _numbered(kind: str) -> Callable[[Registers, str], Quantity]:
    empty: Any = {"skip": Glue(), "toks": [], "box": []}.get(kind, 0)

    def read(tex: Registers, tok: str) -> Quantity:
        return Quantity(kind, tex.values.get(f"{kind} {tex.read_number()}", empty))

    return read


def _expression(kind: str) -> Callable[[Registers, str], Quantity]:
    def read(tex: Registers, tok: str) -> Quantity:
        value = tex.expression(kind, rounded=True)
        if tex.ahead() == "\\relax":
            tex.pb.pop()
        return Quantity(kind, value)

    return read


def _counter_value(tex: Registers, tok: str) -> Quantity:
    return Quantity("count", tex.counters[own_counter(tex.read_name())])


def _extreme(tex: Registers, tok: str) -> Quantity:
    pick = max if tok == "\\maxof" else min
    return Quantity("dimen", pick(tex.evaluate(tex.read_arg(), "dimen"), tex.evaluate(tex.read_arg(), "dimen")))


def _category(tex: Registers, tok: str) -> Quantity:
    code = tex.read_number()
    char = chr(code) if 0 < code < 0x110000 else " "
    special = {"\\": 0, "{": 1, "}": 2, "$": 3, "&": 4, "#": 6, "^": 7, "_": 8, " ": 10, "~": 13, "%": 14}
    if char in tex.letters:
        return Quantity("count", 11)
    if char in tex.plain:
        return Quantity("count", 12)
    if char in tex.active:
        return Quantity("count", 13)
    return Quantity("count", special.get(char, 11 if char.isascii() and char.isalpha() else 12))


def _nothing(kind: str) -> Callable[[Registers, str], Quantity]:
    return lambda tex, tok: Quantity(kind, 0)


def _font_dimension(tex: Registers, tok: str) -> Quantity:
    tex.read_number()
    tex.next()
    return Quantity("dimen", 0)


QUANTITIES: dict[str, Callable[[Registers, str], Quantity]] = {
    **{"\\" + kind: _numbered(kind) for kind in ("count", "dimen", "skip", "toks")},
    "\\muskip": _numbered("skip"),
    "\\numexpr": _expression("count"),
    "\\dimexpr": _expression("dimen"),
    "\\glueexpr": _expression("skip"),
    "\\value": _counter_value,
    "\\maxof": _extreme,
    "\\minof": _extreme,
    "\\catcode": _category,
    "\\fontdimen": _font_dimension,
    **dict.fromkeys(("\\lastskip", "\\lastkern"), _nothing("dimen")),
    **dict.fromkeys(("\\lastpenalty", "\\inputlineno", "\\badness", "\\currentgrouplevel", "\\interactionmode"),
                    _nothing("count")),
}  # fmt: skip

# the kernel's own small macros, word for word what they do
_KERNEL: dict[str, Entry] = {
    "\\@gobble": builtin("m", ""),
    "\\@gobbletwo": builtin("mm", ""),
    "\\@gobblethree": builtin("mmm", ""),
    "\\@gobblefour": builtin("mmmm", ""),
    "\\@firstofone": builtin("m", "#1"),
    "\\@iden": builtin("m", "#1"),
    "\\@firstoftwo": builtin("mm", "#1"),
    "\\@secondoftwo": builtin("mm", "#2"),
    "\\@nameuse": builtin("m", "\\csname #1\\endcsname"),
    "\\csuse": builtin("m", "\\ifcsname #1\\endcsname\\csname #1\\expandafter\\endcsname\\fi"),
    "\\tagform@": builtin("m", "(#1)"),
    "\\@car": Macro(("m", ("t", ("\\@nil",))), ["#1"]),
    "\\@cdr": Macro(("m", ("t", ("\\@nil",))), ["#2"]),
    "\\@empty": Macro((), []),
    "\\empty": Macro((), []),
    "\\space": Macro((), [SPACE]),
    "\\@spaces": Macro((), [SPACE * 4]),
    NO_VALUE: Macro((), ["-NoValue-"]),
    "\\expandonce": builtin("m", "\\unexpanded\\expandafter{#1}"),
    "\\@expandtwoargs": builtin("mmm", "\\edef\\reserved@a{\\noexpand#1{#2}{#3}}\\reserved@a"),
    "\\@xp": expandafter,
    "\\@nx": noexpand,
}
for _macro in _KERNEL.values():
    if isinstance(_macro, Macro):
        _macro.builtin = False  # they expand everywhere, also in `\edef`

_STYLES = ("arabic", "roman", "Roman", "alph", "Alph", "fnsymbol")
EXPANSIONS: dict[str, Entry] = {
    **_KERNEL,
    "\\the": the,
    "\\number": number,
    "\\romannumeral": romannumeral,
    "\\@slowromancap": slowromancap,
    "\\magstep": magstep,
    **dict.fromkeys(("\\" + s for s in _STYLES), counter_style),
    **dict.fromkeys(("\\@" + s for s in _STYLES), counter_style),
    "\\csname": csname,
    "\\expandafter": expandafter,
    "\\noexpand": noexpand,
    "\\unexpanded": noexpand,
    "\\string": string,
    "\\csstring": csstring,
    "\\detokenize": detokenize,
    "\\meaning": meaning,
}
_ASSIGNING = frozenset({newboolean, setboolean, noexpand})
# what expand_once may call; \unless only marks the conditional that follows
EXPANDABLE: frozenset[Handler] = frozenset(
    entry
    for table in (EXPANSIONS, BRANCHES, DECISIONS)
    for name, entry in table.items()
    if not isinstance(entry, Macro) and name != "\\newif" and entry not in _ASSIGNING
) | {unless}
