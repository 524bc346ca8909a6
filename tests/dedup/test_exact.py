"""Exact duplicates: the same words make an edge, other words never do."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.dedup.exact import ExactEdges, exact_key, normalise
from curation.step import Inputs


def documents(texts: dict[str, str | None]) -> pa.Table:
    return pa.table(
        {"doc_id": list(texts), "paper_id": list(texts), "text": pa.array(list(texts.values()), pa.large_string())}
    )


def edges_of(*parts: dict[str, str | None], partitions: int = 3) -> list[tuple[str, str]]:
    """Edges of the exchange over parts, as an engine would run it."""
    step = ExactEdges(partitions=partitions)
    rows = pa.concat_tables([step.split(Inputs({"documents": documents(part)})) for part in parts])
    assert set(rows["partition"].to_pylist()) <= set(range(partitions))
    found = []
    for p in range(partitions):
        mine = rows.filter(pa.compute.equal(rows["partition"], p)).drop_columns(["partition"])
        merged = step.merge(mine.sort_by([(c, "ascending") for c in step.order_by]))
        assert merged.schema.equals(step.provides.arrow)
        found += list(zip(merged["doc_id"].to_pylist(), merged["mate"].to_pylist(), strict=True))
    return sorted(found)


def test_copies_that_differ_in_case_punctuation_and_breaks_meet_across_parts() -> None:
    one = {"a": "The star, HD 189733, is variable.", "b": "Another text"}
    two = {"c": "the STAR\n\nHD  189733 is variable", "d": "The star HD 189734 is variable."}
    assert edges_of(one, two) == [("a", "c")]


def test_star_edges_start_at_the_smallest_id() -> None:
    assert edges_of({"c": "x y", "a": "X y", "b": "x Y"}) == [("a", "b"), ("a", "c")]


def test_documents_without_words_are_no_copies_of_each_other() -> None:
    assert edges_of({"a": "", "b": "", "c": "---", "d": "...", "e": None, "f": None}) == []


def test_parts_order_and_partition_count_do_not_matter() -> None:
    texts: dict[str, str | None] = {f"d{i}": f"text {i % 4}" for i in range(12)}
    items = list(texts.items())
    whole = edges_of(texts)
    assert whole == edges_of(dict(items[7:]), dict(items[:7])) == edges_of(dict(reversed(items)), partitions=1)
    assert len(whole) == 8


@pytest.mark.parametrize("text", ["Straße ÉCOLE", "星 系 galaxy", "ΣΑΣ ας", "İstanbul"])
def test_case_is_folded_outside_ascii(text: str) -> None:
    assert normalise(text.lower()) == normalise(text)


@given(st.text(), st.text())
def test_keys_are_equal_exactly_when_the_words_are(a: str, b: str) -> None:
    assert (exact_key(a) == exact_key(b)) == (normalise(a) == normalise(b))
    assert exact_key(a + " .") == exact_key(a)
