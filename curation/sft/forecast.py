"""What pairs will ask of models, told before anything is asked: of every stage the requests at most, and their tokens and cost.

What earlier stages will have written is not known yet: in its place stands a text of usual length, and nothing is left out on the way,
though checks leave out a part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

from curation.sft.engines.wire import estimate
from curation.sft.stages.asking import Ahead, AskStep
from curation.sft.stages.chains import Chains
from curation.sft.stages.questions import Questions

MIN_MEASURED = 20
"""Requests of an earlier run whose mean length is taken for that of further replies."""


class Outlook(NamedTuple):
    """What one stage will ask, at most.

    Args:
        requests: at most.
        prompt_tokens: of these, estimated.
        about: tokens of their answers, as long as they usually are.
        at_most: tokens of their answers, each as long as it may be.
    """

    stage: str
    model: str
    requests: int = 0
    prompt_tokens: int = 0
    about: int = 0
    at_most: int = 0

    def times(self, factor: float) -> Outlook:
        """As many times of it, rounded up."""
        return Outlook(self.stage, self.model, *(ceil(count * factor) for count in self[2:]))


def outlooks(
    steps: Sequence[AskStep],
    chunks: Iterable[Mapping[str, Any]],
    titles: Mapping[str, str | None],
    usual: Mapping[str, float],
) -> list[Outlook]:
    """What stages ask about some passages, at most.

    Args:
        steps: those that ask, in their order.
        chunks: rows of the table `chunks`.
        titles: doc_id -> title.
        usual: stage -> tokens of a reply, where an earlier run has measured it.
    """
    questions = next(step for step in steps if isinstance(step, Questions))
    samples = next((step.samples for step in steps if isinstance(step, Chains)), 1)
    found = {step.name: Outlook(step.name, step.engine.model) for step in steps}
    for chunk in chunks:
        if chunk["reason"] is not None:
            continue
        title = titles.get(chunk["doc_id"]) or ""
        ahead = Ahead(chunk, title, tuple(questions.kinds_for(dict(chunk), title)), samples)
        for step in steps:
            for request, times in step.ahead(ahead):
                before, length = found[step.name], usual.get(step.name, min(step.usual_tokens, request.max_tokens))
                found[step.name] = before._replace(
                    requests=before.requests + times,
                    prompt_tokens=before.prompt_tokens + times * estimate(request),
                    about=before.about + round(times * length),
                    at_most=before.at_most + times * request.max_tokens,
                )
    return [found[step.name] for step in steps]


def usual_lengths(stages: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Tokens of a reply of each stage, as the report of an earlier run tells them.

    Args:
        stages: `stages` of a report.json.
    """
    took = {stage["stage"]: stage["engine"]["in_all"] for stage in stages if "engine" in stage}
    return {
        stage: told["completion_tokens"] / told["requests"]
        for stage, told in took.items()
        if told["requests"] >= MIN_MEASURED
    }
