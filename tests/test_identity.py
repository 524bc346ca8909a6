"""Every spelling of a paper's name leads to one identity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.identity import (
    LICENCES,
    arxiv_of_bibcode,
    doc_id_for,
    ids_of,
    normalise_licence,
    paper_id_for,
    parse_arxiv_id,
    parse_bibcode,
    parse_doi,
    unescaped,
)


@pytest.mark.parametrize(
    ("spelling", "id_", "version"),
    [
        ("2301.00001", "2301.00001", None),
        ("2301.00001v12", "2301.00001", 12),
        ("arXiv:0704.0001v1", "0704.0001", 1),
        ("arXiv: 1412.9999", "1412.9999", None),
        ("2301.00001v2 [astro-ph.CO]", "2301.00001", 2),
        ("https://arxiv.org/abs/2301.00001v2", "2301.00001", 2),
        ("http://export.arxiv.org/pdf/2301.00001.pdf", "2301.00001", None),
        ("10.48550/arXiv.2301.00001", "2301.00001", None),
        ("https://doi.org/10.48550/arXiv.2301.00001", "2301.00001", None),
        ("oai:arXiv.org:astro-ph/9901001", "astro-ph/9901001", None),
        ("astro-ph/9901001v3", "astro-ph/9901001", 3),
        ("astro-ph0001001", "astro-ph/0001001", None),
        ("astro-ph_9901001", "astro-ph/9901001", None),
        ("math.CA/0611800", "math/0611800", None),
        ("math/0611800", "math/0611800", None),
        ("cond-mat.mtrl-sci/0701001", "cond-mat/0701001", None),
        ("HEP-TH/9711200", "hep-th/9711200", None),
        ("math-ph0101001", "math-ph/0101001", None),
    ],
)
def test_arxiv_spellings(spelling: str, id_: str, version: int | None) -> None:
    found = parse_arxiv_id(spelling)
    assert found is not None
    assert (found.id, found.version) == (id_, version)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "ms",
        "2019.12345",  # month 19
        "2012.1234",  # five digits since 2015
        "1312.12345",  # four digits before
        "0703.0001",  # the new style began in 0704
        "2301.00000",
        "astro-ph/0704001",  # the old style ended with 0703
        "astro-ph/9913001",
        "nosuch/9901001",
        "2301.00001v0",
        "2301.00001.tar",
        "２３０１.00001",
    ],
)
def test_what_only_looks_like_an_arxiv_id_is_refused(text: str | None) -> None:
    assert parse_arxiv_id(text) is None


@given(
    year=st.integers(7, 40),
    month=st.integers(1, 12),
    number=st.integers(1, 9999),
    version=st.none() | st.integers(1, 99),
)
def test_printed_arxiv_id_parses_to_itself(year: int, month: int, number: int, version: int | None) -> None:
    yymm = f"{year:02d}{month:02d}"
    if yymm < "0704":
        return
    text = f"{yymm}.{number:0{5 if yymm >= '1501' else 4}d}" + (f"v{version}" if version else "")
    found = parse_arxiv_id(text)
    assert found is not None and str(found) == text
    assert parse_arxiv_id(f"arXiv:{text}") == found


@given(st.text())
def test_no_text_breaks_a_parser(text: str) -> None:
    parse_arxiv_id(text)
    parse_bibcode(text)
    doi = parse_doi(text)
    assert doi is None or parse_doi(doi) == doi
    licence = normalise_licence(text)
    assert licence is None or normalise_licence(licence) == licence


@pytest.mark.parametrize(
    "spelling",
    [
        "10.1146/ANNUREV-ASTRO-081913-035722",
        "doi:10.1146/annurev-astro-081913-035722",
        "https://doi.org/10.1146/annurev-astro-081913-035722",
        "http://dx.doi.org/10.1146%2Fannurev-astro-081913-035722",
        "10.1146/annurev-astro-081913-035722.",
        "10.1146/annurev-astro-081913-035722 10.1086/1",
        "10.1146/annurev-astro-081913-035722;10.1086/1",
        "10.1146/annurev-astro-081913-035722,https://doi.org/10.1086/1",
        "10.1146/annurev-astro-081913-035722;doi:10.1/x",
    ],
)
def test_doi_spellings(spelling: str) -> None:
    assert parse_doi(spelling) == "10.1146/annurev-astro-081913-035722"


def test_old_dois_keep_their_odd_characters() -> None:
    assert parse_doi("10.1002/(SICI)1521-3994(199908)320:4/5<163::AID-ASNA163>3.0.CO;2-4") == (
        "10.1002/(sici)1521-3994(199908)320:4/5<163::aid-asna163>3.0.co;2-4"
    )
    assert parse_doi("not a doi") is None
    assert parse_doi("10.1/x") is None


def test_bibcodes() -> None:
    assert parse_bibcode("2019ARA&amp;A..57..305T") == "2019ARA&A..57..305T"
    assert parse_bibcode("2019ARA&amp;amp;A..57..305T") == "2019ARA&A..57..305T"
    assert parse_bibcode("2019ARA%26A..57..305T") == "2019ARA&A..57..305T"
    assert parse_bibcode("https://ui.adsabs.harvard.edu/abs/2012arXiv1204.4485R/abstract") == "2012arXiv1204.4485R"
    assert parse_bibcode("2012arXiv1204.4485") is None
    assert str(arxiv_of_bibcode("2012arXiv1204.4485R")) == "1204.4485"
    assert str(arxiv_of_bibcode("2023arXiv230100001A")) == "2301.00001"
    assert arxiv_of_bibcode("2019ARA&A..57..305T") is None


@pytest.mark.parametrize(
    ("bibcode", "arxiv"),
    [
        ("1996astro.ph..3017K", "astro-ph/9603017"),
        ("1996astro.ph.11017K", "astro-ph/9611017"),
        ("2003cond.mat..1245Q", "cond-mat/0301245"),
        ("2006hep.th...12077S", "hep-th/0612077"),
        ("1991hep.th....9003D", "hep-th/9109003"),
        ("2001gr.qc.....7090V", "gr-qc/0107090"),
        ("2005physics..10233M", "physics/0510233"),
        ("2002math......2045P", "math/0202045"),
        ("2004quant.ph..8099Z", "quant-ph/0408099"),
    ],
)
def test_eprints_of_before_2007_are_known_by_their_bibcode(bibcode: str, arxiv: str) -> None:
    assert str(arxiv_of_bibcode(bibcode)) == arxiv
    assert paper_id_for(bibcode=bibcode, content_sha256="0" * 64) == f"arXiv:{arxiv}"
    assert ids_of(bibcode, arxiv) == {f"arXiv:{arxiv}"}


@pytest.mark.parametrize(
    "bibcode",
    [
        "1996astro.ph.13017K",  # no such month
        "2008astro.ph..3017K",  # arXiv's ids have another form by then
        "1996astro.gp..3017K",  # no such archive
        "1996MNRAS.281..305T",
    ],
)
def test_what_only_looks_like_an_old_eprint_has_no_arxiv_id(bibcode: str) -> None:
    assert arxiv_of_bibcode(bibcode) is None


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        (r"10.1007/978-1-4020\_12", "10.1007/978-1-4020_12"),
        (r"10.1007/978-1-4020{\_}12", "10.1007/978-1-4020_12"),
        (r"10.1007/978-1-4020$\_$12", "10.1007/978-1-4020_12"),
        (r"10.1007/978-1-4020$_$12", "10.1007/978-1-4020_12"),
        (r"10.1007/978-1-4020\textunderscore 12", "10.1007/978-1-4020_12"),
        (r"10.1007/978-1-4020{\textunderscore}12", "10.1007/978-1-4020_12"),
        (r"10.1007/978-1-4020\textunderscore{}12", "10.1007/978-1-4020_12"),
        (r"\url{10.1007/978-1-4020\_12}", "10.1007/978-1-4020_12"),
        (r"10.1002/(SICI)1000-1(1999)3:1{$<$}9::AID-X9{$>$}3.0.CO;2-4", "10.1002/(sici)1000-1(1999)3:1<9::aid-x9>3.0.co;2-4"),
        (r"10.1002/(SICI)1000-1(1999)3:1\textless 9::AID-X9\textgreater 3.0.CO;2-4", "10.1002/(sici)1000-1(1999)3:1<9::aid-x9>3.0.co;2-4"),
    ],
)  # fmt: skip
def test_a_doi_as_tex_writes_it(written: str, doi: str) -> None:
    assert parse_doi(written) == doi


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/", "CC-BY-NC-SA-3.0"),
        ("http://creativecommons.org/licenses/by-nc-nd/4.0/legalcode", "CC-BY-NC-ND-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("CC0", "CC0-1.0"),
        ("http://arxiv.org/licenses/nonexclusive-distrib/1.0/", "arXiv-nonexclusive-1.0"),
        ("https://arxiv.org/licenses/nonexclusive-distrib/1.0", "arXiv-nonexclusive-1.0"),
        ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("MIT", "MIT"),
        ("MIT (LICENSE)", "MIT"),
        ("MIT (docs/LICENSE.txt)", None),
        ("CC BY 4.0 (http://creativecommons.org/licenses/by/4.0/)", "CC-BY-4.0"),
        ("CC BY 4.0 (CC-BY-4.0)", "CC-BY-4.0"),
        ("CC BY 4.0 (non commercial only)", None),
        ("CC BY 4.0 (CC BY-NC 4.0)", None),
        ("CC BY 4.0 (licence of the figures: see text)", None),
        ("CC BY 4.0 ()", None),
        ("CC BY 9.9", None),
        (None, None),
        ("all rights reserved", None),
        ("http://evil.example/creativecommons.org/licenses/by/4.0/", None),
        ("http://creativecommons.org/licenses/by-everything/4.0/", None),
    ],
)
def test_licences(text: str | None, licence: str | None) -> None:
    assert normalise_licence(text) == licence


def test_every_licence_that_is_proposed_is_a_normalised_one() -> None:
    assert {normalise_licence(licence) for licence in LICENCES} == set(LICENCES)


def test_paper_id_takes_the_best_name_there_is() -> None:
    sha = "0" * 64
    assert paper_id_for(arxiv="2301.00001v2", doi="10.1/x", content_sha256=sha) == "arXiv:2301.00001"
    assert paper_id_for(arxiv="no", doi="10.48550/arXiv.2301.00001", content_sha256=sha) == "arXiv:2301.00001"
    assert paper_id_for(doi="10.1086/518646", bibcode="2019ARA&A..57..305T", content_sha256=sha) == "doi:10.1086/518646"
    assert paper_id_for(bibcode="2019ARA&A..57..305T", content_sha256=sha) == "bibcode:2019ARA&A..57..305T"
    assert paper_id_for(bibcode="2012arXiv1204.4485R", content_sha256=sha) == "arXiv:1204.4485"
    assert paper_id_for(content_sha256=sha) == f"sha256:{sha}"


@pytest.mark.parametrize(
    ("source_id", "shown"),
    [
        ("2301.00001v2", "2301.00001v2"),
        ("astro-ph/9901001", "astro-ph/9901001"),
        ("a b~c%d#e\nf", "a%20b%7Ec%25d%23e%0Af"),
        ("Über die Masse", "Über%20die%20Masse"),
        ("\udcff\u202e\x1b[31m", "%5Cudcff%E2%80%AE%1B[31m"),
        ("x" * 63 + "~", "x" * 63),
        ("x" * 1000, "x" * 64),
    ],
)
def test_a_doc_id_shows_the_id_of_the_source_and_is_told_apart_by_the_place(source_id: str, shown: str) -> None:
    doc_id = doc_id_for("s", "a.tex", source_id)
    assert doc_id.rpartition("~")[0] == shown
    assert len({doc_id, doc_id_for("t", "a.tex", source_id), doc_id_for("s", "b.tex", source_id)}) == 3


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ARA&amp;amp;A", "ARA&A"),
        ("ARA%2526A", "ARA&A"),
        ("ARA&#38;amp;A", "ARA&A"),
        ("a &amp; b", "a & b"),
        ("100 %", "100 %"),
        ("%25", "%"),
        ("&amp;lt;i&amp;gt;", "<i>"),
        ("&" + "amp;" * 50_000 + "A", "&A"),
        ("&" + "amp;" * 50_000 + " A", "& A"),
        ("%" + "25" * 50_000 + "41", "A"),
        ("&#" + "9" * 5000 + "; A", "\ufffd A"),
        ("&#x" + "f" * 5000 + ";A", "\ufffdA"),
    ],
)
def test_escapes_are_undone_however_often_they_were_made(text: str, meant: str) -> None:
    assert unescaped(text) == meant
