"""The corpus pipeline: papers to a release. `python -m pipelines.corpus --config X.yaml` is `astrocorpus run X.yaml`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from curation.quality.signals import Signals
from curation.sft.shards import PairShards
from pipelines.config import CorpusConfig, make_source, make_step
from pipelines.engine.stage import Pipeline, Stage


def pipeline(config: CorpusConfig) -> Pipeline:
    """The stages of a run, in the order of the data."""
    steps = [
        config.extract,
        Signals(),
        config.withhold,
        *config.dedup.steps(),
        *(make_step(s) for s in config.steps),
        config.decide,
    ]
    tiers = tuple(config.decide.tiers)
    return Pipeline(
        name=config.name,
        sources=tuple(make_source(s) for s in config.sources),
        stages=tuple(Stage(step) for step in steps),
        tiers=tiers,
        scopes=config.dedup.scope.root,
        shard_rows=config.release.shard_rows,
        beside=(PairShards(tiers=tiers, extractive=config.pairs),) if config.pairs else (),
    )


def main(arguments: Sequence[str]) -> int:
    """`astrocorpus run`, with the config as `--config X.yaml` or `--config=X.yaml`; returns the exit code."""
    from pipelines.cli import main as astrocorpus

    return astrocorpus(["run", *(a.removeprefix("--config=") for a in arguments if a != "--config")])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
