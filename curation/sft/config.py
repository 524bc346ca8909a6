"""The section `pairs` of a corpus config: pairs by rule, or by models, stage by stage."""

from __future__ import annotations

from typing import NamedTuple, Self

from pydantic import Field, model_validator

from curation.release.masking import Mode
from curation.sft.chunks import Chunks
from curation.sft.engines.configs import AnyEngine, ByRule
from curation.sft.engines.model_licences import closed_because
from curation.sft.extractive import Extractive
from curation.sft.pair_decisions import PairDecisions
from curation.sft.pair_hits import PairHits
from curation.sft.pair_self_test import PairSelfTest
from curation.sft.pairs import Pairs
from curation.sft.rendering import DETAILED_ON
from curation.sft.stages.answers import Answers
from curation.sft.stages.asking import AskStep
from curation.sft.stages.chains import Chains
from curation.sft.stages.evidence import Evidence
from curation.sft.stages.judge import Judge
from curation.sft.stages.made_pairs import MakePairs
from curation.sft.stages.question_checks import QuestionChecks
from curation.sft.stages.question_doubles import Doubles
from curation.sft.stages.questions import Questions
from curation.sft.stages.recheck import Recheck
from curation.sft.verify import Verify
from curation.step import Step
from curation.withhold.benchmark import Benchmark
from curation.withhold.rephrased import Rephrased

FILLED = {"chunks": ("tiers", "edited"), "checks": ("benchmarks", "rephrased"), "verify": ("reasked",)}
"""Fields of stages that other sections of a config say: none is a key of these."""
STAGES = ("chunks", "questions", "checks", "doubles", "evidence", "chains", "answers", "recheck", "verify", "judge")


_OF_EVERY_PAIR = ("questions", "evidence", "chains", "judge")
"""Stages whose model has a part in every pair; others are asked about some kinds of questions."""


class Closed(NamedTuple):
    """A model whose terms keep pairs out of tiers that ask for licences: the sections that ask it, why, and whether it is asked itself, or may
    answer in the place of one that is."""

    sections: tuple[str, ...]
    why: str
    is_asked: bool = True

    @property
    def of_every_pair(self) -> bool:
        """Whether it has a part in every pair."""
        return self.is_asked and any(section in _OF_EVERY_PAIR for section in self.sections)


