"""What a fetch keeps, refuses and tells; from a folder, which is a place like a bucket."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.errors import LimitError, NoSpaceError, RunError
from curation.place import FolderPlace
from curation.sources.bulk.fetch import Asked, Fetch, Outcome
from curation.sources.bulk.holdings import Holdings, Kept, Quarantined, State
from curation.sources.bulk.manifest import read_manifest
from curation.sources.bulk.plan import Plan, make_plan
from curation.sources.bulk.prices import Prices
from curation.sources.bulk.spending import Spending
from curation.sources.bulk.transfer import Transfer
from curation.sources.folder import FolderSource
from pipelines.cli import main
from tests.sources.bulk.bucket import MONTHS, WANTED, Bucket, slashed, tar_of_month

OLD, NEW = "src/arXiv_src_9912_001.tar", "src/arXiv_src_2301_001.tar"
PART = 1 << 14


class Counting(FolderPlace):
    """A folder that notes what is read of it.

    Args:
        flips: how many of the first reads have a wrong byte.
    """

    def __init__(self, root: Path, flips: int = 0) -> None:
        super().__init__(root)
        self.read_of: list[tuple[str, int]] = []
        self.flips = flips

    def range(self, name: str, first: int, after: int) -> bytes:
        self.read_of.append((name, first))
        data = bytearray(super().range(name, first, after))
        if self.flips:
            self.flips -= 1
            data[0] ^= 1
        return bytes(data)


class _Held:
    def check(self) -> None:
        return None


def plan_of(bucket: Bucket, items: list[str] = WANTED) -> Plan:
    return make_plan(read_manifest(bucket.manifest), map(slashed, items))


def counting(bucket: Bucket, flips: int = 0) -> Counting:
    return Counting(Path(bucket.place.uri), flips)


def fetch(place: FolderPlace, plan: Plan, to: Path, **asked: object) -> Outcome:
    given = Asked(**{"part_bytes": PART, **asked})  # type: ignore[arg-type]
    return Fetch(plan, place, Holdings(to), given, _Held()).run()


def members(tar: Path) -> dict[str, bytes]:
    with tarfile.open(tar) as file:
        return {info.name: file.extractfile(info).read() for info in file if info.isfile()}  # type: ignore[union-attr]


def test_whole_tars_come_and_are_not_fetched_again(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    outcome = fetch(place, plan_of(bucket), to)
    assert (outcome.fetched, outcome.there, outcome.failed, outcome.absent) == (3, 0, {}, [])
    for name in (OLD, NEW):
        assert (to / name).read_bytes() == bucket.tars[name]
    assert not (to / "src/arXiv_src_2302_001.tar").exists()
    assert not list((to / ".fetch/parts").iterdir())
    seen = len(place.read_of)
    outcome = fetch(place, plan_of(bucket), to)
    assert (outcome.fetched, outcome.there, len(place.read_of)) == (0, 3, seen)


def test_only_wanted_members_are_kept_under_their_names(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    outcome = fetch(place, plan_of(bucket, [*WANTED, "gr-qc9912005"]), to, kept=Kept.WANTED)
    assert outcome.absent == ["gr-qc9912005"], "it is in the range of a tar that does not hold it"
    there = members(to / OLD)
    assert there == {f"9912/{id_}.gz": bucket.papers[id_] for id_ in MONTHS["9912"] if id_ in WANTED}
    assert (to / OLD).stat().st_size < len(bucket.tars[OLD])
    receipt = json.loads((to / f".fetch/receipts/{OLD}.json").read_text())
    assert (receipt["members"], receipt["kept_members"], receipt["absent"]) == (3, 2, ["gr-qc9912005"])
    assert list((to / ".fetch/parts").iterdir()) == []


def test_a_narrower_selection_fetches_nothing_and_a_wider_one_its_tars(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    absent = "gr-qc9912005"  # in the range of a tar that does not hold it
    fetch(place, plan_of(bucket, [*WANTED, absent]), to, kept=Kept.WANTED)
    seen = len(place.read_of)
    assert fetch(place, plan_of(bucket, [*WANTED[1:], absent]), to, kept=Kept.WANTED).fetched == 0
    assert len(place.read_of) == seen
    assert fetch(place, plan_of(bucket, [*WANTED, "hep-th9912001"]), to, kept=Kept.WANTED).fetched == 1
    assert {name for name, _ in place.read_of[seen:]} == {OLD}
    assert "9912/hep-th9912001.gz" in members(to / OLD)


def test_tars_of_somebody_elses_download_are_taken_over(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    shutil.copytree(Path(bucket.place.uri) / "src", to / "src")
    assert fetch(place, plan_of(bucket), to, max_usd=0.0).fetched == 0
    assert place.read_of == []
    assert fetch(place, plan_of(bucket), to, kept=Kept.WANTED).fetched == 0, "whole tars hold what is wanted"
    before = {path: path.read_bytes() for path in (to / "src").iterdir()}
    for wanted in ([*WANTED], ["gr-qc9912005"]):
        shutil.rmtree(to / ".fetch")
        assert fetch(place, plan_of(bucket, wanted), to, kept=Kept.WANTED).fetched == 0
        assert {path: path.read_bytes() for path in (to / "src").iterdir()} == before, "they are somebody's"
    assert place.read_of == []


def test_a_rewritten_tar_is_fetched_anew(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    fetch(place, plan_of(bucket), to)
    bucket.tars[OLD] = tar_of_month("9912", {id_: bucket.papers[id_] + b"\0" for id_ in MONTHS["9912"]})
    bucket.put(OLD, bucket.tars[OLD])
    bucket.write_manifest()
    seen = len(place.read_of)
    assert fetch(place, plan_of(bucket), to).fetched == 1
    assert {name for name, _ in place.read_of[seen:]} == {OLD}
    assert (to / OLD).read_bytes() == bucket.tars[OLD]


def test_an_older_manifest_brings_no_older_tar(bucket: Bucket, tmp_path: Path):
    """The bucket has it no more: it would be paid for twice, and quarantined."""
    place, to, now = counting(bucket), tmp_path / "tars", bucket.manifest.read_text()
    fetch(place, plan_of(bucket), to)
    md5 = hashlib.md5(bucket.tars[OLD]).hexdigest()
    bucket.manifest.write_text(now.replace(md5, "0" * 32).replace("2024-01-02 03:04:05", "2020-01-02 03:04:05"))
    seen = len(place.read_of)
    outcome = fetch(place, plan_of(bucket), to)
    assert (outcome.fetched, outcome.there, outcome.failed) == (0, 3, {}) and len(place.read_of) == seen
    assert (
        Fetch(plan_of(bucket), place, Holdings(to), Asked(), _Held()).states[plan_of(bucket).manifest.chunks[0]]
        is State.NEWER
    )
    bucket.manifest.write_text(now.replace(md5, "0" * 32))
    assert OLD in fetch(place, plan_of(bucket), to).failed, "one of the same time is another tar"


def test_a_second_try_that_was_killed_is_made_once(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    bucket.put(OLD, bucket.tars[OLD][::-1])
    wrong = hashlib.md5(bucket.tars[OLD][::-1]).hexdigest()
    told = Quarantined(OLD, hashlib.md5(bucket.tars[OLD]).hexdigest(), (wrong,), "killed here")
    Holdings(to).write_quarantined(told)
    outcome = fetch(place, plan_of(bucket, WANTED[:1]), to)
    assert "twice the same wrong bytes" in outcome.failed[OLD]
    assert len(place.read_of) == len(set(place.read_of)), "a third time"


def test_parts_of_a_tar_that_was_rewritten_meanwhile_are_dropped(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    stopped = Asked(part_bytes=PART, streams=1)

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Fetch(plan_of(bucket, ["2301.00001"]), place, Holdings(to), stopped, _Held()).run(stop)
    [part] = (to / ".fetch/parts").glob("*.part")
    bucket.tars[NEW] = tar_of_month("2301", {id_: bucket.papers[id_][::-1] for id_ in MONTHS["2301"]})
    bucket.put(NEW, bucket.tars[NEW])
    bucket.write_manifest()
    outcome = fetch(place, plan_of(bucket, ["2301.00001"]), to)
    assert (outcome.fetched, outcome.failed) == (1, {})
    assert (to / NEW).read_bytes() == bucket.tars[NEW] and not part.exists()


def test_a_line_that_a_kill_cut_is_no_part_that_came(bucket: Bucket, tmp_path: Path):
    """`1` may be the beginning of `12`: what has no end does not count, nor what was noted of other parts."""
    place, to = counting(bucket), tmp_path / "tars"
    [chunk] = [chunk for chunk in read_manifest(bucket.manifest).chunks if chunk.filename == NEW]
    parts = Holdings(to).parts()
    parts.mkdir(parents=True)
    size = len(bucket.tars[NEW])
    for noted, again in ((f"{size}\n0\n1", 1), (f"{size}\n0\n1\n", 2), (f"{size + 1}\n0\n1\n", 0)):
        del place.read_of[:]
        (parts / "arXiv_src_2301_001.tar.part").write_bytes(bucket.tars[NEW][: 2 * PART])
        (parts / "arXiv_src_2301_001.tar.done").write_text(f"{chunk.md5sum} in parts of {PART} {noted}")
        transfer = Transfer(place, chunk, parts, PART)
        transfer.look(lambda _: None)
        transfer.run(1, lambda _: None, lambda _: None)
        assert (parts / "arXiv_src_2301_001.tar.part").read_bytes() == bucket.tars[NEW]
        assert sorted(first // PART for _, first in place.read_of)[0] == again
    assert not Transfer(place, chunk, parts, 2 * PART).is_whole and Transfer(place, chunk, parts, PART).is_whole


def test_wrong_bytes_that_come_again_cost_no_more_than_is_allowed(bucket: Bucket, tmp_path: Path):
    place, plan = counting(bucket, flips=1), plan_of(bucket, WANTED[:1])
    dear = Prices(usd_per_1000_requests=0.0, usd_per_gb=float(1 << 30))
    with pytest.raises(LimitError, match="would make it USD"):
        fetch(place, plan, tmp_path / "tars", prices=dear, max_usd=plan.max_bytes * 1.5)
    assert len(place.read_of) == len(set(place.read_of)), "some of it came twice"


def test_a_lease_that_is_lost_stops_the_fetch(bucket: Bucket, tmp_path: Path):
    class Lost:
        def check(self) -> None:
            raise RunError("another one holds it")

    place = counting(bucket)
    with pytest.raises(RunError, match="another one holds it"):
        Fetch(plan_of(bucket), place, Holdings(tmp_path / "tars"), Asked(), Lost()).run()
    assert place.read_of == []


def test_a_tar_that_is_replaced_by_a_shorter_one_on_the_way_is_told(bucket: Bucket, tmp_path: Path):
    place, file = counting(bucket), Path(bucket.place.uri) / OLD

    def shorten(_: int) -> None:
        file.write_bytes(file.read_bytes()[: 2 * PART])

    asked = Asked(part_bytes=PART, streams=1)
    outcome = Fetch(plan_of(bucket, WANTED[:1]), place, Holdings(tmp_path / "tars"), asked, _Held()).run(shorten)
    assert "ends before byte" in outcome.failed[OLD]


def test_a_fetch_that_is_stopped_begins_no_further_part(bucket: Bucket, tmp_path: Path):
    place = counting(bucket)

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Fetch(plan_of(bucket), place, Holdings(tmp_path / "tars"), Asked(part_bytes=1 << 10, streams=2), _Held()).run(
            stop
        )
    assert len(place.read_of) < 10


def test_a_month_more_is_all_that_a_newer_manifest_and_snapshot_cost(bucket: Bucket, tmp_path: Path, capsys):
    to = tmp_path / "tars"
    whole = bucket.manifest.read_text()
    first, february = whole.rsplit("  <file>", 1)
    assert "2302" in february
    bucket.manifest.write_text(first + "</arXivSRC>")
    assert main(bucket.fetch(to)) == 0
    bucket.manifest.write_text(whole)
    lines = bucket.snapshot.read_text()
    bucket.snapshot.write_text(lines + json.dumps({"id": "2302.00001v2", "categories": "astro-ph.GA"}) + "\n")
    capsys.readouterr()
    assert main(bucket.fetch(to)) == 0
    assert "1 tar fetched, 3 were there" in capsys.readouterr().out
    bucket.snapshot.write_text(lines)
    assert main(bucket.fetch(to)) == 0
    capsys.readouterr()
    assert main(["sources", "verify", str(to)]) == 0
    assert "4 tars are right" in capsys.readouterr().out, "that of February is looked at, too"
    assert main(["sources", "status", str(to)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"of other selections or manifests, 0.0. MB: src/arXiv_src_2302_001.tar$", out, re.MULTILINE)
    assert "gone or changed" not in out
    (to / "src/arXiv_src_2302_001.tar").write_bytes(b"")
    assert main(["sources", "status", str(to)]) == 0
    assert "fetched, and gone or changed since: 1 tar: src/arXiv_src_2302_001.tar" in capsys.readouterr().out


def test_a_byte_that_was_flipped_on_the_way_is_fetched_once_more(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket, flips=1), tmp_path / "tars"
    outcome = fetch(place, plan_of(bucket), to)
    assert (outcome.fetched, outcome.failed) == (3, {})
    assert (to / OLD).read_bytes() == bucket.tars[OLD]
    assert not [path for path in (to / ".fetch/quarantine").rglob("*") if path.is_file()]


def test_what_the_bucket_has_not_as_the_manifest_says_is_told_and_not_paid(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    (Path(bucket.place.uri) / OLD).unlink()
    bucket.put(NEW, bucket.tars[NEW] * 3)
    outcome = fetch(place, plan_of(bucket), to)
    assert outcome.fetched == 1
    assert "is not there" in outcome.failed[OLD] and "it is another tar" in outcome.failed[NEW]
    assert {name for name, _ in place.read_of} == {"src/arXiv_src_0001_001.tar"}


def test_a_fetch_that_would_cost_too_much_begins_with_nothing(bucket: Bucket, tmp_path: Path):
    place, to, plan = counting(bucket), tmp_path / "tars", plan_of(bucket)
    dear = Prices(usd_per_1000_requests=0.0, usd_per_gb=float(1 << 30))  # a dollar a byte
    size = sum(len(data) for name, data in bucket.tars.items() if "2302" not in name)
    assert plan.size < size <= plan.max_bytes, "what is said to be the cost is not below it"
    with pytest.raises(LimitError, match="more than --max-usd"):
        fetch(place, plan, to, prices=dear, max_usd=plan.max_bytes - 1.0)
    assert place.read_of == []
    assert fetch(place, plan, to, prices=dear, max_usd=float(plan.max_bytes)).fetched == 3
    shutil.rmtree(to / "src")
    with pytest.raises(LimitError, match="with what was fetched so far"):
        fetch(place, plan, to, prices=dear, max_usd=size + plan.max_bytes - 1.0)


def test_nothing_is_spent_or_stored_past_the_limits_by_a_tar_that_is_larger_than_said(bucket: Bucket, tmp_path: Path):
    """The manifest allows it to be twice as large, so the bucket is asked for its size before it is paid."""
    place, to, plan = counting(bucket), tmp_path / "tars", plan_of(bucket, ["2301.00001"])
    [chunk] = plan.tars
    large = bucket.tars[NEW] + bytes(2 * chunk.max_bytes - len(bucket.tars[NEW]))
    bucket.put(NEW, large)
    dear = Prices(usd_per_1000_requests=0.0, usd_per_gb=float(1 << 30))  # a dollar a byte
    with pytest.raises(LimitError, match="more than --max-usd"):
        fetch(place, plan, to, prices=dear, max_usd=len(large) - 1.0)
    with pytest.raises(NoSpaceError, match="over --max-disk"):
        fetch(place, plan, to, max_disk=len(large) - 1)
    with pytest.raises(NoSpaceError, match="over --max-disk"):
        fetch(place, plan, to, kept=Kept.WANTED, max_disk=2 * len(large) - 1)
    assert place.read_of == []
    with pytest.raises(LimitError, match="more than --max-usd"):
        fetch(
            place, plan, to, prices=dear, max_usd=float(len(large))
        )  # once; it is wrong, and a second try is too dear
    assert sum(map(int, (to / ".fetch/spent.log").read_text().split())) == len(large)


def test_no_request_is_sent_or_noted_that_would_cost_too_much(tmp_path: Path):
    """Whatever asks for it."""
    log = tmp_path / "spent.log"
    spent = Spending(log, Prices(usd_per_1000_requests=1000.0, usd_per_gb=0.0), max_usd=2.0)
    spent.charge(5)
    spent.charge(0)
    with pytest.raises(LimitError, match=r"USD 3.0000 .* more than --max-usd 2.0"):
        spent.charge(7)
    assert log.read_text() == "5\n0\n" and (spent.requests, spent.bytes) == (2, 5)


def test_the_folder_takes_no_more_than_it_may_and_goes_on_when_it_may(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    need = plan_of(bucket).max_bytes + 20_000  # files fill whole blocks of a disk
    with pytest.raises(NoSpaceError, match=r"over --max-disk.*fetch again: it goes on here"):
        fetch(place, plan_of(bucket), to, max_disk=need - len(bucket.tars[NEW]))
    assert {name for name, _ in place.read_of} == {OLD, "src/arXiv_src_0001_001.tar"}
    seen = len(place.read_of)
    assert fetch(place, plan_of(bucket), to, max_disk=need).fetched == 1
    assert {name for name, _ in place.read_of[seen:]} == {NEW}


def test_parts_that_a_kill_cut_count_once_for_what_the_folder_may_take(bucket: Bucket, tmp_path: Path):
    """Their bytes lie on disk already, and come again in the same place."""
    place, to, plan = counting(bucket), tmp_path / "tars", plan_of(bucket, ["2301.00001"])
    [chunk] = plan.tars
    size, part_bytes = len(bucket.tars[NEW]), 4096
    parts = to / ".fetch/parts"
    parts.mkdir(parents=True)
    name = Path(chunk.filename).name
    (parts / f"{name}.part").write_bytes(bytes([7]) * size)
    (parts / f"{name}.done").write_text(f"{chunk.md5sum} in parts of {part_bytes} {size}\n")
    whole_blocks = -(-size // 4096) * 4096
    with pytest.raises(NoSpaceError, match="over --max-disk"):
        fetch(place, plan, to, part_bytes=part_bytes, max_disk=size - 1)
    assert fetch(place, plan, to, part_bytes=part_bytes, max_disk=whole_blocks + 2 * 4096).fetched == 1


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on a disk of 2 MB; where none can be mounted, one whose writes fail as on a full disk while `full` lies in it."""
    folder = tmp_path / "small"
    folder.mkdir()
    is_mounted = (
        shutil.which("mount") is not None
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False
        ).returncode
    )
    if not is_mounted:
        honest = os.pwrite

        def write(*given: object) -> int:
            if (folder / "full").exists():
                raise OSError(errno.ENOSPC, "No space left on device")
            return honest(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "pwrite", write)
    try:
        yield folder
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_stops_with_a_clear_error_and_the_fetch_goes_on(bucket: Bucket, small_disk: Path):
    place, to, full = counting(bucket), small_disk / "tars", small_disk / "full"
    plan = plan_of(bucket)

    def fill(_: int) -> None:
        """Somebody else fills the disk while the second part is under way."""
        if len(place.read_of) == 2:
            with full.open("wb", buffering=0) as file:
                try:
                    while file.write(bytes(1 << 12)) and file.tell() < 2 << 20:
                        pass
                except OSError:
                    pass

    with pytest.raises(NoSpaceError, match=r"no space left while writing .*goes on at the last whole part"):
        Fetch(plan, place, Holdings(to), Asked(part_bytes=PART, streams=1), _Held()).run(fill)
    done = set(place.read_of[:2])
    assert not (to / OLD).exists()
    full.unlink()
    seen = len(place.read_of)
    assert fetch(place, plan, to).fetched == 3
    assert not done & set(place.read_of[seen:]), "whole parts came twice"
    assert (to / OLD).read_bytes() == bucket.tars[OLD]


