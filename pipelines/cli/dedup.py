"""`astrocorpus dedup`: which documents of a file to keep, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def dedup(
    docs: Annotated[
        Path, typer.Argument(help="Parquet or JSONL (.gz, .zst) with columns id and text.", metavar="DOCS")
    ],
    out: Annotated[Path, typer.Option("--out", help="Parquet to write: id, keep, cluster, mate, kind, jaccard.")],
    min_jaccard: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Likeness of a duplicate with the kept copy.")
    ] = 0.7,
    identity: Annotated[
        bool, typer.Option("--identity", help="Documents with one work_id are versions of one work.")
    ] = False,
    threads: Annotated[int, typer.Option(min=1, help="Threads.")] = 2,
) -> None:
    """Find exact and near duplicates; every removal is verified against a copy that is kept.

    Examples:

      astrocorpus dedup docs.parquet --out duplicates.parquet

      astrocorpus dedup docs.jsonl.zst --identity --out duplicates.parquet
    """
    import pyarrow.parquet as pq

    from curation.text.shingles import Shingling
    from pipelines.dedup import deduplicate
    from pipelines.documents import DocumentFile

    found = deduplicate(DocumentFile(docs), Shingling(), min_jaccard=min_jaccard, identity=identity, threads=threads)
    pq.write_table(found.table(), out)
