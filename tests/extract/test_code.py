from __future__ import annotations

import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

from curation.dedup.containment import Contained
from curation.extract import code
from curation.extract.router import Extract
from curation.quality.signals import Signals
from curation.withhold.lists import WithholdNames
from tests.house.imports import PROJECT, graph, reached

MAKES_NO_TEXT = {
    *("schemas", "schemas.files", "schemas.reasons", "schemas.words"),
    # the contract of a step, its config and its errors
    *(
        "curation.artefact",
        "curation.errors",
        "curation.parquet",
        "curation.resources",
        "curation.step",
        "curation.summaries",
    ),
    # what is listed: papers and contents come as they are, with digests
    *("curation.sources.members", "curation.sources.paper_content", "curation.sources.source", "curation.sources.unit"),
    # where it lies
    *(f"curation.place{part}" for part in ("", ".base", ".folder", ".holder", ".patience", ".ranged", ".upload")),
    *("curation.place.s3", "curation.place.s3_lease", "curation.place.s3_reader"),
    # which of what is listed is wanted
    *(
        "curation.hashes",
        "curation.joins",
        "curation.sources.choice",
        "curation.sources.select",
        "curation.sources.snapshot",
    ),
    *("curation.sources.match_records", "curation.sources.merge_records", "curation.sources.paper_names"),
    *("curation.sources.record_values", "curation.sources.versions"),
    # columns of papers and metadata
    *("curation.identity", "curation.sources.bounds", "curation.sources.metadata"),
}
"""Modules that extraction imports and that decide no text; the versions of their tables stand in identities."""
READS_ROWS = "curation.sources.row_child"
"""What a child runs that reads data files, for whoever opens them."""


def test_every_module_that_makes_text_is_in_the_fingerprint_of_extraction() -> None:
    edges = graph(PROJECT)
    rooms = {f"curation.{room}" for room in code.ROOMS}
    roots = {module for module in edges if ".".join(module.split(".")[:2]) in rooms}
    others = {".".join(["curation", *Path(name).with_suffix("").parts]) for name in code.OTHER_ROOMS}
    assert "curation.extract.latex.lexer" in roots and "curation.text.kernel" in others
    assert reached(edges, {*roots, READS_ROWS}) - roots == others | MAKES_NO_TEXT
    assert not others & MAKES_NO_TEXT


def test_the_unicode_tables_are_in_the_fingerprint_of_what_folds_text() -> None:
    for step in (Extract(ocr="none"), Signals(), WithholdNames(), Contained()):
        assert step.identity()["unicode"] == unicodedata.unidata_version


def test_a_changed_module_that_makes_text_changes_the_fingerprint_of_extraction(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "curation", tmp_path / "curation")
    shutil.copytree(PROJECT / "schemas", tmp_path / "schemas")
    ask = [sys.executable, "-c", "from curation.extract.code import code_sha256 as c; print(c())"]

    def found() -> str:
        return subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert found() == code.code_sha256() == Extract(ocr="none").identity()["backends"]["code"]
    digests = [code.code_sha256()]
    for name in ("extract/latex/lexer.py", "confine/ended.py", *code.OTHER_ROOMS):
        with (tmp_path / "curation" / name).open("a") as module:
            module.write("\n# another rule\n")
        digests.append(found())
    assert len(set(digests)) == len(digests)
