"""Records folded into a snapshot: the newest of an id wins, nothing is lost, and what did not change keeps its bytes."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from curation.errors import BrokenFileError, UserError
from curation.place import open_file
from curation.sources import snapshot, sorted_runs
from curation.sources.fold import fold, packed
from curation.sources.fold_files import fold_into, lines_of
from curation.sources.metadata import columns_of
from curation.sources.snapshot import Snapshot, SnapshotFile

Record = dict[str, Any]


def lines(records: Iterable[Record]) -> list[tuple[str, bytes]]:
    return [(f"line {n}", json.dumps(r).encode() + b"\n") for n, r in enumerate(records, 1)]


def folded(base: Iterable[Record], updates: Iterable[Record]) -> tuple[list[Record], Counter[str]]:
    sink = io.BytesIO()
    counts = fold(lines(base), lines(updates), sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()], counts


def record(id_: str, day: str, **more: Any) -> Record:
    return {"id": id_, "title": f"{id_} of {day}", "update_date": day, **more}


def test_newest_record_wins_and_lines_are_sorted() -> None:
    base = [
        record("astro-ph/9901001", "2001-01-01"),
        record("2301.00001", "2023-01-05"),
        record("0704.0001", "2008-01-01"),
    ]
    updates = [
        record("2301.00002", "2023-01-06"),
        record("2301.00001", "2023-01-04"),
        record("0704.0001", "2023-01-07"),
    ]
    found, counts = folded(base, updates)
    assert [(r["id"], r["update_date"]) for r in found] == [
        ("0704.0001", "2023-01-07"),
        ("2301.00001", "2023-01-05"),
        ("2301.00002", "2023-01-06"),
        ("astro-ph/9901001", "2001-01-01"),
    ]
    assert +counts == Counter(untouched=1, new=1, changed=1, same=1)


def test_of_equal_days_the_record_that_came_last_wins() -> None:
    found, _ = folded(
        [record("1", "2023-01-05", a=1)], [record("1", "2023-01-05", title="x"), record("1", "2023-01-05")]
    )
    assert found == [record("1", "2023-01-05", a=1)]
    found, _ = folded([], [record("1", "2023-01-05"), record("1", "2023-01-05", title="later")])
    assert found[0]["title"] == "later"


def test_time_of_day_counts_where_it_is_told() -> None:
    late, early = (record("1", "2023-01-05", datestamp=f"2023-01-05T{h}:00:00Z", title=h) for h in ("12", "09"))
    assert folded([], [late, early])[0][0]["title"] == "12"


def test_spellings_and_versions_of_an_id_are_one_paper() -> None:
    base = [
        record("math.CA/0611800", "2006-01-01"),
        record("2301.00001v1", "2023-01-01"),
        record("0704.0001", "2008-01-01"),
    ]
    updates = [
        record("math/0611800", "2007-01-01"),
        record("2301.00001", "2023-02-01"),
        record("arXiv:0704.0001v2", "2009-01-01"),
    ]
    found, counts = folded(base, updates)
    assert [r["id"] for r in found] == ["arXiv:0704.0001v2", "2301.00001", "math/0611800"]
    assert +counts == Counter(changed=3)


def test_deletion_marks_and_loses_nothing_and_an_older_one_does_nothing() -> None:
    gone = {"id": "1", "update_date": "2023-02-01", "is_deleted": True, "is_withdrawn": True}
    found, counts = folded([record("1", "2023-01-01", license="cc")], [gone])
    assert found == [record("1", "2023-01-01", license="cc") | gone] and counts["deleted"] == counts["withdrawn"] == 1
    found, counts = folded(found, [gone])
    assert counts["same"] == 1 and not counts["deleted"]
    assert folded([record("1", "2023-03-01")], [gone])[0] == [record("1", "2023-03-01")]


def test_a_withdrawal_in_the_comments_is_counted() -> None:
    words = {"1": "This paper has been withdrawn by the author", "2": "12 pages"}
    updates = [record(id_, "2023-02-01", comments=said) for id_, said in words.items()]
    assert folded([record("1", "2023-01-01")], updates)[1] == Counter(withdrawn=1, changed=1, new=1)


def test_what_a_newer_record_does_not_speak_of_stays() -> None:
    old = record("1", "2023-01-01", bibcode="2023A", authors="A. B", authors_parsed=[["B", "A.", ""]], comments="old")
    [found], _ = folded([old], [record("1", "2023-02-01", authors="A. B", comments=None)])
    assert (found["bibcode"], found["authors_parsed"], found["comments"]) == ("2023A", [["B", "A.", ""]], None)
    [found], _ = folded([old], [record("1", "2023-02-01", authors="A. B, C. D")])
    assert "authors_parsed" not in found


def test_sizes_of_versions_outlive_a_newer_snapshot() -> None:
    """Kaggle's lines have none, and a size of 0kb is how a withdrawal is known."""
    harvested = [
        {"version": "v1", "created": "a", "size": "9kb"},
        {"version": "v2", "created": "b", "size": "0kb", "source_type": "I"},
    ]
    plain = [{"version": "v1", "created": "a"}, {"version": "v2", "created": "b"}, {"version": "v3", "created": "c"}]
    [found], _ = folded([record("1", "2023-03-01", versions=plain)], [record("1", "2023-02-01", versions=harvested)])
    assert found["update_date"] == "2023-03-01"
    assert found["versions"] == [*harvested, {"version": "v3", "created": "c"}]


