"""Paragraphs: boilerplate is found by counts and marked by spans; a document inside a longer one is marked, never removed."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.dedup.config import Dedup
from curation.dedup.containment import Contained, PassagePairs, SharedSentences
from curation.dedup.paragraphs import BoilerplateSpans, ParagraphCounts
from curation.dedup.scope import Scope, Scopes
from curation.errors import ConfigError
from curation.step import Inputs
from curation.text.boilerplate import without_boilerplate
from curation.text.buffers import normalise
from curation.text.paragraphs import paragraphs, sentences
from curation.text.sections import cut_out
from tests.dedup.flow import duplicates, part, run_steps
from tests.dedup.test_near import Rows, text_of

NOTICE = "This work made use of data from the survey; funding was provided by many institutions of many countries."


def passage(rng: random.Random, count: int) -> list[str]:
    return [" ".join(text_of(rng, 40)) for _ in range(count)]


@given(st.lists(st.sampled_from(["a b", "é Σ", "x", "\n", "\n\n", " ", "\r\n", "\t"]), max_size=30).map("".join))
def test_paragraphs_equal_the_plain_split(text: str) -> None:
    found = paragraphs(pa.array([text, text], pa.large_string()), 1)
    spans = []
    at = 0
    for gap in [*re.finditer(r"\n[ \t\r]*\n", text), None]:
        end = gap.start() if gap else len(text)
        if normalise(text[at:end]):
            spans.append((at, end))
        at = gap.end() if gap else at
    data = text.encode()
    mine = [(s, e) for d, s, e in zip(found.document, found.start, found.end, strict=True) if d == 0]
    assert [data[s:e].decode() for s, e in mine] == [text[s:e] for s, e in spans]
    first = found.hash[found.document == 0]
    words = [normalise(text[s:e]) for s, e in spans]
    assert [[h == g for g in first] for h in first] == [[w == v for v in words] for w in words]
    assert (found.hash[found.document == 1] == first).all()


def test_boilerplate_is_counted_kept_as_an_artefact_and_marked(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows: Rows = [
        {
            "doc_id": f"d{i:02d}",
            "text": "\n\n".join([*passage(rng, 2), "É" + NOTICE.upper() if i % 2 else "é" + NOTICE, *passage(rng, 1)]),
        }
        for i in range(20)
    ]
    rows.append({"doc_id": "z", "text": passage(rng, 1)[0]})
    rows.append({"doc_id": "failed", "text": None})
    counts = run_steps([part(rows[:7]), part(rows[7:])], [ParagraphCounts(min_docs=20)])["paragraph_counts"]
    assert counts["n_docs"].to_pylist() == [20] and counts["doc_id"].to_pylist() == ["d00"]
    pq.write_table(counts, tmp_path / "counts.parquet")
    step = BoilerplateSpans(artefact=tmp_path / "counts.parquet")
    marked = step.run(Inputs({"documents": part(rows)["documents"]})).to_pylist()
    for row, mark in zip(rows, marked, strict=True):
        spans = list(zip(mark["span_starts"], mark["span_ends"], strict=True))
        if str(row["doc_id"]).startswith("d"):
            ((start, end),) = spans
            assert normalise(str(row["text"]).encode()[start:end].decode()) == normalise("é" + NOTICE)
            left = cut_out(str(row["text"]), [], spans)[0]
            assert "survey" not in left.lower() and left.count("\n\n") == 2
        else:
            assert spans == [] and mark["n_words"] == 0


def test_an_artefact_of_short_paragraphs_is_applied_whole(tmp_path: Path) -> None:
    rng = random.Random(7)
    short = "We thank the anonymous referee very much."
    rows: Rows = [
        {"doc_id": f"d{i:02d}", "text": "\n\n".join([*passage(rng, 1), short, NOTICE]), "text_sha256": f"{i:064x}"}
        for i in range(20)
    ]
    counts = run_steps([part(rows)], [ParagraphCounts(min_words=5)])["paragraph_counts"]
    pq.write_table(counts, tmp_path / "counts.parquet")
    step = BoilerplateSpans(artefact=tmp_path / "counts.parquet")
    marked = step.run(Inputs({"documents": part(rows)["documents"]})).to_pylist()
    assert [len(m["span_starts"]) for m in marked] == [2] * 20
    assert [m["text_sha256"] for m in marked] == [r["text_sha256"] for r in rows]
    assert without_boilerplate([str(r["text"]) for r in rows], tmp_path / "counts.parquet") == [
        str(r["text"]).split("\n\n")[0] + "\n\n" for r in rows
    ]
    pq.write_table(pa.table({"hash": [1]}), tmp_path / "wrong.parquet")
    with pytest.raises(ConfigError, match=r"wrong.parquet"):
        without_boilerplate(["a"], tmp_path / "wrong.parquet")


def test_the_artefact_is_in_the_fingerprint_by_content(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
    assert BoilerplateSpans(artefact=tmp_path / "a").identity() == BoilerplateSpans(artefact=tmp_path / "b").identity()
    (tmp_path / "b").write_bytes(b"other")
    assert BoilerplateSpans(artefact=tmp_path / "a").identity() != BoilerplateSpans(artefact=tmp_path / "b").identity()
    with pytest.raises(ConfigError, match="cannot be read"):
        BoilerplateSpans(artefact=tmp_path / "none").identity()


def test_an_extract_is_marked_and_stays() -> None:
    rng = random.Random(2)
    thesis = passage(rng, 20)
    rows: Rows = [
        {"doc_id": "thesis", "text": "\n\n".join(thesis)},
        {"doc_id": "letter", "text": "\n\n".join(thesis[3:8])},
        {"doc_id": "quotes", "text": "\n\n".join([*passage(rng, 10), thesis[0], thesis[1]])},
        {"doc_id": "other", "text": "\n\n".join(passage(rng, 10))},
    ]
    steps = [SharedSentences(partitions=3), PassagePairs(), Contained(partitions=3)]
    made = run_steps([part(rows[:1]), part(rows[1:])], steps)["contained"].to_pylist()
    assert [(r["doc_id"], r["mate"]) for r in made] == [("letter", "thesis")]
    assert made[0]["containment"] > 0.95 and made[0]["jaccard"] < 0.3
    assert duplicates([rows], Dedup(partitions=2)) == []


def test_a_thesis_a_split_file_and_a_reprint_are_tied_to_a_paper_and_who_quotes_it_is_not() -> None:
    """Planted: shares of the paper's 12 paragraphs; the share from which on a tie counts lies between 0.4 and 0.6."""
    rng = random.Random(11)

    def written(n: int) -> list[str]:
        return [" ".join(sentence(rng) for _ in range(4)) for _ in range(n)]

    paper = written(12)
    edited = [w if rng.random() > 0.05 else "another" for w in "  ".join(paper[:11]).split(" ")]
    texts = {
        "paper": paper,
        "thesis-of-60": [*written(30), *paper[:8], *written(30)],
        "split": paper[2:6],
        "reprint": [" ".join(edited), *written(2)],
        "thesis-of-30": [*written(30), *paper[8:], *written(30)],
        "quotes": [*written(10), paper[0], *written(10)],
        "review": [paper[3], *written(2)],
        "other": written(12),
    }
    rows: Rows = [{"doc_id": name, "text": "\n\n".join(text)} for name, text in texts.items()]
    steps = Dedup(partitions=2).steps()
    made = run_steps([part(rows[:3]), part(rows[3:])], steps)
    tied = {(r["doc_id"], r["mate"]) for r in made["contained"].to_pylist()} | {
        (r["doc_id"], r["mate"]) for r in made["near_edges"].to_pylist()
    }
    to_paper = {a if b == "paper" else b for a, b in tied if "paper" in (a, b)}
    assert to_paper == {"thesis-of-60", "split", "reprint"}
    found = {r["containment"] for r in made["contained"].to_pylist() if "thesis-of-60" in (r["doc_id"], r["mate"])}
    assert any(0.55 < share < 0.75 for share in found), found
    strict = run_steps([part(rows[:3]), part(rows[3:])], Dedup(partitions=2, min_containment=0.8).steps())
    assert not any(
        "thesis-of-60" in (r["doc_id"], r["mate"]) and "paper" in (r["doc_id"], r["mate"])
        for r in strict["contained"].to_pylist()
    )