def test_a_request_that_cannot_be_noted_is_not_sent(bucket: Bucket, tmp_path: Path, monkeypatch):
    place, honest, to = counting(bucket), os.pwrite, tmp_path / "tars"

    def write(handle: int, body: bytes, at: int) -> int:
        if Path(f"/proc/self/fd/{handle}").readlink().name == "spent.log":
            raise OSError(errno.ENOSPC, "No space left on device")
        return honest(handle, body, at)

    monkeypatch.setattr(os, "pwrite", write)
    with pytest.raises(NoSpaceError, match=r"no space left while writing .*spent\.log"):
        fetch(place, plan_of(bucket), to, prices=Prices(1.0, 1.0))
    assert place.read_of == []


def test_a_disk_without_room_is_told_before_a_tar_is_paid(bucket: Bucket, tmp_path: Path, monkeypatch):
    place = counting(bucket)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    with pytest.raises(NoSpaceError, match="has 1,000 bytes free"):
        fetch(place, plan_of(bucket), tmp_path / "tars")
    assert place.read_of == []


def test_at_most_two_tars_lie_on_disk_beyond_what_is_kept(bucket: Bucket, tmp_path: Path):
    place, to = counting(bucket), tmp_path / "tars"
    peak: list[int] = []

    def look(_: int) -> None:
        state = [path.stat().st_size for path in (to / ".fetch/parts").iterdir() if path.suffix != ".done"]
        peak.append(sum(state))

    plan = plan_of(bucket)
    Fetch(plan, place, Holdings(to), Asked(part_bytes=PART, kept=Kept.WANTED), _Held()).run(look)
    assert max(peak) <= 2 * max(len(data) for data in bucket.tars.values())


