"""A damaged identifier is mended or is none; it is never a shorter one, which would be another work's."""

from __future__ import annotations

import pytest

from curation.identity import paper_id_for, parse_arxiv_id, parse_bibcode, parse_doi
from curation.withhold.araa import is_araa_bibcode, is_araa_doi

ARAA = "10.1146/annurev-astro-081309-130806"
AAS = "10.3847/1538-4357/ab1000"
SICI = "10.1002/(sici)1521-3994(199908)320:4/5<163::aid-asna163>3.0.co;2-4"
PRD = "10.1103/physrevd.96.092006"
ELS = "10.1016/0550-3213(83)90293-6"

DOIS = {
    # as Crossref, arXiv, ADS, publishers and bibliographies write them
    "10.1146/annurev-astro-081309-130806": ARAA,
    "10.1146/ANNUREV-ASTRO-081309-130806": ARAA,
    "doi:10.1146/annurev-astro-081309-130806": ARAA,
    "DOI: 10.1146/annurev-astro-081309-130806": ARAA,
    "doi 10.1146/annurev-astro-081309-130806": ARAA,
    "info:doi/10.1146/annurev-astro-081309-130806": ARAA,
    "https://doi.org/10.1146/annurev-astro-081309-130806": ARAA,
    "http://dx.doi.org/10.1146/annurev-astro-081309-130806": ARAA,
    "https://www.doi.org/10.1146/annurev-astro-081309-130806": ARAA,
    "doi.org/10.1146/annurev-astro-081309-130806": ARAA,
    "https://doi.org/doi:10.1146/annurev-astro-081309-130806": ARAA,
    "https://doi.org/10.1146%2Fannurev-astro-081309-130806": ARAA,
    "https://doi.org/10.1146/annurev-astro-081309-130806?ref=pdf#top": ARAA,
    "{10.1146/annurev-astro-081309-130806}": ARAA,
    "<https://doi.org/10.1146/annurev-astro-081309-130806>": ARAA,
    "10.1146/annurev-astro-081309-130806.": ARAA,
    "10.1146/annurev-astro-081309-130806,": ARAA,
    "10.1146/annurev-astro-081309-130806).": ARAA,
    " 10.1146/annurev-astro-081309-130806\n": ARAA,
    "10.1002/(SICI)1521-3994(199908)320:4/5<163::AID-ASNA163>3.0.CO;2-4": SICI,
    "10.1002/(SICI)1521-3994(199908)320:4/5&lt;163::AID-ASNA163&gt;3.0.CO;2-4": SICI,
    "10.1002/(SICI)1521-3994(199908)320:4/5%3C163::AID-ASNA163%3E3.0.CO;2-4": SICI,
    "10.1890/1051-0761(1997)007[0737:HAOTGN]2.0.CO;2": "10.1890/1051-0761(1997)007[0737:haotgn]2.0.co;2",
    "10.1890/1051-0761(1997)007{[}0737:HAOTGN]2.0.CO;2": "10.1890/1051-0761(1997)007[0737:haotgn]2.0.co;2",
    "10.1007/978-3-662-47051-0_10": "10.1007/978-3-662-47051-0_10",
    r"10.1007/978-3-662-47051-0\_10": "10.1007/978-3-662-47051-0_10",
    "10.1021/jp003557+": "10.1021/jp003557+",
    "10.31219/osf.io/xkjhg": "10.31219/osf.io/xkjhg",
    "10.1000.10/123456": "10.1000.10/123456",
    f"{PRD}, 10.1103/PhysRevD.98.019902": PRD,
    f"{PRD} 10.1103/PhysRevD.98.019902": PRD,
    f"{PRD}; doi:10.1103/PhysRevD.98.019902": PRD,
    f"{PRD},https://doi.org/10.1103/PhysRevD.98.019902": PRD,
    # broken by blanks and lines
    "10.3847/1538-4357/ ab1000": AAS,
    "10.3847/1538-4357 /ab1000": AAS,
    "10.3847/1538-4357/\nab1000": AAS,
    "10.3847/1538-4357/\r\n   ab1000": AAS,
    "10.3847/1538-4357/\u00a0ab1000": AAS,
    "10.3847/1538-4357/\u2009ab1000": AAS,
    "10.3847/ 1538-4357/ab1000": AAS,
    "10.3847/1538- 4357/ab1000": AAS,
    "10.3847 /1538-4357/ab1000": AAS,
    "https://doi.org/ 10.3847/1538-4357/ab1000": AAS,
    "10.1146/annurev- astro-081309-130806": ARAA,
    "10.1146/annurev -astro-081309-130806": ARAA,
    "10.1146/annurev - astro - 081309 - 130806": ARAA,
    "10.1146/annurev-astro-081309-\n130806": ARAA,
    "10.1146/annurev-astro-0813 09-130806": None,
    "10.1146/annurev-astro-081309-13 0806": ARAA,
    "10.1103/PhysRevD. 96.092006": PRD,
    "10.1103/PhysRevD.96 .092006": PRD,
    "10.1016/0550-3213 (83)90293-6": ELS,
    "10.1016/0550-3213( 83)90293-6": ELS,
    "10.1016/0550-3213(83) 90293-6": None,
    # look-alike and invisible characters
    "10.1146/annurev\u2010astro\u2010081309\u2010130806": ARAA,
    "10.1146/annurev\u2011astro\u2011081309\u2011130806": ARAA,
    "10.1146/annurev\u2012astro\u2012081309\u2012130806": ARAA,
    "10.1146/annurev\u2013astro\u2013081309\u2013130806": ARAA,
    "10.1146/annurev\u2014astro\u2014081309\u2014130806": ARAA,
    "10.1146/annurev\u2015astro\u2015081309\u2015130806": ARAA,
    "10.1146/annurev\u2212astro\u2212081309\u2212130806": ARAA,
    "10.1146/annurev&ndash;astro-081309-130806": ARAA,
    "10.1146/annurev-as\u00adtro-081309-130806": ARAA,
    "10.1146/annurev-as&shy;tro-081309-130806": ARAA,
    "10.1146/annurev-astro-\u200b081309-130806": ARAA,
    "\ufeff10.1146/annurev-astro-081309-130806\u200e": ARAA,
    "10.1146\u2044annurev-astro-081309-130806": ARAA,
    # broken off, or going on
    "10.3847/1538-4357/": None,
    "10.1146/annurev-": None,
    "10.1146/annurev-astro-": None,
    "10.1016/0550-3213(83": None,
    "10.1016/0550-3213(": None,
    "10.1103/PhysRevD.": None,
    "10.1103/": None,
    "10.1103": None,
    "10.1146/(please": None,
    "10.1086/518646 in press": None,
    "10.1086/518646 erratum": None,
    "10.1086/518646 (erratum)": None,
    "10.1086/518646 (2007)": None,
    "10.1086/518646 2007": None,
    "10.1086/518646 and 10.1086/519000": None,
    "10.1086/518646 Erratum: 10.1086/519000": None,
    "10.1086/518646 v2": None,
    "10.1086/518646 p. 12": None,
    "10.1086/518646; ApJ 663, 1149": None,
    "10.1086/518646PDF: http://example.org/10.1086/518646": None,
    "10.1086/518646,https://example.org/paper": None,
    "10.1086/518646\u201d\u2026": None,
    "10.1086/518646\uff09": None,
    "see 10.1086/518646": None,
    "10.1086/\u0661\u0662\u0663": None,
    "not a doi": None,
}
ARXIV = {
    "2301.00001": "2301.00001",
    "2301.00001.": "2301.00001",
    "arXiv:2301.00001v2 [astro-ph.CO]": "2301.00001v2",
    "arXiv:2301.00001v2 [astro-ph.CO] 1 Jan 2023": "2301.00001v2",
    "arxiv.org/abs/2301.00001v3": "2301.00001v3",
    "https://www.arxiv.org/abs/2301.00001": "2301.00001",
    "https://arxiv.org/pdf/2301.00001v1.pdf": "2301.00001v1",
    "https://arxiv.org/pdf/2301.00001v1?download=1#page=2": "2301.00001v1",
    "https://arxiv.org/abs/2301.00001/": "2301.00001",
    "http://export.arxiv.org/abs/astro-ph/9901001": "astro-ph/9901001",
    "http://de.arxiv.org/abs/astro-ph%2F9901001": "astro-ph/9901001",
    "http://xxx.lanl.gov/abs/astro-ph/9901001": "astro-ph/9901001",
    "https://huggingface.co/papers/2301.00001": "2301.00001",
    "doi:10.48550/arXiv.2301.00001": "2301.00001",
    "oai:arXiv.org:math/0611800": "math/0611800",
    "{2301.00001}": "2301.00001",
    "2301. 00001": "2301.00001",
    "2301.\n00001": "2301.00001",
    "2301.00001 v2": "2301.00001v2",
    "astro-ph/ 9901001": "astro-ph/9901001",
    "astro\u2010ph/9901001": "astro-ph/9901001",
    "astro\u2013ph/9901001v1": "astro-ph/9901001v1",
    "astro-\u00adph/9901001": "astro-ph/9901001",
    "2301\u200b.00001": "2301.00001",
    "2301.00001 and more": None,
    "2301.00001, 2301.00002": None,
    "2301.00001 (2023)": None,
    "2301.0000": None,
    "2301.": None,
    "astro-ph/99010": None,
    "astro-ph/": None,
    "arXiv:astro-ph/1205.5556": None,
    "https://example.org/abs/2301.00001": None,
    "notarxiv.org/abs/2301.00001": None,
}
BIBCODES = {
    "2012ARA&A..50..455K": "2012ARA&A..50..455K",
    "2012ARA&amp;A..50..455K": "2012ARA&A..50..455K",
    "2012ARA%26A..50..455K": "2012ARA&A..50..455K",
    r"2012ARA\&A..50..455K": "2012ARA&A..50..455K",
    r"2012ARA\%26A..50..455K": "2012ARA&A..50..455K",
    "2012ARA+A..50..455K": "2012ARA&A..50..455K",
    "2012ARA&A ..50..455K": "2012ARA&A..50..455K",
    "2012ARA&A..50\n..455K": "2012ARA&A..50..455K",
    "2012A&A\u2026500..455K": "2012A&A...500..455K",
    "2012ARA&A..50..455K.": "2012ARA&A..50..455K",
    "http://adsabs.harvard.edu/abs/2012ARA%26A..50..455K": "2012ARA&A..50..455K",
    "https://ui.adsabs.harvard.edu/abs/2012ARA&A..50..455K/abstract": "2012ARA&A..50..455K",
    "https://ui.adsabs.harvard.edu/#abs/2012ARA&A..50..455K": "2012ARA&A..50..455K",
    "http://adsabs.harvard.edu/cgi-bin/nph-bib_query?bibcode=2012ARA%26A..50..455K&amp;db_key=AST": "2012ARA&A..50..455K",
    "https://scixplorer.org/abs/2012ARA&A..50..455K/abstract": "2012ARA&A..50..455K",
    "2012ARA&A..50..455": None,
    "2012ARA&A..50..": None,
    "2012ARA&A..50..455K in press": None,
    "2012ARA&A..50..455K 2013ARA&A..51..105C": None,
    "2012ARA26A..50..455K": None,
}


