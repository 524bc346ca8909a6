"""Loops of expl3 over conditions: `\\int_while_do:nNnn`, `\\bool_do_until:nn` and kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from curation.extract.latex.expl_functions import related
from curation.extract.latex.expl_syntax import Args

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach


def _while(name: str, *, until: bool) -> Callable[[Stomach, Args], None]:
    def run(tex: Stomach, args: Args) -> None:
        *test, code = args
        if related(tex, test) != until:
            again = [tok for arg in test for tok in ("{", *arg, "}")]
            tex.spend(len(again))
            if not tex.runs_away(f"loop \\{name}"):
                kinds = "nn" if len(test) == 1 else "nNnn"
                tex.push([*code, f"\\{name}:{kinds}", *again, "{", *code, "}"])

    return run


_LOOPS = tuple(f"{kind}_{word}_do" for kind in ("int", "bool") for word in ("while", "until"))


def _do_first(name: str) -> Callable[[Stomach, Args], None]:
    def run(tex: Stomach, args: Args) -> None:
        kinds = "nn" if len(args) == 2 else "nNnn"
        tex.push([*args[-1], f"\\{name}:{kinds}", *(tok for arg in args for tok in ("{", *arg, "}"))])

    return run


EXPL_LOOPS: dict[str, Callable[[Stomach, Args], None]] = {
    **{name: _while(name, until="until" in name) for name in _LOOPS},
    **{f"{name[:-9]}_do_{name[-8:-3]}": _do_first(name) for name in _LOOPS},
}
"""Loops that test first, and loops that run once before they test."""
