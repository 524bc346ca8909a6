"""The tables of a run, for readers: which files hold them, as run.json and the manifests say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from curation.errors import RunError, UserError
from pipelines.engine.fingerprint import folder_name
from pipelines.engine.made import PartFile, files_of
from pipelines.engine.receipt import MANIFEST, Manifest, Receipt
from pipelines.engine.scan import scan
from pipelines.engine.stage import Layout
from pipelines.engine.store import Store


class RunTables:
    """The tables of a finished (or partly finished) run, read through its manifests.

    Args:
        store: the run folder.

    Raises:
        UserError: the folder holds no run.
    """

    def __init__(self, store: Store) -> None:
        self.store, self.name, self.finished = store, "", False
        self.stages: Mapping[str, Mapping[str, Any]] = {}
        self._files: dict[str, tuple[PartFile, ...]] = {}
        if store.read_as("run.json", self._named) is None:
            raise UserError(f"{store.uri} holds no run (there is no run.json)")

    def _named(self, run: Any) -> bool:
        """Take what run.json says; a run that stopped still names the later stages of the one before it."""
        self.name, self.finished = str(run["name"]), bool(run.get("finished"))
        self.stages = {k: run["stages"][k] for k in run["order"]}
        return True

    @property
    def tables(self) -> dict[str, bool]:
        """Table -> whether it is a step's notes for a later step; in the order of the data, without the release."""
        stages = [stage for name, stage in self.stages.items() if name != "release"]
        return {table["name"]: table["working"] for stage in stages for table in stage["tables"]}

    def manifest(self, stage: str) -> Manifest:
        """Raises UserError when the run did not get that far."""
        if stage not in self.stages:
            raise UserError(
                f"{self.store.uri} has no finished stage {stage!r} (it has: {', '.join(self.stages) or 'none'})"
            )
        name = f"{self.stages[stage]['folder']}/{MANIFEST}"
        manifest = self.store.read_as(name, Manifest.from_json)
        if manifest is None:
            raise RunError(f"{self.store.where(name)} is gone; run again, it is written anew from what is there")
        return manifest

    def files(self, table: str) -> tuple[PartFile, ...]:
        """The files of a table, by part; of a union those of all stages that fill it. Not of the release, whose tiers
        overlap: use `shards`.

        Raises:
            UserError: no finished stage makes it.
        """
        if table not in self._files:
            makers = self._makers(table)
            found = [f for stage, main in makers for f in files_of(table, main, self.manifest(stage).parts)]
            self._files[table] = tuple(sorted(found, key=lambda file: file.part))
        return self._files[table]

    def of_part(self, table: str, part: int) -> tuple[str, ...]:
        """The files of a table that hold rows of a part's documents: of one that is not co-partitioned all."""
        return tuple(file.file for file in self.files(table) if self.is_whole(table) or file.part == part)

    def is_whole(self, table: str) -> bool:
        """Whether a table is not co-partitioned with papers."""
        return str(self.stages[self._makers(table)[0][0]]["layout"]) != Layout.PARTS

    def _makers(self, table: str) -> list[tuple[str, str]]:
        """The stages that fill a table, each with the name of its main table."""
        names = {s: [t["name"] for t in stage["tables"]] for s, stage in self.stages.items() if s != "release"}
        if makers := [(stage, tables[0]) for stage, tables in names.items() if table in tables]:
            return makers
        known = ", ".join(self.tables) or "none"
        raise UserError(f"{self.store.uri} has no finished table {table!r} (it has: {known})")

    def has(self, name: str) -> bool:
        """Whether there is such a stage or table."""
        return name in self.stages or name in self.tables

    def scan(self, table: str) -> pl.LazyFrame:
        """All rows of a table, lazily."""
        return self._scan(table, [file.file for file in self.files(table)])

    def scan_part(self, table: str, part: int) -> pl.LazyFrame:
        """The rows of a table in the files that speak of a part's documents, lazily: none of a stage that a run which stopped did
        not reach with the part."""
        return self._scan(table, self.of_part(table, part))

    def _scan(self, table: str, files: Sequence[str]) -> pl.LazyFrame:
        """Rows of some files of a table; of none an empty table of its schema."""
        return self.scan_files(files) if files else self.scan_files([self.files(table)[0].file]).limit(0)

    def shards(self, tier: str, kind: str = "documents") -> list[Receipt]:
        parts = self.manifest("release").parts
        return [p for p in parts if p.extra["tier"] == tier and p.extra["kind"] == kind]

    def sent(self, kind: str = "documents") -> Manifest:
        """What each part sent to the shards of a kind: files with a group a shard."""
        identity = self.stages["release"]["identity"]["kinds"][kind]
        name = f"{folder_name('split-release', identity)}/{MANIFEST}"
        manifest = self.store.read_as(name, Manifest.from_json)
        if manifest is None:
            raise RunError(f"{self.store.where(name)} is gone; run again, it is written anew from what is there")
        return manifest

    def scan_files(self, files: Sequence[str], path: str | None = None) -> pl.LazyFrame:
        """Rows of files below the run folder. Raises RunError for one that is missing or broken.

        Args:
            path: a column to add, with each row's file below the run folder.
        """
        for file in files:
            with self.store.parquet(file):
                pass
        return scan(self.store, files, path)

    def tiers(self) -> tuple[str, ...]:
        return tuple(self.stages["release"]["identity"]["kinds"]["documents"]["config"]["tiers"])
