"""Lines of a table to rows of cells: rows by baselines, columns by the gutters between them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from curation.extract.pdf.gutters import MIN_GUTTER, Cell, Gutter, cut_at_gutters, gutters_of
from curation.extract.pdf.lines import hangs
from curation.extract.pdf.page import Line, Span, rows_of_lines
from curation.extract.pdf.signs import with_signs

CELL_GAP = 0.55
"""Blank between two cells, in sizes: a blank between words is a third of a size, of a justified line up to 0.5."""
ONE_ROW = 0.35
"""Sizes between baselines of one row."""
MAX_STAGGER = 0.75
"""Step between two lines of a head, in steps of rows, of which one stands in the middle of a cell of two lines: half a step."""
MAX_BETWEEN = 0.8
"""Step, in sizes, to a line that stands between two others."""
MAX_LIMIT = 0.8
"""Of the usual size: letters of limits and indices."""
MAX_SCRIPT = 0.85
"""Of a cell's largest characters: those of scripts are smaller, and marks of notes may be larger than the text."""
MAX_OFF = 0.3
"""In sizes: by which the end of a span and that of its last word, as a backend told it, may differ: by blanks."""
MAX_TIGHT = 1.35
"""Step to the next line of a cell, in those of the rows that stand closest."""
MIN_WRAPPED = 12
"""Characters of a cell that goes on in a next line, more than which it has in those before."""
MIN_SHARE, MIN_REACH = 0.25, 8.0
"""Of a cell's width, or points, which it has in the first of the columns that it spans."""
WORD_GAP = 0.42
"""Blank between words of one cell that are drawn apart, in sizes."""
_HYPHEN = re.compile(r"[^\W\d_][-\u2010]\s*$")
_NARROW = frozenset("ijlI.,:;'|!()[]ftr-·")


def cells_of(lines: Sequence[Line], rules: Sequence[float], short: Sequence[float] = ()) -> list[list[list[Line]]]:
    """Rows of a table; of each its columns, and of each cell its lines.

    Args:
        rules: heights of the horizontal rules inside of the table: no row goes on across one.
        short: those of them that are not as wide as the table: they stand between the rows of a head.
    """
    rows = _rows([cell for line in _signed(lines) for cell in _cells(line)])
    if not rows:
        return []
    below = [rule for rule in rules if rule > rows[0][0].baseline]
    top = min((rule for rule in below if rule not in short), default=min(below, default=float("-inf")))
    head = [row for row in rows if row[0].baseline < top]
    body = _beside_others([row for row in rows if row[0].baseline >= top])
    head, body = cut_at_gutters(head, body)
    gutters = _gutters_under_heads(head, body)
    rows = [*_staggered(head, body, rules), *body]
    edges = [float("-inf"), *gutters, float("inf")]
    placed = _hyphenated([(_in_columns(row, edges), row) for row in rows])
    if (groups := _between_rules(placed, rules)) is not None:
        return [_merged(group) for group in groups]
    table: list[list[list[Line]]] = []
    last: list[Cell] | None = None
    for columns, row in placed:
        if last is not None and table and _wraps(table[-1], columns, last, row, rules, rows):
            for n, cell in enumerate(columns):
                table[-1][n] += cell
        else:
            table.append(columns)
        last = row
    return table


def _signed(lines: Sequence[Line]) -> Sequence[Line]:
    """Lines whose signs belong to their numbers."""
    rows = [[(line, word) for line in row for word in _words(line)] for row in rows_of_lines(lines, ONE_ROW)]
    return with_signs([sorted(row, key=lambda word: word[1].x0) for row in rows]) or lines


def _beside_others(rows: Sequence[list[Cell]]) -> list[list[Cell]]:
    """Rows, with cells that stand alone between the lines of others in the row above: they span rows, or are those of one line."""
    made: list[list[Cell]] = []
    last: Sequence[Cell] = ()
    for row in rows:
        cell = row[0]
        step = cell.baseline - last[0].baseline if last else 0.0
        if made and len(row) == 1 and step < MAX_BETWEEN * cell.size:
            if over := [other for other in made[-1] if _above(other, row)]:
                over[0].x0, over[0].x1 = min(cell.x0, over[0].x0), max(cell.x1, over[0].x1)
                over[0].lines += cell.lines
            else:
                moved = replace(cell, baseline=made[-1][0].baseline)
                made[-1] = sorted([*made[-1], moved], key=lambda other: other.x0)
        else:
            made.append(row)
        last = row
    return made


def _hyphenated(placed: Sequence[tuple[list[list[Line]], list[Cell]]]) -> list[tuple[list[list[Line]], list[Cell]]]:
    """Rows, those in which a word goes on as the next lines of the rows above."""
    made: list[tuple[list[list[Line]], list[Cell]]] = []
    for columns, row in placed:
        above = made[-1][0] if made else []
        pairs = [(over, cell) for over, cell in zip(above, columns, strict=False) if cell]
        goes_on = any(
            over and _HYPHEN.search(over[-1].text) and cell[0].text.lstrip()[:1].islower() for over, cell in pairs
        )
        if goes_on and all(over for over, _ in pairs):
            made[-1] = ([over + cell for over, cell in zip(above, columns, strict=True)], row)
        else:
            made.append((columns, row))
    return made


