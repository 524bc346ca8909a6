"""One try: a request over HTTP, and what became of it."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import aiohttp

from curation.errors import EngineError, UserError
from curation.sft.engines.engine import Reply, Request
from curation.sft.engines.secret import Secret
from curation.sft.engines.wire import Fault, Pieces, Refusal, message_of, reply_of, retry_after

PATH = "/chat/completions"
_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS, 499}
"""Statuses below 500 after which the same request may be answered."""
_LOAD = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT, 499, 529}
_NO_CREDIT = ("insufficient_quota", "billing_not_active", "billing_hard_limit_reached")
"""Codes of a 429 that no waiting mends (OpenAI's error codes)."""

MAX_WORDS = 300
"""Characters of a server's message that are told."""
MAX_ERROR_BYTES = 2**16
"""Of a refusal: what is longer is a page for people, or an attack."""
_ENVELOPE_BYTES, _BYTES_OF_A_TOKEN = 2**20, 2**11
"""Around an answer, and of each of its tokens with the JSON that streams put around it: what is longer was not asked for."""


class TooLongError(Exception):
    """A body that is longer than it may be."""


class Transport:
    """A session with one endpoint.

    Args:
        base_url: what stands before `/chat/completions`.
        secret: the endpoint's key.
        key_header: the header that shows it.
        timeout_s: for one answer, whole.
        connect_timeout_s: for a connection.
        stream: whether answers come piece by piece.
    """

    def __init__(
        self,
        base_url: str,
        secret: Secret,
        *,
        key_header: str = "Authorization",
        timeout_s: float,
        connect_timeout_s: float,
        stream: bool = False,
    ) -> None:
        self._url = base_url.rstrip("/") + PATH
        self._secret = secret
        self._stream = stream
        self._timeout_s = timeout_s
        self.served = False
        """Whether it has answered anything."""
        self._session = aiohttp.ClientSession(
            headers={"Content-Type": "application/json", **secret.header(key_header)},
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=timeout_s, sock_connect=connect_timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        await self._session.close()

    async def send(self, body: Mapping[str, Any], request: Request) -> Reply | Fault | Refusal:
        """Ask once.

        Raises:
            UserError: the key, the address or the model is wrong, as the endpoint says.
            EngineError: the account has no credit left.
        """
        try:
            found = await self._send(json.dumps(body).encode(), request)
        except TooLongError as error:
            return Fault(f"{error}", lost="all")
        except TimeoutError:
            return Fault(f"no answer in {self._timeout_s:g} s", load=True, lost="all")
        except aiohttp.ClientConnectorCertificateError as error:
            raise UserError(f"{self._url}: its certificate is not valid: {self._told(error)}") from None
        except aiohttp.ClientConnectorError as error:
            return Fault(f"no connection: {self._told(error)}", load=True)
        except (aiohttp.ClientError, OSError) as error:
            return Fault(f"the answer was cut: {self._told(error)}", lost="usual")
        if isinstance(found, Reply):
            self.served = True
            return self._secret.hide_in(found)
        return replace(found, words=self._shown(found.words))

    async def _send(self, data: bytes, request: Request) -> Reply | Fault | Refusal:
        async with self._session.post(self._url, data=data, allow_redirects=False) as answer:
            if answer.status != HTTPStatus.OK:
                return self._failed(answer.status, answer.headers, await _error_of(answer))
            most = _ENVELOPE_BYTES + _BYTES_OF_A_TOKEN * request.max_tokens
            if self._stream and answer.content_type == "text/event-stream":
                pieces = Pieces()
                async for data in _bounded(answer, most):
                    pieces.take(data)
                return pieces.reply(request)
            return reply_of(b"".join([data async for data in _bounded(answer, most)]), request)

    def _failed(self, status: int, headers: Mapping[str, str], data: bytes) -> Fault | Refusal:
        message, code = _said(data)
        words = self._shown(f"HTTP {status}: {message}")
        if status == HTTPStatus.PAYMENT_REQUIRED or code in _NO_CREDIT:
            raise EngineError(f"{self._url}: {words}; what was answered is kept. Pay, and run again")
        if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            limited = status == HTTPStatus.TOO_MANY_REQUESTS
            return Fault(words, retry_after(headers, time.time()), status in _LOAD, limited)
        if status == HTTPStatus.UNAUTHORIZED or (status == HTTPStatus.FORBIDDEN and not self.served):
            raise UserError(
                f"{self._url} refuses the key of {self._secret.variable or 'no environment variable'}: {words}"
            )
        if status == HTTPStatus.NOT_FOUND and not self.served:
            raise UserError(f"{self._url} is not there, or has no such model: {words}")
        if status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.METHOD_NOT_ALLOWED:
            raise UserError(f"{self._url} is no address of chat completions: {words}")
        return Fault(words) if status == HTTPStatus.NOT_FOUND else Refusal(words)

    def _told(self, error: BaseException) -> str:
        return self._shown(message_of(str(error) or type(error).__name__))

    def _shown(self, words: str) -> str:
        """Words of a server, without the key, which is hidden before they are cut: half of one would be shown."""
        return self._secret.hide(words)[:MAX_WORDS]


def _said(data: bytes) -> tuple[str, object]:
    """A server's message, and the code of its error."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return message_of(data.decode(errors="replace")), None
    error = told.get("error", told) if isinstance(told, dict) else told
    return message_of(told), error.get("code") if isinstance(error, dict) else None


async def _bounded(answer: aiohttp.ClientResponse, most: int) -> AsyncIterator[bytes]:
    """The body of an answer as it comes. Raises TooLongError when it has more than so many bytes, unpacked."""
    length = 0
    async for data in answer.content.iter_any():
        length += len(data)
        if length > most:
            raise TooLongError(f"the answer has more than {most:,} bytes, which its max_tokens cannot be")
        yield data


async def _error_of(answer: aiohttp.ClientResponse) -> bytes:
    """The body of a refusal; of one that is too long none, for a cut one may end within a key."""
    try:
        return b"".join([data async for data in _bounded(answer, MAX_ERROR_BYTES)])
    except TooLongError:
        return b"a page of more than %d bytes" % MAX_ERROR_BYTES
