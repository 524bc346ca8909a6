"""What a token says of an item: its weight, a whole number, by how rare it is among the items of a benchmark.

It is the base-2 logarithm of how rare the token is (the IDF of allenai/decon, which takes it from the items, too), rounded, so
that audits repeat it. A list of few items says little of what is rare: every token is taken to be in 1 of `PRIOR` items more,
function words in a third of them. What is no word (numbers, single characters) weighs little, since formulas share it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

PRIOR = 1000
MAX_WEIGHT = 12
FUNCTION_WORDS = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "all",
        "also",
        "although",
        "always",
        "am",
        "among",
        "an",
        "and",
        "another",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "best",
        "between",
        "both",
        "but",
        "by",
        "can",
        "cannot",
        "choose",
        "correct",
        "could",
        "did",
        "do",
        "does",
        "down",
        "during",
        "each",
        "either",
        "else",
        "ever",
        "every",
        "false",
        "few",
        "first",
        "following",
        "for",
        "form",
        "from",
        "further",
        "given",
        "gives",
        "had",
        "has",
        "have",
        "having",
        "he",
        "hence",
        "her",
        "here",
        "him",
        "his",
        "how",
        "however",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "last",
        "least",
        "less",
        "let",
        "like",
        "made",
        "make",
        "many",
        "may",
        "might",
        "more",
        "most",
        "much",
        "must",
        "neither",
        "no",
        "none",
        "nor",
        "not",
        "now",
        "number",
        "of",
        "off",
        "often",
        "on",
        "once",
        "one",
        "only",
        "option",
        "or",
        "other",
        "our",
        "out",
        "over",
        "own",
        "part",
        "question",
        "same",
        "says",
        "second",
        "see",
        "shall",
        "she",
        "should",
        "show",
        "since",
        "so",
        "some",
        "statement",
        "statements",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "three",
        "thus",
        "to",
        "too",
        "true",
        "two",
        "under",
        "until",
        "up",
        "upon",
        "us",
        "use",
        "used",
        "using",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "within",
        "without",
        "would",
        "yes",
        "yet",
        "you",
        "your",
        "answer",
    ]
)
"""Words that carry sentences and examinations, not their subject; our own list."""


def weight_of(token: str, n_items: int, n_with: int) -> int:
    """The weight of a token that `n_with` of `n_items` items hold."""
    if len(token) == 1:
        return 1
    if not any(c.isalpha() for c in token):
        return min(4, len(token) + 1)
    held = n_with + (PRIOR // 3 if token in FUNCTION_WORDS else 1)
    return max(1, min(MAX_WEIGHT, round(math.log2((n_items + PRIOR) / held))))


def weights(items: Iterable[Sequence[str]]) -> Mapping[str, int]:
    """The weight of every token of the items of a benchmark, each given by all of its tokens."""
    counts: dict[str, int] = {}
    n_items = 0
    for tokens in items:
        n_items += 1
        for token in set(tokens):
            counts[token] = counts.get(token, 0) + 1
    return {token: weight_of(token, n_items, count) for token, count in counts.items()}


def is_word(token: str) -> bool:
    """Whether a token may be part of an n-gram that matches: two characters or more, a letter among them."""
    return len(token) > 1 and any(c.isalpha() for c in token)
