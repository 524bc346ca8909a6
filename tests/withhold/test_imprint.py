"""ARAA articles by their own first and last page; papers that only cite the journal pass. All pages are made up."""

from __future__ import annotations

import pytest

from curation.withhold.imprint import araa_imprint
from tests.withhold.test_sources import withheld

BODY = "Rings of quiet clouds grow.\n\n" * 200
TITLE = "# Rings of Quiet Clouds\n\n"
FRONTS = [
    "Annu. Rev. Astron. Astrophys. 2013. 51:511\u2013653",
    "Ann. Rev. Astron. Astrophys. 1984. 22: 319-58",
    "Annu. Rev. Astron. Astrophys. 2022. AA:1\u201361",
    "Annual Review of Astronomy and Astrophysics, Volume 51 (2013)",
    "https://doi.org/10.1146/annurev-astro-082708-101811",
    "This article's doi: 10.1146/annurev-astro-082708-101811",
    "Copyright \u00a9 2013 by Annual Reviews. All rights reserved. doi: 10.1146/annurev-astro-082708-101811",
    "0066-4146/84/0915-0319$02.00",
    "Posted with permission from the Annual Review of Astronomy and Astrophysics, Volume 51; copyright 2013 Annual Reviews",
    "To appear in Annual Reviews of Astronomy and Astrophysics",
    "ARA&A, in press",
    "Annual Review of Astronomy and Astrophysics",
    "First published online as a Review in Advance on July 1, 2013. The Annual Review of Astronomy and Astrophysics is online at "
    "astro.annualreviews.org",
    "Annu. Rev. Astron. Astrophys. 2013.51:511-653. Downloaded from www.annualreviews.org by 10.0.0.1 on 01/02/14. For personal use only.",
]
CITING = [
    "We follow the review of Weiss (2013, ARA&A, 51, 511).",
    "Weiss H, Mendes R. 2013. Annu. Rev. Astron. Astrophys. 51:511\u2013653",
    "See the review in ARA&A by Weiss (2013)",
    "Weiss (2013), doi:10.1146/annurev-astro-082708-101811",
    "Published in Annu. Rev. Nucl. Part. Sci. 60, 12",
    "Copyright \u00a9 2013 by Annual Reviews. All rights reserved",
    "Reviews of this field stand in Annual Review of Astronomy and Astrophysics, volumes 12 and 50, and in many books.",
    "This article's doi: 10.1146/annurev-nucl-032620-043846",
]


@pytest.mark.parametrize("line", FRONTS)
def test_first_pages(line: str) -> None:
    assert araa_imprint(f"{TITLE}{line}\n\n## Abstract\n\nWe look at rings.\n\n{BODY}", None)
    assert araa_imprint(f"{TITLE}## Abstract\n\nWe look at rings.\n\n{BODY}", f"Hannah Weiss\n{line}")


@pytest.mark.parametrize("line", CITING)
def test_pages_that_only_cite(line: str) -> None:
    text = f"{TITLE}{line}\n\n## Abstract\n\nWe look at rings. {line}\n\n{BODY}\n\n{line}"
    assert araa_imprint(text, f"Hannah Weiss\n{line}") is None


@pytest.mark.parametrize("heading", ["## References", "References", "# Bibliography", "**Literature Cited**"])
def test_reference_lists_are_no_page_of_the_document(heading: str) -> None:
    entries = "\n".join(f"Annu. Rev. Astron. Astrophys. 51, 511 (2013).\n{line}" for line in (*FRONTS[:5], *CITING))
    assert araa_imprint(f"{TITLE}## Abstract\n\nWe look.\n\n{BODY}\n{heading}\n\n{entries}", None) is None


def test_a_broken_reference_at_the_end_of_a_text_is_no_imprint() -> None:
    text = f"{TITLE}## Abstract\n\nWe look.\n\n{BODY}\nH. Weiss and R. Mendes,\nAnnu. Rev. Astron. Astrophys. 51, 511 (2013).\n"
    assert araa_imprint(text, None) is None


def test_the_last_page_and_running_heads() -> None:
    start = f"{TITLE}## Abstract\n\nWe look.\n\n{BODY}"
    assert araa_imprint(f"{start}\nAnnual Review of Astronomy and Astrophysics Volume 51, 2013\n\nContents\n", None)
    head = "Annu. Rev. Astron. Astrophys. 2013.51:511-653"
    assert araa_imprint(start + "".join(f"\n{n} {head}\n\n{BODY}" for n in (1, 2, 3)), None)
    assert araa_imprint(start + "".join(f"\n{n} {head}\n\n{BODY}" for n in (1, 2)), None) is None


def test_the_rule_reads_pages() -> None:
    papers: list[dict[str, object]] = [
        {"text": f"{TITLE}{FRONTS[0]}\n\n## Abstract\n\nWe look."},
        {"text": f"{TITLE}## Abstract\n\nWe look.", "front": f"Hannah Weiss\n{FRONTS[1]}"},
        {"text": f"{TITLE}{CITING[0]}"},
        {"text": None},
    ]
    found = withheld(papers, [{"name": "B", "rule": "araa"}])
    assert [(r["doc_id"], r["rule"]) for r in found] == [("d00", "page"), ("d01", "page")]