def _between_rules(
    placed: Sequence[tuple[list[list[Line]], list[Cell]]], rules: Sequence[float]
) -> list[list[list[list[Line]]]] | None:
    """The rows between each two rules, when they are one row of the table each: its first cell stands in one of them."""
    groups: dict[int, list[list[list[Line]]]] = {}
    for columns, row in placed:
        groups.setdefault(sum(rule < row[0].baseline for rule in rules), []).append(columns)
    body = list(groups.values())
    several = [group for group in body[1:] if len(group) > 1]
    spanned = [group for group in several if sum(map(_is_full, group)) > 1]
    if len(body) < 3 or max(map(len, body)) < 2 or len(spanned) > len(several) / 2:
        return None
    return body if all(sum(bool(columns[0]) for columns in group) <= 1 for group in body[1:]) else None


def _is_full(columns: Sequence[Sequence[Line]]) -> bool:
    """Whether a row has all cells but its first: it is one, beside a first cell that spans rows."""
    return len(columns) > 2 and all(columns[1:])


def _merged(rows: Sequence[list[list[Line]]]) -> list[list[Line]]:
    return [[line for row in rows for line in row[n]] for n in range(len(rows[0]))]


def _cells(line: Line) -> list[Cell]:
    """A line cut where it has wide gaps, or several blanks."""
    pieces: list[list[Span]] = [[]]
    for span in _words(line):
        if pieces[-1]:
            before = pieces[-1][-1]
            if span.x0 - max(s.x1 for s in pieces[-1]) > CELL_GAP * max(before.size, span.size):
                pieces.append([])
        pieces[-1].append(span)
    made = []
    for piece in pieces:
        if any(span.text.strip() for span in piece):
            largest = max(span.size for span in piece)
            main = max(
                (span for span in piece if span.size > MAX_SCRIPT * largest),
                key=lambda span: (not hangs(span), len(span.text)),
            )
            made.append(Cell(piece[0].x0, max(s.x1 for s in piece), [Line(piece)], main.baseline))
    return made


def _words(line: Line) -> list[Span]:
    """Spans cut at blanks; a word keeps the blank before it. No width is that of a span's first
    and last blanks: its box is that of its letters.
    """
    made: list[Span] = []
    for span in line.spans:
        pieces = re.findall(r"\s*\S+", span.text)
        if len(pieces) < 2:
            made.append(span)
            continue
        blank = span.text[len(span.text.rstrip()) :]
        for piece, (x0, x1) in zip(pieces, _places(span, pieces), strict=True):
            made.append(replace(span, text=piece, x0=x0, x1=x1, words=()))
        made[-1].text += blank
    return made


def _places(span: Span, pieces: Sequence[str]) -> list[tuple[float, float]]:
    """Where the words of a span begin and end: as its backend told it, if the span still is what it was."""
    if len(span.words) == len(pieces) and abs(span.x0 + span.words[-1][1] - span.x1) < MAX_OFF * span.size:
        return [(span.x0 + start, span.x0 + end) for start, end in span.words]
    unit = (span.x1 - span.x0) / max(0.1, sum(map(_width, span.text.strip())))
    at = span.x0
    made = []
    for n, piece in enumerate(pieces):
        word = piece.lstrip()
        start = at + unit * sum(map(_width, piece[: len(piece) - len(word)] if n else ""))
        at = start + unit * sum(map(_width, word))
        made.append((start, at))
    return made


def _width(char: str) -> float:
    if char.isspace():
        return 0.6
    if char in _NARROW:
        return 0.65
    return 1.5 if char in "mwMW" else 1.3 if char.isupper() else 1.0


