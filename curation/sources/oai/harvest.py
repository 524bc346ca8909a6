"""A harvest: pages of records into a folder, window by window, so that a kill or an expired token leaves no gap.

A page is a file that appears whole before the state goes past it; a page that was asked for twice replaces itself. Records that
came more than once are folded by their id (`curation.sources.fold`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NoReturn

from curation.errors import BrokenAnswerError, HarvestError, UnansweredError, UserError, did_you_mean
from curation.place import Place
from curation.sources.oai.answer import BAD_TOKEN, NO_RECORDS, Answer, Identity
from curation.sources.oai.client import Client
from curation.sources.oai.state import (
    DAY,
    WINDOW_DAYS,
    Going,
    OfSet,
    State,
    Window,
    refuse_gap,
    window_from,
    write_state,
)
from curation.sources.record_values import iso_date

PAGES = "pages"
NAMELESS = "(no identifier)"
REJECTED_LINE = b'{"rejected": '
"""What the lines of a page begin with that are no records."""
MAX_PAGES = 5_000
"""Of one window: more than all of arXiv has."""
MAX_TOKEN_CHARS = 4096
MAX_REPEATED = 2
"""Pages of a window that may be equal to an earlier one of it; a list that never ends has more."""
MAX_UNREAD = 3
"""Days that a run passes over since the server answers nothing about them; where there are more it is not records that are at fault."""
LONG_DAYS = 1000
MAX_TRIES = 6
"""How often a window of one day is begun anew when its token expires before its end."""
_ADVICE = {
    "badArgument": "see that --set, --from and --until are the server's",
    "cannotDisseminateFormat": "it does not give records in this format; choose another --prefix",
    "noSetHierarchy": "it has no sets; leave --set out",
}


class Harvest:
    """Harvests sets of one server into a place. Whoever calls it holds the place's lease.

    Args:
        tell: called with lines for people.
        came: called after each page: set, and its window so far.
        check: called before anything is written; raises when the place's lease was lost.
    """

    def __init__(
        self,
        client: Client,
        place: Place,
        state: State,
        *,
        tell: Callable[[str], object] = lambda _: None,
        came: Callable[[str, Window], object] = lambda *_: None,
        check: Callable[[], object] = lambda: None,
    ) -> None:
        self._client = client
        self._place = place
        self._state = state
        self._tell = tell
        self._came = came
        self._check = check
        self._identity: Identity | None = None
        self._today = date.min
        self._seen: Counter[bytes] = Counter()
        self.counts: Counter[str] = Counter()

    def run(self, sets: Sequence[str], first: date | None, last: date | None) -> None:
        """Harvest sets from the first to the last day, default from where the last harvest of each ended until now; what an
        earlier run left unfinished is finished first.

        Raises:
            HarvestError: the server gave up, or does not keep to the protocol. What came is kept; the next run goes on.
            UserError: days that would leave a gap, a set that the server has not, what it refuses.
        """
        sets = list(dict.fromkeys(sets))
        for spec in sets:
            refuse_gap(spec, self._state.sets.get(spec, OfSet()), first, last)
        try:
            self._run(sets, first, last)
        except HarvestError as error:
            raise HarvestError(
                f"{error}. What came is kept in {self._place.uri}: the same command goes on there"
            ) from error

    def _run(self, sets: Sequence[str], first: date | None, last: date | None) -> None:
        self._identify()
        if first is not None and first > self._today:
            raise UserError(f"--from {first} is still to come: it is {self._today} for the server")
        self._check_sets([spec for spec in sets if spec and spec not in self._state.sets])
        for spec in sets:
            self._of_set(spec, first, last)

    def _identify(self) -> None:
        answer = self._client.ask("Identify")
        self._hear(answer)
        if answer.error is not None or answer.identity is None:
            raise HarvestError("the server does not say what it is; is this the base URL of an OAI-PMH server?")
        self._identity = answer.identity
        if answer.identity.deleted_record == "no":
            self._tell("the server does not tell of records that are deleted")

    def _check_sets(self, wanted: Sequence[str]) -> None:
        """Whether the server has the sets; one that it has not would be an empty harvest."""
        token, known, pages = None, set[str](), 0
        while wanted and (pages == 0 or token):
            answer = self._client.ask("ListSets", resumptionToken=token)
            if answer.error is not None:
                raise _refusal(answer)
            known.update(answer.sets)
            token, pages = answer.token, pages + 1
            if pages > 100:
                raise HarvestError("the server's list of sets does not end")
        for spec in wanted:
            if spec not in known:
                raise UserError(f"the server has no set {spec!r}{did_you_mean(spec, known)}")

    def _of_set(self, spec: str, first: date | None, last: date | None) -> None:
        of_set = self._state.sets.setdefault(spec, OfSet())
        if of_set.going is None:
            begin = first or of_set.since or self._everything(spec)
            window = window_from(self._not_before(begin), last, self._today, WINDOW_DAYS)
            of_set.going = Going(first=begin, last=last, window=window)
            write_state(self._place, self._state)
        while self._window(spec, of_set.going):
            pass
        done, began = of_set.going, of_set.going.window.first
        of_set.first = min(filter(None, (of_set.first, done.first)))
        until = began if done.last is None else min(done.last + DAY, max(self._today - DAY, done.first))
        of_set.since = min(max(filter(None, (of_set.since, until))), done.uneven or date.max)
        of_set.going = None
        write_state(self._place, self._state)

    def _window(self, spec: str, going: Going) -> bool:
        """Take one window to its end; whether another one follows."""
        self._seen.clear()
        while not self._page(spec, going):
            pass
        window = going.window
        is_last = window.last is None or (going.last is not None and window.last >= going.last)
        if not is_last and window.last is not None:
            going.days = min(WINDOW_DAYS, 2 * going.days)
            going.window = window_from(window.last + DAY, going.last, self._today, going.days)
            write_state(self._place, self._state)
        return not is_last

    def _page(self, spec: str, going: Going) -> bool:
        """Ask for a page and keep it; whether it was the window's last."""
        window = going.window
        try:
            answer = self._client.ask("ListRecords", **self._question(spec, window))
        except UnansweredError as error:
            return self._unanswered(going, error)
        if answer.error is not None:
            return self._reported(answer, going)
        self._hear(answer)
        self._refuse_endless(answer, going)
        size = len(answer.records) + len(answer.rejected)
        moved = window.pages > 0 and answer.list_size != window.listed and None not in (answer.list_size, window.listed)
        window.listed = answer.list_size if answer.list_size is not None else window.listed
        window.records, window.pages, window.token = window.records + size, window.pages + 1, answer.token
        self._keep(answer)
        self._came(spec, window)
        held = (window.listed, window.records)
        short = (
            answer.token is None
            and window.listed is not None
            and window.records != window.listed
            and held != window.was
        )
        if moved or short:
            return self._moved(going, answer.token is None)
        write_state(self._place, self._state)
        return answer.token is None

    def _question(self, spec: str, window: Window) -> dict[str, str | None]:
        if window.token is not None:
            return {"resumptionToken": window.token}
        last = self._day(window.last, "23:59:59") if window.last else None
        days = {"from": self._day(window.first, "00:00:00"), "until": last}
        return {"metadataPrefix": self._state.prefix, "set": spec or None, **days}

    def _day(self, day: date, time: str) -> str:
        """A day as the server's clock counts."""
        seconds = self._identity is not None and "hh" in (self._identity.granularity or "")
        return f"{day.isoformat()}T{time}Z" if seconds else day.isoformat()

    def _keep(self, answer: Answer) -> None:
        """Write a page, before the state knows of it."""
        self._check()
        rejected = [{"rejected": each.reason, "id": each.name or NAMELESS} for each in answer.rejected]
        body = "".join(json.dumps(record) + "\n" for record in [*answer.records, *rejected])
        with self._place.writing(page_name(self._state.next_page)) as sink:
            sink.write(gzip.compress(body.encode(), 6, mtime=0))
        self._state.next_page += 1
        self.counts.update(
            pages=1, records=len(answer.records), rejected=len(answer.rejected), mended=bool(answer.mended)
        )

    def _hear(self, answer: Answer) -> None:
        """Note the server's day, or ours where that is earlier: a clock that is ahead would make a gap."""
        if (said := iso_date(answer.response_date)) is None:
            raise BrokenAnswerError(f"the server's responseDate is no date: {answer.response_date!r}")
        self._today = min(date.fromisoformat(said), datetime.now(UTC).date())

    def _earliest(self) -> date | None:
        said = iso_date(self._identity.earliest) if self._identity else None
        return date.fromisoformat(said) if said is not None and said <= self._today.isoformat() else None

    def _everything(self, spec: str) -> date:
        """The first day of all that there is."""
        if (earliest := self._earliest()) is None:
            raise HarvestError("the server does not say how far back its records go; give --from")
        if (self._today - earliest).days > LONG_DAYS:
            self._tell(
                f"{spec or 'everything'} since {earliest}: hours, for arXiv. Who has a snapshot needs what is newer (--from DAY)"
            )
        return earliest

    def _not_before(self, day: date) -> date:
        """A day, not earlier than the server's first: there is nothing to ask for before."""
        return max(day, self._earliest() or day)

    def _reported(self, answer: Answer, going: Going) -> bool:
        """What an error of the protocol means; whether the window is at its end."""
        code = answer.error[0] if answer.error else ""
        window = going.window
        if window.token is None:
            if code == NO_RECORDS:
                self._hear(answer)
                return True
            raise _refusal(answer)
        if code not in (BAD_TOKEN, NO_RECORDS):
            raise _refusal(answer)
        self._begin_again(going, "the resumptionToken expired")
        return False

    def _unanswered(self, going: Going, error: UnansweredError) -> bool:
        """A question to which a server that answers others gives no answer, for a record that it cannot write: shorter windows are
        asked for, until the day of that record is all that is missing, which the next harvest asks for again."""
        if self.counts["unread"] == MAX_UNREAD:
            raise error
        self._identify()  # which raises where the server is away
        window = going.window
        if (window.last or self._today) > window.first:
            window.tries = max(window.tries, 1)
            self._begin_again(going, str(error))
            return False
        self.counts["unread"] += 1
        self._tell(f"{error}; records of {window.first} are missing: the next harvest asks for them again")
        going.uneven = going.uneven or window.first
        write_state(self._place, self._state)
        return True

    def _moved(self, going: Going, is_end: bool) -> bool:
        """A list that changed while it was read, or was longer or shorter than it said, is read again, and by the next harvest."""
        if going.window.tries < 2:
            self._begin_again(going, "the list changed while it was read")
            return False
        self.counts["uneven"] += 1
        going.uneven = going.uneven or going.window.first
        write_state(self._place, self._state)
        return is_end

    def _begin_again(self, going: Going, why: str) -> None:
        """Begin the window anew; a shorter one when that was done before."""
        window = going.window
        self._seen.clear()
        self.counts["again"] += 1
        self._tell(f"{why}; the records from {window.first} on are asked for again")
        days = ((window.last or self._today) - window.first).days + 1
        if window.tries >= 1 and days > 1:
            going.days = max(1, days // 2)
            shorter = window_from(window.first, going.last, self._today, going.days)
            going.window = shorter.model_copy(update={"tries": 1})
        elif window.tries >= MAX_TRIES:
            words = f"the resumptionToken of the records of {window.first} expired {window.tries} times before the list ended"
            self._give_up(going, f"{words}; run again later")
        else:
            going.window = window.again()
        write_state(self._place, self._state)

    def _refuse_endless(self, answer: Answer, going: Going) -> None:
        """Give up on a list that goes round, or on for ever, before the page is kept."""
        window = going.window
        if len(answer.token or "") > MAX_TOKEN_CHARS:
            words = f"the server gave a resumptionToken of {len(answer.token or ''):,} characters; none is that long"
            self._give_up(going, words)
        digest = hashlib.sha256(json.dumps([answer.records, answer.rejected]).encode()).digest()[:8]
        self._seen[digest] += 1
        if answer.token is not None and self._seen[digest] > 1 + MAX_REPEATED:
            self._give_up(
                going, f"the server gives the same page of the records from {window.first} on again and again"
            )
        if window.pages >= MAX_PAGES:
            self._give_up(
                going, f"the list of the records from {window.first} on does not end after {window.pages:,} pages"
            )

    def _give_up(self, going: Going, words: str) -> NoReturn:
        """Stop; the next run begins the window anew, not with a token that leads nowhere."""
        going.window = Window(first=going.window.first, last=going.window.last)
        write_state(self._place, self._state)
        raise HarvestError(words)


def page_name(number: int) -> str:
    """The file of a page."""
    return f"{PAGES}/{number:08d}.jsonl.gz"


def pages_of(place: Place, state: State) -> Iterator[str]:
    """The files of the pages that came and are not folded yet, in their order."""
    return (page_name(number) for number in range(state.first_page, state.next_page))


def _refusal(answer: Answer) -> UserError:
    code, words = answer.error or ("", "")
    more = f" ({words})" if words else ""
    return UserError(f"the server refuses: {code}{more}; {_ADVICE.get(code, 'this is not a fault of the records')}")
