"""Bounds for the texts of a JSON schema: a model that rambles closes its object before its tokens end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_CHARACTERS = 1_900
"""Longest text that is asked for: llama.cpp refuses grammars that repeat more than 2,000 times."""
_OF_A_FIELD = 16
"""Tokens of a field's name, its marks and the blanks around them."""


def bounded(schema: Mapping[str, Any], max_tokens: int) -> dict[str, Any]:
    """A schema of ours whose texts have a longest length, where neither that, a pattern nor a list of values stands.

    A character is at most one token in the languages that papers are written in, so all texts together have as many characters as there are tokens.

    Args:
        schema: objects, arrays, texts and numbers, as in `curation.sft.replies`.
        max_tokens: of the answer.
    """
    texts, fields = _counts(schema)
    if not texts:
        return dict(schema)
    room = (max_tokens - _OF_A_FIELD * fields) // texts
    return _with_length(schema, max(1, min(room, MAX_CHARACTERS)))


def _counts(schema: Mapping[str, Any]) -> tuple[int, int]:
    """Texts without bounds in the longest answer, and fields and entries in all."""
    if schema.get("type") == "object":
        inside = [_counts(part) for part in schema["properties"].values()]
        return sum(texts for texts, _ in inside), sum(1 + fields for _, fields in inside)
    if schema.get("type") == "array":
        texts, fields = _counts(schema["items"])
        return texts * schema.get("maxItems", 1), (1 + fields) * schema.get("maxItems", 1)
    return int(_is_free(schema)), 0


def _is_free(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and not {"enum", "pattern", "maxLength"} & set(schema)


def _with_length(schema: Mapping[str, Any], most: int) -> dict[str, Any]:
    if schema.get("type") == "object":
        return {**schema, "properties": {name: _with_length(part, most) for name, part in schema["properties"].items()}}
    if schema.get("type") == "array":
        return {**schema, "items": _with_length(schema["items"], most)}
    return {**schema, "maxLength": most} if _is_free(schema) else dict(schema)
