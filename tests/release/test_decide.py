"""Verdicts: each reason, its order, tiers, and the survivor of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

import pyarrow as pa
import pytest

from curation.dedup.bands import SKETCHES
from curation.dedup.config import Dedup
from curation.errors import ConfigError
from curation.parquet import conform, sort_rows
from curation.release.decide import Decide
from curation.release.quality import Quality
from curation.release.rules import SignalRule
from curation.release.tiers import TierRule
from curation.step import Inputs
from schemas import (
    CONTAINED,
    DOCUMENTS,
    EXACT_EDGES,
    FINDINGS,
    HITS,
    IDENTITY_EDGES,
    METADATA,
    NEAR_EDGES,
    PAPERS,
    SIGNALS,
    TABLES,
)

Papers: TypeAlias = dict[str, dict[str, Any]]

GOOD = {
    "language": "en",
    "language_score": 0.9,
    "n_words": 900,
    "stop_words": 90,
    "alpha_word_fraction": 0.9,
    "duplicate_line_fraction": 0.0,
    "top_ngram_fraction": 0.01,
}


def decide(papers: Papers, **others: Any) -> dict[tuple[str, str], str]:
    """(doc_id, tier) -> reason."""
    return {at: row["reason"] for at, row in verdicts(papers, **others).items()}


def verdicts(papers: Papers, **others: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """(doc_id, tier) -> row of decisions."""
    return {(r["doc_id"], r["tier"]): r for r in tables(papers, **others)["decisions"].to_pylist()}


def tables(
    papers: Papers,
    *,
    documents: Papers | None = None,
    signals: Papers | None = None,
    withheld: Sequence[dict[str, Any]] = (),
    findings: Sequence[dict[str, Any]] = (),
    edges: Sequence[tuple[str, ...]] = (),
    step: Decide | None = None,
    further: Mapping[str, pa.Table] = MappingProxyType({}),
) -> dict[str, pa.Table]:
    """What the steps of decide make of a part; edges are (kind, doc_id, mate), findings those of another filler."""
    papers = dict(sorted(papers.items()))
    ids = {d: {"doc_id": d, "paper_id": d} for d in papers}
    made = {
        "papers": PAPERS.rows(
            {"doc_id": d, "source": "s", "member": d, "status": row.get("status", "ok")} for d, row in papers.items()
        ),
        "metadata": METADATA.rows(
            {**ids[d], "source": "s", "links": [], "n_records": 0, "licence": "CC-BY-4.0", "is_withdrawn": False}
            | {key: value for key, value in row.items() if key in METADATA.columns}
            for d, row in papers.items()
        ),
        "documents": DOCUMENTS.rows(
            {"doc_id": d, "status": "ok", "text": "text", **(documents or {}).get(d, {})} for d in papers
        ),
        "signals": SIGNALS.rows({"doc_id": d, **GOOD, **(signals or {}).get(d, {})} for d in papers),
        "hits": HITS.rows(
            {"row_id": f"identity/{n:04d}", "mark": "B", "layer": "identity", "rule": "doi", **r}
            for n, r in enumerate(withheld)
        ),
        "sketches": SKETCHES.rows({"doc_id": d, "n_all_words": 900, "salt": 0, "alone": False} for d in papers),
        "contained": CONTAINED.rows(
            {"doc_id": a, "mate": b, "containment": 0.9, "jaccard": 0.1} for kind, a, b in edges if kind == "contained"
        ),
        **{
            f"{kind}_edges": table.rows(
                {"doc_id": min(pair), "mate": max(pair), "kind": kind, "jaccard": j, "containment": j}
                for k, *pair in edges
                if k == kind
            )
            for kind, table, j in (("exact", EXACT_EDGES, 1.0), ("near", NEAR_EDGES, 0.75))
        },
        "identity_edges": IDENTITY_EDGES.rows(
            {"doc_id": a, "mate": b, "kind": kind, "key": "doi:10.1/k"}
            for kind, a, b in edges
            if kind in ("identity", "claim", "crowd", "crowd_claim")
        ),
        **further,
    }
    of_others = FINDINGS.rows({"verdict": "drop", "stage": "lab", **row} for row in findings)
    for made_by in (step or Decide()).steps(Dedup()):
        streamed = {name: partial(halves, made[name]) for name in getattr(made_by, "streams", ())}
        found = made_by.by_name(made_by.run(Inputs(made, {}, streamed)), made_by.name)
        for table in made_by.tables():
            made[table.name] = sort_rows(conform(found[table.name], table.arrow, table.name), table.sort_by)
        if made_by.provides is FINDINGS:
            made["findings"] = sort_rows(pa.concat_tables([made["findings"], of_others]), FINDINGS.sort_by)
    return made


def halves(table: pa.Table) -> Iterator[pa.Table]:
    """A table in two parts, as a step may be given it."""
    half = table.num_rows // 2
    return iter([table.slice(0, half), table.slice(half)])


def test_a_good_open_paper_is_kept_everywhere():
    assert decide({"a": {}}) == {}


def test_licences_bind_the_public_tier_only():
    got = decide({"closed": {"licence": "arXiv-nonexclusive-1.0"}, "unknown": {"licence": None}})
    assert got == {("closed", "public"): "licence", ("unknown", "public"): "licence_unknown"}


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC-BY-SA-3.0", "CC0-1.0", "CC-PDM-1.0"])
def test_the_public_tier_takes_open_licences(licence):
    assert decide({"a": {"licence": licence}}) == {}


@pytest.mark.parametrize("word", ["CC-BY 4.0", "CC-BY-40", "foo", "public-domain", "cc-by-4.0", "CC-BY-9.9"])
def test_a_licence_that_no_paper_can_have_is_refused_with_those_that_are_close(word):
    with pytest.raises(ValueError, match=r"is no licence as papers name it; known: .*CC-"):
        TierRule(licences=("CC0-1.0", word))


@pytest.mark.parametrize("rule", [{}, {"licences": []}, {"licences": ["CC-BY-4.0", "arXiv-nonexclusive-1.0"]}])
def test_a_public_tier_without_licences_that_allow_it_is_refused(rule):
    with pytest.raises(ValueError, match=r"licences|does not let full text be passed on"):
        Decide.model_validate({"tiers": {"public": rule}})
    Decide.model_validate({"tiers": {"public": {"licences": ["CC-BY-NC-4.0", "MIT"]}}})


@pytest.mark.parametrize("name", ["../x", "research-pairs", "", "/tmp", "A", "a b", "x\n"])
def test_a_tier_that_is_no_folder_of_its_own_is_refused(name):
    with pytest.raises(ValueError, match="tier"):
        Decide.model_validate({"tiers": {"research": {}, name: {}}})


def test_a_release_has_a_tier():
    with pytest.raises(ValueError, match="at least 1 item"):
        Decide(tiers={})


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        ({"language": "de", "language_score": 0.98}, "language"),
        ({"n_words": 20}, "low_quality"),
        ({"stop_words": 1}, "low_quality"),
        ({"alpha_word_fraction": 0.3}, "low_quality"),
        ({"duplicate_line_fraction": 0.8}, "low_quality"),
        ({"top_ngram_fraction": 0.4}, "low_quality"),
    ],
)
def test_language_and_quality(signal, reason):
    assert set(decide({"a": {}}, signals={"a": signal}).values()) == {reason}


@pytest.mark.parametrize(
    ("at", "beyond", "reason"),
    [
        ({"language": "de", "language_score": 0.499999}, {"language": "de", "language_score": 0.5}, "language"),
        ({"n_words": 50}, {"n_words": 49}, "low_quality"),
        ({"stop_words": 2}, {"stop_words": 1}, "low_quality"),
        ({"alpha_word_fraction": 0.5}, {"alpha_word_fraction": 0.499999}, "low_quality"),
        ({"duplicate_line_fraction": 0.5}, {"duplicate_line_fraction": 0.500001}, "low_quality"),
        ({"top_ngram_fraction": 0.25}, {"top_ngram_fraction": 0.250001}, "low_quality"),
    ],
)
def test_a_threshold_itself_is_kept_and_what_is_beyond_is_not(at, beyond, reason):
    """Of languages `min_language_score` is the score that is sure enough to drop."""
    step = Decide(quality=Quality(max_top_ngram_fraction=0.25))  # signals are floats of 32 bits: 0.2 is none of them
    found = decide({"a": {}, "b": {}}, signals={"a": at, "b": beyond}, step=step)
    assert found == {("b", "public"): reason, ("b", "research"): reason}


@pytest.mark.parametrize(
    ("rule", "kept", "dropped"),
    [
        ({"column": "n_words", "table": "documents", "min": 10}, [10, 11], [9]),
        ({"column": "n_words", "table": "documents", "max": 10}, [9, 10], [11]),
        ({"column": "n_words", "table": "documents", "min": 10, "max": 10}, [10], [9, 11]),
        ({"column": "date", "table": "metadata", "min": "2015-06-01"}, ["2015-06-01", "2015-06-02"], ["2015-05-31"]),
        ({"column": "date", "table": "metadata", "max": "2015-06-01"}, ["2015-06-01", "2015-05-31"], ["2015-06-02"]),
    ],
)
def test_both_ends_of_a_rule_belong_to_what_stays(rule, kept, dropped):
    step = SignalRule.model_validate({"name": "ends", **rule})
    assert [step.broken_by(value) for value in (*kept, *dropped)] == [False] * len(kept) + [True] * len(dropped)
    assert not step.broken_by(None)


def test_an_unsure_language_and_missing_signals_drop_nothing():
    assert (
        decide({"a": {}, "b": {}}, signals={"a": {"language": "la", "language_score": 0.3}, "b": dict.fromkeys(GOOD)})
        == {}
    )


def test_failure_comes_before_everything_else():
    got = decide(
        {"a": {"is_withdrawn": True}}, documents={"a": {"status": "failed", "reason": "timeout", "text": None}}
    )
    assert set(got.values()) == {"timeout"}


def test_a_benchmark_source_is_withheld_before_its_licence_is_asked():
    got = decide(
        {"a": {"licence": None}, "b": {"licence": "arXiv-nonexclusive-1.0"}}, withheld=[{"doc_id": d} for d in "ab"]
    )
    assert set(got) == {(d, tier) for d in "ab" for tier in ("research", "public")}
    assert set(got.values()) == {"benchmark_source"}


def test_withdrawn_papers_are_dropped_in_every_tier():
    assert decide({"a": {"is_withdrawn": True}}) == {("a", "research"): "withdrawn", ("a", "public"): "withdrawn"}


def test_the_best_ranked_copy_that_nothing_else_dropped_survives():
    papers = {"journal": {"licence": None, "version": 2}, "preprint": {"version": 1}}
    got = verdicts(papers, edges=[("near", "journal", "preprint")])
    assert {at: r["reason"] for at, r in got.items()} == {
        ("journal", "public"): "licence_unknown",
        ("preprint", "research"): "near_duplicate",
    }
    dropped = got["preprint", "research"]
    assert dropped["evidence"] == "keeps journal" and dropped["score"] == pytest.approx(0.75)


def test_members_of_a_cluster_whose_head_is_out_are_compared_with_each_other():
    papers = {"head": {"licence": None, "version": 3}, "b": {"version": 2}, "c": {"version": 1}}
    star = [("near", "head", "b"), ("near", "head", "c")]
    research = {("b", "research"): "near_duplicate", ("c", "research"): "near_duplicate"}
    closed = {("head", "public"): "licence_unknown"}
    assert decide(papers, edges=star) == research | closed
    got = verdicts(papers, edges=[*star, ("near", "b", "c")])
    assert got["c", "public"]["evidence"] == "keeps b"
    assert ("b", "public") not in got


def test_exact_copies_and_versions_hold_through_a_document_that_is_out():
    papers = {"a": {"licence": None, "version": 9}} | {d: {"version": v} for v, d in enumerate("bcd")}
    edges = [("exact", "a", "b"), ("exact", "a", "c"), ("identity", "a", "d")]
    public = {d: r for (d, tier), r in decide(papers, edges=edges).items() if tier == "public"}
    assert public == {"a": "licence_unknown", "b": "superseded_version", "c": "superseded_version"}


def test_copies_of_a_benchmark_source_are_withheld_with_it():
    papers = {d: {} for d in ("article", "preprint", "copy", "version", "near", "twin", "far", "other")}
    edges = [
        ("near", "article", "preprint"),
        ("exact", "article", "copy"),
        ("identity", "copy", "version"),
        ("near", "version", "near"),
        ("exact", "near", "twin"),
        ("near", "twin", "far"),
    ]
    got = verdicts(papers, withheld=[{"doc_id": "article"}], edges=edges)
    assert {r["reason"] for r in got.values()} == {"benchmark_source"}
    assert {d for d, _ in got} == {"article", "preprint", "copy", "version", "near", "twin"}
    assert got["preprint", "public"]["evidence"] == "B: near copy of article"
    assert got["preprint", "public"]["score"] == 750
    assert got["twin", "public"]["evidence"] == "B: near copy of version, a copy of article"


def test_a_near_copy_of_a_withheld_document_is_withheld_whatever_outranks_it():
    # alpha and gamma are near beta, not near each other; only the last is a source
    papers = {"alpha": {"version": 3, "licence": None}, "beta": {"version": 2}, "gamma": {"version": 1}}
    edges = [("near", "alpha", "beta"), ("near", "beta", "gamma")]
    got = decide(papers, withheld=[{"doc_id": "gamma"}], edges=edges)
    assert got["beta", "public"] == got["beta", "research"] == "benchmark_source"
    assert ("alpha", "research") not in got


def test_a_rule_of_the_config_holds_in_its_tiers():
    rule = SignalRule(name="short", table="documents", column="n_words", min=10, tiers=("public",))
    step = Decide(rules=(rule,))
    assert "n_words" in step.steps(Dedup())[0].reads()["documents"]
    assert decide({"a": {}}, documents={"a": {"n_words": 3}}, step=step) == {("a", "public"): "rule"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"column": "title", "min": 1}, "needs numbers"),
        ({"column": "version", "max": "2024-12-31"}, "needs dates"),
        ({"column": "categories", "one_of": ["astro-ph"]}, "any_of is for lists"),
        ({"column": "version", "any_of": ["astro-ph"]}, "needs words"),
        ({"column": "is_withdrawn", "min": 0}, "needs numbers"),
    ],
)
def test_a_rule_that_does_not_fit_its_column_is_refused_before_data_is_read(rule, said):
    step = Decide(rules=(SignalRule.model_validate({"name": "r", "table": "metadata", **rule}),)).steps(Dedup())[0]
    with pytest.raises(ConfigError, match=said):
        step.check(TABLES)


def test_a_rule_that_asks_nothing_or_names_no_tier_is_refused():
    with pytest.raises(ValueError, match="needs min, max, one_of or any_of"):
        SignalRule(name="r", table="t", column="c")
    with pytest.raises(ValueError, match="names no tier"):
        Decide(rules=(SignalRule(name="r", table="t", column="c", min=1, tiers=("gold",)),))
