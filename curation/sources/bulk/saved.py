"""What a folder of tars is for, saved by its fetch, so that it can be looked at without manifest and snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from curation.errors import RunError, UserError
from curation.sources.bulk.holdings import STATE, Holdings, Kept, State, wanted_digest
from curation.sources.bulk.manifest import Chunk
from curation.sources.bulk.plan import Plan

_FILE = f"{STATE}/plan.json"


@dataclass(frozen=True)
class Saved:
    """A plan as it was saved.

    Args:
        bucket: address that tars come from.
        selection: which papers are wanted, in words.
        timestamp: of the manifest.
        kept: what is kept of a tar.
        tars: each with its number of wanted papers and their digest.
    """

    bucket: str
    selection: str
    timestamp: str | None
    kept: Kept
    tars: tuple[tuple[Chunk, int, str], ...]

    def states(self, holdings: Holdings) -> Iterator[tuple[Chunk, State]]:
        """How its tars stand in their folder."""
        for chunk, _, digest in self.tars:
            yield chunk, holdings.state(chunk, self.kept, digest)


def save_plan(holdings: Holdings, plan: Plan, kept: Kept, bucket: str, selection: str) -> None:
    """Save the plan of a fetch in its folder."""
    tars = [
        [asdict(chunk), count, wanted_digest(plan.wanted.between(chunk.first_item, chunk.last_item))]
        for chunk, count in plan.tars.items()
    ]
    value = {"bucket": bucket, "selection": selection, "timestamp": plan.manifest.timestamp, "kept": kept, "tars": tars}
    holdings.write_json(_FILE, value)


def kept_in(holdings: Holdings) -> Kept:
    """What the last fetch into a folder keeps of a tar; all where none was. Raises as `saved_plan`."""
    return Kept.ALL if holdings.read_json(_FILE) is None else saved_plan(holdings).kept


def saved_plan(holdings: Holdings) -> Saved:
    """The plan of the last fetch into a folder.

    Raises:
        UserError: nothing was fetched into it. RunError: its plan is damaged.
    """
    value: Any = holdings.read_json(_FILE)
    if value is None:
        raise UserError(f"{holdings.folder} is no folder of a fetch; give the --to of `astrocorpus sources fetch`")
    try:
        tars = tuple((Chunk(**chunk), int(count), str(digest)) for chunk, count, digest in value["tars"])
        return Saved(value["bucket"], value["selection"], value["timestamp"], Kept(value["kept"]), tars)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{holdings.place.where(_FILE)} is damaged ({error}); fetch again, which writes it anew"
        ) from error
