"""The steps that find benchmarks in documents, in their order: those of a run, which its self-test tries before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.step import MapStep, WholeStep
from curation.withhold.benchmark import Benchmark
from curation.withhold.copy_hits import CopyHits
from curation.withhold.hash_hits import HashHits
from curation.withhold.hits import ListHits, RuleHits
from curation.withhold.judged import JudgedHits, RephrasedCandidates
from curation.withhold.lists import WithholdLists, WithholdNames
from curation.withhold.number_hits import NumberHits
from curation.withhold.rephrased import Rephrased
from curation.withhold.rephrased_hits import RephrasedHits
from curation.withhold.text_hits import TextHits


@dataclass(frozen=True)
class Judging:
    """A judge of questions in other words.

    Args:
        step: asks it, from `REPHRASED_CANDIDATES` to `REPHRASED_JUDGEMENTS`.
        min_score: of candidates, per mille.
    """

    step: MapStep
    min_score: int


def hit_steps(
    benchmarks: Sequence[Benchmark], rephrased: Rephrased, judging: Judging | None = None
) -> tuple[MapStep | WholeStep, ...]:
    """From documents to hits; what of benchmarks no step looks for has none. The thresholds of rephrased questions are there already."""
    rules = tuple(b.name for b in benchmarks if b.rule is not None)
    by_rule = (RuleHits(benchmarks=rules),) if rules else ()
    lists = tuple(b for b in benchmarks if b.names_works())
    indexed = tuple(b for b in benchmarks if b.texts)
    names = (WithholdNames(),) if lists or indexed else ()
    by_list = (WithholdLists(lists=lists), ListHits(lists=lists)) if lists else ()
    by_copy = (CopyHits(benchmarks=indexed),) if indexed else ()
    return *by_rule, *names, *by_list, *by_copy, *_by_items(benchmarks, rephrased, judging)


def _by_items(benchmarks: Sequence[Benchmark], rephrased: Rephrased, judging: Judging | None) -> tuple[MapStep, ...]:
    if not (asked := tuple(b for b in benchmarks if b.items)):
        return ()
    masks = any(b.mode == "mask" for b in asked)
    by_words = TextHits(benchmarks=asked), HashHits(benchmarks=asked, anywhere=masks), NumberHits(benchmarks=asked)
    if judging is None:
        return *by_words, RephrasedHits(benchmarks=asked, rephrased=rephrased)
    candidates = RephrasedCandidates(benchmarks=asked, rephrased=rephrased, min_score=judging.min_score)
    return *by_words, candidates, judging.step, JudgedHits()
