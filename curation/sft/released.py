"""The documents that pairs are made of: those that some tier releases, with the texts that it releases."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from curation.release.texts import with_edits
from curation.step import Inputs
from schemas import DECISIONS


def released_documents(inputs: Inputs, tiers: tuple[str, ...]) -> pa.Table:
    """The rows of `documents` that some tier releases, masked where `texts` says so.

    Args:
        inputs: `documents`, `decisions` and, where there are any, `texts` of a part.
        tiers: the release tiers, by name.
    """
    return released(with_edits(inputs["documents"], inputs), inputs[DECISIONS.name], tiers)


def released(documents: pa.Table, decisions: pa.Table, tiers: tuple[str, ...]) -> pa.Table:
    """Documents less those that every tier drops, withholds or could not read."""
    out = Counter(decisions["doc_id"].to_pylist())
    nowhere = pa.array([d for d, n in out.items() if n == len(tiers)], pa.string())
    return documents.filter(pc.invert(pc.is_in(documents["doc_id"], value_set=nowhere)))
