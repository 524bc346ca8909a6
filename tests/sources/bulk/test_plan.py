"""What a fetch would take is told before anything is fetched."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from curation.sources.bulk.ids import IdSet, Ranges
from curation.sources.bulk.manifest import read_manifest
from curation.sources.bulk.plan import make_plan
from curation.sources.bulk.prices import Prices, requests_of
from curation.sources.metadata import columns_of
from curation.sources.select import Select
from pipelines.cli import main
from tests.sources.bulk.manifests import manifest_xml, row

MIB = 1 << 20
ROWS = [
    row("9912", 1, "astro-ph9912001", "astro-ph9912500", num_items=500, size=MIB),
    row("9912", 2, "astro-ph9912501", "quant-ph9912016", num_items=400, size=200 * MIB),
    row("0001", 1, "astro-ph0001001", "quant-ph0001119", num_items=2364, size=64 * MIB),
    row("1501", 1, "1501.00001", "1501.00300", size=64 * MIB + 1),
    row("1501", 2, "1501.00311", "1501.00600", size=5),
    row("1503", 1, "1503.00001", "1503.00300", size=7),
]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    file = tmp_path / "arXiv_src_manifest.xml"
    file.write_text(manifest_xml(ROWS))
    return file


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[..., Path]:
    def write(*records: dict[str, object]) -> Path:
        file = tmp_path / "snapshot.jsonl"
        file.write_text("".join(json.dumps(record) + "\n" for record in records))
        return file

    return write


def test_tars_are_found_by_the_ranges_of_their_ids(manifest: Path):
    ids = [
        "astro-ph/9912500",
        "gr-qc/9912001",
        "hep-th/0001001",
        "1501.00001",
        "1501.00002",
        "1501.00600",
        "1501.00001",
    ]
    lost = ["1501.00305", "1501.00601", "1502.00001", "astro-ph/9911001", "1504.00001", "adap-org/9912001"]
    told: list[str] = []
    plan = make_plan(read_manifest(manifest), [*ids, *lost], told.append)
    assert {chunk.filename[-11:-4]: count for chunk, count in plan.tars.items()} == {
        "912_001": 1, "912_002": 1, "001_001": 1, "501_001": 2, "501_002": 1,
    }  # fmt: skip
    assert told == lost
    assert list(plan.not_covered.values()) == [1, 1, 1, 3]
    assert (plan.covered, len(plan.wanted), plan.papers) == (6, 12, 500 + 400 + 2364 + 300 + 290)
    assert plan.size == (1 + 200 + 64 + 64) * MIB + 6
    assert plan.max_bytes == plan.size + 1024 * (plan.papers + 5) + 5 * 10_240, "headers, padding and ends"
    assert plan.requests == (1 + 4 + 2 + 2 + 1) + 5, "parts of 64 MiB, and a look at each"
    assert plan.usd(Prices(1.0, 0.0)) == pytest.approx(0.015)
    assert plan.usd(Prices(0.0, 1.0)) == pytest.approx(plan.max_bytes / 2**30)
    assert requests_of(0) == 1


def test_a_tar_that_begins_earlier_may_end_later(tmp_path: Path):
    rows = [row("2301", 1, "2301.00001", "2301.00900"), row("2301", 2, "2301.00100", "2301.00200")]
    path = tmp_path / "m.xml"
    path.write_text(manifest_xml(rows))
    ranges = Ranges(read_manifest(path))
    seqs = [
        chunk and chunk.seq_num
        for chunk in map(ranges.chunk_of, ("2301.00050", "2301.00150", "2301.00500", "2301.00901"))
    ]
    assert seqs == [1, 2, 1, None]


def test_a_month_of_two_tars_is_cut_in_the_order_of_letters(manifest: Path):
    """`math-ph` stands before `math` there, as `-` before a digit, and every archive of before 2007 in one list."""
    ranges = Ranges(read_manifest(manifest))
    for item in ("astro-ph9912501", "math-ph9912001", "math9912001", "quant-ph9912016"):
        assert (chunk := ranges.chunk_of(item)) and chunk.seq_num == 2
    assert ranges.chunk_of("quant-ph9912017") is None


def test_a_set_of_ids_is_that_set():
    drawn = random.Random(7)
    items = [f"{m}.{drawn.randint(1, 20000):05d}" for m in ("1501", "2611") for _ in range(500)]
    items += [
        f"{a}{m}{drawn.randint(1, 999):03d}"
        for a in ("astro-ph", "math", "math-ph")
        for m in ("9912", "0001")
        for _ in range(90)
    ]
    ids = IdSet()
    assert [ids.add(item) for item in items] == [item not in items[:at] for at, item in enumerate(items)]
    assert len(ids) == len(set(items)) and all(item in ids for item in items)
    assert "1501.20001" not in ids and "hep-th9912001" not in ids
    inside = sorted(item for item in set(items) if "astro-ph9912100" <= item <= "math9912500" and item[-7:-3] == "9912")
    assert list(ids.between("astro-ph9912100", "math9912500")) == inside
    assert list(ids.between("1501.00500", "1501.09000")) == sorted(
        i for i in set(items) if "1501.00500" <= i <= "1501.09000"
    )


@pytest.mark.parametrize(
    ("yymm", "first", "last", "inside"),
    [
        ("2301", "2212.09999", "2301.00002", ["2212.09999", "2212.10001", "2301.00001", "2301.00002"]),
        ("1501", "1412.9000", "1501.00003", ["1412.9001", "1501.00003"]),
        ("2301", "2211.00001", "2301.00001", ["2212.00001", "2212.09999", "2212.10001", "2301.00001"]),
        (
            "0001",
            "astro-ph9912002",
            "math0001001",
            ["astro-ph9912002", "hep-th0001001", "hep-th9912001", "math0001001"],
        ),
    ],
)
def test_a_tar_that_begins_in_another_month_has_the_papers_of_both(
    tmp_path: Path, yymm: str, first: str, last: str, inside: list[str]
):
    ids = IdSet()
    items = [
        "2212.00001",
        "2212.09999",
        "2212.10001",
        "2301.00001",
        "2301.00002",
        "2301.00003",
        "1412.9001",
        "1501.00003",
    ]
    items += ["astro-ph9912001", "astro-ph9912002", "hep-th9912001", "hep-th0001001", "math0001001", "math0001002"]
    for item in items:
        ids.add(item)
    assert list(ids.between(first, last)) == inside
    (tmp_path / "m.xml").write_text(manifest_xml([row(yymm, 1, first, last, num_items=9)]))
    ranges = Ranges(read_manifest(tmp_path / "m.xml"))
    assert {item for item in items if ranges.chunk_of(item)} <= set(inside)


RECORDS = [
    {"id": "1501.00001", "categories": "hep-th astro-ph.CO", "versions": [{"version": "v1", "created": "Mon, 5 Jan 2015 10:00:00 GMT"}]},
    {"id": "1501.00002", "categories": "gr-qc", "license": "http://creativecommons.org/licenses/by/4.0/", "update_date": "2015-02-01"},
    {"id": "1501.00003", "categories": "gr-qcx astro-phx.CO", "update_date": "2015-02-01"},
    {"id": "1501.00311", "update_date": "2016-01-01"},
    {"id": "astro-ph/9912001", "categories": "astro-ph"},
    {"id": "1502.00001", "categories": "astro-ph.HE", "update_date": "2015-02-10"},
    {"id": "no id", "categories": "astro-ph"},
    {"id": "1501.00002v3", "categories": "gr-qc", "update_date": "2015-03-01"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ({}, range(8)),
        ({"categories": ["astro-ph.*", "gr-qc"]}, [0, 1, 3, 4, 5, 6, 7]),
        ({"categories": ["astro-ph.CO"]}, [0, 3]),
        ({"from": "2015-02-01", "to": "2015-02-10"}, [1, 2, 4, 5, 6]),
        ({"licences": ["CC-BY-4.0"]}, [1]),
    ],
)
def test_a_selection_takes_records_by_category_date_and_licence(asked: dict[str, object], taken: list[int]):
    select = Select.model_validate(asked)
    assert [n for n, record in enumerate(RECORDS) if select.takes(record)] == list(taken)


def takes_slowly(select: Select, record: dict[str, object]) -> bool:
    """What a selection takes, by the columns that a run has of the record."""
    columns = columns_of(record)
    named, when = columns.get("categories"), columns.get("date")
    asked = [word.removesuffix(".*") for word in select.categories or ()]
    return (
        (not asked or named is None or any(f"{c}.".startswith(f"{word}.") for c in named for word in asked))
        and (not select.licences or columns.get("licence") in select.licences)
        and (not select.from_ or when is None or date.fromisoformat(when) >= select.from_)
        and (not select.to or when is None or date.fromisoformat(when) <= select.to)
    )


@pytest.mark.needs_shared
def test_a_selection_takes_what_the_columns_of_a_run_say(shared: Path):
    lines = [line for file in (shared / "metadata/kaggle").glob("*.jsonl") for line in file.read_text().splitlines()]
    records = [json.loads(line) for line in lines if '"odd"' not in line]
    taken = []
    for asked in (
        {"categories": ["astro-ph.*", "gr-qc"]}, {"categories": ["hep-th"], "to": "2008-01-01"}, {"from": "2007-06-01"},
        {"licences": ["CC-BY-4.0", "arXiv-nonexclusive-1.0"]}, {"from": "2008-01-01", "to": "2008-12-31", "categories": ["cs", "math", "hep-ph", "astro-ph", "cond-mat"]},
    ):  # fmt: skip
        select = Select.model_validate(asked)
        taken.append(sum(select.takes(record) for record in records))
        assert [select.takes(record) for record in records] == [takes_slowly(select, record) for record in records]
    assert all(0 < count < len(records) for count in taken), taken


def test_the_command_tells_tars_share_cost_and_what_no_tar_covers(manifest: Path, snapshot, capsys, tmp_path: Path):
    lost = tmp_path / "lost.txt"
    given = [
        "sources",
        "plan",
        str(snapshot(*RECORDS)),
        "--manifest",
        str(manifest),
        "--select",
        "categories=[astro-ph, gr-qc]",
    ]
    assert main([*given, "--uncovered", str(lost)]) == 0
    out = capsys.readouterr().out
    assert "7 of 8 records are wanted (categories astro-ph, gr-qc), 5 papers" in out
    assert "1 of these records have no arXiv id" in out
    assert "1 of these records say nothing of what was asked, and count as wanted" in out
    assert "1 of these records speak of a paper that another one speaks of" in out
    assert "3 of 6 tars have wanted papers in their range of ids: 68.16 MB; 3 have none" in out
    assert "4 of the 1,090 papers in them are wanted (0.4 %)" in out
    assert "1 wanted papers lie in no tar's range: 1 of months between, that it lists no tar of: 1502.00001" in out
    assert "cost: at most USD" in out and "us-east-1 transfer is free" in out
    assert lost.read_text() == "1502.00001\n"
    assert main([*given, "--max-usd", "0.001"]) == 1
    told = capsys.readouterr().err
    assert "nothing is fetched: this would make it USD 0.0058" in told and "more than --max-usd 0.001" in told
    assert main([*given, "--max-usd", "0.001", "--usd-per-gb", "0"]) == 0


def test_a_config_says_snapshot_and_selection(manifest: Path, snapshot, capsys, tmp_path: Path):
    snapshot(*RECORDS)
    arxiv = {
        "name": "arxiv",
        "path": "tars",
        "metadata": "snapshot.jsonl",
        "select": {"categories": ["astro-ph.*"], "to": "2015-12-31"},
    }
    config = tmp_path / "corpus.yaml"
    config.write_text(json.dumps({"name": "x", "sources": [arxiv, {"name": "books", "path": "books"}]}))
    assert main(["sources", "plan", str(config), "--manifest", str(manifest)]) == 0
    assert "4 of 8 records are wanted (categories astro-ph.*; to 2015-12-31), 3 papers" in capsys.readouterr().out
    assert main(["sources", "plan", str(config), "--manifest", str(manifest), "--select", "to=2015-01-31"]) == 0
    assert "3 of 8 records" in capsys.readouterr().out
    assert main(["sources", "plan", str(config), "--manifest", str(manifest), "--source", "books"]) == 2
    assert "no source of this name with `metadata:`" in capsys.readouterr().err
    config.write_text(json.dumps({"name": "x", "sources": [arxiv, {**arxiv, "name": "again"}]}))
    assert main(["sources", "plan", str(config), "--manifest", str(manifest)]) == 2
    assert "2 sources have `metadata:`; say which with --source" in capsys.readouterr().err
    assert main(["sources", "plan", str(config), "--manifest", str(manifest), "--source", "again"]) == 0


def test_what_changed_since_an_older_manifest_is_told(manifest: Path, snapshot, capsys, tmp_path: Path):
    older = tmp_path / "older.xml"
    older.write_text(
        manifest_xml([ROWS[0] | {"md5sum": "0" * 32}, row("9911", 1, "astro-ph9911001", "astro-ph9911002")])
    )
    given = ["sources", "plan", str(snapshot(*RECORDS)), "--manifest", str(manifest), "--older", str(older)]
    assert main(given) == 0
    out = capsys.readouterr().out
    for words in ("new: 5 tars", "rewritten: 1 tar", "gone: 1 tar", "keep their content_md5sum"):
        assert words in out


def test_a_selection_that_takes_nothing_is_an_error(manifest: Path, snapshot, capsys):
    given = [
        "sources",
        "plan",
        str(snapshot(*RECORDS)),
        "--manifest",
        str(manifest),
        "--select",
        "categories=[astroph]",
    ]
    assert main(given) == 2
    assert f"categories astroph: none of {len(RECORDS)} records" in capsys.readouterr().err


def test_a_key_that_a_selection_has_not_is_refused(manifest: Path, snapshot, capsys):
    given = ["sources", "plan", str(snapshot(*RECORDS)), "--manifest", str(manifest), "--select", "category=astro-ph"]
    assert main(given) == 2
    assert "category" in capsys.readouterr().err


def test_a_plan_counts_as_plain_sets_do(manifest: Path):
    drawn = random.Random(3)
    ids = [f"1501.{drawn.randint(1, 700):05d}" for _ in range(2000)]
    plan = make_plan(read_manifest(manifest), ids)
    slow = Counter(
        str(r["filename"]) for id_ in set(ids) for r in ROWS if str(r["first_item"]) <= id_ <= str(r["last_item"])
    )
    assert {chunk.filename: count for chunk, count in plan.tars.items()} == dict(slow)
    assert sum(plan.not_covered.values()) == len(set(ids)) - sum(slow.values())
