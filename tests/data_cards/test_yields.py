"""The yield of pairs, from what a report tells."""

from __future__ import annotations

from data_cards.yields import Asked, Yield, yields


def test_rows_stand_in_the_order_of_the_run_and_decisions_leave_the_rest() -> None:
    told = {
        "pair_decisions": {"benchmarks": {}, "left": {"benchmark_overlap": 2}},
        "pairs": {"kept": 7, "kinds": {"concept": 7}},
        "chunks": {"kept": 9, "left": {"back_matter": 1, "short": 3, "long": 1}, "documents": 2},
        "copies": {"near": 3},
    }
    took = {"requests": 3, "prompt_tokens": 400, "completion_tokens": 50, "usd": None}
    engines = {"pairs": {"kind": "endpoint", "model": "m", "in_all": took}}
    assert yields(("copies", "chunks", "pairs", "pair_decisions"), told, engines) == [
        Yield("chunks", 9, (("short", 3), ("back_matter", 1), ("long", 1))),
        Yield("pairs", 7, (), Asked("m", 3, 400, 50)),
        Yield("pair_decisions", 5, (("benchmark_overlap", 2),)),
    ]


def test_pairs_by_rule_have_one_stage_and_what_is_withheld_of_them() -> None:
    told = {"pairs": {"kept": 28, "left": {"duplicate": 11}}, "pair_decisions": {"left": {"benchmark_overlap": 2}}}
    by_rule = [Yield("pairs", 28, (("duplicate", 11),)), Yield("pair_decisions", 26, (("benchmark_overlap", 2),))]
    assert yields(("pairs", "pair_decisions"), told, {}) == by_rule


def test_a_run_without_pairs_has_none() -> None:
    assert yields(("pairs", "pair_decisions"), {"pair_decisions": {"left": {"benchmark_overlap": 2}}}, {}) == []


def test_what_a_tier_leaves_out_beside_is_a_row_of_its_own_from_which_nothing_is_counted_on() -> None:
    tiers = {"x": {"kept": 1, "left": {"licence": 2, "rule": 4}}, "y": {"kept": 7, "left": {}}}
    told = {
        "pairs": {"kept": 9, "left": {}},
        "pair_decisions": {"left": {"rule": 2}, "tiers": tiers},
        "own": {"left": {"rule": 1}},
    }
    assert yields(("pairs", "pair_decisions", "own"), told, {}) == [
        Yield("pairs", 9, ()),
        Yield("pair_decisions", 7, (("rule", 2),)),
        Yield("pair_decisions, tier x", 1, (("rule", 4), ("licence", 2))),
        Yield("pair_decisions, tier y", 7, ()),
        Yield("own", 6, (("rule", 1),)),
    ]
