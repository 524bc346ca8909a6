"""The corpus pipeline: papers to a release. `python -m pipelines.corpus --config X.yaml` is `astrocorpus run X.yaml`."""

from __future__ import annotations

import sys

from curation.quality.signals import Signals
from curation.sft.shards import PairShards
from curation.sources.steps import metadata_steps
from pipelines.config import CorpusConfig
from pipelines.engine.stage import Pipeline, Stage
from pipelines.named_steps import make_source, with_own


def pipeline(config: CorpusConfig) -> Pipeline:
    """The stages of a run, in the order of the data."""
    sources = tuple(make_source(s) for s in config.sources)
    steps = [
        *metadata_steps(sources),
        config.extract,
        Signals(),
        *config.withhold.steps(),
        *config.dedup.steps(),
        *config.marks(),
    ]
    steps = with_own(steps, config.decide.steps(config.dedup), config.steps)
    tiers = tuple(config.decide.tiers)
    return Pipeline(
        name=config.name,
        sources=sources,
        stages=tuple(Stage(step) for step in steps),
        tiers=tiers,
        licences=config.decide.licences(),
        scopes=config.dedup.scope.root,
        shard_rows=config.release.shard_rows,
        beside=(PairShards(tiers=tiers, extractive=config.pairs),) if config.pairs else (),
    )


if __name__ == "__main__":
    from pipelines.cli import main

    sys.exit(main(["run", *(a.removeprefix("--config=") for a in sys.argv[1:] if a != "--config")]))
