"""The config section `withhold`, and the steps that find what is withheld."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from curation.step import Step
from curation.withhold.benchmark import Benchmark
from curation.withhold.hits import IdentityHits
from curation.withhold.lists import WithholdLists


class Withhold(BaseModel):
    """What is withheld; without benchmarks nothing may be released."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)

    @field_validator("benchmarks")
    @classmethod
    def _names_differ(cls, benchmarks: tuple[Benchmark, ...]) -> tuple[Benchmark, ...]:
        names = [b.name for b in benchmarks]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two benchmarks are named {', '.join(twice)}")
        return benchmarks

    def steps(self) -> tuple[Step, ...]:
        """The steps from documents to hits, in their order; lists are read only where there are any."""
        lists = tuple(b for b in self.benchmarks if b.sources is not None)
        return (*((WithholdLists(lists=lists),) if lists else ()), IdentityHits(benchmarks=self.benchmarks))
