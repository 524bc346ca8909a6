from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.withhold.araa import (
    araa_announced,
    araa_name,
    is_annual_reviews,
    is_araa_bibcode,
    is_araa_doi,
    is_araa_url,
)
from tests.withhold.araa_forms import BIBCODES, NAMES, OTHERS
from tests.withhold.araa_forms import DOIS as HURT_DOIS

DOIS = [
    "10.1146/annurev.aa.31.090193.002433",
    "10.1146/annurev.astro.36.1.369",
    "10.1146/annurev.astro.46.060407.145243",
    "10.1146/annurev-astro-081811-125615",
    "10.1146/annurev-astro-052920-012345",
]
FORMS = [
    "{}",
    "doi:{}",
    "https://doi.org/{}",
    "http://dx.doi.org/{}",
    "https://www.annualreviews.org/doi/abs/{}",
    "https://www.annualreviews.org/content/journals/{}",
    "10.48550/arXiv.1204.4485 {}",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("doi", DOIS)
def test_every_era_of_doi_in_every_form_is_known(doi: str, form: str) -> None:
    for spelled in (doi, doi.upper(), doi.replace("/", "%2F")):
        assert is_araa_doi(form.format(spelled)) == doi


@pytest.mark.parametrize("tail", [";10.1/x", "?journalCode=astro", ", 10.1086/1", "/abs", ")."])
def test_what_stands_behind_a_doi_is_no_part_of_it(tail: str) -> None:
    assert is_araa_doi(DOIS[-1] + tail) == DOIS[-1]


@pytest.mark.parametrize(
    "doi",
    [
        "10.1146/annurev-earth-031208-100055",
        "10.1146/annurev.nucl.012809.104433",
        "10.1146/annurev-anchem-061318-115457",
        "10.1146/annurev.fluid.35.101101.161147",
        "10.1146/annurev-astrobiology-010101-000001",
        "10.1007/s00159-013-0063-3",
        "10.1088/1674-4527/15/8/001",
        "10.1051/0004-6361/201116878",
        None,
        "",
    ],
)
def test_other_dois_pass(doi: str | None) -> None:
    assert is_araa_doi(doi) is None


@pytest.mark.parametrize(
    "journal",
    [
        "ARA&A 50, 455-489 (2012)",
        "2011, ARA&amp;A, Vol. 49",
        "ARA%26A 50 455",
        r"ARA\&A, 41, 57",
        "ARAA 37 (1999) 311",
        "ARA & A, 2004, 42, 79",
        "Ann.Rev.Astron.Astrophys.41:645-690,2003",
        "Ann. Rev. Astron. Astrophys. 35, 389 (1997)",
        "Annu.Rev.Astron.Astrophys. 44 (2006) 49-92",
        "Annu. Rev. Astron.\n  Astrophys. 2014. 52:291-337",
        "Annu Rev Astron Astrophys 61",
        "Annual Rev. Astron.Astrophys. 35 (1997) 389",
        "Annual Review of Astronomy and Astrophysics, Volume 58",
        "Annual Reviews of Astronomy & Astrophysics, 2004, Volume 42",
        "ANNUAL REVIEW OF ASTRONOMY AND ASTROPHYSICS 12",
        "Ann. Rev. Astr. Ap. 19, 137",
        "Ann. Rev. Astr. Astrophys., 1987",
        "Ann.Rev.Astron.Astroph. 40 (2002) 487",
        "Ann. Rev. of Astron. and Astrophys. 30",
        "Ann. Rev. A&A 22, 471",
        "Annu. Rev. Astron. Astr. 29",
        "A.R.A.&A. 51",
        "A. R. A. & A., 51, 393",
        "A.R.A.A. 51, 393",
        "A R A & A 51",
        "AR A&A 51",
        "A.R. A&A 51",
        "ARA+A 51",
        "\uff21\uff32\uff21\uff06\uff21 51",
        "ARA\u200b&A 51",
        r"ARA{\&}A 51",
        r"Annual Review of Astronomy {\&} Astrophysics",
        "Annual Review of Astron\u00adomy and Astro\u00adphysics",
    ],
)
def test_every_spelling_of_the_journal_is_known(journal: str) -> None:
    assert araa_name(journal)


@pytest.mark.parametrize(
    "journal",
    [
        "A&ARv 20, 54 (2012)",
        "A&A Rev. 20, 54",
        "Astron. Astrophys. Rev. 22 (2014) 75",
        "Astronomy and Astrophysics Review, Volume 8",
        "The Astronomy & Astrophysics Review 21:59",
        "AnAp 22, 1 (1959)",
        "Ann. Astrophys. 24, 369",
        "Annales d'Astrophysique 24",
        "Annu. Rev. Earth Planet. Sci. 38, 493",
        "Annual Review of Nuclear and Particle Science 60",
        "Annual Review of Fluid Mechanics 35",
        "Annual Review of Condensed Matter Physics 1",
        "Annual Review of Anthropology 3",
        "RAA 15, 1095 (2015)",
        "Research in Astronomy and Astrophysics 15",
        "Res. Astron. Astrophys. 10, 737",
        "Astron. Astrophys. 500, A1 (2009)",
        "A&A 1, 1",
        "New Astronomy Reviews 51",
        "Revista Mexicana de Astronomia y Astrofisica 40",
        "Astrophys. J. 700, 1097",
        "Kara A. et al., Nature",
        "A. R. A. Abbott, Nature 1",
        "R.A.A. 15, 1095",
        "A RAA letter",
        "A.&A. R. 20",
        "A&AR 20, 54",
        "A.R. 51",
        "AR 51",
        "RMxAA 40",
        "Par A&A 51",
        None,
    ],
)
def test_near_misses_pass(journal: str | None) -> None:
    assert araa_name(journal) is None


@pytest.mark.parametrize(
    "code",
    [
        "2012ARA&A..50..455K",
        "2012ARA%26A..50..455K",
        "2012ARA&amp;A..50..455K",
        "2012ARA&amp;amp;A..50..455K",
        "2013ARA+A..51..393C",
        r"2013ARA\%26A..51..393C",
        "2011ARA26A..49..373B",
        "2012ara&a..50..455k",
    ],
)
def test_bibcodes(code: str) -> None:
    assert is_araa_bibcode(code)
    assert is_araa_bibcode(f"bibcode:{code}")


@pytest.mark.parametrize("code", ["2012A&ARv..20...54F", "1959AnAp...22....1B", "2015RAA....15.1095L", None, ""])
def test_other_bibcodes(code: str | None) -> None:
    assert not is_araa_bibcode(code)


@pytest.mark.parametrize(
    "comments",
    [
        "To appear in ARA&A vol. 52",
        "55 pages, 12 figures; invited review for Annual Review of Astronomy and Astrophysics",
        "Posted with permission from the Annual Review of Astronomy and Astrophysics",
        "Annual Review of Astronomy and Astrophysics, in press",
        "ARA&A, 2021, in press",
        "ARA&amp;amp;A, 2021, in press",
        "42 pages. ARA&A in press",
        "Ann. Rev. Astron. Astrophys. (2012), in press",
        "to appear in Volume 55 of the Annual Review of Astronomy and Astrophysics",
        "To appear in Volume 55 of the Annual Review of Astronomy & Astrophysics; comments welcome",
        "To appear in the 2014 Annual Review of Astronomy and Astrophysics",
        "Accepted for publication in Annual Reviews of Astronomy and Astrophysics, vol 51",
        "Submitted to ARAA",
        "Invited review to appear in ARA&A",
        "Authors' version of the review article published in ARA&A",
        "Published in ARA&A, 46, 2008",
        "Published as Ann.Rev.Astron.Astrophys. 47 (2009) 481",
        "Review article for ARA&A",
        "Review in ARA&A, vol 43",
        "An extended review in ARA&A 2009",
        "Annual Review of Astronomy and Astrophysics, vol. 47, 2009",
        "65 pages, 20 figures, ARA&A 2009, 47, 481",
        "ARAA 2015",
        "ARA&A review, 60 pages",
        "Ann. Rev. Astron. Astrophys., to appear in 2013",
        "Annual Review of Astronomy and Astrophysics, accepted",
        "Review to be published in the Annual Review of Astronomy and Astrophysics",
        "This is the authors' version; published version at https://doi.org/10.1146/annurev-astro-081811-125615",
        "DOI: 10.1146/annurev.astro.46.060407.145243",
        "Commissioned by the Annual Review of Astronomy and Astrophysics",
        "To be published in vol. 48 of ARA&A",
        "Manuscript submitted to Annual Review of Astronomy & Astrophysics 2021",
        "Draft of review for Annu. Rev. Astron. Astrophys.; comments welcome",
        "Will appear in September 2012 in ARA&A",
        "v2: corrected typos, to appear in ARA&A",
        "Comments welcome. To appear in ARA&A",
        "Annu. Rev. Astron. Astrophys. 2014. 52:291-337",
        "Invited article for the Annual Review of Astronomy and Astrophysics",
        "Authors' preprint of article in ARA&A vol 60",
        "Draft for ARA&A, Vol 57",
        "Submitted version of an ARA&A review",
        "under review at ARA&A",
        "under revision for ARA&A",
        "Contribution to ARA&A",
        "matches published ARA&A version",
        "v3: matches version published in ARA&A",
        "Journal ref: ARA&A 47, 481",
        "ARA&A, accepted for publication",
        "see https://doi.org/10.1146/annurev-astro-082708-101811 for the published version",
    ],
)
def test_comments_that_announce_the_article_count(comments: str) -> None:
    assert araa_announced(comments)


@pytest.mark.parametrize(
    "comments",
    [
        "updates the tables of ARA&A 1998",
        "accepted for publication in A&A Rev.",
        "Comment on the review in ARA&A",
        "Reply to the review published in ARA&A",
        "Accepted to MNRAS. In section 2 we compare with the review in ARA&A",
        "Accepted to MNRAS, updates the tables of ARA&A",
        "Accepted for publication in ApJ; see also ARA&A 50, 455",
        "Based on data published in ARA&A",
        "Accepted in A&ARv, in press",
        "Annual Review of Nuclear and Particle Science, in press",
        "RAA, in press",
        "We extend the ARA&A compilation, accepted by MNRAS",
        "Comment on Kormendy 2013, 10.1146/annurev-astro-082708-101811",
        "Figure 3 reproduced with permission from ARA&A",
        "accepted for publication in ApJ, compares with the review in ARA&A",
        "In press in MNRAS. Tables from ARA&A",
        "To appear in Annual Reviews of Earth and Planetary Sciences",
        "companion of the ARA&A review",
        "see the review to appear in ARA&A",
        "cf. the article in press in ARA&A",
        "accepted, see 10.1146/annurev-astro-081811-125615",
        "accepted, cf 10.1146/annurev-astro-081811-125615",
        "accepted, compared to 10.1146/annurev-astro-081811-125615",
        "see 10.1146/annurev-astro-082708-101811 for the final values",
        "under review at MNRAS, uses ARA&A data",
        "Draft. Uses tables of ARA&A",
        "matches ARA&A values",
        "ARA&A data, accepted for publication in MNRAS",
        "we follow ARA&A, accepted for publication in ApJ",
        "contribution to the conference; compares ARA&A",
        "journal reference style of ARA&A",
        None,
    ],
)
def test_comments_that_only_mention_the_journal_or_another_pass(comments: str | None) -> None:
    assert araa_announced(comments) is None


def test_what_stands_more_than_200_characters_before_the_name_says_nothing_of_it() -> None:
    near, far = (f"see the tables of {'word ' * n}, review in ARA&A" for n in (25, 50))
    assert 140 < near.index("ARA&A") < 200 < far.index("ARA&A") < 300
    assert araa_announced(near) is None
    assert araa_announced(far)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_is_known_in_kinds_of_spellings(name: str) -> None:
    assert araa_name(name)
    assert araa_name(f"{name}, 471")


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_pass(name: str) -> None:
    assert araa_name(name) is None


@pytest.mark.parametrize("doi", HURT_DOIS)
def test_hurt_dois_are_known(doi: str) -> None:
    found = is_araa_doi(doi)
    assert found and found.startswith("10.1146/annurev")
    assert is_araa_doi(f"(see {doi})")


@pytest.mark.parametrize("code", BIBCODES)
def test_hurt_bibcodes_are_known(code: str) -> None:
    assert is_araa_bibcode(code)


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("http://astro.annualreviews.org", True),
        ("https://www.annualreviews.org/journal/astro", True),
        ("https://www.annualreviews.org/content/journals/astro/51/1", True),
        ("www.annualreviews.org/toc/astro/51/1", True),
        ("ISSN 0066-4146", True),
        ("15454282", True),
        ("https://www.annualreviews.org/journal/astrobio", False),
        ("https://www.annualreviews.org/journal/earth", False),
        ("http://nucl.annualreviews.org", False),
        ("0066-4147", False),
        (None, False),
    ],
)
def test_addresses_of_the_journal(address: str | None, is_one: bool) -> None:
    assert is_araa_url(address) is is_one


def test_the_publisher_of_all_annual_reviews() -> None:
    assert is_annual_reviews("Annual Reviews Inc.") and is_annual_reviews("Annual Reviews, Palo Alto, CA")
    assert (
        not is_annual_reviews("Springer")
        and not is_annual_reviews("Not Annual Reviews")
        and not is_annual_reviews(None)
    )


@given(st.text(), st.sampled_from(DOIS))
def test_any_text_is_read_and_a_doi_is_found_in_it(text: str, doi: str) -> None:
    araa_name(text)
    araa_announced(text)
    assert is_araa_doi(f"{text.replace('%', '')} {doi} ") is not None
