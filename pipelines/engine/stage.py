"""A stage: a step in its place in the chain, and the layout of the table that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from curation.release.shards import ShardStep
from curation.sources.source import Source
from curation.step import ExchangeStep, MapStep, Step


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
class Pipeline:
    """What a run does: sources, then stages in order.

    Args:
        name: name of the corpus.
        sources: the first step of every source; all make the papers table.
        stages: the steps after papers, up to the decisions.
        tiers, shard_rows: of the release that ends the run.
        licences: by tier those that the release's manifest names; none for a tier that takes any.
        beside: what is released beside documents (pairs).
        scopes: what deduplication compares each source with, where the config says it.
    """

    name: str
    sources: tuple[Source, ...]
    stages: tuple[Stage, ...]
    tiers: tuple[str, ...]
    shard_rows: int = 4096
    licences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: tuple[ShardStep, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
