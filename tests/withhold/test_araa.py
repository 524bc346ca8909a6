from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.withhold.araa import araa_announced, araa_name, is_araa_bibcode, is_araa_doi

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
        None,
    ],
)
def test_near_misses_pass(journal: str | None) -> None:
    assert araa_name(journal) is None


@pytest.mark.parametrize("code", ["2012ARA&A..50..455K", "2012ARA%26A..50..455K", "2012ARA&amp;A..50..455K"])
def test_bibcodes(code: str) -> None:
    assert is_araa_bibcode(code)
    assert is_araa_bibcode(f"bibcode:{code}")


@pytest.mark.parametrize("code", ["2012A&ARv..20...54F", "1959AnAp...22....1B", "2015RAA....15.1095L", None, ""])
def test_other_bibcodes(code: str | None) -> None:
    assert not is_araa_bibcode(code)


@pytest.mark.parametrize(
    ("comments", "known"),
    [
        ("To appear in ARA&A vol. 52", True),
        ("55 pages, 12 figures; invited review for Annual Review of Astronomy and Astrophysics", True),
        ("Posted with permission from the Annual Review of Astronomy and Astrophysics", True),
        ("updates the tables of ARA&A 1998", False),
        ("accepted for publication in A&A Rev.", False),
        (None, False),
    ],
)
def test_comments_count_when_they_announce(comments: str | None, known: bool) -> None:
    assert bool(araa_announced(comments)) is known


@given(st.text(), st.sampled_from(DOIS))
def test_any_text_is_read_and_a_doi_is_found_in_it(text: str, doi: str) -> None:
    araa_name(text)
    araa_announced(text)
    assert is_araa_doi(f"{text.replace('%', '')} {doi} ") is not None
