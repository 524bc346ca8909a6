"""Sentence embeddings, where the config names a model: a file of ONNX and its tokenizer, read from where they lie, never fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.errors import ConfigError

MAX_TOKENS = 256
"""Tokens of a text that count: what all-MiniLM-L6-v2 was trained for."""


class Embedder:
    """A model of the kind of all-MiniLM-L6-v2: `input_ids` and `attention_mask` in, a vector a token out, whose mean counts.

    A text goes through it alone, on one thread: int8 models take the scale of their numbers from what they see, so that a text
    beside others would have other scores. Its last bits depend on the kind of processor all the same.

    Raises:
        ConfigError: a file is no such model or tokenizer, or what runs them is not installed.
    """

    def __init__(self, model: Path, tokenizer: Path) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ConfigError(
                f"withhold.rephrased.model: {error.name} is not installed, which runs it: pip install 'astrocorpus[embeddings]', "
                "or leave `model` out, then texts are compared by their characters and words alone"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises what it likes
            raise ConfigError(f"withhold.rephrased.model: {model} is no model of ONNX: {error}") from error
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # so do tokenizers
            raise ConfigError(
                f"withhold.rephrased.tokenizer: {tokenizer} is no tokenizer.json of tokenizers: {error}"
            ) from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._inputs = {given.name for given in self._session.get_inputs()}
        if not {"input_ids", "attention_mask"} <= self._inputs:
            raise ConfigError(
                f"withhold.rephrased.model: {model} takes {', '.join(sorted(self._inputs))}, not input_ids and attention_mask"
            )

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """A row of length 1 for each text."""
        return np.array([self._vector(text) for text in texts], np.float32)

    def _vector(self, text: str) -> Any:
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        made = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        vector = made[0].mean(axis=0) if made.ndim == 3 else made[0]
        return vector / max(float(np.linalg.norm(vector)), 1e-12)
