"""Which text inside of images and drawings is the labels of a figure: what nothing shows to be labels stays in the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from curation.extract.pdf.boxes import touch
from curation.extract.pdf.captions import label_of
from curation.extract.pdf.figures import MIN_SIDE, drawings_of, in_figure, is_prose
from curation.extract.pdf.mathematics import words_of_text
from curation.extract.pdf.page import MAX_BOXES, Box, Line, Page, rows_of_lines
from curation.extract.pdf.style import Row, Style

_CAPTION = re.compile(
    r"\W*(?:(?:extended data|supplementary|supporting|online) )?(?:fig(?:ure|ura)?|abb(?:ildung)?|рис(?:унок)?|plate|scheme|chart|panel)\b[ .]*[A-Z]?\d",
    re.IGNORECASE,
)
"""A caption that no mark tells, of other languages, too."""
_TICK = re.compile(r"[-+−–±×*^·.,:/%°'′\"″()\[\]\d\s]*\d[-+−–±×*^·.,:/%°'′\"″()\[\]\d\s]*(?:[eE][-+−]?\d+)?")
"""A label of a tick: a number, a time, a power of ten."""
MIN_OWN_TICKS = 3
"""Numbers in a drawing, in a font that no text of the document has, that tell the font of its labels."""
OWN_REACH = 3.0
"""Sizes from a drawing to the names of its axes, in a font of their own, beyond its numbers."""
MIN_TEXT_WORDS = 6
"""Of a line whose fonts are those of the text: labels have fewer."""
MIN_TEXT_PIECES = 8
"""The same, of pieces with letters between blanks: entries of a bibliography have initials and abbreviations for words."""
_PANEL = re.compile(r"\W*\(?[a-h]\)\s")
"""What a caption of one panel begins with."""
PANEL_REACH = 2.5
"""Leadings between panels of one figure, for names of axes and panels."""
MIN_DRAWN = 12
"""Paths of a drawing without a caption: frames, ticks and curves of a plot are more, boxes of a form or a button are fewer."""
MIN_TICKS = 0.33
"""Share of lines that are numbers, in a drawing without a caption that is a plot."""
MIN_NAMED_ROWS = 4
"""Rows of a name and numbers that make a table; names in a plot stand beside its numbers by chance."""
MAX_WORDS = 40
"""Words of text in a plot without a caption: names of its axes and curves. Timetables and forms have more."""
MIN_PROSE_WORDS = 4
"""Of a line of running text in a drawing, in the mean; labels break sooner."""
MAX_OPEN = 40
"""Runs of lines that may go on at one height: columns, and labels between them."""
MIN_PROSE_LINES = 3
"""Lines of running text close below each other, which are no label: a legend's have few words or one line."""


@dataclass(slots=True)
class Labels:
    """Lines that are labels, the boxes of the figures they belong to, and how many words no caption answers for."""

    lines: list[Line] = field(default_factory=list)
    figures: list[Box] = field(default_factory=list)
    n_uncaptioned: int = 0


def labels_of(
    page: Page, figures: Sequence[Box], rows: Sequence[Row], captions: Sequence[Sequence[Row]], style: Style
) -> Labels:
    """The labels of the figures of a page. A figure has a caption, with no running text between them, or it is an image or
    dense drawing whose text is mostly numbers. Running text is no label in either.

    Args:
        figures: boxes of images and clusters of paths (`figures.figures_of`).
        captions: rows of each caption of the page, of tables, too.
    """
    named = {id(row) for caption in captions for row in caption}
    prose = [row for row in rows if id(row) not in named and is_prose(row, style) and not _is_labels(row, figures)]
    heads = [caption for caption in captions if (label_of(caption[0].text) or ("",))[0] not in ("Table", "")]
    heads += [[row] for row in rows if id(row) not in named and _CAPTION.match(row.text)]
    proven = [figure for figure in figures if any(_belongs(figure, caption, prose) for caption in heads)]
    for figure in proven:  # it grows: panels of one figure stand beside and above each other
        reach = PANEL_REACH * style.leading
        proven += [other for other in figures if other not in proven and touch(figure, other, reach)]
    running = _running(page.lines) if figures else set()
    made = Labels()
    for figure in figures:
        lines = [line for line in page.lines if in_figure(line, [figure])]
        captioned = figure in proven
        if lines and not captioned and not _is_plot(page, figure, lines):
            continue
        labels = [line for line in lines if id(line) not in running]
        made.figures.append(figure)
        made.lines += labels
        if not captioned:
            made.n_uncaptioned += sum(len(line.text.split()) for line in labels)
    known = {id(line) for line in made.lines}
    for drawing, lines in _in_own_fonts(page, style):
        labels = [line for line in lines if id(line) not in known]
        known.update(map(id, labels))
        made.lines += labels
        if not any(touch(drawing, figure, 0.0) for figure in proven):
            made.n_uncaptioned += sum(len(line.text.split()) for line in labels)
    return made


