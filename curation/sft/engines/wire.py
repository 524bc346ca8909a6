"""Requests and replies as OpenAI-compatible servers write them. Pure functions; what is sent by them stands in `transport`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from curation.sft.engines.engine import Reply, Request

THINK, END_OF_THINK = "<think>", "</think>"
BYTES_PER_TOKEN = 3
"""Text has 3.5 to 4.5 bytes a token in English, less with formulas: what is reserved for a request should not be too little."""
TOKENS_A_MESSAGE = 8
"""Of the template around it."""
DATE_RESOLUTION_S = 1.0
"""A date of HTTP has whole seconds, so the moment that it means may be up to one later."""
MAX_TOKENS_COUNTED = 10**9
"""A server that counts more tokens for one request, or its answer, has miscounted: no context is as long."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BROKEN_OFF = ("error", "abort", "aborted", "cancelled", "canceled")
"""Words of gateways and servers for an answer that ended because they did (OpenRouter `error`, vLLM `abort`)."""
_ENDS = {
    **dict.fromkeys(("eos", "eos_token", "end_turn", "stop_sequence", "stop_token"), "stop"),
    **dict.fromkeys(("max_tokens", "max_length", "max_output_tokens"), "length"),
}
"""Other words for the two usual ends."""


@dataclass(frozen=True)
class Fault:
    """A try that gave no answer, and may give one when it is made again.

    Args:
        words: what happened, for people.
        pause_s: how long the endpoint wants to be left alone.
        load: the endpoint has too much to do.
        limited: it is no fault of this request at all, but a limit of how many are served.
        lost: which of the tokens that were reserved may have been counted: none, as many as usual, or all.
    """

    words: str
    pause_s: float | None = None
    load: bool = False
    limited: bool = False
    lost: Literal["none", "usual", "all"] = "none"


@dataclass(frozen=True)
class Refusal:
    """The server will not answer this request, however often it is asked."""

    words: str


def estimate(request: Request) -> int:
    """Tokens of a request, rather too many than too few."""
    said = sum(len(message.content.encode(errors="replace")) for message in request.messages)
    return said // BYTES_PER_TOKEN + TOKENS_A_MESSAGE * len(request.messages)


def body_of(
    request: Request, sample: int, beside: Mapping[str, Any], *, limit_name: str = "max_tokens", stream: bool = False
) -> dict[str, Any]:
    """A request as JSON values.

    Args:
        sample: is added to the seed, if the request has one.
        beside: what the engine's config sends beside the request.
        limit_name: what the endpoint calls `max_tokens`.
        stream: ask for the answer piece by piece.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "temperature": request.temperature,
        "top_p": request.top_p,
        limit_name: request.max_tokens,
        **beside,
    }
    if request.seed is not None:
        body["seed"] = request.seed + sample
    if request.schema is not None:
        named = {"name": request.schema_name, "schema": dict(request.schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def reply_of(data: bytes, request: Request) -> Reply | Fault:
    """The reply in the body of an answer; a fault when it is none."""
    answer = _json(data)
    if not isinstance(answer, dict):
        return Fault("the body of the answer is no JSON object", lost="usual")
    if error := answer.get("error"):
        return Fault(f"the answer holds an error: {message_of(error)}")
    try:
        choice = answer["choices"][0]
        message = choice["message"]
        if fault := _broken_off(choice):
            return fault
        said, thought = _words(message.get("content")), _thought(message)
    except (KeyError, IndexError, TypeError, AttributeError):
        return Fault("the answer holds no message", lost="usual")
    return _reply(request, said, thought, choice.get("finish_reason"), answer.get("usage"), answer.get("model"))


class Pieces:
    """An answer that comes piece by piece, as server-sent events."""

    def __init__(self) -> None:
        self._rest = b""
        self._said: list[str] = []
        self._thought: list[str] = []
        self._end: object = None
        self._usage: object = None
        self._model: object = None
        self._fault: Fault | None = None

    def take(self, data: bytes) -> None:
        """Some bytes of the stream, wherever they end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take_line(line.strip())

    def _take_line(self, line: bytes) -> None:
        if not line.startswith(b"data:") or line == b"data: [DONE]":
            return
        piece = _json(line.removeprefix(b"data:"))
        if not isinstance(piece, dict):
            self._fault = Fault("a piece of the answer is no JSON object", lost="usual")
            return
        if error := piece.get("error"):
            self._fault = Fault(f"the answer holds an error: {message_of(error)}")
            return
        self._usage, self._model = piece.get("usage") or self._usage, piece.get("model") or self._model
        choices = piece.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return
        self._fault = _broken_off(choices[0]) or self._fault
        delta = choices[0].get("delta")
        if isinstance(delta, dict):
            self._said.append(_words(delta.get("content")))
            self._thought.append(_thought(delta) or "")
        self._end = choices[0].get("finish_reason") or self._end

    def reply(self, request: Request) -> Reply | Fault:
        """The whole, once the stream has ended; a fault when it was cut."""
        self.take(b"\n")
        if self._fault is not None:
            return self._fault
        if self._end is None:
            return Fault("the stream of the answer was cut", lost="usual")
        return _reply(request, "".join(self._said), "".join(self._thought) or None, self._end, self._usage, self._model)


