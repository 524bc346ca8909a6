"""The data card of a release: figures collected, rendered and signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data_cards.card import Card, CardError, TokenizerError, read_card, report_of
from data_cards.collect import collect, load_tokenizer
from data_cards.render import render_html, render_readme
from schemas.files import Files, files_at

__all__ = [
    "Card",
    "CardError",
    "TokenizerError",
    "collect",
    "load_tokenizer",
    "read_card",
    "render_html",
    "render_readme",
    "report_of",
    "write_card",
]


def write_card(
    release: Path | Files,
    tiers: Sequence[str] | None,
    report: Mapping[str, Any],
    *,
    tokenizer_json: Path | None = None,
    counted: Card | None = None,
    samples: int = 5,
    seed: int = 0,
) -> list[str]:
    """Write card.html, README.md and card.json beside a release; the same bytes for the same input.

    None of them is a data file: they name manifest.json by its sha256 and change nothing in it. card.json names the
    digests of the other two, so that what was changed afterwards is not published.

    Args:
        release: the folder with manifest.json and the shards, or another place.
        tiers: the tiers of the card, or None for all of the report.
        report: the run's report.json.
        tokenizer_json: a tokenizer that counts tokens; without one, and without counts, the card says "not counted".
        counted: a card of the same shards that has counted them.

    Returns:
        the names of what was written.

    Raises:
        CardError: report and release do not agree or do not add up (nothing is written), or a file cannot be written.
        schemas.manifest.ManifestError: the folder is no complete release.
    """
    card = collect(release, tiers, report, tokenizer_json=tokenizer_json, counted=counted, samples=samples, seed=seed)
    contents = {"card.html": render_html(card), "README.md": render_readme(card)}
    card.pages = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in contents.items()}
    contents["card.json"] = (
        json.dumps(card.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )
    return [_write(files_at(release), name, content) for name, content in contents.items()]


def _write(place: Files, name: str, content: str) -> str:
    try:
        with place.writing(name) as sink:
            sink.write(content.encode())
    except OSError as error:
        raise CardError(f"{place.where(name)} cannot be written ({error.strerror or error})") from error
    return name
