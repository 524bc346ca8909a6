"""`astrocorpus sources plan|fetch|status|verify`: arXiv's bulk tars."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated

import typer

from curation.errors import RunError, UserError
from curation.place import is_address, open_place
from curation.sources.bulk.holdings import STATE, Holdings, Kept
from curation.sources.bulk.prices import USD_PER_1000_REQUESTS, USD_PER_GB, Prices
from pipelines.cli.outputs import check_folder, check_output
from pipelines.engine.progress import LOG_EVERY_S, Reporter, StageProgress
from pipelines.engine.store import Store
from pipelines.engine.terminal import show

if TYPE_CHECKING:
    from curation.sources.bulk.saved import Saved
    from pipelines.selected import Selected

ARXIV = "s3://arxiv"
MB = 1_000_000

Given = Annotated[
    str, typer.Argument(help="Config with `metadata:`, or a metadata snapshot.", metavar="CONFIG.yaml|SNAPSHOT")
]
ManifestFile = Annotated[
    str, typer.Option("--manifest", help="arXiv's list of tars: a file, or s3://arxiv/src/arXiv_src_manifest.xml.")
]
Chosen = Annotated[
    list[str] | None,
    typer.Option("--select", help="Which papers: --select 'categories=\\[astro-ph, gr-qc]' --select from=2007-01-01."),
]
OfSource = Annotated[str | None, typer.Option("--source", help="Which source of the config.")]
PerGb = Annotated[float, typer.Option(min=0, help="USD for 2**30 bytes; 0 on a machine in us-east-1.")]
PerRequests = Annotated[float, typer.Option(min=0, help="USD for 1,000 reading requests.")]
Folder = Annotated[Path, typer.Argument(help="Folder of a fetch.", metavar="DIR")]
MaxUsd = Annotated[float | None, typer.Option(min=0, help="Stop when it costs more.")]


def plan(
    given: Given,
    manifest: ManifestFile,
    older: Annotated[str | None, typer.Option(help="An older manifest: tell what changed since.")] = None,
    select: Chosen = None,
    source: OfSource = None,
    uncovered: Annotated[Path | None, typer.Option(help="Write the ids that no tar covers, one a line.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="Folder of a fetch: tell what of it is there, and what is left.")
    ] = None,
    keep: Annotated[Kept | None, typer.Option(help="As for fetch; default: as the folder of --to was fetched.")] = None,
    usd_per_gb: PerGb = USD_PER_GB,
    usd_per_1000_requests: PerRequests = USD_PER_1000_REQUESTS,
    max_usd: MaxUsd = None,
) -> None:
    """Tell which of arXiv's tars hold wanted papers, and what they cost. Nothing is fetched.

    Examples:

      astrocorpus sources plan corpus.yaml --manifest arXiv_src_manifest.xml

      astrocorpus sources plan snapshot.json.zst --manifest arXiv_src_manifest.xml --select 'categories=\\[astro-ph]'
    """
    from curation.sources.bulk.manifest import difference
    from curation.sources.bulk.manifest_at import manifest_at
    from curation.sources.bulk.plan import make_plan
    from curation.sources.bulk.saved import kept_in
    from curation.sources.bulk.spending import Spending
    from curation.sources.bulk.standing import standing
    from pipelines.selected import selected
    from pipelines.show_bulk import (
        difference_lines,
        indented,
        manifest_lines,
        plan_lines,
        spent_line,
        standing_lines,
    )

    prices = Prices(usd_per_1000_requests, usd_per_gb)
    spent = Spending(None, prices, max_usd)
    listed = manifest_at(manifest, spent.charge)
    for line in manifest_lines(listed, manifest):
        show(line)
    if older is not None:
        show(f"since {older}:")
        for line in indented(difference_lines(difference(manifest_at(older, spent.charge), listed))):
            show(line)
    chosen = selected(given, source, select or [])
    with ExitStack() as stack:
        lost = None
        if uncovered is not None:
            check_output("--uncovered", uncovered, [Path(given), Path(manifest)])
            lost = stack.enter_context(Store(uncovered.absolute().parent).writing(uncovered.name))
        made = make_plan(listed, _reading(chosen), lambda id_: lost.write(f"{id_}\n".encode()) if lost else None)
    for line in plan_lines(made, chosen, prices):
        show(line)
    if to is not None:
        show(f"in {to}:")
        holdings = Holdings(to)
        for line in indented(standing_lines(standing(made, holdings, keep or kept_in(holdings)), prices)):
            show(line)
    if spent.requests:
        show(f"manifests, {spent_line(spent, prices)}")
    spent.check("nothing is fetched: this", made.requests, made.max_bytes)


def fetch(
    given: Given,
    manifest: ManifestFile,
    to: Annotated[Path, typer.Option(help="Folder of this machine for the tars.")],
    bucket: Annotated[str, typer.Option("--from", help="Where they lie: s3://bucket, or a folder.")] = ARXIV,
    keep: Annotated[Kept, typer.Option(help="Whole tars, or smaller ones of their wanted members.")] = Kept.ALL,
    select: Chosen = None,
    source: OfSource = None,
    streams: Annotated[int, typer.Option(min=1, max=64, help="Requests at a time; each holds 64 MiB or two.")] = 4,
    max_disk: Annotated[str | None, typer.Option(help="Stop before the folder takes more: 500GB, 2TB.")] = None,
    usd_per_gb: PerGb = USD_PER_GB,
    usd_per_1000_requests: PerRequests = USD_PER_1000_REQUESTS,
    max_usd: MaxUsd = None,
    retry_quarantined: Annotated[
        bool, typer.Option("--retry-quarantined", help="Fetch again what had wrong bytes twice.")
    ] = False,
) -> None:
    """Fetch the tars that hold wanted papers. What is there is not fetched again; what was stopped goes on where it was.

    You pay Amazon for what is fetched: see `plan`. Credentials are those that boto3 finds (AWS_PROFILE, the role of the machine).
    A tar of which the manifest says otherwise than what lies there is fetched anew.

    Examples:

      astrocorpus sources fetch corpus.yaml --manifest arXiv_src_manifest.xml --to /data/arxiv --max-usd 50

      astrocorpus sources fetch corpus.yaml --manifest arXiv_src_manifest.xml --to /data/arxiv --keep wanted --max-disk 500GB
    """
    from curation.sources.bulk.fetch import Asked, Fetch
    from curation.sources.bulk.manifest_at import manifest_at
    from curation.sources.bulk.plan import make_plan
    from curation.sources.bulk.saved import save_plan
    from curation.sources.bulk.spending import Spending
    from pipelines.selected import selected
    from pipelines.show_bulk import manifest_lines, outcome_lines, plan_lines, standing_lines

    if is_address(to):
        raise UserError(f"--to {to}: tars are fetched into a folder of this machine; a run reads s3:// in place")
    check_folder("--to", to)
    asked = Asked(
        kept=keep,
        streams=streams,
        max_disk=_bytes("--max-disk", max_disk) if max_disk else None,
        max_usd=max_usd,
        prices=_prices(bucket, usd_per_1000_requests, usd_per_gb),
        retry_quarantined=retry_quarantined,
    )
    holdings, chosen = Holdings(to), selected(given, source, select or [])
    paid = Spending(holdings.spent_log, _prices(manifest, usd_per_1000_requests, usd_per_gb), max_usd)
    listed = manifest_at(manifest, paid.charge)
    made = make_plan(listed, _reading(chosen))
    for line in (*manifest_lines(listed, manifest), *plan_lines(made, chosen, asked.prices)):
        show(line)
    with holdings.place.lease(f"{STATE}/lock", "fetch") as held, Reporter() as reporter:
        save_plan(holdings, made, keep, bucket, chosen.select.told())
        work = Fetch(made, open_place(bucket, requester_pays=True), holdings, asked, held)
        for line in standing_lines(work.states, asked.prices):
            show(line)
        progress = reporter.stage("fetched MB", made.size // MB, work.bytes_there // MB)
        outcome = work.run(_megabytes(progress), reporter.say)
    for line in outcome_lines(outcome, work.spent, Prices(usd_per_1000_requests, usd_per_gb)):
        show(line)
    if outcome.failed:
        raise RunError(f"{len(outcome.failed):,} of {len(made.tars):,} tars could not be had; the others are there")


def status(
    folder: Folder, usd_per_gb: PerGb = USD_PER_GB, usd_per_1000_requests: PerRequests = USD_PER_1000_REQUESTS
) -> None:
    """Tell what of a fetch is there, what is left, and what it has cost.

    Examples:

      astrocorpus sources status /data/arxiv
    """
    from curation.sources.bulk.saved import saved_plans
    from pipelines.show_bulk import earlier_lines, status_lines

    holdings = Holdings(folder)
    *earlier, last = saved_plans(holdings)
    prices = Prices(usd_per_1000_requests, usd_per_gb)

    def of(plan: Saved) -> Prices:
        return _prices(plan.bucket, usd_per_1000_requests, usd_per_gb)

    for line in status_lines(holdings, last, of(last), prices):
        show(line)
    for plan in earlier:
        for line in earlier_lines(holdings, plan, of(plan)):
            show(line)


def verify(folder: Folder) -> None:
    """Read every tar of a fetch and compare it with its md5. Exit code 1 when one is wrong or missing; wrong ones are fetched again
    by the next fetch.

    Examples:

      astrocorpus sources verify /data/arxiv
    """
    from curation.sources.bulk.saved import saved_plans
    from curation.sources.bulk.verify import verify as look
    from pipelines.show_bulk import verified_lines

    holdings = Holdings(folder)
    *_, plan = saved_plans(holdings)
    with holdings.place.lease(f"{STATE}/lock", "fetch"), Reporter() as reporter:
        progress = reporter.stage("verified MB", sum(chunk.size for chunk, *_ in plan.tars) // MB, 0)
        found = look(holdings, plan, _megabytes(progress))
    for line in verified_lines(found):
        show(line)
    if found.wrong:
        raise RunError(
            f"{len(found.wrong):,} of {found.right + len(found.wrong):,} tars are wrong or missing; fetch again, with --retry-quarantined what was wrong twice"
        )


def _prices(bucket: str, usd_per_1000_requests: float, usd_per_gb: float) -> Prices:
    """Of a bucket; a folder costs nothing."""
    return Prices(usd_per_1000_requests, usd_per_gb) if is_address(bucket) else Prices(0.0, 0.0)


def _reading(chosen: Selected) -> Iterator[str]:
    """The ids of a selection; tells every so often how far its snapshot was read, which takes minutes.

    Raises:
        UserError: no record says what it asks for.
    """
    told = time.monotonic()
    for id_ in chosen.ids():
        yield id_
        if (now := time.monotonic()) - told >= LOG_EVERY_S:
            told = now
            show(f"{chosen.records:,} records read, {chosen.taken:,} of them wanted", error=True)
    if chosen.taken == chosen.unsure:
        raise UserError(
            f"{chosen.select.told()}: none of {chosen.records:,} records of {chosen.snapshot} says so; mend the selection"
        )


def _megabytes(progress: StageProgress) -> Callable[[int], None]:
    """Advances by bytes; whole megabytes are shown."""
    lock, seen = Lock(), [0, 0]

    def advance(size: int) -> None:
        with lock:
            seen[0] += size
            progress.advance(seen[0] // MB - seen[1])
            seen[1] = seen[0] // MB

    return advance


_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def _bytes(option: str, text: str) -> int:
    """A size as people write it: 500GB, 1.5 TB. Raises UserError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]?B?)", text.strip().upper())
    if found is None or found[2] not in _UNITS:
        raise UserError(f"{option} {text!r} is no size; write it as 500GB or 1.5TB")
    return int(float(found[1]) * _UNITS[found[2]])
