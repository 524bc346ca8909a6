"""What a run lets pass, or masks, no audit of its release finds: HashHits has the audit's own matcher."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from curation.release.masking import masked, withholds
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.config import Withhold
from curation.withhold.hash_hits import HashHits
from curation.withhold.hash_index import Hashed
from curation.withhold.hash_index import HashIndex as AuditIndex
from curation.withhold.hashed import hashes_of_benchmark
from curation.withhold.text_hits import TextHits
from schemas import DOCUMENTS, METADATA
from tests.withhold.plants import CLEAN, LONG, PASSAGE, SHORT, within

FREE = {
    "question": "How many stars does the nearest open cluster hold?",
    "answer": "about four hundred stars",
}


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    """Two items with choices, one with a passage, one with a free answer."""
    path = tmp_path_factory.mktemp("items") / "items.jsonl"
    rows: list[dict[str, Any]] = [
        {"question": item.question, "choices": list(item.choices), "answer": item.answer} for item in (LONG, SHORT)
    ]
    rows += [{"question": PASSAGE.question, "answer": PASSAGE.answer, "passage": PASSAGE.passage}, FREE]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Benchmark(name="made", items=(path,), adapter="plain")


@pytest.fixture(scope="module")
def audit(benchmark: Benchmark) -> AuditIndex:
    return AuditIndex(hashes_of_benchmark(benchmark))


def tables(*rows: tuple[str | None, str | None]) -> Inputs:
    """Documents of some titles and texts; their titles stand in metadata, too, where the text is the second of its kind."""
    ids = [f"d{n}" for n in range(len(rows))]
    sections = [[{"kind": "body", "start": 0, "end": len((text or "").encode())}] for _, text in rows]
    documents = DOCUMENTS.rows(
        {"doc_id": i, "status": "ok", "title": title, "text": text, "sections": section}
        for i, (title, text), section in zip(ids, rows, sections, strict=True)
    )
    metadata = METADATA.rows(
        {"doc_id": i, "source": "s", "paper_id": f"sha256:{i}", "n_records": 0, "links": []} for i in ids
    )
    return Inputs({"metadata": metadata, "documents": documents})


def hits_of(benchmark: Benchmark, *rows: tuple[str | None, str | None], anywhere: bool = False) -> list[dict[str, Any]]:
    return HashHits(benchmarks=(benchmark,), anywhere=anywhere).run(tables(*rows)).to_pylist()


def found(audit: AuditIndex, title: str | None, text: str) -> list[tuple[str, str]]:
    """What the audit of a release finds in a document of it."""
    said = Hashed("\n\n".join(part for part in (title, text) if part))
    return [(match.entry, match.rule) for match in audit.by_fields(said) if match.found]


WORDS = CLEAN.split()
PIECES = (
    *(LONG.question, LONG.question[:140], LONG.question[60:], *LONG.choices, *SHORT.choices),
    *(SHORT.question, SHORT.question.upper(), FREE["question"], FREE["answer"]),
    *(str(PASSAGE.passage), str(PASSAGE.passage)[:120], str(PASSAGE.passage)[90:]),
    *(" ".join(WORDS[i : i + n]) + "." for i, n in ((0, 3), (10, 20), (5, 60), (0, 75))),
)
DOCUMENTS_OF_PIECES = st.tuples(
    st.one_of(st.none(), st.sampled_from(PIECES)),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).flatmap(
        lambda parts: st.lists(
            st.sampled_from((" ", ". ", "\n", "\n\n", "\n\n- ")), min_size=len(parts), max_size=len(parts)
        ).map(lambda marks: "".join(part + mark for part, mark in zip(parts, marks, strict=True)))
    ),
)


@settings(max_examples=150, deadline=None)
@examples(DOCUMENTS_OF_PIECES)
def test_what_a_run_lets_pass_no_audit_finds(
    benchmark: Benchmark, audit: AuditIndex, document: tuple[str | None, str]
) -> None:
    hits = {(hit["entry"]) for hit in hits_of(benchmark, document)}
    assert hits == {entry for entry, _ in found(audit, *document)}


@settings(max_examples=150, deadline=None)
@examples(DOCUMENTS_OF_PIECES)
def test_what_a_run_masks_no_audit_finds(
    benchmark: Benchmark, audit: AuditIndex, document: tuple[str | None, str]
) -> None:
    inputs = tables(document)
    steps = (TextHits(benchmarks=(benchmark,)), HashHits(benchmarks=(benchmark,), anywhere=True))
    hits = pa.concat_tables([step.run(inputs) for step in steps])
    if any(withholds(hits, inputs["documents"], {"made": "mask"}).hits.to_pylist()):
        return
    spans = [(span["start"], span["end"]) for hit in hits.to_pylist() for span in hit["spans"]]
    text = masked(document[1], None, spans)[0] if spans else document[1]
    assert found(audit, document[0], text) == []


@pytest.mark.parametrize(
    ("title", "text", "entries"),
    [
        (None, within(LONG.question), ["items.jsonl:1"]),
        (None, within(" ".join(LONG.question.split()[:22])), ["items.jsonl:1"]),
        (None, within(f"{SHORT.question} {' '.join(SHORT.choices[1:])}"), ["items.jsonl:2"]),
        (None, within(f"{SHORT.question} {SHORT.choices[1]}"), []),
        (None, within(SHORT.question), []),
        (None, within(str(PASSAGE.passage)), ["items.jsonl:3"]),
        (None, within(f"{FREE['question']} It is {FREE['answer']}."), ["items.jsonl:4"]),
        (LONG.question, CLEAN, ["items.jsonl:1"]),
        (SHORT.question, " ".join(SHORT.choices), ["items.jsonl:2"]),
        (None, CLEAN, []),
        (None, None, []),
    ],
    ids=[
        *(
            "a question",
            "most of it",
            "a short one with choices",
            "with a wrong one",
            "alone",
            "a passage",
            "with an answer",
        ),
        *("a title", "a title with its choices", "clean", "failed"),
    ],
)
def test_what_is_found(benchmark: Benchmark, title: str | None, text: str | None, entries: list[str]) -> None:
    rows = [("Another paper", CLEAN), (title, text), (None, CLEAN)]
    assert [(hit["doc_id"], hit["entry"]) for hit in hits_of(benchmark, *rows)] == [("d1", entry) for entry in entries]


def test_a_hit_says_where_and_what(benchmark: Benchmark) -> None:
    text = f"Häufig {CLEAN} {SHORT.question}\n(a) {SHORT.choices[0]}\n(b) {SHORT.choices[1]}\n(c) {SHORT.choices[3]}\n{CLEAN}"
    (hit,) = hits_of(benchmark, ("A title", text))
    said = [text.encode()[span["start"] : span["end"]].decode() for span in hit["spans"]]
    assert said == [SHORT.question.rstrip("?"), SHORT.choices[0], SHORT.choices[1], SHORT.choices[3]]
    assert (hit["layer"], hit["rule"], hit["score"], hit["row_id"]) == ("text", "question+choices", 1000, "hash/0000")
    assert SHORT.question in hit["evidence"] and SHORT.choices[3] in hit["evidence"]


def test_what_stands_in_the_title_has_no_place_to_be_masked(benchmark: Benchmark) -> None:
    (hit,) = hits_of(benchmark, (SHORT.question, " ".join(SHORT.choices)))
    assert hit["spans"] is None


def test_every_place_of_an_item_is_told(benchmark: Benchmark) -> None:
    (hit,) = hits_of(benchmark, (None, f"{LONG.question}\n\n{CLEAN}\n\n{LONG.question}"))
    assert len(hit["spans"]) == 2


def test_parts_far_apart_count_only_where_something_may_be_masked_between(benchmark: Benchmark) -> None:
    apart = (None, f"{SHORT.question} {CLEAN * 4} {' '.join(SHORT.choices)}")
    words = LONG.question.split()
    halves = (None, f"{' '.join(words[:15])} {CLEAN * 4} {' '.join(words[15:])}")
    assert hits_of(benchmark, apart, halves) == []
    assert [hit["entry"] for hit in hits_of(benchmark, apart, halves, anywhere=True)] == [
        "items.jsonl:2",
        "items.jsonl:1",
    ]


@pytest.mark.parametrize("mode", ["withhold", "mask"])
def test_every_run_with_items_looks_for_what_its_audit_looks_for(benchmark: Benchmark, mode: Any) -> None:
    steps = Withhold(benchmarks=(benchmark.model_copy(update={"mode": mode}),)).steps()
    (step,) = [step for step in steps if isinstance(step, HashHits)]
    assert step.anywhere is (mode == "mask")


def test_only_items_count_for_the_identity(benchmark: Benchmark, tmp_path: Path) -> None:
    step = HashHits(benchmarks=(benchmark,))
    assert step.identity() == HashHits(benchmarks=(benchmark.model_copy(update={"mode": "report"}),)).identity()
    other = tmp_path / "items.jsonl"
    other.write_text(json.dumps(FREE) + "\n")
    assert step.identity() != HashHits(benchmarks=(benchmark.model_copy(update={"items": (other,)}),)).identity()
