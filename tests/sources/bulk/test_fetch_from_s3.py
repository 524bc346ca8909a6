"""Tars are fetched from a real S3 server: each request says who pays, nothing is fetched twice, wrong bytes are set aside."""

from __future__ import annotations

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import pytest

from curation.errors import counted
from pipelines.cli import main
from tests.conftest import PROJECT, forget_clients
from tests.servers.s3 import Proxy
from tests.sources.bulk.bucket import WANTED, Bucket

PART = 1 << 13
STREAMS = 2
DRIVER = f"""
from curation.sources.bulk import prices
prices.PART_BYTES = {PART}
from pipelines.cli import main
raise SystemExit(main())
"""
_GET = re.compile(rb"GET /\S*/(src/arXiv_src_\d{4}_\d{3}\.tar)\S* HTTP")
_RANGE = re.compile(rb"(?i)\r\nrange: bytes=(\d+)-")


def got(proxy: Proxy, since: int = 0) -> list[tuple[str, int]]:
    """(tar, first byte) of the reads that came to the server."""
    heads = proxy.requests[since:]
    return [
        (found[1].decode(), int(first[1]))
        for head in heads
        if (found := _GET.match(head)) and (first := _RANGE.search(head))
    ]


def pays(head: bytes) -> bool:
    return b"\r\nx-amz-request-payer: requester\r\n" in head.lower()


