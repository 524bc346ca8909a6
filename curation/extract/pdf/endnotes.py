"""Bibliographies that stand below a rule with raised labels, as REVTeX sets them: they look like footnotes and are none."""

from __future__ import annotations

from collections.abc import Sequence

from curation.extract.pdf.heading import REFERENCES, YEAR
from curation.extract.pdf.regions import Region
from curation.extract.pdf.style import Row

MIN_ENTRIES = 5
"""Notes of one page that count from 1, of a bibliography; and those of them that tell a year, MIN_DATED of all."""
MIN_DATED = 0.5
MIN_PLACE = 0.4
"""Share of the pages before the one on which it begins: the notes of a title page are notes."""


def without_entries(regions: Sequence[list[Region]], rows: Sequence[Sequence[Row]]) -> list[list[Region]] | None:
    """The regions of each page without those notes that are entries of a bibliography; None when there are none, or a heading
    announces another one.

    Args:
        rows: of each page, those that stand in no region.
    """
    if any(len(row.text) < 60 and REFERENCES.fullmatch(row.text) for own in rows for row in own):
        return None
    for page in range(len(regions) - 1, -1, -1):
        if page < MIN_PLACE * (len(regions) - 1):
            break
        notes = [region for region in regions[page] if region.kind == "footnote"]
        entries = _counted(notes, 1)
        n_dated = sum(bool(YEAR.search(" ".join(line.text for line in entry.lines))) for entry in entries)
        if len(entries) >= MIN_ENTRIES and n_dated >= MIN_DATED * len(entries):
            for own in regions[page + 1 :]:
                entries += _counted([r for r in own if r.kind == "footnote"], int(entries[-1].label) + 1)
            gone = {id(entry) for entry in entries}
            return [[region for region in own if id(region) not in gone] for own in regions]
    return None


def _counted(notes: Sequence[Region], first: int) -> list[Region]:
    """Notes whose labels count on from the first number, and those without a label between them, which go on."""
    made: list[Region] = []
    expected = first
    for note in notes:
        if note.label == str(expected):
            made.append(note)
            expected += 1
        elif made and note.label:
            break
    return made
