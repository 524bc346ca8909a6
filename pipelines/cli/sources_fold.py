"""`astrocorpus sources fold`: files of metadata records folded into a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from curation.errors import counted
from pipelines.engine.terminal import show


def fold(
    snapshot: Annotated[str, typer.Argument(help="Metadata snapshot (.jsonl, .gz, .zst), which is replaced, or made.")],
    files: Annotated[
        list[Path], typer.Argument(help="OAI-PMH answers, .abs files, answers of ADS, JSON lines.", metavar="FILE...")
    ],
) -> None:
    """Fold records into a metadata snapshot: the newest of each paper wins, what is deleted is marked.

    Examples:

      astrocorpus sources fold arxiv-metadata-oai-snapshot.json.zst answers/*.xml

      astrocorpus sources fold snapshot.jsonl.gz newer-snapshot.json 2301.00001.abs
    """
    from curation.sources.fold_files import fold_into
    from curation.sources.record_files import lines_of_file

    rejected: Counter[str] = Counter()

    def lines() -> Iterator[tuple[str, bytes]]:
        for path in files:
            yield from lines_of_file(path, lambda name, reason: rejected.update([reason]))

    tell_fold(snapshot, fold_into(snapshot, lines()))
    for reason, count in sorted(rejected.items()):
        show(f"{counted(count, 'records')} left out: {reason}", error=True)


def tell_fold(where: str, counts: Counter[str]) -> None:
    """Print what a fold did (`curation.sources.fold.fold`)."""
    words = ("new", "changed", "same", "untouched")
    papers = sum(counts[word] for word in words)
    if not papers:
        show(f"{where}: nothing came that it has not")
        return
    told = ", ".join(f"{counts[word]:,} {word}" for word in words)
    show(
        f"{where}: {counted(papers, 'papers')}: {told}; {counts['deleted']:,} deleted now, {counts['withdrawn']:,} of those that came withdrawn"
    )
    if counts["poorer"]:
        show(f"  {counts['poorer']:,} lost their versions to records of a format that lists none", error=True)
    if counts["future"]:
        show(f"  {counts['future']:,} say a day that is to come: they take the place of no line", error=True)
    if counts["doubled"]:
        show(f"  {counts['doubled']:,} lines were of an id that stood there twice; the newest stays", error=True)
