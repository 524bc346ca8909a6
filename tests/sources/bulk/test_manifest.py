"""arXiv's manifests are read value by value, hostile ones refused, and compared."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from curation.sources.bulk import manifest as module
from curation.sources.bulk.manifest import ManifestError, difference, month_number, read_manifest
from curation.sources.bulk.oddities import oddities
from tests.sources.bulk.manifests import FIELDS, manifest_xml, row, rows_by_eye

ROWS = [
    row("0001", 1, "astro-ph0001001", "quant-ph0001119", num_items=2364),
    row("1501", 2, "1501.00301", "1501.00600"),
    row("1501", 1, "1501.00001", "1501.00300"),
    row("9912", 1, "adap-org9912001", "solv-int9912016", num_items=2593),
    row("9108", 1, "hep-th9108001", "hep-th9108028"),
]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(xml: str) -> Path:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.xml"
        file.write_text(xml)
        return file

    return write


def test_rows_are_read_in_the_order_of_centuries(written):
    manifest = read_manifest(written(manifest_xml(ROWS)))
    assert [chunk.yymm for chunk in manifest.chunks] == ["9108", "9912", "0001", "1501", "1501"]
    assert [chunk.seq_num for chunk in manifest.chunks[-2:]] == [1, 2]
    assert (manifest.kind, manifest.timestamp, manifest.unknown) == ("src", "Sat Mar  7 05:47:43 2026", {})
    by_name = {str(values["filename"]): values for values in ROWS}
    assert all(asdict(chunk) == by_name[chunk.filename] for chunk in manifest.chunks)


def test_months_grow_with_time():
    assert [month_number(m) for m in ("9107", "9912", "0001", "0704", "2611")] == [
        199107,
        199912,
        200001,
        200704,
        202611,
    ]


@pytest.mark.parametrize(
    "file", ["arXiv_src_manifest_2018-09.xml.gz", "arXiv_src_manifest_2020-06.xml.gz", "arXiv_src_manifest_excerpt.xml", "arXiv_pdf_manifest_excerpt.xml"]
)  # fmt: skip
def test_every_value_of_the_real_manifests_is_read(shared: Path, file: str):
    path = shared / "metadata" / "s3_manifests" / file
    xml = gzip.decompress(path.read_bytes()).decode() if file.endswith(".gz") else path.read_text()
    by_eye = {values["filename"]: values for values in rows_by_eye(xml)}
    manifest = read_manifest(path)
    assert len(manifest.chunks) == len(by_eye) == xml.count("<file>")
    for chunk in manifest.chunks:
        assert {name: str(value) for name, value in asdict(chunk).items()} == by_eye[chunk.filename]
    centuries = [
        ("1" if chunk.yymm[0] == "9" else "2") + chunk.yymm + f"{chunk.seq_num:05d}" for chunk in manifest.chunks
    ]
    assert centuries == sorted(centuries)
    assert manifest.kind == ("pdf" if "pdf" in file else "src")


def test_what_is_odd_in_the_real_manifests_is_told_and_what_changed_between_them(shared: Path):
    """Counted by tests.sources.bulk.manifests.rows_by_eye and set algebra on 2026-11-27."""
    folder = shared / "metadata" / "s3_manifests"
    older, newer = (read_manifest(folder / f"arXiv_src_manifest_{date}.xml.gz") for date in ("2018-09", "2020-06"))
    assert (older.timestamp, newer.timestamp) == ("Fri Sep  7 05:32:54 2018", "Sun Jun  7 04:21:45 2020")
    assert (older.chunks[0].filename, newer.chunks[0].yymm) == ("src/arXiv_src_9107_001.tar", "9107")
    assert [line.partition(":")[0] for line in oddities(older)] == [
        "1,999 tars have a size that is none of a tar (no multiple of 512)",
        "8 tars hold another number of papers than from their first to their last id",
    ]
    assert [line[:6] for line in oddities(newer)] == ["2,855 ", "8 tars"]
    found = difference(older, newer)
    assert (len(found.new), len(found.rewritten), len(found.gone)) == (858, 559, 0)
    assert [chunk.filename for chunk in found.with_old_content] == ["src/arXiv_src_1805_024.tar"]
    assert all(old.md5sum != new.md5sum and old.timestamp < new.timestamp for old, new in found.rewritten)
    [line] = oddities(read_manifest(folder / "arXiv_pdf_manifest_excerpt.xml"))
    assert "excerpt" in line


ENTITY = '<!DOCTYPE a [<!ENTITY a "yyyyyyyyyy"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
GOOD = manifest_xml(ROWS)
ONE = manifest_xml(ROWS[:1])


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (GOOD.replace("<arXivSRC>", f"{ENTITY}<arXivSRC>", 1).replace("2364", "&b;"), "document type"),
        (GOOD.replace("<arXivSRC>", f"{OUTSIDE}<arXivSRC>", 1).replace("2364", "&secret;"), "document type"),
        (GOOD[: len(GOOD) // 2], "no whole XML"),
        ("", "no whole XML"),
        ("<html><body>403</body></html>", "begins with <html>"),
        (manifest_xml([]), "lists no tar"),
        (ONE.replace("src/arXiv_src_0001_001.tar", "src/../../etc/passwd"), "filename is 'src/../../etc/passwd'"),
        (ONE.replace("src/arXiv_src_0001_001.tar", "src/arXiv_src_0001_002.tar"), "is not the name of tar 1 of 0001"),
        (ONE.replace("src/arXiv", "pdf/arXiv"), "is not the name of tar 1"),
        (ONE.replace("<size>1024</size>", ""), "has no size"),
        (ONE.replace("<size>1024", "<size>-1"), "size is '-1'"),
        (ONE.replace("<size>1024", "<size>"), "size is ''"),
        (ONE.replace("<size>1024", "<size>1<b>0</b>"), "line"),
        (ONE.replace("<size>1024", "<size>1</size><size>1024"), "stands there twice"),
        (ONE.replace(str(ROWS[0]["md5sum"]), "d41d8cd98f00b204e9800998ecf8427E"), "md5sum is"),
        (manifest_xml([ROWS[0], ROWS[0]]), "a second time"),
        (ONE.replace("</file>", "<a/>" * 100 + "</file>"), "line"),
        ("<arXivSRC>" + "<file>" * 200, "elements nest"),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_reason(written, xml: str, words: str):
    with pytest.raises(ManifestError, match=words.replace("(", r"\(")):
        read_manifest(written(xml))


def test_a_document_type_is_seen_in_any_encoding(tmp_path: Path):
    xml = GOOD.replace("<?xml version='1.0' standalone='yes'?>", "").replace("<arXivSRC>", f"{ENTITY}<arXivSRC>", 1)
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        (tmp_path / "m.xml").write_bytes(xml.encode(encoding))
        with pytest.raises(ManifestError, match="document type"):
            read_manifest(tmp_path / "m.xml")
    (tmp_path / "m.xml").write_bytes(gzip.compress(xml.encode()))
    with pytest.raises(ManifestError, match="document type"):
        read_manifest(tmp_path / "m.xml")


def test_a_manifest_that_never_ends_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Comments, instructions and unknown elements pass; so many tars as arXiv never had are refused."""
    noise = "<!-- much -->" * 2000 + "<?much?>" * 2000 + "<other>much</other>" * 2000
    file = tmp_path / "m.xml"
    file.write_text(ONE.replace("  <file>", f"{noise * 20}<file>", 1))
    tracemalloc.start()
    manifest = read_manifest(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert manifest.unknown == {"other": 40_000} and len(manifest.chunks) == 1
    assert peak < 8 << 20
    monkeypatch.setattr(module, "MAX_TARS", 3)
    file.write_text(GOOD)
    with pytest.raises(ManifestError, match="lists over 3 tars"):
        read_manifest(file)


def test_comments_are_passed_over_wherever_they_stand(written):
    plain = manifest_xml([row("2301", 1, "2301.00001", "2301.00009")])
    noise = "<!-- <file>1</file> --><?x y?>"
    noisy = plain.replace("<file>", f"{noise}<file>{noise}").replace("<seq_num>", f"{noise}<seq_num>")
    head, _, rest = noisy.partition("\n")
    found = read_manifest(written(f"{head}\n{noise * 1000}{rest}{noise * 1000}"))
    assert found.chunks == read_manifest(written(plain)).chunks and len(found.chunks) == 1


def test_a_missing_manifest_is_told(tmp_path: Path):
    with pytest.raises(ManifestError, match="is not there"):
        read_manifest(tmp_path / "none.xml")


def test_odd_rows_are_read_and_told(written):
    odd = [
        row("1501", 1, "1501.00001", "1501.00300", num_items=10, size=1000),
        row("1501", 3, "1501.00250", "1501.00600", timestamp="2014-12-31 00:00:00"),
        row("1503", 1, "1504.00001", "1504.00002"),
        row("1504", 1, "1504.00009", "1504.00003", num_items=0, md5sum=ROWS[0]["md5sum"], later="x"),
        ROWS[0],
    ]
    manifest = read_manifest(written(manifest_xml(odd, end="")))
    told = "\n".join(oddities(manifest))
    for words in (
        "or it is packed: src/arXiv_src_1501_001.tar",
        "1 tars are empty: src/arXiv_src_1504_001.tar",
        "1 tars begin or end with a paper of another month: src/arXiv_src_1503_001.tar",
        "1 tars begin with a later paper than they end with: src/arXiv_src_1504_001.tar",
        "1 tars were made before their month: src/arXiv_src_1501_003.tar",
        "1 tars have the digest of another tar: src/arXiv_src_1504_001.tar",
        "1 tars are missing in their month's numbers: 1501_002",
        "1 tars begin before the one before them ends: src/arXiv_src_1501_003.tar",
        "2 times months are missing between: 0001 to 1501, 1501 to 1503",
        "it may be an excerpt",
        "unknown field later, 1 times",
    ):
        assert words in told, told
    assert oddities(read_manifest(written(manifest_xml([row("1501", 1, "1501.00001", "1501.00300")])))) == []


def test_two_manifests_differ_in_what_is_new_rewritten_and_gone(written):
    newer = [
        ROWS[0] | {"md5sum": "0" * 32, "timestamp": "2025-01-01 00:00:00"},
        ROWS[1] | {"content_md5sum": "1" * 32},
        *ROWS[3:],
    ]
    newer.append(row("2611", 1, "2611.00001", "2611.00009"))
    found = difference(read_manifest(written(manifest_xml(ROWS))), read_manifest(written(manifest_xml(newer))))
    assert [chunk.filename for chunk in found.new] == ["src/arXiv_src_2611_001.tar"]
    assert [old.filename for old, _ in found.rewritten] == ["src/arXiv_src_0001_001.tar", "src/arXiv_src_1501_002.tar"]
    assert [chunk.filename for chunk in found.with_old_content] == ["src/arXiv_src_0001_001.tar"]
    assert [chunk.filename for chunk in found.gone] == ["src/arXiv_src_1501_001.tar"]
    pdf = written(manifest_xml([row("0001", 1, "astro-ph0001001", "astro-ph0001009", kind="pdf")], root="arXivPDF"))
    with pytest.raises(ManifestError, match="one kind"):
        difference(read_manifest(written(GOOD)), read_manifest(pdf))


def test_the_fields_are_those_that_arxiv_writes():
    assert tuple(ROWS[0]) == FIELDS
