"""Copies: which one stays in a tier, how marks spread, and what a component is."""

from __future__ import annotations

from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.dedup.bands import SKETCHES
from curation.dedup.families import LARGE_FAMILY
from curation.errors import ContractError, LimitError
from curation.release.copies import Copies
from curation.release.decide import Decide
from curation.release.tiers import TierRule
from curation.step import Inputs
from schemas import SPREAD
from tests.release.test_decide import decide, halves, tables, verdicts

BOTH = ("public", "research")


def spread_of(papers: dict[str, dict[str, Any]], **others: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """(doc_id, mark) -> row of spread."""
    return {(r["doc_id"], r["mark"]): r for r in tables(papers, **others)["spread"].to_pylist()}


def streamed(made: dict[str, pa.Table]) -> Inputs:
    return Inputs({}, {}, {name: partial(halves, table) for name, table in made.items()})


def test_every_benchmark_of_a_source_spreads_with_its_evidence() -> None:
    papers: dict[str, dict[str, Any]] = {d: {} for d in "abc"}
    withheld = [{"doc_id": "a"}, {"doc_id": "a", "mark": "C"}, {"doc_id": "c", "mark": "D", "layer": "text"}]
    edges = [("identity", "a", "b"), ("near", "b", "c")]
    found = spread_of(papers, withheld=withheld, edges=edges)
    assert set(found) == {("b", "B"), ("c", "B"), ("b", "C"), ("c", "C"), ("a", "D"), ("b", "D")}
    assert {key: found["c", "B"][key] for key in ("layer", "rule", "evidence", "entry", "spans")} == {
        "layer": "copy",
        "rule": "near",
        "evidence": "near copy of b, a copy of a",
        "entry": "b",
        "spans": None,
    }
    assert found["c", "B"]["score"] == 750 and found["b", "B"]["score"] is None
    assert len({(r["doc_id"], r["row_id"]) for r in found.values()}) == 6
    got = verdicts(papers, withheld=withheld, edges=edges)
    assert {at: r["reason"] for at, r in got.items() if at[0] == "c"} == dict.fromkeys(
        [("c", tier) for tier in BOTH], "benchmark_overlap"
    ), "a document's own finding counts before what is said for another one"
    assert {r["stage"] for (d, _), r in got.items() if d == "b"} == {"spread"}
    made = tables(papers, withheld=withheld, edges=edges)
    assert Copies(tiers=BOTH).summary(streamed(made), made)["spread"] == {
        "B": {"identity": 1, "near": 1},
        "C": {"identity": 1, "near": 1},
        "D": {"near": 1, "identity": 1},
    }


def test_what_is_removed_takes_its_copies_along_and_counts_before_withheld() -> None:
    removed = [{"doc_id": "a", "row_id": "removal", "reason": "removed", "mark": "letter 7", "evidence": "asked"}]
    papers: dict[str, dict[str, Any]] = {d: {"is_withdrawn": True} for d in "abcd"}
    edges = [("exact", "a", "b"), ("near", "b", "c"), ("near", "c", "d")]
    got = verdicts(papers, findings=removed, withheld=[{"doc_id": d} for d in "abcd"], edges=edges)
    assert {d: {got[d, t]["reason"] for t in BOTH} for d in "abcd"} == {
        "a": {"removed"},
        "b": {"removed"},
        "c": {"removed"},
        "d": {"withdrawn"},
    }
    assert got["b", "public"]["verdict"] == "drop" and got["b", "public"]["evidence"] == "letter 7: same words as a"
    nameless = [{**removed[0], "mark": None}]
    assert spread_of(papers, findings=nameless, edges=edges)["b", "removed"]["evidence"] == "same words as a"


X, Y, DOI = "arXiv:2301.00001", "arXiv:2301.00002", "doi:10.1086/1"


@pytest.mark.parametrize(
    ("tie", "withdrawn", "other", "goes"),
    [
        ("exact", {"links": [X]}, {}, True),
        ("exact", {"links": [X]}, {"links": [X], "claims": [X]}, True),
        ("exact", {"links": [X, DOI]}, {"links": [DOI]}, True),
        ("exact", {"links": [X]}, {"links": [Y]}, False),  # withdrawn for being its text, or submitted twice
        ("exact", {"links": [X]}, {"links": [Y], "claims": [Y], "version": 9}, True),
        ("exact", {"links": [X], "version": 2}, {"links": [X], "version": 3}, False),
        ("identity", {"links": [X], "version": 2}, {"links": [X], "version": 1}, True),
        ("identity", {"links": [X], "version": 2}, {"links": [X], "version": 3}, False),
        ("identity", {"links": [X]}, {"links": [X], "version": 3}, True),
        ("identity", {"links": [X]}, {"links": [X], "n_records": 1}, False),
        ("identity", {"links": [X]}, {"links": [X], "claims": [X], "n_records": 1}, True),
        ("identity", {"links": [X, DOI]}, {"links": [DOI]}, False),  # its journal has not withdrawn it
        ("claim", {"links": [X], "claims": [X]}, {"links": [X]}, False),
        ("near", {"links": [X]}, {"links": []}, False),
        ("contained", {"links": [X]}, {"links": []}, False),
    ],
)
def test_a_withdrawn_text_takes_along_its_words_and_its_arxiv_id(
    tie: str, withdrawn: dict[str, Any], other: dict[str, Any], goes: bool
) -> None:
    papers = {"w": {**withdrawn, "is_withdrawn": True}, "z": other}
    got = verdicts(papers, edges=[(tie, "w", "z")])
    assert {r["reason"] for (d, _), r in got.items() if d == "w"} == {"withdrawn"}
    assert {r["reason"] for (d, _), r in got.items() if d == "z"} == ({"withdrawn"} if goes else set())
    if goes:
        word = "words" if tie == "exact" else "work"
        assert got["z", "public"]["evidence"] == f"withdrawn: same {word} as w"


def test_a_withdrawal_goes_on_from_what_it_reached() -> None:
    papers = {"w": {"links": [X], "is_withdrawn": True}, "v": {"links": [X]}, "copy": {}, "near": {}}
    got = verdicts(papers, edges=[("identity", "v", "w"), ("exact", "copy", "v"), ("near", "copy", "near")])
    assert {d for d, _ in got} == {"w", "v", "copy"}
    assert got["copy", "public"]["evidence"] == "withdrawn: same words as v, a copy of w"


def test_a_mark_of_one_tier_closes_copies_in_that_tier_and_no_other() -> None:
    removed = {"doc_id": "a", "row_id": "removal", "reason": "removed", "mark": "letter 7"}
    papers: dict[str, dict[str, Any]] = {d: {} for d in "abc"}
    edges = [("exact", "a", "b"), ("near", "b", "c")]
    got = decide(papers, findings=[{**removed, "tier": "research"}], edges=edges)
    public = {("b", "public"): "duplicate", ("c", "public"): "near_duplicate"}
    assert got == {(d, "research"): "removed" for d in "abc"} | public
    assert decide(papers, findings=[removed], edges=edges) == {(d, t): "removed" for d in "abc" for t in BOTH}


def test_marks_that_differ_in_anything_have_rows_of_their_own() -> None:
    removed = {"doc_id": "a", "reason": "removed"}
    differ = [
        {"mark": "x"},
        {"mark": "x", "tier": "public"},
        {"mark": "x", "verdict": "withhold", "reason": "benchmark_source"},
        {"mark": "removed"},
        {},
    ]
    findings = [{**removed, "row_id": str(n), **mark} for n, mark in enumerate(differ)]
    made = tables({d: {} for d in "ab"}, findings=findings, edges=[("exact", "a", "b")])
    for name in ("spread", "copies"):
        rows = [
            r["row_id"]
            for r in made[name].to_pylist()
            if r["doc_id"] == "b" and "duplicate" not in str(r.get("reason"))
        ]
        assert len(rows) == len(set(rows)) == len(differ), name


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [("withhold", "rule"), ("fail", "near_duplicate"), ("drop", "timeout"), ("drop", "benchmark_source")],
)
def test_a_verdict_that_is_not_that_of_its_reason_breaks_the_contract(verdict: str, reason: str) -> None:
    findings = [{"doc_id": "a", "row_id": "x", "verdict": verdict, "reason": reason}]
    with pytest.raises(ContractError, match=f"findings of 'a': verdict '{verdict}' with reason '{reason}'"):
        tables({"a": {}}, findings=findings)


