"""One paper at a time in a child process with CPU, wall-clock and memory limits, without secrets, files or network.

The child is started once and serves call after call; it is replaced after a paper that it did not survive. It is a plain
`python -m curation.confine` with a socket, so it works inside daemonic pool workers and Ray workers. It ends
with its parent: it reads end-of-file while it waits, and while it works a thread of it watches for a new parent.

What it reads is sent to it, bytes or an open file: it is shut out of the file system and the network
(curation.confine.isolation), starts in an empty folder that is gone, and has the few environment variables of `surroundings.KEPT`. What
comes back is plain data in msgpack, which cannot run code here, whatever a paper made of the child.

Memory is bounded twice. RLIMIT_AS (what the child has mapped after its imports, plus the limit) makes one large
allocation fail at once, before a page of it is touched; the parent polls the resident size, which bounds what many small
allocations and C libraries take. `limit_address_space=False` leaves only the second for code that reserves more than it
uses (numba, onnxruntime).
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import time
from collections.abc import Sequence
from typing import Any

from curation.confine.child import FOREIGN, Child, Request
from curation.confine.isolation import Confinement
from curation.confine.limits import Limits
from curation.confine.quiet import alone, beside_others
from curation.confine.wire import pack
from curation.errors import PaperError, RunError
from schemas import Reason

START_PAUSES_S = (0.1, 0.5)
"""A child that dies while it starts is started again after each of these."""
RESOURCE_REASONS = frozenset({Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.CRASHED})
"""The paper's own failures by what it takes, whatever its text holds: no other route is asked after one."""
_CHILDS = frozenset({Reason.OUT_OF_MEMORY, Reason.CRASHED})
"""Failures that may come from what a child keeps of papers before."""
PACKAGES = ("curation", "schemas")
"""What the child imports of ours; other packages lie in the folders of this Python."""


class Sandbox:
    """Calls functions in a child process that may die without harm.

    `call("package.module:function", *args)` returns what the function returns. Arguments and results are plain data: None,
    bool, int, float, str, bytes, lists, dicts. A `Sandbox` that is pickled arrives without its child.

    Args:
        packages: top-level packages beside the installed ones that the child may import; PACKAGES when None.
    """

    def __init__(self, limits: Limits | None = None, packages: Sequence[str] | None = None) -> None:
        self.limits = limits or Limits()
        self.packages = tuple(PACKAGES if packages is None else packages)
        self.cpu_s = 0.0
        """CPU seconds of the last try of the last call, since the last step that it said."""
        self.reached: tuple[int, int, int] = (0, 0, 0)
        """What a call that failed was at: position and number of items, as `progress.at` said it in the child."""
        self._child: Child | None = None
        self._module = ""

    def __getstate__(self) -> dict[str, Any]:
        return {
            "limits": self.limits,
            "packages": self.packages,
            "cpu_s": 0.0,
            "reached": (0, 0, 0),
            "_child": None,
            "_module": "",
        }

    def call(self, function: str, *args: Any, file: int | None = None, max_cpu_s: float | None = None) -> Any:
        """The result of `function(*args)`, computed in the child.

        What may not be the function's own failure is tried once more in a fresh child: a limit of memory or a crash when the
        child had served other calls, and what the machine did (STALLED, KILLED), that with no other call beside it.

        Args:
            file: an open descriptor, which the function gets as its first argument: the child opens nothing itself.
            max_cpu_s: less CPU time than the limits allow.

        Raises:
            PaperError: as the function raised it; TIMEOUT, OUT_OF_MEMORY or CRASHED when the child did not survive;
                STALLED when it got no CPU time, KILLED when it was ended or kept from starting by others;
                TOO_LARGE for a result past `max_result_mb`; EXTRACT_ERROR for any other exception, by type and place.
            RunError: no child can ever start, or a module that it needs is not installed.
        """
        self._module = function.partition(":")[0]
        request = Request(pack((function, args)), file, min(max_cpu_s or math.inf, self.limits.max_cpu_s))
        try:
            with beside_others(self.limits.max_wall_s):
                return self._call(request)
        except PaperError as error:
            if error.reason not in FOREIGN:
                raise
        self.close()
        with alone(self.limits.max_wall_s):
            return self._call(request)

    def _call(self, request: Request) -> Any:
        child = self._started()
        try:
            return self._ask(child, request)
        except PaperError as error:
            if error.reason not in _CHILDS or child.served == 0:
                raise
        self.close()
        return self._ask(self._started(), request)

    def _ask(self, child: Child, request: Request) -> Any:
        try:
            kind, value = child.ask(request)
        except BaseException:
            self.reached = child.reached()
            self.close()  # after a limit, an interrupt or a crash the child's state is unknown
            raise
        finally:
            self.cpu_s = child.cpu_s
        if kind == "result":
            return value
        if kind == "broken" and not _is_there(str(value)):
            raise RunError(
                f"extraction cannot run here: {value}; install what is missing (astrocorpus doctor lists it)"
            )
        if kind == "broken":  # says a child that a paper took over, or a package of ours that lacks a part
            self.close()
            raise PaperError(Reason.CRASHED, f"the extraction process misses {str(value)[:80]}, which is there")
        self.reached = child.reached()
        if value["exhausted"]:
            self.close()
        raise PaperError(Reason(value["reason"]), value["detail"])

    def _started(self) -> Child:
        if self._child is not None and not self._child.is_fresh():
            self.close()
        for pause in START_PAUSES_S:
            if self._child is not None:
                break
            with contextlib.suppress(PaperError, RunError):
                self._child = Child(self.limits, self.packages, self._module)
                break
            time.sleep(pause)
        self._child = self._child or Child(self.limits, self.packages, self._module)
        return self._child

    @property
    def confinement(self) -> Confinement:
        """What holds the child on this machine; starts it where there is none."""
        return self._started().confinement

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._child.process.pid if self._child else None

    def close(self) -> None:
        """End the child; the next call starts a fresh one."""
        if self._child is not None:
            child, self._child = self._child, None
            child.kill()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # at interpreter exit modules may be gone
            self.close()


def _is_there(module: str) -> bool:
    """Whether the package of a module can be found here; the module itself is not imported."""
    top = module.partition(".")[0]
    try:
        return top.isidentifier() and importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False
