"""A stage: a step in its place in the chain, and the layout of the table that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from curation.joins import Join
from curation.sources.source import Source
from curation.sources.unit import Entry
from curation.step import ExchangeStep, MapStep, ShardStep, Step, WholeStep


class Layout(StrEnum):
    """How a table lies in the run folder."""

    PARTS = "parts"
    """Co-partitioned with papers: part k holds the rows of unit k."""
    PARTITIONS = "partitions"
    """One file for each partition of an exchange."""
    WHOLE = "whole"
    """One file."""


@dataclass(frozen=True)
class Stage:
    """A step in its place."""

    step: Step

    @property
    def name(self) -> str:
        """Name of its folder, in run.json and in `--json`: its table's, or of one of many that fill a table the step's."""
        return self.step.name if self.step.provides.union else self.step.provides.name

    @property
    def layout(self) -> Layout:
        """How its tables lie."""
        if isinstance(self.step, MapStep) or (isinstance(self.step, ExchangeStep) and self.step.home):
            return Layout.PARTS
        return Layout.PARTITIONS if isinstance(self.step, ExchangeStep) else Layout.WHOLE


@dataclass(frozen=True)
class Release:
    """What ends a run.

    Args:
        tiers: names of its tiers.
        plan: says which row goes to which shard (`ShardStep`).
        steps: one a kind of data; the files of the first lie in `<tier>`, of others in `<tier>-<kind>`.
        licences: by tier those that the manifest names; none for a tier that takes any.
    """

    tiers: tuple[str, ...]
    plan: WholeStep
    steps: tuple[ShardStep, ...]
    licences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def no_preview(source: Source, entries: Iterable[Entry]) -> Iterable[Join]:
    """Nothing is known before the work is done."""
    return ()


@dataclass(frozen=True)
class Pipeline:
    """What a run does: sources, then stages in order.

    Args:
        name: name of the corpus.
        sources: the first step of every source; all make the papers table.
        stages: the steps after papers, up to the decisions.
        release: what ends the run; none for a run of stages only.
        scopes: what deduplication compares each source with, where the config says it.
        preview: what the joins of a source will match, told by its entries alone: for a dry run.
        warnings: what nobody should overlook, known from the config alone: told before the first stage, and in report.json.
    """

    name: str
    sources: tuple[Source, ...]
    stages: tuple[Stage, ...]
    release: Release | None = None
    scopes: Mapping[str, str] = field(default_factory=dict)
    preview: Callable[[Source, Iterable[Entry]], Iterable[Join]] = no_preview
    warnings: tuple[str, ...] = ()
