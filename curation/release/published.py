"""What every target shares: the files of a release that go out, what may not, and what was published."""

from __future__ import annotations

from dataclasses import dataclass

from curation.errors import UserError, first_names
from curation.release.audited import why_not_public
from schemas.card import CARD_PAGES
from schemas.files import AUDIT_FILES
from schemas.manifest import MANIFEST_NAME, Manifest

CARD_FILES = (*CARD_PAGES, "card.json", *AUDIT_FILES)
"""What goes with the data files and the manifest; the audit when it is there."""


@dataclass(frozen=True)
class Published:
    """What was published where; `commit` only on the Hub."""

    target: str
    manifest_sha256: str
    files: int
    bytes: int
    commit: str | None = None


def published_files(manifest: Manifest) -> list[str]:
    """Paths below the release folder, data files first, manifest.json last."""
    cards = [name for name in CARD_FILES if manifest.place.size(name) is not None]
    return [*(f.file for f in manifest.files), *cards, MANIFEST_NAME]


def summary(manifest: Manifest, target: str, commit: str | None = None) -> Published:
    """What was published there, once all of it is."""
    files = published_files(manifest)
    size = sum(manifest.place.size(name) or 0 for name in files)
    return Published(target, manifest.sha256, len(files), size, commit)


def may_be_public(manifest: Manifest) -> bool:
    """Whether a release lacks no papers by the machine's fault, and its audit looked for the benchmarks of its run and passed."""
    return not manifest.open_failures and why_not_public(manifest) is None


def check_may_be_public(manifest: Manifest, place: str) -> None:
    """Raises UserError unless a release may become public at a place (see `may_be_public`)."""
    if manifest.open_failures:
        raise UserError(
            f"{place} is public, and {manifest.open_failures:,} papers of this release could not be read by the fault of the "
            f"machine ({first_names(manifest.open_failures_first, manifest.open_failures)}): run the same command again, which asks them again, "
            "until the release says nothing of them"
        )
    if why := why_not_public(manifest):
        raise UserError(f"{place} is public, and {why}")


def check_replaces(where: str, earlier: Manifest, manifest: Manifest) -> None:
    """Raises UserError unless one release may take the place of another: they have one name."""
    if earlier.name != manifest.name:
        raise UserError(
            f"{where}: holds the release {earlier.name!r}, and this is {manifest.name!r}, which would replace it; name "
            "another place, or empty that one first"
        )
