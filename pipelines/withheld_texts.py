"""Makes an index of withheld texts of a finished run: what finds copies of them in releases and in other corpora."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from curation.errors import UserError
from curation.parquet import write
from curation.withhold.hashed import hashes_table, id_rows, joined, text_rows
from curation.withhold.tokens import tokens
from pipelines.artefacts import FOOTER_KEY
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store
from schemas import Verdict
from schemas.audit import BENCHMARK_HASHES
from schemas.files import Written

KIND = "withheld-texts"
SOURCE_LAYERS = ("identity", "bibliographic")
"""Layers that say of a document that it is the work itself. One that only quotes an item is withheld, but a copy of its other
passages says nothing of the benchmark."""
SAME = ("exact", "identity")
"""Ties of copies that are the work, too. A thesis that holds it is withheld, and its other chapters are nobody's source."""


def make_withheld_texts(tables: RunTables, out: Path) -> tuple[Written, int, int]:
    """Write the ids and sampled n-grams of the works that a run withheld, as rows of `BENCHMARK_HASHES`; no text.

    Returns:
        the file, its rows, and how many works it speaks of.

    Raises:
        UserError: the run did not finish, or withheld no work.
    """
    if not tables.finished:
        raise UserError(f"the last run in {tables.store.uri} did not finish; run it to the end first")
    marked = withheld_works(tables)
    if not marked.height:
        raise UserError(f"{tables.store.uri} withheld no work of a benchmark: an index of nothing would find nothing")
    made = list(_tables(tables, marked))
    table = joined(made)
    how = json.dumps({"kind": KIND, "version": BENCHMARK_HASHES.version}, sort_keys=True)
    store = Store(out.absolute().parent)
    written = store.write(out.name, lambda sink: write(table, sink, metadata={FOOTER_KEY: how}))
    return written, table.num_rows, marked.height


def withheld_works(tables: RunTables) -> pl.DataFrame:
    """(doc_id, mark) of the documents that are works of a benchmark and were withheld for it, and of their copies that are the same
    work, sorted."""
    is_withheld = pl.col("verdict") == Verdict.WITHHOLD
    verdicts = tables.scan("findings").filter(is_withheld).select("doc_id", "mark")
    works = tables.scan("hits").filter(pl.col("layer").is_in(SOURCE_LAYERS)).select("doc_id", "mark")
    same = tables.scan("spread").filter(pl.col("rule").is_in(SAME)).select("doc_id", "mark")
    found = pl.concat([works.join(verdicts, on=["doc_id", "mark"], how="semi"), same])
    return found.unique().sort("doc_id", "mark").collect()


def _tables(tables: RunTables, marked: pl.DataFrame) -> Iterator[pa.Table]:
    """The hashes of each work, part by part."""
    marks: dict[str, list[str]] = {}
    for doc_id, mark in marked.iter_rows():
        marks.setdefault(doc_id, []).append(mark)
    mine = pl.col("doc_id").is_in(list(marks))
    for part in sorted({file.part for file in tables.files("documents")}):
        links = tables.scan_part("metadata", part).filter(mine).select("doc_id", "links").collect()
        if not links.height:
            continue
        texts = tables.scan_part("documents", part).filter(mine).select("doc_id", "text", "text_sha256").collect()
        of_doc = dict(links.iter_rows())
        for doc_id, text, digest in texts.iter_rows():
            words = tokens(text) if text else []
            for mark in marks[doc_id]:
                rows = [
                    *id_rows(mark, doc_id, [doc_id, *of_doc[doc_id]]),
                    *text_rows(mark, doc_id, words, digest or ""),
                ]
                yield hashes_table(rows)
