"""Files of records of other forms: each real one parses to rows, asserted by hand, or to an error in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curation.errors import AstrocorpusError, UserError
from curation.identity import ids_of
from curation.sources.abs_file import read_abs
from curation.sources.ads import read_ads
from curation.sources.metadata import columns_of
from curation.sources.record_files import lines_of_file

ABS = """------------------------------------------------------------------------------
\\\\
arXiv:2301.00001
From: Ada Lovelace <ada@example.org>
Date: Sun, 1 Jan 2023 01:02:03 GMT   (10kb)
Date (revised v2): Mon, 2 Jan 2023 01:02:03 GMT   (12kb,AD)

Title: A title: with a colon that goes on
  over a line
Authors: A. One, B. Two (Somewhere)
Categories: astro-ph.GA gr-qc
DOI: 10.1000/x
License: http://creativecommons.org/licenses/by/4.0/
\\\\
  An abstract with Date: words, and a
second line.
\\\\
"""
ERRORS = {
    "sickle_Identify.xml": "holds no records",
    "sickle_ListSets.xml": "holds no records",
    "sickle_ListIdentifiers.xml": "it answers ListIdentifiers",
    "sickle_ListIdentifiers2.xml": "it answers ListIdentifiers",
    "sickle_ListMetadataFormats.xml": "it answers ListMetadataFormats",
    "sickle_ListRecordsBroken.xml": "holds no records: an OAI-PMH answer",
    "sickle_badArgument.xml": "an error: badArgument",
    "sickle_badResumptionToken.xml": "an error: badResumptionToken .This resumptionToken is invalid",
    "sickle_cannotDisseminateFormat.xml": "an error: cannotDisseminateFormat",
    "sickle_idDoesNotExist.xml": "an error: idDoesNotExist",
    "sickle_noRecordsMatch.xml": "an error: noRecordsMatch",
    "sickle_noSetHierarchy.xml": "an error: noSetHierarchy",
    "sickle_undefinedError.xml": "an error: undefinedError",
}


def read(path: Path) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    rejected: list[tuple[str, str]] = []
    rows = [json.loads(line) for _, line in lines_of_file(path, lambda *each: rejected.append(each))]
    return rows, rejected


def test_every_real_file_gives_rows_or_an_error_in_words(shared: Path) -> None:
    counts = {}
    for folder in ("oai", "ads", "adsingest", "arxiv_canonical"):
        for path in sorted((shared / "metadata" / folder).iterdir()):
            if path.name in ERRORS:
                with pytest.raises(AstrocorpusError, match=f"{path.name}.* {ERRORS[path.name]}"):
                    read(path)
            else:
                rows, rejected = read(path)
                counts[path.name] = (len(rows), len(rejected))
    assert counts == {
        **{f"arxiv_{name}.json": (1, 0) for name in ("0901_2443", "1711_04702", "1711_05739")},
        **{f"arxiv_{name}.xml": (1, 0) for name in ("0901_2443", "1711_04702", "1711_05739", "math_0306266")},
        "arxiv_multi_20230125.xml": (3, 0),
        "example_solr_response.json": (6, 0),
        **dict.fromkeys(("0704.0001.abs", "0906.3336.abs", "0906.3421.abs", "9901001.abs", "withdrawn.abs"), (1, 0)),
        "arxiv_oai_dc_getrecord_deleted.xml": (1, 0),
        "arxiv_oai_dc_listrecords_resumption_trimmed.xml": (5, 0),
        "hepcrawl_arxiv-physics-hep-ex.xml": (3, 0),
        "hepcrawl_arxiv-physics-hep-th.xml": (3, 0),
        "hepcrawl_arxiv-single.xml": (1, 0),
        "oai_arxivraw_listrecords_trimmed.xml": (2, 0),
        "sickle_GetRecord.xml": (0, 1),
        "sickle_GetRecord_utf8test.xml": (0, 1),
        **{f"sickle_ListRecords{n}.xml": (0, 2) for n in ("", "2", "3", "4")},
    }


def canonical(shared: Path, name: str) -> dict[str, Any]:
    [record], _ = read(shared / "metadata/arxiv_canonical" / f"{name}.abs")
    return record


def test_what_is_no_file_is_told_by_its_own_name(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in ((tmp_path / "missing.xml", "missing.xml is not there"), (pipe, "pipe is no regular file")):
        with pytest.raises(UserError, match=words):
            list(lines_of_file(path))


def test_real_abs_file_is_what_the_snapshot_says_of_it(shared: Path) -> None:
    """0704.0001 is a line of Kaggle's snapshot, too."""
    ours = canonical(shared, "0704.0001")
    odd = (shared / "metadata/kaggle/kaggle_odd_lines.jsonl").read_text().splitlines()
    theirs = next(r for r in map(json.loads, odd) if r["id"] == "0704.0001")
    del theirs["authors_parsed"]
    assert ours.pop("update_date") == "2007-07-24" and theirs.pop("update_date") == "2008-11-26"
    assert [v.pop("size") for v in ours["versions"]] == ["443kb", "370kb"]
    assert ours == theirs


