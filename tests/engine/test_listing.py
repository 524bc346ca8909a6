"""What a source lists becomes units, whatever the order of the listing and however long it is; none of it is held."""

from __future__ import annotations

import os
import random
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from curation.errors import ContractError, RunError
from curation.sources.folder import FolderSource
from curation.sources.paper_content import Content
from curation.sources.source import Row, Source
from curation.sources.unit import Entry, Unit
from pipelines.engine.listed import Listed
from pipelines.engine.store import Store
from pipelines.engine.units import Selection, UnitPlan, plan_units


class Many(Source):
    """Entries by number, in an order of their own; of some another stamp."""

    version: ClassVar[int] = 1

    count: int
    seed: int = 0
    changed: tuple[int, ...] = ()

    def entries(self) -> Iterator[Entry]:
        numbers = range(self.count) if not self.seed else random.Random(self.seed).sample(range(self.count), self.count)
        for i in numbers:
            member = f"rows{i % 3}.jsonl#{i}" if i % 2 else f"papers/{i:06d}.tex"
            where = (self.count - i, self.count - i + 1) if i % 2 else None
            yield Entry(member, i % 7, f"stamp{i in self.changed}", where=where)

    def open(self, row: Row, *, beside: bool = False) -> Content:
        return Content.of("a.txt", row["member"].encode())


def planned(run: Path, *sources: Source, selection: Selection | None = None) -> UnitPlan:
    plan = plan_units(Store(run), "papers-0", sources, selection or Selection())
    plan.close()
    return plan


def many(count: int, *, seed: int = 0, changed: tuple[int, ...] = ()) -> Many:
    return Many(source="many", path=".", count=count, seed=seed, changed=changed, part_bytes=1000, part_papers=300)


def test_units_are_the_same_under_any_order_of_the_listing(tmp_path: Path) -> None:
    made = [planned(tmp_path / str(seed), many(5000, seed=seed)) for seed in range(3)]
    files = [{p.name: p.read_bytes() for p in (tmp_path / str(seed) / "papers-0").iterdir()} for seed in range(3)]
    assert files[0] == files[1] == files[2] and len(files[0]) == len(made[0].units) > 15
    units = [Store(tmp_path / "0").read_as(f"papers-0/{unit.file}", Unit.from_json) for unit in made[0].units]
    entries = [entry for unit in units if unit for entry in unit.entries]
    assert entries == sorted(entries, key=lambda entry: entry.order) and len(entries) == 5000
    assert {(e.member, e.where) for e in entries} == {(e.member, e.where) for e in many(5000).entries()}
    assert all(sum(e.size for e in unit.entries) <= 1000 and len(unit.entries) <= 300 for unit in units if unit)
    again = planned(tmp_path / "0", many(5000, seed=9))
    assert [unit.part for unit in again.units] == [unit.part for unit in made[0].units] and not again.news


def test_a_longer_listing_takes_no_more_memory(tmp_path: Path) -> None:
    planned(tmp_path / "warm", many(500))

    def peak(count: int) -> int:
        run = tmp_path / str(count)
        planned(run, many(count))
        tracemalloc.start()
        planned(run, many(count, changed=(1, 2)))  # what is known, what is listed and what is left
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert (peak(30_000) - peak(10_000)) / 20_000 < 16


def test_changed_gone_and_new_entries_are_told_and_others_keep_their_units(tmp_path: Path) -> None:
    first = planned(tmp_path, many(1000))
    assert first.news == "" and len({unit.part for unit in first.units}) == len(first.units)
    more = planned(tmp_path, many(1002, changed=(0,)))
    assert more.news == "2 added (papers/001000.tex, rows2.jsonl#1001); 1 changed (papers/000000.tex)"
    assert len(more.retired) == 1 and {*more.retired} < {unit.part for unit in first.units}
    assert sum(unit.count for unit in more.units) == 1002
    less = planned(tmp_path, many(998, changed=(0,)))
    assert less.news.startswith("4 gone (papers/000998.tex, papers/001000.tex, rows")
    assert less.lost and "4 of the" in less.lost[0]
    assert sum(unit.count for unit in less.units) == 998


