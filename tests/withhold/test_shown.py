"""What a reader sees of a text that is coded, where it stands in that, and that a run finds in it what an audit would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from curation.withhold import hash_hits, text_hits
from curation.withhold.audit_row import in_document
from curation.withhold.hash_index import HashIndex
from curation.withhold.hashed import hashes_table, item_rows
from curation.withhold.index import TextIndex
from curation.withhold.phrases import NO_PHRASES
from curation.withhold.shown import as_shown, shown
from tests.withhold.plants import CLEAN, LONG, SHORT, SOLVED, as_exam, within

ITEMS = (LONG, SHORT, SOLVED)
CODED: dict[str, Callable[[str], str]] = {
    "every word in a tag": lambda text: " ".join(f'<span class="w">{word}</span>' for word in text.split()),
    "first letters in italics": lambda text: " ".join(f"<i>{word[:1]}</i>{word[1:]}" for word in text.split()),
    "cells": lambda text: "<tr><td>" + "</td><td>".join(text.split()) + "</td></tr>",
    "comments": lambda text: " ".join(f"{word}<!-- seen {n} -->" for n, word in enumerate(text.split())),
    "escaped blanks": lambda text: text.replace(" ", "\\u0020"),
    "an address": lambda text: "".join(f"%{ord(character):02x}" for character in text),
    "links": lambda text: " ".join(
        f'<a href="/wiki/{word}" title="{word} of the sky">{word}</a>' if n % 3 == 0 else word
        for n, word in enumerate(text.split())
    ),
}
SAID = {"b.csv:1": LONG.question, "b.csv:2": as_exam(SHORT, (2, 0, 3, 1)), "b.csv:5": str(SOLVED.answer)}


def test_what_a_reader_sees() -> None:
    assert as_shown("a<!-- b\n-->c \\u0041\\u00E9 %41%6a d[^12] e\u00b9\u00b2 <!--") == "ac A\u00e9 Aj d e <!--"
    assert as_shown("\\upsilon \\ud800 5 % of it [12] x 10\u00b2") is None


def test_tags_are_taken_out() -> None:
    assert as_shown("plain $a < b$ and 1 <2> 3 & 50 % of it;") is None
    assert as_shown("a<br>b<i>c</i>d <sub\nx='1'>2</sub> <p1>e</P>f") == "a bcd 2 e f"


def test_bytes_that_are_shown_have_their_place() -> None:
    text = "é <b>one</b> tw\\u006f \u03b1%41b<br>three<!-- no -->"
    made = shown(text)
    assert made is not None and made.text == "é one two \u03b1Ab three"

    def stands(words: str) -> str:
        start = made.text.encode().index(words.encode())
        begin, end = made.place(start, start + len(words.encode()))
        return text.encode()[begin:end].decode()

    assert stands("one two") == "one</b> tw\\u006f"
    assert [stands(words) for words in ("é", "one", "wo", "A", "Ab three", "three")] == [
        *("é", "one", "w\\u006f", "%41", "%41b<br>three", "three"),
    ]


def found_by(text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], set[str]]:
    """What the layers of a run find in a document, as OCR reads it and as an audit does, and what the audit of a release finds in it."""
    made = pa.array([text], pa.large_string())
    ids, texts = pa.chunked_array([["d"]]), pa.chunked_array([made])
    index = hash_hits.ItemHashes({"B": ITEMS}, {"B": NO_PHRASES})
    titles = pa.chunked_array([pa.array([None], pa.large_string())])
    row: dict[str, Any] = defaultdict(lambda: None, id="d", paper_id="d", text=text)
    audit = HashIndex(hashes_table(row for item in ITEMS for row in item_rows("B", item)))
    return (
        list(text_hits.hit_rows(TextIndex({"B": ITEMS}), pa.array(["d"]), made)),
        list(hash_hits.hit_rows(index, ids, titles, texts)),
        {match.entry for match in in_document(row, audit) if match.found},
    )


@pytest.mark.parametrize("coded", CODED)
def test_a_run_finds_in_a_coded_text_what_an_audit_finds(coded: str) -> None:
    for entry, said in SAID.items():
        text = within(CODED[coded](said))
        by_text, by_hash, by_audit = found_by(text)
        assert [row["entry"] for row in by_text] == [row["entry"] for row in by_hash] == [entry]
        assert by_audit == {entry}
        for row in (*by_text, *by_hash):
            spans = [text.encode()[span["start"] : span["end"]].decode() for span in row["spans"]]
            seen = as_shown(" ".join(spans)) or ""
            assert seen.split()[0] in said and CLEAN[:40] not in seen


def test_an_item_that_stands_there_plain_and_coded_is_one_row_of_both_places() -> None:
    coded = CODED["every word in a tag"](LONG.question)
    text = f"{within(LONG.question)}\n\n{within(coded)}"
    by_text, by_hash, _ = found_by(text)
    for (row,) in (by_text, by_hash):
        first, last = row["spans"][0]["start"], row["spans"][-1]["end"]
        assert first == text.index(LONG.question)
        assert text.index(coded) < last <= text.index(coded) + len(coded)


def test_a_title_of_which_a_coded_item_takes_a_part_has_no_place() -> None:
    coded = CODED["every word in a tag"](LONG.question)
    head, tail = coded[: len(coded) // 3], coded[len(coded) // 3 :]
    index = hash_hits.ItemHashes({"B": ITEMS}, {"B": NO_PHRASES})
    columns = [pa.chunked_array([pa.array([value], pa.large_string())]) for value in ("d", head, tail)]
    (row,) = hash_hits.hit_rows(index, *columns)
    assert (row["entry"], row["spans"]) == ("b.csv:1", None)
