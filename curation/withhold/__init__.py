"""Keeping benchmark sources out of training data. Only `decide` withholds; here matches are found and told."""

from curation.withhold.identity import Benchmark, WithholdSources

__all__ = ["Benchmark", "WithholdSources"]
