from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from curation.errors import ContractError
from curation.sft import Extractive, ask
from curation.sft.pairs import MADE_PAIRS, Pairs
from curation.sft.passages import section_title, stands_alone
from curation.step import Inputs
from curation.text import slice_bytes, text_sha256
from schemas import DECISIONS, DOCUMENTS, METADATA

TITLE = "Three outbursts of the dwarf nova AQ Fornacis"
PAPER = """# Three outbursts

Words before any section are a part of the front matter.

## 1. Introduction

Dwarf novae are white dwarfs that accrete from a companion through a disc. In this paper we present 14 months of photometry of
AQ Fornacis – observed à la minute.

## 2. Observations

The exposure time was 60 s for all frames of the séquence. It was chosen to avoid saturation of the comparison star at any time.

## 3. Decline of the outbursts

As Fig. 2 shows, the decline of the outbursts is nearly exponential in time. The e-folding time of the decline is $2.6\\pm0.2$ d in all
three events. We find that the disc reaches the same radius in every outburst of the sample.

| We find that | tables are never sentences of any answer. |

$$ \\tau = R^2 / (3 \\alpha c H) $$

## 4. Conclusions

This is why the decline matters to everyone who studies discs of any size. We conclude that the viscosity is independent of the mass ratio.
"""


def document(text: str | None = PAPER, **more: object) -> dict[str, object]:
    row: dict[str, object] = {"doc_id": "arXiv:2301.00002v1~00000000", "paper_id": "arXiv:2301.00002", "title": TITLE}
    return {**row, "text": text, "text_sha256": text_sha256(text) if text else None, "status": "ok", **more}


def pairs_for(row: Mapping[str, Any], config: Extractive | None = None) -> list[dict[str, Any]]:
    return ask(row, config).pairs


def unasked(row: Mapping[str, Any], config: Extractive | None = None) -> list[tuple[str, str, str]]:
    """(first words, rule, reason) of each sentence that a rule could have asked about."""
    text = row["text"].encode()
    spans = [(one, *map(int, one["row_id"].split("-"))) for one in ask(row, config).unasked]
    return [(" ".join(text[a:b].decode().split()[:3]), one["rule"], one["reason"]) for one, a, b in spans]


def answers(**more: object) -> dict[str, str]:
    return {p["question"]: " ".join(p["answer"].split()) for p in pairs_for(document(**more))}


def test_planted_questions_and_answers() -> None:
    assert answers() == {
        f"What do the authors of “{TITLE}” set out to do?": "In this paper we present 14 months of photometry of AQ "
        "Fornacis – observed à la minute.",
        f"According to the paper “{TITLE}”, what was the exposure time?": "The exposure time was 60 s for all frames of the "
        "séquence.",
        f"According to the paper “{TITLE}”, what is the e-folding time of the decline?": "The e-folding time of the decline is "
        "$2.6\\pm0.2$ d in all three events.",
        f"What do the authors of “{TITLE}” find about “Decline of the outbursts”?": "We find that the disc reaches the same "
        "radius in every outburst of the sample.",
        f"What do the authors of “{TITLE}” conclude?": "We conclude that the viscosity is independent of the mass ratio.",
    }


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "CRediT author statement",
            "CRediT authorship contribution statement",
            "Author contributions",
            "Authors’ Contributions",
        ),
        *(
            "Declaration of competing interest",
            "Competing interests",
            "Conflict of Interest",
            "Declarations",
            "Funding",
        ),
        *(
            "Funding information",
            "Data availability",
            "Code Availability.",
            "Data and Code Availability Statement",
            "Acknowledgements",
        ),
        *("Availability of data and materials", "7. Ethics statement", "References"),
    ],
)
def test_nothing_is_asked_about_the_making_of_the_paper(heading: str) -> None:
    told = "The total grant was 40 kEUR in three years. We present the roles of the three authors here in short. We find that all agree."
    assert {p["question"] for p in pairs_for(document(f"{PAPER}\n## {heading}\n\n{told}\n"))} == set(answers())


