"""A stage: a step in its place in the chain, and the layout of the table that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from curation.errors import ConfigError
from curation.release.shards import ShardStep
from curation.sources.listing import Listing
from curation.sources.unit import Entry
from curation.step import ExchangeStep, MapStep, Step


class Layout(StrEnum):
    """How a table lies in the run folder."""

    PARTS = "parts"
    """Co-partitioned with papers: part k holds the rows of unit k."""
    PARTITIONS = "partitions"
    """One file for each partition of an exchange."""
    WHOLE = "whole"
    """One file."""


@runtime_checkable
class Source(Protocol):
    """A map step that also lists what there is. Its step fields `source`, `path`, sizes do not change a row. Members lie below
    `path`, or below `root` where it has one (of a file: the folder that it lies in)."""

    source: str
    path: str
    part_bytes: int
    part_papers: int

    def entries(self) -> list[Entry]:
        """Everything in the source, sorted by member."""


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
        beside: what is released beside documents (pairs).
        scopes: what deduplication compares each source with, where the config says it.
    """

    name: str
    sources: tuple[MapStep, ...]
    stages: tuple[Stage, ...]
    tiers: tuple[str, ...]
    shard_rows: int = 4096
    beside: tuple[ShardStep, ...] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)


def listing_of(step: MapStep) -> Listing:
    """What lies in a source; one that has a method `listing` also says what it left out.

    Raises:
        ContractError: the step lists nothing.
    """
    source = as_source(step)
    made = source.listing() if hasattr(source, "listing") else Listing(source.entries())
    return Listing(sorted(made.entries, key=lambda e: e.member), made.left_out, made.joins, made.unreadable)


def as_source(step: MapStep) -> Source:
    """The source behind a map step.

    Raises:
        ConfigError: the step lists nothing.
    """
    if not isinstance(step, Source):
        raise ConfigError(
            f"step {step.name} is no source: it needs source, path, part_bytes, part_papers and entries()"
        )
    return step
