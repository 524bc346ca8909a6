"""Requests to an OAI-PMH server: at their pace, tried again a bounded number of times, never more than a page of memory."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import stamina

from curation.errors import BrokenAnswerError, HarvestError, UnansweredError, UserError
from curation.sources.oai.answer import BAD_TOKEN, Answer, read_answer
from curation.sources.oai.pace import Pace
from curation.sources.oai.redirect import redirected

TRIES = 8
"""Of one request. With waits that double from 9 s up to 5 minutes they take about 15 minutes, where the server names none."""
MAX_RETRY_AFTER_S = 7200.0
"""A server that asks to come back later than this is asked again by hand."""
MAX_PAGE_BYTES = 64 << 20
"""Unpacked. A page of arXiv has 1,000 to 2,000 records of 2 to 5 kB; the authors of ATLAS take 80 kB."""
MAX_REQUEST_S = 900.0
READ_TIMEOUT_S = 180.0
"""arXiv's server works on the first page of a long list for a minute or more."""
MAX_REDIRECTS = 5
_BUSY = (429, 503)
_PASSING = (408, 425, 500, 502, 504)
_MOVED = (301, 302, 303, 307, 308)
_NO_SUCH = (400, 404, 410, 422)
_AGENT = "astrocorpus (OAI-PMH harvester; +https://info.arxiv.org/help/oa/index.html)"


class _Again(Exception):
    """This try failed, the next one may not.

    Args:
        wait_s: how long the server asks to wait.
    """

    def __init__(self, words: str, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.wait_s = wait_s


class _Busy(_Again):
    """It asks to wait, whatever it is asked."""


class Client:
    """Asks one server.

    Args:
        url: base URL. A redirect changes it for later requests, too.
        tell: called with a line for people when a request is tried again.
    """

    def __init__(
        self, url: str, pace: Pace, tell: Callable[[str], object] = lambda _: None, tries: int = TRIES
    ) -> None:
        self._first = self._url = httpx.URL(url)
        self._pace = pace
        self._tell = tell
        self._tries = tries
        self._tried = 0
        self._first_wait_s = min(10.0, 3 * pace.interval_s)
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=30.0)
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "gzip"}
        self._http = httpx.Client(timeout=timeout, headers=headers, limits=httpx.Limits(max_connections=1))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, verb: str, **arguments: str | None) -> Answer:
        """The answer to a question; arguments that are None are left out.

        Raises:
            HarvestError: no answer that can be read after all tries, or the server asks to wait for hours.
            UserError: the server refuses.
        """
        self._tried = 0
        given = {"verb": verb, **{key: value for key, value in arguments.items() if value is not None}}
        tries = stamina.retry_context(
            on=self._wait_of,
            attempts=self._tries,
            timeout=None,
            wait_initial=self._first_wait_s,
            wait_max=300.0,
            wait_jitter=self._first_wait_s / 5,
        )
        try:
            for attempt in tries:
                with attempt:
                    return self._try(given)
        except (_Again, httpx.HTTPError, BrokenAnswerError) as error:
            kind = HarvestError if isinstance(error, _Busy) else UnansweredError
            raise kind(f"{self._url.host} did not answer {self._tries} times: {_words(error)}") from error
        raise HarvestError(f"{self._url.host} was not asked")  # not reached: the last error comes through

    def _wait_of(self, error: Exception) -> bool | float:
        """Whether an error is tried again; where the server says when, in so many seconds."""
        if not isinstance(error, _Again | httpx.TransportError | BrokenAnswerError):
            return False
        wait_s = error.wait_s if isinstance(error, _Again) else None
        self._tried += 1
        if self._tried == self._tries:
            return True  # and the error comes through
        after = f", as it asks in {wait_s:,.0f} s" if wait_s is not None else ""
        self._tell(f"{self._url.host}: {_words(error)}; asked again{after}")
        return True if wait_s is None else wait_s

    def _try(self, given: Mapping[str, str]) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            self._pace.wait()
            try:
                with self._http.stream("GET", self._url, params=self._merged(given)) as response:
                    if response.status_code not in _MOVED:
                        return self._read(response, "resumptionToken" in given)
                    self._url = redirected(self._first, self._url, response.headers.get("Location", ""))
            finally:
                self._pace.note()
        raise HarvestError(f"{self._url.host} sends from one address to the next without end")

    def _merged(self, given: Mapping[str, str]) -> httpx.QueryParams:
        return self._url.params.merge(dict(given))

    def _read(self, response: httpx.Response, has_token: bool) -> Answer:
        status = response.status_code
        if status in _BUSY:
            raise _Busy(f"it is busy (HTTP {status})", _retry_after(response))
        if status in _PASSING:
            raise _Again(f"it failed (HTTP {status})")
        if status >= 400:
            return self._refused(response, has_token)
        return read_answer(_body(response))

    def _refused(self, response: httpx.Response, has_token: bool) -> Answer:
        """An error of the protocol that comes with a status of its own, as any other; a token that is refused without words
        has expired. Else raises UserError."""
        try:
            answer = read_answer(_body(response))
        except (BrokenAnswerError, _Again):
            answer = Answer()
        if answer.error is not None:
            return answer
        if has_token and response.status_code in _NO_SUCH:
            return Answer(error=(BAD_TOKEN, f"HTTP {response.status_code}"))
        more = "; you may be blocked for asking too fast: see https://info.arxiv.org/help/robots.html"
        raise UserError(
            f"{self._url.host}{self._url.path} refuses (HTTP {response.status_code}{more if response.status_code == 403 else ''}); is it "
            "the base URL of an OAI-PMH server?"
        )


