"""Assignments: LaTeX's counters and lengths, TeX's registers and parameters. They print nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.conditions import read_csname
from curation.extract.latex.lengths import POINT, Glue, divide, fits
from curation.extract.latex.lexer import END, PAR, SPACE
from curation.extract.latex.macros import Macro
from curation.extract.latex.parameters import PARAMETERS
from curation.extract.latex.registers import CharDef, Register, own_counter

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry


# ---------------------------------------------------------------- counters
def counter_value(tex: Stomach) -> int:
    """The number in a counter command's argument, which may be a sum (calc)."""
    value = tex.evaluate(tex.read_arg(), "count")
    return value if isinstance(value, int) and abs(value) < 2**31 else 0


def set_counter(tex: Stomach, name: str) -> None:
    """`\\setcounter{x}{3}`, `\\addtocounter`, `\\stepcounter`, `\\refstepcounter`."""
    counter = tex.read_name()
    key = own_counter(counter)
    if name == "\\setcounter":
        tex.counters[key] = counter_value(tex)
    elif name == "\\addtocounter":
        tex.counters[key] += counter_value(tex)
    else:
        tex.step(key)
    if name == "\\refstepcounter":
        text = tex.plain_text([f"\\the{counter}"]) if f"\\the{counter}" in tex.defs else str(tex.counters[key])
        tex.current_ref = (counter, text)


def new_counter(tex: Stomach, name: str) -> None:
    """`\\newcounter{x}[within]`: `\\thex` prints it, a step of `within` sets it to 0."""
    counter = tex.read_name()
    within = "".join(tex.read_optional() or []).strip()
    _reset_by(tex, counter, within)
    tex.define("\\the" + counter, Macro((), ["\\arabic", "{", counter, "}"]), everywhere=True)


def _reset_by(tex: Stomach, counter: str, within: str) -> None:
    if within:
        tex.counter_resets.setdefault(own_counter(within), []).append(own_counter(counter))
    tex.counters[own_counter(counter)] = 0


def count_within(tex: Stomach, counter: str, within: str) -> None:
    """A new counter; within another one it is printed as `2.1`."""
    _reset_by(tex, counter, within)
    before = [f"\\the{within}", "."] if within else []
    tex.define("\\the" + counter, Macro((), [*before, "\\arabic", "{", counter, "}"]), everywhere=True)


def reset_within(tex: Stomach, name: str) -> None:
    """`\\numberwithin{equation}{section}`, `\\counterwithin{x}{y}`, `\\@addtoreset{x}{y}`.

    Those of sections and footnotes run through the text.
    """
    star = tex.read_star()
    style = tex.read_optional() or ["\\arabic"]
    counter, within = tex.read_name(), tex.read_name()
    if counter in _RUNNING:
        return
    resets = tex.counter_resets.setdefault(own_counter(within), [])
    if name == "\\counterwithout":
        resets[:] = [c for c in resets if c != own_counter(counter)]
        if not star:
            tex.define("\\the" + counter, Macro((), ["\\arabic", "{", counter, "}"]), everywhere=True)
        return
    resets.append(own_counter(counter))
    if name != "\\@addtoreset" and not star:
        body = [f"\\the{within}", ".", *style, "{", counter, "}"]
        tex.define("\\the" + counter, Macro((), body), everywhere=True)


_RUNNING = frozenset({"footnote", "section", "subsection", "subsubsection"})


# ---------------------------------------------------------------- lengths
def set_length(tex: Stomach, name: str) -> None:
    """`\\setlength{\\x}{1cm+2pt}`, `\\addtolength`; of a length that we do not know nothing is kept."""
    target = [t for t in tex.read_arg() if t != SPACE]
    tokens = tex.read_arg()
    register = tex.defs.get(tex.alias(target[0])) if target else None
    if not isinstance(register, Register):
        return
    value = tex.evaluate(tokens, "skip")
    if isinstance(value, int):
        value = Glue(value)
    old = tex.value(register)
    if register.kind == "skip":
        tex.assign(register, old + value if name == "\\addtolength" else value)
    elif register.kind == "dimen":
        tex.assign(register, value.size + (old if name == "\\addtolength" else 0))


def set_to_width(tex: Stomach, name: str) -> None:
    """`\\settowidth{\\x}{text}`: about the width of the text, 5 pt a character; nothing has no width."""
    target = [t for t in tex.read_arg() if t != SPACE]
    text = tex.inline(tex.read_arg())
    register = tex.defs.get(target[0]) if target else None
    if isinstance(register, Register):
        size = 5 * POINT * len(text) if name == "\\settowidth" else 7 * POINT * bool(text)
        tex.assign(register, Glue(size) if register.kind == "skip" else size)


# ---------------------------------------------------------------- registers
_ALLOCATE = {
    "\\newcount": "count", "\\newdimen": "dimen", "\\newskip": "skip", "\\newmuskip": "skip", "\\newlength": "skip",
    "\\newtoks": "toks", "\\newbox": "box", "\\newsavebox": "box",
}  # fmt: skip


def read_cs(tex: Stomach) -> str:
    """The name being defined: `\\x` or `{\\x}`; empty when there is none."""
    tok = tex.skip_spaces()
    tex.pb.pop()
    if tok == "{":
        tok = next((t for t in tex.read_group() if t != SPACE), "")
    if tok == "\\csname":
        tok = "\\" + read_csname(tex)
    if tok and (tok[0] == "\\" or tok in tex.active or tok == "~") and tok not in (END, PAR):
        return tok
    if tok in (END, PAR):
        tex.pb.append(tok)
    return ""


