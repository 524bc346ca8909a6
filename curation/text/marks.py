"""Runs of combining marks, bounded before a text is normalised: sorting a run of n marks takes n * n steps.

The bound is Unicode's Stream-Safe Text Format (UAX #15, D4): at most 30 non-starters in a row, "significantly beyond what
is required for any linguistic or technical usage". Longer runs are ornaments or attacks.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

MAX_MARKS = 30
JOINER = "\u034f"
"""COMBINING GRAPHEME JOINER: a starter that shows nothing and ends a run."""

_FIRST, _LAST = 0x300, 0x1EFFF  # of all characters that are non-starters, or decompose into such
_WIDE = f"[{chr(_FIRST)}-{chr(_LAST)}]"
_ONE_OF, _RUN_OF = re.compile(_WIDE), re.compile(f"{_WIDE}{{{MAX_MARKS + 1}}}")
"""Asked before the class of all marks, which is slow."""


def stream_safe(text: str) -> str:
    """The text with a joiner after every 30th non-starter of a run, as UAX #15 (13.2) puts it; idempotent."""
    return _long_run().sub(rf"\g<0>{JOINER}", text) if not text.isascii() and _may_hold(text) else text


def _may_hold(text: str) -> bool:
    """Whether 31 characters in a row may be marks. One of them stands at a place that 31 divides, so only what is around the wide
    characters of those places is looked at."""
    step = MAX_MARKS + 1
    places = (found.start() * step for found in _ONE_OF.finditer(text[::step]))
    return any(_RUN_OF.search(text, max(place - MAX_MARKS, 0), place + step) for place in places)


@lru_cache(maxsize=1)
def _long_run() -> re.Pattern[str]:
    # a character counts by its decomposition: U+0F73 is a starter and decomposes into two that are none
    points = [c for c in range(_FIRST, _LAST + 1) if unicodedata.combining(unicodedata.normalize("NFKD", chr(c))[0])]
    ends = [*(i for i in range(1, len(points)) if points[i] > points[i - 1] + 1), len(points)]
    ranges = "".join(f"{chr(points[i])}-{chr(points[j - 1])}" for i, j in pairwise([0, *ends]))
    return re.compile(f"[{ranges}]{{{MAX_MARKS}}}(?=[{ranges}])")
