"""What became of every question and answer of a run, tier by tier, and one pair's way through all tables.

It is a view over the tables of the run, as `pipelines.engine.ledger` is of papers; nothing of it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from curation.errors import UserError
from curation.sft.pairs import MADE_PAIRS
from curation.sft.stages.asking import SEALED
from curation.sources.ours import ENGINES
from pipelines.engine.conservation import sent_rows
from pipelines.engine.ledger import find
from pipelines.engine.run_tables import RunTables
from schemas import (
    ANSWERS,
    CHAINS,
    CHUNKS,
    DECISIONS,
    EVIDENCE,
    PAIR_DECISIONS,
    PAIR_HITS,
    PAIR_JUDGEMENTS,
    PAIR_ORIGINS,
    PAIR_VERDICTS,
    PICKS,
    QUESTION_DOUBLES,
    QUESTION_VERDICTS,
    QUESTIONS,
    Verdict,
)

PAIRS = MADE_PAIRS.name
KEYS = ("doc_id", "row_id")
FATE = ("verdict", "stage", "reason", "evidence")
COLUMNS = ("name", *KEYS, "question", *FATE)
_OF_QUESTIONS = (QUESTIONS.name, QUESTION_VERDICTS.name, QUESTION_DOUBLES.name, EVIDENCE.name)
_OF_ANSWERS = (CHAINS.name, ANSWERS.name, PAIR_VERDICTS.name, PAIR_JUDGEMENTS.name)
_PAIR_ID = re.compile(r"[0-9a-f]{8,16}")
_ROW = re.compile(r"(.+~[0-9a-f]{16}(?:~[0-9]+)?)/(.+)")
_SAMPLE = re.compile(r"/s[0-9]+$")
"""What stands behind a question's row_id in that of an answer to it."""
_TOOK = ("key", "model", "served_model", "finish_reason", "prompt_tokens", "completion_tokens", "error")
_NOTHING = pl.lit(None, pl.String)
_DETAIL = {
    QUESTION_DOUBLES.name: pl.format("asks what {} of {} asks", "stays_row_id", "stays"),
    **{name: pl.col("detail") for name in (QUESTION_VERDICTS.name, PAIR_VERDICTS.name, PAIR_JUDGEMENTS.name)},
    CHAINS.name: pl.format("the reply ended by {}", "finish_reason"),
}
"""Why a stage leaves a row out, in words, where its table says more than a reason."""


class PairAt(NamedTuple):
    """A question of a run with some of its answers, or one pair by rule.

    Args:
        name: by which it was found.
        part: of its paper.
        question_id, answer_ids: rows of `questions` and of `chains`; none of a pair by rule.
        pair_ids: rows of `pairs` that were made of these.
    """

    name: str
    part: int
    doc_id: str
    question_id: str | None
    answer_ids: tuple[str, ...]
    pair_ids: tuple[str, ...]


def pair_ledger_parts(tables: RunTables, tier: str) -> Iterator[tuple[int, pl.DataFrame]]:
    """The questions and answers of each part in one tier.

    Returns:
        the part's number, and name (by which `find_pair` finds it: a pair's id, else its paper's and that of the question or answer), doc_id,
        row_id, question, verdict (keep, drop, withhold, fail), stage, reason, evidence; one row each.

    Raises:
        UserError: the run made no pairs.
    """
    check_pairs(tables)
    for part in dict.fromkeys(file.part for file in tables.files(PAIRS)):
        yield part, pl.concat([_left(tables, part), _made(tables, part, tier)])


def check_pairs(tables: RunTables) -> None:
    """Raises UserError where the run made no pairs."""
    if not tables.has(PAIRS):
        raise UserError(f"{tables.store.uri} has no pairs: the config of the run has no section `pairs`")