@given(
    st.lists(st.sampled_from(["a b", "é Σ", "x", ".", "? ", "!\n", "\n\n", " ", "\t", "e.g. "]), max_size=30).map(
        "".join
    )
)
def test_sentences_equal_the_plain_split(text: str) -> None:
    found = sentences(pa.array([text], pa.large_string()), 1)
    pieces = re.split(r"[.!?](?=[ \t-\r])|\n[ \t\r]*\n", text)
    data = text.encode()
    mine = [normalise(data[s:e].decode()) for s, e in zip(found.start, found.end, strict=True)]
    assert mine == [n for p in pieces if (n := normalise(p))]


def sentence(rng: random.Random) -> str:
    return " ".join(text_of(rng, rng.randint(13, 30))).capitalize() + "."


def test_an_extract_is_marked_however_it_is_wrapped_and_wherever_it_begins() -> None:
    rng = random.Random(4)
    thesis = [sentence(rng) for _ in range(300)]

    def wrapped(part: list[str], size: int) -> str:
        return "\n\n".join(" ".join(part[i : i + size]) for i in range(0, len(part), size))

    rows: Rows = [
        {"doc_id": "thesis", "text": wrapped(thesis, 6)},
        {"doc_id": "rewrapped", "text": "\n".join(" ".join(thesis[60:120]).split())},
        {"doc_id": "shifted", "text": wrapped(thesis[123:183], 6)},
        {"doc_id": "other", "text": wrapped([sentence(rng) for _ in range(60)], 6)},
    ]
    rows[2]["text"] = str(rows[2]["text"])[37:]
    steps = [SharedSentences(partitions=3), PassagePairs(), Contained(partitions=3)]
    made = run_steps([part(rows[:2]), part(rows[2:])], steps)["contained"].to_pylist()
    assert {(r["doc_id"], r["mate"]) for r in made} == {("rewrapped", "thesis"), ("shifted", "thesis")}
    assert min(r["containment"] for r in made) > 0.95
    assert duplicates([rows], Dedup(partitions=2)) == []


