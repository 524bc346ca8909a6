"""What changed between two identities is told by names, not by places."""

from __future__ import annotations

from pipelines.engine.fingerprint import differences, other_inputs


def test_items_of_lists_are_told_by_their_names() -> None:
    papers, rows = ({"step": "papers", "config": {"source": name}} for name in ("papers", "rows"))
    closed = {**rows, "config": {"source": "rows", "licence": "CC0-1.0"}}
    assert differences({"sources": [papers, rows]}, {"sources": [closed, papers]}) == [
        "sources[rows].config.licence: None -> CC0-1.0"
    ]
    rules = [{"name": name, "min": 1, "table": "signals"} for name in ("long", "cosmo")]
    assert differences({"config": {"rules": []}}, {"config": {"rules": rules}}) == ["config.rules: cosmo, long added"]
    assert differences({"rules": rules}, {"rules": [{**rules[0], "min": 2}]}) == [
        "rules: cosmo removed",
        "rules[long].min: 1 -> 2",
    ]
    assert differences({"rules": rules}, {"rules": rules[::-1]}) == ["rules: another order"]


def test_values_are_told_as_they_were_and_are() -> None:
    assert differences({"a": {"b": 1}, "c": [1]}, {"a": {"b": 2}, "c": [1, 2]}) == ["a.b: 1 -> 2", "c: [1] -> [1, 2]"]
    assert differences({"a": None}, {"a": {"b": 1}}) == ["a.b: None -> 1"]
    assert differences({"a": "x" * 500}, {"a": None}) == [f"a: {'x' * 100}... -> None"]
    assert differences({"a": [{"q": 1}]}, {"a": [{"q": 2}, {"q": 3}]}) == ["a: 1 added", "a[0].q: 1 -> 2"]


def test_inputs_are_told_apart() -> None:
    old, new = ({"x": 1, "inputs": {"a": "1", "b": n}} for n in "23")
    assert (differences(old, new), other_inputs(old, new)) == ([], {"b"})
