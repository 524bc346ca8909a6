"""Findings: everything that a document's own rows say against it, whoever says it; decisions: what of it counts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest

from curation.dedup.config import Dedup
from curation.dedup.containment import CONTAINED
from curation.errors import ConfigError, ContractError
from curation.joins import Join
from curation.release.decide import Decide
from curation.release.decisions import ORDER, Decisions
from curation.release.findings import Findings
from curation.release.rules import SignalRule
from curation.release.tiers import TierRule
from curation.step import Inputs
from schemas import COMPONENTS, COPIES, DOC_ID, FINDINGS, HITS, METADATA, ROW_ID, Reason, Table, field
from tests.release.test_decide import GOOD, tables, verdicts

MANY = Table("figures", 1, "Figures.", (DOC_ID, ROW_ID, field("dpi", pa.int64(), "Dots an inch.")))


def figures(**dpi: list[int | None]) -> pa.Table:
    return MANY.rows(
        {"doc_id": d, "row_id": str(n), "dpi": v} for d, vs in sorted(dpi.items()) for n, v in enumerate(vs)
    )


def dropped(rows: Any, table: pa.Table, **rule: Any) -> dict[str, str]:
    """doc_id -> evidence of a rule over figures of the documents a to d."""
    step = Decide(rules=(SignalRule(name="dpi", table="figures", column="dpi", min=10, rows=rows, **rule),))
    got = verdicts({d: {} for d in "abcd"}, step=step, further={"figures": table})
    return {d: str(row["evidence"]) for (d, _), row in got.items()}


def test_a_rule_on_many_rows_drops_by_any_or_by_all_of_them() -> None:
    table = figures(a=[9, 11], b=[9, None, 8], c=[11, 12], d=[None])
    assert set(dropped("any", table)) == set("ab")
    assert dropped("all", table) == {"b": "dpi: figures.dpi is 9"}
    assert dropped("all", figures(a=[])) == dropped("any", figures(a=[])) == {}


def test_a_rule_on_many_rows_that_says_neither_is_refused_before_data_is_read() -> None:
    rule = SignalRule(name="dpi", table="figures", column="dpi", min=10)
    step = Findings(tiers={"a": TierRule()}, rules=(rule,))
    available = {
        name: Table(name, 1, "", (DOC_ID, *map(_text, set(columns) - {"doc_id"})))
        for name, columns in step.requires.items()
    }
    with pytest.raises(
        ConfigError, match=r"rule 'dpi': table figures has many rows a document; say `rows: any`.*`rows: all`"
    ):
        step.check({**available, "figures": MANY})
    step.model_copy(update={"rules": (rule.model_copy(update={"rows": "all"}),)}).check({**available, "figures": MANY})


def _text(name: str) -> pa.Field:
    return field(name, pa.string(), "")


def test_a_table_whose_rows_are_told_apart_by_more_than_the_document_has_many() -> None:
    rule = SignalRule(name="inside", table="contained", column="containment", max=0.9)
    with pytest.raises(ConfigError, match=r"table contained has many rows a document; say `rows: any`"):
        rule.check({CONTAINED.name: CONTAINED})
    rule.model_copy(update={"rows": "any"}).check({CONTAINED.name: CONTAINED})
    SignalRule(name="size", table="components", column="size", max=9).check({COMPONENTS.name: COMPONENTS})


def test_a_table_without_row_ids_that_has_several_rows_a_document_is_refused_too() -> None:
    table = figures(a=[9, 11]).drop_columns(["row_id"])
    with pytest.raises(ConfigError, match="many rows a document"):
        dropped(None, table)
    assert set(dropped(None, table.slice(0, 1))) == {"a"}


@pytest.mark.parametrize("reason", ["timeout", "benchmark_source", "duplicate", "removed"])
def test_a_rule_speaks_of_the_document_itself(reason: str) -> None:
    with pytest.raises(ValueError, match="a rule cannot drop for the reason"):
        SignalRule(name="r", table="t", column="c", min=1, reason=reason)  # type: ignore[arg-type]


def test_all_that_holds_is_told_once_each_and_of_quality_the_first() -> None:
    made = tables(
        {"a": {"is_withdrawn": True, "licence": None, "comments": "gone"}, "b": {}},
        documents={"a": {"status": "failed", "reason": "timeout", "detail": "too slow", "text": None}},
        signals={"a": {"language": "de", "language_score": 0.9, "n_words": 3}},
        withheld=[{"doc_id": "a", "evidence": "doi x", "score": 500}],
        step=Decide(
            rules=[
                {
                    "name": "r",
                    "table": "metadata",
                    "column": "source",
                    "one_of": ["t"],
                    "tiers": ["public"],
                    "sources": ["s"],
                }
            ]
        ),  # type: ignore[arg-type]
    )
    rows = [
        tuple(r[c] for c in FINDINGS.columns if c != "doc_id")
        for r in made["findings"].to_pylist()
        if r["doc_id"] == "a"
    ]
    assert rows == [
        ("failed", None, "fail", "documents", "timeout", None, "too slow", None),
        ("licence/public", "public", "drop", "metadata", "licence_unknown", None, None, None),
        ("quality", None, "drop", "signals", "language", None, "language is de", pytest.approx(0.9)),
        ("rule/000/public", "public", "drop", "metadata", "rule", None, "r: metadata.source is s", None),
        ("withdrawn", None, "drop", "metadata", "withdrawn", None, "gone", None),
        ("withheld/identity/0000", None, "withhold", "hits", "benchmark_source", "B", "B: doi: doi x", 500),
    ]
    assert {r["doc_id"] for r in made["findings"].to_pylist()} == {"a", "b"}, "b breaks the rule of its source"


def test_a_signal_that_is_missing_hides_no_other() -> None:
    got = verdicts(
        {"a": {}}, signals={"a": {"language": None, "language_score": None, "n_words": None, "stop_words": 1}}
    )
    assert {r["evidence"] for r in got.values()} == {"stop_words is below 2"}


def test_what_nobody_says_of_a_paper_is_no_finding() -> None:
    assert verdicts({"a": {"is_withdrawn": None}}, signals={"a": dict.fromkeys(GOOD)}) == {}


def test_a_table_that_is_not_there_is_told_before_data_is_read() -> None:
    with pytest.raises(
        ConfigError, match="step document_findings reads table 'papers', which no earlier step provides"
    ):
        Findings(tiers={}).check({})


def test_a_paper_that_could_not_be_opened_failed_there() -> None:
    failed = {"status": "failed", "reason": "io_error"}
    made = tables({"a": failed}, documents={"a": failed})
    assert [r["stage"] for r in made["findings"].to_pylist()] == ["papers"]


@pytest.mark.parametrize("layer", ("text", "rephrased"))
def test_a_match_in_the_text_is_an_overlap(layer: str) -> None:
    got = verdicts({"a": {}}, withheld=[{"doc_id": "a", "layer": layer}])
    assert {r["reason"] for r in got.values()} == {"benchmark_overlap"}


def test_a_rule_holds_for_its_sources() -> None:
    rule = SignalRule(name="r", table="documents", column="n_words", min=10, sources=("t",))
    papers: dict[str, dict[str, Any]] = {"a": {"source": "s"}, "b": {"source": "t"}}
    got = verdicts(papers, documents={d: {"n_words": 3} for d in papers}, step=Decide(rules=(rule,)))
    assert {d for d, _ in got} == {"b"}
    assert {r["score"] for r in got.values()} == {3.0}


def test_of_several_rules_the_first_of_the_config_counts() -> None:
    rules = tuple(SignalRule(name=name, table="documents", column="n_words", min=10) for name in "zyx" * 4)
    got = verdicts({"a": {}}, documents={"a": {"n_words": 3}}, step=Decide(rules=rules))
    assert {r["evidence"] for r in got.values()} == {"z: documents.n_words is 3"}


def test_rows_keep_the_order_of_the_documents() -> None:
    known = {"source": "s", "paper_id": "p", "links": [], "n_records": 0}
    metadata = METADATA.rows({"doc_id": d, **known, "is_withdrawn": d != "a"} for d in "cab")
    made = tables({d: {} for d in "abc"})
    inputs = {**made, "metadata": metadata}
    for name in ("papers", "documents", "signals"):
        inputs[name] = made[name].take(pa.array([2, 0, 1]))
    step, _, last = Decide().steps(Dedup())
    found = step.run(Inputs(inputs))
    assert found["doc_id"].to_pylist() == ["c", "c", "a", "b", "b"]
    assert found["row_id"].to_pylist() == [
        "licence/public",
        "withdrawn",
        "licence/public",
        "licence/public",
        "withdrawn",
    ]
    decided = last.run(Inputs({**inputs, "findings": found}))
    assert decided["doc_id"].to_pylist() == ["c", "c", "a", "b", "b"]
    assert (
        decided["row_id"].to_pylist()
        == decided["tier"].to_pylist()
        == ["public", "research", "public", "public", "research"]
    )


def test_every_reason_has_its_place_in_the_order() -> None:
    assert sorted(reason for group in ORDER for reason in group) == sorted(Reason)


def finding(row_id: str, reason: Reason, **row: Any) -> dict[str, Any]:
    return {"doc_id": "a", "row_id": row_id, "verdict": "drop", "stage": "lab", "reason": reason.value, **row}


def decide_one(findings: list[dict[str, Any]], copies: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    step = Decisions(tiers=("research", "public"))
    inputs = {
        "metadata": pa.table({"doc_id": ["a"]}),
        "findings": FINDINGS.rows(findings),
        "copies": COPIES.rows(copies or []),
    }
    rows: list[dict[str, Any]] = step.run(Inputs(inputs)).to_pylist()
    return rows


@pytest.mark.parametrize(("first", "second"), [(a[-1], b[0]) for a, b in pairwise(ORDER)])
def test_what_comes_first_in_the_order_counts(first: Reason, second: Reason) -> None:
    for rows in ([finding("x", first), finding("y", second)], [finding("x", second), finding("y", first)]):
        assert [r["reason"] for r in decide_one(rows)] == [first, first]
        assert [r["reason"] for r in decide_one(rows[:1], rows[1:])] == [first, first]


def test_a_finding_of_one_tier_counts_there_only_and_of_equal_ones_the_own_before_the_others() -> None:
    rows = [finding("x", Reason.RULE, tier="public"), finding("y", Reason.LANGUAGE, tier="research", score=0.5)]
    assert [(r["tier"], r["reason"], r["score"]) for r in decide_one(rows)] == [
        ("public", "rule", None),
        ("research", "language", 0.5),
    ]
    own, other = finding("z", Reason.REMOVED, evidence="own"), finding("a", Reason.REMOVED, evidence="other")
    assert {r["evidence"] for r in decide_one([own], [other])} == {"own"}
    assert {r["evidence"] for r in decide_one([other, own])} == {"other"}
    assert decide_one([]) == []
    assert [r["tier"] for r in decide_one([finding("x", Reason.RULE, tier="of nobody")])] == []


def test_a_release_may_have_one_tier_and_a_finding_of_a_document_without_edges_is_its_own() -> None:
    one = Decide.model_validate({"tiers": {"only": {"licences": ["CC0-1.0"]}}})
    got = verdicts({"a": {}, "b": {}, "z": {"licence": "CC0-1.0"}}, step=one, edges=[("near", "b", "z")])
    assert {at: row["reason"] for at, row in got.items()} == {("a", "only"): "licence", ("b", "only"): "licence"}
    got = verdicts(
        {"a": {}, "b": {"licence": "CC0-1.0"}, "z": {"licence": "CC0-1.0"}}, step=one, edges=[("near", "b", "z")]
    )
    assert {at: row["reason"] for at, row in got.items()} == {("a", "only"): "licence", ("z", "only"): "near_duplicate"}


def test_an_unknown_reason_or_document_breaks_the_contract() -> None:
    for wrong in ({"reason": "because"}, {"doc_id": "z"}):
        with pytest.raises(ContractError, match="unknown reason or document"):
            decide_one([{**finding("x", Reason.RULE), **wrong}])


def test_what_a_rule_matches_is_added_over_parts() -> None:
    made = tables({d: {} for d in "abcdefg"}, documents={"a": {"n_words": 3}, "g": {"n_words": 30}})
    step = Decide(rules=[{"name": "r", "table": "documents", "column": "n_words", "min": 10}]).steps(Dedup())[0]  # type: ignore[arg-type]
    cut = [{name: made[name].slice(*at) for name in ("metadata", "documents")} for at in ((0, 3), (3, 4))]
    halves = [Inputs({**tables, "hits": HITS.empty()}) for tables in cut]
    [join] = map(Join.from_json, step.fold(step.summary(half, {}) for half in halves)["joins"])
    assert (join.given.count, join.given.matched, join.papers.count, join.papers.matched) == (7, 2, 7, 1)
    assert join.given.samples == ("b", "c", "d", "e", "f")
