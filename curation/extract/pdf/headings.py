"""Which rows are headings, and of what level: by numbering, letters, weight, size and the space around, taken together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from curation.extract.pdf.page import Span
from curation.extract.pdf.section_numbers import counts_on
from curation.extract.pdf.style import Row, Style, is_math_font, math_share

REFERENCES = re.compile(
    r"\W*(?:(?:\d+|[IVX]+|[A-Z])\.?\s*)?(?:references(?: cited| and notes)?|bibliography|literature cited|cited literature)\W*",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?:][\"'”’)\]]*$")
NUMBER = re.compile(
    r"(?P<appendix>appendi(?:x|ces)\s*)?"
    r"(?:(?P<arabic>\d{1,2}(?:\s?\.\s?\d{1,2}){0,3})(?P<stop>\s?[.:)]?)|(?P<roman>[IVX]{1,5})\s?[.:]"
    r"|(?P<supplement>S(?:I\s?\.)?\s?[-.]?\s?(?:[IVX]{1,5}|\d{1,2}(?:\.\d{1,2}){0,3}))\s?[.:]?"
    r"|(?P<letter>[A-Z](?:\d{1,2})?(?:\s?\.\s?\d{1,2}){0,3})(?P<point>\s?[.:]?))(?:\s+|(?<=[.:])(?=[A-Z]))(?=[^\W\d_]|[$(\[“‘\"α-ωΑ-Ω])",
    re.IGNORECASE,
)
LONE_APPENDIX = re.compile(r"\W*(?:the\s+)?appendi(?:x|ces)(?:\s+[A-Z]|\s+\d)?\W*", re.IGNORECASE)
_SECTIONS = (
    r"introduction|(?:summary|discussion|conclusions?)(?: and (?:discussion|conclusions?|outlook|future work|summary))?"
    r"|results?(?: and discussion)?|methods?|methodology|observations?(?: and data reduction)?|data(?: and methods)?|background|analysis"
)
_BODY = re.compile(_SECTIONS, re.IGNORECASE)
_NAMES = re.compile(
    rf"(?:abstract|{_SECTIONS}"
    r"|acknowledge?ments?|(?:data|code|software|material)s? (?:and (?:code|data|software|materials?) )?availability(?: statement)?"
    r"|references|bibliography|appendi(?:x|ces)|supplementary (?:information|materials?)|supporting information|author contributions?"
    r"|competing interests?|conflicts? of interests?|funding|related work|software|facilities)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{3,}")
MIN_WORDS = 0.4
"""Share of a heading's letters that stand in words of three and more: equations have fewer."""
MIN_SCORE = 3.0
"""Points of a heading, as `_score` gives them. Set on papers of seven classes: tests/benchmarks/pdf_structure.py."""
MAX_CHARS = 220
MAX_ROWS = 4


class Look(NamedTuple):
    """What most letters of a heading have, its number left out."""

    size: float = 0.0
    bold: bool = False
    italic: bool = False
    capitals: bool = False
    centred: bool = False


PLAIN = Look()


@dataclass(slots=True)
class Heading:
    """A heading: its rows, its level (2 for a section), and what it says without its number.

    Args:
        is_named_so: whether the number that it begins with is a part of its name, as in `47 Tucanae`.
    """

    rows: list[Row]
    page: int
    level: int = 2
    number: str = ""
    look: Look = PLAIN
    score: float = 0.0
    spans: list[Span] = field(default_factory=list)
    is_named_so: bool = False

    @property
    def text(self) -> str:
        return " ".join(row.text for row in self.rows)


def headings_of(pages: Sequence[Sequence[Row]], style: Style, run_in: Sequence[Heading] = ()) -> list[Heading]:
    """The headings of a document.

    Args:
        pages: of each page the rows that belong to no figure, table, caption, note or equation, each frame from top to bottom.
        run_in: headings that run into their paragraphs.
    """
    found = [heading for number, rows in enumerate(pages) for heading in _candidates(rows, number, style)]
    known = Counter(h.look for h in found if h.score >= MIN_SCORE and h.number)
    chosen = [
        h
        for h in found
        if h.score >= MIN_SCORE or (h.score >= MIN_SCORE - 1 and known[h.look] >= 2 and not _ends_sentence(h.text))
    ]
    if run_in:
        lines = {id(line) for h in run_in for row in h.rows for line in row.lines[:1]}
        chosen = [h for h in chosen if id(h.rows[0].lines[0]) not in lines and not _is_one_of(h, run_in)]
        chosen = sorted([*chosen, *run_in], key=lambda h: (h.page, h.rows[0].frame.x0, h.rows[0].baseline))
    chosen = _in_sequence(chosen)
    _tell_names(chosen)
    _set_levels(chosen)
    return chosen