def test_what_a_mark_took_out_is_nobodys_kept_copy() -> None:
    papers: dict[str, dict[str, Any]] = {"source": {"version": 1}, "near": {"version": 3}, "far": {"version": 2}}
    edges = [("near", "source", "near"), ("near", "near", "far")]
    assert set(decide(papers, withheld=[{"doc_id": "source"}], edges=edges)) == {
        (d, t) for d in ("source", "near") for t in BOTH
    }


def test_a_rule_of_a_tier_or_a_failure_spreads_nothing() -> None:
    findings = [
        {"doc_id": "a", "row_id": "x", "reason": "rule"},
        {"doc_id": "a", "row_id": "y", "reason": "licence", "tier": "public"},
    ]
    papers: dict[str, dict[str, Any]] = {d: {} for d in "ab"}
    assert spread_of(papers, findings=findings, edges=[("exact", "a", "b")]) == {}
    assert {d for d, _ in decide(papers, findings=findings, edges=[("exact", "a", "b")])} == {"a"}


def test_a_failed_source_is_still_a_mark() -> None:
    """Its preprint is the same work, whatever became of its own file."""
    failed = {"a": {"status": "failed", "reason": "timeout", "text": None}}
    got = decide({"a": {}, "b": {}}, documents=failed, withheld=[{"doc_id": "a"}], edges=[("identity", "a", "b")])
    assert got == {(d, t): r for d, r in (("a", "timeout"), ("b", "benchmark_source")) for t in BOTH}


