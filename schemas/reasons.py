"""The closed lists of words that tables use: statuses, verdicts, reasons, tiers, licences."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What became of a paper in a stage that can fail for one paper."""

    OK = "ok"
    FAILED = "failed"


class Verdict(StrEnum):
    """What a tier does with a document. Keep is derived and never stored."""

    DROP = "drop"
    WITHHOLD = "withhold"
    FAIL = "fail"


class Reason(StrEnum):
    """Why a paper has no text, or why a tier leaves a document out."""

    # the paper could not be read or turned into text
    EMPTY_FILE = "empty_file"
    UNREADABLE = "unreadable"
    BAD_ARCHIVE = "bad_archive"
    UNSAFE_ARCHIVE = "unsafe_archive"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    POSTSCRIPT = "postscript"
    HTML = "html"
    WITHDRAWN_STUB = "withdrawn_stub"
    SOURCE_CHANGED = "source_changed"
    NO_MAIN_FILE = "no_main_file"
    NO_TEXT = "no_text"
    NO_TEXT_LAYER = "no_text_layer"
    PAGES_UNREAD = "pages_unread"
    NO_PAPER = "no_paper"
    ENCRYPTED = "encrypted"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    EXTRACT_ERROR = "extract_error"
    # the machine failed, not the paper
    IO_ERROR = "io_error"
    STALLED = "stalled"
    KILLED = "killed"
    # decisions
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    SUPERSEDED = "superseded_version"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    LICENCE = "licence"
    LICENCE_UNKNOWN = "licence_unknown"
    LANGUAGE = "language"
    LOW_QUALITY = "low_quality"
    RULE = "rule"
    BENCHMARK_SOURCE = "benchmark_source"
    BENCHMARK_OVERLAP = "benchmark_overlap"


_OF_A_TIER = frozenset(
    {
        Reason.DUPLICATE,
        Reason.NEAR_DUPLICATE,
        Reason.SUPERSEDED,
        Reason.REMOVED,
        Reason.WITHDRAWN,
        Reason.LICENCE,
        Reason.LICENCE_UNKNOWN,
        Reason.LANGUAGE,
        Reason.LOW_QUALITY,
        Reason.RULE,
        Reason.BENCHMARK_SOURCE,
        Reason.BENCHMARK_OVERLAP,
    }
)
"""Reasons of a tier's decision about a paper that was read."""
FAILURES = tuple(reason for reason in Reason if reason not in _OF_A_TIER)
"""Reasons why a paper could not be read or turned into text: what can be tried again."""
_WITHHOLDS = frozenset({Reason.BENCHMARK_SOURCE, Reason.BENCHMARK_OVERLAP})


def verdict_of(reason: Reason) -> Verdict:
    """The verdict that a reason gives: each has one, so that the two never say different things of a document."""
    if reason in FAILURES:
        return Verdict.FAIL
    return Verdict.WITHHOLD if reason in _WITHHOLDS else Verdict.DROP


MACHINE_REASONS = frozenset({Reason.IO_ERROR, Reason.SOURCE_CHANGED, Reason.STALLED, Reason.KILLED})
"""Failures that the paper did not cause, so that they are no verdict on it: `io_error`: what the listing named cannot be
opened or read; `source_changed`: it is not what the listing saw; `stalled`: the wall-clock limit passed while the child
got less than half of the CPU time that it might have used; `killed`: the child was ended by a signal that we did not
send. A run asks them again by itself. All other failures are the paper's own and stay."""


class Tier(StrEnum):
    """The release tiers: `research` stays inside the lab; `public` may be redistributed."""

    RESEARCH = "research"
    PUBLIC = "public"