def _left(tables: RunTables, part: int) -> pl.DataFrame:
    """What a stage before `pairs` left out."""
    found = [pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))]
    if not tables.has(QUESTIONS.name):
        return found[0]
    questions = (
        tables.scan_part(QUESTIONS.name, part).select("doc_id", question_id="row_id", question="question").collect()
    )
    for name in (*_OF_QUESTIONS, *_OF_ANSWERS):
        if not tables.has(name):
            continue
        frame = tables.scan_part(name, part).filter(pl.col("reason").is_not_null())
        question_id = pl.col("row_id") if name in _OF_QUESTIONS else pl.col("row_id").str.replace(_SAMPLE.pattern, "")
        rows = frame.select(
            *KEYS,
            "reason",
            name=pl.format("{}/{}", *KEYS),
            question_id=question_id,
            verdict=pl.lit(str(Verdict.DROP)),
            stage=pl.lit(name),
            evidence=_DETAIL.get(name, _NOTHING),
        ).collect()
        # a table that does not lie in parts speaks of other papers, too
        found.append(rows.join(questions, on=["doc_id", "question_id"]).select(COLUMNS))
    return pl.concat(found)


def _made(tables: RunTables, part: int, tier: str) -> pl.DataFrame:
    """The pairs, with the verdict of a tier: that on their paper first."""
    pairs = tables.scan_part(PAIRS, part).select(*KEYS, pl.col("question").cast(pl.String)).collect()
    papers = (
        tables.scan_part(DECISIONS.name, part)
        .filter(pl.col("tier") == tier)
        .select(
            "doc_id",
            "verdict",
            "stage",
            "reason",
            evidence=pl.format("its paper: {}", pl.col("evidence").fill_null("no further evidence")),
        )
        .collect()
    )
    told = pairs.join(papers, on="doc_id", how="left")
    if tables.has(PAIR_DECISIONS.name):
        mine = pl.col("tiers").is_null() | pl.col("tiers").list.contains(tier)
        own = tables.scan_part(PAIR_DECISIONS.name, part).filter(mine).select(*KEYS, *FATE).collect()
        told = told.join(own, on=KEYS, how="left", suffix="_own")
        told = told.with_columns(
            pl.when(pl.col("verdict").is_null()).then(pl.col(f"{c}_own")).otherwise(pl.col(c)).alias(c) for c in FATE
        )
    return told.with_columns(pl.col("verdict").fill_null("keep"), name="row_id").select(COLUMNS)


def find_pair(tables: RunTables, wanted: str) -> list[PairAt]:
    """The pairs, questions or answers that a name names; none where there are none.

    Args:
        wanted: a pair_id or its first digits, 8 at least; or `DOC_ID/ROW_ID`, with the row of a question or of an answer to it.
    """
    if not tables.has(PAIRS):
        return []
    if _PAIR_ID.fullmatch(wanted):
        parts = {file.file: file.part for file in tables.files(PAIRS)}
        rows = tables.scan_files(list(parts), "_file").filter(pl.col("row_id").str.starts_with(wanted))
        found = rows.select("doc_id", "row_id", "_file").sort("row_id").collect().iter_rows()
        return [_of_pair(tables, parts[file], doc_id, pair_id) for doc_id, pair_id, file in found]
    if not (named := _ROW.fullmatch(wanted)) or not tables.has(QUESTIONS.name):
        return []
    doc_id, row_id = named.groups()
    [(part, _)] = find(tables, doc_id)
    question_id = _SAMPLE.sub("", row_id)
    asked = _mine(tables, QUESTIONS.name, part, doc_id, [question_id])
    answers = [name for name in _answers(tables, part, doc_id, question_id) if row_id in (name, question_id)]
    if not asked or (row_id != question_id and not answers):
        raise UserError(f"no question or answer {row_id!r} of {doc_id} in {tables.store.uri}")
    made = [row["row_id"] for row in _origins(tables, part, doc_id) if row["answer_id"] in answers]
    return [PairAt(wanted, part, doc_id, question_id, tuple(answers), tuple(made))]


def _of_pair(tables: RunTables, part: int, doc_id: str, pair_id: str) -> PairAt:
    answers = [row["answer_id"] for row in _origins(tables, part, doc_id) if row["row_id"] == pair_id]
    question_id = _SAMPLE.sub("", answers[0]) if answers else None
    return PairAt(pair_id, part, doc_id, question_id, tuple(answers), (pair_id,))


