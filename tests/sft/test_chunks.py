from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from curation.errors import ContractError
from curation.release.masking import MARKER
from curation.sft.back_matter import is_paper_talk, is_reference_list
from curation.sft.budget import count_tokens
from curation.sft.chunks import Chunks
from curation.step import Inputs
from curation.text import blocks, slice_bytes, text_sha256
from schemas import CHUNKS, DECISIONS, DOCUMENTS, TEXTS

TIERS = ("research", "public")


def prose(topic: str, sentences: int) -> str:
    return " ".join(
        f"The {topic} – seen à la minute {n} – grows with the mass of its host, as models say."
        for n in range(sentences)
    )


BODY = prose("ring", 5)
PAPER = f"""# On rings

## Abstract

{prose("halo", 6)}

## 1. Introduction

{BODY}

**Figure 1.** {prose("panel", 4)}

{prose("bar", 5)}

### 1.1 Earlier work

{prose("disc", 40)}

**Table 1.** Masses of the hosts of the rings.

| host | mass |
|---|---|
{"".join(f"| Obj {n} | {n}.3 |" + chr(10) for n in range(12))}
```
print("rings")
```

## 2. Short words

Few words.

## Acknowledgements

We thank the ring of friends.

## References

Allen, R. B. 1999, ApJ, 500, 1
"""


def at(text: str, words: str) -> tuple[int, int]:
    start = text.encode().index(words.encode())
    return start, start + len(words.encode())


def document(text: str = PAPER, sections: list[dict[str, Any]] | None = None, **more: object) -> dict[str, Any]:
    row = {"doc_id": "rings~0", "status": "ok", "text": text, "text_sha256": text_sha256(text), "sections": sections}
    return {**row, **more}


def paper_sections() -> list[dict[str, Any]]:
    """The sections that extraction gives such a text."""
    first, second = (
        at(PAPER, f"**Figure 1.** {prose('panel', 4)}"),
        at(PAPER, "**Table 1.** Masses of the hosts of the rings."),
    )
    table = (PAPER.encode().index(b"| host"), PAPER.encode().index(b"\n```"))
    thanks = at(PAPER, "We thank the ring of friends.")
    end = len(PAPER.encode())
    spans = [
        ("title", *at(PAPER, "On rings")),
        ("abstract", *at(PAPER, prose("halo", 6))),
        ("body", PAPER.encode().index(b"1. Intro"), first[0]),
        ("caption", *first),
        ("body", first[1], second[0]),
        ("caption", *second),
        ("table", *table),
        ("body", table[1], thanks[0]),
        ("acknowledgements", *thanks),
        ("body", thanks[1], end),
    ]
    return [{"kind": kind, "start": start, "end": stop} for kind, start, stop in spans]


