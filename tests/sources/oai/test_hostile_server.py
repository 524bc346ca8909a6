"""Servers that mean harm, or have lost their mind: each ends with an error in words, in bounded memory and time."""

from __future__ import annotations

import gzip
import itertools
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from curation.errors import HarvestError
from curation.sources.oai import client as client_module
from curation.sources.oai import harvest as harvest_module
from tests.sources.oai.conftest import Harvested
from tests.sources.oai.server import Item, Reply, Server, xml

Make = Callable[[], Harvested]


def of_lists(answer: Callable[[dict[str, str]], Reply]) -> Callable[[int, dict[str, str]], Reply | None]:
    return lambda _, arguments: answer(arguments) if arguments["verb"] == "ListRecords" else None


def list_of(*items: Item, token: str = "", today: str = "2024-03-10") -> Reply:
    records = "".join(item.xml() for item in items)
    return xml(f"<ListRecords>{records}<resumptionToken>{token}</resumptionToken></ListRecords>", today)


ONE = Item("2301.00001", "2024-03-01")


@pytest.mark.parametrize("items", [(ONE,), ()])
@pytest.mark.parametrize("same", [True, False])
def test_list_that_goes_round_ends(server: Server, harvested: Make, items: tuple[Item, ...], same: bool) -> None:
    count = itertools.count()
    server.on_request = of_lists(lambda _: list_of(*items, token="again" if same else f"token {next(count)}"))
    with pytest.raises(
        HarvestError,
        match=r"the same page of .* again and again\. What came is kept in .*: the same command goes on there",
    ):
        harvested().run()
    assert len(server.asked) < 8
    server.on_request = lambda *_: None
    server.put(ONE)
    h = harvested()
    h.run()
    assert [r["id"] for r in h.records()] == ["2301.00001"]


def test_list_with_ever_new_records_ends(server: Server, harvested: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest_module, "MAX_PAGES", 20)
    count = itertools.count(1)
    server.on_request = of_lists(lambda _: list_of(Item(f"2301.{next(count):05d}", "2024-03-01"), token="more"))
    with pytest.raises(HarvestError, match="does not end after 20 pages"):
        harvested().run()


def test_sets_without_end_end(server: Server, harvested: Make) -> None:
    sets = xml("<ListSets><set><setSpec>a</setSpec></set><resumptionToken>x</resumptionToken></ListSets>")
    server.on_request = lambda _, arguments: sets if arguments["verb"] == "ListSets" else None
    with pytest.raises(HarvestError, match="list of sets does not end"):
        harvested().run()


def test_token_that_is_no_token_is_not_sent(server: Server, harvested: Make) -> None:
    server.on_request = of_lists(lambda _: list_of(ONE, token="x" * 5000))
    h = harvested()
    with pytest.raises(HarvestError, match="a resumptionToken of 5,000 characters"):
        h.run()
    server.on_request = lambda *_: None
    h.run()  # and is not remembered


def test_long_body_is_not_memory(server: Server, harvested: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten gigabytes of gzip in ten megabytes, and a plain body that is longer than a page: neither is taken whole."""
    monkeypatch.setattr(client_module, "MAX_PAGE_BYTES", 4 << 20)
    bomb = gzip.compress(bytes(64 << 20)) * 160
    server.on_request = lambda *_: (200, {"Content-Encoding": "gzip"}, bomb)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(HarvestError, match="gives an answer of over 4 MiB; no page is that long"):
        harvested().run()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
    server.on_request = lambda *_: (200, {}, bytes(16 << 20))
    with pytest.raises(HarvestError, match="over 4 MiB"):
        harvested().run()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), "damaged gzip"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(99_999))[:-9]), "its answer is cut"),
        ((200, {"Content-Encoding": "br"}, b"x"), "packs its answer as 'br', which was not asked for"),
        ((200, {"Content-Type": "image/png"}, b"\x89PNG"), "it is cut or no XML"),
        ((200, {}, b"<!DOCTYPE html><html><h1>503 Service Unavailable</h1></html>"), "a page for people"),
    ],
)
def test_answer_that_is_none_ends(server: Server, harvested: Make, reply: Reply, words: str) -> None:
    server.on_request = lambda *_: reply
    with pytest.raises(HarvestError, match=f"did not answer 3 times: .*{words}"):
        harvested().run()


def test_wrong_content_type_around_a_right_answer_is_read(server: Server, harvested: Make) -> None:
    server.on_request = of_lists(lambda _: (200, {"Content-Type": "text/plain"}, list_of(ONE)[2]))
    h = harvested()
    h.run()
    assert [r["id"] for r in h.records()] == ["2301.00001"]


@pytest.mark.parametrize(
    ("said", "since"), [("9999-12-31", None), ("2024-02-30", "no date"), ("0000-00-00", "no date")]
)
def test_clock_that_is_wrong_makes_no_gap(server: Server, harvested: Make, said: str, since: str | None) -> None:
    server.today = said
    h = harvested()
    if since is not None:
        with pytest.raises(HarvestError, match=since):
            h.run()
        return
    server.earliest = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 40 * 86400))
    today = time.strftime("%Y-%m-%d", time.gmtime())
    h.run()
    server.put(Item("2301.00001", today))
    h.run()
    assert [r["id"] for r in h.records()] == ["2301.00001"]


def test_names_of_records_are_no_paths_and_no_lines(server: Server, harvested: Make, tmp_path: Path) -> None:
    names = ["../../../evil", "/etc/passwd", "2301.00001\nx", "a\tb", "", "x" * 9999, "2301.00001v2"]
    server.on_request = of_lists(lambda _: list_of(*(Item(name, "2024-03-01") for name in names), ONE))
    h = harvested()
    run = h.run()
    assert [r["id"] for r in h.records()] == ["2301.00001"]
    assert run.counts["rejected"] == 7 * (run.counts["pages"])
    rejected = h.rejected()
    assert "oai:arXiv.org:../../../evil" in [r["id"] for r in rejected]
    assert all(r["rejected"] and len(r["id"]) < 300 for r in rejected)
    assert {p.name for p in tmp_path.rglob("*") if p.is_file()} == {
        "harvest.json",
        "last",
        "records.jsonl.zst",
        "rejected.jsonl.zst",
    }


@pytest.mark.parametrize("fault", ["drips", "hangs"])
def test_server_that_takes_for_ever_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Bytes that come so slowly that no read times out, and none at all."""
    monkeypatch.setattr(client_module, "MAX_REQUEST_S", 0.5)
    monkeypatch.setattr(client_module, "READ_TIMEOUT_S", 1.0 if fault == "drips" else 0.3)
    stop = threading.Event()

    class Slow(StreamRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            if fault == "drips":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
            while not stop.wait(0.1):
                if fault == "drips":
                    try:
                        self.wfile.write(b" ")
                    except OSError:
                        return

    with ThreadingTCPServer(("127.0.0.1", 0), Slow) as slow:
        slow.daemon_threads = True
        threading.Thread(target=slow.serve_forever, args=(0.05,), daemon=True).start()
        (tmp_path / "h").mkdir()
        h = Harvested(tmp_path / "h", Server(url=f"http://127.0.0.1:{slow.server_address[1]}/oai"))
        words = "not whole after" if fault == "drips" else "took too long to answer"
        try:
            with pytest.raises(HarvestError, match=words):
                h.run(tries=2)
        finally:
            stop.set()
            slow.shutdown()
