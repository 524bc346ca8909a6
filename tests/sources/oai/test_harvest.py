"""Harvests of a server that behaves and of one that does not: no gap, no double, and an end."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from curation.errors import HarvestError, RunError, UserError
from tests.sources.oai.conftest import SET, Harvested
from tests.sources.oai.server import Item, Reply, Server, xml

Make = Callable[[], Harvested]
DAYS = [f"{month}-{day:02d}" for month in ("2023-12", "2024-01", "2024-02") for day in range(1, 29)]
DAYS += [f"2024-03-{day:02d}" for day in range(1, 11)]


def filled(server: Server, count: int = 40) -> None:
    """Records whose datestamps are in no order."""
    chosen = random.Random(7)
    server.put(*(Item(f"2301.{n:05d}", chosen.choice(DAYS), f"Title {n}") for n in range(1, count + 1)))


def faults(*replies: Reply, at: int = 4) -> Callable[[int, dict[str, str]], Reply | None]:
    """Replies to the requests from number `at` on, one each."""
    return lambda number, _: replies[number - at] if at <= number < at + len(replies) else None


def test_every_record_comes_once_whatever_the_order_of_datestamps(server: Server, harvested: Make) -> None:
    filled(server)
    h = harvested()
    h.run()
    assert h.told_of() == h.in_store() and len(h.records()) == 40
    assert [r["id"] for r in h.records()] == sorted(server.items)


def test_next_harvest_asks_from_the_day_before_and_folds_the_overlap(server: Server, harvested: Make) -> None:
    filled(server)
    h = harvested()
    h.run()
    server.today = "2024-03-12"
    server.put(Item("2301.00003", "2024-03-12", "Another title"), Item("2403.00001", "2024-03-11", "New"))
    server.asked.clear()
    h.run()
    assert [a.get("from") for a in server.asked if a["verb"] == "ListRecords" and "from" in a] == [
        "2024-03-09",
        "2024-03-11",
    ]
    assert h.told_of() == h.in_store()


def test_expired_token_leaves_no_gap(server: Server, harvested: Make) -> None:
    filled(server)

    def expire(number: int, arguments: dict[str, str]) -> None:
        if number in (5, 9, 10, 17):
            server.expire()

    server.on_request = expire
    h = harvested()
    run = h.run()
    assert h.told_of() == h.in_store()
    assert run.counts["again"] >= 2


def test_token_that_is_refused_without_words_has_expired(server: Server, harvested: Make) -> None:
    filled(server)
    server.on_request = faults((404, {}, b"<html>no such page</html>"), at=4)
    h = harvested()
    assert h.run().counts["again"] == 1
    assert h.told_of() == h.in_store()


def test_size_that_is_an_estimate_is_believed_when_it_is_off_again(server: Server, harvested: Make) -> None:
    server.put(*(Item(f"2301.{n:05d}", "2024-02-05") for n in range(1, 9)))

    def answer(_: int, arguments: dict[str, str]) -> Reply | None:
        body = xml(server.answer(arguments), server.today, arguments)
        return body[0], body[1], re.sub(rb'completeListSize="\d+"', b'completeListSize="1000"', body[2])

    server.on_request = answer
    h = harvested()
    run = h.run()
    assert h.told_of() == h.in_store() and not run.counts["uneven"]
    server.asked.clear()
    h.run()
    assert next(a for a in server.asked if "from" in a)["from"] == "2024-03-09"


def test_list_that_is_shorter_than_it_says_is_read_again(server: Server, harvested: Make) -> None:
    server.put(*(Item(f"2301.{n:05d}", "2024-02-05") for n in range(1, 9)))
    server.page = 4

    def answer(number: int, arguments: dict[str, str]) -> Reply | None:
        status, headers, body = xml(server.answer(arguments), server.today, arguments)
        lost = server.items["2301.00006"].xml().encode()
        return (status, headers, body.replace(lost, b"")) if number < 8 else None

    server.on_request = answer
    h = harvested()
    assert h.run().counts["again"] == 1
    assert h.told_of() == h.in_store()


def test_nothing_is_asked_for_before_the_servers_first_day(server: Server, harvested: Make) -> None:
    filled(server)
    h = harvested()
    h.run(first=date(1990, 1, 1))
    assert next(a["from"] for a in server.asked if "from" in a) == "2023-12-01"
    assert h.told_of() == h.in_store()


def test_windows_are_long_again_when_tokens_live(server: Server, harvested: Make) -> None:
    server.put(*(Item(f"2301.{n:05d}", f"2023-10-{n:02d}") for n in range(1, 25)))
    server.earliest = "2023-10-01"
    server.on_request = lambda number, _: server.expire() if number % 3 == 0 and number < 20 else None
    harvested().run()
    asked = [(date.fromisoformat(a["from"]), date.fromisoformat(a["until"])) for a in server.asked if "until" in a]
    days = [(last - first).days + 1 for first, last in asked]
    assert days[0] == 31 and min(days) <= 7 and 31 in days[days.index(min(days)) :]


def test_list_that_changes_each_time_is_asked_for_by_the_next_harvest(server: Server, harvested: Make) -> None:
    server.put(*(Item(f"2301.{n:05d}", "2024-02-05") for n in range(1, 60)))
    server.is_live, server.page = True, 10

    def change(_: int, arguments: dict[str, str]) -> None:
        left = [item for item in server.items.values() if item.day == "2024-02-05"]
        if "resumptionToken" in arguments and len(left) > 20:
            server.put(Item(left[0].id, server.today, "Moved"))

    server.on_request = change
    h = harvested()
    assert h.run().counts["uneven"] >= 1
    server.on_request = lambda *_: None
    server.today = "2024-03-30"
    h.run()
    assert h.told_of() == h.in_store()


def test_record_that_the_server_cannot_write_keeps_away_its_day_alone(server: Server, harvested: Make) -> None:
    """Whoever asks for a page in which it stands gets an error; the day comes when the server has mended it."""
    server.put(*(Item(f"2301.{n:05d}", f"2024-02-{n:02d}") for n in range(1, 25)))
    server.page = 100
    bad = "2024-02-17"

    def fail(_: int, arguments: dict[str, str]) -> Reply | None:
        asked = arguments.get("from", "~")[:10] <= bad <= arguments.get("until", "9")[:10]
        return (500, {}, b"no answer") if asked and "metadataPrefix" in arguments else None

    server.on_request = fail
    h = harvested()
    assert h.run(tries=1).counts["unread"] == 1
    assert h.told_of() == {id_: told for id_, told in h.in_store().items() if told[0] != bad}
    assert any(f"records of {bad} are missing" in line for line in h.told)
    server.on_request = lambda *_: None
    server.today = "2024-03-30"
    assert not h.run().counts["unread"]
    assert h.told_of() == h.in_store()


def test_window_whose_tokens_expire_again_and_again_is_cut_shorter(server: Server, harvested: Make) -> None:
    """A token lives for two pages, the month has eight: days are asked for in their place."""
    server.put(*(Item(f"2301.{n:05d}", f"2024-02-{n:02d}") for n in range(1, 25)))
    server.on_request = lambda number, _: server.expire() if number % 3 == 0 else None
    h = harvested()
    h.run()
    assert h.told_of() == h.in_store()


def test_token_of_one_day_that_always_expires_ends_with_an_error(server: Server, harvested: Make) -> None:
    server.put(*(Item(f"2301.{n:05d}", "2024-02-05") for n in range(1, 9)))
    server.on_request = lambda _, arguments: server.expire() if "resumptionToken" in arguments else None
    h = harvested()
    for _ in range(2):
        with pytest.raises(HarvestError, match="expired 6 times before the list ended; run again later"):
            h.run()
    server.on_request = lambda *_: None
    h.run()
    assert h.told_of() == h.in_store()


def test_record_that_changes_in_the_middle_comes_in_this_harvest_or_the_next(server: Server, harvested: Make) -> None:
    """Windows that are past lose records to the last one, and lists that count places skip one for each: both are noticed."""
    server.is_live = True
    filled(server, 60)
    chosen = random.Random(3)

    def change(number: int, _: dict[str, str]) -> None:
        if number > 3 and number % 4 == 0 and number < 40:
            old = server.items[chosen.choice(sorted(server.items))]
            server.put(Item(old.id, server.today, f"Changed at {number}"))

    server.on_request = change
    h = harvested()
    h.run()
    assert set(h.told_of()) == set(server.items)
    server.today = "2024-03-11"
    h.run()
    assert h.told_of() == h.in_store()


def test_deletion_is_marked_and_a_record_that_comes_back_is_whole(server: Server, harvested: Make) -> None:
    filled(server, 5)
    h = harvested()
    h.run()
    server.today = "2024-03-12"
    server.put(Item("2301.00002", "2024-03-12", is_deleted=True), Item("2301.00009", "2024-03-12", is_deleted=True))
    h.run()
    records = {r["id"]: r for r in h.records()}
    assert records["2301.00002"]["is_deleted"] and records["2301.00002"]["is_withdrawn"]
    assert records["2301.00002"]["title"] == "Title 2", "what was known of it stays"
    assert records["2301.00009"] == {
        "id": "2301.00009",
        "update_date": "2024-03-12",
        "is_deleted": True,
        "is_withdrawn": True,
    }
    server.today = "2024-03-13"
    server.put(Item("2301.00002", "2024-03-13", "Back"))
    h.run()
    back = next(r for r in h.records() if r["id"] == "2301.00002")
    assert back["title"] == "Back" and "is_deleted" not in back and "is_withdrawn" not in back


def test_withdrawn_papers_are_marked(server: Server, harvested: Make) -> None:
    server.put(
        Item("2301.00001", "2024-02-01", sizes=("10kb", "0kb")),
        Item("2301.00002", "2024-02-01", sizes=("0kb", "10kb")),
        Item("2301.00003", "2024-02-01", comments="This paper has been withdrawn by the author"),
    )
    h = harvested()
    h.run()
    assert [r["id"] for r in h.records() if r.get("is_withdrawn")] == ["2301.00001", "2301.00003"]


def test_empty_answer_is_no_error(server: Server, harvested: Make) -> None:
    h = harvested()
    h.run()
    assert h.records() == []


def test_seconds_are_asked_for_where_the_server_counts_them(server: Server, harvested: Make) -> None:
    server.granularity = "YYYY-MM-DDThh:mm:ssZ"
    server.put(Item("2301.00001", "2024-02-01T23:59:59Z"), Item("2301.00002", "2024-01-31T00:00:00Z"))
    h = harvested()
    h.run(first=date(2024, 1, 31), last=date(2024, 2, 1))
    asked = next(a for a in server.asked if a["verb"] == "ListRecords")
    assert (asked["from"], asked["until"]) == ("2024-01-31T00:00:00Z", "2024-02-01T23:59:59Z")
    assert {r["id"]: r.get("datestamp") for r in h.records()} == {
        "2301.00001": "2024-02-01T23:59:59Z",
        "2301.00002": "2024-01-31T00:00:00Z",
    }


def test_days_that_would_leave_a_gap_are_refused(server: Server, harvested: Make) -> None:
    filled(server)
    h = harvested()
    h.run(first=date(2024, 1, 1), last=date(2024, 1, 31))
    with pytest.raises(UserError, match="until before 2024-02-01; --from 2024-02-02 would leave a gap"):
        h.run(first=date(2024, 2, 2))
    with pytest.raises(UserError, match="from 2024-01-01 on; --until 2023-12-30 would leave a gap before it"):
        h.run(first=date(2023, 12, 1), last=date(2023, 12, 30))
    with pytest.raises(UserError, match="is after"):
        h.run(first=date(2024, 2, 2), last=date(2024, 2, 1))
    h.run()
    h.run(first=date(2023, 12, 1), last=date(2024, 1, 5))
    assert h.told_of() == h.in_store()


def test_set_that_the_server_has_not_is_refused(server: Server, harvested: Make) -> None:
    with pytest.raises(UserError, match="no set 'physics:astroph'; did you mean 'physics:astro-ph'"):
        harvested().run("physics:astroph")


def test_sets_have_their_own_days_and_one_file(server: Server, harvested: Make) -> None:
    server.put(Item("2301.00001", "2024-02-01", sets=(SET, "physics:gr-qc")), Item("2301.00002", "2024-02-01"))
    server.put(Item("2301.00003", "2024-02-02", sets=("physics:gr-qc",)))
    h = harvested()
    h.run(SET)
    server.today = "2024-03-20"
    h.run(SET, "physics:gr-qc")
    assert h.told_of() == h.in_store()


def test_faults_are_waited_for(server: Server, harvested: Make) -> None:
    filled(server)
    good = xml("<ListRecords/>")
    server.on_request = faults(
        (503, {"Retry-After": "0"}, b"busy"),
        (503, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT", "Date": "Fri, 31 Dec 1999 23:59:59 GMT"}, b""),
        at=4,
    )
    h = harvested()
    h.run()
    server.on_request = faults((429, {"Retry-After": "soon"}, b""), (500, {}, b"oops"), at=len(server.asked) + 1)
    h.run()
    cut = (200, {"Content-Length": str(len(good[2]) + 50)}, good[2])
    html = (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><body>Rate exceeded</body></html>")
    server.on_request = faults(cut, html, at=len(server.asked) + 1)
    h.run()
    half = (200, {}, good[2][:-20])
    server.on_request = faults(half, (200, {}, b""), at=len(server.asked) + 1)
    h.run()
    assert h.told_of() == h.in_store()
    assert [line.partition(": ")[2] for line in h.told] == [
        "it is busy (HTTP 503); asked again, as it asks in 0 s",
        "it is busy (HTTP 503); asked again, as it asks in 0 s",
        "it is busy (HTTP 429); asked again",
        "it failed (HTTP 500); asked again",
        h.told[4].partition(": ")[2],
        "its answer cannot be used: it is a page for people (HTML), not an answer; asked again",
        h.told[6].partition(": ")[2],
        "its answer cannot be used: it is empty; asked again",
    ]
    assert "the connection failed" in h.told[4] and "it is cut or no XML" in h.told[6]


def test_server_that_stays_away_ends_with_an_error_and_the_next_run_goes_on(server: Server, harvested: Make) -> None:
    filled(server)
    h = harvested()
    server.on_request = lambda number, _: (503, {"Retry-After": "0"}, b"") if number > 5 else None
    with pytest.raises(HarvestError, match="did not answer 3 times: it is busy"):
        h.run()
    assert sum("asked again" in line for line in h.told) == 2
    server.on_request = lambda *_: None
    server.asked.clear()
    h.run()
    assert h.told_of() == h.in_store()
    assert "from" not in next(a for a in server.asked if a["verb"] == "ListRecords"), "it goes on at its token"


def test_server_that_asks_to_come_back_tomorrow_is_not_waited_for(server: Server, harvested: Make) -> None:
    server.on_request = lambda *_: (503, {"Retry-After": "86400"}, b"")
    with pytest.raises(HarvestError, match=r"asks to come back in 24\.0 hours; run again then"):
        harvested().run()
    assert len(server.asked) == 1


def test_redirect_is_followed_and_remembered(server: Server, harvested: Make) -> None:
    filled(server)
    server.on_request = faults((301, {"Location": f"{server.url}2?verb=Identify"}, b""), at=1)
    h = harvested()
    h.run()
    assert h.told_of() == h.in_store()
    assert sum(a["verb"] == "Identify" for a in server.asked) == 2


@pytest.mark.parametrize("there", ["file:///etc/passwd", "ftp://127.0.0.1/", "", "/oai"])
def test_redirect_to_nowhere_ends(server: Server, harvested: Make, there: str) -> None:
    server.on_request = lambda *_: (302, {"Location": there}, b"")
    with pytest.raises(HarvestError, match=r"which is not followed|without end"):
        harvested().run()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("badArgument", "see that --set"),
        ("cannotDisseminateFormat", "another --prefix"),
        ("undefinedError", "not a fault"),
    ],
)
def test_errors_of_the_protocol_say_what_to_do(server: Server, harvested: Make, code: str, words: str) -> None:
    server.on_request = lambda _, a: xml(f'<error code="{code}">no</error>') if a["verb"] == "ListRecords" else None
    with pytest.raises(UserError, match=f"refuses: {code} .no.; .*{words}"):
        harvested().run()


def test_error_of_the_protocol_counts_with_any_status(server: Server, harvested: Make) -> None:
    server.on_request = lambda _, a: (
        (404, *xml('<error code="noRecordsMatch"/>')[1:]) if a["verb"] == "ListRecords" else None
    )
    h = harvested()
    h.run()
    assert h.records() == []


def test_refusal_without_words_is_told(server: Server, harvested: Make) -> None:
    server.on_request = lambda *_: (403, {}, b"<html>no</html>")
    with pytest.raises(UserError, match="HTTP 403; you may be blocked for asking too fast"):
        harvested().run()
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", '{"version": 2, "url": "x", "prefix": "y"}', '{"version": 1, "url": "x", "prefix": "y", "z": 1}'],
)
def test_state_that_is_none_of_ours_is_refused(harvested: Make, body: str) -> None:
    h = harvested()
    (h.folder / "harvest.json").write_text(body)
    with pytest.raises(RunError, match=r"harvest\.json is not what a harvest writes there .*; begin in another folder"):
        h.run()


def test_real_answers_of_all_formats_are_harvested(server: Server, harvested: Make, shared: Path) -> None:
    """Pages that arXiv gave, as one list: their own tokens lead from one to the next, and an error of a real server to its beginning."""
    pages = {
        None: "oai/arxiv_oai_dc_listrecords_resumption_trimmed.xml",
        "6960524|1001": "adsingest/arxiv_multi_20230125.xml",
        "6460044|1001": "oai/hepcrawl_arxiv-physics-hep-ex.xml",
    }
    expired = iter([True])

    def answer(_: int, arguments: dict[str, str]) -> Reply | None:
        if arguments["verb"] != "ListRecords":
            return None
        name = pages[arguments.get("resumptionToken")]
        if "hepcrawl" in name and next(expired, False):
            name = "oai/sickle_badResumptionToken.xml"
        if arguments.get("from", "") > "2024-01-25":
            name = "oai/oai_arxivraw_listrecords_trimmed.xml"
        body = (shared / "metadata" / name).read_bytes()
        return 200, {}, re.sub(rb' completeListSize="\d+"', b"", body)  # the files are cut, the sizes are not

    server.on_request = answer
    server.earliest, server.today = "2024-01-01", "2024-01-27"
    h = harvested()
    run = h.run("")
    records = {r["id"]: r for r in h.records()}
    assert sorted(records) == [
        *("1009.1022", "1303.2033", "1305.6404", "1412.1417", "1706.05371", "1706.09418", "1707.00874"),
        *("1810.06450", "2309.09550", "2401.14034", "2401.14036", "2401.14038", "2401.14040"),
    ]
    assert len(h.records()) == 13 and run.counts["again"] == 1 and not run.counts["rejected"]
    assert records["1412.1417"]["doi"] == "10.1112/jlms.12001"
    assert records["2309.09550"]["versions"][3]["size"] == "1130kb"
