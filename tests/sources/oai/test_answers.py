"""Answers read to records: real ones value by value, hostile ones to an error in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.errors import BrokenAnswerError
from curation.sources.fold import KAGGLE_KEYS
from curation.sources.metadata import columns_of
from curation.sources.oai.answer import Answer, Identity, read_answer
from curation.sources.oai.record import Rejected
from tests.sources.oai.server import OAI, RAW, Item, xml

REJECTED = {
    "sickle_GetRecord.xml": [Rejected("oai:test.example.com:1996652", "its identifier is no arXiv id")],
    "sickle_GetRecord_utf8test.xml": [Rejected("oai:test.example.com:1996652", "its identifier is no arXiv id")],
    **{
        f"sickle_ListRecords{n}.xml": [
            Rejected("oai:test.example.com:1585310", "its identifier is no arXiv id"),
            Rejected("oai:test.example.com:1585322", "its identifier is no arXiv id"),
        ]
        for n in ("", 2, 3)
    },
    "sickle_ListRecords4.xml": [
        Rejected("", "its header has no identifier"),
        Rejected("oai:test.example.com:1585322", "its identifier is no arXiv id"),
    ],
}
ERRORS = {
    "sickle_badArgument.xml": ("badArgument", ""),
    "sickle_badResumptionToken.xml": ("badResumptionToken", "This resumptionToken is invalid"),
    "sickle_cannotDisseminateFormat.xml": ("cannotDisseminateFormat", ""),
    "sickle_idDoesNotExist.xml": (
        "idDoesNotExist",
        "oai:lcoa1.loc.gov:loc.rbc/rbpe.00000111 has the structure of a valid LOC identifier, but it maps to no known item",
    ),
    "sickle_noRecordsMatch.xml": ("noRecordsMatch", ""),
    "sickle_noSetHierarchy.xml": ("noSetHierarchy", "This repository does not support sets"),
    "sickle_undefinedError.xml": ("undefinedError", ""),
}
BROKEN = {
    "sickle_ListIdentifiers.xml": "it answers ListIdentifiers, which tells of no records",
    "sickle_ListIdentifiers2.xml": "it answers ListIdentifiers, which tells of no records",
    "sickle_ListMetadataFormats.xml": "it answers ListMetadataFormats, which tells of no records",
    "sickle_ListRecordsBroken.xml": "it is cut or no XML",
}
IDS = {
    "arxiv_oai_dc_getrecord_deleted.xml": ["acc-phys/9411001"],
    "arxiv_oai_dc_listrecords_resumption_trimmed.xml": [
        "1303.2033",
        "2401.14034",
        "2401.14036",
        "2401.14038",
        "2401.14040",
    ],
    "hepcrawl_arxiv-physics-hep-ex.xml": ["1706.05371", "1706.09418", "1707.00874"],
    "hepcrawl_arxiv-physics-hep-th.xml": ["1412.8323", "1507.07790", "1607.01710"],
    "hepcrawl_arxiv-single.xml": ["1401.2122"],
    "oai_arxivraw_listrecords_trimmed.xml": ["2309.09550", "1810.06450"],
    "arxiv_0901_2443.xml": ["0901.2443"],
    "arxiv_1711_04702.xml": ["1711.04702"],
    "arxiv_1711_05739.xml": ["1711.05739"],
    "arxiv_math_0306266.xml": ["math/0306266"],
    "arxiv_multi_20230125.xml": ["1009.1022", "1305.6404", "1412.1417"],
}
DATES = {
    "arxiv_oai_dc_getrecord_deleted.xml": "0000-00-00T00:00:00Z",
    "arxiv_oai_dc_listrecords_resumption_trimmed.xml": "2024-01-27T17:53:42Z",
    "hepcrawl_arxiv-physics-hep-ex.xml": "2017-12-14T13:00:41Z",
    "hepcrawl_arxiv-physics-hep-th.xml": "2017-12-14T12:56:31Z",
    "hepcrawl_arxiv-single.xml": "2018-01-26T09:05:29Z",
    "oai_arxivraw_listrecords_trimmed.xml": "2026-05-08T19:09:33Z",
    "arxiv_multi_20230125.xml": "2023-01-25T18:45:11Z",
}
TOKENS = {
    "arxiv_oai_dc_listrecords_resumption_trimmed.xml": ("6960524|1001", 1162),
    "arxiv_multi_20230125.xml": ("6460044|1001", 1090),
    "sickle_ListRecords.xml": ("ListRecords2.xml", 8),
    "sickle_ListRecords2.xml": ("ListRecords3.xml", 8),
    "sickle_ListRecords3.xml": ("ListRecords4.xml", 8),
}
OTHERS = {"sickle_Identify.xml", "sickle_ListSets.xml"}


def answer_of(shared: Path, name: str) -> Answer:
    [path] = (shared / "metadata").glob(f"*/{name}")
    return read_answer(path.read_bytes())


def test_every_real_file_is_one_of_these(shared: Path) -> None:
    found = {p.name for folder in ("oai", "adsingest") for p in (shared / "metadata" / folder).glob("*.xml")}
    assert found == {*REJECTED, *ERRORS, *BROKEN, *IDS, *OTHERS}


def test_real_answers_hold_the_records_that_they_hold(shared: Path) -> None:
    for name, ids in IDS.items():
        answer = answer_of(shared, name)
        assert [r["id"] for r in answer.records] == ids
        assert (answer.token, answer.list_size) == TOKENS.get(name, (None, None))
        assert answer.response_date == DATES.get(name)
        assert (answer.error, answer.rejected, answer.mended) == (None, [], 0)


def test_real_records_of_others_are_rejected_with_a_reason(shared: Path) -> None:
    for name, rejected in REJECTED.items():
        answer = answer_of(shared, name)
        assert (answer.records, answer.rejected) == ([], rejected)
        assert (answer.token, answer.list_size) == TOKENS.get(name, (None, None))


def test_real_errors_are_errors(shared: Path) -> None:
    for name, error in ERRORS.items():
        assert answer_of(shared, name).error == error
    for name, words in BROKEN.items():
        with pytest.raises(BrokenAnswerError, match=words):
            answer_of(shared, name)


def test_real_identity_and_sets(shared: Path) -> None:
    assert answer_of(shared, "sickle_Identify.xml").identity == Identity(
        "YYYY-MM-DD", "1970-01-01T00:00:00Z", "persistent"
    )
    sets = answer_of(shared, "sickle_ListSets.xml").sets
    assert (len(sets), sets[0], sets[6], sets[-1]) == (131, "bi", "caseStudyFtxt", "workingPaperFtxt")


def test_real_arxivraw_record_value_by_value(shared: Path) -> None:
    first, second = answer_of(shared, "oai_arxivraw_listrecords_trimmed.xml").records
    assert first == {
        "id": "2309.09550",
        "submitter": "Bing Han",
        "authors": "Bing Han, Feifei Zhao, Wenxuan Pan",
        "title": "Adaptive Reorganization of Neural Pathways for Continual Learning with Spiking Neural Networks",
        "comments": None,
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": "cs.NE cs.AI",
        "license": None,
        "abstract": "Brain-inspired continual learning with spiking neural networks.",
        "versions": [
            {"version": "v1", "created": "Mon, 18 Sep 2023 07:56:40 GMT", "size": "1370kb"},
            {"version": "v2", "created": "Sun, 08 Oct 2023 07:36:41 GMT", "size": "1377kb"},
            {"version": "v3", "created": "Mon, 28 Oct 2024 13:10:41 GMT", "size": "16453kb"},
            {"version": "v4", "created": "Tue, 05 May 2026 03:04:16 GMT", "size": "1130kb"},
        ],
        "update_date": "2026-05-06",
    }
    assert list(first) == [key for key in KAGGLE_KEYS if key != "authors_parsed"]
    assert second["versions"][1] == {"version": "v2", "created": "Sat, 03 Nov 2018 09:30:58 GMT", "size": "1225kb"}
    assert (second["categories"], second["update_date"]) == ("eess.SP cs.SY eess.SY", "2026-04-27")
    assert columns_of(first)["date"] == "2026-05-05" and columns_of(first)["version"] == 4


def test_real_deleted_record(shared: Path) -> None:
    assert answer_of(shared, "arxiv_oai_dc_getrecord_deleted.xml").records == [
        {
            "id": "acc-phys/9411001",
            "update_date": "2004-06-22",
            "datestamp": "2004-06-22T17:51:18Z",
            "is_deleted": True,
            "is_withdrawn": True,
        }
    ]


def test_real_records_in_the_format_arxiv(shared: Path) -> None:
    [record] = answer_of(shared, "hepcrawl_arxiv-single.xml").records
    abstract = record.pop("abstract")
    assert abstract.startswith("  We introduce a novel") and abstract.endswith("in the spectral parameter.\n")
    assert {key: value for key, value in record.items() if value is not None} == {
        "id": "1401.2122",
        "authors": "A. Sergyeyev",
        "authors_parsed": [["Sergyeyev", "A.", ""]],
        "title": "New integrable (3+1)-dimensional systems and contact geometry",
        "categories": "math.AP hep-th math-ph math.DG math.MP nlin.SI",
        "comments": "16 pages, LaTeX, no figures, revised and abridged, in this version\n  (v5) the typos were fixed "
        "(including some that have unfortunately crept into\n  the published version too), Letters in Mathematical Physics (2017)",
        "msc-class": "37K05 37K10 53D10",
        "journal-ref": "Lett. Math. Phys. 108 (2018), no. 2, 359-376",
        "doi": "10.1007/s11005-017-1013-4",
        "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        "update_date": "2018-01-25",
        "created": "2014-01-09",
        "date": "2017-10-23",
        "version": "latest",
    }
    records = answer_of(shared, "hepcrawl_arxiv-physics-hep-ex.xml").records
    assert records[0]["authors"].startswith("Tyler Anderson, Jacob Cutter, ")
    assert (
        records[0]["title"]
        == "Evaluation of Silicon Photomultipliers for use as Photosensors in Liquid\n  Xenon Detectors"
    )
    assert records[1]["authors"].split(", ")[2] == "Manuel E. Krauss"
    assert [r["report-no"] for r in records] == [None, "BONN-TH-2017-03", "IITH-PH-0001/17, IMSc/2017/07/05"]
    assert [r["date"] for r in records] == ["2017-12-12", "2017-11-26", "2017-12-13"]
    theory = answer_of(shared, "hepcrawl_arxiv-physics-hep-th.xml").records
    assert [r["license"] for r in theory] == [
        "http://creativecommons.org/licenses/by/4.0/",
        "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    ]
    assert [r["doi"] for r in theory] == [None, "10.1088/1751-8121/aa9c53", "10.1002/andp.201700188"]


def test_real_dublin_core(shared: Path) -> None:
    record = answer_of(shared, "arxiv_math_0306266.xml").records[0]
    assert {key: value for key, value in record.items() if value is not None and key != "abstract"} == {
        "id": "math/0306266",
        "authors": "Amin Coja-Oghlan",
        "authors_parsed": [["Coja-Oghlan", "Amin", ""]],
        "title": "The Lovasz number of random graphs",
        "categories": "math",
        "subjects": ["Mathematics - Combinatorics", "05C80, 05C15"],
        "journal-ref": "Combinatorics, Probability and Computing 14 (2005) 439 - 465",
        "doi": "10.1017/S0963548305006826",
        "created": "2003-06-18",
        "date": "2003-06-18",
        "update_date": "2017-11-17",
        "version": "latest",
    }
    multi = answer_of(shared, "arxiv_multi_20230125.xml").records
    assert [r["date"] for r in multi] == ["2010-09-06", "2013-05-28", "2023-01-23"]
    assert [r["doi"] for r in multi] == [None, "10.1007/s00153-015-0433-z", "10.1112/jlms.12001"]
    assert multi[2]["authors"] == "Anna Beliakova, Kazuo Habiro, Aaron D. Lauda, Ben Webster"
    assert multi[0]["comments"] == "7 pages" and '"regular" family' in multi[0]["abstract"]
    cs = answer_of(shared, "arxiv_oai_dc_listrecords_resumption_trimmed.xml").records
    assert [r["update_date"] for r in cs] == ["2024-01-25", "2024-01-26", "2024-01-26", "2024-01-26", "2024-01-26"]
    assert (cs[0]["created"], cs[0]["date"], cs[0]["comments"]) == ("2013-03-08", "2024-01-23", "32 pages, 9 figures")
    assert cs[4]["title"] == "(Chat)GPT v BERT: Dawn of Justice for Semantic Change Detection"


@pytest.mark.parametrize("name", ["arxiv_0901_2443", "arxiv_1711_04702", "arxiv_1711_05739"])
def test_dublin_core_as_ads_reads_it(shared: Path, name: str) -> None:
    """ADS's own parse of the same files, by its pipeline (adsingestparser)."""
    [ours] = answer_of(shared, f"{name}.xml").records
    theirs = json.loads((shared / "metadata/adsingest" / f"{name}.json").read_text())
    assert " ".join(ours["title"].split()) == theirs["title"]["textEnglish"]
    assert " ".join(ours["abstract"].split()) == theirs["abstract"]["textEnglish"]
    pubraw = [author["name"]["pubraw"] for author in theirs["authors"]]
    assert [", ".join(filter(None, a)) for a in ours["authors_parsed"]] == pubraw
    assert ["Comment: " + " ".join(ours["comments"].split())] == [c["commentText"] for c in theirs["comments"]]
    assert ours["subjects"] == [k["keyString"] for k in theirs["keywords"]]
    assert ours["date"] == theirs["pubDate"]["electrDate"]
    assert f"oai:arXiv.org:{ours['id']}" == theirs["publisherIDs"][0]["Identifier"]


