"""What the rows of a part must be: a row a document, or many with an id each; and the order of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import ContractError, first_names


def check_ids(step: str, expected: pa.ChunkedArray, found: pa.ChunkedArray, *, ordered: bool) -> None:
    """Raise ContractError, naming ids, unless a step returned exactly the rows that it was given."""
    if ordered and expected.equals(found):
        return
    before, after = expected.to_pylist(), found.to_pylist()
    if not ordered and sorted(before) == sorted(after):
        return
    counts: dict[str, int] = {}
    for doc_id in before:
        counts[doc_id] = counts.get(doc_id, 0) - 1
    for doc_id in after:
        counts[doc_id] = counts.get(doc_id, 0) + 1
    wrong = {
        "lost": [d for d, n in counts.items() if n < 0],
        "doubled or invented": [d for d, n in counts.items() if n > 0],
    }
    named = "; ".join(f"{what} {first_names(ids)}" for what, ids in wrong.items() if ids)
    raise ContractError(f"step {step}: {named or 'rows came back in another order'}")


def check_many(step: str, documents: pa.ChunkedArray, table: pa.Table) -> None:
    """Raise ContractError, naming ids, unless a table of many rows a document has only ids of `documents`, in their order,
    and each `row_id` once inside its doc_id."""
    place = places(step, documents, table["doc_id"])
    if (steps_back := np.flatnonzero(np.diff(place) < 0)).size:
        raise ContractError(
            f"step {step}: rows are not in the order of their documents ({table['doc_id'][int(steps_back[0]) + 1]})"
        )
    check_row_ids(step, table)


def check_row_ids(step: str, table: pa.Table) -> None:
    """Raise ContractError for a (doc_id, row_id) that occurs twice, naming it."""
    counts = table.select(["doc_id", "row_id"]).group_by(["doc_id", "row_id"]).aggregate([([], "count_all")])
    if counts.num_rows == table.num_rows:
        return
    twice = counts.filter(pc.greater(counts["count_all"], 1)).sort_by(
        [("doc_id", "ascending"), ("row_id", "ascending")]
    )
    named = first_names([f"{row['doc_id']} {row['row_id']!r}" for row in twice.to_pylist()])
    raise ContractError(f"step {step}: row_id occurs twice in its document: {named}")


def check_words(what: str, table: pa.Table, allowed: Mapping[str, Collection[str]]) -> None:
    """Raise ContractError for a word that a column may not hold, naming it and where it stands.

    Args:
        what: who wrote the table.
        allowed: column -> its words; null is one of each.
    """
    for column, words in allowed.items():
        known = pc.is_in(table[column], value_set=pa.array([*words, None], pa.string()))
        if (wrong := table.filter(pc.invert(known))).num_rows:
            row = wrong.slice(0, 1).to_pylist()[0]
            of = f" of {row['doc_id']}" if "doc_id" in row else ""
            raise ContractError(f"{what}: {column} {row[column]!r}{of}; it is one of {', '.join(words)}")


def in_order(step: str, documents: pa.ChunkedArray, table: pa.Table, *, many: bool) -> pa.Table:
    """Rows of a part in the order of its documents, those of one document by `row_id` where there are many.

    Raises:
        ContractError: a row of another document, or one (doc_id, row_id) twice.
    """
    table = table.append_column("_place", pa.array(places(step, documents, table["doc_id"])))
    keys = [("_place", "ascending")]
    if many:
        check_row_ids(step, table)
        keys.append(("row_id", "ascending"))
    return table.take(pc.sort_indices(table, sort_keys=keys)).drop_columns(["_place"])


def places(step: str, documents: pa.ChunkedArray, doc_ids: pa.ChunkedArray) -> np.ndarray:
    """The place of each row's document in the part; raises ContractError, naming ids, for documents of no place."""
    place = pc.index_in(doc_ids, value_set=documents.combine_chunks())
    if place.null_count:
        raise ContractError(
            f"step {step}: invented {first_names(sorted(set(doc_ids.filter(place.is_null()).to_pylist())))}"
        )
    at: np.ndarray = place.to_numpy().astype(np.int64)
    return at