def _is_one_of(heading: Heading, run_in: Sequence[Heading]) -> bool:
    """Whether a heading was made of the row that one of those that run in stands in."""
    row = heading.rows[0]
    return any(
        h.page == heading.page and h.rows[0].frame == row.frame and abs(h.rows[0].baseline - row.baseline) < 1
        for h in run_in
    )


def number_of(text: str) -> re.Match[str] | None:
    """The number that a heading begins with: `2.1`, `IV.`, `A.`, `Appendix B:`."""
    match = NUMBER.match(text)
    if match is None:
        return None
    letter = match["letter"] if not match["appendix"] else None
    if letter and (not letter[0].isupper() or (len(letter) == 1 and not match["point"])):
        return None
    return None if match["roman"] and not match["roman"].isupper() else match


def _candidates(rows: Sequence[Row], page: int, style: Style) -> list[Heading]:
    made: list[Heading] = []
    n = 0
    while n < len(rows):
        last = n
        while last + 1 < len(rows) and last - n < MAX_ROWS - 1 and _goes_on(rows[last], rows[last + 1], rows[n], style):
            last += 1
        heading = Heading(list(rows[n : last + 1]), page)
        heading.score = _score(rows, n, last, heading, style)
        if heading.score >= MIN_SCORE - 1:
            made.append(heading)
            n = last + 1
        else:
            n += 1
    return made


def _goes_on(last: Row, row: Row, first: Row, style: Style) -> bool:
    """Whether `row` is the next line of a heading that `last` belongs to: the same look, close below."""
    step = row.baseline - last.baseline
    if row.frame != last.frame or not 0 < step < max(1.45 * max(last.size, row.size), 1.05 * style.leading):
        return False
    if number_of(row.text) is not None or abs(last.size - row.size) > 0.5 or LONE_APPENDIX.fullmatch(last.text):
        return False
    look = _look(last)
    same = row.spans[0].font == last.spans[-1].font and row.spans[0].font != style.font
    if same and last.x1 > last.frame.x1 - 4 * last.size and row.x1 < row.frame.x1 - 4 * row.size:
        return True
    return (look == _look(row) and look[1:] != (False, False, False)) or (
        look == _look(row) and row.size > style.size + 0.8
    )


def _look(row: Row, spans: Sequence[Span] | None = None) -> tuple[float, bool, bool, bool]:
    """Size, bold, italic, capitals of most of a row's letters, its number left out."""
    spans = [
        s for s in (row.spans if spans is None else spans) if any(map(str.isalpha, s.text)) and not is_math_font(s)
    ]
    if not spans:
        return (round(2 * row.size) / 2, False, False, False)
    letters = sum(len(s.text) for s in spans)
    bold = sum(len(s.text) for s in spans if s.bold) > 0.6 * letters
    italic = sum(len(s.text) for s in spans if s.italic) > 0.6 * letters
    text = "".join(s.text for s in spans)
    n_letters = sum(map(str.isalpha, text))
    capitals = n_letters > 3 and sum(map(str.isupper, text)) > 0.85 * n_letters
    small = sum(len(s.text) for s in spans if "csc" in s.font.lower() or "smallcaps" in s.font.lower()) > 0.6 * letters
    return (round(2 * max(s.size for s in spans)) / 2, bold, italic, capitals or small)


