"""Arrows between rooms: schemas <- curation <- pipelines; schemas <- data_cards <- pipelines. Nothing points back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.imports import PROJECT, graph

ALLOWED = {
    "schemas": {"schemas"},
    "curation": {"schemas", "curation"},
    "data_cards": {"schemas", "data_cards"},
    "pipelines": {"schemas", "curation", "data_cards", "pipelines"},
}


def imported_rooms(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names & (set(ALLOWED) | {"tests"})


@pytest.mark.parametrize("room", ALLOWED)
def test_rooms_import_only_what_they_may(room):
    files = sorted((PROJECT / room).rglob("*.py"))
    assert files
    for file in files:
        wrong = imported_rooms(file) - ALLOWED[room]
        assert not wrong, f"{file.relative_to(PROJECT)} imports {sorted(wrong)}"


def test_curation_knows_no_ray_and_no_cli():
    for file in sorted((PROJECT / "curation").rglob("*.py")):
        tree = ast.parse(file.read_text())
        names = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        assert not names & {"ray", "typer", "click"}, file


BOTTOM = "curation.place"
"""A room that all others stand on."""
CONTRACT_OF_SOURCES = {f"curation.sources.{name}" for name in ("source", "unit", "members", "ours")}
"""What a source is, what it lists, and how members of it and folders of ours are told."""


def test_the_engine_knows_steps_and_sources_and_no_room():
    rooms = {
        f"curation.{folder.name}" for folder in (PROJECT / "curation").iterdir() if (folder / "__init__.py").exists()
    }
    rooms -= {BOTTOM}
    assert {"curation.release", "curation.sources"} < rooms
    engine = {module: others for module, others in graph(PROJECT).items() if module.startswith("pipelines.engine")}
    assert "pipelines.engine.runner" in engine
    for module, others in engine.items():
        known = {other for other in others if ".".join(other.split(".")[:2]) in rooms}
        assert known <= CONTRACT_OF_SOURCES, f"{module} imports {sorted(known - CONTRACT_OF_SOURCES)}"
