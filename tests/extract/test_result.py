"""What a route gives crosses the border when it can be a row of a table, and is refused when it cannot."""

from __future__ import annotations

import time
from typing import Any

import pytest

from curation.errors import PaperError
from curation.extract.form import Parts
from curation.extract.pages import Displayed, PageRead, PagesFailed, ToRecognise, raise_failed
from curation.extract.result import MAX_ITEMS, Extracted, clean_extracted, from_plain, to_plain
from schemas import ROUTES, Reason


def plain(**changed: Any) -> dict[str, Any]:
    made = Extracted(text="A star.", route="latex", title="T", n_pages=3, warnings=["w"], undefined_macros=["m"])
    return to_plain(made) | changed


@pytest.mark.parametrize("name", ["text", "title", "references", "main", "keywords"])
@pytest.mark.parametrize("bad", ["\ud800", "\x1b]0;x\x07", "a\x00", "a\r", "\x9b", "\ufeff", "\u2028", b"a", 1, ["a"]])
def test_a_string_that_is_no_clean_text_is_refused(name: str, bad: object) -> None:
    refused(**{name: bad})


@pytest.mark.parametrize("name", ["n_equations", "n_tables", "n_pages"])
@pytest.mark.parametrize("bad", [True, -1, 1 << 63, 1.0, "1"])
def test_a_count_is_a_number_of_things(name: str, bad: object) -> None:
    refused(**{name: bad})
    assert getattr(from_plain(plain(**{name: (1 << 63) - 1})), name) == (1 << 63) - 1


@pytest.mark.parametrize("name", ["undefined_macros", "warnings"])
@pytest.mark.parametrize("bad", [None, "ab", ["\x1b[2J"], ["\udfff"], [1], [None], [["a"]], ["a"] * (MAX_ITEMS + 1)])
def test_a_list_holds_clean_words_and_not_too_many(name: str, bad: object) -> None:
    refused(**{name: bad})
    assert len(getattr(from_plain(plain(**{name: ["a"] * MAX_ITEMS})), name)) == MAX_ITEMS


@pytest.mark.parametrize(
    "changed",
    [{"text": None}, {"route": "magic"}, {"route": None}, {"route": ["latex"]}, {"is_doubted": 1}, {"more": 1}],
)
def test_other_fields_have_their_kinds(changed: dict[str, object]) -> None:
    refused(**changed)


@pytest.mark.parametrize(
    "sections",
    [
        None,
        "body",
        [["body", 0]],
        [["chapter", 0, 3]],
        [["body", 0, 3.0]],
        [["body", False, 3]],
        [["body", 3, 3]],
        [["body", 5, 3]],
        [["body", -1, 3]],
        [["body", 0, 9]],
        [["body", 0, 5], ["table", 4, 7]],
        [["table", 4, 7], ["body", 0, 3]],
        [["body", 0, 4]],  # inside of the é
    ],
)
def test_sections_lie_in_the_text(sections: object) -> None:
    refused(text="A né.\n", sections=sections)
    assert from_plain(plain(text="A né.\n", sections=[["body", 0, 5], ["table", 5, 6]])).part("table") == "."


GOOD = PageRead("ocr", 1, 2, 3, "ok", "a word", "rapidocr", "3", "a model", "MIT", 90, 150)


@pytest.mark.parametrize(
    "pages",
    [
        None,
        "ocr",
        [["ocr", 1, 2]],
        [list(GOOD)[:-1]],
        *(
            [list(GOOD._replace(**{name: value}))]
            for name, value in {
                "made_by": "magic",
                "n_chars": -1,
                "width": 2.0,
                "height": 1 << 63,
                "status": "fine",
                "detail": "\x1b]0;mine",
                "engine": 7,
                "model": "m" * 400,
                "quality": -1,
                "dpi": True,
            }.items()
        ),
    ],
)
def test_pages_are_numbers_of_known_makers(pages: object) -> None:
    refused(pages=pages)
    assert from_plain(plain(pages=[list(GOOD)])).pages == [GOOD]


