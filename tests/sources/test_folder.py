"""Everything in a folder becomes a row: a paper, or a failure with its reason."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from curation.errors import PaperError, UserError
from curation.identity import doc_id_for
from curation.sources.folder import FolderSource
from curation.sources.paper_content import Content
from curation.sources.unit import Entry, Listing, Unit, cut_units, papers_of_part
from curation.step import Inputs
from pipelines.engine.store import Store
from pipelines.engine.units import Selection, plan_units
from schemas import PAPERS
from tests.sources.joined import rows_of, tables_of

TEX = b"\\documentclass{article}\\begin{document}Hello\\end{document}"
SHARED = Path(os.environ.get("ASTROCORPUS_SHARED", Path(__file__).parents[3] / "shared"))


def tgz(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def write(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def members(root: Path, **config: Any) -> dict[str, str | None]:
    return {e.member: e.pdf_member for e in FolderSource(path=str(root), **config).entries()}


def table(root: Path, **config: Any) -> pa.Table:
    source = FolderSource(path=str(root), **config)
    unit = Unit.from_json(json.loads(json.dumps(Unit(source.source, tuple(source.entries())).to_json())))
    made = source.run(Inputs({}, {"unit": unit}))
    assert made.schema.equals(PAPERS.arrow)
    return made


def rows(root: Path, **config: Any) -> dict[str, dict[str, Any]]:
    """Papers and what is known of them."""
    return rows_of(FolderSource(path=str(root), **config))


def test_collection_of_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "2301.00001v2.tar.gz": tgz(ms__tex=TEX),
            "2301.00001v2.pdf": b"%PDF-1.4",
            "2301.00002.gz": gzip.compress(TEX),
            "2301.00003.pdf": b"%PDF-1.4",
            "own.tex": TEX,
            "notes.txt": b"Some plain words.",
            "README.md": b"read me",
            "LICENSE": b"free",
            "manifest.jsonl": b"{}",
            ".hidden": b"",
            "empty.tex": b"",
            "odd.xyz": b"\x00\x01\x02",
        },
    )
    found = rows(tmp_path)
    assert {m: (r["content_kind"], r["status"], r["reason"]) for m, r in found.items()} == {
        "2301.00001v2.tar.gz": ("tar", "ok", None),
        "2301.00002.gz": ("tex", "ok", None),
        "2301.00003.pdf": ("pdf", "ok", None),
        "own.tex": ("tex", "ok", None),
        "notes.txt": ("text", "ok", None),
        "empty.tex": ("empty", "failed", "empty_file"),
        "odd.xyz": ("unknown", "failed", "unknown_format"),
    }
    first = found["2301.00001v2.tar.gz"]
    assert first["pdf_member"] == "2301.00001v2.pdf"
    assert (first["paper_id"], first["version"], first["source_id"]) == ("arXiv:2301.00001", 2, "2301.00001v2")
    assert first["doc_id"] == doc_id_for("folder", "2301.00001v2.tar.gz", "2301.00001v2")
    assert found["own.tex"]["paper_id"].startswith("sha256:")
    assert set(Listing.whole(FolderSource(path=str(tmp_path)).listing()).left_out) == {
        "README.md",
        "LICENSE",
        "manifest.jsonl",
        ".hidden",
    }


def test_folders_of_tex(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "slug/source/ms.tex": TEX,
            "slug/source/fig.pdf": b"%PDF-1.4",
            "slug/arxiv.tar.gz": tgz(ms__tex=TEX),
            "slug/paper.pdf": b"%PDF-1.4",
            "deep/src/tex/ms.tex": TEX,
            "packed/arxiv.tar.gz": tgz(ms__tex=TEX),
            "packed/paper.pdf": b"%PDF-1.4",
            "single/single.gz": gzip.compress(TEX),
            "flat/ms.tex": TEX,
            "flat/sections/a.tex": b"a",
            "flat/fig1.pdf": b"%PDF-1.4",
            "flat/flat.pdf": b"%PDF-1.4",
            "many/a.tex": TEX,
            "many/b.tex": TEX,
            "mixed/notes.tex": TEX,
            "mixed/2301.00009.gz": gzip.compress(TEX),
            "2301.00008/ms.tex": TEX,
            "2301.00008.pdf": b"%PDF-1.4",
            "astro-ph/9901001.gz": gzip.compress(TEX),
        },
    )
    assert members(tmp_path) == {
        "slug/source": "slug/paper.pdf",
        "deep/src": None,
        "packed/arxiv.tar.gz": "packed/paper.pdf",
        "single/single.gz": None,
        "flat": "flat/flat.pdf",
        "many/a.tex": None,
        "many/b.tex": None,
        "mixed/notes.tex": None,
        "mixed/2301.00009.gz": None,
        "2301.00008": "2301.00008.pdf",
        "astro-ph/9901001.gz": None,
    }
    found = rows(tmp_path)
    assert found["slug/source"]["source_id"] == "slug"
    assert found["packed/arxiv.tar.gz"]["source_id"] == "packed"
    assert found["slug/source"]["content_kind"] == "folder"
    assert found["2301.00008"]["paper_id"] == "arXiv:2301.00008"
    assert found["astro-ph/9901001.gz"]["paper_id"] == "arXiv:astro-ph/9901001"
    assert all(r["status"] == "ok" for r in found.values())


def test_nothing_is_left_out_without_a_trace(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "2301.00010/fig.png": b"x",
            "2301.00011.pdf": b"%PDF-1.4",
            "plots/fig.png": b"x",
            "authors.jsonl": b'{"id": "a", "text": "A document, whatever its name."}\n',
            "manifest.jsonl": b'{"id": "a"}\n',
            "good.tex": TEX,
        },
    )
    for name in ("2301.00009", "dir.tar.gz", "2301.00011", "empty"):
        (tmp_path / name).mkdir()
    assert members(tmp_path) == dict.fromkeys(
        ("2301.00009", "2301.00010", "2301.00011.pdf", "dir.tar.gz", "authors.jsonl#a", "good.tex")
    )
    left_out = Listing.whole(FolderSource(path=str(tmp_path)).listing()).left_out
    assert left_out == ["2301.00010/fig.png", "empty/", "manifest.jsonl", "plots/fig.png"]


def test_root_that_is_one_paper(tmp_path: Path) -> None:
    write(tmp_path, {"ms.tex": TEX, "ms.bbl": b"x", "figs/a.png": b"x"})
    found = rows(tmp_path)
    assert list(found) == ["."]
    assert found["."]["source_id"] == tmp_path.name


def test_one_figure_does_not_make_a_root_of_papers_into_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.tex": TEX, "b.tex": TEX, "fig.svg": b"<svg/>"})
    assert list(rows(tmp_path)) == ["."], "two documents may be a paper and its supplement"
    write(tmp_path, {"c.tex": TEX})
    assert sorted(rows(tmp_path)) == ["a.tex", "b.tex", "c.tex"]
    assert Listing.whole(FolderSource(path=str(tmp_path)).listing()).left_out == ["fig.svg"]


def test_rows_of_data_files(tmp_path: Path) -> None:
    lines = [
        {"id": "2301.00001v3", "text": "One.", "license": "http://creativecommons.org/licenses/by/4.0/"},
        {"id": "w/1", "text": "Two."},
        {"id": "twice", "text": "Three."},
        {"id": "twice", "text": "Four."},
        {"id": "twice", "text": "Four."},
        {"id": "mute", "text": ""},
        {"id": 7, "text": None},
    ]
    write(tmp_path, {"a.jsonl": "\n".join([*map(json.dumps, lines), "{broken", "[1]"]).encode()})
    found = list(rows(tmp_path).values())
    assert len(found) == 9
    assert len({r["doc_id"] for r in found}) == 9
    assert {r["source_id"]: r["paper_id"] for r in found}["2301.00001v3"] == "arXiv:2301.00001"
    assert {r["licence"] for r in found if r["version"] == 3} == {"CC-BY-4.0"}
    assert sorted(r["reason"] for r in found if r["status"] == "failed") == [
        "empty_file",
        "unreadable",
        "unreadable",
        "unreadable",
    ]


def test_a_doc_id_is_the_place_and_neither_content_nor_record_changes_it(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    write(papers, {"own.tex": TEX, "a.jsonl": b'{"id": "x", "text": "One."}\n{"id": "y", "text": "One."}\n'})
    before = {r["member"]: r["doc_id"] for r in table(papers).to_pylist()}
    write(papers, {"own.tex": TEX + b"%", "a.jsonl": b'{"id": "y", "text": "Two."}\n{"id": "x", "doi": "10.1/a"}\n'})
    record = {"file": "own.tex", "id": "2301.00001", "version": 2}
    (tmp_path / "meta.jsonl").write_text(json.dumps(record))
    after = rows(papers, metadata=str(tmp_path / "meta.jsonl")).values()
    assert {r["member"]: r["doc_id"] for r in after} == before
    assert {r["member"]: r["source_id"] for r in after} == {"own.tex": "own", "a.jsonl#x": "x", "a.jsonl#y": "y"}
    assert {r["version"] for r in after} == {2, None}


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet"])
def test_shuffled_data_files_keep_their_ids(tmp_path: Path, suffix: str) -> None:
    records = [{"id": str(i % 20), "text": f"text {i % 25}"} for i in range(30)]

    def pack(records: list[dict[str, str]]) -> bytes:
        if suffix == "parquet":
            buffer = io.BytesIO()
            pq.write_table(pa.Table.from_pylist(records), buffer)
            return buffer.getvalue()
        data = "".join(json.dumps(r) + "\n" for r in records).encode()
        return {"jsonl.gz": gzip.compress, "jsonl.zst": zstandard.compress}.get(suffix, bytes)(data)

    tables = []
    for seed in range(3):
        random.Random(seed).shuffle(records)
        tables.append(table(write(tmp_path / str(seed), {f"d.{suffix}": pack(records)})))
    assert tables[0].num_rows == 30
    assert tables[0].equals(tables[1]) and tables[0].equals(tables[2])


def test_data_files_say_what_is_a_journals_version_and_of_which_work(tmp_path: Path) -> None:
    lines = [
        {"id": "a", "text": "x", "is_journal": True, "work_id": "w"},
        {"id": "b", "text": "y", "is_journal": "yes", "work_id": ""},
    ]
    root = write(tmp_path, {"d.jsonl": "".join(json.dumps(line) + "\n" for line in lines).encode()})
    got = {r["source_id"]: (r["is_journal"], r["work_id"]) for r in rows(root).values()}
    assert got == {"a": (True, "w"), "b": (None, None)}


def test_broken_data_files_are_failed_rows(tmp_path: Path) -> None:
    whole = gzip.compress(
        "".join(json.dumps({"id": str(i), "text": os.urandom(99).hex()}) + "\n" for i in range(500)).encode()
    )
    write(
        tmp_path,
        {
            "cut.jsonl.gz": whole[: len(whole) // 2],
            "no.parquet": b"PAR1 no",
            "empty.jsonl": b"",
            "columns.jsonl": b'{"slug": "x"}\n',
        },
    )
    pq.write_table(pa.table({"x": [1]}), tmp_path / "other.parquet")
    found = table(tmp_path).to_pylist()
    failed = {r["member"].split("#")[0] for r in found if r["status"] == "failed"}
    assert failed == {"cut.jsonl.gz", "no.parquet", "empty.jsonl", "columns.jsonl", "other.parquet"}
    assert sum(r["status"] == "ok" for r in found) > 100


def test_metadata_is_joined_by_id_and_by_file(tmp_path: Path) -> None:
    write(
        tmp_path / "papers",
        {
            "2101.11408.gz": gzip.compress(TEX),
            "my.tex": TEX,
            "slug/source/ms.tex": TEX,
            "gone.tex": TEX,
            "x.gz": gzip.compress(TEX),
        },
    )
    records = [
        {
            "id": "2101.11408",
            "title": "Number  Parsing\n  at speed",
            "categories": "cs.DS cs.MS",
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "doi": "10.1002/SPE.2984",
            "journal-ref": "Software 51",
            "versions": [
                {"version": "v1", "created": "Mon, 11 Jan 2021 20:31:27 GMT"},
                {"version": "v2", "created": "Sat, 30 Jan 2021 23:57:29 GMT"},
            ],
            "update_date": "2022-11-07",
        },
        {"id": "2101.11408", "title": "older", "update_date": "2021-01-01"},
        {"file": "my.tex", "doi": "10.1086/518646", "license": None},
        {"slug": "slug", "id": "astro-ph/9901001", "comments": "This paper has been withdrawn by the author"},
        {"member": "gone.tex", "bibcode": "2019ARA&amp;A..57..305T"},
        {"id": "9999.99999", "title": "not here"},
    ]
    random.Random(1).shuffle(records)
    path = tmp_path / "snapshot.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    found = rows(tmp_path / "papers", metadata=str(path))
    one = found["2101.11408.gz"]
    assert one["doc_id"].startswith("2101.11408~")
    assert one["title"] == "Number Parsing at speed"
    assert (one["licence"], one["doi"], one["date"], one["categories"], one["is_withdrawn"]) == (
        "CC-BY-4.0",
        "10.1002/spe.2984",
        "2021-01-30",
        ["cs.DS", "cs.MS"],
        False,
    )
    assert found["my.tex"]["paper_id"] == "doi:10.1086/518646"
    assert found["slug/source"]["paper_id"] == "arXiv:astro-ph/9901001"
    assert found["slug/source"]["is_withdrawn"] is True
    assert found["gone.tex"]["paper_id"] == "bibcode:2019ARA&A..57..305T"
    assert found["x.gz"]["is_withdrawn"] is None


def test_a_record_gives_its_licence_to_its_own_version_only(tmp_path: Path) -> None:
    names = ("2301.00099v1.tex", "2301.00099v2.tex", "2301.00098.tex", "2301.00097v1.tex", "2301.00096v4.tex")
    write(tmp_path / "p", {name: TEX + name.encode() for name in names})
    cc_by = {"license": "http://creativecommons.org/licenses/by/4.0/", "update_date": "2024-01-03"}
    versions = [
        {"version": "v1", "created": "Mon, 2 Jan 2023 10:00:00 GMT"},
        {"version": "v2", "created": "Tue, 2 Jan 2024 10:00:00 GMT"},
    ]
    records = [
        *({"id": f"2301.000{n}", "versions": versions, **cc_by} for n in (99, 98, 96)),
        {"id": "2301.00097v2", **cc_by},
    ]
    (tmp_path / "m.jsonl").write_text("\n".join(map(json.dumps, records)))
    found = rows(tmp_path / "p", metadata=str(tmp_path / "m.jsonl"))
    assert {m: (r["version"], r["licence"], r["date"]) for m, r in found.items()} == {
        "2301.00099v1.tex": (1, None, "2023-01-02"),
        "2301.00099v2.tex": (2, "CC-BY-4.0", "2024-01-02"),
        "2301.00098.tex": (2, "CC-BY-4.0", "2024-01-02"),
        "2301.00097v1.tex": (1, None, None),
        "2301.00096v4.tex": (4, None, None),
    }


def test_metadata_is_valid_text_without_controls(tmp_path: Path) -> None:
    write(tmp_path / "papers", {"2301.00001.tex": TEX})
    record = {"id": "2301.00001", "title": "Cafe\u0301\x00 \x1bstars\ud800", "abstract": "One.\r\n\x07Two."}
    (tmp_path / "meta.jsonl").write_text(json.dumps(record) + "\n")
    row = rows(tmp_path / "papers", metadata=str(tmp_path / "meta.jsonl"))["2301.00001.tex"]
    assert (row["title"], row["abstract"]) == ("Café stars", "One.\nTwo.")


def test_what_changes_between_listing_and_reading_is_a_failed_row(tmp_path: Path) -> None:
    write(tmp_path, {"a.tex": TEX, "d.jsonl": b'{"id": "1", "text": "x"}\n{"id": "2", "text": "y"}\n'})
    source = FolderSource(path=str(tmp_path))
    unit = Unit("folder", tuple(source.entries()))
    (tmp_path / "a.tex").unlink()
    (tmp_path / "d.jsonl").write_text('{"id": "2", "text": "y"}\n')
    found = {r["member"]: r for r in source.run(Inputs({}, {"unit": unit})).to_pylist()}
    assert found["a.tex"]["reason"] == "io_error"
    opened = source.open_together([vars(entry) for entry in unit.entries])
    assert isinstance(opened["d.jsonl#1"], PaperError) and opened["d.jsonl#1"].reason == "source_changed"
    assert isinstance(opened["d.jsonl#2"], Content) and opened["d.jsonl#2"].text == "y"
    assert found["d.jsonl#2"]["status"] == "ok"


def test_links_out_of_the_folder_are_failed_rows(tmp_path: Path) -> None:
    write(tmp_path, {"outside/secret.tex": TEX, "in/good.tex": TEX})
    (tmp_path / "in/bad.tex").symlink_to(tmp_path / "outside/secret.tex")
    (tmp_path / "in/broken.pdf").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in/folder").symlink_to(tmp_path / "outside")
    found = rows(tmp_path / "in")
    assert {m: r["reason"] for m, r in found.items()} == {
        "good.tex": None,
        "bad.tex": "unsafe_archive",
        "broken.pdf": "unreadable",
        "folder": "unsafe_archive",
    }


def test_links_to_another_paper_are_failed_rows(tmp_path: Path) -> None:
    """Its text would stand under the licence of the paper that has the link."""
    write(
        tmp_path,
        {
            "closed/ms.tex": TEX,
            "a.tex": TEX,
            ".annex/x": TEX,
            "taker/ms.tex": TEX,
            "one/one.tex": TEX,
            "two/two.tex": TEX,
        },
    )
    links = {
        "taker/part.tex": "../closed/ms.tex",
        "taker/ms.bbl": "ms.tex",
        "one/part.tex": "../.annex/x",
        "one/one.bbl": "one.tex",
    }
    links |= {"two/shared": "../closed", "two/deep": ".", "twin.tex": "a.tex", "more/taken.tex": "../closed/ms.tex"}
    for place, target in links.items():
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).symlink_to(target)
    failed = {member: row["reason"] for member, row in rows(tmp_path).items() if row["status"] != "ok"}
    assert failed == {"taker": "unsafe_archive", "more": "unsafe_archive"}
    assert {"closed", "a.tex", "one", "two", "twin.tex"} <= rows(tmp_path).keys()


def test_folders_in_folders_without_end_are_one_failed_row(tmp_path: Path) -> None:
    write(tmp_path, {"2301.00001.tex": TEX, "paper/ms.tex": TEX, "fine/ms.tex": TEX})
    deepen(tmp_path, 400)
    deepen(tmp_path / "paper", 400)
    Path(tmp_path, "fine", *["d"] * 90).mkdir(parents=True)
    found = {member[:5]: row["reason"] for member, row in rows(tmp_path).items()}
    assert found == {"2301.": None, "fine": None, "paper": "too_large", "d/d/d": "too_large"}


def deepen(folder: Path, depth: int) -> None:
    """Folders in each other, more than Python's stack bears in a listing, fewer than in removing them."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_ids_do_not_depend_on_where_the_folder_lies_or_how_it_is_cut(tmp_path: Path) -> None:
    files = {f"{i}.tex": TEX + str(i).encode() for i in range(7)}
    one, two = table(write(tmp_path / "x", files)), table(write(tmp_path / "y" / "z", files))
    assert one.equals(two)
    source = FolderSource(path=str(tmp_path / "x"))
    cut = [source.run(Inputs({}, {"unit": unit})) for unit in cut_units("folder", source.entries(), 1 << 20, 3)]
    assert sorted(pa.concat_tables(cut)["doc_id"].to_pylist()) == one["doc_id"].to_pylist()
    assert source.identity() == FolderSource(path="elsewhere", part_papers=2).identity()


