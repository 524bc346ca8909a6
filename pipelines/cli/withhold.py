"""`astrocorpus withhold`: what of benchmarks stands in documents of one's own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.inputs import local_paths
from pipelines.cli.outputs import check_output
from pipelines.engine.terminal import show


def withhold(
    docs: Annotated[
        list[str],
        typer.Argument(
            help="Parquet or JSONL (.jsonl, .gz, .zst) with columns id and text: files, a folder, a glob, or a release.",
            metavar="DOCS",
        ),
    ],
    benchmark: Annotated[
        list[Path],
        typer.Option(
            help="A config of a corpus (its section `withhold`), or a file of benchmarks alone; may be repeated.",
            metavar="B",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Parquet to write: rows of the table hits (python -m schemas).")],
    tier: Annotated[str | None, typer.Option(help="Tier of the release that DOCS is.")] = None,
) -> None:
    """Find benchmarks in documents: their works by id, journal and title, their items by text, copies of withheld texts (`texts`).

    The same steps as in a run. Columns beside id and text count when they are there: arxiv_id, doi, bibcode, title, authors,
    date, journal_ref, journal, url, publisher, comments. A row of the result is a match: doc_id, mark (the benchmark), layer, rule,
    entry, evidence, score, spans. The exit code is 0 whatever is found.

    Examples:

      astrocorpus withhold docs.jsonl.zst --benchmark corpus.yaml --out hits.parquet

      astrocorpus withhold releases/2026-11 --tier research --benchmark gpqa.yaml --out hits.parquet

      astrocorpus withhold chats/ --benchmark corpus.yaml --benchmark gpqa.yaml --out hits.parquet
    """
    import pyarrow as pa

    from curation.errors import UserError
    from pipelines.benchmarks import read_withhold
    from pipelines.document_files import find_documents
    from pipelines.withhold import find_hits, is_hits, write_hits

    looked_for = read_withhold(benchmark)
    documents = find_documents(docs, tier)
    for place in documents.left_out:
        show(f"not read: {place} is a run, a release or an index", error=True)
    check_output("--out", out, [*local_paths(docs), *(file.path for file in documents.files if file.path), *benchmark])
    if out.exists() and not is_hits(out):
        raise UserError(f"--out {out} is there and is no table of hits; remove it or give another name")
    if not (tables := list(find_hits(documents, looked_for))):
        raise UserError(f"{', '.join(docs)}: no document stands in it; give files with a row a document")
    found = pa.concat_tables(tables)
    write_hits(found, out)
    counts = Counter(zip(found["mark"].to_pylist(), found["layer"].to_pylist(), strict=True))
    for (name, layer), count in sorted(counts.items()):
        show(f"{name}, {layer}: {count:,} matches")
    for name in sorted({b.name for b in looked_for.benchmarks} - {name for name, _ in counts}):
        show(f"{name}: no match")
    show(f"{out}: {found.num_rows:,} matches in {len(found['doc_id'].unique()):,} documents")
