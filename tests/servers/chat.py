"""An OpenAI-compatible server of chat completions that fails as it is told to, and tells what it was asked.

    with ChatServer(answer=lambda body: "yes") as server:
        Endpoint(base_url=server.url, ...)
    server.log          # one Served a request that came

Faults are drawn from the words of a request and how often it came, so a run is the same whatever the order. `answer` may be a text,
or a message with `reasoning` beside `content`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from math import ceil
from typing import Any, Literal, Self

from aiohttp import web

Answer = str | Mapping[str, Any]


@dataclass(frozen=True)
class Served:
    """One request that came: what it asked, what was done to it (`ok`, or the fault), when, in seconds of the server's clock;
    `too_soon`: before the time that its own last refusal named, `in_pause`: before the latest that any refusal named."""

    key: str
    body: Mapping[str, Any]
    outcome: str
    at: float
    too_soon: bool
    in_pause: bool
    key_shown: str


class ChatServer:
    """A server in a thread of its own, on loopback.

    Args:
        answer: the message for the body of a request; a text of three digits is the status of a refusal.
        faults: share of requests a fault: 429, 500, 503 and other statuses, `drop` (no answer), `cut` (half of one), `no_json` (a page
            for people), `half_json`, `timeout`.
        retry_after_s: of a 429 and 503, told in seconds or as a date.
        timeout_s: how long a `timeout` is silent.
        latency_s: before each answer.
        finish_reason: of all answers.
        model: the model that it says has answered the body of a request; the one that was asked for.
        location: where a status of 300 to 399 leads.

    While `holds` is set, requests come and none is answered: what a test does meanwhile does not depend on how fast it is.
    """

    def __init__(
        self,
        answer: Callable[[Mapping[str, Any]], Answer] | None = None,
        *,
        faults: Mapping[str, float] | None = None,
        seed: int = 0,
        retry_after_s: float = 0.05,
        retry_after_as: Literal["seconds", "date"] = "seconds",
        timeout_s: float = 5.0,
        latency_s: float = 0.0,
        finish_reason: str = "stop",
        model: Callable[[Mapping[str, Any]], str] = lambda body: str(body["model"]),
        location: str = "",
    ) -> None:
        self.answer = answer or (lambda body: f"an answer to {key_of(body)[:12]}: " + "word " * 40)
        self.faults, self.seed = dict(faults or {}), seed
        self.retry_after_s, self.retry_after_as = retry_after_s, retry_after_as
        self.timeout_s, self.latency_s, self.finish_reason = timeout_s, latency_s, finish_reason
        self.location, self.model = location, model
        self.log: list[Served] = []
        self.holds = False
        self.in_flight = self.most_in_flight = 0
        self._came: Counter[str] = Counter()
        self._not_before: dict[str, float] = {}
        self._pause = 0.0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(60)

    def good(self) -> Counter[str]:
        """How often each request was answered well: more than once is paid more than once."""
        return Counter(served.key for served in list(self.log) if served.outcome == "ok")

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
        await site.start()
        assert site._server is not None
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/v1"  # type: ignore[attr-defined]
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "m", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answered(request, time.time())
        finally:
            self.in_flight -= 1

    async def _answered(self, request: web.Request, now: float) -> web.StreamResponse:
        body = json.loads(await request.read())
        key = key_of(body)
        self._came[key] += 1
        fault, said = self._drawn(key), self.answer(body)
        if fault == "ok" and isinstance(said, str) and re.fullmatch("[345][0-9][0-9]", said):
            fault = said
        shown = request.headers.get("Authorization", request.headers.get("api-key", ""))
        too_soon, in_pause = now < self._not_before.get(key, 0.0), now < self._pause
        self.log.append(Served(key, body, fault, now, too_soon, in_pause, shown))
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        while self.holds:
            await asyncio.sleep(0.01)
        if fault.isdigit():
            return self._refused(key, int(fault), shown)
        if fault == "timeout":
            await asyncio.sleep(self.timeout_s)
            return web.Response(status=504)
        if fault == "no_json":
            return web.Response(text="<html>a gateway</html>", content_type="text/html")
        data = self._whole(body, said)
        if fault == "half_json":
            return web.Response(body=data[: len(data) // 2], content_type="application/json")
        assert request.transport is not None
        if fault == "drop":
            request.transport.close()
            return web.Response()
        if body.get("stream"):
            return await self._streamed(request, json.loads(data), cut=fault == "cut")
        if fault == "cut":
            response = web.StreamResponse(headers={"Content-Length": str(len(data))})
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            request.transport.close()
            return response
        return web.Response(body=data, content_type="application/json")

    def _drawn(self, key: str) -> str:
        drawn, most = random.Random(f"{self.seed}:{key}:{self._came[key]}").random(), 0.0
        for fault, share in self.faults.items():
            most += share
            if drawn < most:
                return fault
        return "ok"

    def _refused(self, key: str, status: int, shown: str) -> web.Response:
        headers = {"Location": self.location} if status < 400 else {}
        if status in (429, 503):
            until = time.time() + self.retry_after_s
            headers["Retry-After"] = f"{self.retry_after_s:g}"
            if self.retry_after_as == "date":
                until = float(ceil(until))
                headers["Retry-After"] = formatdate(until, usegmt=True)
            self._not_before[key] = until
            self._pause = max(self._pause, until)
        error = {"message": f"status {status} for {shown}", "type": "error", "code": str(status)}
        return web.json_response({"error": error}, status=status, headers=headers)

    def _whole(self, body: Mapping[str, Any], said: Answer) -> bytes:
        message = {"content": said} if isinstance(said, str) else dict(said)
        asked = sum(len(m["content"]) for m in body["messages"]) // 4 + 1
        written = sum(len(str(text)) for text in message.values()) // 4 + 1
        return json.dumps(
            {
                "id": "chatcmpl-0",
                "object": "chat.completion",
                "model": self.model(body),
                "choices": [
                    {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": self.finish_reason}
                ],
                "usage": {
                    "prompt_tokens": asked,
                    "completion_tokens": written,
                    "total_tokens": asked + written,
                },
            }
        ).encode()

    async def _streamed(self, request: web.Request, whole: Mapping[str, Any], *, cut: bool) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        base = {"object": "chat.completion.chunk", "model": whole["model"]}
        message = {name: text for name, text in whole["choices"][0]["message"].items() if name != "role"}
        pieces: list[dict[str, Any]] = [
            {**base, "choices": [{"index": 0, "delta": {name: text[n : n + 20]}, "finish_reason": None}]}
            for name, text in reversed(message.items())
            for n in range(0, len(text), 20)
        ]
        end = {"index": 0, "delta": {}, "finish_reason": self.finish_reason}
        pieces += [{**base, "choices": [end]}, {**base, "choices": [], "usage": whole["usage"]}]
        for piece in pieces[: len(pieces) // 2] if cut else pieces:
            await response.write(b"data: " + json.dumps(piece).encode() + b"\n\n")
        if cut:
            assert request.transport is not None
            request.transport.close()
        else:
            await response.write(b"data: [DONE]\n\n")
        return response


def key_of(body: Mapping[str, Any]) -> str:
    """What tells requests apart: their words and seed."""
    return hashlib.sha256(json.dumps([body["messages"], body.get("seed")]).encode()).hexdigest()
