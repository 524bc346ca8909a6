"""One harvester of a user, one request in so many seconds: arXiv asks for both, over all machines of a user.

https://info.arxiv.org/help/api/tou.html: "no more than one request every three seconds, limited to a single connection". The
lock and the time of the last request lie in the user's own folder, so they hold across processes, and across the machines that
share it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from curation.errors import UserError
from curation.place import FolderPlace
from curation.place.holder import HeldError
from curation.place.own import own_folder

ARXIV = "arxiv.org"
INTERVAL_S = 3.0


def is_arxiv(host: str) -> bool:
    """Whether a host is one of arXiv's, which count as one: its pace and its one harvester are of all of them."""
    host = host.rstrip(".").lower()
    return host == ARXIV or host.endswith(f".{ARXIV}")


class Pace:
    """Waits before a request until the last one of any process is `interval_s` old.

    Args:
        file: its time is that of the last request, for the next process.
    """

    def __init__(self, file: Path, interval_s: float) -> None:
        self.interval_s = interval_s
        self._file = file
        self._last = self._told()

    def wait(self) -> None:
        """Wait for the turn of a request, and note that it begins, which counts when the process is killed."""
        while (left := self._last + self.interval_s - time.monotonic()) > 0:
            time.sleep(left)
        self.note()

    def note(self) -> None:
        """Note that a request ended: the next one is so far from its end, whatever time a network takes."""
        self._last = time.monotonic()
        with suppress(OSError):
            self._file.touch()

    def _told(self) -> float:
        """The last request of another process on this one's clock; a time that is to come counts as now."""
        try:
            ago = time.time() - self._file.stat().st_mtime
        except OSError:
            return time.monotonic() - self.interval_s
        return time.monotonic() - max(ago, 0.0)


@contextmanager
def only_harvester(host: str, what: str, interval_s: float) -> Iterator[Pace]:
    """Be the only harvester of this user at a host while the block runs.

    Args:
        what: what this one does, for the error of a second one ("harvest into /data/oai").

    Raises:
        UserError: another one runs; it is named.
    """
    folder = FolderPlace(own_folder())
    name = re.sub(r"[^A-Za-z0-9.-]", "_", host)
    with ExitStack() as held:
        try:
            held.enter_context(folder.lease(f"{name}.lock", what))
        except HeldError as error:
            first = error.holder
            raise UserError(
                f"another {first.what} asks {host} already (process {first.pid} on {first.host}, since {first.since}); arXiv allows a user "
                "one harvester at a time: wait for it, or stop it"
            ) from error
        yield Pace(folder.root / f"{name}.last", interval_s)
