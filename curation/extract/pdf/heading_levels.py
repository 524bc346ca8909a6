"""Which headings are those of sections, and of what level: their numbers count on, and headings of one look have one level."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from curation.extract.pdf.heading import (
    BODY_NAMES,
    LONE_APPENDIX,
    REFERENCES,
    SECTION_NAMES,
    Heading,
    Look,
    number_of,
    section_number,
)
from curation.extract.pdf.section_numbers import counts_on


def _key(heading: Heading) -> tuple[int, ...] | None:
    match = number_of(heading.text)
    if match is None or not match["arabic"]:
        return None
    return tuple(int(part) for part in re.split(r"\s?\.\s?", match["arabic"]))


def in_sequence(headings: Sequence[Heading]) -> list[Heading]:
    """Headings without those whose arabic number does not follow: items of a list, a number of something else."""
    keys = [_key(h) for h in headings]
    tops = [n for n, key in enumerate(keys) if key is not None and len(key) == 1]
    distinct = [n for n in tops if _stands_out(headings[n].look)]
    tops = distinct if len(distinct) > 1 else tops
    if not tops:
        return list(headings)
    best = _longest(tops, keys)
    made = []
    at = 0
    for n, heading in enumerate(headings):
        key = keys[n]
        if n in best and key is not None:
            at = key[0]
        elif (key is not None and len(key) == 1 and best and _roman(headings) is False) or (
            key is not None and len(key) > 1 and best and key[0] not in (at, at + 1)
        ):
            continue
        made.append(heading)
    return made


def tell_names(headings: Sequence[Heading]) -> None:
    """Tell headings whose arabic number is no section's: it has no point, as those of others have, or it counts on from none."""
    matches = [(h, m) for h in headings if (m := number_of(h.text)) is not None and m["arabic"] and not m["appendix"]]
    pointed = sum(bool(match["stop"].strip()) for _, match in matches)
    keys = [_key(heading) or () for heading, _ in matches]
    for n, (heading, match) in enumerate(matches):
        others = keys[:n] + keys[n + 1 :]
        if match["stop"].strip() or SECTION_NAMES.fullmatch(heading.text[match.end() :].strip(" .:")):
            continue
        unlike = len(keys[n]) == 1 and pointed >= 2 and pointed > len(matches) / 2
        heading.is_named_so = unlike or not counts_on(keys[n], others)


def _stands_out(look: Look) -> bool:
    """Whether letters of a heading are set otherwise than those of an item of a list."""
    return look.bold or look.italic or look.capitals


def _roman(headings: Sequence[Heading]) -> bool:
    """Whether sections are counted by roman numbers."""
    return sum(1 for h in headings if (m := number_of(h.text)) is not None and m["roman"] and not m["appendix"]) >= 2


def _longest(tops: Sequence[int], keys: Sequence[tuple[int, ...] | None]) -> set[int]:
    """Places of the longest run of section numbers that count upwards by one or two."""
    runs: list[list[int]] = []
    for n in tops:
        key = keys[n]
        if key is None:
            continue
        before = [run for run in runs if 0 < key[0] - (keys[run[-1]] or (0,))[0] <= 2]
        start: list[int] = max(before, key=len, default=[])
        if start or key[0] <= 3:
            runs.append([*start, n])
    longest: list[int] = max(runs, key=len, default=[])
    return set(longest)


def set_levels(headings: Sequence[Heading]) -> None:
    """Levels by numbers; of headings without one by the look of those that have one, else by rank of their looks."""
    roman = _roman(headings)
    by_look: dict[Look, Counter[int]] = {}
    back = False
    for heading in headings:
        match = section_number(heading)
        if LONE_APPENDIX.fullmatch(heading.text) or (match is not None and match["appendix"]):
            back = True
        if match is None:
            continue
        if match["arabic"]:
            depth = len(re.split(r"\s?\.\s?", match["arabic"]))
            heading.level = depth + 1 if not roman else (3 if back else 4)
        elif match["roman"]:
            heading.level = 2
        elif match["supplement"]:
            heading.level = 2 + match["supplement"].count(".")
        else:
            depth = len(re.findall(r"\d{1,2}", match["letter"])) + 1
            heading.level = depth + 1 if not roman or back or match["appendix"] or depth > 1 else 3
        heading.level = min(heading.level, 5)
        by_look.setdefault(heading.look, Counter())[heading.level] += 1
    ranks = _ranks([h for h in headings if section_number(h) is None], by_look)
    for heading in headings:
        if section_number(heading) is None:
            named = SECTION_NAMES.fullmatch(heading.text.strip(" .:")) or REFERENCES.fullmatch(heading.text)
            heading.level = 2 if named or LONE_APPENDIX.fullmatch(heading.text) else ranks[heading.look]


def _ranks(headings: Sequence[Heading], by_look: dict[Look, Counter[int]]) -> dict[Look, int]:
    """The level of each look that headings without numbers have; the first level is that of sections whose names are known."""
    looks = {h.look for h in headings}
    made = {look: by_look[look].most_common(1)[0][0] for look in looks if look in by_look}
    named = {_weight(h.look) for h in headings if BODY_NAMES.fullmatch(h.text.strip(" .:"))}
    weights = sorted({min(_weight(look), max(named, default=1e9)) for look in looks}, reverse=True)
    numbered = {_weight(look): levels.most_common(1)[0][0] for look, levels in by_look.items()}
    for look in looks - made.keys():
        if numbered:
            nearest = min(numbered, key=lambda weight: abs(weight - _weight(look)))
            made[look] = numbered[nearest]
        else:
            made[look] = min(4, 2 + weights.index(min(_weight(look), weights[0])))
    return made


def _weight(look: Look) -> float:
    """How much a look stands out: a larger size counts most, then capitals, bold, italic."""
    return (
        2 * look.size
        + (1.5 if look.capitals else 0)
        + (1.0 if look.bold else 0)
        + (0.25 if look.italic else 0)
        + (0.25 if look.centred else 0)
    )
