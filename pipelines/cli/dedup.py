"""`astrocorpus dedup`: which documents of some files to keep, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.errors import UserError
from pipelines.cli.inputs import local_paths
from pipelines.cli.outputs import check_folder, check_output
from pipelines.engine.terminal import show

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.text.shingles import Shingling
    from pipelines.dedup.result import Found
    from pipelines.document_files import Documents

ROW_GROUP_ROWS = 100_000


def dedup(
    docs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Parquet or JSONL (.jsonl, .gz, .zst) with columns id and text: files, a folder, a glob, or a release; "
            "also s3://bucket/prefix.",
            metavar="DOCS",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Parquet to write: id, keep, cluster, mate, kind, jaccard, containment."),
    ] = None,
    tier: Annotated[str | None, typer.Option(help="Tier of the release that DOCS is.")] = None,
    min_jaccard: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Least likeness of a removed document with the copy that stays.")
    ] = 0.7,
    identity: Annotated[
        bool, typer.Option("--identity", help="Documents with one work_id are versions of one work.")
    ] = False,
    scope: Annotated[
        list[str] | None, typer.Option(help="SOURCE=across|within|papers|off, for the column source; may be repeated.")
    ] = None,
    bands: Annotated[int, typer.Option(min=1, max=512, help="Bands of a signature.")] = 16,
    rows: Annotated[int, typer.Option(min=1, max=64, help="Values of a band.")] = 7,
    shingle_words: Annotated[int, typer.Option(min=1, max=64, help="Words a shingle.")] = 5,
    nfkc: Annotated[bool, typer.Option("--nfkc", help="Fold ligatures and compatibility characters first.")] = False,
    strip_references: Annotated[
        bool, typer.Option("--strip-references", help="Compare without the list of references.")
    ] = False,
    strip_boilerplate: Annotated[
        Path | None,
        typer.Option(help="Compare without the paragraphs that this file of paragraph counts names."),
    ] = None,
    max_removed_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Stop when a source of 100 documents and more would lose more.")
    ] = 0.9,
    max_cluster: Annotated[int, typer.Option(min=2, help="Stop when a cluster is larger.")] = 10_000,
    max_edges: Annotated[int, typer.Option(min=1, help="Stop when more pairs are verified.")] = 20_000_000,
    threads: Annotated[int, typer.Option(min=1, max=1024, help="Threads that read text.")] = 2,
    index: Annotated[
        str | None,
        typer.Option(help="Index of documents released before, a folder or s3://bucket/prefix; DOCS are the new ones."),
    ] = None,
    index_out: Annotated[
        str | None,
        typer.Option(help="Index to write, for the documents that come later: a folder or s3://bucket/prefix."),
    ] = None,
    why: Annotated[
        str | None, typer.Option(metavar="ID", help="Show a removed document beside the copy that stays.")
    ] = None,
    explain_params: Annotated[
        bool, typer.Option("--explain-params", help="Print which likeness is found how often, and stop.")
    ] = False,
) -> None:
    """Find exact and near duplicates in files; every removal is verified against a copy that is kept.

    Of several copies the best stays: a journal's (column is_journal), the newest (version, date), the longest.

    Examples:

      astrocorpus dedup docs.parquet --out result.parquet

      astrocorpus dedup docs.jsonl.zst --out result.parquet --identity --scope replay=papers

      astrocorpus dedup docs.parquet --why 2301.00001v1

      astrocorpus dedup releases/2026-11 --tier public --out result.parquet
    """
    if strip_boilerplate is not None:
        from curation.text.boilerplate import check_artefact

        check_artefact(strip_boilerplate)
    from curation.text.shingles import Shingling

    shingling = Shingling(
        bands=bands,
        rows=rows,
        shingle_words=shingle_words,
        unicode="NFKC" if nfkc else "none",
        strip_references=strip_references,
        strip_boilerplate=strip_boilerplate,
    )
    if explain_params:
        _explain(shingling)
        return
    if not docs or (out is None and why is None and index_out is None):
        raise UserError("give DOCS and --out RESULT.parquet, or DOCS and --why ID, or --explain-params")
    for folder in local_paths([index_out] if index_out is not None else []):
        check_folder("--index-out", folder, local_paths(docs))
    from curation.dedup.scope import Scopes
    from pipelines.dedup.flow import deduplicate
    from pipelines.document_files import find_documents

    source = find_documents(docs, tier)
    for place in source.left_out:
        show(f"not read: {place} is a run, a release or an index", error=True)
    if out is not None:
        check_output("--out", out, [*local_paths(docs), *(file.path for file in source.files if file.path)])
        _check_result(out)
    found = deduplicate(
        source,
        shingling,
        min_jaccard=min_jaccard,
        identity=identity,
        scopes=Scopes.model_validate(_scopes(scope or [])),
        threads=threads,
        max_removed_share=max_removed_share,
        max_cluster=max_cluster,
        max_edges=max_edges,
        index=index,
        index_out=index_out,
    )
    if out is not None:
        _write(found, out)
        show(found.summary(), error=True)
    if why is not None:
        _why(found, source, shingling, why)


def _check_result(out: Path) -> None:
    """Raises UserError when a file is there that is no result of deduplication, such as one of documents."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pipelines.dedup.result import RESULT

    if not out.exists():
        return
    try:
        there = pq.read_schema(out).names
    except (pa.ArrowException, OSError):
        there = []
    if there[: len(RESULT)] != RESULT.names:
        raise UserError(f"--out {out} is there and is no result of deduplication; remove it or give another name")


