"""How an endpoint is asked: its pauses, refusals, limits and keys."""

from __future__ import annotations

import asyncio
import json
import os
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from curation.errors import BudgetError, ContractError, EngineError, PlaceError, StoppedError, UserError
from curation.place import FolderPlace
from curation.sft.engines import endpoint
from curation.sft.engines.configs import Endpoint
from curation.sft.engines.endpoint import EndpointEngine
from curation.sft.engines.engine import Message, Reply, Request
from curation.sft.store import ReplyStore
from tests.servers.chat import ChatServer
from tests.servers.ports import free_ports
from tests.sft.engines.asking import requests

T = TypeVar("T")
KEY = "sk-planted-0123456789abcdef"
REQUEST = Request((Message("user", "What is a pulsar?"),), model="m", max_tokens=50)


def asked(
    server: ChatServer | str, tmp_path: Path, work: Callable[[EndpointEngine], Awaitable[T]], **settings: Any
) -> T:
    """What comes of some work with an engine that asks a server."""
    url = server if isinstance(server, str) else server.url
    config = Endpoint(**{"model": "m", "licence": "MIT", "base_url": url, "timeout_s": 60, **settings})

    async def run() -> T:
        async with EndpointEngine(config, tmp_path / "store", FolderPlace(tmp_path / "place")) as engine:
            return await work(engine)

    return asyncio.run(run())


async def all_of(engine: EndpointEngine, n: int) -> list[Reply]:
    return await asyncio.gather(*map(engine.ask, requests(n, "m")))


@pytest.mark.parametrize("told_as", ["seconds", "date"])
@pytest.mark.parametrize("status", ["429", "503"])
def test_nothing_is_sent_while_an_endpoint_wants_to_be_left_alone(tmp_path: Path, told_as: Any, status: str) -> None:
    with ChatServer(faults={status: 0.2}, retry_after_s=0.15, retry_after_as=told_as, seed=2) as server:
        replies = asked(server, tmp_path, lambda engine: all_of(engine, 8), max_in_flight=1)
    assert len(replies) == 8 and not any(reply.error for reply in replies)
    assert status in {served.outcome for served in server.log}
    assert not any(served.in_pause or served.too_soon for served in server.log)  # one at a time: none was on its way


def test_a_pause_holds_for_the_next_process_too(tmp_path: Path) -> None:
    async def until_paused(engine: EndpointEngine) -> None:
        asking = asyncio.create_task(engine.ask(REQUEST))
        while not engine.status.view().paused_s:
            await asyncio.sleep(0.01)
        engine.stop()
        await asyncio.gather(asking, return_exceptions=True)

    with ChatServer(faults={"429": 1.0}, retry_after_s=1.5) as server:
        asked(server, tmp_path, until_paused)
        server.faults, came = {}, len(server.log)
        assert asked(server, tmp_path, lambda engine: engine.ask(REQUEST)).error is None
        assert len(server.log) == came + 1 and not any(served.in_pause for served in server.log)


def test_a_request_that_is_asked_twice_at_once_is_sent_once(tmp_path: Path) -> None:
    async def twice(engine: EndpointEngine) -> list[Reply]:
        return await asyncio.gather(*(engine.ask(REQUEST) for _ in range(5)), engine.ask(REQUEST, 1))

    with ChatServer(latency_s=0.1) as server:
        replies = asked(server, tmp_path, twice)
        assert len(server.log) == 2
        assert asked(server, tmp_path, twice, rpm=5) == replies
        assert len(server.log) == 2


def test_samples_of_a_seeded_request_are_drawn_otherwise(tmp_path: Path) -> None:
    seeded = replace(REQUEST, seed=40)

    async def three(engine: EndpointEngine) -> list[Reply]:
        return [await engine.ask(seeded, n) for n in range(3)]

    with ChatServer(answer=lambda body: str(body["seed"])) as server:
        assert [reply.text for reply in asked(server, tmp_path, three)] == ["40", "41", "42"]


@pytest.mark.parametrize("stream", [False, True])
def test_reasoning_comes_whole_or_in_pieces_through_faults(tmp_path: Path, stream: bool) -> None:
    message = {"reasoning_content": "Because it turns. " * 9, "content": "A star that turns. " * 9}
    faults = {"cut": 0.3, "no_json": 0.1, "drop": 0.1}
    with ChatServer(answer=lambda body: message, faults=faults, finish_reason="length") as server:
        replies = asked(server, tmp_path, lambda engine: all_of(engine, 20), stream=stream)
        assert all(served.body.get("stream", False) == stream for served in server.log)
        assert {served.outcome for served in server.log} == {"ok", *faults}
    assert {(r.text, r.reasoning, r.finish_reason) for r in replies} == {(*reversed(message.values()), "length")}


