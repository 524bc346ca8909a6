"""Items inside the templates of chat sets: what the text layer does not find, retrieval does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.items import Item, read_items
from curation.withhold.rephrased_hits import RephrasedHits, RephrasedThresholds
from curation.withhold.text_hits import TextHits
from schemas import DOCUMENTS

ITEMS = (
    ("Why does the rotation curve of a spiral galaxy stay flat far from its centre?", "dark matter", "a bar", "dust"),
    ("The line by which cold neutral hydrogen is mapped is", "21 cm", "Lyman alpha", "H alpha"),
    ("How many solutions has the equation x^2 = 4 in Z_12?", "4", "2", "0"),
    ("A planet of twice the mass and twice the radius of the Earth has a surface gravity of", "g/2", "g", "2g"),
    ("Which element is the end of fusion in the core of a massive star?", "iron", "carbon", "silicon"),
)


def chats(item: Item) -> Iterator[str]:
    """An item as Flan- and Nemotron-like sets have it, its choices in another order."""
    choices = list(item.choices)
    random.Random(item.item_id).shuffle(choices)
    letter = "ABC"[choices.index(item.choices[0])]
    lettered = "\n".join(f"({name}) {choice}" for name, choice in zip("ABC", choices, strict=True))
    dashed = "\n".join(f"- {choice}" for choice in choices)
    yield f"Q: {item.question}\nOPTIONS:\n{dashed}\nA: {item.choices[0]}"
    yield f"{item.question}\n\nPick your answer from the list.\n{dashed}\n\n{item.choices[0]}"
    yield f"The following are multiple choice questions (with answers). {item.question} {lettered}\nAnswer: {letter}"
    yield (
        f"system: detailed thinking off\nuser: What is the correct answer to this question: {item.question}\nChoices:\n{lettered}\n"
        f"assistant: <think>\nWe go through the options.\n</think>\n\nThe best answer is ({letter})."
    )
    yield (
        "user: Solve the problem. The last line of your response should be 'Answer: $LETTER'.\n\n"
        f"{item.question}\n\n{lettered}\n\nassistant: Answer: {letter}"
    )
    yield json.dumps([{"from": "human", "value": f"{item.question} {lettered}"}, {"from": "gpt", "value": letter}])


def test_every_item_is_found_in_every_template(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("question,A,B,C\n" + "\n".join(",".join(f'"{cell}"' for cell in row) for row in ITEMS))
    benchmark = Benchmark(name="B", items=(path,), adapter="plain")
    planted = {f"{item.item_id}/{n}": text for item in read_items(path, "plain") for n, text in enumerate(chats(item))}
    documents = DOCUMENTS.rows({"doc_id": d, "status": "ok", "text": t} for d, t in sorted(planted.items()))
    thresholds = RephrasedThresholds(benchmarks=(benchmark,)).run(Inputs({}))
    given = Inputs({"documents": documents, "rephrased_thresholds": thresholds})
    steps = (TextHits(benchmarks=(benchmark,)), RephrasedHits(benchmarks=(benchmark,)))
    hits = pa.concat_tables([step.run(given) for step in steps]).to_pylist()
    found = {hit["doc_id"] for hit in hits if hit["doc_id"].startswith(f"{hit['entry']}/")}
    assert sorted(planted.keys() - found) == []
