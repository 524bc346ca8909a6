"""Draws the data card of a release: at the end of a run, or anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from curation.errors import RunError, UserError
from pipelines.engine.progress import Reporter
from schemas.files import Files


def draw_card(
    release: Files,
    report: Mapping[str, Any],
    reporter: Reporter,
    tokenizer: Path | None = None,
    tiers: Sequence[str] | None = None,
    counted_in: Files | None = None,
) -> None:
    """Write the data card of a release beside its manifest, of all tiers of the report or some.

    Tokens that an earlier card counted in these shards stay counted: counting a corpus takes long.

    Args:
        counted_in: the release folder of that card; default `release` itself.

    Raises:
        UserError: the tokenizer cannot be used.
        RunError: the report and the release do not agree, or the card cannot be written.
    """
    try:
        from data_cards import CardError, TokenizerError, read_card, write_card
        from schemas.manifest import ManifestError
    except ImportError:
        reporter.say("no data card: pip install 'astrocorpus[cards]', then `astrocorpus card`")
        return
    try:
        counted = read_card(counted_in or release)
        write_card(release, tiers, report, tokenizer_json=tokenizer, counted=counted)
    except TokenizerError as error:
        raise UserError(str(error)) from error
    except (CardError, ManifestError) as error:
        raise RunError(f"the data card cannot be drawn: {error}") from error


def redraw_card(release: Files, tokenizer: Path | None = None) -> None:
    """Draw the card of a release folder anew, from what its card says of the run.

    Raises:
        UserError: the folder is no release, has no card of its own, or the tokenizer cannot be used.
    """
    from data_cards import read_card, report_of
    from schemas.manifest import ManifestError

    try:
        card = read_card(release)
    except ManifestError as error:
        raise UserError(str(error)) from error
    if card is None:
        raise UserError(f"{release.uri} has no card of its own; make the release from its run again")
    draw_card(release, report_of(card), Reporter(), tokenizer)


def redraw_if_drawn(release: Files) -> bool:
    """Draw the card of a release anew where it has one of its own; whether it has.

    Raises:
        RunError: it cannot be written.
    """
    try:
        from data_cards import read_card
    except ImportError:
        return False
    if read_card(release) is None:
        return False
    redraw_card(release)
    return True


def check_tokenizer(path: Path) -> None:
    """Raises UserError when tokens cannot be counted with it: told before a run, not at its end."""
    from data_cards import TokenizerError, load_tokenizer

    try:
        load_tokenizer(path)
    except TokenizerError as error:
        raise UserError(str(error)) from error