def test_version_that_was_put_right_is_no_longer_withdrawn() -> None:
    old = record("1", "2023-01-01", versions=[{"version": "v1", "created": "a", "size": "0kb", "source_type": "I"}])
    new = record("1", "2023-02-01", versions=[{"version": "v1", "created": "a", "size": "9kb"}])
    assert folded([old], [new])[0] == [new]


def test_record_without_versions_over_one_with_is_counted() -> None:
    _, counts = folded([record("1", "2023-01-01", versions=[{"version": "v1"}])], [record("1", "2023-02-01")])
    assert counts["poorer"] == 1


def versions(*sizes: str | None, zone: str = "GMT") -> list[Record]:
    dates = [f"Mon, {n} Jan 2023 19:18:42 {zone}" for n in range(2, 9)]
    made = [{"version": f"v{n}", "created": date} for n, date in enumerate(dates[: len(sizes)], 1)]
    return [entry | ({"size": size} if size else {}) for entry, size in zip(made, sizes, strict=True)]


WITHDRAWN = record("1", "2023-02-01", versions=versions("10kb", "0kb"), is_withdrawn=True)


@pytest.mark.parametrize(
    ("old", "more", "is_withdrawn"),
    [
        (WITHDRAWN, {"version": "latest", "license": "cc"}, True),
        (WITHDRAWN, {"versions": versions(None, None)}, True),
        (WITHDRAWN, {"versions": versions(None, None, zone="+0000")}, True),
        (WITHDRAWN, {"versions": versions(None, None, None)}, True),
        (WITHDRAWN, {"versions": versions("10kb", None)}, True),
        (WITHDRAWN, {"versions": versions("10kb", "9kb")}, False),
        (WITHDRAWN, {"versions": versions("10kb", "0kb", "9kb")}, False),
        (record("1", "2023-02-01", comments="This paper has been withdrawn by the author"), {"comments": None}, True),
        (record("1", "2023-02-01", versions=versions("9kb"), is_withdrawn=True), {"versions": versions("9kb")}, True),
        (
            record("1", "2023-02-01", versions=versions("9kb"), is_withdrawn=True),
            {"versions": versions("9kb", "9kb")},
            False,
        ),
        (record("1", "2023-02-01"), {"versions": versions("9kb")}, False),
    ],
)
def test_withdrawal_stays_until_a_record_can_say_otherwise(old: Record, more: Record, is_withdrawn: bool) -> None:
    """By the size of its last version; where somebody said it by hand, of a later version."""
    [found], _ = folded([old], [record("1", "2023-03-01", **more)])
    assert columns_of(found)["is_withdrawn"] is is_withdrawn
    [again], _ = folded([found], [record("1", "2023-03-01", **more)])
    assert again == found


GONE = {"id": "1", "update_date": "2023-02-01", "is_deleted": True, "is_withdrawn": True}


