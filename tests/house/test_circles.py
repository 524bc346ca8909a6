"""No circles: no module imports itself by way of others, wherever in it the import stands, and neither does a room."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.house.imports import PROJECT, graph


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
