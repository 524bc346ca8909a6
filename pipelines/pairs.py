"""The stages of pairs: from what tiers release to question-answer pairs. `python -m pipelines.pairs --config X.yaml` is `astrocorpus
pairs X.yaml`."""

from __future__ import annotations

import sys

from curation.sft.config import PairsConfig
from curation.sft.engines.configs import Gguf
from curation.step import Step
from pipelines.config import CorpusConfig


def with_pairs(config: CorpusConfig) -> CorpusConfig:
    """The config, which makes pairs: where it says nothing of them, by the small model that comes with us."""
    return config if config.pairs is not None else config.model_copy(update={"pairs": PairsConfig(engine=Gguf())})


def pair_steps(config: CorpusConfig, *, edited: bool) -> tuple[Step, ...]:
    """The steps from decisions to pairs and what is left out of them; none where no pairs are made.

    Args:
        edited: some documents have another text in `texts`.
    """
    if config.pairs is None:
        return ()
    asked = tuple(b for b in config.withhold.benchmarks if b.items or b.texts)
    return config.pairs.steps(
        tuple(config.decide.tiers), asked, config.withhold.rephrased, config.withhold.modes(), edited=edited
    )


if __name__ == "__main__":
    from pipelines.cli import submitted

    sys.exit(submitted("pairs"))