def raw_list(*records: str) -> bytes:
    return xml(f"<ListRecords>{''.join(records)}</ListRecords>")[2]


GOOD = Item("2301.00001", "2024-02-01").xml()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("oai:arXiv.org:2301.00001", "oai:arXiv.org:../../etc/passwd", "its identifier is no arXiv id"),
        ("oai:arXiv.org:2301.00001", "oai:arXiv.org:2301.00001\n2301.00002", "its identifier is no arXiv id"),
        ("oai:arXiv.org:2301.00001", "oai:other.org:2301.00001", "its identifier is no arXiv id"),
        ("oai:arXiv.org:2301.00001", "oai:arXiv.org:2313.00001", "its identifier is no arXiv id"),
        ("<id>2301.00001", "<id>2301.00002", "its metadata is of another paper: '2301.00002'"),
        ("<id>2301.00001", "<id>2301.00001</id><id>nonsense", "its metadata is of another paper: 'nonsense'"),
        ("<datestamp>2024-02-01", "<datestamp>2024-02-30", "its datestamp is no date: '2024-02-30'"),
        ("<datestamp>2024-02-01", "<datestamp>yesterday", "its datestamp is no date: 'yesterday'"),
        ("<metadata>", "<about>", "it is not deleted and has no metadata"),
        (f"<arXivRaw {RAW}>", "<marc>", "its format is not read: 'marc'"),
        ("</header>", '</header><header status="deleted"/>', "it has two headers or two bodies, which may differ"),
        ("</metadata>", "</metadata><metadata/>", "it has two headers or two bodies, which may differ"),
        ("</metadata>", f"<arXivRaw {RAW}/></metadata>", "it has two headers or two bodies, which may differ"),
    ],
)
def test_record_that_names_no_paper_is_rejected_and_the_next_goes_on(old: str, new: str, reason: str) -> None:
    bad = GOOD.replace(old, new)
    for opened, closed in (("<about>", "</about>"), ("<marc>", "</marc>")):
        if opened in bad:
            bad = bad.replace("</metadata>" if opened == "<about>" else "</arXivRaw>", closed)
    answer = read_answer(raw_list(bad, Item("2301.00007", "2024-02-01").xml()))
    assert [r.reason for r in answer.rejected] == [reason]
    assert [r["id"] for r in answer.records] == ["2301.00007"]