def test_what_holds_a_source_or_stands_in_it_is_withheld_and_says_which() -> None:
    papers: dict[str, dict[str, Any]] = {d: {} for d in ("piece", "source", "thesis", "volume")}
    edges = [("contained", "source", "thesis"), ("contained", "piece", "source"), ("contained", "thesis", "volume")]
    words = {"piece": 300, "source": 900, "thesis": 9000, "volume": 90000}
    sketches = pa.table({"doc_id": list(words), "n_all_words": list(words.values()), "alone": [False] * 4})
    got = spread_of(papers, withheld=[{"doc_id": "source"}], edges=edges, further={"sketches": sketches})
    assert {d: (r["rule"], r["evidence"]) for (d, _), r in got.items()} == {
        "piece": ("contained", "is contained in source"),
        "thesis": ("contained", "contains source"),
    }
    assert got["thesis", "B"]["score"] == 900
    assert decide(papers, edges=edges) == {}, "nothing is a duplicate of what holds it"
    assert tables(papers, edges=edges)["components"].num_rows == 0


@pytest.mark.parametrize(
    ("hits", "goes_down"),
    [
        ([{"layer": "text", "rule": "question"}], False),
        ([{"layer": "identity", "rule": "page"}], False),
        ([{"layer": "identity", "rule": "page"}, {"layer": "text", "rule": "question"}], False),
        ([{"layer": "identity", "rule": "page"}, {"layer": "identity", "rule": "doi"}], True),
        ([{"layer": "identity", "rule": "page"}, {"layer": "identity", "rule": "doi", "mark": "C"}], True),
        ([{"layer": "copy", "rule": "copy"}], True),
        ([{"layer": "bibliographic", "rule": "title"}], True),
    ],
)
def test_a_question_or_a_line_in_a_container_takes_none_of_its_papers_out_and_a_listed_work_does(
    hits: list[dict[str, Any]], goes_down: bool
) -> None:
    papers: dict[str, dict[str, Any]] = {d: {} for d in ("piece", "thesis", "copy", "volume")}
    edges = [("contained", "piece", "thesis"), ("contained", "thesis", "volume"), ("exact", "thesis", "copy")]
    withheld = [{"doc_id": "thesis", **hit} for hit in hits]
    got = {d for d, _ in decide(papers, withheld=withheld, edges=edges)}
    assert got == {"thesis", "copy", "volume", *(["piece"] if goes_down else [])}
    assert decide(papers, withheld=[{"doc_id": "piece", **hits[0]}], edges=edges[:1]).keys() == {
        (d, tier) for d in ("piece", "thesis") for tier in BOTH
    }


def test_without_containment_its_table_is_not_asked_for() -> None:
    assert "contained" in Copies(tiers=("a",)).reads()
    assert "contained" not in Copies(tiers=("a",), contained=False).reads()


def test_too_many_edges_stop_the_step_before_it_reads_anything() -> None:
    rows = {"exact_edges": 1, "identity_edges": 1, "near_edges": 1, "contained": 1, "metadata": 10**9}
    Copies(tiers=("a",), max_edges=4).check_rows(rows)
    with pytest.raises(LimitError, match=r"4 edges, the limit is 3 \(max_edges\)"):
        Copies(tiers=("a",), max_edges=3).check_rows(rows)
    with pytest.raises(LimitError, match=r"about 22\.0 GB of memory"):
        Copies(tiers=("a",)).check_rows({**rows, "near_edges": 20_000_000})
    with pytest.raises(LimitError, match="contained has 50,000,001 rows"):
        Copies(tiers=("a",), max_edges=10**9).check_rows({**rows, "contained": 50_000_001})