def _score(rows: Sequence[Row], n: int, last: int, heading: Heading, style: Style) -> float:
    """How much speaks for a heading; it sets the heading's number and look."""
    row, end = rows[n], rows[last]
    text = heading.text.strip()
    letters = sum(c.isalpha() for c in text)
    if (
        letters < 3
        or len(text) > MAX_CHARS
        or text[-1] in ",;-\u2010\u00ad"
        or letters < 0.4 * len(text.replace(" ", ""))
    ):
        return 0.0
    match = number_of(text)
    title = text[match.end() :] if match else text
    first = next((c for c in title if c.isalpha()), "a")
    spans = [s for r in heading.rows for s in r.spans]
    look = _look(row, _without_number(row, match))
    painted = all(s.painted for s in spans)
    size, bold, italic, capitals = look
    centred = _is_centred(row)
    heading.number = match.group().strip() if match else ""
    heading.look = (
        Look(size, bold, italic, capitals, centred) if painted else Look(0.0, False, False, capitals, centred)
    )
    above = rows[n - 1] if n and rows[n - 1].frame == row.frame else None
    below = rows[last + 1] if last + 1 < len(rows) and rows[last + 1].frame == end.frame else None
    over = (row.baseline - above.baseline) / style.leading if above is not None else 2.0
    under = (below.baseline - end.baseline) / style.leading if below is not None else 1.2
    named = bool(_NAMES.fullmatch(title.strip(" .:"))) or bool(LONE_APPENDIX.fullmatch(text))
    plain = not (bold or italic or capitals) and size < 1.06 * style.size
    if plain and not (match or centred or named):  # nothing below would make a heading of it
        return 0.0
    score = 0.0
    if match:
        score += (
            2.0
            if not match["letter"] or match["appendix"] or len(match["letter"]) > 1 or bold or capitals or italic
            else 1.0
        )
    score += 2.0 if named else 0.0
    if painted:
        score += 1.5 if bold else 0.0
        score += 0.75 if italic else 0.0
        score += min(2.0, max(0.0, (size - style.size) / style.size * 10)) if size > 1.06 * style.size else 0.0
        score -= 1.5 if size < style.size - 1.2 and not (bold or capitals) else 0.0
    score += 1.0 if capitals else 0.0
    score += 0.75 if centred else 0.0
    score += 1.0 if over > 1.25 else (0.0 if over > 1.08 else -1.0)
    score += 0.5 if under > 1.12 else 0.0
    score -= 1.0 if under > 3.5 and not match else 0.0
    if end.x1 > end.frame.x1 - 1.2 * style.size and last == n and not centred:
        score -= 1.5
    if _ends_sentence(text):
        score -= 1.5
    if first.islower() and not is_math_font(spans[0]):
        score -= 2.5 if not match or not (bold or italic or capitals) else 0.75
    if sum(map(len, _WORDS.findall(title))) < MIN_WORDS * letters and not named:
        score -= 1.5
    share = math_share(spans)
    score -= (1.0 if match else 2.0) if share > 0.45 else 0.0
    score -= 1.0 if "=" in text else 0.0
    if plain and not centred and not (named and (match or over > 1.3)):
        score -= 0.5 if match and over > 1.25 and under > 1.1 else 2.0
    if below is not None and under < 1.08 and end.x1 > end.frame.x1 - style.size and not match:
        score -= 2.0
    if re.match(r"\W*(?:facilit(?:y|ies)|software|keywords?|key words)\s?:", text, re.IGNORECASE):
        score -= 3.0
    if above is not None and over < 1.6 and above.words > 3 and not _ends_sentence(above.text):
        score -= 1.0
    return score


def _is_centred(row: Row) -> bool:
    """Whether a row has equal margins on both sides; a wide one to the point."""
    left, right = row.x0 - row.frame.x0, row.frame.x1 - row.x1
    return min(left, right) > 0.4 * row.size and abs(left - right) < (2.4 * row.size if left > row.size else 2.0)


def _without_number(row: Row, match: re.Match[str] | None) -> list[Span]:
    """The spans of a row behind its number."""
    if match is None:
        return row.spans
    left, kept = len(match.group().replace(" ", "")), []
    for span in row.spans:
        n = len(span.text.replace(" ", ""))
        if left <= n / 2:
            kept.append(span)
        left -= n
    return kept or row.spans


def _ends_sentence(text: str) -> bool:
    return bool(SENTENCE_END.search(text.rstrip()))


def _key(heading: Heading) -> tuple[int, ...] | None:
    match = number_of(heading.text)
    if match is None or not match["arabic"]:
        return None
    return tuple(int(part) for part in re.split(r"\s?\.\s?", match["arabic"]))


def _in_sequence(headings: Sequence[Heading]) -> list[Heading]:
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


def _tell_names(headings: Sequence[Heading]) -> None:
    """Tell headings whose arabic number is no section's: it has no point, as those of others have, or it counts on from none."""
    matches = [(h, m) for h in headings if (m := number_of(h.text)) is not None and m["arabic"] and not m["appendix"]]
    pointed = sum(bool(match["stop"].strip()) for _, match in matches)
    keys = [_key(heading) or () for heading, _ in matches]
    for n, (heading, match) in enumerate(matches):
        others = keys[:n] + keys[n + 1 :]
        if match["stop"].strip() or _NAMES.fullmatch(heading.text[match.end() :].strip(" .:")):
            continue
        unlike = len(keys[n]) == 1 and pointed >= 2 and pointed > len(matches) / 2
        heading.is_named_so = unlike or not counts_on(keys[n], others)


def section_number(heading: Heading) -> re.Match[str] | None:
    """The number of its section that a heading begins with; None of one that is a part of its name."""
    return None if heading.is_named_so else number_of(heading.text)


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


def _set_levels(headings: Sequence[Heading]) -> None:
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
            named = _NAMES.fullmatch(heading.text.strip(" .:")) or REFERENCES.fullmatch(heading.text)
            heading.level = 2 if named or LONE_APPENDIX.fullmatch(heading.text) else ranks[heading.look]


def _ranks(headings: Sequence[Heading], by_look: dict[Look, Counter[int]]) -> dict[Look, int]:
    """The level of each look that headings without numbers have; the first level is that of sections whose names are known."""
    looks = {h.look for h in headings}
    made = {look: by_look[look].most_common(1)[0][0] for look in looks if look in by_look}
    named = {_weight(h.look) for h in headings if _BODY.fullmatch(h.text.strip(" .:"))}
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