def test_a_folder_is_listed_by_the_stretch_and_a_pdf_waits_for_the_folder_of_its_name(tmp_path: Path) -> None:
    lines = [f'{{"id": "r{i // 2 if i < 10 else i}", "text": "Words of row {i}."}}' for i in range(2500)]
    files = {f"deep/down/{i}/ms.tex": TEX for i in ("p1", "p2")} | {"p1.pdf": b"%PDF-1.5 x", "p3.pdf": b"%PDF-1.5 x"}
    write(tmp_path, {**files, "d.jsonl": "\n".join(lines).encode(), "fig.png": b"x"})
    stretches = list(FolderSource(path=str(tmp_path)).listing())
    assert [len(stretch.entries) for stretch in stretches] == [1024, 1024, 455, 0]
    assert [stretch.left_out for stretch in stretches] == [[], [], [], ["fig.png"]]
    found = Listing.whole(stretches)
    pdfs = {e.member: e.pdf_member for e in found.entries if "#" not in e.member}
    assert pdfs == {"deep/down/p1": "p1.pdf", "deep/down/p2": None, "p3.pdf": None}
    assert sum("~" in e.member for e in found.entries) == 10 and len({e.member for e in found.entries}) == 2503


def test_a_small_listing_gives_work_to_several_workers() -> None:
    def sizes(n: int) -> list[int]:
        entries = [Entry(f"{i:06d}.tex", 1, "") for i in range(n)]
        return [len(unit.entries) for unit in cut_units("s", entries, 1 << 30, papers_of_part(n, 1000))]

    assert sizes(27) == [8, 8, 8, 3] and sizes(3) == [3]
    assert len(sizes(1000)) == 16
    assert sizes(40_000) == [1000] * 40