def test_of_two_units_that_both_hold_the_first_one_stays(tmp_path: Path) -> None:
    [unit] = planned(tmp_path, many(6)).units
    [other] = planned(tmp_path, many(6, changed=(3,))).units
    assert (unit.part, other.part) == (0, 1)
    back = planned(tmp_path, many(6))
    assert [u.part for u in back.units] == [0] and back.retired == (1,)
    Store(tmp_path).write_json("papers-0/unit-00002.json", Store(tmp_path).read_json("papers-0/unit-00000.json"))
    assert [u.part for u in planned(tmp_path, many(6)).units] == [0], "unit 2 holds the same entries"


def test_an_entry_that_is_listed_twice_stops_the_run(tmp_path: Path) -> None:
    class Twice(Many):
        def entries(self) -> Iterator[Entry]:
            yield from super().entries()
            yield Entry("papers/000002.tex", 1, "other")

    with pytest.raises(ContractError, match=r"'many' lists papers/000002\.tex twice"):
        planned(tmp_path, Twice(source="many", path=".", count=5))
    assert not (tmp_path / "papers-0").exists()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Entry("a", 1 << 63, "s"), "lists 'a' with size 9223372036854775808; it is a count of bytes below 2^63"),
        (Entry("a", -1, "s"), "size -1"),
        (Entry("a", 1.5, "s"), "size 1.5"),  # type: ignore[arg-type]
        (Entry("", 1, "s"), "member ''; it is a text"),
        (Entry("a", 1, b"s"), "stamp b's'"),  # type: ignore[arg-type]
        (Entry("a", 1, "s", where=(0, 1 << 64)), "where"),
        (Entry("a", 1, "s", seen=["x"]), "seen"),  # type: ignore[arg-type]
        (("a", 1, "s"), "is no Entry"),
    ],
)
def test_an_entry_that_no_paper_can_have_is_told_with_its_field(tmp_path: Path, entry: Any, said: str) -> None:
    class Odd(Many):
        def entries(self) -> Iterator[Entry]:
            yield from super().entries()
            yield entry

    with pytest.raises(ContractError, match=re.escape(said)):
        planned(tmp_path, Odd(source="many", path=".", count=5))


def test_a_trial_takes_the_first_members_or_the_same_sample(tmp_path: Path) -> None:
    first = planned(tmp_path / "limit", many(50, seed=3), selection=Selection(limit=7))
    assert sum(unit.count for unit in first.units) == 7
    [unit] = [Store(tmp_path / "limit").read_as(f"papers-0/{u.file}", Unit.from_json) for u in first.units]
    assert unit and [e.member for e in unit.entries] == sorted(e.member for e in many(50).entries())[:7]
    sampled = [planned(tmp_path / f"s{seed}", many(900, seed=seed), selection=Selection(sample=0.1)) for seed in (1, 2)]
    assert sampled[0].units[0].digest == sampled[1].units[0].digest
    assert 40 < sum(unit.count for unit in sampled[0].units) < 160


def test_names_that_are_no_utf8_are_found_again(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    for name in (b"bad\xff.txt", b"good.txt", "\U0001f52d.txt".encode()):
        with os.fdopen(os.open(os.fsencode(tmp_path / "papers") + b"/" + name, os.O_CREAT | os.O_WRONLY), "w") as file:
            file.write("words of a paper")
    source = FolderSource(path=str(tmp_path / "papers"))
    made = [planned(tmp_path / "run", source) for _ in range(2)]
    assert made[0].units == made[1].units and made[1].news == "" and made[0].units[0].count == 3


def test_a_source_that_the_config_lost_is_told(tmp_path: Path) -> None:
    other = Many(source="other", path=".", count=9)
    planned(tmp_path, many(4), other)
    plan = planned(tmp_path, other)
    assert plan.news == "4 gone (papers/000000.tex, papers/000002.tex, rows0.jsonl#3, rows1.jsonl#1)"
    assert [unit.source.source for unit in plan.units] == ["other", "other"] and plan.retired == (0,)


def test_a_full_disk_is_told_with_what_to_do() -> None:
    listed = Listed("many")
    listed._db.execute("PRAGMA max_page_count = 20")
    with pytest.raises(RunError, match=r"full.*set TMPDIR"):
        listed.add(many(20_000).entries())
    listed.close()
