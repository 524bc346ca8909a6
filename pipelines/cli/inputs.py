"""What commands are given, checked before it is read."""

from __future__ import annotations

from pathlib import Path

from curation.errors import UserError


def check_release(folder: Path) -> None:
    """A release is what `astrocorpus release` makes of a run.

    Raises:
        UserError: the folder is a run.
    """
    if (folder / "run.json").is_file():
        raise UserError(f"{folder} is a run folder: first `astrocorpus release {folder} --out DIR`, then give DIR")
