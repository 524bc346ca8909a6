"""Fields of metadata records that are too long: cut where a part is true, unknown where it is not."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from curation.sources.bounds import CUT_MARK, MAX_CHARS, MAX_ITEMS, MAX_OTHER_CHARS, MAX_WHOLE, bounded
from curation.sources.match_records import Records, Tie
from curation.sources.metadata import columns_of, kept, shared

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


def test_a_record_of_very_many_papers_is_short_and_decides_as_before() -> None:
    versions = [{"version": f"v{n}", "created": f"Mon, {n} Jan 2023 00:00:00 GMT", "size": "9kb"} for n in range(1, 29)]
    versions.insert(0, {"version": "v29", "created": "Tue, 31 Jan 2023 00:00:00 GMT", "size": "0kb"})
    record = {"id": "2301.00001", "title": "A title", "license": "CC-BY-4.0", "comments": "9 pages", "doi": "10.1086/1"}
    record |= {"authors": "A. Name, " * 9000, "abstract": "Withdrawn by us. " + LONG, "versions": versions}
    whole, short = (columns_of(r) for r in (kept(record), shared(kept(record))))
    assert len(str(shared(kept(record)))) < 5_000 and short["is_withdrawn"]
    described = ("authors", "abstract", "unsure")
    assert {k: v for k, v in short.items() if k not in described} == {
        k: v for k, v in whole.items() if k not in described
    }
    assert short["authors"].startswith("A. Name, A. Name,") and "authors: too long, cut" in short["unsure"]
    few = {"id": "2301.00001", "authors": ["A. Name", "B. Name"], "versions": versions[:3]}
    assert columns_of(shared(few)) == columns_of(few)


def test_a_record_goes_whole_to_some_papers_and_cut_to_very_many() -> None:
    """A row of 80,000 characters for each of 100,000 rows of one id would be one merge."""
    record = json.dumps({"id": "2301.00001", "authors": "A. Name, " * 9000, "license": "CC-BY-4.0"})
    for count, most in ((MAX_WHOLE, 90_000), (MAX_WHOLE + 1, 2_000)):
        key, ids = "s\0" + "2301.00001", ["arXiv:2301.00001"]
        papers = [(key, f"d{i}", ids, Tie.OWN.value, 1, None, None, None) for i in range(count)]
        columns = zip(*papers, (key, None, ids, None, None, "r", None, record), strict=True)
        names = ("key", "doc_id", "ids", "tie", "rank", "record_id", "time", "record")
        made = Records(sources=("s",)).merge(pa.table(dict(zip(names, map(list, columns), strict=True))))
        lengths = {len(text) for text in made["record"].to_pylist()}
        assert made.num_rows == count and most / 2 < max(lengths) < most
