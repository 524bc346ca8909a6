"""A lease on S3: an object that names who holds it, renewed by a thread, and taken over on a condition only."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from curation.errors import AstrocorpusError, RunError
from curation.place.holder import HeldError, Holder

if TYPE_CHECKING:
    from curation.place.s3 import S3Place

RENEW_S = 20.0
_TRIES = 3
EXPIRY_S = 360.0
"""A lease that was not renewed for so long, by the clock of the server, is free."""
_TRUSTED_S = 160.0
"""Its holder trusts it for so long: longer than a cut network is waited for. The one request that it sends then is answered or given up
before the lease is free: after `patience.PATIENCE_S`, and its last try, which botocore may make three of."""


class S3Lease:
    """A lease that is held: renewed every RENEW_S, until it is given back or lost.

    Args:
        asked: when it was asked for, by `_clock`: the server may have written it then, whenever its answer came.
    """

    def __init__(self, place: S3Place, name: str, holder: Holder, tag: str, asked: float) -> None:
        self._place, self._name, self._holder, self._tag = place, name, holder, tag
        self._renewed = asked
        self._lost = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises RunError when another one took it over, or when it could not be renewed until it was free."""
        if not self._lost and _clock() - self._renewed > _TRUSTED_S:
            self._lost = f"could not be renewed for {_TRUSTED_S:.0f} s"
        if self._lost:
            raise RunError(
                f"the lease {self._place.where(self._name)} {self._lost}, so another run may write there; this one stops: run again"
            )

    def _renew(self) -> None:
        while not self._over.wait(RENEW_S):
            with suppress(AstrocorpusError):  # a network that is cut; `check` tells when it was for too long
                if not (self._renewed_once() or (self._is_ours() and self._renewed_once())):
                    self._lost = "was taken over by another run"
                    return

    def _renewed_once(self) -> bool:
        asked = _clock()
        self._holder = replace(self._holder, renewals=self._holder.renewals + 1)
        tag = self._place.put_if_match(self._name, _body(self._holder), self._tag)
        if tag is not None:
            self._tag, self._renewed = tag, asked
        return tag is not None

    def _is_ours(self) -> bool:
        """Whether what lies there is a renewal of ours that was done after all, when its answer was not waited for any longer."""
        tag = self._place.tag(self._name)
        try:
            there = Holder.parse(self._place.read(self._name))
        except FileNotFoundError:
            return False
        if tag is None or replace(there, renewals=self._holder.renewals) != self._holder:
            return False
        self._tag = tag
        return True

    def give_back(self) -> None:
        self._over.set()
        self._thread.join()
        if not self._lost:
            with suppress(AstrocorpusError):
                self._place.put_if_match(self._name, _body(replace(self._holder, free=True)), self._tag)


@contextmanager
def hold(place: S3Place, name: str, what: str) -> Iterator[S3Lease]:
    """As `Place.lease`."""
    holder, asked = Holder.here(what), _clock()
    lease = S3Lease(place, name, holder, _take(place, name, holder), asked)
    try:
        yield lease
    finally:
        lease.give_back()


def _clock() -> float:
    """Seconds of this machine, those that it slept among them, as the clock of a server counts."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _take(place: S3Place, name: str, holder: Holder) -> str:
    """The tag of the lease, taken. Raises HeldError when another one holds it, or takes it first."""
    there, age_s = Holder(), 0.0
    for _ in range(_TRIES):  # what somebody removes meanwhile, by hand, is put anew
        if tag := place.put_if_absent(name, _body(holder)):
            return tag
        if (head := place.head(name)) is None:
            continue
        with suppress(FileNotFoundError):
            there, age_s = Holder.parse(place.read(name)), _age_s(head)
            if not (there.free or there.is_dead() or age_s > EXPIRY_S):
                break
            if tag := place.put_if_match(name, _body(holder), head["ETag"]):
                return tag
    raise HeldError(there, place.uri, f" (if it is dead, its lease is free in {max(1, EXPIRY_S - age_s):.0f} s)")


def _body(holder: Holder) -> bytes:
    return json.dumps(holder.told(), sort_keys=True).encode()


def _age_s(head: dict[str, Any]) -> float:
    """Seconds since a file was written, by the clock of the server alone."""
    said = head.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    if not said or "LastModified" not in head:
        return 0.0
    return float((parsedate_to_datetime(said) - head["LastModified"]).total_seconds())