def test_thinking_is_asked_for_as_the_config_says(tmp_path: Path) -> None:
    async def each(engine: EndpointEngine) -> None:
        for thinking in (None, True, False):
            await engine.ask(replace(REQUEST, thinking=thinking))

    with ChatServer() as server:
        asked(server, tmp_path, each, thinking_on={"reasoning_effort": "high"}, beside={"top_k": 20})
        bodies = [served.body for served in server.log]
    assert [body.get("reasoning_effort") for body in bodies] == [None, "high", None]
    assert [body.get("chat_template_kwargs") for body in bodies] == [None, None, {"enable_thinking": False}]
    assert all(body["top_k"] == 20 for body in bodies)


def test_a_refused_request_is_a_reply_and_is_not_asked_again(tmp_path: Path) -> None:
    def answer(body: Mapping[str, Any]) -> str:
        return "400" if "question 3" in body["messages"][0]["content"] else "ok"

    with ChatServer(answer=answer) as server:
        replies = asked(server, tmp_path, lambda engine: all_of(engine, 6))
        assert [reply.error is not None for reply in replies] == [False, False, False, True, False, False]
        assert replies[3].error is not None and replies[3].error.startswith("refused: HTTP 400: status 400")
        came = len(server.log)
        assert asked(server, tmp_path, lambda engine: all_of(engine, 6)) == replies and len(server.log) == came


def test_settings_that_every_request_shares_and_the_endpoint_refuses_stop_the_run(tmp_path: Path) -> None:
    with (
        ChatServer(answer=lambda body: "400") as server,
        pytest.raises(UserError, match="refuses every request with the settings"),
    ):
        asked(server, tmp_path, lambda engine: all_of(engine, 6))
    assert len(ReplyStore(tmp_path / "store")) == 0, "nothing was taken for an answer"
    assert len(server.log) <= 12


def test_a_request_that_only_faults_is_unanswered_while_others_are_answered(tmp_path: Path) -> None:
    def answer(body: Mapping[str, Any]) -> str:
        return "500" if "question 3" in body["messages"][0]["content"] else "ok"

    with ChatServer(answer=answer, latency_s=0.05) as server:
        replies = asked(server, tmp_path, lambda engine: all_of(engine, 6), max_tries=2)
    assert [reply.error is not None for reply in replies] == [False, False, False, True, False, False]
    assert replies[3].error is not None and "unanswered: 2 tries failed" in replies[3].error


def test_a_request_that_is_larger_than_a_limit_is_unanswered_at_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LIMITED_TRIES", 3)

    def answer(body: Mapping[str, Any]) -> str:
        return "429" if "question 3" in body["messages"][0]["content"] else "ok"

    with ChatServer(answer=answer, latency_s=0.05) as server:
        replies = asked(server, tmp_path, lambda engine: all_of(engine, 6), max_tries=1)
    assert [reply.error is not None for reply in replies] == [False, False, False, True, False, False]
    assert replies[3].error is not None and "unanswered: 3 tries failed" in replies[3].error


@pytest.mark.parametrize(("status", "words"), [("401", "refuses the key of PLANTED"), ("404", "has no such model")])
def test_a_wrong_key_or_address_stops_the_run_at_once_and_shows_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, words: str
) -> None:
    monkeypatch.setenv("PLANTED", KEY)
    with ChatServer(faults={status: 1.0}) as server:
        with pytest.raises(UserError, match=words) as told:
            asked(server, tmp_path, lambda engine: all_of(engine, 50), key_env="PLANTED", max_in_flight=4)
        assert server.log[0].key_shown == f"Bearer {KEY}" and len(server.log) <= 4
    assert "[key]" in str(told.value), "the server said it, and it is hidden"
    assert KEY not in "".join(traceback.format_exception(told.value))


def test_a_key_is_shown_to_the_endpoint_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED", KEY)

    async def ask(engine: EndpointEngine) -> Reply:
        assert KEY not in repr(vars(engine)) + json.dumps(engine.identity)
        return await engine.ask(REQUEST)

    with ChatServer(answer=lambda body: {"content": f"you sent {KEY}", "reasoning": KEY}) as server:
        reply = asked(server, tmp_path, ask, key_env="PLANTED", key_header="api-key")
        assert server.log[0].key_shown == KEY
    assert (reply.text, reply.reasoning) == ("you sent [key]", "[key]")
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("value", [None, "", "a\nb", "ключ"])
def test_a_key_that_is_none_is_told_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("PLANTED", raising=False)
    if value is not None:
        monkeypatch.setitem(os.environ, "PLANTED", value)
    with ChatServer() as server:
        with pytest.raises(UserError, match="PLANTED") as told:
            asked(server, tmp_path, lambda engine: engine.ask(REQUEST), key_env="PLANTED")
        assert not server.log and not (value and value in str(told.value))


