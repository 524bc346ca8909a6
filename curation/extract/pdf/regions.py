"""What cuts the text of a page: figures, captions, tables, footnotes and displayed equations."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from curation.extract.pdf.boxes import is_inside
from curation.extract.pdf.captions import captions_of, is_continued, label_of
from curation.extract.pdf.columns import SAME_EDGE, Frame
from curation.extract.pdf.equations import Equation, equations_of
from curation.extract.pdf.figures import figures_of
from curation.extract.pdf.labels import labels_of
from curation.extract.pdf.listings import listings_of, without_code
from curation.extract.pdf.mathematics import math_share
from curation.extract.pdf.notes import foot_rules, notes_of
from curation.extract.pdf.page import Box, Line, Page, rows_of_lines
from curation.extract.pdf.side_by_side import parted
from curation.extract.pdf.style import Row, Style, rows_of
from curation.extract.pdf.table_parts import MAX_WORDS, NEXT_PAGE, goes_on_with, is_open, join, reach_down, rows_on_top
from curation.extract.pdf.tables import (
    Table,
    has_columns,
    has_names,
    is_regular,
    ruled_tables,
    rules_of,
    table_beside,
    table_of,
)
from curation.extract.pdf.wrapped import unwrapped

MIN_ASIDE = 4.0
"""Points from a column to a note in its margin."""
MAX_MARGIN = 0.3
"""Share of a page's characters that notes in its margins hold at most; past it they are a column."""
_OF_STEPS = frozenset({"Algorithm", "Listing"})
"""What numbered steps between rules belong to."""
EDGE = 3.0
"""Points by which the caption of an algorithm may jut out of its rules."""
MIN_WIDTH_ALONE = 150.0
"""Points of a table without a caption: wider than a fraction. Of a narrower one most rows have every cell."""

MAX_LONG = 0.34
"""Share of the lines of a table below the caption of a figure that are longer than cells."""
MAX_MATH = 0.3
"""Share of a table's characters that are set as mathematics, where no caption says that it is one."""


@dataclass(slots=True)
class Region:
    """Lines that stand in no paragraph.

    Args:
        kind: figure (its lines are labels and no text), caption, table, table_note, footnote, margin, listing or equation.
        label: `Figure 3` of a caption, the mark of a footnote.
    """

    kind: str
    lines: list[Line]
    label: str = ""
    table: Table | None = None
    own: list[Line] = field(default_factory=list)
    """Its lines without its label."""
    equation: Equation | None = None
    n_uncaptioned: int = 0
    """Words of a figure's labels that no caption answers for."""


def regions_of(page: Page, number: int, style: Style, before: Table | None = None) -> list[Region]:
    """The regions of a page, each line in one of them at most.

    Args:
        before: the table that the page before ends with.
    """
    made: list[Region] = []
    taken: set[int] = set()

    def add(region: Region) -> None:
        region.lines = [line for line in region.lines if id(line) not in taken]
        if region.lines:
            made.append(region)
            taken.update(id(line) for line in region.lines)

    aside = _in_margin(page, style.columns[number])
    rows = rows_of(page, number, style, {id(line) for line in aside})
    figures = without_code(figures_of(page, rows, style), rows, page.lines, style.leading)
    rows = unwrapped(rows, figures, style)
    captions = captions_of(rows, style, [*figures, *rules_of(page)])
    labels = labels_of(page, figures, rows, captions, style)
    for row in rows:
        if NEXT_PAGE.fullmatch(row.text):
            add(Region("figure", row.lines))
    for caption in captions:
        add(_caption(caption))
    further = [c for c in captions if (found := label_of(c[0].text)) is not None and is_continued(found[2])]
    own_lines = [line for c in captions if c not in further for row in c for line in row.lines]
    outside = {id(line) for line in labels.lines} | taken
    left = [line for line in page.lines if id(line) not in outside]
    tables = sorted(
        ruled_tables(page, labels.figures, style, [line for c in captions for row in c for line in row.lines]),
        key=lambda table: (table.box[0] > page.width / 2, table.box[1]),
    )
    for table in tables:
        if not any(_near(caption, table.box) for caption in captions if caption not in further):
            table.goes_on = any(
                goes_on_with(table, other, [*left, *own_lines], same_page=other is not before)
                for other in (before, *tables)
                if other is not None and other is not table
            )
    tables = [table for table in tables if table.goes_on or _is_table(table, captions)]
    for table in tables:
        table.goes_on |= _is_further_part(table, captions, further)
        table.lines = [line for line in table.lines if id(line) not in taken]
        reach_down(table, [line for line in left if id(line) not in taken], style)
        add(Region("table", table.lines, table=table))
    rules = rules_of(page)
    if before is not None and not any(table.goes_on for table in tables):
        lines = rows_on_top(before, [line for line in left if id(line) not in taken], own_lines, style)
        if lines:
            add(Region("table", lines, table=table_of(lines, rules, goes_on=True)))
    for caption in captions:
        name = (label_of(caption[0].text) or ("",))[0]
        if name not in ("Table", "Figure") or any(_near(caption, table.box) for table in tables):
            continue
        if name == "Figure" and any(_near(caption, box) for box in labels.figures):
            continue
        free = _rows_of_frame(page, rows, caption[0].frame, style.columns[number], taken)
        if lines := [line for row in _rows_beside(free, caption, style) for line in row.lines]:
            table = table_of(lines, rules, goes_on=caption in further)
            if name == "Table" or (
                is_regular(table)
                and has_names(table)
                and not _is_running(lines)
                and math_share(s for line in lines for s in line.spans) < MAX_MATH
            ):
                for one in parted(table, rules):
                    add(Region("table", one.lines, table=one))
    add(Region("figure", labels.lines, n_uncaptioned=labels.n_uncaptioned))
    middle = page.width / 2
    for side in ([line for line in aside if line.x0 < middle], [line for line in aside if line.x0 >= middle]):
        for lines in _by_gaps([line for line in side if id(line) not in taken]):
            add(Region("margin", lines))
    free = [row for row in rows if not any(id(line) in taken for line in row.lines)]
    for table in tables:
        notes = _table_notes(free, table, page, style)
        add(Region("table_note", [line for row in notes for line in row.lines]))
    free = [row for row in free if not any(id(line) in taken for line in row.lines)]
    for note, note_rows in notes_of(page, free, style, first=number == 0):
        add(Region("footnote", [line for row in note_rows for line in row.lines], note.mark, own=note.lines))
    free = [row for row in free if not any(id(line) in taken for line in row.lines)]
    for listing in listings_of(free, style.leading):
        add(Region("listing", [line for row in listing for line in row.lines]))
    free = [row for row in free if not any(id(line) in taken for line in row.lines)]
    for equation in equations_of(free, style, style.columns[number]):
        add(Region("equation", equation.lines, equation=equation))
    return made