def test_a_kill_between_any_two_steps_fetches_nothing_finished_twice(bucket: Bucket, tmp_path: Path, monkeypatch):
    """A kill behind a rename, before a receipt, before and behind the smaller tar: each time the next fetch goes on."""
    from curation.sources.bulk import arrival as module

    place, to = counting(bucket), tmp_path / "tars"
    moves = 0
    for kept in (Kept.ALL, Kept.WANTED):
        shutil.rmtree(to, ignore_errors=True)
        del place.read_of[:]
        for hook, is_before in (
            ("put_in_place", True),
            ("put_in_place", False),
            ("write_receipt", True),
            ("write_receipt", False),
        ):
            target: object = module if hook == "put_in_place" else Holdings
            honest = getattr(target, hook)

            def die(*given: object, honest=honest, is_before=is_before) -> None:
                if not is_before:
                    honest(*given)
                raise KeyboardInterrupt

            with monkeypatch.context() as patch:
                patch.setattr(target, hook, die)
                with pytest.raises(KeyboardInterrupt):
                    fetch(place, plan_of(bucket), to, kept=kept)
                moves += 1
        outcome = fetch(place, plan_of(bucket), to, kept=kept)
        assert outcome.failed == {}
        assert len(place.read_of) == len(set(place.read_of)), "a part came twice"
        assert set(members(to / NEW)) == {f"2301/{id_}.gz" for id_ in MONTHS["2301"]}
    assert moves == 8


