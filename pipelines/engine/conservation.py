"""The proof that no paper was lost: for every tier, papers in = released + dropped + withheld + failed; and no pair: those made of the
papers that it releases = released + withheld + dropped.

It has two halves, and holds a part, or a shard, at a time. A part's papers are those that the tier's decisions leave out, and
those that it sent to the shards, with the text of `texts` where it is edited. What a shard received is what its file holds, told by count and a sum of 64-bit hashes; the
ids are read only where these differ.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from curation.errors import ConservationError
from pipelines.engine.groups import read_group, read_groups
from pipelines.engine.receipt import Receipt
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store
from pipelines.engine.unique import doubled_ids
from schemas import Verdict

NAMED = 10
"""Ids of each kind that an error names."""
UNMASKED = "released with the text that was edited"
WORDS = ("papers", "release", "decisions")
SENT = ("id", "tiers")
"""Columns of what a part sent."""
PAIRS, PAIRS_OUT = "pairs", "pair_decisions"
"""The tables of pairs, and of those that some tier, or all, leave out."""
_PAIR = {"doc_id": pl.String, "row_id": pl.String}
EDITS = "texts"
"""The table of texts that were edited after the decisions."""


@dataclass
class _Count:
    """Rows, and the sum of the hashes of their ids."""

    rows: int = 0
    hashes: int = 0

    def add(self, ids: pl.Series) -> None:
        self.rows += len(ids)
        self.hashes = (self.hashes + int(np.sum(ids.hash(0).to_numpy(), dtype=np.uint64))) % 2**64


@dataclass
class _Tier:
    """What is known of a tier so far."""

    name: str
    verdicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    sent: dict[int, _Count] = field(default_factory=lambda: defaultdict(_Count))
    masked: int = 0
    pairs: _Count = field(default_factory=_Count)
    pairs_out: Counter[str] = field(default_factory=Counter)
    """By verdict the pairs of its papers that it leaves out."""
    wrong: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def raise_wrong(self) -> None:
        order = [
            *(f"doubled in the {word}" for word in WORDS),
            "lost",
            "released and left out",
            "from nowhere",
            UNMASKED,
            "pairs lost",
            "pairs from nowhere",
            "pairs doubled",
        ]
        told = [f"{what}: {', '.join(sorted(self.wrong[what])[:NAMED])}" for what in order if self.wrong[what]]
        if told:
            raise ConservationError(f"tier {self.name}: {'; '.join(told)}")


def check_conservation(tables: RunTables, tiers: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
    """Prove for some tiers, default all, that each paper is accounted for once.

    Returns:
        tier -> its funnel: documents_in, released, of these masked, dropped, withheld, failed, words, pairs, pairs_withheld,
        pairs_dropped and the count of every reason.

    Raises:
        ConservationError: names the ids that are lost, doubled, both released and dropped, or released with a text that `texts`
            replaces; those of pairs, too.
    """
    known = [_Tier(name) for name in (tables.tiers() if tiers is None else tiers)]
    doubled = doubled_ids(tables.store, tables.files("papers"), "doc_id")
    papers = {file.part: file.file for file in tables.files("papers")}
    sent = {receipt.part: receipt for receipt in tables.sent().parts}
    count = 0
    for part in sorted(papers.keys() | sent.keys() | {file.part for file in tables.files("decisions")}):
        ids = _ids(tables.store, papers.get(part), "doc_id")
        count += len(ids)
        _check_part(tables, known, part, ids, sent.get(part))
    for tier in known:
        tier.wrong["doubled in the papers"].update(doubled)
        _check_shards(tables, tier, list(sent.values()))
        _check_pairs(tables, tier)
        tier.raise_wrong()
    return {tier.name: _funnel(tables, tier, count) for tier in known}


def _check_part(tables: RunTables, tiers: list[_Tier], part: int, ids: pl.Series, sent: Receipt | None) -> None:
    """The first half: a part's papers were left out, or sent to the shards; of a part without papers none may be."""
    decisions, edited = _decisions(tables, part), _edited(tables, part)
    columns = (*SENT, *(("text_sha256",) if edited else ()))
    groups = list(sent_rows(tables.store, sent, columns)) if sent is not None else []
    for tier in tiers:
        mine = decisions.filter(pl.col("tier") == tier.name)
        decided = mine["doc_id"]
        for verdict, reason, stage, count in mine.group_by("verdict", "reason", "stage").len().iter_rows():
            tier.verdicts[verdict, reason, stage] += count
        gone = pl.Series([], dtype=pl.String)
        for number, rows in groups:
            mine = rows.filter(pl.col("tiers").list.contains(tier.name))
            kept = mine["id"]
            for doc_id, digest in mine.filter(kept.is_in(list(edited))).select(columns[0], columns[-1]).iter_rows():
                tier.masked += 1
                tier.wrong[UNMASKED].update({doc_id} if digest != edited[doc_id] else ())
            tier.sent[number].add(kept)
            gone = gone.append(kept)
        tier.wrong["doubled in the decisions"].update(decided.filter(decided.is_duplicated()))
        tier.wrong["doubled in the release"].update(gone.filter(gone.is_duplicated()))
        all_ids, out, kept_ids = set(ids), set(decided), set(gone)
        tier.wrong["lost"] |= all_ids - out - kept_ids
        tier.wrong["released and left out"] |= out & kept_ids
        tier.wrong["from nowhere"] |= (out | kept_ids | set(edited)) - all_ids


