"""A card as a page and as a README for the Hub. Whatever a paper or a config says is escaped in both."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from data_cards.card import Card, TierCard, digest_of
from data_cards.plots import funnel_plot, shares_plot, years_plot
from data_cards.report import share_shown
from data_cards.yields import TOLD, Yield, yields
from schemas import Tier

LINES = 40
"""Lines of what one step tells that a card shows, with `SHOWN` items of a list and `CHARS` characters of a text."""
SHOWN = 5
CHARS = 200
NOT_COUNTED = "not counted"
EXTRACTIVE = (
    "Extractive pairs ask by template, and answer with a sentence of the paper, word for word; no model wrote them."
)
_MARKDOWN = str.maketrans(
    {c: "\\" + c for c in string.punctuation if c not in ",'"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    | {chr(c): "" for c in (*range(9), *range(14, 32), 127)}
)
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
_LARGEST = "10M<n<100M"


class Trusted(str):
    """Text that is Markdown already: the YAML header, which has its own quoting, and figures."""


def figures(tier: TierCard) -> list[tuple[str, int | None]]:
    """The five figures by which corpora compare, labelled."""
    f = tier.figures
    return [
        ("papers", f.papers),
        ("CPT tokens", f.cpt_tokens),
        ("SFT pairs", f.sft_pairs),
        ("SFT tokens", f.sft_tokens),
        ("withheld sources", f.withheld_sources),
    ]


def yield_of(card: Card) -> list[Yield]:
    """The yield of pairs in a card's run."""
    engines = {stage.stage: stage.engine.model_dump() for stage in card.stages if stage.engine is not None}
    return yields((stage.stage for stage in card.stages), card.summaries, engines)


def told_beside(card: Card) -> dict[str, Mapping[str, Any]]:
    """What steps tell, but for what the table of the yield shows."""
    shown = {row.stage for row in yield_of(card)}
    return {
        stage: {what: value for what, value in told.items() if stage not in shown or what not in TOLD}
        for stage, told in sorted(card.summaries.items())
    }


def render_html(card: Card) -> str:
    """The page: self-contained, no script, no resource from outside (its own Content-Security-Policy says so)."""
    environment = _environment(autoescape=True)
    plots = {
        tier.tier: {
            "funnel": funnel_plot(tier),
            "years": years_plot(tier),
            "licences": shares_plot(tier.licences, f"licence, tier {tier.tier}"),
        }
        for tier in card.tiers
    }
    return environment.get_template("card.html").render(
        card=card,
        figures_sha256=digest_of(card),
        plots=plots,
        figures=figures,
        extractive=EXTRACTIVE,
        yielded=yield_of(card),
        told=told_beside(card),
    )


def render_readme(card: Card) -> str:
    """The README that the Hub shows: YAML header with one config a tier, then the card in Markdown.

    Every value is escaped on its way out (`finalize`), so a template cannot forget it.
    """
    environment = _environment(autoescape=False, finalize=escape_markdown)
    labels = [label for label, _ in figures(card.tiers[0])]
    compared = [(label, [figures(tier)[i][1] for tier in card.tiers]) for i, label in enumerate(labels)]
    header = Trusted(yaml.safe_dump(front_matter(card), sort_keys=False, allow_unicode=True))
    text = environment.get_template("README.md").render(
        card=card,
        figures_sha256=digest_of(card),
        compared=compared,
        front_matter=header,
        extractive=EXTRACTIVE,
        yielded=yield_of(card),
        told=told_beside(card),
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def front_matter(card: Card) -> dict[str, Any]:
    """The YAML header of the Hub README. Who names no config gets tier public; where there is none, one must be named."""
    configs: list[dict[str, Any]] = []
    for tier in card.tiers:
        kinds = (
            (tier.tier, tier.files, tier.released),
            (f"{tier.tier}-sft", tier.pair_files, tier.figures.sft_pairs),
        )
        for name, files, there in kinds:
            if there:
                other = tier.pair_files if files is tier.files else tier.files
                config = {"config_name": name, "data_files": [{"split": "train", "path": _patterns(files, other)}]}
                configs.append(config | ({"default": True} if name == Tier.PUBLIC else {}))
    total = sum(tier.released + tier.figures.sft_pairs for tier in card.tiers)
    return {
        "pretty_name": card.name,
        "language": ["en"],
        "license": "other",
        "license_name": "per-row",
        "task_categories": ["text-generation"],
        "tags": ["astronomy", "arxiv", "pretraining"],
        "size_categories": [next((name for limit, name in _SIZES if total < limit), _LARGEST)],
        "configs": configs,
    }


def _patterns(files: list[str], others: list[str]) -> list[str]:
    """One pattern a folder; the file names themselves where the folder also holds other data."""
    folders = {str(PurePosixPath(f).parent) for f in files}
    if folders & {str(PurePosixPath(f).parent) for f in others} or "." in folders:
        return sorted(files)
    return sorted(f"{folder}/*.parquet" for folder in folders)


def escape_markdown(value: object) -> str:
    """Text that shows as itself in a Markdown table cell: no markup, no HTML, no link, no new line."""
    if isinstance(value, Trusted):
        return str(value)
    return " ".join(str(value).split()).translate(_MARKDOWN)


def number(value: int | None) -> str:
    return NOT_COUNTED if value is None else f"{value:,}"


def share(value: float) -> Trusted:
    """A share in a card, a figure that needs no escapes."""
    return Trusted(share_shown(value))


def size(value: float) -> str:
    """Bytes for people, powers of 1,000."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} TB"


def measured(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a step tells of its tables, in lines: the keys that lead to a value, and the value; `LINES` at most."""
    found = list(_values(summary, ()))
    more = [("...", f"and {len(found) - LINES:,} more")] if len(found) > LINES else []
    folded = [(" / ".join(keys), " ".join(text.split())) for keys, text in found[:LINES]]
    return [(keys[:CHARS].replace("_", " "), text[:CHARS]) for keys, text in folded] + more


def _values(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, inner in sorted(value.items(), key=lambda item: str(item[0])):
            yield from _values(inner, (*keys, str(key)))
    elif isinstance(value, list):
        shown = ", ".join(str(item) for item in value[:SHOWN])
        yield keys, f"{shown}, ..." if len(value) > SHOWN else shown
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield keys, f"{value:,}"
    else:
        yield keys, str(value)


def _environment(**options: Any) -> Environment:
    environment = Environment(
        loader=PackageLoader("data_cards"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
    )
    environment.filters.update(
        number=number, share=share, size=size, words=lambda name: str(name).replace("_", " "), measured=measured
    )
    return environment
