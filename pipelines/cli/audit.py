"""`astrocorpus audit`: whether benchmarks stayed out of a release, from its published files alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.inputs import check_release
from pipelines.cli.outputs import check_folder
from pipelines.engine.terminal import show

SHOWN = 50
"""Finds that are printed; audit.json has all."""
NAMED = 5
"""Items of those left out that are named for each reason, likewise."""


def audit(
    release: Annotated[str, typer.Argument(help="Release: a folder, or s3://bucket/prefix.", metavar="RELEASE")],
    benchmark: Annotated[
        list[Path],
        typer.Option(
            help="A config of a corpus (its section `withhold`), or a file of benchmarks alone; may be repeated.",
            metavar="B",
        ),
    ],
    out: Annotated[
        str | None,
        typer.Option("--out", help="Folder for the audit; default: the release, where publish looks for it."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=1024, help="Processes that read files.")] = 1,
) -> None:
    """Look for benchmarks in the published rows of a release, and write audit.json.

    It reads the shards and manifest.json alone, every column of them, so anybody can repeat it; AUDIT.md in the folder data_cards of the
    source says the format. A file with a column or value that no run of ours writes is refused (exit code 2): nobody would have read it.
    benchmark-hashes.parquet beside it holds the benchmark as hashes, out of which short answers can be read by trying words: with --out it
    stays with you where they are secret. matrix.parquet counts by source. The exit code is 1 when something is found. `publish` asks for an audit that passed wherever a release becomes public.

    Examples:

      astrocorpus audit releases/2026-11 --benchmark corpus.yaml

      astrocorpus audit releases/2026-11 --benchmark corpus.yaml --workers 8

      astrocorpus audit s3://my-lab/releases/2026-11 --benchmark gpqa.yaml --benchmark mmlu.yaml --out audits/2026-11
    """
    from curation.place import is_address, local_path, open_place
    from curation.release.audited import why_not_public
    from curation.withhold.withheld_texts import unread_marks
    from pipelines.audit import audit_release
    from pipelines.benchmarks import read_withhold
    from pipelines.cards import redraw_if_drawn
    from schemas.manifest import read_manifest

    place = open_place(release)
    check_release(place)
    if out is not None and not is_address(out):
        check_folder("--out", local_path(out))
    benchmarks = read_withhold(benchmark).benchmarks
    done = audit_release(
        place,
        benchmarks,
        out=open_place(out) if out is not None else None,
        workers=workers,
    )
    drawn = out is None and redraw_if_drawn(place)
    if out is None and not drawn:
        show(f"{release} has no data card of its own, so none shows this audit", error=True)
    for warning in unread_marks(benchmarks):
        show(f"warning: {warning}", error=True)
    for told in done.audit["benchmarks"]:
        _show_benchmark(told, done.near)
    finds = done.audit["finds"]
    for find in finds[:SHOWN]:
        show(
            f"found: {find['kind']} {find['id']} (tier {find['tier']}): {find['benchmark']}, {find['entry']}, layer {find['layer']}, "
            f"{find['rule']}, score {find['score']}, in {find['where']}"
        )
    if (more := len(finds) - SHOWN) > 0:
        show(f"and {more:,} more")
    show(f"{done.place.where('audit.json')}: {'passed' if done.passed else 'FAILED'}, {len(finds):,} finds")
    if not done.passed:
        raise typer.Exit(1)
    if drawn and (why := why_not_public(read_manifest(place))):
        show(f"publish would not make it public: {why}", error=True)


def _show_benchmark(told: Mapping[str, Any], nearest: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]) -> None:
    from curation.withhold.hashed import LEFT_OUT
    from curation.withhold.items import said_rows

    for said in said_rows(told["rows_that_are_no_items"]):
        show(f"{told['name']}, {said}")
    for layer, counts in told["layers"].items():
        if counts["checked"]:
            near = next(iter(nearest.get((told["name"], layer), ())), None)
            words = f"; nearest miss {near['id']}, {near['entry']}, score {near['score']}" if near else ""
            show(f"{told['name']}, {layer}: {counts['checked']:,} checked, found in {counts['hits']:,} rows{words}")
        else:
            show(f"{told['name']}, {layer}: nothing to look for")
        if out := counts.get("left_out"):
            show(
                f"{told['name']}, {layer}: {out:,} items are too short to be found, or their answers are, or say only what many texts share"
            )
        for why, names in counts.get("left_out_items", {}).items():
            more = ", ..." if len(names) > NAMED else ""
            show(f"{told['name']}, {layer}: {len(names):,} {LEFT_OUT[why]}: {', '.join(names[:NAMED])}{more}")
        if aside := counts.get("set_aside"):
            show(f"{told['name']}, {layer}: {aside:,} n-grams are phrases that many texts share, and were set aside")
