"""Collecting a formula: expanded tokens up to its end.

When the end does not come (blank line in inline math, a section, too many tokens) everything is given back to be read
as text, which is how one forgotten `$` costs a sentence and not the paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.calculations import CALCULATIONS
from curation.extract.latex.conditions import BRANCHES
from curation.extract.latex.counters import ASSIGNMENTS
from curation.extract.latex.decisions import DECISIONS
from curation.extract.latex.definitions import DEFINITIONS
from curation.extract.latex.drawn_signs import DRAWN_SIGNS
from curation.extract.latex.evaluations import EVALUATIONS
from curation.extract.latex.expansion import EXPANSIONS
from curation.extract.latex.gullet import shorter
from curation.extract.latex.letter_case import LETTER_CASE
from curation.extract.latex.lexer import END, FROZEN, PAR, SPACE
from curation.extract.latex.loops import LOOPS
from curation.extract.latex.macros import Macro
from curation.extract.latex.math_marks import MATH_INNER
from curation.extract.latex.pgf_commands import PGF
from curation.extract.latex.registers import Register
from curation.extract.latex.spanning_marks import SPANNING

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

_RESYNC = frozenset(
    {"\\section", "\\subsection", "\\subsubsection", "\\chapter", "\\paragraph", "\\item", "\\documentclass",
     "\\bibliography", "\\caption", "\\maketitle", "\\bibitem", "\\bye", "\\appendix"}
)  # fmt: skip
EXECUTED = {
    **EXPANSIONS,
    **BRANCHES,
    **DECISIONS,
    **DEFINITIONS,
    **ASSIGNMENTS,
    **LOOPS,
    **EVALUATIONS,
    **CALCULATIONS,
    **PGF,
    **LETTER_CASE,
    **SPANNING,
    **DRAWN_SIGNS,
}
for _name in ("\\relax", "\\protect", "\\endcsname", "\\long", "\\noexpand", "\\space"):
    EXECUTED.pop(_name, None)
SYMBOL_END = "\\\x00symbol"


def collect(tex: Stomach, stop: str, *, env: str = "") -> list[str] | None:
    """Expanded tokens up to `stop`; None when the end does not come (the tokens are given back)."""
    out: list[str] = []
    depth = 0
    inner: list[str] = []
    pars = 0
    limit = tex.math_limit
    inline = stop in ("$", "\\)", SYMBOL_END)
    defs = tex.defs
    was, tex.in_math = tex.in_math, True
    end_of_user_env: list[str] = []
    ok = False
    while len(out) < limit:
        tok = tex.next()
        if tok == "{":
            depth += 1
        elif tok == "}":
            depth -= 1
            if depth < 0:
                if inline:
                    out.append(tok)
                    break
                depth = 0
                continue
        elif tok == "$":
            if stop == "$" and depth == 0:
                ok = True
                break
            if stop == "$$" and depth == 0:
                if tex.peek() == "$":
                    tex.pb.pop()
                ok = True
                break
        elif tok[0] == "\\":
            if tok[-1] == FROZEN:
                if tok[:-1] in EXECUTED:
                    EXECUTED[tok[:-1]](tex, tok[:-1])  # type: ignore[operator]
                    continue
                tok = tok[:-1]
                if tok in tex.command_forms:
                    tex.command_forms[tok](tex, tok)
                    continue
                if tok not in ("\\begin", "\\end", stop):
                    out.append(tok)  # its own meaning: whatever the paper made of the name since
                    continue
            if tok == stop and depth == 0:
                ok = True
                break
            if tok == END or tok in _RESYNC:
                tex.pb.append(tok)
                break
            if tok == PAR:
                pars += 1
                if inline or pars > 3 or (tex.options.resync and pars > 0):
                    tex.pb.append(tok)
                    break
                tok = SPACE
            elif tok == "\\end":
                name = tex.read_name()
                if name == env and not inner:
                    ok = True
                    break
                if name in tex.user_envs and name != env:
                    if name in end_of_user_env:
                        end_of_user_env.remove(name)
                        continue
                    tex.push([*tex.user_envs[name][1], *(["\\\x00close", "{", name, "}"] if not inner else [])])
                    if inner and inner[-1] == "\x00" + name:
                        inner.pop()
                    continue
                own = tex.envs[-1] if tex.envs else None
                if own is not None and own.name == name and own.end_tokens and not inner and not own.expanded:
                    # an environment made by \\def\\x{\\equation} and \\def\\endx{\\endequation}
                    own.expanded = True
                    tex.push([*own.end_tokens, "\\\x00close", "{", name, "}"])
                    continue
                if inner:
                    if name in inner:
                        while inner.pop() != name:
                            pass
                    out.extend(["\\end", "{", name, "}"])
                    continue
                tex.push(["\\end", "{", name, "}"])
                break
            elif tok == "\\begin":
                name = tex.read_name()
                if name in tex.user_envs:
                    macro = tex.user_envs[name][0]
                    inner.append("\x00" + name)
                    tex.expand(macro, "\\" + name)
                    continue
                if name in tex.env_handlers and name not in MATH_INNER:
                    tex.push(["\\begin", "{", name, "}"])
                    break
                inner.append(name)
                out.extend(["\\begin", "{", name, "}"])
                continue
            else:
                entry = defs.get(tok)
                if entry.__class__ is Macro and not entry.builtin:
                    tex.expand(entry, tok)
                    continue
                if tok in tex.command_forms and entry is not None and entry.__class__ is not Macro:
                    entry(tex, tok)  # type: ignore[operator]
                    continue
                if entry is not None and (tok in EXECUTED or tok == "\\setbox" or entry.__class__ is Register):
                    entry(tex, tok)  # type: ignore[operator]
                    continue
                if entry is None and ":" in tok and tex.obey_expl(tex, tok):
                    continue
                if entry is not None and tok in tex.switch_commands:
                    entry(tex, tok)  # type: ignore[operator]
                    continue
        out.append(tok)
    tex.in_math = was
    if ok:
        return out
    tex.unclosed_math += 1
    tex.math_limit = shorter(limit, len(out), 300)
    tex.spend(len(out))
    tex.warn(f"unclosed math near {tex.where()}" if tex.unclosed_math == 1 else "unclosed math")
    # a group opened inside is closed by its own brace, since all is read again
    tex.push([t for t in out if not t.startswith("\x02")])
    return None