def members(tars: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Id and bytes of the papers in some tars."""
    for data in tars:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                if (file := tar.extractfile(member)) is not None:
                    yield PurePosixPath(member.name).stem, file.read()


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("keep", ["all", "wanted"])
def test_a_fetch_that_is_killed_at_five_moments_fetches_nothing_finished_twice(
    s3_bucket: Bucket, s3_proxy: Proxy, tmp_path: Path, keep: str
):
    to = tmp_path / "tars"
    wanted = {name: data for name, data in s3_bucket.tars.items() if "2302" not in name}
    n_parts = sum(-(-len(data) // PART) for data in wanted.values())
    kept = wanted
    if keep == "wanted":
        assert main(s3_bucket.fetch(tmp_path / "undisturbed", "--keep", keep)) == 0
        kept = {name: (tmp_path / "undisturbed" / name).read_bytes() for name in wanted}
        assert sorted(members(kept.values())) == sorted((id_, s3_bucket.papers[id_]) for id_ in WANTED)
        forget_clients()
    arguments = s3_bucket.fetch(to, "--streams", str(STREAMS), "--keep", keep)
    del s3_proxy.requests[:]
    finished: dict[str, int] = {}
    kills = 0
    for moment in (1, n_parts // 5, 2 * n_parts // 5, 3 * n_parts // 5, 4 * n_parts // 5):
        process = start(arguments)
        while process.poll() is None and len(got(s3_proxy)) < moment + kills * STREAMS:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        for name in wanted:
            if (to / ".fetch" / "receipts" / f"{name}.json").exists():
                finished.setdefault(name, len(s3_proxy.requests))
    assert kills == 5, "all of it came before it could be killed five times"
    process = start(arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    for name, data in kept.items():
        assert (to / name).read_bytes() == data
    for name, since in finished.items():
        assert name not in {tar for tar, _ in got(s3_proxy, since)}, "a finished tar was fetched again"
    again = sum(count - 1 for count in Counter(got(s3_proxy)).values())
    assert again <= 5 * STREAMS, "more than the parts that were under way came twice"
    assert len(set(got(s3_proxy))) == n_parts
    assert finished and f"{counted(3 - len(finished), 'tars')} fetched, {len(finished)} were there".encode() in out
    assert [head for head in s3_proxy.requests if not pays(head)] == []
    assert len(s3_proxy.requests) > n_parts
    before = len(s3_proxy.requests)
    assert main(arguments) == 0
    assert got(s3_proxy, before) == []


def test_the_manifest_is_read_in_the_bucket_too(s3_bucket: Bucket, s3_proxy: Proxy, capsys):
    name = "src/arXiv_src_manifest.xml"
    s3_bucket.put(name, s3_bucket.manifest.read_bytes())
    del s3_proxy.requests[:]
    forget_clients()
    assert main(["sources", "plan", str(s3_bucket.snapshot), "--manifest", f"{s3_bucket.place.uri}/{name}"]) == 0
    assert f"{s3_bucket.place.uri}/{name}: 4 tars of src, 9912 to 2302" in capsys.readouterr().out
    assert s3_proxy.requests and all(pays(head) for head in s3_proxy.requests)
    assert main(["sources", "plan", str(s3_bucket.snapshot), "--manifest", f"{s3_bucket.place.uri}/none.xml"]) == 2
    s3_bucket.put(name, b"<arXivSRC>")
    assert main(["sources", "plan", str(s3_bucket.snapshot), "--manifest", f"{s3_bucket.place.uri}/{name}"]) == 2
    assert f"manifest {s3_bucket.place.uri}/{name} is no whole XML" in capsys.readouterr().err


def test_a_manifest_in_the_bucket_is_paid_for_and_counted(s3_bucket: Bucket, s3_proxy: Proxy, tmp_path: Path, capsys):
    name, to = "src/arXiv_src_manifest.xml", tmp_path / "tars"
    data = s3_bucket.manifest.read_bytes()
    s3_bucket.put(name, data)
    forget_clients()
    there = f"{s3_bucket.place.uri}/{name}"
    arguments = [there if word == str(s3_bucket.manifest) else word for word in s3_bucket.fetch(to)]
    before = len(s3_proxy.requests)
    assert main([*arguments, "--max-usd", "0"]) == 1
    assert "more than --max-usd 0" in capsys.readouterr().err
    assert len(s3_proxy.requests) == before, "not even its size was asked for"
    assert main(arguments) == 0
    assert (to / ".fetch/spent.log").read_text().startswith(f"0\n{len(data)}\n")
    capsys.readouterr()
    assert main(["sources", "plan", str(s3_bucket.snapshot), "--manifest", there]) == 0
    assert "manifests, so far: 2 requests" in capsys.readouterr().out
    assert main(["sources", "plan", str(s3_bucket.snapshot), "--manifest", there, "--max-usd", "0"]) == 1


def test_a_flipped_byte_is_quarantined_and_told_and_the_others_come(
    s3_bucket: Bucket, s3_proxy: Proxy, tmp_path: Path, capsys
):
    name, to = "src/arXiv_src_0001_001.tar", tmp_path / "tars"
    wrong = bytearray(s3_bucket.tars[name])
    wrong[1000] ^= 1
    s3_bucket.put(name, bytes(wrong))
    forget_clients()
    assert main(s3_bucket.fetch(to)) == 1
    told = capsys.readouterr()
    assert f"{name}: md5 is {hashlib.md5(wrong).hexdigest()} and the manifest says" in told.out
    assert "the bucket holds another tar" in told.out
    assert "1 of 3 tars could not be had; the others are there" in told.err
    assert not (to / name).exists() and (to / ".fetch/quarantine" / name).read_bytes() == bytes(wrong)
    assert Counter(tar for tar, _ in got(s3_proxy))[name] == 2, "it is fetched once more, and then told"
    before = len(s3_proxy.requests)
    assert main(s3_bucket.fetch(to)) == 1, "it is still told"
    assert got(s3_proxy, before) == [], "and costs nothing"
    s3_bucket.put(name, s3_bucket.tars[name])
    assert main(s3_bucket.fetch(to, "--retry-quarantined")) == 0
    assert (to / name).read_bytes() == s3_bucket.tars[name]
    assert not list((to / ".fetch/quarantine").rglob("*.tar"))
    assert main(["sources", "verify", str(to)]) == 0