def test_what_may_be_spent_is_not_passed_and_counts_what_was_spent_before(tmp_path: Path) -> None:
    prices = {"usd_per_million_prompt_tokens": 1000.0, "usd_per_million_completion_tokens": 2000.0}

    async def until_spent(engine: EndpointEngine) -> float:
        with pytest.raises(BudgetError, match="raise max_usd"):
            await all_of(engine, 200)
        return engine.status.view().usd

    with ChatServer(answer=lambda body: "word " * 100) as server:  # 126 tokens, and 3 of the question: 0.255 USD
        limits = {"max_usd": 10.0, "max_in_flight": 8, **prices}
        usd = asked(server, tmp_path, until_spent, **limits)
        good = server.good().total()
        assert 5 <= good * 0.255 <= 10.0 and usd == pytest.approx(good * 0.255, rel=0.02)
        assert asked(server, tmp_path, until_spent, **limits) == 0, "the store knows what was spent"
        assert server.good().total() == good
        replies = asked(server, tmp_path, lambda engine: all_of(engine, 200), **{**limits, "max_usd": 100.0})
        assert len(replies) == 200 and len(server.good()) == 200


def test_tokens_that_may_have_been_counted_are_taken_for_spent(tmp_path: Path) -> None:
    async def until_spent(engine: EndpointEngine) -> None:
        with pytest.raises(BudgetError, match=r"of 5,000"):
            await all_of(engine, 500)

    with ChatServer(faults={"cut": 0.5}, answer=lambda body: "word " * 100) as server:
        asked(server, tmp_path, until_spent, max_tokens=5000, max_in_flight=4)
        came = len(server.log)
        assert sum(served.outcome in ("ok", "cut") for served in server.log) * 129 <= 5000
        asked(server, tmp_path, until_spent, max_tokens=5000, max_in_flight=4)
        assert len(server.log) == came, "the next process knows it"


def test_when_it_is_told_to_stop_what_was_sent_is_kept_and_nothing_more_is_sent(tmp_path: Path) -> None:
    async def stop_soon(engine: EndpointEngine) -> list[Reply | BaseException]:
        asking = asyncio.gather(*map(engine.ask, requests(50, "m")), return_exceptions=True)
        while server.in_flight < 8:
            await asyncio.sleep(0.01)
        engine.stop()
        server.holds = False
        told = await asking
        with pytest.raises(StoppedError):
            await engine.ask(REQUEST)
        return told

    with ChatServer() as server:
        server.holds = True
        told = asked(server, tmp_path, stop_soon, max_in_flight=8)
        assert len(server.log) == 8
    assert sum(isinstance(one, Reply) for one in told) == 8
    assert sum(isinstance(one, StoppedError) for one in told) == 42
    assert len(ReplyStore(tmp_path / "store")) == 8


def test_a_reply_is_kept_though_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    async def leave(engine: EndpointEngine) -> None:
        task = asyncio.create_task(engine.ask(REQUEST))
        while not server.in_flight:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0)  # it has left
        server.holds = False

    with ChatServer() as server:
        server.holds = True
        asked(server, tmp_path, leave)
        assert asked(server, tmp_path, lambda engine: engine.ask(REQUEST)).error is None
        assert len(server.log) == 1


def test_an_endpoint_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="has answered nothing for"):
        asked(f"http://127.0.0.1:{free_ports(1)[0]}/v1", tmp_path, lambda e: all_of(e, 3), patience_s=0.5)


def test_an_endpoint_that_wants_to_be_left_alone_for_a_day_stops_the_run(tmp_path: Path) -> None:
    with (
        ChatServer(faults={"429": 1.0}, retry_after_s=86400) as server,
        pytest.raises(EngineError, match=r"left alone for 86,400 s"),
    ):
        asked(server, tmp_path, lambda engine: engine.ask(REQUEST))


def test_a_redirect_is_not_followed_with_the_key(tmp_path: Path) -> None:
    with ChatServer() as other:
        location = f"{other.url}/chat/completions"
        with (
            ChatServer(faults={"307": 1.0}, location=location) as server,
            pytest.raises(UserError, match="no address of chat completions"),
        ):
            asked(server, tmp_path, lambda engine: engine.ask(REQUEST))
        assert not other.log


def test_a_request_for_another_model_is_refused(tmp_path: Path) -> None:
    with ChatServer() as server, pytest.raises(ContractError, match="'n'"):
        asked(server, tmp_path, lambda engine: engine.ask(replace(REQUEST, model="n")))


def test_a_place_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "place").write_text("a file, where a folder should be")

    async def until_told(engine: EndpointEngine) -> None:
        for n in range(1000):
            await engine.ask(REQUEST, n)
            await asyncio.sleep(0.02)

    with ChatServer() as server:
        with pytest.raises(PlaceError, match="place"):
            asked(server, tmp_path, until_told, seal_every_s=0.05)
        assert len(server.log) < 1000


def test_identity_and_key_know_no_address_and_no_limit(tmp_path: Path) -> None:
    one = Endpoint(model="m", licence="MIT", base_url="http://a/v1", key_env="A", rpm=5, stream=True)
    two = Endpoint(model="m", licence="MIT", base_url="http://b/v1", max_in_flight=7)
    assert one.identity() == two.identity() and one.digest() == two.digest()
    assert set(one.identity()) == {"kind", "model", "licence", "beside", "thinking_on", "thinking_off"}
    assert Endpoint(model="m", licence="MIT", base_url="http://a/v1", beside={"top_k": 1}).digest() != one.digest()
