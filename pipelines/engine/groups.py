"""Files of groups, one for each partition or part: what an exchange writes on its way, and tables cut to parts.

They are Arrow IPC files with a record batch a group, for every reader wants one group of many: the footer of a Parquet file is
parsed whole, every column of every group, and took most of what merges cost (`tests.benchmarks.groups`). The receipt holds a
digest of each group's rows, so that who reads some groups depends on these only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pyarrow as pa

from curation.errors import ContractError
from curation.hashes import row_hashes
from curation.parquet import ZSTD_LEVEL
from pipelines.engine.receipt import Receipt
from pipelines.engine.store import Store

GROUPS = "astrocorpus.groups"
"""Key of the schema's metadata, JSON: the number of each record batch's group, and the digest of each group's rows."""
SHELF = 256
"""Parts whose groups lie in one file: its list of groups is read whole for every group."""
DIGEST_BYTES = 8
"""Of a group's digest in a receipt: a large exchange has millions of groups."""


def told(numbers: Sequence[int], digests: Sequence[str]) -> dict[str, Any]:
    """What a receipt's `extra` says of groups, by ascending number: a list and a string, for there may be many."""
    return {"groups": {"numbers": [int(n) for n in numbers], "digests": "".join(digests)}}


def check_numbers(step: str, receipts: Iterable[Receipt], count: int) -> None:
    """Raise ContractError for a split that sends rows to a partition that there is none of: nobody would read them.

    Args:
        receipts: of all splits, those that were there among them; one that says nothing of its groups is a dry run's.
        count: partitions.
    """
    for receipt in receipts:
        numbers = receipt.extra.get("groups", {}).get("numbers", ())
        if wrong := [n for n in numbers if not 0 <= n < count]:
            raise ContractError(
                f"step {step}, split of part {receipt.part}: rows go to partition {wrong[0]}, and there are {count:,}, from 0 "
                "on; mend its `split`, and give the step a new version"
            )


class GroupDigests:
    """Digests of the groups of equal number in several files, whatever the order of the files.

    Args:
        receipts: of the files; one that says nothing of its groups (a dry run's) stands for all of them.
        with_part: the number of the file's part counts too.
    """

    def __init__(self, receipts: Iterable[Receipt], *, with_part: bool = False) -> None:
        self._sums: dict[int, int] = {}
        self._unknown = 0
        for receipt in receipts:
            part = receipt.part if with_part else 0
            groups = receipt.extra.get("groups")
            if groups is None:
                self._unknown += _number(f"{part} {receipt.sha256}")
                continue
            size = 2 * DIGEST_BYTES
            for i, number in enumerate(groups["numbers"]):
                body = groups["digests"][size * i : size * (i + 1)]
                self._sums[number] = self._sums.get(number, 0) + _number(f"{part} {body}")

    def of(self, number: int) -> str:
        """Digest of the groups of a number; "none" when no file has one."""
        total = self._sums.get(number, 0) + self._unknown
        return f"{total % 2**128:032x}" if total else "none"


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


class RowDigests:
    """Digests of rows of a table and their order, whatever chunks they come in. They are no defence: of two sets of rows with
    equal digests a forger could make one. They tell whether rows changed."""

    def __init__(self, table: pa.Table) -> None:
        self._names = hashlib.sha256(json.dumps(table.column_names).encode())
        self._hashes = row_hashes(table)

    def of(self, rows: slice | np.ndarray) -> str:
        """Digest of some rows, by their numbers."""
        digest = self._names.copy()
        digest.update(self._hashes[rows].tobytes())
        return digest.digest()[:DIGEST_BYTES].hex()


def grouped(rows: pa.Table, by: pa.ChunkedArray) -> tuple[pa.Table, list[int], list[tuple[int, int]]]:
    """Rows sorted by an integer column, stable; the numbers in it, and (offset, rows) of each number."""
    keys = by.to_numpy().astype(np.int64, copy=False)
    order = np.argsort(keys, kind="stable")
    numbers, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
    table = rows.take(pa.array(order))
    return table, numbers.tolist(), list(zip(starts.tolist(), counts.tolist(), strict=True))


def shelves(numbers: Sequence[int]) -> dict[str, tuple[int, int]]:
    """Groups by part, `SHELF` parts a file: name of the side file ("" for the first, which is always there) -> the range of
    its groups in `numbers`, which ascend. A footer is read whole for every group, so it must not grow with the parts."""
    found = {"": (0, int(np.searchsorted(numbers, SHELF)))}
    while (start := next(reversed(found.values()))[1]) < len(numbers):
        shelf = numbers[start] // SHELF
        found[_shelf(shelf)] = (start, int(np.searchsorted(numbers, SHELF * (shelf + 1))))
    return found


