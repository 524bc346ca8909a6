"""Papers that bulk tars hold more than once: arXiv ships each in one tar, so another copy is an older making, a mistake, or forged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.dedup.ids import Ids
from curation.dedup.named import METADATA
from curation.joins import SAMPLES, some

_NAMED_COPIES = 3


def doubled_in_tars(ids: Ids, metadata: Iterator[pa.Table]) -> dict[str, Any]:
    """How many papers lie more than once in bulk tars, and some of them with their copies.

    Args:
        ids: of the documents that edges tie to others; copies of one paper are among them.
        metadata: columns doc_id, paper_id, as_of, part by part.
    """
    told = ids.gather((part.select(["doc_id", "paper_id", "as_of"]) for part in metadata), METADATA)
    members = told.append_column("doc_id", ids.array).filter(pc.is_valid(told["as_of"]))
    papers = members.group_by("paper_id", use_threads=False).aggregate([("doc_id", "list")])
    papers = papers.filter(pc.greater(pc.list_value_length(papers["doc_id_list"]), 1))
    first = papers.sort_by("paper_id").slice(0, SAMPLES)  # a whole set of arXiv may be there twice
    return {"papers": papers.num_rows, "samples": list(some(map(_named, first.to_pylist())))}


def doubled_warnings(found: dict[str, Any]) -> list[str]:
    """The same as a warning, where there is any."""
    if not found["papers"]:
        return []
    return [
        f"bulk tars hold {found['papers']:,} papers more than once ({'; '.join(found['samples'])}). Of one version the copy stays that its "
        "tar dates last, the others are its duplicates (`trace` tells their places). arXiv ships a paper in one tar: take a tar out "
        "of the source that was made anew under another name, or is not arXiv's"
    ]


def _named(paper: dict[str, Any]) -> str:
    copies = sorted(paper["doc_id_list"])
    more = f" and {len(copies) - _NAMED_COPIES:,} more" if len(copies) > _NAMED_COPIES else ""
    return f"{paper['paper_id']}: {', '.join(copies[:_NAMED_COPIES])}{more}"
