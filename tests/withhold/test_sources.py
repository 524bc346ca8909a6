from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from curation.errors import ConfigError
from curation.identity import ids_of
from curation.joins import Join, Kind, Side
from curation.parquet import conform, sort_rows
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.config import Withhold
from curation.withhold.hits import ListHits, RuleHits
from curation.withhold.lists import WithholdLists, WithholdNames
from curation.withhold.sources import ids_in, read_sources
from schemas import DOCUMENTS, HITS, METADATA

LONG = "The Chemical Enrichment of Small Galaxies in the Local Group"


Rows: TypeAlias = list[dict[str, object]]


def part(papers: Rows) -> dict[str, pa.Table]:
    """Papers and documents of a part; `found_title` is the title in the document."""
    rows: Rows = [
        {"doc_id": f"d{n:02}", "paper_id": f"sha256:{n}", "source": "t", "n_records": 0, **paper}
        for n, paper in enumerate(papers)
    ]
    for row in rows:  # as the step metadata makes them
        names = [str(row[c]) for c in ("paper_id", "doi", "bibcode") if row.get(c)]
        row.setdefault("links", sorted({str(row["paper_id"]), *ids_of(*names)}))
    found = [(r.pop("found_title", None), r.pop("text", None), r.pop("front", None)) for r in rows]
    documents = DOCUMENTS.rows(
        {"doc_id": r["doc_id"], "status": "ok", "title": title, "text": text, "authors": front}
        for r, (title, text, front) in zip(rows, found, strict=True)
    )
    return {"metadata": METADATA.rows(rows), "documents": documents}


def withheld(papers: Rows, benchmarks: Rows) -> Rows:
    """Rows of hits."""
    tables = part(papers)
    turned = {name: table[::-1] for name, table in tables.items()}
    results = []
    for made in (tables, turned):
        hits = []
        for step in Withhold.model_validate({"benchmarks": benchmarks}).steps():
            found = step.by_name(step.run(Inputs(made)), step.name)  # type: ignore[attr-defined]
            made |= found
            hits += [conform(found["hits"], HITS.arrow, step.name)] if step.provides is HITS else []
        results.append(sort_rows(pa.concat_tables(hits), HITS.sort_by))
    result, again = results
    assert again.equals(result)
    rows: Rows = result.to_pylist()
    assert len({(r["doc_id"], r["row_id"]) for r in rows}) == len(rows)
    return rows


def hits(papers: list[dict[str, object]], path: Path) -> list[tuple[object, object]]:
    return [(r["doc_id"], r["rule"]) for r in withheld(papers, [{"name": "B", "sources": path}])]


def listed(tmp_path: Path, *rows: dict[str, object]) -> Path:
    path = tmp_path / "list.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def test_araa_rule_reads_doi_journal_bibcode_and_comments() -> None:
    found = withheld(
        [
            {"doi": "10.1146/annurev-astro-081811-125615", "journal_ref": "ARA&A 50, 1"},
            {"doi": "10.1007/s00159-013-0063-3", "journal_ref": "Astron. Astrophys. Rev. 21, 63"},
            {"paper_id": "bibcode:2012ARA&A..50..455K"},
            {"paper_id": "doi:10.1146/annurev.aa.31.090193.002433"},
            {"comments": "to appear in ARA&A"},
            {"journal_ref": "Vol. 50, 10.1146/annurev-astro-081811-125615"},
            {},
        ],
        [{"name": "AstroMLab-1", "rule": "araa"}],
    )
    assert [(r["doc_id"], r["rule"]) for r in found] == [
        ("d00", "doi"), ("d00", "journal_ref"), ("d02", "bibcode"), ("d03", "doi"), ("d04", "comments"), ("d05", "doi"),
        ("d05", "journal_ref"),
    ]  # fmt: skip
    assert {r["mark"] for r in found} == {"AstroMLab-1"}
    assert {r["rule"]: r["score"] for r in found} == {
        "doi": 1000,
        "journal_ref": 1000,
        "bibcode": 1000,
        "comments": 800,
    }
    assert {r["layer"] for r in found} == {"identity"}


