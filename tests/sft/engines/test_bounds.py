"""Texts of a schema end before the tokens of the answer do."""

from __future__ import annotations

from typing import Any

import pytest

from curation.sft.engines.bounds import MAX_CHARACTERS, bounded
from curation.sft.replies import letter_schema, number_schema, numbers_schema, question_schema, words_schema
from curation.sft.verifiers.candidate import QuestionKind


@pytest.mark.parametrize("max_tokens", [200, 400, 1_000])
@pytest.mark.parametrize("schema", [question_schema(QuestionKind.CHOICE), number_schema(), words_schema()])
def test_all_texts_together_fit_the_tokens(schema: dict[str, Any], max_tokens: int) -> None:
    parts = bounded(schema, max_tokens)["properties"]
    texts = [part.get("items", part) for part in parts.values() for _ in range(part.get("maxItems", 1))]
    assert 0.1 * max_tokens < sum(text["maxLength"] for text in texts) < max_tokens


def test_what_is_bounded_stays_and_a_schema_is_never_changed_in_place() -> None:
    form = question_schema(QuestionKind.CONCEPT, "^Why .{3,9}\\?$")
    for schema in (letter_schema(), numbers_schema(4), form):
        assert bounded(schema, 100) == schema
    schema = words_schema()
    assert bounded(schema, 10**6)["properties"]["answer"]["maxLength"] == MAX_CHARACTERS
    assert schema == words_schema()
