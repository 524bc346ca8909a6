"""Every row of papers becomes a row of documents; one that cannot keeps its reason."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curation.confine import sandbox
from curation.errors import PaperError, UserError
from curation.extract import paper_reader, texts
from curation.extract.router import Extract
from curation.sources.folder import FolderSource
from curation.sources.unit import Unit
from curation.step import Inputs
from curation.text.clean import clean_text, decode_text
from schemas import DOCUMENTS, EQUATIONS, PAGES, Reason
from tests.extract.paths import extract_path
from tests.extract.pdfs import prose_pdf, text_bomb
from tests.extract.sheets import cut_by
from tests.failing import failing_reads


def tex(words: str) -> bytes:
    return b"\\documentclass{article}\\begin{document}" + words.encode() + b"\\end{document}"


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Iterator[Extract]:
    monkeypatch.setattr(paper_reader, "MAIN", "tests.extract.stub_latex:extract_main")
    monkeypatch.setattr(sandbox, "PACKAGES", (*sandbox.PACKAGES, "tests"))
    made = Extract(max_wall_s=20, max_cpu_s=1, max_memory_mb=300)
    yield made
    made.close()


def papers_of(root: Path, files: dict[str, bytes]) -> Inputs:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    source = FolderSource(path=str(root))
    table = source.run(Inputs({}, {"unit": Unit("folder", tuple(source.entries()))}))
    return Inputs({"papers": table}, {"sources": {"folder": source}})


def documents(step: Extract, inputs: Inputs) -> dict[str, dict[str, Any]]:
    made = step.by_name(step.run(inputs), "extract")["documents"]
    assert made.schema.equals(DOCUMENTS.arrow)
    assert made["doc_id"].to_pylist() == inputs["papers"]["doc_id"].to_pylist()
    return dict(zip(inputs["papers"]["member"].to_pylist(), made.to_pylist(), strict=True))


def test_each_kind_has_its_route(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(
        tmp_path,
        {
            "a.tex": tex("Words of TeX."),
            "b.gz": gzip.compress(tex("More words.")),
            "f/source/ms.tex": tex("Folder."),
            "c.pdf": prose_pdf(),
            "d.txt": b"Plain words, caf\xe9.",
            "e.jsonl": json.dumps({"id": "1", "text": "Row\r\nof\x00 cafe\u0301."}).encode(),
        },
    )
    made = documents(step, inputs)
    assert {m: r["detail"] for m, r in made.items() if r["detail"]} == {}
    assert {m: r["route"] for m, r in made.items()} == {
        "a.tex": "latex",
        "b.gz": "latex",
        "f/source": "latex",
        "c.pdf": "pdf",
        "d.txt": "text",
        "e.jsonl#1": "text",
    }
    assert made["d.txt"]["text"] == "Plain words, café."
    assert made["e.jsonl#1"]["text"] == "Row\nof café."
    assert made["e.jsonl#1"]["n_words"] == 3
    assert made["c.pdf"]["n_pages"] == 2
    assert made["a.tex"]["undefined_macros"] == ["a", "b"]
    assert all(r["status"] == "ok" and len(r["text_sha256"]) == 64 for r in made.values())


def test_misbehaving_papers_cost_one_row_each(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(
        tmp_path,
        {
            "a.tex": tex("good"),
            "exit.tex": tex("EXIT"),
            "spin.tex": tex("SPIN"),
            "eat.tex": tex("EAT"),
            "stumble.tex": tex("STUMBLE"),
            "empty.tex": b"",
            "page.pdf": b"<html><body>404</body></html>",
            "cut.tar.gz": gzip.compress(tex("x") * 99)[:-9],
            "ps.ps": b"%!PS-Adobe\n",
            "z.tex": tex("good too"),
        },
    )
    made = documents(step, inputs)
    assert {m: r["reason"] for m, r in made.items()} == {
        "a.tex": None,
        "exit.tex": "crashed",
        "spin.tex": "timeout",
        "eat.tex": "out_of_memory",
        "stumble.tex": None,  # pandoc reads it
        "empty.tex": "empty_file",
        "page.pdf": "html",
        "cut.tar.gz": "bad_archive",
        "ps.ps": "postscript",
        "z.tex": None,
    }
    assert made["stumble.tex"]["route"] == "pandoc" and "ZeroDivisionError" in made["stumble.tex"]["warnings"][0]
    assert all(r["text"] is None and r["detail"] for r in made.values() if r["status"] == "failed")


def test_pdf_takes_over_when_latex_gives_nothing(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(
        tmp_path,
        {
            "a.tex": tex("FAIL"),
            "a.pdf": prose_pdf(),
            "b.tex": tex("FAIL"),
            "b.pdf": prose_pdf(password="x"),
            "c.tex": tex("SPIN"),
            "c.pdf": prose_pdf(),
            "d.tex": b"",
            "d.pdf": prose_pdf(),
            "e.tex": tex("fine"),
            "e.pdf": prose_pdf(),
        },
    )
    made = documents(step, inputs)
    assert made["a.tex"]["route"] == "pdf"
    assert "no main file" in made["a.tex"]["warnings"][-1]
    assert (made["b.tex"]["reason"], "encrypted" in made["b.tex"]["detail"]) == ("no_main_file", True)
    assert made["c.tex"]["reason"] == "timeout", "a limit never chooses the route"
    assert made["d.tex"]["route"] == "pdf"
    assert made["e.tex"]["route"] == "latex"


def test_a_crash_counts_when_the_child_was_fresh(tmp_path: Path, step: Extract) -> None:
    made = documents(step, papers_of(tmp_path / "in", {"a.tex": tex("a"), "b.tex": tex("TIRED")}))
    assert {m: row["status"] for m, row in made.items()} == {"a.tex": "ok", "b.tex": "ok"}, (
        "in a fresh child it did not crash"
    )
    step.close()
    made = documents(step, papers_of(tmp_path / "alone", {"a.tex": tex("EXIT")}))
    assert made["a.tex"]["reason"] == "crashed"


def test_a_forged_answer_is_one_failed_row_and_its_child_reads_no_other_paper(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(tmp_path, {"a.tex": tex("FORGE"), "b.tex": tex("Fine.")})
    rows = documents(step, inputs)
    assert (rows["a.tex"]["reason"], rows["b.tex"]["status"]) == ("crashed", "ok")
    only = Inputs(
        {"papers": inputs["papers"].filter(pa.compute.equal(inputs["papers"]["member"], "a.tex"))}, inputs.side
    )
    documents(step, only)
    assert step.child_pids() == ()


@pytest.mark.parametrize("method", ["open", "resolve"])
def test_one_error_of_a_data_file_costs_no_text(
    tmp_path: Path, step: Extract, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    lines = "".join(json.dumps({"id": i, "text": f"Text {i}."}) + "\n" for i in range(3))
    inputs = papers_of(tmp_path, {"rows.jsonl": lines.encode()})
    undisturbed = documents(step, inputs)
    with monkeypatch.context() as patch:
        tries = failing_reads(patch, "rows.jsonl", method, 1)
        assert documents(step, inputs) == undisturbed
        assert tries == [False, True], "the second one runs alone"
    with monkeypatch.context() as patch:
        tries = failing_reads(patch, "rows.jsonl", method, 100)
        assert [row["reason"] for row in documents(step, inputs).values()] == ["io_error"] * 3
        assert tries == [False, True], "once more for the file, not for each row"
    assert sorted(row["text"] for row in undisturbed.values()) == ["Text 0.", "Text 1.", "Text 2."]


@pytest.mark.parametrize("rows_a_stretch", [2, 256])
def test_one_text_costs_no_other_of_its_stretch(
    tmp_path: Path, step: Extract, monkeypatch: pytest.MonkeyPatch, rows_a_stretch: int
) -> None:
    monkeypatch.setattr(texts, "TEXTS", "tests.extract.stub_latex:texts_main")
    monkeypatch.setattr(texts, "STRETCH_ROWS", rows_a_stretch)
    said = ["One.", "EXIT", "Three.", "# T\n\nSHORT", "Five.", "Six."]
    lines = "".join(json.dumps({"id": i, "title": "Of six", "text": text}) + "\n" for i, text in enumerate(said))
    made = documents(step, papers_of(tmp_path, {"rows.jsonl": lines.encode(), "z.tex": tex("Fine.")}))
    found = {member.partition("#")[2]: row["reason"] or row["text"] for member, row in made.items()}
    assert found == {
        "": tex("Fine.").decode(),
        "0": "# Of six\n\nOne.",
        "1": "crashed",
        "2": "# Of six\n\nThree.",
        "3": "crashed",
        "4": "# Of six\n\nFive.",
        "5": "# Of six\n\nSix.",
    }
    assert {row["title"] for member, row in made.items() if "#" in member} == {"Of six"}


def test_a_paper_that_spins_is_paid_once(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(tmp_path, {f"{i}.tex": tex("SPIN") for i in range(4)} | {"z.pdf": prose_pdf()})
    before = os.times()
    made = documents(step, inputs)
    step.close()
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert [made[f"{i}.tex"]["reason"] for i in range(4)] == ["timeout"] * 4
    assert cpu_s < 4 * (2 * 1 + 2), "a limit of 1 s gives each up to 2, and a child takes under 2 to start"


def test_changed_content_is_not_taken_for_the_listed_one(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(
        tmp_path,
        {"a.tex": tex("one"), "f/source/ms.tex": tex("f"), "d.jsonl": b'{"id": "1", "text": "x"}\n', "g.tex": tex("g")},
    )
    (tmp_path / "a.tex").write_bytes(tex("two"))
    (tmp_path / "f/source/ms.tex").write_bytes(tex("other"))
    (tmp_path / "d.jsonl").write_bytes(b'{"id": "1", "text": "y"}\n')
    (tmp_path / "g.tex").unlink()
    made = documents(step, inputs)
    assert {m: r["reason"] for m, r in made.items()} == {
        "a.tex": "source_changed",
        "f/source": "source_changed",
        "d.jsonl#1": "source_changed",
        "g.tex": "io_error",
    }


def test_a_forged_member_does_not_leave_the_root(tmp_path: Path, step: Extract) -> None:
    (tmp_path / "secret.tex").write_bytes(tex("secret"))
    inputs = papers_of(tmp_path / "in", {"a.tex": tex("one")})
    for member in ("../secret.tex", str(tmp_path / "secret.tex")):
        column = pa.array([member])
        index = inputs["papers"].column_names.index("member")
        forged = inputs["papers"].set_column(index, inputs["papers"].schema.field("member"), column)
        made = step.by_name(step.run(Inputs({"papers": forged}, inputs.side)), "extract")["documents"].to_pylist()
        assert made[0]["reason"] == "unsafe_archive"


def test_only_failed_rows_are_reopened(tmp_path: Path, step: Extract) -> None:
    mark = tmp_path / "in/ready.tex"
    papers = {"a.pdf": prose_pdf(), "b.tex": tex("EXIT"), "d.tex": tex("FAIL"), "e.pdf": prose_pdf()}
    inputs = papers_of(tmp_path / "in", papers)
    made = step.by_name(step.run(inputs), "extract")
    first = made["documents"]
    assert not mark.exists()
    column = first.column_names.index("title")
    marked = {**made, "documents": first.set_column(column, first.schema.field("title"), pa.array(["kept"] * 4))}
    by_member = dict(zip(inputs["papers"]["member"].to_pylist(), inputs["papers"]["doc_id"].to_pylist(), strict=True))
    again = step.by_name(step.reopen(marked, inputs, frozenset({by_member["b.tex"]})), "extract")
    by_reason = dict(
        zip(again["documents"]["reason"].to_pylist(), again["documents"]["title"].to_pylist(), strict=True)
    )
    assert by_reason == {None: "kept", "crashed": None, "no_main_file": "kept"}
    assert again["pages"].equals(made["pages"])
    more = frozenset(by_member[name] for name in ("b.tex", "d.tex", "e.pdf"))
    again = step.by_name(step.reopen(marked, inputs, more), "extract")
    assert again["documents"]["title"].to_pylist().count("kept") == 1
    assert again["pages"].equals(made["pages"]), "the same pages, in the order of the documents"


def test_every_display_equation_of_a_pdf_has_a_row(tmp_path: Path, step: Extract) -> None:
    cut, _ = cut_by("equation")
    inputs = papers_of(tmp_path, {"a.tex": tex("$$x = 1$$"), "b.pdf": cut, "c.pdf": prose_pdf(), "d.pdf": cut})
    made = step.by_name(step.run(inputs), "extract")
    assert made["equations"].schema.equals(EQUATIONS.arrow)
    by_member = dict(zip(inputs["papers"]["member"].to_pylist(), inputs["papers"]["doc_id"].to_pylist(), strict=True))
    rows = made["equations"].to_pylist()
    told = [(row["doc_id"], row["row_id"], row["page"], row["number"]) for row in rows]
    assert told == sorted([(by_member[name], "00001", 1, "7") for name in ("b.pdf", "d.pdf")], key=told.index)
    assert {by_member[name] for name in ("b.pdf", "d.pdf")} == {row["doc_id"] for row in rows}
    assert {row["raw"].count("\n") for row in rows} == {2} and "=" in rows[0]["raw"]
    text = made["documents"].to_pylist()[made["documents"]["doc_id"].to_pylist().index(by_member["b.pdf"])]["text"]
    assert not any(line in text for line in rows[0]["raw"].split("\n"))
    again = step.by_name(step.reopen(made, inputs, frozenset({by_member["d.pdf"]})), "extract")
    assert again["equations"].equals(made["equations"])


def test_every_page_of_a_pdf_has_a_row(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(tmp_path, {"a.tex": tex("one"), "b.pdf": prose_pdf(), "c.pdf": prose_pdf(password="x")})
    made = step.by_name(step.run(inputs), "extract")
    pages = made["pages"]
    assert pages.schema.equals(PAGES.arrow)
    by_member = dict(zip(inputs["papers"]["member"].to_pylist(), inputs["papers"]["doc_id"].to_pylist(), strict=True))
    rows = pages.to_pylist()
    assert [(r["doc_id"], r["row_id"], r["page"]) for r in rows] == [
        (by_member["b.pdf"], "00001", 1),
        (by_member["b.pdf"], "00002", 2),
        (by_member["c.pdf"], "00000", 0),
    ]
    read, locked = rows[:2], rows[2]
    assert {(r["made_by"], r["engine"], r["status"], r["width"], r["height"]) for r in read} == {
        ("text layer", "pymupdf", "ok", 595, 842)
    }
    assert all(r["n_chars"] > 300 and r["version"] for r in read)
    assert (locked["made_by"], locked["status"], locked["detail"]) == (
        "nothing",
        "encrypted",
        "the PDF needs a password",
    )
    said = {row["doc_id"]: row["read_by"] for row in made["documents"].to_pylist()}
    assert said[by_member["b.pdf"]] == [{"by": "pymupdf", "n_pages": 2, "n_chars": sum(r["n_chars"] for r in read)}]
    assert step.summary(inputs, made) == {
        "pages": {
            "by_engine": {"none": 1, "pymupdf": 2},
            "by_status": {"encrypted": 1, "ok": 2},
            "papers_with_unread": 0,
        }
    }
    assert said[by_member["a.tex"]] is None and said[by_member["c.pdf"]] is None


def test_rows_that_failed_at_the_source_keep_their_reason(tmp_path: Path, step: Extract) -> None:
    inputs = papers_of(tmp_path, {"a.tex": tex("one"), "odd.bin": b"\x00\x01\x02"})
    assert documents(step, inputs)["odd.bin"]["reason"] == "unknown_format"


def test_limits_are_not_part_of_what_is_done() -> None:
    assert Extract(max_wall_s=1).identity() == Extract().identity()


def test_extract_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_reader, "MAIN", "tests.extract.stub_latex:extract_main")
    monkeypatch.setattr(sandbox, "PACKAGES", (*sandbox.PACKAGES, "tests"))
    (tmp_path / "p").mkdir()
    (tmp_path / "p/ms.tex").write_bytes(tex("Folder words."))
    (tmp_path / "a.pdf").write_bytes(prose_pdf())
    assert "Folder words." in extract_path(tmp_path / "p").text
    assert extract_path(tmp_path / "a.pdf").route == "pdf"
    (tmp_path / "empty.tex").touch()
    with pytest.raises(PaperError) as caught:
        extract_path(tmp_path / "empty.tex")
    assert caught.value.reason is Reason.EMPTY_FILE


def test_small_pdf_that_grows_costs_its_row_and_no_memory(tmp_path: Path) -> None:
    bomb = text_bomb(1_500_000)
    assert len(bomb) < 200_000
    (tmp_path / "bomb.pdf").write_bytes(bomb)
    with pytest.raises(PaperError) as caught:
        extract_path(tmp_path / "bomb.pdf", Extract(max_memory_mb=200))
    assert caught.value.reason is Reason.OUT_OF_MEMORY


def test_clean_text() -> None:
    assert clean_text("a\x00b\r\nc\ud800\x0cd\te\u0301\ufeff") == "ab\nc\nd\té"
    assert clean_text("x²") == "x²"
    assert (
        decode_text(b"\xef\xbb\xbfcaf\xc3\xa9")
        == decode_text("café".encode("utf-16"))
        == decode_text(b"caf\xe9")
        == "café"
    )


def test_the_pdf_backend_is_a_choice_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(prose_pdf())
    texts = [extract_path(tmp_path / "a.pdf", Extract(pdf_backend=name)).text for name in ("pymupdf", "pypdfium2")]
    words = [text.lower().split() for text in texts]
    assert len(words[0]) > 50 and len(set(words[0]) & set(words[1])) > 0.9 * len(set(words[0]))
    assert Extract(pdf_backend="pypdfium2").backends()["pdf"].startswith("pypdfium2 ")


def test_without_pymupdf_ocr_is_refused_before_a_paper_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymupdf", None)  # as where it is not installed
    with pytest.raises(UserError, match=r"extract\.ocr: .* set ocr: none, or install pymupdf"):
        Extract(pdf_backend="pypdfium2").backends()
    assert Extract(pdf_backend="pypdfium2", ocr="none").backends()["pdf"].startswith("pypdfium2 ")


def test_the_style_of_citations_is_a_choice_of_the_config(tmp_path: Path) -> None:
    body = (
        r"Stars form in cold clouds of gas \citep{roe2001} and their discs last for some millions of years after that."
    )
    bib = r"\begin{thebibliography}{9}\bibitem[Roe(2001)]{roe2001} Roe, R. 2001, Journal, 1, 2\end{thebibliography}"
    source = rf"\documentclass{{article}}\usepackage{{natbib}}\begin{{document}}{body * 2} {bib}\end{{document}}"
    (tmp_path / "ms.tex").write_text(source)
    texts = {style: extract_path(tmp_path, Extract(cite_style=style)).text for style in ("authoryear", "key", "drop")}
    assert "Roe" in texts["authoryear"] and "2001" in texts["authoryear"]
    assert "roe2001" in texts["key"]
    assert "oe" not in texts["drop"].replace("some", "")
