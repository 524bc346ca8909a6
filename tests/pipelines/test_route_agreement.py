"""Papers that have LaTeX and a PDF are read by both routes, and report and card say how far the two agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curation.errors import ConfigError
from pipelines.cli import main
from pipelines.config import parse_config
from pipelines.corpus import pipeline
from pipelines.engine.progress import plain_console
from pipelines.engine.stage import Pipeline
from pipelines.launch import Options, launch
from pipelines.show_run import show_funnel
from schemas import BOTH_ROUTES, ROUTE_AGREEMENT
from tests.extract.sheets import Sheets, sentence

INLINE = Options(executor="inline")
NAMES = ("good", "swapped", "cut", "twin", "alone", "broken")


def sentences(name: str) -> list[str]:
    start = 7 * NAMES.index(name)
    return [
        f"{sentence(14, start + 5 * i)} In field {i} we count {300 + 13 * i} sources within {i}.{i + 2} kpc."
        for i in range(8)
    ]


def tex(name: str) -> str:
    body = "\n\n".join(" ".join(sentences(name)[i : i + 2]) for i in range(0, 8, 2)).replace("kpc", r"$\mathrm{kpc}$")
    head = r"\documentclass{article}\title{On %s discs}\begin{document}\maketitle\section{Data}" % name  # noqa: UP031
    return f"{head}\n{body}\n\\end{{document}}\n"


def pdf(name: str) -> bytes:
    """The same paper as a PDF; of `swapped` with other counts, of `cut` without its second half."""
    sheet, y = Sheets(), 150.0
    sheet.put(180, 80, f"On {name} discs", 17)
    sheet.put(72, 120, "1 Data", 14, "bold")
    said = sentences(name)[: 4 if name == "cut" else 8]
    if name == "swapped":
        said = [line.replace("we count 3", "we count 9") for line in said]
    for i in range(0, len(said), 2):
        y = sheet.justified(72, 523, y, " ".join(said[i : i + 2]), indent=12)
    return sheet.data()


def write_papers(folder: Path) -> Path:
    """Three papers with their PDFs beside, one in two folders, one without a PDF, one whose PDF is broken."""
    for place in ("tex", "pdf"):
        (folder / place).mkdir(parents=True)
    for i, name in enumerate(NAMES, 1):
        stem = f"2301.{i:05d}"
        (folder / "tex" / f"{stem}.tex").write_text(tex(name))
        if name != "alone":
            place = folder / ("pdf" if name == "twin" else "tex") / f"{stem}.pdf"
            place.write_bytes(b"%PDF-1.4\nbroken" if name == "broken" else pdf(name))
    return folder


def chosen(papers: Path, **sections: Any) -> Pipeline:
    value = {
        "name": "c",
        "sources": [{"name": "s", "path": str(papers)}],
        "dedup": {"partitions": 1, "containment": False},
    }
    return pipeline(parse_config({**value, **sections}, papers))


def rows_of(run: Path, table: str) -> dict[str, dict[str, Any]]:
    """Rows by the name of the paper."""
    manifest = json.loads(next(run.glob(f"{table}-*/_manifest.json")).read_text())
    rows = [row for part in manifest["parts"] for row in pq.read_table(run / part["file"]).to_pylist()]
    return {NAMES[int(row["doc_id"][5:10]) - 1]: row for row in rows}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def run(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("runs") / "run"
    launch(chosen(papers), place, INLINE)
    return place


def report_of(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "report.json").read_text())
    return found


def test_every_paper_with_both_is_compared_or_says_why_not(run: Path) -> None:
    rows = rows_of(run, "route_agreement")
    assert set(rows) == {"good", "swapped", "cut", "twin", "broken"}
    outcomes = {name: row["outcome"] for name, row in rows.items()}
    assert outcomes == dict.fromkeys(rows, "compared") | {"broken": "no_pdf"}
    assert rows["broken"]["why"].startswith("unreadable: ")
    assert rows["twin"]["row_id"].startswith("2301.00004~") and rows["good"]["row_id"] == "beside"
    assert rows["twin"]["pdf_member"] == "pdf/2301.00004.pdf"


def test_a_faithful_pdf_agrees_and_each_fault_lowers_its_own_measure(run: Path) -> None:
    rows = rows_of(run, "route_agreement")
    for name in ("good", "twin"):
        row = rows[name]
        for what in ("words", "ngrams", "numbers"):
            assert row[f"latex_{what}"] == row[f"pdf_{what}"] == row[f"shared_{what}"] > 20, (name, what)
        assert row["lost_numbers"] == row["added_numbers"] == [] and row["pdf_pages"] == 1
    swapped = rows["swapped"]
    assert all(swapped[f"shared_{what}"] == swapped[f"latex_{what}"] for what in ("words", "ngrams"))
    assert swapped["shared_numbers"] == swapped["latex_numbers"] - 8 and len(swapped["lost_numbers"]) == 8
    assert swapped["lost_numbers"][0] == "300" and swapped["added_numbers"][0] == "900"
    cut = rows["cut"]
    assert all(cut[f"shared_{what}"] == cut[f"pdf_{what}"] < cut[f"latex_{what}"] for what in ("words", "numbers"))


def test_report_has_means_percentiles_and_the_worst_by_name(run: Path) -> None:
    told = report_of(run)["route_agreement"]
    assert (told["with_both"], told["drawn"], told["compared"]) == (5, 5, 4)
    assert told["not_compared"] == {"no_pdf: unreadable": 1}
    measures = {m["what"]: m for m in told["measures"]}
    assert len(measures) == 6
    rows = rows_of(run, "route_agreement")
    lost = measures["numbers of the LaTeX in the PDF"]
    shares = [r["shared_numbers"] / r["latex_numbers"] for r in rows.values() if r["outcome"] == "compared"]
    assert lost["mean"] == pytest.approx(sum(shares) / 4, abs=1e-4)
    assert lost["p10"] == lost["worst"][0]["share"] == pytest.approx(min(shares), abs=1e-4)
    assert [w["id"] for w in lost["worst"][:2]] == [rows["cut"]["doc_id"], rows["swapped"]["doc_id"]]
    assert measures["words of the PDF in the LaTeX"]["mean"] == 1


def test_cards_show_it_and_the_run_says_it(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, readme = (
        next(run.glob(f"release-*/{name}")).read_text().replace("\\", "") for name in ("card.html", "README.md")
    )
    told = report_of(run)["route_agreement"]
    words = f"{told['measures'][0]['mean']:.4f}"[:5]
    for text in (page, readme):
        assert "Of 5 papers that have LaTeX and a PDF, 5 were drawn and 4 read by both routes." in text
        assert "Not: 1 (no pdf: unreadable)." in text
    assert f'<td>words of the LaTeX in the PDF</td><td class="n">{words}</td>' in page
    assert f"| words of the LaTeX in the PDF | {words} |" in readme
    capsys.readouterr()
    show_funnel(plain_console(), report_of(run), run)
    said = capsys.readouterr().out
    assert main(["card", str(run)]) == 0
    assert next(run.glob("release-*/card.html")).read_text().replace("\\", "") == page
    assert (
        f"LaTeX against PDF, 4 of 5 papers that have both, mean shares: words of the LaTeX in the PDF {words}" in said
    )


def test_the_sample_adds_no_document(run: Path) -> None:
    report = report_of(run)
    assert report["papers"]["in"] == 7 and report["open_failures"]["count"] == 0
    research = report["tiers"]["research"]
    assert research["documents_in"] == 7 == sum(research[k] for k in ("released", "dropped", "withheld", "failed"))


def test_it_is_the_same_under_another_executor_and_is_found_again(papers: Path, run: Path, tmp_path: Path) -> None:
    launch(chosen(papers), tmp_path / "local", Options(executor="local", workers=2))
    for table in (BOTH_ROUTES, ROUTE_AGREEMENT):
        [one], [other] = (list(place.glob(f"{table.name}-*/part-00000.parquet")) for place in (run, tmp_path / "local"))
        assert one.read_bytes() == other.read_bytes()
    again = launch(chosen(papers), tmp_path / "local", INLINE).report
    assert [s["computed"] for s in again["stages"] if s["stage"].endswith(("routes", "agreement"))] == [0, 0]
    assert again["route_agreement"] == report_of(run)["route_agreement"]


def test_a_sample_is_drawn_by_seed_and_ids(papers: Path, tmp_path: Path) -> None:
    drawn = []
    for seed in range(6):
        launch(chosen(papers, agreement={"papers": 2, "seed": seed}), tmp_path, INLINE)
        told = report_of(tmp_path)["route_agreement"]
        assert (told["with_both"], told["drawn"]) == (5, 2)
        drawn.append({row["id"] for m in told["measures"] for row in m["worst"]})
    assert len({frozenset(d) for d in drawn}) > 1


def test_a_new_paper_leaves_what_was_compared(papers: Path, tmp_path: Path) -> None:
    mine = write_papers(tmp_path / "papers")
    launch(chosen(mine), tmp_path / "run", INLINE)
    (mine / "tex" / "2301.00005.pdf").write_bytes(pdf("alone"))
    report = launch(chosen(mine), tmp_path / "run", INLINE).report
    assert report["route_agreement"]["with_both"] == 6 and report["route_agreement"]["compared"] == 5


def test_without_papers_that_have_both_the_card_says_so(tmp_path: Path) -> None:
    mine = write_papers(tmp_path / "papers")
    for file in mine.rglob("*.pdf"):
        file.unlink()
    report = launch(chosen(mine), tmp_path / "run", INLINE).report
    assert report["route_agreement"] == {"with_both": 0, "drawn": 0, "compared": 0, "not_compared": {}, "measures": []}
    for name in ("card.html", "README.md"):
        assert (
            "No paper of this run has both LaTeX and a PDF"
            in next((tmp_path / "run").glob(f"release-*/{name}")).read_text()
        )


def test_it_can_be_left_out(papers: Path, tmp_path: Path) -> None:
    off = chosen(papers, agreement={"papers": 0})
    assert not {s.step.name for s in off.stages} & {"both_routes", "route_agreement"}
    with pytest.raises(ConfigError, match=r"agreement\.paper.*papers"):
        chosen(papers, agreement={"paper": 5})
    with pytest.raises(ConfigError, match=r"agreement\.papers"):
        chosen(papers, agreement={"papers": -1})
