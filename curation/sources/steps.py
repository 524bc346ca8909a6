"""The config section `metadata`, and the steps from papers to metadata, as the sources of a run ask for them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from curation.sources.joined import Joined
from curation.sources.match_records import Records
from curation.sources.paper_metadata import Metadata
from curation.sources.snapshot import Snapshot, SnapshotFile
from curation.sources.source import Source
from curation.step import MAX_PARTITIONS, Step

PARTITIONS = 16


class JoinedMetadata(BaseModel):
    """How records meet papers.

    Args:
        partitions: of the exchange in which records meet papers; one holds its share of all records at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    partitions: int = Field(default=PARTITIONS, ge=1, le=MAX_PARTITIONS)


def metadata_steps(sources: Sequence[Source], partitions: int = PARTITIONS) -> tuple[Step, ...]:
    """Reading and joining snapshots where a source names one, and what is known of every paper."""
    licences = {source.source: source.licence for source in sources if source.licence is not None}
    files = {source.source: source.metadata for source in sources if source.metadata is not None}
    if not files:
        return (Metadata(licences=licences),)
    named = tuple(sorted(files))
    may_be_unmatched = tuple(source.source for source in sources if source.allow_unmatched)
    return (
        Snapshot(files=tuple(SnapshotFile(source=source, path=files[source]) for source in named)),
        Records(sources=named, partitions=partitions),
        Joined(sources=named, may_be_unmatched=may_be_unmatched),
        Metadata(has_records=True, licences=licences),
    )
