"""Where the engines of a run keep their state: a folder on this machine's disk, and one of the run."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from curation.driver_step import State
from curation.errors import PlaceError, RunError
from curation.place import Place
from curation.place.own import own_folder
from curation.sources.ours import ENGINES
from pipelines.engine.store import Store

ID = "id.txt"
"""Names the folder on the driver's own disk, of a run whose folder lies elsewhere: one that begins anew there finds no old state."""


def engine_state(store: Store, batches: Callable[[Any], Any] | None = None) -> State:
    """The state of a run's engines.

    Args:
        batches: as of `State`.

    Raises:
        UserError, RunError: a folder cannot be read or written.
    """
    place = store.below(ENGINES)
    root = place.local("")
    folder = own_folder() / ENGINES / _id_of(place) if root is None else root.parent / f".{ENGINES}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PlaceError(f"{folder}, where engines keep their answers, cannot be made: {error.strerror}") from error
    return State(folder, place, batches)


def _id_of(place: Place) -> str:
    """The id of a run, which its first driver gives it."""
    place.put_if_absent(ID, secrets.token_hex(16).encode())
    found = place.read(ID).decode("utf-8", "replace")
    if not re.fullmatch(r"[0-9a-f]{32}", found):
        raise RunError(f"{place.where(ID)} does not hold what a run writes there; delete it and run again")
    return found
