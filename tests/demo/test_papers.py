"""The demo's papers are what `fates.json` says, before any stage of the pipeline sees them."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from pipelines.demo import build_papers
from schemas import Reason, Tier

DEMO = Path(build_papers.__file__).parent
PAPERS = DEMO / "papers"
FATES: dict[str, dict[str, Any]] = json.loads((DEMO / "fates.json").read_text(encoding="utf-8"))
RECORDS = {r["id"]: r for r in map(json.loads, (DEMO / "metadata.jsonl").read_text(encoding="utf-8").splitlines())}


def source_id(path: Path) -> str:
    return path.name if path.is_dir() else re.sub(r"\.(tar\.gz|gz|tex|pdf)$", "", path.name)


FILES = {source_id(p): p for p in PAPERS.iterdir()}


def arxiv_id(source: str) -> str:
    return re.sub(r"^(astro-ph)(\d{7})$", r"\1/\2", re.sub(r"v\d+$", "", source))


def tex_of(source: str) -> str:
    path = FILES[source]
    if path.is_dir():
        return "\n".join(p.read_text(encoding="utf-8") for p in sorted(path.rglob("*.tex")))
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as tar:
            files = [tar.extractfile(m) for m in tar.getmembers() if m.name.endswith(".tex")]
            return "\n".join(f.read().decode() for f in files if f)
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def grams(text: str) -> set[tuple[str, ...]]:
    body = text[text.index(r"\section") : text.index(r"\begin{thebibliography}")]
    words = re.findall(r"\w+", body.lower())
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def test_every_file_has_a_fate_and_every_fate_a_file() -> None:
    assert FILES.keys() == FATES.keys()
    table = (DEMO / "FATES.md").read_text(encoding="utf-8")
    for name, fate in FATES.items():
        assert re.search(rf"^\| {re.escape(name)} \| \S+ \| {fate['research']} \| {fate['public']} \|", table, re.M)


def test_fates_are_words_of_the_ledger() -> None:
    words = {"released", *Reason}
    assert all(fate[tier] in words for fate in FATES.values() for tier in Tier)


def test_every_paper_has_one_snapshot_record() -> None:
    assert {arxiv_id(name) for name in FATES} == RECORDS.keys()
    assert all(r["versions"] and r["update_date"] and r["authors_parsed"] for r in RECORDS.values())


def test_the_demo_is_small() -> None:
    assert sum(p.stat().st_size for p in DEMO.rglob("*") if p.is_file() and "__pycache__" not in p.parts) < 300_000


@pytest.mark.parametrize(
    ("name", "documentclass"),
    [
        ("2301.00001", "aastex631"),
        ("2301.00002", "mnras"),
        ("2301.00003", "aa"),
        ("2301.00004", "revtex4-2"),
    ],
)
def test_latex_classes(name: str, documentclass: str) -> None:
    assert re.search(rf"\\documentclass\[[^]]*\]\{{{documentclass}\}}", tex_of(name))
    assert "creativecommons.org" in RECORDS[name]["license"]


def test_exact_copy_has_the_same_source() -> None:
    assert tex_of("2301.00006") == tex_of("2301.00004")


def test_preprint_and_journal_are_near_copies() -> None:
    preprint, journal = grams(tex_of("2301.00007")), grams(tex_of("2303.00008"))
    assert 0.85 <= len(preprint & journal) / len(preprint | journal) <= 0.92
    assert RECORDS["2303.00008"]["doi"]
    assert RECORDS["2303.00008"]["journal-ref"]
    assert RECORDS["2301.00007"]["doi"] is None


def test_versions_share_an_id_and_differ_in_text() -> None:
    assert len(RECORDS["2301.00010"]["versions"]) == 2
    assert tex_of("2301.00010v1") != tex_of("2301.00010v2")


def test_broken_archive_ends_too_early() -> None:
    with pytest.raises(EOFError):
        gzip.decompress(FILES["2301.00011"].read_bytes())


def test_empty_file_is_empty() -> None:
    assert FILES["2301.00013"].stat().st_size == 0


def test_metadata_carries_licence_withdrawal_and_benchmark() -> None:
    assert "nonexclusive-distrib" in RECORDS["2301.00012"]["license"]
    assert RECORDS["astro-ph/0003001"]["license"] is None
    assert RECORDS["2301.00015"]["comments"].startswith("This paper has been withdrawn")
    assert RECORDS["2301.00014"]["doi"].startswith("10.1146/annurev-astro-")


def test_pdf_has_two_columns_of_text_and_the_scan_none() -> None:
    with pymupdf.open(FILES["2301.00005"]) as doc:
        left = {round(block[0]) for block in doc[0].get_text("blocks")}
        assert min(left) < 100
        assert max(left) > 300
        assert "Colour beyond Neptune is a record" in doc[0].get_text()
    with pymupdf.open(FILES["2301.00018"]) as doc:
        assert doc[0].get_text().strip() == ""
        assert len(doc[0].get_images()) == 1
    assert FILES["2301.00018"].stat().st_size < 100_000


def test_packed_papers_are_made_from_their_sources(tmp_path: Path) -> None:
    build_papers.build(tmp_path)
    for made in tmp_path.iterdir():
        kept = PAPERS / made.name
        if made.suffix == ".pdf":
            with pymupdf.open(made) as a, pymupdf.open(kept) as b:
                assert [p.get_text() for p in a] == [p.get_text() for p in b]
        elif build_papers.TRUNCATED not in made.name:
            # deflate may differ between zlib builds, so what is inside is compared
            assert gzip.decompress(made.read_bytes()) == gzip.decompress(kept.read_bytes())


def test_tars_have_no_time_or_owner() -> None:
    data = build_papers.tar_of(DEMO / "sources" / "2301.00002")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [(m.mtime, m.uid, m.uname) for m in tar.getmembers()] == [(0, 0, "")]