def test_what_is_added_to_a_source_is_one_part(tmp_path: Path) -> None:
    store, papers = Store(tmp_path / "run"), tmp_path / "papers"
    source = FolderSource(path=str(papers))

    def planned() -> list[int]:
        plan = plan_units(store, "papers-0", [source], Selection())
        plan.close()
        return [unit.count for unit in plan.units]

    write(papers, {f"2301.0{i:04d}.tex": TEX for i in range(1, 21)})
    assert planned() == [8, 8, 4]
    write(papers, {f"2302.0{i:04d}.tex": TEX for i in range(1, 501)})
    assert planned() == [8, 8, 4, 500]
    assert planned() == [8, 8, 4, 500]


def test_user_errors_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not there"):
        FolderSource(path=str(tmp_path / "none")).entries()
    write(tmp_path, {"README": b"x"})
    with pytest.raises(UserError, match="holds no papers"):
        FolderSource(path=str(tmp_path)).entries()
    with pytest.raises(UserError, match="README holds no papers"):
        FolderSource(path=str(tmp_path / "README")).entries()
    write(tmp_path, {"a.tex": TEX, "m.jsonl.gz": b"no gzip", "n.jsonl": b'{"id": "x"}\nnot json'})
    for metadata in ("none.jsonl", "m.jsonl.gz", "n.jsonl"):
        with pytest.raises(UserError, match="metadata"):
            tables_of(FolderSource(path=str(tmp_path), metadata=str(tmp_path / metadata)))


@pytest.mark.needs_shared
def test_every_real_paper_is_found() -> None:
    root = SHARED / "papers"
    slugs = {p.name for p in root.iterdir() if p.is_dir()}
    found = rows(root, metadata=str(root / "manifest.jsonl"))
    assert {r["source_id"] for r in found.values()} == slugs
    assert all(r["status"] == "ok" for r in found.values())


def test_papers_in_every_packing_are_listed_and_read(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ms.tex", TEX)
    write(
        tmp_path,
        {
            "2301.00001.zip": packed.getvalue(),
            "2301.00002.tar.xz": lzma.compress(gzip.decompress(tgz(ms__tex=TEX))),
            "2301.00003.bz2": bz2.compress(TEX),
            "2301.00004.tex": TEX.decode().encode("utf-16"),
        },
    )
    found = {r["source_id"]: (r["content_kind"], r["status"]) for r in rows(tmp_path).values()}
    assert found == {
        "2301.00001": ("zip", "ok"),
        "2301.00002": ("tar", "ok"),
        "2301.00003": ("tex", "ok"),
        "2301.00004": ("tex", "ok"),
    }
