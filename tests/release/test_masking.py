"""What hits do by the mode of their benchmark, and texts without the passages that they name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.dedup.config import Dedup
from curation.errors import ContractError
from curation.release.decide import Decide
from curation.release.masking import MARKER, masked
from curation.release.shards import SHARD_PLAN, Shards
from curation.release.texts import Texts
from curation.sft.pairs import Pairs
from curation.sft.passages import passages
from curation.step import Inputs
from curation.text import count_words, sentences, text_sha256
from curation.text.sections import Section
from schemas import DECISIONS, DOCUMENTS, HITS, METADATA, PAPERS
from tests.release.test_decide import decide, tables

TEXT = (
    "# Stars\n\nWe saw a star. Which star is the brightest, i.e. Sirius? It is said.\n\n"
    "- one item\n- which star is blue\n  and small\n- last item\n\n| a | b |\n| which | star |\n| c | d |\n\n$$\nx = y\n$$\n\nThe end é."
)


def spans_of(text: str, *passages: str) -> list[tuple[int, int]]:
    data = text.encode()
    return [(at := data.index(p.encode()), at + len(p.encode()))[:2] for p in passages]


def cut(*passages: str, sections: list[Section] | None = None) -> str:
    return masked(TEXT, sections, spans_of(TEXT, *passages))[0]


@pytest.mark.parametrize(
    ("passage", "gone"),
    [
        ("star is the brightest", "Which star is the brightest, i.e. Sirius?"),
        ("rightes", "Which star is the brightest, i.e. Sirius?"),
        ("brightest, i.e. Sirius? It", "Which star is the brightest, i.e. Sirius? It is said."),
        ("star is blue", "- which star is blue\n  and small"),
        ("which | star", "| which | star |"),
        ("x =", "$$\nx = y\n$$"),
        ("end é", "The end é."),
        ("last item\n\n| a", "- last item\n\n| a | b |"),
    ],
)
def test_a_passage_grows_to_whole_sentences_items_lines_and_blocks(passage: str, gone: str) -> None:
    assert cut(passage) == TEXT.replace(gone, MARKER)


def test_passages_that_touch_have_one_marker_and_those_apart_one_each() -> None:
    assert cut("a star.", "star is the") == TEXT.replace(
        "We saw a star. Which star is the brightest, i.e. Sirius?", MARKER
    )
    assert cut("We saw", "It is said").count(MARKER) == 2
    assert cut("We saw", "We saw a", "saw a star") == cut("We saw")


def test_every_section_keeps_a_marker_of_its_own_and_sections_move() -> None:
    text = "# T\n\n## Abstract\n\nWe see.\n\nOne two. Three\u00b9 four\n\nnote five. Six"
    data = text.encode()

    def section(kind: str, words: str) -> Section:
        at = data.index(words.encode())
        return Section(kind, at, at + len(words.encode()))

    sections = [
        section("title", "T"),
        section("abstract", "We see."),
        section("body", "One two. Three\u00b9 four"),
        section("footnote", "note five. Six"),
    ]
    made, moved, gone = masked(text, sections, [(data.index(b"four"), data.index(b"five"))])
    assert made == f"# T\n\n## Abstract\n\nWe see.\n\nOne two. {MARKER}\n\n{MARKER} Six"
    assert moved is not None
    told = {s.kind: made.encode()[s.start : s.end].decode() for s in moved}
    assert told == {"title": "T", "abstract": "We see.", "body": f"One two. {MARKER}", "footnote": f"{MARKER} Six"}
    assert [data[a:b].decode() for a, b in gone] == ["Three\u00b9 four", "note five."]


@pytest.mark.parametrize("span", [(0, 0), (5, 5), (7, 8), (10_000, 10_001)])
def test_a_span_that_holds_nothing_is_an_error_and_never_a_text_that_stays(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="hold nothing"):
        masked(TEXT, None, [span])


@given(st.text(alphabet="ab .\n#-|$é\u00a0[", min_size=1, max_size=60), st.data())
def test_nothing_of_a_passage_stays_and_nothing_far_from_it_goes(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = len(text[:start].encode()), len(text[:end].encode())
    if not text[start:end].strip():
        return
    made, _, gone = masked(text, None, [(first, last)])
    [(a, b)] = gone
    assert not raw[first:a].decode().strip() and not raw[b:last].decode().strip()
    assert made == raw[:a].decode() + MARKER + raw[b:].decode()
    inside = [s < len(raw[:at].decode()) < e for at in (a, b) for s, e in sentences(text)]
    assert not any(inside)


SECTIONS = [{"kind": "title", "start": 2, "end": 7}, {"kind": "body", "start": 9, "end": len(TEXT.encode())}]
DOCUMENT = {"text": TEXT, "text_sha256": text_sha256(TEXT), "sections": SECTIONS, "n_words": count_words(TEXT)}


def hit(doc_id: str, *passages: str, mark: str = "M", layer: str = "text") -> dict[str, Any]:
    spans = [{"start": a, "end": b} for a, b in spans_of(TEXT, *passages)] or None
    return {"doc_id": doc_id, "mark": mark, "layer": layer, "rule": "question", "spans": spans}


def run(withheld: list[dict[str, Any]], modes: dict[str, Any], **documents: dict[str, Any]) -> dict[str, Any]:
    class Moded(Decide):
        def steps(self, dedup: Any, _: Any = None) -> Any:
            return super().steps(dedup, modes)

    named = {r["doc_id"] for r in withheld} | set(documents)
    rows = {d: {**DOCUMENT, **documents.get(d, {})} for d in named}
    return tables({d: {} for d in named}, documents=rows, withheld=withheld, step=Moded())


def test_report_marks_nothing_and_is_told_and_an_unnamed_benchmark_withholds() -> None:
    hits = [hit("a", mark="R"), hit("b", "We saw", mark="other"), hit("c", mark="R", layer="identity")]
    made = run(hits, {"R": "report"})
    assert {r["doc_id"] for r in made["decisions"].to_pylist()} == {"b"} and not made["spread"].num_rows
    findings = Decide().steps(Dedup(), {"R": "report"})[0]
    told = findings.summary(Inputs(made), made)
    reported = {"mode": "report", "documents": 2, "withheld": 0, "works": 0}
    assert told["benchmarks"]["R"] == {**reported, "works_key": 0}
    assert told["benchmarks"]["other"]["mode"] == "withhold"
    assert findings.fold([told, told])["benchmarks"]["R"] == {**reported, "documents": 4, "works_key": "0" * 16}


def test_mask_takes_passages_out_and_withholds_what_has_no_place_in_the_text() -> None:
    hits = [
        hit("kept", "star is the"),
        hit("kept", "which | star"),
        hit("title", "Stars\n\nWe saw"),
        hit("by-id", layer="identity"),
        hit("both", "We saw"),
        hit("both", layer="copy"),
        hit("unknown", "We saw"),
    ]
    made = run(hits, {"M": "mask"}, unknown={"sections": None})
    out = {r["doc_id"]: r["reason"] for r in made["decisions"].to_pylist()}
    source = "benchmark_source"
    assert out == {"title": "benchmark_overlap", "by-id": source, "both": source, "unknown": "benchmark_overlap"}
    [row] = made["texts"].to_pylist()
    assert row["doc_id"] == "kept" and row["text"].count(MARKER) == 2 and "brightest" not in row["text"]
    assert row["text_sha256"] == text_sha256(row["text"]) and row["of_sha256"] == DOCUMENT["text_sha256"]
    assert row["n_words"] == count_words(row["text"]) and [e["marks"] for e in row["edits"]] == [["M"], ["M"]]
    assert row["sections"][1] == {"kind": "body", "start": 9, "end": len(row["text"].encode())}


def test_masks_that_would_take_more_than_half_of_a_text_withhold_it_and_say_so() -> None:
    block = " ".join(["words without a full stop that a benchmark asks for"] * 3)
    texts = {
        "eaten": f"{TEXT}\n\n{block * 2} é",
        "both": f"{TEXT}\n\n{block} one. Then {block} two.",
        "half": f"{TEXT}\n\n{block} one.",
    }
    rows = {d: {**DOCUMENT, "text": t, "text_sha256": text_sha256(t)} for d, t in texts.items()}

    def at(doc_id: str, words: str, mark: str) -> dict[str, Any]:
        [(start, end)] = spans_of(texts[doc_id], words)
        return {**hit(doc_id, mark=mark), "spans": [{"start": start, "end": end}]}

    hits = [
        at("eaten", "words without", "M"),
        at("both", "stop that a benchmark", "M"),
        at("both", "Then words", "N"),
        at("half", "words without", "M"),
    ]
    modes = {"M": "mask", "N": "mask"}
    made = run(hits, modes, **rows)
    assert {r["doc_id"]: (r["verdict"], r["reason"]) for r in made["decisions"].to_pylist()} == dict.fromkeys(
        ("both", "eaten"), ("withhold", "benchmark_overlap")
    )
    assert sorted(r["evidence"] for r in made["findings"].to_pylist()) == [
        *["M: its mask would take more than half of the text: question: "] * 2,
        "N: its mask would take more than half of the text: question: ",
    ]
    assert made["texts"]["doc_id"].to_pylist() == ["half"]
    told = Decide().steps(Dedup(), modes)[0].summary(Inputs(made), made)["benchmarks"]["M"]
    assert (told["documents"], told["withheld"]) == (3, 2)
    alone = run([hits[1]], modes, both=rows["both"])
    assert alone["texts"]["doc_id"].to_pylist() == ["both"], "each passage alone would leave enough"


def test_only_what_a_tier_keeps_is_edited_and_only_benchmarks_that_mask_edit() -> None:
    hits = [hit(d, "We saw") for d in "abc"] + [hit("d", "We saw", mark="R")]
    documents = DOCUMENTS.rows({"doc_id": d, "status": "ok", **DOCUMENT} for d in "abcd")
    rows = HITS.rows({"row_id": str(n), **r} for n, r in enumerate(hits))
    out = [("a", "public"), ("b", "public"), ("b", "research")]
    decisions = DECISIONS.rows(
        {"doc_id": d, "row_id": t, "tier": t, "verdict": "drop", "stage": "s", "reason": "rule"} for d, t in out
    )
    step = Texts(masks=("M",), tiers=("public", "research"))
    made = step.run(Inputs({"documents": documents, "hits": rows, "decisions": decisions}))
    assert made["doc_id"].to_pylist() == ["a", "c"]
    assert step.summary(Inputs({}), {"texts": made}) == {"masked": {"M": 2}, "marker": MARKER}
    wrong = HITS.rows([{**hit("a"), "row_id": "0", "spans": [{"start": 90_000, "end": 90_001}]}])
    with pytest.raises(ContractError, match="hits of a do not fit its text"):
        step.run(Inputs({"documents": documents, "hits": wrong, "decisions": decisions}))


def test_a_release_and_its_pairs_have_the_edited_text() -> None:
    ids = ("a", "b")
    text = "# On the period of stars\n\n## Results\n\nThe orbital period is 1.7 h in the data of the south. We find that it is long in all of them. We show that the light of the star is red."
    body = text.index("## Results")
    sections = [{"kind": "title", "start": 2, "end": 24}, {"kind": "body", "start": body, "end": len(text)}]
    row = {"title": "On the period of stars", "text": text, "text_sha256": text_sha256(text), "sections": sections}
    span = {"start": text.index("orbital"), "end": text.index("data")}
    made: dict[str, Any] = {
        "papers": PAPERS.rows({"doc_id": d, "source": "s", "member": d, "status": "ok"} for d in ids),
        "metadata": METADATA.rows(
            {"doc_id": d, "source": "s", "paper_id": f"sha256:{d}", "n_records": 0, "links": []} for d in ids
        ),
        "documents": DOCUMENTS.rows({"doc_id": d, "status": "ok", "n_words": 24, **row} for d in ids),
        "shard_plan": SHARD_PLAN.rows(
            {"doc_id": d, "key": n, "partition": 0, "tiers": ["t"]} for n, d in enumerate(ids)
        ),
        "hits": HITS.rows(
            [{"doc_id": "b", "row_id": "0", "mark": "M", "layer": "text", "rule": "question", "spans": [span]}]
        ),
        "decisions": DECISIONS.empty(),
    }
    made["texts"] = Texts(masks=("M",), tiers=("t",)).run(Inputs(made))
    shards, pairs = (step(tiers=("t",), edited=True) for step in (Shards, Pairs))
    assert {"text", "text_sha256", "sections", "n_words"} <= set(shards.reads()["texts"])
    assert "texts" not in Shards(tiers=("t",)).reads()
    a, b = shards.split(Inputs(made)).to_pylist()
    assert a["text"] == text and b["text"] == text.replace(
        "The orbital period is 1.7 h in the data of the south.", MARKER
    )
    assert b["text_sha256"] == text_sha256(b["text"]) and b["n_words"] == count_words(b["text"]) != a["n_words"]
    answers = {(r["doc_id"], r["answer"], r["text_sha256"]) for r in pairs.run(Inputs(made))[pairs.name].to_pylist()}
    assert any(d == "a" and "1.7 h" in answer for d, answer, _ in answers)
    assert not any(d == "b" and "1.7 h" in answer for d, answer, _ in answers)
    assert {sha for d, _, sha in answers if d == "b"} == {b["text_sha256"]}


def test_no_sentence_with_a_marker_answers_a_question() -> None:
    text = f"## Results\n\nWe found the star and {MARKER} the planet at once. We found the star and all of the planets at once."
    assert [p.sentence for p in passages(text, 3, 60)] == ["We found the star and all of the planets at once."]


def test_a_hit_by_items_is_an_overlap_and_one_by_works_a_source() -> None:
    layers = {
        "identity": "source",
        "bibliographic": "source",
        "copy": "source",
        "text": "overlap",
        "numbers": "overlap",
    }
    hits = [{"doc_id": layer, "layer": layer} for layer in layers]
    got = decide({layer: {} for layer in layers}, withheld=hits)
    assert {d: reason.removeprefix("benchmark_") for (d, t), reason in got.items() if t == "public"} == layers
