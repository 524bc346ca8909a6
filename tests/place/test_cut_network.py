"""A network that is cut for a while is ridden out; what does not mend is told, without a credential."""

from __future__ import annotations

import random
import threading

import pytest

from curation.errors import PlaceError, UserError
from curation.place import open_place, patience
from curation.place import upload as uploading
from tests.conftest import forget_clients
from tests.servers.s3 import SECRET, client

BODY = random.Random(3).randbytes(8_000_000)


def test_a_body_that_is_cut_again_and_again_is_read_whole(s3_uri, s3_proxy):
    place = open_place(s3_uri)
    with place.writing("a.bin") as sink:
        sink.write(BODY)
    s3_proxy.cut_bodies_after = 3_000_000
    assert place.read("a.bin") == BODY
    assert place.range("a.bin", 100, 7_000_000) == BODY[100:7_000_000]
    with place.open("a.bin") as file:
        file.seek(1_000)
        assert file.read(6_000_000) == BODY[1_000:6_001_000]
    ranges = [head for head in s3_proxy.requests if b"range: bytes=" in head.lower()]
    assert len(ranges) >= 5, "it went on where it was cut"


def test_a_cut_network_is_waited_for(s3_uri, s3_proxy, monkeypatch):
    monkeypatch.setattr(uploading, "PART", 5 << 20)
    place = open_place(s3_uri)
    place.put_if_absent("before", b"1")
    s3_proxy.cut()
    threading.Timer(2, s3_proxy.mend).start()
    with place.writing("large.bin") as sink:
        sink.write(BODY)
        sink.write(BODY)
    assert place.read("large.bin") == 2 * BODY


def test_a_put_whose_answer_was_lost_knows_itself(s3, s3_uri, s3_proxy):
    place = open_place(s3_uri)
    tag = place.put_if_absent("m.json", b"0")
    for number in range(3):
        s3_proxy.cut_bodies_after = 0  # the server gets the put, and its answer is cut
        threading.Timer(0.5, setattr, (s3_proxy, "cut_bodies_after", None)).start()
        tag = place.put_if_match("m.json", str(number).encode(), tag)
        assert tag == place.tag("m.json") and place.read("m.json") == str(number).encode()


def test_a_file_that_is_replaced_while_it_is_read_is_told(s3_uri, s3_proxy):
    place = open_place(s3_uri)
    with place.writing("a.bin") as sink:
        sink.write(BODY)
    with place.in_a_row("a.bin") as file:
        assert file.read(10) == BODY[:10]
        with place.writing("a.bin") as sink:
            sink.write(2 * BODY)
        file.seek(7_000_000)
        with pytest.raises(PlaceError, match="was replaced while it was read"):
            file.read(10)
    with place.open("a.bin") as file, pytest.raises(PlaceError, match="was replaced while it was read"):
        file.read(10)
        with place.writing("a.bin") as sink:
            sink.write(BODY[1:])
        file.read(5_000_000)


def test_what_stays_away_is_told_in_words(s3_uri, s3_proxy, monkeypatch):
    for name in ("PATIENCE_S", "FIRST_PATIENCE_S"):
        monkeypatch.setattr(patience, name, 0.5)
    place = open_place(s3_uri)
    s3_proxy.cut()
    with pytest.raises(PlaceError, match="S3 does not answer") as told:
        place.read("a.bin")
    assert s3_uri in str(told.value) and "AWS_ENDPOINT_URL" in str(told.value)
    assert SECRET not in str(told.value)


def test_wrong_keys_and_buckets_are_told_in_words(s3_uri, monkeypatch):
    with pytest.raises(UserError, match="there is no such bucket"):
        list(open_place("s3://not-there/x").list())
    for name, words in {"AWS_SECRET_ACCESS_KEY": "S3 refuses this", "AWS_ACCESS_KEY_ID": "S3 refuses this"}.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, "wrongwrongwrong")
            forget_clients()
            with pytest.raises(UserError, match=words) as told:
                list(open_place(s3_uri).list())
            assert "wrongwrongwrong" not in str(told.value)
    forget_clients()


def test_who_asks_to_pay_says_so_on_every_request(s3, s3_uri, s3_proxy, monkeypatch):
    monkeypatch.setattr(uploading, "PART", 5 << 20)
    place = open_place(s3_uri, requester_pays=True)
    with place.writing("a.bin") as sink:
        sink.write(BODY)
    place.read("a.bin"), place.range("a.bin", 5, 9), place.size("a.bin"), list(place.list()), place.children()
    place.put_if_absent("b", b"1"), place.sweep(), place.remove("b")
    assert len(s3_proxy.requests) >= 12
    assert all(b"x-amz-request-payer: requester" in head.lower() for head in s3_proxy.requests)
    s3_proxy.requests.clear()
    open_place(s3_uri).read("a.bin")
    assert [b"x-amz-request-payer" in head.lower() for head in s3_proxy.requests] == [False]
    prefix = s3_uri.split("/", 3)[3]
    assert [o["Key"] for o in client(s3.port).list_objects_v2(Bucket="astro-tests", Prefix=prefix)["Contents"]] == [
        f"{prefix}/a.bin"
    ]
