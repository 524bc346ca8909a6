"""Tables of a PDF that go on: below their last rule, on the next page, in the next column."""

from __future__ import annotations

import pytest

from curation.extract.pdf import extract_pdf
from curation.extract.pdf.page import Backend
from tests.extract.sheets import LEFT, RIGHT, Sheets, sentence
from tests.extract.test_pdf import any_backend
from tests.extract.test_pdf_tables import put_rows

HEAD = "Name Speed Mass"
SYSTEMS = [f"Alpha{n} v{n % 7} {n}.5" for n in range(44)]
FOOT = 800.0


def piped(rows: list[str]) -> str:
    lines = [f"| {' | '.join(row.split())} |" for row in rows]
    return "\n".join([lines[0], "| --- | --- | --- |", *lines[1:]])


def tables_of(made: Sheets, backend: Backend) -> list[str]:
    extracted = extract_pdf(made.data(), backend=backend)
    assert "ontinued" not in extracted.text
    return [block for block in extracted.text.split("\n\n") if block.startswith("|")]


def first_part(made: Sheets, rows: list[str]) -> None:
    """Text, a caption, a head between rules, and rows down to the end of the page."""
    made.justified(LEFT, RIGHT, 60, sentence(200), indent=15)
    top = FOOT - 12 * len(rows)
    made.put(LEFT, top - 34, "Table 3. Systems that were seen", 9)
    for y in (top - 26, top - 10):
        made.rule(LEFT + 10, RIGHT - 60, y)
    put_rows(made, top - 14, [HEAD])
    put_rows(made, top, rows)


@any_backend
@pytest.mark.parametrize("said", ["nothing", "its head", "that it goes on"])
def test_rows_at_the_top_of_the_next_pages_belong_to_the_table_before(backend: Backend, said: str) -> None:
    made = Sheets()
    first_part(made, SYSTEMS[:8])
    if said == "that it goes on":
        made.put(RIGHT - 140, FOOT + 12, "Continued on next page", 9)
    y = 60.0
    for n, rows in enumerate((SYSTEMS[8:38], SYSTEMS[38:])):
        made.new_page()
        y = 60.0
        if said == "that it goes on":
            made.put(LEFT + 60, y, "Table 3: continued from previous page", 9)
            y += 14
        if said == "its head":
            y = put_rows(made, y, [HEAD])
            made.rule(LEFT + 10, RIGHT - 60, y - 8)
        y = put_rows(made, y + 3, rows)
        if n:
            made.rule(LEFT + 10, RIGHT - 60, y - 8)
    made.justified(LEFT, RIGHT, y + 30, sentence(90, 20), indent=15)
    assert tables_of(made, backend) == [piped([HEAD, *SYSTEMS])]


@any_backend
@pytest.mark.parametrize("caption", ["above", "below"])
def test_a_table_with_a_caption_of_its_own_goes_on_with_none(backend: Backend, caption: str) -> None:
    made = Sheets()
    first_part(made, SYSTEMS[:8])
    made.new_page()
    y = put_rows(made, 84, [HEAD, *SYSTEMS[8:14]])
    made.put(LEFT, 60 if caption == "above" else y + 14, "Table 4. Systems that were seen later", 9)
    made.justified(LEFT, RIGHT, y + 30, sentence(90, 20), indent=15)
    assert tables_of(made, backend) == [piped([HEAD, *SYSTEMS[:8]]), piped([HEAD, *SYSTEMS[8:14]])]


@any_backend
def test_text_at_the_top_of_the_next_page_is_no_row(backend: Backend) -> None:
    made = Sheets()
    first_part(made, SYSTEMS[:8])
    made.new_page()
    made.justified(LEFT, RIGHT, 60, sentence(90, 20), indent=15)
    assert tables_of(made, backend) == [piped([HEAD, *SYSTEMS[:8]])]