def test_an_edge_to_an_unknown_document_breaks_the_contract() -> None:
    with pytest.raises(ContractError, match="metadata does not have one row for each document"):
        tables({"a": {}}, edges=[("exact", "a", "z")])


def test_the_journal_version_is_best_then_the_newest_then_the_longest() -> None:
    papers: dict[str, dict[str, Any]] = {
        "a": {"version": 1, "date": "2020-01-01"},
        "b": {"version": 3, "date": "2021-01-01"},
        "c": {"paper_id": "doi:10.1/x", "date": "2019-01-01"},
        "d": {"version": 1, "date": "2020-01-01"},
        "e": {"version": 9},
    }
    words = pa.table({"doc_id": list("abcde"), "n_all_words": [9, 9, 9, 10, 9], "alone": [False] * 5})
    edges = [("exact", "a", "b"), ("exact", "a", "c"), ("exact", "a", "d")]
    made = tables(papers, edges=edges, further={"sketches": words})
    rows = made["components"].to_pylist()
    assert {r["doc_id"]: (r["rank"], r["component"], r["size"]) for r in rows} == {
        d: (rank, "c", 4) for rank, d in enumerate("cbda")
    }
    key = max(xxhash.xxh3_64_intdigest(d.encode()) for d in "abcd")
    assert {r["split_key"] for r in rows} == {key}
    gone = {r["doc_id"]: r for r in made["copies"].to_pylist() if r["tier"] == "research"}
    assert set(gone) == {"a", "b", "d"}
    assert {(r["evidence"], r["reason"], r["score"]) for r in gone.values()} == {("keeps c", "duplicate", 1.0)}


def test_two_documents_are_a_component() -> None:
    made = tables({"a": {}, "b": {}}, edges=[("near", "a", "b")])["components"].to_pylist()
    assert [(r["doc_id"], r["component"], r["size"], r["rank"]) for r in made] == [("a", "a", 2, 0), ("b", "a", 2, 1)]


def test_no_edges_give_no_rows() -> None:
    made = tables({"a": {}})
    assert [made[name].num_rows for name in ("copies", "spread", "components")] == [0, 0, 0]


def test_a_large_family_is_told_once_in_the_tier_where_it_is_largest() -> None:
    head = {"a00": {"version": 99}, "b00": {"version": 99, "licence": None}}
    papers: dict[str, dict[str, Any]] = {
        **head,
        **{f"{k}{i:02d}": {} for k in "ab" for i in range(1, LARGE_FAMILY + 2)},
    }
    edges = [("near", f"{d[0]}00", d) for d in papers if d not in head]
    made = tables(papers, edges=edges)
    told = Copies(tiers=BOTH).summary(streamed(made), made)["near_families"]
    assert (told["count"], told["documents"]) == (2, 2 * LARGE_FAMILY + 4)
    assert [f["kept"] for f in told["largest"]] == ["a00", "b00"]
    assert told["largest"][1]["samples"] == ["b01", "b02"]


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_of_two_tiers_a_family_is_told_from_the_one_where_it_is_larger(order: tuple[str, str]) -> None:
    tiers = {"first": TierRule(licences=("CC-BY-4.0",)), "second": TierRule()}
    papers: dict[str, dict[str, Any]] = {
        f"a{i:02d}": {"licence": None if i > LARGE_FAMILY else "CC-BY-4.0"} for i in range(LARGE_FAMILY + 4)
    }
    edges = [("near", "a00", d) for d in papers if d != "a00"]
    made = tables(papers, edges=edges, step=Decide(tiers={tier: tiers[tier] for tier in order}))
    told = Copies(tiers=order).summary(streamed(made), made)["near_families"]
    assert (told["count"], told["documents"]) == (1, LARGE_FAMILY + 4)


ids = st.sampled_from([f"d{i}" for i in range(7)])
edge = st.tuples(st.sampled_from(["exact", "identity", "near", "contained"]), ids, ids).filter(lambda e: e[1] != e[2])


