"""An exchange task by task: rows of equal key meet in a total order, go home to their parts, and none is lost on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import ContractError
from curation.step import ExchangeStep, Inputs, Requires
from pipelines.engine import groups
from pipelines.engine.exchange_task import NOWHERE, FileSplitTask, HomeTask, MergeTask, ShardTask, SplitTask
from pipelines.engine.groups import read_group, shelf_file
from pipelines.engine.receipt import Receipt
from pipelines.engine.store import Store
from pipelines.engine.task import Task, execute
from schemas import DOC_ID, Table, field
from tests.engine.tasks import put_table

SENT = pa.schema([("doc_id", pa.string()), ("letter", pa.string()), ("partition", pa.int32())])


class Count(ExchangeStep):
    """Tells every document how many have its letter, in all parts and in a list."""

    name: ClassVar[str] = "count"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"letters": ("doc_id", "letter"), "listed": ("letter",)}
    also: ClassVar[tuple[str, ...]] = ("listed",)
    order_by: ClassVar[tuple[str, ...]] = ("letter", "doc_id")
    provides: ClassVar[Table] = Table("counted", 1, "How many.", (DOC_ID, field("n", pa.int64(), "It.")))
    partitions: int = 3

    def split(self, inputs: Inputs) -> pa.Table:
        [table] = inputs.values()
        numbers = [ord(letter) % self.partitions for letter in table["letter"].to_pylist()]
        return table.append_column("partition", pa.array(numbers, pa.int32()))

    def merge(self, rows: pa.Table) -> pa.Table:
        letters = rows["letter"].to_pylist()
        order = [(r["letter"], r["doc_id"] or "~") for r in rows.to_pylist()]
        assert order == sorted(order), "nulls last"
        made = [
            {"doc_id": d, "n": letters.count(letter)}
            for d, letter in zip(rows["doc_id"].to_pylist(), letters, strict=True)
            if d is not None
        ]
        return self.provides.rows(reversed(made))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        return {"rows": made["counted"].num_rows}


class Many(Count):
    """A row for each other document of the letter."""

    rows: ClassVar[Literal["one", "many"]] = "many"
    provides: ClassVar[Table] = Table(
        "mates", 1, "Mates.", (DOC_ID, field("row_id", pa.string(), "The mate.", nullable=False))
    )

    def merge(self, rows: pa.Table) -> pa.Table:
        told = [(r["doc_id"], r["letter"]) for r in rows.to_pylist() if r["doc_id"] is not None]
        return self.provides.rows(
            {"doc_id": d, "row_id": m} for d, one in told for m, two in reversed(told) if one == two and d != m
        )

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        return {"rows": made["mates"].num_rows}


class Away(Count):
    """The letters of a partition, which go nowhere."""

    home: ClassVar[bool] = False
    provides: ClassVar[Table] = Table(
        "away", 1, "Letters.", (field("letter", pa.string(), "It."),), sort_by=("letter",)
    )

    def merge(self, rows: pa.Table) -> pa.Table:
        return rows.select(["letter"]).take(pa.array(range(rows.num_rows - 1, -1, -1), pa.int64()))

    def summary(self, inputs: Inputs, made: Mapping[str, pa.Table]) -> Mapping[str, Any]:
        return {"rows": made["away"].num_rows}


class Exchange:
    """Parts of documents with a letter each, and a list of letters; the tasks of an exchange over them."""

    def __init__(self, root: Path, step: ExchangeStep, parts: Sequence[Mapping[str, str]], listed: str = "") -> None:
        self.root, self.step, self.parts, self.store = root, step, parts, Store(root)
        for i, of in enumerate(parts):
            rows = {"doc_id": pa.array(list(of), pa.string()), "letter": pa.array(list(of.values()), pa.string())}
            put_table(self.store, f"letters/part-{i:05d}.parquet", pa.table(rows))
        put_table(self.store, "listed/part-00000.parquet", pa.table({"letter": pa.array(list(listed), pa.string())}))

    def task(self, kind: type[Task], target: str, part: int, **kw: Any) -> Task:
        return kind(step=self.step, root=str(self.root), target=target, part=part, **kw)

    def splits(self) -> list[tuple[Receipt, int]]:
        found = []
        for i in range(len(self.parts)):
            base = f"letters/part-{i:05d}.parquet"
            task = self.task(SplitTask, f"split/part-{i:05d}", i, inputs={"letters": (base,)}, base=base)
            found.append((execute(task), i))
        listed = {"listed": ("listed/part-00000.parquet",)}
        found.append((execute(self.task(FileSplitTask, "split/also-listed/part-00000", 0, inputs=listed)), NOWHERE))
        return found

    def merged(self, splits: Sequence[tuple[Receipt, int]], kind: type[Task] = MergeTask, **kw: Any) -> list[Receipt]:
        inputs, parts = {"split": tuple(r.file for r, _ in splits)}, tuple(part for _, part in splits)
        tasks = (self.task(kind, f"merged/part-{n:05d}", n, inputs=inputs, parts=parts, **kw) for n in range(3))
        return [execute(task) for task in tasks]

    def homes(self, merged: Sequence[Receipt]) -> list[list[tuple[Any, ...]]]:
        found = []
        for i in range(len(self.parts)):
            files = tuple(shelf_file(receipt, i) for receipt in merged)
            base = f"letters/part-{i:05d}.parquet"
            made = execute(self.task(HomeTask, f"home/part-{i:05d}", i, inputs={"merged": files}, base=base))
            assert made.extra.get("summary", {"rows": made.rows}) == {"rows": made.rows}
            rows = self.store.read_table(made.file, self.step.provides.columns)
            found.append([tuple(row.values()) for row in rows.to_pylist()])
        return found


PARTS = st.lists(
    st.dictionaries(st.sampled_from(["z", "q", "a", "m", "c", "k"]), st.sampled_from("abcd"), max_size=4),
    min_size=1,
    max_size=3,
)


@settings(max_examples=25)
@given(PARTS, st.text("abx", max_size=3), st.booleans())
def test_rows_of_all_parts_and_of_a_list_meet_by_key_and_go_home_in_order(drawn, listed, many):
    parts = [{f"{i}{name}": letter for name, letter in of.items()} for i, of in enumerate(drawn)]
    with tempfile.TemporaryDirectory() as folder:
        exchange = Exchange(Path(folder), Many() if many else Count(), parts, listed)
        splits = exchange.splits()
        found = exchange.homes(exchange.merged(splits))
        letters = {d: letter for of in parts for d, letter in of.items()}
        for of, rows in zip(parts, found, strict=True):
            if many:
                assert rows == [
                    (d, m) for d, one in of.items() for m in sorted(letters) if letters[m] == one and m != d
                ]
            else:
                everyone = [*letters.values(), *listed]
                assert rows == [(d, everyone.count(letter)) for d, letter in of.items()]


def test_a_merge_is_the_same_whatever_the_order_of_the_splits(tmp_path):
    parts = [{"0z": "a", "0b": "a"}, {"1a": "a", "1c": "b"}]
    made = []
    for name, step in (("one", Count()), ("two", Away())):
        exchange = Exchange(tmp_path / name, step, parts, "a")
        splits = exchange.splits()
        first = exchange.merged(splits)
        made.append((first, exchange.merged(splits[::-1])))
    for one, two in made:
        assert [(r.sha256, r.extra) for r in one] == [(r.sha256, r.extra) for r in two]


def test_rows_that_go_home_lie_on_the_shelves_of_their_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(groups, "SHELF", 2)
    exchange = Exchange(tmp_path, Count(), [{f"{i}z": "a"} for i in range(4)])
    merged = exchange.merged(exchange.splits())
    assert [sorted(receipt.beside) for receipt in merged] == [[], ["shelf-00001"], []]
    assert exchange.homes(merged) == [[(f"{i}z", 4)] for i in range(4)]


def test_what_does_not_go_home_is_sorted_and_told_by_partition(tmp_path):
    exchange = Exchange(tmp_path, Away(), [{"0z": "d", "0b": "a"}], "ad")
    made = exchange.merged(exchange.splits())
    rows = [exchange.store.read_table(r.file, ["letter"])["letter"].to_pylist() for r in made]
    assert rows == [[], ["a", "a", "d", "d"], []] and [r.extra for r in made] == [
        {"summary": {"rows": len(r)}} for r in rows
    ]
    assert not any(r.beside for r in made) and [r.part for r in made] == [0, 1, 2]


def test_a_split_has_a_row_group_for_each_partition_that_it_sends_to(tmp_path):
    exchange = Exchange(tmp_path, Count(), [{"0z": "b", "0y": "a", "0x": "b"}])
    [(made, _), (listed, nowhere)] = exchange.splits()
    assert made.extra["groups"]["numbers"] == [1, 2] and nowhere == NOWHERE == -1
    rows = read_group(exchange.store, made.file, ord("b") % 3)
    assert rows["doc_id"].to_pylist() == ["0z", "0x"] and "partition" not in rows.column_names
    assert listed.extra["groups"]["numbers"] == [] and listed.rows == 0


class Split(Count):
    """Splits as it is told."""

    made: ClassVar[pa.Table]

    def split(self, inputs: Inputs) -> pa.Table:
        return type(self).made


class SplitMany(Split):
    rows: ClassVar[Literal["one", "many"]] = "many"


class SplitAway(Split):
    home: ClassVar[bool] = False


def sent(*rows: tuple[str, str, int | None], drop: str = "") -> pa.Table:
    table = pa.table([pa.array([r[i] for r in rows], f.type) for i, f in enumerate(SENT)], schema=SENT)
    return table.drop_columns([drop]) if drop else table


ONE, TWO = ("id:0", "a", 0), ("id:1", "b", 2)


@pytest.mark.parametrize(
    ("step", "table", "said"),
    [
        (Split, sent(ONE, TWO, drop="partition"), "split returned no column 'partition'"),
        (Split, sent(ONE, TWO, drop="doc_id"), "split returned no column 'doc_id', so that no row can go home"),
        (Split, sent(ONE, ("id:1", "b", None)), "split of part 7: the column 'partition' has 1 nulls"),
        (Split, sent(ONE), "lost id:1"),
        (Split, sent(ONE, TWO, TWO), "doubled or invented id:1"),
        (Split, sent(ONE, ("id:9", "b", 1)), "lost id:1; doubled or invented id:9"),
        (SplitMany, sent(ONE, ("id:9", "b", 1)), "invented id:9"),
        (Split, None, "split of part 7: returned NoneType, not a pyarrow Table"),
        (Split, sent(TWO, ONE), None),
        (SplitMany, sent(TWO, TWO), None),
        (SplitAway, sent(ONE, ("id:9", "b", 1)), None),
        (SplitAway, sent(ONE, drop="doc_id"), None),
    ],
)
def test_a_split_that_loses_or_invents_rows_that_go_home_is_named(tmp_path, monkeypatch, step, table, said):
    monkeypatch.setattr(step, "made", table, raising=False)
    exchange = Exchange(tmp_path, step(), [{"id:0": "a", "id:1": "b"}])
    base = "letters/part-00000.parquet"
    task = exchange.task(SplitTask, "split/part-00007", 7, inputs={"letters": (base,)}, base=base)
    if said is None:
        assert execute(task).rows == table.num_rows
        return
    with pytest.raises(ContractError, match=said):
        execute(task)


def test_partitions_of_another_type_are_refused(tmp_path, monkeypatch):
    table = sent(ONE, TWO)
    monkeypatch.setattr(Split, "made", table.set_column(2, "partition", pa.array([0.0, 1.0])), raising=False)
    exchange = Exchange(tmp_path, Split(), [{"id:0": "a", "id:1": "b"}])
    base = "letters/part-00000.parquet"
    with pytest.raises(ContractError, match="the column 'partition' has values of type double"):
        execute(exchange.task(SplitTask, "split/part-00000", 0, inputs={"letters": (base,)}, base=base))


def test_a_split_of_a_list_alone_may_send_any_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(Split, "made", sent(ONE, TWO, drop="doc_id"), raising=False)
    exchange = Exchange(tmp_path, Split(), [])
    task = exchange.task(FileSplitTask, "s/part-00000", 0, inputs={"listed": ("listed/part-00000.parquet",)})
    assert execute(task).rows == 2


class Merges(Count):
    """Merges as it is told."""

    made: ClassVar[pa.Table]

    def merge(self, rows: pa.Table) -> pa.Table:
        return type(self).made


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("0a", 1)], "lost 0d"),
        ([("0a", 1), ("0a", 2), ("0d", 1)], "doubled or invented 0a"),
        ([("0a", 1), ("x", 2)], "lost 0d; doubled or invented x"),
        ([("0d", 1), ("0a", 2)], None),
    ],
)
def test_a_merge_that_loses_or_invents_documents_is_named(tmp_path, monkeypatch, rows, said):
    made = Count.provides.rows({"doc_id": d, "n": n} for d, n in rows)
    monkeypatch.setattr(Merges, "made", made, raising=False)
    exchange = Exchange(tmp_path, Merges(), [{"0a": "a", "0d": "d"}])
    inputs = {"split": tuple(r.file for r, _ in exchange.splits())}
    task = exchange.task(MergeTask, "merged/part-00001", 1, inputs=inputs, parts=(0, NOWHERE))
    if said is None:
        assert execute(task).rows == 2
        return
    with pytest.raises(ContractError, match=said):
        execute(task)


def test_a_part_whose_rows_do_not_come_home_is_named(tmp_path):
    exchange = Exchange(tmp_path, Count(), [{"0a": "a", "0b": "b"}])
    merged = exchange.merged(exchange.splits())
    files = tuple(shelf_file(receipt, 0) for receipt in merged)
    base = "letters/part-00000.parquet"
    home = exchange.task(HomeTask, "home/part-00000", 0, inputs={"merged": files[:2]}, base=base)
    with pytest.raises(ContractError, match="lost 0b"):
        execute(home)
    with pytest.raises(ContractError, match="lost 0a, 0b"):
        execute(replace(home, inputs={"merged": ()}))
    many = replace(home, step=Many(), inputs={"merged": ()})
    assert execute(many).rows == 0


def test_tasks_are_of_the_shape_of_their_steps(tmp_path):
    exchange = Exchange(tmp_path, Count(), [])
    with pytest.raises(ContractError, match="step count is no ShardStep"):
        execute(exchange.task(ShardTask, "x/shard-00000", 0))
