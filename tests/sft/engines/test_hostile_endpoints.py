"""Servers that answer with what nobody asked for: their answers are bounded, their words tell no key, and none keeps a run for ever."""

from __future__ import annotations

import asyncio
import json
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from curation.errors import EngineError
from curation.place import FolderPlace
from curation.sft.engines.configs import Endpoint
from curation.sft.engines.endpoint import EndpointEngine
from curation.sft.engines.engine import Message, Reply, Request
from curation.sft.engines.transport import MAX_WORDS

KEY = "sk-planted-0123456789abcdef"
REQUEST = Request((Message("user", "What is a pulsar?"),), model="m", max_tokens=50)


@contextmanager
def serving(status: int, body: bytes, headers: Mapping[str, str], *, endless: bool = False) -> Iterator[str]:
    """A server that says the same to everybody; `endless`: again and again, as one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if not endless:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
                while endless:
                    self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the other side had enough

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def _asked(url: str, folder: Path, **settings: Any) -> Reply:
    told = {"model": "m", "licence": "MIT", "base_url": url, "timeout_s": 30, "patience_s": 0.2, **settings}
    config = Endpoint.model_validate(told)

    async def ask() -> Reply:
        async with EndpointEngine(config, folder / "store", FolderPlace(folder / "place")) as engine:
            return await asyncio.wait_for(engine.ask(REQUEST), 60)

    return asyncio.run(ask())


def _error(message: str) -> bytes:
    return json.dumps({"error": {"message": message}}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, _error(f"wrong key {KEY}")),
        (200, b"data: " + _error(f"wrong key {KEY}") + b"\n\n"),
        (200, json.dumps({"choices": [{"error": f"not for {KEY}", "message": {}}]}).encode()),
        (500, _error("x " * (MAX_WORDS // 2 - 10) + KEY)),
        (502, b"<html>" + b" " * 980 + KEY.encode()),
        (502, KEY.encode() * 5000),
    ],
)
def test_no_word_of_a_server_tells_the_key_nor_a_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    monkeypatch.setenv("PLANTED", KEY)
    headers = {"Content-Type": "text/event-stream" if body.startswith(b"data") else "application/json"}
    with serving(status, body, headers) as url, pytest.raises(EngineError, match="has answered nothing") as told:
        _asked(url, tmp_path, key_env="PLANTED", stream=True)
    assert KEY[:6] not in "".join(traceback.format_exception(told.value))
    assert all(KEY[:6].encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"text": "' + b"a" * 65_536),
        ("text/event-stream", b'data: {"choices": [{"delta": {"content": "' + b"word " * 9_000 + b'"}}]}\n\n'),
        ("text/event-stream", b"x" * 65_536),
    ],
)
def test_an_answer_without_end_is_left_when_it_is_longer_than_its_tokens(
    tmp_path: Path, kind: str, body: bytes
) -> None:
    with (
        serving(200, body, {"Content-Type": kind}, endless=True) as url,
        pytest.raises(EngineError, match="which its max_tokens cannot be"),
    ):
        _asked(url, tmp_path, stream=kind != "application/json")


@pytest.mark.parametrize(
    "pause", ["0", "0.05", "Mon, 01 Jan 0001 00:00:00 +2359", f"Fri, 31 Dec {'9' * 30} 23:59:59 GMT"]
)
def test_one_that_asks_for_pause_after_pause_and_never_answers_stops_the_run(tmp_path: Path, pause: str) -> None:
    with serving(429, _error("later"), {"Retry-After": pause}) as url, pytest.raises(EngineError, match="later"):
        _asked(url, tmp_path, max_pause_s=0.5)
