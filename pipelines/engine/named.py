"""run.json: which folder each stage of the last run lies in, and what it was made by."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from curation.artefact import placed_config
from curation.step import Step
from pipelines.engine.fingerprint import differences, digest, folder_name, other_inputs
from pipelines.engine.fold import unfold
from pipelines.engine.parts import StageReport
from pipelines.engine.receipt import MANIFEST, Manifest, Receipt
from pipelines.engine.stage import Stage
from pipelines.engine.store import Store


class Named:
    """The names of a run's stages.

    A stage's folder is named by the step's own identity: what it is given stands in the receipts. A stage that this run
    has not reached keeps the name that it had, the release among them.

    Args:
        name: of the corpus.
        dry: nothing is written.
    """

    def __init__(self, store: Store, name: str, *, dry: bool) -> None:
        self._store, self._name, self._dry = store, name, dry
        self._before: dict[str, Any] = store.read_as("run.json", _stages_in_order) or {}
        self._open: dict[str, dict[str, Any]] = {}
        self._done: dict[str, dict[str, Any]] = {}

    def begin(self) -> None:
        """Mark the folder as a run's."""
        if not self._dry and not self._store.exists("run.json"):
            self._write({}, finished=False)

    def open(
        self,
        name: str,
        stage: Stage,
        identity: Mapping[str, Any],
        steps: Sequence[Step],
        place: Mapping[str, Any] | None = None,
    ) -> tuple[str, str, list[str], set[str]]:
        """Folder and fingerprint of a stage, and what changed since the last run: in its step, in words; tables that name its
        folder.

        Args:
            place: what names the folder, by default the identity.
        """
        fingerprint = digest(identity)
        before = self._before.get(name, {"identity": identity})["identity"]
        now = json.loads(json.dumps(identity))  # as run.json gives it back
        folder = folder_name(name, identity if place is None else place)
        tables = [{"name": t.name, "working": t.working, "many": stage.step.has_many(t)} for t in stage.step.tables()]
        made_by = [
            {"class": f"{type(step).__module__}.{type(step).__qualname__}", "config": placed_config(step)}
            for step in steps
        ]
        entry = {
            "fingerprint": fingerprint,
            "folder": folder,
            "identity": identity,
            "steps": made_by,
            "tables": tables,  # the main one first
            "layout": stage.layout.value,
            "folders": [],
        }
        self._open[name] = json.loads(json.dumps(entry))  # as run.json gives it back
        return folder, fingerprint, differences(before, now), other_inputs(before, now)

    def keep(self, stage: str, folder: str, receipts: Sequence[Receipt]) -> None:
        """Name a folder that a stage keeps beside its own: splits, merged partitions, cut tables."""
        entry = self._open[stage]
        entry["folders"].append(folder)
        if not self._dry:
            self._put(folder, Manifest(stage, entry["fingerprint"], tuple(receipts)))
            unfold(self._store, receipts)

    def close(
        self, stage: str, folder: str, report: StageReport, receipts: Sequence[Receipt], retired: tuple[str, ...]
    ) -> None:
        """A stage is whole: write its manifest, and name it."""
        manifest = Manifest(stage, report.fingerprint, tuple(receipts), retired)
        is_new = self._put(folder, manifest)
        unfold(self._store, receipts)
        self._done[stage] = self._open[stage]
        if is_new or self._before.get(stage) != self._open[stage]:
            self._write(self._before, finished=False)

    def _put(self, folder: str, manifest: Manifest) -> bool:
        """Write a manifest that is not there yet; returns whether it was. Before the first one the run is named unfinished: a run
        that is killed between two manifests is a mixture of two runs, and must not pass for either."""
        name, value = f"{folder}/{MANIFEST}", manifest.to_json()
        if self._store.holds_json(name, value):
            return False
        self._write(self._before, finished=False)
        return self._store.update_json(name, value)

    def finish(self) -> None:
        """All stages are there."""
        if not self._dry:
            self._write({}, finished=True)

    def _write(self, before: Mapping[str, Any], *, finished: bool) -> None:
        order = [*self._done, *(name for name in before if name not in self._done)]
        run = {"name": self._name, "order": order, "stages": {**before, **self._done}, "finished": finished}
        self._store.update_json("run.json", run)


def _stages_in_order(run: Mapping[str, Any]) -> dict[str, Any]:
    return {name: run["stages"][name] for name in run["order"]}
