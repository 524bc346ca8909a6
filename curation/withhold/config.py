"""The config section `withhold`, and the steps that find what is withheld."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from curation.artefact import is_of_config
from curation.errors import ConfigError
from curation.step import Step
from curation.withhold.benchmark import Benchmark
from curation.withhold.rephrased import Rephrased
from curation.withhold.rephrased_hits import RephrasedThresholds
from curation.withhold.self_test import SelfTest
from curation.withhold.steps import Judging, hit_steps
from curation.withhold.withheld_texts import read_texts


class Withhold(BaseModel):
    """What is withheld; without benchmarks nothing may be released.

    Args:
        benchmarks: those named here, and no others: keep the default beside your own.
        rephrased: how questions of their items are found in other words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    benchmarks: tuple[Benchmark, ...] = Field(min_length=1)
    rephrased: Rephrased = Rephrased()

    @field_validator("benchmarks")
    @classmethod
    def _are_indexes(cls, benchmarks: tuple[Benchmark, ...], info: ValidationInfo) -> tuple[Benchmark, ...]:
        for b in benchmarks if is_of_config(info) else ():
            try:
                read_texts(b)
            except ConfigError as error:
                raise ValueError(f"benchmark {b.name!r}: {error}") from error
        return benchmarks

    @field_validator("benchmarks")
    @classmethod
    def _names_differ(cls, benchmarks: tuple[Benchmark, ...]) -> tuple[Benchmark, ...]:
        names = [b.name for b in benchmarks]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two benchmarks are named {', '.join(twice)}")
        return benchmarks

    def modes(self) -> dict[str, Literal["withhold", "mask", "report"]]:
        """Benchmarks whose hits do another thing than withhold the paper."""
        return {b.name: b.mode for b in self.benchmarks if b.mode != "withhold"}

    def steps(self) -> tuple[Step, ...]:
        """The steps from documents to hits, in their order: behind what the self-test reads the self-test, then those that it tries."""
        asked = tuple(b for b in self.benchmarks if b.items)
        given = (RephrasedThresholds(benchmarks=asked, rephrased=self.rephrased),) if asked else ()
        test = SelfTest(benchmarks=self.benchmarks, rephrased=self.rephrased)
        return *given, test, *hit_steps(self.benchmarks, self.rephrased, self.judging())

    def judging(self) -> Judging | None:
        """Who judges what retrieval names; None: retrieval decides."""
        return None
