"""Lists of works in every form that people have them in, and journal references as ids."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from curation.errors import ConfigError
from curation.withhold.journal_ref import bibcode_key, journal_key
from curation.withhold.sources import read_sources
from tests.withhold.test_sources import hits, listed

BIB = r"""
@string{kj = "Kestrel Journal"}
@comment{nothing = {here}}
@ARTICLE{2012ARA&A..50..455K,
       author = {{Weiss}, Hannah and {Mendes}, R.},
        title = "{Rings of {H~{\sc ii}} Clouds}",
      journal = {\araa},
         year = 2012,
       volume = {50},
        pages = {455-489},
          doi = {10.1146/annurev-astro-081811-125615},
archivePrefix = {arXiv},
       eprint = {1204.4485},
       adsurl = {https://ui.adsabs.harvard.edu/abs/2012ARA&A..50..455K},
}

@misc{other, title = {Colours of Quiet Rings}, author = "Joao Figueira and others", year = "2010"}
@article(third, journal = kj # {, Second Series}, volume = 7, pages = {12--15}, year = 1999)
"""
ADS = {
    "responseHeader": {"status": 0},
    "response": {
        "numFound": 1,
        "docs": [
            {
                "bibcode": "2012ApJ...750...45W",
                "alternate_bibcode": ["2012arXiv1201.00010W", "2011ApJ...700...45W"],
                "identifier": ["arXiv:1203.0001", "10.1088/0004-637X/750/1/45"],
                "title": ["Winds of Quiet Rings"],
                "author": ["Weiss, H.", "Mendes, R."],
                "year": "2012",
                "pub": "The Astrophysical Journal",
                "volume": "750",
                "page": ["45"],
            }
        ],
    },
}
TAGGED = """Query Results from the ADS Database

%R 2012ApJ...750...45W
%T Winds of Quiet
   Rings
%A Weiss, H.; Mendes, R.
%D 05/2012
%J The Astrophysical Journal, Volume 750, Issue 1, article id. 45, 12 pp. (2012).
%Y DOI: 10.1088/0004-637X/750/1/45; eprintid: arXiv:1203.0001

%R 1999KestJ...7...12F
%T Colours of Rings
"""


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    return path


@pytest.mark.parametrize("name", ["list.bib", "list.bib.gz"])
def test_bibtex(tmp_path: Path, name: str) -> None:
    first, second, third = read_sources(written(tmp_path, name, BIB))
    assert first.ids == {
        "arXiv:1204.4485",
        "doi:10.1146/annurev-astro-081811-125615",
        "bibcode:2012ARA&A..50..455K",
        "journal_ref:ara&a:50:455",
    }
    assert (first.place, first.year) == (f"{name}:4", 2012) and first.first_author in ("Weiss,", "{Weiss},")
    assert (second.ids, second.title, second.year) == (frozenset(), "Colours of Quiet Rings", 2010)
    assert third.ids == {"journal_ref:kestreljournalsecondseries:7:12"}


def test_an_answer_of_ads_with_alternate_bibcodes(tmp_path: Path) -> None:
    [work] = read_sources(written(tmp_path, "list.json", json.dumps(ADS)))
    assert work.ids == {
        "arXiv:1203.0001",
        "doi:10.1088/0004-637x/750/1/45",
        "bibcode:2012ApJ...750...45W",
        "bibcode:2011ApJ...700...45W",
        "journal_ref:apj:750:45",
        "journal_ref:apj:700:45",
    } | {id_ for id_ in work.ids if id_.startswith(("arXiv:1201", "bibcode:2012arXiv"))}
    assert (work.title, work.first_author, work.year) == ("Winds of Quiet Rings", "Weiss, H.", 2012)


def test_the_tagged_export_of_ads(tmp_path: Path) -> None:
    first, second = read_sources(written(tmp_path, "list.txt", TAGGED))
    assert {"arXiv:1203.0001", "doi:10.1088/0004-637x/750/1/45", "journal_ref:apj:750:45"} < first.ids
    assert (first.title, first.first_author, first.year) == ("Winds of Quiet Rings", "Weiss, H.", 2012)
    assert (second.place, second.title) == ("list.txt:11", "Colours of Rings")


ENDNOTE = """%0 Journal Article
%A Weiss, Hannah
%A Mendes, R.
%T Rings of Quiet Clouds
%J The Astrophysical Journal
%V 750
%P 45-60
%R 10.1088/0004-637X/750/1/45
%D 2012

%0 Journal Article
%T Colours of Rings
"""
RIS = """TY  - JOUR
AU  - Weiss, Hannah
AU  - Mendes, R.
TI  - Rings of Quiet Clouds
JO  - The Astrophysical Journal
VL  - 750
SP  - 45
EP  - 60
DO  - 10.1088/0004-637X/750/1/45
PY  - 2012
UR  - https://example.org/x
ER  -

TY  - JOUR
TI  - Colours of Rings
ER  -
"""
CSL = [
    {
        "type": "article-journal",
        "title": "Rings of Quiet Clouds",
        "author": [{"family": "Weiss", "given": "Hannah"}, {"family": "Mendes", "given": "R."}],
        "container-title": "The Astrophysical Journal",
        "issued": {"date-parts": [[2012, 5]]},
        "volume": "750",
        "page": "45-60",
        "DOI": "10.1088/0004-637X/750/1/45",
    },
    {"title": "Colours of Rings", "issued": {}},
]


@pytest.mark.parametrize(
    ("name", "content"), [("endnote.txt", ENDNOTE), ("ris.txt", RIS), ("zotero.json", json.dumps(CSL))]
)
def test_exports_of_other_managers(tmp_path: Path, name: str, content: str) -> None:
    first, second = read_sources(written(tmp_path, name, content))
    assert first.ids == {"doi:10.1088/0004-637x/750/1/45", "journal_ref:apj:750:45"}
    assert (first.title, first.year, (first.first_author or "").split(",")[0]) == (
        "Rings of Quiet Clouds",
        2012,
        "Weiss",
    )
    assert (second.ids, second.title) == (frozenset(), "Colours of Rings")


@pytest.mark.parametrize(
    ("entry", "ids"),
    [
        ("@ARTICLE{2012ApJ...750...45W, year = 2012}", {"bibcode:2012ApJ...750...45W", "journal_ref:apj:750:45"}),
        ("@misc{arXiv:1204.4485, year = 2012}", {"arXiv:1204.4485"}),
        ("@article{a, arxivId = {1204.4485}, archivePrefix = {arXiv}}", {"arXiv:1204.4485"}),
        ("@article{a, title = {b}, bdsk-url-1 = {https://doi.org/10.1086/518646}}", {"doi:10.1086/518646"}),
        (
            "@article{a, adsurl = {http://cdsads.u-strasbg.fr/cgi-bin/nph-bib_query?bibcode=2012ARA%26A..50..455K&db_key=AST}}",
            {"bibcode:2012ARA&A..50..455K"},
        ),
        ("%@article{a, doi = {10.1086/518646}}", {"doi:10.1086/518646"}),
        (
            "@set{s, entryset = {a, b}} @xdata{x, publisher = {P}} @article{a, doi = {10.1086/518646}}",
            {"doi:10.1086/518646"},
        ),
        (
            "@article{a, abstract = {See @article{foo, bar} and me@x.org.}, doi = {10.1086/518646}}",
            {"doi:10.1086/518646"},
        ),
        ("\ufeff@article{a,\r\n doi = {10.1086/518646},\r\n}\r\n", {"doi:10.1086/518646"}),
    ],
)
def test_entries_as_managers_write_them(tmp_path: Path, entry: str, ids: set[str]) -> None:
    [work] = read_sources(written(tmp_path, "list.bib", entry))
    assert work.ids == ids


def test_lines_may_be_addresses_and_items_of_a_bibliography(tmp_path: Path) -> None:
    lines = [
        "https://www.annualreviews.org/doi/10.1146/annurev-astro-082708-101811",
        "https://adsabs.harvard.edu/cgi-bin/nph-bib_query?bibcode=2012ApJ...750...45W&db_key=AST",
        r"\bibitem[Weiss(2012)]{2012ApJ...750...45W} Weiss, H.\ 2012, \apj, 750, 45",
    ]
    doi, *codes = read_sources(written(tmp_path, "list.txt", "\n".join(lines)))
    assert doi.ids == {"doi:10.1146/annurev-astro-082708-101811"} and doi.title is None
    for code in codes:
        assert "bibcode:2012ApJ...750...45W" in code.ids and code.title is None


@pytest.mark.parametrize(
    "line",
    ["1. 1204.4485", "[3] 1204.4485v2", "1) astro-ph/0703123", "see 2012ApJ...750...45W", "https://example.org/x"],
)
def test_a_line_with_an_id_beside_other_words_is_no_title(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match=r"line 1: .* is no arXiv id"):
        read_sources(written(tmp_path, "list.txt", line + "\n"))


def test_lines_may_be_journal_references_and_titles_with_numbers_are_none(tmp_path: Path) -> None:
    path = written(tmp_path, "list.txt", "ApJ 750, 45 (2012)\nRings of Kestrel 22, 15 at noon\n2012ARA&A..50..455K\n")
    ref, title, code = read_sources(path)
    assert ref.ids == {"journal_ref:apj:750:45"} and ref.title is None
    assert title.ids == frozenset() and title.title == "Rings of Kestrel 22, 15 at noon"
    assert code.ids == {"bibcode:2012ARA&A..50..455K", "journal_ref:ara&a:50:455"}


def test_papers_are_found_by_their_place_in_a_journal(tmp_path: Path) -> None:
    path = listed(tmp_path, {"journal_ref": "Astrophys. J. 750 (2012) 45"}, {"bibcode": "2012PhRvD..85l3456K"})
    papers: list[dict[str, object]] = [
        {"journal_ref": "ApJ, 750, 45"},
        {"bibcode": "2012ApJ...750...45K"},
        {"journal_ref": "erratum; ApJ 750:45"},
        {"venue": ["journal: Phys. Rev. D", "volume: 85", "pages: 123456"]},
        {"journal_ref": "ApJ, 750, 46"},
        {"journal_ref": "AJ, 750, 45"},
        {"journal_ref": "ApJ, 750, L45"},
    ]
    found = hits(papers, path)
    assert found == [("d00", "journal_ref"), ("d01", "journal_ref"), ("d02", "journal_ref"), ("d03", "journal_ref")]


def test_ids_of_a_row_may_be_lists(tmp_path: Path) -> None:
    path = listed(tmp_path, {"bibcode": ["2012ApJ...750...45K"], "alternate_bibcode": ["2011ApJ...700...45K"]})
    assert [d for d, _ in hits([{"bibcode": "2011ApJ...700...45K"}, {"bibcode": "2011ApJ...700...46K"}], path)][:1] == [
        "d00"
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *((text, "apj:750:45") for text in ("ApJ 750, 45 (2012)", "2012, ApJ, 750, 45", "Astrophys.J.750:45-60,2012")),
        *((text, "apj:750:45") for text in ("The Astrophysical Journal, 750(1), 45-60", "Astrophys. J. 750 (2012) 45")),
        ("ApJ, Volume 750, Issue 1, article id. 45, 12 pp. (2012)", "apj:750:45"),
        *(
            (text, "apjl:750:45")
            for text in ("ApJ 750 (2012) L45", "ApJL 750, 45", "Astrophysical Journal Letters 750 L45")
        ),
        *((text, "a&a:500:a1") for text in ("A&A 500, A1 (2009)", "Astron.Astrophys. 500 (2009) A1")),
        *((text, "mnras:421:1234") for text in ("MNRAS.421.1234", "Mon.Not.Roy.Astron.Soc.421:1234-1240,2012")),
        *((text, "ara&a:50:455") for text in ("ARA&A, 50, 455", "Annu. Rev. Astron. Astrophys. 50:455-489")),
        *((text, "phrvd:85:123456") for text in ("Phys.Rev.D85:123456,2012", "Phys. Rev. D 85, 123456")),
        *(
            (text, None)
            for text in ("in press", "ApJ in press", "Masses of 12 stars", "45", "", None, "ApJ 750", "a 1, 2" * 99)
        ),
    ],
)
def test_journal_references(text: str | None, key: str | None) -> None:
    assert journal_key(text) == (f"journal_ref:{key}" if key else None)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("2012ApJ...750...45K", "apj:750:45"),
        ("2012ApJ...750L..45K", "apjl:750:45"),
        ("2009A&A...500A...1B", "a&a:500:a1"),
        ("2012PhRvD..85l3456K", "phrvd:85:123456"),
        ("2012MNRAS.421.1234P", "mnras:421:1234"),
        ("2012arXiv1204.4485R", None),
        ("nothing", None),
        (None, None),
    ],
)
def test_references_of_bibcodes(code: str | None, key: str | None) -> None:
    assert bibcode_key(code) == (f"journal_ref:{key}" if key else None)