@pytest.mark.parametrize(
    ("stamp", "is_deleted"),
    [
        ({"update_date": "2023-02-01"}, True),
        ({"update_date": "2023-02-01", "datestamp": "2023-02-01T23:00:00Z"}, True),
        ({"update_date": "2023-02-02"}, False),
    ],
)
def test_deletion_stays_until_a_record_of_a_later_time(stamp: Record, is_deleted: bool) -> None:
    back = {"id": "1", "title": "back", **stamp}
    for base, updates in (([GONE], [back]), ([back], [GONE]), ([], [GONE, back]), ([], [back, GONE])):
        [found], _ = folded(base, updates)
        assert bool(found.get("is_deleted")) is is_deleted, (base, updates)


def test_of_one_day_the_record_that_lists_more_versions_is_newer_whatever_comes_first() -> None:
    one, two = (record("1", "2023-02-01", license=n, versions=versions(*["9kb"] * n)) for n in (1, 2))
    for base, updates in (([one], [two]), ([two], [one]), ([], [one, two]), ([], [two, one])):
        assert folded(base, updates)[0] == [two]


def test_doi_and_journal_are_not_taken_away_and_can_be_added() -> None:
    links = {"doi": "10.1146/annurev-astro-081811-125615", "journal-ref": "ARA&A 50, 1"}
    nulls = {"doi": None, "journal-ref": None}
    for base, update in (
        (record("1", "2023-01-01", **links), record("1", "2023-02-01", **nulls)),
        (record("1", "2023-01-01", **nulls), {"id": "1", **links}),
    ):
        [found], _ = folded([base], [update])
        assert {key: found[key] for key in links} == links
    [found], _ = folded([record("1", "2023-01-01", **links)], [record("1", "2023-02-01", doi="10.1/2")])
    assert found["doi"] == "10.1/2"


@pytest.mark.parametrize("key", ["license", "licence"])
def test_record_without_a_time_adds_no_licence_to_a_line(key: str) -> None:
    undated = {"id": "1", key: "CC-BY-4.0"}
    [found], _ = folded([record("1", "2023-01-01", license=None)], [undated])
    assert columns_of(found)["licence"] is None
    assert columns_of(folded([], [undated])[0][0])["licence"] == "CC-BY-4.0", (
        "of a paper that nothing else speaks of it is its own"
    )


@pytest.mark.parametrize(
    "stamp", [{"update_date": "9999-12-31"}, {"update_date": "2023-01-01", "datestamp": "9999-99-99"}]
)
def test_time_that_is_to_come_takes_no_place(stamp: Record) -> None:
    told = {"id": "1", "title": "to come", **stamp}
    honest = record("1", "2023-02-01")
    for base, updates in (([honest], [told]), ([told], [honest])):
        found, counts = folded(base, updates)
        assert [r["title"] for r in found] == [honest["title"]] and counts["future"] == 1


def test_line_that_no_record_changed_keeps_its_bytes() -> None:
    odd = b'{ "id":"0704.0001" ,"title": "caf\xc3\xa9" }\r\n'
    sink = io.BytesIO()
    fold([("1", odd), ("2", b"\n")], lines([record("2301.00001", "2023-01-01")]), sink)
    assert sink.getvalue().splitlines()[0] == odd.strip()


def test_doubled_line_of_a_snapshot_is_folded_and_told() -> None:
    found, counts = folded([record("1", "2023-02-01"), record("1", "2023-01-01")], [])
    assert found == [record("1", "2023-02-01")] and counts["doubled"] == 1


@pytest.mark.parametrize("line", [b"[]", b"{", b'{"title": "no id"}', b'{"id": 7}', b'{"id": " "}', b"[" * 100_000])
def test_line_without_an_id_is_an_error_that_names_it(line: bytes) -> None:
    with pytest.raises(UserError, match="line 7"):
        fold([("line 7", line)], [], io.BytesIO())


def test_ids_with_control_characters_are_ids() -> None:
    base = [record(name, "2023-01-01") for name in ("a\tb", "a\nb", "../x", "a")]
    found, _ = folded(base, [record("a\tb", "2023-02-01")])
    assert sorted(r["id"] for r in found) == ["../x", "a", "a\tb", "a\nb"]
    assert {r["id"]: r["update_date"] for r in found}["a\tb"] == "2023-02-01"


DAY = st.sampled_from(["2023-01-01", "2023-01-02", "2023-01-03"])
SOME = st.lists(
    st.builds(record, st.sampled_from(["1", "2", "0704.0001", "hep-th/9901001"]), DAY, n=st.integers(0, 3)), max_size=12
)