def test_copies_out_of_a_folder_cost_nothing_and_are_not_charged_later(bucket: Bucket, tmp_path: Path, capsys):
    to, dear = tmp_path / "tars", Prices(usd_per_1000_requests=1000.0, usd_per_gb=0.0)  # a dollar a request
    assert main(bucket.fetch(to, "--max-usd", "0")) == 0
    assert "so far: 0 requests" in capsys.readouterr().out and not (to / ".fetch/spent.log").exists()
    (to / OLD).unlink()
    assert fetch(counting(bucket), plan_of(bucket), to, part_bytes=1 << 20, prices=dear, max_usd=2.0).fetched == 1
    (to / NEW).unlink()
    assert main(bucket.fetch(to, "--max-usd", "0", "--usd-per-1000-requests", "1000")) == 0
    assert "so far: 2 requests" in (told := capsys.readouterr().out) and "at most USD 2.0" in told
    assert main(["sources", "status", str(to), "--usd-per-1000-requests", "1000"]) == 0
    assert "so far: 2 requests" in (told := capsys.readouterr().out) and "at most USD 2.0" in told


def test_two_fetches_do_not_work_in_one_folder(bucket: Bucket, tmp_path: Path, capsys):
    to = tmp_path / "tars"
    with Holdings(to).place.lease(".fetch/lock", "fetch"):
        assert main(bucket.fetch(to)) == 2
    assert "another fetch is writing to" in capsys.readouterr().err
    assert main(bucket.fetch(to)) == 0