def _in_own_fonts(page: Page, style: Style) -> Iterator[tuple[Box, list[Line]]]:
    """Drawings, each with the short lines in and around it whose fonts set its ticks and no text: it may lie over text, or far
    from its caption. On a page that draws more than it tells, such a drawing may lie anywhere.
    """
    fonts = {style.font}
    for line in page.lines:
        pieces = sum(any(map(str.isalpha, piece)) for piece in line.text.split())
        if len(words_of_text(line)) >= MIN_TEXT_WORDS or pieces >= MIN_TEXT_PIECES:
            fonts.update(span.font for span in line.spans)
    strange = [line for line in page.lines if not any(span.font in fonts for span in line.spans)]
    if len(strange) < MIN_OWN_TICKS:
        return
    drawings = drawings_of(page) if len(page.paths) < MAX_BOXES else [page.area]
    for drawing in drawings:
        reach = OWN_REACH * max(style.size, *(line.size for line in strange))
        wide = (drawing[0] - reach, drawing[1] - reach, drawing[2] + reach, drawing[3] + reach)
        lines = [line for line in strange if in_figure(line, [wide])]
        ticks = Counter(span.font for line in lines if _TICK.fullmatch(line.text.strip()) for span in line.spans)
        own = {font for font, n in ticks.items() if n >= MIN_OWN_TICKS}
        labels = [line for line in lines if all(span.font in own for span in line.spans)]
        if labels and _named_rows(labels) < MIN_NAMED_ROWS:
            yield drawing, labels


def _is_labels(row: Row, figures: Sequence[Box]) -> bool:
    """Whether a row stands in figures and none of its lines is long: names of the axes of panels beside each other."""
    inside = any(in_figure(line, figures) for line in row.lines)
    return inside and all(len(words_of_text(line)) < MIN_PROSE_WORDS for line in row.lines)


def _belongs(figure: Box, caption: Sequence[Row], prose: Sequence[Row]) -> bool:
    """Whether no running text stands between a figure and a caption."""
    x0, y0 = min(figure[0], *(row.x0 for row in caption)), min(figure[1], *(row.y0 for row in caption))
    x1, y1 = max(figure[2], *(row.x1 for row in caption)), max(figure[3], *(row.y1 for row in caption))
    between = [
        row
        for row in prose
        if x0 < (row.x0 + row.x1) / 2 < x1 and y0 < (row.y0 + row.y1) / 2 < y1 and not in_figure(row.lines[0], [figure])
    ]
    return not between or bool(_PANEL.match(min(between, key=lambda row: row.baseline).text))


def _is_plot(page: Page, figure: Box, lines: Sequence[Line]) -> bool:
    """Whether an image or many paths lie in a box, and the text with them is numbers and a few names."""
    inside = [box for box in page.images if _middle_in(box, figure) and min(_sides(box)) > MIN_SIDE]
    drawn = sum(1 for box in page.paths if _middle_in(box, figure))
    if not inside and drawn < MIN_DRAWN:
        return False
    ticks = sum(bool(_TICK.fullmatch(line.text.strip())) for line in lines)
    words = sum(len(words_of_text(line)) for line in lines)
    return ticks >= MIN_TICKS * len(lines) and words <= MAX_WORDS and _named_rows(lines) < MIN_NAMED_ROWS


def _named_rows(lines: Sequence[Line]) -> int:
    """Rows that begin with words and go on with numbers, as those of a table do."""
    made = 0
    for row in rows_of_lines((line for line in lines if line.angle == 0), 0.3):
        first, *rest = sorted(row, key=lambda line: line.x0)
        made += bool(words_of_text(first)) and any(_TICK.fullmatch(line.text.strip()) for line in rest)
    return made


def _middle_in(box: Box, outer: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return outer[0] - 1 <= x <= outer[2] + 1 and outer[1] - 1 <= y <= outer[3] + 1


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _running(lines: Sequence[Line]) -> set[int]:
    """Ids of the lines of running text: of many words but the last, close below each other, in one size, from one edge."""
    found: set[int] = set()
    open_: list[list[Line]] = []
    for line in sorted((line for line in lines if line.angle == 0), key=lambda line: line.baseline):
        for run in reversed(open_[-MAX_OPEN:]):
            last = run[-1]
            near = 0 < line.baseline - last.baseline < 1.6 * line.size
            if near and abs(line.size - last.size) < 0.6 and abs(line.x0 - last.x0) < 2 * line.size:
                run.append(line)
                break
        else:
            open_.append([line])
    for run in open_:
        words = sum(len(words_of_text(line)) for line in run[:-1])
        if len(run) >= MIN_PROSE_LINES and words >= MIN_PROSE_WORDS * (len(run) - 1):
            found.update(map(id, run))
    return found
