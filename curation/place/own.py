"""The folder of a user for what belongs to no run."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from curation.errors import UserError


def own_folder() -> Path:
    """A folder that only this user writes, the same on machines that share the home.

    Raises:
        UserError: there is none.
    """
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    for path in (
        Path(state).expanduser() / "astrocorpus",
        Path(tempfile.gettempdir()) / f"astrocorpus-{os.getuid()}-state",
    ):
        with suppress(OSError, RuntimeError):  # a user without a home
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.stat().st_uid == os.getuid() and os.access(path, os.W_OK):
                return path
    raise UserError(f"neither {state} nor the folder for temporary files can be written; set XDG_STATE_HOME")
