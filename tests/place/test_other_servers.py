"""A server, or a proxy, that does not answer what was asked gives an error or is asked again, and never other bytes."""

from __future__ import annotations

import io
import random
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from curation.errors import PlaceError
from curation.place import Place, open_place
from curation.place.ranged import InARow
from tests.conftest import forget_clients
from tests.servers.s3 import environment

BODY = random.Random(5).randbytes(300_000)


class Server(ThreadingHTTPServer):
    """One file under every name, and how its ranges are answered."""

    how = "right"
    asked = 0

    def handle_error(self, *_: object) -> None:
        """A client may leave before the end."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(200, b"", {"Content-Length": str(len(BODY))})

    def do_GET(self) -> None:
        self.server.asked += 1
        how, asked = self.server.how, re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        if asked is None or how == "whole":
            self._answer(200, BODY, {})
            return
        if asked[1]:
            first, after = int(asked[1]), min(int(asked[2] or len(BODY)) + 1, len(BODY))
        else:
            first, after = len(BODY) - int(asked[2]), len(BODY)
        if how == "emptied" and self.server.asked > 1:
            self._answer(200, b"", {})
            return
        if how in ("short", "emptied"):
            after = min(after, first + 100_000)
        if how == "shifted":
            first, after = first - 1, after - 1
        if how == "long":
            after = min(len(BODY), after + 10)
        said = {"Content-Range": f"bytes {first + (how == 'lying')}-{after - 1}/{len(BODY)}"} if how != "silent" else {}
        self._answer(206, BODY[first:after], said)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        etag = (
            {}
            if self.server.how == "untagged"
            else {"ETag": f'"{self.server.asked if self.server.how == "new" else 1}"'}
        )
        for name, value in ({"Content-Length": str(len(body))} | etag | headers).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # the client has read enough
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, value in environment(server.server_port).items():
            monkeypatch.setenv(name, value)
        forget_clients()
        yield server
        server.shutdown()
    forget_clients()


@pytest.fixture
def place(server: Server) -> Place:
    return open_place("s3://bucket/below")


@pytest.mark.parametrize("how", ["right", "short"])
def test_what_is_answered_in_part_is_asked_for_again(server: Server, place: Place, how: str) -> None:
    server.how = how
    assert place.read("a") == BODY
    assert place.range("a", 10, 250_000) == BODY[10:250_000]
    assert place.range("a", 299_990, 400_000) == BODY[299_990:]
    with place.stream("a", 5) as stream:
        assert stream.read() == BODY[5:]
    with place.open("a") as file:
        file.seek(7)
        assert file.read(150_000) == BODY[7:150_007]


@pytest.mark.parametrize("how", ["whole", "shifted", "long", "lying", "silent", "untagged"])
def test_other_bytes_than_were_asked_for_are_an_error(server: Server, place: Place, how: str) -> None:
    server.how = how
    with pytest.raises(PlaceError, match=r"asked for bytes from 100 to 200, .* does not answer as S3 does"):
        place.range("a", 100, 200)
    if how != "long":  # there is no byte behind the end
        with pytest.raises(PlaceError, match="asked for bytes from 5, "), place.stream("a", 5) as stream:
            stream.read()


def test_an_empty_answer_ends_no_file_that_was_read_in_part(server: Server, place: Place) -> None:
    server.how = "emptied"
    with pytest.raises(PlaceError, match="asked for bytes from 100,005"), place.stream("a", 5) as stream:
        stream.read()


def test_a_file_read_in_a_row_ends_where_its_size_says() -> None:
    with InARow(10, lambda at: io.BytesIO(b"0123456789"[at:])) as file:
        assert file.read() == b"0123456789"
    with pytest.raises(PlaceError, match="ended at byte 4"), InARow(10, lambda at: io.BytesIO(b"0123"[at:])) as file:
        file.read()


def test_a_file_that_changes_under_a_server_without_conditions_is_told(server: Server, place: Place) -> None:
    server.how = "new"
    with place.open("a") as file, pytest.raises(PlaceError, match="was replaced while it was read"):
        file.read(10)
        file.seek(200_000)
        file.read()