def _body(response: httpx.Response) -> bytes:
    """The body, unpacked piece by piece, so that a bomb is noticed before it is memory."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise _Again(f"it packs its answer as {encoding[:40]!r}, which was not asked for")
    pieces, size, deadline = [], 0, time.monotonic() + MAX_REQUEST_S
    for piece in _unpacked(response.iter_raw()) if "gzip" in encoding else response.iter_raw():
        size += len(piece)
        if size > MAX_PAGE_BYTES:
            raise HarvestError(
                f"{response.url.host} gives an answer of over {MAX_PAGE_BYTES >> 20} MiB; no page is that long"
            )
        if time.monotonic() > deadline:
            raise _Again(f"its answer was not whole after {MAX_REQUEST_S / 60:.0f} minutes")
        pieces.append(piece)
    return b"".join(pieces)


def _unpacked(raw: Iterator[bytes]) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    try:
        for piece in raw:
            while piece:
                yield unpack.decompress(piece, 1 << 20)
                piece = unpack.unconsumed_tail
    except zlib.error as error:
        raise _Again("its answer is damaged gzip") from error
    if not unpack.eof:
        raise _Again("its answer is cut")


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds until a server wants to be asked again, by its own clock where it tells the time; None where it says nothing
    that is understood. Raises HarvestError when that is too far away to wait for."""
    said = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        wait_s = float(said)
    elif (until := _http_date(said)) is not None:
        now = _http_date(response.headers.get("Date", "")) or datetime.now(UTC)
        wait_s = max((until - now).total_seconds(), 0.0)
    else:
        return None
    if wait_s > MAX_RETRY_AFTER_S:
        raise HarvestError(
            f"{response.url.host} is busy and asks to come back in {wait_s / 3600:,.1f} hours; run again then"
        )
    return wait_s


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found
    except (ValueError, TypeError, OverflowError):
        return None


def _words(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it took too long to answer"
    if isinstance(error, httpx.TransportError):
        return f"the connection failed ({str(error)[:200] or type(error).__name__})"
    return f"its answer cannot be used: {error}" if isinstance(error, BrokenAnswerError) else str(error)
