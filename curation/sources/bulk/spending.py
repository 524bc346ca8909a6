"""What was asked of a bucket so far: a line a request, written before it is sent, so that a killed fetch forgets none."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from curation.errors import LimitError
from curation.sources.bulk.journal import append_line
from curation.sources.bulk.prices import Prices
from curation.sources.bulk.transfer import told_of_disk


class Spending:
    """Requests and bytes that a folder has cost, at most: a request that was killed counts whole.

    Args:
        log: its file, made at the first request; None where there is no folder.
        prices: of the bucket; where they are none nothing is noted, so that no later fetch counts it at a price.
        max_usd: no request is sent that would make it cost more.
    """

    def __init__(self, log: Path | None, prices: Prices | None = None, max_usd: float | None = None) -> None:
        self._log, self._lock = log, Lock()
        self._prices, self._max_usd = prices or Prices(), max_usd
        sizes = [int(line) for line in log.read_text().split("\n") if line.isdigit()] if log and log.exists() else []
        self.requests, self.bytes = len(sizes), sum(sizes)

    def check(self, what: str, requests: int, size: int) -> None:
        """Raises LimitError when so many requests and bytes more would cost more than is allowed."""
        cost = self._prices.usd(self.requests + requests, self.bytes + size)
        if self._max_usd is not None and cost > self._max_usd:
            told = f"{cost:,.4f}" if cost >= 0.0001 else f"{cost:.2g}"
            raise LimitError(
                f"{what} would make it USD {told} with what was fetched so far, more than --max-usd {self._max_usd}"
            )

    def charge(self, size: int) -> None:
        """Note a request before it is sent, and the bytes that it may bring.

        Raises:
            LimitError: it would cost too much; it is not noted, and not to be sent.
            RunError: it cannot be noted (NoSpaceError: the disk is full), and is not to be sent either.
        """
        if self._prices.are_none:
            return
        with self._lock:
            self.check("the next request", 1, size)
            if self._log is not None:
                try:
                    self._log.parent.mkdir(parents=True, exist_ok=True)
                    append_line(self._log, str(size))
                except OSError as error:
                    raise told_of_disk(error, self._log) from error
            self.requests += 1
            self.bytes += size