def regions_of_all(pages: Sequence[Page], style: Style) -> list[list[Region]]:
    """The regions of each page of a document; what goes on with a table of the page before has become rows of that one."""
    made: list[list[Region]] = []
    last: tuple[Table, int] | None = None
    before: Table | None = None
    for number, page in enumerate(pages):
        found = regions_of(page, number, style, before) if page.recognised is None else []
        before = _last_table(found, page)
        for region in found:
            if region.table is None:
                continue
            if last is not None and region.table.goes_on:
                shift = style.columns[number][0].x0 - style.columns[last[1]][0].x0
                if join(last[0], region.table, shift):
                    region.kind, region.table = "figure", None
                    continue
            last = (region.table, number)
        made.append(found)
    return made


def _last_table(regions: Sequence[Region], page: Page) -> Table | None:
    """The table that a page ends with, but for its notes and those of the page."""
    tables = [region.table for region in regions if region.table is not None]
    lowest = max(tables, key=lambda table: table.box[3], default=None)
    aside = {id(line) for region in regions if region.kind not in ("caption", "equation") for line in region.lines}
    if lowest is None or not is_open(lowest, [line for line in page.lines if id(line) not in aside]):
        return None
    return lowest


def _in_margin(page: Page, columns: Sequence[Frame]) -> list[Line]:
    """Lines beside all columns: notes in the margin."""
    left, right = columns[0].x0 - MIN_ASIDE, columns[-1].x1 + MIN_ASIDE
    upright = [line for line in page.lines if line.angle == 0]
    beside = [
        line
        for side in ([line for line in upright if line.x1 < left], [line for line in upright if line.x0 > right])
        for line in _notes_beside(side)
    ]
    return beside if sum(len(line.text) for line in beside) <= MAX_MARGIN * page.chars else []


def _notes_beside(lines: Sequence[Line]) -> list[Line]:
    """Lines of one margin that have words, and short ones (`of`, `2019`) between, above or below them."""
    notes = [line for line in lines if sum(c.isalpha() for c in line.text) > 2]
    if not notes:
        return []
    x0, x1 = min(line.x0 for line in notes) - SAME_EDGE, max(line.x1 for line in notes) + SAME_EDGE
    return [
        line
        for line in lines
        if x0 < line.x0 and line.x1 < x1 and any(abs(line.baseline - note.baseline) < 1.5 * note.size for note in notes)
    ]


