"""What ties card.json to its pages, which two rooms have to agree on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

CARD_PAGES = ("README.md", "card.html")
"""Pages of the card, beside its card.json, which names their digests."""


def figures_sha256(card: Mapping[str, Any]) -> str:
    """sha256 of all that a card.json says but the digests of its pages, as sorted JSON. Each page names it."""
    figures = {key: value for key, value in card.items() if key != "pages"}
    return hashlib.sha256(json.dumps(figures, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
