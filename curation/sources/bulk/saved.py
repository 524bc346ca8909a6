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
    """Save the plan of a fetch in its folder, in the place of the last one of the same papers."""
    tars = [
        [asdict(chunk), count, wanted_digest(plan.wanted.between(chunk.first_item, chunk.last_item))]
        for chunk, count in plan.tars.items()
    ]
    value = {"bucket": bucket, "selection": selection, "timestamp": plan.manifest.timestamp, "kept": kept, "tars": tars}
    others = [saved for saved in _read(holdings) if (saved.bucket, saved.selection) != (bucket, selection)]
    holdings.write_json(_FILE, {"plans": [*map(asdict, others), value]})


def kept_in(holdings: Holdings) -> Kept:
    """What the last fetch into a folder keeps of a tar; all where none was. Raises as `saved_plans`."""
    plans = _read(holdings)
    return plans[-1].kept if plans else Kept.ALL


def saved_plans(holdings: Holdings) -> list[Saved]:
    """The plan of the last fetch into a folder of each selection, that of the last fetch of all at the end.

    Raises:
        UserError: nothing was fetched into it. RunError: its plans are damaged.
    """
    if plans := _read(holdings):
        return plans
    raise UserError(f"{holdings.folder} is no folder of a fetch; give the --to of `astrocorpus sources fetch`")


def _read(holdings: Holdings) -> list[Saved]:
    value: Any = holdings.read_json(_FILE)
    try:
        return [] if value is None else [_saved(plan) for plan in value["plans"]]
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{holdings.place.where(_FILE)} is damaged ({error}); remove it and fetch again, which writes it anew"
        ) from error


def _saved(value: dict[str, Any]) -> Saved:
    tars = tuple((Chunk(**chunk), int(count), str(digest)) for chunk, count, digest in value["tars"])
    return Saved(value["bucket"], value["selection"], value["timestamp"], Kept(value["kept"]), tars)