class PairsConfig(Extractive):
    """Pairs beside the texts.

    Args:
        engine: what writes them: by rule (kind extractive), or a model (kind gguf, endpoint), which every stage asks that names no engine of its
            own.
        allowed_models: models, or licences of models, whose pairs may go to a tier that asks for licences, though their terms bind who
            trains on them, or are not known; you have read them.
        chunks: the passages that are asked about.
        questions: what is asked about them.
        checks: which questions are worth an answer.
        doubles: which of several questions that ask the same is answered.
        evidence: the sentences that ground an answer.
        chains: how questions are answered.
        answers: what is taken out of a chain.
        recheck: multiple choice is asked again in other orders; without this section it is not.
        verify: what verifiers drop.
        judge: a model that judges; without this section none does.
        system_on: the system message of a pair with a chain.
    """

    engine: AnyEngine = ByRule()
    allowed_models: tuple[str, ...] = ()
    chunks: Chunks = Chunks()
    questions: Questions = Questions()
    checks: QuestionChecks = QuestionChecks()
    doubles: Doubles = Doubles()
    evidence: Evidence = Evidence()
    chains: Chains = Chains()
    answers: Answers = Answers()
    recheck: Recheck | None = Field(default=None)
    verify: Verify = Verify()
    judge: Judge | None = Field(default=None)
    system_on: str = DETAILED_ON

    @model_validator(mode="after")
    def _keys_of_one_way(self) -> Self:
        given = self.model_fields_set
        if self.by_rule and (unused := sorted(given & {*STAGES, "system_on", "allowed_models"})):
            raise ValueError(f"{unused[0]} belongs to pairs that a model writes; name one: `engine: {{kind: gguf}}`")
        by_rule = set(Extractive.model_fields) - {"system_prompt"}
        if not self.by_rule and (unused := sorted(given & by_rule)):
            raise ValueError(
                f"{unused[0]} belongs to pairs by rule (`engine: {{kind: extractive}}`); a model's have `questions` and the like"
            )
        return self

    @model_validator(mode="after")
    def _say_nothing_of_other_sections(self) -> Self:
        for section, names in FILLED.items():
            if given := sorted(getattr(self, section).model_fields_set.intersection(names)):
                raise ValueError(f"{section}.{given[0]} is no key here; other sections of the config say it")
        return self

    @property
    def by_rule(self) -> bool:
        """Whether no model is asked."""
        return isinstance(self.engine, ByRule)

    def extractive(self) -> Extractive:
        """The config of pairs by rule."""
        return Extractive(**{name: getattr(self, name) for name in Extractive.model_fields})

    def engines(self) -> list[AnyEngine]:
        """The engines that are asked, each once."""
        found: list[AnyEngine] = []
        for engine in self._asked().values():
            if engine not in found:
                found.append(engine)
        return found

    def closed(self) -> tuple[Closed, ...]:
        """The models whose terms keep pairs out of tiers that ask for licences."""
        told: dict[tuple[str, bool], tuple[str, ...]] = {}
        for section, engine in self._asked().items():
            for model, licence in ((engine.model, engine.licence), *engine.other_models.items()):
                if why := closed_because(model, licence, self.allowed_models):
                    key = (why, model == engine.model)
                    told[key] = (*told.get(key, ()), section)
        return tuple(Closed(sections, why, is_asked) for (why, is_asked), sections in told.items())

    def _asked(self) -> dict[str, AnyEngine]:
        """Section -> the engine that it asks."""
        steps = {
            name: getattr(self, name) for name in ("questions", "evidence", "chains", "answers", "recheck", "judge")
        }
        return (
            {}
            if self.by_rule
            else {name: self._asking(step).engine for name, step in steps.items() if step is not None}
        )

    def _asking(self, step: AskStep) -> AskStep:
        """A step that asks, with the engine of all where it names none of its own."""
        return step if "engine" in step.model_fields_set else step.model_copy(update={"engine": self.engine})

    def steps(
        self,
        tiers: tuple[str, ...],
        benchmarks: tuple[Benchmark, ...],
        rephrased: Rephrased,
        modes: dict[str, Mode],
        *,
        edited: bool,
        gated: tuple[str, ...] = (),
    ) -> tuple[Step, ...]:
        """The steps from decisions to pairs, and what is left out of them.

        Args:
            tiers: the release tiers.
            benchmarks: those that have items or withheld texts; without any no layer looks at pairs.
            rephrased: how questions in other words are looked for.
            modes: what each benchmark's hits do.
            edited: whether there are `texts`.
            gated: the tiers that ask for licences; by rule no model's terms close one.
        """
        if self.by_rule:
            made: tuple[Step, ...] = (Pairs(tiers=tiers, extractive=self.extractive(), edited=edited),)
        else:
            made = self._by_models(tiers, benchmarks, rephrased, edited=edited, gated=gated)
        closing = () if self.by_rule else gated
        if not benchmarks:
            return (*made, PairDecisions(looked_at=False, gated=closing)) if closing else made
        hits = PairHits(benchmarks=benchmarks, rephrased=rephrased)
        decided = PairDecisions(modes=modes, gated=closing)
        return PairSelfTest(benchmarks=benchmarks, rephrased=rephrased), *made, hits, decided

    def _by_models(
        self,
        tiers: tuple[str, ...],
        benchmarks: tuple[Benchmark, ...],
        rephrased: Rephrased,
        *,
        edited: bool,
        gated: tuple[str, ...],
    ) -> tuple[Step, ...]:
        judge = (self._asking(self.judge),) if self.judge else ()
        recheck = (self._asking(self.recheck),) if self.recheck else ()
        order = ("questions", "evidence", "chains", "answers", "judge", "recheck")
        engines = [self._asked().get(name, self.engine) for name in order]
        return (
            self.chunks.model_copy(update={"tiers": tiers, "edited": edited}),
            self._asking(self.questions),
            self.checks.model_copy(update={"benchmarks": benchmarks, "rephrased": rephrased}),
            *self.doubles.steps(),
            self._asking(self.evidence),
            self._asking(self.chains),
            self._asking(self.answers),
            *recheck,
            self.verify.model_copy(update={"reasked": bool(recheck)}),
            *judge,
            MakePairs(
                tiers=tiers,
                gated=gated,
                allowed_models=self.allowed_models if gated else (),
                judged=bool(judge),
                rechecked=bool(recheck),
                engines=tuple(engine.answering() for engine in engines),
                system_on=self.system_on,
                system_off=self.system_prompt,
            ),
        )
