"""Sets of arXiv ids in little memory, and the tar in which an id lies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from curation.sources.bulk.manifest import Chunk, Manifest, month_number


def squashed(id_: str) -> str:
    """An id as manifests and members of tars have it: `astro-ph0001001` of astro-ph/0001001."""
    return id_.replace("/", "")


class IdSet:
    """A set of arXiv ids, squashed: a bit each number of a month and archive. All of arXiv takes about 3 MB."""

    def __init__(self) -> None:
        self._bits: dict[str, bytearray] = {}
        self._months: dict[int, list[str]] = {}
        """The keys of `_bits` that are of a month."""
        self._size = 0

    def add(self, item: str) -> bool:
        """Whether it is new."""
        month, number = _split(item)
        if (bits := self._bits.get(month)) is None:
            bits = self._bits[month] = bytearray()
            self._months.setdefault(month_number(month[-4:]), []).append(month)
        if len(bits) <= number >> 3:
            bits.extend(bytes((number >> 3) + 1 - len(bits)))
        is_new = not bits[number >> 3] >> (number & 7) & 1
        bits[number >> 3] |= 1 << (number & 7)
        self._size += is_new
        return is_new

    def __contains__(self, item: str) -> bool:
        month, number = _split(item)
        bits = self._bits.get(month, b"")
        return number >> 3 < len(bits) and bool(bits[number >> 3] >> (number & 7) & 1)

    def __len__(self) -> int:
        return self._size

    def between(self, first: str, last: str) -> Iterator[str]:
        """Its ids from one to another, of the months of both and those between them, in the order of their letters."""
        (first_month, low), (last_month, high) = _split(first), _split(last)
        oldest, newest = sorted(month_number(month[-4:]) for month in (first_month, last_month))
        for month in sorted(month for n in range(oldest, newest + 1) for month in self._months.get(n, ())):
            form = "{}{:03d}" if len(month) > 4 else "{}.{:05d}" if month >= "1501" else "{}.{:04d}"
            numbers = self._numbers(month, low if month == first_month else 0, high if month == last_month else 99_999)
            yield from (item for n in numbers if first <= (item := form.format(month, n)) <= last)

    def _numbers(self, month: str, low: int, high: int) -> Iterator[int]:
        bits = self._bits.get(month, b"")
        return (n for n in range(low, min(high + 1, len(bits) * 8)) if bits[n >> 3] >> (n & 7) & 1)


def _split(item: str) -> tuple[str, int]:
    """Month (with its archive) and number."""
    month, dot, number = item.partition(".")
    return (month, int(number)) if dot else (item[:-3], int(item[-3:]))


class Ranges:
    """Which tar of a manifest an id lies in, by the first and last ids that it states."""

    def __init__(self, manifest: Manifest) -> None:
        self._months: dict[str, tuple[list[str], list[Chunk]]] = {}
        for chunk in sorted(manifest.chunks, key=lambda c: c.first_item):
            firsts, chunks = self._months.setdefault(chunk.yymm, ([], []))
            firsts.append(chunk.first_item)
            chunks.append(chunk)

    def chunk_of(self, item: str) -> Chunk | None:
        """The tar whose range holds a squashed id, None when none does; where ranges overlap, that which begins last."""
        firsts, chunks = self._months.get(_split(item)[0][-4:], ([], []))
        before = chunks[: bisect_right(firsts, item)]
        return next((chunk for chunk in reversed(before) if item <= chunk.last_item), None)

    def has_month(self, item: str) -> bool:
        return _split(item)[0][-4:] in self._months
