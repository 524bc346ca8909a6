"""Whether the tars in a folder are what their manifest says, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from curation.sources.bulk.fetch import md5_of
from curation.sources.bulk.holdings import STATE, Holdings, State
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
    """Read every tar of a plan, and name what else lies in the folder.

    Args:
        looked: is told of the bytes of each tar after it.
    """
    found = Verified()
    known = set()
    for chunk, state in plan.states(holdings):
        known.add(chunk.filename)
        receipt = holdings.receipt(chunk.filename)
        if state is not State.THERE or receipt is None:
            told = holdings.quarantined(chunk.filename) if state is State.QUARANTINED else None
            found.wrong[chunk.filename] = told.words if told else str(state)
        elif receipt.kept_bytes and (md5 := md5_of(holdings.tar(chunk.filename))) != receipt.kept_md5sum:
            found.wrong[chunk.filename] = f"its md5 is {md5} and was {receipt.kept_md5sum} when it came: fetch it again"
            holdings.place.remove(f"{STATE}/receipts/{chunk.filename}.json")
        else:
            found.right += 1
        looked(chunk.size)
    for listed in holdings.place.list():
        is_ours = listed.name.startswith(f"{STATE}/") or listed.name in known
        if not is_ours and holdings.receipt(listed.name) is None:
            found.unknown.append(listed.name)
    return found
