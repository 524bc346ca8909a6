"""What our modules import of each other, wherever in a module the import stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TOP = ("schemas", "curation", "pipelines", "data_cards")
_CALLED = re.compile(r"^([a-z_.]+):[a-z_]+$")
NOT_IMPORTED = ("TYPE_CHECKING", "__name__")
"""Words of conditions under which nothing is imported by an importer."""


def modules(root: Path) -> dict[str, Path]:
    files = [file for top in TOP for file in sorted((root / top).rglob("*.py"))]
    return {".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(node: ast.AST, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that a piece of code imports, or asks a child to (`module:function`)."""
    if isinstance(node, ast.If) and any(word in ast.unparse(node.test) for word in NOT_IMPORTED):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in known)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):  # what a child is asked to import
        yield from (name for name in _CALLED.findall(node.value) if name in known)
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name if name in known else node.module for name in names if {name, node.module} & set(known))
    for child in ast.iter_child_nodes(node):
        yield from imported(child, known)


def graph(root: Path) -> dict[str, set[str]]:
    known = modules(root)
    return {name: {*imported(ast.parse(file.read_text()), known)} - {name} for name, file in known.items()}


def reached(edges: Mapping[str, Iterable[str]], roots: Iterable[str]) -> set[str]:
    """The modules that some import, directly or by way of others, and these."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        if (module := waiting.pop()) not in found:
            found.add(module)
            waiting += edges[module]
    return found
