"""A smallest embedding model: each word of a vocabulary has a vector, written as ONNX by hand, and its tokenizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

FLOAT, INT64 = 1, 7


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _value(name: str, kind: int, *dims: int | str) -> bytes:
    shape = b"".join(_field(1, _field(1 if isinstance(d, int) else 2, d)) for d in dims)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def write_model(folder: Path, vectors: dict[str, tuple[float, ...]], ids: str = "input_ids") -> tuple[Path, Path]:
    """model.onnx and tokenizer.json; other words than those of `vectors` have the vector 0."""
    size = len(next(iter(vectors.values())))
    table = np.array([[0.0] * size, *vectors.values()], np.float32)
    weights = (
        _field(1, len(table)) + _field(1, size) + _field(2, FLOAT) + _field(8, "table") + _field(9, table.tobytes())
    )
    node = _field(1, "table") + _field(1, ids) + _field(2, "last_hidden_state") + _field(4, "Gather")
    graph = (
        _field(1, node)
        + _field(2, "tiny")
        + _field(5, weights)
        + _field(11, _value(ids, INT64, "batch", "sequence"))
        + _field(11, _value("attention_mask", INT64, "batch", "sequence"))
        + _field(12, _value("last_hidden_state", FLOAT, "batch", "sequence", size))
    )
    model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    model.write_bytes(_field(1, 8) + _field(7, graph) + _field(8, _field(2, 13)))
    words = Tokenizer(WordLevel({"[UNK]": 0, **{w: n for n, w in enumerate(vectors, start=1)}}, unk_token="[UNK]"))
    words.normalizer, words.pre_tokenizer = Lowercase(), Whitespace()
    words.save(str(tokenizer))
    return model, tokenizer