def test_deletion_is_one_however_it_is_spelled() -> None:
    [found] = read_answer(raw_list(GOOD.replace("<header>", '<header status="Deleted">'))).records
    assert found["is_deleted"] and found["is_withdrawn"]


def test_source_type_is_kept_and_tells_a_withdrawal() -> None:
    marked = GOOD.replace("<size>10kb</size>", "<size>8kb</size><source_type>I</source_type>")
    [record] = read_answer(raw_list(marked)).records
    assert record["versions"][0]["source_type"] == "I" and record["is_withdrawn"] is True
    [other] = read_answer(raw_list(marked.replace("<source_type>I", "<source_type>D"))).records
    assert other["versions"][0]["source_type"] == "D" and "is_withdrawn" not in other


def test_licence_of_an_unnumbered_version_opens_no_numbered_one(shared: Path) -> None:
    record = answer_of(shared, "hepcrawl_arxiv-physics-hep-th.xml").records[0]
    assert columns_of(record)["licence"] is not None
    assert columns_of(record, version=1)["licence"] is None


def test_two_licences_are_none() -> None:
    two = "<license>http://creativecommons.org/licenses/by/4.0/</license><license>http://arxiv.org/licenses/nonexclusive-distrib/1.0/</license>"
    [record] = read_answer(raw_list(GOOD.replace("<abstract>", f"{two}<abstract>"))).records
    assert columns_of(record)["licence"] is None


