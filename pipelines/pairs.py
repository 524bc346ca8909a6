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
    gated = tuple(config.decide.licences())
    asked = tuple(b for b in config.withhold.benchmarks if b.items or b.texts)
    tiers, modes = tuple(config.decide.tiers), config.withhold.modes()
    return config.pairs.steps(tiers, asked, config.withhold.rephrased, modes, edited=edited, gated=gated)


def closed_tiers(config: CorpusConfig) -> tuple[str, ...]:
    """Which pairs will be kept out of which tiers for the terms of a model, and how to allow them: a sentence a model."""
    gated = ", ".join(config.decide.licences())
    closed = config.pairs.closed() if config.pairs is not None and gated else ()
    return tuple(
        f"pairs: {one.why}; it {'is asked by' if one.is_asked else 'may answer (other_models) to'} {', '.join(f'pairs.{name}' for name in one.sections)}, and no pair in which it has a part goes to "
        f"a tier that asks for licences ({gated}), unless pairs.allowed_models names the model or its licence; read the terms first"
        for one in closed
    )


if __name__ == "__main__":
    from pipelines.cli import submitted

    sys.exit(submitted("pairs"))
