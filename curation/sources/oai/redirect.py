"""Where a server may send a harvester: not to what only this machine or its network can reach, and nowhere in clear text."""

from __future__ import annotations

import ipaddress
import socket

import httpx

from curation.errors import HarvestError
from curation.sources.oai.pace import is_arxiv

_QUESTION = frozenset({"verb", "resumptionToken", "metadataPrefix", "set", "from", "until"})


def redirected(first: httpx.URL, here: httpx.URL, location: str) -> httpx.URL:
    """The address that an answer sends to, without the question.

    Args:
        first: the base URL that was given.
        here: the address that answered.
        location: what it said.

    Raises:
        HarvestError: it is none, or one that is not followed: of another protocol, from https to http, to another host by http,
            with a user or a password, to a loopback or link-local address (also by a name) from a host that has none, or to
            arXiv from elsewhere.
    """
    try:
        there = here.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise HarvestError(f"{here.host} redirects to no address") from error
    if why := _why_not(first, here, there):
        raise HarvestError(f"{here.host} redirects to {there.scheme}://{there.host}, which is not followed: {why}")
    return there.copy_with(params={k: v for k, v in there.params.items() if k not in _QUESTION} or None)


def _why_not(first: httpx.URL, here: httpx.URL, there: httpx.URL) -> str | None:
    if there.scheme not in ("http", "https") or not there.host:
        return "it is no address of a server"
    if (here.scheme, there.scheme) == ("https", "http"):
        return "from https to http"
    if there.userinfo:
        return "it names a user or a password"
    if there.host == here.host:
        return None
    if there.scheme != "https":
        return "another host, without https"
    if _is_local(there.host) and not _is_local(first.host):
        return "it is an address of this machine or of its own network"
    if is_arxiv(there.host) and not is_arxiv(first.host):
        return "arXiv is asked at its own pace: give its address as --url"
    return None


def _is_local(host: str) -> bool:
    """Whether a host is loopback or link-local, by any of its addresses; one without an address is not."""
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    addresses = map(ipaddress.ip_address, found)
    plain = [getattr(address, "ipv4_mapped", None) or address for address in addresses]
    return any(address.is_loopback or address.is_link_local or address.is_unspecified for address in plain)
