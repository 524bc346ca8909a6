from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tests.sft.asked_twice import OTHERS, SAME, Planted, another
from tests.sft.exchange_questions import Row, doubles_of, part_of

FLAT = "Why do the rotation curves of spiral discs stay flat far out?"
FLAT_AGAIN = "What makes the rotation curves of spiral discs stay flat far out?"


def row(doc_id: str, question: str, date: str | None = None, row_id: str = "r0/00", **more: object) -> dict[str, Any]:
    return {"doc_id": doc_id, "row_id": row_id, "question": question, "date": date, **more}


def gone(rows: Sequence[Row], released: Sequence[Row] = (), **how: Any) -> dict[str, str]:
    """Document of each question that goes -> document of the one that stays."""
    found = doubles_of([part_of([one]) for one in rows], released=released, **how).to_pylist()
    assert {one["reason"] for one in found} <= {"duplicate"}
    return {one["doc_id"]: one["stays"] for one in found}


def test_the_question_of_the_older_paper_stays_and_the_others_name_it() -> None:
    rows = [
        row("a", FLAT, "2024-03-01"),
        row("b", FLAT_AGAIN, "2011-05-05"),
        row("c", FLAT, None),
        row("d", "Why is the sky dark?"),
    ]
    assert gone(rows) == {"a": "b", "c": "b"}
    (told, _) = doubles_of([part_of(rows)]).to_pylist()
    assert (told["row_id"], told["stays_row_id"], told["alike"], told["released"]) == ("r0/00", "r0/00", 1000, False)


def test_without_dates_the_smaller_id_stays() -> None:
    assert gone([row("b", FLAT), row("a", FLAT_AGAIN), row("c", FLAT.upper())]) == {"b": "a", "c": "a"}


def test_what_was_dropped_before_takes_nobody_out() -> None:
    assert gone([row("a", FLAT, "2001-01-01", reason="self_contained"), row("b", FLAT, "2002-02-02")]) == {}


def test_a_released_question_stays_whatever_its_date_and_a_new_one_goes() -> None:
    rows = [row("old", FLAT, "2025-01-01"), row("new", FLAT_AGAIN, "1999-01-01")]
    assert gone(rows) == {"old": "new"}
    released = [{"doc_id": "old", "row_id": "pair1", "question": FLAT, "right": None}]
    assert gone(rows, released) == {"new": "old"}
    (told,) = doubles_of([part_of(rows)], released=released).to_pylist()
    assert (told["released"], told["stays_row_id"]) == (False, "r0/00"), (
        "the question of this run that the release asked"
    )


def test_of_a_question_that_only_an_earlier_release_asked_the_pair_is_named() -> None:
    released = [{"doc_id": "elsewhere", "row_id": "pair1", "question": FLAT, "right": None}]
    (told,) = doubles_of([part_of([row("new", FLAT_AGAIN, "1999-01-01")])], released=released).to_pylist()
    assert (told["stays"], told["stays_row_id"], told["released"]) == ("elsewhere", "pair1", True)


def test_two_released_questions_that_ask_the_same_both_stay() -> None:
    released = [
        {"doc_id": d, "row_id": f"p{d}", "question": q, "right": None}
        for d, q in (("a", FLAT), ("b", FLAT), ("c", FLAT_AGAIN))
    ]
    rows = [row("a", FLAT), row("b", FLAT), row("c", FLAT_AGAIN), row("d", FLAT), row("e", FLAT_AGAIN)]
    assert set(gone(rows, released)) == {"d", "e"}


def test_a_document_that_asks_in_new_words_what_it_asked_in_a_release_keeps_its_question() -> None:
    released = [{"doc_id": "a", "row_id": "p", "question": FLAT, "right": None}]
    assert gone([row("a", FLAT_AGAIN)], released) == {}


def test_who_is_like_a_question_that_went_is_compared_with_the_one_that_stays() -> None:
    asked = "How do {} drive gas inflow in cold thick discs of spirals?"
    chain = [
        row("a", asked.format("bars")),
        row("b", asked.format("long bars")),
        row("c", asked.format("long stellar bars")),
    ]
    assert gone(chain, min_alike=0.85) == {"b": "a"}, "c shares too little with a, and b is gone"
    assert gone(chain, min_alike=0.7) == {"b": "a", "c": "a"}


def test_a_choice_with_another_right_option_is_another_question() -> None:
    def choice(doc_id: str, right: str) -> dict[str, Any]:
        return row(doc_id, "Which of these is true of young pulsars?", options=["x", right, "y", "z"], right=1)

    assert gone([choice("a", "They spin fast."), choice("b", "They spin fast"), choice("c", "They fade.")]) == {
        "b": "a"
    }


def _planted(count: int, seed: int) -> tuple[list[dict[str, Any]], set[str], set[str]]:
    """Questions; documents whose question says another's again, and those whose question only looks like it."""
    rows, again, other = [], set(), set()
    for n, subject in enumerate(Planted(seed).subjects(count)):
        rows.append(row(f"s{n:05d}", subject.asked(), "2010-01-01"))
        level, kind = SAME[n % len(SAME)], OTHERS[n % len(OTHERS)]
        rows += [
            row(f"t{n:05d}", subject.asked(level), "2020-01-01"),
            row(f"u{n:05d}", another(subject, kind), "2021-01-01"),
        ]
        again.add(f"t{n:05d}")
        other.add(f"u{n:05d}")
    random.Random(seed).shuffle(rows)
    return rows, again, other


def test_planted_doubles_go_and_their_neighbours_stay() -> None:
    rows, again, other = _planted(700, seed=9)
    found = doubles_of([part_of(rows[n::3]) for n in range(3)]).to_pylist()
    went = {one["doc_id"]: one["stays"] for one in found}
    assert len(again & set(went)) >= 0.98 * len(again)
    assert other & set(went) == set() and not any(doc_id.startswith("s") for doc_id in went)
    assert all(stays == f"s{doc_id[1:]}" for doc_id, stays in went.items())


def test_parts_partitions_and_order_change_nothing() -> None:
    rows, _, _ = _planted(120, seed=4)
    one = doubles_of([part_of(rows)], partitions=1)
    for n_parts, partitions in ((3, 1), (5, 7), (40, 64)):
        assert doubles_of([part_of(rows[n::n_parts]) for n in reversed(range(n_parts))], partitions).equals(one)


def test_later_papers_move_nothing_that_was_there() -> None:
    rows, _, _ = _planted(150, seed=5)
    late = [{**one, "doc_id": f"a{one['doc_id']}", "date": "2026-01-01"} for one in rows]
    before = doubles_of([part_of(rows)])
    after = doubles_of([part_of(rows), part_of(late)]).to_pylist()
    assert [one for one in after if not one["doc_id"].startswith("a")] == before.to_pylist()
    assert sum(one["doc_id"].startswith("a") for one in after) == len(late)


def test_a_crowd_of_one_question_and_a_family_of_numbers_stay_cheap_and_right() -> None:
    crowd = [row(f"c{n:04d}", FLAT if n % 2 else FLAT_AGAIN) for n in range(400)]
    family = [
        row(f"f{n:04d}", f"What is the flux of the burst at {n + 2} s after the trigger of the alert?")
        for n in range(400)
    ]
    found = doubles_of([part_of(crowd + family)])
    assert set(found["doc_id"].to_pylist()) == {f"c{n:04d}" for n in range(1, 400)}
    assert found["stays"].unique().to_pylist() == ["c0000"]