def shelf_file(receipt: Receipt, part: int) -> str:
    """The file of shelved groups that holds a part's, if any does."""
    side = receipt.beside.get(_shelf(part // SHELF))
    return side.file if side is not None else receipt.file


def _shelf(number: int) -> str:
    return f"shelf-{number:05d}"


@dataclass(frozen=True)
class Groups:
    """What a file of groups is made of: a table, and (offset, rows), number and digest of each of its groups."""

    table: pa.Table
    groups: Sequence[tuple[int, int]]
    numbers: Sequence[int]
    digests: Sequence[str]

    def slice(self, first: int, last: int) -> Groups:
        """Some of the groups, by their places."""
        offset = self.groups[first][0] if last > first else 0
        mine = [(start - offset, rows) for start, rows in self.groups[first:last]]
        table = self.table.slice(offset, sum(rows for _, rows in mine))
        return Groups(table, mine, self.numbers[first:last], self.digests[first:last])

    def write(self, sink: IO[bytes]) -> None:
        """Write the file; a group of more text than one batch can hold takes several."""
        batches, numbers = [], []
        for (offset, rows), number in zip(self.groups, self.numbers, strict=True):
            mine = self.table.slice(offset, rows).combine_chunks().to_batches()
            batches += mine
            numbers += [int(number)] * len(mine)
        digests = dict(zip(map(str, self.numbers), self.digests, strict=True))
        schema = self.table.schema.with_metadata({GROUPS: json.dumps({"batches": numbers, "digests": digests})})
        options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", ZSTD_LEVEL), use_threads=False)
        with pa.ipc.new_file(sink, schema, options=options) as writer:
            for batch in batches:
                writer.write_batch(batch)


def read_group(store: Store, file: str, group: int, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one group of a file; an empty table with its schema when it has none.

    Args:
        columns: those that are read, unchecked; default all.

    Raises:
        ContractError: the file says nothing of groups.
        RunError: it is missing or damaged.
    """
    if columns is None:
        return gather_group(store, (file,), group)[0]
    return _read(store, file, group, columns)[0]


def gather_group(store: Store, files: Sequence[str], group: int) -> list[pa.Table]:
    """The rows of one group in each of some files, as `read_group` reads and checks each. They are checked together, file after
    file of one schema, for most files hold few rows of a group, and to begin a check takes as long as thousands of rows."""
    found = [_read(store, file, group) for file in files]
    alike: dict[pa.Schema, list[int]] = {}
    for i, (table, _) in enumerate(found):
        alike.setdefault(table.schema, []).append(i)
    for mine in alike.values():
        digests, start = RowDigests(pa.concat_tables(found[i][0] for i in mine)), 0
        for i in mine:
            table, told = found[i]
            if (digests.of(slice(start, start + table.num_rows)) if table.num_rows else None) != told:
                with store.reading(files[i]):
                    raise OSError(f"the rows of group {group} are not those that were written")
            start += table.num_rows
    return [table for table, _ in found]


def _read(store: Store, file: str, group: int, columns: Sequence[str] | None = None) -> tuple[pa.Table, str | None]:
    """The rows of a group, and the digest with which they were written; None of one that has none."""
    with store.arrow(file, columns) as reader:
        told = _told(reader, file)
        batches = [_batch(reader, i) for i, number in enumerate(told["batches"]) if number == group]
        return pa.Table.from_batches(batches, reader.schema.remove_metadata()), told["digests"].get(str(group))


def read_groups(store: Store, file: str, columns: Sequence[str]) -> Iterator[tuple[int, pa.Table]]:
    """Number and rows of every group of a file; raises as `read_group`."""
    with store.arrow(file, columns) as reader:
        for i, number in enumerate(_told(reader, file)["batches"]):
            yield number, pa.Table.from_batches([_batch(reader, i)])


def _told(reader: pa.ipc.RecordBatchFileReader, file: str) -> dict[str, Any]:
    body = (reader.schema.metadata or {}).get(GROUPS.encode())
    if body is None:
        raise ContractError(f"{file} has no groups")
    value: dict[str, Any] = json.loads(body)
    if missing := {"batches", "digests"} - value.keys():
        raise OSError(f"it says nothing of {', '.join(missing)}")
    return value


def _batch(reader: pa.ipc.RecordBatchFileReader, number: int) -> pa.RecordBatch:
    """A record batch, whose damage is an error here: what offsets point at nothing would end the process later."""
    batch = reader.get_batch(number).replace_schema_metadata(None)
    batch.validate(full=True)
    return batch
