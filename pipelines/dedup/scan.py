"""One reading of a file of documents: what deduplication keeps of each, about 500 bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.arrays import numbers, to_arrow
from curation.dedup.bands import likeness
from curation.dedup.rank import Flags, Ints
from curation.dedup.scope import Scopes
from curation.errors import UserError
from curation.text.kernel import U64
from curation.text.shingles import Shingling, band_keys, sketch
from pipelines.dedup.shingle_files import ShingleFile
from pipelines.document_files import Documents
from pipelines.documents import COLUMNS

T = TypeVar("T")
RANKS = ("is_journal", "version", "date", "n_words")
"""Columns of the rank that an index keeps, beside alone and the id."""


@dataclass(frozen=True)
class Scan:
    """What is known of all documents after one reading, sorted by id.

    Args:
        ids: sorted; `row` says where each stands in the file, -1 for a document of an index.
        keys: band keys, a row for each document.
        like: `likeness` of each.
        exact: keys of exact copies.
        ranks: the columns of the rank.
        works: what names the work of each, in its scope; null when nothing does.
        alone: makes no pair with another such document.
        sources: name of each one's source; null when the file has none.
        part: release that each came with, as the index counts them; the file's own is the last.
        place, size: where its shingle set lies in the file of its release; noted when it is written.
    """

    ids: pa.Array
    row: Ints
    keys: U64
    like: U64
    exact: npt.NDArray[np.void]
    ranks: pa.Table
    works: pa.Array
    alone: Flags
    sources: pa.Array
    part: Ints
    place: Ints
    size: Ints

    def __len__(self) -> int:
        return len(self.ids)


def each(batches: Iterator[pa.Table], work: Callable[[pa.Table], T], threads: int) -> Iterator[T]:
    """Work done on every batch by threads, in order; few batches are held at a time."""
    if threads == 1:
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[T]] = deque()
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read(
    source: Documents,
    config: Shingling,
    scopes: Scopes,
    threads: int,
    own: ShingleFile | None = None,
    part: int = 0,
) -> Scan:
    """Read the files once: ids, ranks, band keys, exact keys.

    Args:
        own: takes the shingle sets of all documents, for an index.
        part: number of this release; the first may not be empty.

    Raises:
        UserError: an id is null or stands twice.
    """

    def one(batch: pa.Table) -> tuple[pa.Table, Ints, U64, U64, bytes, list[U64]]:
        found = sketch(batch["text"], config, with_sets=own is not None)
        keys = band_keys(found.signatures, config)
        like = likeness(found.signatures)
        return batch.drop_columns(["text"]), found.n_words, keys, like, found.exact.tobytes(), found.sets

    tables, words, exact = [], [np.zeros(0, np.int64)], [b""]
    like = [np.zeros(0, np.uint64)]
    keys, places, sizes = [np.zeros((0, config.bands), np.uint64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for table, n_words, batch_keys, batch_like, batch_exact, sets in each(source.batches(), one, threads):
        tables.append(table)
        words.append(n_words)
        keys.append(batch_keys)
        like.append(batch_like)
        exact.append(batch_exact)
        place, size = own.add(sets) if own is not None else (np.zeros(len(table), np.int64),) * 2
        places.append(place)
        sizes.append(size)
    nothing = pa.table({n: pa.nulls(0, t) for n, t in COLUMNS.items() if n != "text"})
    table = pa.concat_tables([nothing, *tables]).combine_chunks()
    if not len(table) and not part:
        raise UserError(f"{source.name} holds no documents")
    if table["id"].null_count:
        raise UserError(f"{source.name}: {table['id'].null_count} documents have no id")
    row = numbers(pc.sort_indices(table["id"])).astype(np.int64)
    table = table.append_column("n_words", to_arrow(np.concatenate(words))).take(to_arrow(row)).combine_chunks()
    ids = table["id"].combine_chunks()
    doubled = ids[1:].filter(pc.equal(ids[1:], ids[:-1]))
    if len(doubled):
        raise UserError(f"{source.name}: id {doubled[0].as_py()!r} stands there more than once; ids must be unique")
    sources = table["source"].combine_chunks()
    space = scopes.namespaces(sources)
    ranks = {"alone": to_arrow(space.alone), **{c: table[c] for c in RANKS}, "doc_id": ids}
    return Scan(
        ids=ids,
        row=row,
        keys=space.bands(np.concatenate(keys)[row]),
        like=np.concatenate(like)[row],
        exact=space.exact(np.frombuffer(b"".join(exact), "V16")[row]),
        ranks=pa.table(ranks),
        works=works_of(table["work_id"].combine_chunks(), sources, scopes),
        alone=space.alone,
        sources=sources,
        part=np.full(len(ids), part, np.int64),
        place=np.concatenate(places)[row],
        size=np.concatenate(sizes)[row],
    )


def works_of(works: pa.Array, sources: pa.Array, scopes: Scopes) -> pa.Array:
    """work_id of each document, with its source where that is compared within itself only; null where it is empty, or the
    scope is off."""
    if not scopes.root:
        return pc.if_else(pc.binary_length(works).cast(pa.bool_()), works, pa.nulls(len(works), pa.string()))
    kept = []
    for work, source in zip(works.to_pylist(), sources.to_pylist(), strict=True):
        scope = scopes.of(source)
        key = f"{source}\0{work}" if scope == "within" else work
        kept.append(key if work and scope != "off" else None)
    return pa.array(kept, pa.string())
