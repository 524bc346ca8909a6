"""A smaller tar says of its members what the whole one says, and where that is not sure the whole one stays."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import pytest

from curation.sources.bulk.fetch import Asked, Fetch
from curation.sources.bulk.holdings import Holdings, Kept
from curation.sources.bulk.keep import UnreadableTarError, item_of, items_in, keep_wanted
from curation.sources.tar_members import as_of, list_tar, open_tar
from pipelines.cli import main
from tests.sources.bulk.bucket import Bucket
from tests.sources.bulk.test_fetch import NEW, _Held, counting, fetch, plan_of
from tests.sources.tars import BLOCK, entry, members_of, pax, with_header

IDS = [f"2301.{n:05d}" for n in range(1, 7)]
WANTED = [IDS[1], IDS[3]]
PIECES = [entry(f"2301/{id_}.gz", id_.encode() * 100) for id_ in IDS]
END = bytes(2 * BLOCK)
FOLDER = entry("2301/", kind=tarfile.DIRTYPE)


def listed(tar: Path) -> dict[str, tuple[object, ...]]:
    """What a listing says of each member, and the time that tells its version."""
    with open_tar(tar) as file:
        entries = list(list_tar(file, "x.tar", []))
        return {e.member: (e.size, e.stamp, e.seen, as_of(file, e.where or (0, 0))) for e in entries}


def test_the_wanted_members_are_told_of_as_in_the_whole_tar(tmp_path: Path):
    """Whatever stands in their headers: another time in a pax header, a name as GNU writes long ones, a size as GNU writes large ones."""
    long = f"2301/{'x' * 120}/{IDS[3]}.gz"
    odd = {
        IDS[1]: pax({"mtime": "1900000000.0", "comment": "x"}, PIECES[1]),
        IDS[3]: entry("long", long.encode() + b"\0", tarfile.GNUTYPE_LONGNAME) + PIECES[3],
        IDS[4]: with_header(PIECES[4], size=(124, b"\x80" + (1000).to_bytes(11, "big"))),
    }
    whole = tmp_path / "a.tar"
    whole.write_bytes(FOLDER + b"".join(odd.get(id_, piece) for id_, piece in zip(IDS, PIECES, strict=True)) + END)
    made = keep_wanted(whole, [*WANTED, IDS[4], "2301.00099"], tmp_path / "b.tar")
    assert (made.members, made.kept, made.absent, made.note) == (6, 3, ("2301.00099",), None)
    before, after = listed(whole), listed(tmp_path / "b.tar")
    assert after == {name: said for name, said in before.items() if any(id_ in name for id_ in odd)}
    assert {said[3] for said in after.values()} == {"2023-02-01T00:00:00Z"}, "the time of the header, as in the whole"
    assert (tmp_path / "b.tar").read_bytes().rstrip(b"\0") == b"".join(odd[id_] for id_ in sorted(odd)).rstrip(b"\0")
    assert (tmp_path / "b.tar").stat().st_size % 10_240 == 0, "other readers take it for a tar"
    assert set(members_of(tmp_path / "b.tar")) == {f"2301/{IDS[1]}.gz", long, f"2301/{IDS[4]}.gz"}
    assert items_in(tmp_path / "b.tar") == set(odd)


def damaged(number: int) -> bytes:
    return PIECES[number][:148] + b"777777" + PIECES[number][154:]


ALL = b"".join(PIECES)
UNSURE = {
    "wrong check sum": b"".join(PIECES[:2]) + damaged(2) + b"".join(PIECES[3:]) + END,
    "zeros between": b"".join(PIECES[:2]) + bytes(BLOCK) + b"".join(PIECES[2:]) + END,
    "two in one": b"".join(PIECES[:3]) + END + b"".join(PIECES[3:]) + END,
    "a path for all": pax({"path": f"2301/{IDS[3]}.gz"}, ALL, tarfile.XGLTYPE) + END,
    "a time for all": pax({"mtime": "1900000000"}, ALL, tarfile.XGLTYPE) + END,
    "two names": pax({"path": f"2301/{IDS[3]}.gz"}, pax({"path": "2301/2301.00009.gz"}, ALL)) + END,
    "a link": ALL + entry("2301/2301.00009.gz", kind=tarfile.SYMTYPE, linkname="/etc/passwd") + END,
    "a name that leads out": ALL + entry("../2301.00009.gz", b"x") + END,
    "packed": gzip.compress(ALL + END),
    "no end mark": ALL,
    "cut in a member": ALL[: 3 * len(PIECES[0]) + BLOCK + 9],
    "no padding": (ALL + PIECES[0])[: len(ALL) + BLOCK + 1000],
}


@pytest.mark.parametrize("shape", UNSURE)
def test_a_tar_of_which_anything_is_not_sure_is_kept_whole(bucket: Bucket, tmp_path: Path, shape: str, capsys):
    data = UNSURE[shape]
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises(UnreadableTarError):
        keep_wanted(tmp_path / "a.tar", WANTED, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists(), "nothing is written before all is read"
    with pytest.raises(UnreadableTarError):
        items_in(tmp_path / "a.tar")
    bucket.tars[NEW] = data
    bucket.put(NEW, data)
    bucket.write_manifest()
    to = tmp_path / "tars"
    assert main(bucket.fetch(to, "--keep", "wanted")) == 0
    assert (to / NEW).read_bytes() == data
    told = f"odd: {NEW}: what is wanted cannot be taken out for sure, so all of it is kept"
    assert told in capsys.readouterr().out
    assert main(["sources", "status", str(to)]) == 0
    assert told in capsys.readouterr().out, "it is told as long as it is so"
    assert main(["sources", "verify", str(to)]) == 0
    assert main(bucket.fetch(to, "--keep", "wanted")) == 0
    assert "0 tars fetched, 3 were there" in capsys.readouterr().out


def test_members_that_name_no_paper_are_told(tmp_path: Path):
    more = entry("2301/readme.gz", b"b") + entry("2301/2301.00007v3.gz", b"c")
    (tmp_path / "a.tar").write_bytes(ALL + more + END)
    made = keep_wanted(tmp_path / "a.tar", [*WANTED, "2301.00007"], tmp_path / "b.tar")
    assert (made.members, made.kept, made.absent) == (8, 3, ())
    assert made.note is not None and "1 members have no arXiv id" in made.note and "2301/readme.gz" in made.note


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("0001/astro-ph0001001.gz", "astro-ph0001001"),
        ("astro-ph/0001001.tar.gz", "astro-ph0001001"),
        ("2301/2301.00001v2.pdf", "2301.00001"),
        ("2301.00001.html.gz", "2301.00001"),
        ("2301/arXiv-2301.00001v1.gz", None),
        ("2301/paper.tex", None),
        ("2399/2399.00001.gz", None),
    ],
)
def test_ids_of_members_are_read_as_a_listing_reads_them(name: str, item: str | None):
    assert item_of(name) == item


def test_what_is_kept_is_counted_before_it_is_written(bucket: Bucket, tmp_path: Path):
    """A smaller tar lies beside its whole one for a while."""
    from curation.errors import NoSpaceError

    place, to, plan = counting(bucket), tmp_path / "tars", plan_of(bucket)
    largest = max(map(len, bucket.tars.values()))
    with pytest.raises(NoSpaceError, match=r"over --max-disk"):
        fetch(place, plan, to, kept=Kept.WANTED, max_disk=largest + 1000)
    assert not list((to / ".fetch/parts").glob("*.wanted"))
    asked = Asked(kept=Kept.WANTED, max_disk=5 * largest)
    assert Fetch(plan, place, Holdings(to), asked, _Held()).run().failed == {}
