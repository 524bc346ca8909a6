"""The checks of all verifiers, from cheap to dear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from curation.sft.verifiers import (
    agreement,
    evidence,
    form,
    grounded,
    loops,
    names,
    options,
    recompute,
    relevance,
    self_contained,
    speaker,
)
from curation.sft.verifiers.candidate import Candidate, Check, Verdict
from schemas.pair_verdicts import VERIFIERS, Family, Verifier

CHECKS: Mapping[str, Check] = {
    "length": form.length,
    "whole": form.whole,
    "think_blocks": form.think_blocks,
    "markup": form.markup,
    "refusal": form.refusal,
    "one_answer": form.one_answer,
    "options_sound": options.options_sound,
    "repetition": loops.repetition,
    "other_model": speaker.other_model,
    "self_contained": self_contained.self_contained,
    "verbatim": evidence.verbatim,
    "numbers": grounded.numbers,
    "extracted": grounded.extracted,
    "on_passage": relevance.on_passage,
    "says_more": relevance.says_more,
    "to_the_point": relevance.to_the_point,
    "named": names.named,
    "options_balanced": options.options_balanced,
    "recompute": recompute.recompute,
    "leads": agreement.leads,
    "vote": agreement.vote,
    "reanswered": options.reanswered,
}
"""By the name of a verifier of `schemas.pair_verdicts` what looks at one pair."""
QUALITIES = tuple(verifier.name for verifier in VERIFIERS if verifier.family is Family.QUALITY)
"""Those that drop only where the config says so."""


def verdicts(candidate: Candidate) -> Iterator[tuple[Verifier, Verdict]]:
    """What each verifier says of a pair, in their order. None stops the others: a column tells of all pairs."""
    for verifier in VERIFIERS:
        yield verifier, CHECKS[verifier.name](candidate)
