"""All verifiers that need no model, from cheap to dear, and which of them may drop a pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from curation.sft.verifiers import (
    agreement,
    evidence,
    form,
    loops,
    names,
    options,
    recompute,
    relevance,
    self_contained,
    speaker,
    values,
)
from curation.sft.verifiers.candidate import Candidate, Check, Verdict


class Family(StrEnum):
    """What a verifier guards. The first three always drop what fails; so does contamination, whose layers look at tables
    (`curation.sft.pair_hits`). `QUALITY` is a column, and drops where the config says so."""

    FORM = "form"
    GROUNDING = "grounding"
    SELF_CONTAINMENT = "self_containment"
    QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A verifier.

    Args:
        name: its column in `verdicts`, and the reason of a pair that it drops.
        family: what it guards.
        check: looks at one pair.
        has_score: whether it measures something, in a column `<name>_score`.
    """

    name: str
    family: Family
    check: Check
    has_score: bool = False


VERIFIERS = (
    Verifier("length", Family.FORM, form.length),
    Verifier("whole", Family.FORM, form.whole),
    Verifier("think_blocks", Family.FORM, form.think_blocks),
    Verifier("markup", Family.FORM, form.markup),
    Verifier("refusal", Family.FORM, form.refusal),
    Verifier("one_answer", Family.FORM, form.one_answer),
    Verifier("options_sound", Family.FORM, options.options_sound),
    Verifier("repetition", Family.FORM, loops.repetition, has_score=True),
    Verifier("other_model", Family.QUALITY, speaker.other_model),
    Verifier("self_contained", Family.SELF_CONTAINMENT, self_contained.self_contained),
    Verifier("verbatim", Family.GROUNDING, evidence.verbatim, has_score=True),
    Verifier("numbers", Family.GROUNDING, values.numbers),
    Verifier("extracted", Family.FORM, values.extracted),
    Verifier("on_passage", Family.QUALITY, relevance.on_passage, has_score=True),
    Verifier("says_more", Family.QUALITY, relevance.says_more, has_score=True),
    Verifier("to_the_point", Family.QUALITY, relevance.to_the_point, has_score=True),
    Verifier("named", Family.QUALITY, names.named),
    Verifier("options_balanced", Family.QUALITY, options.options_balanced, has_score=True),
    Verifier("recompute", Family.QUALITY, recompute.recompute, has_score=True),
    Verifier("leads", Family.QUALITY, agreement.leads, has_score=True),
    Verifier("vote", Family.QUALITY, agreement.vote, has_score=True),
    Verifier("reanswered", Family.QUALITY, options.reanswered, has_score=True),
)
QUALITIES = tuple(verifier.name for verifier in VERIFIERS if verifier.family is Family.QUALITY)
"""Those that drop only where the config says so."""


def verdicts(candidate: Candidate) -> Iterator[tuple[Verifier, Verdict]]:
    """What each verifier says of a pair, in their order. None stops the others: a column tells of all pairs."""
    for verifier in VERIFIERS:
        yield verifier, verifier.check(candidate)
