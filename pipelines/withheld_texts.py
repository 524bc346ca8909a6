"""Makes an index of withheld texts of a finished run: what finds copies of them in releases and in other corpora."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa

from curation.artefact import FOOTER_KEY
from curation.errors import UserError
from curation.parquet import write
from curation.withhold.hashed import DOC_ID, hashes_table, id_rows, joined, text_rows
from curation.withhold.tokens import tokens
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store
from schemas import Verdict
from schemas.audit import BENCHMARK_HASHES
from schemas.files import Written
from schemas.withheld_texts import KIND, SOURCE_LAYERS, works_key, works_sum

SAME = ("exact", "identity")
"""Ties of copies that are the work, too. A thesis that holds it is withheld, and its other chapters are nobody's source."""
_BY_CONTENT = "sha256:"
"""What an id begins with that says no more than what the document's bytes, or its place, are."""


def make_withheld_texts(tables: RunTables, out: Path) -> tuple[Written, int, Mapping[str, int]]:
    """Write the ids and sampled n-grams of the works that a run withheld for benchmarks, as rows of `BENCHMARK_HASHES`; no text. The
    footer says of which works it was made (`curation.withhold.withheld_texts.works_in`).

    Returns:
        the file, its rows, and by benchmark how many documents it speaks of: the works, and copies that are the same work.

    Raises:
        UserError: the run did not finish, or withheld no work.
    """
    if not tables.finished:
        raise UserError(f"the last run in {tables.store.uri} did not finish; run it to the end first")
    works = withheld_works(tables)
    if not any(works.values()):
        raise UserError(f"{tables.store.uri} withheld no work of a benchmark: an index of nothing would find nothing")
    sums = dict.fromkeys(works, 0)
    table = joined([BENCHMARK_HASHES.empty(), *_tables(tables, works, sums)])
    told = {mark: works_key(total) for mark, total in sums.items()}
    how = json.dumps({"kind": KIND, "version": BENCHMARK_HASHES.version, "works": told}, sort_keys=True)
    store = Store(out.absolute().parent)
    written = store.write(out.name, lambda sink: write(table, sink, metadata={FOOTER_KEY: how}))
    return written, table.num_rows, {mark: len(mine) for mark, mine in works.items()}


def withheld_works(tables: RunTables) -> dict[str, dict[str, bool]]:
    """By benchmark the documents that are works of it and were withheld for it (true), and their copies that are the same work (false).

    A copy counts where each tie of its way from a work says so: what copies a thesis is a thesis. Marks of other kinds (removed,
    withdrawn) are none of a benchmark.
    """
    verdicts = tables.scan("findings").filter(pl.col("verdict") == Verdict.WITHHOLD).select("doc_id", "mark")
    is_source = pl.col("layer").is_in(SOURCE_LAYERS)
    hits = (
        tables.scan("hits").filter(is_source).select("doc_id", "mark").join(verdicts, on=["doc_id", "mark"], how="semi")
    )
    found: dict[str, dict[str, bool]] = {}
    for doc_id, mark in hits.unique().sort("mark", "doc_id").collect().iter_rows():
        found.setdefault(mark, {})[doc_id] = True
    spread = tables.scan("spread").filter(pl.col("rule").is_in(SAME)).select("mark", "entry", "doc_id")
    led: dict[tuple[str, str], list[str]] = {}
    for mark, source, doc_id in spread.filter(pl.col("mark").is_in(list(found))).collect().iter_rows():
        led.setdefault((mark, source), []).append(doc_id)
    for mark, mine in found.items():
        ways = list(mine)
        while ways:
            new = [doc_id for doc_id in led.get((mark, ways.pop()), ()) if doc_id not in mine]
            mine.update(dict.fromkeys(new, False))
            ways += new
    return found


def _tables(tables: RunTables, works: Mapping[str, Mapping[str, bool]], sums: dict[str, int]) -> Iterator[pa.Table]:
    """The hashes of each work, part by part; `sums` takes what tells the works."""
    marks: dict[str, list[str]] = {}
    for mark, mine in works.items():
        for doc_id in mine:
            marks.setdefault(doc_id, []).append(mark)
    is_mine = pl.col("doc_id").is_in(list(marks))
    for part in sorted({file.part for file in tables.files("documents")}):
        links = dict(tables.scan_part("metadata", part).filter(is_mine).select("doc_id", "links").collect().iter_rows())
        if not links:
            continue
        texts = tables.scan_part("documents", part).filter(is_mine).select("doc_id", "text", "text_sha256").collect()
        for doc_id, text, digest in texts.iter_rows():
            words = tokens(text) if text else []
            ids = [name for name in links[doc_id] if text or not name.startswith(_BY_CONTENT)]
            for mark in marks[doc_id]:
                if works[mark][doc_id]:
                    sums[mark] += works_sum([digest] if digest else [])
                yield hashes_table(
                    [*id_rows(mark, doc_id, [*ids, f"{DOC_ID}{doc_id}"]), *text_rows(mark, doc_id, words, digest or "")]
                )
