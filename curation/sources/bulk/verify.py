"""Whether the tars in a folder are what their manifest says, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from curation.sources.bulk.arrival import md5_of
from curation.sources.bulk.holdings import SETTLED, STATE, Holdings, State
from curation.sources.bulk.saved import Saved


@dataclass
class Verified:
    """What was found.

    Args:
        right: tars whose md5 is right: the manifest's, or of a smaller tar that of its receipt.
        wrong: filename -> what is wrong with it.
        unknown: files that no fetch put there.
    """

    right: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def verify(holdings: Holdings, plan: Saved, looked: Callable[[int], None] = lambda _: None) -> Verified:
    """Read every tar of a plan, and those of earlier plans, and name what else lies in the folder.

    A receipt that proves wrong is removed, so that the next fetch brings its tar again.

    Args:
        looked: is told of the bytes of each tar after it.
    """
    found = Verified()
    for chunk, state in plan.states(holdings):
        if state in SETTLED:
            _read(holdings, chunk.filename, found)
        else:
            told = holdings.quarantined(chunk.filename) if state is State.QUARANTINED else None
            found.wrong[chunk.filename] = told.words if told else str(state)
        looked(chunk.size)
    known = {chunk.filename for chunk, *_ in plan.tars}
    for filename in holdings.others(known):
        _read(holdings, filename, found)
        known.add(filename)
    names = (listed.name for listed in holdings.place.list())
    found.unknown = [name for name in names if name not in known and not name.startswith(f"{STATE}/")]
    return found


def _read(holdings: Holdings, filename: str, found: Verified) -> None:
    """Compare a tar with its receipt."""
    receipt = holdings.receipt(filename)
    if receipt is None:
        found.wrong[filename] = str(State.LOST)
        return
    if not receipt.kept_bytes:  # none of its papers was wanted
        found.right += 1
        return
    try:
        md5 = md5_of(holdings.tar(filename))
    except FileNotFoundError:
        found.wrong[filename] = str(State.LOST)
        return
    if md5 == receipt.kept_md5sum:
        found.right += 1
        return
    found.wrong[filename] = f"its md5 is {md5} and was {receipt.kept_md5sum} when it came: fetch it again"
    holdings.forget(filename)
