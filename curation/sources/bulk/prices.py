"""What arXiv's bucket costs its reader: it is a bucket whose requester pays, in us-east-1."""

from __future__ import annotations

from dataclasses import dataclass

PART_BYTES = 64 << 20
"""Bytes of a request: a killed fetch loses at most one of them a stream, and 5 TB take 80,000 requests (3 cents)."""

USD_PER_1000_REQUESTS = 0.0004
USD_PER_GB = 0.09
"""S3 Standard, us-east-1: GET requests; transfer to the internet, first 10 TB of a month. List prices as known when this was written
(2026-11-27, without asking https://aws.amazon.com/s3/pricing/, which says today's; options take others). Amazon's GB has 2**30 bytes;
the 100 GB a month that are free and the lower prices beyond 10 TB are left out, so that a cost is at most what is said. A machine in
us-east-1 pays nothing for transfer."""
GB = 1 << 30


@dataclass(frozen=True)
class Prices:
    """US dollars, of the region and where the reader stands.

    Args:
        usd_per_1000_requests: of reading requests.
        usd_per_gb: of transfer, for 2**30 bytes; 0 inside us-east-1.
    """

    usd_per_1000_requests: float = USD_PER_1000_REQUESTS
    usd_per_gb: float = USD_PER_GB

    @property
    def are_none(self) -> bool:
        """Whether nothing costs anything, as of a folder."""
        return not self.usd_per_1000_requests and not self.usd_per_gb

    def usd(self, requests: int, transferred: int) -> float:
        """Of so many requests and bytes."""
        return requests * self.usd_per_1000_requests / 1000 + transferred / GB * self.usd_per_gb


def requests_of(size: int, part_bytes: int = PART_BYTES) -> int:
    """Ranged requests that an object of so many bytes takes."""
    return max(1, -(-size // part_bytes))
