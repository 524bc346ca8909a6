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
        release: sha256 of the release's manifest.json.
        tier, kind: tier of the release, and documents or pairs.
    """

    seed: int
    epoch: int
    consumed: int
    lanes: int
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
            UserError: a field is missing or of another type.
        """
        types = {"seed": int, "epoch": int, "consumed": int, "lanes": int, "release": str, "tier": str, "kind": str}
        wrong = [name for name, type_ in types.items() if not isinstance(state.get(name), type_)]
        if wrong or len(state) != len(types):
            raise UserError(f"not a reader state: {dict(state)!r} (it has {', '.join(types)})")
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
