r"""Words of a text: runs of `\w`, lower-cased.

Shingles are cut from the words of `curation.text.buffers.normalise`, for which both Greek sigmas are one letter.
"""

from __future__ import annotations

import re

from curation.text.masks import prose

WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    r"""Lower-cased runs of `\w` (Unicode letters, digits, underscore), in order."""
    return [w.lower() for w in WORD.findall(text)]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of `text` stand, as (start, end) in characters; as many as `words(text)`."""
    return [m.span() for m in WORD.finditer(text)]


def count_words(text: str) -> int:
    """What a column `n_words` of a document or a release says: words outside math, tables and code."""
    return len(WORD.findall(prose(text)))
