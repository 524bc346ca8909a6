"""What a fetch of arXiv's tars would take, takes and has, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from curation.errors import counted, first_names
from curation.sources.bulk.fetch import Outcome
from curation.sources.bulk.holdings import SETTLED, Holdings, State
from curation.sources.bulk.manifest import Chunk, Difference, Manifest
from curation.sources.bulk.oddities import oddities
from curation.sources.bulk.plan import Plan
from curation.sources.bulk.prices import PART_BYTES, Prices, requests_of
from curation.sources.bulk.saved import Saved
from curation.sources.bulk.spending import Spending
from curation.sources.bulk.verify import Verified
from pipelines.selected import Selected


def gigabytes(size: int) -> str:
    """Bytes as people say them, in powers of ten."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.2f} MB"


def usd(value: float) -> str:
    return f"USD {value:,.2f}" if value >= 1 else f"USD {value:.4f}"


def manifest_lines(manifest: Manifest, where: str) -> Iterator[str]:
    chunks = manifest.chunks
    papers = sum(chunk.num_items for chunk in chunks)
    made = f", made {manifest.timestamp}" if manifest.timestamp else ""
    months = f"{chunks[0].yymm} to {chunks[-1].yymm}"
    size = gigabytes(sum(chunk.size for chunk in chunks))
    yield f"{where}: {len(chunks):,} tars of {manifest.kind}, {months}, {size}, {papers:,} papers{made}"
    yield from (f"  odd: {line}" for line in oddities(manifest))


def difference_lines(found: Difference) -> Iterator[str]:
    """What a newer manifest says otherwise."""
    rewritten = [new for _, new in found.rewritten]
    for words, chunks in (("new", found.new), ("rewritten", rewritten), ("gone", found.gone)):
        names = first_names([chunk.filename for chunk in chunks])
        yield f"{words}: {counted(len(chunks), 'tars')}, {gigabytes(sum(chunk.size for chunk in chunks))}" + (
            f": {names}" if names else ""
        )
    if found.with_old_content:
        names = first_names([chunk.filename for chunk in found.with_old_content])
        yield f"{len(found.with_old_content):,} of the rewritten ones keep their content_md5sum, which so decides nothing: {names}"


def plan_lines(plan: Plan, chosen: Selected, prices: Prices) -> Iterator[str]:
    yield (
        f"{chosen.snapshot}: {chosen.taken:,} of {chosen.records:,} records are wanted ({chosen.select.told()}), "
        f"{len(plan.wanted):,} papers"
    )
    if chosen.nameless:
        yield f"  {chosen.nameless:,} of these records have no arXiv id: no tar can be looked for"
    if chosen.unsure:
        yield f"  {chosen.unsure:,} of these records say nothing of what was asked, and count as wanted"
    if doubled := chosen.taken - chosen.nameless - len(plan.wanted):
        yield f"  {doubled:,} of these records speak of a paper that another one speaks of"
    total = len(plan.manifest.chunks)
    yield f"{len(plan.tars):,} of {total:,} tars have wanted papers in their range of ids: {gigabytes(plan.size)}; {total - len(plan.tars):,} have none"
    share = 100 * plan.covered / plan.papers if plan.papers else 0.0
    yield f"{plan.covered:,} of the {plan.papers:,} papers in them are wanted ({share:.1f} %)"
    if lost := sum(plan.not_covered.values()):
        why = ", ".join(f"{count:,} {words}" for words, count in plan.not_covered.items())
        yield f"{lost:,} wanted papers lie in no tar's range: {why}: {first_names(plan.first_not_covered, lost)}"
    yield from cost_lines(plan.requests, plan.max_bytes, prices)


def cost_lines(requests: int, size: int, prices: Prices) -> Iterator[str]:
    yield (
        f"cost: at most {usd(prices.usd(requests, size))} = {counted(requests, 'requests')} of {PART_BYTES >> 20} MiB x "
        f"USD {prices.usd_per_1000_requests}/1,000 + {size / 2**30:,.1f} GiB x USD {prices.usd_per_gb}"
    )
    if prices.usd_per_gb:
        free = prices.usd(requests, 0)
        yield f"  from a machine in us-east-1 transfer is free (--usd-per-gb 0): {usd(free)}"


def indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def standing_lines(states: Mapping[Chunk, State], prices: Prices) -> Iterator[str]:
    """What of a plan is there already, why the rest is to be fetched, and what that costs."""
    for state in State:
        if chunks := [chunk for chunk, its in states.items() if its is state]:
            names = "" if state is State.THERE else f": {first_names([chunk.filename for chunk in chunks])}"
            yield f"{state}: {counted(len(chunks), 'tars')}, {gigabytes(sum(chunk.size for chunk in chunks))}{names}"
    if left := [chunk for chunk, state in states.items() if state not in SETTLED | {State.QUARANTINED}]:
        sizes = [chunk.max_bytes for chunk in left]
        yield f"left: {counted(len(left), 'tars')}"
        yield from indented(cost_lines(sum(requests_of(size) + 1 for size in sizes), sum(sizes), prices))


def outcome_lines(outcome: Outcome, spent: Spending, prices: Prices) -> Iterator[str]:
    """What a fetch did."""
    yield f"{counted(outcome.fetched, 'tars')} fetched, {outcome.there:,} were there"
    yield from (f"failed: {words}" for words in outcome.failed.values())
    yield from _absent_lines(outcome.absent)
    yield from _note_lines(outcome.notes)
    yield spent_line(spent, prices)


def status_lines(holdings: Holdings, plan: Saved, prices: Prices, paid: Prices) -> Iterator[str]:
    """What of a fetch is there, and what is left.

    Args:
        prices: of where the last fetch was from; paid: of what fetches cost that were not from a folder.
    """
    yield f"{holdings.folder}: {_what(plan)}"
    states = dict(plan.states(holdings))
    yield from standing_lines(states, prices)
    receipts = [
        r for chunk, state in states.items() if state is State.THERE and (r := holdings.receipt(chunk.filename))
    ]
    if kept := sum(receipt.kept_bytes for receipt in receipts):
        yield f"on disk: {gigabytes(kept)} of tars, {gigabytes(holdings.aside_bytes())} under way or quarantined"
    yield from (f"  under way: {path.name.removesuffix('.part')}" for path in sorted(holdings.parts().glob("*.part")))
    aside = [holdings.quarantined(chunk.filename) for chunk, state in states.items() if state is State.QUARANTINED]
    yield from (f"  {told.words}" for told in aside if told)
    yield from _absent_lines([item for receipt in receipts for item in receipt.absent])
    yield from _note_lines({receipt.filename: receipt.note for receipt in receipts if receipt.note})
    yield spent_line(Spending(holdings.spent_log), paid)
    if others := holdings.others({chunk.filename for chunk, *_ in plan.tars}):
        yield from _others_lines(holdings, others)


def earlier_lines(holdings: Holdings, plan: Saved, prices: Prices) -> Iterator[str]:
    """How the tars stand that an earlier fetch of other papers into the same folder was for."""
    yield f"earlier fetch: {_what(plan)}"
    yield from indented(standing_lines(dict(plan.states(holdings)), prices))


def _what(plan: Saved) -> str:
    return (
        f"{len(plan.tars):,} tars from {plan.bucket} with wanted papers ({plan.selection}); keep {plan.kept}; manifest of "
        f"{plan.timestamp or 'an unknown time'}"
    )


def _others_lines(holdings: Holdings, names: list[str]) -> Iterator[str]:
    """Tars of earlier fetches, which are told by their receipts: what was wanted then is not known any more."""
    receipts = [receipt for name in names if (receipt := holdings.receipt(name))]
    size = gigabytes(sum(receipt.kept_bytes for receipt in receipts))
    yield f"{counted(len(names), 'tars')} here are of other selections or manifests, {size}: {first_names(names)}"
    if lost := [r.filename for r in receipts if (holdings.place.size(r.filename) or 0) != r.kept_bytes]:
        yield f"  {State.LOST}: {counted(len(lost), 'tars')}: {first_names(lost)}"


def verified_lines(found: Verified) -> Iterator[str]:
    yield f"{found.right:,} tars are right"
    yield from (f"wrong: {name}: {words}" for name, words in found.wrong.items())
    if found.unknown:
        yield f"{len(found.unknown):,} files are of no fetch: {first_names(found.unknown)}"


def _absent_lines(absent: list[str]) -> Iterator[str]:
    if absent:
        yield f"{len(absent):,} wanted papers are not in the tar whose range they are in: {first_names(absent)}"


def _note_lines(notes: Mapping[str, str]) -> Iterator[str]:
    return (f"  odd: {name}: {words}" for name, words in notes.items())


def spent_line(spent: Spending, prices: Prices) -> str:
    return f"so far: {counted(spent.requests, 'requests')}, {gigabytes(spent.bytes)}: at most {usd(prices.usd(spent.requests, spent.bytes))}"
