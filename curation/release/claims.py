"""Claims that were not believed, for the curator: what a document says of itself would have taken another one out.

A claim of one's own may be honest, of an article that states the DOI of a preprint whose text is another; or it is made to
supersede or withhold what it names. Only a person can tell, so nothing happens to the one that is named, and both are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from curation.dedup.clusters import Families
from curation.dedup.edges import Edges, joined
from curation.dedup.ids import Ids
from curation.dedup.rank import Flags, Ints
from curation.joins import some
from schemas import CLAIMS, Reason


class Bearer(Protocol):
    """The mark of a document."""

    @property
    def reason(self) -> Reason: ...

    @property
    def tier(self) -> str | None: ...

    @property
    def name(self) -> str | None: ...


def superseding(families: Families, active: Flags, ids: Ids, tier: str) -> pa.Table:
    """Rows of `CLAIMS` for those that are better copies of a tier than all of the work which they claim to be of."""
    best = np.full(len(ids), len(ids))
    np.minimum.at(best, families.works[active], families.given_rank[active])
    claims = _once(families, families.claims)
    named = best[families.works[claims.b]]
    told = active[claims.a] & (families.given_rank[claims.a] < named) & (named < len(ids))
    mates = np.argsort(families.given_rank)[named[told]]
    return _rows(ids, claims.a[told], mates, Reason.SUPERSEDED, tier, None)


def withholding(families: Families, reached: Flags, ids: Ids, mark: Bearer) -> pa.Table:
    """Rows of `CLAIMS` for those that a mark reached and no document of the work which they claim to be of."""
    works = np.zeros(len(ids), bool)
    works[families.works[reached]] = True
    claims = _once(families, joined(families.claims, families.crowd_claims))
    told = reached[claims.a] & ~works[families.works[claims.b]]
    return _rows(ids, claims.a[told], claims.b[told], mark.reason, mark.tier, mark.name)


def claims_report(claims: pa.Table) -> dict[str, Any]:
    """By reason how many documents would have taken another one out by a claim, and some of them with whom they name."""
    pairs = sorted({(r["reason"], r["doc_id"], r["mate"]) for r in claims.to_pylist()})
    counts = Counter(reason for reason, _, _ in pairs)
    return {
        reason: {"claims": count, "samples": list(some(f"{a} claims to be {b}" for r, a, b in pairs if r == reason))}
        for reason, count in sorted(counts.items())
    }


def _once(families: Families, claims: Edges) -> Edges:
    """One edge for each document and work that it claims to be of."""
    _, first = np.unique(claims.a * len(families.rank) + families.works[claims.b], return_index=True)
    return Edges(claims.a[first], claims.b[first], claims.kind[first], claims.jaccard[first], claims.containment[first])


def _rows(ids: Ids, who: Ints, mates: Ints, reason: Reason, tier: str | None, mark: str | None) -> pa.Table:
    said: Mapping[str, str | None] = {"tier": tier, "reason": reason.value, "mark": mark}
    pairs: Iterator[tuple[str, str]] = zip(
        *(ids.array.take(pa.array(rows)).to_pylist() for rows in (who, mates)), strict=True
    )
    return CLAIMS.rows({"doc_id": doc_id, "mate": mate, **said} for doc_id, mate in pairs)
