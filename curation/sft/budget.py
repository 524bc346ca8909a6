"""How long a text is for a model, told without its tokeniser."""

from __future__ import annotations

import re

_PIECE = re.compile(r"[^\W\d_]+|\d|[^\w\s]|_|\n+")
_LETTERS = 7
"""Letters of a word that are one token."""


def count_tokens(text: str) -> int:
    """Tokens of a text by rule: a digit, a mark or a line's end is one, a word one for every seven letters that it begins.

    Rather too many than too few: on 48 stretches of papers .99 to 1.17 of what SmolLM2's tokeniser gives, where characters divided
    by four are .74 to 1.20 of it. Larger vocabularies need fewer.
    """
    return sum(1 + (len(piece) - 1) // _LETTERS if piece[0].isalpha() else 1 for piece in _PIECE.findall(text))
