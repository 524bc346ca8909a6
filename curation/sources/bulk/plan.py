"""Which tars hold the papers that are wanted, and what they cost, before anything is fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from curation.sources.bulk.ids import IdSet, Ranges, squashed
from curation.sources.bulk.manifest import Chunk, Manifest, month_number
from curation.sources.bulk.prices import Prices, requests_of

NOT_COVERED = (
    "of months before the manifest's first",
    "of months after the manifest's last",
    "of months between, that it lists no tar of",
    "of listed months, in no tar's range",
)
"""Why no tar covers a paper, in words."""


@dataclass(frozen=True)
class Plan:
    """What a fetch of the papers that are wanted would take.

    Args:
        manifest: what lists the tars.
        wanted: ids of the papers, without slash.
        tars: those in whose range a wanted paper lies, in the order of months, and how many do.
        not_covered: why (`NOT_COVERED`) -> number of wanted papers that lie in no tar's range.
        first_not_covered: the first of them.
    """

    manifest: Manifest
    wanted: IdSet
    tars: Mapping[Chunk, int]
    not_covered: Mapping[str, int]
    first_not_covered: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of the tars, as the manifest says."""
        return sum(chunk.size for chunk in self.tars)

    @property
    def max_bytes(self) -> int:
        """Bytes that they have at most."""
        return sum(chunk.max_bytes for chunk in self.tars)

    @property
    def requests(self) -> int:
        """Requests that fetch them, and ask for the size of each."""
        return sum(requests_of(chunk.max_bytes) + 1 for chunk in self.tars)

    @property
    def papers(self) -> int:
        """Papers that the tars hold, as the manifest counts them."""
        return sum(chunk.num_items for chunk in self.tars)

    @property
    def covered(self) -> int:
        """Wanted papers that lie in a tar's range; whether the tar holds each of them is only seen in it."""
        return sum(self.tars.values())

    def usd(self, prices: Prices) -> float:
        return prices.usd(self.requests, self.max_bytes)


def make_plan(manifest: Manifest, ids: Iterable[str], tell: Callable[[str], object] = lambda _: None) -> Plan:
    """The plan for some papers; holds a bit a paper, however many there are.

    Args:
        ids: arXiv ids as `curation.identity` spells them; one that comes twice counts once.
        tell: is given each id that no tar covers.
    """
    ranges, wanted = Ranges(manifest), IdSet()
    counts: Counter[Chunk] = Counter()
    not_covered: Counter[str] = Counter()
    first: list[str] = []
    months = [month_number(chunk.yymm) for chunk in manifest.chunks]
    earliest, latest = min(months), max(months)
    for id_ in ids:
        item = squashed(id_)
        if not wanted.add(item):
            continue
        if chunk := ranges.chunk_of(item):
            counts[chunk] += 1
            continue
        not_covered[_why(item, ranges, earliest, latest)] += 1
        first += [id_] if len(first) < 5 else []
        tell(id_)
    tars = {chunk: counts[chunk] for chunk in manifest.chunks if chunk in counts}
    return Plan(
        manifest, wanted, tars, {why: not_covered[why] for why in NOT_COVERED if why in not_covered}, tuple(first)
    )


def _why(item: str, ranges: Ranges, first: int, last: int) -> str:
    month = month_number(item.partition(".")[0][-4:] if "." in item else item[-7:-3])
    if month < first:
        return NOT_COVERED[0]
    if month > last:
        return NOT_COVERED[1]
    return NOT_COVERED[3 if ranges.has_month(item) else 2]
