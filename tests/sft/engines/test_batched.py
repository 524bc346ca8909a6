"""The engine of a model that answers batches: what it gathers, and what it makes of the rows that come back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from curation.errors import ConfigError, EngineError, StoppedError
from curation.sft.engines.batched import BatchedEngine, Row
from curation.sft.engines.configs import ByRule, RayVllm
from curation.sft.engines.engine import Engine, Message, Reply, Request
from curation.sft.engines.opening import open_engine
from tests.sft.engines.asking import requests

CONFIG = RayVllm(model="m", licence="MIT", window=8, gather_s=0.05)
ASKED = Request((Message("user", "What is a pulsar?"),), model="m", max_tokens=50, seed=4)


class Model:
    """Answers rows in another order than they come in, and knows what it was given."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[Row], bool | None]] = []

    def __call__(self, rows: Sequence[Row], thinking: bool | None) -> list[Row]:
        self.calls.append((list(rows), thinking))
        return [self.answer(row) for row in reversed(rows)]

    def answer(self, row: Row) -> Row:
        words = row["messages"][-1]["content"]
        error = "ValueError: the prompt is too long" if "question 3" in words else ""
        text = f"<think>why</think>{words}"
        return {
            "n": row["n"],
            "generated_text": text,
            "num_input_tokens": 5,
            "num_generated_tokens": 50,
            "error": error,
        }


def asked(tmp_path: Path, model: Model, *all_: tuple[Request, int]) -> list[Reply | BaseException]:
    async def run() -> list[Reply | BaseException]:
        async with open_engine(CONFIG, tmp_path / "s", None, model) as engine:
            assert isinstance(engine, Engine) and isinstance(engine, BatchedEngine)
            return await asyncio.gather(*(engine.ask(*one) for one in all_), return_exceptions=True)

    return asyncio.run(run())


def test_requests_are_gathered_and_each_gets_its_own_answer_once(tmp_path: Path) -> None:
    model = Model()
    every = [(request, 0) for request in requests(20, "m")]
    replies = asked(tmp_path, model, *every, every[0])
    assert [len(rows) for rows, _ in model.calls] == [8, 8, 4]
    for (request, _), reply in zip(every, replies[:20], strict=True):
        assert isinstance(reply, Reply)
        words = request.messages[0].content
        if words == "question 3":
            assert reply.error == "refused: ValueError: the prompt is too long" and not reply.text
        else:
            assert (reply.text, reply.reasoning, reply.finish_reason) == (words, "why", "stop")
    assert replies[20] == replies[0]
    assert asked(tmp_path, model, *every) == replies[:20] and len(model.calls) == 3, "the store answers"


def test_a_call_holds_one_way_of_thinking_and_rows_of_one_shape(tmp_path: Path) -> None:
    model = Model()
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    ways = [replace(ASKED, thinking=True), ASKED, replace(ASKED, thinking=False), replace(ASKED, schema=schema)]
    replies = asked(tmp_path, model, *((way, n) for way in ways for n in (0, 1)))
    assert [(len(rows), thinking) for rows, thinking in model.calls] == [(2, True), (4, None), (2, False)]
    params = [row["sampling_params"] for rows, _ in model.calls for row in rows]
    assert len({tuple(one) for one in params}) == 1 and [one["seed"] for one in params] == [4, 5] * 4
    told = [one["structured_outputs"] for one in params]
    assert sum(one is not None for one in told) == 2
    assert all(json.loads(one["json"]) == schema for one in told if one)
    assert all(isinstance(reply, Reply) and reply.finish_reason == "length" for reply in replies)


def test_a_call_that_fails_or_loses_rows_stops_the_engine(tmp_path: Path) -> None:
    class Lossy(Model):
        def __call__(self, rows: Sequence[Row], thinking: bool | None) -> list[Row]:
            return super().__call__(rows, thinking)[1:]

    replies = asked(tmp_path, Lossy(), *((request, 0) for request in requests(10, "m")))
    assert all(isinstance(reply, EngineError) for reply in replies)
    assert "of 8 requests 7 were answered" in str(replies[0])


def test_it_stops_when_it_is_told_to(tmp_path: Path) -> None:
    async def run() -> None:
        model = Model()
        async with open_engine(replace_gather(30.0), tmp_path / "s", None, model) as engine:
            asking = asyncio.gather(*map(engine.ask, requests(3, "m")), return_exceptions=True)
            await asyncio.sleep(0.05)
            engine.stop()
            assert all(isinstance(error, StoppedError) for error in await asking)
            assert not model.calls

    asyncio.run(run())


def replace_gather(gather_s: float) -> RayVllm:
    return CONFIG.model_copy(update={"gather_s": gather_s})


def test_engines_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="by rule"):
        open_engine(ByRule(), tmp_path / "s")
    with pytest.raises(ConfigError, match=r"answer_with"):
        open_engine(CONFIG, tmp_path / "s")


def test_what_decides_an_answer_is_in_its_identity() -> None:
    assert CONFIG.digest() == CONFIG.model_copy(update={"concurrency": 4, "accelerator": "H100"}).digest()
    for key, value in (("revision", "abc"), ("engine_kwargs", {"quantization": "fp8"}), ("thinking_on", {})):
        assert CONFIG.digest() != CONFIG.model_copy(update={key: value}).digest()