def chunked(row: dict[str, Any] | None = None, **config: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = Chunks(tiers=TIERS, **config).chunks_of(row or document(sections=paper_sections()))
    return rows


def held(row: dict[str, Any], text: str = PAPER) -> str:
    return "\n\n".join(slice_bytes(text, s["start"], s["end"]) for s in row["spans"])


def test_passages_are_whole_paragraphs_of_one_section_with_their_places() -> None:
    rows = chunked()
    kept = [row for row in rows if row["reason"] is None]
    assert [(row["kind"], row["heading"]) for row in kept] == [
        ("abstract", "Abstract"),
        ("body", "Introduction"),
        ("body", "Introduction > Earlier work"),
        ("body", "Introduction > Earlier work"),
        ("table", "Introduction > Earlier work"),
    ]
    assert all(row["text"] == held(row) and row["text_sha256"] == text_sha256(PAPER) for row in kept)
    assert kept[1]["text"] == f"{BODY}\n\n{prose('bar', 5)}"
    assert [(s["start"], s["end"]) for s in kept[1]["spans"]] == [at(PAPER, BODY), at(PAPER, prose("bar", 5))]
    assert kept[4]["text"].startswith("**Table 1.** Masses") and kept[4]["text"].endswith("| Obj 11 | 11.3 |")
    assert [row["row_id"] for row in rows] == [f"{n:05d}" for n in range(len(rows))]
    assert CHUNKS.rows(rows).schema.equals(CHUNKS.arrow)


def test_a_long_paragraph_is_cut_at_sentences_into_about_equal_passages_within_the_budget() -> None:
    earlier = [
        row for row in chunked(max_tokens=400) if row["heading"].endswith("Earlier work") and row["kind"] == "body"
    ]
    assert len(earlier) == 3
    assert all(row["text"].startswith("The disc") and row["text"].endswith("models say.") for row in earlier)
    assert " ".join(row["text"] for row in earlier) == prose("disc", 40)
    lengths = [row["n_tokens"] for row in earlier]
    assert max(lengths) <= 400 and max(lengths) - min(lengths) <= 2 * count_tokens(prose("disc", 1))


def test_what_is_left_out_is_a_row_with_its_reason() -> None:
    left = [(row["reason"], held(row)[:12], row["text"]) for row in chunked() if row["reason"]]
    assert left == [
        ("caption", "**Figure 1.*", None),
        ("code", '```\nprint("r', None),
        ("short", "Few words.", None),
        ("back_matter", "We thank the", None),
        ("references", "Allen, R. B.", None),
    ]


def test_without_sections_headings_and_blocks_tell_the_same() -> None:
    kinds = [(row["kind"], row["reason"]) for row in chunked(document())]
    assert ("table", None) in kinds and (None, "back_matter") in kinds and (None, "references") in kinds
    assert all(kind != "abstract" for kind, _ in kinds)


def test_every_word_but_headings_stands_in_one_row() -> None:
    for row in (document(), document(sections=paper_sections())):
        text = PAPER.encode()
        spans = sorted((s["start"], s["end"]) for chunk in chunked(row, max_tokens=200) for s in chunk["spans"])
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        between = [
            text[a:b].decode()
            for a, b in zip([0, *(e for _, e in spans)], [*(s for s, _ in spans), len(text)], strict=True)
        ]
        rest = "".join(line for line in "\n".join(between).split("\n") if not line.startswith("#"))
        assert rest.strip() == ""


@given(
    st.lists(
        st.sampled_from(
            [BODY, prose("bar", 30), "Few words.", "## Next", "| a | b |\n|---|---|", "- one\n- two", MARKER]
        ),
        max_size=8,
    )
)
def test_any_order_of_blocks_stays_within_the_budget(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    rows = Chunks(tiers=TIERS, max_tokens=300).chunks_of(document(text)) if text else []
    for row in rows:
        spans = row["spans"]
        assert row["reason"] or (80 <= row["n_tokens"] <= 300 and MARKER not in str(row["text"]))
        assert isinstance(spans, list) and spans
    held_blocks = [b for b in blocks(text) if b.kind != "heading"]
    assert bool(rows) == bool(held_blocks)


def test_what_leads_up_to_a_masked_item_is_not_asked_about() -> None:
    text = f"{BODY}\n\n{prose('bar', 6)} {MARKER} {prose('bar', 6)}"
    assert [(row["reason"], held(row, text)[:8]) for row in chunked(document(text))] == [
        (None, "The ring"),
        ("masked", "The bar "),
    ]


@pytest.mark.parametrize(
    ("config", "reason", "count"),
    [({"kinds": ("abstract",)}, "kind", 5), ({"max_chunks": 2}, "limit", 3), ({"min_tokens": 200}, "short", 3)],
)
def test_what_the_config_leaves_out_says_so(config: dict[str, Any], reason: str, count: int) -> None:
    assert [row["reason"] for row in chunked(**config)].count(reason) == count


def test_a_document_of_many_chunks_is_sampled_over_its_whole_length() -> None:
    text = "\n\n".join(f"## Part {n}\n\n{prose('ring', 6)}" for n in range(40))
    kept = [row["heading"] for row in chunked(document(text), max_chunks=4) if not row["reason"]]
    assert kept == ["Part 0", "Part 10", "Part 20", "Part 30"]


def _run(decisions: list[dict[str, Any]], texts: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    rows = [{**document(), "doc_id": name} for name in ("a", "b", "c")]
    rows.append({"doc_id": "d", "status": "failed", "reason": "no_text"})
    given: dict[str, pa.Table] = {"documents": DOCUMENTS.rows(rows), DECISIONS.name: DECISIONS.rows(decisions)}
    if texts is not None:
        given[TEXTS.name] = TEXTS.rows(texts)
    step = Chunks(tiers=TIERS, edited=texts is not None)
    step.check({"documents": DOCUMENTS, DECISIONS.name: DECISIONS, TEXTS.name: TEXTS})
    made: list[dict[str, Any]] = step.run(Inputs(given)).to_pylist()
    return made


def _decided(doc_id: str, tier: str, verdict: str) -> dict[str, Any]:
    reason = {"drop": "licence", "withhold": "benchmark_source", "fail": "no_text"}[verdict]
    return {"doc_id": doc_id, "row_id": tier, "tier": tier, "verdict": verdict, "stage": "s", "reason": reason}


def test_only_documents_that_a_tier_releases_are_cut_and_never_withheld_ones() -> None:
    out = [_decided("a", "public", "drop"), *(_decided("b", tier, "withhold") for tier in TIERS)]
    assert {row["doc_id"] for row in _run([*out, *(_decided("d", tier, "fail") for tier in TIERS)])} == {"a", "c"}


def test_spans_are_of_the_text_that_the_release_holds() -> None:
    text = f"## One\n\n{prose('edit', 9)}"
    edit = {
        "doc_id": "a",
        "row_id": "text",
        "text": text,
        "text_sha256": text_sha256(text),
        "n_words": 9,
        "of_sha256": text_sha256(PAPER),
        "edits": [],
    }
    mine = [row for row in _run([], [edit]) if row["doc_id"] == "a"]
    assert [(row["text"], row["text_sha256"]) for row in mine] == [(prose("edit", 9), text_sha256(text))]


def test_a_text_that_is_not_the_hashed_one_stops_the_step() -> None:
    with pytest.raises(ContractError, match="rings~0: text_sha256"):
        chunked(document(text_sha256="0" * 64))


def test_bounds_that_leave_no_chunk_are_refused() -> None:
    with pytest.raises(ValidationError, match="above half of max_tokens"):
        Chunks(tiers=TIERS, min_tokens=60, max_tokens=100)


@pytest.mark.parametrize(
    "entries",
    [
        "[1] Allen, R. B. 1999, ApJ, 500, 1\n[2] de la Cruz, M., & Orr, T. 2004, MNRAS, 4, 12",
        "- J. K. Marsh, Phys. Rev. D 12, 4 (1987).\n- P. Orr and S. Tan, arXiv:2001.00001",
        "Tan, S., Orr, P., Vale, K., et al. 2019, A&A, 1, 2",
    ],
)
def test_entries_of_a_bibliography_are_known(entries: str) -> None:
    assert is_reference_list(entries)


@pytest.mark.parametrize(
    "words",
    [
        "The survey of Allen, R. B. in 1999 gave masses for all rings of the sample, and later ones did not.",
        "- Ring A was found in 1999 by a survey.\n- Ring B was found in 2004.",
    ],
)
def test_prose_with_names_and_years_is_no_bibliography(words: str) -> None:
    assert not is_reference_list(words)


@pytest.mark.parametrize(
    ("words", "talk"),
    [
        ("© 2019 The Society of Rings. All rights reserved.", True),
        ("Accepted for publication in the Journal of Rings", True),
        ("E-mail: ring@example.org", True),
        ("This research has made use of the Ring Atlas, operated at the Centre of Rings.", True),
        ("A. B. was supported by a fellowship of the Foundation of Rings.", True),
        ("Key words: galaxies: haloes – rings", True),
        ("The halo was supported by rotation in all but two of the galaxies.", False),
        ("The mass was received by the outer ring and accepted as heat.", False),
        (
            "Signals are submitted to the filter before they reach the second stage of the pipeline, where all of the noise is known well.",
            False,
        ),
    ],
)
def test_words_about_the_article_are_told_from_words_about_the_sky(words: str, talk: bool) -> None:
    assert is_paper_talk(words) is talk


def test_a_long_paragraph_that_also_thanks_somebody_stays() -> None:
    assert not is_paper_talk(f"{prose('ring', 12)} We thank the referee.")


def test_tokens_are_counted_by_rule() -> None:
    assert count_tokens("") == 0
    assert count_tokens("The accretion disc, 3.14 keV\n") == 1 + 2 + 1 + 1 + 4 + 1 + 1
