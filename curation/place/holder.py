"""Who holds a lease: a process of a host, told so that others can say who it is, and whether it is dead."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from curation.errors import UserError


@dataclass(frozen=True)
class Holder:
    """A process that holds a lease.

    Args:
        what: what it is ("run").
        host, pid: where it runs.
        started: when it started, in seconds since 1970: a pid that lives and started at another time is another process.
        boot: the boot of the host and its space of pids: of another space nobody here can tell what lives.
        since: when it took the lease, for people.
        free: it gave the lease back.
        renewals: how often it renewed the lease, so that each renewal is another file: who takes it over finds the very one it read.
        lease: a name of this lease alone: one process may take several, in one second.
    """

    what: str = "process"
    host: str = ""
    pid: int = 0
    started: float = 0.0
    boot: str = ""
    since: str = ""
    free: bool = False
    renewals: int = 0
    lease: str = ""

    @classmethod
    def here(cls, what: str) -> Holder:
        pid = os.getpid()
        started = psutil.Process(pid).create_time()
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return cls(what, socket.gethostname(), pid, started, _boot(), now, lease=uuid.uuid4().hex)

    @classmethod
    def parse(cls, body: str | bytes) -> Holder:
        """A holder as it was told; one without a name when that is not to be read."""
        with suppress(ValueError, TypeError, RecursionError):
            told = json.loads(body)
            if isinstance(told, Mapping):
                return cls(
                    **{key: told[key] for key in asdict(cls()) if type(told.get(key)) is type(asdict(cls())[key])}
                )
        return cls()

    def told(self) -> dict[str, Any]:
        return asdict(self)

    def is_dead(self) -> bool:
        """Whether it surely is dead: a process of this host, and here is no such process."""
        if self.host != socket.gethostname() or self.boot != _boot():
            return False
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) > 2
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False

    def refusal(self, where: str, until: str = "") -> str:
        """What a second one is told."""
        who = f" (process {self.pid} on {self.host}, since {self.since})" if self.host else ""
        return f"another {self.what} is writing to {where}{who}; wait for it or choose another folder{until}"


class HeldError(UserError):
    """Another one holds a lease.

    Args:
        holder: who.
        where: the place.
        until: when it is free, for the text.
    """

    def __init__(self, holder: Holder, where: str, until: str = "") -> None:
        super().__init__(holder.refusal(where, until))
        self.holder = holder


def _boot() -> str:
    words = []
    with suppress(OSError):
        words.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with suppress(OSError):
        words.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return "-".join(words)
