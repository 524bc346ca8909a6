from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from curation.artefact import BASE
from curation.errors import ConfigError
from curation.withhold.adapters import AdapterName
from curation.withhold.benchmark import Benchmark
from curation.withhold.items import Item, item_digest, read_all, read_files, read_items, said_rows, told_rows


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_astromlab1_as_it_is_published_has_no_key(tmp_path: Path) -> None:
    path = tmp_path / "astromlab1.csv"
    path.write_text(
        "question,A,B,C,D\n"
        '"Which pulsations do hot subdwarfs show, if any?",None,"Short, ""p-mode"" ones",Long ones,Both\n',
        encoding="utf-8",
    )
    [item] = read_items(path, "astromlab1")
    assert item == Item(
        "astromlab1.csv:1",
        "Which pulsations do hot subdwarfs show, if any?",
        ("None", 'Short, "p-mode" ones', "Long ones", "Both"),
    )


def test_gpqa_names_the_right_answer_and_three_wrong_ones(tmp_path: Path) -> None:
    path = tmp_path / "gpqa.csv"
    path.write_text(
        "Pre-Revision Question,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3,Explanation,Record ID\n"
        '"old","Two levels decay.\nHow far apart?"," 1e-4 eV\n",1e-8 eV,1e-9 eV,1e-11 eV,"By the width,\nthat is hbar / t",rec1\n',
        encoding="utf-8",
    )
    [item] = read_items(path, "gpqa")
    assert item.question == "Two levels decay.\nHow far apart?"
    assert item.choices == ("1e-4 eV", "1e-8 eV", "1e-9 eV", "1e-11 eV")
    assert (item.answer, item.explanation) == ("1e-4 eV", "By the width,\nthat is hbar / t")


def test_mmlu_is_a_csv_without_a_header_or_rows_with_a_place(tmp_path: Path) -> None:
    plain = tmp_path / "astronomy_test.csv"
    plain.write_text('"How many moons has Mars?",0,1,"2, both small",7,C\nWhat is 2?,2,3,0,1,A\n', encoding="utf-8")
    moons, two = read_items(plain, "mmlu")
    assert (moons.item_id, moons.answer) == ("astronomy_test.csv:1", "2, both small")
    assert two.answer == "2"
    rows = [
        {"question": "How many moons has Mars?", "subject": "astronomy", "choices": ["0", "1", "2", "7"], "answer": 2},
        {"question": "What is 3?", "choices": ["3", "0", "1", "2"], "answer": "0"},
    ]
    parquet = tmp_path / "test.parquet"
    pq.write_table(pa.Table.from_pylist(rows[:1]), parquet)
    assert read_items(parquet, "mmlu") == [
        Item("test.parquet:1", "How many moons has Mars?", ("0", "1", "2", "7"), "2")
    ]
    headed = tmp_path / "headed.csv"
    headed.write_text("question,choice0,choice1,choice2,choice3,answer\nWhat is 2?,2,3,0,1,A\n", encoding="utf-8")
    named = tmp_path / "named.csv"
    named.write_text("question,subject,A,B,C,D,answer\nWhat is 2?,sums,2,3,0,1,A\n", encoding="utf-8")
    for path in (headed, named):
        [item] = read_items(path, "mmlu")
        assert (item.question, item.choices) == ("What is 2?", ("2", "3", "0", "1")), path
    header = {"question": "question", "choices": ["choice0", "choice1", "choice2", "choice3"], "answer": "answer"}
    assert len(read_items(written(tmp_path / "joined.jsonl", [rows[0], header, rows[1]]), "mmlu")) == 2
    # the answer is a place, also where a choice reads like one
    assert [i.answer for i in read_items(written(tmp_path / "r.jsonl", rows), "mmlu")] == ["2", "3"]


EMPTY = ["", "red", "N/A", "white"]


@pytest.mark.parametrize(
    ("adapter", "row"),
    [
        ("mmlu", {"choices": EMPTY}),
        ("mmlu", dict(zip("ABCD", EMPTY, strict=True))),
        ("mmlu_pro", {"options": EMPTY}),
        ("plain", {"choices": EMPTY}),
        ("plain", {"choices": {"text": EMPTY}}),
        ("plain", dict(zip("ABCD", [None, *EMPTY[1:]], strict=True))),
    ],
)
def test_empty_choices_move_no_answer_to_another_place(
    tmp_path: Path, adapter: AdapterName, row: dict[str, Any]
) -> None:
    rows = [{"question": "Of which colour is snow?", **row, "answer": letter} for letter in "BDCA"]
    items = read_items(written(tmp_path / "empty.jsonl", rows), adapter)
    assert {item.choices for item in items} == {("red", "white")}
    assert [item.answer for item in items] == ["red", "white", None, None]


