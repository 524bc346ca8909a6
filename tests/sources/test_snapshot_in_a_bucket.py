"""A snapshot on a real S3 server has the records of one in a folder, and is asked once for what is read in a row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.errors import UserError
from curation.place import open_place
from curation.sources import snapshot
from curation.sources.snapshot import Snapshot, SnapshotFile, raw_records
from curation.step import Inputs
from tests.conftest import forget_clients
from tests.servers.s3 import Proxy
from tests.sources.test_snapshot import PACKED


def step(path: str) -> Snapshot:
    return Snapshot(files=(SnapshotFile(source="s", path=path),))


@pytest.mark.parametrize("suffix", PACKED)
def test_stretches_of_a_bucket_are_those_of_a_folder_by_a_request_each(
    tmp_path: Path, s3_uri: str, s3_proxy: Proxy, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(snapshot, "STRETCH_BYTES", 1 << 20)
    lines = [json.dumps({"id": f"2301.{n:05d}", "title": "a title " * 100}) + "\n" for n in range(6000)]
    data = PACKED[suffix]("".join(lines).encode())
    near, far = tmp_path / f"snapshot.jsonl{suffix}", f"{s3_uri}/snapshot.jsonl{suffix}"
    near.write_bytes(data)
    forget_clients()
    open_place(s3_uri).put_if_absent(f"snapshot.jsonl{suffix}", data)
    del s3_proxy.requests[:]
    stretches = step(far).stretches()
    assert [head[:4] for head in s3_proxy.requests] == [b"HEAD", b"GET "], "5 MB read in a row"
    assert stretches == step(str(near)).stretches() and len(stretches) > 4
    for stretch in stretches[2:4]:
        del s3_proxy.requests[:]
        rows = step(far).run(Inputs({}, side={"stretch": stretch}))
        assert len([head for head in s3_proxy.requests if head.startswith(b"GET")]) <= 2
        assert rows.equals(step(str(near)).run(Inputs({}, side={"stretch": stretch}))) and len(rows) > 100
    with pytest.raises(UserError, match="is not there"):
        list(raw_records(f"{s3_uri}/none.jsonl"))
