"""The outcome of deduplication: a table by id, a summary, and what stands behind one removal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import names, to_arrow
from curation.dedup.bands import Pairs
from curation.dedup.clusters import Clustering
from curation.dedup.edges import KINDS, NEAR, Edges
from curation.dedup.families import NearFamily, families_report, families_text, near_families
from curation.dedup.rank import Flags
from curation.errors import UserError
from pipelines.dedup.scan import Scan
from pipelines.document_files import Documents

RESULT = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("keep", pa.bool_(), nullable=False),
        pa.field("cluster", pa.string(), nullable=False),
        pa.field("mate", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("jaccard", pa.float32()),
        pa.field("containment", pa.float32()),
    ]
)
"""id; keep; cluster: id of the best document that edges lead to, as in the table of components; mate: the kept copy that a removed one was compared with;
kind of that edge, their Jaccard index and containment."""


@dataclass(frozen=True)
class Found:
    """The outcome: one entry a document of the scan, and what was seen on the way.

    Args:
        candidates: pairs that were compared.
        pairs: where these came from.
        part: number of this release; documents of an index have smaller ones.
    """

    scan: Scan
    edges: Edges
    clustering: Clustering
    candidates: int
    pairs: Pairs
    part: int

    def table(self) -> pa.Table:
        """The result by id, as `RESULT`."""
        found, ids = self.clustering, self.scan.ids
        keep = found.head == np.arange(len(ids))
        kinds = names(KINDS)
        columns = [
            ids,
            to_arrow(keep),
            ids.take(to_arrow(found.family)),
            ids.take(to_arrow(found.head, keep)),
            kinds.take(to_arrow(np.where(found.kind < 0, len(KINDS), found.kind).astype(np.int64))),
            to_arrow(found.jaccard, np.isnan(found.jaccard)),
            to_arrow(found.containment, np.isnan(found.containment)),
        ]
        table = pa.Table.from_arrays(columns, schema=RESULT)
        return table if self.part == 0 else table.append_column("change", self._changes(keep))

    def _changes(self, keep: Flags) -> pa.Array:
        """What a new release changed: its copies of old documents, and old ones that it supersedes."""
        is_new = self.scan.part == self.part
        mate_is_new = is_new[self.clustering.head]
        code = np.where(~keep & is_new & ~mate_is_new, 0, np.where(~keep & ~is_new & mate_is_new, 1, 2))
        return names(("new_copy_of_old", "old_superseded_by_new")).take(to_arrow(code))

    def near_families(self) -> list[NearFamily]:
        """Large families of near duplicates."""
        near = to_arrow(np.flatnonzero(self.clustering.kind == NEAR))
        table = self.table().take(near)
        return near_families(*(table[name] for name in ("id", "mate", "cluster")))

    def summary(self) -> str:
        """The outcome for people: a line or two, and the large families of near duplicates."""
        found = self.clustering
        n, removed = len(found.head), int((found.kind >= 0).sum())
        by_kind = ", ".join(f"{int((found.kind == k).sum()):,} {name}" for k, name in enumerate(KINDS))
        text = f"{n:,} documents: {n - removed:,} kept, {removed:,} removed ({by_kind})."
        text += f" {self.candidates:,} pairs compared; largest bucket {self.pairs.largest:,}, "
        text += f"largest cluster {int(np.bincount(found.family).max(initial=0)):,} documents."
        if self.pairs.capped:
            text += f" Too large for all their pairs: {self.pairs.capped:,} buckets of {len(self.pairs.in_capped):,} documents"
            text += ", so some duplicates among these may stay; text that many documents share makes them."
        if self.part:
            changes = self._changes(found.kind < 0).to_pylist()
            text += f" New copies of old: {changes.count('new_copy_of_old'):,}; "
            text += f"old superseded by new: {changes.count('old_superseded_by_new'):,}."
        return "\n".join([text, *families_text(families_report(self.near_families()))])

    def _number(self, name: str) -> int:
        at = pc.index(self.scan.ids, name).as_py()
        if at < 0:
            raise UserError(f"no document has the id {name!r}")
        return int(at)

    def mate_of(self, name: str) -> str | None:
        """Id of the copy that stays in place of a document; None for a document that is kept."""
        at = self._number(name)
        head = int(self.clustering.head[at])
        return None if head == at else str(self.scan.ids[head].as_py())

    def kind_of(self, name: str) -> str:
        """How a removed document matched: exact, identity or near."""
        return KINDS[int(self.clustering.kind[self._number(name)])]

    def likeness(self, name: str) -> tuple[float | None, float | None]:
        """Jaccard index and containment that a removed document was measured with; None for identity alone."""
        at = self._number(name)
        measures = float(self.clustering.jaccard[at]), float(self.clustering.containment[at])
        return (None, None) if np.isnan(measures[0]) else measures

    def texts(self, source: Documents, wanted: tuple[str, ...]) -> dict[str, pa.Array | None]:
        """Texts of documents by id, each an array of one; None for a document that only the index knows."""
        found: dict[str, pa.Array | None] = dict.fromkeys(wanted)
        for batch in source.batches(("id", "text"), again=True):
            ids = batch["id"].to_pylist()
            found.update({i: batch["text"].slice(ids.index(i), 1).combine_chunks() for i in wanted if i in ids})
        return found