def _origins(tables: RunTables, part: int, doc_id: str) -> list[dict[str, Any]]:
    return _mine(tables, PAIR_ORIGINS.name, part, doc_id)


def _answers(tables: RunTables, part: int, doc_id: str, question_id: str) -> list[str]:
    return [row["row_id"] for row in _mine(tables, CHAINS.name, part, doc_id) if row["question_id"] == question_id]


def _mine(
    tables: RunTables, table: str, part: int, doc_id: str, names: Sequence[str] | None = None, key: str = "row_id"
) -> list[dict[str, Any]]:
    """Rows of a document in a table, of some names only; none where the run has no such table."""
    if not tables.has(table):
        return []
    mine = pl.col("doc_id") == doc_id
    rows = tables.scan_part(table, part).filter(mine if names is None else mine & pl.col(key).is_in(names))
    return rows.collect().to_dicts()


def fates(tables: RunTables, at: PairAt, tier: str) -> list[dict[str, Any]]:
    """What became in a tier of what a name names: rows as of `pair_ledger_parts`."""
    rows = pl.concat([_left(tables, at.part), _made(tables, at.part, tier)]).filter(pl.col("doc_id") == at.doc_id)
    names = [*at.pair_ids, *at.answer_ids, *([at.question_id] if at.question_id else ())]
    return rows.filter(pl.col("row_id").is_in(names)).to_dicts()


def pair_way(tables: RunTables, at: PairAt) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Its way: (table, row) for every table that speaks of it, in the order of the data; `replies`: what the models' replies took, as they
    are sealed in the run's place."""
    part, doc_id = at.part, at.doc_id
    for row in _mine(tables, "metadata", part, doc_id):
        yield "metadata", {name: row[name] for name in ("doc_id", "paper_id", "title", "licence")}
    questions = _mine(tables, QUESTIONS.name, part, doc_id, [at.question_id] if at.question_id else [])
    names: dict[str, Sequence[str]] = {
        CHUNKS.name: [row["chunk_id"] for row in questions],
        **dict.fromkeys((*_OF_QUESTIONS, PICKS.name), [at.question_id] if at.question_id else []),
        **dict.fromkeys(_OF_ANSWERS, at.answer_ids),
        **dict.fromkeys((PAIRS, PAIR_ORIGINS.name, PAIR_HITS.name, PAIR_DECISIONS.name), at.pair_ids),
    }
    told = []
    for table in (table for table in tables.tables if table in names):
        for row in _mine(tables, table, part, doc_id, names[table], "pair_id" if table == PAIR_HITS.name else "row_id"):
            told.append((table, row))
            yield table, row
    keys = {key: table for table, row in told if table != PAIR_ORIGINS.name for key in row.get("keys") or ()}
    yield from (("replies", row) for row in _replies(tables, keys))
    yield from _released(tables, at)


def _replies(tables: RunTables, keys: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What the replies of some keys took, in their order, each with the stage that asked; those that no sealed file holds are not told."""
    wanted = pa.array(list(keys), pa.string())
    found: dict[str, dict[str, Any]] = {}
    for name in tables.store.names(f"{ENGINES}/{SEALED}", ".parquet"):
        if len(found) == len(keys):
            break
        mine = tables.store.read_table(f"{ENGINES}/{SEALED}/{name}", _TOOK)
        found |= {row["key"]: row for row in mine.filter(pc.is_in(mine["key"], value_set=wanted)).to_pylist()}
    yield from ({"stage": stage, **found[key]} for key, stage in keys.items() if key in found)


def _released(tables: RunTables, at: PairAt) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The files of the release that hold its pairs."""
    sent = [r for r in tables.sent(PAIRS).parts if r.part == at.part] if at.pair_ids and tables.has("release") else []
    for receipt in sent:
        for number, rows in sent_rows(tables.store, receipt, ("pair_id", "tiers")):
            for [tiers] in rows.filter(pl.col("pair_id").is_in(at.pair_ids)).select("tiers").iter_rows():
                files = [
                    (tier, shard) for tier in tiers for shard in tables.shards(tier, PAIRS) if shard.part == number
                ]
                yield from (("release", {"tier": tier, "file": shard.file}) for tier, shard in files)
