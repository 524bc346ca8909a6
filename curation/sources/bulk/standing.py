"""How the tars of a plan stand in a folder, before anything is fetched into it."""

from __future__ import annotations

from curation.sources.bulk.holdings import Holdings, Kept, State, wanted_digest
from curation.sources.bulk.keep import UnreadableTarError, items_in
from curation.sources.bulk.manifest import Chunk
from curation.sources.bulk.plan import Plan


def standing(plan: Plan, holdings: Holdings, kept: Kept) -> dict[Chunk, State]:
    """The tars of a plan, in its order, each with its state; nothing is written."""
    return {chunk: _state(plan, holdings, kept, chunk) for chunk in plan.tars}


def _state(plan: Plan, holdings: Holdings, kept: Kept, chunk: Chunk) -> State:
    """One that was kept for other papers, and holds all that are wanted now, is there."""
    if kept is Kept.ALL:
        return holdings.state(chunk, kept, None)
    wanted = list(plan.wanted.between(chunk.first_item, chunk.last_item))
    state = holdings.state(chunk, kept, wanted_digest(wanted))
    return State.THERE if state is State.OTHER and _holds(holdings, chunk, wanted) else state


def _holds(holdings: Holdings, chunk: Chunk, wanted: list[str]) -> bool:
    """Whether a smaller tar has all papers that are wanted, as far as the whole one had them."""
    receipt = holdings.receipt(chunk.filename)
    if receipt is None:
        return False
    try:
        held = items_in(holdings.tar(chunk.filename)) if receipt.kept_bytes else set()
    except UnreadableTarError:
        return False
    return held.union(receipt.absent).issuperset(wanted)
