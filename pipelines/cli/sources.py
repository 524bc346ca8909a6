"""`astrocorpus sources`: papers where they come from, before a run reads them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from curation.errors import LimitError
from curation.sources.bulk.prices import USD_PER_1000_REQUESTS, USD_PER_GB, Prices
from pipelines.cli.outputs import check_output
from pipelines.cli.sources_harvest import harvest
from pipelines.engine.terminal import show

sources = typer.Typer(help="arXiv as it ships: what to fetch, what it costs, what is there.", no_args_is_help=True)
sources.command()(harvest)

Given = Annotated[
    Path, typer.Argument(help="Config with `metadata:`, or a metadata snapshot.", metavar="CONFIG.yaml|SNAPSHOT")
]
ManifestFile = Annotated[Path, typer.Option("--manifest", help="arXiv's list of tars: arXiv_src_manifest.xml (.gz).")]
Chosen = Annotated[
    list[str] | None,
    typer.Option("--select", help="Which papers: --select 'categories=[astro-ph, gr-qc]' --select from=2007-01-01."),
]
OfSource = Annotated[str | None, typer.Option("--source", help="Which source of the config.")]
PerGb = Annotated[float, typer.Option(min=0, help="USD for 2**30 bytes; 0 on a machine in us-east-1.")]
PerRequests = Annotated[float, typer.Option(min=0, help="USD for 1,000 reading requests.")]
MaxUsd = Annotated[float | None, typer.Option(min=0, help="Stop when it costs more.")]


@sources.command()
def plan(
    given: Given,
    manifest: ManifestFile,
    older: Annotated[Path | None, typer.Option(help="An older manifest: tell what changed since.")] = None,
    select: Chosen = None,
    source: OfSource = None,
    uncovered: Annotated[Path | None, typer.Option(help="Write the ids that no tar covers, one a line.")] = None,
    usd_per_gb: PerGb = USD_PER_GB,
    usd_per_1000_requests: PerRequests = USD_PER_1000_REQUESTS,
    max_usd: MaxUsd = None,
) -> None:
    """Tell which of arXiv's tars hold wanted papers, and what they cost. Nothing is fetched.

    Examples:

      astrocorpus sources plan corpus.yaml --manifest arXiv_src_manifest.xml

      astrocorpus sources plan snapshot.json.zst --manifest arXiv_src_manifest.xml --select categories=[astro-ph]
    """
    from curation.sources.bulk.manifest import difference, read_manifest
    from curation.sources.bulk.plan import make_plan
    from pipelines.selected import selected
    from pipelines.show_bulk import difference_lines, indented, manifest_lines, plan_lines

    listed, prices = read_manifest(manifest), Prices(usd_per_1000_requests, usd_per_gb)
    for line in manifest_lines(listed, str(manifest)):
        show(line)
    if older is not None:
        show(f"since {older}:")
        for line in indented(difference_lines(difference(read_manifest(older), listed))):
            show(line)
    chosen = selected(given, source, select or [])
    with ExitStack() as stack:
        lost = None
        if uncovered is not None:
            check_output("--uncovered", uncovered, [given, manifest])
            lost = stack.enter_context(uncovered.open("w", encoding="utf-8"))
        made = make_plan(listed, chosen.ids(), lambda id_: lost.write(f"{id_}\n") if lost else None)
    for line in plan_lines(made, chosen, prices):
        show(line)
    if max_usd is not None and made.usd(prices) > max_usd:
        raise LimitError(
            f"this costs up to USD {made.usd(prices):.2f}, more than --max-usd {max_usd:.2f}; nothing is fetched"
        )
