"""The compiled inner loop of `curation.withhold.align`: the heaviest run of pairs of tokens.

Written for numba as `curation.text.kernel` is, and compiled by it.
"""

from __future__ import annotations

import numpy as np

from curation.text.kernel import I64, U8, compiled


@compiled
def aligned(same: U8, joined: U8, split: U8, weights: I64) -> I64:
    """The heaviest run of pairs, in order, of a part's tokens (rows) and those of a text (columns).

    Args:
        same: whether a token is one of the text; a row a token, a column a token of the text.
        joined: whether a token and the next one are one of the text.
        split: whether a token is one of the text and the next.
        weights: of the part's tokens.

    Returns:
        for every token of the part the place of its partner in the text, -1 where it has none.
    """
    n, m = same.shape
    best = np.zeros((n + 1, m + 1), np.int64)
    for i in range(1, n + 1):
        w = weights[i - 1]
        for j in range(1, m + 1):
            value = max(best[i - 1, j], best[i, j - 1])
            if same[i - 1, j - 1]:
                value = max(value, best[i - 1, j - 1] + w)
            if i > 1 and joined[i - 2, j - 1]:
                value = max(value, best[i - 2, j - 1] + w + weights[i - 2])
            if j > 1 and split[i - 1, j - 2]:
                value = max(value, best[i - 1, j - 2] + w)
            best[i, j] = value
    partner = np.full(n, -1, np.int64)
    i, j = n, m
    while i > 0 and j > 0:
        value = best[i, j]
        w = weights[i - 1]
        if same[i - 1, j - 1] and value == best[i - 1, j - 1] + w:
            i, j = i - 1, j - 1
            partner[i] = j
        elif i > 1 and joined[i - 2, j - 1] and value == best[i - 2, j - 1] + w + weights[i - 2]:
            i, j = i - 2, j - 1
            partner[i] = partner[i + 1] = j
        elif j > 1 and split[i - 1, j - 2] and value == best[i - 1, j - 2] + w:
            i, j = i - 1, j - 2
            partner[i] = j + 1
        elif value == best[i, j - 1]:
            j -= 1
        else:
            i -= 1
    return partner