def _scopes(given: list[str]) -> dict[str, str]:
    found = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or value not in ("across", "within", "papers", "off"):
            raise UserError(f"--scope {item!r}: write it as SOURCE=across, within, papers or off")
        found[name] = value
    return found


def _write(found: Found, out: Path) -> None:
    from curation.parquet import write
    from pipelines.engine.store import Store

    table = found.table()
    groups = [(i, min(ROW_GROUP_ROWS, table.num_rows - i)) for i in range(0, table.num_rows, ROW_GROUP_ROWS)]
    Store(out.absolute().parent).write(out.name, lambda sink: write(table, sink, groups=groups))


def _explain(shingling: Shingling) -> None:
    show(f"{shingling.bands} bands of {shingling.rows} values, shingles of {shingling.shingle_words} words.")
    show("Two documents are compared when a band agrees: chance 1 - (1 - j^rows)^bands. Every pair is then verified.")
    show("\njaccard  found")
    for step in range(6, 21):
        chance = shingling.expected_recall(step / 20)
        show(f"   {step / 20:.2f}  {chance:.4f}  {'#' * round(40 * chance)}")


def _why(found: Found, source: Documents, shingling: Shingling, name: str) -> None:
    from curation.dedup.why import longest, passages

    mate = found.mate_of(name)
    if mate is None:
        show(f"{name} is kept: no better-ranked copy is close to it")
        return
    show(f"{name} is removed ({found.kind_of(name)}); {mate} stays.")
    texts = found.texts(source, (name, mate))
    jaccard, containment = _likeness(texts[name], texts[mate], shingling) or found.likeness(name)
    if jaccard is not None:
        show(f"Jaccard {jaccard:.4f}, containment {containment:.4f} of word {shingling.shingle_words}-grams.")
    if missing := [i for i in (name, mate) if texts[i] is None]:
        show(f"No passages: an index holds no text, and that of {', '.join(missing)} is not in {source.name}.")
        return
    ours, theirs = (text[0].as_py() or "" for text in texts.values() if text is not None)
    compared = passages(ours, theirs, shingling.unicode)
    for shared, title in ((True, "Longest shared passages"), (False, "Longest differences")):
        show(f"\n{title}")
        for passage in longest(compared, shared=shared, count=5):
            show(f"  {passage.words} words")
            show(f"    {name}: {_short(passage.ours)}")
            show(f"    {mate}: {_short(passage.theirs)}")


def _likeness(ours: pa.Array | None, theirs: pa.Array | None, shingling: Shingling) -> tuple[float, float] | None:
    """Jaccard index and containment of two texts, also where identity made no comparison needed."""
    from curation.dedup.verify import similarity
    from curation.text.shingles import shingle_sets

    if ours is None or theirs is None:
        return None
    one, two = (shingle_sets(text, shingling)[0] for text in (ours, theirs))
    return similarity(one, two)


def _short(text: str, width: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width // 2]} ... {line[-width // 2 :]}"
