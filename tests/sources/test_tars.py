"""Papers in tars, as arXiv ships them in bulk."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import tarfile
from pathlib import Path
from typing import Any

import pytest

from curation.place import open_place
from curation.sources.far import Far
from curation.sources.folder import FolderSource
from curation.sources.unit import Entry, Listing, Unit
from curation.step import Inputs
from tests.extract.pdfs import prose_pdf
from tests.sources.joined import rows_of
from tests.sources.tars import bundle, document, entry, members_of, pax, single, tar_of, with_header, write_tar

MONTH = "src/arXiv_src_2301_001.tar"
PAPERS = {
    "2301/2301.00001.gz": single("one"),
    "2301/2301.00002.gz": bundle("two"),
    "2301/2301.00003.pdf": prose_pdf(1),
}


def entries(root: Path) -> list[Entry]:
    return Listing.whole(FolderSource(path=str(root)).listing()).entries


def papers(root: Path, listed: list[Entry] | None = None) -> dict[str, dict[str, Any]]:
    """Rows of papers by member, of units that were written and read."""
    source = FolderSource(path=str(root))
    unit = Unit("folder", tuple(entries(root) if listed is None else listed))
    unit = Unit.from_json(json.loads(unit.to_bytes()))
    return {row["member"]: row for row in source.run(Inputs({}, {"unit": unit})).to_pylist()}


def opened(root: Path, row: dict[str, Any], where: tuple[int, int] | None) -> bytes:
    return FolderSource(path=str(root)).open({**row, "where": where}).data


def test_each_member_of_a_bulk_tar_is_a_paper(tmp_path: Path) -> None:
    tar = write_tar(tmp_path / MONTH, PAPERS)
    found = entries(tmp_path)
    assert [e.member for e in found] == [f"{MONTH}#{name}" for name in PAPERS]
    for e, (name, data) in zip(found, PAPERS.items(), strict=True):
        assert e.where is not None and tar.read_bytes()[slice(*e.where)] == data, name
    rows = papers(tmp_path)
    assert [rows[e.member]["content_sha256"] for e in found] == [hashlib.sha256(d).hexdigest() for d in PAPERS.values()]
    assert [rows[e.member]["content_kind"] for e in found] == ["tex", "tar", "pdf"]
    assert [rows[e.member]["source_id"] for e in found] == ["2301.00001", "2301.00002", "2301.00003"]
    assert {name: opened(tmp_path, rows[f"{MONTH}#{name}"], None) for name in PAPERS} == members_of(tar)


def test_an_old_id_is_spelled_as_on_its_page(tmp_path: Path) -> None:
    write_tar(tmp_path / "arXiv_src_0001_001.tar", {"0001/astro-ph0001001.gz": single("old")}, "0001")
    [row] = rows_of(FolderSource(path=str(tmp_path))).values()
    assert (row["source_id"], row["paper_id"]) == ("astro-ph/0001001", "arXiv:astro-ph/0001001")


def test_a_paper_that_is_a_tar_stays_one_paper(tmp_path: Path) -> None:
    figures = {
        "fig.tar.gz": gzip.compress(tar_of({"a.txt": b"x"}, None)),
        "data.tar.gz": gzip.compress(tar_of({"b.txt": b"x"}, None)),
    }
    write_tar(tmp_path / "paper-a.tar", {"ms.tex": document("a"), **figures}, None)
    write_tar(tmp_path / "paper-b.tar", {"ms.tex": document("b"), "anc/2105.12345.pdf": prose_pdf(1)}, None)
    write_tar(tmp_path / "2301.00009.tar", {"2301.00009.tex": document("c")}, None)
    write_tar(tmp_path / "pictures.tar", {"x.pdf": prose_pdf(1), "y.pdf": prose_pdf(1)}, None)
    assert [e.member for e in entries(tmp_path)] == ["2301.00009.tar", "paper-a.tar", "paper-b.tar", "pictures.tar"]


NAMED = {f"2301/2301.{n:05}.gz": b"\x1f\x8b" for n in range(1, 40)}
PDFS = {f"2301/2301.{n:05}.pdf": b"%PDF-1.4" for n in range(1, 40)}
NOTES = {f"2301/note {n}.txt": b"x" for n in range(60)}


@pytest.mark.parametrize(
    ("name", "files", "count"),
    [
        ("x.tar", {"2301/readme.tex": document("a"), **NAMED}, 40),
        ("x.tar", {**NOTES, **NAMED}, 99),
        ("x.tar", {"2301/2301.00001.gz": b"x"}, 1),
        ("x.tar", {**dict(list(NOTES.items())[:16]), **PDFS}, 55),
        ("arXiv_pdf_2301_001.tar", {"readme.tex": document("a"), **NOTES, **PDFS}, 100),
    ],
)
def test_members_named_by_ids_make_a_tar_of_papers_whatever_stands_first(
    tmp_path: Path, name: str, files: dict[str, bytes], count: int
) -> None:
    write_tar(tmp_path / name, files, None)
    found = entries(tmp_path)
    assert len(found) == count and all(e.member.startswith(f"{name}#") for e in found)


def test_a_tar_with_papers_names_that_is_read_as_one_is_told(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", {"ms.tex": document("a"), **{f"anc/{n}": d for n, d in PDFS.items()}}, None)
    write_tar(tmp_path / "b.tar", {"ms.tex": document("b")}, None)
    told = "a.tar (read as one paper, though 39 of its first members are named by arXiv ids)"
    for listing in (FolderSource(path=str(tmp_path)).listing(), Far(open_place(tmp_path)).listing()):
        found = Listing.whole(listing)
        assert [e.member for e in found.entries] == ["a.tar", "b.tar"]
        assert found.left_out == [told]


def test_archives_of_papers_without_ids_are_papers_by_what_they_hold(tmp_path: Path) -> None:
    write_tar(
        tmp_path / "journal.tar", {"jones.tar.gz": bundle("jones"), "smith.gz": single("smith"), "README": b"x"}, None
    )
    listing = Listing.whole(FolderSource(path=str(tmp_path)).listing())
    assert [e.member for e in listing.entries] == ["journal.tar#jones.tar.gz", "journal.tar#smith.gz"]
    assert listing.left_out == ["journal.tar#README"]


def test_a_tar_of_papers_with_a_name_of_no_paper_is_read_as_one(tmp_path: Path) -> None:
    write_tar(tmp_path / "2301" / "source.tar", PAPERS)
    assert len(entries(tmp_path)) == 3


@pytest.mark.parametrize("tarformat", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_odd_names_are_read_as_every_format_writes_them(tmp_path: Path, tarformat: int) -> None:
    names = ["2301/2301.00001.gz", f"{'folder/' * 20}2301.00002.gz", "2301/50%#1~x 2301.gz", "2301/été.gz"]
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w", format=tarformat) as tar:
        for name in names:
            (tmp_path / "data.gz").write_bytes(single(name.replace("#", "").replace("%", "")))
            tar.add(tmp_path / "data.gz", name)
    (tmp_path / "data.gz").unlink()
    rows = papers(tmp_path)
    assert {row["status"] for row in rows.values()} == {"ok"} and len(rows) == 4
    data = members_of(path)
    assert sorted(opened(tmp_path, row, None) for row in rows.values()) == sorted(data.values())


HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "traversal": (entry("../../etc/2301.00008.gz", b"x"), "unsafe_archive", "leaves the archive"),
    "absolute": (entry("/etc/2301.00008.gz", b"x"), "unsafe_archive", "absolute name"),
    "link": (entry("2301/2301.00008.gz", kind=tarfile.SYMTYPE, linkname="/etc/passwd"), "unsafe_archive", "is a link"),
    "hard link": (
        entry("2301/2301.00008.gz", kind=tarfile.LNKTYPE, linkname="2301/2301.00001.gz"),
        "unsafe_archive",
        "is a link",
    ),
    "device": (entry("2301/2301.00008.gz", kind=tarfile.CHRTYPE), "unsafe_archive", "device or a pipe"),
    "pipe": (entry("2301/2301.00008.gz", kind=tarfile.FIFOTYPE), "unsafe_archive", "device or a pipe"),
    "unknown type": (entry("2301/2301.00008.gz", b"x", b"Z"), "unsafe_archive", "of an unknown type"),
    "label": (entry("2301/2301.00008.gz", b"", b"V"), "unsafe_archive", "is the label of a volume"),
    "other volume": (entry("2301/2301.00008.gz", b"x", b"M"), "unsafe_archive", "begins in another volume"),
    "dump": (entry("2301/2301.00008.gz", b"x", b"D"), "unsafe_archive", "of a folder in an incremental dump"),
    "old sparse": (entry("2301/2301.00008.gz", b"x" * 600, tarfile.GNUTYPE_SPARSE), "unsafe_archive", "sparse file"),
    "pax sparse": (
        pax({"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, entry("2301/2301.00008.gz", b"x")),
        "unsafe_archive",
        "sparse file",
    ),
    "name without end": (
        pax({"path": "2301/2301.00008.gz"}, pax({"path": "2301/2301.00007.gz"}, entry("x", b"x"))),
        "unsafe_archive",
        "two long names",
    ),
    "huge pax": (
        with_header(pax({"comment": "x"}, b""), size=(124, b"77777777777\0")),
        "bad_archive",
        "extended header of",
    ),
    "broken pax": (
        entry("pax", b"999999 path=x\n", tarfile.XHDTYPE) + entry("2301/2301.00008.gz", b"x"),
        "unsafe_archive",
        "is broken",
    ),
    "pax size": (pax({"size": "-5"}, entry("2301/2301.00008.gz", b"x")), "unsafe_archive", "tells of no size"),
    "global path": (pax({"path": "2301/x.gz"}, b"", tarfile.XGLTYPE), "bad_archive", "for all members"),
    "no utf-8": (entry("2301/\udcff.gz", b"x"), "unreadable", "no UTF-8"),
    "no name": (entry("./", b"x", b"0"), "unsafe_archive", "has no name"),
    "wrong check sum": (b"2301/2301.00008.gz" + bytes(494), "bad_archive", "check sum"),
    "no header": (b"\xff" * 1024, "bad_archive", "check sum"),
    "size that is none": (
        with_header(entry("2301/2301.00008.gz", b""), size=(124, b"99x")),
        "bad_archive",
        "no number",
    ),
    "negative size": (
        with_header(entry("2301/2301.00008.gz", b""), size=(124, b"\xff" * 12)),
        "bad_archive",
        "no number",
    ),
    "absurd size": (
        with_header(entry("2301/2301.00008.gz", b""), size=(124, b"\x80" + b"\x7f" * 11)),
        "bad_archive",
        "absurd",
    ),
    "size past the end": (
        with_header(entry("2301/2301.00008.gz", b"x"), size=(124, b"00077777777\0")),
        "bad_archive",
        "the tar ends",
    ),
    "link with content": (
        with_header(entry("2301/2301.00008.gz", b"x"), kind=(156, b"2")),
        "bad_archive",
        "content of its own",
    ),
    "folder with content": (
        with_header(entry("2301/2301.00008/", b"x"), kind=(156, b"\0")),
        "bad_archive",
        "content of its own",
    ),
    "renamed folder with content": (
        pax({"path": "2301/2301.00008.gz"}, with_header(entry("2301/x/", b"x"), kind=(156, b"\0"))),
        "bad_archive",
        "content of its own",
    ),
    "link with content by pax": (
        pax({"size": "1024"}, entry("2301/2301.00008.gz", kind=tarfile.SYMTYPE, linkname="x")),
        "bad_archive",
        "content of its own",
    ),
    "name of 4,097 bytes": (
        pax({"path": "a/" * 2048 + "b"}, entry("x", b"x")),
        "unsafe_archive",
        "a name of 4,097 bytes",
    ),
    "rows": (entry("2301/rows.jsonl", b'{"id": "a", "text": "b"}\n'), "unreadable", "holds rows"),
    "damaged long name": (
        entry("@LongLink", b"2301/2301.00008.gz\0", b"L") + b"\xff" * 512,
        "bad_archive",
        "check sum",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_member_is_one_row_and_the_next_goes_on_unless_it_is_damage(tmp_path: Path, kind: str) -> None:
    bad, reason, words = HOSTILE[kind]
    honest = [entry(name, data) for name, data in PAPERS.items()]
    (tmp_path / "x.tar").write_bytes(honest[0] + bad + b"".join(honest[1:]) + bytes(1024))
    rows = papers(tmp_path)
    good = [row for row in rows.values() if row["status"] == "ok"]
    read = list(PAPERS)[:1] if reason == "bad_archive" else list(PAPERS)
    assert sorted(row["member"] for row in good) == [f"x.tar#{name}" for name in read]
    failed = [row for row in rows.values() if row["status"] != "ok"]
    assert {row["reason"] for row in failed} == {reason} and any(words in row["detail"] for row in failed), failed
    assert all(row["member"].startswith("x.tar#") and ".." not in row["member"] for row in failed)
    assert len(failed) == 1 + (kind == "size past the end")
    nameless = [row for row in rows.values() if row["member"].startswith("x.tar#~")]
    assert nameless or reason != "bad_archive", "such a row makes the run warn of what is missing"


def test_a_name_that_stands_twice_is_no_paper_of_either(tmp_path: Path) -> None:
    twice = entry("2301/2301.00001.gz", single("other")) + entry("./2301/2301.00001.gz", single("other"))
    (tmp_path / "x.tar").write_bytes(tar_of(PAPERS)[:-1024] + twice + bytes(1024))
    rows = papers(tmp_path)
    failed = [row for row in rows.values() if row["status"] != "ok"]
    assert len(failed) == 3 and len({row["doc_id"] for row in failed}) == 3
    assert {row["reason"] for row in failed} == {"unsafe_archive"} and "3 members" in failed[0]["detail"]
    assert sum(row["status"] == "ok" for row in rows.values()) == 2


@pytest.mark.parametrize("lost", [1, 100, 700])
def test_a_tar_that_is_cut_keeps_what_stands_before(tmp_path: Path, lost: int) -> None:
    whole = tar_of(PAPERS)[:-1024]
    padding = -len(PAPERS["2301/2301.00003.pdf"]) % 512
    (tmp_path / "x.tar").write_bytes(whole[: len(whole) - padding - lost])
    rows = papers(tmp_path)
    assert [m for m, row in rows.items() if row["status"] == "ok"] == [f"x.tar#{name}" for name in list(PAPERS)[:2]]
    failed = rows["x.tar#2301/2301.00003.pdf"]
    assert failed["reason"] == "bad_archive" and "the tar ends" in failed["detail"]


def test_a_tar_without_end_mark_says_that_members_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(tar_of(PAPERS)[:-1024])
    rows = papers(tmp_path)
    assert sum(row["status"] == "ok" for row in rows.values()) == 3
    [detail] = [row["detail"] for row in rows.values() if row["status"] != "ok"]
    assert "no end mark" in detail


def test_what_lies_behind_the_end_mark_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(tar_of(PAPERS) + entry("2301/2301.00008.gz", single("x")) + bytes(1024))
    details = [row["detail"] for row in papers(tmp_path).values() if row["status"] != "ok"]
    assert len(details) == 1 and "behind the end mark" in details[0]


def test_a_damaged_beginning_is_told(tmp_path: Path) -> None:
    data = bytearray(tar_of(PAPERS, None))
    data[0:4] = b"\xff\xff\xff\xff"
    write_tar(tmp_path / "y.tar", {"2302/2302.00001.gz": single("y")})
    (tmp_path / "arXiv_src_2301_001.tar").write_bytes(data)
    rows = papers(tmp_path)
    [failed] = [row for row in rows.values() if row["status"] != "ok"]
    assert failed["member"].startswith("arXiv_src_2301_001.tar#~") and "check sum" in failed["detail"]
    assert [m for m, r in rows.items() if r["status"] == "ok"] == ["y.tar#2302/2302.00001.gz"]


def planted() -> tuple[bytes, int]:
    """A tar, and where the header of a PDF in it begins, whose author put members of a tar into it."""
    forged = entry("2301/2301.00777.gz", single("forged")) + entry("2301/2301.00001.gz", b"x")
    pdf = prose_pdf(1)
    pdf += bytes(-len(pdf) % 512) + forged
    rest = entry("2301/2301.00002.gz", single("two")) + bytes(1024)
    rest = pdf + bytes(-len(pdf) % 512) + rest
    first = entry("2301/2301.00001.gz", single("one"))
    pdf += entry("2301/2301.00778.gz", b"", size=len(rest) - len(pdf) - 512 - 1024)[:512]  # on to the tar's end
    tail = entry("2301/2301.00002.gz", single("two")) + bytes(1024)
    return first + entry("2301/2301.00003.pdf", pdf) + tail, len(first)


@pytest.mark.parametrize("how", ["check sum", "size", "cut"])
def test_what_an_author_put_into_a_paper_is_none_where_the_tar_is_damaged(tmp_path: Path, how: str) -> None:
    data, at = planted()
    (tmp_path / "x.tar").write_bytes(data)
    names = ["x.tar#2301/2301.00001.gz", "x.tar#2301/2301.00002.gz", "x.tar#2301/2301.00003.pdf"]
    assert {m: r["status"] for m, r in papers(tmp_path).items()} == dict.fromkeys(names, "ok")
    broken = {
        "check sum": data[: at + 148] + b"1" + data[at + 149 :],
        "size": data[: at + 124] + b"7" + data[at + 125 :],
        "cut": data[: data.index(b"2301/2301.00002.gz")],
    }[how]
    (tmp_path / "x.tar").write_bytes(broken[: -700 if how == "cut" else None])
    rows = papers(tmp_path)
    assert [m for m, r in rows.items() if r["status"] == "ok"] == names[:1]
    assert not any("00777" in m or "00778" in m for m in rows)


def test_a_tar_is_a_source_by_itself(tmp_path: Path) -> None:
    tar = write_tar(tmp_path / "arXiv_src_2301_001.tar", PAPERS)
    write_tar(tmp_path / "arXiv_src_2301_002.tar", {"2301/2301.00009.gz": single("nine")})
    assert [e.member for e in entries(tar)] == [f"{tar.name}#{name}" for name in PAPERS]
    assert {row["status"] for row in papers(tar).values()} == {"ok"}


def test_absurd_counts_of_members_end_the_listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curation.sources.tar_headers.MAX_HEADERS", 20)
    write_tar(tmp_path / "x.tar", {f"2301/2301.0{n:04}.gz": b"x" for n in range(1, 100)}, None)
    found = entries(tmp_path)
    assert len(found) == 21
    [failed] = [e.seen for e in found if e.seen]
    assert failed["reason"] == "too_large" and "more than 20 headers" in failed["detail"]


def test_random_damage_never_stops_a_listing_and_never_gives_other_bytes(tmp_path: Path) -> None:
    honest = tar_of(PAPERS)
    drawn = random.Random(7)
    for _ in range(300):
        data = bytearray(honest)
        for _ in range(drawn.randint(1, 6)):
            at = (
                drawn.randrange(0, len(data), 512) + drawn.randrange(160)
                if drawn.random() < 0.7
                else drawn.randrange(len(data))
            )
            data[at] = drawn.randrange(256)
        if drawn.random() < 0.3:
            del data[drawn.randrange(len(data)) :]
        (tmp_path / "x.tar").write_bytes(data)
        for e in entries(tmp_path):
            if e.where is not None and e.seen is None:
                assert 0 <= e.where[0] <= e.where[1] <= len(data)


def test_a_tar_that_is_written_anew_changes_only_what_changed(tmp_path: Path) -> None:
    write_tar(tmp_path / "x.tar", PAPERS)
    before = entries(tmp_path)
    rows = papers(tmp_path)
    write_tar(
        tmp_path / "x.tar", {**PAPERS, "2301/2301.00001.gz": bundle("one", more__txt=random.Random(1).randbytes(5000))}
    )
    after = entries(tmp_path)
    assert [a == b for a, b in zip(after, before, strict=True)] == [False, True, True]
    assert [a.where == b.where for a, b in zip(after, before, strict=True)] == [False, False, False]
    assert papers(tmp_path, before[1:]) == {e.member: rows[e.member] for e in before[1:]}, "found where they lie now"
    for e in before[1:]:
        name = e.member.partition("#")[2]
        assert opened(tmp_path, rows[e.member], e.where) == PAPERS[name]
    changed = papers(tmp_path, before[:1])[before[0].member]
    assert changed["reason"] == "source_changed"


def test_a_member_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    write_tar(tmp_path / "x.tar", PAPERS)
    before = entries(tmp_path)
    write_tar(tmp_path / "x.tar", dict(list(PAPERS.items())[1:]))
    rows = papers(tmp_path, before)
    assert rows[before[0].member]["reason"] == "source_changed"
    assert {rows[e.member]["status"] for e in before[1:]} == {"ok"}


def test_records_find_members_by_id_and_by_place(tmp_path: Path) -> None:
    write_tar(tmp_path / "papers" / "x.tar", {**PAPERS, "2301/jones.gz": single("j"), "2301/smith.gz": single("s")})
    records = [
        {"id": "2301.00001", "title": "A"},
        {"file": "x.tar#2301/jones.gz", "title": "B"},
        {"file": "smith.gz", "title": "C"},
    ]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    rows = rows_of(FolderSource(path=str(tmp_path / "papers"), metadata=str(tmp_path / "m.jsonl")))
    titles = {member.rpartition("/")[2]: row["title"] for member, row in rows.items() if row["n_records"]}
    assert titles == {"2301.00001.gz": "A", "jones.gz": "B", "smith.gz": "C"}


def versions(*created: str) -> list[dict[str, str]]:
    return [{"version": f"v{n}", "created": time} for n, time in enumerate(created, 1)]


V1, V2 = "Mon, 2 Jan 2023 10:00:00 GMT", "Wed, 1 Mar 2023 10:00:00 GMT"
CC_BY = "http://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("name", "mtime", "record", "version", "licence"),
    [
        ("2301/2301.00001.gz", 1_675_209_600, {"versions": versions(V1, V2)}, 1, None),  # packed on 1 February
        ("2301/2301.00001.gz", 1_677_751_200, {"versions": versions(V1, V2)}, 2, "CC-BY-4.0"),  # on 2 March
        ("2301/2301.00001.gz", 1_677_664_799, {"versions": versions(V1, V2)}, 1, None),  # a second before v2
        ("2301/2301.00001.gz", 1_677_664_800, {"versions": versions(V1, V2)}, 2, "CC-BY-4.0"),
        ("2301/2301.00001.gz", 0, {"versions": versions(V1, V2)}, None, None),
        ("2301/2301.00001.gz", 1000, {"versions": versions(V1, V2)}, None, None),
        ("2301/2301.00001.gz", 0, {"versions": versions(V1)}, 1, "CC-BY-4.0"),
        ("2301/2301.00001.gz", 1_677_751_200, {"versions": versions(V1, "some day")}, None, None),
        ("2301/2301.00001v2.gz", 1_675_209_600, {"versions": versions(V1, V2)}, 2, "CC-BY-4.0"),
        ("2301/2301.00001v1.gz", 1_677_751_200, {"versions": versions(V1, V2)}, 1, None),
    ],
)
def test_a_licence_counts_for_the_version_that_the_tar_may_hold(
    tmp_path: Path, name: str, mtime: int, record: dict[str, Any], version: int | None, licence: str | None
) -> None:
    (tmp_path / "tars").mkdir()
    (tmp_path / "tars" / "x.tar").write_bytes(entry(name, single("one"), mtime=mtime) + bytes(1024))
    later = {"id": "2301.00099", "update_date": "2024-05-05"}  # the snapshot is newer than the tar
    lines = [json.dumps(r) for r in ({"id": "2301.00001", "license": CC_BY, **record}, later)]
    (tmp_path / "m.jsonl").write_text("\n".join(lines))
    [row] = rows_of(FolderSource(path=str(tmp_path / "tars"), metadata=str(tmp_path / "m.jsonl"))).values()
    assert (row["version"], row["licence"]) == (version, licence)
    assert (row["as_of"] is None) == (mtime == 0), "by which a later tar's copy goes first"
    if licence is None:
        assert row["record_version"] == 2


STUBS = {
    "ignored": b"%auto-ignore\nThis paper is no longer here.",
    "ignored, with a blank": b"\n%auto-ignore",
    "words": b"This paper has been withdrawn by the author due to a crucial error in equation 3.",
}


@pytest.mark.parametrize("stub", STUBS)
def test_a_notice_in_the_place_of_a_paper_says_that_it_is_withdrawn(tmp_path: Path, stub: str) -> None:
    write_tar(tmp_path / "x.tar", {**PAPERS, "2301/2301.00004.gz": gzip.compress(STUBS[stub])})
    rows = rows_of(FolderSource(path=str(tmp_path)))
    assert {m.rpartition("/")[2]: row["is_withdrawn"] for m, row in rows.items()} == {
        "2301.00001.gz": None,
        "2301.00002.gz": None,
        "2301.00003.pdf": None,
        "2301.00004.gz": True,
    }
