"""What a metadata record says of a paper."""

from __future__ import annotations

import pytest

from curation.sources.metadata import columns_of

WITHDRAWN = [
    "This paper has been withdrawn",
    "This paper has been withdrawn by the author due to a crucial sign error in equation 1",
    "This paper has now been withdrawn",
    "This paper (astro-ph/0001001) is withdrawn",
    "The paper was temporarily withdrawn by the authors",
    "Paper withdrawn by the author",
    "paper withdrawn",
    "10 pages; this paper has been withdrawn",
    "10 pages, 3 figures. This short paper has been withdrawn",
    "Because of an error in Table 2 this article has been withdrawn from arXiv",
    "v2: Manuscript withdrawn, see comments",
    "The authors have withdrawn this paper",
    "We have withdrawn this paper because of an error",
    "I withdraw the submission from the archive",
    "This version withdrawn by arXiv administrators because the author did not have the right to license it",
    "arXiv admin note: submission has been withdrawn by arXiv administrators",
    "This submission has been removed by arXiv administrators",
    "Withdrawn",
    "[withdrawn]",
    "Withdrawn by the authors. A corrected version will follow",
    "Withdrawn due to an error",
    "withdrawn from publication",
    "*** This paper has been\n  withdrawn ***",
]
STANDING = [
    "Withdrawn from MNRAS, submitted to ApJ",
    "This paper was withdrawn from Nature and submitted to ApJ",
    "Paper withdrawn by the authors from Nature and submitted to ApJ",
    "10 pages, withdrawn from Nature and submitted to ApJ",
    "We have withdrawn the paper from MNRAS",
    "An earlier version of this paper has been withdrawn",
    "The previous version was withdrawn; this one is corrected",
    "Replaces the withdrawn paper 0901.0001",
    "Supersedes 0901.0001 (withdrawn)",
    "Version 1 was withdrawn",
    "The claim of section 4 is withdrawn",
    "We withdraw the claim of a detection",
    "This paper has not been withdrawn",
    "Section 5 of this paper has been withdrawn",
    "12 pages, accepted",
    None,
]


@pytest.mark.parametrize("comments", WITHDRAWN)
def test_comments_of_withdrawn_papers(comments: str) -> None:
    assert columns_of({"id": "2301.00001", "comments": comments})["is_withdrawn"]


@pytest.mark.parametrize("comments", STANDING)
def test_comments_of_papers_that_stand(comments: str | None) -> None:
    assert not columns_of({"id": "2301.00001", "comments": comments})["is_withdrawn"]


def test_the_last_version_without_content_is_withdrawn() -> None:
    full = {"version": "v1", "size": "45kb", "source_type": "D"}
    for last in ({"size": "0kb"}, {"size": "1kb", "source_type": "I"}, {"source_type": "DI"}):
        # not in the order of their numbers
        assert columns_of({"id": "2301.00001", "versions": [{"version": "v10", **last}, full]})["is_withdrawn"]
    assert not columns_of({"versions": [{"version": "v1", "size": "0kb"}, {**full, "version": "v2"}]})["is_withdrawn"]


def test_an_abstract_counts_by_its_beginning_only() -> None:
    assert columns_of({"abstract": "  This paper has been withdrawn\n by the author."})["is_withdrawn"]
    told = "In 1936 a manuscript on gravitational waves was sent to the Physical Review. The paper was withdrawn."
    assert not columns_of({"abstract": told})["is_withdrawn"]


def test_where_a_paper_was_published_is_kept_for_withholding() -> None:
    record = {
        "journal": "ARAA",
        "volume": 22,
        "year": "1984",
        "url": ["http://a.org/x", "http://b.org/y"],
        "publisher": None,
    }
    assert columns_of(record)["venue"] == [
        "journal: ARAA",
        "url: http://a.org/x",
        "url: http://b.org/y",
        "volume: 22",
        "year: 1984",
    ]
    assert columns_of({"id": "2301.00001"})["venue"] is None