def test_choices_that_all_are_empty_are_none(tmp_path: Path) -> None:
    row = {"question": "Of which colour is snow?", "choices": ["", "N/A"], "answer": "white"}
    [item] = read_items(written(tmp_path / "none.jsonl", [row]), "plain")
    assert (item.choices, item.answer) == ((), "white")
    with pytest.raises(ConfigError, match="neither choices nor A, B, C, D"):
        read_items(written(tmp_path / "none.jsonl", [row | {"answer": 0}]), "mmlu")


def test_mmlu_pro_has_up_to_ten_options_and_empty_ones(tmp_path: Path) -> None:
    row = {
        "question_id": 70,
        "question": "Which body is a dwarf planet?",
        "options": ["Ceres", "N/A", "Titan", "Ganymede", "Io"],
        "answer": "C",
        "answer_index": 2,
        "cot_content": "A: Let us think.",
        "category": "physics",
        "src": "ours",
    }
    [item] = read_items(written(tmp_path / "pro.jsonl", [row]), "mmlu_pro")
    assert (item.choices, item.answer) == (("Ceres", "Titan", "Ganymede", "Io"), "Titan")
    assert item.explanation == "A: Let us think."


def test_sciq_has_its_support_as_passage(tmp_path: Path) -> None:
    row = {
        "question": "What holds the planets in their orbits?",
        "distractor1": "friction",
        "distractor2": "light",
        "distractor3": "wind",
        "correct_answer": "gravity",
        "support": "Gravity holds the planets in their orbits around the Sun.",
    }
    path = tmp_path / "sciq.json"
    path.write_text(json.dumps([row, row | {"support": ""}]))
    first, second = read_items(path, "sciq")
    assert (first.answer, first.passage) == ("gravity", row["support"])
    assert first.choices == ("gravity", "friction", "light", "wind")
    assert (second.item_id, second.passage) == ("sciq.json:2", None)


def test_free_answers_of_olympiads(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {
            "question": "Find the mass.",
            "context": "A star ...",
            "final_answer": ["2 kg", "3 kg"],
            "solution": ["By symmetry."],
        },
        {"problem": "Add 1 and 2.", "solution": "It is 3.", "answer": 3},
        {"question": "Add 2 and 2.", "answer": "2 + 2 = 4\n#### 4"},
        {"question": "Which star is nearest?", "solution": "Proxima Centauri."},
        {"question": "Which star is next?", "solution": "Since " + "it is far " * 7},
    ]
    first, second, third, short, long = read_items(written(tmp_path / "o.jsonl", rows), "free")
    assert (first.answer, first.explanation, first.passage) == ("2 kg; 3 kg", "By symmetry.", "A star ...")
    assert (second.question, second.answer, second.explanation) == ("Add 1 and 2.", "3", "It is 3.")
    assert (third.answer, third.explanation) == ("4", "2 + 2 = 4")
    assert (short.answer, short.explanation) == ("Proxima Centauri.", None)
    assert (long.answer, long.explanation) == (None, rows[4]["solution"].strip())


def test_plain_rows_take_answers_of_any_form_and_source_ids(tmp_path: Path) -> None:
    choices = ["Hydrogen", "Helium", "B"]
    rows: list[dict[str, Any]] = [
        {"question": "Q1?", "choices": choices, "answer": "helium, mostly", "arxiv_id": "2301.00001v2"},
        {"question": "Q2?", "choices": choices, "answer": 1, "doi": "10.1146/annurev-astro-081811-125615"},
        {"question": "Q3?", "A": "Hydrogen", "B": "Helium", "answer": "b"},
        {"question": "Q4?", "choices": choices, "answer": "B"},
        {"question": "Q5?", "choices": None, "answer": float("nan"), "passage": "P"},
    ]
    items = read_items(written(tmp_path / "p.jsonl", rows), "plain")
    assert [i.answer for i in items] == ["helium, mostly", "Helium", "Helium", "B", None]
    assert items[0].source_ids == {"arXiv:2301.00001"}
    assert items[1].source_ids == {"doi:10.1146/annurev-astro-081811-125615"}
    assert items[4].passage == "P"


