"""Which rows are headings: by numbering, letters, weight, size and the space around, taken together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from curation.extract.pdf.heading import LONE_APPENDIX, SECTION_NAMES, SENTENCE_END, Heading, Look, number_of
from curation.extract.pdf.heading_levels import in_sequence, set_levels, tell_names
from curation.extract.pdf.mathematics import WORD, is_math_font, math_share
from curation.extract.pdf.page import Span
from curation.extract.pdf.style import Row, Style

MIN_WORDS = 0.4
"""Share of a heading's letters that stand in words of three and more: equations have fewer."""
MIN_SCORE = 3.0
"""Points of a heading, as `_score` gives them. Set on papers of seven classes: tests/benchmarks/pdf_structure.py."""
MAX_CHARS = 220
MAX_ROWS = 4


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
    chosen = in_sequence(chosen)
    tell_names(chosen)
    set_levels(chosen)
    return chosen


def _is_one_of(heading: Heading, run_in: Sequence[Heading]) -> bool:
    """Whether a heading was made of the row that one of those that run in stands in."""
    row = heading.rows[0]
    return any(
        h.page == heading.page and h.rows[0].frame == row.frame and abs(h.rows[0].baseline - row.baseline) < 1
        for h in run_in
    )


def _candidates(rows: Sequence[Row], page: int, style: Style) -> list[Heading]:
    made: list[Heading] = []
    n = 0
    follows: dict[int, bool] = {}
    while n < len(rows):
        last = n
        while last + 1 < len(rows) and last - n < MAX_ROWS - 1:
            if last not in follows:
                follows[last] = _goes_on(rows[last], rows[last + 1], style)
            if not follows[last]:
                break
            last += 1
        heading = Heading(list(rows[n : last + 1]), page)
        heading.score = _score(rows, n, last, heading, style)
        if heading.score >= MIN_SCORE - 1:
            made.append(heading)
            n = last + 1
        else:
            n += 1
    return made


def _goes_on(last: Row, row: Row, style: Style) -> bool:
    """Whether `row` is the next line of a heading that `last` belongs to: the same look, close below."""
    step = row.baseline - last.baseline
    if row.frame != last.frame or not 0 < step < max(1.45 * max(last.size, row.size), 1.05 * style.leading):
        return False
    if number_of(row.text) is not None or abs(last.size - row.size) > 0.5 or LONE_APPENDIX.fullmatch(last.text):
        return False
    same = row.spans[0].font == last.spans[-1].font and row.spans[0].font != style.font
    if same and last.x1 > last.frame.x1 - 4 * last.size and row.x1 < row.frame.x1 - 4 * row.size:
        return True
    look = _look(last)
    stands_out = look[1:] != (False, False, False) or row.size > style.size + 0.8
    return stands_out and look == _look(row)


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
    if len(text) > MAX_CHARS or text[-1:] in ",;-\u2010\u00ad":
        return 0.0
    letters = sum(map(str.isalpha, text))
    if letters < 3 or letters < 0.4 * len(text.replace(" ", "")):
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
    named = bool(SECTION_NAMES.fullmatch(title.strip(" .:"))) or bool(LONE_APPENDIX.fullmatch(text))
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
    if sum(map(len, WORD.findall(title))) < MIN_WORDS * letters and not named:
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