SHOWN = Displayed(2, "3a", "x = 1\n+ y", 10, 20, 90, 40)


@pytest.mark.parametrize(
    "equations",
    [
        None,
        "x = 1",
        [list(SHOWN)[:-1]],
        [list(SHOWN)] * 10_001,
        *(
            [list(SHOWN._replace(**{name: value}))]
            for name, value in {
                "page": -1,
                "number": 3,
                "raw": "x\x1b]0;mine",
                "x0": 1.5,
                "y0": None,
                "x1": 1 << 63,
                "y1": True,
            }.items()
        ),
    ],
)
def test_display_equations_are_text_in_a_box(equations: object) -> None:
    refused(equations=equations)
    unnumbered = SHOWN._replace(number=None)
    assert from_plain(plain(equations=[list(SHOWN), list(unnumbered)])).equations == [SHOWN, unnumbered]


def test_characters_of_equations_are_cleaned_and_bounded() -> None:
    shown = SHOWN._replace(raw="a\x00 <|im_start|> \ud800= b ")
    cleaned = clean_extracted(Extracted(text="A star.", route="pdf", equations=[shown] * 10_003))
    assert from_plain(to_plain(cleaned)).equations == [SHOWN._replace(raw=cleaned.equations[0].raw)] * 10_000
    assert "<|im_start|>" not in cleaned.equations[0].raw and cleaned.equations[0].raw.endswith("= b")
    assert cleaned.warnings == ["the characters of 3 more display equations were left out"]


@pytest.mark.parametrize(
    "value",
    [
        {"to_recognise": []},
        {"to_recognise": [-1]},
        {"to_recognise": "all"},
        {"failed": "ok", "detail": "x", "pages": []},
        {"failed": "no_text", "detail": "\x1b", "pages": []},
        {"failed": "no_text", "detail": "x", "pages": [["ocr"]]},
    ],
)
def test_a_forged_failure_is_refused(value: object) -> None:
    with pytest.raises(PaperError) as caught:
        raise_failed(value)
    assert caught.value.reason is Reason.CRASHED


def test_a_failure_comes_with_its_pages() -> None:
    with pytest.raises(PagesFailed, match="timeout: long") as caught:
        raise_failed({"failed": "timeout", "detail": "long", "pages": [list(GOOD)]})
    assert caught.value.pages == (GOOD,)
    with pytest.raises(ToRecognise) as waiting:
        raise_failed({"to_recognise": [2, 0]})
    assert waiting.value.pages == (2, 0)


@pytest.mark.parametrize("value", [None, [], "text", {}, {1: 2}])
def test_what_is_no_paper_is_refused(value: object) -> None:
    with pytest.raises(PaperError) as caught:
        from_plain(value)
    assert caught.value.reason is Reason.CRASHED


@pytest.mark.parametrize("route", ROUTES)
def test_an_honest_paper_passes_whatever_its_strings_were(route: str) -> None:
    dirty = "a\ud800\x1b\r\nb\u2028\ufeff\x85"
    made = Extracted.of(
        Parts(pieces=[("body", dirty)]), route, main=dirty, keywords=dirty, warnings=[dirty], n_pages=None
    )
    made.title = "\x00"
    made.undefined_macros = [f"m{i}\x07" for i in range(MAX_ITEMS + 5)]
    found = from_plain(to_plain(clean_extracted(made)))
    assert (found.text, found.title, found.main, found.warnings) == ("a\nb", None, "a\nb\n\n", ["a\nb\n\n"])
    assert (found.undefined_macros[0], found.undefined_macros[-1], len(found.undefined_macros)) == (
        "m0",
        "6 more",
        MAX_ITEMS,
    )


def test_the_look_at_a_long_paper_is_quick() -> None:
    value = plain(text="The flux α of the star is 3 mJy. " * 30_000)
    started = time.process_time()
    from_plain(value)
    assert time.process_time() - started < 0.2


def refused(**changed: object) -> None:
    with pytest.raises(PaperError) as caught:
        from_plain(plain(**changed))
    assert caught.value.reason is Reason.CRASHED
