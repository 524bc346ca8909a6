"""Who answers in the name of an engine, and where that lets the answers go."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from curation.sft.engines.answering import Answering
from curation.sft.engines.configs import Endpoint


def _by(licence: str = "MIT", **names: Any) -> Answering:
    return Answering(kind="endpoint", licence=licence, **names)


@pytest.mark.parametrize("served", ["", "lab/House-7B", "house-7b-2026-01-01", "/models/House-7B-Q4_K_M.gguf"])
def test_the_model_that_was_asked_answers_under_its_licence(served: str) -> None:
    part = _by().part("House-7B", [served])
    assert (part.models, part.undeclared, part.licence, part.closed) == (("House-7B",), (), "MIT", ())
    [why] = _by("gemma").part("House-7B", [served]).closed
    assert "House-7B has the licence gemma" in why


def test_another_model_closes_what_it_has_a_part_in_until_the_config_names_it() -> None:
    part = _by().part("House-7B", ["House-7B", "Guest-3B", "Guest-3B", ""])
    assert part.served == part.models == ("House-7B", "Guest-3B") and part.undeclared == ("Guest-3B",)
    assert part.licence is None and len(part.closed) == 1
    for word in ("Guest-3B answered where House-7B was asked", "served_as", "other_models"):
        assert word in part.closed[0]
    same = _by(served_as=("guest-3b",)).part("House-7B", ["House-7B", "Guest-3B"])
    assert (same.models, same.licence, same.closed) == (("House-7B",), "MIT", ())
    other = _by(other_models={"guest-3b": "Apache-2.0"}).part("House-7B", ["Guest-3B"])
    assert (other.models, other.licence, other.closed) == (("Guest-3B",), "Apache-2.0", ())
    allowed = _by().part("House-7B", ["Guest-3B"], ["guest-3b"])
    assert (allowed.undeclared, allowed.licence, allowed.closed) == ((), None, ())
    assert _by().part("House-7B", ["Guest-3B"], ["MIT"]).undeclared, "the licence of the other one is allowed"


def test_terms_are_those_of_who_answered_not_of_who_was_asked() -> None:
    [why] = _by(other_models={"Guest-3B": "gemma"}).part("House-7B", ["House-7B", "Guest-3B"]).closed
    assert why.startswith("Guest-3B has the licence gemma")
    assert _by("gemma", other_models={"Guest-3B": "MIT"}).part("House-7B", ["Guest-3B"]).closed == ()
    both = _by("house-terms", other_models={"Guest-3B": "gemma"}).part("House-7B", ["House-7B", "Guest-3B"])
    assert both.licence == "gemma" and len(both.closed) == 2
    [why] = _by(served_as=("meta/Llama-3-8B",)).part("House-7B", ["meta/Llama-3-8B"]).closed
    assert "the name of a Llama model" in why


def test_the_nearest_name_tells_the_licence() -> None:
    names = {"gpt-4o-mini*": "mini-terms", "gpt-4o-mini-2026-01-01": "MIT", "gpt*": "gpt-terms", "lab/*": "lab-terms"}
    by = _by("openai-terms", other_models=names)
    for served, licence in (
        ("gpt-4o", "openai-terms"),
        ("openai/GPT-4o-Mini-2025-01-01", "mini-terms"),
        ("gpt-4o-mini-2026-01-01", "MIT"),
        ("gpt-5", "gpt-terms"),
        ("gpt-4o-2024-08-06", "gpt-terms"),
        ("lab/star-7b", "lab-terms"),
        ("other/lab", None),
    ):
        assert by.licence_of("gpt-4o", served) == licence, served
    assert not _by(served_as=("gpt-*",)).is_other("gpt-4o", "openai/gpt-5") and _by(served_as=("meta/*",)).is_other(
        "gpt-4o", "openai/gpt-5"
    )
    assert _by(other_models={"small-2409": "mrl"}).licence_of("small", "small-2409") == "mrl"
    assert _by().licence_of("small", "small-2409") == "MIT", "a dated name of what was asked"


def test_names_of_a_config_are_no_part_of_what_is_asked_and_none_is_empty() -> None:
    told = {"model": "m", "licence": "MIT", "base_url": "http://127.0.0.1:9/v1"}
    one = Endpoint(**told)
    two = Endpoint(**told, served_as=("n",), other_models={"o": "MIT"})
    assert one.identity() == two.identity() and one.digest() == two.digest()
    assert two.answering() == Answering(kind="endpoint", licence="MIT", served_as=("n",), other_models={"o": "MIT"})
    for wrong in ({"served_as": ("",)}, {"other_models": {"": "MIT"}}, {"other_models": {"o": ""}}):
        with pytest.raises(ValidationError):
            Endpoint(**told, **wrong)
