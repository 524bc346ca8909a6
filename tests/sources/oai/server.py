"""A server of OAI-PMH on the loopback: a store of records that may change at any time, lists, tokens that expire, and faults.

It keeps to the protocol where it is not told to break it, and notes when each request came, by its own clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

Reply = tuple[int, dict[str, str], bytes]
OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
RAW = 'xmlns="http://arxiv.org/OAI/arXivRaw/"'


@dataclass
class Item:
    """A record: id, day of its last change, title; whether it is deleted; the sizes of its versions."""

    id: str
    day: str
    title: str = "A title"
    is_deleted: bool = False
    sizes: tuple[str, ...] = ("10kb",)
    sets: tuple[str, ...] = ("physics:astro-ph",)
    comments: str = ""

    def xml(self) -> str:
        status = ' status="deleted"' if self.is_deleted else ""
        sets = "".join(f"<setSpec>{spec}</setSpec>" for spec in self.sets)
        header = f"<header{status}><identifier>oai:arXiv.org:{escape(self.id)}</identifier><datestamp>{self.day}</datestamp>{sets}</header>"
        if self.is_deleted:
            return f"<record>{header}</record>"
        versions = "".join(
            f'<version version="v{n}"><date>Mon, 2 Apr 2007 19:41:{n:02d} GMT</date><size>{size}</size></version>'
            for n, size in enumerate(self.sizes, 1)
        )
        comments = f"<comments>{escape(self.comments)}</comments>" if self.comments else ""
        body = (
            f"<arXivRaw {RAW}><id>{escape(self.id)}</id><submitter>S</submitter>{versions}<title>{escape(self.title)}</title>"
            f"<authors>A. One, B. Two</authors><categories>astro-ph</categories>{comments}<abstract>  Words.\n</abstract></arXivRaw>"
        )
        return f"<record>{header}<metadata>{body}</metadata></record>"


@dataclass
class Server:
    """What the server has, how it behaves, and what it saw.

    Args:
        page: records a page.
        order: key by which a list is sorted; default: by the order of the store, so datestamps are in none.
        on_request: called with the number of a request (from 1) and its arguments before it is answered: it may change the store,
            kill the client, or give a reply of its own.
        came: when each request came, by the server's clock.
        sizes: whether tokens tell completeListSize.
        is_live: tokens count places in the list as it is now, not as it was when it was first asked for.
    """

    items: dict[str, Item] = field(default_factory=dict)
    page: int = 3
    today: str = "2024-03-10"
    earliest: str = "2023-12-01"
    granularity: str = "YYYY-MM-DD"
    sets: tuple[str, ...] = ("physics:astro-ph", "physics:gr-qc")
    sizes: bool = True
    is_live: bool = False
    order: Callable[[Item], Any] | None = None
    on_request: Callable[[int, dict[str, str]], Reply | None] = lambda *_: None
    came: list[float] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    _lists: dict[str, tuple[dict[str, str], list[str]]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def put(self, *items: Item) -> None:
        with self._lock:
            for item in items:
                self.items[item.id] = item

    def expire(self) -> None:
        """Forget every token."""
        with self._lock:
            self._lists.clear()

    def reply(self, arguments: dict[str, str]) -> Reply:
        with self._lock:
            self.asked.append(arguments)
            if (own := self.on_request(len(self.asked), arguments)) is not None:
                return own
            return xml(self.answer(arguments), self.today, arguments)

    def answer(self, arguments: dict[str, str]) -> str:
        verb = arguments.get("verb")
        if verb == "Identify":
            return (
                f"<Identify><repositoryName>arXiv</repositoryName><earliestDatestamp>{self.earliest}</earliestDatestamp>"
                f"<deletedRecord>persistent</deletedRecord><granularity>{self.granularity}</granularity></Identify>"
            )
        if verb == "ListSets":
            return "<ListSets>" + "".join(f"<set><setSpec>{s}</setSpec></set>" for s in self.sets) + "</ListSets>"
        if verb != "ListRecords":
            return '<error code="badVerb"/>'
        if token := arguments.get("resumptionToken"):
            name, _, place = token.partition("|")
            if name not in self._lists:
                return '<error code="badResumptionToken">expired</error>'
            return self._page(name, int(place))
        if arguments.get("metadataPrefix") != "arXivRaw":
            return '<error code="cannotDisseminateFormat"/>'
        name = str(len(self.asked))
        self._lists[name] = (arguments, self._matching(arguments))
        return self._page(name, 0) if self._lists[name][1] else '<error code="noRecordsMatch"/>'

    def _matching(self, arguments: dict[str, str]) -> list[str]:
        first, last = arguments.get("from", "")[:10], arguments.get("until", "9999")[:10]
        spec = arguments.get("set")
        found = [i for i in self.items.values() if first <= i.day[:10] <= last and (spec is None or spec in i.sets)]
        return [i.id for i in (sorted(found, key=self.order) if self.order else found)]

    def _page(self, name: str, place: int) -> str:
        arguments, ids = self._lists[name]
        ids = self._matching(arguments) if self.is_live else ids
        records = "".join(self.items[i].xml() for i in ids[place : place + self.page])
        after, size = place + self.page, f' completeListSize="{len(ids)}" cursor="{place}"' if self.sizes else ""
        token = f"<resumptionToken{size}>{name}|{after}</resumptionToken>" if after < len(ids) else ""
        end = f"<resumptionToken{size}/>" if not token and place else ""
        return f"<ListRecords>{records}{token or end}</ListRecords>"


def xml(inner: str, today: str = "2024-03-10", arguments: dict[str, str] | None = None) -> Reply:
    """An answer of the protocol around its inner element."""
    given = "".join(f" {key}={quoteattr(value)}" for key, value in (arguments or {}).items())
    text = f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH {OAI}><responseDate>{today}T12:00:00Z</responseDate><request{given}/>{inner}</OAI-PMH>'
    return 200, {"Content-Type": "text/xml"}, text.encode()


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """The server, listening; its `url` is set."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: the second would wait for the first to be acknowledged

        def do_GET(self) -> None:
            server.came.append(time.monotonic())
            arguments = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            status, headers, body = server.reply(arguments)
            try:
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()
            except OSError:
                self.close_connection = True
            if int(headers.get("Content-Length", len(body))) != len(body):
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}/oai"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