def allocate(tex: Stomach, name: str) -> None:
    """`\\newcount\\x`, `\\newdimen\\x`, `\\newlength{\\x}`: a register of this name."""
    cs = read_cs(tex)
    if cs:
        tex.n_registers += 1
        register = Register(_ALLOCATE[name], f"new {cs} {tex.n_registers}")
        tex.define(cs, register, everywhere=True)


def allocate_stream(tex: Stomach, name: str) -> None:
    """`\\newread\\x`, `\\newwrite\\x`, `\\newinsert\\x`: a number."""
    cs = read_cs(tex)
    if cs:
        tex.define(cs, CharDef(0), everywhere=True)


def shorthand(tex: Stomach, name: str) -> None:
    """`\\countdef\\x=3`, `\\chardef\\x=65`, `\\mathchardef\\x="220E`."""
    cs = read_cs(tex)
    tex.skip_equals()
    value = tex.read_number()
    if not cs:
        return
    if name == "\\chardef":
        tex.define(cs, CharDef(value))
    elif name != "\\mathchardef":
        kind = {"\\countdef": "count", "\\dimendef": "dimen", "\\toksdef": "toks"}.get(name, "skip")
        tex.define(cs, Register(kind, f"{kind} {value}"))


def numbered_register(tex: Stomach, name: str) -> None:
    """`\\count7=3`, `\\dimen0=1pt`, `\\toks0={..}`."""
    kind = name[1:].removeprefix("mu")
    Register(kind, f"{kind} {tex.read_number()}")(tex, name)


def box_size(tex: Stomach, name: str) -> None:
    """`\\wd0=3pt`, `\\ht\\x`, `\\dp\\x`: the size of a box."""
    tex.read_box_key()
    tex.skip_equals()
    tex.read_dimen()


def code(tex: Stomach, name: str) -> None:
    """``\\lccode`\\x=`\\y``, `\\mathcode`, `\\sfcode`: nothing that text shows."""
    tex.read_number()
    tex.skip_equals()
    tex.read_number()


def arithmetic(tex: Stomach, name: str) -> None:
    """`\\advance\\x by 1`, `\\multiply\\x by 2`, `\\divide\\x by 2`."""
    tok = tex.ahead()
    entry = tex.defs.get(tex.alias(tok)) if tok[0] == "\\" else None
    counter = ""
    register: Register | None = None
    if isinstance(entry, Register):
        tex.pb.pop()
        register = entry
    elif tok in ("\\count", "\\dimen", "\\skip", "\\muskip"):
        tex.pb.pop()
        kind = tok[1:].removeprefix("mu")
        register = Register(kind, f"{kind} {tex.read_number()}")
    elif tok == "\\value" or tok.startswith("\\c@"):
        tex.pb.pop()
        counter = own_counter(tex.read_name() if tok == "\\value" else tok[3:])
    elif tok[0] == "\\" and tok not in (END, PAR):
        tex.pb.pop()
    _by(tex)
    if counter:
        value = _result(tex, name, "count", tex.counters[counter])
        tex.counters[counter] = value if isinstance(value, int) else value.size
    elif register is None or register.kind in ("toks", "box"):
        tex.read_glue()
    else:
        tex.assign(register, _result(tex, name, register.kind, tex.value(register)))


def _by(tex: Stomach) -> None:
    tok = tex.ahead()
    if re.match(r"by(?![a-z])", tok, re.I):
        tex.pb.pop()
        if tok[2:]:
            tex.pb.append(tok[2:])


def _result(tex: Stomach, name: str, kind: str, old: int | Glue) -> int | Glue:
    new = _unbounded(tex, name, kind, old)
    return new if fits(new, kind) else old  # TeX: `Arithmetic overflow`


def _unbounded(tex: Stomach, name: str, kind: str, old: int | Glue) -> int | Glue:
    if name == "\\advance":
        return old + tex.read_value(kind)  # type: ignore[no-any-return]
    by = tex.read_number()
    if isinstance(old, Glue):
        return old.times(by) if name == "\\multiply" else Glue(divide(old.size, by))
    return old * by if name == "\\multiply" else divide(old, by)


ASSIGNMENTS: dict[str, Entry] = {
    **PARAMETERS,
    **dict.fromkeys(("\\setcounter", "\\addtocounter", "\\stepcounter", "\\refstepcounter"), set_counter),
    "\\newcounter": new_counter,
    **dict.fromkeys(("\\numberwithin", "\\counterwithin", "\\@addtoreset", "\\counterwithout"), reset_within),
    **dict.fromkeys(("\\setlength", "\\addtolength"), set_length),
    **dict.fromkeys(("\\settowidth", "\\settoheight", "\\settodepth"), set_to_width),
    **dict.fromkeys(_ALLOCATE, allocate),
    **dict.fromkeys(("\\newread", "\\newwrite", "\\newinsert", "\\newfam"), allocate_stream),
    **dict.fromkeys(
        ("\\chardef", "\\mathchardef", "\\countdef", "\\dimendef", "\\skipdef", "\\muskipdef", "\\toksdef"), shorthand
    ),
    **dict.fromkeys(("\\count", "\\dimen", "\\skip", "\\muskip", "\\toks"), numbered_register),
    **dict.fromkeys(("\\wd", "\\ht", "\\dp"), box_size),
    **dict.fromkeys(("\\lccode", "\\uccode", "\\sfcode", "\\mathcode", "\\delcode"), code),
    **dict.fromkeys(("\\advance", "\\multiply", "\\divide"), arithmetic),
}