TEXTS = ("1", "0", "fallback", "shocks")
OBJECTS = [{"label": label, "text": text} for label, text in zip("1234", TEXTS, strict=True)]
LABELLED: dict[str, dict[str, Any]] = {
    "list of objects": {"question": "Why?", "choices": OBJECTS},
    "object of lists": {"question": "Why?", "choices": {"text": TEXTS, "label": list("1234")}},
    "in the question": {"question": {"stem": "Why?", "choices": OBJECTS}},
    "question_stem": {"question_stem": "Why?", "choices": OBJECTS},
    "options": {"question": "Why?", "options": OBJECTS},
}


@pytest.mark.parametrize("form", LABELLED)
def test_labelled_choices_are_read_by_their_labels(tmp_path: Path, form: str) -> None:
    rows = [{**LABELLED[form], "answerKey": key} for key in "1234"]
    items = read_items(written(tmp_path / "arc.jsonl", rows), "plain")
    assert {(item.question, item.choices) for item in items} == {("Why?", TEXTS)}
    assert tuple(item.answer for item in items) == TEXTS


def test_labels_count_in_every_layout_of_places(tmp_path: Path) -> None:
    row = {"question": "Why?", "answer": "3"}
    for adapter, key in (("mmlu", "choices"), ("mmlu_pro", "options")):
        [item] = read_items(written(tmp_path / "l.jsonl", [row | {key: OBJECTS}]), adapter)  # type: ignore[arg-type]
        assert (item.choices, item.answer) == (TEXTS, "fallback")


def test_options_are_choices_by_place_or_letter(tmp_path: Path) -> None:
    rows = [{"question": "Why?", "options": options, "answer": "B"} for options in (["x", "y"], {"A": "x", "B": "y"})]
    assert {i.answer for i in read_items(written(tmp_path / "o.jsonl", rows), "plain")} == {"y"}


@pytest.mark.parametrize(
    ("adapter", "row", "words"),
    [
        ("plain", {"question": {"text": "Why?"}}, "it has no stem"),
        ("plain", {"choices": ["x", "y"], "answer": True}, "a text is needed where it has True"),
        ("plain", {"choices": ["x", False]}, "a text is needed where it has False"),
        ("plain", {"choices": ["x", "y"], "answer": -1}, "its answer is '-1', and it has 2 choices"),
        ("plain", {"choices": ["x", "y"], "answer": -1.0}, "its answer is '-1', and it has 2 choices"),
        ("mmlu", {"choices": ["x", "y"], "answer": -1}, "neither a letter nor a place"),
        ("plain", {"choices": OBJECTS, "answer": "5"}, "none of its choices, of the labels 1, 2, 3, 4"),
        ("plain", {"choices": [*OBJECTS, "y"]}, "not all `{label, text}`"),
        ("plain", {"choices": [*OBJECTS, OBJECTS[0]]}, "5 choices have the labels 1, 2, 3, 4, 1"),
        ("plain", {"choices": [{"A": "x"}, {"B": "y"}]}, "not all `{label, text}`"),
        ("plain", {"choices": {"first": "x", "second": "y"}}, "its choices are no list"),
        ("plain", {"options": "x, y"}, "its choices are no list"),
        ("plain", {"choices": ["x", "y"], "options": ["y", "x"]}, "in two places"),
        ("plain", {"explanation": {"text": "x"}}, "a text is needed"),
        ("plain", {"doi": {"id": "x"}}, "row 1 is no item of the layout plain: a text is needed"),
        ("free", {"choices": ["x", "y"], "answer": "B"}, "name the layout plain"),
        ("free", {"options": OBJECTS, "answer": "B"}, "name the layout plain"),
        ("free", {"A": "x", "B": "y", "answer": "B"}, "name the layout plain"),
        ("free", {"question": {"stem": "Why?"}, "answer": "x"}, "a text is needed"),
    ],
)
def test_what_would_be_read_wrongly_is_no_item(
    tmp_path: Path, adapter: AdapterName, row: dict[str, Any], words: str
) -> None:
    path = written(tmp_path / "wrong.jsonl", [{"question": "Why?"} | row])
    with pytest.raises(ConfigError, match=re.escape(words)):
        read_items(path, adapter)


