"""Reading a paper to its end: what is nested too deeply is skipped, and what was read is kept when the budget is spent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.extract.latex.token_stack import Budget

if TYPE_CHECKING:
    from curation.extract.latex.stomach import Stomach

MAX_SKIPS = 20
"""Places of a paper that may be nested too deeply; each may take as much stack as there is."""
_GOES_ON = re.compile(
    r"\n[ \t]*\n|\\relax(?![A-Za-z])|(?=\\(?:par|chapter|(?:sub)*section|begin|end|item|bibliography)(?![A-Za-z]))"
)


def read_all(tex: Stomach) -> bool:
    """Run the stomach until everything is read; False where the end of the paper is missing, which a warning says."""
    for _ in range(MAX_SKIPS):
        try:
            tex.run()
            tex.flush()
        except Budget:
            tex.warn("token budget spent: the end of the paper is missing")
            _unwind(tex)
            return False
        except RecursionError:
            tex.warn(f"nested too deeply at {tex.where()}: skipped")
            _unwind(tex)
            _skip(tex)
        else:
            return True
    tex.warn(f"nested too deeply at {MAX_SKIPS} places: the end of the paper is missing")
    return False


def _unwind(tex: Stomach) -> None:
    """Save what was read, in order of nesting, and close what has a loop of its own."""
    tex.flow.blocks.extend(())
    for flow in [*tex.outer_flows, tex.flow]:
        tex.flow = flow
        tex.parts = flow.parts
        tex.flush()
    if tex.outer_flows:
        root = tex.outer_flows[0]
        for flow in [*tex.outer_flows[1:], tex.flow]:
            if flow is not root:
                root.blocks.extend(flow.blocks)
        tex.flow = root
        tex.parts = root.parts
        tex.outer_flows.clear()
    inner = next((i for i, env in enumerate(tex.envs) if env.nested), len(tex.envs))
    del tex.envs[inner:]
    tex.depth = tex.barrier = tex.nested_expansions = 0
    tex.table = tex.deluxe = tex.closing = None
    tex.in_math = False


def _skip(tex: Stomach) -> None:
    """Drop what was pushed back (an argument that is nested too deeply, a macro that nests itself) and close the groups around it.
    Where nothing was, the source itself nests: go on where its paragraph, or the number in it, ends."""
    in_source = not tex.pb
    tex.pb.clear()
    tex.pop_groups(tex.envs[-1].groups if tex.envs else 0)
    tex.pb.clear()  # of \\aftergroup
    if in_source:
        mouth = tex.mouth
        found = _GOES_ON.search(mouth.src, mouth.pos)
        mouth.pos = found.end() if found else len(mouth.src)
