"""Items inside the templates of chat sets: found as pairs and as documents, and gone from what is masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import pyarrow as pa
import pytest

from curation.release.masking import masked, passages_of
from curation.sft.pair_hits import PairHits
from curation.sft.pairs import MADE_PAIRS
from curation.step import Inputs
from curation.withhold.benchmark import Benchmark
from curation.withhold.hash_index import Hashed, HashIndex
from curation.withhold.hashed import hashes_of_benchmark, joined
from curation.withhold.items import Item, read_files
from curation.withhold.rephrased_hits import RephrasedHits, RephrasedThresholds
from curation.withhold.text_hits import TextHits
from curation.withhold.tokens import tokens
from schemas import DOCUMENTS
from tests.withhold.chat_sets import TEMPLATES, rows_of

ITEMS = (
    ("Why does the rotation curve of a spiral galaxy stay flat far from its centre?", "dark matter", "a bar", "dust"),
    ("The line by which cold neutral hydrogen is mapped is", "21 cm", "Lyman alpha", "H alpha"),
    ("How many solutions has the equation x^2 = 4 in Z_12?", "4", "2", "0"),
    ("A planet of twice the mass and twice the radius of the Earth has a surface gravity of", "g/2", "g", "2g"),
    ("Which element is the end of fusion in the core of a massive star?", "iron", "carbon", "silicon"),
    (
        "Statement 1 | Dwarfs are stars. Statement 2 | All stars are dwarfs.",
        "True, False",
        "False, False",
        "True, True",
    ),
    ("Seen from the pole, the Sun in June", "never sets", "never rises", "stands in the zenith"),
)
Chats: TypeAlias = Mapping[str, tuple[str, str]]
Layers: TypeAlias = Literal["documents", "pairs"]


@pytest.fixture
def own(tmp_path: Path) -> Benchmark:
    path = tmp_path / "items.csv"
    rows = [("question", "answer", "A", "B", "C"), *((question, "A", *choices) for question, *choices in ITEMS)]
    path.write_text("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows))
    return Benchmark(name="own", items=(path,), adapter="plain")


def _items(benchmarks: Sequence[Benchmark]) -> list[Item]:
    return [item for b in benchmarks if b.adapter for item in read_files(b.items, b.adapter)]


def _hits(texts: Mapping[str, str], benchmarks: tuple[Benchmark, ...], thresholds: pa.Table) -> pa.Table:
    """Hits of documents, by the steps of a run."""
    documents = DOCUMENTS.rows({"doc_id": d, "status": "ok", "text": t} for d, t in texts.items())
    given = Inputs({"documents": documents, "rephrased_thresholds": thresholds})
    return pa.concat_tables(step(benchmarks=benchmarks).run(given) for step in (TextHits, RephrasedHits))


def _missed(chats: Chats, benchmarks: tuple[Benchmark, ...], kind: Layers, thresholds: pa.Table) -> list[str]:
    """The rows in which the item that each asks was not found."""
    if kind == "documents":
        texts = {name: f"{question}\n\n{answer}" for name, (question, answer) in chats.items()}
        hits = _hits(texts, benchmarks, thresholds).to_pylist()
        told = [(hit["doc_id"], hit["entry"]) for hit in hits]
    else:
        pairs = [
            {"doc_id": "d", "paper_id": "p", "engine": "e", "row_id": name, "question": question, "answer": answer}
            for name, (question, answer) in chats.items()
        ]
        tables = {MADE_PAIRS.name: MADE_PAIRS.rows(pairs), "rephrased_thresholds": thresholds}
        told = [(h["pair_id"], h["entry"]) for h in PairHits(benchmarks=benchmarks).run(Inputs(tables)).to_pylist()]
    found = {name for name, entry in told if name.startswith(f"{entry}|")}
    return sorted(chats.keys() - found)


@pytest.mark.parametrize("kind", get_args(Layers))
def test_every_item_is_found_in_every_template(kind: Layers, own: Benchmark) -> None:
    chats = rows_of(_items((own,)))
    assert len(chats) == len(ITEMS) * len(TEMPLATES)
    thresholds = RephrasedThresholds(benchmarks=(own,)).run(Inputs({}))
    assert _missed(chats, (own,), kind, thresholds) == []


def test_what_is_masked_of_a_chat_asks_no_item(own: Benchmark) -> None:
    _is_gone(rows_of(_items((own,))), (own,))


def _is_gone(chats: Chats, benchmarks: tuple[Benchmark, ...]) -> None:
    """Masks the rows and looks again: neither the run nor the audit finds anything, and no question stands there."""
    thresholds = RephrasedThresholds(benchmarks=benchmarks).run(Inputs({}))
    texts = {name: f"Hello.\n\n{question}\n\n{answer}\n\nBye." for name, (question, answer) in chats.items()}
    passages = passages_of(_hits(texts, benchmarks, thresholds), [b.name for b in benchmarks])
    assert passages.keys() == texts.keys()
    left = {name: masked(text, None, passages[name])[0] for name, text in texts.items()}
    assert all("[withheld]" in text for text in left.values())
    assert _hits(left, benchmarks, thresholds).num_rows == 0
    index = HashIndex(joined([hashes_of_benchmark(benchmark) for benchmark in benchmarks]))
    assert not [name for name, text in left.items() if any(m.found for m in index.by_fields(Hashed(text)))]
    asked = {item.item_id: " ".join(tokens(item.question)) for item in _items(benchmarks)}
    assert not [name for name, text in left.items() if asked[name.partition("|")[0]] in " ".join(tokens(text))]


@pytest.fixture
def real(shared: Path) -> tuple[Benchmark, ...]:
    """648 items of four public sets."""
    names = (
        "abstract_algebra_test.csv",
        "sociology_test.csv",
        "mmlu_college_physics.jsonl",
        "mmlu_conceptual_physics.jsonl",
    )
    return tuple(Benchmark(name=name, items=(shared / "benchmarks" / name,), adapter="mmlu") for name in names)


@pytest.mark.needs_shared
@pytest.mark.parametrize("kind", get_args(Layers))
def test_of_real_items_in_templates_one_in_a_hundred_may_be_missed(kind: Layers, real: tuple[Benchmark, ...]) -> None:
    chats = rows_of(_items(real), n_templates=2)
    thresholds = RephrasedThresholds(benchmarks=real).run(Inputs({}))
    missed = _missed(chats, real, kind, thresholds)
    assert len(chats) >= 1000 and len(missed) <= len(chats) / 100, missed


@pytest.mark.needs_shared
def test_what_is_masked_of_real_items_asks_none(real: tuple[Benchmark, ...]) -> None:
    _is_gone(rows_of(_items(real)[::3], n_templates=1), real)