@given(SOME, SOME)
def test_fold_is_what_a_dictionary_makes(base: list[Record], updates: list[Record]) -> None:
    expected: dict[str, Record] = {}
    for each in sorted([*base, *updates], key=lambda r: r["update_date"]):
        expected[each["id"]] = each
    assert folded(base, updates)[0] == [expected[key] for key in sorted(expected)]


def test_runs_on_disk_give_the_same_as_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(1)
    base = [record(f"2301.{chosen.randrange(1, 5000):05d}", "2023-01-01", n=n) for n in range(1500)]
    updates = [record(f"2301.{chosen.randrange(1, 5000):05d}", "2023-01-02", n=n) for n in range(1500)]
    expected = folded(base, updates)
    monkeypatch.setattr(sorted_runs, "RUN_BYTES", 5_000)
    assert folded(base, updates) == expected


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_equal_records_give_equal_bytes(name: str) -> None:
    made = []
    for seed in (1, 2):
        base = [record(f"2301.{n:05d}", "2023-01-01") for n in range(1, 500)]
        random.Random(seed).shuffle(base)
        sink = io.BytesIO()
        with packed(sink, name) as writer:
            fold(lines(base), [], writer)
        made.append(sink.getvalue())
    assert made[0] == made[1]
    unpack = {"gz": gzip.decompress, "zst": lambda b: zstandard.ZstdDecompressor().stream_reader(b).read()}
    assert unpack.get(name.rpartition(".")[2], bytes)(made[0]).count(b"\n") == 499


def test_one_changed_record_changes_the_stretches_around_it_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "STRETCH_BYTES", 16 << 10)
    base = [record(f"2301.{n:05d}", "2023-01-01", abstract="word " * 20) for n in range(1, 3000)]
    path = tmp_path / "s.jsonl"
    digests = []
    for updates in ([], [record("2301.01500", "2023-02-01"), record("2301.01501", "2023-02-01")]):
        sink = io.BytesIO()
        fold(lines(base), lines(updates), sink)
        path.write_bytes(sink.getvalue())
        files = (SnapshotFile(source="a", path=str(path)),)
        digests.append([stretch["sha256"] for stretch in Snapshot(files=files).stretches()])
    assert len(digests[0]) > 40
    assert len(set(digests[1]) - set(digests[0])) <= 2


def test_snapshot_at_an_address_or_behind_a_link_is_replaced(tmp_path: Path, s3_uri: str) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link.jsonl.gz").symlink_to(tmp_path / "disk" / "real.jsonl.gz")
    for file in (f"{s3_uri}/snapshot.jsonl.gz", str(tmp_path / "link.jsonl.gz")):
        fold_into(file, lines([record("2301.00001", "2023-01-01"), record("2301.00002", "2023-01-01")]))
        counts = fold_into(file, lines([record("2301.00002", "2023-01-02")]))
        assert +counts == Counter(untouched=1, changed=1)
        place, name = open_file(file)
        assert [json.loads(line)["update_date"] for _, line in lines_of(place, name)] == ["2023-01-01", "2023-01-02"]
    assert (tmp_path / "link.jsonl.gz").is_symlink()


def test_two_folds_into_one_snapshot_lose_no_record(tmp_path: Path) -> None:
    """The second would be replaced by the first, or replace it; a file that is made by the first is held, too."""
    file = tmp_path / "snapshot.jsonl"

    def slow() -> Iterable[tuple[str, bytes]]:
        with pytest.raises(UserError, match="another fold is writing to"):
            fold_into(str(file), lines([record("2", "2023-01-01")]))
        yield from lines([record("1", "2023-01-01")])

    fold_into(str(file), slow())
    fold_into(str(file), lines([record("2", "2023-01-01")]))
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == ["1", "2"]


def test_damaged_snapshot_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl.gz"
    damaged = gzip.compress(b'{"id": "2301.00001"}\n' * 99)[:-12]
    path.write_bytes(damaged)
    with pytest.raises(BrokenFileError, match="is cut"):
        fold_into(str(path), lines([record("2301.00002", "2023-01-02")]))
    assert path.read_bytes() == damaged
    assert {file.name for file in tmp_path.iterdir()} == {path.name, f".{path.name}.lock"}
