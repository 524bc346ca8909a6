"""What commands are given, checked before it is read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from curation.errors import UserError
from curation.place import Place, is_address, local_path


def check_release(place: Place) -> None:
    """A release is what `astrocorpus release` makes of a run.

    Raises:
        UserError: the place is a run.
    """
    if place.size("run.json") is not None:
        raise UserError(
            f"{place.uri} is a run folder: first `astrocorpus release {place.uri} --out DIR`, then give DIR"
        )


def local_paths(given: Iterable[str]) -> list[Path]:
    """Those of the inputs that lie in folders of this machine."""
    return [local_path(each) for each in given if not is_address(each)]