@pytest.mark.parametrize(("text", "doi"), DOIS.items())
def test_a_doi_parses_to_its_end_or_is_none(text: str, doi: str | None) -> None:
    assert parse_doi(text) == doi


@pytest.mark.parametrize(("text", "id_"), ARXIV.items())
def test_an_arxiv_id_parses_to_its_end_or_is_none(text: str, id_: str | None) -> None:
    found = parse_arxiv_id(text)
    assert (str(found) if found else None) == id_


@pytest.mark.parametrize(("text", "code"), BIBCODES.items())
def test_a_bibcode_parses_to_its_end_or_is_none(text: str, code: str | None) -> None:
    assert parse_bibcode(text) == code


@pytest.mark.parametrize("whole", [ARAA, AAS, SICI, PRD, ELS, "10.1086/518646", "10.1051/0004-6361/201219876"])
@pytest.mark.parametrize("odd", [" ", "\n", "\u00a0", "\u200b", "\u00ad", " \u00ad"])
def test_a_blank_at_any_place_never_makes_another_doi(whole: str, odd: str) -> None:
    found = {parse_doi(whole[:i] + odd + whole[i:]) for i in range(1, len(whole))}
    assert found <= {whole, None} and whole in found


def test_damaged_dois_of_unlike_papers_name_no_common_work() -> None:
    sha = [f"{n:064x}" for n in range(6)]
    for damage in ("10.3847/1538-4357/ ab100{}", "10.3847/1538-4357/ see paper {}", "10.1103/PhysRevD. in press {}"):
        assert len({paper_id_for(doi=damage.format(n), content_sha256=sha[n]) for n in range(6)}) == 6


@pytest.mark.parametrize(
    "text", [*(t for t, doi in DOIS.items() if doi == ARAA), "10.1146/annurev\u00adastro-081309-130806"]
)
def test_a_damaged_doi_of_the_benchmarks_journal_is_still_seen(text: str) -> None:
    assert is_araa_doi(text)


@pytest.mark.parametrize("text", [t for t in BIBCODES if "ARA" in t and len(t) > 18])
def test_a_damaged_bibcode_of_the_benchmarks_journal_is_still_seen(text: str) -> None:
    assert is_araa_bibcode(text)