def test_status_and_verify_tell_what_is_there_and_what_is_wrong(bucket: Bucket, tmp_path: Path, capsys):
    to = tmp_path / "tars"
    assert main(["sources", "status", str(to)]) == 2
    assert "no folder of a fetch" in capsys.readouterr().err
    assert main(bucket.fetch(to, "--keep", "wanted")) == 0
    capsys.readouterr()
    assert main(["sources", "status", str(to)]) == 0
    out = capsys.readouterr().out
    assert "3 tars from" in out and "categories astro-ph" in out and "keep wanted" in out
    assert "there: 3 tars" in out and "so far: 0 requests" in out
    assert main(["sources", "verify", str(to)]) == 0
    (to / "src/notes.txt").write_text("mine")
    (to / NEW).unlink()
    data = bytearray((to / OLD).read_bytes())
    data[600] ^= 1
    (to / OLD).write_bytes(data)
    capsys.readouterr()
    assert main(["sources", "verify", str(to)]) == 1
    told = capsys.readouterr()
    assert "1 tars are right" in told.out and f"wrong: {OLD}: its md5 is" in told.out
    assert f"wrong: {NEW}: fetched, and gone or changed since" in told.out
    assert "1 files are of no fetch: src/notes.txt" in told.out
    assert "2 of 3 tars are wrong or missing" in told.err
    assert main(["sources", "status", str(to)]) == 0
    out = capsys.readouterr().out
    assert f": {OLD}" in out and "not fetched yet: 1 tar," in out and "left: 2 tars" in out
    assert main(bucket.fetch(to, "--keep", "wanted")) == 0
    assert main(["sources", "verify", str(to)]) == 0