def test_araa_rule_reads_every_id_of_a_paper() -> None:
    links = [
        ["arXiv:1301.0001", "doi:10.1146/annurev-astro-081710-102521"],
        ["arXiv:1301.0002", "bibcode:2012ARA&A..50..455K"],
        ["arXiv:1301.0003", "doi:10.1086/518646"],
    ]
    found = withheld([{"paper_id": ids[0], "links": ids} for ids in links], [{"name": "B", "rule": "araa"}])
    assert [(r["doc_id"], r["evidence"]) for r in found] == [
        ("d00", "doi 10.1146/annurev-astro-081710-102521"),
        ("d01", "bibcode 2012ARA&A..50..455K"),
    ]


@pytest.mark.parametrize(
    ("paper", "rules"),
    [
        ({"venue": ["journal: Annu. Rev. Astron. Astrophys."]}, ["journal"]),
        ({"venue": ["journal: ARAA", "volume: 22", "year: 1984"]}, ["journal"]),
        ({"venue": ["journal: araa"], "date": "2013-08-01"}, ["journal"]),
        ({"journal_ref": "ARAA", "date": "2013-08-01"}, ["journal_ref"]),
        ({"journal_ref": "ARAA, in press"}, ["journal_ref"]),
        ({"venue": ["publisher: Annual Review of Astronomy and Astrophysics"]}, ["publisher"]),
        ({"venue": ["journal: Astronomy and Astrophysics", "publisher: Annual Reviews"]}, ["publisher"]),
        ({"journal_ref": "Astronomy and Astrophysics", "venue": ["publisher: Annual Reviews Inc."]}, ["publisher"]),
        ({"venue": ["url: https://www.annualreviews.org/journal/astro"]}, ["url"]),
        ({"venue": ["url: https://www.annualreviews.org/doi/10.1146/annurev.astro.36.1.369"]}, ["doi"]),
        ({"venue": ["adsurl: http://adsabs.harvard.edu/abs/1998ARA%26A..36..369X"]}, ["bibcode"]),
        ({"venue": ["issn: 0066-4146"]}, ["url"]),
        ({"venue": ["journal: ARAA"]}, []),
        ({"journal_ref": "ARAA"}, []),
        ({"venue": ["journal: Astronomy and Astrophysics", "publisher: EDP Sciences"]}, []),
        ({"venue": ["journal: Nuclear and Particle Science", "publisher: Annual Reviews"]}, []),
        ({"venue": ["publisher: Annual Reviews"]}, []),
        ({"venue": ["note: ARA&A 22"]}, []),
        ({"venue": ["journal: ARAA", "volume: 500"]}, []),
    ],
)
def test_araa_rule_reads_what_records_say_of_the_venue(paper: dict[str, object], rules: list[str]) -> None:
    assert [r["rule"] for r in withheld([paper], [{"name": "B", "rule": "araa"}])] == rules


