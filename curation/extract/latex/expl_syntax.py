"""LaTeX3's programming layer (expl3): its syntax, how its functions read their arguments, and which function is meant.

Between `\\ExplSyntaxOn` and `\\ExplSyntaxOff` blanks are nothing, `~` is a blank, `_` and `:` are letters. The name of a function
ends with the kinds of its arguments, `\\tl_set:Nn`; every function exists in variants (`\\tl_set:cx`), which differ in what
is done to an argument before it is used (interface3, chapter "Argument specifications"). So one table of functions serves all
variants. A function that is not known reads its arguments away: they are programs, not text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from curation.extract.latex.lexer import END, EXPL, PAR, SPACE
from curation.extract.latex.macros import Macro
from curation.extract.latex.registers import Quantity

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Handler

Args = list[list[str]]
Function = Callable[[Any, Args], None]
Condition = Callable[[Any, Args], bool]


def syntax_on(tex: Stomach, name: str) -> None:
    """`\\ExplSyntaxOn`."""
    if EXPL not in tex.letters:
        tex.set_catcodes(letters=tex.letters + "_:" + EXPL)


def syntax_off(tex: Stomach, name: str) -> None:
    """`\\ExplSyntaxOff`."""
    if EXPL in tex.letters:
        tex.set_catcodes(letters=tex.letters.replace("_:" + EXPL, ""))


# ---------------------------------------------------------------- arguments
def value_of(tex: Stomach, cs: str) -> list[str]:
    """What a variable holds: a token list, a number, a length."""
    entry = tex.defs.get(cs)
    if isinstance(entry, Macro) and not entry.params:
        return list(entry.body)
    if cs:
        tex.pb.append(cs)
        found: Quantity | None = tex.quantity(cs)
        if found is not None:
            return found.value if found.kind == "toks" else [str(found.value)]
        tex.pb.pop()
    return []


def one(tokens: list[str]) -> str:
    """The single token of an argument `N`."""
    return next((t for t in tokens if t.strip()), "")


def _parameter_text(tex: Stomach) -> list[str]:
    out: list[str] = []
    while (tok := tex.next_char()) not in ("{", END, PAR) and len(out) < 100:
        out.append(tok)
    tex.pb.append(tok)
    return out


def _expanded_once(tex: Stomach, tokens: list[str]) -> list[str]:
    tex.pb.append(END)
    tex.push(tokens)
    tok = tex.next()
    if tok == END:
        return []
    if tok[0] != "\\" or not tex.expand_once(tok):
        tex.pb.append(tok)
    out: list[str] = []
    while (tok := tex.next()) != END:
        out.append(tok)
    return out


def read_arguments(tex: Stomach, kinds: str) -> Args:
    """The arguments of a function, each as its letter asks."""
    out: Args = []
    for kind in kinds:
        if kind in "wD":
            continue
        if kind == "p":
            out.append(_parameter_text(tex))
            continue
        tex.skip_spaces()
        tokens = tex.read_arg()
        if kind in "cv":
            tokens = ["\\" + tex.plain_text(tokens)]
        if kind in "Vv":
            tokens = value_of(tex, one(tokens))
        elif kind in "xef":
            tokens = tex.expand_all(tokens)
        elif kind == "o":
            tokens = _expanded_once(tex, tokens)
        out.append(tokens)
    return out


def braced(args: Args) -> list[str]:
    """Arguments as they are read again."""
    return [tok for arg in args for tok in ("{", *arg, "}")]


# ---------------------------------------------------------------- functions
class Expl:
    """The functions that are known.

    Attributes:
        functions: name without the argument kinds -> what it does with its arguments.
        conditions: name -> whether it holds; `TF`, `T`, `F` and `_p` forms follow from it.
        expandable: those that only put tokens back.
    """

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self.conditions: dict[str, Condition] = {}
        self.expandable: set[str] = set()

    def obey(self, tex: Stomach, tok: str, *, expanding: bool = False) -> bool:
        """Run a function that was read; False, and nothing done, where one that expands is asked for and this is none."""
        name, _, kinds = tok[1:].partition(":")
        arms = kinds[len(kinds.rstrip("TF")) :]
        own = self._variant_of(tex, name, kinds)
        condition = self.conditions.get(name) or self.conditions.get(name.removesuffix("_p"))
        if expanding and own is None and condition is None and name not in self.expandable:
            return False
        if own is not None:
            tex.push([own, *braced(read_arguments(tex, kinds))])
        elif condition is not None:
            self._decide(tex, name, condition, kinds, arms)
        elif name in self.functions:
            self._call(tex, name, read_arguments(tex, kinds))
        elif name.startswith("exp_args"):
            _expand_arguments(tex, kinds)
        else:
            read_arguments(tex, kinds)
            if not name.startswith(_SILENT):
                tex.warn(f"function \\{name} of expl3 is not known")
        return True

    def _call(self, tex: Stomach, name: str, args: Args) -> None:
        try:
            self.functions[name](tex, args)
        except (IndexError, ValueError):
            _lacks_argument(tex, name)

    def _decide(self, tex: Stomach, name: str, condition: Condition, kinds: str, arms: str) -> None:
        args = read_arguments(tex, kinds[: len(kinds) - len(arms)])
        branches = {arm: tex.read_arg() for arm in arms if tex.skip_spaces()}
        try:
            truth = condition(tex, args)
        except (IndexError, ValueError):
            truth = _lacks_argument(tex, name)
        if arms:
            tex.push(branches.get("T" if truth else "F", []))
        elif name.endswith("_p"):
            tex.push(["1" if truth else "0"])

    @staticmethod
    def _variant_of(tex: Stomach, name: str, kinds: str) -> str | None:
        """A function of the paper's own, of which this is a variant."""
        base = "\\" + name + ":" + "".join(_BASE.get(kind, kind) for kind in kinds)
        return base if base != f"\\{name}:{kinds}" and isinstance(tex.defs.get(base), Macro) else None


_BASE = {**dict.fromkeys("Vvoxef", "n"), "c": "N"}
_SILENT = (
    "msg_",
    "iow_",
    "file_",
    "sys_",
    "cs_generate",
    "prg_generate",
    "debug_",
    "log_",
    "hook_",
    "int_log",
    "tl_log",
    "tl_show",
)


def _lacks_argument(tex: Stomach, name: str) -> bool:
    """A name whose kinds are fewer than its function has arguments (`\\tl_set:N`): nothing is done."""
    tex.warn(f"function \\{name} of expl3 lacks an argument")
    return False


def _expand_arguments(tex: Stomach, kinds: str) -> None:
    """`\\exp_args:NV \\use:n \\l_x_tl`: the first is called with the others as their letters make them."""
    args = read_arguments(tex, kinds)
    if args:
        tex.push([*args[0], *braced(args[1:])])


EXPL_SYNTAX: dict[str, Handler] = {"\\ExplSyntaxOn": syntax_on, "\\ExplSyntaxOff": syntax_off}
EXPL_VARIABLES: dict[str, Macro] = {
    "\\c_space_tl": Macro((), [SPACE]),
    "\\c_empty_tl": Macro((), []),
    "\\c_true_bool": Macro((), ["1"]),
    "\\c_false_bool": Macro((), ["0"]),
    "\\c_pi_fp": Macro((), ["3.141592653589793"]),
    "\\c_backslash_str": Macro((), ["\\textbackslash"]),
}