@any_backend
@pytest.mark.parametrize("heading", ["REFERENCES", "Acknowledgements"])
def test_a_table_goes_on_across_no_heading(backend: Backend, heading: str) -> None:
    """Below it stand two columns, each in one of the table's."""
    made = Sheets()
    first_part(made, SYSTEMS[:8])
    made.new_page()
    made.put(LEFT + 12, 60, heading)
    entries = [f"Kay{n} Low{n} 19{n + 60}" for n in range(12)]
    put_rows(made, 74, entries)
    extracted = extract_pdf(made.data(), backend=backend)
    text = f"{extracted.text}\n{extracted.references}"
    assert piped([HEAD, *SYSTEMS[:8]]) in text
    assert not any(f"| {entry.split()[0]}" in text for entry in entries)


@any_backend
def test_a_table_without_a_rule_at_its_foot_has_the_rows_below_its_head(backend: Backend) -> None:
    """They end where text begins, though another table with a caption above follows."""
    made = Sheets()
    y = made.justified(LEFT, RIGHT, 80, sentence(90), indent=15) + 20
    for n, rows in enumerate((SYSTEMS[:6], SYSTEMS[6:12])):
        made.put(LEFT, y, f"Table {n + 1}. Part {n} of the systems", 9)
        for at in (8, 10, 26):
            made.rule(LEFT + 10, RIGHT - 60, y + at)
        put_rows(made, y + 22, [HEAD])
        y = put_rows(made, y + 38, rows) + 16
    made.justified(LEFT, RIGHT, y + 20, sentence(90, 20), indent=15)
    assert tables_of(made, backend) == [piped([HEAD, *SYSTEMS[:6]]), piped([HEAD, *SYSTEMS[6:12]])]


@any_backend
@pytest.mark.parametrize("other", ["the same", "another"])
def test_what_repeats_the_head_in_the_next_column_goes_on(backend: Backend, other: str) -> None:
    made = Sheets()
    head = HEAD if other == "the same" else "System Weight Height"
    made.put(60, 560, "Table 3. Systems that were seen", 9)
    made.justified(60, 280, 60, sentence(220), last_full=True)
    for x, y, rows in ((60, 580, [HEAD, *SYSTEMS[:10]]), (315, 60, [head, *SYSTEMS[10:24]])):
        for at in (-10, 4, 12 * len(rows)):
            made.rule(x, x + 220, y + at)
        for n, row in enumerate(rows):
            for m, cell in enumerate(row.split()):
                made.put(x + 10 + 70 * m, y + 12 * n + (4 if n else 0), cell, 9)
    made.justified(315, 535, 270, sentence(300, 20), last_full=True)
    parts = (
        [piped([HEAD, *SYSTEMS[:24]])]
        if other == "the same"
        else [piped([HEAD, *SYSTEMS[:10]]), piped([head, *SYSTEMS[10:24]])]
    )
    assert tables_of(made, backend) == parts


@any_backend
def test_a_first_part_that_says_that_it_goes_on_is_no_part_of_the_table_above(backend: Backend) -> None:
    """A class may write so below each part; the one with a caption of its own is the first."""
    made = Sheets()
    first_part(made, SYSTEMS[:8])
    made.new_page()
    parts = (("Table 3 (continued)", SYSTEMS[8:12], ""), ("Table 4. Later ones", SYSTEMS[12:20], "Table 4 continued"))
    y = 60.0
    for above, rows, below in parts:
        made.put(LEFT + 60, y, above, 9)
        for at in (8, 24, 32 + 12 * len(rows)):
            made.rule(LEFT + 10, RIGHT - 60, y + at)
        put_rows(made, y + 20, [HEAD])
        y = put_rows(made, y + 36, rows) + 10
        made.put(made.put(LEFT + 60, y, below[:-9], 9, "bold"), y, below[-9:], 9, "italic")
        y += 30
    made.justified(LEFT, RIGHT, y + 30, sentence(90, 20), indent=15)
    assert tables_of(made, backend) == [piped([HEAD, *SYSTEMS[:12]]), piped([HEAD, *SYSTEMS[12:20]])]