@pytest.mark.parametrize(
    "heading", ["Data reduction", "Credit where stars are due", "Funding the disc with gas", "Author of the flare"]
)
def test_headings_that_only_resemble_them_are_topics(heading: str) -> None:
    told = "The total exposure was 40 ks in three years of observing with both of the cameras."
    assert len(pairs_for(document(f"{PAPER}\n## {heading}\n\n{told}\n"))) == len(answers()) + 1


def test_the_abstract_is_no_topic() -> None:
    text = f"## Abstract\n\nThe light of the old nova fades more slowly than that of its neighbours in the field.\n\n{PAPER}"
    assert not [q for q in (p["question"] for p in pairs_for(document(text))) if "Abstract" in q]


def test_rows_say_engine_span_and_conversation() -> None:
    for pair in pairs_for(document()):
        assert pair["engine"] == "extractive"
        assert pair["reasoning"] is None
        assert pair["answer"] == pair["evidence"] == slice_bytes(PAPER, pair["span_start"], pair["span_end"])
        assert pair["text_sha256"] == text_sha256(PAPER)
        assert pair["messages"] == [
            {"role": "system", "content": "detailed thinking off"},
            {"role": "user", "content": pair["question"]},
            {"role": "assistant", "content": pair["answer"]},
        ]


@pytest.mark.parametrize(
    "row",
    [
        document(None),
        document(""),
        document(title=None),
        document(title="Stars"),
        document(status="failed"),
        document("| a | b |\n\n$$x$$"),
    ],
)
def test_no_text_or_no_title_gives_no_pairs(row: dict[str, object]) -> None:
    assert pairs_for(row) == []


def test_a_text_that_is_not_the_hashed_one_is_a_broken_contract() -> None:
    with pytest.raises(ContractError, match="text_sha256"):
        pairs_for(document(text_sha256="0" * 64))


def test_limits_hold() -> None:
    assert len(pairs_for(document(), Extractive(max_pairs=2))) == 2
    one = pairs_for(document(), Extractive(max_pairs_per_section=1))
    assert len(one) == 4
    assert all(len(p["answer"].split()) <= 13 for p in pairs_for(document(), Extractive(max_words=13)))
    with pytest.raises(ValidationError):
        Extractive(max_pairs=0)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("## 3.2 Radial velocities", "Radial velocities"),
        ("## IV. Results ##", "Results"),
        ("## A. Proofs of the claims", "Proofs of the claims"),
        ("## 3C 273", "3C 273"),
        ("## A young star", "A young star"),
        ("## Data", "Data"),
    ],
)
def test_section_titles_lose_their_number(line: str, title: str) -> None:
    assert section_title(line) == title


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("The disc of the galaxy is thin and cold everywhere.", True),
        ("This is the disc of the galaxy that we saw.", False),
        ("The disc is drawn in Figure 3 with a solid line.", False),
        ("The disc is described above in all its many details.", False),
        ("The disc (of the galaxy is thin and cold everywhere.", False),
        ("The disc has a mass of $10 solar masses or more.", False),
        ("The disc is thin", False),
        ("the disc of the galaxy is thin and cold everywhere.", False),
        ("The disc of ?? is thin and cold nearly everywhere.", False),
    ],
)
def test_sentences_that_lean_on_others_are_left(sentence: str, alone: bool) -> None:
    assert stands_alone(sentence, 5, 60) is alone


