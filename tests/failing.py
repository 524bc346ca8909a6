"""A file system that fails for a while."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from curation.confine import quiet


def failing_reads(patch: pytest.MonkeyPatch, name: str, method: str, times: int) -> list[bool]:
    """The first calls of a method of Path fail for files of this name, as EIO does.

    Returns:
        for every call, also of those that go well, whether it was made with no other call beside it; filled as they are made.
    """
    calls: list[bool] = []
    honest = getattr(Path, method)

    def fail(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == name:
            calls.append(getattr(quiet._thread, "is_alone", False))
            if len(calls) <= times:
                raise OSError(errno.EIO, "Input/output error")
        return honest(path, *args, **kwargs)

    patch.setattr(Path, method, fail)
    return calls
