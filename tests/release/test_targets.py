"""A release is published whole, and read back with the bytes that it had."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curation.errors import NoSpaceError, RunError, UserError
from curation.place import open_place
from curation.release import targets
from curation.release.targets import publish
from data_cards import write_card
from schemas.manifest import Manifest
from tests.data_cards.card_release import pair, report, write_release
from tests.data_cards.card_release import released as any_row
from tests.release.audits import audit
from tests.release.hub_stand_in import Hub, Repo, hub_environment, hub_stand_in
from tests.servers.s3 import to_bucket

REPO = "hf://datasets/owner/corpus"


def released(number: int, **columns: object) -> dict[str, object]:
    """A row that may be passed on."""
    return any_row(number, **({"licence": "CC-BY-4.0"} | columns))


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = write_release(tmp_path / "release", {"public": [released(i) for i in range(12)]})
    write_card(folder, None, report({"public": 12}))
    return folder


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_stand_in() as stand_in:
        hub_environment(stand_in, monkeypatch)
        yield stand_in


def digests(folder: Path) -> dict[str, str]:
    files = [p for p in folder.rglob("*") if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_folder_gets_the_same_bytes_and_loses_an_earlier_release(release: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    write_release(target, {"public": [released(99)], "research": [released(98)]})
    (target / "notes.txt").write_text("mine")
    published = publish(release, str(target))
    assert published.files == 5
    assert digests(target) == digests(release) | {"notes.txt": hashlib.sha256(b"mine").hexdigest()}
    tiers = {p.name for p in target.iterdir() if p.is_dir()}
    assert tiers == {p.name for p in release.iterdir() if p.is_dir()}, "no empty folder of a tier is left"


def test_folder_that_is_no_release_is_left_alone(release: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.tex").write_text("text")
    with pytest.raises(UserError, match="neither empty nor a release"):
        publish(release, str(tmp_path / "out"))
    with pytest.raises(UserError, match="the release itself"):
        publish(release, str(release))
    with pytest.raises(UserError, match="a target is a folder, s3://bucket/prefix or hf://"):
        publish(release, "gs://bucket/x")


def test_copy_that_was_cut_off_is_finished(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, target = os.fsync, tmp_path / "out"

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name.endswith("card.html"):
            raise OSError(28, "No space left on device")
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NoSpaceError, match="no space left"):
            publish(release, str(target))
    assert not (target / "manifest.json").exists()
    stray, young = (target / "public" / f".tmp-{n}-0-shard-00000.parquet" for n in (1, 2))
    for path in (stray, young):
        path.write_bytes(b"of a copy that was killed, or of one that writes now")
    os.utime(stray, (0, 0))
    publish(release, str(target))
    assert not stray.exists() and young.exists()
    young.unlink()
    assert digests(target) == digests(release)


def test_a_bucket_gets_the_same_files_and_only_an_earlier_release_of_this_name_is_replaced(
    release: Path, tmp_path: Path, s3_uri: str
) -> None:
    place = open_place(s3_uri)
    place.put_if_absent("public/train.parquet", b"mine")
    with pytest.raises(UserError, match=r"neither empty nor a release .it holds public/train\.parquet"):
        publish(release, s3_uri)
    place.remove("public/train.parquet")
    earlier = write_release(tmp_path / "earlier", {"public": [released(7)], "old": [released(8)]})
    write_card(earlier, None, report({"public": 1, "old": 1}))
    assert publish(earlier, s3_uri).target == s3_uri
    place.put_if_absent("notes.txt", b"mine")
    done = publish(release, s3_uri)
    there = {file.name: hashlib.sha256(place.read(file.name)).hexdigest() for file in place.list()}
    assert there.pop("notes.txt") and there == digests(release) and done.files == len(there)


def test_a_release_in_a_bucket_goes_where_one_in_a_folder_goes_with_the_same_bytes(
    release: Path, tmp_path: Path, s3_uri: str, hub: Hub
) -> None:
    there = to_bucket(release, s3_uri).uri
    publish(there, str(tmp_path / "out"))
    assert digests(tmp_path / "out") == digests(release)
    publish(there, f"{s3_uri}/other")
    other = open_place(f"{s3_uri}/other")
    assert {f.name: hashlib.sha256(other.read(f.name)).hexdigest() for f in other.list()} == digests(release)
    hub.fail = [("POST", "/commit/", 503)]
    publish(there, REPO)
    assert hub.files("owner/corpus") == digests(release)
    assert {digest: hashlib.sha256(data).hexdigest() for digest, data in hub.objects.items()} == {
        digest: digest for digest in hub.objects
    }
    for within in (there, f"{there}/below"):
        with pytest.raises(UserError, match="is the release itself or lies in it"):
            publish(there, within)


def test_a_damaged_release_in_a_bucket_is_not_published(release: Path, tmp_path: Path, s3_uri: str) -> None:
    there = to_bucket(release, s3_uri).uri
    place, out = open_place(there), str(tmp_path / "out")
    with pytest.raises(UserError, match=r"s3://.*/none/manifest\.json: cannot be read"):
        publish(f"{s3_uri}/none", out)
    shard = "public/shard-00000.parquet"
    whole, wrong = place.read(shard), bytearray(place.read(shard))
    wrong[40] ^= 1
    for name, damage, words in (
        (shard, bytes(wrong), f"{there}/{shard}: sha256"),
        (shard, whole[:-1], f"{there}/{shard}: {len(whole) - 1} bytes"),
        ("README.md", b"mine", f"{there}/README.md: the card of another release"),
        ("card.json", b"{", f"{there}/card.json: not a data card"),
        ("audit.json", b"{}", f"{there}/audit.json: the audit of another release"),
    ):
        before = place.read(name) if place.size(name) is not None else None
        with place.writing(name) as sink:
            sink.write(damage)
        with pytest.raises(UserError, match=re.escape(words)):
            publish(there, out)
        place.remove(name)
        if before is not None:
            place.put_if_absent(name, before)
    assert not (tmp_path / "out").exists()
    publish(there, out)


@pytest.mark.parametrize("name", ["public/shard-00000.parquet", "manifest.json"])
def test_a_release_that_changes_while_it_is_published_is_none_there(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    look, out = targets.published_files, tmp_path / "out"

    def changed(manifest: Manifest) -> list[str]:
        data = bytearray((release / name).read_bytes())
        data[40] ^= 1
        (release / name).write_bytes(data)
        return look(manifest)

    monkeypatch.setattr(targets, "published_files", changed)
    with pytest.raises(RunError, match=f"{name} was changed while it was published"):
        publish(release, str(out))
    assert not (out / name).exists() and not (out / "manifest.json").exists()


def test_damaged_release_is_not_published(release: Path, tmp_path: Path) -> None:
    card = json.loads((release / "card.json").read_text())
    (release / "card.json").write_text(json.dumps(card | {"manifest_sha256": "0" * 64}))
    with pytest.raises(UserError, match="the card of another release"):
        publish(release, str(tmp_path / "out"))
    shard = release / "public/shard-00000.parquet"
    data = bytearray(shard.read_bytes())
    data[40] ^= 1
    shard.write_bytes(data)
    with pytest.raises(UserError, match="sha256"):
        publish(release, str(tmp_path / "out"))
    (release / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"manifest\.json: cannot be read"):
        publish(release, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["README.md", "card.html", "card.json"])
@pytest.mark.parametrize("change", ["gone", "other", "edited"])
def test_only_the_releases_own_card_is_published(release: Path, tmp_path: Path, name: str, change: str) -> None:
    page = release / name
    if change == "gone":
        page.unlink()
    elif change == "other":
        other = write_release(tmp_path / "other", {"public": [released(50)]})
        write_card(other, None, report({"public": 1}))
        shutil.copy(other / name, page)
    elif name != "card.json":
        page.write_text(page.read_text().replace("| papers | 12 |", "| papers | 99 |").replace("</main>", "99</main>"))
    else:
        for body in ("{", "[]", "null", "{}", '{"manifest_sha256": 1, "pages": []}', "[" * 100_000):
            page.write_text(body)
            with pytest.raises(UserError, match=f"{name}: "):
                publish(release, str(tmp_path / "out"))
    with pytest.raises(UserError, match=f"{name}: .*draw it again"):
        publish(release, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_an_empty_release_is_not_published(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "name": "demo", "files": []}))
    with pytest.raises(UserError, match="without a single row"):
        publish(folder, str(tmp_path / "out"))


LOAD = """
import datasets, sys
rows = datasets.load_dataset("owner/corpus", "public", split="train", cache_dir=sys.argv[1])
rows.to_parquet(sys.argv[2])
"""


def test_hub_keeps_the_release_and_datasets_reads_it_back(release: Path, hub: Hub, tmp_path: Path) -> None:
    published = publish(release, REPO)
    assert hub.files("owner/corpus") == digests(release)
    assert published.commit == hub.repos["owner/corpus"].head
    assert hub.repos["owner/corpus"].private
    out = tmp_path / "back.parquet"
    environment = os.environ | {"HF_HUB_DISABLE_XET": "1", "HF_HOME": str(tmp_path / "hf")}
    environment.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "cache"), str(out)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    back, sent = pq.read_table(out), pq.read_table(release / "public/shard-00000.parquet")
    assert back.to_pylist() == sent.to_pylist()
    for row in back.to_pylist():
        assert hashlib.sha256(row["text"].encode()).hexdigest() == row["text_sha256"]


def test_second_release_removes_the_first_ones_shards(release: Path, hub: Hub, tmp_path: Path) -> None:
    first = write_release(tmp_path / "first", {"public": [released(1)], "public-old": [released(2)]})
    write_card(first, None, report({"public": 1, "public-old": 1}))
    publish(first, REPO)
    publish(release, REPO)
    assert hub.files("owner/corpus") == digests(release)


def test_busy_hub_is_asked_again(release: Path, hub: Hub) -> None:
    hub.fail = [
        ("POST", "/api/repos/create", 503),
        ("POST", "/commit/", 503),
        ("POST", "/commit/", 500),
        ("GET", "/tree/", 429),
    ]
    publish(release, REPO)
    assert hub.fail == []
    assert hub.files("owner/corpus") == digests(release)


def test_hub_that_stays_away_stops_the_run(release: Path, hub: Hub) -> None:
    hub.fail = [("POST", "/api/repos/create", 503)] * 50
    with pytest.raises(RunError, match="the Hub answered 503, try 4"):
        publish(release, REPO)


def test_refused_or_missing_token_is_told(release: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(UserError, match=r"refuses HF_TOKEN \(401\)"):
        publish(release, REPO)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(UserError, match="set HF_TOKEN"):
        publish(release, REPO)
    assert hub.repos == {}


def test_closed_rows_never_go_to_a_public_repository(hub: Hub, tmp_path: Path) -> None:
    rows = [released(1, licence="CC-BY-4.0"), released(2, licence="arXiv-nonexclusive-1.0"), released(3, licence=None)]
    folder = write_release(tmp_path / "closed", {"research": rows})
    write_card(folder, None, report({"research": 3}))
    audit(folder)
    refused = r"is public, and may not get tier research .licence arXiv-nonexclusive-1.0, unknown"
    with pytest.raises(UserError, match=refused):
        publish(folder, REPO, private=False)
    assert hub.repos == {}
    hub.repos["owner/corpus"] = Repo(private=False)
    with pytest.raises(UserError, match=refused):
        publish(folder, REPO)
    assert hub.files("owner/corpus") == {}
    publish(folder, "hf://datasets/owner/inside")
    assert hub.files("owner/inside") == digests(folder)


def test_open_rows_go_to_a_public_repository_whatever_the_tier_is_called(hub: Hub, tmp_path: Path) -> None:
    rows = [released(i, licence=licence) for i, licence in enumerate(("CC-BY-4.0", "CC0-1.0", "CC-BY-NC-4.0"))]
    pairs = [pair(0) | {"doc_id": rows[0]["id"]}]
    named = {"everyone": ["CC-BY-4.0", "CC0-1.0", "CC-BY-NC-4.0"]}
    folder = write_release(tmp_path / "open", {"everyone": rows}, pairs, named)
    write_card(folder, None, report({"everyone": 3}))
    audit(folder)
    publish(folder, REPO, private=False)
    assert hub.files("owner/corpus") == digests(folder)


def test_pairs_of_documents_that_are_not_released_never_go_to_a_public_repository(hub: Hub, tmp_path: Path) -> None:
    folder = write_release(tmp_path / "open", {"public": [released(0, licence="CC-BY-4.0")]}, [pair(0)])
    write_card(folder, None, report({"public": 1}))
    audit(folder)
    with pytest.raises(UserError, match="pairs of d, which it does not hold"):
        publish(folder, REPO, private=False)
    assert hub.repos == {}


def test_only_what_an_earlier_release_brought_leaves_a_repository(release: Path, hub: Hub, tmp_path: Path) -> None:
    first = write_release(tmp_path / "first", {"public": [released(1)], "public-old": [released(2)]})
    write_card(first, None, report({"public": 1, "public-old": 1}))
    publish(first, REPO)
    own = {"data/train.parquet": b"mine", "README.notes": b"mine"}
    hub.add("owner/corpus", own)
    publish(release, REPO)
    mine = hashlib.sha256(b"mine").hexdigest()
    assert hub.files("owner/corpus") == digests(release) | dict.fromkeys(own, mine)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"data/train.parquet": b"mine"}, "holds data/train.parquet and is no release of ours"),
        ({"README.md": b"mine"}, "holds README.md and is no release of ours"),
        ({"manifest.json": b'{"name": "web app"}', "a.parquet": b"mine"}, "not a release manifest"),
        ({"manifest.json": b"[" * 100_000, "a.parquet": b"mine"}, "not a release manifest"),
        ({"manifest.json": b'{"format": 1, "name": "other", "files": []}', "a.parquet": b"m"}, "the release 'other'"),
    ],
)
def test_a_repository_that_holds_something_else_is_left_alone(
    release: Path, hub: Hub, held: dict[str, bytes], said: str
) -> None:
    hub.repos["owner/corpus"] = Repo(private=True)
    hub.add("owner/corpus", held)
    before = dict(hub.files("owner/corpus"))
    with pytest.raises(UserError, match=f"owner/corpus.*{said}.*name another"):
        publish(release, REPO)
    assert hub.files("owner/corpus") == before


def test_a_new_repository_may_hold_what_the_hub_puts_there(release: Path, hub: Hub) -> None:
    hub.repos["owner/corpus"] = Repo(private=True)
    hub.add("owner/corpus", {".gitattributes": b"*.parquet filter=lfs"})
    publish(release, REPO)
    assert set(hub.files("owner/corpus")) == {*digests(release), ".gitattributes"}


def test_unreachable_hub_is_told(release: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub_stand_in() as gone:
        pass
    monkeypatch.setenv("HF_ENDPOINT", gone.url)
    with pytest.raises(RunError, match="the Hub cannot be reached"):
        publish(release, REPO)


def test_a_readme_of_the_owner_of_a_folder_is_not_replaced(release: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "README.md").write_text("my notes")
    with pytest.raises(UserError, match="neither empty nor a release"):
        publish(release, str(tmp_path / "own"))
    assert (tmp_path / "own" / "README.md").read_text() == "my notes"
