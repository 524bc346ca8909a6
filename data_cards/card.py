"""What a data card is: the content of card.json, how it is read, and what names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from data_cards.report import (
    BenchmarkRead,
    JoinReport,
    NearFamilies,
    ReasonReport,
    RouteAgreement,
    StageReport,
    TierReport,
)
from schemas.card import CARD_PAGES, figures_sha256
from schemas.files import Files
from schemas.manifest import read_manifest

CARD_FORMAT = 4
_AS_REPORTED = {"artefacts", "benchmarks", "joins", "near_families", "route_agreement", "summaries", "warnings"}
"""What a card holds as its run's report does."""


class CardError(ValueError):
    """No card can be written: the report and the release do not agree, or are incomplete."""


class TokenizerError(CardError):
    """No tokens can be counted: the tokenizer.json is missing or broken, or the library is not installed."""


class Figures(BaseModel):
    """The five figures by which corpora compare. Tokens are None when no tokenizer counted them.

    papers: distinct works released with an arXiv id, DOI or bibcode; withheld_sources: distinct works kept out because a
    benchmark was made from them.
    """

    papers: int
    cpt_tokens: int | None
    sft_pairs: int
    sft_tokens: int | None
    withheld_sources: int


class FunnelRow(BaseModel):
    """What one stage of the way took out, and how many documents were left after it."""

    stage: str
    dropped: int = 0
    withheld: int = 0
    failed: int = 0
    left: int


class Share(BaseModel):
    """One bar of a distribution."""

    name: str
    documents: int
    words: int | None = None


class SampleRow(BaseModel):
    """A released row, its text cut to an excerpt, its title to NAME_CHARS."""

    id: str
    title: str | None
    licence: str | None
    date: str | None
    route: str | None
    words: int | None
    excerpt: str


class TierCard(BaseModel):
    """Everything a card says of one tier."""

    tier: str
    figures: Figures
    documents_in: int
    released: int
    masked: int = 0
    dropped: int
    withheld: int
    failed: int
    words: int
    funnel: list[FunnelRow]
    reasons: list[ReasonReport]
    years: list[Share]
    licences: list[Share]
    routes: list[Share]
    sources: list[Share]
    engines: dict[str, int]
    samples: list[SampleRow]
    files: list[str]
    pair_files: list[str]
    bytes: int
    pair_bytes: int


class AuditedLayer(BaseModel):
    """What one layer of an audit looked for of a benchmark, what it left out, how many of its n-grams it set aside as phrases, in how many rows it found it, and the score of the nearest
    miss."""

    benchmark: str
    mode: str
    layer: str
    checked: int
    left_out: int
    set_aside: int
    hits: int
    nearest: int | None


class AuditShown(BaseModel):
    """The audit of a release; `sha256` is that of its audit.json."""

    sha256: str
    passed: bool
    layers: list[AuditedLayer]


class TokenizerUsed(BaseModel):
    """The tokenizer.json that counted tokens."""

    name: str
    sha256: str


class Card(BaseModel):
    """The content of card.json; `manifest_sha256` names the release that it speaks of, `pages` the sha256 of each
    page drawn from it."""

    format: int = CARD_FORMAT
    name: str
    run: str
    manifest_sha256: str
    papers_in: int
    tiers: list[TierCard]
    tokenizer: TokenizerUsed | None
    sample_seed: int
    stages: list[StageReport]
    versions: dict[str, str]
    artefacts: dict[str, str] = {}
    benchmarks: dict[str, BenchmarkRead] = {}
    joins: list[JoinReport] = []
    near_families: NearFamilies | None = None
    route_agreement: RouteAgreement | None = None
    summaries: dict[str, dict[str, Any]] = {}
    warnings: list[str] = []
    audit: AuditShown | None = None
    pages: dict[str, str] = {}


def read_card(release: Path | Files) -> Card | None:
    """The card.json of a release folder; None when there is none that speaks of this very release and is as it was drawn.

    Raises:
        schemas.manifest.ManifestError: the folder is no complete release.
    """
    manifest = read_manifest(release)
    try:
        card = Card.model_validate_json(manifest.place.read("card.json"))
        pages = [manifest.place.read(name).decode("utf-8", "replace") for name in CARD_PAGES]
    except (OSError, ValidationError):
        return None
    is_own = all(digest_of(card) in page for page in pages)
    return card if is_own and (card.format, card.manifest_sha256) == (CARD_FORMAT, manifest.sha256) else None


def digest_of(card: Card) -> str:
    """What the pages of a card name it by."""
    return figures_sha256(json.loads(card.model_dump_json()))


def report_of(card: Card) -> dict[str, Any]:
    """What a card took from its run's report, so that it can be drawn anew where the run is not at hand."""
    return {
        "run": card.run,
        "papers": {"in": card.papers_in},
        "stages": [stage.model_dump() for stage in card.stages],
        "tiers": {t.tier: t.model_dump(include=set(TierReport.model_fields)) for t in card.tiers},
        "versions": card.versions,
        **card.model_dump(include=_AS_REPORTED),
        "withheld_sources": max(t.figures.withheld_sources for t in card.tiers),
    }
