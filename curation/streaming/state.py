"""Where a training job stands in a release: what a checkpoint stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from curation.errors import UserError
from curation.streaming.order import ORDER_VERSION

MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class State:
    """A place in the global order, taken at a global step and the same on every rank.

    It belongs to one release, byte for byte: where data was added, the order of all rows is another, and a state of the
    old release is refused. Finish the epoch on the release that it began with, then begin with the new one.

    Attributes:
        order: version of the order (curation.streaming.order).
        seed: of the permutations.
        epoch: epochs finished.
        consumed: places of this epoch's order that all ranks together are past; skipped samples count.
        lanes: lanes of the order.
        shuffle: whether row groups and rows are permuted.
        release: sha256 of the release's manifest.json.
        tier, kind: tier of the release, and documents or pairs.
    """

    order: int
    seed: int
    epoch: int
    consumed: int
    lanes: int
    shuffle: bool
    release: str
    tier: str
    kind: str

    def to_dict(self) -> dict[str, Any]:
        """For a checkpoint; JSON types only, under 1 kB."""
        return asdict(self)

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> State:
        """Back from a checkpoint.

        Raises:
            UserError: it is of another version of the order, or it is no mapping, or a field is missing, of another type
                or out of range.
        """
        types: dict[str, type] = dict.fromkeys(("order", "seed", "epoch", "consumed", "lanes"), int)
        types |= {"shuffle": bool} | dict.fromkeys(("release", "tier", "kind"), str)
        given = {name: type(value) for name, value in state.items()} if isinstance(state, Mapping) else {}
        if given == {name: type_ for name, type_ in types.items() if name != "order"}:
            raise other_order(1)
        if given != types:
            raise UserError(f"not a reader state: {str(state)[:500]} (it has {', '.join(types)})")
        if below := [name for name, type_ in types.items() if type_ is int and state[name] < (name == "lanes")]:
            raise UserError(
                f"not a reader state: {str(state)[:500]} ({', '.join(below)} may not be below 0, lanes not 0)"
            )
        if state["seed"] > MAX_SEED:
            raise UserError(f"not a reader state: {str(state)[:500]} (seed may be {MAX_SEED} at most)")
        if state["order"] != ORDER_VERSION:
            raise other_order(state["order"])
        return cls(**state)


def other_order(version: int) -> UserError:
    """The error for a state of another version of the order."""
    return UserError(
        f"the state is of order {version}, this version reads in order {ORDER_VERSION}: going on would lose and repeat "
        "samples. Finish the epoch with the version that began it, then start the next without a state"
    )
