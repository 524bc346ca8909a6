"""What a request is named by, and which models' answers may be public."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import FrozenInstanceError, fields, replace
from typing import ClassVar

import pyarrow as pa
import pytest
from pydantic import ValidationError

from curation.driver_step import DriverStep, State
from curation.sft.engines import Engine, Message, Request, Terms, closed_because, terms_of
from curation.sft.engines.configs import AnyEngine
from curation.sft.engines.opening import open_engine
from curation.sft.engines.status import WINDOW_S, Status
from curation.step import Inputs, Requires
from schemas import DOC_ID, Table

REQUEST = Request((Message("system", "Answer."), Message("user", "What is a pulsar?")), model="m", max_tokens=50)
OTHER = {
    "messages": (Message("user", "What is a pulsar?"),),
    "model": "n",
    "temperature": 0.5,
    "top_p": 0.9,
    "max_tokens": 51,
    "seed": 1,
    "schema": {"type": "object"},
    "schema_name": "other",
    "thinking": False,
}


@pytest.mark.parametrize("name", [field.name for field in fields(Request)])
def test_every_field_of_a_request_is_in_its_key(name: str) -> None:
    assert replace(REQUEST, **{name: OTHER[name]}).key() != REQUEST.key()


def test_the_key_knows_sample_and_engine_and_not_the_order_of_a_schema() -> None:
    keys = {REQUEST.key(), REQUEST.key(1), REQUEST.key(0, "other engine")}
    assert len(keys) == 3 and all(len(key) == 64 for key in keys)
    one, two = {"type": "object", "required": ["a"]}, {"required": ["a"], "type": "object"}
    assert replace(REQUEST, schema=one).key() == replace(REQUEST, schema=two).key()
    assert Request(REQUEST.messages, model="m", max_tokens=50, temperature=0).key() == REQUEST.key()


def test_the_key_is_the_same_in_every_process() -> None:
    asked = Request((Message("user", "Ω is 0.3 \ud800"),), model="m", seed=7, schema={"type": "object"})
    assert asked.key(2, "e") == "1417e028a3fc52670c5e485a34f906b5f3a87782d1e461d05fb22dd2405caa7e"


def test_a_request_is_checked_and_does_not_change() -> None:
    with pytest.raises(ValidationError, match="exclude each other"):
        replace(REQUEST, thinking=True, schema={"type": "object"})
    for wrong in (
        {"max_tokens": 0},
        {"temperature": float("nan")},
        {"messages": ()},
        {"top": 1},
        {"schema_name": "a b"},
    ):
        with pytest.raises(ValidationError):
            Request(**{"messages": REQUEST.messages, "model": "m", **wrong})
    with pytest.raises(FrozenInstanceError):
        REQUEST.model = "n"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("model", "licence", "open_"),
    [
        ("smollm2-135m-instruct", "Apache-2.0", True),
        ("deepseek-r1", "MIT", True),
        ("TinyLlama-1.1B", "apache-2.0", True),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama3.3", False),
        ("some/model", "Gemma", False),
        ("some/model", "", False),
        ("some/model", "my own licence", False),
        ("some/model", "cc-by-nc-4.0", False),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "MIT", False),
        ("google/gemma-3-27b-it", "Apache-2.0", False),
        ("gpt-4o", "MIT", False),
        ("openai/gpt-oss-120b", "Apache-2.0", True),
    ],
)
def test_binding_and_unknown_terms_keep_answers_out_of_public(model: str, licence: str, open_: bool) -> None:
    why = closed_because(model, licence)
    assert (why is None) == open_
    assert why is None or model in why


def test_answers_are_allowed_by_the_name_of_model_or_licence() -> None:
    assert closed_because("a/Llama-3.1-8B", "llama3.1", ["llama3.1"]) is None
    assert closed_because("a/Llama-3.1-8B", "llama3.1", ["A/llama-3.1-8b"]) is None
    assert closed_because("a/Llama-3.1-8B", "llama3.1", ["llama3.2", "a/Llama"]) is not None
    assert closed_because("a", "", [""]) is not None
    assert [terms_of(word) for word in ("MIT", "llama4", "what")] == [Terms.OPEN, Terms.BINDING, Terms.UNKNOWN]


def test_speed_is_of_the_last_half_minute_and_tells_the_end() -> None:
    now = [0.0]
    status = Status(clock=lambda: now[0])
    status.expect(100)
    assert status.view().eta_s is None and status.view().tokens_per_s == 0
    for _ in range(10):
        now[0] += 2
        status.answered(10, 40, failed=False)
    view = status.view()
    assert view.done == 10 and view.completion_tokens == 400
    assert view.tokens_per_s == pytest.approx(400 / 18)
    assert view.eta_s == pytest.approx(90 / (10 / 18))
    assert "10/100 done" in view.line() and "to go" in view.line()
    now[0] += WINDOW_S + 1
    assert status.view().tokens_per_s == 0 and status.view().eta_s is None


class _Asks(DriverStep):
    name: ClassVar[str] = "asks"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"documents": ("doc_id",)}
    provides: ClassVar[Table] = Table("asks", 1, "None.", (DOC_ID,))
    engine: AnyEngine

    def open(self, state: State) -> AbstractAsyncContextManager[Engine]:
        return open_engine(self.engine, state.folder / "replies.sqlite", state.place.below("replies"))

    async def ask(self, inputs: Inputs, engine: Engine) -> pa.Table:
        return inputs["documents"]

    def backends(self) -> dict[str, str]:
        return self.engine.backends()


def test_a_step_that_holds_an_engine_is_known_by_its_model_and_by_no_address_or_limit() -> None:
    said = {"kind": "endpoint", "model": "m", "licence": "MIT"}
    here = _Asks(engine={**said, "base_url": "http://here/v1", "key_env": "HERE", "rpm": 9, "max_in_flight": 3})
    there = _Asks(engine={**said, "base_url": "https://there/v1", "stream": True, "seal_every_s": 5})
    assert here.identity() == there.identity()
    assert "here" not in json.dumps(here.identity()) and "HERE" not in json.dumps(here.identity())
    other = {**said, "base_url": "http://here/v1"}
    for key, value in (("model", "n"), ("licence", "Apache-2.0"), ("thinking_on", {}), ("beside", {"top_k": 4})):
        assert _Asks(engine={**other, key: value}).identity() != here.identity()
