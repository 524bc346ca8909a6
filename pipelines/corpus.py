"""The corpus pipeline: papers to a release. `python -m pipelines.corpus --config X.yaml` is `astrocorpus run X.yaml`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from curation.quality.both_routes import BothRoutes
from curation.quality.route_agreement import RouteAgreement
from curation.quality.signals import Signals
from curation.release.shards import ShardPlan, Shards
from curation.sft.shards import PairShards
from curation.sources.joined import preview
from curation.sources.steps import metadata_steps
from curation.step import ShardStep, Step
from pipelines.config import CorpusConfig
from pipelines.engine.stage import Pipeline, Release, Stage
from pipelines.named_steps import make_source, with_own
from pipelines.pairs import closed_tiers, pair_steps
from schemas import PAIR_DECISIONS, TEXTS


def pipeline(config: CorpusConfig) -> Pipeline:
    """The stages of a run, in the order of the data."""
    sources = tuple(make_source(s) for s in config.sources)
    steps = [
        *metadata_steps(sources, config.metadata.partitions),
        config.extract,
        Signals(),
        *config.withhold.steps(),
        *config.dedup.steps(),
        *agreement_steps(config),
        *config.marks(),
    ]
    last = config.decide.steps(config.dedup, config.withhold.modes())
    edited = any(step.provides is TEXTS for step in last)
    pairs = pair_steps(config, edited=edited)
    steps = with_own(steps, (*last, *pairs), config.steps)
    tiers = tuple(config.decide.tiers)
    decided = any(step.provides is PAIR_DECISIONS for step in pairs)
    return Pipeline(
        name=config.name,
        sources=sources,
        stages=tuple(Stage(step) for step in steps),
        release=release_of(
            tiers,
            config.release.shard_rows,
            (PairShards(tiers=tiers, decided=decided),) if pairs else (),
            config.decide.licences(),
            edited=edited,
        ),
        scopes=config.dedup.scope.root,
        preview=preview,
        warnings=closed_tiers(config),
    )


def agreement_steps(config: CorpusConfig) -> tuple[Step, ...]:
    """Reading a sample of papers by LaTeX and by PDF, where the config asks for it."""
    asked = config.agreement
    if not asked.papers:
        return ()
    extract = config.extract.model_copy(update={"remove_boilerplate": None})
    return BothRoutes(papers=asked.papers, seed=asked.seed), RouteAgreement(extract=extract)


def release_of(
    tiers: tuple[str, ...],
    shard_rows: int = 4096,
    beside: tuple[ShardStep, ...] = (),
    licences: Mapping[str, tuple[str, ...]] | None = None,
    *,
    edited: bool = False,
) -> Release:
    """A release of documents, and of other kinds beside them; `edited`: some have another text in `texts`."""
    plan = ShardPlan(tiers=tiers, shard_rows=shard_rows)
    return Release(tiers, plan, (Shards(tiers=tiers, edited=edited), *beside), licences or {})


if __name__ == "__main__":
    from pipelines.cli import submitted

    sys.exit(submitted("run"))