def test_real_withdrawn_abs_files(shared: Path) -> None:
    record = canonical(shared, "0906.3336")
    assert record == {
        "id": "0906.3336",
        "submitter": "Huang  Guangyue",
        "authors": "Guangyue Huang, Bingqing Ma",
        "title": "Lower order eigenvalues of the biharmonic operator",
        "comments": "This paper has been withdrawn",
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": "math.DG",
        "license": "http://creativecommons.org/licenses/by/3.0/",
        "abstract": "  This paper has been withdrawn since the results are not satisfied.\n",
        "versions": [
            {"version": "v1", "created": "Thu, 18 Jun 2009 02:19:29 GMT", "size": "8kb"},
            {"version": "v2", "created": "Fri, 19 Jun 2009 14:29:19 GMT", "size": "0kb", "source_type": "I"},
        ],
        "update_date": "2009-06-19",
        "msc-class": "35P15; 53C20",
        "is_withdrawn": True,
    }
    other = canonical(shared, "withdrawn")
    assert (other["id"], other["is_withdrawn"], len(other["versions"])) == ("1606.01467", True, 7)
    assert other["versions"][6] == {
        "version": "v7",
        "created": "Thu, 17 Nov 2016 06:16:24 GMT",
        "size": "0kb",
        "source_type": "I",
    }
    assert other["versions"][5]["source_type"] == "D" and other["update_date"] == "2016-11-17"


def test_other_real_abs_files(shared: Path) -> None:
    record = canonical(shared, "0906.3421")
    assert record["authors"] == "Philippe Di Francesco and Rinat Kedem"
    assert record["comments"] == "36 pages, 16 Postscript figures, typos corrected and one reference\n  added"
    assert record["categories"] == "math.CO cond-mat.stat-mech math-ph math.MP"
    assert record["versions"][2] == {
        "version": "v3",
        "created": "Tue, 2 Feb 2010 06:38:00 GMT",
        "size": "383kb",
        "source_type": "D",
    }
    assert columns_of(record)["licence"] == "CC-BY-NC-SA-3.0" and columns_of(record, 1)["licence"] is None
    old = canonical(shared, "9901001")
    assert (old["id"], old["submitter"], old["report-no"]) == ("hep-th/9901001", "Yosuke Imamura", "YITP-99-1")
    assert (old["license"], old["doi"], old["update_date"]) == (None, "10.1143/PTP.101.1155", "1999-05-10")
    assert "is_withdrawn" not in old and "is_withdrawn" not in record


