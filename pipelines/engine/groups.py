"""Files with a row group for each partition or part: what an exchange writes on its way, and tables cut to parts.

The receipt holds a digest of each group's rows, so that who reads some groups depends on these only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from curation.errors import ContractError
from curation.hashes import row_hashes
from pipelines.engine.receipt import Receipt
from pipelines.engine.store import Store

GROUPS = "astrocorpus.groups"
"""Footer key: the number of each row group, as a JSON list."""
SHELF = 256
"""Parts whose groups lie in one file. Measured: a footer of 256 groups of 16 columns takes 7 ms, one of 5,000 160 ms."""
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
        self._hashes = row_hashes(table) if table.num_rows else np.zeros(0, np.uint64)

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
    table = rows.take(pa.array(order)) if rows.num_rows else rows
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


def read_group(store: Store, file: str, group: int) -> pa.Table:
    """The rows of one group of a file; an empty table with its schema when it has none.

    Raises:
        ContractError: the file says nothing of groups.
    """
    with store.parquet(file) as parquet:
        body = (parquet.schema_arrow.metadata or {}).get(GROUPS.encode())
        if body is None:
            raise ContractError(f"{file} has no groups")
        wanted = [i for i, value in enumerate(json.loads(body)) if value == group]
        table = parquet.read_row_groups(wanted) if wanted else parquet.schema_arrow.empty_table()
    return table.replace_schema_metadata(None)
