"""Fields of metadata records that are too long: cut where a part is true, unknown where it is not."""

from __future__ import annotations

from typing import Any

import pytest

from curation.sources.bounds import CUT_MARK, MAX_CHARS, MAX_ITEMS, MAX_OTHER_CHARS, bounded
from curation.sources.metadata import columns_of

LONG = "word " * 1_000_000


def columns(**record: Any) -> dict[str, Any]:
    return columns_of({"id": "2301.00001", **record})


def test_a_field_at_its_bound_is_whole_and_a_longer_one_says_that_it_was_cut() -> None:
    for key, column in (
        ("title", "title"),
        ("abstract", "abstract"),
        ("comments", "comments"),
        ("journal-ref", "journal_ref"),
    ):
        bound = MAX_CHARS[key]
        whole = columns(**{key: "a" * bound})
        assert whole[column] == "a" * bound and whole["unsure"] is None
        assert columns(**{key: "a" * (bound + 1)})["unsure"] == [f"{key}: too long, cut"]
        assert columns(**{key: "a" * (bound + 1)})[column] == "a" * bound + CUT_MARK


@pytest.mark.parametrize(
    "key", ["license", "licence", "doi", "bibcode", "journal-ref", "comments", "categories", "date"]
)
def test_no_field_makes_a_row_large(key: str) -> None:
    made = columns(
        **{key: LONG, "authors": ["A. Author"] * 10**6, "versions": [{"version": "v1", "created": LONG}] * 1000}
    )
    assert len(str(made)) < 400_000


def test_a_licence_or_name_that_was_cut_is_unknown() -> None:
    blanks = " " * MAX_OTHER_CHARS
    assert columns(license="CC-BY-4.0" + blanks + "for nobody")["licence"] is None
    assert columns(license="x" * 10**6, licence="CC-BY-4.0")["licence"] is None
    assert columns(doi="10.1086/" + "1" * MAX_OTHER_CHARS)["doi"] is None
    assert columns(work_id="w" * MAX_OTHER_CHARS)["work_id"] == "w" * MAX_OTHER_CHARS
    long = columns(work_id="w" * (MAX_OTHER_CHARS + 1))
    assert (long["work_id"], long["unsure"]) == (None, ["work_id: too long, cut"])


def test_a_withdrawal_is_read_before_the_cut() -> None:
    assert columns(comments=f"This paper has been withdrawn. {LONG}")["is_withdrawn"]


def test_lists_keep_what_fits() -> None:
    names = [f"A. Author {n}" for n in range(6000)]
    assert columns(authors=names)["authors"] == ", ".join(names)
    assert columns(authors=["A" * 1000] * 300)["authors"] == ", ".join(["A" * 1000] * 200 + [CUT_MARK.strip()])
    assert len(bounded("authors", ["a"] * 10**6)) == MAX_ITEMS + 1
    assert bounded("versions", [{"version": "v1", "size": 3}]) == [{"version": "v1", "size": 3}]