def test_abs_file_value_by_value() -> None:
    assert read_abs(ABS) == {
        "id": "2301.00001",
        "submitter": "Ada Lovelace",
        "authors": "A. One, B. Two (Somewhere)",
        "title": "A title: with a colon that goes on\n  over a line",
        "comments": None,
        "journal-ref": None,
        "doi": "10.1000/x",
        "report-no": None,
        "categories": "astro-ph.GA gr-qc",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": "  An abstract with Date: words, and a\nsecond line.\n",
        "versions": [
            {"version": "v1", "created": "Sun, 1 Jan 2023 01:02:03 GMT", "size": "10kb"},
            {"version": "v2", "created": "Mon, 2 Jan 2023 01:02:03 GMT", "size": "12kb", "source_type": "AD"},
        ],
        "update_date": "2023-01-02",
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("arXiv:2301.00001", "arXiv:2313.00001", "no arXiv id: '2313.00001'"),
        ("arXiv:2301.00001", "arXiv:../../x", "no arXiv id"),
        ("\\\\\n  An", "  An", "no .abs file"),
    ],
)
def test_broken_abs_file_is_an_error(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "a.abs"
    path.write_text(ABS.replace(old, new).removesuffix("\\\\\n") if new == "  An" else ABS.replace(old, new))
    with pytest.raises(AstrocorpusError, match=f"{path}.*{words}"):
        read(path)


def test_abs_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.abs"
    path.write_bytes(ABS.encode().replace(b"words", b"w\xf6rds"))
    with pytest.raises(AstrocorpusError, match="is no UTF-8"):
        read(path)


def test_long_abs_file_takes_linear_time() -> None:
    body = "Title: " + "x\n  " * 50_000 + "\nComments: " + " " * 50_000 + "(" * 50_000 + "\n"
    assert read_abs(ABS.replace("Title: A", body + "Title: A"))["id"] == "2301.00001"


def test_real_answer_of_ads_value_by_value(shared: Path) -> None:
    rows, _ = read(shared / "metadata/ads/example_solr_response.json")
    assert rows[0] == {
        "id": "1971Sci...174..142S",
        "bibcode": ["1971Sci...174..142S"],
        "title": "Cyclic Adenosine 3',5'-Monophosphate during Glucose Repression in the Rat Liver",
        "authors": "Oscar Sudilovsky, Angel Pestana, Paul H. Hinderaker, Henry C. Pitot",
        "doi": ["10.1126/science.174.4005.142"],
        "journal-ref": "Science, Volume 174, Issue 4005, pp. 142-144",
        "date": "1971-10-01",
    }
    assert [r["id"] for r in rows[1:]] == [
        f"201{y}GCN..{n}...1S" for y, n in ((2, 13229), (2, 13048), (2, 13098), (2, 13219), (3, 15297))
    ]
    assert rows[1] == {
        "id": "2012GCN..13229...1S",
        "bibcode": ["2012GCN..13229...1S", "2012GCN.13229....1S"],
        "title": "GRB120404A: GROND observations show steeply decaying afterglow.",
        "authors": "V. Sudilovsky, A. Rau, J. Greiner",
        "journal-ref": "GRB Coordinates Network, Circular Service, 13229, 1 (2012)",
        "date": "2012-01-01",
    }
    assert (rows[2]["authors"], rows[4]["authors"].count(",")) == ("V. Sudilovsky, T. Prinz, J. Greiner", 4)
    assert (rows[3]["title"], rows[5]["title"]) == (
        "GRB 120324A: GROND observations.",
        "GRB 131002B: GROND upper limits.",
    )
    assert [columns_of(r)["bibcode"] for r in rows] == [r["id"] for r in rows]
    assert not any("abstract" in r for r in rows)


def test_real_documents_of_ads_ingest_say_what_oai_says(shared: Path) -> None:
    for name in ("arxiv_0901_2443", "arxiv_1711_04702", "arxiv_1711_05739"):
        [ads], _ = read(shared / "metadata/adsingest" / f"{name}.json")
        [oai], _ = read(shared / "metadata/adsingest" / f"{name}.xml")
        folded = {key: " ".join(v.split()) if isinstance(v, str) else v for key, v in oai.items()}
        assert ads == {key: folded[key] for key in ads}
        assert set(ads) == {"id", "title", "authors", "comments", "subjects", "date"}


def test_eprint_of_ads_is_its_arxiv_paper() -> None:
    docs = [
        {"bibcode": "2012arXiv1204.4485R", "title": ["A"]},
        {"bibcode": "2013ApJ...777..123B", "identifier": ["arXiv:1301.0001", "10.1/x"], "doi": ["10.1/x", "10.2/y"]},
    ]
    rows = read_ads({"response": {"docs": docs}})
    assert [r["id"] for r in rows] == ["1204.4485", "1301.0001"]
    assert ids_of(*rows[1]["bibcode"]) == {"bibcode:2013ApJ...777..123B"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"error": {"msg": "Too many requests"}}, "ADS answered an error: Too many requests"),
        ({"error": "Unauthorized"}, "ADS answered an error: Unauthorized"),
        ({"response": []}, "an answer of ADS without records"),
        ({"publisherIDs": [{"Identifier": "x"}]}, "a document of ADS's ingest without an arXiv id"),
    ],
)
def test_answer_of_ads_that_holds_no_paper_is_an_error(tmp_path: Path, value: Any, words: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value, indent=1))
    with pytest.raises(AstrocorpusError, match=f"{path}: {words}"):
        read(path)


def test_record_of_ads_that_names_no_paper_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    docs = [1, {"title": ["x"]}, {"bibcode": "no code"}, {"bibcode": "2013ApJ...777..123B"}]
    path.write_text(json.dumps({"response": {"docs": docs}}))
    rows, rejected = read(path)
    assert [r["id"] for r in rows] == ["2013ApJ...777..123B"]
    assert [name for name, _ in rejected] == ["None", "None", "no code"]


@pytest.mark.parametrize("body", [b"", b"hello", b"\x00\x01", b"[1, 2]", b"%PDF-1.4", b"<html></html>", b"<a"])
def test_file_of_no_form_is_an_error(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(body)
    with pytest.raises(AstrocorpusError, match=str(path)):
        read(path)


def test_files_are_folded_by_the_command(tmp_path: Path) -> None:
    """ADS adds its bibcode to the line and takes the place of nothing."""
    snapshot, abs_file, ads = tmp_path / "s.jsonl", tmp_path / "a.abs", tmp_path / "ads.json"
    snapshot.write_text('{"id": "0704.0001", "title": "Kept", "update_date": "2008-01-01"}\n')
    abs_file.write_text(ABS)
    docs = [{"bibcode": "2007PhRvD..76a3009B", "identifier": ["arXiv:0704.0001"], "title": ["Theirs"]}]
    ads.write_text(json.dumps({"response": {"docs": docs}}))
    command = [sys.executable, "-m", "pipelines.cli", "sources", "fold", str(snapshot), str(abs_file), str(ads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{snapshot}: 2 papers: 1 new, 1 changed, 0 same, 0 untouched" in done.stdout
    first, second = map(json.loads, snapshot.read_text().splitlines())
    assert first == {
        "id": "0704.0001",
        "title": "Kept",
        "update_date": "2008-01-01",
        "bibcode": ["2007PhRvD..76a3009B"],
    }
    assert second == read_abs(ABS)
