"""Where a server may send a harvester."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from curation.errors import HarvestError
from curation.sources.oai.pace import is_arxiv
from curation.sources.oai.redirect import redirected
from tests.sources.oai.conftest import Harvested
from tests.sources.oai.server import Server, serving

Make = Callable[..., Harvested]
FAR = httpx.URL("https://198.51.100.7/oai")
HERE = httpx.URL("http://127.0.0.1:8080/oai")


@pytest.mark.parametrize(
    ("first", "here", "location", "there"),
    [
        (FAR, FAR, "/oai2?verb=Identify&x=1", "https://198.51.100.7/oai2?x=1"),
        (FAR, FAR, "https://203.0.113.9/oai", "https://203.0.113.9/oai"),
        (HERE, HERE, "http://127.0.0.1:9090/", "http://127.0.0.1:9090/"),
        (HERE, HERE, "https://127.0.0.1/", "https://127.0.0.1/"),
        (HERE, HERE, "https://localhost/", "https://localhost/"),
        (HERE, HERE, "https://198.51.100.7/", "https://198.51.100.7/"),
    ],
)
def test_a_server_may_move(first: httpx.URL, here: httpx.URL, location: str, there: str) -> None:
    assert redirected(first, here, location) == there


@pytest.mark.parametrize(
    ("first", "here", "location", "why"),
    [
        (FAR, FAR, "http://198.51.100.7/oai", "from https to http"),
        (HERE, HERE, "http://198.51.100.7/oai", "another host, without https"),
        (HERE, HERE, "http://169.254.169.254/latest/meta-data/", "another host, without https"),
        (FAR, FAR, "https://me:secret@198.51.100.7/", "a user or a password"),
        (FAR, FAR, "gopher://198.51.100.7/", "no address of a server"),
        (FAR, FAR, "https://[::1", "redirects to no address"),
        *(
            (FAR, FAR, f"https://{host}/", "of this machine or of its own network")
            for host in ("127.0.0.1", "169.254.169.254", "[::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "0.0.0.0")
        ),
        *((FAR, FAR, f"https://{host}/", "of this machine") for host in ("localhost", "2130706433", "0x7f.1", "127.1")),
        (FAR, httpx.URL("https://203.0.113.9/"), "https://127.0.0.1/", "of this machine"),
        (HERE, HERE, "https://oaipmh.arxiv.org/oai", "arXiv is asked at its own pace"),
    ],
)
def test_a_server_may_not_send_anywhere(first: httpx.URL, here: httpx.URL, location: str, why: str) -> None:
    with pytest.raises(HarvestError, match=why) as told:
        redirected(first, here, location)
    assert "secret" not in str(told.value)


def test_another_host_in_clear_text_is_not_asked(server: Server, harvested: Make) -> None:
    with serving(Server()) as other:
        there = other.url.replace("127.0.0.1", "localhost")
        server.on_request = lambda *_: (302, {"Location": there}, b"")
        with pytest.raises(HarvestError, match="another host, without https"):
            harvested().run()
        assert other.asked == [] and len(server.asked) == 1


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("arxiv.org", True),
        ("oaipmh.arxiv.org", True),
        ("export.ARXIV.org.", True),
        ("notarxiv.org", False),
        ("arxiv.org.example", False),
    ],
)
def test_all_hosts_of_arxiv_are_one(host: str, is_one: bool) -> None:
    assert is_arxiv(host) == is_one
