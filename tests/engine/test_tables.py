"""Many rows a document, side tables, unions, tables cut to a part, and rows of two sides that meet and go home."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from curation.errors import ConfigError, ContractError, LimitError, RunError
from curation.step import Step
from pipelines.engine import groups
from pipelines.engine.gc import collect
from pipelines.engine.run_tables import RunTables
from pipelines.engine.store import open_store
from pipelines.launch import Options, launch
from tests.engine.runs import receipts, trace
from tests.engine.steps import Texts, text_pipeline
from tests.engine.tables import (
    ByName,
    Counted,
    Foreign,
    Forgets,
    Forgiving,
    Judge,
    Links,
    Listed,
    Mark,
    MarkAgain,
    Misrouted,
    Nicknames,
    Reads,
    ReadsLate,
    Records,
    Reversed,
    Said,
    Same,
    SplitWords,
    Stretched,
    StrictJudge,
)

INLINE = Options(executor="inline")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for i in range(7):
        (folder / f"p{i}.txt").write_text(f"star dust number{i} of many")
    return folder


def run(texts: Path, *steps: Step, to: str = "run", **kw: Any) -> dict[str, Any]:
    pipeline = text_pipeline(texts, more=steps, **{"part_papers": 3, **kw})
    return dict(launch(pipeline, texts.parent / to, INLINE).report)


def table(texts: Path, name: str) -> list[tuple[Any, ...]]:
    return RunTables(open_store(texts.parent / "run")).scan(name).collect().rows()


def computed(report: dict[str, Any], stage: str) -> int:
    return next(s["computed"] for s in report["stages"] if s["stage"] == stage)


@pytest.mark.parametrize("late", [False, True])
def test_of_an_artefact_that_changes_while_it_is_read_nothing_stays(texts, late):
    artefact = texts.parent / "words.txt"
    artefact.write_text("old")
    step = ReadsLate(artefact=artefact) if late else Reads(artefact=artefact)
    Reads.meddle = lambda: artefact.write_text("new")
    with pytest.raises(RunError, match=r"step reads: the file of its key artefact changed while the run read it"):
        run(texts, step)
    Reads.meddle = None
    artefact.write_text("old")
    report = run(texts, step)
    assert {told for _, told in table(texts, "reads")} == {"old"}
    assert computed(report, "reads") == (0 if late else 3)


def test_a_pass_makes_many_rows_and_a_side_table_of_the_same_documents(texts):
    report = run(texts, SplitWords())
    assert table(texts, "words")[:4] == [
        ("id:p0", "000", "star"),
        ("id:p0", "001", "dust"),
        ("id:p0", "002", "number0"),
        ("id:p1", "000", "star"),
    ]
    assert len(table(texts, "letters")) == 7 * 6
    assert report["summaries"]["words"] == {"words": 21, "of": {"letters": 42}}
    tables = RunTables(open_store(texts.parent / "run"))
    part = tables.manifest("words").parts[0]
    assert part.rows == 9 and part.beside["letters"].rows == 18
    told = [name for name, _ in trace(tables, "p5")]
    assert told.count("words") == 3 and told.count("letters") == 6


def test_a_side_table_that_is_gone_is_made_again_in_its_place(texts):
    run(texts, SplitWords())
    [side] = (texts.parent / "run").glob("words-*/letters/part-00001.parquet")
    before, bytes_before = receipts(texts.parent / "run"), side.read_bytes()
    side.unlink()
    assert computed(run(texts, SplitWords()), "words") == 1
    assert side.read_bytes() == bytes_before and receipts(texts.parent / "run").keys() == before.keys()


def test_superseded_side_tables_are_garbage(texts):
    folder = texts.parent / "run"
    run(texts, SplitWords())
    (texts / "p0.txt").write_text("other words here")
    run(texts, SplitWords())
    gone = [name for name, _ in collect(open_store(folder), delete=True) if "/letters/" in name]
    assert [name.rpartition("/")[2] for name in gone] == ["part-00000.parquet"]
    assert len(table(texts, "letters")) == 42 and collect(open_store(folder), delete=True) == []


class Both(Texts):
    """Texts, and beside them the letters of their words."""

    beside: ClassVar = SplitWords.beside
    version: ClassVar[int] = 5

    def run(self, inputs: Any) -> Any:
        documents = Texts(fail=False).run(inputs).select(["doc_id", "text"])
        letters = SplitWords().run(type(inputs)({"documents": documents}))["letters"]
        return {"documents": super().run(inputs), "letters": letters}

    def reopen(self, previous: Any, inputs: Any, doc_ids: frozenset[str]) -> Any:
        assert sorted(previous) == ["documents", "letters"]
        return {**previous, "documents": super().reopen(previous["documents"], inputs, doc_ids)}


def test_side_tables_are_opened_again_with_their_main_table(texts):
    (texts / "p4.txt").write_text("FAIL now")
    run(texts, documents=Both())
    again = Options(executor="inline", retry_failed=True)
    report = launch(text_pipeline(texts, part_papers=3, documents=Both(fail=False)), texts.parent / "run", again).report
    assert report["tiers"]["public"]["failed"] == 0
    [part] = [p for p in RunTables(open_store(texts.parent / "run")).manifest("documents").parts if p.part == 1]
    assert part.beside["letters"].file.endswith("letters/part-00001.r1.parquet")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Same(), r"words.*row_id occurs twice in its document: id:p0 '000'"),
        (Reversed(), r"not in the order of their documents \(id:p1\)"),
        (Foreign(), r"its table letters: invented id:nobody"),
        (Forgets(), r"returned Table, not a mapping of words, letters"),
    ],
)
def test_rows_that_break_the_contract_stop_the_run_and_are_named(texts, step, said):
    with pytest.raises(ContractError, match=said):
        run(texts, step)


def test_readers_of_a_union_see_one_table_in_the_order_of_the_documents(texts):
    run(texts, SplitWords(), MarkAgain(), Mark(), Links(), Listed(), Judge())
    assert table(texts, "marked")[0] == ("id:p0", "again 001; mark 000")
    assert len(table(texts, "marks")) == 14
    assert {p.name.partition("-")[0] for p in (texts.parent / "run").glob("*-*") if "mark" in p.name} == {
        "mark",
        "marked",
    }


class Twin(Mark):
    """Takes the ids of another filler."""

    name: ClassVar[str] = "twin"

    def run(self, inputs: Any) -> Any:
        return Mark().run(inputs)


def test_a_word_that_a_reader_does_not_know_is_told_with_the_filler_that_wrote_it(texts):
    both = [SplitWords(), Mark(), MarkAgain(), Links(), Listed()]
    run(texts, *both, StrictJudge(words=("star", "dust")))
    with pytest.raises(ContractError, match=r"step again, its table marks: word 'dust' of id:p0; it is one of star$"):
        run(texts, *both, StrictJudge(words=("star",)))


def test_two_fillers_may_not_give_one_row_id(texts):
    with pytest.raises(ContractError, match=r"its input marks: row_id occurs twice in its document: id:p0 'mark 000'"):
        run(texts, SplitWords(), Mark(), Twin(), Links(), Listed(), Judge())


def test_only_parts_whose_cut_rows_change_are_made_anew(texts):
    def chain(*keys: str, removed: tuple[str, ...] = ()) -> dict[str, Any]:
        return run(texts, SplitWords(), Mark(), Links(), Listed(keys_of=keys, removed=removed), Judge())

    assert computed(chain("b:p1", "c:p2"), "marked") == 3
    assert dict(table(texts, "marked"))["id:p1"] == "mark 000; list b:p1"
    report = chain("a:p6", "b:p1", "c:p2")
    assert computed(report, "marked") == 1, "the part of p6"
    assert dict(table(texts, "marked"))["id:p6"] == "mark 000; list a:p6"
    assert computed(chain("0", "a:nobody", "a:p6", "b:p1"), "marked") == 0, "no row that concerns a document"
    report = chain("a:p6", removed=("id:p3", "id:nobody"))
    assert computed(report, "marked") == 2, "p1 is off the list, p3 is removed"
    assert dict(table(texts, "marked"))["id:p3"] == "mark 000; removed"
    assert dict(table(texts, "marked"))["id:p1"] == "mark 000"
    assert computed(chain("a:p6", removed=("id:p3",)), "marked") == 0
    fresh = run(
        texts, SplitWords(), Mark(), Links(), Listed(keys_of=("a:p6",), removed=("id:p3",)), Judge(), to="fresh"
    )
    assert fresh["papers"] == report["papers"]
    assert table(texts, "marked") == RunTables(open_store(texts.parent / "fresh")).scan("marked").collect().rows()


def test_a_table_cut_by_a_column_of_a_union_gives_each_row_once(texts, monkeypatch):
    monkeypatch.setattr(groups, "SHELF", 2)
    fillers = [SplitWords(), Mark(), MarkAgain(word="star"), Links(), Listed(keys_of=("star",))]
    run(texts, *fillers, ByName(names={"marks": ("doc_id", "word")}, by="word"), part_papers=1)
    assert table(texts, "given") == [(f"id:p{i}", "star") for i in range(7)]


def test_keys_look_at_every_table_that_has_the_column_and_the_run_says_what_matched(texts):
    def chain(*keys: str) -> dict[str, Any]:
        listed = [Links(), Nicknames(), Listed(keys_of=keys)]
        names = {"linked": ("doc_id", "links"), "nicknames": ("doc_id", "links")}
        return run(texts, *listed, ByName(names=names, by="links"))

    report = chain("a:p0", "nick p4", "nobody")
    assert [told for _, told in table(texts, "given") if told] == ["a:p0"] * 3 + ["nick p4"] * 3, "by part"
    [join] = report["joins"]
    assert (join["kind"], join["name"]) == ("table", "listed by links for given")
    assert {k: join["given"][k] for k in ("what", "count", "matched", "samples")} == {
        "what": "rows",
        "count": 3,
        "matched": 2,
        "samples": ["nobody"],
    }
    assert (join["papers"]["count"], join["papers"]["matched"]) == (7, 2)
    assert join["papers"]["samples"][:2] == ["a:p1", "a:p2"]
    assert report["joins"] == chain("a:p0", "nick p4", "nobody")["joins"], "of tables that are there, too"
    assert "table listed by links for given: matches none of 7 documents" in chain("p0")["warnings"]


def test_a_dry_run_knows_which_parts_a_list_touches(texts):
    steps = (SplitWords(), Mark(), Links(), Judge())
    listed = Listed(keys_of=("b:p1",))
    run(texts, *steps[:3], listed, steps[3])
    dry = Options(executor="inline", dry_run=True)
    pipeline = text_pipeline(texts, more=(*steps[:3], listed, steps[3]), part_papers=3)
    assert sum(r.computed for r in launch(pipeline, texts.parent / "run", dry).reports) == 0


def test_a_stage_says_which_table_it_follows_and_what_changed_in_its_step(texts):
    def planned(*keys: str, mark: str = "star") -> dict[str, str]:
        chain = (SplitWords(), Mark(word=mark), Links(), Listed(keys_of=keys), Judge())
        options = Options(executor="inline", dry_run=True)
        reports = launch(text_pipeline(texts, more=chain, part_papers=3), texts.parent / "run", options).reports
        return {r.stage: r.why for r in reports if r.computed}

    run(texts, SplitWords(), Mark(), Links(), Listed(keys_of=("a:p1",)), Judge())
    assert planned("a:p1") == {}
    assert planned("a:p1", mark="dust") == {"mark": "config.word: star -> dust", "marked": "follows marks"}
    listed = planned("a:p1", "a:p2")
    assert listed["listed"].startswith("config.keys_of: ['a:p1'] -> ['a:p1', 'a:p2']")
    assert listed["marked"] == "follows listed, removed"


def test_rows_of_a_joined_table_meet_the_documents_and_go_home(texts):
    run(texts, Links(), Listed(keys_of=("a:p5", "b:p5", "b:p2", "x")), Records())
    assert table(texts, "named") == [
        ("id:p2", "b:p2", "list b:p2"),
        ("id:p5", "a:p5", "list a:p5"),
        ("id:p5", "b:p5", "list b:p5"),
    ]
    report = run(texts, Links(), Listed(keys_of=("a:p5", "b:p5", "b:p2", "b:p6", "x")), Records())
    assert computed(report, "named") == 1 + 1 + 1, "the list's split, the partition of p6, its part"
    assert len(table(texts, "named")) == 4
    assert len(collect(open_store(texts.parent / "run"), delete=True)) > 0
    assert computed(run(texts, Links(), Listed(keys_of=("a:p5", "b:p5", "b:p2", "b:p6", "x")), Records()), "named") == 0


def test_cuts_and_shelves_that_nothing_uses_any_more_are_garbage(texts, monkeypatch):
    monkeypatch.setattr(groups, "SHELF", 2)
    folder = texts.parent / "run"

    def chain(judge: Step, *keys: str) -> dict[str, Any]:
        listed = [SplitWords(), Mark(), Links(), Listed(keys_of=keys, removed=("id:p1",))]
        return run(texts, *listed, judge, Records(), part_papers=1)

    def beside() -> set[str]:
        return {p.name for name in ("marked-*/*", "named-*/merged/*") for p in folder.glob(name) if p.is_dir()}

    chain(Judge(), "a:p5")
    collect(open_store(folder), delete=True)
    assert beside() == {"cut-listed", "cut-removed", "shelf-00002"}, "all of it is used"
    chain(Forgiving(), "a:p0")
    found = {name.split("/")[1] for name, _ in collect(open_store(folder), delete=False)}
    assert {"cut-removed", "merged"} <= found and beside() == {"cut-listed", "cut-removed", "shelf-00002"}
    collect(open_store(folder), delete=True)
    assert beside() == {"cut-listed"}
    assert sum(stage["computed"] for stage in chain(Forgiving(), "a:p0")["stages"]) == 0


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ((0, -1), "split of part 0: rows go to partition -1, and there are 3"),
        ((2, 3), "split of part 0: rows go to partition 3, and there are 3"),
        ((0, None), "split of part 0: the column 'partition' has 1 nulls"),
        ((0.5, 1.0), "split of part 0: the column 'partition' has values of type double"),
    ],
)
def test_a_row_sent_to_no_partition_stops_every_run(texts, to, said):
    for _ in range(2):  # the split is there the second time
        with pytest.raises(ContractError, match=said):
            run(texts, Misrouted(to=to))
    run(texts, Misrouted(to=(0, 1, 2)))
    assert len(table(texts, "misrouted")) == 7


def test_a_file_without_a_stretch_is_a_table_without_a_row(texts):
    for stretches in ((), ("a", "b"), ()):
        run(texts, Stretched(letters=stretches))
        assert sorted(word for (word,) in table(texts, "stretched")) == list(stretches)


def test_a_stretch_is_found_by_its_value_wherever_it_stands(texts):
    def chain(*letters: str) -> tuple[int, int]:
        report = run(texts, Stretched(letters=letters), Said())
        assert sorted(word for (word,) in table(texts, "stretched")) == sorted(letters)
        assert sorted(word for (word,) in table(texts, "said")) == sorted(letters)
        return computed(report, "stretched"), computed(report, "said")

    assert chain("a", "b", "c", "c") == (4, 4 + 3)
    assert chain("b", "c", "c") == (0, 1), "the partition of a"
    assert chain("x", "a", "b", "c", "c") == (1, 1 + 1), "x, its split and its partition"
    assert chain("c", "b", "a", "x", "c") == (0, 0)


def test_groups_of_many_parts_lie_in_several_files(texts, monkeypatch):
    chain = (SplitWords(), Mark(), Links(), Listed(keys_of=("a:p5", "b:p1"), removed=("id:p3",)), Judge(), Records())
    run(texts, *chain)
    told, named = table(texts, "marked"), table(texts, "named")
    monkeypatch.setattr(groups, "SHELF", 1)
    pipeline = text_pipeline(texts, more=chain, part_papers=2)
    launch(pipeline, texts.parent / "shelves", INLINE)
    tables = RunTables(open_store(texts.parent / "shelves"))
    assert tables.scan("marked").collect().rows() == told and tables.scan("named").collect().rows() == named
    shelves = {p.parent.name for p in (texts.parent / "shelves").glob("named-*/merged/*/*.arrow")}
    assert shelves == {"shelf-00002"}, "parts 0 and 2 hold rows"


def test_a_whole_step_streams_what_has_a_row_a_document(texts):
    run(texts, SplitWords(), Counted())
    assert dict(table(texts, "counted"))["star"] == 7


def test_a_whole_step_says_what_does_not_fit_before_it_starts(texts):
    class Small(Counted):
        def check_rows(self, rows: Any) -> None:
            if rows["words"] > 20:
                raise LimitError(f"{rows['words']} words")

    with pytest.raises(LimitError, match="21 words"):
        run(texts, SplitWords(), Small())
    assert not list((texts.parent / "run").glob("counted-*/*"))


def _step(base: type[Step], **members: Any) -> Step:
    return type("Changed", (base,), {"__module__": __name__, **members})()


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((SplitWords(), Mark(), Links(), Listed(), Judge(), MarkAgain()), "after step marked has read it"),
        ((SplitWords(), _step(Mark, rows="one")), "a union, so its rows must be many"),
        ((SplitWords(), SplitWords()), "'words', which another step writes too"),
        ((_step(SplitWords, provides=Links.provides),), "its table linked has no column row_id"),
        ((SplitWords(), _step(Mark, keys={"words": "word"})), "does not get cut"),
        ((Listed(), Links(), _step(Judge, requires={"linked": ("doc_id",), "listed": ("key",)})), "'links', a column"),
        ((Listed(), Links(), _step(Judge, requires={"linked": ("doc_id", "links"), "listed": ("why",)})), "'key'"),
        ((Links(), _step(Records, requires={"linked": ("doc_id", "links")})), "`also` names listed"),
        ((SplitWords(), _step(Links, requires={"words": ("doc_id",)})), "must read a table that has one"),
        ((Listed(), _step(Links, requires={"papers": ("doc_id",), "removed": ("why",)})), "without its doc_id"),
        (
            (_step(Records, beside=(WORDS := SplitWords.provides,), also=(), requires={"papers": ("doc_id",)}),),
            "side tables",
        ),
    ],
)
def test_the_chain_is_checked_before_data_is_read(texts, steps, said):
    with pytest.raises(ConfigError, match=said):
        run(texts, *steps)
    assert not (texts.parent / "run" / "run.json").exists()


def test_hashes_of_rows_are_equal_in_every_process(tmp_path):
    import subprocess
    import sys

    code = (
        "import pyarrow as pa; from pipelines.engine.groups import RowDigests as R; d = lambda t: R(t).of(slice(None));"
        "t = pa.table({'a': ['x', None], 'l': [['y'], []], 's': [{'k': 1}, None]});"
        "print(d(t), d(pa.concat_tables([t.slice(0, 1), t.slice(1)])), d(t.slice(0, 1)))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    [one] = said
    whole, chunked, half = one.split()
    assert whole == chunked != half
