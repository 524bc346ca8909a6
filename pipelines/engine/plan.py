"""From the tables that a run has to the tasks of a step: which files each part reads, and the digests that decide whether
it is there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from curation.sources.source import Source
from curation.step import ExchangeStep, Step, WholeStep
from pipelines.engine.chain import cut_by
from pipelines.engine.exchange_task import FileSplitTask, HomeTask
from pipelines.engine.fingerprint import digest
from pipelines.engine.groups import GroupDigests, shelf_file
from pipelines.engine.made import MadeTable, files_digest
from pipelines.engine.map_task import MapTask
from pipelines.engine.receipt import Receipt
from pipelines.engine.task import Task
from pipelines.engine.whole_task import CutTask, EmptyTask, WholeTask

PAPERS = "papers"
NUMBER_DIGITS = 10
"""Hex digits of a digest that number a file: of 1,000 files two meet once in two million runs, and are made anew."""


@dataclass
class Planner:
    """Makes tasks.

    Args:
        root: the run folder.
        made: tables so far, by name.
        sources: by name.
        units: part -> its listing.
    """

    root: str
    made: dict[str, MadeTable] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    units: dict[int, str | None] = field(default_factory=dict)

    def rows_by_part(self) -> dict[int, int]:
        """Documents of each part, for progress."""
        return {part: files[0].rows for part, files in self.made[PAPERS].by_part().items()}

    def aligned(self, step: Step) -> list[str]:
        """Tables of a step that are co-partitioned."""
        return [name for name in sorted(step.reads()) if not self.made[name].is_whole]

    def others(self, step: Step) -> list[str]:
        """Tables of a step that are not, less those that its exchange splits too."""
        also = step.also if isinstance(step, ExchangeStep) else ()
        return [name for name in sorted(step.reads()) if self.made[name].is_whole and name not in also]

    # -- map steps and splits ------------------------------------------------------------------------------

    def cuts(self, step: Step, folder: str) -> dict[str, CutTask]:
        """For every table that arrives cut, the task that cuts it."""
        tasks = {}
        for name in self.others(step):
            keys, by = cut_by(step, name)
            if keys:
                tasks[name] = self._cut(step, name, keys, by, f"{folder}/cut-{name}")
        return tasks

    def _cut(self, step: Step, name: str, keys: tuple[str, ...], by: str, folder: str) -> CutTask:
        named = [PAPERS] if by == "doc_id" else [t for t in self.aligned(step) if by in step.reads()[t]]
        files = sorted((file for table in named for file in self.made[table].all()), key=lambda file: file.part)
        return CutTask(
            step=step,
            root=self.root,
            target=f"{folder}/part-00000",
            part=0,
            inputs={name: self.made[name].files(), "by": tuple(file.file for file in files)},
            parts=tuple(file.part for file in files),
            input_bytes=self.made[name].bytes,
            digests={name: self.made[name].digest, "by": digest([[file.part, file.sha256] for file in files])},
            side={"keys": keys, "by": by, "tells": name in step.keys},
        )

    def per_part(self, kind: type[Task], step: Step, folder: str, cuts: Mapping[str, Receipt]) -> list[Task]:
        """One task a part of papers.

        Args:
            cuts: table -> what `cuts` made of it.
        """
        tables = {name: self.made[name].by_part() for name in self.aligned(step)}
        one = tuple(name for name in tables if not self.made[name].many)
        whole = {name: self.made[name] for name in self.others(step) if name not in cuts}
        groups = {name: GroupDigests([receipt]) for name, receipt in cuts.items()}
        given = sum(table.bytes for table in whole.values())  # to each part
        tasks = []
        for part, [base] in self.made[PAPERS].by_part().items():
            digests = {name: files_digest(files.get(part, ())) for name, files in tables.items()}
            digests |= {name: group.of(part) for name, group in groups.items()}
            digests |= {name: table.digest for name, table in whole.items()}
            tasks.append(
                kind(
                    step=step,
                    root=self.root,
                    target=f"{folder}/part-{part:05d}",
                    part=part,
                    inputs={n: tuple(f.file for f in files.get(part, ())) for n, files in tables.items()},
                    base=base.file,
                    one=one,
                    cut={name: shelf_file(receipt, part) for name, receipt in cuts.items()},
                    digests=digests,
                    whole={name: table.files() for name, table in whole.items()},
                    side={"sources": self.sources},
                    input_bytes=given + sum(f.bytes for files in tables.values() for f in files.get(part, ())),
                    unit=self.units.get(part) if issubclass(kind, MapTask) and PAPERS in tables else None,
                )
            )
        return tasks

    # -- the rest of an exchange ---------------------------------------------------------------------------

    def file_splits(self, step: ExchangeStep, folder: str) -> dict[str, list[Task]]:
        """Of every table that is split file by file, its tasks: `also`, and of a step without co-partitioned tables its one."""
        names = step.also if self.aligned(step) else tuple(sorted(step.reads()))
        return {name: self._split_files(step, f"{folder}/also-{name}", name) for name in names}

    def _split_files(self, step: ExchangeStep, folder: str, name: str) -> list[Task]:
        files = self.made[name].all()
        return [
            FileSplitTask(
                step=step,
                root=self.root,
                target=f"{folder}/part-{number:05d}",
                part=number,
                inputs={name: (file.file,)},
                input_bytes=file.bytes,
                digests={name: file.sha256},
            )
            for file, number in zip(files, _numbers(digest(file.sha256) for file in files), strict=True)
        ]

    def merges(
        self,
        kind: type[Task],
        step: ExchangeStep,
        targets: Mapping[int, str],
        splits: Sequence[tuple[Receipt, int]],
        side: Mapping[str, Any] | None = None,
    ) -> list[Task]:
        """One task a partition.

        Args:
            targets: partition -> file to write.
            splits: receipts of all splits, each with the part of its rows or `NOWHERE`.
        """
        receipts = [replace(receipt, part=part) for receipt, part in splits]
        groups = GroupDigests(receipts, with_part=step.home)  # rows that go home carry the number of their part
        inputs = {"split": tuple(receipt.file for receipt in receipts)}
        share = sum(receipt.bytes for receipt in receipts) // max(len(targets), 1)
        parts = tuple(receipt.part for receipt in receipts)
        return [
            kind(
                step=step,
                root=self.root,
                target=target,
                part=number,
                inputs=inputs,
                parts=parts,
                input_bytes=share,
                digests={"split": groups.of(number)},
                side=side or {},
            )
            for number, target in targets.items()
        ]

    def homes(self, step: ExchangeStep, folder: str, merged: Sequence[Receipt]) -> list[Task]:
        """One task a part of papers."""
        groups = GroupDigests(merged)
        parts = self.made[PAPERS].by_part()
        share = sum(size for receipt in merged for _, size in receipt.files()) // max(len(parts), 1)
        return [
            HomeTask(
                step=step,
                root=self.root,
                target=f"{folder}/part-{part:05d}",
                part=part,
                inputs={"merged": tuple(shelf_file(receipt, part) for receipt in merged)},
                base=base.file,
                input_bytes=share,
                digests={"merged": groups.of(part), PAPERS: base.sha256},
            )
            for part, [base] in parts.items()
        ]

    def whole(self, step: Step, folder: str) -> list[Task]:
        """The one task of a whole step, or one for each stretch of what it reads."""
        stretches = step.stretches() if isinstance(step, WholeStep) else None
        if stretches is not None:
            if not stretches:
                target, digests = f"{folder}/part-00000", {"stretch": digest(None)}
                return [EmptyTask(step=step, root=self.root, target=target, part=0, digests=digests)]
            digests_of = [digest({k: v for k, v in stretch.items() if k != "place"}) for stretch in stretches]
            return [
                WholeTask(
                    step=step,
                    root=self.root,
                    target=f"{folder}/part-{number:05d}",
                    part=number,
                    digests={"stretch": value},
                    side={"stretch": stretch},
                )
                for stretch, value, number in zip(stretches, digests_of, _numbers(digests_of), strict=True)
            ]
        inputs = {name: self.made[name].files() for name in step.reads()}
        digests = {name: self.made[name].digest for name in step.reads()}
        streamed = step.streams if isinstance(step, WholeStep) else ()
        at_once = [self.made[name].bytes for name in step.reads() if name not in streamed]
        at_once += [max((file.bytes for file in self.made[name].all()), default=0) for name in streamed]
        return [
            WholeTask(
                step=step,
                root=self.root,
                target=f"{folder}/part-00000",
                part=0,
                inputs=inputs,
                input_bytes=sum(at_once),
                digests=digests,
            )
        ]


def _numbers(digests: Iterable[str]) -> list[int]:
    """Numbers for the files of a table that is read in pieces, by the digest of what each is made of: so it is found again
    whatever came before it. Of equal digests each has the next free number."""
    found: dict[int, None] = {}
    for value in digests:
        number = int(value[:NUMBER_DIGITS], 16)
        while number in found:
            number += 1
        found[number] = None
    return list(found)
