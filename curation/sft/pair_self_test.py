"""The self-test of the layers that look at pairs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pyarrow as pa

from curation.sft.pair_hits import PairHits
from curation.sft.pairs import MADE_PAIRS
from curation.step import Inputs
from curation.withhold.self_test import SelfTest, planted, told, with_text
from schemas import PAIR_SELF_TEST, Table

_LAYER_OF = {"items": "text", "numbers": "numbers", "rephrased": "rephrased", "copies": "copy"}
"""What is planted -> the layer that must find it."""
_COLUMNS = ("question", "reasoning", "answer", "evidence", "messages")


class PairSelfTest(SelfTest):
    """Plants items of all benchmarks, and a copy of a withheld text, in pairs: in each of their columns in turn, questions in other words as the
    question."""

    name: ClassVar[str] = "pair_self_test"
    version: ClassVar[int] = 1
    provides: ClassVar[Table] = PAIR_SELF_TEST

    def identity(self) -> dict[str, Any]:
        """As of the self-test, with the step that looks at pairs."""
        identity = super().identity()
        identity["tested"] += [f"{PairHits.name} {PairHits.version}"]
        return identity

    def run(self, inputs: Inputs) -> pa.Table:
        mine = sorted(self.benchmarks, key=lambda b: b.name)
        plants = [
            (b.name, layer, plant)
            for b in mine
            for layer, found in planted(b, self.rephrased)
            for plant in found
            if layer in _LAYER_OF and plant.text
        ]
        pairs = [_pair(n, layer, plant.text) for n, (_, layer, plant) in enumerate(plants)]
        with TemporaryDirectory() as folder:
            step = PairHits(benchmarks=tuple(with_text(b, Path(folder)) for b in mine), rephrased=self.rephrased)
            hits = step.run(Inputs({**inputs, MADE_PAIRS.name: MADE_PAIRS.rows(pairs)})).to_pylist()
        there = {(hit["pair_id"], hit["mark"], hit["layer"], hit["entry"]) for hit in hits}
        rows = told(plants, lambda n, mark, layer, p: (str(n), mark, _LAYER_OF[layer], p.entry) in there)
        return PAIR_SELF_TEST.rows(rows)


def _pair(number: int, layer: str, text: str) -> dict[str, Any]:
    """A pair that says a text in one of its columns."""
    pair: dict[str, Any] = {"doc_id": "plants", "row_id": str(number), "paper_id": "sha256:0", "engine": "self-test"}
    pair |= {"question": "What holds?", "answer": "Nothing of note."}
    column = "question" if layer == "rephrased" else _COLUMNS[number % len(_COLUMNS)]
    return {**pair, column: [{"role": "user", "content": text}] if column == "messages" else text}