def test_ids_match_in_any_spelling(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text(
        "# sources\nhttps://arxiv.org/abs/2301.00001v3\nastro-ph/9901001  # old\n\nDOI:10.1086/ABC\n2012A&amp;A...500..455K\n",
        encoding="utf-8",
    )
    assert hits(
        [
            {"paper_id": "arXiv:2301.00001"},
            {"paper_id": "arXiv:astro-ph/9901001"},
            {"doi": "10.1086/abc"},
            {"bibcode": "2012A&A...500..455K"},
            {"doi": "10.48550/arxiv.2301.00001"},
            {"bibcode": "2023arXiv230100001K"},
            {"paper_id": "arXiv:2301.00002", "doi": "10.1086/abcd"},
        ],
        path,
    ) == [("d00", "arxiv"), ("d01", "arxiv"), ("d02", "doi"), ("d03", "bibcode"), ("d04", "arxiv"), ("d05", "arxiv")]


def test_titles_match_through_spelling_but_not_through_numbers(tmp_path: Path) -> None:
    path = listed(
        tmp_path, {"title": LONG}, {"title": "The Kestrel Survey of Faint Galaxies. II. Colours of the first sample"}
    )
    assert hits(
        [
            {"title": "The chemical enrichment of {Small} galaxies in the\n Local Group"},
            {"title": "The Chemical Enrichement of Small Galaxies in the Local Group"},
            {"found_title": LONG},
            {"title": "The Chemical Enrichment of Large Clusters in the Local Group"},
            {"title": "The Kestrel Survey of Faint Galaxies. I. Colours of the first sample"},
            {"title": "The Kestrel Survey of Faint Galaxies II: Colours of the first sample"},
            {"title": "Small Galaxies"},
        ],
        path,
    ) == [("d00", "title"), ("d01", "title"), ("d02", "title"), ("d05", "title")]


def test_short_titles_need_more(tmp_path: Path) -> None:
    path = listed(
        tmp_path,
        {"title": "Galactic Bars", "first_author": "Weiss, H.", "year": 2013},
        {"title": "Cool White Dwarfs"},
        {"title": LONG, "first_author": "Figueira", "year": 2009},
    )
    assert hits(
        [
            {"title": "Galactic bars"},
            {"title": "Galactic bars", "authors": "Hannah Weiss, Joao Figueira", "date": "2012-11-02"},
            {"title": "Galactic bars", "authors": "Rosa Mendes", "date": "2012-11-02"},
            {"title": "Galactic bars", "authors": "Weiss, H.; Figueira, J.", "date": "1990-01-01"},
            {"title": "Cool white dwarfs"},
            {"title": "Cold white dwarfs"},
            {"title": LONG, "authors": "J. Figueira", "date": "2008-12-30"},
            {"title": LONG, "authors": "R. Mendes", "date": "2008-12-30"},
        ],
        path,
    ) == [("d01", "title"), ("d04", "title"), ("d06", "title")]


def test_a_pair_known_by_id_is_not_told_again_by_title(tmp_path: Path) -> None:
    path = listed(tmp_path, {"arxiv_id": "2301.00001", "title": LONG})
    assert hits([{"paper_id": "arXiv:2301.00001", "title": LONG}], path) == [("d00", "arxiv")]


def test_a_table_of_questions_and_sources_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "b.parquet"
    rows: list[dict[str, object]] = [
        {"benchmark": "B", "item_id": "1", "kind": "question", "question": "Why?"},
        {"benchmark": "B", "item_id": "2", "kind": "source", "paper_id": "arXiv:2301.00001"},
    ]
    pq.write_table(pa.Table.from_pylist(rows, pa.schema({key: pa.string() for row in rows for key in row})), path)
    assert [s.ids for s in read_sources(path)] == [{"arXiv:2301.00001"}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("l.txt", "", "no source"),
        ("l.txt", "# only a comment\n", "no source"),
        ("l.txt", "2301.1\n", "line 1"),
        ("l.jsonl", '{"doi": "nonsense"}\n', "line 1: doi"),
        ("l.jsonl", '{"dio": "10.1/x"}\n', "unknown key dio"),
        ("l.jsonl", "{}\n", "neither"),
        ("l.jsonl", "[1]\n", "not a JSON object"),
        ("l.jsonl", '{"year": "soon", "title": "a b c"}\n', "line 1: year 'soon' is no whole number"),
        ("l.jsonl", '{"title": "a b"}\n\n{broken\n', "line 3: Expecting .* at character 2"),
        ("l.parquet", "no parquet", "cannot be read"),
        ("l.csv", "a", "must end in"),
        ("l.bib", "", "no source"),
        ("l.bib", "no entries here", "no source"),
        ("l.bib", "@article{a, title = {Masses of stars}\n", "line 1: the entry a is not closed"),
        ("l.bib", "\n@article{a}\n", "line 2: the entry a has no field"),
        ("l.bib", "@article{a, note = {nothing}}\n", "line 1: neither an id nor a title"),
        ("l.json", "", "no JSON"),
        ("l.json", "{}", "neither an answer of ADS"),
        ("l.json", '{"response": {"docs": []}}', "no source"),
        ("l.json", '[{"pub": "ApJ"}]', "document 1: neither an id nor a title"),
        ("l.jsonl", '{"journal_ref": "in press"}\n', "journal_ref 'in press' is no journal, volume and page"),
    ],
)
def test_a_list_that_is_not_understood_stops_the_run(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        withheld([{}], [{"name": "B", "sources": path}])


def test_a_missing_list_stops_before_the_run(tmp_path: Path) -> None:
    step = WithholdLists(lists=(Benchmark(name="B", sources=tmp_path / "none.txt"),))
    with pytest.raises(ConfigError, match="cannot be read"):
        step.identity()


@pytest.mark.parametrize(
    "benchmarks",
    [
        [],
        [{"name": "B"}],
        [{"name": "B", "rule": "other"}],
        [{"name": "", "rule": "araa"}],
        [{"name": "B", "rule": "araa"}, {"name": "B", "rule": "araa"}],
    ],
)
def test_no_benchmark_or_half_a_one_is_refused(benchmarks: list[dict[str, object]]) -> None:
    with pytest.raises(ValidationError):
        Withhold.model_validate({"benchmarks": benchmarks})


def test_fingerprint_knows_content_and_not_path(tmp_path: Path) -> None:
    def identity(folder: str, content: str) -> list[object]:
        path = tmp_path / folder / "l.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return [step.identity() for step in Withhold(benchmarks=(Benchmark(name="B", sources=path),)).steps()[2:]]

    assert identity("a", "2301.00001") == identity("b", "2301.00001")
    assert identity("a", "2301.00001")[0] != identity("b", "2301.00002")[0]
    assert str(tmp_path) not in json.dumps(identity("a", "x y"))


def test_hits_depend_on_the_entries_that_name_a_part_and_on_no_list(tmp_path: Path) -> None:
    lists = [listed(tmp_path, {"arxiv_id": f"2301.0000{n}"}).rename(tmp_path / f"{n}.jsonl") for n in (1, 2)]
    one, other = (Withhold(benchmarks=(Benchmark(name="B", sources=path),)).steps()[-1] for path in lists)
    assert one.identity() == other.identity()
    araa = Benchmark(name="A", rule="araa")
    assert [s.name for s in Withhold(benchmarks=(araa,)).steps()] == ["self_test", "rule_hits"], (
        "the built-in rule needs no list"
    )


def test_what_a_list_matches_is_folded_from_the_parts(tmp_path: Path) -> None:
    path = listed(tmp_path, *({"arxiv_id": f"2301.0000{n}"} for n in range(1, 5)))
    benchmarks = (Benchmark(name="B", sources=path), Benchmark(name="A", rule="araa"))
    _, rule, names, lists, step = Withhold(benchmarks=benchmarks).steps()
    assert isinstance(step, ListHits) and isinstance(names, WithholdNames) and isinstance(rule, RuleHits)
    tables = lists.by_name(lists.run(Inputs({})), lists.name)  # type: ignore[attr-defined]

    def told(*ids: int, step: ListHits | RuleHits = step) -> Mapping[str, Any]:
        papers = part([{"paper_id": f"arXiv:2301.0000{n}", "doc_id": f"d{n}"} for n in ids])
        inputs = Inputs({**papers, **tables, "withhold_names": names.run(Inputs(papers))})
        return step.summary(inputs, {"hits": step.run(inputs)})

    [b] = map(Join.from_json, step.fold([told(1, 7), told(2, 8, 9), told(1)])["joins"])
    [a] = map(Join.from_json, rule.fold([told(1, 7, step=rule), told(2, 8, 9, 1, step=rule)])["joins"])
    assert b.given == Side("works", 4, 2, ("list.jsonl:3: arXiv:2301.00003", "list.jsonl:4: arXiv:2301.00004"))
    assert b.papers == Side("documents", 6, 3, ("arXiv:2301.00007", "arXiv:2301.00008", "arXiv:2301.00009"))
    assert (a.kind, a.given, a.papers) == (Kind.WITHHELD_RULE, Side("rules", 1, 0), Side("documents", 6, 0))
    step.guard(step.fold([told(1), told(9)]))
    more = ListHits(lists=(benchmarks[0], Benchmark(name="C", sources=path)))
    [_, c] = map(Join.from_json, more.fold([told(1, 7), told(8)])["joins"])  # parts that were made before there was a C
    assert c.given == Side("works", 4, 0, tuple(f"list.jsonl:{n}: arXiv:2301.0000{n}" for n in range(1, 5)))
    assert c.papers == Side("documents", 3, 0, tuple(f"arXiv:2301.0000{n}" for n in (1, 7, 8)))
    with pytest.raises(ConfigError, match=r"benchmark 'B': none of the 4 works of its list is one of the 2 documents"):
        step.guard(step.fold([told(8), told(9)]))


def test_ids_that_stand_in_a_list_are_found_in_it() -> None:
    listed = "bibcode: ['2012ARA&A..50..455K', '2012ApJ...750..455K']; doi: [\"10.1086/518646\"]"
    assert ids_in(listed) == {"bibcode:2012ARA&A..50..455K", "bibcode:2012ApJ...750..455K", "doi:10.1086/518646"}


def test_every_doi_of_a_field_is_an_id() -> None:
    assert ids_of("10.1086/518646, doi:10.1086/9") == {"doi:10.1086/518646", "doi:10.1086/9"}
    assert ids_of("10.1086/518646 and others") == frozenset()


def test_ids_of_passes_over_what_is_no_id() -> None:
    assert ids_of(None, "", "hello", "sha256:00") == frozenset()


def test_no_papers_give_no_rows(tmp_path: Path) -> None:
    assert withheld([], [{"name": "B", "sources": listed(tmp_path, {"title": LONG})}]) == []


@pytest.mark.parametrize(
    "said", ["doi: 10.1086/518646 erratum", "doi: 10.1086/51 8646 v2", "arxiv_id: 2301.00001 and more"]
)
def test_a_listed_work_is_found_in_what_was_not_understood(tmp_path: Path, said: str) -> None:
    path = listed(tmp_path, {"doi": "10.1086/518646"}, {"doi": "10.1086/51"}, {"arxiv_id": "2301.00001"})
    assert [d for d, _ in hits([{"unsure": [said]}, {"unsure": ["doi: 10.1086/519000 erratum"]}], path)] == ["d00"]


@pytest.mark.parametrize(
    "line", ["10.1086/518646 erratum", "see arXiv:2301.00001", "2301.00001 and more", "10.1086/ no"]
)
def test_a_damaged_id_in_a_list_is_no_title(tmp_path: Path, line: str) -> None:
    (tmp_path / "list.txt").write_text(f"{line}\n")
    with pytest.raises(ConfigError, match=r"line 1: .* is no arXiv id, DOI, bibcode, journal reference or title"):
        read_sources(tmp_path / "list.txt")


def test_documents_without_an_id_are_told_by_what_their_source_calls_them(tmp_path: Path) -> None:
    papers = part(
        [{"doc_id": "row-7~0123456789abcdef"}, {"doc_id": "b~0123456789abcdef", "paper_id": "arXiv:2301.00001"}]
    )
    step = RuleHits(benchmarks=("A",))
    told = step.summary(Inputs(papers), {"hits": HITS.empty()})
    assert told["others"] == ["arXiv:2301.00001", "row-7"]