def test_a_negative_number_is_an_answer_where_it_is_one(tmp_path: Path) -> None:
    rows = [{"question": "Add.", "choices": ["-1", "2"], "answer": -1}, {"question": "Add.", "answer": -3}]
    assert [i.answer for i in read_items(written(tmp_path / "n.jsonl", rows), "plain")] == ["-1", "-3"]


@pytest.mark.parametrize(
    ("name", "adapter", "content", "words"),
    [
        ("a.csv", "astromlab1", "", "holds no item"),
        ("a.csv", "astromlab1", "question,A,B,C,D\n", "holds no item"),
        ("a.csv", "astromlab1", "question,A,B,C,D\nWhy?,a,b,c\n", "row 1: 4 columns, 5 are needed"),
        (
            "a.csv",
            "astromlab1",
            "question,A,B,C,D\nWhy?,a,b,,d\n",
            "row 1 is no item of the layout astromlab1: it has no C",
        ),
        (
            "a.csv",
            "mmlu",
            "Why?;a;b;c;d;A\n",
            "1 columns, 6 are needed .*; part columns by commas, .* name the `adapter`",
        ),
        ("a.jsonl", "plain", '{"prompt": "Why?"}\n', "keys are prompt.; rename or mend it, or name another `adapter`"),
        ("a.csv", "astromlab1", "question,A,A,C,D\nWhy?,a,b,c,d\n", "names a column twice"),
        ("a.csv", "mmlu", "Why?,a,b,c,d,E\n", "its answer is 'E', and it has 4 choices"),
        ("a.csv", "mmlu", "Why?,a,b,c,d,because\n", "neither a letter nor a place"),
        ("a.csv", "mmlu", 'Why?,"a,b,c,d,A\n', "cannot be read"),
        ("a.jsonl", "sciq", '{"question": "Why?"}\n', "no correct_answer"),
        ("a.jsonl", "plain", '{"question": " ", "answer": "4"}\n', "it has no question"),
        ("a.jsonl", "plain", '{"question": "?!"}\n', "neither a letter nor a digit"),
        ("a.jsonl", "plain", '{"question": "Why?", "doi": "none"}\n', "is no arXiv id, DOI or bibcode"),
        ("a.jsonl", "plain", '{"question": "Why?", "choices": "a, b"}\n', "its choices are no list"),
        ("a.jsonl", "plain", "[1]\n", "not a JSON object"),
        ("a.jsonl", "plain", "{", "line 1"),
        ("a.json", "plain", "{}", "a JSON array"),
        ("a.jsonl", "free", '{"problem": "Why?"}\n', "neither answer, final_answer nor solution"),
        ("a.parquet", "plain", "no Parquet", "cannot be read"),
        ("a.xlsx", "plain", "x", "must end in .csv, .jsonl, .json, .parquet"),
    ],
)
def test_what_is_no_list_of_items_is_refused(tmp_path: Path, name: str, adapter: Any, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ConfigError, match=words):
        read_items(path, adapter)


def test_a_missing_or_cut_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_items(tmp_path / "none.jsonl", "plain")
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(b'{"question": "Why?"}\n'))
    assert len(read_items(packed, "plain")) == 1
    packed.write_bytes(packed.read_bytes()[:-5])
    with pytest.raises(ConfigError, match="cut"):
        read_items(packed, "plain")


def test_all_splits_are_read_and_told_apart(tmp_path: Path) -> None:
    paths = []
    for split in ("test", "dev"):
        (tmp_path / split).mkdir()
        paths.append(written(tmp_path / split / "a.jsonl", [{"question": f"Why {split}?"}]))
    assert [i.item_id for i in read_files(paths, "plain")] == ["test/a.jsonl:1", "dev/a.jsonl:1"]
    assert [i.item_id for i in read_files(paths[:1], "plain")] == ["a.jsonl:1"]
    with pytest.raises(ConfigError, match="named twice"):
        read_files([paths[0], paths[0]], "plain")