def message_of(error: object) -> str:
    """What a server says of an error, for people: one line, without characters that a terminal obeys."""
    if isinstance(error, dict) and "error" in error:
        error = error["error"]
    words = error.get("message") or error if isinstance(error, dict) else error
    return " ".join("".join(c if c.isprintable() else " " for c in clean(str(words))).split())


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds for which a server wants to be left alone; None when it does not say.

    A date is taken from the server's own `Date` where it has one, for its clock may not be ours (RFC 9110, 10.2.3).

    Args:
        headers: of the answer, whose names are compared without case.
        now: seconds since 1970, by our clock.
    """
    waits = []
    for name, unit in (("Retry-After", 1.0), ("Retry-After-Ms", 0.001)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
            waits.append(float(value) * unit)
        elif value and (until := _date(value)) is not None:
            waits.append(until + DATE_RESOLUTION_S - (_date(headers.get("Date", "")) or now))
    return max(0.0, *waits) if waits else None


def with_thought(said: str, thought: str | None) -> tuple[str, str | None]:
    """Answer and reasoning, which the answer may begin with: a think block, also one that was cut before its end, or one whose
    beginning the chat template wrote, so that only its end stands in the answer (DeepSeek R1, Qwen 3 Thinking)."""
    if thought is None:
        before, end, after = said.partition(END_OF_THINK)
        if said.lstrip().startswith(THINK) or (end and THINK not in before):
            thought, said = before.lstrip().removeprefix(THINK).strip(), after.lstrip()
    return clean(said), clean(thought) if thought else None


def clean(text: str) -> str:
    """A text that UTF-8 can hold: lone surrogates, which JSON allows, become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def _date(value: str) -> float | None:
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _broken_off(choice: Mapping[str, Any]) -> Fault | None:
    """The fault of an answer that a server began and could not end; None: it ended."""
    error, end = choice.get("error"), choice.get("finish_reason")
    if error:
        return Fault(f"the answer was broken off: {message_of(error)}", lost="usual")
    if isinstance(end, str) and end.lower() in _BROKEN_OFF:
        return Fault(f"the answer was broken off ({end})", lost="usual")
    return None


def _end(word: object, *, full: bool) -> str:
    """How an answer ended, by the usual words; where a server does not say: cut, if it has all the tokens it may have (`full`), or by itself."""
    if not isinstance(word, str) or not word:
        return "length" if full else "stop"
    return _ENDS.get(word.lower(), word.lower() if word.lower() in ("stop", "length") else clean(word))


def _words(content: object) -> str:
    """A content, which may come in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _thought(message: Mapping[str, Any]) -> str | None:
    return next((v for k in ("reasoning", "reasoning_content") if isinstance(v := message.get(k), str) and v), None)


def _reply(request: Request, said: str, thought: str | None, end: object, usage: object, model: object) -> Reply:
    said, thought = with_thought(said, thought)
    counts = usage if isinstance(usage, dict) else {}
    written = (len(said.encode()) + len((thought or "").encode())) // BYTES_PER_TOKEN
    return Reply(
        text=said,
        reasoning=thought,
        finish_reason=_end(end, full=_count(counts.get("completion_tokens"), 0) >= request.max_tokens),
        prompt_tokens=_count(counts.get("prompt_tokens"), estimate(request)),
        completion_tokens=_count(counts.get("completion_tokens"), written),
        served_model=clean(model) if isinstance(model, str) else "",
    )


def _count(value: object, otherwise: int) -> int:
    return (
        value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKENS_COUNTED
        else otherwise
    )
