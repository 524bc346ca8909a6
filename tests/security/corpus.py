"""The corpus of the red team: honest papers by every route, hostile ones of every kind, and runs over them."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf
import yaml

from tests.extract.pdfs import make_pdf
from tests.security import hostile_pdf, hostile_places, hostile_rows, hostile_tex
from tests.security.hostile import Hostile, write
from tests.security.planted import MARK, Planted
from tests.security.prose import doubted, paper, paragraphs

PROJECT = Path(__file__).parents[2]
DEMO = PROJECT / "pipelines" / "demo"
CLOSED = "closed-paper"
CLOSED_MARK = "closedpaperswords"
"""Stands in a paper whose licence is closed, and nowhere else: no other row may have it."""
BUILDERS = (
    *(hostile_tex.reading, hostile_tex.as_options, hostile_tex.running, hostile_tex.spending),
    *(hostile_pdf.pdfs, hostile_pdf.claims, hostile_pdf.scans),
    *(hostile_places.links, hostile_places.archives, hostile_places.names),
    *(hostile_rows.rows, hostile_rows.texts),
)
EXTRACT = {"max_wall_s": 30, "max_cpu_s": 8, "max_memory_mb": 1500, "max_ocr_wall_s": 60}


def hostile_papers(planted: Planted) -> list[Hostile]:
    return [entry for builder in BUILDERS for entry in builder(planted)]


def write_honest(folder: Path) -> None:
    """Some thirty honest papers: the demo's, and more for every route."""
    shutil.copytree(DEMO / "papers", folder, dirs_exist_ok=True)
    for i in range(4):
        write(folder / f"honest-{i}.tex", paper(f"honest {i}").encode())
    for i in range(2):
        write(folder / f"honest-doubted-{i}.tex", doubted(f"honest doubted {i}").encode())
    write(folder / "honest-single.gz", gzip.compress(paper("honest single").encode(), mtime=0))
    parts = {
        "ms.tex": paper("honest folder", r"\input{parts/one}").encode(),
        "parts/one.tex": paragraphs("one")[0].encode(),
    }
    for name, data in parts.items():
        write(folder / "honest-folder" / name, data)
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        for name, data in (
            ("ms.tex", paper("honest tar", r"\input{one}").encode()),
            ("one.tex", paragraphs("tar")[0].encode()),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    write(folder / "honest-tar.tar.gz", sink.getvalue())
    write(folder / "honest-text.txt", "\n\n".join(paragraphs("honest text")).encode())
    write_honest_pdfs(folder)
    texts = {f"row {i}": "\n\n".join(paragraphs(f"honest row {i}")) for i in range(4)}
    lines = [json.dumps({"id": id_, "text": text}) for id_, text in texts.items()]
    write(folder / "honest-rows.jsonl", ("\n".join(lines[:2]) + "\n").encode())
    pq.write_table(pa.table({"id": list(texts)[2:], "text": list(texts.values())[2:]}), folder / "honest-rows.parquet")
    write(folder / CLOSED / "ms.tex", doubted(CLOSED, r"\input{part}").encode())
    write(folder / CLOSED / "part.tex", f"{paragraphs('closed part')[0]} {CLOSED_MARK}.".encode())


def write_honest_pdfs(folder: Path) -> None:
    """Papers with a text layer, and one that is a scan."""
    write(folder / "2301.00005.pdf", (DEMO / "papers" / "2301.00005.pdf").read_bytes())
    for i in range(2):
        words = " ".join(paragraphs(f"honest pdf {i}")).split()
        lines = [" ".join(words[at : at + 12]) for at in range(0, len(words), 12)]
        write(
            folder / f"honest-{i}-pdf.pdf",
            make_pdf([[(50.0, 80.0 + 14 * n, line) for n, line in enumerate(lines[:50])]]),
        )
    drawn, scan = pymupdf.open(), pymupdf.open()
    page = drawn.new_page(width=400, height=160)
    for n, text in enumerate(paragraphs("honest scan", 1, 3)[0].split(", and ")):
        page.insert_text((10, 30 + 24 * n), text, fontsize=12)
    scan.new_page(width=400, height=160).insert_image((0, 0, 400, 160), pixmap=page.get_pixmap(dpi=150))
    write(folder / "honest-scan.pdf", scan.tobytes(deflate=True))


def write_metadata(path: Path, papers: Path) -> None:
    """An open licence for every paper but one, so that what leaks would reach the public tier."""
    lines = (DEMO / "metadata.jsonl").read_text().splitlines()
    known = {path.name for path in (DEMO / "papers").iterdir()}
    for name in sorted(path.name for path in papers.iterdir() if path.name not in known):
        licence = "closed" if name.startswith(CLOSED) else "http://creativecommons.org/licenses/by/4.0/"
        lines.append(json.dumps({"file": name, "license": licence}))
    path.write_text("\n".join(lines) + "\n")


def write_config(
    planted: Planted, name: str, papers: Path, extract: Mapping[str, object], metadata: bool = True
) -> Path:
    """A config beside the papers; its comment is a secret too."""
    source = {"name": "papers", "path": str(papers)} | (
        {"metadata": str(planted.work / f"{name}.jsonl")} if metadata else {}
    )
    if metadata:
        write_metadata(planted.work / f"{name}.jsonl", papers)
    tiers = {"research": {}, "public": {"licences": ["CC-BY-4.0"]}}
    config = {
        "name": "red-team",
        "sources": [source],
        "extract": {**EXTRACT, **extract},
        "decide": {"tiers": tiers},
        "pairs": {},
    }
    path = planted.work / f"{name}.yaml"
    path.write_text(f"# {MARK}\n{yaml.safe_dump(config)}")
    return path


def command(planted: Planted, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """`astrocorpus ...` with secrets in its environment, in an empty folder."""
    call = [sys.executable, "-m", "pipelines.cli", *map(str, arguments)]
    environment = planted.environment()
    return subprocess.run(
        call, env=environment, cwd=planted.work / "cwd", stdin=subprocess.DEVNULL, capture_output=True
    )


def write_hostile(folder: Path, entries: Iterable[Hostile]) -> None:
    for entry in entries:
        entry.make(folder / entry.name)


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    write(path, "".join(json.dumps(row) + "\n" for row in rows).encode())
