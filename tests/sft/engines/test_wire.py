"""What servers write, and what is read of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curation.sft.engines.engine import Message, Reply, Request
from curation.sft.engines.wire import Fault, Pieces, body_of, estimate, message_of, reply_of, retry_after

REQUEST = Request((Message("user", "What is a pulsar?" * 10),), model="m", seed=5)


def whole(message: dict[str, Any], **further: Any) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": "stop", **further}], "model": "m-2"}).encode()


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "A star."}, "A star.", None),
        ({"content": "A star.", "reasoning": "Because."}, "A star.", "Because."),
        ({"content": "A star.", "reasoning_content": "Because."}, "A star.", "Because."),
        ({"content": "A star.", "reasoning": None, "reasoning_content": "Because."}, "A star.", "Because."),
        ({"content": "<think>\nBecause.\n</think>\n\nA star."}, "A star.", "Because."),
        ({"content": "<think>a</think>b<think>c</think>d"}, "b<think>c</think>d", "a"),
        ({"content": "<think>\nBecause it was cut"}, "", "Because it was cut"),
        ({"content": "Because.\n</think>\n\nA star."}, "A star.", "Because."),
        ({"content": "Because.</think>b<think>c</think>d"}, "b<think>c</think>d", "Because."),
        ({"content": "A star <think>b</think>"}, "A star <think>b</think>", None),
        ({"content": "<think></think>A star.", "reasoning": "Because."}, "<think></think>A star.", "Because."),
        ({"content": [{"type": "text", "text": "A "}, {"type": "text", "text": "star."}]}, "A star.", None),
        ({"content": None}, "", None),
        ({"content": "A \ud800 star."}, "A \ufffd star.", None),
    ],
)
def test_answer_and_reasoning_are_told_apart(message: dict[str, Any], text: str, reasoning: str | None) -> None:
    reply = reply_of(whole(message), REQUEST)
    assert isinstance(reply, Reply)
    assert (reply.text, reply.reasoning, reply.served_model, reply.error) == (text, reasoning, "m-2", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": "words"}]}',
        b'{"error": {"message": "overloaded", "code": 502}}',
        b"[" * 100_000,
        whole({"content": "A star."})[:-5],
    ],
)
def test_what_is_no_answer_is_a_fault(body: bytes) -> None:
    assert isinstance(reply_of(body, REQUEST), Fault)


@pytest.mark.parametrize(
    "end", [{"finish_reason": "error"}, {"finish_reason": "abort"}, {"error": {"code": 502, "message": "gone"}}]
)
def test_an_answer_that_its_server_broke_off_is_a_fault(end: dict[str, Any]) -> None:
    assert isinstance(reply_of(whole({"content": "A star"}, **end), REQUEST), Fault)
    pieces = Pieces()
    for line in lines(piece(content="A star"), {"choices": [{"delta": {}, "finish_reason": "stop", **end}]}):
        pieces.take(line)
    assert isinstance(pieces.reply(REQUEST), Fault)


@pytest.mark.parametrize(
    ("word", "end"),
    [("STOP", "stop"), ("eos_token", "stop"), ("MAX_TOKENS", "length"), (None, "stop"), ("content_filter",) * 2],
)
def test_ends_are_told_by_the_usual_words(word: str | None, end: str) -> None:
    reply = reply_of(whole({"content": "A star."}, finish_reason=word), REQUEST)
    assert isinstance(reply, Reply) and reply.finish_reason == end


@pytest.mark.parametrize(("written", "end"), [(REQUEST.max_tokens - 1, "stop"), (REQUEST.max_tokens, "length")])
def test_an_answer_with_all_its_tokens_whose_end_is_not_told_was_cut(written: int, end: str) -> None:
    told = json.loads(whole({"content": "A star is"}, finish_reason=None))
    told["usage"] = {"prompt_tokens": 7, "completion_tokens": written}
    reply = reply_of(json.dumps(told).encode(), REQUEST)
    assert isinstance(reply, Reply) and reply.finish_reason == end


def test_what_a_server_says_is_one_line_that_no_terminal_obeys() -> None:
    assert message_of({"error": {"message": "\x1b[2Jno\nsuch\u202e model\x00"}}) == "[2Jno such model"


def test_tokens_are_the_servers_or_estimated() -> None:
    counted = json.loads(whole({"content": "A star."})) | {"usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    told = reply_of(json.dumps(counted).encode(), REQUEST)
    assert isinstance(told, Reply) and (told.prompt_tokens, told.completion_tokens) == (7, 3)
    for asked, said in ((-1, True), (float("nan"), float("inf")), (2**53 - 1, 10**30)):
        counted["usage"] = {"prompt_tokens": asked, "completion_tokens": said}
        guessed = reply_of(json.dumps(counted).encode(), REQUEST)
        assert isinstance(guessed, Reply)
        assert (guessed.prompt_tokens, guessed.completion_tokens) == (estimate(REQUEST), len("A star.") // 3)


def lines(*pieces: dict[str, Any]) -> list[bytes]:
    return [b": keep alive\n", b"\n", *(b"data: " + json.dumps(p).encode() + b"\n" for p in pieces), b"data: [DONE]\n"]


def piece(end: str | None = None, **delta: str) -> dict[str, Any]:
    return {"model": "m-2", "choices": [{"delta": delta, "finish_reason": end}]}


def test_pieces_make_a_whole() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 5}}
    all_ = [piece(reasoning="Be"), piece(reasoning="cause."), piece(content="A star."), piece("length"), usage]
    stream = b"".join(lines(*all_))
    for size in (1, 7, 100, len(stream)):
        pieces = Pieces()
        for start in range(0, len(stream), size):
            pieces.take(stream[start : start + size])
        assert pieces.reply(REQUEST) == Reply("A star.", "Because.", "length", 4, 5, "m-2")


@pytest.mark.parametrize(
    "cut",
    [
        lines(piece(content="A star"))[:-1],
        lines(piece(content="A star"), {"error": {"message": "gone"}}, piece("stop")),
        [*lines(piece(content="A star"), piece("stop"))[:-1], b'data: {"choi'],
    ],
)
def test_a_cut_stream_is_a_fault(cut: list[bytes]) -> None:
    pieces = Pieces()
    for line in cut:
        pieces.take(line)
    assert isinstance(pieces.reply(REQUEST), Fault)


def test_a_request_is_written_with_schema_seed_and_what_stands_beside_it() -> None:
    asked = Request(REQUEST.messages, model="m", seed=5, schema={"type": "object"}, schema_name="pair", max_tokens=9)
    body = body_of(asked, 2, {"top_k": 20}, limit_name="max_completion_tokens", stream=True)
    assert body["seed"] == 7 and body["top_k"] == 20 and body["max_completion_tokens"] == 9
    assert "max_tokens" not in body and body["stream"] is True
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "pair", "schema": {"type": "object"}, "strict": True},
    }
    plain = body_of(Request(REQUEST.messages, model="m"), 2, {})
    assert not {"seed", "response_format", "stream"} & set(plain)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "1", "Retry-After-Ms": "1500"}, 1.5),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:10 GMT"}, 11.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:10 GMT", "Date": "Wed, 21 Oct 2015 07:27:00 GMT"}, 71.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:10 -0000"}, 11.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:00:00 GMT"}, 0.0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=1445412480.0) == seconds
