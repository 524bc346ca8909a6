from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from curation.errors import ConfigError
from curation.withhold.embedding import Embedder
from curation.withhold.rephrased import ASKED, Finder, Question, stretches_of
from tests.withhold.tiny_model import write_model

VECTORS = {"galaxy": (1.0, 0.0, 0.0), "nebula": (0.8, 0.6, 0.0), "soup": (0.0, 0.0, 1.0), "white": (0.0, -1.0, 0.0)}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_model(tmp_path, VECTORS)


def test_a_vector_is_the_mean_of_its_tokens_and_of_length_one(files):
    vectors = Embedder(*files).vectors(["galaxy", "Galaxy soup", "of nothing known"])
    assert np.allclose(vectors[0], [1, 0, 0]) and np.allclose(vectors[1], np.array([1, 0, 1]) / np.sqrt(2))
    assert np.allclose(vectors[2], 0)


def test_a_text_has_the_same_vector_whatever_stands_beside_it(files):
    embedder = Embedder(*files)
    together = embedder.vectors(["galaxy nebula", "soup " * 300])
    assert (together[0] == embedder.vectors(["galaxy nebula"])[0]).all()


def test_with_a_model_the_score_is_the_mean_of_both(files):
    questions = [
        Question("f:1", "question", "which galaxy is that one"),
        Question("f:2", "question", "is soup served cold"),
    ]
    text = "which nebula is that one"
    stretches = stretches_of([text])
    ((_, plain),) = Finder(questions, [], None).scores(stretches)
    ((_, both),) = Finder(questions, [], Embedder(*files)).scores(stretches)
    assert both[0, :2].tolist() == [(plain[0, 0] + 800) // 2, plain[0, 1] // 2]
    assert (
        ASKED.split()[0] == "Which" and both[0, 2] == plain[0, 2] // 2
    )  # the vectors point apart: that is 0, not less


def test_what_runs_the_model_is_missed_in_words(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ConfigError, match=r"onnxruntime is not installed.*pip install 'astrocorpus\[embeddings\]'"):
        Embedder(*files)


def test_files_that_are_no_model_are_told(files, tmp_path):
    model, tokenizer = files
    with pytest.raises(ConfigError, match="is no model of ONNX"):
        Embedder(tokenizer, tokenizer)
    with pytest.raises(ConfigError, match=r"is no tokenizer\.json"):
        Embedder(model, model)
    (tmp_path / "other").mkdir()
    with pytest.raises(ConfigError, match="takes attention_mask, ids, not input_ids and attention_mask"):
        Embedder(*write_model(tmp_path / "other", VECTORS, ids="ids"))