def _pairs(tables: RunTables, part: int, tier: str) -> tuple[pl.Series, Counter[str]]:
    """The pairs of a part that a tier should release, and by verdict how many of its papers' pairs it leaves out."""
    out = _decisions(tables, part).filter(pl.col("tier") == tier)["doc_id"]
    made = _of_part(tables, PAIRS, part, _PAIR).filter(~pl.col("doc_id").is_in(list(out)))["row_id"]
    if not tables.has(PAIRS_OUT):
        return made, Counter()
    told = _of_part(tables, PAIRS_OUT, part, {**_PAIR, "tiers": pl.List(pl.String), "verdict": pl.String})
    mine = told.filter(pl.col("tiers").is_null() | pl.col("tiers").list.contains(tier))
    left_out = mine.filter(pl.col("row_id").is_in(list(made)))
    return made.filter(~made.is_in(list(left_out["row_id"]))), Counter(left_out["verdict"].to_list())


def _of_part(tables: RunTables, table: str, part: int, columns: Mapping[str, Any]) -> pl.DataFrame:
    frames = [tables.store.read_table(file, list(columns)) for file in tables.of_part(table, part)]
    return pl.concat([pl.DataFrame(schema=columns), *(pl.DataFrame(pl.from_arrow(frame)) for frame in frames)])


def _check_pairs(tables: RunTables, tier: _Tier) -> None:
    """Both halves for pairs: what should be released, part by part, is what the tier's files hold."""
    if not tables.has(PAIRS):
        return
    parts = sorted({file.part for file in tables.files(PAIRS)})
    shards, held = tables.shards(tier.name, PAIRS), _Count()
    for part in parts:
        kept, left_out = _pairs(tables, part, tier.name)
        tier.pairs.add(kept)
        tier.pairs_out.update(left_out)
    for shard in shards:
        held.add(_ids(tables.store, shard.file, "pair_id"))
    if held == tier.pairs:
        return
    expected = {pair for part in parts for pair in _pairs(tables, part, tier.name)[0]}
    there = {pair for shard in shards for pair in _ids(tables.store, shard.file, "pair_id")}
    tier.wrong["pairs lost"] |= expected - there
    tier.wrong["pairs from nowhere"] |= there - expected
    if expected == there:
        tier.wrong["pairs doubled"] |= there


def _edited(tables: RunTables, part: int) -> dict[str, str]:
    """doc_id -> sha256 of the text that is released in the place of the one in `documents`."""
    files = tables.of_part(EDITS, part) if tables.has(EDITS) else ()
    rows = [row for file in files for row in tables.store.read_table(file, ["doc_id", "text_sha256"]).to_pylist()]
    return {row["doc_id"]: row["text_sha256"] for row in rows}


def _decisions(tables: RunTables, part: int) -> pl.DataFrame:
    columns = ["doc_id", "tier", "verdict", "reason", "stage"]
    none = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    frames = [tables.store.read_table(file, columns) for file in tables.of_part("decisions", part)]
    return pl.concat([none, *(pl.DataFrame(pl.from_arrow(frame)) for frame in frames)])


def _ids(store: Store, file: str | None, column: str) -> pl.Series:
    """The ids in a file; none where there is no file."""
    if file is None:
        return pl.Series(column, [], dtype=pl.String)
    return pl.DataFrame(pl.from_arrow(store.read_table(file, [column])))[column]


def sent_rows(store: Store, receipt: Receipt, columns: tuple[str, ...] = SENT) -> Iterator[tuple[int, pl.DataFrame]]:
    """What a part sent: number of the shard, and the rows' ids and tiers."""
    for number, rows in read_groups(store, receipt.file, columns):
        yield number, pl.DataFrame(pl.from_arrow(rows))


def _check_shards(tables: RunTables, tier: _Tier, sent: list[Receipt]) -> None:
    """The second half: what a shard received is what its file holds."""
    held: dict[int, str | None] = dict.fromkeys(tier.sent)
    held |= {shard.part: shard.file for shard in tables.shards(tier.name)}
    for number, file in held.items():
        ids = _ids(tables.store, file, "id")
        count = _Count()
        count.add(ids)
        if count == tier.sent.get(number, _Count()):
            continue
        received: set[str] = set()
        for receipt in sent:
            rows = pl.DataFrame(pl.from_arrow(read_group(tables.store, receipt.file, number, SENT)))
            received.update(rows.filter(pl.col("tiers").list.contains(tier.name))["id"])
        tier.wrong["doubled in the release"].update(ids.filter(ids.is_duplicated()))
        tier.wrong["lost"] |= received - set(ids)
        tier.wrong["from nowhere"] |= set(ids) - received


def _funnel(tables: RunTables, tier: _Tier, papers: int) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for (verdict, _, _), count in tier.verdicts.items():
        counts[verdict] += count
    reasons = [
        {"reason": reason, "verdict": verdict, "stage": stage, "count": count}
        for (verdict, reason, stage), count in tier.verdicts.items()
    ]
    return {
        "documents_in": papers,
        "released": sum(count.rows for count in tier.sent.values()),
        "masked": tier.masked,
        "dropped": counts[Verdict.DROP],
        "withheld": counts[Verdict.WITHHOLD],
        "failed": counts[Verdict.FAIL],
        "words": sum(int(p.extra["words"]) for p in tables.shards(tier.name)),
        "pairs": sum(p.rows for p in tables.shards(tier.name, PAIRS)),
        "pairs_withheld": tier.pairs_out[Verdict.WITHHOLD],
        "pairs_dropped": tier.pairs_out[Verdict.DROP],
        "reasons": sorted(reasons, key=lambda r: (-r["count"], r["reason"], r["stage"], r["verdict"])),
    }