def _rows(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells on one baseline, from left to right; limits and indices that stand apart belong to the nearest cell."""
    usual = Counter(round(cell.size, 1) for cell in cells).most_common(1)[0][0] if cells else 0.0
    small = [cell for cell in cells if cell.size < MAX_LIMIT * usual]
    rows: list[list[Cell]] = []
    for cell in sorted((c for c in cells if c.size >= MAX_LIMIT * usual), key=lambda c: (c.baseline, c.x0)):
        if rows and cell.baseline - rows[-1][0].baseline < ONE_ROW * cell.size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    for cell in small:
        near = [(_distance(cell, other), other) for row in rows for other in row]
        gap, best = min(near, key=lambda pair: pair[0], default=(float("inf"), cell))
        if gap < 1.5 * usual:
            best.lines += cell.lines
        else:
            rows.append([cell])
    rows = [_joined(sorted(row, key=lambda cell: cell.x0)) for row in rows]
    for row in rows:
        for cell in row:
            cell.lines.sort(key=lambda line: line.x0)
    return sorted(rows, key=lambda row: row[0].baseline)


def _joined(row: Sequence[Cell]) -> list[Cell]:
    """Cells of a row from left to right; what is drawn apart without the gap of a cell is one."""
    made: list[Cell] = []
    for cell in row:
        if made and -cell.size < cell.x0 - made[-1].x1 < WORD_GAP * cell.size:
            made[-1].x1 = max(made[-1].x1, cell.x1)
            made[-1].lines += cell.lines
        else:
            made.append(cell)
    return made


def _distance(a: Cell, b: Cell) -> float:
    across = max(0.0, a.x0 - b.x1, b.x0 - a.x1)
    return float(across + abs(a.baseline - b.baseline))


def _gutters_under_heads(head: Sequence[Sequence[Cell]], body: Sequence[Sequence[Cell]]) -> list[float]:
    """Gutters of a table, across which heads may stand that are above several of its columns."""
    below = [gutter.x for gutter in gutters_of(body)]
    kept = [[cell for cell in row if not _crosses(cell, below)] for row in head]
    return [_narrowed(gutter, head) for gutter in gutters_of(body, kept)]


def _narrowed(gutter: Gutter, head: Sequence[Sequence[Cell]]) -> float:
    """The middle of what the cells of a head leave of a gutter into which they reach, those of its lower rows first."""
    x0, x1 = gutter.x0, gutter.x1
    for row in reversed(head):
        left = max((cell.x1 for cell in row if cell.x0 < x0 < cell.x1 < x1), default=x0)
        right = min((cell.x0 for cell in row if x0 < cell.x0 < x1 < cell.x1), default=x1)
        if left < right:
            x0, x1 = left, right
    return (x0 + x1) / 2


def _crosses(cell: Cell, gutters: Sequence[float]) -> bool:
    return any(cell.x0 < x - MIN_GUTTER and x + MIN_GUTTER < cell.x1 for x in gutters)


def _staggered(head: Sequence[list[Cell]], body: Sequence[list[Cell]], rules: Sequence[float]) -> list[list[Cell]]:
    """Rows of a head; those that stand closer than rows do are lines of cells in the middle of others, and one row."""
    steps = sorted(b[0].baseline - a[0].baseline for a, b in itertools.pairwise(body))
    usual = steps[len(steps) // 2] if steps else 0.0
    made: list[list[Cell]] = []
    last: Sequence[Cell] = ()
    for row in head:
        step = row[0].baseline - last[0].baseline if last else 0.0
        is_close = step < MAX_STAGGER * usual
        is_apart = (
            not made or any(made[-1][0].baseline < rule < row[0].baseline for rule in rules) or _spans(row, made[-1])
        )
        if is_close and not is_apart and not any(_above(cell, last) for cell in row):
            made[-1] += row
        else:
            made.append(list(row))
        last = row
    return made


def _above(cell: Cell, row: Sequence[Cell]) -> int:
    """How many cells of another row stand above or below one."""
    return sum(other.x0 < cell.x1 and cell.x0 < other.x1 for other in row)


def _spans(row: Sequence[Cell], other: Sequence[Cell]) -> bool:
    """Whether a cell of one of two rows stands above or below several of the other."""
    return any(_above(cell, other) > 1 for cell in row) or any(_above(cell, row) > 1 for cell in other)


def _in_columns(row: Sequence[Cell], edges: Sequence[float]) -> list[list[Line]]:
    columns: list[list[Line]] = [[] for _ in range(len(edges) - 1)]
    for cell in row:
        shares = [min(cell.x1, right) - max(cell.x0, left) for left, right in itertools.pairwise(edges)]
        width = max(0.1, cell.x1 - cell.x0)
        spanned = [n for n, share in enumerate(shares) if share > MIN_SHARE * width or share > MIN_REACH]
        best = spanned[0] if spanned else max(range(len(shares)), key=lambda n: shares[n])
        columns[best] += cell.lines
    return columns


def _wraps(
    above: Sequence[Sequence[Line]],
    columns: Sequence[Sequence[Line]],
    last: Sequence[Cell],
    row: Sequence[Cell],
    rules: Sequence[float],
    rows: Sequence[Sequence[Cell]],
) -> bool:
    """Whether a row is the next line of cells of the row above: its first cell is empty, it stands close below, and its cells have as
    many letters as digits: values do not go on.
    """
    upper, lower = last[0].baseline, row[0].baseline
    if any(upper < rule < lower for rule in rules):
        return False
    filled = [n for n, cell in enumerate(columns) if cell]
    if columns[0]:
        return False
    steps = sorted(b[0].baseline - a[0].baseline for a, b in itertools.pairwise(rows))
    tight = lower - upper < MAX_TIGHT * steps[0] if steps else True
    text = all(_is_text("".join(line.text for line in columns[n])) for n in filled)
    wide = all(sum(len(line.text) for line in above[n]) > MIN_WRAPPED for n in filled)
    return tight and text and wide


def _is_text(cell: str) -> bool:
    letters = sum(map(str.isalpha, cell))
    return letters > 0 and letters >= sum(map(str.isdigit, cell))
