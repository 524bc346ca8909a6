"""A table cut to parts: each part gets the rows that name one of its documents, once and in their order, and both sides are told."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.hashes import hashes_of
from curation.step import Inputs, Made, MapStep, Requires, WholeStep
from pipelines.engine import groups, whole_task
from pipelines.engine.groups import GroupDigests, RowDigests, read_group, shelf_file
from pipelines.engine.store import Store
from pipelines.engine.task import execute
from pipelines.engine.whole_task import CutTask, EmptyTask, WholeTask
from schemas import DOC_ID, Table, field
from tests.engine.tables import LETTERS, WORDS, Counted, Listed, SplitWords
from tests.engine.tasks import put_table

EDGES = pa.schema([("doc_id", pa.string()), ("mate", pa.string()), ("key", pa.string()), ("why", pa.large_string())])


class Reader(MapStep):
    """Reads what is cut here."""

    name: ClassVar[str] = "reader"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"edges": ("doc_id", "mate", "key", "why")}
    provides: ClassVar[Table] = Table("read", 1, "Nothing.", (DOC_ID,))

    def run(self, inputs: Inputs) -> Made:
        return self.provides.empty()


def edges(*rows: tuple[str | None, ...]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, EDGES, strict=True)], schema=EDGES)


def cut(
    root: Path,
    table: pa.Table,
    files: Sequence[tuple[int, list[Any]]],
    *,
    keys: tuple[str, ...] = ("key",),
    kind: pa.DataType | None = None,
    tells: bool = False,
) -> CutTask:
    """The task that cuts a table, which lies in two files.

    Args:
        files: part and what the documents of the file name, in a column `names`, of documents `id:<part>.<number>`; without
            `kind` the documents themselves are named: doc_ids.
    """
    store, half = Store(root), table.num_rows // 2
    named = []
    for i, (part, values) in enumerate(files):
        columns = {"doc_id": values} if kind is None else {"doc_id": [f"id:{part}.{n}" for n in range(len(values))]}
        names = {} if kind is None else {"names": pa.array(values, kind)}
        put_table(store, f"by/{i}.parquet", pa.table({"doc_id": pa.array(columns["doc_id"], pa.string()), **names}))
        named.append((part, f"by/{i}.parquet"))
    for i, some in enumerate((table.slice(0, half), table.slice(half))):
        put_table(store, f"edges/{i}.parquet", some)
    return CutTask(
        step=Reader(),
        root=str(root),
        target="read/cut-edges/part-00000",
        part=0,
        inputs={"edges": ("edges/0.parquet", "edges/1.parquet"), "by": tuple(file for _, file in named)},
        parts=tuple(part for part, _ in named),
        digests={"edges": "1", "by": "1"},
        side={"keys": keys, "by": "doc_id" if kind is None else "names", "tells": tells},
    )


def of_part(task: CutTask, part: int) -> list[dict[str, Any]]:
    made = execute(task)
    rows: list[dict[str, Any]] = read_group(task.store(), shelf_file(made, part), part).to_pylist()
    return rows


NAME = st.none() | st.sampled_from("abcde")
ROWS = st.lists(st.tuples(NAME, NAME, NAME, st.sampled_from("xy")), max_size=9)
KINDS = {
    pa.string(): NAME,
    pa.large_string(): NAME,
    pa.list_(pa.string()): st.none() | st.lists(NAME, max_size=3),
    pa.large_list(pa.large_string()): st.none() | st.lists(NAME, max_size=3),
}


def flat(values: Sequence[Any]) -> list[list[str]]:
    """What each document names."""
    return [[n for n in (v if isinstance(v, list) else [v]) if n is not None] for v in values]


@settings(max_examples=60)
@given(st.data(), ROWS, st.sampled_from(list(KINDS)), st.sampled_from([("key",), ("doc_id", "mate")]), st.booleans())
def test_every_part_gets_the_rows_that_one_of_its_documents_names_once_and_in_order(data, rows, kind, keys, weak):
    """Beside a plain twin; with hashes of which most meet, too."""
    files = data.draw(st.lists(st.tuples(st.integers(0, 3), st.lists(KINDS[kind], max_size=4)), max_size=5))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "SHELF", 2)
        if weak:
            patch.setattr(whole_task, "hashes_of", lambda values: hashes_of(values) % 2)
        task = cut(Path(folder), edges(*rows), files, keys=keys, kind=kind, tells=True)
        made = execute(task)
        table = edges(*rows).to_pylist()
        got = set[int]()
        for part in range(5):
            names = {n for p, values in files if p == part for of in flat(values) for n in of}
            at = [i for i, row in enumerate(table) if names & {row[key] for key in keys}]
            found = read_group(task.store(), shelf_file(made, part), part)
            assert found.to_pylist() == [table[i] for i in at]
            digest = GroupDigests([made]).of(part)
            assert (digest == "none") == (not at)
            got.update(at)
        if len(keys) == 1:
            assert made.extra["matched"] == matched_twin(table, keys[0], files, got)


def matched_twin(table: list[dict[str, Any]], key: str, files: Sequence[tuple[int, list[Any]]], got: set[int]) -> Any:
    known = {row[key] for row in table}
    documents, others = set(), set[str]()
    for part, values in files:
        for n, names in enumerate(flat(values)):
            if known & set(names):
                documents.add(f"{part}.{n}")
            others |= set(names) - known
    missed = sorted({row[key] for i, row in enumerate(table) if i not in got and row[key] is not None})
    return {
        "rows": {"count": len(table), "matched": len(got), "samples": missed[:5]},
        "documents": {"matched": len(documents), "samples": sorted(others)[:5]},
    }


def test_every_key_column_names(tmp_path):
    table = edges(("a", "b", None, "1"), ("c", "a", None, "2"), ("c", "d", None, "3"), ("a", "a", None, "4"))
    task = cut(tmp_path, table, [(0, ["a"]), (1, ["d", "b"]), (2, ["e"])], keys=("doc_id", "mate"))
    assert [row["why"] for row in of_part(task, 0)] == ["1", "2", "4"]
    assert [row["why"] for row in of_part(task, 1)] == ["1", "3"]
    made = execute(task)
    assert of_part(task, 2) == [] and made.extra["groups"]["numbers"] == [0, 1] and "matched" not in made.extra
    assert made.rows == 5, "a row lies in the group of every part that it concerns"


def test_the_files_of_a_part_are_one_part_whatever_their_order(tmp_path):
    table = edges(*((None, None, key, key) for key in "abc"))
    files = [(3, ["a", "b"]), (1, ["c"]), (3, ["b", "c"])]
    made = execute(cut(tmp_path / "one", table, files, kind=pa.string()))
    again = execute(cut(tmp_path / "two", table, files[::-1], kind=pa.string()))
    assert (made.sha256, made.extra) == (again.sha256, again.extra)
    assert made.extra["groups"]["numbers"] == [1, 3] and made.rows == 1 + 3


def test_a_group_changes_with_its_own_rows_only(tmp_path):
    rows = [(None, None, "a", "1"), (None, None, "b", "2")]
    files = [(0, ["a"]), (1, ["b"])]
    one = GroupDigests([execute(cut(tmp_path / "1", edges(*rows), files, kind=pa.string()))])
    more = [(None, None, "0", "first"), rows[0], (None, None, "b", "other")]
    two = GroupDigests([execute(cut(tmp_path / "2", edges(*more), files, kind=pa.string()))])
    assert one.of(0) == two.of(0) != one.of(1) != two.of(1)


def test_the_rows_of_one_document_are_found_without_those_of_its_part(tmp_path):
    table = edges(*((None, None, key, key) for key in "abc"))
    task = cut(tmp_path, table, [(0, [["a", "c"], ["b"]]), (1, [["c"]])], kind=pa.list_(pa.string()))
    found = task.find("id:0.0")
    assert found.rows.take(pa.array(found.at))["why"].to_pylist() == ["a", "c"] and found.groups == [(0, 2)]
    assert task.find("id:nobody").groups == [] and [rows for _, rows in task.find().groups] == [3, 1]


def test_what_did_not_match_is_told_by_few_samples_over_all_parts(tmp_path):
    table = edges(*((None, None, f"k{i}", "?") for i in range(9)))
    files = [(part, [f"n{i}" for i in range(part, 9, 2)] + [f"k{part}"]) for part in (1, 0)]
    told = execute(cut(tmp_path, table, files, kind=pa.string(), tells=True)).extra["matched"]
    assert told == {
        "rows": {"count": 9, "matched": 2, "samples": ["k2", "k3", "k4", "k5", "k6"]},
        "documents": {"matched": 2, "samples": ["n0", "n1", "n2", "n3", "n4"]},
    }


def test_a_part_without_rows_and_a_table_without_rows_are_cut(tmp_path):
    for name, table, files in [
        ("no-part", edges(("a", "b", "c", "d")), []),
        ("no-row", edges(), [(0, ["a"])]),
        ("no-name", edges(("a", "b", "c", "d")), [(0, [None])]),
    ]:
        made = execute(cut(tmp_path / name, table, files, kind=pa.string(), tells=True))
        assert made.rows == 0 and made.extra["groups"]["numbers"] == []
        assert (
            made.extra["matched"]["rows"]["count"] == table.num_rows and made.extra["matched"]["rows"]["matched"] == 0
        )


def test_the_digest_in_the_receipt_is_that_of_the_rows_in_the_file(tmp_path):
    table = edges(("a", "b", "k", "1"), ("c", "a", "l", "2"))
    task = cut(tmp_path, table, [(300, ["k", "l"])], kind=pa.string())
    made = execute(task)
    rows = read_group(task.store(), made.beside["shelf-00001"].file, 300)
    assert made.extra["groups"]["digests"] == RowDigests(rows).of(slice(None)) and rows.num_rows == 2


# -- whole steps ----------------------------------------------------------------------------------------------


class Sees(WholeStep):
    """Tells in which order it is given the rows of a table."""

    name: ClassVar[str] = "sees"
    version: ClassVar[int] = 1
    requires: ClassVar[Requires] = {"edges": ("why", "key"), "words": ("word", "doc_id")}
    provides: ClassVar[Table] = Table("seen", 1, "Why.", (field("why", pa.string(), "It."),))

    def run(self, inputs: Inputs) -> Made:
        assert all(column.num_chunks <= 1 for table in inputs.values() for column in table.columns)
        words = [row["word"] for row in inputs["words"].to_pylist()]
        return self.provides.rows({"why": why} for why in [*inputs["edges"]["why"].to_pylist(), *words])

    def summary(self, inputs: Inputs, made: Any) -> Any:
        return {"rows": made["seen"].num_rows, "given": inputs["edges"].num_rows}


def test_a_whole_step_is_given_its_tables_in_one_order_however_they_lie_in_files(tmp_path):
    store = Store(tmp_path)
    rows = edges(("a", "b", "2", "two"), ("a", "b", "1", "one"), ("a", "b", "3", "three"))
    words = WORDS.rows([{"doc_id": d, "row_id": "0", "word": w} for d, w in [("b", "x"), ("a", "z"), ("a", "y")]])
    for name, table in (("edges", rows), ("words", words)):
        for i in range(3):
            put_table(store, f"{name}/{i}.parquet", table.slice(i, 1))
    for files in ("012", "210", "102"):
        inputs = {name: tuple(f"{name}/{i}.parquet" for i in files) for name in ("edges", "words")}
        task = WholeTask(step=Sees(), root=str(tmp_path), target=f"seen-{files}/part-00000", part=0, inputs=inputs)
        made = execute(task)
        assert store.read_table(made.file, ["why"])["why"].to_pylist() == ["one", "two", "three", "y", "z", "x"]
        assert made.extra == {"summary": {"rows": 6, "given": 3}}


class Looks(Sees):
    """Tells in which order it is given rows of which a column cannot be sorted, and streams another table."""

    requires: ClassVar[Requires] = {"many": ("age", "doc_id", "links", "why"), "words": ("word",)}
    streams: ClassVar[tuple[str, ...]] = ("words",)

    def run(self, inputs: Inputs) -> Made:
        assert list(inputs) == ["many"], "what is streamed is not given whole"
        return self.provides.rows({"why": "+".join(r["links"])} for r in inputs["many"].to_pylist())

    def summary(self, inputs: Inputs, made: Any) -> Any:
        return {"words": sum(part.num_rows for part in inputs.stream("words"))}


def test_documents_come_before_the_other_columns_and_what_cannot_be_sorted_by_is_no_key(tmp_path):
    store = Store(tmp_path)
    columns = {"age": [2, 1, 1], "doc_id": ["a", "b", "a"], "links": [["x"], ["y"], ["z", "z"]]}
    why = pa.array(["3", "2", "1"], pa.large_string())
    put_table(store, "many.parquet", pa.table({**columns, "why": why}))
    put_table(store, "words.parquet", WORDS.rows([{"doc_id": "a", "row_id": "0", "word": "w"}]))
    inputs = {"many": ("many.parquet",), "words": ("words.parquet",)}
    made = execute(WholeTask(step=Looks(), root=str(tmp_path), target="seen/part-00000", part=0, inputs=inputs))
    assert store.read_table(made.file, ["why"])["why"].to_pylist() == ["z+z", "x", "y"]
    assert made.extra == {"summary": {"words": 1}}


def test_a_whole_step_streams_a_table_file_by_file_and_is_sorted(tmp_path):
    store = Store(tmp_path)
    for i, letters in enumerate(("ba", "ca")):
        rows = [{"doc_id": f"id:{i}", "row_id": str(k), "word": w} for k, w in enumerate(letters)]
        put_table(store, f"words/{i}.parquet", WORDS.rows(rows))
    inputs = {"words": ("words/0.parquet", "words/1.parquet")}
    made = execute(WholeTask(step=Counted(), root=str(tmp_path), target="c/part-00000", part=0, inputs=inputs))
    table = store.read_table(made.file, ["word", "n"]).to_pylist()
    assert table == [{"word": "a", "n": 2}, {"word": "b", "n": 1}, {"word": "c", "n": 1}]


def test_the_side_tables_of_a_whole_step_lie_beside_it_each_sorted(tmp_path):
    step = Listed(keys_of=("b", "a"), removed=("z", "y"))
    made = execute(WholeTask(step=step, root=str(tmp_path), target="l/part-00000", part=0))
    assert (made.rows, made.beside["removed"].rows) == (2, 2) and list(made.beside) == ["removed"]
    removed = Store(tmp_path).read_table(made.beside["removed"].file, ["doc_id"])
    assert removed["doc_id"].to_pylist() == ["y", "z"]
    assert Store(tmp_path).read_table(made.file, ["key"])["key"].to_pylist() == ["b", "a"], (
        "a table of no order of its own"
    )


def test_an_empty_task_makes_every_table_without_a_row(tmp_path):
    task = EmptyTask(step=SplitWords(), root=str(tmp_path), target="w/part-00000", part=0, digests={"stretch": "none"})
    made = execute(task)
    assert (made.rows, made.beside["letters"].rows, made.inputs) == (0, 0, {"stretch": "none"})
    store = Store(tmp_path)
    with store.parquet(made.file) as main, store.parquet(made.beside["letters"].file) as side:
        assert main.schema_arrow == WORDS.arrow and side.schema_arrow == LETTERS.arrow
    assert execute(replace(task, step=Listed())).beside.keys() == {"removed"}