WORDS = st.sampled_from(
    ["We find that", "The mass is 3 kg", "stars", "é", "$x$", ".", ". ", "\n\n", "## Results", "## Gas", "\n", " ", "In this paper we"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_every_answer_is_verbatim_and_no_question_comes_twice(text: str) -> None:
    pairs = pairs_for(document(text), Extractive(min_words=1))
    assert len({p["question"] for p in pairs}) == len({p["row_id"] for p in pairs}) == len(pairs)
    ends = [0]
    for pair in pairs:
        assert slice_bytes(text, pair["span_start"], pair["span_end"]) == pair["answer"]
        assert pair["span_start"] >= ends[-1]
        ends.append(pair["span_end"])


def test_every_sentence_that_a_rule_could_ask_about_has_a_pair_or_a_reason() -> None:
    assert unasked(document()) == []
    few = unasked(document(), Extractive(max_pairs=3))
    assert few == [("In this paper", "aim", "max_pairs"), ("We conclude that", "finding", "max_pairs")]
    more = PAPER.replace("## 4.", "We find that the disc shrinks again within a few days of quiescence.\n\n## 4.")
    assert unasked(document(more)) == [("We find that", "finding", "max_pairs_per_section")]
    again = f"{PAPER} We infer that the disc of the system is cold in quiescence and heats up again later."
    assert unasked(document(again)) == [("We infer that", "finding", "duplicate")]
    one = unasked(document(more), Extractive(max_pairs_per_section=1))
    assert [(words, reason) for words, _, reason in one] == [("We find that", "max_pairs_per_section")] * 2
    assert {reason for *_, reason in unasked(document(title="Stars"))} == {"untitled"}
    assert {reason for *_, reason in unasked(document(title=f"{TITLE} <think>"))} == {"markup"}


def test_the_table_is_the_same_for_any_cut_and_tells_what_it_left() -> None:
    rows = [document(doc_id=f"d{n}", title=f"{TITLE} {n}") for n in range(5)]
    rows += [document(None, doc_id="d8"), document(doc_id="d9", title="Stars")]

    def made(*of: dict[str, object]) -> dict[str, pa.Table]:
        ids = [{"paper_id": row["paper_id"], "doc_id": row["doc_id"], "title": None} for row in of]
        documents = DOCUMENTS.rows({k: v for k, v in row.items() if k != "paper_id"} for row in of)
        metadata = METADATA.rows({**one, "links": [], "source": "s", "n_records": 0} for one in ids)
        tables = {"metadata": metadata, "documents": documents, DECISIONS.name: DECISIONS.empty()}
        return Pairs(tiers=("a",)).run(Inputs(tables))

    whole, cut = made(*rows), [made(*rows[:2]), made(*rows[2:])]
    assert whole["pairs"].schema.equals(MADE_PAIRS.arrow, check_metadata=True) and len(whole["pairs"]) == 25
    for name in ("pairs", "unasked"):
        assert pa.concat_tables([part[name] for part in cut]).combine_chunks().equals(whole[name].combine_chunks())
    assert Pairs(tiers=("a",)).summary(Inputs({}), whole) == {"kept": 25, "left": {"untitled": 5}}


def test_captions_footnotes_and_thanks_answer_nothing() -> None:
    stands = "We find that the disc reaches the same radius in every outburst of the sample."
    text = f"## Discs\n\n{stands}\n\n{stands} It is^[{stands}] so in every case of the sample.\n\n{stands}"
    kinds = ["caption", "footnote", "acknowledgements"]

    def where(kind: str, nth: int) -> dict[str, object]:
        start = -1
        for _ in range(nth):
            start = text.index(stands, start + 1)
        return {"kind": kind, "start": start, "end": start + len(stands)}

    sections = [where(kind, nth) for kind, nth in zip(kinds, (1, 3, 4), strict=True)]
    assert pairs_for(document(text, sections=sections)) == []
    sections[0]["kind"] = "body"
    assert [p["span_start"] for p in pairs_for(document(text, sections=sections))] == [sections[0]["start"]]


@pytest.mark.parametrize("mark", ["<think>", "<|eot_id|>", "</s>", "[INST]"])
def test_a_text_with_marks_of_chat_templates_gives_no_pair_with_one(mark: str) -> None:
    marked = PAPER.replace("The e-folding time", f"The {mark} time").replace("We find that", f"We find that {mark}")
    assert marked.count(mark) == 3
    found = pairs_for(document(marked))
    assert found and not any(mark in str(pair["messages"]) for pair in found)
    assert not any(mark in str(pair["messages"]) for pair in pairs_for(document(title=f"{TITLE} {mark}")))
