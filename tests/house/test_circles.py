"""No circles: no module imports itself by way of others, wherever in it the import stands, and neither does a room."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TOP = ("schemas", "curation", "pipelines", "data_cards")
NOT_IMPORTED = ("TYPE_CHECKING", "__name__")
"""Words of conditions under which nothing is imported by an importer."""


def modules(root: Path) -> dict[str, Path]:
    files = [file for top in TOP for file in sorted((root / top).rglob("*.py"))]
    return {".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(node: ast.AST, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that a piece of code imports."""
    if isinstance(node, ast.If) and any(word in ast.unparse(node.test) for word in NOT_IMPORTED):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in known)
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name if name in known else node.module for name in names if {name, node.module} & set(known))
    for child in ast.iter_child_nodes(node):
        yield from imported(child, known)


def graph(root: Path) -> dict[str, set[str]]:
    known = modules(root)
    return {name: {*imported(ast.parse(file.read_text()), known)} - {name} for name, file in known.items()}


def circle(edges: Mapping[str, set[str]]) -> list[str]:
    """A way from a node to itself; empty when there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_no_module_imports_itself_by_way_of_others() -> None:
    edges = graph(PROJECT)
    assert len(edges) > 150 and any(edges.values())
    assert circle(edges) == []


def test_no_room_of_the_library_imports_itself_by_way_of_others() -> None:
    rooms: dict[str, set[str]] = {}
    for module, others in graph(PROJECT).items():
        rooms.setdefault(room(module), set()).update(room(other) for other in others)
    rooms = {name: {n for n in others if n.startswith("curation.")} - {name} for name, others in rooms.items()}
    assert rooms["curation.extract"]
    assert circle({name: others for name, others in rooms.items() if name.startswith("curation.")}) == []


@pytest.mark.parametrize(
    "line",
    [
        "import curation.b",
        "from curation import b",
        "from curation.b import x",
        "def f():\n    from curation.b import x",
    ],
)
def test_a_circle_is_found_by_any_way_to_import(tmp_path: Path, line: str) -> None:
    (tmp_path / "curation").mkdir()
    (tmp_path / "curation" / "__init__.py").touch()
    (tmp_path / "curation" / "a.py").write_text(line)
    (tmp_path / "curation" / "b.py").write_text("from curation.a import y")
    assert set(circle(graph(tmp_path))) == {"curation.a", "curation.b"}
