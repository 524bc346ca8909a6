"""Tells an outage from broken papers: when a source is gone, or a part has many papers that cannot be opened, the run stops.

A few papers that cannot be opened are failed rows, asked again in every run. An outage makes no rows: what it touched would
be released without papers that are only away. Papers that are listed no more, too few for an outage, are told as a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from curation.errors import RunError, first_names
from curation.sources.source import Source
from pipelines.engine.listed import Members
from pipelines.engine.receipt import Fault
from schemas import Reason

MIN_PAPERS = 3
MAX_SHARE = 0.01
"""More papers of a part than this share, and at least `MIN_PAPERS`, are an outage."""
MIN_GONE_SHARE = 0.5
AGAIN = "nothing was taken for removed or broken: run the same command when it is back"


def stop_at_outage(
    step: str, part: int, faults: Mapping[str, Fault], rows: int, sources: Iterable[Source] = ()
) -> None:
    """Raise when what a part could not read is an outage.

    Args:
        faults: failures of the machine in the part, by doc_id.
        rows: papers of the part.
        sources: those that it reads.

    Raises:
        RunError: a source is gone while a paper could not be read, or too many could not.
    """
    unread = [doc_id for doc_id, fault in faults.items() if fault.reason == Reason.IO_ERROR]
    if not unread:
        return
    where = f"step {step}, part {part}: {len(unread):,} of {rows:,} papers cannot be read ({first_names(unread)})"
    if away := next((source for source in sources if source.is_away()), None):
        raise RunError(f"{where}: source {away.source!r}, {away.path}, is gone or empty; {AGAIN}")
    if len(unread) >= MIN_PAPERS and len(unread) > MAX_SHARE * rows:
        raise RunError(
            f"{where}; that is an outage of the source or of its mount, or files that this user may not read: mend it. {AGAIN}"
        )


def stop_at_lost_entries(source: str, path: str, gone: Members, before: int) -> None:
    """Raise when a source suddenly lacks most of what it listed in the last run: that is an outage, not a removal.

    Args:
        gone: members that the source listed then and does not list now.
        before: how many it listed then.

    Raises:
        RunError: more than half are gone, and at least `MIN_PAPERS`.
    """
    if gone.count >= MIN_PAPERS and gone.count > MIN_GONE_SHARE * before:
        raise RunError(
            f"source {source!r}, {path}: {gone.count:,} of the {before:,} papers of the last run are gone "
            f"({gone.words}). {AGAIN}; if they were removed on purpose, say so with --accept-removed"
        )


def lost_entries(source: str, gone: Members, before: int) -> str | None:
    """A warning about the papers that a source lacks since the last run; None when it lacks none.

    Args:
        gone, before: as `stop_at_lost_entries`.
    """
    if not gone.count:
        return None
    return (
        f"source {source!r}: {gone.count:,} of the {before:,} papers of the last run are gone ({gone.words}) and were "
        "taken for removed; if they are only away, run the same command when they are back"
    )
