"""A release with a benchmark smuggled into it past the pipeline, a clean one, and what an audit needs of both."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

from curation.withhold.hashed import hashes_table, id_rows, text_rows
from curation.withhold.tokens import tokens
from tests.data_cards.card_release import released, write_release

_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "lo", "mi", "nu", "pra", "ra", "sto", "ti", "vel", "zy")
QUESTION = (
    "Which process sets the upper mass limit of stars that form from the primordial gas of minihaloes in the absence of "
    "ultraviolet radiation from earlier generations of stars?"
)
CHOICES = ("radiative feedback on the accretion disc", "turbulent fragmentation", "magnetic braking", "dust cooling")
SHORT_QUESTION = "What powers the kilonova afterglow at late times?"
SHORT_CHOICES = ("fallback accretion", "radioactive decay", "shock heating", "magnetar spin-down")


def prose(seed: int, words: int = 1200) -> str:
    """Sentences of made-up words, the same for a seed; two seeds share no n-gram."""
    rng = random.Random(seed)
    vocabulary = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(400)]
    said = [rng.choice(vocabulary) for _ in range(words)]
    return ". ".join(" ".join(said[i : i + 15]) for i in range(0, words, 15)) + "."


def mirrored(text: str, share: float = 0.03) -> str:
    """A text of which a share of the words was changed."""
    rng = random.Random(7)
    return " ".join(word if rng.random() >= share else "altered" for word in text.split(" "))


WITHHELD = prose(1)
LIST = '{"doi": "10.1146/annurev-astro-081811-125615", "title": "The chemical enrichment of small galaxies nearby", "year": 2012}\n'


@dataclass(frozen=True)
class Given:
    """Files of an audit: the config of the benchmark, and the index of withheld texts that it names."""

    benchmark: Path
    texts: Path


def given(folder: Path) -> Given:
    """A benchmark of a list, two items and one withheld text, each once as the user has it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "works.jsonl").write_text(LIST)
    rows = [(QUESTION, CHOICES), (SHORT_QUESTION, SHORT_CHOICES)]
    items = [{"question": q, "choices": list(c), "answer": c[0]} for q, c in rows]
    (folder / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    benchmark = folder / "benchmark.yaml"
    benchmark.write_text(
        "benchmarks:\n- {name: made, sources: works.jsonl, items: [items.jsonl], adapter: plain, texts: withheld.parquet}\n- {name: ARAA, rule: araa}\n"
    )
    digest = hashlib.sha256(WITHHELD.encode()).hexdigest()
    table = hashes_table(
        [
            *text_rows("made", "withheld~0123456789abcdef", tokens(WITHHELD), digest),
            *id_rows("made", "withheld~0123456789abcdef", ["arXiv:2105.00001", "doc_id:withheld~0123456789abcdef"]),
        ]
    )
    texts = folder / "withheld.parquet"
    import pyarrow.parquet as pq

    pq.write_table(table, texts)
    return Given(benchmark, texts)


def document(number: int, text: str, **columns: object) -> dict[str, object]:
    """A row of tier public."""
    return released(number, text=text, licence="CC-BY-4.0", **columns)


def clean_rows() -> list[dict[str, object]]:
    """Papers that have nothing of the benchmark, the last of which speaks of what it asks."""
    rows = [document(i, f"# Paper {i}\n\n{prose(100 + i)}") for i in range(8)]
    near = "The upper mass limit of stars that form from the primordial gas is set by feedback. What powers the kilonova is not known."
    return [*rows, document(8, near)]


def pair(number: int, **columns: object) -> dict[str, object]:
    """A pair of the first clean paper."""
    row = {
        "pair_id": f"pair-{number}",
        "doc_id": "arXiv:2301.00000v1",
        "paper_id": "arXiv:2301.00000",
        "engine": "extractive",
        "question": "What is said of it?",
        "answer": prose(900 + number, 20),
        "evidence": prose(900 + number, 40),
        "text_sha256": "0" * 64,
    }
    row |= columns
    said = [("user", row["question"]), ("assistant", row["answer"])]
    messages = [{"role": role, "content": content} for role, content in said]
    return {**row, "messages": messages, "prompt": messages[:1], "completion": messages[1:], **columns}


SMUGGLED = {
    "the withheld paper": ("copy", "withheld~0123456789abcdef"),
    "its mirror": ("copy", "withheld~0123456789abcdef"),
    "its thesis copy": ("copy", "withheld~0123456789abcdef"),
    "a verbatim question": ("text", "items.jsonl:1"),
    "a work of the list": ("identity", "works.jsonl:1"),
    "an article of ARA&A": ("identity", "rule araa"),
    "a short question with its answer": ("text", "items.jsonl:2"),
}
"""What stands in the rows of `smuggled_rows`: layer and entry that must name each."""


def smuggled_rows() -> list[dict[str, object]]:
    """Rows of `SMUGGLED`, in their order; nothing of their columns says what they are, where the texts do."""
    thesis = f"# A thesis\n\n{prose(50, 4000)}\n\n{WITHHELD}\n\n{prose(51, 4000)}"
    asked = f"{prose(52)}\n\n{QUESTION.upper()}\n\n{prose(53)}"
    short = f"{prose(54)}\n\n{SHORT_QUESTION}\n(a) Shock heating\n(b) fallback  accretion\n(c) Magnetar spin-down\n\n{prose(55)}"
    texts = [WITHHELD, mirrored(WITHHELD), thesis, asked, prose(56), prose(57), short]
    columns: list[dict[str, object]] = [{} for _ in texts]
    columns[4] = {"doi": "10.1146/annurev-astro-081811-125615"}
    columns[5] = {"bibcode": "1999ARA&A..37..127H"}
    return [document(20 + i, text, **more) for i, (text, more) in enumerate(zip(texts, columns, strict=True))]


def smuggled_pairs() -> list[dict[str, object]]:
    """Pairs of a withheld paper: one says so, one has its evidence alone, and one asks a question of the benchmark."""
    sentence = " ".join(WITHHELD.split()[300:330])
    return [
        pair(0),
        pair(1, doc_id="withheld~0123456789abcdef", paper_id="arXiv:2105.00001"),
        pair(2, evidence=sentence),
        pair(3, question=QUESTION, answer="turbulent fragmentation"),
    ]


def clean_release(folder: Path) -> Path:
    return write_release(folder, {"public": clean_rows()}, [pair(0)])


def smuggled_release(folder: Path) -> Path:
    return write_release(folder, {"public": [*clean_rows(), *smuggled_rows()]}, smuggled_pairs())