def test_bytes_that_are_no_text_are_replaced_and_counted() -> None:
    body = raw_list(GOOD).replace(b"A title", b"A \xff\xfe t\x0bitle &#1; &#x110000; &amp;")
    answer = read_answer(body)
    assert answer.mended == 5
    assert answer.records[0]["title"] == "A \ufffd\ufffd t\ufffditle \ufffd \ufffd &"
    assert read_answer(raw_list(GOOD)).mended == 0


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {c} '{'&' + chr(ord(c) - 1) + ';'}{'&' + chr(ord(c) - 1) + ';'}'>" for c in "bcdefghijklmnopqrstuvwxyz"
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"{LAUGHS}]><OAI-PMH {OAI}><x>&z;</x></OAI-PMH>".encode(), "document type|entity nesting"),
        (
            f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><OAI-PMH {OAI}><error>&f;</error></OAI-PMH>'.encode(),
            "document type",
        ),
        (f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><OAI-PMH {OAI}/>'.encode(), "document type"),
        (raw_list("<x>" * 100_000), "it is no XML"),
        (raw_list("<record/>" * 2_100_000), "over 1,000,000 tags or attributes"),
        (raw_list("<x " + " ".join(f"a{n}=''" for n in range(1_100_000)) + "/>"), "over 1,000,000 tags or attributes"),
        (raw_list(f"<x>{'a' * 11_000_000}</x>"), "it is no XML"),
        (raw_list(GOOD)[:-30], "it is cut or no XML"),
        (b"", "it is empty"),
        (b"<!DOCTYPE html><html><p>Rate exceeded<br></html>", "page for people"),
        (b"<html><body/></html>", "no answer of OAI-PMH but <html>"),
        (xml("")[2], "neither records nor an error"),
        (raw_list(), "no record that can be seen"),
        (raw_list(f"<records>{GOOD}</records>"), "no record that can be seen"),
        (xml(f"<ListRecords>{GOOD}</ListRecords><ListRecords>{GOOD}</ListRecords>")[2], "two lists"),
        (xml(f"<error code='noRecordsMatch'/><ListRecords>{GOOD}</ListRecords>")[2], "an error and a list"),
        (b"\x1f\x8b\x08\x00", "it is cut or no XML"),
        (b"{}", "it is cut or no XML"),
    ],
)
def test_hostile_answer_is_an_error_in_words(body: bytes, words: str) -> None:
    with pytest.raises(BrokenAnswerError, match=words):
        read_answer(body)