def test_the_digest_of_an_item_is_of_its_words() -> None:
    item = Item("a:1", "Why *me*?", ("No  one", "You"), "You", None, "Ångström")
    lines = "why me\nno one\tyou\n\n\nangstrom"
    assert item_digest(item) == hashlib.sha256(lines.encode()).hexdigest()[:16]
    assert item_digest(
        Item("b:2", "why ME", ("no one", "YOU"), "you", "", "Angstrom", frozenset({"doi:x"}))
    ) == item_digest(item)
    assert item_digest(Item("a:1", "Why me?", ("You", "No one"), "No one", None, "Ångström")) == item_digest(item), (
        "no key"
    )
    assert item_digest(Item("a:1", "Why me?", ("No one", "Me"), "You", None, "Ångström")) != item_digest(item)
    free = [Item("a:1", "Why me?", (), answer) for answer in ("You", "No one", None)]
    assert len({item_digest(item) for item in free}) == 3


def test_a_config_names_items_with_their_layout(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [{"question": "Why?"}])
    one = {"name": "B", "items": "a.jsonl", "adapter": "plain"}
    in_config = {BASE: tmp_path}
    assert Benchmark.model_validate(one, context=in_config).items == (path,)
    assert Benchmark.model_validate(one | {"items": ["a.jsonl"]}, context=in_config).items == (path,)
    refused = [
        ({"name": "B"}, "give `rule: araa`"),
        ({"name": "B", "items": "a.jsonl"}, "go together"),
        ({"name": "B", "rule": "araa", "adapter": "plain"}, "go together"),
        (one | {"adapter": "astromlab1"}, "no item of the layout astromlab1"),
        (one | {"adapter": "other"}, "adapter"),
        (one | {"items": "b.jsonl"}, "cannot be read"),
    ]
    for given, words in refused:
        with pytest.raises(ValidationError, match=words):
            Benchmark.model_validate(given, context=in_config)


@pytest.mark.parametrize(
    ("name", "adapter", "count"),
    [
        ("abstract_algebra_test.csv", "mmlu", 100),
        ("sociology_test.csv", "mmlu", 201),
        ("mmlu_college_physics.jsonl", "mmlu", 107),
        ("mmlu_conceptual_physics.jsonl", "mmlu", 240),
    ],
)
def test_real_files_are_read(shared: Path, name: str, adapter: Any, count: int) -> None:
    items = read_items(shared / "benchmarks" / name, adapter)
    assert len(items) == count
    assert all(item.answer in item.choices and len(item.choices) == 4 for item in items)


def test_a_row_that_repeats_another_counts_once_and_is_told(tmp_path: Path) -> None:
    row = {"question": "What is 2?", "choices": ["two", "three"], "answer": "A"}
    spelled = {"question": "what IS 2", "choices": ["Three", "two."], "answer": "two"}
    others = [
        row | {"answer": "B"},
        row | {"doi": "10.1234/x"},
        row | {"passage": "Of sums."},
        row | {"choices": ["two", "four"]},
    ]
    first = written(tmp_path / "a.jsonl", [row, spelled, *others])
    second = written(
        tmp_path / "b.jsonl", [{"question": "question", "answer": "answer"}, spelled, row | {"question": "What is 3?"}]
    )
    items, rest = read_all([first, second], "plain")
    assert [item.item_id for item in items] == ["a.jsonl:1", *(f"a.jsonl:{n}" for n in (3, 4, 5, 6)), "b.jsonl:3"]
    assert items == read_files([first, second], "plain")
    assert told_rows(rest) == {
        "a.jsonl": {"repeated": {"count": 1, "rows": [2]}},
        "b.jsonl": {"headers": {"count": 1, "rows": [1]}, "repeated": {"count": 1, "rows": [2]}},
    }


def test_a_row_in_which_nothing_stands_is_told_and_one_without_a_question_stops(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("What is 2?,2,3,0,1,A\n" + 7 * ",,,,,\n" + " ,\t,,,,\n", encoding="utf-8")
    items, rest = read_all([path], "mmlu")
    assert len(items) == 1
    assert said_rows(told_rows(rest)) == ["m.csv: 8 rows passed over as empty (row 2, 3, 4, 5, 6, ...)"]
    rows = [{"question": None, "choices": [], "note": float("nan")}, {"question": "Why is it so?"}]
    assert read_all([written(tmp_path / "n.jsonl", rows)], "plain")[1][0].empty == (1,)
    with pytest.raises(ConfigError, match="row 1 is no item of the layout plain: it has no question"):
        read_files([written(tmp_path / "o.jsonl", [rows[0] | {"choices": ["a", "b"]}, rows[1]])], "plain")
    with pytest.raises(ConfigError, match="holds no item"):
        read_files([written(tmp_path / "p.jsonl", rows[:1])], "plain")
