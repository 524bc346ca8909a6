"""The proof of conservation: what adds up passes and is told, and what is lost, doubled or from nowhere is named, in both halves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import ConservationError, RunError
from pipelines.engine import conservation
from pipelines.engine.conservation import NAMED, check_conservation
from pipelines.engine.fingerprint import folder_name
from pipelines.engine.receipt import MANIFEST, Receipt
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import Store
from tests.engine.tasks import manifest_of, put_groups, put_table

KINDS = {kind: {"config": {"tiers": ["public", "research"]}, "kind": kind} for kind in ("documents", "pairs")}
Decision = tuple[str, str, str, str, str]
"""doc_id, tier, verdict, reason, stage."""


@dataclass
class Books:
    """The tables of a run that the proof reads, as Python values; `write` makes a run folder of them.

    Args:
        papers: part -> doc_ids.
        decisions: part -> what is left out, by tier.
        sent: part -> rows sent: (id, tiers, shard).
        shards: (tier, shard) -> ids in the file.
        texts: part -> ids whose text is edited, with the sha256 of it; the rows that are sent have that of their id.
        made: part -> pairs: (doc_id, pair_id); none: the run makes none of its own.
        pairs_out: part -> those that no tier releases, and with a third value those that the tiers of that name drop.
        pairs: tier -> pair_ids in its file.
    """

    papers: dict[int, list[str]] = field(default_factory=dict)
    decisions: dict[int, list[Decision]] = field(default_factory=dict)
    sent: dict[int, list[tuple[str, list[str], int]]] = field(default_factory=dict)
    shards: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    texts: dict[int, dict[str, str]] = field(default_factory=dict)
    made: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    pairs_out: dict[int, list[tuple[str, ...]]] = field(default_factory=dict)
    pairs: dict[str, list[str]] = field(default_factory=lambda: {"public": ["x"]})

    def write(self, root: Path) -> RunTables:
        store = Store(root)
        papers, decisions = [], []
        for part, ids in self.papers.items():
            papers.append(_part(store, "papers-1", part, {"doc_id": ids}))
        for part, rows in self.decisions.items():
            columns = ("doc_id", "tier", "verdict", "reason", "stage")
            told = {n: [r[i] for r in rows] for i, n in enumerate(columns)}
            decisions.append(_part(store, "decisions-1", part, told))
        shards = [
            replace(_part(store, f"release-1/{tier}", number, {"id": ids}, "shard"), extra=_extra(tier, len(ids)))
            for (tier, number), ids in self.shards.items()
        ]
        pairs = [
            replace(
                _part(store, f"release-1/{tier}-pairs", 0, {"pair_id": ids}, "shard"), extra=_extra(tier, 0, "pairs")
            )
            for tier, ids in self.pairs.items()
        ]
        of_pairs: dict[str, Mapping[int, Sequence[tuple[str, ...]]]] = {
            "pairs": self.made,
            "pair_decisions": self.pairs_out,
        }
        for name, found in of_pairs.items():
            parts = [
                replace(put_table(store, f"{name}-1/part-{part:05d}.parquet", _of_pairs(rows)), part=part)
                for part, rows in found.items()
            ]
            self._manifest(store, f"{name}-1", parts)
        used = [name for name, found in {"texts": self.texts, **of_pairs}.items() if found]
        names = ("papers", "decisions", "release", *used)
        texts = [
            _part(store, "texts-1", part, {"doc_id": list(rows), "text_sha256": list(rows.values())})
            for part, rows in self.texts.items()
        ]
        self._manifest(store, "texts-1", texts)
        self._manifest(store, "papers-1", papers)
        self._manifest(store, "decisions-1", decisions)
        self._manifest(store, "release-1", [*shards, *pairs])
        folder = folder_name("split-release", KINDS["documents"])
        self._manifest(store, folder, [self._sent(store, folder, part, rows) for part, rows in self.sent.items()])
        stages = {
            name: {"folder": f"{name}-1", "tables": [{"name": name, "working": False}], "layout": "parts"}
            for name in names
        }
        stages["release"]["identity"] = {"kinds": KINDS}
        store.write_json("run.json", {"name": "books", "order": list(stages), "stages": stages, "finished": True})
        return RunTables(store)

    @staticmethod
    def _sent(store: Store, folder: str, part: int, rows: list[tuple[str, list[str], int]]) -> Receipt:
        ids, tiers = pa.array([r[0] for r in rows], pa.string()), pa.array([r[1] for r in rows], pa.list_(pa.string()))
        table = pa.table({"id": ids, "text_sha256": ids, "tiers": tiers})
        return put_groups(store, f"{folder}/part-{part:05d}.arrow", part, table, [r[2] for r in rows])

    @staticmethod
    def _manifest(store: Store, folder: str, receipts: list[Receipt]) -> None:
        store.write_json(f"{folder}/{MANIFEST}", manifest_of(folder, receipts))


def _part(store: Store, folder: str, part: int, columns: Mapping[str, list[str]], word: str = "part") -> Receipt:
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return replace(put_table(store, f"{folder}/{word}-{part:05d}.parquet", table), part=part)


def _of_pairs(rows: Sequence[tuple[str, ...]]) -> pa.Table:
    tiers = pa.array([list(row[2:]) or None for row in rows], pa.list_(pa.string()))
    verdicts = pa.array(["drop" if row[2:] else "withhold" for row in rows], pa.string())
    ids = {name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(("doc_id", "row_id"))}
    return pa.table({**ids, "tiers": tiers, "verdict": verdicts})


def _extra(tier: str, rows: int, kind: str = "documents") -> dict[str, Any]:
    return {"tier": tier, "kind": kind, "words": str(10 * rows)}


def books() -> Books:
    """Six papers in two parts. public: a, b, d, e released in shards 0 and 2; c failed, f dropped. research: all but c."""
    both = ["public", "research"]
    return Books(
        papers={0: ["a", "b", "c"], 1: ["d", "e", "f"]},
        decisions={
            0: [("c", tier, "fail", "extract_error", "documents") for tier in both],
            1: [("f", "public", "drop", "near_duplicate", "copies")],
        },
        sent={0: [("a", both, 0), ("b", both, 2)], 1: [("d", both, 0), ("e", both, 0), ("f", ["research"], 2)]},
        shards={
            ("public", 0): ["a", "d", "e"],
            ("public", 2): ["b"],
            ("research", 0): ["e", "a", "d"],
            ("research", 2): ["f", "b"],
        },
    )


def test_what_adds_up_is_told_by_tier(tmp_path):
    tables = books().write(tmp_path)
    funnel = check_conservation(tables)
    fail = {"reason": "extract_error", "verdict": "fail", "stage": "documents", "count": 1}
    drop = {"reason": "near_duplicate", "verdict": "drop", "stage": "copies", "count": 1}
    assert list(funnel) == ["public", "research"]
    assert funnel["public"] == {
        "documents_in": 6,
        "released": 4,
        "masked": 0,
        "dropped": 1,
        "withheld": 0,
        "failed": 1,
        "words": 40,
        "pairs": 1,
        "pairs_withheld": 0,
        "pairs_dropped": 0,
        "reasons": [fail, drop],
    }
    assert {k: funnel["research"][k] for k in ("released", "dropped", "failed", "words", "pairs", "reasons")} == {
        "released": 5,
        "dropped": 0,
        "failed": 1,
        "words": 50,
        "pairs": 0,
        "reasons": [fail],
    }
    assert check_conservation(tables, ["research"]) == {"research": funnel["research"]}


def test_papers_that_are_masked_are_told_by_tier_and_those_released_as_they_were_are_named(tmp_path):
    right = replace(books(), texts={0: {"a": "a"}, 1: {"f": "f"}})
    funnel = check_conservation(right.write(tmp_path / "right"))
    assert {tier: told["masked"] for tier, told in funnel.items()} == {"public": 1, "research": 2}
    wrong = replace(books(), texts={0: {"a": "another"}, 1: {"x": "x"}})
    with pytest.raises(ConservationError, match="from nowhere: x; released with the text that was edited: a"):
        check_conservation(wrong.write(tmp_path / "wrong"), ["research"])


def test_reasons_are_told_by_their_number_then_by_name(tmp_path):
    ids = [f"p{i}" for i in range(7)]
    reasons = [("drop", "b", "s"), ("drop", "b", "s"), ("drop", "a", "t"), ("withhold", "a", "s"), ("drop", "a", "s")]
    rows: list[Decision] = [
        (d, "public", *r) for d, r in zip(ids, [*reasons, ("drop", "b", "t"), ("drop", "b", "t")], strict=True)
    ]
    funnel = check_conservation(Books({0: ids}, {0: rows}, {0: []}).write(tmp_path), ["public"])["public"]
    told = [(r["count"], r["reason"], r["stage"], r["verdict"]) for r in funnel["reasons"]]
    assert told == [
        (2, "b", "s", "drop"),
        (2, "b", "t", "drop"),
        (1, "a", "s", "drop"),
        (1, "a", "s", "withhold"),
        (1, "a", "t", "drop"),
    ]
    assert (funnel["dropped"], funnel["withheld"], funnel["failed"], funnel["released"]) == (6, 1, 0, 0)


Change = Callable[[Books], object]

WRONG: dict[str, tuple[Change, str]] = {
    "a row of the decisions is gone": (lambda b: b.decisions[0].pop(0), "tier public: lost: c"),
    "a row is not sent": (lambda b: b.sent[1].pop(0), "lost: d; from nowhere: d"),
    "a part sends nothing": (lambda b: b.sent.pop(1), "lost: d, e; from nowhere: d, e"),
    "a part has no decisions": (lambda b: b.decisions.pop(1), "lost: f"),
    "a row is not sent and not in the shard": (
        lambda b: (b.sent[1].pop(0), b.shards["public", 0].remove("d")),
        "tier public: lost: d$",
    ),
    "a released row is left out, too": (
        lambda b: b.decisions[0].append(("a", "public", "drop", "x", "y")),
        "released and left out: a",
    ),
    "a row is left out twice": (
        lambda b: b.decisions[1].append(("f", "public", "withhold", "x", "y")),
        "doubled in the decisions: f",
    ),
    "a row is sent twice": (lambda b: b.sent[0].append(("a", ["public"], 2)), "doubled in the release: a; lost: a"),
    "a row is sent and written twice": (
        lambda b: (b.sent[0].append(("a", ["public"], 2)), b.shards["public", 2].append("a")),
        "tier public: doubled in the release: a$",
    ),
    "a paper is there twice": (lambda b: b.papers[1].append("a"), "doubled in the papers: a; lost: a"),
    "a stranger is left out": (
        lambda b: b.decisions[0].append(("z", "public", "drop", "x", "y")),
        "tier public: from nowhere: z$",
    ),
    "a stranger is sent": (lambda b: b.sent[0].append(("z", ["public"], 2)), "lost: z; from nowhere: z"),
    "another part's paper is sent": (
        lambda b: (b.sent[0].append(("d", ["public"], 0)), b.shards["public", 0].append("d")),
        "from nowhere: d",
    ),
    "a shard lacks a row": (lambda b: b.shards["public", 0].remove("d"), "tier public: lost: d$"),
    "a shard has a row twice": (lambda b: b.shards["public", 0].append("d"), "tier public: doubled in the release: d$"),
    "a shard has a stranger": (lambda b: b.shards["public", 2].append("z"), "tier public: from nowhere: z$"),
    "a shard has another row": (
        lambda b: b.shards.update({("public", 2): ["z"]}),
        "tier public: lost: b; from nowhere: z$",
    ),
    "a shard is gone": (lambda b: b.shards.pop(("public", 2)), "tier public: lost: b$"),
    "a shard came that nobody sent to": (
        lambda b: b.shards.update({("public", 1): ["z"]}),
        "tier public: from nowhere: z$",
    ),
    "a row lies in another shard": (
        lambda b: (b.shards["public", 0].remove("d"), b.shards["public", 2].append("d")),
        "tier public: lost: d; from nowhere: d$",
    ),
    "a shard has a row of another tier": (lambda b: b.shards["public", 2].append("f"), "tier public: from nowhere: f$"),
    "a part that no paper has sends rows": (
        lambda b: (b.sent.update({9: [("z", ["public"], 0)]}), b.shards["public", 0].append("z")),
        "tier public: from nowhere: z$",
    ),
    "only the second tier is wrong": (lambda b: b.shards["research", 2].remove("f"), "tier research: lost: f$"),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_what_does_not_add_up_is_named(tmp_path, what):
    change, said = WRONG[what]
    wrong = books()
    change(wrong)
    with pytest.raises(ConservationError, match=said):
        check_conservation(wrong.write(tmp_path))


def test_ids_of_shards_are_read_only_where_counts_or_hashes_differ_in_any_bit(tmp_path, monkeypatch):
    def low(name: str) -> int:
        return int(pl.Series([name]).hash(0)[0]) % 2**10

    alike = next(name for i in range(10**5) if low(name := f"z{i}") == low("b"))
    wrong = books()
    wrong.shards["public", 2] = [alike]
    with pytest.raises(ConservationError, match=f"tier public: lost: b; from nowhere: {alike}$"):
        check_conservation(wrong.write(tmp_path / "wrong"))
    monkeypatch.delattr(conservation, "read_group")
    assert check_conservation(books().write(tmp_path / "right"))["public"]["released"] == 4


def test_a_tier_that_is_not_asked_stops_nothing(tmp_path):
    wrong = books()
    wrong.shards["research", 2].remove("f")
    assert check_conservation(wrong.write(tmp_path), ["public"])["public"]["released"] == 4


def test_an_error_names_few_and_says_everything_that_is_wrong(tmp_path):
    ids = [f"p{i:02d}" for i in range(20)]
    with pytest.raises(ConservationError, match=f"lost: {', '.join(ids[:NAMED])}$"):
        check_conservation(Books({0: ids[::-1]}, {0: []}, {0: []}).write(tmp_path), ["public"])


def test_a_shard_that_is_there_and_empty_counts_as_no_row(tmp_path):
    empty = books()
    empty.shards["public", 7] = []
    assert check_conservation(empty.write(tmp_path))["public"]["released"] == 4


def test_a_release_whose_file_is_gone_is_no_proof(tmp_path):
    tables = books().write(tmp_path)
    (tmp_path / "release-1/public/shard-00002.parquet").unlink()
    with pytest.raises(RunError, match=r"shard-00002\.parquet is gone"):
        check_conservation(tables)


PLACES = st.sampled_from(["keep 0", "keep 1", "drop", "withhold", "fail"])


@settings(max_examples=20)
@given(st.lists(st.lists(st.tuples(PLACES, PLACES), max_size=5), min_size=1, max_size=3), st.randoms())
def test_any_books_that_are_kept_well_pass_and_add_up(drawn, rng):
    kept = Books()
    for part, places in enumerate(drawn):
        kept.papers[part] = [f"{part}.{n}" for n in range(len(places))]
        kept.decisions[part], kept.sent[part] = [], []
        for doc_id, of in zip(kept.papers[part], places, strict=True):
            for tier, place in zip(("public", "research"), of, strict=True):
                word, _, shard = place.partition(" ")
                if word == "keep":
                    kept.sent[part].append((doc_id, [tier], int(shard)))
                    kept.shards.setdefault((tier, int(shard)), []).append(doc_id)
                else:
                    kept.decisions[part].append((doc_id, tier, word, "r", "s"))
    for rows in (*kept.shards.values(), *kept.sent.values(), *kept.decisions.values()):
        rng.shuffle(rows)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        funnel = check_conservation(kept.write(Path(folder)))
    for i, told in enumerate(funnel.values()):
        words = [of[i].partition(" ")[0] for places in drawn for of in places]
        assert told["documents_in"] == len(words) and told["released"] == words.count("keep")
        counted = [told[w] for w in ("dropped", "withheld", "failed")]
        assert counted == [words.count(w) for w in ("drop", "withhold", "fail")]


def with_pairs() -> Books:
    """The same with pairs of a, d and f; that of d and one of a are left out, and those of f are in research only."""
    made = books()
    made.made = {0: [("a", "p1"), ("a", "p2")], 1: [("d", "p3"), ("f", "p4"), ("f", "p5")]}
    made.pairs_out = {0: [("a", "p2")], 1: [("d", "p3")]}
    made.pairs = {"public": ["p1"], "research": ["p5", "p1", "p4"]}
    return made


def test_pairs_add_up_by_tier(tmp_path):
    funnel = check_conservation(with_pairs().write(tmp_path))
    told = {tier: (mine["pairs"], mine["pairs_withheld"]) for tier, mine in funnel.items()}
    assert told == {"public": (1, 2), "research": (3, 2)}


@pytest.mark.parametrize(
    ("public", "said"),
    [
        ([], "pairs lost: p1"),
        (["p1", "p2"], "pairs from nowhere: p2"),
        (["p1", "p4"], "pairs from nowhere: p4"),
        (["p3"], "pairs lost: p1; pairs from nowhere: p3"),
        (["p1", "p1"], "pairs doubled: p1"),
    ],
)
def test_a_pair_that_is_lost_or_not_left_out_is_named(tmp_path, public, said):
    made = with_pairs()
    made.pairs["public"] = public
    with pytest.raises(ConservationError, match=f"^tier public: {said}$"):
        check_conservation(made.write(tmp_path))


def test_pairs_that_some_tiers_drop_add_up_in_each(tmp_path):
    made = with_pairs()
    made.pairs_out[0].append(("a", "p1", "public"))
    made.pairs_out[1].append(("f", "p4", "public", "research"))
    made.pairs = {"public": [], "research": ["p5", "p1"]}
    funnel = check_conservation(made.write(tmp_path / "right"))
    told = {tier: [mine[f"pairs{what}"] for what in ("", "_withheld", "_dropped")] for tier, mine in funnel.items()}
    assert told == {"public": [0, 2, 1], "research": [2, 2, 1]}
    made.pairs = {"public": ["p1"], "research": ["p5", "p1"]}
    with pytest.raises(ConservationError, match=r"^tier public: pairs from nowhere: p1$"):
        check_conservation(made.write(tmp_path / "kept"))
    made.pairs = {"public": [], "research": ["p5"]}
    with pytest.raises(ConservationError, match=r"^tier research: pairs lost: p1$"):
        check_conservation(made.write(tmp_path / "lost"))