def test_what_earlier_fetches_of_other_papers_were_for_is_told_too(bucket: Bucket, tmp_path: Path, capsys):
    to = tmp_path / "tars"
    assert main(bucket.fetch(to)) == 0
    others = ["categories=[hep-th]" if word.startswith("categories=") else word for word in bucket.fetch(to)]
    for _ in range(2):
        assert main(others) == 0
    (to / NEW).unlink()
    capsys.readouterr()
    assert main(["sources", "status", str(to)]) == 0
    last, _, earlier = capsys.readouterr().out.partition("earlier fetch: ")
    assert "2 tars from" in last and "categories hep-th" in last and "there: 2 tars" in last
    assert "3 tars from" in earlier and "categories astro-ph" in earlier and "earlier fetch" not in earlier
    assert "there: 2 tars" in earlier and "left: 1 tar" in earlier


def test_what_a_wider_selection_costs_is_told_before(bucket: Bucket, tmp_path: Path, capsys):
    """A paper more in an old tar makes it come again: that is told, and why."""
    to = tmp_path / "tars"
    assert main(bucket.fetch(to, "--keep", "wanted")) == 0
    planned = [
        "sources",
        "plan",
        str(bucket.snapshot),
        "--manifest",
        str(bucket.manifest),
        "--to",
        str(to),
    ]
    capsys.readouterr()
    assert main([*planned, "--select", "categories=[astro-ph]"]) == 0
    out = capsys.readouterr().out
    assert "there: 3 tars" in out and "left:" not in out
    assert main([*planned, "--select", "categories=[astro-ph]", "--keep", "all"]) == 0
    assert "left: 3 tars" in capsys.readouterr().out, "smaller tars are not whole"
    assert main(planned) == 0
    out = capsys.readouterr().out
    assert "there: 2 tars" in out and f": {OLD}" in out and "left: 2 tars" in out
    assert "kept without papers that are wanted now: 1 tar" in out and "not fetched yet: 1 tar," in out


@pytest.mark.parametrize("text", ["much", "5XB", "-1GB", "GB"])
def test_a_size_that_is_none_is_refused(bucket: Bucket, tmp_path: Path, text: str, capsys):
    assert main(bucket.fetch(tmp_path / "tars", f"--max-disk={text}")) == 2
    assert "is no size" in capsys.readouterr().err


def test_a_source_lists_smaller_tars_as_it_lists_whole_ones(bucket: Bucket, tmp_path: Path):
    """So a run on them has the same papers, under the same ids."""
    plan = plan_of(bucket)
    fetch(counting(bucket), plan, tmp_path / "whole")
    fetch(counting(bucket), plan, tmp_path / "smaller", kept=Kept.WANTED)
    whole, smaller = (
        {
            entry.member: (entry.size, entry.stamp)
            for entry in FolderSource(source="arxiv", path=str(tmp_path / name)).entries()
        }
        for name in ("whole", "smaller")
    )
    assert {member.partition("#")[2] for member in smaller} == {
        f"{i[-7:-3] if '.' not in i else i[:4]}/{i}.gz" for i in WANTED
    }
    assert smaller == {member: whole[member] for member in smaller}
    assert len(whole) == len(WANTED) + 1