@pytest.mark.parametrize(
    ("sources", "scope", "is_compared"),
    [
        ("ab", {}, True),
        ("ab", {"b": "off"}, False),
        ("ab", {"a": "off"}, False),
        ("aa", {"a": "off"}, False),
        ("ab", {"b": "papers"}, True),
        ("aa", {"a": "papers"}, False),
        ("ab", {"a": "papers", "b": "papers"}, False),
        ("ab", {"b": "within"}, False),
        ("ab", {"a": "within", "b": "within"}, False),
        ("aa", {"a": "within"}, True),
    ],
)
def test_extracts_are_looked_for_inside_the_scopes_of_their_sources(
    sources: str, scope: dict[str, Scope], is_compared: bool
) -> None:
    rng = random.Random(5)
    thesis = passage(rng, 20)
    texts = {"thesis": thesis, "letter": thesis[3:8], "other": passage(rng, 10)}
    rows: Rows = [
        {"doc_id": name, "source": source, "text": "\n\n".join(text)}
        for (name, text), source in zip(texts.items(), (*sources, sources[0]), strict=True)
    ]
    steps = Dedup(partitions=3, scope=Scopes(scope)).steps()[-3:]
    made = run_steps([part(rows[:1]), part(rows[1:])], steps)["contained"].to_pylist()
    assert [(r["doc_id"], r["mate"]) for r in made] == ([("letter", "thesis")] if is_compared else [])


def test_paragraphs_of_many_documents_generate_no_pairs() -> None:
    rng = random.Random(3)
    shared = passage(rng, 3)
    rows: Rows = [{"doc_id": f"d{i}", "text": "\n\n".join(shared)} for i in range(9)]
    assert run_steps([part(rows)], [SharedSentences(), PassagePairs(), Contained()])["contained"].num_rows == 0
