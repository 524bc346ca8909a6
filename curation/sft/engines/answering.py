"""Who answers in the name of an engine, under which licence, and where their answers may go.

A server says in each reply which model has answered. The licence that a config gives its engine is that of the model that it asks: it says
nothing of another one, so what such a model had a part in goes to no tier that asks for licences, unless the config names it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from curation.sft.engines.model_licences import closed_because, strictest
from curation.sft.engines.served import begins_as, goes_by, is_same_model, plain


class Part(NamedTuple):
    """The part that models had in something.

    Args:
        served: names that the server told, each once.
        models: those that answered, by these names, or by the name that was asked for.
        undeclared: of them those of which nobody can tell the licence.
        licence: the strictest of their licences; None where nobody named it.
        closed: why the answers may not go to tiers that ask for licences; none where they may.
    """

    served: tuple[str, ...]
    models: tuple[str, ...]
    undeclared: tuple[str, ...]
    licence: str | None
    closed: tuple[str, ...]


class Answering(BaseModel):
    """What a config says of who answers in the name of an engine.

    Args:
        kind: of the engine.
        licence: of its model.
        served_as: other names of that model.
        other_models: name of another model that may answer in its place -> licence of that one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    licence: str
    served_as: tuple[str, ...] = ()
    other_models: dict[str, str] = {}

    def is_other(self, asked: str, served: str) -> bool:
        """Whether another model than the one that was asked has answered: what the config lists among the others is one, however alike."""
        if not served or plain(served) in {plain(name) for name in (asked, *self.served_as)}:
            return False
        listed = any(plain(name) == plain(served) or begins_as(name, served) for name in self.other_models)
        return listed or not is_same_model(asked, served, self.served_as)

    def licence_of(self, asked: str, served: str) -> str | None:
        """Licence of the model that answered, of several names in the config by the very one, or the longest; None where it names none."""
        if not self.is_other(asked, served):
            return self.licence
        names = [name for name in self.other_models if goes_by(name, served)]
        best = max(names, key=lambda name: (plain(name) == plain(served), len(name)), default=None)
        return None if best is None else self.other_models[best]

    def part(self, asked: str, served: Sequence[str], allowed: Collection[str] = ()) -> Part:
        """The part of the models that answered.

        Args:
            asked: the model that was asked.
            served: as the server told, a name a reply; empty where it told none, which is believed to be the model that was asked.
            allowed: names of models and of licences whose answers the user allows wherever they go.
        """
        names = tuple(dict.fromkeys(served)) or ("",)
        others = [name for name in names if self.is_other(asked, name)]
        unknown = [name for name in others if self.licence_of(asked, name) is None]
        why = (self._closed(asked, name, allowed) for name in names)
        return Part(
            served=tuple(filter(None, names)),
            models=tuple(dict.fromkeys(name if name in others else asked for name in names)),
            undeclared=tuple(name for name in unknown if closed_because(name, "", allowed)),
            licence=strictest(self.licence_of(asked, name) for name in names),
            closed=tuple(dict.fromkeys(filter(None, why))),
        )

    def _closed(self, asked: str, served: str, allowed: Collection[str]) -> str | None:
        """Why the answers of one model may not go to tiers that ask for licences."""
        licence = self.licence_of(asked, served)
        if licence is None:
            return closed_because(served, "", allowed) and (
                f"{served} answered where {asked} was asked, and the config names no licence of it: list it in served_as of the engine where "
                "it is the same model, or with its licence in other_models"
            )
        if self.is_other(asked, served):
            return closed_because(served, licence, allowed)
        also = served.rpartition("/")[2]
        return closed_because(asked, licence, allowed) or (closed_because(also, licence, allowed) if also else None)
