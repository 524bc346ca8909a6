"""Where a training job stands in a release: what a checkpoint stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from curation.errors import UserError


@dataclass(frozen=True)
class State:
    """A place in the global order, taken at a global step and the same on every rank.

    Attributes:
        seed: of the permutations.
        epoch: epochs finished.
        consumed: samples of this epoch that all ranks together received.
        lanes: lanes of the order.
        shuffle: whether lanes are permuted.
        release: sha256 of the release's manifest.json.
        tier, kind: tier of the release, and documents or pairs.
    """

    seed: int
    epoch: int
    consumed: int
    lanes: int
    shuffle: bool
    release: str
    tier: str
    kind: str

    def to_dict(self) -> dict[str, Any]:
        """For a checkpoint; JSON types only."""
        return asdict(self)

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> State:
        """Back from a checkpoint.

        Raises:
            UserError: it is no mapping, or a field is missing, of another type or below 0.
        """
        types: dict[str, type] = dict.fromkeys(("seed", "epoch", "consumed", "lanes"), int)
        types |= {"shuffle": bool} | dict.fromkeys(("release", "tier", "kind"), str)
        if not isinstance(state, Mapping) or {name: type(value) for name, value in state.items()} != types:
            raise UserError(f"not a reader state: {state!r} (it has {', '.join(types)})")
        if below := [name for name, type_ in types.items() if type_ is int and state[name] < 0]:
            raise UserError(f"not a reader state: {state!r} ({', '.join(below)} may not be below 0)")
        return cls(**state)

    def after(self, samples: int, total: int, world: int, tail: str) -> State:
        """The state when every one of `world` ranks has received `samples` more samples.

        An epoch with nothing left for the tail rule is finished: the state is then at the start of the next.
        """
        consumed = self.consumed + samples * world
        left = total - consumed
        if left <= 0 or (tail == "drop" and left < world):
            return replace(self, epoch=self.epoch + 1, consumed=0)
        return replace(self, consumed=consumed)
