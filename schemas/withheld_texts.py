"""Indexes of withheld texts as runs, cards and audits name them, and what tells which works one speaks of."""

from __future__ import annotations

from collections.abc import Iterable

KIND = "withheld-texts"
"""The artefact."""
SOURCE_LAYERS = ("identity", "bibliographic")
"""Layers that say of a document that it is the work itself. One that only quotes an item is withheld, but a copy of its other
passages says nothing of the benchmark."""


def works_sum(digests: Iterable[str]) -> int:
    """What tells some works from others, whatever their order: sums of two shares are that of both.

    Args:
        digests: sha256 of each text, hex.
    """
    return sum(int(digest[:16], 16) for digest in digests)


def works_key(total: int) -> str:
    """A sum of works as cards, footers and audits have it."""
    return f"{total % 2**64:016x}"