@settings(max_examples=25)
@given(st.lists(edge, max_size=8), st.lists(ids, max_size=2, unique=True), st.lists(ids, max_size=3, unique=True))
def test_documents_of_other_components_change_no_row(
    edges: list[tuple[str, str, str]], withheld: list[str], closed: list[str]
) -> None:
    papers: dict[str, dict[str, Any]] = {
        f"d{i}": {"licence": None if f"d{i}" in closed else "CC-BY-4.0"} for i in range(7)
    }
    marks = [{"doc_id": d} for d in withheld]
    edges = list(dict.fromkeys(edges))
    alone = tables(papers, edges=edges, withheld=marks)
    more: dict[str, dict[str, Any]] = {f"{a}{i}": {"version": i} for a in ("a", "c9", "z") for i in range(4)}
    other = [("near", "a0", "a1"), ("exact", "a1", "z0"), ("identity", "c91", "c92"), ("contained", "z2", "z3")]
    both = tables({**papers, **more}, edges=[*edges, *other], withheld=[*marks, {"doc_id": "z2"}])
    for name in ("copies", "spread", "components", "decisions"):
        mine = both[name].filter(pc.is_in(both[name]["doc_id"], value_set=pa.array(list(papers))))
        assert mine.equals(alone[name]), name


def test_every_duplicate_follows_a_kept_copy_that_nothing_took_out() -> None:
    papers: dict[str, dict[str, Any]] = {
        d: {"licence": None if d in "ad" else "CC-BY-4.0", "version": 9 - n} for n, d in enumerate("abcdef")
    }
    edges = [("near", a, b) for n, a in enumerate("abcdef") for b in "abcdef"[n + 1 :]]
    got = verdicts(papers, edges=edges, withheld=[])
    for tier in BOTH:
        out = {d for d, t in got if t == tier}
        for (_, t), row in got.items():
            if t == tier and row["reason"] == "near_duplicate":
                assert row["evidence"].removeprefix("keeps ") not in out
    assert {d for d, t in got if t == "public"} == set("acdef"), "the best open one stays"


def test_a_step_sees_parts_and_not_whole_tables() -> None:
    made = tables({d: {} for d in "abcd"}, edges=[("exact", "a", "c"), ("exact", "b", "d")])
    step = Copies(tiers=BOTH)
    assert set(step.reads()) - set(step.streams) == {"contained"}
    rows = {name: [made[name].slice(i, 1) for i in range(made[name].num_rows)] or [made[name]] for name in step.streams}
    streamed = {name: partial(iter, rows[name]) for name in rows}
    again = step.run(Inputs({"contained": made["contained"]}, {}, streamed))
    assert again["copies"].sort_by("doc_id").num_rows == made["copies"].num_rows == 4
    assert again[SPREAD.name].num_rows == 0


@pytest.mark.parametrize("later", ["a", "b"])
def test_of_one_version_the_copy_stays_that_its_tar_dates_last_and_not_the_longer_one(later: str) -> None:
    version = {"paper_id": X, "version": 1, "date": "2023-01-01"}
    times = {d: {"as_of": f"202{3 + (d == later)}-02-01T00:00:00Z"} for d in "ab"}
    papers = {d: {**version, **times[d]} for d in "ab"} | {"c": version}
    words = {"a": 900, "b": 1_000, "c": 2_000}
    sketches = SKETCHES.rows({"doc_id": d, "n_all_words": n, "salt": 0, "alone": False} for d, n in words.items())
    found = decide(papers, further={"sketches": sketches}, edges=[("identity", "a", "b"), ("identity", "a", "c")])
    assert {d for d, _ in found} == set("abc") - {later}, "what no tar dates comes last"


def test_a_newer_version_goes_before_a_later_tar() -> None:
    papers = {
        "a": {"paper_id": X, "version": 2, "as_of": "2023-02-01T00:00:00Z"},
        "b": {"paper_id": X, "version": 1, "as_of": "2024-02-01T00:00:00Z"},
    }
    assert {d for d, _ in decide(papers, edges=[("identity", "a", "b")])} == {"b"}


def test_papers_that_tars_hold_more_than_once_are_told() -> None:
    time = "2023-02-01T00:00:00Z"
    papers: dict[str, dict[str, Any]] = {
        **{d: {"paper_id": X, "as_of": time} for d in "ab"},
        "c": {"paper_id": X},
        **{d: {"paper_id": "arXiv:2301.00002", "as_of": t} for d, t in (("d", time), ("e", None))},
    }
    edges = [("identity", "a", "b"), ("identity", "a", "c"), ("identity", "d", "e")]
    made = tables(papers, edges=edges)
    told = Copies(tiers=BOTH).summary(streamed(made), made)
    assert told["doubled_in_tars"] == {"papers": 1, "samples": [f"{X}: a, b"]}
    assert [f"more than once ({X}: a, b)" in warning for warning in told["warnings"]] == [True]
    made = tables({d: papers[d] for d in "ce"}, edges=[("near", "c", "e")])
    told = Copies(tiers=BOTH).summary(streamed(made), made)
    assert (told["doubled_in_tars"]["papers"], told["warnings"]) == (0, [])
