"""What the steps of a run read of each benchmark, as their identities tell; the card tells it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curation.artefact import PREFIX

FILES = ("sources", "items", "texts", "phrases")
"""Fields of a benchmark that name files."""


def benchmarks_read(identities: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What steps read of each benchmark, by its name: its `rule`, the `adapter` by which its items were read, and by field the digests of
    its `files`, as an audit tells them.

    Args:
        identities: of the steps; each says of a benchmark what counts for itself.
    """
    found: dict[str, dict[str, Any]] = {}
    for identity in identities:
        config = identity.get("config", {})
        for told in (*config.get("benchmarks", ()), *config.get("lists", ())):
            if not isinstance(told, Mapping):
                continue
            mine = found.setdefault(told["name"], {"rule": None, "adapter": None, "files": {}})
            mine.update({key: told[key] for key in ("rule", "adapter") if told.get(key)})
            for key in FILES:
                named = told.get(key) or ()
                digests = {name.removeprefix(PREFIX) for name in ((named,) if isinstance(named, str) else named)}
                if digests:
                    mine["files"][key] = sorted(digests.union(mine["files"].get(key, ())))
    return dict(sorted(found.items()))
