"""A lease has one holder, who is named; a dead one's is taken over."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time

import pytest

from curation.errors import RunError, UserError
from curation.place import Place, open_place, s3_lease
from curation.place.holder import HeldError, Holder


@pytest.fixture(params=["folder", "s3"])
def place(request, tmp_path) -> Place:
    return open_place(tmp_path / "place" if request.param == "folder" else request.getfixturevalue("s3_uri"))


def test_a_second_one_is_told_who_holds_it(place):
    for _ in range(2):  # what was given back is free
        with place.lease(".lock", "run"):
            with pytest.raises(UserError) as refused, place.lease(".lock", "run"):
                pass
            here = Holder.here("run")
            assert f"another run is writing to {place.uri}" in str(refused.value)
            assert f"process {os.getpid()} on {here.host}, since {here.since[:10]}" in str(refused.value)


def test_a_dead_process_of_this_host_is_followed_at_once(place):
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            with place.lease(".lock", "run"):
                os.write(write, b"x")
                time.sleep(600)
        finally:
            os._exit(1)  # whatever happens, no second run of the tests goes on
    os.close(write)
    assert os.read(read, 1) == b"x", "it took the lease"
    os.close(read)
    with pytest.raises(UserError, match=f"process {child} "), place.lease(".lock", "run"):
        pass
    os.kill(child, 9)
    os.waitpid(child, 0)
    with place.lease(".lock", "run") as held:
        held.check()


def test_a_folder_that_has_no_locks_is_not_told_as_held(tmp_path, monkeypatch):
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    with pytest.raises(UserError, match="cannot be locked") as told, open_place(tmp_path).lease(".lock", "run"):
        pass
    assert not isinstance(told.value, HeldError)


def test_a_lease_that_is_removed_by_hand_while_it_is_looked_at_is_taken(s3_uri, monkeypatch):
    place = open_place(s3_uri)
    assert place.put_if_absent(".lock", json.dumps(Holder.here("run").told()).encode())
    read = place.read

    def removed(name: str) -> bytes:
        monkeypatch.setattr(place, "read", read)
        place.remove(name)
        return read(name)

    monkeypatch.setattr(place, "read", removed)
    with place.lease(".lock", "run") as held:
        held.check()


def test_one_of_another_host_is_followed_when_it_was_not_renewed(s3_uri, monkeypatch):
    place = open_place(s3_uri)
    far = {**Holder.here("run").told(), "host": "far", "pid": 1}
    assert place.put_if_absent(".lock", json.dumps(far).encode())
    with pytest.raises(UserError, match=r"process 1 on far.*free in [23]\d\d s"), place.lease(".lock", "run"):
        pass
    time.sleep(2.5)
    monkeypatch.setattr(s3_lease, "EXPIRY_S", 1.0)
    with place.lease(".lock", "run"):
        pass


def test_it_is_renewed_and_its_loss_is_noticed(s3_uri, monkeypatch):
    monkeypatch.setattr(s3_lease, "RENEW_S", 0.05)
    place = open_place(s3_uri)
    with place.lease(".lock", "run") as held:
        for _ in range(3):
            wait_for_another(place)
        held.check()
        with place.writing(".lock") as sink:
            sink.write(b"{}")
        end = time.monotonic() + 60
        with pytest.raises(RunError, match="was taken over"):
            while time.monotonic() < end:
                held.check()
                time.sleep(0.02)


def test_a_renewal_whose_answer_nobody_waited_for_is_known_as_its_own(s3_uri, monkeypatch):
    monkeypatch.setattr(s3_lease, "RENEW_S", 0.05)
    place = open_place(s3_uri)
    with place.lease(".lock", "run") as held:
        wait_for_another(place)
        told = json.loads(place.read(".lock"))
        with place.writing(".lock") as sink:
            sink.write(json.dumps({**told, "renewals": 1_000}).encode())
        wait_for_another(place)
        wait_for_another(place)
        held.check()


def test_another_one_of_the_same_process_and_second_is_not_taken_for_its_own_renewal(s3_uri, monkeypatch):
    monkeypatch.setattr(s3_lease, "RENEW_S", 0.05)
    place, end = open_place(s3_uri), time.monotonic() + 60
    with place.lease(".lock", "run") as held:
        told = json.loads(place.read(".lock"))
        with place.writing(".lock") as sink:
            sink.write(json.dumps({**Holder.here("run").told(), "since": told["since"]}).encode())
        with pytest.raises(RunError, match="was taken over"):
            while time.monotonic() < end:
                held.check()
                time.sleep(0.02)


def wait_for_another(place: Place) -> None:
    """Wait until the lease is another file, of another content: its tag is what a put on a condition goes by."""
    before, end = place.tag(".lock"), time.monotonic() + 60
    while place.tag(".lock") == before:
        assert time.monotonic() < end, "it is never renewed, or always by the same file"
        time.sleep(0.02)