def _by_gaps(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines of a margin from top to bottom, cut where they stand apart."""
    made: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.baseline, line.x0)):
        if made and line.baseline - made[-1][-1].baseline < 1.5 * line.size:
            made[-1].append(line)
        else:
            made.append([line])
    return made


def _caption(rows: Sequence[Row]) -> Region:
    lines = [line for row in rows for line in row.lines]
    found = label_of(rows[0].text)
    name, number, rest, _ = found if found is not None else ("", "", "", False)
    if is_continued(rest):
        return Region("figure", lines)
    return Region("caption", lines, f"{name} {number}")


def _rows_beside(rows: Sequence[Row], caption: Sequence[Row], style: Style) -> list[Row]:
    """The rows of a table without rules below its caption or above it; the nearer ones where both are."""
    below = table_beside(rows, caption[-1].y1, style)
    above = table_beside(rows, caption[0].y0, style, above=True)
    if below and above:
        return below if below[0].y0 - caption[-1].y1 <= caption[0].y0 - above[-1].y1 else above
    return below or above


def _is_running(lines: Sequence[Line]) -> bool:
    """Whether lines have more words than cells do: text in two columns, some of whose lines are the last ones of paragraphs."""
    return sum(len(line.text.split()) > MAX_WORDS for line in lines) > MAX_LONG * len(lines)


def _rows_of_frame(
    page: Page, rows: Sequence[Row], frame: Frame, columns: Sequence[Frame], taken: Container[int]
) -> list[Row]:
    """The free rows of a frame. Of one that reaches across columns cells stand in these, but text that fills a column is none."""
    if frame in columns:
        return [row for row in rows if row.frame == frame and not any(id(line) in taken for line in row.lines)]
    lines = [line for line in page.lines if line.angle == 0 and id(line) not in taken and frame.holds(line, SAME_EDGE)]
    text = {id(line) for row in rows if row.frame in columns and _fills(row) for line in row.lines}
    made = [sorted(row, key=lambda line: line.x0) for row in rows_of_lines(lines, 0.35)]
    return [Row(row, row[0].baseline, frame) for row in made if not any(id(line) in text for line in row)]


def _fills(row: Row) -> bool:
    """Whether running text fills a column."""
    return len(row.lines) == 1 and row.words > 4 and row.x1 - row.x0 > 0.8 * (row.frame.x1 - row.frame.x0)


def _near(caption: Sequence[Row], box: Box) -> bool:
    """Whether a table or figure stands close below or above a caption."""
    top, bottom = caption[0].y0, caption[-1].y1
    frame = caption[0].frame
    beside = box[0] < frame.x1 and frame.x0 < box[2]
    return beside and (-4 < box[1] - bottom < 60 or -4 < top - box[3] < 60)


def _is_further_part(table: Table, captions: Sequence[Sequence[Row]], further: Sequence[Sequence[Row]]) -> bool:
    """Whether a table stands beside "Table 2 (continued)", and not below a caption of its own: the first part of one may end with
    such words, too.
    """
    above = [caption for caption in captions if _near(caption, table.box) and caption[0].y0 < table.box[1]]
    nearest = max(above, key=lambda caption: caption[-1].y1, default=None)
    return nearest in further if nearest else any(_near(caption, table.box) for caption in further)


def _is_table(table: Table, captions: Sequence[Sequence[Row]]) -> bool:
    """Whether a caption stands beside what lies between rules, or it has the rules and rows of a table: fraction bars, boxes
    around an abstract and rules of a page's head have not.
    """
    near = {(label_of(caption[0].text) or ("",))[0] for caption in captions if _near(caption, table.box)}
    inside = {(label_of(c[0].text) or ("",))[0] for c in captions if _is_in(c[0], table)}
    if "Table" not in near and (near | inside) & _OF_STEPS:
        return False
    if "Table" in near or not has_columns(table):
        return "Table" in near
    if near - {"Figure"}:
        return True
    rows = {round(line.baseline) for line in table.lines}
    math = math_share(span for line in table.lines for span in line.spans)
    is_wide = table.box[2] - table.box[0] > MIN_WIDTH_ALONE
    return table.n_rules >= 3 and len(rows) >= 3 and math < MAX_MATH and (is_wide or is_regular(table))


def _is_in(row: Row, table: Table) -> bool:
    return is_inside((row.x0, row.y0, row.x1, row.y1), table.box, EDGE)


def _table_notes(rows: Sequence[Row], table: Table, page: Page, style: Style) -> list[Row]:
    """Small rows close below a table: its notes, no farther than to the rule above the footnotes of the page."""
    made: list[Row] = []
    last = table.box[3]
    for row in sorted(rows, key=lambda row: row.baseline):
        if row.baseline <= table.box[3] or row.x0 > table.box[2] or row.x1 < table.box[0]:
            continue
        if row.y0 - last > 1.3 * style.leading or row.size > style.size - 0.6:
            break
        if any(table.box[3] + 1 < rule < row.baseline for rule in foot_rules(page, row.frame)):
            break
        made.append(row)
        last = row.y1
    return made
